"""Campaigns are planned: from scratch, from a won proposal, or from an earlier campaign."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import campaign_terms, lifecycle, version_writing
from campaigns.domain import terms_checking as checking
from campaigns.domain.campaign_terms import CampaignTerms, Share
from campaigns.models import Campaign, CampaignStage, CampaignStep, Fund, Objective, Party
from campaigns.models.campaign_parameters import CLAIM_DAYS
from campaigns.models.campaign_stages import EDITABLE
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import NotFound, Problem, RuleBroken
from crm.locking import known, take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import Merchant, Outlet

DRAFTED = timeline.kind(
    "campaign.drafted",
    _("Campaign drafted"),
    _("Campaign “%(name)s” was drafted from the proposal that was won."),
)
PLANNED = timeline.kind(
    "campaign.planned", _("Campaign planned"), _("Campaign “%(name)s” was planned.")
)
type GivenShares = Mapping[str, int] | Iterable[Share | Mapping[str, Any]]
"""Party → basis points, or whole shares as tuples or as the doors take them."""

NOT_YOURS = _("You do not plan campaigns for this unit.")


@command
def plan(
    campaign_id: UUID,
    *,
    name: str,
    unit_id: UUID,
    merchant_ids: Iterable[UUID],
    starts_on: date,
    ends_on: date,
    budget_fen: int,
    shares: GivenShares,
    objective: str = Objective.FREQUENCY.value,
    mechanic: str = "",
    terms: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    outlet_ids: Iterable[UUID] = (),
    fund_id: UUID | None = None,
    refund_to_funder_first: bool = True,
    claim_days: int | None = None,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Plan a campaign, as a draft that is then submitted. `shares` are basis points by party, or
    whole shares with ceilings and fallbacks.

    Raises NotAllowed, InvalidInput if the shares do not make 100 % or the offer cannot be,
    RuleBroken for dates or a budget that cannot be, NotFound for a merchant, an outlet or a fund
    that the actor does not know.
    """
    require(policies.may_plan(by, unit_id), NOT_YOURS)
    wanted = CampaignTerms(
        starts_on=starts_on,
        ends_on=ends_on,
        budget_fen=budget_fen,
        objective=objective,
        mechanic=mechanic,
        terms=dict(terms or {}),
        limits=dict(limits or {}),
        shares=shares_of(shares),
        merchant_ids=frozenset(merchant_ids),
        outlet_ids=frozenset(outlet_ids),
        refund_to_funder_first=refund_to_funder_first,
        claim_days=CLAIM_DAYS.value if claim_days is None else claim_days,
    )
    return _written(
        campaign_id, wanted, name=name, unit_id=unit_id, fund_id=fund_id, told=PLANNED, by=by, at=at
    )


@command
def draft(
    campaign_id: UUID,
    *,
    name: str,
    unit_id: UUID,
    merchant_id: UUID,
    starts_on: date,
    ends_on: date,
    budget_fen: int,
    shares: Mapping[str, int],
    mechanic: str,
    terms: Mapping[str, Any],
    limits: Mapping[str, Any],
    origin_id: UUID,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Draft the campaign that was agreed with a merchant; a planner takes it from there.

    `origin_id` says what it was agreed in: of one origin there is one campaign. Raises NotAllowed,
    InvalidInput for shares or terms that make no offer, RuleBroken with code
    `campaign_drafted_already`.
    """
    require(policies.may_plan(by, unit_id), NOT_YOURS)
    agreed = CampaignTerms(
        starts_on=starts_on,
        ends_on=ends_on,
        budget_fen=budget_fen,
        mechanic=mechanic,
        terms=dict(terms),
        limits=dict(limits),
        shares=shares_of(shares),
        merchant_ids=frozenset({merchant_id}),
        claim_days=CLAIM_DAYS.value,
    )
    checking.offer(agreed)
    return _written(
        campaign_id,
        agreed,
        name=name,
        unit_id=unit_id,
        origin_id=origin_id,
        told=DRAFTED,
        by=by,
        at=at,
    )


@command
def clone(
    campaign_id: UUID,
    source_id: UUID,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Plan a campaign again on other days, with everything else as it was.

    Raises NotFound, NotAllowed, and what planning raises.
    """
    source = known(Campaign.objects.seen_by(by), source_id, attr="source")
    require(policies.may_plan(by, source.unit_id), NOT_YOURS)
    wanted = replace(campaign_terms.of(source), starts_on=starts_on, ends_on=ends_on)
    return _written(
        campaign_id,
        wanted,
        name=name,
        unit_id=source.unit_id,
        fund_id=None if source.fund is None or source.fund.closed_at else source.fund_id,
        told=PLANNED,
        by=by,
        at=at,
    )


@command
def correct(
    campaign_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Campaign:
    """Change a draft, or what was returned: any of the terms, the name, the fund.

    A draft of the system's belongs to whoever first works on it. Raises NotFound, NotAllowed,
    Stale, RuleBroken with code `terms_fixed` once it was submitted, and what planning raises.
    """
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_plan(by, campaign.unit_id), NOT_YOURS)
    if campaign.stage not in EDITABLE:
        raise RuleBroken(
            _("This campaign was submitted: its terms change with a new version only."),
            code="terms_fixed",
        )
    before = campaign_terms.of(campaign)
    after = changed(before, changes)
    checking.terms(after)
    merchants, outlets = chosen(after, before, by)
    values: dict[str, Any] = {
        name: getattr(after, name)
        for name in _COLUMNS
        if getattr(after, name) != getattr(before, name)
    }
    if "name" in changes:
        values["name"] = checking.name(changes["name"])
    if "fund_id" in changes:
        values["fund_id"] = fund_for(changes["fund_id"], campaign.unit_id, by)
    if campaign.planner_id is None:
        values["planner_id"] = user_id(by)
    if after.shares != before.shares:
        version_writing.share_out(campaign, after.shares, at=at)
    campaign.merchants.set(merchants)
    campaign.outlets.set(outlets)
    return campaign.change(at=at, **values)


_COLUMNS = (
    "starts_on",
    "ends_on",
    "budget_fen",
    "objective",
    "mechanic",
    "terms",
    "limits",
    "refund_to_funder_first",
    "claim_days",
)
TERM_NAMES = (*_COLUMNS, "shares", "merchant_ids", "outlet_ids")
"""What `changes` may name of the terms."""


def changed(terms: CampaignTerms, changes: Mapping[str, Any]) -> CampaignTerms:
    """Terms with some of them changed. Without outlets named, those of merchants that are taken
    out go with them."""
    values = {name: changes[name] for name in TERM_NAMES if name in changes}
    if "shares" in values:
        values["shares"] = shares_of(values["shares"])
    for name in ("merchant_ids", "outlet_ids"):
        if name in values:
            values[name] = frozenset(values[name])
    if "merchant_ids" in values and "outlet_ids" not in values and terms.outlet_ids:
        staying = Outlet.objects.filter(
            pk__in=terms.outlet_ids, merchant__in=values["merchant_ids"]
        )
        values["outlet_ids"] = frozenset(staying.order_by().values_list("pk", flat=True))
    return replace(terms, **values)


def shares_of(given: GivenShares) -> tuple[Share, ...]:
    """Shares in the listed order: from basis points by party, or from whole shares."""
    if isinstance(given, Mapping):
        given = [Share(str(party), points) for party, points in given.items()]
    return campaign_terms.in_order(
        Share(**share) if isinstance(share, Mapping) else share for share in given
    )


def fund_for(fund_id: UUID | None, unit_id: UUID, by: Actor) -> UUID | None:
    """A fund that pays for campaigns of a unit: its own, or one above it."""
    if fund_id is None:
        return None
    fund = known(Fund.objects.seen_by(by), fund_id, attr="fund")
    if not checking.pays_for(fund, unit_id):
        raise RuleBroken(
            _("This fund is not for campaigns of this unit."),
            code="fund_elsewhere",
            attr="fund",
        )
    return fund.pk


def chosen(
    terms: CampaignTerms, before: CampaignTerms | None, by: Actor
) -> tuple[Collection[Merchant], Collection[Outlet]]:
    """The merchants and outlets, those that are new only if the actor may know of them."""
    merchants = list(Merchant.objects.filter(pk__in=terms.merchant_ids))
    fresh = terms.merchant_ids - (before.merchant_ids if before else frozenset())
    known_to = set(
        Merchant.objects.seen_by(by).filter(pk__in=fresh).order_by().values_list("pk", flat=True)
    )
    if not terms.merchant_ids or fresh - known_to:
        raise NotFound(_("Choose merchants that you have access to."), attr="merchants")
    outlets = list(Outlet.objects.filter(pk__in=terms.outlet_ids, merchant__in=terms.merchant_ids))
    if len(outlets) != len(terms.outlet_ids):
        raise NotFound(_("Choose outlets of the campaign's merchants."), attr="outlets")
    return merchants, outlets


def _written(
    campaign_id: UUID,
    terms: CampaignTerms,
    *,
    name: str,
    unit_id: UUID,
    fund_id: UUID | None = None,
    origin_id: UUID | None = None,
    told: timeline.Kind,
    by: Actor,
    at: datetime,
) -> Campaign:
    checking.terms(terms)
    merchants, outlets = chosen(terms, None, by)
    campaign = Campaign.objects.create(
        pk=campaign_id,
        name=checking.name(name),
        unit_id=unit_id,
        fund_id=fund_for(fund_id, unit_id, by),
        origin_id=origin_id,
        planner_id=None if origin_id else user_id(by),
        stage=CampaignStage.DRAFT,
        stage_entered_at=at,
        created_at=at,
        updated_at=at,
        **{column: getattr(terms, column) for column in _COLUMNS},
    )
    campaign.merchants.set(merchants)
    campaign.outlets.set(outlets)
    version_writing.share_out(campaign, terms.shares, at=at)
    CampaignStep.objects.create(
        campaign=campaign, to_stage=CampaignStage.DRAFT, actor_id=user_id(by), at=at
    )
    with timeline.written_together():
        for merchant in merchants:
            timeline.record(
                told,
                merchant_id=merchant.pk,
                subject_id=campaign.pk,
                by=by,
                at=at,
                name=campaign.name,
            )
    return campaign


@lifecycle.asks(CampaignStage.SUBMITTED)
def missing_to_submit(campaign: Campaign, at: datetime) -> list[Problem]:
    """What a campaign still lacks before it can be submitted."""
    found = []
    if not campaign.mechanic:
        found.append(Problem("offer_missing", _("Say what the customer gets."), "mechanic"))
    pays = any(share.party == Party.BANK for share in campaign.shares.all())
    if pays and campaign.fund_id is None:
        found.append(
            Problem(
                "campaign_without_fund", _("Choose the fund that pays the bank's part."), "fund"
            )
        )
    if pays and campaign.fund is not None and campaign.fund.closed_at is not None:
        found.append(Problem("fund_closed", _("This fund is closed."), "fund"))
    if campaign.ends_on < timezone.localdate(at):
        found.append(Problem("campaign_over", _("The days of this campaign are over."), "ends_on"))
    return found
