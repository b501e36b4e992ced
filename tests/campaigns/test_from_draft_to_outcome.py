"""一元洗头 from the first draft to its outcome, through the API: planned, approved by others, made
ready, started by the tick, used 5,000 times with 200 faults, ended, settled, claimed, closed.

Every request is sent twice, as a phone does that got no answer. After every step the counters of
every pot are what the ledger sums to, and what was spent is what redemptions and claims came to.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.db.models import Q, Sum
from django.utils import timezone

from campaigns.models import (
    Account,
    Budget,
    Claim,
    Discrepancy,
    LedgerEntry,
    Party,
    Redemption,
    RedemptionEvent,
)
from campaigns.models.claim import GRANTED
from crm.domain import jobs, ticking
from crm.ids import uuid7
from crm.models import User
from merchants.models import Merchant, Outlet, TimelineEntry
from tests import factories
from tests.api import ROOT, Phone
from tests.campaigns import approval_desk
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

CHINA = ZoneInfo("Asia/Shanghai")
MID, SECOND_TILL = "898310058120001", "898310058120002"
HEADER = "交易参考号,事件,商户号,交易时间,交易金额,优惠金额,卡标识"
ROWS, FAULTS = 5_000, 200
EACH = FAULTS // 5
"""So many of each of five kinds of faults."""
BANK, MERCHANT = 1_440, 960
"""Of a discount of 24.00 the bank pays 14.40 and the merchant 9.60."""
LANDED = ROWS - FAULTS + EACH
"""What is in once the second till's number is registered."""


class Clock:
    """The clock of the product's doors."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 18, 10, tzinfo=CHINA)

    def goes_to(self, day: str, time: str = "10:00") -> None:
        """Later, and whatever is due by then has happened."""
        self.now = datetime.fromisoformat(f"{day}T{time}:00+08:00")
        ticking.tick(at=self.now)
        agrees()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(timezone, "now", lambda: one.now)
    return one


class Colleague:
    """A colleague whose phone sends everything twice, and who signs in anew every day."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._signed_in_on: date | None = None

    @property
    def phone(self) -> Phone:
        today = timezone.localdate()
        if self._signed_in_on != today:
            self._signed_in_on, self._phone = today, Phone(self.user)
        return self._phone

    def does(self, path: str, body: Any = None) -> dict[str, Any]:
        key = str(uuid7())
        first = self.phone.post(path, body, key=key)
        assert first.status_code in (200, 201), (path, first.content.decode())
        before = counted()
        again = self.phone.post(path, body, key=key)
        assert (again.status_code, again.content) == (first.status_code, first.content), path
        assert counted() == before, f"sent again, {path} changed something"
        agrees()
        return orjson.loads(first.content)  # type: ignore[no-any-return]

    def is_refused(self, path: str, body: Any = None) -> str:
        before = counted()
        answer = self.phone.post(path, body)
        assert answer.status_code >= 400, answer.content.decode()
        assert counted() == before
        return str(orjson.loads(answer.content)["code"])

    def reads(self, path: str) -> dict[str, Any]:
        answer = self.phone.get(path)
        assert answer.status_code == 200, answer.content.decode()
        return orjson.loads(answer.content)  # type: ignore[no-any-return]

    def corrects(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.phone.patch(path, body, if_match=self.phone.get(path)["ETag"])
        assert answer.status_code == 200, answer.content.decode()
        agrees()
        return orjson.loads(answer.content)  # type: ignore[no-any-return]

    def every(self, path: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            page = self.reads(following)
            found += page["results"]
            following = page["next"]
        return found

    def sends(self, name: str, content: bytes, kind: str) -> str:
        answer = self.phone.client.generic(
            "POST",
            f"{ROOT}files/",
            content,
            content_type=kind,
            headers={
                **self.phone.headers,
                "Content-Disposition": f"attachment; filename={name}",
            },
        )
        assert answer.status_code == 201, answer.content.decode()
        return str(orjson.loads(answer.content)["id"])


def counted() -> tuple[int, ...]:
    """What nothing may change that is sent again, or refused."""
    nouns = (LedgerEntry, Redemption, RedemptionEvent, Discrepancy, TimelineEntry, Claim)
    versions = Redemption.objects.aggregate(sum=Sum("version"))["sum"] or 0
    return (*(noun._base_manager.count() for noun in nouns), versions)


def agrees() -> None:
    """Every counter is the sum of its entries, and what was spent is what was used and granted."""
    for pot in Budget.objects.all():
        stood = dict.fromkeys(Account, 0)
        for entry in LedgerEntry.objects.filter(budget=pot):
            stood[Account(entry.debit_account)] += entry.amount_fen
            stood[Account(entry.credit_account)] -= entry.amount_fen
        assert pot.frozen_at is None
        assert (pot.allocated_fen, pot.reserved_fen, pot.committed_fen, pot.consumed_fen) == (
            -stood[Account.FUNDING],
            stood[Account.RESERVED],
            stood[Account.COMMITTED],
            stood[Account.CONSUMED],
        ), pot
    sums = {f"{party}": Sum(f"{party}_fen") for party in Party}
    used = RedemptionEvent.objects.aggregate(**sums)
    granted = Claim.objects.filter(state__in=GRANTED).aggregate(s=Sum("amount_approved_fen"))["s"]
    for pot in Budget.objects.filter(campaign__isnull=False):
        claimed = (granted or 0) if pot.party == Party.BANK else 0
        assert pot.consumed_fen == (used[pot.party] or 0) + claimed, pot.party
        if pot.party == Party.BANK:
            fund = Budget.objects.get(fund__isnull=False)
            assert fund.consumed_fen == pot.consumed_fen


def cells(number: int) -> tuple[str, ...]:
    """One purchase of 25.00 in December; every 25th row has one of five faults."""
    when = f"2026-12-{number % 20 + 1:02d} {number % 24:02d}:30:00"
    good = (f"T{number}", "cleared", MID, when, "25.00", "24.00", f"card{number}")
    if number % (ROWS // FAULTS) != ROWS // FAULTS - 1:
        return good
    match number // (ROWS // FAULTS) % 5:
        case 0:
            return (*good[:2], SECOND_TILL, *good[3:])
        case 1:
            return (*good[:3], when.replace("2026-12", "2026-11"), *good[4:])
        case 2:
            return (*good[:5], "25.00", good[6])
        case 3:
            return (*good[:4], "廿五", *good[5:])
        case _:
            # The row before once more, with another amount.
            return (f"T{number - 1}", *good[1:4], "30.00", *good[5:])


def sheet(*rows: tuple[str, ...], header: str = HEADER) -> bytes:
    return "\n".join([header, *(",".join(row) for row in rows)]).encode()


def in_pots(colleague: Colleague, campaign: str) -> dict[str, tuple[str, str]]:
    """Party → what its pot has, and what of it is spent."""
    money = colleague.reads(f"{campaign}/money/")
    return {one["party"]: (one["allocated"], one["consumed"]) for one in money["parties"]}


@pytest.fixture
def shop(cast: Cast) -> Outlet:
    merchant: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, name="丝语美发")
    outlet: Outlet = factories.OutletFactory(merchant=merchant, name="徐汇店")
    approval_desk.tiers()
    return outlet


def test_the_hair_wash_for_one_yuan_from_draft_to_outcome(
    cast: Cast, shop: Outlet, clock: Clock
) -> None:
    pia, mei, fay, ann = (Colleague(one) for one in (cast.pia, cast.mei, cast.fay, cast.ann))
    shanghai, merchant = str(cast.shanghai.pk), str(shop.merchant_id)

    # The bank's money: a fund of Shanghai's with a million in it.
    fund = fay.does(
        "funds/",
        {
            "unit": shanghai,
            "name": "2026 获客基金",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "cap": "1000000.00",
        },
    )
    filled = {"amount": "1000000.00", "because": "年度预算"}
    fay.does(f"funds/{fund['id']}/allocate/", filled)

    def in_fund() -> tuple[str, ...]:
        pot = fay.reads(f"budgets/?fund={fund['id']}")["results"][0]
        return tuple(pot[name] for name in ("available", "reserved", "committed", "consumed"))

    # Planned: the customer pays one yuan for what costs 25.00.
    planned = pia.does(
        "campaigns/",
        {
            "name": "一元洗头",
            "unit": shanghai,
            "merchants": [merchant],
            "starts_on": "2026-12-01",
            "ends_on": "2026-12-31",
            "budget": "600000.00",
            "objective": "activate",
            "mechanic": "one_yuan",
            "terms": {"agreed_price_fen": 2500},
            "shares": [
                {"party": "bank", "basis_points": 6000},
                {"party": "merchant", "basis_points": 4000},
            ],
            "claim_days": 10,
        },
    )
    campaign = f"campaigns/{planned['id']}"
    submission = pia.reads(f"{campaign}/submission/")
    assert [one["code"] for one in submission["missing"]] == ["campaign_without_fund"]
    assert pia.is_refused(f"{campaign}/submit/") == "campaign_incomplete"
    pia.corrects(f"{campaign}/", {"fund": fund["id"]})
    asked = pia.does(f"{campaign}/submit/", {"said": "旺季前上线"})
    assert in_fund() == ("640000.00", "360000.00", "0.00", "0.00")

    # Nobody approves their own; a manager and finance do.
    approval = f"approvals/{asked['id']}"
    assert pia.is_refused(f"{approval}/approve/", {"step": 1}) == "self_approval"
    assert (
        mei.does(f"{approval}/approve/", {"step": 1, "comment": "同意"})["waits_for"] == "finance"
    )
    assert mei.is_refused(f"{approval}/approve/", {"step": 2}) == "not_allowed"
    assert fay.does(f"{approval}/approve/", {"step": 2})["state"] == "approved"
    assert in_fund() == ("640000.00", "0.00", "360000.00", "0.00")
    pots = {"bank": ("360000.00", "0.00"), "merchant": ("240000.00", "0.00")}
    assert in_pots(pia, campaign) == pots

    # Made ready, and started by the tick on the first day.
    assert pia.is_refused(f"{campaign}/advance/", {"to": "active"}) == "campaign_not_begun"
    pia.does(f"{campaign}/advance/", {"to": "scheduled"})
    assert ann.is_refused(f"{campaign}/go-live/", {"kind": "mid_verified"}) == "mid_missing"
    till = {"acquirer": "银联商务", "valid_from": "2026-11-01"}
    numbers = f"outlets/{shop.pk}/identifiers/"
    ann.does(numbers, {"mid": MID, **till})
    photo = ann.sends("material.jpg", b"\xff\xd8\xff\xe0 table card", "image/jpeg")
    for item in pia.every(f"{campaign}/go-live/"):
        given = {"file": photo} if item["kind"] == "material_photo" else {}
        ann.does(f"{campaign}/go-live/", {"kind": item["kind"], **given})
    clock.goes_to("2026-11-30", "23:59")
    assert pia.reads(f"{campaign}/")["stage"] == "scheduled"
    clock.goes_to("2026-12-01", "00:05")
    assert pia.reads(f"{campaign}/")["stage"] == "active"
    stamp = pia.phone.get(f"{campaign}/")["ETag"]
    raised = pia.phone.patch(f"{campaign}/", {"budget": "700000.00"}, if_match=stamp)
    assert orjson.loads(raised.content)["code"] == "terms_fixed"

    # 5,000 purchases in a file; 200 of them cannot be taken as they came.
    clock.goes_to("2026-12-21")
    content = sheet(*map(cells, range(ROWS)))
    listed = fay.sends("redemptions.csv", content, "text/csv")
    brought = {"file": listed, "source": "unionpay", "unit": shanghai}
    intake = fay.does("redemption-intakes/", brought)
    fay.does(f"redemption-intakes/{intake['id']}/run/")
    jobs.run_due(at=clock.now)
    agrees()
    taken = fay.reads(f"redemption-intakes/{intake['id']}/")
    assert (taken["rows"], taken["landed"], taken["queued"]) == (ROWS, ROWS - FAULTS, FAULTS)
    queue = fay.every("discrepancies/?state=open")
    assert Counter(one["code"] for one in queue) == {
        "mid_unknown": EACH,
        "window": EACH,
        "discount_differs": EACH,
        "row_unreadable": EACH,
        "duplicate": EACH,
    }
    assert in_pots(fay, campaign)["bank"] == ("360000.00", "69120.00")
    assert in_pots(fay, campaign)["merchant"] == ("240000.00", "46080.00")

    # The same again changes nothing: neither the file nor one that differs by an empty line.
    before = counted()
    listed = fay.sends("again.csv", content, "text/csv")
    again = {"file": listed, "source": "unionpay", "unit": shanghai}
    assert fay.is_refused("redemption-intakes/", again) == "intake_known"
    listed = fay.sends("again.csv", content + b"\n", "text/csv")
    intake = fay.does(
        "redemption-intakes/", {"file": listed, "source": "unionpay", "unit": shanghai}
    )
    fay.does(f"redemption-intakes/{intake['id']}/run/")
    jobs.run_due(at=clock.now)
    taken = fay.reads(f"redemption-intakes/{intake['id']}/")
    assert (taken["landed"], taken["repeated"]) == (0, ROWS - FAULTS)
    assert counted() == before
    agrees()

    # The queue is worked: a till is registered and its rows tried again, the rest is answered.
    unknown = [one for one in queue if one["code"] == "mid_unknown"]
    stuck = f"discrepancies/{unknown[0]['id']}"
    assert fay.does(f"{stuck}/retry/")["state"] == "open"
    ann.does(numbers, {"mid": SECOND_TILL, **till})
    assert ann.is_refused(f"{stuck}/retry/") in ("not_allowed", "not_found")
    assert fay.does(f"{stuck}/retry/")["resolution"] == "taken_in"
    for one in unknown[1:]:
        assert fay.phone.post(f"discrepancies/{one['id']}/retry/").status_code == 200
    agrees()
    first, *others = (one for one in queue if one["code"] == "duplicate")
    assert fay.is_refused(f"discrepancies/{first['id']}/dismiss/", {"note": " "}) != ""
    note = {"note": "收单方重复报送"}
    assert fay.does(f"discrepancies/{first['id']}/dismiss/", note)["state"] == "dismissed"
    for one in others:
        assert fay.phone.post(f"discrepancies/{one['id']}/dismiss/", note).status_code == 200
    rest = [one for one in queue if one["code"] not in ("mid_unknown", "duplicate")]
    settled = {"resolution": "written_off", "note": "收单方无法更正"}
    for one in rest[1:]:
        assert fay.phone.post(f"discrepancies/{one['id']}/resolve/", settled).status_code == 200
    agrees()
    assert in_pots(fay, campaign)["bank"][1] == "69696.00"

    # One purchase is given back whole, another in part: the funders have theirs again first.
    back = [
        {"reference": "T0", "event": "refunded", "amount": "25.00", "event_key": "R1"},
        {"reference": "T1", "event": "refunded", "amount": "5.00", "event_key": "R1"},
    ]
    same = {"mid": MID, "occurred_at": "2026-12-21 09:00:00", "card_hash": "card0"}
    reported = {"source": "unionpay", "unit": shanghai, "events": [{**one, **same} for one in back]}
    found = fay.does("redemptions/events/", reported)
    assert [one["state"] for one in found["events"]] == ["reversed", "partially_reversed"]
    bank = LANDED * BANK - BANK - 300
    assert in_pots(fay, campaign)["bank"][1] == f"{bank / 100:.2f}" == "69678.60"

    # It ends by itself; it is settled only once everything stands on paid statements.
    clock.goes_to("2027-01-01", "00:10")
    assert fay.reads(f"{campaign}/")["stage"] == "ended"
    clock.goes_to("2027-01-04")
    fay.does(f"{campaign}/advance/", {"to": "settling"})
    assert fay.is_refused(f"{campaign}/advance/", {"to": "settled"}) == "campaign_unsettled"
    (way,) = fay.reads(f"{campaign}/ways/")["ways"]
    assert [one["code"] for one in way["missing"]] == ["campaign_unsettled"]

    # The statement is drafted, and compared with the merchant's own list.
    drafted = fay.does(
        "statements/",
        {
            "merchant": merchant,
            "first_day": "2026-12-01",
            "last_day": "2026-12-31",
        },
    )
    statement = f"statements/{drafted['id']}"
    assert (drafted["redemptions"], drafted["returns"]) == (LANDED, 2)
    assert drafted["payable"] == "69678.60"
    theirs = [
        (line["reference"], "徐汇店", line["day"], line["discount"])
        for line in fay.every(f"{statement}/lines/?limit=200")
    ]
    assert len(theirs) == LANDED + 2
    theirs[10] = (*theirs[10][:3], "23.00")
    theirs[20:21] = [("ONLY-THEIRS", "徐汇店", "2026-12-20", "24.00")]
    names = "交易参考号,门店,交易日期,优惠金额"
    listed = fay.sends("merchant.csv", sheet(*theirs, header=names), "text/csv")
    fay.does(f"{statement}/merchant-list/", {"file": listed})
    jobs.run_due(at=clock.now)
    differences = fay.every(f"discrepancies/?statement={drafted['id']}&state=open")
    assert sorted(one["code"] for one in differences) == [
        "amount_differs",
        "bank_only",
        "merchant_only",
    ]
    fay.does(f"{statement}/send/")
    confirmed = {"confirmed_on": "2027-01-04", "by_name": "王经理"}
    assert fay.is_refused(f"{statement}/confirm/", confirmed) == "differences_open"
    for one in differences:
        fay.does(f"discrepancies/{one['id']}/resolve/", {"resolution": "bank_right"})
    fay.does(f"{statement}/confirm/", confirmed)

    # Approved by somebody else, invoiced for exactly what is payable, paid.
    assert fay.is_refused(f"{statement}/approve/") == "self_approval"
    assert mei.does(f"{statement}/approve/")["state"] == "approved"
    payment = {"reference": "2027010400123", "paid_on": "2027-01-04"}
    unpaid = {"amount": "69678.60", **payment}
    assert fay.is_refused(f"{statement}/payments/", unpaid) == "not_invoiced"
    invoice = {
        "number": "24312000000012345678",
        "issued_on": "2027-01-04",
        "received_on": "2027-01-04",
        "buyer_title": "某某银行股份有限公司",
        "buyer_credit_code": "91110000600037341L",
        "rate_basis_points": 600,
    }
    wrong = {"gross": "69678.59", **invoice}
    assert fay.is_refused(f"{statement}/invoice/", wrong) == "invoice_differs"
    recorded = fay.does(f"{statement}/invoice/", {"gross": "69678.60", **invoice})
    assert (recorded["net"], recorded["tax"]) == ("65734.53", "3944.07")
    fay.does(f"{statement}/payments/", unpaid)
    assert fay.reads(f"{statement}/")["state"] == "paid"

    # What material cost is claimed, with proof, and granted in part.
    clock.goes_to("2027-01-08")
    claimed = ann.does(
        "claims/",
        {
            "campaign": planned["id"],
            "merchant": merchant,
            "amount": "3200.00",
            "what_for": "台卡与易拉宝",
        },
    )
    claim = f"claims/{claimed['id']}"
    assert ann.is_refused(f"{claim}/submit/") == "claim_needs_proof"
    ann.does(f"{claim}/evidence/", {"kind": "photo", "document": photo})
    ann.does(f"{claim}/submit/")
    fay.does(f"{statement}/close/")
    assert fay.does(f"{campaign}/advance/", {"to": "settled"})["stage"] == "settled"
    assert fay.is_refused(f"{campaign}/advance/", {"to": "closed"}) == "claims_open"

    # The days for claims are over, and what waits holds the money and the end of it all.
    clock.goes_to("2027-01-11")
    assert in_fund()[2] != "0.00"
    (way,) = fay.reads(f"{campaign}/ways/")["ways"]
    missing = [one["code"] for one in way["missing"]]
    assert missing == ["claims_unanswered", "discrepancies_open"]
    part = {"amount": "2800.00", "because": "易拉宝超出约定数量"}
    assert fay.does(f"{claim}/approve/", part)["state"] == "partly_approved"
    assert fay.is_refused(f"{campaign}/advance/", {"to": "closed"}) == "claims_unanswered"
    fay.does(f"{claim}/pay/", {"reference": "PAY-2027-0042"})
    assert fay.is_refused(f"{campaign}/advance/", {"to": "closed"}) == "discrepancies_open"
    fay.does(f"discrepancies/{rest[0]['id']}/resolve/", settled)
    assert fay.does(f"{campaign}/advance/", {"to": "closed"})["stage"] == "closed"
    assert in_fund() == ("927521.40", "0.00", "0.00", "72478.60")
    assert LedgerEntry.objects.filter(kind="expire").exists()

    # What came of it.
    outcome = f"{campaign}/outcome"
    pia.does(f"{outcome}/", {"control_because": "同商圈未参加活动的门店"})
    pia.corrects(
        f"{outcome}/",
        {
            "test_before": 3_000,
            "test_after": 5_000,
            "control_before": 2_000,
            "control_after": 2_000,
            "source": "收单系统日报",
            "operating_cost": "2800.00",
            "first_swipe_cards": 400,
            "reactivated_cards": 300,
            "card_contribution": "150.00",
            "gross_margin": 6_000,
            "merchant_rate": 6_000,
        },
    )
    assert pia.is_refused(f"{outcome}/conclude/", {"conclusion": "续做"}) == "not_allowed"
    concluded = fay.does(f"{outcome}/conclude/", {"conclusion": "激活有效,明年续做"})
    read = ann.reads(f"{outcome}/")
    assert read == concluded
    result = read["result"]
    assert (read["method"], result["redemptions"]) == ("control_group", LANDED - 1)
    merchants_part = LANDED * MERCHANT - MERCHANT - 200
    assert result["parts"] == {"bank": "69678.60", "merchant": f"{merchants_part / 100:.2f}"}
    assert result["bank"]["cost"] == "72478.60"
    assert result["incremental_purchases"] == 2_000
    assert result["wins"]["bank"] is True
    told = TimelineEntry.objects.filter(merchant=shop.merchant_id)
    kinds = set(told.values_list("kind", flat=True))
    assert {"campaign.planned", "approval.step_approved", "campaign.moved", "claim.paid",
            "statement.stepped", "discrepancy.closed"} <= kinds  # fmt: skip
    assert date(2026, 12, 31) == Budget.objects.get(party="bank").campaign.ended_on  # type: ignore[union-attr]
    assert not Budget.objects.filter(Q(reserved_fen__gt=0) | Q(committed_fen__gt=0)).exists()
