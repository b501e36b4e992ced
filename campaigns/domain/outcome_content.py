"""What may be filed of an outcome: figures, periods, the control group."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns.domain import control_groups
from campaigns.models import CampaignOutcome
from campaigns.models.outcome import FIGURES, LARGEST_FIGURE, LONGEST_DAYS, MOST_MONTHS, VALUES
from crm.actors import Actor
from crm.errors import InvalidInput, NotFound, Problem
from merchants.models import Merchant

DAYS = ("baseline_first", "baseline_last", "measured_first", "measured_last")
TEXTS = {"source": 200, "control_because": 2000}
MOST_CONTROLS = 200


def sound(outcome: CampaignOutcome, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that change. Raises InvalidInput with everything that is wrong."""
    problems: list[Problem] = []
    for name, value in changes.items():
        if name in (*FIGURES, *VALUES):
            if value is not None and not _is_figure(value):
                sentence = _("A figure is not below zero, and not beyond all reason.")
                problems.append(Problem("figure_out_of_range", sentence, name))
        elif name in TEXTS:
            if len(value) > TEXTS[name] or "\0" in value:
                problems.append(Problem("text_invalid", _("This text cannot be stored."), name))
        elif name == "monthly_contributions_fen":
            if len(value) > MOST_MONTHS or not all(_is_figure(abs(one)) for one in value):
                sentence = _("At most 120 months, each with a sum of money.")
                problems.append(Problem("figure_out_of_range", sentence, name))
        elif name not in DAYS:
            problems.append(Problem("unknown_field", _("This field is not known here."), name))
    problems += _long_periods(outcome, changes)
    problems += _without_source(outcome, changes)
    if problems:
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, problems=problems)
    return {name: value for name, value in changes.items() if getattr(outcome, name) != value}


def _is_figure(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and 0 <= value <= LARGEST_FIGURE


def _long_periods(outcome: CampaignOutcome, changes: Mapping[str, Any]) -> list[Problem]:
    days = {name: changes.get(name, getattr(outcome, name)) for name in DAYS}
    sentence = _("A period that is compared is at most three years long.")
    return [
        Problem("period_too_long", sentence, f"{period}_last")
        for period in ("baseline", "measured")
        if period + "_last" in changes or period + "_first" in changes
        if (days[f"{period}_last"] - days[f"{period}_first"]).days > LONGEST_DAYS
    ]


def _without_source(outcome: CampaignOutcome, changes: Mapping[str, Any]) -> list[Problem]:
    """Figures filed by hand say where they come from."""
    filed = any(changes.get(name) is not None for name in FIGURES)
    if filed and not str(changes.get("source", outcome.source)).strip():
        return [Problem("source_required", _("Say where the figures come from."), "source")]
    return []


def choose(outcome: CampaignOutcome, control_ids: Sequence[UUID], by: Actor) -> tuple[Problem, ...]:
    """Set the control group. Raises NotFound, InvalidInput; says which of them had a campaign."""
    wanted = set(control_ids)
    known = Merchant.objects.seen_by(by).filter(pk__in=wanted)
    known_already = outcome.controls.filter(pk__in=wanted)
    found = set(known.values_list("pk", flat=True)) | set(
        known_already.values_list("pk", flat=True)
    )
    if found != wanted:
        raise NotFound(_("Choose merchants that you have access to."), attr="controls")
    if len(wanted) > MOST_CONTROLS:
        raise InvalidInput(
            _("A control group has at most 200 merchants."),
            code="controls_too_many",
            attr="controls",
        )
    if outcome.campaign.merchants.filter(pk__in=wanted).exists():
        raise InvalidInput(
            _("A merchant of the campaign cannot be its control group."),
            code="control_in_campaign",
            attr="controls",
        )
    outcome.controls.set(Merchant.objects.filter(pk__in=wanted))
    busy = control_groups.with_a_campaign(wanted, outcome.baseline_first, outcome.measured_last)
    if not busy:
        return ()
    sentence = _("These had a campaign of their own in these periods: %(names)s") % {
        "names": ", ".join(one.name for one in busy[:10])
    }
    return (Problem("control_had_campaign", sentence, "controls"),)
