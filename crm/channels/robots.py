"""Robots in chats: what WeCom, DingTalk and Feishu have in common.

All three answer HTTP 200 also when they refuse, with a code in the body. What the code means
decides what follows: try again, give this message up, or write to this robot no more and tell its
owner.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from django.utils import timezone

from crm.channels import chat_words, http
from crm.channels.base import Refused, Retry
from crm.domain import chat_addresses
from crm.models import Channel, ChatAddress, Delivery

_AWAY = {"unresolved", "unreachable", "timed_out"}
_NOT_OURS = {401, 403, 404, 410}
"""HTTP answers that say: not at this address, or not for you."""
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class RobotRefused(Refused):
    """This robot will have none of our messages: its address is stopped."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code, text, final=True)


@dataclass(frozen=True)
class Call:
    """One request to a robot."""

    url: str
    body: bytes


class ChatChannel:
    """A chat of the recipient's: where it is, whether there is room, and what a refusal means."""

    is_local = False
    channel: Channel

    def __init__(self) -> None:
        self._away: dict[str, Refused] = {}

    def send(self, delivery: Delivery) -> None:
        """Write into the recipient's chat. Raises Refused.

        A host that does not answer is asked once per batch; the batch's other messages for it are
        refused at once instead of waiting one after the other.
        """
        row = chat_addresses.active(delivery.colleague.pk, self.channel)
        if row is None:
            raise Refused("no_chat", "Its owner has stopped or removed this chat.", final=True)
        if row.host in self._away:
            raise self._away[row.host]
        _wait_for_room(delivery)
        address, secret = chat_addresses.opened(row)
        try:
            self.say(chat_words.of(delivery), address, secret)
        except Refused as refusal:
            refusal.text = _without_secrets(refusal.text, address, secret)
            if refusal.code in _AWAY:
                self._away[row.host] = refusal
            elif isinstance(refusal, RobotRefused) or refusal.code == "address_inside":
                _stop(row, refusal)
            raise

    def say(self, message: chat_words.Message, address: str, secret: str) -> None:
        """Hand the message over. Raises Refused."""
        raise NotImplementedError


class RobotChannel(ChatChannel):
    """A chat whose robots are called by us."""

    code_field: str
    """Where an answer says what became of the message; nought is good."""
    text_field: str
    gone: frozenset[int]
    """Codes that mean: no such robot, or it does not take messages that look like ours."""
    busy: frozenset[int]
    """Codes that mean: too many messages."""
    unfit: frozenset[int]
    """Codes that mean: not this message."""

    def say(self, message: chat_words.Message, address: str, secret: str) -> None:
        call = self.call(message, address, secret, time.time())
        self.judge(http.post(call.url, call.body, _HEADERS))

    def call(self, message: chat_words.Message, address: str, secret: str, now: float) -> Call:
        """The request, signed for this moment (seconds since 1970)."""
        raise NotImplementedError

    def judge(self, answer: http.Answer) -> None:
        """Raise Refused unless the robot says that it took the message."""
        if answer.status in _NOT_OURS:
            raise RobotRefused(f"http_{answer.status}", answer.text[:200])
        if answer.status == 429:
            raise Refused("http_429", "Too many messages.", retry=Retry.SLOW)
        if not answer.is_good:
            final = 400 <= answer.status < 500 and answer.status != 408
            raise Refused(f"http_{answer.status}", answer.text[:200], final=final)
        code, text = self._said(answer)
        if code == 0:
            return
        name = f"{self.channel}_{code}"
        match self.meaning(code, text):
            case "gone":
                raise RobotRefused(name, text)
            case "busy":
                raise Refused(name, text, retry=Retry.SLOW)
            case "unfit":
                raise Refused(name, text, final=True)
        raise Refused(name, text, retry=Retry.QUICK if code == -1 else Retry.SLOW)

    def meaning(self, code: int, text: str) -> str:
        """`gone`, `busy`, `unfit`, or empty for a code that nobody knows."""
        known = {"gone": self.gone, "busy": self.busy, "unfit": self.unfit}
        return next((meaning for meaning, codes in known.items() if code in codes), "")

    def _said(self, answer: http.Answer) -> tuple[int, str]:
        try:
            body: Any = orjson.loads(answer.text)
        except orjson.JSONDecodeError:
            raise Refused("no_json", f"The robot answered: {answer.text[:200]!r}") from None
        code = body.get(self.code_field) if isinstance(body, dict) else None
        if not isinstance(code, int) or isinstance(code, bool):
            raise Refused("no_verdict", f"The robot answered: {answer.text[:200]!r}")
        return code, str(body.get(self.text_field, ""))[:300]


def _wait_for_room(delivery: Delivery) -> None:
    """Raise Refused with a wait while the robot was given as many in this minute as it takes."""
    now, minute = timezone.now(), timedelta(minutes=1)
    allowed = chat_addresses.MESSAGES_A_MINUTE.value
    recent = list(
        Delivery.objects.settled()
        .filter(recipient=delivery.recipient, channel=delivery.channel, sent_at__gt=now - minute)
        # Said by the index of what rests since: the minute, not all the years of a person.
        .filter(text_kept=True, updated_at__gt=now - minute)
        .order_by("-sent_at")
        .values_list("sent_at", flat=True)[:allowed]
    )
    if len(recent) == allowed and recent[-1] is not None:
        wait = max(recent[-1] + minute - now, timedelta(seconds=1))
        raise Refused("too_many", f"{allowed} messages in a minute are enough.", wait=wait)


def _stop(row: ChatAddress, refusal: Refused) -> None:
    chat_addresses.stop_refused(
        row.pk,
        version=row.version,
        failure=f"{refusal.code}: {refusal.text}".replace("\0", ""),
        at=timezone.now(),
    )


def _without_secrets(text: str, address: str, secret: str) -> str:
    """A robot may repeat what it was asked; what opens the chat is not kept in clear."""
    parts = urlsplit(address)
    secrets = [value for _name, value in parse_qsl(parts.query)]
    secrets += [*parts.path.split("/"), parts.username or "", parts.password or "", secret]
    for one in secrets:
        if len(one) >= 8:
            text = text.replace(one, chat_words.CUT)
    return text
