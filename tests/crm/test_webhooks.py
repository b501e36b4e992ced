"""Who is told of what: written with the event itself, and nothing that names a person."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.domain import delivery, webhook_endpoints, webhook_replays, webhooks
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import Delivery, DeliveryState, OrgUnit, Resend, User, WebhookEndpoint
from leads.domain import pipeline
from leads.models import Stage
from merchants.domain import timeline
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db


def listen(
    cast: Cast, at: datetime, *kinds: str, unit: OrgUnit | None = None, by: User | None = None
) -> WebhookEndpoint:
    endpoint, _secret = webhook_endpoints.add(
        uuid7(),
        url=f"https://hooks.bank.example/{uuid7()}",
        unit_id=(unit or cast.head_office).pk,
        kinds=kinds,
        by=by or cast.ada,
        at=at,
    )
    return endpoint


def told(endpoint: WebhookEndpoint) -> list[dict[str, Any]]:
    return [json.loads(one.text) for one in endpoint.deliveries.order_by("created_at", "pk")]


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    made: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return made


def moved(merchant: Merchant, cast: Cast, at: datetime, **facts: str) -> Any:
    return timeline.record(
        pipeline.MOVED,
        merchant_id=merchant.pk,
        subject_id=merchant.pk,
        by=cast.ann,
        at=at,
        **(facts or {"from": "new", "to": "qualified"}),
    )


# --- what is said -----------------------------------------------------------------------------


def test_every_line_of_a_timeline_is_an_event(cast: Cast, at: datetime, merchant: Merchant) -> None:
    endpoint = listen(cast, at)
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    moved(merchant, cast, at)
    timeline.record(
        pipeline.OPENED, merchant_id=merchant.pk, subject_id=lead.pk, by=cast.ann, at=at
    )
    first, second = told(endpoint)
    assert first == {
        "type": "lead.moved",
        "timestamp": "2026-11-18T02:00:00.000Z",
        "data": {
            "merchant_id": str(merchant.pk),
            "subject_id": str(merchant.pk),
            "actor_id": str(cast.ann.pk),
            "at": "2026-11-18T02:00:00+00:00",
            "facts": {"from": "new", "to": "qualified"},
        },
    }
    assert second["type"] == "lead.opened"
    assert "facts" not in second["data"]


def test_every_kind_of_timeline_entry_can_be_listened_to() -> None:
    assert len(timeline.KINDS) > 50
    assert set(timeline.KINDS) <= set(webhooks.EVENTS)


def test_a_verb_tells_from_which_stage_a_lead_went_where(
    cast: Cast, at: datetime, merchant: Merchant
) -> None:
    endpoint = listen(cast, at, "lead.moved", "lead.moved_because")
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    pipeline.advance(lead.pk, to=Stage.LOST, lost_reason="rival", by=cast.ann, at=at)
    [said] = told(endpoint)
    assert said["data"]["subject_id"] == str(lead.pk)
    assert said["data"]["facts"] == {"from": "new", "to": "lost"}


@pytest.mark.parametrize(
    "facts",
    [
        {"owner": "王小明"},
        {"from": "王小明", "to": "13800138000"},
        {"because": "老板说不要"},
        {"title": "张三", "from": "new"},
    ],
)
def test_names_and_free_text_never_leave(
    cast: Cast, at: datetime, merchant: Merchant, facts: dict[str, str]
) -> None:
    endpoint = listen(cast, at)
    moved(merchant, cast, at, **facts)
    [said] = told(endpoint)
    text = json.dumps(said, ensure_ascii=False)
    assert not any(value in text for value in facts.values() if value != "new")


def test_entries_that_are_written_together_are_told_together(
    cast: Cast, at: datetime, merchant: Merchant
) -> None:
    endpoint = listen(cast, at)
    with timeline.written_together() as entries:
        for _ in range(3):
            moved(merchant, cast, at)
        entries.pop()
        assert told(endpoint) == []
    assert len(told(endpoint)) == 2


def test_a_verb_that_fails_was_never_said(cast: Cast, at: datetime, merchant: Merchant) -> None:
    endpoint = listen(cast, at)
    with transaction.atomic():
        moved(merchant, cast, at)
        assert len(told(endpoint)) == 1
        transaction.set_rollback(True)
    assert told(endpoint) == []


def test_a_body_of_twenty_kilobytes_is_never_written(cast: Cast, at: datetime) -> None:
    listen(cast, at)
    assert webhooks.publish("lead.moved", {"x": "y" * 20_000}, unit_id=cast.xuhui.pk, at=at) == 0
    assert webhooks.publish("lead.moved", {"x": "y" * 19_000}, unit_id=cast.xuhui.pk, at=at) == 1


# --- to whom ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_unit", "hears"),
    [("head_office", True), ("shanghai", True), ("xuhui", True), ("hangzhou", False)],
)
def test_a_webhook_hears_of_its_unit_and_what_is_below(
    cast: Cast, at: datetime, merchant: Merchant, at_unit: str, hears: bool
) -> None:
    endpoint = listen(cast, at, unit=getattr(cast, at_unit))
    moved(merchant, cast, at)
    assert len(told(endpoint)) == hears


def test_a_webhook_at_a_team_hears_nothing_of_the_branch(cast: Cast, at: datetime) -> None:
    endpoint = listen(cast, at, unit=cast.xuhui)
    moved(factories.MerchantFactory(unit=cast.shanghai), cast, at)
    assert told(endpoint) == []


@pytest.mark.parametrize(
    ("kinds", "count"), [((), 1), (("lead.moved",), 1), (("lead.opened",), 0)], ids=str
)
def test_a_webhook_hears_of_what_it_asked_for(
    cast: Cast, at: datetime, merchant: Merchant, kinds: tuple[str, ...], count: int
) -> None:
    endpoint = listen(cast, at, *kinds)
    moved(merchant, cast, at)
    assert len(told(endpoint)) == count


def test_what_a_long_disabled_webhook_misses_is_not_kept(
    cast: Cast, at: datetime, merchant: Merchant
) -> None:
    endpoint = listen(cast, at)
    webhook_endpoints.disable(endpoint.pk, because="迁移", by=cast.ada, at=at)
    moved(merchant, cast, at + timedelta(days=29))
    moved(merchant, cast, at + timedelta(days=31))
    [kept] = endpoint.deliveries.all()
    assert (kept.state, kept.failure) == (DeliveryState.DEAD, "endpoint_disabled: 迁移")


# --- what it costs ----------------------------------------------------------------------------


def test_where_nobody_listens_a_timeline_entry_costs_one_statement(
    cast: Cast, at: datetime, merchant: Merchant
) -> None:
    moved(merchant, cast, at)
    with CaptureQueriesContext(connection) as asked:
        moved(merchant, cast, at)
    assert len(asked) == 1, [one["sql"] for one in asked.captured_queries]


def test_after_a_moment_a_process_looks_whether_somebody_listens(
    cast: Cast, at: datetime, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(merchant, cast, at)
    endpoint = WebhookEndpoint(
        url="https://hooks.bank.example/", unit=cast.head_office, secret=b"\0"
    )
    endpoint.save()  # By another process, so that this one has not noticed.
    moved(merchant, cast, at)
    assert told(endpoint) == []
    later = time.monotonic() + webhooks.SILENCE_SECONDS
    monkeypatch.setattr(webhooks.time, "monotonic", lambda: later)
    moved(merchant, cast, at)
    assert len(told(endpoint)) == 1


def test_telling_costs_the_same_however_much_happens(
    cast: Cast, at: datetime, merchant: Merchant, same_queries: Callable[..., int]
) -> None:
    listen(cast, at)
    count = 1

    def happen() -> None:
        with timeline.written_together():
            for _ in range(count):
                moved(merchant, cast, at)

    def grow() -> None:
        nonlocal count
        count = 40
        for _ in range(5):
            listen(cast, at)

    # Savepoints aside: entries, listeners, merchants, units, deliveries.
    assert same_queries(happen, after=grow, at_most=7) >= 5


# --- the verbs --------------------------------------------------------------------------------


def test_a_secret_is_sealed_and_shown_once(cast: Cast, at: datetime) -> None:
    endpoint, secret = webhook_endpoints.add(
        uuid7(), url="https://hooks.bank.example/", unit_id=cast.xuhui.pk, by=cast.ada, at=at
    )
    endpoint.refresh_from_db()
    assert secret.startswith("whsec_")
    assert len(secret) == 50
    assert secret.removeprefix("whsec_").encode() not in bytes(endpoint.secret)


BAD = {
    "plain http": ({"url": "http://hooks.bank.example/"}, "webhook_address_invalid"),
    "no host": ({"url": "https:///x"}, "webhook_address_invalid"),
    "no address": ({"url": "hooks"}, "webhook_address_invalid"),
    "nothing": ({"url": ""}, "webhook_address_invalid"),
    "a password": ({"url": "https://a:b@hooks.bank.example/"}, "webhook_address_invalid"),
    "a fragment": ({"url": "https://hooks.bank.example/#x"}, "webhook_address_invalid"),
    "a bad port": ({"url": "https://hooks.bank.example:99999/"}, "webhook_address_invalid"),
    "a line break": ({"url": "https://hooks.bank.example/\r\nx"}, "webhook_address_invalid"),
    "another script": ({"url": "https://银行.example/"}, "webhook_address_invalid"),
    "too long": ({"url": "https://hooks.bank.example/" + "x" * 500}, "webhook_address_invalid"),
    "our network": ({"url": "https://10.1.2.3/"}, "webhook_address_inside"),
    "an unknown kind": ({"kinds": ["lead.flew"]}, "webhook_kind_unknown"),
    "the test kind": ({"kinds": ["webhook.ping"]}, "webhook_kind_unknown"),
    "a long line": ({"description": "长" * 201}, "webhook_description_invalid"),
    "an unknown unit": ({"unit_id": uuid7()}, "not_found"),
}


@pytest.mark.parametrize(("given", "code"), BAD.values(), ids=BAD)
def test_what_makes_no_sense_is_refused_in_words(
    cast: Cast, at: datetime, given: dict[str, Any], code: str
) -> None:
    sound = {"url": "https://hooks.bank.example/", "unit_id": cast.xuhui.pk}
    with pytest.raises(DomainError) as refused:
        webhook_endpoints.add(uuid7(), **{**sound, **given}, by=cast.ada, at=at)
    assert refused.value.code == code
    assert not WebhookEndpoint.objects.exists()


def test_one_address_listens_at_a_unit_once(cast: Cast, at: datetime) -> None:
    endpoint = listen(cast, at)
    with pytest.raises(DomainError) as refused:
        webhook_endpoints.add(
            uuid7(), url=endpoint.url, unit_id=cast.head_office.pk, by=cast.ada, at=at
        )
    assert refused.value.code == "webhook_exists"


@pytest.mark.parametrize("who", ["ann", "max", "mei", "otto"])
def test_only_administrators_keep_webhooks(cast: Cast, at: datetime, who: str) -> None:
    with pytest.raises(DomainError) as refused:
        listen(cast, at, unit=cast.xuhui, by=cast.named(who))
    assert refused.value.code == "not_allowed"


def test_an_administrator_of_a_branch_keeps_its_webhooks_only(cast: Cast, at: datetime) -> None:
    ours = factories.UserFactory()
    factories.MembershipFactory(user=ours, role="administrator", unit=cast.shanghai)
    above, below = listen(cast, at), listen(cast, at, unit=cast.xuhui)
    assert list(WebhookEndpoint.objects.visible_to(ours)) == [below]
    with pytest.raises(DomainError) as refused:
        webhook_endpoints.rotate(above.pk, by=ours, at=at)
    assert refused.value.code == "not_found"


def test_a_secret_is_made_anew_once_for_what_was_read(cast: Cast, at: datetime) -> None:
    endpoint = listen(cast, at)
    webhook_endpoints.rotate(endpoint.pk, by=cast.ada, at=at, version=1)
    with pytest.raises(DomainError) as refused:
        webhook_endpoints.rotate(endpoint.pk, by=cast.ada, at=at, version=1)
    assert refused.value.code == "stale"


def test_disabled_and_enabled_are_said_once(cast: Cast, at: datetime) -> None:
    endpoint = listen(cast, at)
    verbs: list[tuple[Callable[[], object], str | None]] = [
        (lambda: _enable(endpoint, cast, at), "webhook_enabled"),
        (lambda: _disable(endpoint, cast, at, " "), "reason_missing"),
        (lambda: _disable(endpoint, cast, at, "迁移"), None),
        (lambda: _disable(endpoint, cast, at, "迁移"), "webhook_disabled"),
        (lambda: webhook_endpoints.ping(endpoint.pk, by=cast.ada, at=at), "webhook_disabled"),
        (lambda: _enable(endpoint, cast, at), None),
    ]
    for verb, code in verbs:
        if code is None:
            verb()
            continue
        with pytest.raises(DomainError) as refused:
            verb()
        assert refused.value.code == code


def _enable(endpoint: WebhookEndpoint, cast: Cast, at: datetime) -> None:
    webhook_endpoints.enable(endpoint.pk, send_missed=False, by=cast.ada, at=at)


def _disable(endpoint: WebhookEndpoint, cast: Cast, at: datetime, because: str) -> None:
    webhook_endpoints.disable(endpoint.pk, because=because, by=cast.ada, at=at)


# --- again ------------------------------------------------------------------------------------


def settle(endpoint: WebhookEndpoint, state: str, at: datetime) -> None:
    endpoint.deliveries.update(state=state, sent_at=at)


def test_a_span_of_time_is_sent_again(cast: Cast, at: datetime, merchant: Merchant) -> None:
    endpoint, other = listen(cast, at), listen(cast, at)
    for hours in range(4):
        moved(merchant, cast, at + timedelta(hours=hours))
    settle(endpoint, DeliveryState.SENT, at)
    settle(other, DeliveryState.SENT, at)
    replayed = webhook_replays.replay_between(
        endpoint.pk,
        since=at + timedelta(hours=1),
        until=at + timedelta(hours=3),
        because="丢了",
        by=cast.ada,
        at=at + timedelta(days=1),
    )
    assert [one.detail for one in replayed.notices] == ["2 messages will be sent again."]
    again = Delivery.objects.filter(state=DeliveryState.QUEUED)
    assert {(one.endpoint_id, one.revision, one.sent_at) for one in again} == {
        (endpoint.pk, 2, None)
    }
    assert [one.created_at for one in again.order_by("created_at")] == [
        at + timedelta(hours=1),
        at + timedelta(hours=2),
    ]
    assert {(one.revision, one.by, one.because) for one in Resend.objects.all()} == {
        (2, cast.ada, "丢了")
    }


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": DeliveryState.QUEUED}, "delivery_on_its_way"),
        ({"state": DeliveryState.HANDING_OVER}, "delivery_on_its_way"),
        ({"state": DeliveryState.DEAD, "text_kept": False, "text": ""}, "delivery_let_go"),
    ],
    ids=["waiting", "in hand", "let go"],
)
def test_what_cannot_be_sent_again_is_left_alone(
    cast: Cast, at: datetime, merchant: Merchant, values: dict[str, Any], code: str
) -> None:
    endpoint = listen(cast, at)
    moved(merchant, cast, at)
    endpoint.deliveries.update(**values)
    row = endpoint.deliveries.get()
    with pytest.raises(DomainError) as refused:
        webhook_replays.replay(endpoint.pk, row.pk, because="丢了", by=cast.ada, at=at)
    assert refused.value.code == code
    webhook_replays.replay_between(
        endpoint.pk, since=at, until=at + timedelta(days=1), because="丢了", by=cast.ada, at=at
    )
    row.refresh_from_db()
    assert (row.revision, row.state) == (1, values["state"])


def test_a_message_of_another_webhook_is_not_found(
    cast: Cast, at: datetime, merchant: Merchant
) -> None:
    endpoint, other = listen(cast, at), listen(cast, at)
    moved(merchant, cast, at)
    with pytest.raises(DomainError) as refused:
        webhook_replays.replay(
            other.pk, endpoint.deliveries.get().pk, because="丢了", by=cast.ada, at=at
        )
    assert refused.value.code == "not_found"


def test_a_span_that_ends_before_it_begins_is_refused(cast: Cast, at: datetime) -> None:
    endpoint = listen(cast, at)
    with pytest.raises(DomainError) as refused:
        webhook_replays.replay_between(
            endpoint.pk, since=at, until=at, because="丢了", by=cast.ada, at=at
        )
    assert refused.value.code == "webhook_span_invalid"


def test_telling_does_not_wait_for_whoever_changes_the_webhook(
    transactional_db: None, cast: Cast, at: datetime, merchant: Merchant
) -> None:
    endpoint = listen(cast, at)
    with transaction.atomic():
        WebhookEndpoint.objects.for_change().get(pk=endpoint.pk)
        telling = Session(lambda: moved(merchant, cast, at))
        assert telling.wait_until_blocked() is False
        telling.end()
    assert len(told(endpoint)) == 1


def test_two_people_who_replay_at_once_make_one_revision(
    transactional_db: None, cast: Cast, at: datetime, merchant: Merchant
) -> None:
    endpoint = listen(cast, at)
    moved(merchant, cast, at)
    settle(endpoint, DeliveryState.SENT, at)
    row = endpoint.deliveries.get()

    def again() -> None:
        webhook_replays.replay(endpoint.pk, row.pk, because="丢了", by=cast.ada, at=at)

    with transaction.atomic():
        again()
        second = Session(again)
        assert second.wait_until_blocked() is True
    with pytest.raises(DomainError) as refused:
        second.end()
    assert refused.value.code == "delivery_on_its_way"
    row.refresh_from_db()
    assert (row.revision, Resend.objects.count()) == (2, 1)


def test_the_machine_knows_the_channel(cast: Cast, at: datetime) -> None:
    endpoint = listen(cast, at)
    row = webhook_endpoints.ping(endpoint.pk, by=cast.ada, at=at)
    webhook_endpoints.disable(endpoint.pk, because="迁移", by=cast.ada, at=at)
    delivery.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.failure) == (DeliveryState.DEAD, "endpoint_disabled: 迁移")
