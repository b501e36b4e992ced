"""The weekly report: one's own copies as they were sent, and a look ahead."""

import copy
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import report_mail
from crm.admin.base import RoomAdmin, when
from crm.admin.delivery import state_badge
from crm.admin.forms import LongTextField, VerbForm
from crm.admin.site import page, viewer
from crm.domain import report_letters, weekly_report
from crm.domain.files import XLSX
from crm.errors import DomainError, InvalidInput
from crm.models import DeliveryState, User, WeeklyReport
from crm.policies import require
from crm.weeks import Week
from crm.zones import zone_or_ours

_NOBODYS = _("The weekly report is for reps, team leads and branch managers.")
WIDTHS = (("600", pgettext_lazy("screen", "Desk")), ("390", pgettext_lazy("screen", "Phone")))
"""How wide the mail is shown: as a mail program at a desk, and as a phone."""


class AgainForm(VerbForm):
    because = LongTextField(label=_("Why it is sent again"), max_length=500)


@admin.register(WeeklyReport)
class WeeklyReportAdmin(RoomAdmin):
    list_display = ("week", "subject", "written", "sent", "state")
    list_select_related = ("run", "delivery")
    ordering = ("-id",)
    change_form_outer_before_template = "crm/weekly_report.html"
    change_list_template = "crm/weekly_reports.html"
    pages: ClassVar = {"again": "again_page", "workbook": "workbook_page"}

    def visible(self, user: User) -> QuerySet[Any]:
        return WeeklyReport.objects.visible_to(user)

    @admin.display(description=_("week"))
    def week(self, row: WeeklyReport) -> str:
        return row.run.week

    @admin.display(description=_("subject"))
    def subject(self, row: WeeklyReport) -> str:
        return row.delivery.subject if row.delivery else _subject(row)

    @admin.display(description=_("written at"))
    def written(self, row: WeeklyReport) -> str:
        return when(row.prepared_at)

    @admin.display(description=_("sent at"))
    def sent(self, row: WeeklyReport) -> str:
        return when(row.delivery.sent_at) if row.delivery else "—"

    @admin.display(description=_("state"))
    def state(self, row: WeeklyReport) -> str:
        return state_badge(row.delivery) if row.delivery else "—"

    def row_context(self, request: HttpRequest, row: WeeklyReport) -> dict[str, Any]:
        """The mail as it was sent, how it went, and why it was sent again."""
        said, mail = report_letters.kept_letter(row), row.delivery
        return {
            "report": row,
            "mail": mail,
            "subject": mail.subject if mail else _subject(row),
            "said": said,
            "html": report_mail.on_screen(said.html, said.parts) if said else "",
            "has_workbook": said is not None and any(not part.content_id for part in said.parts),
            "resends": mail.resends.select_related("by").order_by("-revision") if mail else (),
            "may_send_again": mail is not None
            and mail.state in (DeliveryState.SENT, DeliveryState.DEAD),
            **_frame(request),
        }

    def again_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Mails the report once more as it was sent, for a reason."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            AgainForm(request.POST or None),
            lambda given: report_letters.send_again(pk, by=viewer(request), at=self.now(), **given),
            title=_("Send the report again"),
            intro=row.delivery.subject if row.delivery else _subject(row),
            submit=_("Send again"),
            said=_("The report will be sent again."),
            back=self.url("change", pk),
        )

    def workbook_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The workbook that came with the mail."""
        said = report_letters.kept_letter(self.row_or_404(request, pk))
        for part in said.parts if said else ():
            if not part.content_id:
                return _file(part.name, bytes(part.content))
        raise Http404

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"preview/{address}",
                self.admin_site.admin_view(shown),
                name=f"crm_weeklyreport_preview{name}",
            )
            for address, shown, name in (
                ("", self.preview_page, ""),
                ("workbook/", self.preview_workbook_page, "_workbook"),
            )
        ]
        return [*own, *super().get_urls()]

    def preview_page(self, request: HttpRequest) -> HttpResponse:
        """The report of a week as it would be mailed; a POST mails it to oneself."""
        me = viewer(request)
        if not self.has_view_permission(request):
            return page(request, "crm/no_role.html", title=_("Weekly report"), status=403)
        this_week = Week.of(timezone.localdate(timezone=zone_or_ours(me.time_zone)))
        week = self._chosen_week(request, this_week.previous)
        if request.method == "POST":
            try:
                require(weekly_report.home_of(me) is not None, _NOBODYS)
                weekly_report.send_now(me.pk, week, at=timezone.now())
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, str(_("The report is on its way to you.")))
            return redirect(f"{request.path}?week={week}")
        reader = _reader(request, me)
        content = weekly_report.compose(reader, week, at=timezone.now())
        said = report_letters.letter(content, reader)
        return page(
            request,
            "crm/weekly_preview.html",
            title=_("Preview of the weekly report"),
            content_shown=content,
            said=said,
            html=report_mail.on_screen(said.html, said.parts),
            has_workbook=any(not part.content_id for part in said.parts),
            week=week,
            weeks=[this_week, this_week.previous, this_week.previous.previous],
            language=reader.language,
            languages=settings.LANGUAGES,
            may_send=weekly_report.home_of(me) is not None and content.is_final,
            **_frame(request),
        )

    def preview_workbook_page(self, request: HttpRequest) -> HttpResponse:
        """The workbook that would come with the mail."""
        me = viewer(request)
        if not self.has_view_permission(request):
            return page(request, "crm/no_role.html", title=_("Weekly report"), status=403)
        this_week = Week.of(timezone.localdate(timezone=zone_or_ours(me.time_zone)))
        week, reader = self._chosen_week(request, this_week.previous), _reader(request, me)
        content = weekly_report.compose(reader, week, at=timezone.now())
        return _file(report_mail.file_name(content), report_letters.workbook(content, reader))

    @staticmethod
    def _chosen_week(request: HttpRequest, otherwise: Week) -> Week:
        chosen = request.POST.get("week") or request.GET.get("week") or str(otherwise)
        try:
            return Week.parse(chosen)
        except InvalidInput as refusal:
            messages.error(request, str(refusal))
            return otherwise


def _subject(row: WeeklyReport) -> str:
    """The subject of a report that nobody wanted as a mail."""
    return str(row.content["subject"]) if isinstance(row.content, dict) else "—"


def _reader(request: HttpRequest, me: User) -> User:
    """The viewer, reading the language that was chosen for the preview."""
    reader, chosen = copy.copy(me), request.GET.get("language")
    if chosen in dict(settings.LANGUAGES):
        reader.language = chosen
    return reader


def _frame(request: HttpRequest) -> dict[str, Any]:
    chosen = request.GET.get("width")
    return {"width": chosen if chosen in dict(WIDTHS) else WIDTHS[0][0], "widths": WIDTHS}


def _file(name: str, content: bytes) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
