"""Campaigns pause by themselves: when the money is spent, and when a partnership is suspended."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.domain import campaign_money, campaign_terms, lifecycle
from campaigns.domain import shares as share_rules
from campaigns.models import Budget, Campaign, CampaignStage
from crm.actors import SYSTEM, Actor
from crm.command import command
from crm.domain import reminders
from crm.errors import Problem
from merchants.domain.partnership_steps import follows
from merchants.models import Partnership, PartnershipStage

LINK = "/admin/campaigns/campaign/{}/change/"
PAUSED = reminders.kind(
    "campaign_paused",
    group=gettext_lazy("Campaigns"),
    label=gettext_lazy("Campaign paused"),
    subject=gettext_lazy("“%(campaign)s” was paused"),
    text=gettext_lazy("The campaign “%(campaign)s” was paused by itself: %(because)s"),
)
SPENT = gettext_lazy("Less is left than the largest single discount.")
LOW_BELOW = 5
"""The tick looks closely at pots with less than a fifth left; every redemption looks at its own."""


def spent(campaign: Campaign) -> bool:
    """Whether what is left is not enough for the largest possible single discount, each party
    paying its part, or another one in its place. A campaign without pots spends nothing."""
    money = campaign_money.standing(campaign)
    if not money.parties:
        return False
    terms = campaign_terms.of(campaign)
    covered = share_rules.split_within(
        terms.largest_discount_fen,
        terms.basis_points,
        left={party: pot.available for party, pot in money.parties.items()},
        fallback=terms.fallbacks,
    )
    return covered.uncovered > 0


@command
def pause_if_spent(campaign_id: UUID, *, at: datetime) -> bool:
    """Pause a running campaign that cannot pay for the largest single discount any more, and tell
    its planner. Returns whether it was paused."""
    campaign = Campaign.objects.for_change().filter(pk=campaign_id).first()
    if campaign is None or campaign.stage != CampaignStage.ACTIVE or not spent(campaign):
        return False
    _pause(campaign, because=str(SPENT), by=SYSTEM, at=at)
    return True


def _pause(campaign: Campaign, *, because: str, by: Actor, at: datetime) -> None:
    lifecycle.move(campaign, CampaignStage.PAUSED, because=because, by=by, at=at)
    tell(campaign, PAUSED, f"paused:{campaign.version}", because=because, at=at)


def tell(
    campaign: Campaign, kind: reminders.Kind, occasion: str, *, at: datetime, **facts: str
) -> None:
    """Tell the planner, once for each occasion. Who is not in service any more is told nothing."""
    planner = campaign.planner
    if planner is None or not planner.is_active:
        return
    reminders.plan(
        f"campaign:{campaign.pk}:{occasion}",
        recipient=planner,
        kind=kind,
        facts={"campaign": campaign.name, **facts},
        link=LINK.format(campaign.pk),
        due_at=at,
        at=at,
    )


def running_low(limit: int) -> Iterable[UUID]:
    """Running campaigns with a pot of which less than a fifth is left."""
    left = F("allocated_fen") - F("reserved_fen") - F("committed_fen") - F("consumed_fen")
    low = Budget.objects.filter(
        campaign=OuterRef("pk"), allocated_fen__gt=0, allocated_fen__gte=left * LOW_BELOW
    )
    rows = Campaign.objects.in_stage(CampaignStage.ACTIVE).filter(Exists(low))
    return rows.order_by("stage_entered_at", "pk").values_list("pk", flat=True)[:limit]


@follows(PartnershipStage.SUSPENDED)
def pause_with_the_partnership(partnership: Partnership, by: Actor, at: datetime) -> None:
    """T25: while compliance looks into a merchant, its running campaigns pause."""
    running = (
        Campaign.objects.in_stage(CampaignStage.ACTIVE)
        .filter(pk__in=_of(partnership.merchant_id))
        .for_change()
    )
    because = _("The partnership with %(merchant)s is suspended.") % {
        "merchant": partnership.merchant.name
    }
    for campaign in running:
        _pause(campaign, because=because, by=by, at=at)


def _of(merchant_id: UUID) -> Iterable[UUID]:
    through = Campaign.merchants.through.objects.filter(merchant_id=merchant_id)
    return through.values_list("campaign_id", flat=True)


@lifecycle.asks(CampaignStage.ACTIVE)
def missing_to_run(campaign: Campaign, at: datetime) -> list[Problem]:
    """No campaign runs with a suspended partner, and none resumes that has nothing left."""
    found = []
    suspended = (
        Partnership.objects.in_stage(PartnershipStage.SUSPENDED, PartnershipStage.BLOCKED)
        .filter(merchant__in=campaign.merchants.order_by().values("pk"))
        .select_related("merchant")
        .first()
    )
    if suspended is not None:
        found.append(
            Problem(
                "partnership_suspended",
                gettext_lazy("The partnership with a merchant of this campaign is suspended."),
            )
        )
    if campaign.stage == CampaignStage.PAUSED and spent(campaign):
        found.append(Problem("budget_spent", SPENT))
    return found
