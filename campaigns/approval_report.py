"""What approvals add to the report: what waited at its end, the longest first."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.domain import approval_parameters
from campaigns.models import ApprovalRequest, ApprovalStep
from campaigns.report_rows import narrowed
from crm.domain import calendar
from crm.models import Role
from crm.report_lists import address, counted
from crm.sections import (
    Action,
    Actions,
    Audience,
    Column,
    Figure,
    Kind,
    Period,
    Table,
    Urgency,
    section,
)

SHOWN = 10
REQUESTS = "/admin/campaigns/approvalrequest/"


@counted("approvals", ApprovalRequest)
def _waiting(audience: Audience, period: Period) -> Any:
    requests = (
        ApprovalRequest.objects.visible_to(audience.viewer)
        .filter(requested_at__lt=period.end)
        .filter(Q(settled_at=None) | Q(settled_at__gte=period.end))
    )
    return narrowed(audience, requests, campaign="campaign")


def _too_long(period: Period) -> Q:
    patience = approval_parameters.REMIND_AFTER.value
    late = calendar.load().before(period.last_day, patience)
    # By the clock of the report, not of whoever reads it.
    return Q(requested_at__lt=datetime.combine(late, time(), period.zone))


@counted("approvals_late", ApprovalRequest)
def _late(audience: Audience, period: Period) -> Any:
    return _waiting(audience, period).filter(_too_long(period))


@section("approvals", _("Approvals waiting"), order=72)
def approvals_waiting(audience: Audience, period: Period) -> Table:
    """Requests that were asked and not settled when the period ended, the oldest first."""
    requests = _waiting(audience, period)
    total = requests.order_by().aggregate(
        count=Count("pk"),
        late=Count("pk", filter=_too_long(period)),
        amount=Sum("amount_fen"),
    )
    if not total["count"]:
        return Table(columns=())
    undecided = ApprovalStep.objects.filter(request=OuterRef("pk")).filter(
        Q(decided_at=None) | Q(decided_at__gte=period.end)
    )
    first = (
        requests.select_related("campaign", "requested_by")
        .annotate(waited_for=Subquery(undecided.order_by("order").values("role")[:1]))
        .order_by("requested_at", "id")
    )
    rows = [(one, _row(one, period)) for one in first[:SHOWN]]
    link = address(REQUESTS, "approvals", audience, period)
    late = address(REQUESTS, "approvals_late", audience, period)
    return Table(
        columns=(
            Column("name", _("Campaign")),
            Column("amount", _("Amount"), Kind.MONEY),
            Column("requested_by", _("Submitted by")),
            Column("waits_for", _("Waits for")),
            Column("requested_at", _("Since"), Kind.INSTANT),
            Column("days", _("Working days"), Kind.COUNT),
        ),
        rows=[row for _one, row in rows],
        figures=(
            Figure("waiting", _("Approvals waiting"), total["count"], link=link),
            Figure("late", _("Waiting for too long"), total["late"], link=late),
            Figure("amount", _("Waiting to be approved"), total["amount"], Kind.MONEY, link),
        ),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
        actions=Actions(
            Urgency.WAITS_FOR_US,
            tuple(
                Action(
                    row["name"],
                    row["waits_for"],
                    _("Waits for approval for %(days)s working days") % {"days": row["days"]},
                    row["link"],
                    one.requested_at.astimezone(period.zone).date(),
                )
                for one, row in rows
            ),
            total["count"],
        ),
    )


def _row(request: Any, period: Period) -> dict[str, Any]:
    first = request.requested_at.astimezone(period.zone).date() + timedelta(days=1)
    return {
        "link": f"{REQUESTS}{request.pk}/change/",
        "name": request.campaign.name,
        "amount": request.amount_fen,
        "requested_by": request.requested_by.full_name,
        "waits_for": str(Role(request.waited_for).label) if request.waited_for else "",
        "requested_at": request.requested_at,
        "days": calendar.load().count(first, period.last_day),
    }
