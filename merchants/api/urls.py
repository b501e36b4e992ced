"""Addresses of the merchants' endpoints."""

from django.urls import path

from merchants.api import merging, views

urlpatterns = [
    path("merchants/", views.MerchantList.as_view()),
    path("merchants/check-duplicates/", merging.DuplicateCheck.as_view()),
    path("merchants/<uuid:pk>/duplicates/", merging.DuplicatesOfMerchant.as_view()),
    path("merchants/<uuid:pk>/merge/", merging.MerchantMerging.as_view()),
    path("merges/", merging.MergeList.as_view()),
    path("merges/<uuid:pk>/undo/", merging.MergeUndoing.as_view()),
    path("merchants/<uuid:pk>/", views.MerchantOne.as_view()),
    path("merchants/<uuid:pk>/timeline/", views.MerchantTimeline.as_view()),
    path("merchants/<uuid:pk>/outlets/", views.OutletList.as_view()),
    path("merchants/<uuid:pk>/contacts/", views.ContactList.as_view()),
    path("outlets/<uuid:pk>/", views.OutletOne.as_view()),
    path("contacts/<uuid:pk>/", views.ContactOne.as_view()),
]
