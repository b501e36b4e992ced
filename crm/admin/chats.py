"""“My chats”: where one's own messages go besides the inbox and the mailbox."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import ChoiceField, MakingForm, TextField, VerbForm, show
from crm.admin.own_pages import own_page
from crm.admin.site import has_a_role, page, viewer
from crm.channels.apprise_door import CHATS as OTHER_CHATS
from crm.channels.chat_places import LONGEST_ADDRESS, LONGEST_SECRET, SHAPES
from crm.channels.chat_words import KEYWORD
from crm.domain import chat_addresses
from crm.errors import DomainError
from crm.models import CHATS, Channel, ChatAddress, User

own_page(_("My chats"), "my-chats")

DID: dict[str, tuple[Callable[..., Any], Any]] = {
    "test": (
        chat_addresses.send_test,
        _("A test message is on its way. Look into the chat, and here again in a minute."),
    ),
    "stop": (chat_addresses.stop, _("Nothing is written there any more.")),
    "start": (chat_addresses.start, _("Messages go there again.")),
    "remove": (chat_addresses.remove, _("The chat is forgotten.")),
}
"""What the buttons do, and what is said when it is done."""


class RobotForm(VerbForm):
    """Where the robot is. What is typed in is never shown again."""

    address = TextField(
        label=_("Address of the robot"),
        max_length=LONGEST_ADDRESS,
        help_text=_("The whole address as the chat shows it. It is sealed and not shown again."),
    )
    secret = TextField(
        label=_("Signing secret"),
        max_length=LONGEST_SECRET,
        required=False,
        help_text=_("Only if the robot of DingTalk or Feishu was set to check signatures."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("address", "secret"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class NewChatForm(MakingForm, RobotForm):
    channel = ChoiceField(label=_("Chat"))
    field_order = ("channel", "address", "secret")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(ChatAddress.objects.visible_to(user).values_list("channel", flat=True))
        self.fields["channel"].choices = [  # type: ignore[attr-defined]
            (one.value, one.label) for one in CHATS if one.value not in taken
        ]


def show_page(request: HttpRequest) -> HttpResponse:
    """One's chats, each with its last message, and the form for another one."""
    me = _me(request)
    form = NewChatForm(request.POST or None, user=me)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            chat_addresses.set_up(
                given["row_id"],
                channel=Channel(given["channel"]),
                address=given["address"],
                secret=given["secret"],
                by=me,
                at=timezone.now(),
            )
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, str(_("The chat is set up. Send a test message to try it.")))
            return redirect("my-chats")
    return page(
        request,
        "crm/my_chats.html",
        title=_("My chats"),
        rows=chat_addresses.with_last_messages(me),
        form=form,
        media=form.media,
        has_room=bool(form.fields["channel"].choices),  # type: ignore[attr-defined]
        examples=[
            *((Channel(channel).label, shape.example) for channel, shape in SHAPES.items()),
            (Channel.OTHER_CHAT.label, ", ".join(OTHER_CHATS.values())),
        ],
        keyword=KEYWORD,
    )


def change_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another robot for a chat."""
    me = _me(request)
    row = ChatAddress.objects.visible_to(me).filter(pk=pk).first()
    if row is None:
        raise Http404
    form = RobotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            chat_addresses.change(pk, **form.cleaned_data, by=me, at=timezone.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, str(_("The chat is set up. Send a test message to try it.")))
            return redirect("my-chats")
    return page(
        request,
        "crm/form_page.html",
        title=_("Another robot for %(chat)s") % {"chat": row.get_channel_display()},
        form=form,
        media=form.media,
        submit=_("Save"),
        back="/admin/my-chats/",
    )


def act(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """A button of a chat."""
    me = _me(request)
    if request.method != "POST" or what not in DID:
        raise Http404
    verb, said = DID[what]
    at: datetime = timezone.now()
    try:
        verb(pk, by=me, at=at)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(said))
    return redirect("my-chats")


def _me(request: HttpRequest) -> User:
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    return me
