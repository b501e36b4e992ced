"""The needs interview on a lead's page: the pains, how far each is, and what to ask next."""

from datetime import datetime

from django.utils.translation import gettext as _

from crm.models import User
from leads import policies
from leads.admin import grid_board
from leads.admin.panels import Panel, panel
from leads.domain import entry_points, questions
from leads.models import Lead, Pain

SHOWN = 10


@panel(order=30)
def needs(lead: Lead, user: User, at: datetime) -> Panel | None:
    """The pains of the merchant, the best entry point first."""
    may = policies.may_work(user, lead) and lead.is_open
    found = entry_points.best_entry_points(lead.merchant, at=at)
    closed = Pain.objects.filter(merchant=lead.merchant_id, closed_at__isnull=False).count()
    if not found and not closed and not may:
        return None
    asked = questions.by_cell(questions.set_for(lead.merchant)) if found else {}
    return Panel(
        _("Needs interview"),
        "leads/needs.html",
        {
            "lead": lead,
            "may": may,
            "closed": closed,
            "more": max(0, len(found) - SHOWN),
            "pains": [
                {
                    **grid_board.score(point),
                    "badge": grid_board.rung_badge(point.pain),
                    "raw": grid_board.percent(point.pain.raw_completeness),
                    "stuck": point.pain.get_stuck_column_display(),
                    "impact": grid_board.impact(point.pain),
                    "question": next(iter(asked[point.cell]), None) if point.cell else None,
                    "is_entry": lead.entry_pain_id == point.pain.pk,
                    "may_enter": may and point.score.eligible,
                }
                for point in found[:SHOWN]
            ],
        },
        anchor="needs",
    )
