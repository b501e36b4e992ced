"""Who may do what with redemptions: who reads the campaign reads them, finance takes them in."""

from campaigns.domain import intake_files
from campaigns.models import Discrepancy
from crm.domain import files
from crm.ids import uuid7
from tests.campaigns.redemption_desk import MID, SOURCE, event, reported, running, the
from tests.conftest import Cast
from tests.factories import AT
from tests.permissions import ALL, Row

READING = "ann max mei fay rui pia otto ada"
"""Who sees a redemption at Ann's merchant: Max leads her team, Bo works beside her."""
QUEUE = "ann max mei rui pia otto ada"
"""Who sees what waits without working it; Bo's merchant it is not."""
WORKED = {200: "fay", 403: QUEUE, 404: "bo sam nia"}
STEERED = {200: "fay", 403: "mei rui pia otto ada", 404: "ann bo max sam nia"}
OTHERS = ALL.replace("fay ", "")

TABLE = [
    Row("GET", "redemptions/", {200: ALL}),
    Row("GET", "redemptions/{redemption}/", {200: READING, 404: "bo sam nia"}),
    Row(
        "POST",
        "redemptions/events/",
        {200: "fay", 403: OTHERS},
        {"source": "alipay", "unit": "{shanghai_unit}", "events": [event("T7")]},
    ),
    Row("GET", "redemption-intakes/", {200: ALL}),
    Row(
        "POST",
        "redemption-intakes/",
        # The file is Fay's own, and nobody else gets as far as being told so.
        {201: "fay", 403: OTHERS},
        {"file": "{redemption_file}", "source": "alipay", "unit": "{shanghai_unit}"},
    ),
    Row(
        "GET",
        "redemption-intakes/{intake}/",
        {200: "mei fay rui pia otto ada", 404: "ann bo max sam nia"},
    ),
    Row("POST", "redemption-intakes/{intake}/check/", STEERED),
    Row("POST", "redemption-intakes/{intake}/run/", STEERED),
    # It was not begun: whoever may steer it is told so.
    Row("POST", "redemption-intakes/{intake}/pause/", {**STEERED, 409: "fay", 200: ""}),
    Row("POST", "redemption-intakes/{intake}/resume/", {**STEERED, 409: "fay", 200: ""}),
    Row("POST", "redemption-intakes/{intake}/cancel/", STEERED),
    Row("GET", "discrepancies/", {200: ALL}),
    Row("GET", "discrepancies/{discrepancy}/", {200: f"{QUEUE} fay", 404: "bo sam nia"}),
    Row("POST", "discrepancies/{discrepancy}/assign/", WORKED, {"owner": "{fay_herself}"}),
    Row("POST", "discrepancies/{discrepancy}/retry/", WORKED),
    Row("POST", "discrepancies/{discrepancy}/resolve/", WORKED, {"resolution": "corrected"}),
    Row("POST", "discrepancies/{discrepancy}/dismiss/", WORKED, {"note": "…"}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A redemption at Ann's merchant, one that waits, and a file that Fay brought."""
    running(cast)
    reported(cast, event(), event("T2", amount="50.00"))
    brought = [
        files.keep(
            f"{name}.csv",
            f"交易参考号,事件,商户号,交易时间,交易金额,卡标识\n{name},cleared,{MID},"
            "2026-11-17 12:00:00,100.00,c9\n".encode(),
            kinds=files.LISTS,
            by=cast.fay,
            at=AT,
        )
        for name in ("first", "second")
    ]
    opened = intake_files.open_file(
        uuid7(), brought[0].pk, source=SOURCE, unit_id=cast.shanghai.pk, by=cast.fay, at=AT
    )
    return {
        "redemption": str(the().pk),
        "discrepancy": str(Discrepancy.objects.get().pk),
        "intake": str(opened.pk),
        "redemption_file": str(brought[1].pk),
        "shanghai_unit": str(cast.shanghai.pk),
        "fay_herself": str(cast.fay.pk),
    }
