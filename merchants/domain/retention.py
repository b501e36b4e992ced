"""How long people's data are kept, and what happens when that time is over (PIPL Art. 19, 47).

A prospect's contact is kept for a year after the last contact. Then it is erased, unless a law asks
that it be kept: then it is restricted until the law's time is over too.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import parameters
from crm.actors import SYSTEM, Actor
from crm.command import command
from crm.errors import RuleBroken
from crm.policies import require
from merchants import policies
from merchants.domain import personal, taking, timeline
from merchants.models import Consent, Contact, ContactState, RestrictionReason

KEPT_AFTER_LAST_CONTACT = parameters.number(
    "merchants.people.kept_days",
    _("Days for which a prospect's contact is kept after the last contact"),
    365,
    least=30,
    most=1095,
    group=_("Personal data"),
)
STATUTORY_YEARS = 10
"""Customer data outlive a signed agreement by ten years (Anti-Money-Laundering Law, Art. 34)."""
BATCH = 200

RESTRICTED = timeline.kind(
    "contact.restricted",
    _("Contact restricted"),
    _("A contact's data are only stored from now on: %(because)s."),
    because=RestrictionReason,
)
ERASED = timeline.kind("contact.erased", _("Contact erased"), _("A contact's data were erased."))

type Rule = Callable[[UUID], date | None]

_FLOORS: list[Rule] = []
_LAST_CONTACTS: list[Rule] = []


def floor(rule: Rule) -> Rule:
    """Let a room say until which day the law keeps what we know of a merchant's people.

    It is given the merchant's id. A merchant with a signed agreement: its end and ten years.
    """
    _FLOORS.append(rule)
    return rule


def last_contact(rule: Rule) -> Rule:
    """Let a room say on which day we last dealt with a merchant, given its id."""
    _LAST_CONTACTS.append(rule)
    return rule


def retention_floor(merchant_id: UUID) -> date | None:
    """The day until which the law keeps the data of a merchant's people, if it does."""
    return _latest(_FLOORS, merchant_id)


def _latest(rules: list[Rule], merchant_id: UUID) -> date | None:
    return max((day for rule in rules if (day := rule(merchant_id)) is not None), default=None)


@command
def restrict(contact_id: UUID, *, because: str, by: Actor, at: datetime) -> Contact:
    """Only store a person's data from now on. Restricting twice is restricting once.

    Raises NotFound, NotAllowed, RuleBroken with code `contact_erased`.
    """
    contact, merchant = taking.contact_and_merchant(contact_id, by)
    require(policies.may_protect(by, merchant))
    taking.refuse_erased(contact)
    if contact.state == ContactState.RESTRICTED:
        return contact
    return _restricted(contact, RestrictionReason(because), by=by, at=at)


@command
def erase(contact_id: UUID, *, by: Actor, at: datetime) -> Contact:
    """Wipe what we know of a person. The row and its history stay, without the person in them.

    Raises NotFound, NotAllowed, RuleBroken with code `retention_floor_runs` while a law asks that
    the data be kept. Erasing twice is erasing once.
    """
    contact, merchant = taking.contact_and_merchant(contact_id, by)
    require(policies.may_erase(by, merchant))
    if contact.state == ContactState.ERASED:
        return contact
    kept_until = retention_floor(merchant.pk)
    if kept_until is not None and kept_until >= timezone.localdate(at):
        raise RuleBroken(
            _("The law asks that these data be kept until %(day)s: restrict them instead.")
            % {"day": kept_until.isoformat()},
            code="retention_floor_runs",
            kept_until=kept_until.isoformat(),
        )
    return _erased(contact, by=by, at=at)


@command
def settle_overdue(*, at: datetime, limit: int = BATCH) -> int:
    """Erase, restrict, or keep on what has been held as long as was promised; returns how many.

    Sessions that run at the same time take different rows. Every row that was looked at is no
    longer overdue, so running again does nothing.
    """
    today = timezone.localdate(at)
    overdue = list(
        Contact.objects.beyond_retention(today)
        .order_by("retain_until", "id")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit]
    )
    for contact in overdue:
        _settle(contact, today, at)
    return len(overdue)


def _settle(contact: Contact, today: date, at: datetime) -> None:
    by_law = retention_floor(contact.merchant_id)
    kept = timedelta(days=KEPT_AFTER_LAST_CONTACT.value)
    met_on = _latest(_LAST_CONTACTS, contact.merchant_id)
    in_use = contact.state == ContactState.ACTIVE and met_on is not None
    if in_use and met_on is not None and met_on + kept >= today:
        contact.change(at=at, retain_until=met_on + kept)
    elif by_law is not None and by_law >= today:
        if contact.state == ContactState.ACTIVE:
            _restricted(contact, RestrictionReason.RETENTION, by=SYSTEM, at=at)
        contact.change(at=at, retain_until=by_law)
    else:
        _erased(contact, by=SYSTEM, at=at)


def _restricted(
    contact: Contact, because: RestrictionReason, *, by: Actor, at: datetime
) -> Contact:
    timeline.record(
        RESTRICTED,
        merchant_id=contact.merchant_id,
        subject_id=contact.pk,
        by=by,
        at=at,
        because=because,
    )
    return contact.change(at=at, state=ContactState.RESTRICTED, restricted_because=because)


def _erased(contact: Contact, *, by: Actor, at: datetime) -> Contact:
    for consent in Consent.objects.for_change().filter(contact=contact).exclude(words=""):
        consent.change(at=at, words="")
    timeline.record(ERASED, merchant_id=contact.merchant_id, subject_id=contact.pk, by=by, at=at)
    return contact.change(
        at=at, state=ContactState.ERASED, restricted_because="", **personal.nothing()
    )
