"""The search box: what people type, what it finds, in which order, and by which index."""

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from crm.api import pages
from crm.ids import uuid7
from merchants.domain import credit_code, reference, registration
from merchants.models import Merchant, searching
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SHOPS = {
    "海底捞火锅(徐家汇店)": "91310104000000000T",
    "上海小南国": "",
    "海鲜大排档": "",
    "大家乐": "",
    "重庆小面": "",
    "长沙臭豆腐": "",
    "永辉超市": "",
}


@pytest.fixture(autouse=True)
def fresh_frequencies() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shops(cast: Cast) -> dict[str, Merchant]:
    dining = factories.CategoryFactory()
    market = factories.CategoryFactory(
        code="5411", label_en="Groceries and supermarkets", label_zh="大型仓储式超级市场"
    )
    return {
        name: factories.MerchantFactory(
            name=name,
            credit_code=code or None,
            unit=cast.xuhui,
            owner=cast.ann,
            category=market if "超市" in name else dining,
        )
        for name, code in SHOPS.items()
    }


def found(cast: Cast, text: str) -> list[str]:
    answer = Phone(cast.ann).get(f"merchants/?q={text}")
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


FINDS = {
    # one character: what begins with it comes first, each by pinyin
    "海": ["海底捞火锅(徐家汇店)", "海鲜大排档", "上海小南国"],
    "海底": ["海底捞火锅(徐家汇店)"],
    "徐家汇": ["海底捞火锅(徐家汇店)"],
    "hdl": ["海底捞火锅(徐家汇店)"],
    "haidilao": ["海底捞火锅(徐家汇店)"],
    "huoguo": ["海底捞火锅(徐家汇店)"],
    # polyphones, in every reading
    "dajiale": ["大家乐"],
    "dajiayue": ["大家乐"],
    "chongqing": ["重庆小面"],
    "csc": ["长沙臭豆腐"],
    # not by the name
    "91310104000000000T": ["海底捞火锅(徐家汇店)"],
    "913101040": ["海底捞火锅(徐家汇店)"],
    "8000": ["重庆小面"],
    "13800138000": ["重庆小面"],
    "超级市场": ["永辉超市"],
    "supermarket": ["永辉超市"],
    "不存在": [],
    "!!!": [],
}


@pytest.mark.parametrize("text", FINDS)
def test_the_box_finds(text: str, cast: Cast, shops: dict[str, Merchant]) -> None:
    factories.ContactFactory(merchant=shops["重庆小面"])
    assert found(cast, text) == FINDS[text]


def test_a_name_comes_before_a_category(cast: Cast, shops: dict[str, Merchant]) -> None:
    named = factories.MerchantFactory(name="餐馆老王", unit=cast.xuhui, owner=cast.ann)
    assert found(cast, "餐馆")[0] == named.name
    assert len(found(cast, "餐馆")) == len(SHOPS), "all that are in the category, but the market"


def test_nobody_finds_what_they_may_not_know_of(cast: Cast, shops: dict[str, Merchant]) -> None:
    assert Phone(cast.sam).get("merchants/?q=海").json()["results"] == []


def test_pages_follow_one_another_through_the_tiers_and_back(
    cast: Cast, shops: dict[str, Merchant]
) -> None:
    phone = Phone(cast.ann)
    first = phone.get("merchants/?q=海&limit=1").json()
    second = phone.get(first["next"]).json()
    third = phone.get(second["next"]).json()
    names = [page["results"][0]["name"] for page in (first, second, third)]
    assert names == FINDS["海"]
    assert third["next"] is None
    back = phone.get(third["previous"]).json()
    assert back["results"] == second["results"]
    assert phone.get(back["previous"]).json()["results"] == first["results"]


def test_another_order_can_be_asked_for(cast: Cast, shops: dict[str, Merchant]) -> None:
    answer = Phone(cast.ann).get("merchants/?q=海&ordering=-created_at").json()
    assert [row["name"] for row in answer["results"]] == [
        "海鲜大排档",
        "上海小南国",
        "海底捞火锅(徐家汇店)",
    ]
    refused = Phone(cast.ann).get("merchants/?ordering=relevance")
    assert refused.json()["code"] == "ordering_unknown", "nothing was searched for"


def test_the_admin_lists_the_best_first_as_well(
    cast: Cast, shops: dict[str, Merchant], signed_in: Callable[..., Client]
) -> None:
    page = signed_in(cast.ann).get("/admin/merchants/merchant/?q=海")
    assert [row.name for row in page.context["cl"].result_list] == FINDS["海"]


def test_a_search_asks_the_same_few_questions_whatever_it_finds(
    cast: Cast, shops: dict[str, Merchant], same_queries: Callable[..., int]
) -> None:
    phone = Phone(cast.ann)
    same_queries(
        lambda: phone.get("merchants/?q=海"),
        after=lambda: factories.MerchantFactory(name="海港城", unit=cast.xuhui, owner=cast.ann),
        at_most=4,
    )


# --- on 200,000 merchants ---------------------------------------------------------------------

NAMES, SHOPS_OF_A_NAME = 20_000, 10
TEXTS = {
    "one character": "海",
    "one character, rare": "捞",
    "one character in every name": "店",
    "two characters": "火锅",
    "four characters": "海底捞火",
    "one letter": "h",
    "two letters": "hd",
    "initials": "hdlhg",
    "pinyin": "haidilao",
    "pinyin, in every name": "dian",
    "polyphone": "dajiayue",
    "credit code": "91310104000000000T",
    "phone tail": "0005",
    "category label": "美容理发",
    "nothing": "龘龘",
}
INDEXES = {
    "merchant_grams",
    "merchant_text",
    "merchant_by_sound",
    "merchant_of_category",
    "merchant_credit_code_once",
}


def shops_of_the_country(wanted: int) -> Iterator[tuple[str, str, str]]:
    """Name, category and district: real brands in every county."""
    brands = list(reference.rows_of("brands.csv"))
    counties = [row for row in reference.rows_of("divisions.csv") if row["level"] == "county"]
    for number in range(wanted):
        brand = brands[number % len(brands)]
        county = counties[number // len(brands) % len(counties)]
        yield f"{brand['name']}({county['name']}店)", brand["mcc"], county["code"]


def test_every_kind_of_search_is_served_by_an_index(cast: Cast) -> None:
    """For who sees them all, and for a rep who has one in two hundred."""
    reference.load_categories()
    reference.load_divisions()
    copy_merchants(shops_of_the_country(NAMES), cast)
    for who in ("mei", "ann"):
        for kind, text in TEXTS.items():
            plan, milliseconds = planned(cast.named(who), text)
            assert not walked_through(plan), (kind, plan)
            assert [index for index in INDEXES for line in plan if index in line], (kind, plan)
            assert milliseconds < 250, (kind, plan)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX merchant_grams, merchant_by_sound")
    plan, _milliseconds = planned(cast.mei, "捞")
    assert walked_through(plan), "without the indexes the proof fails"


def walked_through(plan: list[str]) -> bool:
    return any("Seq Scan on merchants_merchant" in line for line in plan)


def planned(user: Any, text: str) -> tuple[list[str], float]:
    tiers = Merchant.objects.visible_to(user).best_first(text)
    keys = pages._keys(tiers, searching.ORDER, None, down=False, backward=False, limit=51)
    sql, parameters = keys.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sql}", parameters)
        plan = [line for (line,) in cursor.fetchall()]
    last = next(line for line in plan if "Execution Time" in line)
    return plan, float(last.split()[2])


def copy_merchants(shops: Iterator[tuple[str, str, str]], cast: Cast) -> None:
    """Rows by COPY, half of them Ann's, with the columns that registration would write."""
    columns = ["normalised_name", "name_pinyin", "name_initials", "search_grams", "search_text"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'merchants_merchant' AND indexdef LIKE '% USING gin %'"
        )
        slow_to_grow = cursor.fetchall()
        for index, _definition in slow_to_grow:
            cursor.execute(f"DROP INDEX {index}")
        with cursor.copy(
            "COPY merchants_merchant (id, version, created_at, updated_at, name, legal_name,"
            " category_id, category_group, division_id, source, unit_id, owner_id, credit_code,"
            f" {', '.join(columns)}) FROM STDIN"
        ) as copy:
            numbers = count()
            for name, mcc, division in shops:
                searched = registration.search_columns(name)
                for number in islice(numbers, SHOPS_OF_A_NAME):
                    copy.write_row(
                        (
                            *(uuid7(), 1, factories.AT, factories.AT, name, ""),
                            *(mcc, "dining", division, "field", cast.xuhui.pk),
                            cast.ann.pk if number % 200 == 0 else cast.max.pk,
                            credit_code.made_up(number),
                            *(searched[column] for column in columns),
                        )
                    )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _index, definition in slow_to_grow:
            cursor.execute(definition)
        cursor.execute("ANALYZE merchants_merchant")
