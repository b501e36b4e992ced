"""What follow-ups leave behind: reminders, lines of the timeline, the lead's next date."""

from datetime import datetime

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.domain import reminders
from leads.models import FollowUp, Lead
from merchants.domain import timeline

DUE = reminders.kind(
    "follow_up_due",
    group=_("Follow-ups"),
    label=_("Follow-up due"),
    subject=_("Follow up: %(title)s (%(merchant)s)"),
    text=_("You promised to follow up with %(merchant)s by %(due_at)s: %(title)s."),
)
HANDED_TO_YOU = reminders.kind(
    "follow_up_handed",
    group=_("Follow-ups"),
    label=_("Follow-up handed to you"),
    subject=_("Handed to you: %(title)s (%(merchant)s)"),
    text=_("%(from)s handed you a follow-up with %(merchant)s, due %(due_at)s: %(title)s."),
)
PROMISED = timeline.kind(
    "follow_up.promised", _("Follow-up promised"), _("Follow-up promised: %(title)s")
)
DONE = timeline.kind(
    "follow_up.done", _("Follow-up done"), _("Follow-up done: %(title)s. %(outcome)s")
)
PUT_OFF = timeline.kind(
    "follow_up.put_off", _("Follow-up put off"), _("Follow-up put off: %(title)s")
)
DROPPED = timeline.kind(
    "follow_up.dropped",
    _("Follow-up dropped"),
    _("Follow-up dropped: %(title)s. %(outcome)s"),
)
HANDED = timeline.kind(
    "follow_up.handed", _("Follow-up handed over"), _("Follow-up handed to %(owner)s: %(title)s")
)


def remind(follow_up: FollowUp, *, at: datetime) -> None:
    """Plan the reminder of the due time, or let a planned one follow the row."""
    reminders.plan(
        follow_up.reminder_key,
        recipient=follow_up.owner,
        kind=DUE,
        facts={
            "title": follow_up.title,
            "merchant": follow_up.merchant.name,
            "due_at": follow_up.due_at.isoformat(),
        },
        link=_link(follow_up),
        due_at=follow_up.due_at,
        at=at,
    )


def tell_new_owner(follow_up: FollowUp, *, by: Actor, at: datetime) -> None:
    """Once for each hand-over, at once: the due time may have passed already."""
    reminders.plan(
        f"follow-up:{follow_up.pk}:handed:{follow_up.version}",
        recipient=follow_up.owner,
        kind=HANDED_TO_YOU,
        facts={
            "title": follow_up.title,
            "merchant": follow_up.merchant.name,
            "due_at": follow_up.due_at.isoformat(),
            "from": by.full_name,
        },
        link=_link(follow_up),
        due_at=at,
        at=at,
    )


def _link(follow_up: FollowUp) -> str:
    return f"/admin/leads/followup/{follow_up.pk}/change/"


def write(kind: timeline.Kind, follow_up: FollowUp, *, by: Actor, at: datetime) -> None:
    """A line of the merchant's timeline."""
    timeline.record(
        kind,
        merchant_id=follow_up.merchant_id,
        subject_id=follow_up.pk,
        by=by,
        at=at,
        title=follow_up.title,
        outcome=follow_up.outcome,
        owner=follow_up.owner.full_name,
    )


def keep_next(lead: Lead | None, *, at: datetime) -> None:
    """The lead's own next date, so that lists can sort and filter by it."""
    if lead is None:
        return
    following = FollowUp.objects.open().filter(lead=lead).aggregate(next=Min("due_at"))["next"]
    if lead.next_follow_up_at != following:
        lead.change(at=at, next_follow_up_at=following)
