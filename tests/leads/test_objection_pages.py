"""Objections, the playbook and the metrics in the admin."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.ids import uuid7
from crm.models import User
from leads.models import Activity, Lead, Objection, ObjectionState, Play, PlayAttempt
from tests import factories
from tests.conftest import Cast
from tests.leads.objection_desk import (
    agreed_cell,
    ann_s_lead,
    fresh,
    handled,
    in_state,
    pain_of,
    raised,
)

NOBODYS = "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]
OBJECTIONS = "/admin/leads/objection/"
PLAYS = "/admin/leads/play/"


@pytest.fixture
def lead(cast: Cast) -> Lead:
    return ann_s_lead(cast)


@pytest.fixture
def ann(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.ann)


def text(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def page_of(objection: Objection, page: str = "change") -> str:
    return f"{OBJECTIONS}{objection.pk}/{page}/"


def test_a_lead_s_page_raises_one_in_two_clicks(cast: Cast, lead: Lead, ann: Client) -> None:
    pain_of(lead.merchant, stuck="I", lead=lead)
    shown = text(ann, f"/admin/leads/lead/{lead.pk}/change/")
    assert "Raise an objection" in shown
    assert "Suggested: Not urgent, not important" in shown
    answer = ann.post(
        f"{OBJECTIONS}raise/{lead.pk}/",
        {
            "row_id": str(uuid7()),
            "merchant_words": "过完年再说",
            "kind": "visit",
            "occurred_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
            "declared_reason": "not_urgent",
            "next": f"/admin/leads/lead/{lead.pk}/change/",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    objection = Objection.objects.get()
    assert (objection.lead, objection.declared_reason, objection.mismatch) == (
        lead,
        "not_urgent",
        False,
    )
    assert "过完年再说" in text(ann, answer["Location"])


def test_the_page_shows_words_suggestion_and_plays(
    cast: Cast, lead: Lead, ann: Client, at: datetime
) -> None:
    for code, sub_reason in (("U1", "U1"), ("U4", "U4"), ("N1", "N1")):
        reason = "unaware" if code[0] == "U" else "not_urgent"
        said = {"title_en": f"Play {code}", "offer_en": f"Offer {code}", "offer_zh": "报告"}
        factories.PlayFactory(code=code, reason=reason, sub_reason=sub_reason, texts=said)
    pain_of(lead.merchant, stuck="I", lead=lead)
    objection = raised(lead, by=cast.ann, at=at, sub_reason="U4")
    shown = text(ann, page_of(objection))
    for words in ("生意还行,不需要", "Platform is enough", "differs", "Offer U4", "Try this play"):
        assert words in shown
    assert shown.index("Play U4") < shown.index("Play U1"), "those for its sub-reason first"
    assert "Play N1" not in shown
    assert "Not tried yet." in shown


def test_the_plays_are_in_the_viewers_language(
    cast: Cast, lead: Lead, ann: Client, at: datetime
) -> None:
    factories.PlayFactory(texts={"offer_en": "Free report", "offer_zh": "免费报告"})
    objection = raised(lead, by=cast.ann, at=at, sub_reason="U1")
    User.objects.filter(pk=cast.ann.pk).update(language="zh-hans")
    shown = text(ann, page_of(objection))
    assert "免费报告" in shown
    assert "Free report" not in shown


def step(ann: Client, objection: Objection, page: str, **given: Any) -> None:
    name, mark, query = page.partition("?")
    answer = ann.post(f"{page_of(objection, name)}{mark}{query}", given)
    assert answer.status_code == 302, answer.content.decode()


def test_every_step_has_a_page(cast: Cast, lead: Lead, ann: Client, at: datetime) -> None:
    objection = raised(lead, by=cast.ann, at=at)
    play = factories.PlayFactory(reason="not_urgent")
    assert "Diagnose…" in text(ann, page_of(objection))
    step(ann, objection, "diagnose", sub_reason="N2")
    assert fresh(objection).declared_reason == "not_urgent", "the reason follows from it"
    step(ann, objection, f"handle?play={play.pk}", row_id=str(uuid7()), notes="算了一笔账")
    attempt = PlayAttempt.objects.get()
    assert "What came of it?" in text(ann, page_of(objection))
    step(ann, objection, f"outcome?attempt={attempt.pk}", outcome="helped")
    until = (timezone.localdate() + timedelta(days=40)).isoformat()
    step(ann, objection, "defer", until=until)
    step(ann, objection, "reopen", because="到日子了")
    step(ann, objection, f"handle?play={play.pk}", row_id=str(uuid7()))
    step(ann, objection, "leave", because="总部不同意")
    step(ann, objection, "reopen", because="换了老板")
    step(ann, objection, f"handle?play={play.pk}", row_id=str(uuid7()))
    cell = agreed_cell(lead.merchant, "I3")
    step(ann, objection, "resolve", cell=str(cell.pk), activity=str(objection.activity_id))
    kept = fresh(objection)
    assert (kept.state, kept.resolved_in_id) == (ObjectionState.RESOLVED, objection.activity_id)
    shown = text(ann, page_of(objection))
    for words in ("总部不同意", "Reopen…", "I3", "算了一笔账"):
        assert words in shown
    assert "Resolve…" not in shown


def test_a_refusal_stands_in_the_form(cast: Cast, lead: Lead, ann: Client, at: datetime) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    answer = ann.post(page_of(objection, "resolve"), {"because": "…"})
    assert "A resolved objection names the agreed cell" in answer.content.decode()
    answer = ann.post(page_of(objection, "defer"), {"until": "2020-01-01"})
    assert "Choose a day after today." in answer.content.decode()
    assert fresh(objection).version == objection.version


@pytest.mark.parametrize(
    "page",
    ["handle", "handle?play=x", f"handle?play={NOBODYS}", "outcome", f"outcome?attempt={NOBODYS}"],
)
def test_an_address_that_names_nothing_is_not_found(
    cast: Cast, lead: Lead, ann: Client, at: datetime, page: str
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    name, _mark, query = page.partition("?")
    assert ann.get(f"{page_of(objection, name)}?{query}").status_code == 404


def test_who_may_not_sees_no_buttons_and_strangers_see_nothing(
    cast: Cast, lead: Lead, signed_in: SignedIn, at: datetime
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    auditor = signed_in(cast.otto)
    shown = text(auditor, page_of(objection))
    assert "Resolve…" not in shown
    assert "Try this play" not in shown
    assert "Raise an objection" not in text(auditor, f"/admin/leads/lead/{lead.pk}/change/")
    stranger = signed_in(cast.sam)
    assert objection.merchant_words not in text(stranger, OBJECTIONS)
    assert stranger.get(page_of(objection, "resolve")).status_code == 404
    assert stranger.get(f"{OBJECTIONS}raise/{lead.pk}/").status_code == 404


def test_the_list_and_a_page_ask_the_same_however_many_there_are(
    cast: Cast, lead: Lead, ann: Client, at: datetime, same_queries: Callable[..., int]
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)

    def grow() -> None:
        for _each in range(3):
            in_state("resolved", ann_s_lead(cast), by=cast.ann, at=at)
            in_state("handled", lead, by=cast.ann, at=at)
            handled(objection, by=cast.ann, at=at)

    for address in (
        OBJECTIONS,
        page_of(objection),
        f"/admin/leads/lead/{lead.pk}/change/",
        f"{OBJECTIONS}metrics/",
        PLAYS,
    ):
        same_queries(lambda address=address: text(ann, address), after=grow, at_most=60)


@pytest.mark.parametrize("by", ["reason", "sub_reason", "category", "unit", "rep", "play", "x"])
def test_the_metrics_are_a_table(cast: Cast, lead: Lead, ann: Client, by: str) -> None:
    in_state("resolved", lead, by=cast.ann, at=timezone.now())
    shown = text(ann, f"{OBJECTIONS}metrics/?by={by}&days=30")
    assert "100.00 %" in shown
    assert "no data" in shown, "nobody has won or lost yet"


def test_the_metrics_of_nothing(cast: Cast, ann: Client) -> None:
    assert "No objection was raised in this period." in text(ann, f"{OBJECTIONS}metrics/")


def test_a_leader_writes_a_play_and_its_next_version(cast: Cast, signed_in: SignedIn) -> None:
    mei = signed_in(cast.mei)
    texts = {"title_en": "Street walk", "title_zh": "同街走访", "offer_en": "A walk"}
    answer = mei.post(
        f"{PLAYS}add/",
        {"code": "U9", "reason": "unaware", "sub_reason": "U1", "category_groups": "dining"}
        | texts,
    )
    assert answer.status_code == 302, answer.content.decode()
    play = Play.objects.get()
    assert (play.category_groups, play.current.offer_en) == (["dining"], "A walk")
    address = f"{PLAYS}{play.pk}/change/"
    assert "Street walk" in text(mei, address)
    answer = mei.post(address, {**texts, "offer_en": "Two walks", "read_version": play.version})
    assert answer.status_code == 302, answer.content.decode()
    play.refresh_from_db()
    assert (play.current.number, play.current.offer_en, play.category_groups) == (
        2,
        "Two walks",
        [],
    )
    assert "Two walks" in text(mei, address)
    assert mei.post(f"{PLAYS}{play.pk}/retire/").status_code == 302
    play.refresh_from_db()
    assert not play.is_active
    assert mei.post(f"{PLAYS}{play.pk}/reinstate/").status_code == 302


def test_a_rep_reads_the_playbook_and_writes_nothing(cast: Cast, ann: Client) -> None:
    play = factories.PlayFactory(texts={"offer_en": "Free report"})
    shown = text(ann, f"{PLAYS}{play.pk}/change/")
    assert "Free report" in shown
    assert 'name="offer_en"' not in shown
    assert ann.get(f"{PLAYS}add/").status_code == 403
    ann.post(f"{PLAYS}{play.pk}/retire/")
    play.refresh_from_db()
    assert play.is_active
    assert Activity.objects.count() == 0
