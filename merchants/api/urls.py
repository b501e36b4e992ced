"""Addresses of the merchants' endpoints."""

from django.urls import path

from merchants.api import agreements, health, partnerships, views

urlpatterns = [
    path("merchants/", views.MerchantList.as_view()),
    path("merchants/<uuid:pk>/", views.MerchantOne.as_view()),
    path("merchants/<uuid:pk>/timeline/", views.MerchantTimeline.as_view()),
    path("merchants/<uuid:pk>/outlets/", views.OutletList.as_view()),
    path("merchants/<uuid:pk>/contacts/", views.ContactList.as_view()),
    path("outlets/<uuid:pk>/", views.OutletOne.as_view()),
    path("contacts/<uuid:pk>/", views.ContactOne.as_view()),
    path("partnerships/", partnerships.PartnershipList.as_view()),
    path("partnerships/<uuid:pk>/", partnerships.PartnershipOne.as_view()),
    path("partnerships/<uuid:pk>/advance/", partnerships.PartnershipAdvance.as_view()),
    path("partnerships/<uuid:pk>/ways/", partnerships.PartnershipWays.as_view()),
    path("partnerships/<uuid:pk>/steps/", partnerships.PartnershipSteps.as_view()),
    path("partnerships/<uuid:pk>/evidence/", partnerships.EvidenceList.as_view()),
    path("partnerships/<uuid:pk>/waivers/", partnerships.WaiverList.as_view()),
    path("partnerships/<uuid:pk>/agreements/", agreements.AgreementList.as_view()),
    path("agreements/<uuid:pk>/", agreements.AgreementOne.as_view()),
    path("agreements/<uuid:pk>/sign/", agreements.AgreementSign.as_view()),
    path("agreements/<uuid:pk>/amend/", agreements.AgreementAmend.as_view()),
    path("agreements/<uuid:pk>/end/", agreements.AgreementEnd.as_view()),
    path("partnerships/<uuid:pk>/health/", health.PartnershipHealth.as_view()),
    path("partnerships/<uuid:pk>/maturity/", health.PartnershipMaturity.as_view()),
    path("partnerships/<uuid:pk>/sales-days/", health.SalesDays.as_view()),
    path("partnerships/<uuid:pk>/figures/", health.MonthlyFigures.as_view()),
]
