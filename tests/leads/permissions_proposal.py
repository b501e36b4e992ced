"""Who may do what with proposals."""

from datetime import UTC, datetime

from leads.models import Lead, Proposal, Stage
from tests import factories
from tests.conftest import Cast
from tests.leads.proposal_desk import drafted, submitted
from tests.permissions import ALL, OVERSEEING, SEEN_LEAD, STRANGERS, WORKED_LEAD, WORKING, Row

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
OUTSIDE = f"{STRANGERS} fay pia"
WRITTEN = {201: WORKING, 403: OVERSEEING, 404: OUTSIDE}
LED = {200: "max mei", 403: f"ann {OVERSEEING}", 404: OUTSIDE}

TABLE = [
    Row("GET", "proposals/", {200: ALL}),
    Row(
        "POST",
        "proposals/",
        {201: WORKING, 403: OVERSEEING, 400: OUTSIDE},
        {"lead": "{unproposed}", "title": "满100减20"},
    ),
    Row("POST", "proposals/forecast/", {200: ALL}, {"title": "满100减20"}),
    Row("GET", "proposals/{proposal}/", SEEN_LEAD),
    Row("PATCH", "proposals/{proposal}/", WORKED_LEAD, {"title": "满100减25"}, '"1"'),
    Row("GET", "proposals/{proposal}/versions/", SEEN_LEAD),
    Row("POST", "proposals/{submitted}/versions/", WRITTEN, {"title": "满100减25"}),
    Row("GET", "proposals/{proposal}/diff/", SEEN_LEAD),
    Row("POST", "proposals/{proposal}/submit/", WORKED_LEAD),
    Row("POST", "proposals/{proposal}/withdraw/", WORKED_LEAD, {"because": "改日期"}),
    Row("POST", "proposals/{losing}/waive-forecast/", LED, {"because": "商圈首店"}),
    Row("GET", "proposals/{proposal}/print/", SEEN_LEAD),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Proposals to leads of Ann's: a draft, one by which the bank loses, one submitted; and a lead
    without any."""

    def lead() -> Lead:
        merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        made: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)
        return made

    rows: dict[str, Lead | Proposal] = {
        "unproposed": lead(),
        "proposal": drafted(lead(), by=cast.ann, at=AT),
        "losing": drafted(lead(), by=cast.ann, at=AT, first_swipe_cards=0, reactivated_cards=0),
        "submitted": submitted(lead(), by=cast.ann, at=AT),
    }
    return {name: str(row.pk) for name, row in rows.items()}
