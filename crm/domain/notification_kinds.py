"""Kinds of messages to colleagues: what they are called, what they say, where they are said."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence
from crm.models import PUSHED, Channel

OTHER_GROUP = _("Lists and long work")
"""The heading over kinds whose room names none."""
OWN_GROUPS = (
    _("My team"),
    _("Reports"),
    _("Quiet hours"),
    _("Mail"),
    _("Chats and webhooks"),
    OTHER_GROUP,
)
"""Headings over the kernel's own kinds, in this order: what the business brings comes first."""


@dataclass(frozen=True)
class Kind:
    """A kind of reminder: its name, and sentences with %(fact)s places to be filled in."""

    name: str
    label: Sentence
    subject: Sentence
    text: Sentence
    is_urgent: bool = False
    """Passes quiet hours and days off: it cannot wait until the morning."""
    escalates: bool = False
    """If it is not taken back, whoever leads the recipient is told some working days later."""
    channels: tuple[Channel, ...] = (Channel.INBOX, *PUSHED)
    """Through which it is said unless role or person chose otherwise; the inbox always."""
    group: Sentence = OTHER_GROUP
    """The heading under which people find it among their notifications."""
    offered: tuple[Channel, ...] = (Channel.INBOX, *PUSHED)
    """Through which it can be said at all."""


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    label: Sentence,
    subject: Sentence,
    text: Sentence,
    is_urgent: bool = False,
    escalates: bool = False,
    channels: tuple[Channel, ...] = Kind.channels,
    group: Sentence = OTHER_GROUP,
    offered: tuple[Channel, ...] = Kind.offered,
) -> Kind:
    """Declare a kind of reminder. Sentences are lazily translated; facts are named places."""
    KINDS[name] = Kind(name, label, subject, text, is_urgent, escalates, channels, group, offered)
    return KINDS[name]


WEEKLY_REPORT = kind(
    "weekly_report",
    label=_("Weekly report"),
    subject=_("Weekly report"),
    text=_("Weekly report"),
    channels=(Channel.MAIL,),
    group=_("Reports"),
    offered=(Channel.MAIL,),
)
"""Not a reminder, but said to people all the same: by mail, or not at all."""
