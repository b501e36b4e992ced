"""Exports through the API: a list is asked for, watched, and downloaded."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from crm import exports
from crm.api import schema
from crm.api.files import download
from crm.api.inputs import Choice, ClientId, Input, Line
from crm.api.job_shapes import JOB_FIELDS, STATE
from crm.api.pages import Listing, bad_parameter
from crm.api.shapes import Shape
from crm.api.views import Door, OneDoor, once
from crm.domain import exporting, jobs
from crm.domain.sheets import FileFormat
from crm.errors import InvalidInput
from crm.models import Export, Job

EXPORT = Shape("Export", Job, **JOB_FIELDS)
EXPORTS = Listing(EXPORT, orderings=("created_at",), filters={"state": STATE})
MOST_FILTERS = 20


class FilterValue(serializers.JSONField):
    """The text of a filter, or several that mean OR."""

    def to_internal_value(self, data: Any) -> Any:
        texts = data if isinstance(data, list) else [data]
        if not all(isinstance(text, str) for text in texts) or not 1 <= len(texts) <= 100:
            raise serializers.ValidationError(
                str(_("A filter is a text, or a list of texts.")), "invalid"
            )
        return data


class ExportIn(Input):
    id = ClientId()
    list = Line(max_length=50, help_text="merchants, contacts, outlets, leads, follow_ups …")
    format = Choice(FileFormat.choices)
    filters = serializers.DictField(
        child=FilterValue(), required=False, help_text="The filters of that list's own endpoint"
    )


class ExportList(Door):
    shape = EXPORT
    takes_parameters = True

    @schema.lists("exports_list", "Your exports", EXPORTS, tag="exports")
    def get(self, request: Request) -> HttpResponse:
        return EXPORTS.answer(request, Export.objects.visible_to(self.user), self.user)

    @schema.writes(
        "exports_create",
        "Ask for a list as a file",
        EXPORT,
        tag="exports",
        body=ExportIn,
        status=201,
        example={"list": "merchants", "format": "xlsx", "filters": {"owner": "me"}},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """The rows are those that you see now; the file is written by a worker."""
        values = self.taken(ExportIn)
        one = exports.named(values["list"])
        if one is None:
            raise InvalidInput(_("There is no such list."), code="list_unknown", attr="list")
        job = exporting.request(
            self.new_id(values),
            one.name,
            rows=self._rows(one, values.get("filters") or {}),
            kind=values["format"],
            said=values.get("filters") or {},
            by=self.user,
            at=self.now(),
        )
        return self.show(Export.objects.all(), job.pk, status=201, row=job)

    def _rows(self, one: exports.ListExport, filters: dict[str, Any]) -> Any:
        rows = one.visible_to(self.user).order_by(*one.ordering)
        if one.narrow is not None:
            return one.narrow(rows, filters, self.user)
        for name in filters:
            raise bad_parameter(
                name, "unknown_parameter", _("“%(name)s” is not a parameter here.") % {"name": name}
            )
        return rows


class ExportOne(OneDoor):
    shape = EXPORT
    model = Export

    @schema.reads("exports_read", "One export", EXPORT, tag="exports")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class ExportCancel(OneDoor):
    shape = EXPORT
    model = Export

    @schema.writes("exports_cancel", "Cancel an export", EXPORT, tag="exports")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        job = jobs.cancel(pk, by=self.user, at=self.now())
        return self.show(Export.objects.all(), pk, row=job)


class ExportContent(Door):
    @extend_schema(
        operation_id="exports_content",
        summary="The exported file",
        tags=["exports"],
        parameters=[schema.RETRY_AFTER],
        responses={
            **schema.refusals(400, 401, 403, 404, 429, 503),
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """That you fetched it is written down."""
        return download(jobs.fetch(pk, by=self.user, at=self.now()))
