"""Proposals through the API: written, refused in words, reckoned, compared, printed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import pytest

from leads.api.proposal_inputs import EXAMPLE
from leads.models import Lead, Proposal, ProposalVersion, Stage
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.proposal_desk import WORKED, drafted, newest, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(
        name="海底捞火锅(徐家汇店)", unit=cast.xuhui, owner=cast.ann
    )
    return factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)


def body(answer: Any) -> Any:
    return orjson.loads(answer.content)


def test_a_proposal_is_drafted_with_its_forecast(cast: Cast, lead: Lead) -> None:
    answer = Phone(cast.ann).post("proposals/", {"lead": str(lead.pk), **EXAMPLE})
    assert answer.status_code == 201, answer.content
    proposal = body(answer)
    (version,) = proposal["versions"]
    assert proposal["merchant"]["name"] == "海底捞火锅(徐家汇店)"
    assert (version["bank_net"], version["merchant_net"], version["customer_benefit"]) == (
        "7700.40",
        "22512.00",
        "20000.00",
    )
    assert version["forecast"]["bank"]["roi"] == "64.17"
    assert version["is_complete"] is True
    assert version["terms"] == {"threshold_fen": 10_000, "off_fen": 2_000}
    assert version["opens_at"] == "17:00:00"


@pytest.mark.parametrize(
    ("change", "status", "code", "attr"),
    [
        ({"shares": {"bank": 9_999}}, 400, "shares_not_whole", "shares"),
        ({"shares": {"bank": 10_000.5}}, 400, "invalid", "shares"),
        ({"shares": {"bank": -1, "merchant": 10_001}}, 400, "below_zero", "shares.bank"),
        ({"budget": "-5.00"}, 400, "money", "budget"),
        ({"budget": 20000.5}, 400, "money", "budget"),
        ({"budget": "19.99"}, 400, "budget_below_discount", "budget"),
        ({"terms": {"threshold_fen": 100.5, "off_fen": 5}}, 400, "term_not_a_number", None),
        ({"terms": {"threshold_fen": 100, "off_fen": -5}}, 400, "term_below_zero", None),
        ({"terms": {"off": {"a": 1}}}, 400, "term_unknown", None),
        ({"ends_on": "2026-11-30"}, 400, "proposal_ends_before_start", "ends_on"),
        ({"closes_at": "16:00"}, 400, "hours_end_before_start", "closes_at"),
        ({"closes_at": 17}, 400, "invalid", "closes_at"),
        ({"weekdays": [8]}, 400, "max_value", None),
        ({"mechanic": "gift"}, 400, "invalid_choice", "mechanic"),
        ({"redemptions": 10**12}, 400, "too_large", "redemptions"),
        ({"redemptions": "1000"}, 400, "invalid", "redemptions"),
        ({"bank_net": "1.00"}, 400, "unknown_field", "bank_net"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code_and_nothing_is_written(
    change: dict[str, Any], status: int, code: str, attr: str | None, cast: Cast, lead: Lead
) -> None:
    phone = Phone(cast.ann)
    answer = phone.post("proposals/", {"lead": str(lead.pk), **EXAMPLE, **change})
    assert answer.status_code == status, answer.content
    first = body(answer)["errors"][0]
    assert first["code"] == code
    assert first["detail"]
    assert attr is None or first["attr"].startswith(attr)
    assert not Proposal.objects.exists()
    if "redemptions" not in change:
        preview = phone.post("proposals/forecast/", {**EXAMPLE, **change})
        assert preview.status_code == status


def test_a_forecast_is_reckoned_without_storing_anything(cast: Cast) -> None:
    phone = Phone(cast.ann)
    found = body(phone.post("proposals/forecast/", dict(EXAMPLE)))
    assert found["everybody_wins"] is True
    assert found["forecast"]["merchant"]["roi"] == "358.02"
    assert found["missing"] == []
    part = body(phone.post("proposals/forecast/", {"title": "满100减20"}))
    assert part["forecast"] is None
    assert "forecast" in [one["code"] for one in part["missing"]]
    assert not ProposalVersion.objects.exists()


def test_a_version_goes_its_way(cast: Cast, lead: Lead, at: datetime) -> None:
    phone = Phone(cast.ann)
    proposal = drafted(lead, by=cast.ann, at=at)
    path = f"proposals/{proposal.pk}/"
    changed = phone.patch(path, {"title": "改"}, if_match='"1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert phone.patch(path, {"title": "又改"}, if_match='"1"').status_code == 412
    assert phone.post(f"{path}submit/", key="once").status_code == 200
    assert phone.post(f"{path}submit/", key="once").status_code == 200, "repeated, not done twice"
    refused = phone.patch(path, {"title": "再改"}, if_match='"3"')
    assert (refused.status_code, body(refused)["code"]) == (409, "proposal_no_draft")
    second = phone.post(f"{path}versions/", {"budget": "30000.00", "ends_on": "2027-03-31"})
    assert second.status_code == 201
    assert [one["number"] for one in body(second)["versions"]] == [2, 1]
    difference = body(phone.get(f"{path}diff/?from=1&to=2"))["differences"]
    assert {one["name"]: (one["before"], one["after"]) for one in difference} == {
        "ends_on": ("2027-02-28", "2027-03-31"),
        "budget_fen": (2_000_000, 3_000_000),
    }
    assert body(phone.get(f"{path}diff/"))["differences"] == difference
    withdrawn = phone.post(f"{path}withdraw/", {"because": "老板改主意"})
    assert body(withdrawn)["versions"][0]["state"] == "withdrawn"
    assert phone.get(f"{path}diff/?from=1&to=9").status_code == 404
    assert phone.get(f"{path}diff/?from=x").status_code == 400
    assert phone.get(f"{path}diff/?since=1").status_code == 400


def test_what_is_missing_comes_as_a_list(cast: Cast, lead: Lead, at: datetime) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, budget_fen=None, title="")
    answer = Phone(cast.ann).post(f"proposals/{proposal.pk}/submit/")
    assert answer.status_code == 409
    told = body(answer)
    assert told["code"] == "proposal_incomplete"
    assert [one["code"] for one in told["errors"]] == ["title", "budget"]
    assert told["missing"] == ["title", "budget"]


def test_proposals_are_found_by_lead_merchant_and_state(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    mine = drafted(lead, by=cast.ann, at=at)
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    other = factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)
    sent = submitted(other, by=cast.ann, at=at)

    def found(query: str, by: Any = cast.ann) -> set[str]:
        return {one["id"] for one in body(Phone(by).get(f"proposals/?{query}"))["results"]}

    assert found("") == {str(mine.pk), str(sent.pk)}
    assert found(f"lead={lead.pk}") == {str(mine.pk)}
    assert found(f"merchant={merchant.pk}") == {str(sent.pk)}
    assert found("state=submitted") == {str(sent.pk)}
    assert found("state=submitted&state=draft&ordering=-updated_at") == {
        str(mine.pk),
        str(sent.pk),
    }
    assert found("", cast.bo) == found("", cast.sam) == set()


def test_lists_and_pages_ask_the_same_however_many_there_are(
    cast: Cast, lead: Lead, at: datetime, same_queries: Callable[..., int]
) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    phone = Phone(cast.ann)

    def grow() -> None:
        for _count in range(3):
            merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
            other = factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)
            submitted(other, by=cast.ann, at=at)
        factories.ProposalVersionFactory(proposal=proposal, number=2, **_columns())
        factories.ProposalVersionFactory(proposal=proposal, number=3, state="withdrawn")

    same_queries(lambda: phone.get("proposals/"), after=grow, at_most=6)
    grown = ProposalVersion.objects.count()
    for path in ("", "versions/", "diff/?from=1&to=2", "print/?language=en"):
        same_queries(
            lambda path=path: phone.get(f"proposals/{proposal.pk}/{path}"),
            after=lambda: None,
            at_most=9,
        )
    assert grown == 6


def _columns() -> dict[str, Any]:
    return {name: value for name, value in WORKED.items() if name != "shares"}


BANKS_OWN = (
    "64.17",
    "98.33",
    "interchange",
    "7,700.40",
    "19,500",
    "2,000.00 元",
    "9,231",
    "92.31",
    "ROI",
    "activat",
    "deadweight",
    "150 元",
    "12,000 元",
)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_for_the_merchant_has_what_concerns_the_merchant_and_nothing_else(
    language: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = submitted(
        lead, by=cast.ann, at=at, operating_cost_fen=200_000, next_steps="周五试单\n<b>签约</b>"
    )
    answer = Phone(cast.ann).get(f"proposals/{proposal.pk}/print/?language={language}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = answer.content.decode()
    assert "<b>签约" not in text, "what people write is text"
    for own in BANKS_OWN:
        assert own not in text, own
    for said in (lead.merchant.name, WORKED["title"], WORKED["pain_words"], "17:00–21:00", "周五"):
        assert said in text, said
    unit = (lambda fen: f"{fen} 元") if language == "zh-hans" else (lambda fen: f"¥{fen}")
    for amount in ("120", "100", "114", "10", "6", "3", "1", "48,000", "22,512", "6,288"):
        assert unit(amount) in text, amount


@pytest.mark.parametrize("query", ["language=fr", "language=", "number=x", "size=a4"])
def test_a_print_that_cannot_be_is_refused(
    query: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at)
    assert Phone(cast.ann).get(f"proposals/{proposal.pk}/print/?{query}").status_code == 400
    assert Phone(cast.ann).get(f"proposals/{proposal.pk}/print/?number=7").status_code == 404


TERMS: dict[str, dict[str, Any]] = {
    "threshold_off": {"threshold_fen": 10_000, "off_fen": 2_000, "every": True, "cap_fen": 6_000},
    "rate_off": {"rate_off": 5_000, "cap_fen": 2_000},
    "one_yuan": {"agreed_price_fen": 2_500},
    "cash_back": {"rate_back": 200, "cap_fen": 8_000, "threshold_fen": 1_000},
    "points": {"points": 500, "unit_cost_fen": 4},
    "instalment": {"monthly_rate": 60, "months": 12, "principal_cap_fen": 600_000},
    "lottery": {"prizes": [{"value_fen": 88_800, "count": 1}], "draws": 1_000},
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("mechanic", TERMS)
def test_every_mechanic_can_be_printed(
    mechanic: str, language: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, mechanic=mechanic, terms=TERMS[mechanic])
    assert newest(proposal).forecast
    answer = Phone(cast.ann).get(f"proposals/{proposal.pk}/print/?language={language}")
    assert answer.status_code == 200
    bare = drafted_bare(cast, at)
    assert Phone(cast.ann).get(f"proposals/{bare.pk}/print/").status_code == 200


def drafted_bare(cast: Cast, at: datetime) -> Proposal:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    proposal: Proposal = factories.ProposalFactory(lead=lead)
    factories.ProposalVersionFactory(proposal=proposal)
    return proposal
