"""Who may do what with outcomes, claims and card fees."""

from datetime import date, timedelta

from django.utils import timezone

from campaigns.domain import fee_schedules, outcome_filing
from campaigns.domain.fees import REGULATED
from campaigns.models import Campaign
from crm.actors import SYSTEM
from crm.ids import uuid7
from merchants.models import SalesDay
from tests import factories
from tests.campaigns.outcome_desk import (
    AT,
    WORKED,
    drafted,
    ended,
    merchant_of,
    paid,
    photo_of,
    proved,
    submitted,
)
from tests.campaigns.outcome_desk import approved as approved_claim
from tests.conftest import Cast
from tests.permissions import ALL, Row

HIDDEN = "sam nia"
SEEN = {200: "ann bo max mei fay rui pia otto ada", 404: HIDDEN}
FILED = {200: "mei pia fay", 403: "ann bo max rui otto ada", 404: HIDDEN}
BEGUN = {201: "mei pia fay", 403: "ann bo max rui otto ada", 404: HIDDEN}
CONCLUDED = {200: "mei fay", 403: "ann bo max pia rui otto ada", 404: HIDDEN}
NO_CLAIM = "bo sam nia"
CLAIM_SEEN = {200: "ann max mei fay rui pia otto ada", 404: NO_CLAIM}
CLAIMED = {200: "ann max mei pia", 403: "fay rui otto ada", 404: NO_CLAIM}
DECIDED = {200: "fay", 403: "ann max mei pia rui otto ada", 404: NO_CLAIM}
BECAUSE = {"because": "发票抬头有误"}
FEES = {
    "effective_from": "2039-01-01",
    "issuer_credit": 4500,
    "issuer_debit": 3500,
    "issuer_debit_cap": "13.00",
    "network_each_side": 325,
    "network_cap": "3.25",
    "source": "通知",
}

TABLE = [
    Row("GET", "campaign-outcomes/", {200: ALL}),
    Row("POST", "campaigns/{unmeasured}/outcome/", BEGUN, {"control_because": "同商圈"}),
    Row("GET", "campaigns/{measured}/outcome/", SEEN),
    Row("PATCH", "campaigns/{measured}/outcome/", FILED, {"first_swipe_cards": 80}, '"1"'),
    Row("POST", "campaigns/{measured}/outcome/sales/", FILED),
    Row("POST", "campaigns/{measured}/outcome/reckon/", FILED),
    Row("POST", "campaigns/{measured}/outcome/conclude/", CONCLUDED, {"conclusion": "续做"}),
    Row("POST", "campaigns/{concluded}/outcome/reopen/", CONCLUDED, BECAUSE),
    Row("GET", "campaigns/{measured}/outcome/control-suggestions/", SEEN),
    Row("GET", "fee-schedules/", {200: ALL}),
    Row("POST", "fee-schedules/", {201: "ada", 403: ALL.replace("ada ", "")}, FEES),
    Row(
        "POST",
        "fee-schedules/{fees}/withdraw/",
        {200: "ada", 404: "nia", 403: ALL.replace("ada ", "").replace("nia", "")},
    ),
    Row("GET", "claims/", {200: ALL}),
    Row(
        "POST",
        "claims/",
        {201: "ann max mei pia", 403: "fay rui otto ada", 400: NO_CLAIM},
        {
            "campaign": "{unmeasured}",
            "merchant": "{claiming}",
            "amount": "3200.00",
            "what_for": "台卡",
        },
    ),
    Row("GET", "claims/{claim}/", CLAIM_SEEN),
    Row("PATCH", "claims/{claim}/", CLAIMED, {"amount": "3000.00"}, '"2"'),
    Row("GET", "claims/{claim}/evidence/", CLAIM_SEEN),
    Row(
        "POST",
        "claims/{claim}/evidence/",
        # The photo is Ann's: nobody else may show it yet.
        {201: "ann", 400: "max mei pia", 403: "fay rui otto ada", 404: NO_CLAIM},
        {"kind": "photo", "document": "{claim_photo}"},
    ),
    Row("GET", "claims/{claim}/steps/", CLAIM_SEEN),
    Row("POST", "claims/{proved_claim}/submit/", CLAIMED),
    Row("POST", "claims/{claim}/withdraw/", CLAIMED, BECAUSE),
    Row("POST", "claims/{waiting_claim}/return/", DECIDED, BECAUSE),
    Row("POST", "claims/{waiting_claim}/approve/", DECIDED, {}),
    Row("POST", "claims/{waiting_claim}/reject/", DECIDED, BECAUSE),
    Row("POST", "claims/{claim}/extend/", DECIDED, {"to": "{later}", **BECAUSE}),
    Row("POST", "claims/{approved_claim}/pay/", DECIDED, {"reference": "PAY-1"}),
    Row("POST", "claims/{paid_claim}/claw-back/", DECIDED, BECAUSE),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Campaigns that ended lately: one that nobody measures, one measured, one concluded; claims in
    every state that a step begins at; fees of the far future."""
    today = timezone.localdate()
    first, last = today - timedelta(days=40), today - timedelta(days=10)

    def campaign() -> Campaign:
        return ended(cast, first=first, last=last)

    unmeasured, measured, concluded = campaign(), campaign(), campaign()
    for one in (measured, concluded):
        outcome_filing.begin(uuid7(), one.pk, changes=WORKED, by=SYSTEM, at=AT)
    now = timezone.now()
    outcome_filing.conclude(concluded.pk, conclusion="续做", by=cast.fay, at=now)
    partnership = factories.PartnershipFactory(merchant=merchant_of(measured))
    SalesDay.objects.create(
        partnership=partnership, day=last, sales_fen=1, qualifying_sales=0, redemptions=0
    )
    fees = fee_schedules.announce(
        uuid7(), effective_from=date(2038, 1, 1), table=REGULATED, source="通知", by=SYSTEM, at=now
    )
    claim = drafted(cast, unmeasured)
    claims = {
        "claim": claim,
        "proved_claim": proved(cast, unmeasured),
        "waiting_claim": submitted(cast, unmeasured),
        "approved_claim": approved_claim(cast, unmeasured),
        "paid_claim": paid(cast, unmeasured),
    }
    return {
        "unmeasured": str(unmeasured.pk),
        "measured": str(measured.pk),
        "concluded": str(concluded.pk),
        "claiming": str(merchant_of(unmeasured).pk),
        "fees": str(fees.pk),
        "claim_photo": str(photo_of(cast.ann).pk),
        "later": (last + timedelta(days=60)).isoformat(),
        **{name: str(row.pk) for name, row in claims.items()},
    }
