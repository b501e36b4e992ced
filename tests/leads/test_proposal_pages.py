"""Proposals in the admin: filled in yuan and per cent, reckoned on the way, shown in colour."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from crm.ids import uuid7
from crm.models import User
from leads.domain import proposals
from leads.models import Lead, Proposal, Stage
from tests import factories
from tests.conftest import Cast
from tests.leads.proposal_desk import drafted, newest, submitted
from tests.leads.test_proposal_api import TERMS

pytestmark = pytest.mark.django_db

PROPOSALS = "/admin/leads/proposal/"
type SignedIn = Callable[[User], Client]

TYPED: dict[str, Any] = {
    "pain_words": "周一到周四晚上,总有十来桌空着。",
    "title": "工作日晚餐满100减20",
    "term_threshold_fen": "100",
    "term_off_fen": "20.00",
    "starts_on": "2026-12-01",
    "ends_on": "2027-02-28",
    "weekdays": ["1", "2", "3", "4"],
    "opens_at": "17:00",
    "closes_at": "21:00",
    "uses_per_customer_day": "1",
    "share_bank": "50",
    "share_merchant": "30",
    "share_scheme": "15",
    "share_platform": "5",
    "budget": "20000",
    "operating_cost": "2000",
    "redemptions": "1000",
    "purchases_without": "600",
    "ticket": "120",
    "first_swipe_cards": "80",
    "reactivated_cards": "50",
    "card_contribution": "150",
    "gross_margin": "60",
    "merchant_rate": "0.6",
}


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)


def typed(**changes: Any) -> dict[str, Any]:
    return {"row_id": str(uuid7()), "mechanic": "threshold_off", **TYPED, **changes}


def test_a_rep_fills_in_the_form_and_sees_who_wins(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    assert (
        "Draft a proposal" in browser.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()
    )
    answer = browser.post(f"{PROPOSALS}for/{lead.pk}/", typed(), follow=True)
    assert answer.status_code == 200
    version = newest(Proposal.objects.get())
    assert (version.bank_net_fen, version.merchant_net_fen) == (770_040, 2_251_200)
    assert (version.terms, version.merchant_rate) == (
        {"threshold_fen": 10_000, "off_fen": 2_000},
        6_000,
    )
    text = answer.content.decode()
    for said in ("¥7,700.40", "¥22,512", "✓ wins", "64.17 %", "-98.33 %", "79 / 130"):
        assert said in text, said
    panel = browser.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()
    assert "¥7,700.40" in panel


def test_the_form_reckons_without_storing(cast: Cast, lead: Lead, signed_in: SignedIn) -> None:
    given = typed(reckon="1", first_swipe_cards="0", reactivated_cards="0")
    text = signed_in(cast.ann).post(f"{PROPOSALS}for/{lead.pk}/", given).content.decode()
    assert "What these numbers would bring" in text
    assert "✗ does not win" in text
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"share_bank": "49.99"}, "share_bank"),
        ({"budget": "19.99"}, "budget"),
        ({"budget": "-1"}, "budget"),
        ({"term_off_fen": "20.005"}, "term_off_fen"),
        ({"term_off_fen": "101"}, "term_off_fen"),
        ({"ends_on": "2026-11-30"}, "ends_on"),
        ({"closes_at": "16:00"}, "closes_at"),
        ({"redemptions": "1.5"}, "redemptions"),
    ],
)
def test_what_cannot_be_stands_beside_its_field(
    changes: dict[str, str], field: str, cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    answer = signed_in(cast.ann).post(f"{PROPOSALS}for/{lead.pk}/", typed(**changes))
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Proposal.objects.exists()


PRIZES = "888×1\uff0c50x100"


@pytest.mark.parametrize(
    ("mechanic", "terms", "stored"),
    [
        (
            "rate_off",
            {"term_rate_off": "50", "term_cap_fen": "20"},
            {"rate_off": 5_000, "cap_fen": 2_000},
        ),
        (
            "instalment",
            {"term_monthly_rate": "0.6", "term_months": "12", "term_principal_cap_fen": "6000"},
            {"monthly_rate": 60, "months": 12, "principal_cap_fen": 600_000},
        ),
        (
            "lottery",
            {"term_prizes": PRIZES, "term_draws": "1000"},
            {
                "prizes": [
                    {"value_fen": 88_800, "count": 1},
                    {"value_fen": 5_000, "count": 100},
                ],
                "draws": 1_000,
            },
        ),
    ],
)
def test_each_mechanic_asks_for_its_own_numbers(
    mechanic: str,
    terms: dict[str, str],
    stored: dict[str, Any],
    cast: Cast,
    lead: Lead,
    signed_in: SignedIn,
) -> None:
    browser = signed_in(cast.ann)
    given = typed(mechanic=mechanic, term_threshold_fen="", **terms)
    answer = browser.post(f"{PROPOSALS}for/{lead.pk}/", given)
    assert answer.status_code == 302, answer.context["form"].errors
    proposal = Proposal.objects.get()
    assert newest(proposal).terms == stored
    again = browser.get(f"{PROPOSALS}{proposal.pk}/edit/")
    form = again.context["form"]
    kept = {
        name: (form[name].value() or "")
        for name in [*terms, "share_bank", "budget", "merchant_rate"]
    }
    answer = browser.post(
        f"{PROPOSALS}{proposal.pk}/edit/", {**given, **kept, "row_id": str(uuid7())}
    )
    assert answer.status_code == 302, answer.context["form"].errors
    assert newest(proposal).terms == stored, "what the form shows is what it takes"


@pytest.mark.parametrize("mechanic", TERMS)
def test_every_mechanic_has_a_form_and_a_page(
    mechanic: str, cast: Cast, lead: Lead, at: datetime, signed_in: SignedIn
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, mechanic=mechanic, terms=TERMS[mechanic])
    browser = signed_in(cast.ann)
    assert browser.get(f"{PROPOSALS}{proposal.pk}/edit/").status_code == 200
    assert browser.get(f"{PROPOSALS}{proposal.pk}/change/").status_code == 200


def test_the_buttons_do_what_they_say(
    cast: Cast, lead: Lead, at: datetime, signed_in: SignedIn
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, first_swipe_cards=0, reactivated_cards=0)
    url = f"{PROPOSALS}{proposal.pk}/"
    ann = signed_in(cast.ann)
    refused = ann.post(f"{url}submit/", {})
    assert "waiver" in refused.content.decode()
    assert newest(proposal).state == "draft"
    assert "waive/" not in ann.get(f"{url}change/").content.decode()
    leader = signed_in(cast.max)
    assert "waive/" in leader.get(f"{url}change/").content.decode()
    assert leader.post(f"{url}waive/", {"because": "商圈首店"}).status_code == 302
    ann = signed_in(cast.ann)
    assert ann.post(f"{url}submit/", {}).status_code == 302
    assert newest(proposal).state == "submitted"
    assert ann.post(f"{url}version/", typed(title="满100减25")).status_code == 302
    compared = ann.get(f"{url}compare/").content.decode()
    assert "满100减25" in compared
    assert ann.post(f"{url}withdraw/", {"because": "重写"}).status_code == 302
    assert newest(proposal).state == "withdrawn"
    for language in ("zh-hans", "en"):
        printed = ann.get(f"{url}print/?language={language}&number=1")
        assert printed.status_code == 200
    assert ann.get(f"{url}print/?number=9").status_code == 404
    for page in ("change", "edit", "submit", "print", "compare"):
        assert signed_in(cast.sam).get(f"{url}{page}/").status_code in (302, 404)


def test_an_auditor_reads_and_is_offered_no_button(
    cast: Cast, lead: Lead, at: datetime, signed_in: SignedIn
) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    browser = signed_in(cast.otto)
    text = browser.get(f"{PROPOSALS}{proposal.pk}/change/").content.decode()
    assert "print/" in text
    for page in ("edit/", "submit/", "withdraw/", "version/"):
        assert f"{proposal.pk}/{page}" not in text
    answer = browser.post(f"{PROPOSALS}{proposal.pk}/withdraw/", {"because": "…"})
    assert "do not work this lead" in answer.content.decode()


def test_the_list_and_the_pages_ask_the_same_however_many_there_are(
    cast: Cast, lead: Lead, at: datetime, signed_in: SignedIn, same_queries: Callable[..., int]
) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    browser = signed_in(cast.ann)

    def grow() -> None:
        for _count in range(3):
            merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
            other = factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)
            submitted(other, by=cast.ann, at=at)

    def further() -> None:
        for number in range(2, 6):
            factories.ProposalVersionFactory(
                proposal=proposal, number=number, state="withdrawn", author=cast.ann
            )

    same_queries(lambda: browser.get(PROPOSALS), after=grow, at_most=20)
    same_queries(
        lambda: browser.get(f"{PROPOSALS}{proposal.pk}/change/"), after=further, at_most=25
    )
    found = browser.get(f"{PROPOSALS}?state=submitted&q=海底捞").content.decode()
    assert "submitted" in found.lower()


def test_a_form_that_was_read_before_a_colleagues_change_overruns_nobody(
    cast: Cast, lead: Lead, at: datetime, signed_in: SignedIn
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at)
    browser = signed_in(cast.ann)
    form = browser.get(f"{PROPOSALS}{proposal.pk}/edit/").context["form"]
    read = form["read_version"].value()
    proposals.correct(proposal.pk, {"title": "老板改过的"}, by=cast.max, at=at)
    given = typed(read_version=read, title="我的")
    answer = browser.post(f"{PROPOSALS}{proposal.pk}/edit/", given)
    assert "Somebody changed this since you read it" in answer.content.decode()
    assert newest(proposal).title == "老板改过的"
    given["read_version"] = read + 1
    assert browser.post(f"{PROPOSALS}{proposal.pk}/edit/", given).status_code == 302
    assert newest(proposal).title == "我的"
