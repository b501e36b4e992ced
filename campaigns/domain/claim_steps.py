"""What every step of a claim does: the road is checked, the step is written and told."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.domain import claim_reminders
from campaigns.domain.outcome_parameters import PROOF_MONTHS
from campaigns.models import Campaign, Claim, ClaimState, ClaimStep
from campaigns.models.claim import ROADS
from crm.actors import Actor, user_id
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.locking import take
from crm.presentation import yuan
from merchants.domain import timeline

LONGEST = 2000


def taken(claim_id: UUID, *, by: Actor, version: int | None = None) -> Claim:
    """The claim, locked after its campaign. Raises NotFound, Stale."""
    known = Claim.objects.seen_by(by).filter(pk=claim_id).values_list("campaign_id", flat=True)
    campaign_id = known.first()
    if campaign_id is None:
        raise NotFound(_("There is no such row."))
    campaign = take(Campaign.objects.all(), campaign_id)
    claim = take(Claim.objects.select_related("merchant"), claim_id, version=version)
    claim.campaign = campaign
    return claim


def step(
    claim: Claim,
    to: ClaimState,
    kind: timeline.Kind,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    amount: int | None = None,
    extended_from: date | None = None,
    extended_to: date | None = None,
    **changes: Any,
) -> Claim:
    """Take a step, or write one down that stays where it is. `extended_to` is a change as well.

    Raises RuleBroken with code `claim_state` if no road leads there.
    """
    before = ClaimState(claim.state)
    stays = to == before and claim.is_writable
    if not stays and to not in ROADS[before]:
        raise RuleBroken(
            _("A claim that is “%(from)s” cannot become “%(to)s”.")
            % {"from": before.label, "to": to.label},
            code="claim_state",
            reachable=[str(one) for one in ROADS[before]],
        )
    if "last_day" in changes:
        changes["extended_to"] = extended_to
    claim.change(at=at, state=to, keep_until=_kept_until(at), **changes)
    ClaimStep.objects.create(
        claim=claim,
        from_state=before,
        to_state=to,
        amount_fen=amount,
        because=because,
        extended_from=extended_from,
        extended_to=extended_to if extended_from else None,
        by_id=user_id(by),
        at=at,
    )
    claim_reminders.follow(claim, at=at)
    facts: dict[str, str] = {"because": because[:500]} if because else {}
    if amount is not None:
        facts["amount"] = yuan(amount)
    if extended_to is not None:
        facts["day"] = extended_to.isoformat()
    timeline.record(
        kind,
        merchant_id=claim.merchant_id,
        subject_id=claim.pk,
        by=by,
        at=at,
        name=claim.campaign.name,
        **facts,
    )
    return claim


def said(text: str, *, attr: str = "because", code: str = "reason_required") -> str:
    """Words that must be there. Raises InvalidInput."""
    words = text.strip()
    if not words or "\0" in words:
        raise InvalidInput(_("Say why."), code=code, attr=attr)
    return words[:LONGEST]


def _kept_until(at: datetime) -> date:
    """Proof is kept at least for so many months after the last thing that happened to the claim:
    until the end of that month."""
    day = timezone.localdate(at)
    following = day.year * 12 + day.month + PROOF_MONTHS.value
    return date(following // 12, following % 12 + 1, 1) - timedelta(days=1)
