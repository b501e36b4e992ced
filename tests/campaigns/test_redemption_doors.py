"""The doors of redemptions: the interface and the pages say the same, and ask no more for more."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns.models import Discrepancy, Redemption, RedemptionIntake
from crm.domain import jobs
from tests.api import Phone
from tests.campaigns.redemption_desk import MID, Shop, event, reported, running, spent, the
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


@pytest.fixture
def shop(cast: Cast) -> Shop:
    return running(cast)


def test_events_are_reported_and_each_is_answered(cast: Cast, shop: Shop) -> None:
    answer = Phone(cast.fay).post(
        "redemptions/events/",
        {
            "source": "UnionPay",
            "unit": str(cast.shanghai.pk),
            "events": [event("T1"), event("T2", amount="50.00"), event("T1")],
        },
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["landed"], body["repeated"], body["queued"]) == (1, 1, 1)
    first, second, third = body["events"]
    assert (first["result"], first["discount"], first["parts"]["bank"]) == (
        "landed", "20.00", "10.00",
    )  # fmt: skip
    assert (second["result"], second["code"], second["redemption"]) == ("queued", "threshold", None)
    assert third["redemption"] == first["redemption"] == str(the().pk)
    assert sum(spent(shop).values()) == 2_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"events": []}, "empty"),
        ({"events": [event(f"T{number}") for number in range(501)]}, "max_length"),
        ({"events": [{**event(), "pan": "6222021234567890"}]}, "unknown_field"),
        ({"events": [event()], "source": " "}, "blank"),
    ],
)
def test_a_call_of_the_wrong_shape_is_refused(
    cast: Cast, shop: Shop, body: dict[str, Any], code: str
) -> None:
    answer = Phone(cast.fay).post(
        "redemptions/events/", {"source": "unionpay", "unit": str(cast.shanghai.pk), **body}
    )
    assert answer.status_code == 400
    assert code in {one["code"] for one in answer.json()["errors"]}
    assert not RedemptionIntake.objects.exists()


@pytest.mark.parametrize("path", ["redemptions/", "discrepancies/", "redemption-intakes/"])
def test_a_list_asks_the_same_however_long_it_is(
    cast: Cast, shop: Shop, same_queries: Callable[..., int], path: str
) -> None:
    def grow() -> None:
        start = Redemption.objects.count()
        for number in range(start, start + 3):
            reported(cast, event(f"T{number}"), event(f"F{number}", amount="1.00"))

    grow()
    phone = Phone(cast.fay)
    same_queries(lambda: phone.get(path), after=grow, at_most=12)
    assert len(Phone(cast.fay).get(path).json()["results"]) == 6


@pytest.mark.parametrize(
    "query", ["state=redeemed", "reference=T1", "from=2026-11-17&to=2026-11-17", "state=reversed"]
)
def test_redemptions_are_narrowed(cast: Cast, shop: Shop, query: str) -> None:
    reported(cast, event())
    found = Phone(cast.fay).get(f"redemptions/?{query}").json()["results"]
    assert len(found) == (0 if "reversed" in query else 1)


PAGES = (
    "campaigns_redemption_changelist",
    "campaigns_redemptionintake_changelist",
    "campaigns_discrepancy_changelist",
)


@pytest.mark.parametrize("name", PAGES)
def test_lists_are_shown_and_ask_the_same(
    cast: Cast, shop: Shop, signed_in: SignIn, same_queries: Callable[..., int], name: str
) -> None:
    browser = signed_in(cast.fay)

    def grow() -> None:
        start = Redemption.objects.count()
        for number in range(start, start + 3):
            reported(cast, event(f"T{number}"), event(f"F{number}", amount="1.00"))

    grow()
    address = reverse(f"admin:{name}")
    assert browser.get(address).status_code == 200
    same_queries(lambda: browser.get(address), after=grow, at_most=30)


def test_the_pages_of_one_row_tell_what_happened(cast: Cast, shop: Shop, signed_in: SignIn) -> None:
    reported(cast, event(), event(kind="refunded", amount="5.00"), event("T2", amount="50.00"))
    browser = signed_in(cast.fay)
    redemption = browser.get(reverse("admin:campaigns_redemption_change", args=[the().pk]))
    assert "Refunded in part" in redemption.content.decode()
    waiting = Discrepancy.objects.get()
    page = browser.get(reverse("admin:campaigns_discrepancy_change", args=[waiting.pk]))
    assert "Purchase too small" in page.content.decode()
    assert "Try again" in page.content.decode()
    taken = RedemptionIntake.objects.get()
    assert (
        browser.get(reverse("admin:campaigns_redemptionintake_change", args=[taken.pk])).status_code
        == 200
    )
    campaign = browser.get(reverse("admin:campaigns_campaign_change", args=[shop.campaign.pk]))
    assert "Who funded what" in campaign.content.decode()
    assert "1 discrepancy waits" in campaign.content.decode()


def test_the_queue_is_worked_on_its_pages(cast: Cast, shop: Shop, signed_in: SignIn) -> None:
    reported(cast, event("T1", amount="50.00"), event("T2", amount="60.00"), event("T3", mid="9"))
    first, second, third = Discrepancy.objects.order_by("row_number")
    browser = signed_in(cast.fay)

    def address(row: Discrepancy, what: str) -> str:
        return reverse(f"admin:campaigns_discrepancy_{what}", args=[row.pk])

    assert "Say why" not in browser.get(address(first, "dismiss")).content.decode()
    browser.post(address(first, "resolve"), {"resolution": "corrected", "note": "次日重报"})
    browser.post(address(second, "dismiss"), {"note": "商户录错金额"})
    browser.post(address(third, "assign"), {"owner": str(cast.fay.pk)})
    browser.post(address(third, "retry"))
    states = Discrepancy.objects.order_by("row_number").values_list("state", "resolution")
    assert list(states) == [("resolved", "corrected"), ("dismissed", "not_ours"), ("open", "")]
    answer = browser.post(
        reverse("admin:campaigns_discrepancy_changelist"),
        {"action": "retry_selected", "_selected_action": [str(third.pk)]},
    )
    assert answer.status_code == 200


def test_who_may_not_work_the_queue_is_shown_no_buttons(
    cast: Cast, shop: Shop, signed_in: SignIn
) -> None:
    reported(cast, event("T1", amount="50.00"))
    waiting = Discrepancy.objects.get()
    page = signed_in(cast.otto).get(
        reverse("admin:campaigns_discrepancy_change", args=[waiting.pk])
    )
    assert page.status_code == 200
    assert "Dismiss…" not in page.content.decode()


def test_a_file_is_brought_tried_out_and_taken_in_on_its_pages(
    cast: Cast, shop: Shop, signed_in: SignIn, at: datetime
) -> None:
    browser = signed_in(cast.fay)
    add = reverse("admin:campaigns_redemptionintake_add")
    assert "交易参考号" in browser.get(add).content.decode()
    content = (
        f"交易参考号,事件,商户号,交易时间,交易金额,卡标识\nT1,消费,{MID},2026-11-17 12:00,100,c1\n"
        f"T2,消费,{MID},2026-11-17 12:00,10,c2\n"
    ).encode()
    sent = {
        "file": SimpleUploadedFile("核销.csv", content),
        "source": "unionpay",
        "unit": str(cast.shanghai.pk),
    }
    answer = browser.post(add, sent)
    assert answer.status_code == 302, answer.content.decode()
    jobs.run_due(at=at)
    opened = RedemptionIntake.objects.get()
    page = browser.get(answer["Location"]).content.decode()
    assert "Purchase too small" in page
    assert not Redemption.objects.exists()
    browser.post(reverse("admin:campaigns_redemptionintake_run", args=[opened.pk]))
    jobs.run_due(at=at)
    opened.refresh_from_db()
    assert (opened.landed, opened.queued) == (1, 1)
    again = browser.post(add, {**sent, "file": SimpleUploadedFile("核销2.csv", content)})
    assert "This file was taken in already." in again.content.decode()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_is_a_file_that_would_be_read(
    cast: Cast, shop: Shop, signed_in: SignIn, ending: str
) -> None:
    answer = signed_in(cast.fay).get(
        reverse("admin:campaigns_redemptionintake_template", args=[ending])
    )
    assert answer.status_code == 200
    assert len(answer.content) > 100
