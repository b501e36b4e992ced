"""Who may do what with suggestions and scores through the API."""

from django.utils import timezone

from crm.ids import uuid7
from leads.domain import next_actions
from leads.models import Lead
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, OVERSEEING, SEEN_LEAD, STRANGERS, WORKED_LEAD, WORKING, Row

DECIDED = {201: WORKING, 403: OVERSEEING, 404: f"{STRANGERS} fay pia"}

TABLE = [
    Row("GET", "leads/{lead}/next-actions/", SEEN_LEAD),
    Row(
        "POST",
        "leads/{suggested_lead}/next-actions/accept/",
        DECIDED,
        {"rule": "no_follow_up", "about": "{no_follow_up}"},
    ),
    Row(
        "POST",
        "leads/{suggested_lead}/next-actions/dismiss/",
        DECIDED,
        {"rule": "no_follow_up", "about": "{no_follow_up}", "because": "已约"},
    ),
    Row("GET", "leads/{lead}/score/", SEEN_LEAD),
    Row(
        "POST",
        "leads/{lead}/score/inputs/",
        WORKED_LEAD,
        {"source": "公示系统", "read_on": "2026-01-02", "penalties": 0},
    ),
    Row("GET", "suggestions/", {200: ALL}),
    Row("GET", "suggestions/metrics/", {200: ALL}),
    Row("GET", "suggestions/{suggestion}/", SEEN_LEAD),
    # Without a reason nothing is ranked, whoever asks; test_next_doors.py asks with one.
    Row("GET", "plays/ranking/", {400: ALL}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Ann's lead with nothing promised, and what was decided on another one."""
    now = timezone.now()

    def lead() -> Lead:
        merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        made: Lead = factories.LeadFactory(
            merchant=merchant, owner=cast.ann, stage_entered_at=now, created_at=now
        )
        return made

    def about(one: Lead) -> str:
        offered = next_actions.of(one, now)
        return next(
            each.suggested.about for each in offered if each.suggested.rule == "no_follow_up"
        )

    waiting, decided = lead(), lead()
    row = next_actions.dismiss(
        uuid7(),
        decided.pk,
        rule="no_follow_up",
        about=about(decided),
        shown_at=now,
        by=cast.ann,
        at=now,
    )
    return {
        "suggested_lead": str(waiting.pk),
        "no_follow_up": about(waiting),
        "suggestion": str(row.pk),
    }
