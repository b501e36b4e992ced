"""Addresses of the leads' endpoints."""

from django.urls import path

from leads.api import proposals, views, work

urlpatterns = [
    path("leads/", views.LeadList.as_view()),
    path("leads/stats/", views.LeadStats.as_view()),
    path("leads/<uuid:pk>/", views.LeadOne.as_view()),
    path("leads/<uuid:pk>/advance/", views.LeadAdvance.as_view()),
    path("leads/<uuid:pk>/assign/", views.LeadAssign.as_view()),
    path("leads/<uuid:pk>/ways/", views.LeadWays.as_view()),
    path("leads/<uuid:pk>/timeline/", views.LeadTimeline.as_view()),
    path("activities/", work.ActivityList.as_view()),
    path("activities/<uuid:pk>/", work.ActivityOne.as_view()),
    path("follow-ups/", work.FollowUpList.as_view()),
    path("follow-ups/<uuid:pk>/", work.FollowUpOne.as_view()),
    path("follow-ups/<uuid:pk>/done/", work.FollowUpDone.as_view()),
    path("follow-ups/<uuid:pk>/snooze/", work.FollowUpSnooze.as_view()),
    path("follow-ups/<uuid:pk>/cancel/", work.FollowUpCancel.as_view()),
    path("today/", work.TodayList.as_view()),
    path("proposals/", proposals.ProposalList.as_view()),
    path("proposals/forecast/", proposals.ProposalForecast.as_view()),
    path("proposals/<uuid:pk>/", proposals.ProposalOne.as_view()),
    path("proposals/<uuid:pk>/versions/", proposals.ProposalVersions.as_view()),
    path("proposals/<uuid:pk>/diff/", proposals.ProposalDiff.as_view()),
    path("proposals/<uuid:pk>/submit/", proposals.ProposalSubmit.as_view()),
    path("proposals/<uuid:pk>/withdraw/", proposals.ProposalWithdraw.as_view()),
    path("proposals/<uuid:pk>/waive-forecast/", proposals.ProposalWaiveForecast.as_view()),
    path("proposals/<uuid:pk>/print/", proposals.ProposalPrint.as_view()),
]
