"""Addresses of the leads' endpoints."""

from django.urls import path

from leads.api import stats, steps, views, work

urlpatterns = [
    path("leads/", views.LeadList.as_view()),
    path("leads/forecast/", stats.LeadForecast.as_view()),
    path("leads/stats/", stats.LeadStats.as_view()),
    path("leads/<uuid:pk>/", views.LeadOne.as_view()),
    path("leads/<uuid:pk>/advance/", steps.LeadAdvance.as_view()),
    path("leads/<uuid:pk>/assign/", views.LeadAssign.as_view()),
    path("leads/<uuid:pk>/ways/", steps.LeadWays.as_view()),
    path("leads/<uuid:pk>/steps/", steps.LeadSteps.as_view()),
    path("leads/<uuid:pk>/evidence/", steps.LeadEvidenceList.as_view()),
    path("leads/<uuid:pk>/waivers/", steps.LeadWaiverList.as_view()),
    path("leads/<uuid:pk>/timeline/", views.LeadTimeline.as_view()),
    path("activities/", work.ActivityList.as_view()),
    path("activities/<uuid:pk>/", work.ActivityOne.as_view()),
    path("follow-ups/", work.FollowUpList.as_view()),
    path("follow-ups/<uuid:pk>/", work.FollowUpOne.as_view()),
    path("follow-ups/<uuid:pk>/done/", work.FollowUpDone.as_view()),
    path("follow-ups/<uuid:pk>/snooze/", work.FollowUpSnooze.as_view()),
    path("follow-ups/<uuid:pk>/cancel/", work.FollowUpCancel.as_view()),
    path("today/", work.TodayList.as_view()),
]
