"""DingTalk (钉钉) group robots: signed by the address, markdown of at most 20,000 bytes.

https://open.dingtalk.com/document/robots/custom-robot-access
"""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import orjson

from crm.channels import chat_words
from crm.channels.robots import Call, RobotChannel
from crm.models import Channel

LONGEST = 20_000
"""Bytes of the whole body."""
_SETTINGS_DIFFER = 310000
"""A wrong signature, a missing keyword or an address that is not on its list: the text says which.
A moment that it does not believe is our clock's fault and comes under the same number."""


class DingTalkChannel(RobotChannel):
    channel = Channel.DINGTALK
    code_field, text_field = "errcode", "errmsg"
    gone = frozenset({300001, 300005, 400013, 400101, 400102, 400106, _SETTINGS_DIFFER})
    busy = frozenset({130101, 302033, 410100})
    unfit = frozenset({40035, 43004, 400105, 430101, 430102, 430103, 430104, 460101})

    def call(self, message: chat_words.Message, address: str, secret: str, now: float) -> Call:
        words = message.plain_in_markdown().shortened(
            lambda shorter: len(_body(shorter)) <= LONGEST
        )
        return Call(_signed(address, secret, now) if secret else address, _body(words))

    def meaning(self, code: int, text: str) -> str:
        if code == _SETTINGS_DIFFER and "timestamp" in text.lower():
            return ""
        return super().meaning(code, text)


def _signed(address: str, secret: str, now: float) -> str:
    timestamp = str(round(now * 1000))
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    sign = base64.b64encode(digest).decode()
    return f"{address}&{urlencode({'timestamp': timestamp, 'sign': sign})}"


def _body(message: chat_words.Message) -> bytes:
    # One line break alone is none in its markdown.
    text = "  \n".join(message.text.splitlines())
    door = f"[{message.label}]({message.link}) · " if message.link else ""
    markdown = f"### {message.subject}\n\n{text}\n\n{door}{chat_words.KEYWORD}"
    return orjson.dumps(
        {"msgtype": "markdown", "markdown": {"title": message.subject, "text": markdown}}
    )
