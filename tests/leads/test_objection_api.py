"""Objections and the playbook through the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.domain import jobs
from crm.models import Job
from leads.models import Lead, Objection, PlayAttempt
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.objection_desk import agreed_cell, ann_s_lead, in_state

NOBODYS = "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(cast: Cast) -> Lead:
    return ann_s_lead(cast)


@pytest.fixture
def ann(cast: Cast) -> Phone:
    return Phone(cast.ann)


def results(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.content
    found: list[Any] = answer.json()["results"]
    return found


def test_from_raised_to_resolved(cast: Cast, lead: Lead, ann: Phone) -> None:
    play = factories.PlayFactory(sub_reason="U1")
    cell = agreed_cell(lead.merchant)
    answer = ann.post(
        "objections/",
        {
            "merchant": str(lead.merchant_id),
            "merchant_words": "生意还行,不需要",
            "declared_reason": "unaware",
            "kind": "visit",
        },
    )
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["state"], made["suggested_reason"], made["mismatch"]) == (
        "raised",
        "not_urgent",
        True,
    ), "R3 is agreed, so the interview is stuck in I"
    path = f"objections/{made['id']}/"
    assert ann.post(f"{path}diagnose/", {"sub_reason": "U1"}).json()["sub_reason"] == "U1"
    answer = ann.post(f"{path}handle/", {"play": str(play.pk), "activity": made["activity"]})
    assert answer.json()["state"] == "handled"
    answer = ann.post(
        f"{path}resolve/", {"cell": str(cell.pk), "activity": made["activity"]}, if_match='"3"'
    )
    assert answer.status_code == 200, answer.content
    whole = ann.get(path).json()
    assert (whole["state"], whole["resolved_cell"]) == ("resolved", str(cell.pk))
    assert [one["to_state"] for one in whole["changes"]] == [
        "resolved",
        "handled",
        "diagnosed",
        "raised",
    ]
    (attempt,) = whole["attempts"]
    assert (attempt["outcome"], attempt["play"]["code"]) == ("resolved", play.code)


def test_a_deferral_on_a_day_off_says_where_it_went(
    cast: Cast, lead: Lead, ann: Phone, at: datetime
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    saturday = timezone.localdate() + timedelta(days=14)
    while saturday.weekday() != 5:
        saturday += timedelta(days=1)
    answer = ann.post(f"objections/{objection.pk}/defer/", {"until": saturday.isoformat()})
    body = answer.json()
    assert body["deferred_until"] > saturday.isoformat()
    assert [one["code"] for one in body["notices"]] == ["moved_to_working_day"]


def test_the_same_key_acts_once(cast: Cast, lead: Lead, ann: Phone, at: datetime) -> None:
    objection = in_state("diagnosed", lead, by=cast.ann, at=at)
    body = {"play": str(factories.PlayFactory().pk)}
    for _each in range(2):
        answer = ann.post(f"objections/{objection.pk}/handle/", body, key="one")
        assert answer.status_code == 200
    assert PlayAttempt.objects.count() == 1


BAD: list[tuple[dict[str, Any], str]] = [
    ({"merchant_words": ""}, "blank"),
    ({"merchant_words": "x" * 2001}, "max_length"),
    ({"merchant_words": 7}, "invalid"),
    ({"declared_reason": "why"}, "invalid_choice"),
    ({"sub_reason": "X9"}, "invalid_choice"),
    ({"sub_reason": "N1"}, "sub_reason_of_other_reason"),
    ({"kind": "dream"}, "invalid_choice"),
    ({"names_other_problem": "yes"}, "invalid"),
    ({"activity": NOBODYS}, "not_found"),
    ({"pain": NOBODYS}, "not_found"),
    ({"lead": NOBODYS}, "not_found"),
    ({"merchant": NOBODYS}, "not_found"),
    ({"merchant": "mine"}, "invalid"),
    ({"occurred_at": "2026-11-18 10:00"}, "moment"),
    ({"mood": 2}, "unknown_field"),
]


@pytest.mark.parametrize(("change", "code"), BAD, ids=[f"{code} {change}" for change, code in BAD])
def test_bad_input_is_told_and_writes_nothing(
    cast: Cast, lead: Lead, ann: Phone, change: dict[str, Any], code: str
) -> None:
    body = {
        "merchant": str(lead.merchant_id),
        "merchant_words": "不需要",
        "declared_reason": "unaware",
    } | change
    answer = ann.post("objections/", body)
    assert answer.status_code in (400, 409), answer.content
    assert code in {one["code"] for one in answer.json()["errors"]}
    assert answer.json()["errors"][0]["detail"]
    assert not Objection.objects.exists()


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("diagnose", {}, 400, "required"),
        ("diagnose", {"sub_reason": "U1", "declared_reason": "other"}, 409, None),
        ("handle", {"play": NOBODYS}, 400, "not_found"),
        ("resolve", {}, 409, "resolved_needs_proof"),
        ("resolve", {"commitment": "试"}, 409, "commitment_needs_date"),
        ("resolve", {"commitment": "试", "commitment_on": "soon"}, 400, "invalid"),
        ("defer", {"until": "2020-01-01"}, 409, "day_in_the_past"),
        ("defer", {}, 400, "required"),
        ("leave-unresolved", {"because": ""}, 400, "blank"),
        ("reopen", {"because": "…"}, 409, "state_not_reachable"),
    ],
)
def test_bad_steps_are_told_and_write_nothing(
    cast: Cast,
    lead: Lead,
    ann: Phone,
    at: datetime,
    step: str,
    body: dict[str, Any],
    status: int,
    code: str | None,
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    answer = ann.post(f"objections/{objection.pk}/{step}/", body)
    assert answer.status_code in (400, 409), answer.content
    if code:
        assert code in {one["code"] for one in answer.json()["errors"]}
    assert Objection.objects.get().version == objection.version


def test_the_list_is_narrowed(cast: Cast, lead: Lead, ann: Phone, at: datetime) -> None:
    first = in_state("raised", lead, by=cast.ann, at=at)
    second = in_state("resolved", ann_s_lead(cast), by=cast.ann, at=at + timedelta(days=1))
    in_state("raised", ann_s_lead(cast), by=cast.ann, at=at - timedelta(days=9))
    Objection.objects.filter(pk=second.pk).update(
        declared_reason="other", sub_reason="O1", mismatch=True
    )

    def found(query: str) -> list[str]:
        return [one["id"] for one in results(ann.get(f"objections/?{query}"))]

    assert len(found("")) == 3
    assert found(f"merchant={lead.merchant_id}") == [str(first.pk)]
    assert found(f"lead={lead.pk}") == [str(first.pk)]
    assert found("state=resolved&state=deferred") == [str(second.pk)]
    assert found("reason=other") == found("sub_reason=O1") == [str(second.pk)]
    since = (at - timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert found(f"raised_since={since}") == [str(second.pk), str(first.pk)]
    assert found("ordering=raised_at&limit=1") != found("limit=1")
    for wrong in ("state=gone", "merchant=x", "raised_since=today", "mood=1", "mismatch=maybe"):
        assert ann.get(f"objections/?{wrong}").status_code == 400, wrong


@pytest.mark.parametrize(
    "path",
    [
        "objections/",
        "objections/metrics/?group_by=rep",
        "plays/",
        "objections/{pk}/",
        "plays/{play}/",
    ],
)
def test_no_page_asks_more_when_there_are_more_rows(
    cast: Cast, lead: Lead, at: datetime, path: str, same_queries: Callable[..., int]
) -> None:
    objection = in_state("reopened", lead, by=cast.ann, at=at)
    play = factories.PlayFactory()
    max_ = Phone(cast.max)
    address = path.format(pk=objection.pk, play=play.pk)

    def grow() -> None:
        for _each in range(3):
            in_state("resolved", ann_s_lead(cast), by=cast.ann, at=at)
            factories.PlayAttemptFactory(objection=objection)

    def ask() -> None:
        assert max_.get(address).status_code == 200

    same_queries(ask, after=grow, at_most=16)


def test_metrics_are_those_of_what_one_sees(
    cast: Cast, lead: Lead, ann: Phone, at: datetime
) -> None:
    in_state("resolved", lead, by=cast.ann, at=at)
    in_state("raised", ann_s_lead(cast), by=cast.ann, at=at)
    body = ann.get("objections/metrics/").json()
    assert (body["group_by"], body["whole"]["raised"]) == ("reason", 2)
    assert (body["whole"]["resolution_rate"], body["whole"]["win_rate"]) == ("50.00", None)
    assert [(one["key"], one["raised"]) for one in body["groups"]] == [("unaware", 2)]
    nothing = Phone(cast.sam).get("objections/metrics/").json()
    assert (nothing["whole"]["raised"], nothing["whole"]["resolution_rate"]) == (0, None)
    assert nothing["groups"] == []


@pytest.mark.parametrize("by", ["reason", "sub_reason", "category", "unit", "rep", "play"])
def test_metrics_by_everything(cast: Cast, lead: Lead, ann: Phone, at: datetime, by: str) -> None:
    in_state("resolved", lead, by=cast.ann, at=at)
    (group,) = ann.get(f"objections/metrics/?group_by={by}").json()["groups"]
    assert (group["raised"], group["resolved"]) == (1, 1)
    assert group["label"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("group_by=mood", "parameter_invalid"),
        ("from=yesterday", "parameter_invalid"),
        ("unit=x", "parameter_invalid"),
        ("owner=me", "unknown_parameter"),
        ("group_by=rep&group_by=unit", "parameter_repeated"),
        ("from=2026-11-18T00:00:00Z&to=2026-11-17T00:00:00Z", "period_reversed"),
    ],
)
def test_metrics_refuse_bad_parameters(ann: Phone, query: str, code: str) -> None:
    answer = ann.get(f"objections/metrics/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_period_and_a_unit_narrow_the_metrics(cast: Cast, lead: Lead, at: datetime) -> None:
    in_state("raised", lead, by=cast.ann, at=at)
    mei = Phone(cast.mei)
    for query, raised in (
        (f"unit={cast.xuhui.pk}", 1),
        (f"unit={cast.hangzhou.pk}", 0),
        ("from=2026-11-18T00:00:00Z&to=2026-11-19T00:00:00Z", 1),
        ("from=2026-11-19T00:00:00Z&to=2026-11-20T00:00:00Z", 0),
    ):
        body = mei.get(f"objections/metrics/?{query}").json()
        assert body["whole"]["raised"] == raised, query


# --- the playbook --------------------------------------------------------------------------


def test_a_play_is_written_and_revised(cast: Cast) -> None:
    mei = Phone(cast.mei)
    body = {
        "code": "U1-ST",
        "reason": "unaware",
        "sub_reason": "U1",
        "title_en": "Street walk",
        "title_zh": "同街走访",
        "category_groups": ["dining"],
    }
    made = mei.post("plays/", body).json()
    assert (made["current"]["number"], made["category_groups"]) == (1, ["dining"])
    path = f"plays/{made['id']}/"
    revised = mei.patch(path, {"offer_zh": "四周报告"}, if_match=f'"{made["version"]}"')
    assert revised.status_code == 200, revised.content
    assert [one["number"] for one in revised.json()["versions"]] == [2, 1]
    assert mei.patch(path, {"offer_zh": "…"}, if_match='"1"').status_code == 412
    assert mei.patch(path, {"offer_zh": "…"}).status_code == 428
    assert mei.post(f"{path}retire/").json()["retired_at"] is not None
    assert results(mei.get("plays/?active=true")) == []
    assert mei.post(f"{path}reinstate/").json()["retired_at"] is None
    assert mei.post("plays/", body).json()["code"] == "play_exists"


def test_the_playbook_is_read_by_code_and_narrowed(cast: Cast, ann: Phone) -> None:
    for code, values in (
        ("U2", {"category_groups": ["dining"]}),
        ("U1", {"sub_reason": "U1"}),
        ("O1", {"reason": "other", "category_groups": ["travel"]}),
    ):
        factories.PlayFactory(code=code, **values)

    def codes(query: str) -> list[str]:
        return [one["code"] for one in results(ann.get(f"plays/?{query}"))]

    assert codes("") == ["O1", "U1", "U2"]
    assert codes("reason=unaware") == ["U1", "U2"]
    assert codes("sub_reason=U1") == ["U1"]
    assert codes("category_group=travel") == ["O1", "U1"]


def test_what_phones_know_beforehand(ann: Phone) -> None:
    meta = ann.get("meta/").json()
    text = str(meta)
    for word in ("objection_roads", "sub_reasons", "attempt_outcome", "point_missed"):
        assert word in text


def test_objections_are_taken_out_as_a_list(cast: Cast, lead: Lead, at: datetime) -> None:
    in_state("raised", lead, by=cast.ann, at=at)
    answer = Phone(cast.max).post("exports/", {"list": "objections", "format": "csv"})
    assert answer.status_code == 201, answer.content
    jobs.run_due(at=timezone.now())
    job = Job.objects.select_related("result").get(pk=answer.json()["id"])
    assert job.result is not None
    assert "生意还行" in bytes(job.result.content).decode("utf-8-sig")
