"""What quiet hours, days off or an outage held back: said in the morning, as one message for each
person and channel."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Min
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import digest_mail, queue
from crm.command import command
from crm.domain import preferences, reminders
from crm.domain.notification_kinds import kind
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

    A single one goes as the message that it is. Somebody who left gets nothing, and whoever does
    not want the digest has it all in the inbox. The number of statements does not grow with the
    rows.
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
    for notice in sorted(notices, key=lambda one: (one.reminder.due_at, one.pk)):
        groups[notice.recipient_id, notice.channel].append(notice)
    unwanted = _unwanted(groups)
    _say([group for key, group in groups.items() if key not in unwanted], at=at)
    if unwanted:
        gone = [one.pk for key in unwanted for one in groups[key]]
        HeldNotice.objects.filter(pk__in=gone).delete()
        log.info("held_notices_only_in_inbox", count=len(gone))
    queue.after_commit(reminders.DELIVER_DUE)
    return len(notices)


def _unwanted(groups: dict[tuple[UUID, str], list[HeldNotice]]) -> set[tuple[UUID, str]]:
    people = {group[0].recipient_id: group[0].recipient for group in groups.values()}
    wanted = preferences.channels_for(DIGEST, people.values())
    return {
        (person, channel)
        for (person, channel), group in groups.items()
        if not people[person].is_active
        or (len(group) > 1 and Channel(channel) not in wanted[person])
    }


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
        for notice in group:
            notice.delivery_id = delivery_id
            notice.updated_at, notice.version = at, notice.version + 1
            settled.append(notice)
    Delivery.objects.bulk_create(deliveries)
    HeldNotice.objects.bulk_update(settled, ["delivery", "updated_at", "version"])


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
