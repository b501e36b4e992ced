"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from campaigns.admin import approvals, kpi_board, simulator
from config.local import mail_page
from crm import health, metrics, unsubscribing
from crm.admin import my_notifications, operations, parameters
from leads.admin import board, capture, handover, today, visit_plan

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/today/", admin.site.admin_view(today.show), name="today"),
    path("admin/board/", admin.site.admin_view(board.show), name="board"),
    path("admin/capture/", admin.site.admin_view(capture.show_page), name="capture"),
    path("admin/hand-over/", admin.site.admin_view(handover.show_all), name="hand-overs"),
    path("admin/hand-over/<uuid:pk>/", admin.site.admin_view(handover.show_one), name="hand-over"),
    path("admin/kpis/", admin.site.admin_view(kpi_board.show), name="kpis"),
    path("admin/visit-plan/", admin.site.admin_view(visit_plan.show), name="visit-plan"),
    path("admin/approvals/", admin.site.admin_view(approvals.inbox), name="approvals"),
    path("admin/parameters/", admin.site.admin_view(parameters.show), name="parameters"),
    path(
        "admin/my-notifications/",
        admin.site.admin_view(my_notifications.show),
        name="my-notifications",
    ),
    path(
        "admin/notification-defaults/",
        admin.site.admin_view(my_notifications.show_defaults),
        name="notification-defaults",
    ),
    path(
        "admin/inbox/read-all/",
        admin.site.admin_view(my_notifications.read_all),
        name="inbox-read-all",
    ),
    path("admin/operations/", admin.site.admin_view(operations.show), name="operations"),
    path("admin/mail/", admin.site.admin_view(mail_page.show), name="mailbox"),
    path("admin/mail/<str:identifier>/", admin.site.admin_view(mail_page.show), name="mail"),
    path(
        "admin/campaigns/campaign/<uuid:pk>/simulate/",
        admin.site.admin_view(simulator.show_page),
        name="campaign-simulate",
    ),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("crm.api.urls")),
    path("api/v1/", include("merchants.api.urls")),
    path("api/v1/", include("campaigns.api.urls")),
    path("api/v1/", include("leads.api.urls")),
    path("unsubscribe/<str:token>/", unsubscribing.show, name="unsubscribe"),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("healthz/scheduler", health.scheduler),
    path("metrics", metrics.show),
]

handler400 = "crm.error_pages.broken"
handler404 = "crm.error_pages.unknown"
handler500 = "crm.error_pages.failed"
