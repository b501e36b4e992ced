"""Addresses of the merchants' endpoints."""

from django.urls import path

from merchants.api import imports, views

urlpatterns = [
    path("merchants/", views.MerchantList.as_view()),
    path("merchants/<uuid:pk>/", views.MerchantOne.as_view()),
    path("merchants/<uuid:pk>/timeline/", views.MerchantTimeline.as_view()),
    path("merchants/<uuid:pk>/outlets/", views.OutletList.as_view()),
    path("merchants/<uuid:pk>/contacts/", views.ContactList.as_view()),
    path("outlets/<uuid:pk>/", views.OutletOne.as_view()),
    path("contacts/<uuid:pk>/", views.ContactOne.as_view()),
    path("imports/", imports.ImportList.as_view()),
    path("imports/<uuid:pk>/", imports.ImportOne.as_view()),
    path("imports/<uuid:pk>/dry-run/", imports.ImportCheck.as_view()),
    path("imports/<uuid:pk>/run/", imports.ImportRun.as_view()),
    path("imports/<uuid:pk>/pause/", imports.ImportPause.as_view()),
    path("imports/<uuid:pk>/resume/", imports.ImportResume.as_view()),
    path("imports/<uuid:pk>/cancel/", imports.ImportCancel.as_view()),
    path("imports/<uuid:pk>/revert/", imports.ImportRevert.as_view()),
    path("imports/<uuid:pk>/errors/", imports.ImportErrors.as_view()),
    path("imports/<uuid:pk>/errors/file/", imports.ImportErrorFile.as_view()),
]
