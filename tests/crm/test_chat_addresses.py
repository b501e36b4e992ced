"""One's own chats: what may be an address, who sees it, and that it is never shown again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings as ChangedSettings

from crm import sealing
from crm.domain import chat_addresses, resealing
from crm.errors import InvalidInput, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from crm.models import Channel, ChatAddress, Delivery, DeliveryState, User
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef-key"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={KEY}"
FEISHU = f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"
OTHER = "mmosts://chat.bank.example/0123456789abcdefghijklmnop"
SECRET = "SEC0123456789abcdef"

SOUND = [
    (Channel.WECOM, WECOM, "", "qyapi.weixin.qq.com"),
    (Channel.DINGTALK, DINGTALK, SECRET, "oapi.dingtalk.com"),
    (Channel.DINGTALK, DINGTALK, "", "oapi.dingtalk.com"),
    (Channel.FEISHU, FEISHU, SECRET, "open.feishu.cn"),
    (Channel.OTHER_CHAT, OTHER, "", "chat.bank.example"),
]
UNSOUND = [
    ("empty", Channel.WECOM, "", "", "chat_address_unsound"),
    ("no_tls", Channel.WECOM, WECOM.replace("https", "http"), "", "chat_address_unsound"),
    ("a_file", Channel.WECOM, "file:///etc/passwd", "", "chat_address_unsound"),
    ("another_host", Channel.WECOM, WECOM.replace("weixin", "evil"), "", "chat_host_unknown"),
    ("the_wrong_chat", Channel.WECOM, DINGTALK, "", "chat_host_unknown"),
    ("a_host_in_front", Channel.FEISHU, "https://open.feishu.cn@evil.example/x", "",
     "chat_address_unsound"),
    ("a_host_behind", Channel.FEISHU, "https://open.feishu.cn.evil.example/x", "",
     "chat_host_unknown"),
    ("another_path", Channel.WECOM, WECOM.replace("webhook/send", "message/send"), "",
     "chat_address_unsound"),
    ("no_key", Channel.WECOM, WECOM.replace(KEY, ""), "", "chat_address_unsound"),
    ("two_keys", Channel.WECOM, f"{WECOM}&key=another-key", "", "chat_address_unsound"),
    ("no_token", Channel.FEISHU, FEISHU.replace(KEY, ""), "", "chat_address_unsound"),
    ("a_way_up", Channel.FEISHU, FEISHU.replace(KEY, "../../x"), "", "chat_address_unsound"),
    ("too_long", Channel.WECOM, WECOM + "x" * 1000, "", "chat_address_unsound"),
    ("a_line_break", Channel.WECOM, f"{WECOM}\n", "", "chat_address_unsound"),
    ("a_secret_without_use", Channel.WECOM, WECOM, SECRET, "chat_secret_unused"),
    ("a_secret_of_words", Channel.DINGTALK, DINGTALK, "密钥", "chat_secret_unsound"),
    ("other_file", Channel.OTHER_CHAT, "file:///etc/passwd", "", "chat_unknown"),
    ("other_program", Channel.OTHER_CHAT, "syslog://", "", "chat_unknown"),
    ("other_without_tls", Channel.OTHER_CHAT, OTHER.replace("mmosts", "mmost"), "",
     "chat_unknown"),
    ("other_any_address", Channel.OTHER_CHAT, "jsons://127.0.0.1/", "", "chat_unknown"),
    ("other_unchecked", Channel.OTHER_CHAT, f"{OTHER}?verify=no", "", "chat_address_unsound"),
    ("other_template", Channel.OTHER_CHAT, f"{OTHER}?template=/etc/passwd", "",
     "chat_address_unsound"),
    ("other_without_a_key", Channel.OTHER_CHAT, "mmosts://chat.bank.example", "",
     "chat_address_unsound"),
]  # fmt: skip


@pytest.fixture
def ann(cast: Cast) -> User:
    return cast.ann


def set_up(by: User, at: datetime, channel: Channel = Channel.WECOM, **values: str) -> ChatAddress:
    given = {"address": WECOM, "secret": "", **values}
    return chat_addresses.set_up(uuid7(), channel=channel, **given, by=by, at=at)


@pytest.mark.parametrize(("channel", "address", "secret", "host"), SOUND)
def test_an_address_is_sealed_and_opened_for_whoever_writes_there(
    ann: User, at: datetime, channel: Channel, address: str, secret: str, host: str
) -> None:
    row = set_up(ann, at, channel, address=address, secret=secret)

    row = ChatAddress.objects.get(pk=row.pk)
    assert row.host == host
    assert chat_addresses.opened(row) == (address, secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM crm_chataddress t")
        [[stored]] = cursor.fetchall()
    assert KEY not in stored
    assert KEY.encode().hex() not in stored
    assert "0123456789abcdef" not in stored


@pytest.mark.parametrize(
    ("channel", "address", "secret", "code"),
    [row[1:] for row in UNSOUND],
    ids=[row[0] for row in UNSOUND],
)
def test_what_is_no_address_of_a_robot_is_refused_beside_its_field(
    ann: User, at: datetime, channel: Channel, address: str, secret: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_up(ann, at, channel, address=address, secret=secret)

    [problem] = refusal.value.problems
    assert problem.code == code
    assert problem.attr == ("secret" if "secret" in code else "address")
    assert not ChatAddress.objects.exists()


def test_a_bank_that_runs_its_own_wecom_adds_its_host(
    ann: User, at: datetime, settings: ChangedSettings
) -> None:
    settings.WECOM_HOSTS = ["wecom.bank.example"]
    address = WECOM.replace("qyapi.weixin.qq.com", "wecom.bank.example")

    assert set_up(ann, at, address=address).host == "wecom.bank.example"


def test_one_chat_of_a_kind_is_enough(ann: User, at: datetime) -> None:
    set_up(ann, at)

    with pytest.raises(RuleBroken) as refusal:
        set_up(ann, at)

    assert refusal.value.code == "chat_address_exists"


def test_another_robot_starts_a_stopped_chat(ann: User, at: datetime) -> None:
    row = set_up(ann, at, Channel.DINGTALK, address=DINGTALK)
    chat_addresses.stop_refused(row.pk, version=1, failure="dingtalk_300001: gone", at=at)
    assert chat_addresses.active(ann.pk, Channel.DINGTALK) is None

    changed = chat_addresses.change(
        row.pk, address=DINGTALK.replace(KEY, "another-key"), secret=SECRET, by=ann, at=at
    )

    assert (changed.stopped_at, changed.failure) == (None, "")
    assert chat_addresses.opened(changed) == (DINGTALK.replace(KEY, "another-key"), SECRET)
    assert chat_addresses.active(ann.pk, Channel.DINGTALK) is not None


def test_a_stale_page_changes_nothing(ann: User, at: datetime) -> None:
    row = set_up(ann, at)
    chat_addresses.stop(row.pk, by=ann, at=at)

    with pytest.raises(Stale):
        chat_addresses.change(row.pk, address=WECOM, secret="", version=1, by=ann, at=at)


def test_a_chat_is_stopped_and_started_and_forgotten(ann: User, at: datetime) -> None:
    row = set_up(ann, at)

    assert chat_addresses.stop(row.pk, by=ann, at=at).stopped_at == at
    assert chat_addresses.stop(row.pk, by=ann, at=at).version == 2, "stopping twice changes nothing"
    assert chat_addresses.active(ann.pk, Channel.WECOM) is None
    assert chat_addresses.start(row.pk, by=ann, at=at).stopped_at is None
    assert chat_addresses.active(ann.pk, Channel.WECOM) is not None
    chat_addresses.remove(row.pk, by=ann, at=at)
    assert not ChatAddress.objects.exists()


def test_nobody_else_may_touch_it_not_even_an_administrator(cast: Cast, at: datetime) -> None:
    row = set_up(cast.ann, at)
    for verb in (
        chat_addresses.stop, chat_addresses.start, chat_addresses.remove, chat_addresses.send_test
    ):  # fmt: skip
        for stranger in (cast.bo, cast.mei, cast.ada):
            with pytest.raises(NotFound):
                verb(row.pk, by=stranger, at=at)
    assert ChatAddress.objects.get().version == 1


def test_a_test_message_goes_through_the_outbox_one_at_a_time(ann: User, at: datetime) -> None:
    row = set_up(ann, at)

    message = chat_addresses.send_test(row.pk, by=ann, at=at)

    assert (message.channel, message.recipient) == (Channel.WECOM, ann)
    with pytest.raises(RuleBroken) as refusal:
        chat_addresses.send_test(row.pk, by=ann, at=at)
    assert refusal.value.code == "chat_test_under_way"
    Delivery.objects.update(state=DeliveryState.DEAD)
    chat_addresses.send_test(row.pk, by=ann, at=at)
    assert Delivery.objects.count() == 2


def test_a_stopped_chat_is_not_tried_out(ann: User, at: datetime) -> None:
    row = set_up(ann, at)
    chat_addresses.stop(row.pk, by=ann, at=at)

    with pytest.raises(RuleBroken) as refusal:
        chat_addresses.send_test(row.pk, by=ann, at=at)

    assert refusal.value.code == "chat_stopped"
    assert not Delivery.objects.exists()


def test_a_new_key_seals_it_anew_and_the_old_one_can_go(
    ann: User, at: datetime, settings: ChangedSettings
) -> None:
    row = set_up(ann, at, Channel.DINGTALK, address=DINGTALK, secret=SECRET)
    old, new = settings.SEALING_KEYS, f"new:{sealing.new_key()}"
    settings.SEALING_KEYS = f"{new},{old}"

    assert resealing.reseal() == (1, [])
    assert resealing.reseal() == (0, []), "a second time there is nothing to do"

    settings.SEALING_KEYS = new
    row = ChatAddress.objects.get(pk=row.pk)
    assert chat_addresses.opened(row) == (DINGTALK, SECRET)
    settings.SEALING_KEYS = f"other:{sealing.new_key()}"
    assert resealing.reseal() == (0, [f"chataddress {row.pk}"])


# --- through the API ------------------------------------------------------------------------------


def test_the_api_never_shows_what_opens_a_chat(cast: Cast) -> None:
    phone = Phone(cast.ann)
    body = {"channel": "dingtalk", "address": DINGTALK, "secret": SECRET}

    made: Any = phone.post("chat-addresses/", body)
    pk = made.json()["id"]
    answers: list[Any] = [
        made,
        phone.get("chat-addresses/"),
        phone.get(f"chat-addresses/{pk}/"),
        phone.patch(f"chat-addresses/{pk}/", {"address": DINGTALK}, if_match='"1"'),
        phone.post(f"chat-addresses/{pk}/test/"),
        phone.post(f"chat-addresses/{pk}/stop/"),
        phone.post(f"chat-addresses/{pk}/start/"),
        phone.send("DELETE", f"chat-addresses/{pk}/"),
    ]

    assert [one.status_code for one in answers] == [201, 200, 200, 200, 202, 200, 200, 200]
    assert made.json()["host"] == "oapi.dingtalk.com"
    for one in answers:
        assert KEY.encode() not in one.content
        assert SECRET.encode() not in one.content
    assert not ChatAddress.objects.exists()


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({"channel": "mail", "address": WECOM}, "invalid_choice", "channel"),
        ({"channel": "wecom"}, "required", "address"),
        ({"channel": "wecom", "address": 7}, "invalid", "address"),
        ({"channel": "wecom", "address": "x" * 2000}, "max_length", "address"),
        ({"channel": "wecom", "address": WECOM, "user": "…"}, "unknown_field", "user"),
    ],
    ids=["no_chat", "no_address", "a_number", "too_long", "unknown_field"],
)
def test_a_bad_body_is_refused_at_its_field(
    cast: Cast, body: dict[str, Any], code: str, attr: str
) -> None:
    answer: Any = Phone(cast.ann).post("chat-addresses/", body)

    assert answer.status_code == 400
    assert (code, attr) in {(one["code"], one["attr"]) for one in answer.json()["errors"]}


# --- in the admin ---------------------------------------------------------------------------------

PAGE = "/admin/my-chats/"


def test_a_chat_is_set_up_and_tried_out_on_its_page(
    ann: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(ann)
    form = {"row_id": str(uuid7()), "channel": "feishu", "address": FEISHU, "secret": SECRET}

    said = browser.post(PAGE, form, follow=True).content.decode()
    row = ChatAddress.objects.get()
    tried = browser.post(f"{PAGE}{row.pk}/test/", follow=True).content.decode()

    for page in (said, tried):
        assert "open.feishu.cn" in page
        assert KEY not in page
        assert SECRET not in page
    assert "Queued" in tried
    assert Delivery.objects.get().channel == Channel.FEISHU
    # A second click on a page that was not read anew makes no second chat.
    assert browser.post(PAGE, form).status_code == 200
    assert ChatAddress.objects.count() == 1


def test_a_refusal_is_said_in_the_form_and_nothing_is_kept(
    ann: User, signed_in: Callable[[User], Client]
) -> None:
    form = {"row_id": str(uuid7()), "channel": "wecom", "address": FEISHU, "secret": ""}

    answer = signed_in(ann).post(PAGE, form)

    assert answer.status_code == 200
    assert "Robots of this chat are at qyapi.weixin.qq.com" in answer.content.decode()
    assert not ChatAddress.objects.exists()


def test_the_page_says_why_a_chat_was_stopped(
    ann: User, at: datetime, signed_in: Callable[[User], Client]
) -> None:
    row = set_up(ann, at)
    chat_addresses.stop_refused(row.pk, version=1, failure="wecom_93000: invalid", at=at)
    browser = signed_in(ann)

    page = browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}{row.pk}/", {"address": WECOM.replace(KEY, "another-key"), "secret": ""})

    assert "stopped" in page
    assert "wecom_93000: invalid" in page
    row.refresh_from_db()
    assert row.stopped_at is None


@pytest.mark.parametrize("what", ["stop", "start", "remove", "test"])
def test_buttons_of_somebody_elses_chat_do_nothing(
    cast: Cast, at: datetime, signed_in: Callable[[User], Client], what: str
) -> None:
    row = set_up(cast.ann, at)

    page = signed_in(cast.ada).post(f"{PAGE}{row.pk}/{what}/", follow=True).content.decode()

    assert "There is no such row." in page
    assert ChatAddress.objects.get().version == 1
    assert signed_in(cast.ada).get(f"{PAGE}{row.pk}/").status_code == 404


def test_the_page_asks_as_often_for_many_messages_as_for_few(
    ann: User, at: datetime, same_queries: Callable[..., int]
) -> None:
    set_up(ann, at)

    def grow() -> None:
        set_up(ann, at, Channel.FEISHU, address=FEISHU)
        set_up(ann, at, Channel.DINGTALK, address=DINGTALK)
        for row in ChatAddress.objects.all():
            chat_addresses.send_test(row.pk, by=ann, at=at)

    chat_addresses.send_test(ChatAddress.objects.get().pk, by=ann, at=at)
    Delivery.objects.update(state=DeliveryState.DEAD)
    same_queries(lambda: chat_addresses.with_last_messages(ann), after=grow, at_most=3)
    assert all(row.last_message for row in chat_addresses.with_last_messages(ann))
