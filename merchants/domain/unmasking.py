"""Reading a person's data in plain: for a reason, written down, and not without limit."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import parameters
from crm.actors import Actor
from crm.command import command
from crm.domain import access
from crm.errors import InvalidInput, NotAllowed, Problem, RuleBroken
from crm.locking import take
from crm.models import AccessKind, UnmaskReason, User
from crm.policies import require
from merchants import policies
from merchants.domain import taking, texts
from merchants.models import Contact, ContactState

A_DAY = parameters.number(
    "merchants.people.unmaskings_a_day",
    _("People whose data one colleague may read in plain in a day"),
    50,
    least=1,
    most=1000,
    group=_("Personal data"),
)
"""A day of the bank's zone."""

TO_REACH_THEM = (UnmaskReason.CALL, UnmaskReason.VISIT)


@dataclass(frozen=True)
class Unmasked:
    """A person's data in plain, to be shown once and kept nowhere."""

    contact: Contact
    full_name: str
    phone: str
    email: str
    left: int
    """How often the colleague may still do this today."""
    notices: tuple[Problem, ...]


@command
def unmask(contact_id: UUID, *, reason: str, words: str = "", by: Actor, at: datetime) -> Unmasked:
    """Show a person's data to a colleague and write it into the access log, or neither.

    Raises NotFound, NotAllowed (with code `claim_first` for a merchant that lies in the pool),
    InvalidInput if another reason is not put into words, RuleBroken
    with code `contact_restricted`, `contact_erased` or `unmask_cap_reached`.
    """
    if not isinstance(by, User):
        raise NotAllowed(_("Only a person may look at personal data."))
    # One colleague's requests one after the other: two at once cannot both be the last of the day.
    take(User.objects.all(), by.pk)
    contact, merchant = taking.contact_and_merchant(contact_id, by)
    require(policies.may_protect(by, merchant))
    if policies.knows_through_pool(by, merchant):
        raise NotAllowed(
            _("This merchant lies in the pool; claim its lead before you look at people's data."),
            code="claim_first",
        )
    taking.refuse_erased(contact)
    restricted = contact.state == ContactState.RESTRICTED
    if not policies.may_unmask(by, merchant, restricted=restricted):
        taking.refuse_restricted(contact)
    words = texts.line(words, attr="words", longest=180)
    if reason == UnmaskReason.OTHER and not words:
        raise InvalidInput(
            _("Put the reason into words."), code="reason_words_required", attr="words"
        )
    used = access.count_since(AccessKind.UNMASKED, by=by, since=_midnight(at))
    if used >= A_DAY.value:
        raise RuleBroken(
            _("You have looked at the data of %(count)s people today; that is the limit of a day.")
            % {"count": A_DAY.value},
            code="unmask_cap_reached",
            cap=A_DAY.value,
        )
    access.record(
        AccessKind.UNMASKED,
        "contact",
        contact.pk,
        by=by,
        at=at,
        reason=UnmaskReason(reason),
        **({"words": words} if words else {}),
    )
    return Unmasked(
        contact,
        contact.full_name,
        contact.open_phone(),
        contact.open_email(),
        A_DAY.value - used - 1,
        tuple(_cautions(contact, reason)),
    )


def _midnight(at: datetime) -> datetime:
    """When the day began in the zone of the bank."""
    zone = timezone.get_default_timezone()
    return datetime.combine(at.astimezone(zone).date(), time(), zone)


def _cautions(contact: Contact, reason: str) -> list[Problem]:
    """What to know before reaching for the phone."""
    if reason not in TO_REACH_THEM:
        return []
    found = []
    if contact.do_not_contact:
        found.append(
            Problem("do_not_contact", _("This person asked not to be contacted."), "reason")
        )
    if contact.notice_given_at is None:
        found.append(notice_missing())
    return found


def notice_missing() -> Problem:
    """What to say where somebody has not been told yet how their data are handled."""
    return Problem(
        "notice_not_given",
        _("Tell this person how we handle their data before anything else."),
        "notice_given_at",
    )
