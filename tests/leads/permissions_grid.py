"""Who may do what in the needs interview."""

from datetime import timedelta

from django.utils import timezone

from leads.models import CapabilityTemplate, GridCell, NamedCapability
from tests import factories
from tests.conftest import Cast
from tests.permissions import (
    ALL,
    EDITED_MERCHANT,
    NAMED_LEAD,
    SEEN_LEAD,
    SEEN_MERCHANT,
    WORKED_LEAD,
    Row,
)

WORDING = "max mei ada"
"""Leaders and administrators."""
_OTHERS = " ".join(name for name in ALL.split() if name not in WORDING.split())
WORDED = {200: WORDING, 403: _OTHERS}

TABLE = [
    Row("GET", "pains/", {200: ALL}),
    Row(
        "POST",
        "pains/",
        NAMED_LEAD,
        {"merchant": "{merchant}", "lead": "{lead}", "title": "新客不回头"},
    ),
    Row("GET", "pains/{pain}/", SEEN_MERCHANT),
    Row("PATCH", "pains/{pain}/", EDITED_MERCHANT, {"title": "新客不回头"}, '"1"'),
    Row("POST", "pains/{pain}/close/", EDITED_MERCHANT, {"closed_as": "solved"}),
    Row("POST", "pains/{closed_pain}/reopen/", EDITED_MERCHANT, {}),
    Row(
        "POST",
        "pains/{pain}/capabilities/",
        EDITED_MERCHANT,
        {"capabilities": [{"name": "有限量的闲时客流", "covered": True}]},
    ),
    Row(
        "POST", "pains/{pain}/cells/{open_cell}/fill/", EDITED_MERCHANT, {"words": "附近上班族少了"}
    ),
    Row(
        "POST",
        "pains/{pain}/cells/{confirm_cell}/confirm/",
        EDITED_MERCHANT,
        {
            "words": "就是这两个原因",
            "agreed_by": "{contact}",
            "agreed_at": "{now}",
            "agreed_via": "visit",
        },
    ),
    Row(
        "POST",
        "pains/{pain}/cells/{agreed_cell}/take-back/",
        EDITED_MERCHANT,
        {"because": "重新算过"},
    ),
    Row("GET", "leads/{lead}/entry-points/", SEEN_LEAD),
    Row("POST", "leads/{lead}/entry-points/", WORKED_LEAD, {"pain": "{pain}"}),
    Row("GET", "merchants/{merchant}/questions/", SEEN_MERCHANT),
    Row("GET", "grid-questions/", {200: ALL}),
    Row(
        "POST",
        "grid-questions/",
        {201: WORDING, 403: _OTHERS},
        {"question_set": "cinema", "cell": "R1", "text_en": "How full?", "text_zh": "上座多少?"},
    ),
    Row("GET", "grid-questions/{question}/", {200: ALL}),
    Row("PATCH", "grid-questions/{question}/", WORDED, {"active": False}, '"1"'),
    Row("GET", "usual-capabilities/", {200: ALL}),
    Row("GET", "usual-capabilities/{capability}/", {200: ALL}),
    Row("PATCH", "usual-capabilities/{capability}/", WORDED, {"covered": True}, '"1"'),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A pain of Ann's lead whose cost is agreed, one off the table, a question, a capability."""
    of_ann = {"merchant_id": names["merchant"], "lead_id": names["lead"]}
    pain = factories.PainFactory(**of_ann)
    NamedCapability.objects.create(pain=pain, position=1, name="闲时客流", covered=True)
    GridCell.objects.filter(pain=pain, cell="I3").update(
        status="complete",
        merchant_words="每月约 4.8 万",
        agreed_by=names["contact"],
        agreed_at=timezone.now() - timedelta(days=1),
        agreed_via="visit",
    )
    rows = {
        "pain": pain,
        "closed_pain": factories.PainFactory(
            **of_ann, closed_at=timezone.now(), closed_as="solved"
        ),
        "question": factories.GridQuestionFactory(),
        "capability": CapabilityTemplate.objects.create(
            question_set="restaurant", position=1, text_en="Guests", text_zh="客流"
        ),
    }
    cells = {"open_cell": "R1", "confirm_cell": "R3", "agreed_cell": "I3"}
    return {**cells, **{name: str(row.pk) for name, row in rows.items()}}
