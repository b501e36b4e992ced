"""What to do next, through the API and in the admin."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User
from leads.domain import scores
from leads.models import FollowUp, Lead, Suggestion
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

type SignedIn = Callable[[User], Client]


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    now = timezone.now()
    lead: Lead = factories.LeadFactory(
        merchant=merchant,
        owner=cast.ann,
        stage="discovery",
        stage_entered_at=now,
        last_activity_at=now,
        created_at=now,
    )
    factories.PainFactory(merchant=merchant, lead=lead, stuck_column="I", next_cell="I2")
    factories.GridQuestionFactory(
        question_set="restaurant", cell="I2", position=1, text_en="Is it 48,000?", text_zh="4.8 万?"
    )
    return lead


def shown(phone: Phone, lead: Lead) -> dict[str, Any]:
    answer: dict[str, Any] = phone.get(f"leads/{lead.pk}/next-actions/").json()
    return answer


def test_a_phone_reads_accepts_and_sees_what_it_accepted(cast: Cast, lead: Lead) -> None:
    ann = Phone(cast.ann)
    seen = shown(ann, lead)
    one = next(one for one in seen["suggestions"] if one["rule"] == "next_cell")
    assert one["text"] == "Impact not confirmed; ask I2 for a restaurant: “Is it 48,000?”"
    assert one["link"].startswith("/admin/leads/pain/")
    assert one["accepted"] is None
    body = {
        "rule": one["rule"],
        "about": one["about"],
        "shown_at": seen["shown_at"],
        "due_at": (timezone.now() + timedelta(hours=1)).isoformat(),
    }
    answer = ann.post(f"leads/{lead.pk}/next-actions/accept/", body, key="once")
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert (row["decision"], row["outcome"], row["text"]) == ("accepted", "pending", one["text"])
    assert row["follow_up"] == str(FollowUp.objects.get().pk)
    replayed = ann.post(f"leads/{lead.pk}/next-actions/accept/", body, key="once")
    assert replayed.json()["id"] == row["id"]
    assert ann.post(f"leads/{lead.pk}/next-actions/accept/", body).json()["code"] == (
        "suggestion_accepted_already"
    )
    again = [one for one in shown(ann, lead)["suggestions"] if one["rule"] == "next_cell"]
    assert again[0]["accepted"]["id"] == row["id"]
    assert Suggestion.objects.count() == 1


def test_a_phone_in_chinese_reads_the_chinese_question(cast: Cast, lead: Lead) -> None:
    texts = [one["text"] for one in shown(Phone(cast.ann, "zh-hans"), lead)["suggestions"]]
    assert any("4.8 万?" in text for text in texts)


def test_decisions_are_listed_and_counted(cast: Cast, lead: Lead) -> None:
    ann = Phone(cast.ann)
    for one in shown(ann, lead)["suggestions"][:2]:
        body = {"rule": one["rule"], "about": one["about"], "because": "先不谈"}
        path = f"leads/{lead.pk}/next-actions/dismiss/"
        assert ann.post(path, body).status_code == 201
    listed = ann.get(f"suggestions/?lead={lead.pk}&decision=dismissed&decided_by=me").json()
    assert [one["because"] for one in listed["results"]] == ["先不谈", "先不谈"]
    assert all(one["text"] for one in listed["results"])
    whole = ann.get("suggestions/metrics/?decided_by=me").json()["rules"][0]
    assert (whole["rule"], whole["dismissed"], whole["acceptance"]) == (None, 2, "0.00")
    later = (timezone.now() + timedelta(days=1)).isoformat().replace("+", "%2B")
    assert ann.get(f"suggestions/metrics/?since={later}").json()["rules"][0]["dismissed"] == 0


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param("accept", {}, "required", id="nothing"),
        pytest.param("accept", {"rule": "guess", "about": "0" * 32}, "invalid_choice", id="rule"),
        pytest.param("accept", {"rule": "no_pain", "about": "zz"}, "invalid", id="about"),
        pytest.param("accept", {"rule": "no_pain", "about": 7}, "invalid", id="about no text"),
        pytest.param(
            "accept",
            {"rule": "no_pain", "about": "0" * 32, "due_at": "tomorrow"},
            "moment",
            id="due time",
        ),
        pytest.param(
            "dismiss", {"rule": "no_pain", "about": "0" * 32, "why": "…"}, "unknown_field", id="why"
        ),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    cast: Cast, lead: Lead, path: str, body: dict[str, Any], code: str
) -> None:
    answer = Phone(cast.ann).post(f"leads/{lead.pk}/next-actions/{path}/", body)
    assert answer.status_code == 400
    assert code in {one["code"] for one in answer.json()["errors"]}
    assert not Suggestion.objects.exists()


def test_what_never_was_suggested_is_gone(cast: Cast, lead: Lead) -> None:
    body = {"rule": "no_pain", "about": "0" * 32}
    answer = Phone(cast.ann).post(f"leads/{lead.pk}/next-actions/accept/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "suggestion_gone")


def test_the_score_is_explained_and_looked_up(cast: Cast, lead: Lead) -> None:
    ann = Phone(cast.ann)
    body = {"source": "公示系统", "read_on": "2026-01-02", "penalties": 0}
    looked_up = ann.post(f"leads/{lead.pk}/score/inputs/", body)
    assert looked_up.status_code == 200, looked_up.content
    assert looked_up.json()["penalties"] == 0
    score = ann.get(f"leads/{lead.pk}/score/").json()
    # (15·1 + 10·1) / 25
    assert score["score"] == "100.0"
    parts = {one["input"]: one for one in score["parts"]}
    assert parts["penalties"]["points"] == "40.0"
    assert parts["distance"] | {"points": None, "share": None} == parts["distance"]
    assert "distance" in score["no_data"]
    assert ann.get(f"leads/{lead.pk}/").json()["score"] == "100.0"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"penalties": -1}, "min_value"),
        ({"penalties": "3"}, "invalid"),
        ({"penalties": True}, "invalid"),
        ({"cardholders_nearby": 1.5}, "invalid"),
        ({"read_on": "yesterday"}, "invalid"),
        ({"read_on": "2099-01-01"}, "day_in_the_future"),
        ({"source": ""}, "source_required"),
    ],
)
def test_what_cannot_have_been_looked_up_is_refused(
    cast: Cast, lead: Lead, change: dict[str, Any], code: str
) -> None:
    body = {"source": "公示系统", "read_on": "2026-01-02", **change}
    answer = Phone(cast.ann).post(f"leads/{lead.pk}/score/inputs/", body)
    assert answer.status_code in (400, 409)
    assert code in {one["code"] for one in answer.json()["errors"]}


def test_leads_are_listed_by_score(cast: Cast, lead: Lead) -> None:
    bare = factories.LeadFactory(
        merchant=factories.MerchantFactory(
            unit=cast.xuhui, owner=cast.ann, category=None, category_group=""
        ),
        owner=cast.ann,
    )
    factories.OutletFactory(merchant=lead.merchant)
    scores.reckon(at=timezone.now())
    ann = Phone(cast.ann)
    first = ann.get("leads/?ordering=-score_order&limit=1").json()
    assert [(one["id"], one["score"]) for one in first["results"]] == [(str(lead.pk), "68.0")]
    second = ann.get(first["next"]).json()["results"]
    assert [(one["id"], one["score"]) for one in second] == [(str(bare.pk), None)]


def test_the_ranking_of_plays_is_answered_with_its_counts(cast: Cast) -> None:
    factories.PlayFactory(code="U1")
    (one,) = (
        Phone(cast.ann).get("plays/ranking/?reason=unaware&category_group=dining").json()["plays"]
    )
    assert (one["code"], one["tried"], one["score"]) == ("U1", 0, "0.3333")
    assert one["text"] == "Not tried yet."
    assert Phone(cast.nia).get("plays/ranking/?reason=unaware").json() == {"plays": []}


@pytest.mark.parametrize("query", ["", "?reason=why", "?reason=unaware&category_group=x", "?r=1"])
def test_a_ranking_of_nothing_known_is_refused(cast: Cast, query: str) -> None:
    assert Phone(cast.ann).get(f"plays/ranking/{query}").status_code == 400


def test_reading_costs_the_same_for_many_rows(cast: Cast, lead: Lead, same_queries: Any) -> None:
    ann = Phone(cast.ann)
    seen = shown(ann, lead)["suggestions"]

    def decide() -> None:
        for one in seen:
            Suggestion.objects.create(
                lead=lead,
                rule=one["rule"],
                kind=one["kind"],
                about="0" * 32,
                facts=one["facts"],
                shown_at=timezone.now(),
                decided_at=timezone.now(),
                decided_by=cast.ann,
                decision="dismissed",
            )

    decide()
    for path in (
        "suggestions/",
        "suggestions/metrics/",
        f"leads/{lead.pk}/next-actions/",
        f"leads/{lead.pk}/score/",
    ):
        same_queries(lambda path=path: ann.get(path), after=decide, at_most=40)


# --- the admin -----------------------------------------------------------------------------


def page(browser: Client, lead: Lead) -> str:
    return browser.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()


def test_the_leads_page_says_what_to_do_next(cast: Cast, lead: Lead, signed_in: SignedIn) -> None:
    text = page(signed_in(cast.ann), lead)
    assert "What to do next" in text
    assert "ask I2 for a restaurant" in text
    assert "No data: left out." in text
    auditor = page(signed_in(cast.otto), lead)
    assert "ask I2 for a restaurant" in auditor
    assert "next-actions" not in auditor
    assert "/accept/" not in auditor, "who only reads has nothing to decide"


def test_a_suggestion_is_accepted_with_one_press(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    (one,) = [
        one for one in shown(Phone(cast.ann), lead)["suggestions"] if one["rule"] == "next_cell"
    ]
    form = {
        "at_once": "1",
        "row_id": "01a2045e-4c33-7b34-afc2-9b20eff277dc",
        "rule": one["rule"],
        "about": one["about"],
        "shown_at": timezone.now().isoformat(),
    }
    address = f"/admin/leads/suggestion/lead/{lead.pk}/accept/"
    assert browser.post(address, form).status_code == 302
    assert "Accepted by Ann" in page(browser, lead)
    assert browser.post(address, form).status_code == 302
    assert Suggestion.objects.count() == 1, "sending it twice makes one"


def test_a_suggestion_is_dismissed_with_a_reason_and_promised_with_a_day(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    first, second, *_rest = shown(Phone(cast.ann), lead)["suggestions"]
    for verb, one, more in (
        ("dismiss", first, {"because": "先不谈"}),
        ("accept", second, {"title": "回访", "due_at": "2099-01-05T10:00"}),
    ):
        query = {
            "rule": one["rule"],
            "about": one["about"],
            "shown_at": timezone.now().isoformat(),
        }
        address = f"/admin/leads/suggestion/lead/{lead.pk}/{verb}/"
        asked = browser.get(address, query)
        assert asked.status_code == 200
        hidden = asked.context["form"].initial
        form = {**hidden, "row_id": str(asked.context["form"]["row_id"].value()), **more}
        answer = browser.post(address, form)
        if verb == "accept":
            assert answer.status_code == 200
            assert "That is too far ahead." in answer.content.decode()
            form["due_at"] = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
            answer = browser.post(address, form)
        assert answer.status_code == 302, answer.content.decode()
    assert set(Suggestion.objects.values_list("decision", "because")) == {
        ("dismissed", "先不谈"),
        ("accepted", ""),
    }
    assert FollowUp.objects.get().title == "回访"


def test_the_decisions_are_listed_counted_and_looked_at(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    test_a_suggestion_is_accepted_with_one_press(cast, lead, signed_in)
    browser = signed_in(cast.ann)
    row = Suggestion.objects.get()
    for address, words in (
        ("", "ask I2 for a restaurant"),
        (f"?lead={lead.pk}", "ask I2 for a restaurant"),
        ("?lead=nonsense", "ask I2 for a restaurant"),
        ("metrics/", "The interview goes on"),
        (f"{row.pk}/change/", "Not known yet"),
    ):
        answer = browser.get(f"/admin/leads/suggestion/{address}")
        assert answer.status_code == 200
        assert words in answer.content.decode(), address
    assert "ask I2" not in signed_in(cast.sam).get("/admin/leads/suggestion/").content.decode()


def test_looking_up_in_the_admin_moves_the_score(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    address = f"/admin/leads/suggestion/lead/{lead.pk}/look-up/"
    assert browser.get(address).status_code == 200
    form = {"source": "公示系统", "read_on": "2026-01-02", "penalties": "0"}
    assert browser.post(address, form).status_code == 302
    assert str(Lead.objects.get(pk=lead.pk).score) == "100.0"
    assert browser.post(address, {**form, "source": ""}).status_code == 200


@pytest.mark.parametrize("address", ["accept", "dismiss", "look-up"])
def test_a_stranger_finds_no_page(
    cast: Cast, lead: Lead, signed_in: SignedIn, address: str
) -> None:
    url = f"/admin/leads/suggestion/lead/{lead.pk}/{address}/"
    assert signed_in(cast.sam).get(url).status_code == 404
    assert signed_in(cast.sam).post(url, {"at_once": "1"}).status_code == 404
