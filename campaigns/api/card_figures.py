"""Endpoints of card figures: filed in batches or as files, and read."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.api import figure_shapes as shapes
from campaigns.domain import card_filing, figure_intake
from campaigns.domain.figure_lines import FORMS, Line
from campaigns.models import CardCohort, CardFigure, CardSnapshot, FigureIntake, FigureKind
from campaigns.policies import FILERS
from crm.api import schema
from crm.api.files import download
from crm.api.inputs import id_of
from crm.api.job_shapes import STATE
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.domain import jobs, organisation
from merchants.models import RowOutcome

_UNIT = Filter(
    lambda rows, value, user: rows.filter(unit__in=organisation.below(value)),
    parse=id_of,
    description="What was filed at this unit and below it",
)


def _from(column: str) -> dict[str, Filter]:
    return {
        "from": Filter(
            lambda rows, value, user: rows.filter(**{f"{column}__gte": value}),
            parse=date.fromisoformat,
            description="A day like 2026-11-18, itself included",
        ),
        "to": Filter(
            lambda rows, value, user: rows.filter(**{f"{column}__lte": value}),
            parse=date.fromisoformat,
            description="A day like 2026-11-18, itself included",
        ),
    }


_PARTS = {
    "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
    "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
}
FIGURES = Listing(
    shapes.CARD_FIGURE, orderings=("day",), filters={"unit": _UNIT, **_PARTS, **_from("day")}
)
COHORTS = Listing(
    shapes.CARD_COHORT,
    orderings=("approved_on",),
    filters={"unit": _UNIT, **_PARTS, **_from("approved_on")},
)
SNAPSHOTS = Listing(
    shapes.CARD_SNAPSHOT, orderings=("day",), filters={"unit": _UNIT, **_from("day")}
)
INTAKES = Listing(shapes.INTAKE, orderings=("created_at",), filters={"state": STATE})


def _line(kind: str, number: int, row: Mapping[str, Any]) -> Line:
    """One row of a body as the verb takes it; money is fen by now."""
    form = FORMS[kind]
    return Line(
        number,
        row["unit"],
        row[form.day],
        {name: row.get(name.removesuffix("_fen"), 0) for name in form.counts},
        merchant_id=row.get("merchant"),
        campaign_id=row.get("campaign"),
    )


def _filed(lines: Any) -> dict[str, Any]:
    counts = {
        str(outcome): sum(1 for line in lines if line.outcome == outcome)
        for outcome in (
            RowOutcome.ADDED,
            RowOutcome.CHANGED,
            RowOutcome.UNCHANGED,
            RowOutcome.REFUSED,
        )
    }
    return {
        **counts,
        "rows": [
            {
                "number": line.number,
                "outcome": str(line.outcome),
                "code": line.problem.code if line.problem else None,
                "detail": str(line.problem.detail) if line.problem else None,
                "attr": line.problem.attr if line.problem else None,
            }
            for line in lines
        ],
    }


def _door(
    kind: str,
    operation: str,
    words: str,
    listing: Listing,
    model: Any,
    body: type[serializers.Serializer[Any]],
    example: Mapping[str, Any],
) -> type[Door]:
    """The address of one kind of figures: what was filed, and filing more."""

    class Filed(Door):
        shape = listing.shape
        takes_parameters = True

        @schema.lists(f"{operation}_list", f"{words} that were filed", listing, tag="card figures")
        def get(self, request: Request) -> HttpResponse:
            return listing.answer(request, model.objects.visible_to(self.user), self.user)

        @schema.writes(
            f"{operation}_file",
            f"File {words[0].lower()}{words[1:]}",
            shapes.FiledLinesOut,
            tag="card figures",
            body=body,
            example={"source": "core", "rows": [example]},
        )
        @once
        def post(self, request: Request) -> HttpResponse:
            """Each line counts once per source, unit, merchant, campaign and day: sent again with
            the same numbers it changes nothing, with others it replaces what was there. A line that
            cannot be taken says why and holds no other one up.
            """
            values = self.taken(body)
            lines = [_line(kind, number, row) for number, row in enumerate(values["rows"], 1)]
            card_filing.file_lines(
                kind, lines, source=values["source"], by=self.user, at=self.now()
            )
            return answer(_filed(lines))

    Filed.__name__ = Filed.__qualname__ = f"{listing.shape.name}s"
    return Filed


_UNIT_EXAMPLE = {"unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"}
CardFigures = _door(
    FigureKind.DAILY,
    "card_figures",
    "Figures of days",
    FIGURES,
    CardFigure,
    shapes.CardFiguresIn,
    {**_UNIT_EXAMPLE, "day": "2026-11-17", "cards_issued": 24, "spend": "48000.00"},
)
CardCohorts = _door(
    FigureKind.COHORT,
    "card_cohorts",
    "Cohorts of cards",
    COHORTS,
    CardCohort,
    shapes.CardCohortsIn,
    {
        **_UNIT_EXAMPLE,
        "approved_on": "2026-09-01",
        "as_of": "2026-11-17",
        "cards": 1000,
        "activated": 800,
        "swiped_30": 620,
        "swiped_60": 700,
        "swiped_90": 720,
    },
)
CardSnapshots = _door(
    FigureKind.SNAPSHOT,
    "card_snapshots",
    "Cards in force by day",
    SNAPSHOTS,
    CardSnapshot,
    shapes.CardSnapshotsIn,
    {
        **_UNIT_EXAMPLE,
        "day": "2026-10-31",
        "cards_issued": 1000000,
        "cards_in_force": 50000,
        "active_1": 24000,
        "active_3": 30000,
        "active_6": 33500,
        "active_12": 40000,
        "sleeping_cards": 185000,
    },
)


class IntakeList(Door):
    shape = shapes.INTAKE
    takes_parameters = True

    @schema.lists(
        "card_figure_intakes_list",
        "Files of card figures that you may know of",
        INTAKES,
        tag="card figures",
    )
    def get(self, request: Request) -> HttpResponse:
        return INTAKES.answer(request, FigureIntake.objects.visible_to(self.user), self.user)

    @schema.writes(
        "card_figure_intakes_create",
        "Bring a file of card figures",
        shapes.INTAKE,
        tag="card figures",
        body=shapes.FigureIntakeIn,
        status=201,
        example={
            "file": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "kind": "daily",
            "source": "core",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Nothing is written yet: try it out, or take it in."""
        values = self.taken(shapes.FigureIntakeIn)
        job = figure_intake.open_intake(
            self.new_id(values),
            values["file"],
            kind=values["kind"],
            source=values["source"],
            unit_id=values.get("unit") or organisation.home(self.user, *FILERS),
            by=self.user,
            at=self.now(),
        )
        return self.show(FigureIntake.objects.all(), job.pk, status=201, row=job)


class IntakeOne(OneDoor):
    shape = shapes.INTAKE
    model = FigureIntake

    @schema.reads(
        "card_figure_intakes_read",
        "One file of card figures, with its progress",
        shapes.INTAKE,
        tag="card figures",
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """`parameters.faults`: rows that were refused, as number, column, code, reason."""
        return self.show(self.rows(), pk)


def _button(operation: str, summary: str, verb: Callable[..., Any]) -> type[OneDoor]:
    """An address that tells the file something."""

    @schema.writes(f"card_figure_intakes_{operation}", summary, shapes.INTAKE, tag="card figures")
    @once
    def post(self: Any, request: Request, pk: UUID) -> HttpResponse:
        job = verb(pk, by=self.user, at=self.now())
        shown: HttpResponse = self.show(FigureIntake.objects.all(), pk, row=job)
        return shown

    members = {"shape": shapes.INTAKE, "model": FigureIntake, "post": post}
    return type(f"Intake{operation.title()}", (OneDoor,), members)


IntakeCheck = _button("check", "Try the file out: a dry run", figure_intake.try_out)
IntakeRun = _button("run", "Take the file in", figure_intake.run)
IntakePause = _button("pause", "Pause after the rows in hand", jobs.pause)
IntakeResume = _button("resume", "Go on where it stopped", jobs.resume)
IntakeCancel = _button("cancel", "Cancel; what is in stays in", jobs.cancel)


class IntakeErrorFile(Door):
    @extend_schema(
        operation_id="card_figure_intakes_error_file",
        summary="The rows that were refused, as a file to put right",
        tags=["card figures"],
        parameters=[schema.RETRY_AFTER],
        responses={
            **schema.refusals(400, 401, 403, 404, 429, 503),
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """That you fetched it is written down."""
        return download(jobs.fetch(pk, by=self.user, at=self.now()))
