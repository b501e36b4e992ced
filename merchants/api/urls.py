"""Addresses of the merchants' endpoints."""

from django.urls import path

from merchants.api import health, views

urlpatterns = [
    path("merchants/", views.MerchantList.as_view()),
    path("merchants/<uuid:pk>/", views.MerchantOne.as_view()),
    path("merchants/<uuid:pk>/timeline/", views.MerchantTimeline.as_view()),
    path("merchants/<uuid:pk>/outlets/", views.OutletList.as_view()),
    path("merchants/<uuid:pk>/contacts/", views.ContactList.as_view()),
    path("outlets/<uuid:pk>/", views.OutletOne.as_view()),
    path("contacts/<uuid:pk>/", views.ContactOne.as_view()),
    path("partnerships/<uuid:pk>/health/", health.PartnershipHealth.as_view()),
    path("partnerships/<uuid:pk>/maturity/", health.PartnershipMaturity.as_view()),
    path("partnerships/<uuid:pk>/sales-days/", health.SalesDays.as_view()),
    path("partnerships/<uuid:pk>/figures/", health.MonthlyFigures.as_view()),
]
