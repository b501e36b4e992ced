"""The board of indicators: a unit's figures in a period, its targets, its gauge."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import policies
from campaigns.domain import kpi_board, kpi_periods, sleeping
from campaigns.domain.kpi_board import Board, Subject
from campaigns.domain.kpi_periods import PeriodLength
from campaigns.domain.targets import Progress
from campaigns.kpi_report import shown
from campaigns.models import Indicator
from crm.admin.site import has_a_role, page, viewer
from crm.domain import calendar
from crm.models import OrgUnit
from crm.presentation import NO_DATA, money

LONGEST = 300
"""More units than this do not make a menu."""


def show(request: HttpRequest) -> HttpResponse:
    """The indicators of a unit with everything below it."""
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    units = list(OrgUnit.objects.visible_to(me).order_by("ancestors")[:LONGEST])
    unit = _chosen(units, request.GET.get("unit", ""))
    asked = request.GET.get("period", "")
    length = PeriodLength(asked) if asked in PeriodLength.values else PeriodLength.QUARTER
    on = _day(request.GET.get("on", "")) or timezone.localdate()
    first, last = kpi_periods.around(on, length)
    board = kpi_board.of(Subject(unit.pk), first, last, calendar.load(), on=on)
    stop = sleeping.stopping(unit.pk, on=on)
    names = {one.pk: one.name for one in units}
    return page(
        request,
        "campaigns/kpis.html",
        title=_("Indicators"),
        unit=unit,
        units=[(one, "　" * (len(one.ancestors) - 1) + one.name) for one in units],
        length=length,
        lengths=PeriodLength.choices,
        on=on,
        first=first,
        last=last,
        board=board,
        tiles=list(_tiles(board)),
        groups=list(_groups(board)),
        targets=[_target(one, board) for one in board.targets],
        stop=stop,
        stop_at=names.get(stop.unit_id, _("a unit above")) if stop else "",
        may_file=me.scope.holds(*policies.FILERS),
        may_set=policies.may_set_targets(me, unit.pk),
    )


def _chosen(units: list[OrgUnit], asked: str) -> OrgUnit:
    found = next((one for one in units if str(one.pk) == asked), None)
    return found or min(units, key=lambda one: (len(one.ancestors), str(one.pk)))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def percent(rate: Any) -> str:
    """A rate as people read it; a dash where there is no data."""
    return NO_DATA if rate is None else f"{rate} %"


def signed(rate: Any, unit: str = "%") -> str:
    """A rate with its sign."""
    return NO_DATA if rate is None else f"{rate:+} {unit}"


def _tiles(board: Board) -> Iterator[tuple[str, str]]:
    yield _("New cards issued"), f"{board.sums.cards_issued:,}"
    yield _("Rolling issuance, 30 days"), f"{board.rolling_issuance:,}"
    paced = next(
        (one for one in board.targets if one.target.indicator == Indicator.CARDS_ISSUED), None
    )
    yield (
        _("Schedule-paced issuance"),
        percent(paced.pace.paced_rate if paced and paced.pace else None),
    )
    yield _("Active-card rate"), percent(board.active_card_rate)
    gauge = board.sleepers.gauge if board.sleepers else None
    yield _("Sleeping-card rate"), percent(gauge.rate if gauge else None)
    yield _("Spend"), money(board.sums.spend_fen)


type Row = tuple[str, str, str, str]
"""Name, value, how it came about, year on year."""


def _groups(board: Board) -> Iterator[tuple[str, list[Row]]]:
    yield _("Issuance and use"), [*_sums(board), *_cohorts(board)]
    yield _("Cards in force"), list(_portfolio(board))
    yield _("Merchants and leads"), list(_merchants(board))
    yield _("Offers of campaigns"), list(_offers(board))


def _sums(board: Board) -> Iterator[Row]:
    for name, label in (
        ("cards_issued", _("New cards issued")),
        ("cards_attributed", _("Attributed new cards")),
        ("cards_activated", _("Cards activated")),
        ("transactions", _("Transactions")),
        ("spend_fen", _("Spend")),
    ):
        value, prior = getattr(board.sums, name), getattr(board.prior, name)
        said = money if name == "spend_fen" else "{:,}".format
        yield (
            label,
            said(value),
            _("last year %(count)s") % {"count": said(prior)},
            signed(board.growth(name)),
        )


def _cohorts(board: Board) -> Iterator[Row]:
    yield (
        _("Activation rate"),
        percent(board.activation_rate),
        _ratio(board.cohort_activated, board.cohort_cards),
        "",
    )
    for one in board.first_swipes:
        how = _ratio(one.swiped, one.cards)
        if one.immature_cards:
            young = _("%(cards)s cards of %(cohorts)s cohorts are too young and left out")
            counts = {"cards": f"{one.immature_cards:,}", "cohorts": one.immature_cohorts}
            how = f"{how} · {young % counts}"
        yield (
            _("First-swipe rate, %(days)s days") % {"days": one.within},
            percent(one.rate),
            how,
            "",
        )


def _portfolio(board: Board) -> Iterator[Row]:
    one, sleepers = board.portfolio, board.sleepers
    if one is None:
        return
    month = f"{one.day:%Y-%m}"
    yield (
        _("Active-card rate"),
        percent(board.active_card_rate),
        _("%(ratio)s, a purchase within %(months)s months")
        % {"ratio": _ratio(one.active, one.cards_in_force), "months": one.active_months},
        "",
    )
    yield (
        _("Active-account rate"),
        percent(board.active_account_rate),
        _ratio(one.active_accounts, one.accounts_in_force),
        "",
    )
    if sleepers and sleepers.gauge:
        gauge = sleepers.gauge
        yield (
            _("Sleeping-card rate"),
            percent(gauge.rate),
            _ratio(gauge.sleeping, gauge.issued),
            "",
        )
    for label, value, cards in (
        (_("Spend per active card"), board.spend_per_active_card, one.active),
        (_("Spend per card in force"), board.spend_per_card, one.cards_in_force),
    ):
        yield (
            label,
            NO_DATA if value is None else money(value),
            _("%(spend)s on %(cards)s cards in %(month)s")
            % {"spend": money(one.month_spend_fen), "cards": f"{cards:,}", "month": month},
            "",
        )


def _merchants(board: Board) -> Iterator[Row]:
    if sell := board.sell_through:
        yield (
            _("Merchant sell-through"),
            percent(sell.rate),
            _ratio(sell.selling, sell.live),
            "",
        )
    if leads := board.leads:
        yield (
            _("Team leads collected"),
            f"{leads.valid:,}",
            _("%(collected)s collected, %(rate)s of them valid")
            % {"collected": f"{leads.collected:,}", "rate": percent(leads.valid_rate)},
            "",
        )
        head = NO_DATA if leads.per_head is None else str(leads.per_head)
        yield (
            _("Valid leads per head"),
            head,
            _("%(people)s people") % {"people": leads.people},
            "",
        )
        yield (
            _("Leads that qualified"),
            percent(leads.qualified_rate),
            _ratio(leads.qualified, leads.valid),
            "",
        )
        yield (
            _("Leads that signed"),
            percent(leads.signed_rate),
            _ratio(leads.signed, leads.valid),
            "",
        )


def _offers(board: Board) -> Iterator[Row]:
    offers = board.offers
    yield _("Claim rate"), percent(offers.claim_rate), _ratio(offers.claimed, offers.issued), ""
    yield (
        _("Redemption rate, of those claimed"),
        percent(offers.redeemed_of_claimed),
        _ratio(offers.kept, offers.claimed),
        "",
    )
    yield (
        _("Redemption rate, of those issued"),
        percent(offers.redeemed_of_issued),
        _ratio(offers.kept, offers.issued),
        "",
    )


def _ratio(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {"part": f"{part:,}", "whole": f"{whole:,}"}


def _target(one: Progress, board: Board) -> dict[str, Any]:
    target, pace = one.target, one.pace
    rate = pace.paced_rate if pace else None
    reached_after = board.days_to_target.get(target.pk)
    return {
        "id": target.pk,
        "label": target.get_indicator_display(),
        "from": target.first_day,
        "to": target.last_day,
        "value": shown(target.indicator, target.value),
        "actual": shown(target.indicator, pace.actual) if pace else NO_DATA,
        "paced_target": _paced_target(target.indicator, pace.paced_target if pace else None),
        "paced_rate": percent(rate),
        "tone": "calm" if rate is None else "good" if rate >= 100 else "warn",
        "achieved": percent(pace.achieved if pace else None),
        "time": percent(pace.time_progress if pace else None),
        "gap": signed(pace.progress_gap if pace else None, _("pp")),
        "run_rate": shown(target.indicator, pace.run_rate) if pace and pace.run_rate else NO_DATA,
        "days": pace and f"{pace.elapsed}/{pace.total}",
        "reached_after": reached_after,
    }


def _paced_target(indicator: str, value: Any) -> str:
    return NO_DATA if value is None else shown(indicator, round(value))
