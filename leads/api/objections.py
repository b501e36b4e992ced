"""Endpoints about objections: raised, read, and moved from state to state."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of, id_of, moment_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once
from leads.api import objection_inputs as inputs
from leads.api.objection_shapes import ATTEMPT, OBJECTION, OBJECTION_IN_FULL
from leads.domain import objection_settling, objections
from leads.models import (
    Objection,
    ObjectionReason,
    ObjectionState,
    PlayAttempt,
    SubReason,
)

_TAG = "objections"


def _one(column: str, parse: Callable[[str], Any]) -> Filter:
    return Filter(lambda rows, value, user: rows.filter(**{column: value}), parse=parse)


def _several(column: str, parse: Callable[[str], Any]) -> Filter:
    return Filter(
        lambda rows, values, user: rows.filter(**{f"{column}__in": values}),
        parse=parse,
        repeated=True,
    )


OBJECTIONS = Listing(
    OBJECTION,
    orderings=("raised_at", "state_since"),
    filters={
        "merchant": _one("merchant", id_of),
        "lead": _one("lead", id_of),
        "state": _several("state", ObjectionState),
        "reason": _several("declared_reason", ObjectionReason),
        "sub_reason": _several("sub_reason", SubReason),
        "mismatch": _one("mismatch", flag_of),
        "raised_since": _one("raised_at__gte", moment_of),
    },
)


def named(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """The values as the verbs call them: what is a row's id ends in `_id`; nothing is left out."""
    return {
        f"{name}_id" if name in names else name: value
        for name, value in values.items()
        if value is not None
    }


class ObjectionList(Door):
    shape = OBJECTION
    takes_parameters = True

    @schema.lists("objections_list", "What merchants said against it", OBJECTIONS, tag=_TAG)
    def get(self, request: Request) -> HttpResponse:
        return OBJECTIONS.answer(request, Objection.objects.visible_to(self.user), self.user)

    @schema.writes(
        "objections_create",
        "Write down an objection, in a conversation that is known or logged with it",
        OBJECTION,
        tag=_TAG,
        body=inputs.ObjectionIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "kind": "visit",
            "merchant_words": "生意还行,不需要",
            "declared_reason": "unaware",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.ObjectionIn)
        objection = objections.raise_objection(
            self.new_id(values),
            values.pop("merchant"),
            by=self.user,
            at=self.now(),
            **named(values, "lead", "activity", "pain"),
        )
        return self.show(Objection.objects.all(), objection.pk, status=201, row=objection)


class ObjectionOne(OneDoor):
    shape = OBJECTION_IN_FULL
    model = Objection

    @schema.reads(
        "objections_read",
        "One objection with the plays that were tried and its history",
        OBJECTION_IN_FULL,
        tag=_TAG,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class _ObjectionStep(OneDoor):
    """A step of one objection."""

    shape = OBJECTION
    model = Objection

    def stepped(
        self, verb: Callable[..., Objection], pk: UUID, values: dict[str, Any]
    ) -> HttpResponse:
        version = self.expected_version(required=False)
        moved = verb(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Objection.objects.all(), pk, row=moved)


class ObjectionDiagnose(_ObjectionStep):
    @schema.writes(
        "objections_diagnose",
        "Confirm or correct the reason, and name what is behind it",
        OBJECTION,
        tag=_TAG,
        body=inputs.DiagnoseIn,
        if_match="optional",
        example={"sub_reason": "U1"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.stepped(objections.diagnose, pk, self.taken(inputs.DiagnoseIn))


class ObjectionHandle(_ObjectionStep):
    @schema.writes(
        "objections_handle",
        "Try a play against it",
        OBJECTION,
        tag=_TAG,
        body=inputs.HandleIn,
        if_match="optional",
        example={"play": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.HandleIn)
        attempt_id = self.new_id(values)
        values = {"attempt_id": attempt_id, **named(values, "play", "activity")}
        return self.stepped(objections.handle, pk, values)


class ObjectionResolve(_ObjectionStep):
    @schema.writes(
        "objections_resolve",
        "The merchant agrees: names the agreed cell, the follow-up, or the dated commitment",
        OBJECTION,
        tag=_TAG,
        body=inputs.ResolveIn,
        if_match="optional",
        example={"commitment": "12 月 1 日起试两周", "commitment_on": "2026-12-01"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = named(self.taken(inputs.ResolveIn), "cell", "follow_up", "activity")
        return self.stepped(objection_settling.resolve, pk, values)


class ObjectionDefer(_ObjectionStep):
    @schema.writes(
        "objections_defer",
        "Put it off to a day; a reminder is planned",
        OBJECTION,
        tag=_TAG,
        body=inputs.DeferIn,
        if_match="optional",
        example={"until": "2027-02-22", "because": "过完年再说"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.stepped(objection_settling.defer, pk, self.taken(inputs.DeferIn))


class ObjectionLeave(_ObjectionStep):
    @schema.writes(
        "objections_leave_unresolved",
        "Give it up, and say why",
        OBJECTION,
        tag=_TAG,
        body=inputs.ObjectionBecauseIn,
        if_match="optional",
        example={"because": "总部不同意"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.ObjectionBecauseIn)
        return self.stepped(objection_settling.leave_unresolved, pk, values)


class ObjectionReopen(_ObjectionStep):
    @schema.writes(
        "objections_reopen",
        "It came up again",
        OBJECTION,
        tag=_TAG,
        body=inputs.ObjectionBecauseIn,
        if_match="optional",
        example={"because": "老板又提起了"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.ObjectionBecauseIn)
        return self.stepped(objection_settling.reopen, pk, values)


class AttemptOutcome(OneDoor):
    shape = ATTEMPT
    model = PlayAttempt

    @schema.writes(
        "play_attempts_outcome",
        "Say what a play achieved",
        ATTEMPT,
        tag=_TAG,
        body=inputs.OutcomeIn,
        if_match="optional",
        example={"outcome": "helped"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        attempt = objections.record_outcome(
            pk,
            by=self.user,
            at=self.now(),
            version=self.expected_version(required=False),
            **self.taken(inputs.OutcomeIn),
        )
        return self.show(PlayAttempt.objects.all(), pk, row=attempt)
