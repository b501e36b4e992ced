"""Endpoints about what a statement is made of: lines, adjustments, the merchant's list, files."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from campaigns.api import settlement_inputs as inputs
from campaigns.api.settlement_shapes import FILE, LINE, MERCHANT_ROW, STATEMENT
from campaigns.api.statements import TAG, StatementDoor
from campaigns.domain import statement_files, statement_lines
from campaigns.models import (
    LineKind,
    MatchClass,
    Statement,
    StatementFile,
    StatementFileKind,
    StatementLine,
)
from crm.api import schema
from crm.api.pages import Filter, Listing
from crm.api.rendering import Json
from crm.api.views import Door, once
from crm.ids import uuid7

_MATCH = Filter(
    lambda rows, values, user: rows.filter(match__in=values), parse=MatchClass, repeated=True
)
LINES = Listing(
    LINE,
    orderings=("+number",),
    filters={
        "match": _MATCH,
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values), parse=LineKind, repeated=True
        ),
    },
)
MERCHANT_ROWS = Listing(MERCHANT_ROW, orderings=("+number",), filters={"match": _MATCH})
FILES = Listing(
    FILE,
    orderings=("created_at",),
    filters={
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values),
            parse=StatementFileKind,
            repeated=True,
        )
    },
)


class StatementLines(StatementDoor):
    takes_parameters = True

    @schema.lists("statements_lines", "Lines of a statement", LINES, tag=TAG, of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        statement = self.known_statement(pk)
        return LINES.answer(request, StatementLine.objects.filter(statement=statement), self.user)


class StatementAdjustments(StatementDoor):
    @schema.writes(
        "statements_adjust",
        "Enter an adjustment; it counts once somebody else approved it",
        STATEMENT,
        tag=TAG,
        body=inputs.AdjustmentIn,
        status=201,
        if_match="optional",
        example={"amount": "-120.00", "reason": "9 月多付一单"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.AdjustmentIn)
        line_id, amount = self.new_id(values), values.pop("amount")
        row = statement_lines.adjust(
            line_id,
            pk,
            amount_fen=amount,
            by=self.user,
            at=self.now(),
            version=version,
            **values,
        )
        return self.show(Statement.objects.all(), pk, status=201, row=row)


class AdjustmentApprove(Door):
    shape = STATEMENT

    @schema.writes("statement_lines_approve", "Let an adjustment count", STATEMENT, tag=TAG)
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        row = statement_lines.approve_adjustment(pk, by=self.user, at=self.now())
        return self.show(Statement.objects.all(), row.pk, row=row)


class AdjustmentDrop(Door):
    shape = STATEMENT

    @schema.writes(
        "statement_lines_drop",
        "Take back an adjustment that nobody approved",
        STATEMENT,
        tag=TAG,
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        row = statement_lines.drop_adjustment(pk, by=self.user, at=self.now())
        return self.show(Statement.objects.all(), row.pk, row=row)


class StatementMerchantRows(StatementDoor):
    takes_parameters = True

    @schema.lists(
        "statements_merchant_rows",
        "Rows of the merchant's own list, and what they match",
        MERCHANT_ROWS,
        tag=TAG,
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        statement = self.known_statement(pk)
        return MERCHANT_ROWS.answer(request, statement.merchant_rows.all(), self.user)


class StatementMerchantList(StatementDoor):
    @schema.writes(
        "statements_merchant_list",
        "Compare with the merchant's own list, a file brought before",
        FILE.serializer,
        tag=TAG,
        body=inputs.MerchantListIn,
        status=201,
        example={"file": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        file_id = self.taken(inputs.MerchantListIn)["file"]
        job = statement_files.bring(uuid7(), pk, file_id, by=self.user, at=self.now())
        return _shown(job.pk)


class StatementFiles(StatementDoor):
    takes_parameters = True

    @schema.lists(
        "statements_files",
        "Files of a statement: written, or brought by the merchant",
        FILES,
        tag=TAG,
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        statement = self.known_statement(pk)
        return FILES.answer(request, statement.files.all(), self.user)

    @schema.writes(
        "statements_write_file",
        "Write the statement as PDF or workbook",
        FILE.serializer,
        tag=TAG,
        body=inputs.StatementFileIn,
        status=201,
        example={"kind": "pdf"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """The file is written in the background; its content is under `/files/{file}/content/`."""
        self.known_statement(pk)
        kind = StatementFileKind(self.taken(inputs.StatementFileIn)["kind"])
        job = statement_files.write(uuid7(), pk, kind=kind, by=self.user, at=self.now())
        return _shown(job.pk)


def _shown(job_id: UUID) -> HttpResponse:
    return Json(FILE.fact(StatementFile.objects.get(job=job_id)).encode(), status=201)
