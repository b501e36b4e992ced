"""What the verbs of the needs interview share: taking a pain to change it, and telling of it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import RuleBroken, TryAgain
from crm.locking import take as take_row
from crm.policies import require
from leads import policies
from leads.domain import ownership
from leads.models import Lead, Pain
from merchants.domain import texts, timeline

LONGEST_REASON = 500
QUOTED = 200
"""How much of what was said the timeline quotes."""


def take(
    pain_id: UUID,
    by: Actor,
    *,
    version: int | None = None,
    also: UUID | None = None,
    closed_too: bool = False,
) -> Pain:
    """Lock a pain and its lead, the lead first, if the actor may hold this interview."""
    pain = _locked(pain_id, by, version=version, also=also)
    require(policies.may_interview(by, pain), _("You do not work with this merchant."))
    if not pain.is_open and not closed_too:
        raise RuleBroken(_("This pain is off the table."), code="pain_closed")
    return pain


def reason(because: str) -> str:
    return texts.line(because, attr="because", longest=LONGEST_REASON)


def keep_fresh(lead: Lead | None, at: datetime) -> None:
    """An interview is work on the lead."""
    if lead and at > lead.last_activity_at:
        lead.change(at=at, last_activity_at=at)
        ownership.worked_on(lead, at=at)


def tell(kind: timeline.Kind, pain: Pain, *, by: Actor, at: datetime, **facts: str | int) -> None:
    timeline.record(
        kind,
        merchant_id=pain.merchant_id,
        subject_id=pain.pk,
        by=by,
        at=at,
        title=pain.title,
        **facts,
    )


def _locked(
    pain_id: UUID, by: Actor, *, version: int | None = None, also: UUID | None = None
) -> Pain:
    """Lock a pain that the actor may know of, its lead before it: the order everybody keeps.

    `also` is a lead that the pain is about to belong to.
    """
    rows = Pain.objects.seen_by(by)
    lead_id = rows.filter(pk=pain_id).values_list("lead_id", flat=True).first()
    wanted = [one for one in (lead_id, also) if one]
    leads = {lead.pk: lead for lead in Lead.objects.filter(pk__in=wanted).for_change()}
    pain = take_row(
        rows.select_related("merchant").defer("merchant__search_grams", "merchant__search_text"),
        pain_id,
        version=version,
    )
    if pain.lead_id != lead_id:
        raise TryAgain(_("Somebody else is changing this right now. Please try again."))
    if lead_id:
        pain.lead = leads[lead_id]
    return pain


def locked_lead(lead_id: UUID, by: Actor, *, version: int | None = None) -> Lead:
    """Lock a lead that the actor may know of, with its merchant beside it."""
    return take_row(
        Lead.objects.seen_by(by)
        .select_related("merchant")
        .defer("merchant__search_grams", "merchant__search_text"),
        lead_id,
        version=version,
    )
