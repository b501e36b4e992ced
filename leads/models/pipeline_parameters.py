"""How long a lead may stay in each stage, and what share of each stage is expected to sign."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from crm import parameters
from leads.models.lead_numbers import PIPELINE
from leads.models.stages import STAGE_LIMITS, Stage

_FORECAST = _("Forecast of leads")

_LIMITS = {
    Stage.NEW: parameters.number(
        "leads.stage_limit.new", _("Working days in “New” before a lead is stale"),
        STAGE_LIMITS[Stage.NEW], least=1, most=365, group=PIPELINE,
    ),
    Stage.QUALIFIED: parameters.number(
        "leads.stage_limit.qualified", _("Working days in “Qualified” before a lead is stale"),
        STAGE_LIMITS[Stage.QUALIFIED], least=1, most=365, group=PIPELINE,
    ),
    Stage.DISCOVERY: parameters.number(
        "leads.stage_limit.discovery", _("Working days in “Discovery” before a lead is stale"),
        STAGE_LIMITS[Stage.DISCOVERY], least=1, most=365, group=PIPELINE,
    ),
    Stage.PROPOSAL: parameters.number(
        "leads.stage_limit.proposal", _("Working days in “Proposal” before a lead is stale"),
        STAGE_LIMITS[Stage.PROPOSAL], least=1, most=365, group=PIPELINE,
    ),
    Stage.APPROVAL: parameters.number(
        "leads.stage_limit.approval", _("Working days in “Approval” before a lead is stale"),
        STAGE_LIMITS[Stage.APPROVAL], least=1, most=365, group=PIPELINE,
    ),
}  # fmt: skip

_PROBABILITIES = {
    Stage.NEW: parameters.number(
        "leads.probability.new", _("Share of “New” that counts (%)"), 5,
        least=0, most=100, group=_FORECAST,
    ),
    Stage.QUALIFIED: parameters.number(
        "leads.probability.qualified", _("Share of “Qualified” that counts (%)"), 10,
        least=0, most=100, group=_FORECAST,
    ),
    Stage.DISCOVERY: parameters.number(
        "leads.probability.discovery", _("Share of “Discovery” that counts (%)"), 25,
        least=0, most=100, group=_FORECAST,
    ),
    Stage.PROPOSAL: parameters.number(
        "leads.probability.proposal", _("Share of “Proposal” that counts (%)"), 50,
        least=0, most=100, group=_FORECAST,
    ),
    Stage.APPROVAL: parameters.number(
        "leads.probability.approval", _("Share of “Approval” that counts (%)"), 80,
        least=0, most=100, group=_FORECAST,
    ),
    Stage.PARKED: parameters.number(
        "leads.probability.parked", _("Share of “Parked” that counts (%)"), 5,
        least=0, most=100, group=_FORECAST,
    ),
}  # fmt: skip


def stage_limits() -> Mapping[Stage, int]:
    """Working days that a lead is expected to stay in each stage, as they are set now."""
    return {stage: limit.value for stage, limit in _LIMITS.items()}


def probabilities() -> Mapping[Stage, int]:
    """What share of the leads in each open stage is expected to sign, in percent. It is a number
    of the whole pipeline, and says nothing about one lead."""
    return {stage: share.value for stage, share in _PROBABILITIES.items()}
