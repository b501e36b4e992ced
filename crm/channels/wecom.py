"""WeCom (企业微信) group robots: markdown of at most 4,096 bytes, twenty messages a minute.

https://developer.work.weixin.qq.com/document/path/91770
"""

import orjson

from crm.channels import chat_words
from crm.channels.robots import Call, RobotChannel
from crm.models import Channel

LONGEST = 4096
"""Bytes of markdown; a plain text message holds 2,048."""


class WeComChannel(RobotChannel):
    channel = Channel.WECOM
    code_field, text_field = "errcode", "errmsg"
    gone = frozenset({93000, 93004, 93008, 93017})
    busy = frozenset({45009, 45033})
    unfit = frozenset({40008, 40058, 41001, 44001, 44004, 45002})

    def call(self, message: chat_words.Message, address: str, secret: str, now: float) -> Call:
        words = message.plain_in_markdown().shortened(
            lambda shorter: len(_markdown(shorter).encode()) <= LONGEST
        )
        body = {"msgtype": "markdown", "markdown": {"content": _markdown(words)}}
        return Call(address, orjson.dumps(body))


def _markdown(message: chat_words.Message) -> str:
    door = f"[{message.label}]({message.link}) · " if message.link else ""
    return f"**{message.subject}**\n{message.text}\n{door}{chat_words.KEYWORD}"
