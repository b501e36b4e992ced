"""The life of a campaign: every step from stage to stage, written once, for every door.

`move` is the one place where a stage changes; verbs and other subjects (approval, settlement) call
it with the campaign locked. What a stage asks for beyond its road, rooms say with `asks`; what
follows from reaching it, with `follows`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.domain import campaign_terms, version_writing
from campaigns.models import Campaign, CampaignStage, CampaignStep, VersionState
from campaigns.models.campaign_stages import ROADS
from crm.actors import Actor, user_id
from crm.errors import Problem, StageNotReachable
from merchants.domain import timeline

MOVED = timeline.kind(
    "campaign.moved",
    _("Campaign moved"),
    _("Campaign “%(name)s” moved from “%(from)s” to “%(to)s”."),
    **{"from": CampaignStage, "to": CampaignStage},
)
MOVED_BECAUSE = timeline.kind(
    "campaign.moved_because",
    _("Campaign moved"),
    _("Campaign “%(name)s” moved from “%(from)s” to “%(to)s”: %(because)s"),
    **{"from": CampaignStage, "to": CampaignStage},
)

type Asking = Callable[[Campaign, datetime], Iterable[Problem]]
_ASKED: dict[CampaignStage, list[Asking]] = defaultdict(list)


def asks(*stages: CampaignStage) -> Callable[[Asking], Asking]:
    """Let a subject say what is missing before a campaign reaches a stage."""

    def add(asking: Asking) -> Asking:
        for stage in stages:
            _ASKED[stage].append(asking)
        return asking

    return add


type Following = Callable[[Campaign, Actor, datetime], None]
_FOLLOWING: dict[CampaignStage, list[Following]] = defaultdict(list)


def follows(*stages: CampaignStage) -> Callable[[Following], Following]:
    """Let a subject do what follows once a campaign reached a stage, in the same transaction."""

    def add(following: Following) -> Following:
        for stage in stages:
            _FOLLOWING[stage].append(following)
        return following

    return add


def missing(campaign: Campaign, to: CampaignStage, at: datetime) -> list[Problem]:
    """What a stage still asks of a campaign."""
    return [problem for asking in _ASKED[to] for problem in asking(campaign, at)]


def reachable(campaign: Campaign) -> tuple[CampaignStage, ...]:
    """Where the roads from here lead, whoever may walk them."""
    return ROADS[CampaignStage(campaign.stage)]


def move(
    campaign: Campaign, to: CampaignStage, *, by: Actor, at: datetime, because: str = ""
) -> Campaign:
    """Take a campaign to its next stage, inside a verb that holds its lock.

    Writes the step and the timelines of its merchants. Submitting writes the terms down as a
    version; approving puts that version in force; returning or cancelling refuses it. Raises
    StageNotReachable if no road leads there, or with everything that is missing.
    """
    left, to = CampaignStage(campaign.stage), CampaignStage(to)
    if to not in ROADS[left]:
        raise StageNotReachable(
            _("There is no way from “%(from)s” to “%(to)s”.")
            % {"from": left.label, "to": to.label},
            attr="to",
            reachable=[str(one) for one in ROADS[left]],
        )
    if problems := missing(campaign, to, at):
        raise StageNotReachable(
            problems[0].detail,
            code=problems[0].code,
            problems=problems,
            missing=[one.code for one in problems],
        )
    values: dict[str, object] = {"stage": to, "stage_entered_at": at}
    match to:
        case CampaignStage.SUBMITTED:
            version = version_writing.write(
                campaign, campaign_terms.of(campaign), VersionState.SUBMITTED, by=by, at=at
            )
            values["version_number"] = version.number
        case CampaignStage.APPROVED:
            version_writing.settle(campaign, VersionState.IN_FORCE, at=at)
        case CampaignStage.RETURNED | CampaignStage.CANCELLED:
            version_writing.settle(campaign, VersionState.REFUSED, at=at)
        case CampaignStage.ENDED | CampaignStage.TERMINATED:
            version_writing.settle(campaign, VersionState.REFUSED, at=at)
            values["ended_on"] = min(timezone.localdate(at), campaign.ends_on)
    campaign.change(at=at, **values)
    _write_down(campaign, left, to, because=because.strip(), by=by, at=at)
    for following in _FOLLOWING[to]:
        following(campaign, by, at)
    return campaign


def _write_down(
    campaign: Campaign,
    left: CampaignStage,
    to: CampaignStage,
    *,
    because: str,
    by: Actor,
    at: datetime,
) -> None:
    CampaignStep.objects.create(
        campaign=campaign,
        from_stage=left,
        to_stage=to,
        version_number=campaign.version_number,
        actor_id=user_id(by),
        because=because,
        at=at,
    )
    facts: dict[str, str | int] = {"name": campaign.name, "from": left, "to": to}
    if because:
        facts["because"] = because
    with timeline.written_together():
        for merchant_id in campaign.merchants.order_by().values_list("pk", flat=True):
            timeline.record(
                MOVED_BECAUSE if because else MOVED,
                merchant_id=merchant_id,
                subject_id=campaign.pk,
                by=by,
                at=at,
                **facts,
            )
