"""The health page in the admin, and the forms in which figures are filed by hand."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.actors import SYSTEM
from crm.models import User
from merchants.admin import health_chart
from merchants.domain import scoring
from merchants.models import HealthReading, Partnership, PeriodFigures, SalesDay
from tests import factories
from tests.conftest import Cast
from tests.merchants.health_rows import partnership

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]


@pytest.fixture
def one(cast: Cast) -> Partnership:
    return partnership(factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann))


def address(name: str, one: Partnership) -> str:
    return reverse(f"admin:merchants_partnership_{name}", args=[one.pk])


def page(client: Client, one: Partnership, name: str = "health") -> str:
    answer = client.get(address(name, one))
    assert answer.status_code == 200
    return answer.content.decode()


def today() -> date:
    return timezone.localdate()


def test_the_page_shows_score_parts_chart_and_ladder(
    cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    for ago in range(1, 20):
        SalesDay.objects.create(
            partnership=one,
            day=today() - timedelta(days=ago),
            sales_fen=120_050,
            qualifying_sales=3,
            redemptions=2,
        )
        HealthReading.objects.create(
            partnership=one, day=today() - timedelta(days=ago), score=Decimal(60 + ago)
        )
    scoring.recompute(today(), by=SYSTEM, at=timezone.now())
    shown = page(signed_in(cast.ann), one)
    assert "<polyline" in shown
    assert "¥1,200.50" in shown
    assert "Overdue statements" not in shown
    assert "No redemptions are planned for this time." in shown
    assert "1.0 Product approval" in shown
    assert "Merchant&#x27;s funding share" in shown
    assert "<script>" not in shown.partition("crm-card")[2]


def test_a_partnership_without_figures_has_a_page_too(
    cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    shown = page(signed_in(cast.ann), one)
    assert "too little data" in shown
    assert "Nothing was reckoned yet." in shown


@pytest.mark.parametrize(
    ("who", "sees", "files"),
    [
        ("ann", 200, True),
        ("mei", 200, True),
        ("fay", 200, True),
        ("otto", 200, False),
        ("bo", 404, False),
        ("nia", 404, False),
    ],
)
def test_who_sees_the_page_and_who_files(
    who: str, sees: int, files: bool, cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    client = signed_in(cast.named(who))
    answer = client.get(address("health", one))
    assert answer.status_code == sees
    if sees == 200:
        assert (address("file-sales", one) in answer.content.decode()) == files
    body = {"days": f"{today()} 1 1 1"}
    client.post(address("file-sales", one), body)
    assert SalesDay.objects.exists() == files


LINES: dict[str, tuple[str, int]] = {
    "one": ("{d1} 1200.50 8 3", 1),
    "several, with an empty line": ("{d1} 1200.50 8 3\n\n  {d2} 0 0 0  \n", 2),
    "out of a sheet": ("{d1}\t1200.5\t8\t3\r\n{d2}\t7\t1\t0", 2),
    "with commas": ("{d1}, 1200.50, 8, 3", 1),
}


@pytest.mark.parametrize("case", LINES)
def test_sales_are_filed_a_line_a_day(
    case: str, cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    text, rows = LINES[case]
    days = {f"d{ago}": str(today() - timedelta(days=ago)) for ago in (1, 2)}
    answer = signed_in(cast.ann).post(
        address("file-sales", one), {"days": text.format(**days)}, follow=True
    )
    assert "The sales are filed." in answer.content.decode()
    assert SalesDay.objects.count() == rows
    newest = SalesDay.objects.order_by("-day").first()
    assert newest is not None
    assert (newest.sales_fen, newest.qualifying_sales, newest.redemptions) == (120_050, 8, 3)


WRONG_LINES = {
    "no line": ("", "This field is required."),
    "words": ("yesterday 12 1 1", "Line 1 is not a day"),
    "a day that is none": ("2026-02-30 12 1 1", "Line 1 is not a day"),
    "a missing count": ("{today} 12 1", "Line 1 is not a day"),
    "less than nothing": ("{today} -12 1 1", "Line 1 is not a day"),
    "three decimals": ("{today} 1.234 1 1", "Line 1 is not a day"),
    "other digits": ("{today} １２ 1 1", "Line 1 is not a day"),
    "the second line": ("{today} 1 1 1\n{today}", "Line 2 is not a day"),
    "the same day twice": ("{today} 1 1 1\n{today} 2 2 2", "is named more than once"),
    "the future": ("2099-01-01 1 1 1", "2099-01-01 is in the future."),
    "too many": ("x\n" * 401, "File from 1 to 400 days at once."),
    "too long": ("x" * 30_001, "at most 30000 characters"),
    "a NUL": ("{today} 1 1 1\0", "Null characters are not allowed."),
}


@pytest.mark.parametrize("case", WRONG_LINES)
def test_wrong_lines_are_refused_beside_the_field(
    case: str, cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    text, sentence = WRONG_LINES[case]
    answer = signed_in(cast.ann).post(
        address("file-sales", one), {"days": text.format(today=today())}
    )
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not SalesDay.objects.exists()


def test_figures_of_a_month_are_filed_and_corrected(
    cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    client = signed_in(cast.fay)
    month = f"{today():%Y-%m}"
    where = f"{address('file-figures', one)}?month={month}"
    body = {
        "source": "卡部月报",
        "first_swipe": "50.25",
        "bank_roi": "-3.5",
        "statements": "6",
        "statements_overdue": "1",
        "further_products": ["loan", "acquiring"],
        "joint_plan": "no",
    }
    answer = client.post(where, body, follow=True)
    assert "The figures are filed." in answer.content.decode()
    row = PeriodFigures.objects.get()
    assert (row.first_swipe, row.bank_roi, row.joint_plan) == (5025, -350, False)
    assert row.further_products == ["acquiring", "loan"]
    shown = client.get(where).content.decode()
    assert 'value="50.25"' in shown
    assert 'value="-3.50"' in shown
    client.post(where, {**body, "first_swipe": "", "statements_overdue": "0"})
    row.refresh_from_db()
    assert (row.first_swipe, row.statements_overdue, row.version) == (None, 0, 2)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"source": ""}, "This field is required."),
        ({"statements": "3"}, "no more can be overdue than there are"),
        ({"statements": "7"}, "less than or equal to 6"),
        ({"first_swipe": "100.01"}, "less than or equal to 100"),
        ({"first_swipe": "1.005"}, "no more than 2 decimal places"),
        ({"joint_plan": "maybe"}, "not one of the available choices"),
        ({"further_products": ["gold"]}, "not one of the available choices"),
    ],
)
def test_wrong_figures_come_back_with_why(
    changed: dict[str, Any], sentence: str, cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    answer = signed_in(cast.ann).post(
        f"{address('file-figures', one)}?month={today():%Y-%m}",
        {"source": "卡部月报", **changed},
    )
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not PeriodFigures.objects.exists()


@pytest.mark.parametrize("month", ["", "2026-13", "2026-11-01", "x", "2026-1\0"])
def test_a_month_that_is_none_is_no_page(
    month: str, cast: Cast, one: Partnership, signed_in: SignedIn
) -> None:
    answer = signed_in(cast.ann).get(address("file-figures", one), {"month": month})
    assert answer.status_code == 404


def test_the_page_takes_the_same_statements_however_much_there_is(
    cast: Cast, one: Partnership, signed_in: SignedIn, same_queries: Any
) -> None:
    client = signed_in(cast.ann)

    def grow() -> None:
        for ago in range(1, 40):
            day = today() - timedelta(days=ago)
            SalesDay.objects.create(
                partnership=one, day=day, sales_fen=1, qualifying_sales=1, redemptions=1
            )
            HealthReading.objects.create(partnership=one, day=day, score=50)

    same_queries(lambda: page(client, one), after=grow, at_most=20)


FIRST, LAST = date(2026, 9, 1), date(2026, 9, 11)


def test_a_day_without_a_score_breaks_the_line() -> None:
    scores = {1: 0, 2: 100, 3: None, 4: 50, 6: 50, 7: 60}
    chart = health_chart.drawn(
        [
            (date(2026, 9, day), None if score is None else Decimal(score))
            for day, score in scores.items()
        ],
        first=FIRST,
        last=LAST,
        levels=(60, 70),
    )
    assert chart.lines == ("32.0,176.0 100.2,10.0", "373.0,93.0 441.2,76.4")
    assert chart.dots == (("236.6", "93.0"),)
    assert [mark.label for mark in chart.levels] == ["0", "60", "70", "100"]
    assert [mark.label for mark in chart.days][0::4] == ["09-01", "09-11"]
