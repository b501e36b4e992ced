"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from crm import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("crm.api.urls")),
    path("api/v1/", include("merchants.api.urls")),
    path("api/v1/", include("leads.api.urls")),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("healthz/scheduler", health.scheduler),
]
