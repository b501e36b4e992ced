"""What outcomes and claims add to the pipeline report."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns.domain.outcome_parameters import DECISION_DAYS
from campaigns.models import Campaign, CampaignOutcome, Claim, ClaimState, ClaimStep
from campaigns.models.campaign_stages import OVER
from campaigns.models.claim import WRITABLE
from campaigns.report_rows import CAMPAIGNS, campaigns_of, narrowed
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
OUTCOMES = "/admin/campaigns/campaignoutcome/"
CLAIMS = "/admin/campaigns/claim/"
RECENT = timedelta(days=90)
"""How long after its end a campaign is still news."""


@counted("claims_overdue", Claim)
def _overdue(audience: Audience, period: Period) -> Any:
    rows = Claim.objects.visible_to(audience.viewer).filter(created_at__lt=period.end)
    if audience.unit_ids is not None:
        rows = rows.filter(campaign__unit__in=audience.unit_ids)
    if audience.owner_id is not None:
        rows = rows.filter(merchant__owner=audience.owner_id)
    decided_by = period.end - timedelta(days=DECISION_DAYS.value)
    return _then(rows, period.end).filter(
        Q(state_then__in=WRITABLE, last_day__lt=period.last_day)
        | Q(state_then=ClaimState.SUBMITTED, submitted_then__lt=decided_by)
    )


@section("claims_overdue", _("Claims overdue"), order=76)
def claims_overdue(audience: Audience, period: Period) -> Table:
    """Claims whose deadline was missed before they were submitted, and those that have waited too
    long for a decision; the earliest last day first."""
    overdue = _overdue(audience, period)
    link = address(CLAIMS, "claims_overdue", audience, period)
    total = overdue.aggregate(count=Count("pk"), sum=Sum("amount_claimed_fen"))
    first = (
        overdue.select_related("merchant", "campaign")
        .defer("merchant__search_grams", "merchant__search_text")
        .order_by("last_day", "id")[:SHOWN]
    )
    return Table(
        columns=(
            Column("merchant", _("Merchant")),
            Column("campaign", _("Campaign")),
            Column("state", _("State")),
            Column("claimed", _("Amount claimed"), Kind.MONEY),
            Column("last_day", _("Last day"), Kind.DAY),
        ),
        rows=[
            {
                "link": f"{CLAIMS}{claim.pk}/change/",
                "merchant": claim.merchant.name,
                "campaign": claim.campaign.name,
                "state": ClaimState(claim.state_then).label,
                "claimed": claim.amount_claimed_fen,
                "last_day": claim.last_day,
            }
            for claim in (first if total["count"] else ())
        ],
        figures=(
            Figure("claims_overdue", _("Claims overdue"), total["count"], link=link),
            Figure("claims_sum", _("Claimed in them"), total["sum"] or 0, Kind.MONEY, link),
        )
        if total["count"]
        else (),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
    )


def _then(rows: Any, end: datetime) -> Any:
    """Claims with `state_then` and `submitted_then`: where each stood at a moment and since when it
    had waited for a decision, by its steps."""
    steps = ClaimStep.objects.filter(claim=OuterRef("pk"))
    last = steps.filter(at__lt=end).order_by("-at", "-id").values("to_state")[:1]
    next_one = steps.filter(at__gte=end).order_by("at", "id").values("from_state")[:1]
    submitted = steps.filter(at__lt=end, to_state=ClaimState.SUBMITTED).order_by("-at", "-id")
    return rows.annotate(
        state_then=Case(
            When(updated_at__lt=end, then=F("state")),
            default=Coalesce(Subquery(last), Subquery(next_one), F("state")),
            output_field=CharField(),
        ),
        submitted_then=Case(
            When(updated_at__lt=end, then=F("submitted_at")),
            default=Coalesce(Subquery(submitted.values("at")[:1]), F("submitted_at")),
        ),
    )


def _ended(audience: Audience, period: Period) -> Any:
    """The campaigns that ended in the last 90 days."""
    ended = campaigns_of(audience, period).filter(stage_then__in=OVER)
    return ended.filter(ends_on__lte=period.last_day, ends_on__gt=period.last_day - RECENT)


@counted("outcomes", CampaignOutcome)
def _measured(audience: Audience, period: Period) -> Any:
    rows = CampaignOutcome.objects.visible_to(audience.viewer).filter(created_at__lt=period.end)
    rows = narrowed(audience, rows, campaign="campaign")
    return rows.filter(campaign__in=_ended(audience, period).order_by().values("pk"))


@counted("outcomes_win_win", CampaignOutcome)
def _win_win(audience: Audience, period: Period) -> Any:
    return _measured(audience, period).filter(everybody_wins=True)


@counted("campaigns_unmeasured", Campaign)
def _unmeasured(audience: Audience, period: Period) -> Any:
    known = CampaignOutcome.objects.filter(created_at__lt=period.end).values("campaign")
    return _ended(audience, period).exclude(pk__in=known)


@section("campaign_outcomes", _("Outcome of ended campaigns"), order=78)
def outcomes(audience: Audience, period: Period) -> Table:
    """What the campaigns brought that ended in the last 90 days, the newest first; those that
    nobody measures are counted."""
    recent = _measured(audience, period)
    link = address(OUTCOMES, "outcomes", audience, period)
    wins = address(OUTCOMES, "outcomes_win_win", audience, period)
    open_ones = address(CAMPAIGNS, "campaigns_unmeasured", audience, period)
    total = recent.aggregate(count=Count("pk"), wins=Count("pk", filter=Q(everybody_wins=True)))
    unmeasured = _unmeasured(audience, period).count()
    first = recent.select_related("campaign").order_by("-measured_last", "-id")[:SHOWN]
    return Table(
        columns=(
            Column("campaign", _("Campaign")),
            Column("method", _("Method")),
            Column("lift", _("Lift"), Kind.PERCENT),
            Column("bank_net", _("Bank: net"), Kind.MONEY),
            Column("merchant_net", _("Merchant: net"), Kind.MONEY),
        ),
        rows=[_row(outcome) for outcome in (first if total["count"] else ())],
        figures=(
            Figure("measured", _("Campaigns measured"), total["count"], link=link),
            Figure("win_win", _("Of them, everybody wins"), total["wins"], link=wins),
            Figure("unmeasured", _("Ended, and not measured"), unmeasured, link=open_ones),
        )
        if total["count"] or unmeasured
        else (),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
    )


def _row(outcome: CampaignOutcome) -> dict[str, Any]:
    return {
        "link": f"{OUTCOMES}{outcome.pk}/change/",
        "campaign": outcome.campaign.name,
        "method": outcome.get_method_display(),
        "lift": outcome.lift,
        "bank_net": outcome.bank_net_fen,
        "merchant_net": outcome.merchant_net_fen,
    }
