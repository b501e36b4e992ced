"""Who may submit, decide, delegate and set tiers."""

from datetime import timedelta

from django.utils import timezone

from campaigns.domain import approvals, delegations
from crm.ids import uuid7
from tests.campaigns import approval_desk as desk
from tests.conftest import Cast
from tests.permissions import ALL, Row

BRANCH = "ann bo mei fay pia rui otto ada"
"""Who knows of a campaign of Shanghai: reps of the branch, and those who oversee it; not
who leads one of its teams only."""
AWAY = "max sam nia"

TABLE = [
    Row("GET", "approvals/", {200: ALL}),
    Row("GET", "approval-tiers/", {200: ALL}),
    Row("GET", "delegations/", {200: ALL}),
    Row("GET", "approvals/{request}/", {200: BRANCH, 404: AWAY}),
    Row("GET", "campaigns/{draft}/submission/", {200: BRANCH, 404: AWAY}),
    Row(
        "POST",
        "campaigns/{draft}/submit/",
        # Had Mei asked herself, nobody else could approve: she is the only branch manager.
        {201: "pia", 409: "mei", 403: "ann bo fay rui otto ada", 404: AWAY},
        {"said": "旺季前上线"},
    ),
    Row(
        "POST",
        "campaign-versions/{terms}/submit/",
        {201: "pia", 409: "mei", 403: "ann bo fay rui otto ada", 404: AWAY},
        {},
    ),
    Row(
        "POST",
        "approvals/{request}/approve/",
        # Pia planned it: it is a rule that says no to her, not a right that she lacks.
        {200: "mei", 409: "pia", 403: "ann bo fay rui otto ada", 404: AWAY},
        {"step": 1},
    ),
    Row(
        "POST",
        "approvals/{request}/return/",
        {200: "mei", 409: "pia", 403: "ann bo fay rui otto ada", 404: AWAY},
        {"step": 1, "comment": "请补充依据"},
    ),
    Row(
        "POST",
        "approvals/{request}/withdraw/",
        {200: "pia mei", 403: "ann bo fay rui otto ada", 404: AWAY},
        {},
    ),
    Row("GET", "approval-tiers/{tier}/", {200: ALL.replace(" nia", ""), 404: "nia"}),
    Row(
        "PATCH",
        "approval-tiers/{tier}/",
        {200: "ada", 403: "ann bo max mei sam fay rui pia otto", 404: "nia"},
        {"steps": ["finance"]},
        '"1"',
    ),
    Row(
        "POST",
        "approval-tiers/",
        # A unit that one may not know of is refused before anything else.
        {201: "ada", 403: "ann bo max mei fay rui pia otto", 400: "sam nia"},
        {"unit": "{shanghai}", "from": "0.00", "below": "1.00", "steps": ["finance"]},
    ),
    Row(
        "POST",
        "delegations/",
        # A colleague whom one does not know comes first; who approves nothing has nothing to give.
        {201: "mei rui", 403: "pia otto ada", 400: "ann bo max sam nia", 409: "fay"},
        {"to": "{fay}", "first_day": "{today}", "last_day": "{today}"},
    ),
    Row(
        "POST",
        "delegations/{delegation}/end/",
        {200: "mei fay", 403: "otto ada", 404: "ann bo max sam rui pia nia"},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A draft of Pia's, one that waits for Mei, new terms of an approved one, a tier and a
    delegation of Mei's to Fay."""
    now = timezone.now()
    request = desk.submitted(cast, at=now)
    live = approvals.approve(desk.submitted(cast, at=now).pk, step=1, by=cast.mei, at=now)
    today = timezone.localdate(now)
    later = today + timedelta(days=10)
    given = delegations.delegate(
        uuid7(), cast.fay.pk, first_day=later, last_day=later, by=cast.mei, at=now
    )
    return {
        "request": str(request.pk),
        "draft": str(desk.draft(cast).pk),
        "terms": str(desk.proposed(cast, live.campaign_id, budget_fen=9_000_000).pk),
        "tier": str(request.tier_id),
        "shanghai": str(cast.shanghai.pk),
        "delegation": str(given.pk),
        "fay": str(cast.fay.pk),
        "today": today.isoformat(),
    }
