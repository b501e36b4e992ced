"""Endpoints about insights and the Johari window."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of, moment_of
from crm.api.pages import Filter, Listing, bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.domain import organisation
from crm.errors import NotFound
from merchants.api import insight_inputs as inputs
from merchants.api.insight_shapes import INSIGHT, MOVE
from merchants.api.views import known_merchant
from merchants.domain import insights
from merchants.domain.johari import Window
from merchants.models import Insight, InsightKind, InsightMove, Merchant, Quadrant
from merchants.models.insight import InsightQuerySet
from merchants.models.quadrants import ACTIONS

INSIGHTS = Listing(
    INSIGHT,
    orderings=("created_at",),
    filters={
        "quadrant": Filter(
            lambda rows, values, user: rows.in_quadrant(*values), parse=Quadrant, repeated=True
        ),
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values),
            parse=InsightKind,
            repeated=True,
        ),
    },
)
MOVES = Listing(MOVE, orderings=("at",), filters={})


class InsightList(Door):
    shape = INSIGHT
    takes_parameters = True

    @schema.lists(
        "merchants_insights", "Insights about a merchant", INSIGHTS, tag="insights", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = known_merchant(self, pk)
        return INSIGHTS.answer(request, Insight.objects.filter(merchant=merchant), self.user)

    @schema.writes(
        "insights_create",
        "Write down an insight",
        INSIGHT,
        tag="insights",
        body=inputs.InsightIn,
        status=201,
        example={
            "kind": "need",
            "statement": "周一到周四晚市空台三成",
            "known_to_merchant": False,
            "known_to_bank": True,
            "data_source": "本行收单交易汇总",
            "peers": 12,
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.InsightIn)
        insight = insights.record(self.new_id(values), pk, by=self.user, at=self.now(), **values)
        return self.show(Insight.objects.all(), insight.pk, status=201, row=insight)


class InsightOne(OneDoor):
    shape = INSIGHT
    model = Insight

    @schema.reads("insights_read", "One insight", INSIGHT, tag="insights")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "insights_change",
        "Correct an insight, or say who knows of it now",
        INSIGHT,
        tag="insights",
        body=inputs.InsightPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(inputs.InsightPatch)
        insight = insights.change(
            pk,
            values,
            because=values.pop("because", ""),
            by=self.user,
            at=self.now(),
            version=version,
        )
        return self.show(Insight.objects.all(), pk, row=insight)


class InsightShare(OneDoor):
    shape = INSIGHT
    model = Insight

    @schema.writes(
        "insights_share",
        "Tell the merchant a blind insight",
        INSIGHT,
        tag="insights",
        body=inputs.ShareIn,
        if_match="optional",
        example={"names_no_other_merchant": True},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        insight = insights.share(
            pk,
            by=self.user,
            at=self.now(),
            version=self.expected_version(required=False),
            **self.taken(inputs.ShareIn),
        )
        return self.show(Insight.objects.all(), pk, row=insight)


class InsightMoves(Door):
    takes_parameters = True

    @schema.lists(
        "insights_moves",
        "How an insight moved between the quadrants",
        MOVES,
        tag="insights",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        if not Insight.objects.visible_to(self.user).filter(pk=pk).exists():
            raise NotFound(_("There is no such row."))
        return MOVES.answer(request, InsightMove.objects.filter(insight=pk), self.user)


class QuadrantOut(serializers.Serializer[Any]):
    """One quadrant, with what it implies in the reader's language."""

    quadrant = serializers.ChoiceField(Quadrant.choices)
    count = serializers.IntegerField()
    action = serializers.CharField()


class JohariOut(serializers.Serializer[Any]):
    """The Johari window; a percentage is null where there is nothing to divide by."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    quadrants = QuadrantOut(many=True)
    total = serializers.IntegerField()
    openness = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    not_open_at_start = serializers.IntegerField()
    opened = serializers.IntegerField()
    conversion = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)


_PERIOD = [
    OpenApiParameter("from", datetime, description="The first of this month if absent"),
    OpenApiParameter("to", datetime, description="Now if absent"),
]


class _JohariDoor(Door):
    takes_parameters = True
    parameters: tuple[str, ...] = ("from", "to")

    def window(self, rows: InsightQuerySet) -> HttpResponse:
        start, end = self._period()
        return answer(described(insights.window(rows, start=start, end=end), start, end))

    def checked(self) -> dict[str, str]:
        """The parameters, each known and given once."""
        asked = self.request.query_params
        for name in asked:
            if name not in self.parameters:
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
            if len(asked.getlist(name)) > 1:
                raise bad_parameter(
                    name,
                    "parameter_repeated",
                    _("“%(name)s” can be given once only.") % {"name": name},
                )
        return {name: asked[name] for name in asked}

    def value[T](self, name: str, parse: Any, otherwise: T) -> T:
        """A parameter as a value."""
        text = self.request.query_params.get(name)
        if text is None:
            return otherwise
        try:
            found: T = parse(text)
        except (ValueError, KeyError):
            raise bad_parameter(
                name,
                "parameter_invalid",
                _("“%(name)s” does not have a valid value.") % {"name": name},
            ) from None
        return found

    def _period(self) -> tuple[datetime, datetime]:
        self.checked()
        end = self.value("to", moment_of, self.now())
        start = self.value("from", moment_of, month_of(end))
        if start > end:
            raise bad_parameter("from", "period_reversed", _("The period ends before it begins."))
        return start, end


class MerchantJohari(_JohariDoor):
    @schema.reads(
        "merchants_johari",
        "The Johari window of a merchant",
        JohariOut,
        tag="insights",
        of_one=True,
        parameters=_PERIOD,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = known_merchant(self, pk)
        return self.window(Insight.objects.filter(merchant=merchant))


class Johari(_JohariDoor):
    parameters = ("from", "to", "unit", "owner")

    @schema.reads(
        "johari",
        "The Johari window of all merchants that you may know of",
        JohariOut,
        tag="insights",
        parameters=[
            *_PERIOD,
            OpenApiParameter("unit", UUID, description="Only what lies below this unit"),
            OpenApiParameter("owner", str, enum=["me"], description="Only one's own merchants"),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        self.checked()
        merchants = Merchant.objects.visible_to(self.user)
        if unit := self.value("unit", id_of, None):
            merchants = merchants.filter(unit__in=organisation.below(unit))
        if self.value("owner", {"me": True}.__getitem__, False):
            merchants = merchants.filter(owner=self.user)
        return self.window(Insight.objects.filter(merchant__in=merchants))


def month_of(moment: datetime) -> datetime:
    """When the month of a moment began, where the bank is."""
    return insights.local(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def described(window: Window, start: datetime, end: datetime) -> dict[str, Any]:
    """A window as plain JSON values."""
    return {
        "since": start,
        "until": end,
        "quadrants": [
            {"quadrant": one.value, "count": window.counts[one], "action": str(ACTIONS[one])}
            for one in Quadrant
        ],
        "total": window.total,
        "openness": _text(window.openness),
        "not_open_at_start": window.closed_at_start,
        "opened": window.opened,
        "conversion": _text(window.conversion),
    }


def _text(percentage: Any) -> str | None:
    return None if percentage is None else str(percentage)
