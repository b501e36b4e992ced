"""Mails that came back: recorded once, their delivery given up, their reader told in the inbox.

An address from which mails come back for good, or again and again for now, is suppressed.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import return_path
from crm.command import command
from crm.domain import bounce_reports, mail_parameters, reminders, suppression
from crm.domain.bounce_reports import Report
from crm.models import Bounce, BounceKind, Channel, Delivery, DeliveryState, User
from crm.models.delivery import WAITING

log = structlog.get_logger()

MAIL_RETURNED = reminders.kind(
    "mail_returned",
    label=_("A mail to you came back"),
    subject=_("A mail to %(address)s came back"),
    text=_("“%(subject)s” did not reach you by mail. The mail server says: %(reason)s"),
    channels=(Channel.INBOX,),
    group=_("Mail"),
    offered=(Channel.INBOX,),
)
ADDRESS_SUPPRESSED = reminders.kind(
    "address_suppressed",
    label=_("No more mail goes to your address"),
    subject=_("No more mail goes to %(address)s"),
    text=_(
        "Mails to this address came back, so none is sent to it any more. You still find "
        "everything in the inbox. Ask an administrator to correct the address, or to let mail go "
        "to it again."
    ),
    channels=(Channel.INBOX,),
    group=_("Mail"),
    offered=(Channel.INBOX,),
)
GIVEN_UP = Q(state=DeliveryState.SENT) | Q(state__in=WAITING, revision=1)
"""A delivery that a worker holds right now, or that somebody had sent again on purpose, has a later
try under way: the report is not of that."""


class Outcome(StrEnum):
    """What became of a report."""

    RECORDED = "recorded"
    SUPPRESSED = "suppressed"
    KNOWN = "known"
    """The same was reported before."""
    NO_FAILURE = "no_failure"
    """A delay, or an answer from a holiday."""
    NOT_OURS = "not_ours"
    """No mail of ours, or a return address that somebody made up."""


def receive(content: bytes, *, at: datetime, sent_to: str = "") -> Outcome:
    """Take in what came to a return address: one whole message.

    `sent_to` is the envelope's recipient, where the mail server tells it.
    """
    report = bounce_reports.read(content)
    named = return_path.found_in(sent_to) or return_path.found_in(report.sent_back_to)
    outcome = record(*named, report, at=at) if named else Outcome.NOT_OURS
    log.info("mail_returned", outcome=str(outcome), delivery=str(named[0]) if named else None)
    return outcome


@command
def record(delivery_id: UUID, seal: str, report: Report, *, at: datetime) -> Outcome:
    """Record that a mail came back, and draw the consequences; the same report twice does so once.

    The reader's row is locked, so that of two reports at the same time one counts the other.
    """
    reader = User.objects.for_change().filter(deliveries=delivery_id).first()
    delivery = Delivery.objects.for_change().filter(pk=delivery_id, channel=Channel.MAIL).first()
    if reader is None or delivery is None:
        return Outcome.NOT_OURS
    address = return_path.addressee(delivery_id, seal, [reader.email, *report.named])
    if address is None:
        return Outcome.NOT_OURS
    if report.kind is None:
        return Outcome.NO_FAILURE
    known = Bounce.objects.of(address).filter(delivery=delivery, kind=report.kind)
    if known.exists():
        return Outcome.KNOWN
    Bounce.objects.create(
        delivery=delivery,
        address=address,
        kind=report.kind,
        at=at,
        text=report.text.replace("\0", "")[:500],
    )
    _give_up(delivery, report, at)
    if address.lower() != reader.email.lower():
        # The mail was on its way to an address that its reader has left since.
        return Outcome.RECORDED
    _tell(
        MAIL_RETURNED, reader, f"bounce:{delivery.pk}:{report.kind}", address, delivery, report, at
    )
    if not _is_too_much(address, report.kind, at):
        return Outcome.RECORDED
    row = suppression.suppress(address, because=report.text or str(report.kind), at=at)
    if row is None:
        return Outcome.RECORDED
    _tell(ADDRESS_SUPPRESSED, reader, f"suppressed:{row.pk}", address, delivery, report, at)
    return Outcome.SUPPRESSED


def _is_too_much(address: str, kind: str, at: datetime) -> bool:
    """Whether the address is to be suppressed: counted within the days, and since it was last
    lifted."""
    since = at - timedelta(days=mail_parameters.BOUNCE_DAYS.value)
    lifted = suppression.last_lifted(address)
    counted = Bounce.objects.of(address).filter(kind=kind, at__gt=max(since, lifted or since))
    most = mail_parameters.HARD_BOUNCES if kind == BounceKind.HARD else mail_parameters.SOFT_BOUNCES
    return counted.count() >= most.value


def _give_up(delivery: Delivery, report: Report, at: datetime) -> None:
    """A mail that came back was not said: it stands among the dead letters, with what was said."""
    Delivery.objects.filter(GIVEN_UP, pk=delivery.pk).update(
        state=DeliveryState.DEAD,
        failure=f"bounced: {report.text}".replace("\0", "")[:500],
        updated_at=at,
        version=F("version") + 1,
    )


def _tell(
    kind: reminders.Kind,
    reader: User,
    key: str,
    address: str,
    delivery: Delivery,
    report: Report,
    at: datetime,
) -> None:
    reminders.plan(
        key,
        recipient=reader,
        kind=kind,
        facts={"address": address, "subject": delivery.subject, "reason": report.text or "—"},
        link=delivery.link,
        due_at=at,
        at=at,
    )
