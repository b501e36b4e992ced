"""Addresses of the leads' endpoints."""

from django.urls import path

from leads.api import pool, pools, today, views, work

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
    path("follow-ups/<uuid:pk>/hand-over/", work.FollowUpHandOver.as_view()),
    path("today/", today.TodayList.as_view()),
    path("today/team/", today.TeamDay.as_view()),
    path("pool/", pool.PoolList.as_view()),
    path("pool/allowance/", pool.PoolAllowance.as_view()),
    path("pool/<uuid:pk>/claim/", pool.PoolClaim.as_view()),
    path("leads/<uuid:pk>/return/", pool.LeadReturn.as_view()),
    path("leads/<uuid:pk>/ownership/", pool.LeadOwnerships.as_view()),
    path("pools/", pools.PoolsList.as_view()),
    path("pools/<uuid:pk>/", pools.PoolOne.as_view()),
    path("pools/<uuid:pk>/rules/", pools.PoolRules.as_view()),
    path("colleagues/<uuid:pk>/hand-over/", pool.ColleagueHandOver.as_view()),
]
