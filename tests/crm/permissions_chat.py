"""Who may do what about chats, through the API: everybody their own, nobody another's."""

from crm.domain import chat_addresses
from crm.ids import uuid7
from crm.models import Channel
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, ANNS_OWN, Row

ROBOT = {"address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef"}
TABLE = [
    Row("GET", "chat-addresses/", {200: ALL}),
    Row("POST", "chat-addresses/", {201: ALL}, {"channel": "feishu", "address": (
        "https://open.feishu.cn/open-apis/bot/v2/hook/0123456789abcdef"
    )}),
    Row("GET", "chat-addresses/{chat}/", ANNS_OWN),
    Row("PATCH", "chat-addresses/{chat}/", ANNS_OWN, ROBOT, '"1"'),
    Row("DELETE", "chat-addresses/{chat}/", ANNS_OWN),
    Row("POST", "chat-addresses/{chat}/stop/", ANNS_OWN),
    Row("POST", "chat-addresses/{chat}/start/", ANNS_OWN),
    Row("POST", "chat-addresses/{chat}/test/", {202: "ann", 404: ANNS_OWN[404]}),
]  # fmt: skip


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Ann's chat."""
    chat = chat_addresses.set_up(
        uuid7(), channel=Channel.WECOM, **ROBOT, secret="", by=cast.ann, at=factories.AT
    )
    return {"chat": str(chat.pk)}
