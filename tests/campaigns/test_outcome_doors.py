"""Outcomes, claims and card fees through the API and on their pages; their sections and exports."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.test import Client

from campaigns import outcome_report
from campaigns.domain import claim_evidence, outcome_filing
from campaigns.models import Campaign, CampaignOutcome, Claim, ClaimState, FeeSchedule
from crm.ids import uuid7
from crm.models import User
from crm.sections import Audience, Period
from crm.weeks import Week
from tests import factories
from tests.api import Phone
from tests.campaigns.outcome_desk import (
    AT,
    LAST,
    PICTURE,
    WORKED,
    drafted,
    ended,
    merchant_of,
    photo_of,
    proved,
    redeem,
    submitted,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]
OUTCOMES = "/admin/campaigns/campaignoutcome/"
CLAIMS = "/admin/campaigns/claim/"
BODY = {
    "test_before": 600,
    "test_after": 1000,
    "control_before": 500,
    "control_after": 500,
    "source": "收单系统日报",
    "operating_cost": "2000.00",
    "first_swipe_cards": 80,
    "reactivated_cards": 50,
    "card_contribution": "150.00",
    "gross_margin": 6000,
    "merchant_rate": 6000,
}


def body(answer: Any) -> Any:
    return orjson.loads(answer.content)


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    return ended(cast)


def measured(campaign: Campaign, by: Any, **changes: Any) -> CampaignOutcome:
    return outcome_filing.begin(uuid7(), campaign.pk, changes=changes, by=by, at=AT)


# --- the API -----------------------------------------------------------------------------------


def test_a_campaign_is_measured_through_the_api(cast: Cast, campaign: Campaign) -> None:
    redeem(campaign)
    control = factories.MerchantFactory(unit=cast.xuhui)
    phone, path = Phone(cast.pia), f"campaigns/{campaign.pk}/outcome/"
    assert phone.get(path).status_code == 404
    begun = phone.post(path, {"controls": [str(control.pk)]})
    assert begun.status_code == 201, begun.content
    assert body(begun)["method"] == "no_data"
    filed = phone.patch(path, BODY, if_match='"1"')
    assert filed.status_code == 200, filed.content
    found = body(filed)
    assert (found["bank_net"], found["everybody_wins"]) == ("7700.40", True)
    assert found["result"]["bank"]["interchange"]["roi"] == "-98.33"
    assert found["controls"] == [{"id": str(control.pk), "name": control.name}]
    assert phone.patch(path, BODY, if_match='"1"').status_code == 412
    (listed,) = body(phone.get("campaign-outcomes/?everybody_wins=true&method=control_group"))[
        "results"
    ]
    assert listed == body(phone.get(path))


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"test_before": -1}, 400, "min_value", id="below zero"),
        pytest.param({"test_before": 1.5}, 400, "invalid", id="a fraction"),
        pytest.param({"test_before": "12"}, 400, "invalid", id="a number as text"),
        pytest.param({"operating_cost": 12.5}, 400, "money", id="money as a float"),
        pytest.param({"operating_cost": "-1.00"}, 400, "money", id="money below zero"),
        pytest.param({"gross_margin": 10_001}, 400, "max_value", id="above the whole"),
        pytest.param({"test_before": 1}, 400, "source_required", id="without a source"),
        pytest.param({"baseline_last": "2026-10-01"}, 409, "outcome_periods", id="overlap"),
        pytest.param({"baseline_first": "0001-01-01"}, 400, "period_too_long", id="too long"),
        pytest.param({"result": {}}, 400, "unknown_field", id="the result"),
        pytest.param({"controls": ["x"]}, 400, "invalid", id="no id"),
    ],
)
def test_bad_figures_are_refused_in_words(
    cast: Cast, campaign: Campaign, change: dict[str, Any], status: int, code: str
) -> None:
    measured(campaign, cast.pia)
    answer = Phone(cast.pia).patch(f"campaigns/{campaign.pk}/outcome/", change, if_match='"1"')
    assert answer.status_code == status, answer.content
    assert body(answer)["errors"][0]["code"] == code
    assert CampaignOutcome.objects.get().version == 1


def test_a_claim_lives_through_the_api(cast: Cast) -> None:
    campaign = ended(cast, last=(AT + timedelta(days=400)).date())
    ann, fay = Phone(cast.ann), Phone(cast.fay)
    made = ann.post(
        "claims/",
        {
            "campaign": str(campaign.pk),
            "merchant": str(merchant_of(campaign).pk),
            "amount": "3200.00",
            "what_for": "台卡",
        },
    )
    assert made.status_code == 201, made.content
    path = f"claims/{body(made)['id']}/"
    assert body(ann.post(f"{path}submit/"))["code"] == "claim_needs_proof"
    photo = photo_of(cast.ann)
    proof = {"kind": "photo", "document": str(photo.pk)}
    assert ann.post(f"{path}evidence/", proof).status_code == 201
    assert body(ann.post(f"{path}evidence/", proof))["code"] == "evidence_twice"
    assert ann.post(f"{path}submit/").status_code == 200
    part = fay.post(f"{path}approve/", {"amount": "2800.00", "because": "超出约定数量"})
    assert (body(part)["state"], body(part)["amount_approved"]) == ("partly_approved", "2800.00")
    assert body(fay.post(f"{path}pay/", {"reference": "PAY-1"}))["state"] == "paid"
    steps = body(fay.get(f"{path}steps/"))["results"]
    assert [one["to_state"] for one in steps] == ["paid", "partly_approved", "submitted", "draft"]
    assert body(fay.get(f"{path}evidence/"))["results"][0]["sha256"] == photo.sha256
    assert [one["id"] for one in body(fay.get("claims/?state=paid"))["results"]] == [
        body(made)["id"]
    ]


@pytest.mark.parametrize("path", ["claims/", "campaign-outcomes/", "fee-schedules/"])
def test_a_list_asks_the_same_statements_however_long_it_is(
    cast: Cast, same_queries: Callable[..., int], path: str
) -> None:
    def grow() -> None:
        for _number in range(3):
            campaign = ended(cast)
            drafted(cast, campaign)
            measured(campaign, cast.pia)

    phone = Phone(cast.fay)
    same_queries(lambda: phone.get(path), after=grow, at_most=12)


# --- pages -------------------------------------------------------------------------------------


def test_one_can_decide_by_the_outcome_page(
    cast: Cast, campaign: Campaign, signed_in: SignedIn
) -> None:
    redeem(campaign)
    outcome = measured(campaign, cast.pia, **WORKED)
    page = signed_in(cast.fay).get(f"{OUTCOMES}{outcome.pk}/change/").content.decode()
    shown = (
        "−98.33 %", "64.17 %", "358.02 %", "¥7,700.40", "−¥11,799.60", "Everybody wins",
        "Control group", "40.00 %", "¥6,000.00",
    )  # fmt: skip
    for words in shown:
        assert words in page, words
    assert "What is missing" not in page


def test_a_page_without_control_says_that_it_overstates(
    cast: Cast, campaign: Campaign, signed_in: SignedIn
) -> None:
    outcome = measured(campaign, cast.pia, test_before=10, test_after=16, source="日报")
    page = signed_in(cast.pia).get(f"{OUTCOMES}{outcome.pk}/change/").content.decode()
    assert "this overstates" in page
    assert "No control" in page
    assert "What is missing" in page


def test_figures_are_typed_in_yuan_and_per_cent(
    cast: Cast, campaign: Campaign, signed_in: SignedIn
) -> None:
    outcome = measured(campaign, cast.pia)
    browser = signed_in(cast.pia)
    typed = {
        "read_version": outcome.version,
        "baseline_first": "2026-08-31", "baseline_last": "2026-09-30",
        "measured_first": "2026-10-01", "measured_last": "2026-10-31",
        "test_before_fen": "10000", "test_after_fen": "16000.50", "source": "日报",
        "gross_margin": "60", "merchant_rate": "0.6", "operating_cost_fen": "2000",
        "monthly_contributions_fen": "60, 80，90",
    }  # fmt: skip
    page = f"{OUTCOMES}{outcome.pk}/figures/"
    assert browser.get(page).status_code == 200
    assert browser.post(page, typed).status_code == 302
    outcome.refresh_from_db()
    assert (outcome.test_after_fen, outcome.gross_margin, outcome.merchant_rate) == (
        1_600_050,
        6_000,
        6_000,
    )
    assert outcome.monthly_contributions_fen == [6_000, 8_000, 9_000]
    assert outcome.first_swipe_cards is None
    answer = browser.post(page, typed)
    assert "Somebody changed this" in answer.content.decode()
    again = browser.get(page).content.decode()
    assert 'value="16000.50"' in again


def test_the_control_group_is_chosen_from_what_is_alike(
    cast: Cast, campaign: Campaign, signed_in: SignedIn
) -> None:
    outcome, alike = measured(campaign, cast.pia), factories.MerchantFactory(unit=cast.xuhui)
    browser, page = signed_in(cast.pia), f"{OUTCOMES}{outcome.pk}/controls/"
    assert alike.name in browser.get(page).content.decode()
    typed = {"controls": [str(alike.pk)], "control_because": "同商圈", "read_version": "1"}
    assert browser.post(page, typed).status_code == 302
    assert list(outcome.controls.all()) == [alike]
    assert alike.name in browser.get(f"{OUTCOMES}{outcome.pk}/change/").content.decode()


def test_an_outcome_is_concluded_on_its_page(
    cast: Cast, campaign: Campaign, signed_in: SignedIn
) -> None:
    outcome = measured(campaign, cast.pia, **WORKED)
    browser = signed_in(cast.fay)
    for page, typed in (
        ("reckon", {}),
        ("conclude", {"conclusion": "明年续做"}),
        ("reopen", {"because": "对照组有误"}),
    ):
        assert browser.get(f"{OUTCOMES}{outcome.pk}/{page}/").status_code == 200
        assert browser.post(f"{OUTCOMES}{outcome.pk}/{page}/", typed).status_code == 302, page
    refused = browser.post(f"{OUTCOMES}{outcome.pk}/sales/", {})
    assert "No days of sales are on file" in refused.content.decode()


def test_the_campaigns_page_leads_to_outcome_and_claims(
    cast: Cast, campaign: Campaign, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.pia)
    page = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    assert "Measure what the campaign brings" in browser.get(page).content.decode()
    begin = f"{OUTCOMES}for/{campaign.pk}/"
    assert browser.get(begin).status_code == 200
    assert browser.post(begin, {}).status_code == 302
    outcome = CampaignOutcome.objects.get()
    claim = drafted(cast, campaign)
    found = browser.get(page).content.decode()
    assert f"{OUTCOMES}{outcome.pk}/change/" in found
    assert f"{CLAIMS}{claim.pk}/change/" in found
    assert browser.get(begin).headers["Location"] == f"{OUTCOMES}{outcome.pk}/change/"


def test_a_claim_is_worked_on_its_pages(cast: Cast, signed_in: SignedIn) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    campaign = ended(cast, last=(AT + timedelta(days=400)).date())
    browser = signed_in(cast.ann)
    page = f"{CLAIMS}for/{campaign.pk}/"
    assert merchant_of(campaign).name in browser.get(page).content.decode()
    typed = {
        "row_id": str(uuid7()), "merchant": str(merchant_of(campaign).pk),
        "amount": "3200", "what_for": "台卡",
    }  # fmt: skip
    assert browser.post(page, typed).status_code == 302
    claim = Claim.objects.get()
    base = f"{CLAIMS}{claim.pk}"
    assert "Attach proof" in browser.get(f"{base}/change/").content.decode()
    nothing = browser.post(f"{base}/prove/", {"row_id": str(uuid7()), "kind": "photo"})
    assert "Attach the document" in nothing.content.decode()
    upload = SimpleUploadedFile("台卡.jpg", PICTURE)
    proof = {"row_id": str(uuid7()), "kind": "photo", "upload": upload}
    assert browser.post(f"{base}/prove/", proof).status_code == 302
    known = photo_of(cast.ann, b"\xff\xd8\xff another")
    again = {"row_id": str(uuid7()), "kind": "report", "document": str(known.pk)}
    assert browser.post(f"{base}/prove/", again).status_code == 302
    edit = {"read_version": Claim.objects.get().version, "amount": "3000", "what_for": "台卡"}
    assert browser.post(f"{base}/edit/", edit).status_code == 302
    assert browser.post(f"{base}/submit/", {}).status_code == 302
    fay = signed_in(cast.fay)
    page = fay.get(f"{base}/change/").content.decode()
    assert "Approve…" in page
    assert "台卡.jpg" in page
    assert fay.get(f"{base}/approve/").status_code == 200
    assert fay.post(f"{base}/approve/", {"amount": "3000.00"}).status_code == 302
    assert fay.post(f"{base}/pay/", {"reference": "PAY-9"}).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.amount_approved_fen) == (ClaimState.PAID, 300_000)
    assert "PAY-9" in fay.get(f"{base}/change/").content.decode()
    assert fay.get(f"{CLAIMS}?late=missed").status_code == 200


def test_card_fees_are_filed_on_their_page(cast: Cast, signed_in: SignedIn) -> None:
    page = "/admin/campaigns/feeschedule/"
    assert signed_in(cast.fay).get(f"{page}add/").status_code == 404
    browser = signed_in(cast.ada)
    assert 'value="0.45"' in browser.get(f"{page}add/").content.decode()
    typed = {
        "row_id": str(uuid7()), "effective_from": "2039-01-01", "issuer_credit": "0.40",
        "issuer_debit": "0.35", "issuer_debit_cap_fen": "13", "network_each_side": "0.0325",
        "network_cap_fen": "3.25", "source": "通知",
    }  # fmt: skip
    assert browser.post(f"{page}add/", typed).status_code == 302
    fees = FeeSchedule.objects.get()
    assert (fees.issuer_credit, fees.network_each_side) == (4_000, 325)
    assert "0.4 %" in browser.get(page).content.decode()
    assert "Take back…" in browser.get(f"{page}{fees.pk}/change/").content.decode()
    assert browser.post(f"{page}{fees.pk}/withdraw/", {}).status_code == 302
    fees.refresh_from_db()
    assert fees.withdrawn_at is not None


@pytest.mark.parametrize("page", [CLAIMS, OUTCOMES])
def test_an_admin_list_asks_the_same_statements(
    cast: Cast, signed_in: SignedIn, same_queries: Callable[..., int], page: str
) -> None:
    def grow() -> None:
        for _number in range(3):
            campaign = ended(cast)
            drafted(cast, campaign)
            measured(campaign, cast.pia)

    browser = signed_in(cast.fay)
    same_queries(lambda: browser.get(page), after=grow, at_most=30)


# --- the report --------------------------------------------------------------------------------


def period(at: datetime = AT) -> Period:
    zone = ZoneInfo("Asia/Shanghai")
    return Period.of(Week.of(AT.astimezone(zone).date()), zone, at=at)


def test_missed_and_waiting_claims_are_overdue(cast: Cast) -> None:
    campaign = ended(cast)
    missed, waits_long, waits, fresh = (
        proved(cast, campaign), submitted(cast, campaign), submitted(cast, campaign),
        drafted(cast, campaign),
    )  # fmt: skip
    Claim.objects.filter(pk=missed.pk).update(last_day=period().last_day - timedelta(days=1))
    Claim.objects.filter(pk=waits_long.pk).update(submitted_at=AT - timedelta(days=16))
    Claim.objects.filter(pk=fresh.pk).update(last_day=period().last_day)
    table = outcome_report.claims_overdue(Audience(cast.fay), period())
    assert {row["link"] for row in table.rows} == {
        f"{CLAIMS}{one.pk}/change/" for one in (missed, waits_long)
    }
    assert [one.value for one in table.figures] == [2, 640_000]
    assert waits.state == ClaimState.SUBMITTED
    hidden = outcome_report.claims_overdue(Audience(cast.sam), period())
    assert (hidden.rows, hidden.figures) == ([], ())


def test_the_outcome_of_ended_campaigns_is_reported(cast: Cast, campaign: Campaign) -> None:
    redeem(campaign)
    measured(campaign, cast.pia, **WORKED)
    ended(cast)
    old = ended(cast, first=LAST - timedelta(days=200), last=LAST - timedelta(days=150))
    measured(old, cast.pia)
    table = outcome_report.outcomes(Audience(cast.mei), period(AT + timedelta(minutes=1)))
    (row,) = table.rows
    assert (row["campaign"], row["lift"], row["bank_net"], row["merchant_net"]) == (
        campaign.name,
        6_667,
        770_040,
        2_251_200,
    )
    assert [one.value for one in table.figures] == [1, 1, 1]


def test_whoever_may_not_see_the_claim_does_not_see_its_proof(cast: Cast) -> None:
    claim = proved(cast)
    assert claim_evidence.used_elsewhere(claim, claim.evidence.get().sha256) is False
    assert Phone(cast.bo).get(f"claims/{claim.pk}/evidence/").status_code == 404
