"""The outcome of a campaign is begun, filed, reckoned and concluded.

Figures come by hand, with the source in words, or from the days of sales; redemptions, subsidy and
shares come from the redemptions themselves. The lock is the campaign's, then the outcome's.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import outcome_content as content
from campaigns.domain import outcome_facts, outcome_results
from campaigns.models import Campaign, CampaignOutcome, CampaignStage
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.locking import take
from crm.policies import require
from merchants.domain import timeline

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
    for name, value in content.sound(outcome, given).items():
        setattr(outcome, name, value)
    outcome.save(force_insert=True)
    if control_ids is not None:
        content.choose(outcome, control_ids, by)
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
    columns = content.sound(outcome, given)
    notices = content.choose(outcome, control_ids, by) if control_ids is not None else ()
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
