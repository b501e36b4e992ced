"""The outcome of a campaign is begun, filed, reckoned and concluded.

Figures come by hand, with the source in words, or from the days of sales; redemptions, subsidy and
shares come from the redemptions themselves. The lock is the campaign's, then the outcome's.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import control_groups, outcome_facts, outcome_results
from campaigns.models import Campaign, CampaignOutcome, CampaignStage
from campaigns.models.outcome import FIGURES, LARGEST_FIGURE, LONGEST_DAYS, MOST_MONTHS, VALUES
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, Problem, RuleBroken
from crm.locking import take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import Merchant

BEGUN = timeline.kind(
    "outcome.begun", _("Outcome begun"), _("What campaign “%(name)s” brings is being measured.")
)
FILED = timeline.kind(
    "outcome.filed", _("Outcome filed"), _("Figures of campaign “%(name)s” were filed.")
)
CONCLUDED = timeline.kind(
    "outcome.concluded",
    _("Outcome concluded"),
    _("What campaign “%(name)s” brought is concluded: %(conclusion)s"),
)
REOPENED = timeline.kind(
    "outcome.reopened",
    _("Outcome opened again"),
    _("What campaign “%(name)s” brought is looked at again: %(because)s"),
)

DAYS = ("baseline_first", "baseline_last", "measured_first", "measured_last")
TEXTS = {"source": 200, "control_because": 2000}
MOST_CONTROLS = 200


@command
def begin(
    outcome_id: UUID,
    campaign_id: UUID,
    *,
    changes: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> CampaignOutcome:
    """Begin to measure a campaign. Unless said otherwise its own days are measured, against as many
    days directly before.

    Raises NotFound, NotAllowed, InvalidInput; RuleBroken with code `outcome_exists`,
    `campaign_cancelled`, `outcome_periods`.
    """
    campaign = _campaign(campaign_id, by)
    if CampaignOutcome.objects.filter(campaign=campaign).exists():
        raise RuleBroken(
            _("The outcome of this campaign was begun already."), code="outcome_exists"
        )
    if campaign.stage == CampaignStage.CANCELLED:
        raise RuleBroken(
            _("The campaign was cancelled: it brings nothing."), code="campaign_cancelled"
        )
    length = campaign.ends_on - campaign.starts_on
    before = campaign.starts_on - timedelta(days=1)
    outcome = CampaignOutcome(
        pk=outcome_id,
        campaign=campaign,
        baseline_first=before - length,
        baseline_last=before,
        measured_first=campaign.starts_on,
        measured_last=campaign.ends_on,
        created_at=at,
        updated_at=at,
    )
    given = dict(changes or {})
    control_ids = given.pop("control_ids", None)
    for name, value in _sound(outcome, given).items():
        setattr(outcome, name, value)
    outcome.save(force_insert=True)
    if control_ids is not None:
        _choose(outcome, control_ids, by)
    _record(BEGUN, campaign, outcome, by=by, at=at)
    return _reckon(outcome, at=at)


@command
def file(
    campaign_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> CampaignOutcome:
    """File figures, periods or the control group (`control_ids`); the result follows.

    Raises NotFound, NotAllowed, Stale, InvalidInput with every problem found; RuleBroken with code
    `outcome_concluded`, `outcome_periods`, `figure_out_of_range`.
    """
    campaign, outcome = _taken(campaign_id, by=by, version=version)
    given = dict(changes)
    control_ids = given.pop("control_ids", None)
    columns = _sound(outcome, given)
    notices = _choose(outcome, control_ids, by) if control_ids is not None else ()
    if columns or control_ids is not None:
        outcome.change(at=at, **columns)
        _record(FILED, campaign, outcome, by=by, at=at)
        _reckon(outcome, at=at)
    outcome.notices = notices
    return outcome


@command
def take_sales(
    campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> CampaignOutcome:
    """Take the sales of both groups from the days of sales that partnerships have on file. What no
    day was filed for stays as it is.

    Raises NotFound, NotAllowed, Stale; RuleBroken with code `outcome_concluded`, `no_sales_filed`.
    """
    campaign, outcome = _taken(campaign_id, by=by, version=version)
    found = outcome_facts.sales_of_groups(outcome)
    if not found:
        raise RuleBroken(
            _("No days of sales are on file for these merchants and periods."),
            code="no_sales_filed",
        )
    outcome.change(at=at, **found)
    _record(FILED, campaign, outcome, by=by, at=at)
    return _reckon(outcome, at=at)


@command
def reckon_again(
    campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> CampaignOutcome:
    """Reckon with the redemptions as they are now. Raises NotFound, NotAllowed, Stale, RuleBroken
    with code `outcome_concluded`."""
    _campaign_row, outcome = _taken(campaign_id, by=by, version=version)
    return _reckon(outcome, at=at)


@command
def conclude(
    campaign_id: UUID, *, conclusion: str, by: Actor, at: datetime, version: int | None = None
) -> CampaignOutcome:
    """Say what follows from the outcome; from now on figures and result stay as they are.

    Raises NotFound, NotAllowed, Stale, InvalidInput without words; RuleBroken with code
    `outcome_concluded`, `outcome_too_early` while the campaign runs, `outcome_no_data`.
    """
    campaign, outcome = _taken(campaign_id, by=by, version=version, concluding=True)
    said = _said(conclusion, "conclusion")
    if outcome.measured_last >= timezone.localdate(at):
        raise RuleBroken(
            _("An outcome is concluded after the last day that is measured."),
            code="outcome_too_early",
        )
    found, result = outcome_results.reckoned(outcome)
    if found.method == "no_data":
        raise RuleBroken(
            _("File what was sold before and during the campaign first."), code="outcome_no_data"
        )
    outcome.change(
        at=at,
        **outcome_results.columns_of(found, result),
        reckoned_on=timezone.localdate(at),
        conclusion=said,
        concluded_at=at,
        concluded_by_id=user_id(by),
    )
    _record(CONCLUDED, campaign, outcome, by=by, at=at, conclusion=said[:500])
    return outcome


@command
def reopen(
    campaign_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> CampaignOutcome:
    """Open a concluded outcome again, and say why.

    Raises NotFound, NotAllowed, Stale, InvalidInput without a reason, RuleBroken with code
    `outcome_open`.
    """
    campaign, outcome = _locked(campaign_id, by=by, version=version)
    require(
        policies.may_conclude(by, campaign),
        _("Finance or the branch manager concludes an outcome."),
    )
    if outcome.concluded_at is None:
        raise RuleBroken(_("This outcome is open."), code="outcome_open")
    reason = _said(because, "because")
    outcome.change(at=at, concluded_at=None, concluded_by_id=None, conclusion="")
    _record(REOPENED, campaign, outcome, by=by, at=at, because=reason[:500])
    return _reckon(outcome, at=at)


def reckon_due(*, at: datetime, most: int) -> int:
    """Reckon the outcomes of today that are still open, a bounded number; returns how many. An
    outcome that somebody holds is left to the next round."""
    today = timezone.localdate(at)
    due = CampaignOutcome.objects.reckoned_before(today).order_by("pk").values_list("pk", flat=True)
    done = 0
    for pk in list(due[:most]):
        done += _reckon_one(pk, today=today, at=at)
    return done


@command
def _reckon_one(outcome_id: UUID, *, today: date, at: datetime) -> bool:
    rows = CampaignOutcome.objects.reckoned_before(today).filter(pk=outcome_id)
    outcome = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if outcome is None:
        return False
    _reckon(outcome, at=at)
    return True


def _reckon(outcome: CampaignOutcome, *, at: datetime) -> CampaignOutcome:
    found, result = outcome_results.reckoned(outcome)
    columns = outcome_results.columns_of(found, result)
    for name, value in {**columns, "reckoned_on": timezone.localdate(at)}.items():
        setattr(outcome, name, value)
    # Not a new version: nobody changed anything, and nobody's form should be refused for it.
    outcome.save(update_fields=[*columns, "reckoned_on"])
    return outcome


def _campaign(campaign_id: UUID, by: Actor) -> Campaign:
    campaign = take(Campaign.objects.seen_by(by), campaign_id)
    require(
        policies.may_file_outcome(by, campaign),
        _("Planners and finance of the campaign's unit file its outcome."),
    )
    return campaign


def _locked(
    campaign_id: UUID, *, by: Actor, version: int | None
) -> tuple[Campaign, CampaignOutcome]:
    campaign = take(Campaign.objects.seen_by(by), campaign_id)
    outcome_id = (
        CampaignOutcome.objects.filter(campaign=campaign).values_list("pk", flat=True).first()
    )
    if outcome_id is None:
        raise NotFound(_("The outcome of this campaign was not begun yet."), code="outcome_missing")
    return campaign, take(CampaignOutcome.objects.all(), outcome_id, version=version)


def _taken(
    campaign_id: UUID, *, by: Actor, version: int | None, concluding: bool = False
) -> tuple[Campaign, CampaignOutcome]:
    """Campaign and outcome, locked in this order, and still open."""
    campaign, outcome = _locked(campaign_id, by=by, version=version)
    if concluding:
        require(
            policies.may_conclude(by, campaign),
            _("Finance or the branch manager concludes an outcome."),
        )
    else:
        require(
            policies.may_file_outcome(by, campaign),
            _("Planners and finance of the campaign's unit file its outcome."),
        )
    if outcome.concluded_at is not None:
        raise RuleBroken(
            _("This outcome is concluded and stays as it is; open it again to change it."),
            code="outcome_concluded",
        )
    return campaign, outcome


def _sound(outcome: CampaignOutcome, changes: Mapping[str, Any]) -> dict[str, Any]:
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


def _choose(
    outcome: CampaignOutcome, control_ids: Sequence[UUID], by: Actor
) -> tuple[Problem, ...]:
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
    outcome.controls.set(wanted)
    busy = control_groups.with_a_campaign(wanted, outcome.baseline_first, outcome.measured_last)
    if not busy:
        return ()
    sentence = _("These had a campaign of their own in these periods: %(names)s") % {
        "names": ", ".join(one.name for one in busy[:10])
    }
    return (Problem("control_had_campaign", sentence, "controls"),)


def _record(
    kind: timeline.Kind,
    campaign: Campaign,
    outcome: CampaignOutcome,
    *,
    by: Actor,
    at: datetime,
    **facts: str | int,
) -> None:
    """A line in the timeline of every merchant of the campaign, with one statement."""
    with timeline.written_together():
        for merchant_id in campaign.merchants.order_by().values_list("pk", flat=True):
            timeline.record(
                kind,
                merchant_id=merchant_id,
                subject_id=outcome.pk,
                by=by,
                at=at,
                name=campaign.name,
                **facts,
            )


def _said(text: str, attr: str) -> str:
    said = text.strip()
    if not said or "\0" in said:
        raise InvalidInput(_("Say why."), code="reason_required", attr=attr)
    return said[:2000]
