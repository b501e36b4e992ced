"""Handing over what a colleague has in hand: whose, to whom, and how far it is."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import ChoiceField, VerbForm, show
from crm.admin.jobs import state_badge
from crm.admin.site import page, viewer
from crm.errors import DomainError
from crm.locking import known
from crm.models import Role, User
from leads.admin.forms import colleagues
from leads.domain import handover, work_in_hand
from merchants.policies import LEADERS

LONGEST = 200
LABELS = {
    "leads": _("Leads"),
    "merchants": _("Merchants"),
    "follow_ups": _("Follow-ups"),
    "visits": _("Visits"),
}


class HandOverForm(VerbForm):
    """To whom."""

    to = ChoiceField(label=_("To"))

    def __init__(self, *args: Any, user: User, leaver: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = colleagues(user).exclude(pk=leaver).values_list("pk", "full_name")
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            ("pool", _("Into the pool")),
            *((str(pk), name) for pk, name in people),
        ]


def show_all(request: HttpRequest) -> HttpResponse:
    """The colleagues whose work the viewer may hand over, with what they have in hand."""
    me = viewer(request)
    if not me.scope.holds(*LEADERS, Role.ADMINISTRATOR):
        raise PermissionDenied
    people = list(colleagues(me)[:LONGEST])
    return page(
        request,
        "leads/hand_overs.html",
        title=_("Hand over a colleague's work"),
        rows=[(person, asdict(work)) for person, work in work_in_hand.of_many(people)],
        labels=LABELS,
    )


def show_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one colleague has in hand, and the button that moves it."""
    me = viewer(request)
    try:
        work = handover.preview(pk, by=me)
    except DomainError as refusal:
        raise Http404 from refusal
    person = User.objects.get(pk=pk)
    form = HandOverForm(request.POST or None, user=me, leaver=pk)
    if request.method == "POST" and form.is_valid():
        try:
            return _handed_over(request, pk, form.cleaned_data["to"], me)
        except DomainError as refusal:
            show(form, refusal)
    job = handover.last_job(pk)
    return page(
        request,
        "leads/hand_over.html",
        title=_("Hand over the work of %(name)s") % {"name": person.full_name},
        person=person,
        work=[(LABELS[name], count) for name, count in asdict(work).items()],
        total=work.total,
        form=form,
        media=form.media,
        job=job,
        badge=state_badge(job) if job else "",
    )


def _handed_over(request: HttpRequest, pk: UUID, to: str, me: User) -> HttpResponse:
    receiver = None if to == "pool" else known(colleagues(me), UUID(to), attr="to")
    done = handover.hand_over(pk, to=receiver, by=me, at=timezone.now())
    if done.job is not None:
        messages.success(request, str(_("There is much to move; it goes on in the background.")))
    else:
        said = _(
            "Moved: %(leads)s leads, %(merchants)s merchants, %(follow_ups)s follow-ups, "
            "%(visits)s visits."
        )
        messages.success(request, str(said) % asdict(done.moved))
    return redirect("hand-over", pk)
