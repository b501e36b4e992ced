"""Endpoints about statements: drafted, sent, disputed, confirmed, approved, closed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from campaigns.api import settlement_inputs as inputs
from campaigns.api.settlement_shapes import STATEMENT, STEP
from campaigns.domain import statements
from campaigns.models import Statement, StatementState
from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound

TAG = "settlement"


def _overdue(rows: Any, value: bool, user: Any) -> Any:
    today = timezone.localdate()
    return rows.overdue(today) if value else rows.exclude(pk__in=rows.overdue(today).values("pk"))


STATEMENTS = Listing(
    STATEMENT,
    orderings=("last_day", "created_at"),
    filters={
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "campaign": Filter(lambda rows, value, user: rows.of_campaign(value), parse=id_of),
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=StatementState,
            repeated=True,
        ),
        "overdue": Filter(_overdue, parse=flag_of, description="Owed, and the due day is over"),
    },
)
STEPS = Listing(STEP, orderings=("at",), filters={})


class StatementList(Door):
    shape = STATEMENT
    takes_parameters = True

    @schema.lists("statements_list", "Statements of merchants", STATEMENTS, tag=TAG)
    def get(self, request: Request) -> HttpResponse:
        return STATEMENTS.answer(request, Statement.objects.visible_to(self.user), self.user)

    @schema.writes(
        "statements_create",
        "Draft the statement of a merchant for a period",
        STATEMENT,
        tag=TAG,
        body=inputs.StatementIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "first_day": "2026-10-01",
            "last_day": "2026-10-31",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.StatementIn)
        statement_id, merchant_id = self.new_id(values), values.pop("merchant")
        drafted = statements.draft(statement_id, merchant_id, by=self.user, at=self.now(), **values)
        return self.show(Statement.objects.all(), drafted.pk, status=201, row=drafted)


class StatementDoor(OneDoor):
    """What happens to one statement."""

    shape = STATEMENT
    model = Statement

    def known_statement(self, pk: UUID) -> Statement:
        """The statement, if the asking person may know of it."""
        found = self.rows().filter(pk=pk).first()
        if found is None:
            raise NotFound(_("There is no such row."))
        statement: Statement = found
        return statement

    def told(self, verb: Callable[..., Any], pk: UUID, **values: Any) -> HttpResponse:
        """Let the verb run, under the version that was read if one was named."""
        version = self.expected_version(required=False)
        row = verb(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Statement.objects.all(), pk, row=row)


class StatementOne(StatementDoor):
    @schema.reads("statements_read", "One statement with its totals", STATEMENT, tag=TAG)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class StatementSteps(StatementDoor):
    takes_parameters = True

    @schema.lists("statements_steps", "How a statement moved on", STEPS, tag=TAG, of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        statement = self.known_statement(pk)
        return STEPS.answer(request, statement.steps.all(), self.user)


class StatementRedraft(StatementDoor):
    @schema.writes(
        "statements_redraft",
        "Draft anew with what has come since, or for another period",
        STATEMENT,
        tag=TAG,
        body=inputs.StatementRedraftIn,
        if_match="optional",
        example={"last_day": "2026-10-31"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.told(statements.redraft, pk, **self.taken(inputs.StatementRedraftIn))


class StatementDiscard(StatementDoor):
    @schema.writes(
        "statements_discard",
        "Give up a draft; its events can stand on another statement",
        inputs.StatementGone,
        tag=TAG,
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        statements.discard(pk, by=self.user, at=self.now())
        return answer({"discarded": str(pk)})


class StatementSend(StatementDoor):
    @schema.writes(
        "statements_send",
        "Send it to the merchant; its lines stay as they are",
        STATEMENT,
        tag=TAG,
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.told(statements.send, pk)


class StatementDispute(StatementDoor):
    @schema.writes(
        "statements_dispute",
        "The merchant does not agree, and says with what",
        STATEMENT,
        tag=TAG,
        body=inputs.StatementBecauseIn,
        if_match="optional",
        example={"because": "10 月 12 日少算两单"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.told(statements.dispute, pk, **self.taken(inputs.StatementBecauseIn))


class StatementConfirm(StatementDoor):
    @schema.writes(
        "statements_confirm",
        "The merchant agrees: the time to pay runs",
        STATEMENT,
        tag=TAG,
        body=inputs.StatementConfirmIn,
        if_match="optional",
        example={"confirmed_on": "2026-11-18", "by_name": "王经理"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.told(statements.confirm, pk, **self.taken(inputs.StatementConfirmIn))


class StatementApprove(StatementDoor):
    @schema.writes(
        "statements_approve",
        "Let it be invoiced and paid",
        STATEMENT,
        tag=TAG,
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.told(statements.approve, pk)


class StatementClose(StatementDoor):
    @schema.writes(
        "statements_close",
        "File a statement that is paid",
        STATEMENT,
        tag=TAG,
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.told(statements.close, pk)
