"""The weekly report: one's own copies as they were sent, and a look ahead."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.site import page, viewer
from crm.domain import weekly_report
from crm.errors import DomainError, InvalidInput
from crm.models import User, WeeklyReport
from crm.policies import require
from crm.weeks import Week

_ONLY_MANAGERS = _("The weekly report is for team leads and branch managers.")


@admin.register(WeeklyReport)
class WeeklyReportAdmin(RoomAdmin):
    list_display = ("week", "written", "sent")
    list_select_related = ("run", "delivery")
    ordering = ("-id",)
    shown_fields = ("week", "written", "sent")
    change_form_outer_before_template = "crm/weekly_report.html"
    change_list_template = "crm/weekly_reports.html"

    def visible(self, user: User) -> QuerySet[Any]:
        return WeeklyReport.objects.visible_to(user)

    @admin.display(description=_("week"))
    def week(self, row: WeeklyReport) -> str:
        return row.run.week

    @admin.display(description=_("written at"))
    def written(self, row: WeeklyReport) -> str:
        return when(row.prepared_at)

    @admin.display(description=_("sent at"))
    def sent(self, row: WeeklyReport) -> str:
        return when(row.delivery.sent_at) if row.delivery else "—"

    def row_context(self, request: HttpRequest, row: WeeklyReport) -> dict[str, Any]:
        return {"mail": row.delivery}

    def get_urls(self) -> list[URLPattern]:
        preview = path(
            "preview/",
            self.admin_site.admin_view(self.preview_page),
            name="crm_weeklyreport_preview",
        )
        return [preview, *super().get_urls()]

    def preview_page(self, request: HttpRequest) -> HttpResponse:
        """The report of a week as it would be mailed; a POST mails it to oneself."""
        me = viewer(request)
        if not self.has_view_permission(request):
            return page(request, "crm/no_role.html", title=_("Weekly report"), status=403)
        this_week = Week.of(timezone.localdate(timezone=ZoneInfo(me.time_zone)))
        chosen = request.POST.get("week") or request.GET.get("week") or str(this_week.previous)
        try:
            week = Week.parse(chosen)
        except InvalidInput as refusal:
            messages.error(request, str(refusal))
            week = this_week.previous
        if request.method == "POST":
            try:
                require(weekly_report.home_of(me) is not None, _ONLY_MANAGERS)
                weekly_report.send_now(me.pk, week, at=timezone.now())
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, str(_("The report is on its way to you.")))
            return redirect(f"{request.path}?week={week}")
        content = weekly_report.compose(me, week, at=timezone.now())
        _text, html = weekly_report.written(content, me)
        return page(
            request,
            "crm/weekly_preview.html",
            title=_("Preview of the weekly report"),
            content_shown=content,
            html=html,
            week=week,
            weeks=[this_week, this_week.previous, this_week.previous.previous],
            may_send=weekly_report.home_of(me) is not None and content.is_final,
        )
