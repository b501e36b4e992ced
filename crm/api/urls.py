"""Addresses of the kernel's endpoints, and of the schema."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer

from crm.api import (
    access,
    deliveries,
    exports,
    files,
    inbox,
    notification_preferences,
    overview,
    parameters,
    people,
)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="schema", renderer_classes=[TemplateHTMLRenderer]
        ),
        name="docs",
    ),
    path("devices/", people.DeviceList.as_view()),
    path("devices/<uuid:pk>/", people.DeviceOne.as_view()),
    path("files/", files.FileList.as_view()),
    path("files/<uuid:pk>/", files.FileOne.as_view()),
    path("files/<uuid:pk>/content/", files.FileContent.as_view()),
    path("exports/", exports.ExportList.as_view()),
    path("exports/<uuid:pk>/", exports.ExportOne.as_view()),
    path("exports/<uuid:pk>/cancel/", exports.ExportCancel.as_view()),
    path("exports/<uuid:pk>/content/", exports.ExportContent.as_view()),
    path("me/", people.Me.as_view()),
    path("access-log/", access.AccessLog.as_view()),
    path("units/", people.UnitList.as_view()),
    path("users/", people.UserList.as_view()),
    path("notifications/", people.NotificationList.as_view()),
    path("notifications/summary/", inbox.NotificationSummary.as_view()),
    path("notifications/read-all/", inbox.NotificationReadAll.as_view()),
    path("notification-preferences/", notification_preferences.NotificationPreferences.as_view()),
    path("notifications/<uuid:pk>/read/", people.NotificationRead.as_view()),
    path("deliveries/", deliveries.DeliveryList.as_view()),
    path("deliveries/<uuid:pk>/resend/", deliveries.DeliveryResend.as_view()),
    path("parameters/", parameters.ParameterList.as_view()),
    path("parameters/changes/", parameters.ParameterChangeList.as_view()),
    path("meta/", overview.Meta.as_view()),
    path("reports/pipeline/", overview.Pipeline.as_view()),
]
