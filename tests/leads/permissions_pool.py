"""Who may do what with the pool, and who sees whom in plain while a lead lies in it."""

from tests import factories
from tests.conftest import Cast
from tests.leads.pool_desk import opened, owned, pooled
from tests.permissions import ALL, READING, SEEN_LEAD, WORKED_LEAD, Row

IN_BRANCH = "ann bo max mei"
OVERSEEING = "rui otto ada"

TABLE = [
    Row("GET", "pool/", {200: ALL}),
    Row("GET", "pool/allowance/", {200: ALL}),
    Row(
        "POST",
        "pool/{pooled}/claim/",
        {200: IN_BRANCH, 403: OVERSEEING, 404: "sam fay pia nia"},
    ),
    # Of another team's pool: to be seen in one's branch, not to be claimed; its leaders may.
    Row(
        "POST",
        "pool/{theirs}/claim/",
        {200: "mei", 403: f"ann bo {OVERSEEING}", 404: "max sam fay pia nia"},
    ),
    Row("POST", "leads/{lead}/return/", WORKED_LEAD, {"reason": "no_capacity"}),
    Row("GET", "leads/{lead}/ownership/", SEEN_LEAD),
    Row("GET", "pools/", {200: ALL}),
    Row(
        "POST",
        "pools/",
        {201: "mei ada", 403: "ann bo max fay pia rui otto", 400: "sam nia"},
        {"unit": "{shanghai}", "name": "餐饮公海"},
    ),
    Row("GET", "pools/{pool}/", {200: f"{IN_BRANCH} {OVERSEEING}", 404: "sam fay pia nia"}),
    Row(
        "PATCH",
        "pools/{pool}/",
        {200: "mei ada", 403: "ann bo max rui otto", 404: "sam fay pia nia"},
        {"claims_a_day": 5},
        '"1"',
    ),
    Row(
        "POST",
        "pools/{pool}/rules/",
        {200: "mei ada", 403: "ann bo max rui otto", 404: "sam fay pia nia"},
        {"tier": "a", "quiet_working_days": 8},
    ),
    Row(
        "GET",
        "colleagues/{leaver}/hand-over/",
        {200: "max mei ada", 403: f"ann {READING.replace(' ada', '')}", 404: "bo sam nia"},
    ),
    Row(
        "POST",
        "colleagues/{leaver}/hand-over/",
        {200: "max mei ada", 403: f"ann {READING.replace(' ada', '')}", 404: "bo sam nia"},
        {"to": "{bo}"},
    ),
    # People of a merchant that lies in the pool stay masked until somebody claims it.
    Row(
        "POST",
        "contacts/{pooled_contact}/unmask/",
        {200: "max mei rui", 403: "ann bo fay pia otto ada", 404: "sam nia"},
        {"reason": "call"},
    ),
    Row(
        "GET",
        "contacts/{pooled_contact}/",
        {200: f"{IN_BRANCH} {READING}", 404: "sam nia"},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A lead in the branch's pool with a person, one in another team's pool."""
    pool = opened(cast.shanghai)
    lead = pooled(cast, pool)
    jingan = factories.UnitFactory(name="静安", parent=cast.shanghai)
    theirs = opened(jingan)
    other = pooled(cast, theirs, merchant=factories.MerchantFactory(unit=jingan))
    owned(cast.ann, cast)
    return {
        "pool": str(pool.pk),
        "pooled": str(lead.pk),
        "theirs": str(other.pk),
        "pooled_contact": str(factories.ContactFactory(merchant=lead.merchant).pk),
        "leaver": str(cast.ann.pk),
        "shanghai": str(cast.shanghai.pk),
    }
