"""Endpoints about redemptions: reported by other systems, brought as files, looked at."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.api.redemption_shapes import INTAKE, REDEMPTION, EventsOut
from campaigns.domain import intake, intake_files
from campaigns.domain.intake import MOST_EVENTS
from campaigns.domain.intake_judging import Outcome, Result
from campaigns.models import (
    IntakeKind,
    Redemption,
    RedemptionEventKind,
    RedemptionIntake,
    RedemptionState,
)
from campaigns.policies import TAKERS_IN
from crm.api import schema
from crm.api.inputs import ClientId, Id, Input, Line, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.domain import organisation
from crm.presentation import yuan

REDEMPTIONS = Listing(
    REDEMPTION,
    orderings=("occurred_at",),
    filters={
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=RedemptionState,
            repeated=True,
        ),
        "reference": Filter(lambda rows, value, user: rows.filter(reference=value)),
        "from": Filter(
            lambda rows, value, user: rows.filter(day__gte=value), parse=date.fromisoformat
        ),
        "to": Filter(
            lambda rows, value, user: rows.filter(day__lte=value), parse=date.fromisoformat
        ),
    },
)
INTAKES = Listing(
    INTAKE,
    orderings=("created_at",),
    filters={
        "kind": Filter(lambda rows, value, user: rows.filter(kind=value), parse=IntakeKind),
        "source": Filter(lambda rows, value, user: rows.filter(source=value.strip().lower())),
    },
)


def _text(longest: int, **more: Any) -> Line:
    return Line(max_length=longest, required=False, allow_blank=True, **more)


class EventIn(Input):
    """What is missing or wrong in one event does not hold up the others: it waits in the queue."""

    reference = _text(200)
    event = _text(20, help_text=", ".join(RedemptionEventKind.values))
    event_key = _text(100, help_text="Tells the refunds of one purchase apart")
    mid = _text(40)
    terminal = _text(40)
    occurred_at = _text(40, help_text="With its offset; without one it is China's time")
    amount = _text(40, help_text="In yuan, as text")
    discount = _text(40, help_text="As the source reckoned it; compared with ours if it is there")
    card_hash = _text(100, help_text="Opaque; never a card number")
    person_hash = _text(100)
    account_hash = _text(100)
    phone_hash = _text(100)
    device_hash = _text(100)
    card_prefix = _text(40, help_text="The first six to eight digits, never more")
    card_product = _text(40)
    cardholder = _text(20, help_text="new or existing")
    prize = _text(40)
    campaign = _text(200, help_text="May be absent where only one campaign fits")


class EventsIn(Input):
    id = ClientId()
    unit = Id(required=False, help_text="One's own unit if absent")
    source = Line(max_length=40)  # type: ignore[assignment]
    events = serializers.ListField(
        child=EventIn(), min_length=1, max_length=MOST_EVENTS, allow_empty=False
    )


class RedemptionIntakeIn(Input):
    id = ClientId()
    file = Id(help_text="As `POST /files/` gave it")
    unit = Id(required=False, help_text="One's own unit if absent")
    source = Line(max_length=40)  # type: ignore[assignment]


EXAMPLE = {
    "reference": "T20261118000001",
    "event": "cleared",
    "mid": "898310058120001",
    "occurred_at": "2026-11-17T12:30:00+08:00",
    "amount": "100.00",
    "card_hash": "c0ffee0123456789",
}


def home_of(user: Any, values: dict[str, Any]) -> UUID:
    """The unit that is meant."""
    named: UUID | None = values.get("unit")
    return named or organisation.home(user, *TAKERS_IN)


class RedemptionList(Door):
    shape = REDEMPTION
    takes_parameters = True

    @schema.lists(
        "redemptions_list", "Redemptions that you may know of", REDEMPTIONS, tag="redemptions"
    )
    def get(self, request: Request) -> HttpResponse:
        return REDEMPTIONS.answer(request, Redemption.objects.visible_to(self.user), self.user)


class RedemptionOne(OneDoor):
    shape = REDEMPTION
    model = Redemption

    @schema.reads(
        "redemptions_read", "One redemption, with its events", REDEMPTION, tag="redemptions"
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class RedemptionEvents(Door):
    @schema.writes(
        "redemptions_report",
        "Report events of purchases, at most 500",
        EventsOut,
        tag="redemptions",
        body=EventsIn,
        example={"source": "unionpay", "events": [EXAMPLE]},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Each event lands, is known already, or goes to the discrepancies; sent again, it changes
        nothing."""
        values = self.taken(EventsIn)
        taken = intake.take_in(
            self.new_id(values),
            values["events"],
            source=values["source"],
            unit_id=home_of(self.user, values),
            by=self.user,
            at=self.now(),
        )
        return answer(
            {
                "intake": taken.intake.pk,
                "landed": taken.intake.landed,
                "repeated": taken.intake.repeated,
                "queued": taken.intake.queued,
                "events": [_shown(one) for one in taken.outcomes],
            }
        )


def _shown(one: Outcome) -> dict[str, Any]:
    known = one.known
    landed = one.result == Result.LANDED
    return {
        "number": one.row.number,
        "reference": one.row.reference,
        "result": str(one.result),
        "code": str(one.code) if one.code else None,
        "detail": str(one.detail) or (str(one.code.label) if one.code else ""),
        "redemption": known.pk if known else None,
        "campaign": one.campaign_id,
        "state": str(known.state) if known else None,
        "discount": yuan(known.discount_fen) if known else None,
        "parts": {party: yuan(fen) for party, fen in one.parts.items()} if landed else {},
    }


class IntakeList(Door):
    shape = INTAKE
    takes_parameters = True

    @schema.lists(
        "redemption_intakes_list",
        "Files and calls in which redemptions came",
        INTAKES,
        tag="redemptions",
    )
    def get(self, request: Request) -> HttpResponse:
        return INTAKES.answer(request, RedemptionIntake.objects.visible_to(self.user), self.user)

    @schema.writes(
        "redemption_intakes_create",
        "Bring a file of redemptions",
        INTAKE,
        tag="redemptions",
        body=RedemptionIntakeIn,
        status=201,
        example={"file": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7", "source": "unionpay"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Nothing is written yet: try it out, then run it."""
        values = self.taken(RedemptionIntakeIn)
        opened = intake_files.open_file(
            self.new_id(values),
            values["file"],
            source=values["source"],
            unit_id=home_of(self.user, values),
            by=self.user,
            at=self.now(),
        )
        return self.show(RedemptionIntake.objects.all(), opened.pk, status=201, row=opened)


class IntakeOne(OneDoor):
    shape = INTAKE
    model = RedemptionIntake

    @schema.reads(
        "redemption_intakes_read", "One intake, with its progress", INTAKE, tag="redemptions"
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


def _button(operation: str, summary: str, verb: Callable[..., Any], words: str) -> type[OneDoor]:
    """An address that tells the intake something."""

    @schema.writes(f"redemption_intakes_{operation}", summary, INTAKE, tag="redemptions")
    @once
    def post(self: Any, request: Request, pk: UUID) -> HttpResponse:
        row = verb(pk, by=self.user, at=self.now())
        shown: HttpResponse = self.show(RedemptionIntake.objects.all(), pk, row=row)
        return shown

    post.__doc__ = words
    name = f"Intake{operation.title()}"
    return type(name, (OneDoor,), {"shape": INTAKE, "model": RedemptionIntake, "post": post})


IntakeCheck = _button(
    "check", "Try the file out", intake_files.try_out, "A dry run: writes nothing but its result."
)
IntakeRun = _button(
    "run", "Take the file in", intake_files.run, "A worker does it; read the intake to follow it."
)
IntakePause = _button("pause", "Pause", intake_files.pause, "After the rows in hand.")
IntakeResume = _button("resume", "Go on", intake_files.resume, "Where it stopped.")
IntakeCancel = _button(
    "cancel", "Cancel", intake_files.cancel, "What is in stays in; the file may be brought again."
)
