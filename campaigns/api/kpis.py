"""Endpoints of the board of indicators and of the sleeping-card gauge."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.domain import kpi_board, kpi_periods, sleeping
from campaigns.domain.kpi_board import Board, Subject
from campaigns.domain.kpi_periods import PeriodLength
from campaigns.domain.kpis import FirstSwipe
from campaigns.domain.sleeping import Sleepers
from campaigns.domain.targets import Progress
from campaigns.models import Campaign, Indicator
from campaigns.models.target import PACED_CHOICES
from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door
from crm.domain import calendar
from crm.errors import NotFound
from crm.models import OrgUnit
from crm.presentation import yuan
from merchants.models import Merchant


def _percent(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True, **more)


def _money() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)


class SumOut(serializers.Serializer[Any]):
    current = serializers.DecimalField(max_digits=18, decimal_places=2)
    prior = serializers.DecimalField(
        max_digits=18, decimal_places=2, help_text="The same days of the year before"
    )
    year_on_year = _percent()


class FirstSwipeOut(serializers.Serializer[Any]):
    within_days = serializers.IntegerField()
    rate = _percent()
    cards = serializers.IntegerField(help_text="Of cohorts older than that")
    swiped = serializers.IntegerField()
    immature_cards = serializers.IntegerField(help_text="Of younger cohorts, left out")
    immature_cohorts = serializers.IntegerField()


class GaugeOut(serializers.Serializer[Any]):
    unit = serializers.UUIDField()
    day = serializers.DateField(allow_null=True)
    is_old = serializers.BooleanField()
    sleeping_cards = serializers.IntegerField(allow_null=True)
    cards_issued = serializers.IntegerField(
        allow_null=True, help_text="Policy-function cards left out"
    )
    rate = _percent()
    limit = _percent()
    headroom = serializers.IntegerField(allow_null=True)
    above_limit = serializers.BooleanField()


class SleepingOut(GaugeOut):
    stops_acquisition = serializers.BooleanField(
        help_text="Here or at a unit above: no campaign that wins new cards may be submitted"
    )


class TargetProgressOut(serializers.Serializer[Any]):
    target = serializers.UUIDField()
    indicator = serializers.ChoiceField(PACED_CHOICES)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    by_calendar_days = serializers.BooleanField()
    value = serializers.IntegerField(help_text="Cards, leads or times; spend in fen")
    actual = serializers.IntegerField(allow_null=True)
    elapsed_days = serializers.IntegerField(allow_null=True)
    total_days = serializers.IntegerField(allow_null=True)
    time_progress = _percent()
    paced_target = _percent()
    paced_rate = _percent(help_text="Schedule-paced: actual over paced target")
    achieved = _percent()
    progress_gap = _percent(help_text="Percentage points")
    run_rate = serializers.IntegerField(allow_null=True)
    days_to_target = serializers.IntegerField(allow_null=True)


class LeadsOut(serializers.Serializer[Any]):
    collected = serializers.IntegerField()
    valid = serializers.IntegerField()
    qualified = serializers.IntegerField()
    signed = serializers.IntegerField()
    people = serializers.IntegerField()
    valid_rate = _percent()
    per_head = serializers.DecimalField(max_digits=12, decimal_places=1, allow_null=True)
    qualified_rate = _percent()
    signed_rate = _percent()


class OffersOut(serializers.Serializer[Any]):
    issued = serializers.IntegerField()
    claimed = serializers.IntegerField()
    redeemed = serializers.IntegerField(help_text="What was reversed is gone")
    claim_rate = _percent()
    redeemed_of_claimed = _percent()
    redeemed_of_issued = _percent()


class SellThroughOut(serializers.Serializer[Any]):
    live_merchants = serializers.IntegerField()
    selling_merchants = serializers.IntegerField()
    rate = _percent()


class PortfolioOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    cards_in_force = serializers.IntegerField()
    active_cards = serializers.IntegerField()
    active_months = serializers.IntegerField()
    active_card_rate = _percent()
    accounts_in_force = serializers.IntegerField()
    active_accounts = serializers.IntegerField()
    active_account_rate = _percent()
    spend_per_active_card = _money()
    spend_per_card = _money()


class KpiBoardOut(serializers.Serializer[Any]):
    """Rates are per cent; null is no data, which is not zero."""

    unit = serializers.UUIDField()
    merchant = serializers.UUIDField(allow_null=True)
    campaign = serializers.UUIDField(allow_null=True)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    on = serializers.DateField()
    sums = serializers.DictField(child=SumOut())
    rolling_issuance = serializers.IntegerField()
    activation_rate = _percent()
    first_swipe = FirstSwipeOut(many=True)
    portfolio = PortfolioOut(allow_null=True)
    sleeping = GaugeOut(allow_null=True)
    leads = LeadsOut(allow_null=True)
    sell_through = SellThroughOut(allow_null=True)
    offers = OffersOut()
    targets = TargetProgressOut(many=True)


class _Asking(Door):
    """Query parameters of a board."""

    takes_parameters = True
    parameters: tuple[str, ...] = ()

    def value(self, name: str, parse: Any, otherwise: Any = None) -> Any:
        """One parameter, read; refused if it is not known, repeated or has no valid value."""
        asked = self.request.query_params
        for one in asked:
            if one not in self.parameters:
                raise bad_parameter(
                    one,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": one},
                )
            if len(asked.getlist(one)) > 1:
                raise bad_parameter(
                    one,
                    "parameter_repeated",
                    _("“%(name)s” can be given once only.") % {"name": one},
                )
        text = asked.get(name)
        if text is None:
            return otherwise
        try:
            return parse(text)
        except (ValueError, KeyError):
            raise bad_parameter(
                name,
                "parameter_invalid",
                _("“%(name)s” does not have a valid value.") % {"name": name},
            ) from None

    def unit(self) -> UUID:
        """The unit that was asked about, or the highest that one has to do with."""
        known = OrgUnit.objects.visible_to(self.user).order_by("ancestors__len", "pk")
        if (asked := self.value("unit", id_of)) is not None:
            known = known.filter(pk=asked)
        found = known.values_list("pk", flat=True).first()
        if found is None and asked is None:
            raise bad_parameter("unit", "unit_missing", _("Say which unit."))
        if found is None:
            raise NotFound(_("There is no such row."))
        return found

    def today(self) -> date:
        """The day asked about, or today."""
        found: date = self.value("on", _day, timezone.localdate(self.now()))
        return found


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not 2000 <= day.year < 2100:
        raise ValueError(text)
    return day


_UNIT = OpenApiParameter("unit", UUID, description="With everything below it; one's own if absent")
_ON = OpenApiParameter("on", date, description="Today if absent")


class KpiBoard(_Asking):
    parameters = ("unit", "merchant", "campaign", "period", "on")

    @schema.reads(
        "kpis_read",
        "Every indicator of a unit, a merchant or a campaign in a period",
        KpiBoardOut,
        tag="kpis",
        parameters=[
            _UNIT,
            OpenApiParameter("merchant", UUID, description="Only what was filed for it"),
            OpenApiParameter("campaign", UUID, description="Only what was filed for it"),
            OpenApiParameter(
                "period", str, enum=PeriodLength.values, default=PeriodLength.MONTH.value
            ),
            _ON,
        ],
        of_one=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """The period is the month, quarter or year that the day is in, up to that day."""
        subject = Subject(
            self.unit(),
            self._known("merchant", Merchant),
            self._known("campaign", Campaign),
        )
        on = self.today()
        length = self.value("period", PeriodLength, PeriodLength.MONTH)
        first, last = kpi_periods.around(on, length)
        return answer(described(kpi_board.of(subject, first, last, calendar.load(), on=on)))

    def _known(self, name: str, model: Any) -> UUID | None:
        asked: UUID | None = self.value(name, id_of)
        if asked is not None and not model.objects.visible_to(self.user).filter(pk=asked).exists():
            raise NotFound(_("There is no such row."))
        return asked


class SleepingCards(_Asking):
    parameters = ("unit", "on")

    @schema.reads(
        "sleeping_cards_read",
        "The sleeping-card gauge, and whether it stops acquisition campaigns",
        SleepingOut,
        tag="kpis",
        parameters=[_UNIT, _ON],
        of_one=True,
    )
    def get(self, request: Request) -> HttpResponse:
        unit_id, on = self.unit(), self.today()
        return answer(
            {
                **gauge(sleeping.of(unit_id, on=on)),
                "stops_acquisition": sleeping.stopping(unit_id, on=on) is not None,
            }
        )


def described(board: Board) -> dict[str, Any]:
    """A board as plain JSON values."""
    one, leads, sell = board.portfolio, board.leads, board.sell_through
    return {
        "unit": str(board.subject.unit_id),
        "merchant": _id(board.subject.merchant_id),
        "campaign": _id(board.subject.campaign_id),
        "first_day": board.first_day.isoformat(),
        "last_day": board.last_day.isoformat(),
        "on": board.on.isoformat(),
        "sums": {
            "cards_issued": _sum(board, "cards_issued"),
            "cards_attributed": _sum(board, "cards_attributed"),
            "cards_activated": _sum(board, "cards_activated"),
            "transactions": _sum(board, "transactions"),
            "spend": _sum(board, "spend_fen"),
        },
        "rolling_issuance": board.rolling_issuance,
        "activation_rate": _text(board.activation_rate),
        "first_swipe": [_swipes(found) for found in board.first_swipes],
        "portfolio": None
        if one is None
        else {
            "day": one.day.isoformat(),
            "cards_in_force": one.cards_in_force,
            "active_cards": one.active,
            "active_months": one.active_months,
            "active_card_rate": _text(board.active_card_rate),
            "accounts_in_force": one.accounts_in_force,
            "active_accounts": one.active_accounts,
            "active_account_rate": _text(board.active_account_rate),
            "spend_per_active_card": _yuan(board.spend_per_active_card),
            "spend_per_card": _yuan(board.spend_per_card),
        },
        "sleeping": gauge(board.sleepers) if board.sleepers else None,
        "leads": None
        if leads is None
        else {
            "collected": leads.collected,
            "valid": leads.valid,
            "qualified": leads.qualified,
            "signed": leads.signed,
            "people": leads.people,
            "valid_rate": _text(leads.valid_rate),
            "per_head": _text(leads.per_head),
            "qualified_rate": _text(leads.qualified_rate),
            "signed_rate": _text(leads.signed_rate),
        },
        "sell_through": None
        if sell is None
        else {
            "live_merchants": sell.live,
            "selling_merchants": sell.selling,
            "rate": _text(sell.rate),
        },
        "offers": {
            "issued": board.offers.issued,
            "claimed": board.offers.claimed,
            "redeemed": board.offers.kept,
            "claim_rate": _text(board.offers.claim_rate),
            "redeemed_of_claimed": _text(board.offers.redeemed_of_claimed),
            "redeemed_of_issued": _text(board.offers.redeemed_of_issued),
        },
        "targets": [_progress(found, board) for found in board.targets],
    }


def _sum(board: Board, name: str) -> dict[str, Any]:
    current, prior = getattr(board.sums, name), getattr(board.prior, name)
    written = yuan if name.endswith("_fen") else lambda count: f"{count}.00"
    return {
        "current": written(current),
        "prior": written(prior),
        "year_on_year": _text(board.growth(name)),
    }


def _swipes(found: FirstSwipe) -> dict[str, Any]:
    return {
        "within_days": found.within,
        "rate": _text(found.rate),
        "cards": found.cards,
        "swiped": found.swiped,
        "immature_cards": found.immature_cards,
        "immature_cohorts": found.immature_cohorts,
    }


def gauge(found: Sleepers) -> dict[str, Any]:
    """A gauge as plain JSON values."""
    one = found.gauge
    return {
        "unit": str(found.unit_id),
        "day": found.day.isoformat() if found.day else None,
        "is_old": found.is_old,
        "sleeping_cards": one.sleeping if one else None,
        "cards_issued": one.issued if one else None,
        "rate": _text(one.rate) if one else None,
        "limit": f"{one.limit:.2f}" if one else None,
        "headroom": one.headroom if one else None,
        "above_limit": bool(one and one.stops),
    }


def _progress(found: Progress, board: Board) -> dict[str, Any]:
    target, pace = found.target, found.pace
    return {
        "target": str(target.pk),
        "indicator": Indicator(target.indicator).value,
        "first_day": target.first_day.isoformat(),
        "last_day": target.last_day.isoformat(),
        "by_calendar_days": target.by_calendar_days,
        "value": target.value,
        "actual": pace.actual if pace else None,
        "elapsed_days": pace.elapsed if pace else None,
        "total_days": pace.total if pace else None,
        "time_progress": _text(pace.time_progress) if pace else None,
        "paced_target": _text(pace.paced_target) if pace else None,
        "paced_rate": _text(pace.paced_rate) if pace else None,
        "achieved": _text(pace.achieved) if pace else None,
        "progress_gap": _text(pace.progress_gap) if pace else None,
        "run_rate": pace.run_rate if pace else None,
        "days_to_target": board.days_to_target.get(target.pk),
    }


def _id(pk: UUID | None) -> str | None:
    return None if pk is None else str(pk)


def _text(number: Any) -> str | None:
    return None if number is None else str(number)


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)
