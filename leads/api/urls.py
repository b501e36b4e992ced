"""Addresses of the leads' endpoints."""

from django.urls import path

from leads.api import objection_metrics, objections, plays, views, work

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
    path("objections/", objections.ObjectionList.as_view()),
    path("objections/metrics/", objection_metrics.ObjectionMetrics.as_view()),
    path("objections/<uuid:pk>/", objections.ObjectionOne.as_view()),
    path("objections/<uuid:pk>/diagnose/", objections.ObjectionDiagnose.as_view()),
    path("objections/<uuid:pk>/handle/", objections.ObjectionHandle.as_view()),
    path("objections/<uuid:pk>/resolve/", objections.ObjectionResolve.as_view()),
    path("objections/<uuid:pk>/defer/", objections.ObjectionDefer.as_view()),
    path("objections/<uuid:pk>/leave-unresolved/", objections.ObjectionLeave.as_view()),
    path("objections/<uuid:pk>/reopen/", objections.ObjectionReopen.as_view()),
    path("play-attempts/<uuid:pk>/outcome/", objections.AttemptOutcome.as_view()),
    path("plays/", plays.PlayList.as_view()),
    path("plays/<uuid:pk>/", plays.PlayOne.as_view()),
    path("plays/<uuid:pk>/retire/", plays.PlayRetire.as_view()),
    path("plays/<uuid:pk>/reinstate/", plays.PlayReinstate.as_view()),
]
