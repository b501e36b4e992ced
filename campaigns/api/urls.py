"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import claims, outcomes

urlpatterns: list[Any] = []

urlpatterns += [
    path("campaign-outcomes/", outcomes.OutcomeList.as_view()),
    path("campaigns/<uuid:pk>/outcome/", outcomes.CampaignOutcomeOne.as_view()),
    path("campaigns/<uuid:pk>/outcome/sales/", outcomes.CampaignOutcomeSales.as_view()),
    path("campaigns/<uuid:pk>/outcome/reckon/", outcomes.CampaignOutcomeReckon.as_view()),
    path("campaigns/<uuid:pk>/outcome/conclude/", outcomes.CampaignOutcomeConclude.as_view()),
    path("campaigns/<uuid:pk>/outcome/reopen/", outcomes.CampaignOutcomeReopen.as_view()),
    path("campaigns/<uuid:pk>/outcome/control-suggestions/", outcomes.ControlSuggestions.as_view()),
    path("fee-schedules/", outcomes.FeeScheduleList.as_view()),
    path("fee-schedules/<uuid:pk>/withdraw/", outcomes.FeeScheduleWithdraw.as_view()),
    path("claims/", claims.ClaimList.as_view()),
    path("claims/<uuid:pk>/", claims.ClaimOne.as_view()),
    path("claims/<uuid:pk>/evidence/", claims.ClaimEvidenceList.as_view()),
    path("claims/<uuid:pk>/steps/", claims.ClaimSteps.as_view()),
    path("claims/<uuid:pk>/submit/", claims.ClaimSubmit.as_view()),
    path("claims/<uuid:pk>/withdraw/", claims.ClaimWithdraw.as_view()),
    path("claims/<uuid:pk>/return/", claims.ClaimReturn.as_view()),
    path("claims/<uuid:pk>/approve/", claims.ClaimApprove.as_view()),
    path("claims/<uuid:pk>/reject/", claims.ClaimReject.as_view()),
    path("claims/<uuid:pk>/extend/", claims.ClaimExtend.as_view()),
    path("claims/<uuid:pk>/pay/", claims.ClaimPay.as_view()),
    path("claims/<uuid:pk>/claw-back/", claims.ClaimClawBack.as_view()),
]
