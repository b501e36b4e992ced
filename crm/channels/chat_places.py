"""Which addresses a chat's robot may have: what a person types in is checked before it is kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.channels import apprise_door, http
from crm.channels.base import Refused
from crm.errors import InvalidInput
from crm.models import Channel

LONGEST_ADDRESS = 1000
LONGEST_SECRET = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{6,200}")


@dataclass(frozen=True)
class Shape:
    """How the address of a chat's robot looks, and whether it signs what it is told."""

    hosts: Callable[[], list[str]]
    example: str
    is_robot: Callable[[str, dict[str, list[str]]], bool]
    """Asked with the path and the query."""
    signs: bool


def _one(query: dict[str, list[str]], name: str) -> bool:
    values = query.get(name, [])
    return len(values) == 1 and bool(_TOKEN.fullmatch(values[0]))


SHAPES = {
    Channel.WECOM: Shape(
        lambda: settings.WECOM_HOSTS,
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        lambda path, query: path == "/cgi-bin/webhook/send" and _one(query, "key"),
        signs=False,
    ),
    Channel.DINGTALK: Shape(
        lambda: settings.DINGTALK_HOSTS,
        "https://oapi.dingtalk.com/robot/send?access_token=…",
        lambda path, query: path == "/robot/send" and _one(query, "access_token"),
        signs=True,
    ),
    Channel.FEISHU: Shape(
        lambda: settings.FEISHU_HOSTS,
        "https://open.feishu.cn/open-apis/bot/v2/hook/…",
        lambda path, query: bool(
            re.fullmatch(rf"/open-apis/bot/v2/hook/{_TOKEN.pattern}", path) and not query
        ),
        signs=True,
    ),
}


def host_of(channel: Channel, address: str, secret: str) -> str:
    """The host that an address leads to, if it is the address of such a chat's robot.

    Raises InvalidInput naming the field.
    """
    if len(address) > LONGEST_ADDRESS:
        raise _unsound(channel)
    if len(secret) > LONGEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise InvalidInput(
            _("This is no signing secret of a robot."), code="chat_secret_unsound", attr="secret"
        )
    if channel == Channel.OTHER_CHAT:
        host = _host_of_other(address)
        signs = False
    else:
        host, signs = _host_of_robot(channel, address), SHAPES[channel].signs
    if secret and not signs:
        raise InvalidInput(
            _("This chat signs nothing: leave the signing secret empty."),
            code="chat_secret_unused",
            attr="secret",
        )
    return host


def _host_of_robot(channel: Channel, address: str) -> str:
    shape = SHAPES[channel]
    try:
        place = http.place(address)
    except Refused as refusal:
        raise _unsound(channel) from refusal
    if place.host not in shape.hosts():
        raise InvalidInput(
            _("Robots of this chat are at %(hosts)s, not at %(host)s.")
            % {"hosts": ", ".join(shape.hosts()), "host": place.host},
            code="chat_host_unknown",
            attr="address",
        )
    parts = urlsplit(address)
    if not shape.is_robot(parts.path, parse_qs(parts.query, keep_blank_values=True)):
        raise _unsound(channel)
    return place.host


def _host_of_other(address: str) -> str:
    scheme = address.partition("://")[0].lower()
    if scheme not in apprise_door.CHATS:
        raise InvalidInput(
            _("Of other chats, these can be used: %(chats)s.")
            % {"chats": ", ".join(apprise_door.CHATS)},
            code="chat_unknown",
            attr="address",
        )
    try:
        parts = urlsplit(address)
        options = set(parse_qs(parts.query, keep_blank_values=True))
        host = parts.hostname or ""
    except ValueError:
        raise _unsound(Channel.OTHER_CHAT) from None
    sound = address.isascii() and address.isprintable() and " " not in address
    if not sound or not options <= apprise_door.OPTIONS or apprise_door.opened(address) is None:
        raise _unsound(Channel.OTHER_CHAT)
    # Where the first part is a key and no host, it is not shown.
    return host if "." in host else scheme


def _unsound(channel: Channel) -> InvalidInput:
    examples = ", ".join(apprise_door.CHATS.values())
    example = SHAPES[channel].example if channel in SHAPES else examples
    return InvalidInput(
        _("This is not the address of a robot: it looks like %(example)s.") % {"example": example},
        code="chat_address_unsound",
        attr="address",
    )
