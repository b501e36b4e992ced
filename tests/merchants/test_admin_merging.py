"""Two merchants are compared, merged and taken apart on pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from crm.ids import uuid7
from crm.models import User
from merchants.models import Merchant, MerchantMerge
from tests import factories
from tests.conftest import Cast
from tests.merchants.test_registration import CODE

pytestmark = pytest.mark.django_db

MERCHANTS = "/admin/merchants/merchant/"
MERGES = "/admin/merchants/merchantmerge/"

type SignedIn = Callable[[User], Client]


@pytest.fixture
def pair(cast: Cast) -> tuple[Merchant, Merchant]:
    kept = factories.MerchantFactory(name="南京大牌档", unit=cast.xuhui, owner=cast.ann)
    other = factories.MerchantFactory(
        name="南京大排档有限公司",
        normalised_name="南京大牌档",
        division=None,
        credit_code=CODE,
        unit=cast.xuhui,
        owner=cast.bo,
    )
    factories.OutletFactory(merchant=other, name="徐家汇店")
    return kept, other


def page_of(merchant: Merchant, page: str = "change") -> str:
    return f"{MERCHANTS}{merchant.pk}/{page}/"


def test_a_merchants_page_shows_its_possible_duplicates_and_leaders_the_way_to_merge(
    cast: Cast, pair: tuple[Merchant, Merchant], signed_in: SignedIn
) -> None:
    kept, other = pair
    way = f"{page_of(kept, 'merge')}?other={other.pk}"
    page = signed_in(cast.max).get(page_of(kept)).content.decode()
    assert "Possible duplicates" in page
    assert way in page
    page = signed_in(cast.ann).get(page_of(kept)).content.decode()
    assert "Possible duplicates" in page
    assert "南*" in page, "Bo's merchant is not hers to know of"
    assert other.name not in page
    assert way not in page


def test_two_are_compared_merged_and_undone(
    cast: Cast, pair: tuple[Merchant, Merchant], signed_in: SignedIn
) -> None:
    kept, other = pair
    browser = signed_in(cast.max)
    address = page_of(kept, "merge")
    chosen = browser.get(f"{address}?q=大排")
    assert f"?other={other.pk}" in chosen.content.decode()
    compared = browser.get(f"{address}?other={other.pk}")
    page = compared.content.decode()
    assert CODE in page
    assert "outlets: 1" in page
    assert 'name="choice_name"' in page
    assert 'name="choice_unit"' not in page, "there is nothing to choose"
    form = {
        "other": str(other.pk),
        "row_id": str(compared.context["row_id"]),
        "read_version": "1",
        "choice_name": "other",
        "choice_credit_code": "other",
    }
    done = browser.post(address, form)
    assert done.status_code == 302
    assert done["Location"] == page_of(kept)
    merge = MerchantMerge.objects.get()
    assert Merchant.objects.get().name == "南京大排档有限公司"

    moved_on = browser.get(page_of(other))
    assert moved_on["Location"] == page_of(kept)
    assert other.name in browser.get(MERGES).content.decode()
    assert (
        f"{MERGES}{merge.pk}/undo/" in browser.get(f"{MERGES}{merge.pk}/change/").content.decode()
    )
    assert browser.get(f"{MERGES}{merge.pk}/undo/").status_code == 200
    assert browser.post(f"{MERGES}{merge.pk}/undo/").status_code == 302
    assert Merchant.objects.count() == 2
    assert browser.get(page_of(other)).status_code == 200
    again = browser.post(f"{MERGES}{merge.pk}/undo/")
    assert "was undone already" in again.content.decode()


def test_a_page_that_lies_open_too_long_merges_nothing(
    cast: Cast, pair: tuple[Merchant, Merchant], signed_in: SignedIn
) -> None:
    kept, other = pair
    form = {"other": str(other.pk), "row_id": str(uuid7()), "read_version": "7"}
    answer = signed_in(cast.max).post(page_of(kept, "merge"), form)
    assert "Somebody changed this" in answer.content.decode()
    assert Merchant.objects.count() == 2


def test_what_stands_against_a_merge_is_said_before(
    cast: Cast, pair: tuple[Merchant, Merchant], signed_in: SignedIn
) -> None:
    for merchant in pair:
        factories.LeadFactory(merchant=merchant, owner=merchant.owner)
    kept, other = pair
    answer = signed_in(cast.max).get(f"{page_of(kept, 'merge')}?other={other.pk}")
    assert "already has an open lead" in answer.content.decode()
    form = {"other": str(other.pk), "row_id": str(uuid7()), "read_version": "1"}
    answer = signed_in(cast.max).post(page_of(kept, "merge"), form)
    assert "cannot be merged yet" in answer.content.decode()
    assert Merchant.objects.count() == 2


@pytest.mark.parametrize(
    "asked", ["?other=x", "?other=", "?q=%00", "?q=" + "x" * 3000, "?other={hidden}", ""]
)
def test_whatever_is_asked_the_page_answers(
    asked: str, cast: Cast, pair: tuple[Merchant, Merchant], signed_in: SignedIn
) -> None:
    hidden = factories.MerchantFactory(name="看不见", unit=cast.hangzhou)
    address = page_of(pair[0], "merge") + asked.format(hidden=hidden.pk)
    answer = signed_in(cast.max).get(address)
    assert answer.status_code == 200
    assert "看不见" not in answer.content.decode()


def test_those_who_lead_nobody_neither_merge_nor_undo(
    cast: Cast, pair: tuple[Merchant, Merchant], signed_in: SignedIn
) -> None:
    kept, other = pair
    mine = factories.MerchantFactory(name="小南国", unit=cast.xuhui, owner=cast.ann)
    answer = signed_in(cast.ann).get(f"{page_of(kept, 'merge')}?other={mine.pk}")
    assert answer["Location"] == page_of(kept)
    form = {"other": str(mine.pk), "row_id": str(uuid7()), "read_version": "1"}
    assert signed_in(cast.ann).post(page_of(kept, "merge"), form).status_code == 302
    assert signed_in(cast.sam).post(page_of(kept, "merge"), form).status_code == 404
    assert Merchant.objects.count() == 3
    signed_in(cast.max).post(page_of(kept, "merge"), {**form, "other": str(other.pk)})
    merge = MerchantMerge.objects.get()
    answer = signed_in(cast.ann).post(f"{MERGES}{merge.pk}/undo/")
    assert "lead the units of both" in answer.content.decode()
    assert signed_in(cast.sam).get(f"{MERGES}{merge.pk}/undo/").status_code == 404
    assert MerchantMerge.objects.standing().exists()
