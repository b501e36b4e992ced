"""Files through the API: sent as they are, read back by whoever knows of what they hang on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from crm.api import schema
from crm.api.problems import Refused
from crm.api.rendering import answer
from crm.api.shapes import Shape
from crm.api.views import Door
from crm.domain import files
from crm.errors import InvalidInput, NotFound
from crm.models import StoredFile

FILE = Shape(
    "File",
    StoredFile,
    id="id",
    name="name",
    content_type="content_type",
    size="size",
    sha256="sha256",
    created_at="created_at",
)


class RawParser(BaseParser):
    """The bytes of the body, and no more of them than a file may have."""

    media_type = "*/*"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        content = stream.read(files.LARGEST + 1)
        if len(content) > files.LARGEST:
            raise Refused(413, "file_too_large", _("The file is larger than 20 MB."))
        return content


class FileList(Door):
    shape = FILE
    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="files_create",
        summary="Send a file",
        tags=["files"],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter(
                "Content-Disposition",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="`attachment; filename*=UTF-8''…`: what the file is called",
            ),
            schema.RETRY_AFTER,
        ],
        responses={
            **schema.refusals(400, 401, 403, 413, 429, 503),
            201: FILE.serializer,
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """The body is the file itself: PDF, JPEG, PNG, CSV or XLSX, 20 MB at the most.

        Its `id` is what other requests name, as evidence or as the list to be taken in. Until then
        only you see it.
        """
        _word, given = parse_header_parameters(request.headers.get("Content-Disposition", ""))
        name = str(given.get("filename", ""))
        if not name:
            raise InvalidInput(
                _("Say what the file is called: Content-Disposition: attachment; filename=…"),
                code="file_name_required",
                attr="file",
            )
        content = request.data
        kept = files.keep(
            name,
            content if isinstance(content, bytes) else b"",
            kinds=(*files.DOCUMENTS, *files.LISTS),
            by=self.user,
            at=self.now(),
        )
        return answer(_described(kept), status=201)


class FileOne(Door):
    shape = FILE

    @schema.reads("files_read", "One file's particulars", FILE.serializer, tag="files", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return answer(_described(_found(self, pk)))


class FileContent(Door):
    @extend_schema(
        operation_id="files_content",
        summary="A file itself",
        tags=["files"],
        parameters=[schema.RETRY_AFTER],
        responses={
            **schema.refusals(400, 401, 404, 429, 503),
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return download(files.fetch(pk, by=self.user, at=self.now()))


def _found(view: Door, pk: UUID) -> StoredFile:
    rows = StoredFile.objects.visible_to(view.user).without_content()
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found


def _described(file: StoredFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "created_at": file.created_at,
    }


def download(file: StoredFile) -> HttpResponse:
    """The file as an attachment: a browser saves it and never shows or runs it."""
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
