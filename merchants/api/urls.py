"""Addresses of the merchants' endpoints."""

from django.urls import path

from merchants.api import identifiers, people, views

urlpatterns = [
    path("merchants/", views.MerchantList.as_view()),
    path("merchants/<uuid:pk>/", views.MerchantOne.as_view()),
    path("merchants/<uuid:pk>/timeline/", views.MerchantTimeline.as_view()),
    path("merchants/<uuid:pk>/outlets/", views.OutletList.as_view()),
    path("merchants/<uuid:pk>/contacts/", views.ContactList.as_view()),
    path("outlets/<uuid:pk>/", views.OutletOne.as_view()),
    path("outlets/<uuid:pk>/identifiers/", identifiers.IdentifierList.as_view()),
    path("identifiers/<uuid:pk>/", identifiers.IdentifierOne.as_view()),
    path("contacts/<uuid:pk>/", views.ContactOne.as_view()),
    path("contacts/<uuid:pk>/unmask/", people.ContactUnmask.as_view()),
    path("contacts/<uuid:pk>/restrict/", people.ContactRestrict.as_view()),
    path("contacts/<uuid:pk>/erase/", people.ContactErase.as_view()),
    path("contacts/<uuid:pk>/consents/", people.ConsentList.as_view()),
    path("consents/<uuid:pk>/withdraw/", people.ConsentWithdraw.as_view()),
]
