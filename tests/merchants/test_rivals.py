"""Rivals' offers: dates, exclusivity, and who holds a merchant until when."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from merchants.domain import rivals
from merchants.models import Merchant, Rival, RivalOffer, TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


@pytest.fixture
def jia(cast: Cast) -> Rival:
    return factories.RivalFactory(name="邻行甲信用卡中心", short_name="邻行甲")


@pytest.fixture
def yi(cast: Cast) -> Rival:
    return factories.RivalFactory(name="邻行乙银行", short_name="邻行乙")


def seen(merchant: Merchant, rival: Rival, by: Any, at: datetime, **details: Any) -> RivalOffer:
    return rivals.see_offer(
        uuid7(),
        merchant.pk,
        rival_id=rival.pk,
        by=by,
        at=at,
        **{
            "mechanic": "周五满100减30",
            "starts_on": date(2026, 11, 1),
            "ends_on": date(2026, 11, 30),
            "exclusive": True,
            "source": "门店台卡",
            **details,
        },
    )


@pytest.mark.parametrize(
    ("starts", "ends", "overlaps"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), False),
        (date(2026, 10, 1), date(2026, 11, 1), True),
        (date(2026, 11, 10), date(2026, 11, 12), True),
        (date(2026, 11, 30), date(2026, 12, 31), True),
        (date(2026, 12, 1), date(2026, 12, 31), False),
        (date(2026, 12, 1), None, False),
        (date(2026, 11, 30), None, True),
    ],
)
def test_two_rivals_are_not_exclusive_at_once(
    starts: date,
    ends: date | None,
    overlaps: bool,
    merchant: Merchant,
    jia: Rival,
    yi: Rival,
    cast: Cast,
    at: datetime,
) -> None:
    seen(merchant, jia, cast.ann, at)
    if not overlaps:
        seen(merchant, yi, cast.ann, at, starts_on=starts, ends_on=ends)
        return
    with pytest.raises(RuleBroken) as refused:
        seen(merchant, yi, cast.ann, at, starts_on=starts, ends_on=ends)
    assert refused.value.code == "exclusive_overlaps"
    assert "exclusive" in str(refused.value)
    assert RivalOffer.objects.count() == 1


def test_what_does_not_collide_may_overlap(
    merchant: Merchant, jia: Rival, yi: Rival, cast: Cast, at: datetime
) -> None:
    seen(merchant, jia, cast.ann, at)
    seen(merchant, jia, cast.ann, at, mechanic="每周三五折")
    seen(merchant, yi, cast.ann, at, exclusive=False)
    elsewhere = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    seen(elsewhere, yi, cast.ann, at)
    assert RivalOffer.objects.count() == 4


def test_making_an_offer_exclusive_afterwards_is_checked_as_well(
    merchant: Merchant, jia: Rival, yi: Rival, cast: Cast, at: datetime
) -> None:
    seen(merchant, jia, cast.ann, at)
    other = seen(merchant, yi, cast.ann, at, exclusive=False)
    with pytest.raises(RuleBroken) as refused:
        rivals.correct_offer(other.pk, {"exclusive": True}, by=cast.ann, at=at)
    assert refused.value.code == "exclusive_overlaps"


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"ends_on": date(2026, 10, 31)}, "ends_before_start"),
        ({"mechanic": ""}, "mechanic_and_source_required"),
        ({"source": ""}, "mechanic_and_source_required"),
        ({"paid_by_rival_basis_points": 10_001}, "share_out_of_range"),
        ({"seen_on": date(2026, 11, 19)}, "day_in_the_future"),
    ],
)
def test_an_offer_that_cannot_be_is_refused(
    details: dict[str, Any], code: str, merchant: Merchant, jia: Rival, cast: Cast, at: datetime
) -> None:
    with pytest.raises(RuleBroken) as refused:
        seen(merchant, jia, cast.ann, at, **details)
    assert refused.value.code == code
    assert not RivalOffer.objects.exists()
    assert not TimelineEntry.objects.exists()


def test_offers_are_told_apart_by_the_day(merchant: Merchant, jia: Rival, cast: Cast) -> None:
    spans = {
        "over": (date(2026, 9, 1), date(2026, 11, 17)),
        "last day": (date(2026, 9, 1), date(2026, 11, 18)),
        "endless": (date(2026, 9, 1), None),
        "first day": (date(2026, 11, 18), date(2026, 12, 1)),
        "ahead": (date(2026, 11, 19), None),
    }
    for name, (starts, ends) in spans.items():
        factories.RivalOfferFactory(
            merchant=merchant,
            rival=jia,
            mechanic=name,
            starts_on=starts,
            ends_on=ends,
            exclusive=name != "endless",
        )
    today = date(2026, 11, 18)

    def names(rows: Any) -> set[str]:
        return {one.mechanic for one in rows}

    assert names(RivalOffer.objects.running(today)) == {"last day", "endless", "first day"}
    assert names(RivalOffer.objects.expired(today)) == {"over"}
    assert names(RivalOffer.objects.coming(today)) == {"ahead"}
    assert names(RivalOffer.objects.exclusive_now(today)) == {"last day", "first day"}


@pytest.mark.parametrize(
    ("ends", "until"), [(date(2026, 11, 30), date(2026, 11, 30)), (None, None)]
)
def test_it_is_known_who_holds_a_merchant_and_until_when(
    ends: date | None,
    until: date | None,
    merchant: Merchant,
    jia: Rival,
    cast: Cast,
    at: datetime,
) -> None:
    assert rivals.exclusive_until(merchant.pk, at=at) is None
    seen(merchant, jia, cast.ann, at, ends_on=ends)
    held = rivals.exclusive_until(merchant.pk, at=at)
    assert held is not None
    assert (held.rival, held.until) == ("邻行甲", until)


def test_a_rivals_day_is_the_banks_day(
    merchant: Merchant, jia: Rival, cast: Cast, at: datetime
) -> None:
    """Half past midnight in Shanghai is still yesterday in UTC."""
    seen(merchant, jia, cast.ann, at, starts_on=date(2026, 11, 19), seen_on=date(2026, 11, 18))
    night = datetime.fromisoformat("2026-11-18T16:30:00+00:00")
    assert rivals.exclusive_until(merchant.pk, at=night) is not None
    assert rivals.exclusive_until(merchant.pk, at=night - timedelta(hours=1)) is None


@pytest.mark.parametrize("name", ["邻行甲信用卡中心", "ABC Card", "abc card"])
def test_a_rivals_name_is_there_once(name: str, jia: Rival, cast: Cast, at: datetime) -> None:
    factories.RivalFactory(name="Abc Card")
    with pytest.raises(RuleBroken) as refused:
        rivals.name_rival(uuid7(), name=name, short_name="甲", by=cast.pia, at=at)
    assert refused.value.code == "rival_exists"


def test_a_rep_names_no_rivals_but_writes_down_their_offers(
    merchant: Merchant, jia: Rival, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        rivals.name_rival(uuid7(), name="邻行丙", short_name="丙", by=cast.ann, at=at)
    offer = seen(merchant, jia, cast.ann, at)
    entry = TimelineEntry.objects.get(subject_id=offer.pk)
    assert entry.facts == {"rival": "邻行甲", "mechanic": "周五满100减30"}
    with pytest.raises(NotFound):
        seen(merchant, jia, cast.sam, at)
    with pytest.raises(NotAllowed):
        rivals.correct_offer(offer.pk, {"exclusive": False}, by=cast.otto, at=at)


def test_a_rival_that_is_not_there_is_named_as_the_field(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NotFound) as refused:
        seen(merchant, Rival(), cast.ann, at)
    assert refused.value.problems[0].attr == "rival"


def test_a_day_of_seeing_is_today_unless_it_is_said(
    merchant: Merchant, jia: Rival, cast: Cast, at: datetime
) -> None:
    assert seen(merchant, jia, cast.ann, at).seen_on == date(2026, 11, 18)
    with pytest.raises(InvalidInput):
        seen(merchant, jia, cast.ann, at, seen_on=date(2026, 12, 1))


@pytest.mark.django_db(transaction=True)
def test_even_without_the_lock_two_sessions_cannot_both_be_exclusive(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    jia, yi = factories.RivalFactory(), factories.RivalFactory()
    monkeypatch.setattr(
        "merchants.domain.rivals.take", lambda rows, pk, **_: rows.filter(pk=pk).first()
    )
    with transaction.atomic():
        seen(merchant, jia, cast.ann, at)
        other = Session(lambda: seen(merchant, yi, cast.max, at))
        assert other.wait_until_blocked(), "the exclusion constraint makes it wait"
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "exclusive_overlaps"
    assert RivalOffer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_with_the_lock_the_second_waits_for_the_merchant(cast: Cast, at: datetime) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    jia, yi = factories.RivalFactory(), factories.RivalFactory()
    with transaction.atomic():
        seen(merchant, jia, cast.ann, at)
        other = Session(lambda: seen(merchant, yi, cast.max, at, exclusive=False))
        assert other.wait_until_blocked()
    other.end()
    assert RivalOffer.objects.count() == 2
