"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.card_figures import (
    CardCohort,
    CardFigure,
    CardSnapshot,
    FigureIntake,
    FigureKind,
)
from campaigns.models.indicators import Indicator, IndicatorGroup, Measure
from campaigns.models.kpi_scheme import KpiScheme
from campaigns.models.target import Target

__all__ = [
    "Campaign",
    "CampaignStage",
    "CardCohort",
    "CardFigure",
    "CardSnapshot",
    "FigureIntake",
    "FigureKind",
    "FundingShare",
    "Indicator",
    "IndicatorGroup",
    "KpiScheme",
    "Measure",
    "Mechanic",
    "Party",
    "Target",
]
