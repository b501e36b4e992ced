"""What quiet hours, days off or an outage held back: said in the morning, as one message for each
person and channel."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Min
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import digest_mail, many_rows, queue
from crm.command import command
from crm.domain import calendar, preferences, reminders
from crm.domain import notification_parameters as numbers
from crm.domain.notification_kinds import kind
from crm.domain.quiet_hours import held_until
from crm.domain.wall_clock import zone_of
from crm.models import PUSHED, Channel, Delivery, HeldBecause, HeldNotice, User

log = structlog.get_logger()

PEOPLE = 200
"""For so many people digests are written at a time."""
LONGEST_LIST = 50
"""A digest names so many; the others stand in the inbox."""
INBOX_LINK = "/admin/crm/notification/"

DIGEST = kind(
    "digest",
    label=gettext_lazy("What came in quiet hours, as one message"),
    subject=gettext_lazy("Good morning: %(count)s reminders"),
    text=gettext_lazy("This came in quiet hours or on a day off:"),
    channels=PUSHED,
    offered=PUSHED,
    group=gettext_lazy("Quiet hours"),
)


@command
def say_due(*, at: datetime, limit: int = PEOPLE) -> int:
    """Put what is due into the outbox, one message per person and channel; returns how many
    notices were dealt with.

    A single one goes as the message that it is. Somebody who left gets nothing, and what a person
    does not want through this channel any more stands in the inbox. Whoever must not be disturbed
    now (another zone, a new holiday, a round that comes late in the day) hears of it the next
    working morning. The number of statements does not grow with the rows, and one person's message
    that cannot be written holds up nobody else's.
    """
    waiting = HeldNotice.objects.due(at)
    people = (
        waiting.order_by()
        .values("recipient")
        .annotate(first=Min("deliver_at"))
        .order_by("first", "recipient")
        .values_list("recipient", flat=True)[:limit]
    )
    # Two sessions take turns here: whoever comes second finds them said.
    notices = list(
        waiting.filter(recipient__in=list(people))
        .select_related("recipient", "reminder")
        .for_change()
    )
    if not notices:
        return 0
    groups: dict[tuple[UUID, str], list[HeldNotice]] = defaultdict(list)
    awake = _put_off(notices, at=at)
    for notice in sorted(_wanted(awake), key=lambda one: (one.reminder.due_at, one.pk)):
        groups[notice.recipient_id, notice.channel].append(notice)
    if groups:
        _say_each(list(groups.values()), at=at)
    queue.after_commit(reminders.DELIVER_DUE)
    return len(notices)


def _put_off(notices: Sequence[HeldNotice], *, at: datetime) -> list[HeldNotice]:
    """Let those whose readers must not be disturbed now wait once more; returns the others."""
    days, hours = calendar.load(), numbers.quiet_hours()
    readers = {one.recipient_id: one.recipient for one in notices}
    mornings = {
        pk: held_until(at, zone=zone_of(reader.time_zone), calendar=days, hours=hours)
        for pk, reader in readers.items()
    }
    later: dict[datetime, list[UUID]] = defaultdict(list)
    for one in notices:
        if morning := mornings[one.recipient_id]:
            later[morning].append(one.pk)
    for morning, ids in later.items():  # One for each zone, at most.
        HeldNotice.objects.filter(pk__in=ids).update(
            deliver_at=morning, updated_at=at, version=F("version") + 1
        )
    return [one for one in notices if mornings[one.recipient_id] is None]


def _wanted(notices: Sequence[HeldNotice]) -> list[HeldNotice]:
    """Those that their readers still want here; the others are let go of: the inbox has them."""
    if not notices:
        return []
    kinds = {one.pk: reminders.kind_of(one.reminder.kind) for one in notices}
    channels = preferences.channels_for_many(
        [(kind, one.recipient) for one in notices for kind in (kinds[one.pk], DIGEST)]
    )
    asked = [
        one
        for one in notices
        if one.recipient.is_active and one.channel in channels[kinds[one.pk].name, one.recipient_id]
    ]
    several = Counter((one.recipient_id, one.channel) for one in asked)
    wanted = [
        one
        for one in asked
        if several[one.recipient_id, one.channel] == 1
        or one.channel in channels[DIGEST.name, one.recipient_id]
    ]
    gone = {one.pk for one in notices} - {one.pk for one in wanted}
    if gone:
        HeldNotice.objects.filter(pk__in=gone).delete()
        log.info("held_notices_only_in_inbox", count=len(gone))
    return wanted


def _say_each(groups: Sequence[list[HeldNotice]], *, at: datetime) -> None:
    """All of them together; where that fails, each by itself, and what fails then an hour later."""
    try:
        with transaction.atomic():
            _say(groups, at=at)
    except (OperationalError, InterfaceError):
        raise  # The database, and none of the messages.
    except Exception as failure:
        log.error("held_notices_not_said_together", count=len(groups), **many_rows.why(failure))
        for group in groups:
            _say_alone(group, at=at)


def _say_alone(group: list[HeldNotice], *, at: datetime) -> None:
    try:
        with transaction.atomic():
            _say([group], at=at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as failure:
        reader = str(group[0].recipient_id)
        log.error("held_notices_not_said", recipient=reader, **many_rows.why(failure))
        HeldNotice.objects.filter(pk__in=[one.pk for one in group]).update(
            deliver_at=at + reminders.REST, updated_at=at, version=F("version") + 1
        )


def _say(groups: Sequence[list[HeldNotice]], *, at: datetime) -> None:
    keys = [
        *(_digest_key(group) for group in groups),
        *(_plain_key(group[0]) for group in groups),
    ]
    said = dict(Delivery.objects.filter(key__in=keys).values_list("key", "pk"))
    deliveries, settled = [], []
    for group in groups:
        if len(group) == 1 and (known := said.get(_plain_key(group[0]))):
            delivery_id = known
        else:
            message = _plain(group[0], at) if len(group) == 1 else _digest(group, at)
            if message.key in said:
                # Another came for the same morning after the digest was written.
                message.key += f":{group[0].pk}"
            deliveries.append(message)
            delivery_id = message.pk
        settled += [(one.pk, delivery_id) for one in group]
    Delivery.objects.bulk_create(deliveries)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [at, *map(list, zip(*settled, strict=True))])


_SETTLED = """
UPDATE crm_heldnotice AS held SET delivery_id = said.delivery, updated_at = %s,
       version = held.version + 1
FROM unnest(%s::uuid[], %s::uuid[]) AS said(id, delivery) WHERE held.id = said.id
"""


def _digest_key(group: Sequence[HeldNotice]) -> str:
    first = group[0]
    morning = max(one.deliver_at for one in group)
    return f"digest:{first.recipient_id}:{first.channel}:{morning.isoformat()}"


def _plain_key(notice: HeldNotice) -> str:
    return reminders.delivery_key(notice.reminder, notice.recipient_id, notice.channel)


def _plain(notice: HeldNotice, at: datetime) -> Delivery:
    return _delivery(
        _plain_key(notice),
        notice,
        at,
        kind=notice.reminder.kind,
        subject=notice.subject,
        text=notice.text,
        link=notice.link,
    )


def _digest(group: Sequence[HeldNotice], at: datetime) -> Delivery:
    reader: User = group[0].recipient
    late = sum(one.because == HeldBecause.LATE for one in group)
    counted = {"count": len(group), "late": late}
    with translation.override(reader.language):
        if late == len(group):
            subject = _("While the system was down: %(count)s reminders") % counted
            words = _("The system was down when these were due:")
        else:
            subject = str(DIGEST.subject) % counted
            words = str(DIGEST.text)
            if late:
                words += " " + _("Some are late (%(late)s): the system was down.") % counted
        lines = [(one.subject, one.link) for one in group[:LONGEST_LIST]]
        left = len(group) - len(lines)
        rest = _("And %(count)s more, in your inbox.") % {"count": left} if left else ""
        content = digest_mail.Content(subject, words, lines, rest, INBOX_LINK)
        text, html = digest_mail.text(content), ""
        if group[0].channel == Channel.MAIL:
            html = digest_mail.html(content)
    return _delivery(
        _digest_key(group),
        group[0],
        at,
        kind=DIGEST.name,
        subject=subject,
        text=text,
        html=html,
        link=INBOX_LINK,
    )


def _delivery(key: str, notice: HeldNotice, at: datetime, **words: str) -> Delivery:
    return Delivery(
        key=key,
        channel=notice.channel,
        recipient=notice.recipient,
        next_try_at=at,
        created_at=at,
        updated_at=at,
        **words,
    )
