"""The page “Objection metrics”."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.site import has_a_role, page, viewer
from leads.admin.objection_shown import percent
from leads.domain import objection_metrics
from leads.domain.objection_metrics import GroupBy
from leads.domain.objection_parameters import PROGRESSION_DAYS, REOPEN_DAYS
from leads.domain.objection_rates import Tally
from leads.models import Objection

_PERIODS = {
    "30": _("30 days"),
    "90": _("90 days"),
    "365": _("A year"),
    "all": _("All time"),
}


def figures_page(request: HttpRequest) -> HttpResponse:
    """What came of the objections that one may know of, in groups."""
    me, now = viewer(request), timezone.now()
    asked_by, asked_days = request.GET.get("by", ""), request.GET.get("days", "")
    by = GroupBy(asked_by) if asked_by in GroupBy.values else GroupBy.REASON
    days = asked_days if asked_days in _PERIODS else "90"
    rows = Objection.objects.visible_to(me) if has_a_role(me) else Objection.objects.none()
    if days != "all":
        rows = rows.filter(raised_at__gte=now - timedelta(days=int(days)))
    return page(
        request,
        "leads/objection_metrics.html",
        title=_("Objection metrics"),
        whole=_shown(objection_metrics.whole(rows, at=now)),
        groups=[
            {"label": one.label, **_shown(one.tally)}
            for one in objection_metrics.of(rows, by=by, at=now)
        ],
        by=by,
        grouped_by=by.label,
        groupings=GroupBy.choices,
        days=days,
        periods=_PERIODS.items(),
        progression_days=PROGRESSION_DAYS.value,
        reopen_days=REOPEN_DAYS.value,
    )


def _shown(tally: Tally) -> dict[str, Any]:
    return {
        "tally": tally,
        "resolution": percent(tally.resolution),
        "same_conversation": percent(tally.same_conversation_rate),
        "progression": percent(tally.progression),
        "reopen": percent(tally.reopen),
        "median": tally.median_days,
        "win": percent(tally.win),
        "mismatch": percent(tally.mismatch),
    }
