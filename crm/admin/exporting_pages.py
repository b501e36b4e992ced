"""The button above a list that takes the list out as it stands on the screen."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from crm import exports
from crm.admin.site import viewer
from crm.domain import exporting
from crm.domain.sheets import FileFormat
from crm.errors import DomainError
from crm.ids import uuid7


def offered(room: Any, request: HttpRequest) -> dict[str, Any]:
    """What the list's page needs for its buttons, if this person may take the list out."""
    one = exports.of_model(room.model)
    if one is None or not room.has_view_permission(request):
        return {}
    if not exporting.offered(viewer(request), one):
        return {}
    query = request.GET.urlencode()
    return {
        "export_kinds": FileFormat.choices,
        "export_action": room.url("export") + (f"?{query}" if query else ""),
    }


def ask(room: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the list; the address carries the list's own filter, search and order."""
    one = exports.of_model(room.model)
    if one is None or request.method != "POST":
        raise Http404
    if not room.has_view_permission(request):
        raise PermissionDenied
    kind = request.POST.get("format", "")
    strange = any(
        "\0" in text for name in request.GET for text in (name, *request.GET.getlist(name))
    )
    if kind not in FileFormat.values or strange:
        return redirect(room.url("changelist"))
    back = f"{room.url('changelist')}?{request.GET.urlencode()}"
    try:
        job = exporting.request(
            uuid7(),
            one.name,
            rows=room.get_changelist_instance(request).queryset,
            kind=kind,
            said={name: request.GET.getlist(name) for name in request.GET},
            by=viewer(request),
            at=room.now(),
        )
    except IncorrectLookupParameters:
        return redirect(room.url("changelist"))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    return redirect(reverse("admin:crm_export_change", args=[job.pk]))
