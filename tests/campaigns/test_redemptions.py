"""Redemptions: each event lands, is known already, or waits in the queue; money follows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from campaigns.domain import campaign_money, discrepancies, intake, reservations
from campaigns.models import (
    Budget,
    Campaign,
    CampaignStage,
    CampaignStep,
    Discrepancy,
    Redemption,
    RedemptionDay,
    RedemptionEvent,
    RedemptionIntake,
    RedemptionState,
)
from campaigns.models.party_parts import PART_COLUMNS
from crm.actors import SYSTEM
from crm.errors import DomainError
from crm.ids import uuid7
from merchants.models import TimelineEntry
from tests import factories
from tests.campaigns.redemption_desk import (
    MID,
    Shop,
    event,
    held,
    queue,
    reported,
    running,
    said,
    spent,
    the,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(cast: Cast) -> Shop:
    return running(cast)


def test_a_cleared_purchase_is_split_among_the_parties_and_paid(cast: Cast, shop: Shop) -> None:
    assert said(reported(cast, event())) == ["landed"]
    row = the()
    assert (row.state, row.discount_fen, row.day.isoformat()) == ("redeemed", 2_000, "2026-11-17")
    assert row.parts == {"bank": 1_000, "merchant": 600, "scheme": 300, "platform": 100}
    assert spent(shop) == row.parts
    told = RedemptionEvent.objects.get()
    assert (told.kind, told.amount_fen, told.discount_fen, told.parts) == (
        "cleared",
        10_000,
        2_000,
        row.parts,
    )
    assert TimelineEntry.objects.filter(
        merchant=shop.merchant, kind="redemption.taken_in", actor=cast.fay
    ).exists()


def test_an_odd_discount_is_split_to_the_last_fen(cast: Cast) -> None:
    running(cast, terms={"threshold_fen": 10_000, "off_fen": 1_999})
    reported(cast, event())
    assert the().parts == {"bank": 999, "merchant": 600, "scheme": 300, "platform": 100}


def test_an_authorised_purchase_holds_and_its_clearing_spends(cast: Cast, shop: Shop) -> None:
    reported(cast, event(kind="authorised"))
    assert the().state == RedemptionState.RESERVED
    assert (sum(held(shop).values()), sum(spent(shop).values())) == (2_000, 0)
    assert RedemptionEvent.objects.get().discount_fen == 0
    reported(cast, event(kind="cleared", occurred_at="2026-11-18 09:00:00"))
    assert the().state == RedemptionState.REDEEMED
    assert (sum(held(shop).values()), sum(spent(shop).values())) == (0, 2_000)
    assert RedemptionDay.objects.get().uses == 1


def test_authorised_cleared_and_refunded_in_one_call_are_taken_in_order(
    cast: Cast, shop: Shop
) -> None:
    outcomes = reported(
        cast,
        event(kind="refunded", amount="30.00", occurred_at="2026-11-17 15:00:00"),
        event(kind="cleared", occurred_at="2026-11-17 14:00:00"),
        event(kind="authorised", occurred_at="2026-11-17 13:00:00"),
    )
    assert said(outcomes) == ["landed"] * 3
    row = the()
    assert (row.state, row.refunded_fen, row.returned_fen) == ("partially_reversed", 3_000, 2_000)
    assert sum(spent(shop).values()) == 0


def test_an_authorisation_that_is_reversed_lets_go(cast: Cast, shop: Shop) -> None:
    reported(cast, event(kind="authorised"))
    reported(cast, event(kind="reversed"))
    assert the().state == RedemptionState.RELEASED
    assert sum(held(shop).values()) == 0
    day = RedemptionDay.objects.get()
    assert (day.uses, day.discount_fen, day.bank_fen) == (0, 0, 0)
    assert said(reported(cast, event(kind="cleared"))) == ["reservation_gone"]


@pytest.mark.parametrize(
    ("refunds", "returned", "customer"),
    [
        pytest.param(["30.00"], 2_000, 1_000, id="above the discount: funders first"),
        pytest.param(["15.00"], 1_500, 0, id="below the discount: the funders get all"),
        pytest.param(["15.00", "15.00"], 2_000, 1_000, id="in two parts"),
        pytest.param(["33.33", "33.33", "33.34"], 2_000, 8_000, id="in thirds, the whole"),
    ],
)
def test_refunds_give_the_discount_back_to_the_funders_first(
    cast: Cast, shop: Shop, refunds: list[str], returned: int, customer: int
) -> None:
    reported(cast, event())
    for number, amount in enumerate(refunds):
        outcomes = reported(
            cast,
            event(
                kind="refunded",
                amount=amount,
                event_key=f"R{number}",
                occurred_at="2026-11-17 15:00:00",
            ),
        )
        assert said(outcomes) == ["landed"]
    row = the()
    assert (row.returned_fen, row.refunded_fen - row.returned_fen) == (returned, customer)
    assert sum(spent(shop).values()) == 2_000 - returned
    assert all(row.returned_parts.get(party, 0) <= fen for party, fen in row.parts.items())
    summed = RedemptionEvent.objects.aggregate(
        **{column: Sum(column) for column in PART_COLUMNS}, amount=Sum("amount_fen")
    )
    net = {party: fen - row.returned_parts.get(party, 0) for party, fen in row.parts.items()}
    assert {f"{party}_fen": fen for party, fen in net.items()}.items() <= summed.items()
    assert summed["amount"] == row.amount_fen - row.refunded_fen


def test_a_campaign_may_refund_in_proportion_instead(cast: Cast) -> None:
    running(cast, refund_to_funder_first=False)
    reported(cast, event())
    reported(cast, event(kind="refunded", amount="30.00"))
    assert the().returned_fen == 600


def test_a_refund_above_what_is_left_waits_and_changes_nothing(cast: Cast, shop: Shop) -> None:
    reported(cast, event(), event(kind="refunded", amount="60.00", event_key="R1"))
    before = the()
    outcomes = reported(cast, event(kind="refunded", amount="40.01", event_key="R2"))
    assert said(outcomes) == ["refund_above_original"]
    after = the()
    assert (after.refunded_fen, after.version) == (before.refunded_fen, before.version)
    waiting = Discrepancy.objects.get()
    assert (waiting.bank_fen, waiting.merchant_fen) == (4_000, 4_001)


def test_the_database_itself_refuses_to_return_more_than_was_given(cast: Cast, shop: Shop) -> None:
    """The negative control of the rule: even a change past every verb is refused."""
    reported(cast, event())
    with pytest.raises(IntegrityError, match="returns_what_was_given"), transaction.atomic():
        Redemption.objects.update(returned_bank_fen=1_001, returned_fen=1_001)
    with pytest.raises(IntegrityError, match="parts_make_the_discount"), transaction.atomic():
        Redemption.objects.update(bank_fen=999)


def test_what_a_source_reported_never_changes(cast: Cast, shop: Shop) -> None:
    reported(cast, event())
    for change in ("UPDATE campaigns_redemptionevent SET amount_fen = 1",
                   "DELETE FROM campaigns_redemptionevent"):  # fmt: skip
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_the_same_event_again_changes_nothing(cast: Cast, shop: Shop) -> None:
    reported(cast, event(), event(kind="refunded", amount="5.00"))
    before = (the().version, spent(shop), RedemptionEvent.objects.count())
    outcomes = reported(cast, event(), event(kind="refunded", amount="5.00"))
    assert said(outcomes) == ["repeated", "repeated"]
    assert (the().version, spent(shop), RedemptionEvent.objects.count()) == before
    assert queue() == []


def test_the_same_event_with_other_contents_waits(cast: Cast, shop: Shop) -> None:
    reported(cast, event())
    assert said(reported(cast, event(amount="200.00"))) == ["duplicate"]
    assert the().amount_fen == 10_000
    assert said(reported(cast, event(amount="200.00"))) == ["duplicate"]
    assert queue() == [("T1", "duplicate")], "queued once, however often it comes"


def test_the_same_reference_of_another_source_is_another_purchase(cast: Cast, shop: Shop) -> None:
    reported(cast, event())
    assert said(reported(cast, event(), source="alipay")) == ["landed"]
    assert Redemption.objects.count() == 2


FAULTS: list[Any] = [
    pytest.param({"mid": "000000000000000"}, "mid_unknown", id="merchant number unknown"),
    pytest.param({"occurred_at": "2026-10-31 23:59:59"}, "window", id="before the campaign"),
    pytest.param({"occurred_at": "2026-11-18 11:00:00"}, "in_future", id="in the future"),
    pytest.param({"amount": "99.99"}, "threshold", id="below the threshold"),
    pytest.param({"amount": "0.00"}, "row_unreadable", id="nothing bought"),
    pytest.param({"amount": "-100.00"}, "row_unreadable", id="negative"),
    pytest.param({"amount": "100.005"}, "row_unreadable", id="half a fen"),
    pytest.param({"amount": "一百"}, "row_unreadable", id="in words"),
    pytest.param({"event": "paid"}, "row_unreadable", id="event unknown"),
    pytest.param({"occurred_at": "17.11."}, "row_unreadable", id="no moment"),
    pytest.param({"occurred_at": "9999-12-31 23:59:59"}, "in_future", id="end of time"),
    pytest.param({"reference": ""}, "row_unreadable", id="no reference"),
    pytest.param({"reference": "x" * 65}, "row_unreadable", id="reference too long"),
    pytest.param({"card_hash": ""}, "row_unreadable", id="no card"),
    pytest.param({"discount": "30.00"}, "discount_differs", id="other discount"),
    pytest.param({"campaign": "一元洗车"}, "campaign_unknown", id="campaign unknown"),
    pytest.param({"event": "refunded"}, "original_missing", id="refund of nothing"),
    pytest.param({"event": "reversed"}, "original_missing", id="reversal of nothing"),
]


@pytest.mark.parametrize(("changes", "code"), FAULTS)
def test_a_row_that_cannot_be_taken_waits_with_its_reason(
    cast: Cast, shop: Shop, changes: dict[str, str], code: str
) -> None:
    outcomes = reported(cast, {**event(), **changes}, event("T2"))
    assert said(outcomes) == [code, "landed"]
    waiting = Discrepancy.objects.get()
    assert (waiting.code, waiting.owner, waiting.unit) == (code, cast.fay, cast.shanghai)
    assert waiting.due_on.isoformat() == "2026-11-25", "five working days"
    assert waiting.row["mid"] == changes.get("mid", MID)
    assert waiting.intake == RedemptionIntake.objects.get()
    assert sum(spent(shop).values()) == 2_000


@pytest.mark.parametrize(
    "text",
    ["6222021234567890", "6222 0212 3456 7890 123", "4111-1111-1111-1111", "6222021234567"],
)
@pytest.mark.parametrize("column", ["card_hash", "phone_hash", "account_hash", "card_prefix"])
def test_a_card_number_is_refused_and_kept_nowhere(
    cast: Cast, shop: Shop, column: str, text: str
) -> None:
    assert said(reported(cast, event(**{column: text}))) == ["card_number"]
    waiting = Discrepancy.objects.get()
    assert waiting.row[column] == "•••"
    assert text not in str(waiting.__dict__)
    with pytest.raises(DomainError) as refusal:
        intake.retry(waiting.pk, by=cast.fay, at=factories.AT)
    assert refusal.value.code == "nothing_to_retry"


def test_the_database_itself_keeps_no_card_number(cast: Cast, shop: Shop) -> None:
    reported(cast, event())
    with pytest.raises(IntegrityError, match="keeps_no_card_number"), transaction.atomic():
        Redemption.objects.update(card_hash="6222021234567890")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"uses_per_customer_day": 1}, "customer_day"),
        ({"uses_per_customer_week": 1}, "customer_week"),
        ({"uses_per_customer_month": 1}, "customer_month"),
        ({"uses_per_customer": 1}, "customer_total"),
        ({"uses_per_day": 1}, "day_quota"),
        ({"uses_per_store_day": 1}, "day_quota"),
        ({"uses_in_total": 1}, "total_quota"),
        ({"day_budget_fen": 2_000}, "day_budget"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one call", "in two calls"])
def test_a_cap_holds_within_a_call_and_across_calls(
    cast: Cast, limits: dict[str, int], code: str, together: bool
) -> None:
    running(cast, limits=limits)
    first, second = event("T1", card_hash="c1"), event("T2", card_hash="c1")
    if together:
        assert said(reported(cast, first, second)) == ["landed", code]
    else:
        assert said(reported(cast, first)) == ["landed"]
        assert said(reported(cast, second)) == [code]


@pytest.mark.parametrize(
    "column", ["card_hash", "person_hash", "account_hash", "phone_hash", "device_hash"]
)
def test_any_identity_in_common_makes_it_the_same_customer(cast: Cast, column: str) -> None:
    running(cast, limits={"uses_per_customer": 1})
    same = {column: "same"}
    reported(cast, event("T1", **same))
    assert said(reported(cast, event("T2", **same))) == ["customer_total"]
    assert said(reported(cast, event("T3"))) == ["landed"]


def test_whoever_shares_with_one_shares_with_all_of_theirs(cast: Cast) -> None:
    """A main card and a supplementary card with one phone; then the supplementary card alone."""
    running(cast, limits={"uses_per_customer": 2})
    assert said(reported(cast, event("T1", card_hash="main", phone_hash="p"))) == ["landed"]
    assert said(reported(cast, event("T2", card_hash="second", phone_hash="p"))) == ["landed"]
    assert said(reported(cast, event("T3", card_hash="second"))) == ["customer_total"]


def test_a_phone_and_a_device_that_hash_alike_are_not_the_same(cast: Cast) -> None:
    running(cast, limits={"uses_per_customer": 1})
    reported(cast, event("T1", phone_hash="x", person_hash="y"))
    outcomes = reported(cast, event("T2", device_hash="x", phone_hash="y"))
    assert said(outcomes) == ["landed"]


def test_a_customer_does_not_regain_a_use_by_a_refund(cast: Cast) -> None:
    running(cast, limits={"uses_per_customer_day": 1})
    reported(cast, event("T1", card_hash="c"), event("T1", "reversed", card_hash="c"))
    assert the().state == RedemptionState.REVERSED
    assert said(reported(cast, event("T2", card_hash="c"))) == ["customer_day"]


def test_a_week_ends_on_sunday_and_a_month_with_its_last_day(cast: Cast) -> None:
    running(cast, limits={"uses_per_customer_week": 1})
    sunday = event("T1", card_hash="c", occurred_at="2026-11-15 23:59:59")
    monday = event("T2", card_hash="c", occurred_at="2026-11-16 00:00:00")
    assert said(reported(cast, sunday, monday)) == ["landed", "landed"]


def test_the_budget_is_never_overspent_and_what_comes_back_can_be_spent(cast: Cast) -> None:
    shop = running(cast, budget_fen=4_000)
    outcomes = reported(cast, *(event(f"T{number}") for number in range(3)))
    assert said(outcomes) == ["landed", "landed", "total_budget"]
    reported(cast, event("T0", "reversed"))
    assert said(reported(cast, event("T3"))) == ["landed"]
    assert sum(spent(shop).values()) == 4_000


def test_a_party_without_money_refuses_and_a_fallback_pays(cast: Cast) -> None:
    shop = running(cast)
    pot = Budget.objects.get(campaign=shop.campaign, party="scheme")
    Budget.objects.filter(pk=pot.pk).update(allocated_fen=0)
    assert said(reported(cast, event())) == ["party_budget"]
    assert sum(spent(shop).values()) == 0


def test_a_frozen_pot_lets_nothing_in_and_the_rows_can_be_tried_again(
    cast: Cast, shop: Shop, at: datetime
) -> None:
    Budget.objects.filter(campaign=shop.campaign, party="bank").update(frozen_at=at)
    other = running(cast, mid="898310058120002")
    outcomes = reported(cast, event("T1"), event("T2", mid=other.mid))
    assert said(outcomes) == ["budget_frozen", "landed"]
    assert not Redemption.objects.filter(reference="T1").exists()
    assert sum(spent(shop).values()) == 0
    Budget.objects.update(frozen_at=None)
    waiting = Discrepancy.objects.get()
    resolved = intake.retry(waiting.pk, by=cast.fay, at=at)
    assert (resolved.state, resolved.resolution) == ("resolved", "taken_in")
    assert sum(spent(shop).values()) == 2_000


def test_of_two_campaigns_at_a_merchant_the_one_that_fits_is_taken(cast: Cast) -> None:
    first = running(cast, limits={"weekdays": [6, 7]})
    second = running(cast, merchant=first.merchant, limits={"weekdays": [1, 2, 3, 4, 5]})
    reported(cast, event())
    assert the().campaign == second.campaign


def test_of_two_that_fit_the_row_has_to_name_one(cast: Cast) -> None:
    first = running(cast)
    running(cast, merchant=first.merchant)
    assert said(reported(cast, event())) == ["campaign_ambiguous"]
    named = event("T2", campaign=str(first.campaign.pk))
    assert said(reported(cast, named)) == ["landed"]
    assert the("T2").campaign == first.campaign


def test_a_campaign_of_another_branch_is_not_found(cast: Cast, shop: Shop) -> None:
    Campaign.objects.filter(pk=shop.campaign.pk).update(unit=cast.hangzhou)
    assert said(reported(cast, event())) == ["campaign_unknown"]


def test_what_comes_after_the_days_for_claims_is_late(cast: Cast, at: datetime) -> None:
    shop = running(cast, claim_days=30)
    last = at.replace(year=2027, month=1, day=30)
    assert said(reported(cast, event("T1"), at=last)) == ["landed"]
    assert said(reported(cast, event("T2"), at=last + timedelta(days=1))) == ["late"]
    refund = event("T1", "refunded", amount="10.00", occurred_at="2027-01-31 09:00:00")
    assert said(reported(cast, refund, at=last + timedelta(days=1))) == ["landed"]
    assert sum(spent(shop).values()) == 1_000


def test_purchases_while_a_campaign_was_paused_wait(cast: Cast, shop: Shop, at: datetime) -> None:
    for stage, day in (("active", 1), ("paused", 16), ("active", 18)):
        CampaignStep.objects.create(
            campaign=shop.campaign, to_stage=CampaignStage(stage), at=at.replace(day=day, hour=0)
        )
    moments = {
        "T0": "2026-10-31 12:00:00",
        "T1": "2026-11-15 12:00:00",
        "T2": "2026-11-17 12:00:00",
        "T3": "2026-11-18 09:00:00",
    }
    outcomes = reported(cast, *(event(one, occurred_at=when) for one, when in moments.items()))
    assert said(outcomes) == ["window", "landed", "campaign_not_live", "landed"]


def test_reservations_end_by_themselves_and_only_once(cast: Cast, shop: Shop, at: datetime) -> None:
    reported(cast, event(kind="authorised"))
    reservations.sweep(at=at + timedelta(days=29))
    assert the().state == RedemptionState.RESERVED
    reservations.sweep(at=at + timedelta(days=31))
    assert (the().state, sum(held(shop).values())) == (RedemptionState.EXPIRED, 0)
    version = the().version
    reservations.sweep(at=at + timedelta(days=31))
    assert the().version == version
    assert RedemptionDay.objects.get().uses == 0


def test_day_counters_are_what_the_redemptions_sum_to(cast: Cast, shop: Shop) -> None:
    reported(
        cast,
        *(event(f"T{number}") for number in range(5)),
        event("T1", "refunded", amount="15.00"),
        event("T2", "reversed"),
        event("T9", "authorised"),
    )
    day = RedemptionDay.objects.get()
    rows = Redemption.objects.used()
    assert day.uses == rows.count()
    assert day.discount_fen == rows.aggregate(fen=Sum("discount_fen"))["fen"]
    assert day.returned_fen == rows.aggregate(fen=Sum("returned_fen"))["fen"]
    assert sum(day.parts.values()) == day.discount_fen - day.returned_fen


@pytest.mark.parametrize("name", ["ann", "pia", "mei", "otto", "sam", "nia"])
def test_only_finance_takes_redemptions_in(cast: Cast, shop: Shop, name: str) -> None:
    with pytest.raises(DomainError) as refusal:
        reported(cast, event(), by=cast.named(name))
    assert refusal.value.code == "not_allowed"
    assert not Redemption.objects.exists()
    assert said(reported(cast, event(), by=cast.fay)) == ["landed"]


def test_the_system_may_take_in_and_money_of_other_campaigns_stays(cast: Cast) -> None:
    first, other = running(cast), running(cast, mid="898310058120002")
    reported(cast, event(), by=SYSTEM)
    assert sum(spent(first).values()) == 2_000
    assert sum(spent(other).values()) == 0
    assert campaign_money.standing(other.again()).total.available == 1_000_000


@pytest.mark.parametrize(
    ("events", "source", "code"),
    [([], "unionpay", "event_count"), ([event()], "  ", "source_required")],
)
def test_calls_that_make_no_sense_are_refused(
    cast: Cast, events: list[dict[str, str]], source: str, code: str, at: datetime
) -> None:
    with pytest.raises(DomainError) as refusal:
        intake.take_in(uuid7(), events, source=source, unit_id=cast.shanghai.pk, by=cast.fay, at=at)
    assert refusal.value.code == code
    assert not RedemptionIntake.objects.exists()


# --- the queue ---------------------------------------------------------------------------------


@pytest.fixture
def waiting(cast: Cast, shop: Shop) -> Discrepancy:
    reported(cast, event(amount="50.00"))
    return Discrepancy.objects.get()


def test_a_row_can_be_tried_again_after_what_was_missing_is_there(
    cast: Cast, shop: Shop, at: datetime
) -> None:
    reported(cast, event(mid="898310058129999"))
    waiting = Discrepancy.objects.get()
    again = intake.retry(waiting.pk, by=cast.fay, at=at)
    assert (again.state, again.code) == ("open", "mid_unknown")
    factories.IdentifierFactory(outlet=shop.outlet, mid="898310058129999")
    done = intake.retry(waiting.pk, by=cast.fay, at=at)
    assert (done.state, done.resolution, done.closed_by) == ("resolved", "taken_in", cast.fay)
    assert the().merchant == shop.merchant
    with pytest.raises(DomainError) as refusal:
        intake.retry(waiting.pk, by=cast.fay, at=at)
    assert refusal.value.code == "discrepancy_closed"


def test_a_discrepancy_is_given_to_somebody_who_may_work_it(
    cast: Cast, waiting: Discrepancy, at: datetime
) -> None:
    other = factories.UserFactory(full_name="Gao")
    factories.MembershipFactory(user=other, unit=cast.shanghai, role="finance")
    row = discrepancies.assign(waiting.pk, owner_id=other.pk, by=cast.fay, at=at)
    assert row.owner == other
    with pytest.raises(DomainError) as refusal:
        discrepancies.assign(waiting.pk, owner_id=cast.ann.pk, by=cast.fay, at=at)
    assert refusal.value.code == "owner_may_not"


def test_a_discrepancy_is_resolved_once_and_says_how(
    cast: Cast, waiting: Discrepancy, at: datetime
) -> None:
    with pytest.raises(DomainError) as refusal:
        discrepancies.resolve(waiting.pk, resolution="", by=cast.fay, at=at)
    assert refusal.value.code == "resolution_required"
    row = discrepancies.resolve(waiting.pk, resolution="corrected", by=cast.fay, at=at)
    assert (row.state, row.closed_at) == ("resolved", at)
    assert TimelineEntry.objects.filter(kind="discrepancy.closed", subject_id=row.pk).exists()
    with pytest.raises(DomainError) as closed:
        discrepancies.dismiss(waiting.pk, note="…", by=cast.fay, at=at)
    assert closed.value.code == "discrepancy_closed"


def test_dismissing_says_why_and_keeps_the_row(
    cast: Cast, waiting: Discrepancy, at: datetime
) -> None:
    with pytest.raises(DomainError) as refusal:
        discrepancies.dismiss(waiting.pk, note=" ", by=cast.fay, at=at)
    assert refusal.value.code == "note_required"
    discrepancies.dismiss(waiting.pk, note="商户录错金额", by=cast.fay, at=at)
    assert Discrepancy.objects.get().row["amount"] == "50.00"


@pytest.mark.parametrize(("name", "sees"), [
    ("fay", True), ("mei", True), ("otto", True), ("pia", True), ("ann", True),
    ("bo", False), ("sam", False), ("nia", False),
])  # fmt: skip
def test_who_sees_a_discrepancy(
    cast: Cast, waiting: Discrepancy, name: str, sees: bool, at: datetime
) -> None:
    user = cast.named(name)
    assert Discrepancy.objects.visible_to(user).exists() is sees
    if name != "fay":
        with pytest.raises(DomainError) as refusal:
            discrepancies.dismiss(waiting.pk, note="…", by=user, at=at)
        assert refusal.value.code == ("not_allowed" if sees else "not_found")
