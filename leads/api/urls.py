"""Addresses of the leads' endpoints."""

from django.urls import path

from leads.api import stats, steps, views, work
from leads.api import grid, questions, views, work

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
    path("pains/", grid.PainList.as_view()),
    path("pains/<uuid:pk>/", grid.PainOne.as_view()),
    path("pains/<uuid:pk>/close/", grid.PainClose.as_view()),
    path("pains/<uuid:pk>/reopen/", grid.PainReopen.as_view()),
    path("pains/<uuid:pk>/capabilities/", grid.PainCapabilities.as_view()),
    path("pains/<uuid:pk>/cells/<str:cell>/fill/", grid.CellFill.as_view()),
    path("pains/<uuid:pk>/cells/<str:cell>/confirm/", grid.CellConfirm.as_view()),
    path("pains/<uuid:pk>/cells/<str:cell>/take-back/", grid.CellTakeBack.as_view()),
    path("leads/<uuid:pk>/entry-points/", grid.EntryPoints.as_view()),
    path("merchants/<uuid:pk>/questions/", questions.MerchantQuestions.as_view()),
    path("grid-questions/", questions.QuestionList.as_view()),
    path("grid-questions/<uuid:pk>/", questions.QuestionOne.as_view()),
    path("usual-capabilities/", questions.CapabilityList.as_view()),
    path("usual-capabilities/<uuid:pk>/", questions.CapabilityOne.as_view()),
]
