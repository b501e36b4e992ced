"""Addresses of the merchants' endpoints."""

from django.urls import path

from merchants.api import imports, insights, rivals, swot, views

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
    path("merchants/<uuid:pk>/insights/", insights.InsightList.as_view()),
    path("merchants/<uuid:pk>/johari/", insights.MerchantJohari.as_view()),
    path("johari/", insights.Johari.as_view()),
    path("insights/<uuid:pk>/", insights.InsightOne.as_view()),
    path("insights/<uuid:pk>/share/", insights.InsightShare.as_view()),
    path("insights/<uuid:pk>/moves/", insights.InsightMoves.as_view()),
    path("rivals/", rivals.RivalList.as_view()),
    path("rivals/<uuid:pk>/", rivals.RivalOne.as_view()),
    path("merchants/<uuid:pk>/rival-offers/", rivals.RivalOfferList.as_view()),
    path("rival-offers/<uuid:pk>/", rivals.RivalOfferOne.as_view()),
    path("swot/", swot.SwotList.as_view()),
    path("swot/<uuid:pk>/", swot.SwotOne.as_view()),
    path("swot/<uuid:pk>/features/", swot.FeatureList.as_view()),
    path("swot/<uuid:pk>/facts/", swot.FactList.as_view()),
    path("swot-features/<uuid:pk>/", swot.FeatureOne.as_view()),
    path("swot-features/<uuid:pk>/remove/", swot.FeatureRemove.as_view()),
    path("swot-facts/<uuid:pk>/", swot.FactOne.as_view()),
    path("swot-facts/<uuid:pk>/remove/", swot.FactRemove.as_view()),
]
