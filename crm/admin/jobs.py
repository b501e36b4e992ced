"""What the pages of jobs share: their state in a badge, their buttons, their files."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin
from crm.admin.site import tell, viewer
from crm.api.files import download
from crm.domain import jobs
from crm.errors import DomainError
from crm.models import Job, JobState

_COLOURS: dict[str, str] = {
    JobState.DRAFT: "calm",
    JobState.CHECKED: "go",
    JobState.WAITING: "go",
    JobState.RUNNING: "go",
    JobState.PAUSED: "warn",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.CANCELLED: "calm",
    JobState.REVERTED: "calm",
}


def state_badge(job: Job) -> SafeString:
    """The state in its colour."""
    return format_html(
        '<span class="crm-badge crm-{}">{}</span>',
        _COLOURS.get(job.state, "calm"),
        JobState(job.state).label,
    )


class JobAdmin(RoomAdmin):
    """A list of jobs, and their buttons."""

    ordering = ("-created_at", "-id")
    search_fields = ()

    def verb_button(
        self, request: HttpRequest, pk: UUID, verb: Callable[..., Any], said: Any
    ) -> HttpResponse:
        """A button that tells the job something; the answer stands above its page."""
        self.row_or_404(request, pk)
        if request.method != "POST":
            raise Http404
        try:
            row = verb(pk, by=viewer(request), at=self.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(said))
            tell(request, row.notices)
        return redirect(self.url("change", pk))

    def pause_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, jobs.pause, _("It pauses after the rows in hand."))

    def resume_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, jobs.resume, _("It goes on."))

    def cancel_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, jobs.cancel, _("It was cancelled."))

    def file_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the job made, as a download."""
        self.row_or_404(request, pk)
        try:
            return download(jobs.fetch(pk, by=viewer(request), at=self.now()))
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect(self.url("change", pk))

    def buttons(self, request: HttpRequest, job: Job) -> dict[str, bool]:
        """Which verbs are open to whoever looks."""
        may = jobs.KINDS[job.kind].may_steer(viewer(request), job)
        return {verb: may and jobs.is_open_to(job, verb) for verb in jobs.OPEN_TO}
