"""What a campaign's page shows of where it stands: its way, what is next, money, terms, history."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from campaigns import campaign_words, policies
from campaigns.domain import campaign_money, campaign_terms, running
from campaigns.domain.offer_sentences import price
from campaigns.models import (
    Campaign,
    CampaignStage,
    CampaignVersion,
    Fund,
    GoLiveKind,
    Party,
    VersionState,
)
from campaigns.models.campaign_stages import AGREED, EDITABLE, WAY
from crm.models import User

MOST_STEPS = 10
ONWARD = frozenset(
    {
        CampaignStage.SCHEDULED,
        CampaignStage.ACTIVE,
        CampaignStage.SETTLING,
        CampaignStage.SETTLED,
        CampaignStage.CLOSED,
    }
)
"""Where a campaign is meant to go next; what stops or ends it early is offered beside."""
TONES = {
    VersionState.IN_FORCE: "good",
    VersionState.SUBMITTED: "warn",
    VersionState.DRAFT: "warn",
    VersionState.REFUSED: "bad",
}


def standing(row: Campaign, user: User, at: datetime) -> dict[str, Any]:
    """The page's own cards. The same few statements whatever there is."""
    plans = policies.may_plan(user, row.unit_id)
    ways = [way for way in running.ways(row, by=user, at=at) if way.allowed]
    versions = list(row.versions.select_related("created_by")[:MOST_STEPS])
    terms = campaign_terms.of(row)
    return {
        "budget_shown": price(row.budget_fen),
        "way": stages(row),
        "ways": [
            {
                "to": way.to,
                "label": way.to.label,
                "button": campaign_words.step_to(way.to, paused=row.stage == CampaignStage.PAUSED),
                "onward": way.to in ONWARD and not way.missing,
                "missing": [problem.detail for problem in way.missing],
            }
            for way in ways
        ],
        "shares": [
            (Party(one.party).label, campaign_words.share(one._asdict())) for one in terms.shares
        ],
        "outlets_count": len(terms.outlet_ids),
        "money": money(row),
        "may_open_fund": Fund.objects.visible_to(user).filter(campaigns=row).exists(),
        "may_edit": plans and row.stage in EDITABLE,
        "may_amend": plans
        and row.stage in AGREED
        and not any(one.state in ("draft", "submitted") for one in versions),
        "may_clone": plans,
        "go_live": checklist(row) if row.stage in AGREED else [],
        "versions": [(one, version_badge(one)) for one in versions],
        "steps": row.steps.select_related("actor")[:MOST_STEPS],
        "may_give_up": plans,
    }


def stages(row: Campaign) -> list[dict[str, Any]]:
    """The way that a campaign is meant to go, with where this one stands. What went off the way
    (paused, returned, cancelled, terminated) stands in its place."""
    here = CampaignStage(row.stage)
    beside = {
        CampaignStage.RETURNED: CampaignStage.SUBMITTED,
        CampaignStage.PAUSED: CampaignStage.ACTIVE,
        CampaignStage.TERMINATED: CampaignStage.ENDED,
    }
    shown = [here if one == beside.get(here) else one for one in WAY]
    if here not in shown:
        shown = [here]
    place = shown.index(here)
    return [
        {"label": one.label, "past": number < place, "here": number == place}
        for number, one in enumerate(shown)
    ]


def money(row: Campaign) -> list[dict[str, str]]:
    """What every party gave, and what is left of it; nothing before money was committed."""
    found = campaign_money.standing(row)
    if not found.parties:
        return []
    lines = [(str(Party(party).label), pot) for party, pot in found.parties.items()]
    return [
        {
            "party": label,
            "allocated": price(pot.allocated),
            "reserved": price(pot.reserved),
            "consumed": price(pot.consumed),
            "available": price(pot.available),
        }
        for label, pot in [*lines, (_("In all"), found.total)]
    ]


def checklist(row: Campaign) -> list[dict[str, Any]]:
    """Each kind with how many shops are done; nothing before it is prepared."""
    counts = {
        kind: (done, count)
        for kind, done, count in row.go_live.order_by()
        .values_list("kind")
        .annotate(done=Count("pk", filter=Q(done_at__isnull=False)), count=Count("pk"))
    }
    if not counts:
        return []
    return [
        {"kind": kind.value, "label": kind.label, "done": done, "count": count}
        for kind in GoLiveKind
        for done, count in [counts.get(kind.value, (0, 0))]
    ]


def version_badge(version: CampaignVersion) -> dict[str, Any]:
    return {
        "tone": TONES.get(VersionState(version.state), "calm"),
        "label": version.get_state_display(),
    }
