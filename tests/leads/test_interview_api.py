"""The needs interview through the API: shapes, bad input, repeats, and what lists cost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.ids import uuid7
from leads.domain import questions
from leads.models import GridQuestion, Pain
from merchants.domain.contact_windows import CATEGORIES
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.interview_desk import COST, Interview, interview

pytestmark = pytest.mark.django_db

COST_SENT = {"label": "空台损失", "unit": "yuan", "period": "month", "amount": "48000.00"}


@pytest.fixture
def desk(cast: Cast) -> Interview:
    return interview(cast, timezone.now())


@pytest.fixture
def phone(cast: Cast) -> Phone:
    return Phone(cast.ann)


def at_cell(desk: Interview, cell: str, what: str) -> str:
    return f"pains/{desk.pain.pk}/cells/{cell}/{what}/"


def agreed(desk: Interview, **said: Any) -> dict[str, Any]:
    return {
        "words": "就是这两个原因",
        "agreed_by": str(desk.contact.pk),
        "agreed_at": (timezone.now() - timedelta(hours=1)).isoformat(),
        "agreed_via": "visit",
        **said,
    }


def test_an_interview_from_the_first_question_to_a_vision(desk: Interview, phone: Phone) -> None:
    assert desk.lead is not None
    body = {"merchant": str(desk.merchant.pk), "lead": str(desk.lead.pk), "title": "新客不回头"}
    answer = phone.post("pains/", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["status"], made["next_cell"], made["stuck_column"]) == ("latent", "R1", "R")
    assert [cell["cell"] for cell in made["cells"]] == sorted(
        f"{column}{row}" for column in "RIC" for row in "123"
    )
    path = f"pains/{made['id']}/"
    sent = {"status": "complete", "words": "每周四晚空十五台", "numbers": [COST_SENT]}
    filled = phone.post(f"{path}cells/C1/fill/", sent).json()
    found = {cell["cell"]: cell for cell in filled["cells"]}
    assert found["C1"]["premature"]
    assert found["C1"]["numbers"] == [{**COST_SENT, "value": None}]
    assert not found["R1"]["premature"]
    assert (filled["raw_completeness"], filled["gated_completeness"]) == ("0.0556", "0.0000")
    assert phone.post(f"{path}cells/R3/confirm/", agreed(desk)).json()["status"] == "admitted"
    critical = phone.post(f"{path}cells/I3/confirm/", agreed(desk, numbers=[COST_SENT])).json()
    assert (critical["status"], critical["monthly_impact"]) == ("critical", "48000.00")
    found = {cell["cell"]: cell for cell in critical["cells"]}
    assert not found["C1"]["premature"]
    assert found["I3"]["agreed_by"] == {"id": str(desk.contact.pk), "name": "张*"}
    assert phone.post(f"{path}cells/C3/confirm/", agreed(desk)).json()["status"] == "vision"
    back = phone.post(f"{path}cells/I3/take-back/", {"because": "重新算过"}).json()
    assert back["status"] == "admitted"


def test_a_list_is_narrowed(desk: Interview, phone: Phone) -> None:
    first = desk.pain
    desk.confirm("R3")
    desk.confirm("I3", numbers=[COST])
    other = interview(desk.cast, desk.at)
    for query, expected in (
        ("", {first.pk, other.pain.pk}),
        (f"merchant={desk.merchant.pk}", {first.pk}),
        (f"lead={other.lead.pk}", {other.pain.pk}),  # type: ignore[union-attr]
        ("status=critical", {first.pk}),
        ("status=critical&status=latent", {first.pk, other.pain.pk}),
        ("stuck=R", {other.pain.pk}),
        ("stuck=C&stuck=I", {first.pk}),
        ("open=true", {first.pk, other.pain.pk}),
        ("open=false", set()),
        ("ordering=-updated_at", {first.pk, other.pain.pk}),
    ):
        results = phone.get(f"pains/?{query}").json()["results"]
        assert {row["id"] for row in results} == {str(pk) for pk in expected}, query
    for query in ("status=sore", "stuck=X", "open=maybe", "merchant=1", "colour=red"):
        assert phone.get(f"pains/?{query}").status_code == 400, query


def test_lists_and_details_cost_the_same_however_much_there_is(
    desk: Interview, phone: Phone, same_queries: Callable[..., int]
) -> None:
    assert desk.lead is not None
    lead = desk.lead

    def grow() -> None:
        for _number in range(3):
            desk.open()
            for cell in ("R1", "R2", "I2"):
                desk.fill(cell, numbers=[COST, COST])
            desk.confirm("R3")
        for cell in ("R1", "R2"):
            desk.pain = first
            desk.fill(cell, numbers=[COST, COST])

    first = desk.pain
    same_queries(lambda: phone.get("pains/"), after=grow, at_most=6)
    same_queries(lambda: phone.get(f"pains/{first.pk}/"), after=grow, at_most=6)
    same_queries(lambda: phone.get(f"leads/{lead.pk}/entry-points/"), after=grow, at_most=13)
    path = f"merchants/{desk.merchant.pk}/questions/"
    same_queries(lambda: phone.get(path), after=lambda: questions.load(at=desk.at), at_most=7)
    same_queries(
        lambda: phone.get("grid-questions/"), after=lambda: questions.load(at=desk.at), at_most=6
    )


PAIN = {"merchant": "{merchant}", "title": "新客不回头"}


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({"title": "…"}, "required", "merchant"),
        ({**PAIN, "title": ""}, "blank", "title"),
        ({**PAIN, "title": "长" * 201}, "max_length", "title"),
        ({**PAIN, "title": "坏\0"}, "nul_character", None),
        ({**PAIN, "title": 7}, "invalid", "title"),
        ({**PAIN, "mode": "dance"}, "invalid_choice", "mode"),
        ({**PAIN, "trigger_on": "2027-02-30"}, "invalid", "trigger_on"),
        ({**PAIN, "trigger_on": "9999-12-31"}, "day_too_far", "trigger_on"),
        ({**PAIN, "merchant": "{hidden}"}, "not_found", "merchant"),
        ({**PAIN, "lead": "{random}"}, "not_found", "lead"),
        ({**PAIN, "lead": "{other_lead}"}, "lead_of_other_merchant", "lead"),
        ({**PAIN, "status": "vision"}, "unknown_field", "status"),
    ],
    ids=str,
)
def test_a_pain_that_makes_no_sense_is_refused(
    desk: Interview, phone: Phone, body: dict[str, Any], code: str, attr: str | None
) -> None:
    cast = desk.cast
    names = {
        "merchant": desk.merchant.pk,
        "hidden": factories.MerchantFactory(unit=cast.hangzhou, owner=cast.sam).pk,
        "random": uuid7(),
        "other_lead": interview(cast, desk.at).lead.pk,  # type: ignore[union-attr]
    }
    before = Pain.objects.count()
    sent = {
        name: value.format(**names) if isinstance(value, str) else value
        for name, value in body.items()
    }
    answer = phone.post("pains/", sent)
    assert answer.status_code in (400, 409), answer.content
    assert [(one["code"], one["attr"]) for one in answer.json()["errors"]] == [(code, attr)]
    assert Pain.objects.count() == before


@pytest.mark.parametrize(
    ("cell", "what", "change", "code"),
    [
        ("R3", "confirm", {"agreed_by": None}, "null"),
        ("R3", "confirm", {"agreed_by": "-"}, "required"),
        ("R3", "confirm", {"agreed_at": "-"}, "required"),
        ("R3", "confirm", {"agreed_via": "-"}, "required"),
        ("R3", "confirm", {"agreed_via": "pigeon"}, "invalid_choice"),
        ("R3", "confirm", {"agreed_at": "2026-11-18T10:00:00"}, "moment"),
        ("R3", "confirm", {"agreed_at": "2199-01-01T00:00:00Z"}, "agreed_in_future"),
        ("R3", "confirm", {"agreed_by": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"}, "not_found"),
        ("R3", "confirm", {"insight": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"}, "not_found"),
        ("R3", "confirm", {"words": ""}, "words_required"),
        ("R3", "confirm", {"words": "坏\0"}, "nul_character"),
        ("R2", "confirm", {}, "cell_not_confirmable"),
        ("X1", "confirm", {}, "cell_unknown"),
        ("X1", "fill", {"words": "…"}, "cell_unknown"),
        ("R1", "fill", {"status": "half"}, "invalid_choice"),
        ("R1", "fill", {"words": "长" * 5001}, "max_length"),
        ("R1", "fill", {"words": ["…"]}, "invalid"),
        ("R1", "fill", {"numbers": "48000"}, "not_a_list"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "amount": "1" * 16}]}, "money"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "amount": "-1.00"}]}, "money"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "amount": 48000.0}]}, "money"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "amount": None}]}, "number_unit_mismatch"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "unit": "hours"}]}, "number_unit_mismatch"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "unit": "miles"}]}, "invalid_choice"),
        ("R1", "fill", {"numbers": [{"label": "台", "unit": "count", "value": "1e3"}]}, "number"),
        ("R1", "fill", {"numbers": [{"label": "台", "unit": "count", "value": "NaN"}]}, "number"),
        ("R1", "fill", {"numbers": [{"label": "台", "unit": "count", "value": "-1"}]}, "number"),
        ("R1", "fill", {"numbers": [{"label": "台", "unit": "count", "value": 15}]}, "number"),
        ("R1", "fill", {"numbers": [{**COST_SENT, "colour": "red"}]}, "unknown_field"),
        ("R1", "fill", {"documents": ["0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"]}, "not_found"),
        ("R1", "fill", {"agreed_via": "visit"}, "unknown_field"),
        ("R1", "take-back", {"because": ""}, "blank"),
        ("R3", "take-back", {"because": "重新算过"}, "cell_not_confirmed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_makes_no_sense_in_a_cell_is_refused(
    desk: Interview, phone: Phone, cell: str, what: str, change: dict[str, Any], code: str
) -> None:
    body = {**(agreed(desk) if what == "confirm" else {}), **change}
    sent = {name: value for name, value in body.items() if value != "-"}
    answer = phone.post(at_cell(desk, cell, what), sent)
    assert answer.status_code in (400, 409), answer.content
    assert answer.json()["errors"][0]["code"] == code
    desk.pain.refresh_from_db()
    assert not desk.pain.cells.exclude(status="empty").exists()


def test_who_read_an_older_version_is_shown_the_new_one(desk: Interview, phone: Phone) -> None:
    read = phone.get(f"pains/{desk.pain.pk}/")
    desk.fill("R1")
    answer = phone.post(
        at_cell(desk, "R2", "fill"), {"words": "翻台慢"}, if_match=read.headers["ETag"]
    )
    assert answer.status_code == 412
    assert answer.json()["current"]["raw_completeness"] == "0.0556"
    assert phone.patch(f"pains/{desk.pain.pk}/", {"title": "…"}).status_code == 428


def test_the_same_key_fills_once(desk: Interview, phone: Phone) -> None:
    path, body = at_cell(desk, "R1", "fill"), {"words": "人少了"}
    first, second = (phone.post(path, body, key="cell-1") for _time in range(2))
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"


def test_entry_points_show_their_four_parts(desk: Interview, phone: Phone) -> None:
    assert desk.lead is not None
    path = f"leads/{desk.lead.pk}/entry-points/"
    (found,) = phone.get(path).json()["points"]
    assert not found["eligible"]
    assert found["because"] == "fit_too_low"
    assert found["unknown"] == ["impact", "fit"]
    refused = phone.post(path, {"pain": str(desk.pain.pk)})
    assert (refused.status_code, refused.json()["code"]) == (409, "entry_not_eligible")
    named = {"capabilities": [{"name": "闲时客流", "covered": True}, {"name": "人手"}]}
    shown = phone.post(f"pains/{desk.pain.pk}/capabilities/", named).json()
    assert shown["capabilities"] == [
        {"name": "闲时客流", "covered": True},
        {"name": "人手", "covered": False},
    ]
    (found,) = phone.get(path).json()["points"]
    assert (found["fit"], found["score"], found["eligible"]) == ("0.5000", "12.50", True)
    assert phone.post(path, {"pain": str(desk.pain.pk)}).status_code == 200
    answer = phone.get(path).json()
    assert (answer["pain"], answer["cell"]) == (str(desk.pain.pk), "R1")


# The questions.


def test_the_45_questions_and_nine_general_ones_come_with_the_product(at: datetime) -> None:
    total, new = questions.load(at=at)
    assert total == new
    assert GridQuestion.objects.exclude(question_set="general").count() == 45
    assert GridQuestion.objects.filter(question_set="general").count() == 9
    first = GridQuestion.objects.get(question_set="restaurant", cell="I2")
    assert "close to 48,000 a month" in first.text_en
    assert "一个月接近 4.8 万" in first.text_zh


def test_loading_again_changes_nothing_and_leaves_what_was_edited(cast: Cast, at: datetime) -> None:
    questions.load(at=at)
    edited, stale = GridQuestion.objects.order_by("created_at", "pk")[:2]
    questions.reword(edited.pk, {"text_zh": "您自己怎么看?"}, by=cast.max, at=at)
    GridQuestion.objects.filter(pk=stale.pk).update(text_en="An older wording")
    assert questions.load(at=at)[1] == 0
    edited.refresh_from_db()
    stale.refresh_from_db()
    assert edited.text_zh == "您自己怎么看?"
    assert stale.text_en != "An older wording", "what nobody edited is kept up with the product"


@pytest.mark.parametrize(("mcc", "kind"), [*CATEGORIES.items(), ("8211", None)])
def test_a_merchant_is_asked_what_its_kind_of_shop_is_asked(
    mcc: str, kind: str | None, cast: Cast, at: datetime
) -> None:
    questions.load(at=at)
    category = factories.CategoryFactory(code=mcc)
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, category=category)
    asked = Phone(cast.ann, "zh-hans").get(f"merchants/{merchant.pk}/questions/").json()
    assert asked["question_set"] == (kind or "general")
    assert [len(cell["questions"]) for cell in asked["cells"]] == [1] * 9
    for cell in asked["cells"]:
        assert cell["questions"][0]["text"] == cell["questions"][0]["text_zh"]


def test_a_question_out_of_use_leaves_its_cell_to_the_general_ones(
    cast: Cast, at: datetime
) -> None:
    questions.load(at=at)
    own = GridQuestion.objects.get(question_set="cinema", cell="R1")
    questions.reword(own.pk, {"active": False}, by=cast.ada, at=at)
    from leads.models import Cell, QuestionSet

    (found,) = questions.by_cell(QuestionSet.CINEMA)[Cell.R1]
    assert found.question_set == "general"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text_en": ""}, "blank"),
        ({"text_zh": "长" * 501}, "max_length"),
        ({"text_zh": "坏\0"}, "nul_character"),
        ({"cell": "X1"}, "invalid_choice"),
        ({"question_set": "bakery"}, "invalid_choice"),
        ({"position": 0}, "min_value"),
        ({"position": 1}, "question_exists"),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused(
    cast: Cast, at: datetime, change: dict[str, Any], code: str
) -> None:
    questions.load(at=at)
    body = {
        "question_set": "cinema",
        "cell": "R1",
        "position": 2,
        "text_en": "Why?",
        "text_zh": "为何?",
    }
    answer = Phone(cast.max).post("grid-questions/", {**body, **change})
    assert answer.status_code in (400, 409)
    assert answer.json()["errors"][0]["code"] == code
    assert GridQuestion.objects.count() == 54
