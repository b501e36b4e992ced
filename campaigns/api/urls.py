"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import card_figures, kpis, targets

urlpatterns: list[Any] = [
    path("card-figures/", card_figures.CardFigures.as_view()),
    path("card-cohorts/", card_figures.CardCohorts.as_view()),
    path("card-snapshots/", card_figures.CardSnapshots.as_view()),
    path("card-figure-intakes/", card_figures.IntakeList.as_view()),
    path("card-figure-intakes/<uuid:pk>/", card_figures.IntakeOne.as_view()),
    path("card-figure-intakes/<uuid:pk>/check/", card_figures.IntakeCheck.as_view()),
    path("card-figure-intakes/<uuid:pk>/run/", card_figures.IntakeRun.as_view()),
    path("card-figure-intakes/<uuid:pk>/pause/", card_figures.IntakePause.as_view()),
    path("card-figure-intakes/<uuid:pk>/resume/", card_figures.IntakeResume.as_view()),
    path("card-figure-intakes/<uuid:pk>/cancel/", card_figures.IntakeCancel.as_view()),
    path("card-figure-intakes/<uuid:pk>/errors/file/", card_figures.IntakeErrorFile.as_view()),
    path("kpis/", kpis.KpiBoard.as_view()),
    path("sleeping-cards/", kpis.SleepingCards.as_view()),
    path("targets/", targets.TargetList.as_view()),
    path("targets/<uuid:pk>/", targets.TargetOne.as_view()),
    path("targets/<uuid:pk>/withdraw/", targets.TargetWithdraw.as_view()),
    path("kpi-schemes/", targets.SchemeList.as_view()),
    path("kpi-schemes/check/", targets.SchemeCheck.as_view()),
    path("kpi-schemes/<uuid:pk>/", targets.SchemeOne.as_view()),
]
