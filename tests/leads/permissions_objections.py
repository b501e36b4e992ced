"""Who may do what with objections and the playbook."""

from datetime import timedelta

from django.utils import timezone

from leads.models import Objection
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, READING, SEEN_MERCHANT, STRANGERS, WORKING, Row

HOLDING = ALL.replace(" nia", "")
WRITING = "max mei ada"
"""Leaders and administrators keep the playbook."""
NOT_WRITING = "ann bo sam fay rui pia otto"
WRITTEN = {200: WRITING, 403: NOT_WRITING, 404: "nia"}
STEPPED = {200: WORKING, 403: READING, 404: STRANGERS}

TABLE = [
    Row("GET", "objections/", {200: ALL}),
    Row(
        "POST",
        "objections/",
        # Who may not know of the merchant is told that the value names none.
        {201: WORKING, 403: READING, 400: STRANGERS},
        {
            "merchant": "{merchant}",
            "kind": "call",
            "merchant_words": "生意还行,不需要",
            "declared_reason": "unaware",
        },
    ),
    Row("GET", "objections/metrics/", {200: ALL}),
    Row("GET", "objections/{objection}/", SEEN_MERCHANT),
    Row("POST", "objections/{objection}/diagnose/", STEPPED, {"sub_reason": "U1"}),
    Row("POST", "objections/{diagnosed}/handle/", STEPPED, {"play": "{play}"}),
    Row("POST", "objections/{handled}/resolve/", STEPPED, {"follow_up": "{follow_up}"}),
    Row("POST", "objections/{handled}/defer/", STEPPED, {"until": "{in_a_month}"}),
    Row("POST", "objections/{handled}/leave-unresolved/", STEPPED, {"because": "总部不同意"}),
    Row("POST", "objections/{unresolved}/reopen/", STEPPED, {"because": "又提起了"}),
    Row("POST", "play-attempts/{attempt}/outcome/", STEPPED, {"outcome": "helped"}),
    Row("GET", "plays/", {200: ALL}),
    Row(
        "POST",
        "plays/",
        {201: WRITING, 403: f"{NOT_WRITING} nia"},
        {"code": "U9", "reason": "unaware", "title_en": "Walk", "title_zh": "走访"},
    ),
    Row("GET", "plays/{play}/", {200: HOLDING, 404: "nia"}),
    Row("PATCH", "plays/{play}/", WRITTEN, {"offer_en": "Free report"}, '"1"'),
    Row("POST", "plays/{play}/retire/", WRITTEN),
    Row("POST", "plays/{play}/reinstate/", WRITTEN),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Objections of Ann's merchant in some states, a play, and a try of it."""
    merchant, lead = names["merchant"], names["lead"]

    def objection(state: str) -> Objection:
        return factories.ObjectionFactory(
            merchant_id=merchant,
            lead_id=lead,
            activity_id=names["activity"],
            state=state,
            sub_reason="" if state == "raised" else "U1",
        )

    handled = objection("handled")
    rows = {
        "objection": objection("raised"),
        "diagnosed": objection("diagnosed"),
        "handled": handled,
        "unresolved": objection("unresolved"),
        "play": factories.PlayFactory(),
        "attempt": factories.PlayAttemptFactory(objection=handled),
    }
    in_a_month = timezone.localdate() + timedelta(days=30)
    return {
        **{name: str(row.pk) for name, row in rows.items()},
        "in_a_month": in_a_month.isoformat(),
    }
