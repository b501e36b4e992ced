"""One's own chats: set up, tried out, changed, stopped, removed. Nobody else sees them.

The address of a robot lets anybody write into its chat, so it is sealed and never shown again.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import translation
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from crm import parameters, queue
from crm.channels import chat_places
from crm.command import command
from crm.domain import reminders
from crm.errors import RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.models import Channel, ChatAddress, Delivery, SealedField, User

MESSAGES_A_MINUTE = parameters.number(
    "crm.chats.messages_a_minute",
    _("Messages that one robot is given in a minute"),
    20,
    least=1,
    most=1000,
    group=_("Notifications"),
)
"""WeCom and DingTalk refuse more, and DingTalk then listens to nothing for ten minutes."""

TEST = "chat_test"
STOPPED = reminders.kind(
    "chat_stopped",
    label=_("A chat was stopped"),
    subject=_("%(chat)s takes no more messages of yours"),
    text=_("Its robot answered “%(failure)s”. Set it up anew under “My chats”."),
    channels=(Channel.INBOX,),
    group=_("Chats and webhooks"),
)
PAGE = "/admin/my-chats/"


@command
def set_up(
    address_id: UUID, *, channel: Channel, address: str, secret: str, by: User, at: datetime
) -> ChatAddress:
    """Let one's messages go to a chat, too. Raises InvalidInput for what is no robot's address."""
    return ChatAddress.objects.create(
        pk=address_id,
        user=by,
        channel=channel,
        host=chat_places.host_of(channel, address, secret),
        address=_address.sealed(address, address_id),
        secret=_secret.sealed(secret, address_id),
        created_at=at,
        updated_at=at,
    )


@command
def change(
    address_id: UUID,
    *,
    address: str,
    secret: str,
    version: int | None = None,
    by: User,
    at: datetime,
) -> ChatAddress:
    """Give the chat another robot, or the same one anew; it is written to again."""
    row = take(ChatAddress.objects.visible_to(by), address_id, version=version)
    return row.change(
        at=at,
        host=chat_places.host_of(Channel(row.channel), address, secret),
        address=_address.sealed(address, row.pk),
        secret=_secret.sealed(secret, row.pk),
        stopped_at=None,
        failure="",
    )


@command
def stop(address_id: UUID, *, by: User, at: datetime) -> ChatAddress:
    """Write nothing there until it is started again."""
    row = take(ChatAddress.objects.visible_to(by), address_id)
    return row if row.stopped_at else row.change(at=at, stopped_at=at)


@command
def start(address_id: UUID, *, by: User, at: datetime) -> ChatAddress:
    """Write there again, with the robot that it has."""
    row = take(ChatAddress.objects.visible_to(by), address_id)
    return row.change(at=at, stopped_at=None, failure="") if row.stopped_at else row


@command
def remove(address_id: UUID, *, by: User, at: datetime) -> None:
    """Forget the chat; what is under way to it is given up."""
    take(ChatAddress.objects.visible_to(by), address_id).delete()


@command
def send_test(address_id: UUID, *, by: User, at: datetime) -> Delivery:
    """Send a message to see whether it arrives. Raises RuleBroken while one is under way."""
    row = take(ChatAddress.objects.visible_to(by), address_id)
    if row.stopped_at:
        raise RuleBroken(_("This chat is stopped. Start it first."), code="chat_stopped")
    if Delivery.objects.unsettled().filter(recipient=by, channel=row.channel, kind=TEST).exists():
        raise RuleBroken(_("A test is under way already."), code="chat_test_under_way")
    with translation.override(by.language):
        subject = now_in_words("Test message")
        text = now_in_words("If you can read this, your reminders arrive here, too.")
    delivery = Delivery.objects.create(
        key=f"chat-test:{uuid7()}:{row.channel}",
        channel=row.channel,
        recipient=by,
        kind=TEST,
        subject=subject,
        text=text,
        link=PAGE,
        next_try_at=at,
        created_at=at,
        updated_at=at,
    )
    queue.after_commit(reminders.DELIVER_DUE)
    return delivery


def with_last_messages(user: User) -> list[ChatAddress]:
    """One's chats, each with what became of the last message to it (`last_message`)."""
    last = Delivery.objects.filter(recipient=user, channel=OuterRef("channel"))
    rows = list(ChatAddress.objects.visible_to(user).order_by("created_at"))
    pairs = (
        ChatAddress.objects.visible_to(user)
        .annotate(last_id=Subquery(last.order_by("-created_at", "-id").values("pk")[:1]))
        .values_list("pk", "last_id")
    )
    last_ids = {pk: last_id for pk, last_id in pairs if last_id}
    found = Delivery.objects.in_bulk(list(last_ids.values()))
    for row in rows:
        message = found.get(last_ids.get(row.pk))
        # What went before the robot was set up says nothing about it.
        row.last_message = message if message and message.created_at >= row.created_at else None
    return rows


# --- for the channels -----------------------------------------------------------------------------


def active(user_id: UUID, channel: str) -> ChatAddress | None:
    """Where messages of this chat go for a colleague, if anywhere."""
    return ChatAddress.objects.active().filter(user=user_id, channel=channel).first()


def opened(row: ChatAddress) -> tuple[str, str]:
    """The address and the signing secret, for whoever is about to write there."""
    return _address.opened(row.address, row.pk), _secret.opened(row.secret, row.pk)


@command
def stop_refused(address_id: UUID, *, version: int, failure: str, at: datetime) -> bool:
    """Stop writing to a robot that will not have it, and tell whose it is in the inbox.

    False if it was changed, stopped or removed since the message was handed over.
    """
    row = ChatAddress.objects.active().for_change().filter(pk=address_id, version=version).first()
    if row is None:
        return False
    row.change(at=at, stopped_at=at, failure=failure[:500])
    with translation.override(row.user.language):
        chat = str(Channel(row.channel).label)
    reminders.plan(
        f"chat-address:{row.pk}:{row.version}:stopped",
        recipient=row.user,
        kind=STOPPED,
        facts={"chat": chat, "failure": failure},
        link=PAGE,
        due_at=at,
        at=at,
    )
    return True


def _column(name: str) -> SealedField:
    column = ChatAddress._meta.get_field(name)
    assert isinstance(column, SealedField)
    return column


_address, _secret = _column("address"), _column("secret")
