"""Bad input: refused with a clear sentence and a stable code, and nothing is written."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from crm.domain import calendar
from crm.ids import uuid7
from crm.models import SpecialDay
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

LEAD = {"merchant": "{merchant}", "source": "field"}
ACTIVITY = {
    "merchant": "{merchant}",
    "kind": "visit",
    "summary": "…",
    "occurred_at": "2026-11-18T10:00:00+08:00",
}
FOLLOW_UP = {"merchant": "{merchant}", "title": "送方案", "due_at": "{tomorrow}"}
MERCHANT = {"name": "新荣记"}
CONTACT = {"full_name": "李四", "lawful_basis": "consent"}
OLD_ID = "2b1f4a8e-3c5d-4e6f-8a9b-0c1d2e3f4a5b"
FUTURE_ID = "fffffff0-0000-7000-8000-000000000000"
GOOD_CODE = "91310000775785552L"

ROWS: list[tuple[str, Any, int, str, str | None]] = [
    # wrong types
    ("leads/", [], 400, "invalid", None),
    ("leads/", "text", 400, "invalid", None),
    ("leads/", 7, 400, "invalid", None),
    ("leads/", b"", 400, "required", "merchant"),
    ("leads/", {}, 400, "required", "merchant"),
    ("leads/", {**LEAD, "merchant": 7}, 400, "invalid", "merchant"),
    ("leads/", {**LEAD, "merchant": None}, 400, "null", "merchant"),
    ("leads/", {**LEAD, "merchant": ["x"]}, 400, "invalid", "merchant"),
    ("leads/", {**LEAD, "merchant": "{bare}"}, 400, "invalid", "merchant"),
    ("leads/", {**LEAD, "source": 1}, 400, "invalid_choice", "source"),
    ("leads/", {**LEAD, "source": "moon"}, 400, "invalid_choice", "source"),
    ("merchants/", {"name": 7}, 400, "invalid", "name"),
    ("merchants/", {"name": ["海底捞"]}, 400, "invalid", "name"),
    ("merchants/", {"name": True}, 400, "invalid", "name"),
    ("merchants/", {"name": ""}, 400, "blank", "name"),
    ("merchants/", {"name": "   "}, 400, "blank", "name"),
    ("merchants/", {"name": "。。。"}, 400, "name_required", "name"),
    ("merchants/", {"name": "海" * 201}, 400, "max_length", "name"),
    # unknown fields
    ("leads/", {**LEAD, "stage": "won"}, 400, "unknown_field", "stage"),
    ("merchants/", {**MERCHANT, "owner": "{merchant}"}, 400, "unknown_field", "owner"),
    ("follow-ups/", {**FOLLOW_UP, "": 1}, 400, "unknown_field", None),
    # broken encodings
    ("merchants/", b'{"name": "a\\u0000b"}', 400, "nul_character", None),
    ("merchants/", b'{"na\\u0000me": "a"}', 400, "nul_character", None),
    ("merchants/", '{"name": "海底捞"}'.encode("gb18030"), 400, "body_invalid", None),
    ("merchants/", b'{"name": "\xff\xfe"}', 400, "body_invalid", None),
    ("merchants/", b'{"name": "\\ud800"}', 400, "body_invalid", None),
    ("merchants/", b'{"name": "half', 400, "body_invalid", None),
    ("merchants/", b'{"name": NaN}', 400, "body_invalid", None),
    ("merchants/", b'{"name": 1e999}', 400, "body_invalid", None),
    ("merchants/", b"\xef\xbb\xbf{}", 400, "body_invalid", None),
    ("merchants/", b"[" * 2000 + b"]" * 2000, 400, "body_invalid", None),
    ("merchants/", b"[" * 100 + b"]" * 100, 400, "body_too_deep", None),
    ("merchants/", b'{"name": "' + b"a" * 10_000_000 + b'"}', 413, "body_too_large", None),
    # money
    ("leads/", {**LEAD, "expected_value": 0.1}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": 100}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": True}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": "-1.00"}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": "1e3"}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": "NaN"}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": "１２"}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": "0.001"}, 400, "money", "expected_value"),
    ("leads/", {**LEAD, "expected_value": "9" * 12}, 400, "money", "expected_value"),
    # days and moments
    ("follow-ups/", {**FOLLOW_UP, "due_at": "2026-11-20"}, 400, "moment", "due_at"),
    ("follow-ups/", {**FOLLOW_UP, "due_at": "2026-11-20T10:00:00"}, 400, "moment", "due_at"),
    ("follow-ups/", {**FOLLOW_UP, "due_at": "0000-01-01T00:00:00Z"}, 400, "moment", "due_at"),
    ("follow-ups/", {**FOLLOW_UP, "due_at": "0001-01-01T00:00:00+14:00"}, 400, "moment", "due_at"),
    ("follow-ups/", {**FOLLOW_UP, "due_at": "9999-12-31T23:59:59-14:00"}, 400, "moment", "due_at"),
    (
        "follow-ups/",
        {**FOLLOW_UP, "due_at": "9999-12-31T23:59:59Z"},
        400,
        "too_far_ahead",
        "due_at",
    ),
    ("follow-ups/", {**FOLLOW_UP, "due_at": "{last week}"}, 400, "time_in_the_past", "due_at"),
    ("follow-ups/", {**FOLLOW_UP, "due_at": 1763604000}, 400, "moment", "due_at"),
    ("follow-ups/{follow_up}/snooze/", {"until": "{last week}"}, 400, "time_in_the_past", "until"),
    (
        "activities/",
        {**ACTIVITY, "occurred_at": "2020-01-01T00:00:00Z"},
        400,
        "too_long_ago",
        "occurred_at",
    ),
    (
        "leads/{lead}/advance/",
        {"to": "parked", "because": "…", "revisit_on": "{last week day}"},
        400,
        "day_in_the_past",
        "revisit_on",
    ),
    (
        "leads/{lead}/advance/",
        {"to": "parked", "because": "…", "revisit_on": "20270222"},
        400,
        "invalid",
        "revisit_on",
    ),
    (
        "leads/{lead}/advance/",
        {"to": "parked", "because": "…", "revisit_on": "9999-12-31"},
        400,
        "too_far_ahead",
        "revisit_on",
    ),
    # stages
    ("leads/{lead}/advance/", {"to": "moon"}, 400, "invalid_choice", "to"),
    ("leads/{lead}/advance/", {"to": "won"}, 409, "stage_not_reachable", "to"),
    ("leads/{lead}/advance/", {"to": "lost"}, 409, "lost_reason", "lost_reason"),
    # ids within bodies
    ("leads/", {**LEAD, "merchant": "{random}"}, 400, "not_found", "merchant"),
    ("leads/", {**LEAD, "merchant": "{hidden}"}, 400, "not_found", "merchant"),
    ("activities/", {**ACTIVITY, "merchant": "{hidden}"}, 400, "not_found", "merchant"),
    ("activities/", {**ACTIVITY, "lead": "{random}"}, 400, "not_found", "lead"),
    (
        "activities/",
        {**ACTIVITY, "lead": "{lead}", "merchant": "{free}"},
        400,
        "lead_of_other_merchant",
        "lead",
    ),
    ("follow-ups/", {**FOLLOW_UP, "merchant": "{hidden}"}, 400, "not_found", "merchant"),
    (
        "follow-ups/",
        {**FOLLOW_UP, "lead": "{lead}", "merchant": "{free}"},
        400,
        "lead_of_other_merchant",
        "lead",
    ),
    ("leads/{lead}/assign/", {"owner": "{random}"}, 400, "not_found", "owner"),
    # ids that clients make
    ("leads/", {**LEAD, "merchant": "{free}", "id": OLD_ID}, 400, "id_not_uuid7", "id"),
    ("leads/", {**LEAD, "merchant": "{free}", "id": FUTURE_ID}, 400, "id_from_the_future", "id"),
    ("leads/", {**LEAD, "merchant": "{free}", "id": "{lead}"}, 409, "already_exists", "id"),
    ("merchants/", {**MERCHANT, "id": "{merchant}"}, 409, "already_exists", "id"),
    # what the business does not allow
    ("leads/", LEAD, 409, "lead_already_open", None),
    ("merchants/", {"name": "{known name}", "division": "310104"}, 409, "merchant_exists", None),
    ("merchants/", {**MERCHANT, "mcc": "0000"}, 400, "mcc_unknown", "mcc"),
    ("merchants/", {**MERCHANT, "division": "999999"}, 400, "division_unknown", "division"),
    ("merchants/", {**MERCHANT, "credit_code": "123"}, 400, "credit_code_length", "credit_code"),
    ("merchants/", {**MERCHANT, "unit": "{random}"}, 403, "not_allowed", None),
    ("merchants/{merchant}/contacts/", {**CONTACT, "phone": "none"}, 400, "phone_invalid", "phone"),
    (
        "merchants/{merchant}/contacts/",
        {**CONTACT, "lawful_basis": ""},
        400,
        "invalid_choice",
        "lawful_basis",
    ),
    ("merchants/{merchant}/contacts/", {"full_name": "李四"}, 400, "required", "lawful_basis"),
    (
        "merchants/{merchant}/contacts/",
        {**CONTACT, "lawful_basis": "contract"},
        400,
        "contract_needs_sole_proprietor",
        "lawful_basis",
    ),
    ("merchants/{merchant}/outlets/", {"name": "{outlet name}"}, 409, "outlet_exists", None),
]


@pytest.fixture
def names(cast: Cast) -> dict[str, str]:
    calendar.seed(range(2026, 2029), at=timezone.now())
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    hidden = factories.MerchantFactory(unit=cast.hangzhou, owner=cast.sam)
    now = timezone.now()
    outlet = factories.OutletFactory(merchant=merchant)
    return {
        "merchant": str(merchant.pk),
        "bare": merchant.pk.hex,
        "known name": merchant.name,
        "outlet name": outlet.name,
        "free": str(factories.MerchantFactory(unit=cast.xuhui).pk),
        "hidden": str(hidden.pk),
        "lead": str(lead.pk),
        "follow_up": str(
            factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.ann).pk
        ),
        "random": str(uuid7()),
        "tomorrow": (now + timedelta(days=1)).isoformat(),
        "last week": (now - timedelta(days=7)).isoformat(),
        "last week day": (now - timedelta(days=7)).date().isoformat(),
    }


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, names) for name, one in value.items()}
    if isinstance(value, str):
        for name, meant in names.items():
            value = value.replace(f"{{{name}}}", meant)
    return value


def row_counts() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for app in ("crm", "merchants", "campaigns", "leads")
        for model in apps.get_app_config(app).get_models()
    }


@pytest.mark.parametrize(("path", "body", "status", "code", "attr"), ROWS)
def test_bad_input_is_refused_and_nothing_is_written(
    path: str,
    body: Any,
    status: int,
    code: str,
    attr: str | None,
    cast: Cast,
    names: dict[str, str],
) -> None:
    phone = Phone(cast.ann)
    before = row_counts()
    answer = phone.post(filled(path, names), filled(body, names))
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert [(one["code"], one["attr"]) for one in problem["errors"]] == [(code, attr)]
    assert problem["detail"] == problem["errors"][0]["detail"] != ""
    assert problem["status"] == status
    assert problem["request_id"] == answer["X-Request-Id"]
    assert row_counts() == before
    phone.headers["Accept-Language"] = "zh-hans"
    chinese = phone.post(filled(path, names), filled(body, names)).json()
    assert chinese["code"] == problem["code"]
    assert [one["code"] for one in chinese["errors"]] == [code]
    assert chinese["detail"]


def test_a_hidden_row_in_a_body_reads_like_a_missing_one(cast: Cast, names: dict[str, str]) -> None:
    phone = Phone(cast.ann)
    problems = [
        phone.post(path, filled({**body, "merchant": one}, names)).json()
        for path, body in (("leads/", LEAD), ("activities/", ACTIVITY), ("follow-ups/", FOLLOW_UP))
        for one in ("{hidden}", "{random}")
    ]
    assert len({tuple(problem.pop("request_id") for problem in problems)}) == 1
    for hidden, missing in zip(problems[::2], problems[1::2], strict=True):
        assert hidden == missing


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"],
)
def test_only_json_is_taken(content_type: str, cast: Cast, names: dict[str, str]) -> None:
    phone = Phone(cast.ann)
    answer = phone.client.post(
        "/api/v1/merchants/", b"name=x", content_type=content_type, headers=phone.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("leads/?limit=0", 400),
        ("leads/?limit=201", 400),
        ("leads/?limit=-1", 400),
        ("leads/?limit=９", 400),
        ("leads/?limit=000000001999999", 400),
        ("leads/?limit=" + "9" * 5000, 400),
        ("leads/?limit=1&limit=2", 400),
        ("leads/?owner=x", 400),
        ("leads/?owner=", 400),
        ("leads/?owner=me&owner=none", 400),
        ("leads/?stage=moon", 400),
        ("leads/?stage=", 400),
        ("leads/?unit=7", 400),
        ("leads/?merchant=%00", 400),
        ("leads/?q=%00", 400),
        ("leads/?q=%ff%fe", 200),
        ("leads/?q=%ed%a0%80", 200),
        ("leads/?q=%", 200),
        ("leads/?q=%25%5F%5C", 200),
        ("leads/?q=" + "a" * 501, 400),
        ("leads/?q=1e9999999", 200),
        ("leads/?ordering=", 400),
        ("leads/?ordering=merchant__name", 400),
        ("leads/?ordering=--created_at", 400),
        ("leads/?cursor=", 400),
        ("leads/?cursor=x", 400),
        ("leads/?cursor=WyJ4Il0", 400),
        ("leads/?cursor=é", 400),
        ("leads/?next_follow_up_before=2026-11-18", 400),
        ("leads/?next_follow_up_before=0001-01-01T00:00:00%2B14:00", 400),
        ("leads/?next_follow_up_before=9999-12-31T23:59:59-14:00", 400),
        ("leads/?next_follow_up_before=2026-11-18T10:00:00%2B08:00", 200),
        ("leads/?quiet_since=now", 400),
        ("leads/?colour=red", 400),
        ("leads/?%00=1", 400),
        ("leads/?__proto__[x]=1", 400),
        ("leads/{lead}/?expand=everything", 400),
        ("leads/{lead}/?fields=id", 400),
        ("leads/{lead}/?expand=timeline", 200),
        ("leads/stats/?x=1", 400),
        ("notifications/?unread=perhaps", 400),
        ("users/?role=emperor", 400),
        ("merchants/?category_group=moon", 400),
        ("reports/pipeline/?week=2026-W54", 400),
        ("reports/pipeline/?week=0000-W01", 400),
        ("reports/pipeline/?week=0001-W01", 400),
        ("reports/pipeline/?week=9999-W52", 400),
        ("reports/pipeline/?week=２０２６-W４７", 400),
        ("reports/pipeline/?week=%00", 400),
        ("reports/pipeline/?unit={random}", 400),
        ("leads/not-an-id/", 404),
        ("leads/%00/", 404),
        ("leads/%ff/", 404),
        ("leads/../../etc/passwd", 404),
        ("nothing/here/", 404),
    ],
)
def test_addresses_and_parameters_are_taken_in_one_form_only(
    path: str, status: int, cast: Cast, names: dict[str, str]
) -> None:
    answer = Phone(cast.ann).get(filled(path, names))
    assert answer.status_code == status, answer.content
    if status != 200:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["detail"]


def test_what_a_writer_asks_in_the_address_is_refused(cast: Cast, names: dict[str, str]) -> None:
    answer = Phone(cast.ann).post("leads/?dry_run=1", filled(LEAD, names))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "dry_run")


def test_huge_headers_and_odd_languages_do_no_harm(cast: Cast) -> None:
    phone = Phone(cast.ann)
    phone.headers |= {
        "X-Request-Id": "x" * 100_000,
        "Accept-Language": "zh-hans;q=é," * 2000,
        "If-Match": "x" * 100_000,
    }
    answer = phone.get("meta/")
    assert answer.status_code == 200
    assert len(answer["X-Request-Id"]) == 32


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_is_not_offered_names_those_that_are(method: str, cast: Cast) -> None:
    answer = Phone(cast.ann).send(method, "leads/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_name_that_grows_too_long_when_normalised_is_refused_and_not_cut(cast: Cast) -> None:
    answer = Phone(cast.ann).post("merchants/", {"name": "ﷺ" * 200})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_long")
    assert Phone(cast.ann).post("merchants/", {"name": "ﷺ" * 11}).status_code == 201


def test_a_day_off_as_due_date_is_moved_and_said_so(cast: Cast, names: dict[str, str]) -> None:
    now = timezone.localtime()
    off = (now + timedelta(days=3)).date()
    SpecialDay.objects.filter(day=off).delete()
    SpecialDay.objects.create(day=off, is_working_day=False, name="店休")
    calendar.forget()
    body = {**FOLLOW_UP, "due_at": (now + timedelta(days=3)).isoformat()}
    answer = Phone(cast.ann).post("follow-ups/", filled(body, names))
    assert answer.status_code == 201
    assert [one["code"] for one in answer.json()["notices"]] == ["moved_to_working_day"]
    moved = datetime.fromisoformat(answer.json()["due_at"])
    assert timezone.localdate(moved) > off


def test_today_stays_today_even_on_a_day_off(cast: Cast, names: dict[str, str]) -> None:
    today = timezone.localdate()
    SpecialDay.objects.filter(day=today).delete()
    SpecialDay.objects.create(day=today, is_working_day=False, name="店休")
    calendar.forget()
    due = timezone.localtime().replace(hour=23, minute=59, second=0, microsecond=0)
    body = {**FOLLOW_UP, "due_at": due.isoformat()}
    answer = Phone(cast.ann).post("follow-ups/", filled(body, names))
    assert answer.status_code == 201
    assert "notices" not in answer.json()


def test_a_phone_whose_clock_runs_ahead_is_set_back_and_told(
    cast: Cast, names: dict[str, str]
) -> None:
    body = {**ACTIVITY, "occurred_at": (timezone.now() + timedelta(hours=3)).isoformat()}
    answer = Phone(cast.ann).post("activities/", filled(body, names))
    assert [one["code"] for one in answer.json()["notices"]] == ["clock_ahead"]
