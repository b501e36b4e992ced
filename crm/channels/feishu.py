"""Feishu (飞书) group robots: signed in the body, rich text, a body of at most 20 KB.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

import base64
import hashlib
import hmac
from typing import Any

import orjson

from crm.channels import chat_words
from crm.channels.robots import Call, RobotChannel
from crm.models import Channel

LONGEST = 20_000
"""Bytes of the whole body."""
_BAD_REQUEST = 9499
"""Also said when there were too many requests."""


class FeishuChannel(RobotChannel):
    channel = Channel.FEISHU
    code_field, text_field = "code", "msg"
    gone = frozenset({19001, 19007, 19021, 19022, 19024})
    busy = frozenset({11232})
    unfit = frozenset({_BAD_REQUEST, 19002, 230025})

    def call(self, message: chat_words.Message, address: str, secret: str, now: float) -> Call:
        signature = _signature(secret, now) if secret else {}
        words = message.shortened(lambda shorter: len(_body(shorter, signature)) <= LONGEST)
        return Call(address, _body(words, signature))

    def meaning(self, code: int, text: str) -> str:
        if code == _BAD_REQUEST and "many" in text.lower():
            return "busy"
        return super().meaning(code, text)


def _signature(secret: str, now: float) -> dict[str, str]:
    timestamp = str(int(now))
    digest = hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}


def _body(message: chat_words.Message, signature: dict[str, str]) -> bytes:
    lines: list[list[dict[str, Any]]] = [
        [{"tag": "text", "text": line}] for line in message.text.splitlines()
    ]
    last: list[dict[str, Any]] = []
    if message.link:
        last.append({"tag": "a", "text": message.label, "href": message.link})
        last.append({"tag": "text", "text": f" · {chat_words.KEYWORD}"})
    else:
        last.append({"tag": "text", "text": chat_words.KEYWORD})
    post = {"zh_cn": {"title": message.subject, "content": [*lines, last]}}
    return orjson.dumps({**signature, "msg_type": "post", "content": {"post": post}})
