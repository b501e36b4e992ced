"""The money of the demo's campaigns: funds of three branches, and eleven campaigns at every stage,
from a draft that was returned to one that is closed."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from campaigns import demo_figures, demo_purchases, demo_results, demo_settlement
from campaigns.demo_offers import OFFERS
from campaigns.demo_road import FINANCE, PARTNER_AGE, plan, walk
from campaigns.domain import approval_tiers
from campaigns.domain import funds as funds_domain
from campaigns.models import Fund
from crm import demo
from crm.demo import Demo
from crm.domain import reminders
from crm.ids import uuid7
from crm.models import OrgUnit, Reminder

__all__ = [
    "demo_figures",
    "demo_purchases",
    "demo_results",
    "demo_settlement",
    "plan_campaigns",
]

FUNDS = {"上海分行": (3_000_000, 2_400_000), "杭州分行": (1_200_000, 900_000),
         "成都分行": (1_500_000, 1_200_000)}  # fmt: skip
"""What each branch may set aside at the most, and what it has allocated, in yuan."""


@demo.step(90)
def plan_campaigns(story: Demo) -> str:
    """Offers with the partners of old, each as far as it has come, approved by people."""
    approval_tiers.make_missing(at=story.now - demo.FOUNDED)
    funds = {unit: _fund(story, unit) for unit in FUNDS}
    for offer in OFFERS:
        walk(story, offer, plan(story, offer, funds[offer.unit]))
    return _("Campaigns: %(campaigns)s, with funding shares (invented amounts).") % {
        "campaigns": len(OFFERS)
    }


def _fund(story: Demo, unit_name: str) -> Fund:
    """A fund of a branch, filled by its finance in two steps."""
    unit = OrgUnit.objects.get(name=unit_name)
    year, finance = story.today.year, demo.person(FINANCE[unit_name])
    cap, allocated = FUNDS[unit_name]
    opened = story.now - PARTNER_AGE - demo.FOUNDED / 4
    fund = funds_domain.open_fund(
        uuid7(),
        name=f"{unit_name}{year}年营销费用",
        unit_id=unit.pk,
        starts_on=date(year - 1, 1, 1),
        ends_on=date(year + 1, 12, 31),
        cap_fen=cap * 100,
        by=finance,
        at=opened,
    )
    later = story.now - PARTNER_AGE / 2
    for yuan, because, at in (
        (allocated * 3 // 4, "年度预算首批下达", opened),
        (allocated - allocated * 3 // 4, "下半年追加", later),
    ):
        fund = funds_domain.allocate(
            fund.pk, yuan * 100, movement_id=uuid7(), because=because, by=finance, at=at
        )
    return fund


READ = timedelta(days=2)
"""What came longer ago was read by now."""
KINDS = (
    "approval_given",
    "approval_returned",
    "approval_still_waiting",
    "approval_waiting",
    "budget_used",
    "campaign_paused",
    "redemptions_taken_in",
    "statement_due",
)


@demo.step(99)
def let_old_news_rest(story: Demo) -> str:
    """Nobody is told today what they were told weeks ago."""
    old = Reminder.objects.planned().filter(kind__in=KINDS, due_at__lt=story.now - READ)
    keys = list(old.values_list("key", flat=True))
    for key in keys:
        reminders.cancel(key, at=story.now)
    return _("Reminders of campaigns that are old news: %(count)s.") % {"count": len(keys)}
