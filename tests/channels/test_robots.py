"""Robots of WeCom, DingTalk and Feishu, each on a real server that checks for itself."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings as ChangedSettings

from crm import parameters
from crm.domain import chat_addresses, delivery, reminders
from crm.models import Channel, Delivery, DeliveryState, Notification, User
from tests import factories
from tests.channels.robot_desk import PATHS, SECRET, SETTINGS, TOKEN, Robot, chat_of, shown
from tests.channels.servers import HOST, Reply, Server

pytestmark = pytest.mark.django_db

ROBOTS = list(PATHS)


@pytest.fixture(params=ROBOTS)
def channel(request: pytest.FixtureRequest) -> Channel:
    found: Channel = request.param
    return found


@pytest.fixture
def robot(channel: Channel, secure: Server, settings: ChangedSettings) -> Iterator[Robot]:
    setattr(settings, SETTINGS[channel], [HOST])
    playing = Robot(channel)
    secure.answer = playing.answer
    return playing


@pytest.fixture
def ann() -> User:
    return factories.UserFactory(full_name="Ann", language="en")


def message(to: User, channel: Channel, **values: Any) -> Delivery:
    given = {"subject": "跟进提醒", "text": "海底捞火锅\n明天 09:00", "link": "/admin/today/"}
    return factories.DeliveryFactory(recipient=to, channel=channel, **{**given, **values})


def after_delivering(row: Delivery) -> Delivery:
    delivery.deliver_due()
    row.refresh_from_db()
    return row


def test_a_message_arrives_with_its_words_and_its_link(
    robot: Robot, channel: Channel, secure: Server, ann: User, settings: ChangedSettings
) -> None:
    chat_of(ann, channel, secure)

    row = after_delivering(message(ann, channel))

    assert row.state == DeliveryState.SENT, row.failure
    [taken] = robot.taken
    words = shown(channel, taken)
    for expected in (
        "跟进提醒", "海底捞火锅", "明天 09:00", "Open in the CRM", "CRM",
        f"{settings.PUBLIC_URL}/admin/today/",
    ):  # fmt: skip
        assert expected in words


def test_the_link_is_named_in_the_recipients_language(
    robot: Robot, channel: Channel, secure: Server
) -> None:
    li = factories.UserFactory(language="zh-hans")
    chat_of(li, channel, secure)

    after_delivering(message(li, channel))

    assert "在系统中查看" in shown(channel, robot.taken[0])


@pytest.mark.parametrize("signing", [Channel.DINGTALK, Channel.FEISHU])
class TestSigning:
    @pytest.fixture
    def channel(self, signing: Channel) -> Channel:
        return signing

    def test_a_robot_that_checks_signatures_takes_ours(
        self, robot: Robot, channel: Channel, secure: Server, ann: User
    ) -> None:
        robot.signs = True
        chat_of(ann, channel, secure, secret=SECRET)

        row = after_delivering(message(ann, channel))

        assert row.state == DeliveryState.SENT, row.failure

    def test_a_wrong_secret_is_noticed_and_the_chat_is_stopped(
        self, robot: Robot, channel: Channel, secure: Server, ann: User
    ) -> None:
        robot.signs = True
        chat = chat_of(ann, channel, secure, secret="SECwrong-secret")

        row = after_delivering(message(ann, channel))

        assert row.state == DeliveryState.DEAD
        assert not robot.taken
        chat.refresh_from_db()
        assert chat.stopped_at
        assert "sign" in chat.failure


GONE = [
    (Channel.WECOM, 93000, "invalid webhook url"),
    (Channel.DINGTALK, 300001, "token is not exist"),
    (Channel.DINGTALK, 310000, "keywords not in content"),
    (Channel.DINGTALK, 310000, "ip 203.0.113.7 not in whitelist"),
    (Channel.DINGTALK, 400102, "机器人已停用"),
    (Channel.FEISHU, 19001, "access token invalid"),
    (Channel.FEISHU, 19024, "Key Words Not Found"),
]
BUSY = [
    (Channel.WECOM, 45009, "api freq out of limit"),
    (Channel.DINGTALK, 130101, "send too fast"),
    (Channel.FEISHU, 11232, "frequency limited"),
    (Channel.FEISHU, 9499, "too many request"),
    (Channel.WECOM, -1, "system busy"),
    (Channel.DINGTALK, 310000, "invalid timestamp"),
    (Channel.WECOM, 12345, "nobody knows this code"),
]
UNFIT = [
    (Channel.WECOM, 40058, "invalid parameter"),
    (Channel.DINGTALK, 430102, "含有不合适的文本"),
    (Channel.FEISHU, 9499, "Bad Request"),
]


def refused(robot: Robot, secure: Server, ann: User, code: int, text: str) -> tuple[Any, Any]:
    robot.refusal, robot.says = code, text
    chat = chat_of(ann, robot.channel, secure)
    row = after_delivering(message(ann, robot.channel))
    chat.refresh_from_db()
    assert row.failure == f"{robot.channel}_{code}: {text}"
    return row, chat


def _id(value: Any) -> str:
    return str(value).replace(" ", "_")


@pytest.mark.parametrize(("channel", "code", "text"), GONE, ids=_id)
def test_a_robot_that_will_have_none_of_it_is_stopped_and_its_owner_told(
    robot: Robot, secure: Server, ann: User, code: int, text: str
) -> None:
    row, chat = refused(robot, secure, ann, code, text)

    assert row.state == DeliveryState.DEAD
    assert chat.stopped_at
    assert chat.failure == row.failure
    reminders.release_due(at=timezone.now())
    delivery.deliver_due()
    told = Notification.objects.get(recipient=ann)
    assert text in told.body
    assert told.link == chat_addresses.PAGE
    # Whatever comes next is given up at once, without asking the robot again.
    asked = len(secure.asked)
    later = after_delivering(message(ann, robot.channel))
    assert later.state == DeliveryState.DEAD
    assert later.failure.startswith("no_chat")
    assert len(secure.asked) == asked


@pytest.mark.parametrize(("channel", "code", "text"), BUSY, ids=_id)
def test_a_robot_that_is_busy_is_asked_again_later(
    robot: Robot, secure: Server, ann: User, code: int, text: str
) -> None:
    row, chat = refused(robot, secure, ann, code, text)

    assert row.state == DeliveryState.RETRY
    assert not chat.stopped_at


@pytest.mark.parametrize(("channel", "code", "text"), UNFIT, ids=_id)
def test_a_message_that_a_robot_cannot_take_is_given_up_and_the_chat_goes_on(
    robot: Robot, secure: Server, ann: User, code: int, text: str
) -> None:
    row, chat = refused(robot, secure, ann, code, text)

    assert row.state == DeliveryState.DEAD
    assert not chat.stopped_at


NONSENSE = [
    ("no_json", 200, b"<html>Welcome</html>", "no_json", DeliveryState.RETRY),
    ("no_object", 200, b"[1, 2]", "no_verdict", DeliveryState.RETRY),
    ("no_code", 200, b'{"ok": true}', "no_verdict", DeliveryState.RETRY),
    ("a_code_that_is_none", 200, b'{"errcode": "0", "code": true}', "no_verdict", "retry"),
    ("empty", 200, b"", "no_json", DeliveryState.RETRY),
    ("broken_text", 200, b"\xff\xfe\x00", "no_json", DeliveryState.RETRY),
    ("deep", 200, b"[" * 60_000, "no_json", DeliveryState.RETRY),
    ("server_error", 500, b"oops", "http_500", DeliveryState.RETRY),
    ("too_many", 429, b"", "http_429", DeliveryState.RETRY),
    ("bad_request", 400, b"?", "http_400", DeliveryState.DEAD),
    ("not_found", 404, b"?", "http_404", DeliveryState.DEAD),
]


@pytest.mark.parametrize(
    ("status", "body", "code", "state"),
    [row[1:] for row in NONSENSE],
    ids=[row[0] for row in NONSENSE],
)
def test_a_robot_that_answers_nonsense_has_not_taken_the_message(
    robot: Robot,
    channel: Channel,
    secure: Server,
    ann: User,
    status: int,
    body: bytes,
    code: str,
    state: str,
) -> None:
    chat = chat_of(ann, channel, secure)
    secure.answer = lambda _asked: Reply(status, body)

    row = after_delivering(message(ann, channel))

    assert (row.state, row.failure.split(":")[0]) == (state, code)
    chat.refresh_from_db()
    assert bool(chat.stopped_at) == (status == 404)


LONG = [
    ("chinese", "海底捞火锅店" * 10_000),
    ("quotes", '"\\\n' * 20_000),
    ("families", "👨‍👩‍👧‍👦" * 5_000),
    ("one_word", "x" * 100_000),
]


@pytest.mark.parametrize("text", [text for _name, text in LONG], ids=[name for name, _ in LONG])
def test_a_long_message_is_shortened_at_whole_characters_and_keeps_its_link(
    robot: Robot, channel: Channel, secure: Server, ann: User, text: str
) -> None:
    chat_of(ann, channel, secure)

    row = after_delivering(message(ann, channel, text=text))

    assert row.state == DeliveryState.SENT, row.failure
    words = shown(channel, robot.taken[0])
    assert "/admin/today/" in words
    assert "…" in words
    assert "\N{ZERO WIDTH JOINER}…" not in words
    # It uses what there is: nine tenths at least of what the chat takes.
    limit = 4096 if channel == Channel.WECOM else 20_000
    size = len(words.encode()) if channel == Channel.WECOM else len(secure.asked[0].body)
    assert 0.9 * limit < size <= limit


def test_names_cannot_call_everybody_or_lead_elsewhere(
    robot: Robot, channel: Channel, secure: Server, ann: User
) -> None:
    chat_of(ann, channel, secure)

    after_delivering(
        message(ann, channel, subject="# <@all>", text="[优惠](https://evil.example) <at id=all>")
    )

    taken = robot.taken[0]
    if channel == Channel.FEISHU:
        # Its rich text has parts: words are words, and only ours is a link.
        parts = [part for line in taken["content"]["post"]["zh_cn"]["content"] for part in line]
        assert [part["tag"] for part in parts] == ["text", "a", "text"]
    else:
        words = shown(channel, taken).replace("[Open in the CRM](", "").removeprefix("### ")
        assert not set("<[#") & set(words)


def test_a_robot_gets_no_more_in_a_minute_than_it_takes(
    robot: Robot, channel: Channel, secure: Server, ann: User
) -> None:
    chat_of(ann, channel, secure)
    rows = [message(ann, channel) for _ in range(23)]

    delivery.deliver_due()

    assert len(robot.taken) == len(secure.asked) == 20
    waiting = Delivery.objects.filter(pk__in=[row.pk for row in rows]).exclude(state="sent")
    assert waiting.count() == 3
    now = timezone.now()
    for row in waiting:
        assert row.failure.startswith("too_many")
        assert timedelta() < row.next_try_at - now < timedelta(seconds=90)


def test_how_many_a_minute_is_a_parameter(
    robot: Robot, channel: Channel, secure: Server, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_of(ann, channel, secure)
    monkeypatch.setattr(parameters, "_current", lambda: {"crm.chats.messages_a_minute": 2})
    for _ in range(3):
        message(ann, channel)

    delivery.deliver_due()

    assert len(robot.taken) == 2


def test_a_chat_that_is_away_is_asked_once_per_batch(
    robot: Robot, channel: Channel, secure: Server, ann: User, names: dict[str, list[str]]
) -> None:
    chat_of(ann, channel, secure)
    asked: list[str] = []

    del names[HOST]
    rows = [message(ann, channel) for _ in range(5)]
    real = socket.getaddrinfo
    with pytest.MonkeyPatch.context() as patch:

        def counting(host: Any, *rest: Any, **named: Any) -> Any:
            if host == HOST:
                asked.append(host)
            return real(host, *rest, **named)

        patch.setattr("socket.getaddrinfo", counting)
        delivery.deliver_due()

    assert asked == [HOST]
    for row in rows:
        row.refresh_from_db()
        assert row.state == DeliveryState.RETRY
        assert row.failure.startswith("unresolved")


def test_what_opens_the_chat_is_not_written_down_when_a_robot_repeats_it(
    robot: Robot, channel: Channel, secure: Server, ann: User
) -> None:
    robot.refusal, robot.says = -1, f"busy, asked by {TOKEN}"
    chat_of(ann, channel, secure)

    row = after_delivering(message(ann, channel))

    assert TOKEN not in row.failure
    assert "asked by …" in row.failure


def test_a_colleague_without_a_chat_gets_a_dead_letter_and_nobody_is_asked(
    robot: Robot, channel: Channel, secure: Server, ann: User
) -> None:
    row = after_delivering(message(ann, channel))

    assert row.state == DeliveryState.DEAD
    assert row.failure.startswith("no_chat")
    assert not secure.asked


def test_a_robot_that_was_changed_meanwhile_is_not_stopped_for_the_old_one(
    robot: Robot, channel: Channel, secure: Server, ann: User, at: datetime
) -> None:
    chat = chat_of(ann, channel, secure)
    given = {"address": secure.url(PATHS[channel], HOST), "secret": ""}
    chat_addresses.change(chat.pk, **given, by=ann, at=at)

    assert not chat_addresses.stop_refused(chat.pk, version=chat.version, failure="…", at=at)
    chat.refresh_from_db()
    assert chat.stopped_at is None
    assert chat_addresses.stop_refused(chat.pk, version=chat.version, failure="…", at=at)
