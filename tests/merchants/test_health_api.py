"""Health, maturity and figures as the API answers and takes them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.actors import SYSTEM
from merchants.domain import scoring
from merchants.models import HealthReading, Partnership, PeriodFigures, SalesDay
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.merchants.health_rows import partnership

pytestmark = pytest.mark.django_db


@pytest.fixture
def one(cast: Cast) -> Partnership:
    return partnership(factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann))


@pytest.fixture
def phone(cast: Cast) -> Phone:
    return Phone(cast.ann)


def today() -> date:
    return timezone.localdate()


def entry(ago: int = 1, **changed: Any) -> dict[str, Any]:
    day = today() - timedelta(days=ago)
    return {
        "day": day.isoformat(),
        "sales": "1200.50",
        "qualifying_sales": 8,
        "redemptions": 3,
        **changed,
    }


def test_sales_are_filed_and_read_back_the_newest_first(phone: Phone, one: Partnership) -> None:
    path = f"partnerships/{one.pk}/sales-days/"
    body = {"days": [entry(ago) for ago in (3, 1, 2)]}
    assert phone.post(path, body).json() == {"added": 3, "changed": 0, "unchanged": 0}
    assert phone.post(path, body).json() == {"added": 0, "changed": 0, "unchanged": 3}
    first = phone.get(f"{path}?limit=2").json()
    assert [row["day"] for row in first["results"]] == [entry(1)["day"], entry(2)["day"]]
    assert first["results"][0]["sales"] == "1200.50"
    rest = phone.get(first["next"]).json()
    assert [row["day"] for row in rest["results"]] == [entry(3)["day"]]
    back = phone.get(rest["previous"]).json()
    assert back["results"] == first["results"]


def test_a_repeated_request_files_once(phone: Phone, one: Partnership) -> None:
    path = f"partnerships/{one.pk}/sales-days/"
    first = phone.post(path, {"days": [entry()]}, key="abc")
    again = phone.post(path, {"days": [entry()]}, key="abc")
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"


WRONG_SALES: dict[str, tuple[Any, int, str, str]] = {
    "no days": ({}, 400, "required", "days"),
    "an empty list": ({"days": []}, 400, "min_length", "days"),
    "too many": ({"days": [{}] * 401}, 400, "max_length", "days"),
    "no list": ({"days": "x"}, 400, "not_a_list", "days"),
    "no object": ({"days": [1]}, 400, "invalid", "days.0"),
    "an unknown field": ({"days": [{"card": "6222"}]}, 400, "unknown_field", "days.0.card"),
    "money as a number": ({"days": [{"sales": 12.5}]}, 400, "money", "days.0.sales"),
    "a count as text": (
        {"days": [{"redemptions": "3"}]},
        400,
        "invalid",
        "days.0.redemptions",
    ),
    "a negative count": (
        {"days": [{"qualifying_sales": -1}]},
        400,
        "min_value",
        "days.0.qualifying_sales",
    ),
    "a count beyond counting": (
        {"days": [{"redemptions": 10**12}]},
        400,
        "max_value",
        "days.0.redemptions",
    ),
    "true as a count": ({"days": [{"redemptions": True}]}, 400, "invalid", "days.0.redemptions"),
    "a day that is none": ({"days": [{"day": "2026-02-30"}]}, 400, "invalid", "days.0.day"),
    "tomorrow": ({"days": [{"ago": -1}]}, 400, "day_in_future", "days.0.day"),
    "twice": ({"days": [{}, {}]}, 400, "day_twice", "days.0.day"),
}


@pytest.mark.parametrize("case", WRONG_SALES)
def test_wrong_sales_are_refused_and_nothing_is_written(
    case: str, phone: Phone, one: Partnership
) -> None:
    body, status, code, attr = WRONG_SALES[case]
    if isinstance(body.get("days"), list):
        body = {
            "days": [entry(**item) if isinstance(item, dict) else item for item in body["days"]]
        }
    answer = phone.post(f"partnerships/{one.pk}/sales-days/", body)
    assert answer.status_code == status, answer.content
    assert (code, attr) in [(error["code"], error["attr"]) for error in answer.json()["errors"]]
    assert not SalesDay.objects.exists()


def test_figures_are_filed_and_read_back(phone: Phone, one: Partnership) -> None:
    path = f"partnerships/{one.pk}/figures/"
    month = f"{today():%Y-%m}"
    body = {"month": month, "source": "卡部月报", "new_cards": 31, "joint_plan": True}
    answer = phone.post(path, body)
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == '"1"'
    assert answer.json()["month"] == f"{month}-01"
    more = phone.post(
        path, {"month": month, "source": "卡部月报", "further_products": ["loan", "loan"]}
    )
    assert (more.json()["new_cards"], more.json()["further_products"]) == (31, ["loan"])
    (row,) = phone.get(path).json()["results"]
    assert row["joint_plan"] is True


WRONG_FIGURES: dict[str, tuple[dict[str, Any], int, str, str | None]] = {
    "no month": ({"month": None}, 400, "null", "month"),
    "a thirteenth month": ({"month": "2026-13"}, 400, "month", "month"),
    "a day": ({"month": "2026-11-01"}, 400, "month", "month"),
    "no source": ({"source": ""}, 400, "blank", "source"),
    "seven statements": ({"statements": 7}, 400, "max_value", "statements"),
    "statements alone": ({"statements": 1}, 409, "statements_invalid", None),
    "a product nobody has": (
        {"further_products": ["gold"]},
        400,
        "invalid_choice",
        "further_products.0",
    ),
    "a list as a product": (
        {"further_products": [[]]},
        400,
        "invalid_choice",
        "further_products.0",
    ),
    "an unknown field": ({"customer": "张三"}, 400, "unknown_field", "customer"),
    "a NUL in the source": ({"source": "a\0"}, 400, "nul_character", None),
    "a month far ahead": ({"month": "2099-01"}, 400, "month_in_future", "month"),
    "a truth that is none": ({"joint_plan": "maybe"}, 400, "invalid", "joint_plan"),
}


@pytest.mark.parametrize("case", WRONG_FIGURES)
def test_wrong_figures_are_refused_and_nothing_is_written(
    case: str, phone: Phone, one: Partnership
) -> None:
    changed, status, code, attr = WRONG_FIGURES[case]
    body = {"month": f"{today():%Y-%m}", "source": "卡部月报", **changed}
    answer = phone.post(f"partnerships/{one.pk}/figures/", body)
    assert answer.status_code == status, answer.content
    assert (code, attr) in [(error["code"], error["attr"]) for error in answer.json()["errors"]]
    assert not PeriodFigures.objects.exists()


def worked(one: Partnership) -> None:
    HealthReading.objects.create(
        partnership=one,
        day=today(),
        score="68.0",
        activity="0.8",
        trend="0.45",
        target="0.75",
        settlement="0.8333",
        engagement="0.5",
        active_days=8,
        sales_fen=9_000_000,
        previous_fen=10_000_000,
        redemptions=450,
        planned_redemptions="600",
        statements=6,
        statements_overdue=1,
        contacts=1,
    )


def test_health_is_told_with_its_five_parts_in_words(phone: Phone, one: Partnership) -> None:
    HealthReading.objects.create(partnership=one, day=today() - timedelta(days=1), score="59.9")
    worked(one)
    told = phone.get(f"partnerships/{one.pk}/health/").json()
    assert (told["score"], told["day"], told["no_data"]) == ("68.0", today().isoformat(), [])
    assert [part["points"] for part in told["parts"]] == ["24.0", "9.0", "15.0", "12.5", "7.5"]
    assert [part["weight"] for part in told["parts"]][:2] == ["0.3000", "0.2000"]
    assert [part["text"] for part in told["parts"]] == [
        "Days with a qualifying sale in the last 30: 8; full at 10.",
        "Sales in the last 30 days: ¥90,000.00; in as many before: ¥100,000.00.",
        "Redemptions: 450 of 600 planned.",
        "Overdue: 1 of the last 6 statements.",
        "Two-way contacts in the last 60 days: 1; full at 2.",
    ]
    assert [day["score"] for day in told["history"]] == ["59.9", "68.0"]
    assert (told["alarm_below"], told["recovered_from"]) == (60, 70)


def test_a_part_without_data_is_named(phone: Phone, one: Partnership) -> None:
    scoring.recompute(today(), by=SYSTEM, at=timezone.now())
    told = phone.get(f"partnerships/{one.pk}/health/").json()
    assert (told["score"], told["no_data"]) == (
        None,
        ["activity", "trend", "target", "settlement"],
    )
    assert told["parts"][0]["text"] == "No sales were ever filed."


def test_before_the_first_reading_there_is_no_health(phone: Phone, one: Partnership) -> None:
    told = phone.get(f"partnerships/{one.pk}/health/").json()
    assert (told["score"], told["day"], told["history"]) == (None, None, [])
    assert len(told["no_data"]) == 5


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("days=0", "days_invalid"),
        ("days=401", "days_invalid"),
        ("days=x", "days_invalid"),
        ("days=²", "days_invalid"),
        ("days=-1", "days_invalid"),
        ("days=1&days=2", "parameter_repeated"),
        ("since=1", "unknown_parameter"),
    ],
)
def test_a_wrong_span_of_history_is_refused(
    query: str, code: str, phone: Phone, one: Partnership
) -> None:
    answer = phone.get(f"partnerships/{one.pk}/health/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_history_has_no_more_days_than_asked_for(phone: Phone, one: Partnership) -> None:
    for ago in range(5):
        HealthReading.objects.create(partnership=one, day=today() - timedelta(days=ago))
    told = phone.get(f"partnerships/{one.pk}/health/?days=3").json()
    assert len(told["history"]) == 3


def test_maturity_is_told_criterion_by_criterion(phone: Phone, one: Partnership) -> None:
    PeriodFigures.objects.create(
        partnership=one,
        month=today().replace(day=1),
        source="月报",
        live_offers=2,
        bank_side=2,
        merchant_side=1,
        customer_side=2,
    )
    scoring.evaluate(today(), by=SYSTEM, at=timezone.now())
    told = phone.get(f"partnerships/{one.pk}/maturity/").json()
    assert (told["level"], told["label"], told["measured"]) == (0, "Not yet begun", 0)
    assert len(told["criteria"]) == 11
    live = next(one for one in told["criteria"] if one["criterion"] == "live_offer")
    assert live == {
        "level": 1,
        "criterion": "live_offer",
        "label": "Live offers",
        "value": 2,
        "bar": 1,
        "met": True,
    }
    assert [side["side"] for side in told["ecosystem"] if side["weakest"]] == ["merchant"]
    assert len(told["history"]) == 1


@pytest.mark.parametrize("page", ["health", "maturity", "sales-days", "figures"])
def test_reading_takes_the_same_statements_however_much_there_is(
    page: str, phone: Phone, one: Partnership, same_queries: Any
) -> None:
    def grow() -> None:
        for ago in range(1, 30):
            day = today() - timedelta(days=ago)
            SalesDay.objects.create(
                partnership=one, day=day, sales_fen=1, qualifying_sales=1, redemptions=1
            )
            HealthReading.objects.create(partnership=one, day=day)
        for back in range(1, 5):
            month = (today().replace(day=1) - timedelta(days=28 * back)).replace(day=1)
            PeriodFigures.objects.get_or_create(
                partnership=one, month=month, defaults={"source": "月报"}
            )

    same_queries(lambda: phone.get(f"partnerships/{one.pk}/{page}/"), after=grow, at_most=9)


@pytest.mark.parametrize("key", ["2026-02-30", "x", "", 5, None, "2026-11-18T00:00"])
def test_a_cursor_with_a_key_that_is_no_day_is_refused(
    key: Any, phone: Phone, one: Partnership
) -> None:
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    import orjson

    path = f"partnerships/{one.pk}/sales-days/"
    phone.post(path, {"days": [entry(ago) for ago in (1, 2)]})
    sound = phone.get(f"{path}?limit=1").json()["next"].partition("cursor=")[2]
    stamp, backward, _day, pk, tier = orjson.loads(
        urlsafe_b64decode(sound + "=" * (-len(sound) % 4))
    )
    forged = urlsafe_b64encode(orjson.dumps([stamp, backward, key, pk, tier])).decode().rstrip("=")
    answer = phone.get(f"{path}?limit=1&cursor={forged}")
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")
