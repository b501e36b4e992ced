"""The pipeline board: leads by stage, one's own book or the team's. Moving a card opens the step
page of the lead, which asks for what the step needs and says what is missing."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.admin.filters import LONGEST
from crm.admin.site import has_a_role, page, viewer
from crm.domain import organisation
from crm.models import OrgUnit, Role, User
from crm.presentation import money
from leads.admin import shown
from leads.domain import board
from leads.models import Lead
from leads.models.lead import LeadQuerySet


def show(request: HttpRequest) -> HttpResponse:
    """The columns with their cards; for a rep, at first one's own."""
    me, at = viewer(request), timezone.now()
    if not has_a_role(me):
        raise PermissionDenied
    owner, unit = _owner(request, me), _identifier(request.GET.get("unit", ""))
    people, units = _people(me), _units(me)
    if owner not in ("", "me", "none") and owner not in {pk for pk, _name in people}:
        owner = ""
    if unit not in {pk for pk, _name in units}:
        unit = ""
    asked = {name: value for name, value in (("owner", owner), ("unit", unit)) if value}
    columns = board.of(_narrowed(me, owner, unit), viewer=me, at=at)
    back = f"{reverse('board')}?{urlencode({'owner': owner, 'unit': unit})}"
    return page(
        request,
        "leads/board.html",
        title=_("Board"),
        columns=[_column(one, asked) for one in columns],
        total=sum(one.count for one in columns),
        total_value=money(sum(one.value_fen for one in columns)),
        owners=[("", _("Everybody")), ("me", _("Me")), ("none", _("Nobody")), *people],
        units=[("", _("All units")), *units],
        owner=owner,
        unit=unit,
        back=back,
    )


def _owner(request: HttpRequest, me: User) -> str:
    """Whose leads: what was chosen, or one's own book for somebody who sells and leads nobody."""
    if "owner" in request.GET:
        wanted = request.GET["owner"]
        return wanted if wanted in ("me", "none") else _identifier(wanted)
    return "me" if me.scope.holds(Role.REP) and not me.scope.overseen else ""


def _identifier(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _people(me: User) -> list[tuple[str, str]]:
    people = User.objects.visible_to(me).active().exclude(pk=me.pk).order_by("full_name", "pk")
    return [(str(pk), name) for pk, name in people.values_list("pk", "full_name")[:LONGEST]]


def _units(me: User) -> list[tuple[str, str]]:
    units = OrgUnit.objects.visible_to(me).order_by("ancestors")
    return [
        (str(pk), "　" * (len(ancestors) - 1) + name)
        for pk, name, ancestors in units.values_list("pk", "name", "ancestors")[:LONGEST]
    ]


def _narrowed(me: User, owner: str, unit: str) -> LeadQuerySet:
    leads = Lead.objects.visible_to(me)
    if owner == "none":
        leads = leads.filter(owner=None)
    elif owner:
        leads = leads.filter(owner=me.pk if owner == "me" else UUID(owner))
    return leads.filter(unit__in=organisation.below(UUID(unit))) if unit else leads


def _column(column: board.Column, asked: dict[str, str]) -> dict[str, Any]:
    listed = reverse("admin:leads_lead_changelist")
    return {
        "stage": column.stage.value,
        "label": column.stage.label,
        "tone": shown.TONES.get(column.stage, "go"),
        "count": column.count,
        "value": money(column.value_fen),
        "more": column.more,
        "all": f"{listed}?{urlencode({'stage': column.stage.value, **asked})}",
        "cards": [
            {
                "lead": card.lead,
                "value": (
                    None
                    if card.lead.expected_value_fen is None
                    else money(card.lead.expected_value_fen)
                ),
                "days": card.days,
                "stale": card.stale,
                "late": card.late,
                "ways": [{"to": to.value, "label": to.label} for to in card.ways],
            }
            for card in column.cards
        ],
    }
