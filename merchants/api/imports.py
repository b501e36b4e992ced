"""Imports through the API: a list is brought, its columns named, tried out, run and taken back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.files import download
from crm.api.inputs import Choice, ClientId, Id, Input, Line
from crm.api.job_shapes import JOB_FIELDS, STATE
from crm.api.pages import Listing
from crm.api.shapes import Nested, Shape
from crm.api.views import Door, OneDoor, once
from crm.domain import jobs, organisation
from crm.errors import NotFound
from crm.models import Job
from merchants.domain import import_jobs
from merchants.models import Import, ImportMode, ImportRow
from merchants.policies import WORKERS

IMPORT = Shape(
    "Import",
    Job,
    **JOB_FIELDS,
    file=Nested("source_id", {"id": "source_id", "name": "source__name"}),
    unit=Nested("unit_id", {"id": "unit_id", "name": "unit__name"}),
)
IMPORT_ROW = Shape(
    "ImportRow",
    ImportRow,
    id="id",
    number="number",
    outcome="outcome",
    column="column",
    code="code",
    sentence="sentence",
)
IMPORTS = Listing(IMPORT, orderings=("created_at",), filters={"state": STATE})
ERRORS = Listing(IMPORT_ROW, orderings=("+number",), filters={})


class ImportIn(Input):
    id = ClientId()
    file = Id(help_text="As `POST /files/` gave it")
    unit = Id(required=False, help_text="One's own unit if absent")
    mode = Choice(ImportMode.choices, required=False)  # type: ignore[assignment]


class ImportPatch(Input):
    columns = serializers.ListField(
        child=Line(max_length=50, allow_blank=True, allow_null=True),
        max_length=256,
        help_text="For each header of the file one of our columns, or “” to leave it out",
    )
    mode = Choice(ImportMode.choices, required=False)  # type: ignore[assignment]


class ImportList(Door):
    shape = IMPORT
    takes_parameters = True

    @schema.lists("imports_list", "Imports that you may know of", IMPORTS, tag="imports")
    def get(self, request: Request) -> HttpResponse:
        return IMPORTS.answer(request, Import.objects.visible_to(self.user), self.user)

    @schema.writes(
        "imports_create",
        "Bring a list of merchants",
        IMPORT,
        tag="imports",
        body=ImportIn,
        status=201,
        example={"file": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7", "mode": "create"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Nothing is written yet. `parameters` says what each header seems to mean."""
        values = self.taken(ImportIn)
        job = import_jobs.open_import(
            self.new_id(values),
            values["file"],
            unit_id=values.get("unit") or organisation.home(self.user, *WORKERS),
            mode=values.get("mode") or ImportMode.CREATE,
            by=self.user,
            at=self.now(),
        )
        return self.show(Import.objects.all(), job.pk, status=201, row=job)


class ImportOne(OneDoor):
    shape = IMPORT
    model = Import

    @schema.reads("imports_read", "One import, with its progress", IMPORT, tag="imports")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "imports_map",
        "Say what the columns mean",
        IMPORT,
        tag="imports",
        body=ImportPatch,
        example={"columns": ["name", "contact_phone", ""]},
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        """Remembered for your next file with the same headers."""
        version = self.expected_version(required=True)
        values = self.taken(ImportPatch)
        job = import_jobs.map_columns(
            pk,
            values["columns"],
            mode=values.get("mode"),
            by=self.user,
            at=self.now(),
            version=version,
        )
        return self.show(Import.objects.all(), pk, row=job)


def _button(operation: str, summary: str, verb: Callable[..., Any], words: str) -> type[OneDoor]:
    """An address that tells the import something."""

    @schema.writes(f"imports_{operation}", summary, IMPORT, tag="imports")
    @once
    def post(self: Any, request: Request, pk: UUID) -> HttpResponse:
        job = verb(pk, by=self.user, at=self.now())
        shown: HttpResponse = self.show(Import.objects.all(), pk, row=job)
        return shown

    post.__doc__ = words
    name = f"Import{operation.title()}"
    return type(name, (OneDoor,), {"shape": IMPORT, "model": Import, "post": post})


ImportCheck = _button(
    "check", "Try the list out", import_jobs.try_out, "A dry run: writes nothing but its result."
)
ImportRun = _button(
    "run", "Take the list in", import_jobs.run, "A worker does it; read the import to follow it."
)
ImportRevert = _button(
    "revert",
    "Take the list back",
    import_jobs.revert,
    "What somebody worked with since stays, and is listed among the errors.",
)
ImportPause = _button("pause", "Pause", jobs.pause, "After the rows in hand.")
ImportResume = _button("resume", "Go on", jobs.resume, "Where it stopped.")
ImportCancel = _button("cancel", "Cancel", jobs.cancel, "What is in stays in; it can be reverted.")


class ImportErrors(Door):
    takes_parameters = True

    @schema.lists(
        "imports_errors",
        "Rows that were refused, or that could not be taken back",
        ERRORS,
        tag="imports",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        job = Import.objects.visible_to(self.user).filter(pk=pk).first()
        if job is None:
            raise NotFound(_("There is no such row."))
        rows = ImportRow.objects.filter(job_id=job.pk).to_look_at()
        return ERRORS.answer(request, rows, self.user)


class ImportErrorFile(Door):
    @extend_schema(
        operation_id="imports_error_file",
        summary="The rows that were refused, as a file to put right",
        tags=["imports"],
        parameters=[schema.RETRY_AFTER],
        responses={
            **schema.refusals(400, 401, 403, 404, 429, 503),
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """That you fetched it is written down."""
        return download(jobs.fetch(pk, by=self.user, at=self.now()))
