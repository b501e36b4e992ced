"""Two intakes at once: neither goes over a cap or a budget."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction

from campaigns.models import Campaign, Redemption
from campaigns.models.campaign import CampaignQuerySet
from tests.campaigns.redemption_desk import Shop, event, reported, running, said, spent
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)

CAPS: list[Any] = [
    pytest.param({"limits": {"uses_in_total": 1}}, "total_quota", id="uses in total"),
    pytest.param({"limits": {"uses_per_customer": 1}}, "customer_total", id="uses of a customer"),
    pytest.param({"budget_fen": 2_000}, "total_budget", id="budget"),
]


@pytest.mark.parametrize(("terms", "code"), CAPS)
def test_of_two_intakes_at_once_only_one_takes_what_is_left(
    cast: Cast, terms: dict[str, Any], code: str
) -> None:
    shop = running(cast, **terms)
    with transaction.atomic():
        assert said(reported(cast, event("T1", card_hash="c"))) == ["landed"]
        other = Session(lambda: reported(cast, event("T2", card_hash="c")))
        assert other.wait_until_blocked()
    assert said(other.end()) == [code]
    assert sum(spent(shop).values()) == 2_000


def test_without_the_lock_both_would_take_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the second one reads the counters before the first has written."""
    running(cast, limits={"uses_in_total": 1})
    monkeypatch.setattr(CampaignQuerySet, "for_change", lambda rows: rows.order_by("pk"))
    with transaction.atomic():
        assert said(reported(cast, event("T1"))) == ["landed"]
        other = Session(lambda: reported(cast, event("T2")))
        assert other.wait_until_blocked(), "at the pots, after it read what was used"
    assert said(other.end()) == ["landed"]
    assert Redemption.objects.count() == 2, "one more than the campaign allows"


def test_the_same_event_in_two_sessions_lands_once(cast: Cast) -> None:
    shop = running(cast)
    with transaction.atomic():
        assert said(reported(cast, event())) == ["landed"]
        other = Session(lambda: reported(cast, event()))
        assert other.wait_until_blocked()
    assert said(other.end()) == ["repeated"]
    assert sum(spent(shop).values()) == 2_000


def test_two_refunds_at_once_give_back_no_more_than_was_given(cast: Cast) -> None:
    shop = running(cast)
    reported(cast, event())
    first, second = (event(kind="refunded", amount="60.00", event_key=key) for key in ("R1", "R2"))
    with transaction.atomic():
        assert said(reported(cast, first)) == ["landed"]
        other = Session(lambda: reported(cast, second))
        assert other.wait_until_blocked()
    assert said(other.end()) == ["refund_above_original"]
    assert sum(spent(shop).values()) == 0


def test_intakes_of_different_campaigns_with_their_own_funds_do_not_wait(cast: Cast) -> None:
    running(cast)
    other_shop: Shop = running(cast, mid="898310058120002")
    with transaction.atomic():
        reported(cast, event("T1"))
        other = Session(lambda: reported(cast, event("T2", mid=other_shop.mid)))
        assert not other.wait_until_blocked()
    assert said(other.end()) == ["landed"]


def test_many_campaigns_are_locked_in_the_order_of_their_ids(cast: Cast) -> None:
    shops = [running(cast, mid=f"89831005812{number:04d}") for number in range(3)]
    events = [event(f"T{number}", mid=shop.mid) for number, shop in enumerate(shops)]
    with transaction.atomic():
        Campaign.objects.for_change().get(pk=min(shop.campaign.pk for shop in shops))
        other = Session(lambda: reported(cast, *reversed(events)))
        assert other.wait_until_blocked()
        # It holds none of the later ones while it waits for the first.
        with suppress(Campaign.DoesNotExist):
            list(Campaign.objects.for_change().filter(pk=max(s.campaign.pk for s in shops)))
    assert said(other.end()) == ["landed"] * 3
