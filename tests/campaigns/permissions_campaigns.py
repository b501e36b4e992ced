"""Who may do what with campaigns through the API."""

from django.utils import timezone

from campaigns.domain import amending
from campaigns.models import GoLiveItem
from tests.campaigns import campaign_desk as desk
from tests.conftest import Cast
from tests.permissions import ALL, Row

SEEING = "ann bo max mei fay rui pia otto ada"
"""Who knows of Shanghai's campaigns."""
PLANNING = "mei pia"
STRANGERS = "sam nia"
READING = "ann bo max fay rui otto ada"
PLANNED = {200: PLANNING, 403: READING, 404: STRANGERS}
SEEN = {200: SEEING, 404: STRANGERS}

TABLE = [
    Row("GET", "campaigns/", {200: ALL}),
    Row(
        "POST",
        "campaigns/",
        # Whoever plans for no unit is told so before anything is looked at.
        {201: PLANNING, 403: f"{READING} {STRANGERS}"},
        {
            "name": "一元洗头",
            "unit": "{shanghai}",
            "merchants": ["{merchant}"],
            "starts_on": "2026-12-01",
            "ends_on": "2026-12-31",
            "budget": "100000.00",
            "shares": [{"party": "bank", "basis_points": 10000}],
        },
    ),
    Row("GET", "campaigns/{campaign}/", SEEN),
    Row("PATCH", "campaigns/{campaign_draft}/", PLANNED, {"claim_days": 45}, '"1"'),
    Row(
        "POST",
        "campaigns/{campaign}/clone/",
        {201: PLANNING, 403: READING, 404: STRANGERS},
        {"name": "第二期", "starts_on": "2027-03-01", "ends_on": "2027-05-31"},
    ),
    Row(
        "POST",
        "campaigns/{campaign}/advance/",
        {200: f"{PLANNING} rui", 403: READING.replace("rui ", ""), 404: STRANGERS},
        {"to": "paused", "because": "门店装修"},
    ),
    Row("GET", "campaigns/{campaign}/ways/", SEEN),
    Row("GET", "campaigns/{campaign}/steps/", SEEN),
    Row("GET", "campaigns/{campaign}/versions/", SEEN),
    Row(
        "POST",
        "campaigns/{campaign}/versions/",
        {201: PLANNING, 403: READING, 404: STRANGERS},
        {"claim_days": 45, "said": "商户要时间"},
    ),
    Row("GET", "campaigns/{campaign}/diff/", SEEN),
    Row(
        "POST",
        "campaign-versions/{campaign_version}/give-up/",
        PLANNED,
        {},
    ),
    Row("GET", "campaigns/{campaign}/go-live/", SEEN),
    Row(
        "POST",
        "campaigns/{scheduled_campaign}/go-live/",
        {200: f"ann {PLANNING}", 403: READING.replace("ann ", ""), 404: STRANGERS},
        {"kind": "staff_trained"},
    ),
    Row(
        "POST",
        "go-live-items/{go_live_item}/reopen/",
        {200: f"ann {PLANNING}", 403: READING.replace("ann ", ""), 404: STRANGERS},
        {},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A draft, a running campaign, one that waits, one with an amendment."""
    at = timezone.now()
    running = desk.active(cast, at=at)
    waiting = desk.scheduled(cast, at=at)
    amended = desk.active(cast, at=at)
    version = amending.propose(amended.pk, {"claim_days": 60}, said="…", by=cast.pia, at=at)
    return {
        "shanghai": str(cast.shanghai.pk),
        "campaign": str(running.pk),
        "campaign_draft": str(desk.drafted(cast, at=at).pk),
        "scheduled_campaign": str(waiting.pk),
        "campaign_version": str(version.pk),
        "go_live_item": str(GoLiveItem.objects.filter(campaign=waiting)[0].pk),
    }
