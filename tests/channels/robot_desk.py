"""Robots as their makers describe them: each checks for itself what it is told, and refuses with
HTTP 200 and a code."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crm.domain import chat_addresses
from crm.ids import uuid7
from crm.models import Channel, ChatAddress, User
from tests import factories
from tests.channels.servers import HOST, Asked, Reply, Server

TOKEN = "0123456789abcdef-token"
SECRET = "SEC0123456789abcdef"
PATHS = {
    Channel.WECOM: f"/cgi-bin/webhook/send?key={TOKEN}",
    Channel.DINGTALK: f"/robot/send?access_token={TOKEN}",
    Channel.FEISHU: f"/open-apis/bot/v2/hook/{TOKEN}",
}
SETTINGS = {
    Channel.WECOM: "WECOM_HOSTS",
    Channel.DINGTALK: "DINGTALK_HOSTS",
    Channel.FEISHU: "FEISHU_HOSTS",
}
CODE = {Channel.WECOM: "errcode", Channel.DINGTALK: "errcode", Channel.FEISHU: "code"}


@dataclass
class Robot:
    """One robot: what it took, and what it answers whatever it is told, if it must."""

    channel: Channel
    signs: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)
    refusal: int = 0
    says: str = ""
    """Words of a refusal."""

    def answer(self, asked: Asked) -> Reply:
        code, text = (self.refusal, self.says) if self.refusal else self._judged(asked)
        if not code:
            self.taken.append(json.loads(asked.body))
        words = "msg" if self.channel == Channel.FEISHU else "errmsg"
        return Reply(200, json.dumps({CODE[self.channel]: code, words: text or "ok"}).encode())

    def _judged(self, asked: Asked) -> tuple[int, str]:
        return {
            Channel.WECOM: self._wecom,
            Channel.DINGTALK: self._dingtalk,
            Channel.FEISHU: self._feishu,
        }[self.channel](asked)

    def _wecom(self, asked: Asked) -> tuple[int, str]:
        if asked.path != PATHS[Channel.WECOM]:
            return 93000, "invalid webhook url"
        body = json.loads(asked.body)
        if len(body["markdown"]["content"].encode()) > 4096:
            return 45002, "content size out of limit"
        return 0, ""

    def _dingtalk(self, asked: Asked) -> tuple[int, str]:
        query = parse_qs(urlsplit(asked.path).query)
        if query["access_token"] != [TOKEN]:
            return 300001, "token is not exist"
        if self.signs:
            [timestamp], [sign] = query["timestamp"], query["sign"]
            if abs(time.time() * 1000 - int(timestamp)) > 3_600_000:
                return 310000, "invalid timestamp"
            wanted = hmac.new(
                SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256
            ).digest()
            if base64.b64decode(sign) != wanted:
                return 310000, "sign not match"
        if len(asked.body) > 20_000:
            return 460101, "message too long"
        return 0, ""

    def _feishu(self, asked: Asked) -> tuple[int, str]:
        if asked.path != PATHS[Channel.FEISHU]:
            return 19001, "param invalid: incoming webhook access token invalid"
        body = json.loads(asked.body)
        if self.signs:
            wanted = hmac.new(
                f"{body['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256
            ).digest()
            if (
                abs(time.time() - int(body["timestamp"])) > 3600
                or base64.b64decode(body["sign"]) != wanted
            ):
                return 19021, "sign match fail or timestamp is not within one hour"
        if len(asked.body) > 20 * 1024:
            return 230025, "the length of the message content reaches its limit"
        return 0, ""


def shown(channel: Channel, taken: dict[str, Any]) -> str:
    """All words that a chat would show of what it took."""
    if channel == Channel.WECOM:
        return str(taken["markdown"]["content"])
    if channel == Channel.DINGTALK:
        return str(taken["markdown"]["text"])
    post = taken["content"]["post"]["zh_cn"]
    lines = [
        "".join(f"{part['text']}({part.get('href', '')})" for part in line)
        for line in post["content"]
    ]
    return "\n".join([post["title"], *lines])


def chat_of(
    user: User, channel: Channel, server: Server, *, secret: str = "", token: str = TOKEN
) -> ChatAddress:
    """A colleague's chat whose robot the server plays."""
    return chat_addresses.set_up(
        uuid7(),
        channel=channel,
        address=server.url(PATHS[channel].replace(TOKEN, token), HOST),
        secret=secret,
        by=user,
        at=factories.AT,
    )
