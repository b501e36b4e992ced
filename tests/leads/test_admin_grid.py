"""The nine-grid in the admin, as people work with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import User
from leads.domain import interviews, questions
from leads.domain.interviews import Wanted
from leads.models import GridQuestion, Pain
from tests.conftest import EVERYBODY, Cast
from tests.leads.interview_desk import COST, Interview, interview

pytestmark = pytest.mark.django_db

type SignIn = Callable[[User], Client]


@pytest.fixture
def desk(cast: Cast) -> Interview:
    now = timezone.now()
    questions.load(at=now)
    return interview(cast, now)


def page_of(name: str, *args: Any) -> str:
    return reverse(f"admin:leads_{name}", args=args)


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response
    return response.content.decode()


def agreed(desk: Interview, **said: Any) -> dict[str, Any]:
    moment = timezone.localtime(timezone.now() - timedelta(hours=1))
    return {
        "words": "就是这两个原因",
        "agreed_by": str(desk.contact.pk),
        "agreed_at": moment.strftime("%Y-%m-%dT%H:%M"),
        "agreed_via": "visit",
        **said,
    }


def figures(*lines: tuple[str, str, str, str]) -> dict[str, str]:
    return {
        f"figure_{place}_{part}": value
        for place, line in enumerate(lines, start=1)
        for part, value in enumerate(line)
    }


def test_the_grid_opens_for_those_who_see_the_merchant(desk: Interview, signed_in: SignIn) -> None:
    address = page_of("pain_change", desk.pain.pk)
    answers = {
        name: signed_in(desk.cast.named(name)).get(address).status_code for name in EVERYBODY
    }
    seeing = {"ann", "max", "mei", "fay", "rui", "pia", "otto", "ada"}
    for name, status in answers.items():
        assert (status == 200) == (name in seeing), (name, status)


def test_the_board_says_every_status_in_a_word_and_asks_the_next_question(
    desk: Interview, signed_in: SignIn
) -> None:
    desk.fill("R1")
    desk.fill("C2", status="partial", words="满减也许行")
    text = text_of(signed_in(desk.cast.ann), page_of("pain_change", desk.pain.pk))
    assert text.count("data-cell=") == 9
    for words in (
        *(">Complete<", ">Partly<", ">Empty<", "before its time", "stuck here", "11.11 %"),
        *("office workers nearby are held", "nothing about the chance to win", "Restaurant"),
    ):
        assert words in text
    assert 'aria-current="true"' in text
    assert "<script>" not in text.split("crm-grid")[1]
    assert "leads/grid.js" in text


def test_a_cell_is_opened_by_a_link_and_asked_in_the_readers_language(
    desk: Interview, signed_in: SignIn
) -> None:
    desk.cast.ann.language = "zh-hans"
    desk.cast.ann.save()
    client = signed_in(desk.cast.ann)
    text = text_of(client, page_of("pain_change", desk.pain.pk) + "?cell=I3")
    assert "主要压在您和厨师长身上" in text
    assert text_of(client, page_of("pain_change", desk.pain.pk) + "?cell=%00") is not None


def test_what_was_said_is_written_down_with_figures_and_a_document(
    desk: Interview, signed_in: SignIn
) -> None:
    client = signed_in(desk.cast.ann)
    address = page_of("pain_fill", desk.pain.pk) + "?cell=I2"
    sent = {
        "words": "每周四晚空十五台",
        "status": "complete",
        **figures(("空台损失", "48000", "yuan", "month"), ("空台", "15", "count", "day")),
        "document": SimpleUploadedFile("账.pdf", b"%PDF-1.7 ...", "application/pdf"),
    }
    response = client.post(address, sent)
    assert response.status_code == 302, response.content.decode()[:3000]
    row = desk.pain.cells.get(cell="I2")
    assert (row.status, row.documents.count()) == ("complete", 1)
    assert [str(one) for one in row.numbers.all()] == [
        "空台损失: 4800000 yuan",
        "空台: 15.00 count",
    ]
    text = text_of(client, page_of("pain_change", desk.pain.pk) + "?cell=I2")
    assert "空台损失" in text
    assert "账.pdf" in text
    again = {
        **sent,
        **figures(("空台损失", "50000.50", "yuan", "month"), ("", "", "yuan", "month")),
    }
    again["document"] = ""
    assert client.post(address, again).status_code == 302
    row = desk.pain.cells.get(cell="I2")
    assert [one.amount_fen for one in row.numbers.all()] == [5_000_050]
    assert row.documents.count() == 1


def test_the_merchant_agrees_and_takes_it_back(desk: Interview, signed_in: SignIn) -> None:
    client, pk = signed_in(desk.cast.ann), desk.pain.pk
    assert client.post(page_of("pain_confirm", pk) + "?cell=R3", agreed(desk)).status_code == 302
    sent = agreed(desk, **figures(("空台损失", "48000", "yuan", "month")))
    assert client.post(page_of("pain_confirm", pk) + "?cell=I3", sent).status_code == 302
    desk.pain.refresh_from_db()
    assert desk.pain.status == "critical"
    text = text_of(client, page_of("pain_change", pk) + "?cell=I3")
    assert "张*" in text
    assert "Take the agreement back" in text
    back = page_of("pain_take-back", pk) + "?cell=I3"
    assert client.post(back, {"because": "重新算过"}).status_code == 302
    desk.pain.refresh_from_db()
    assert desk.pain.status == "admitted"


@pytest.mark.parametrize(
    ("page", "change", "sentence"),
    [
        ("confirm", {"agreed_by": ""}, "required"),
        ("confirm", {"agreed_at": "2199-01-01T10:00"}, "lies in the past"),
        ("confirm", {"words": ""}, "Write down what the merchant said."),
        ("fill", {"status": "complete"}, "not one of the available choices"),
        ("fill", {"status": "empty"}, "An empty cell says nothing"),
        ("fill", {"figure_1_0": "损失", "figure_1_1": "许多"}, "Write how much as a number"),
        ("fill", {"figure_1_0": "", "figure_1_1": "5"}, "Say what each figure is."),
        ("fill", {"read_version": "77"}, "Somebody changed this"),
    ],
    ids=str,
)
def test_what_is_missing_is_said_beside_the_form(
    desk: Interview, signed_in: SignIn, page: str, change: dict[str, str], sentence: str
) -> None:
    own = {"status": "partial"} if page == "fill" else {}
    sent = {**agreed(desk), **own, **figures(("", "", "yuan", "month")), **change}
    response = signed_in(desk.cast.ann).post(
        page_of(f"pain_{page}", desk.pain.pk) + "?cell=R3", sent
    )
    assert response.status_code == 200
    assert sentence in str(response.context["form"].errors.as_text())
    assert desk.pain.cells.get(cell="R3").status == "empty"


def test_who_only_reads_gets_no_forms(desk: Interview, signed_in: SignIn) -> None:
    client = signed_in(desk.cast.otto)
    text = text_of(client, page_of("pain_change", desk.pain.pk))
    assert 'name="words"' not in text
    refused = client.post(
        page_of("pain_fill", desk.pain.pk) + "?cell=R1", {"words": "…", "status": "partial"}
    )
    assert "You do not work with this merchant" in refused.content.decode()


def test_an_interview_starts_from_the_leads_page_and_shows_there(
    desk: Interview, signed_in: SignIn
) -> None:
    assert desk.lead is not None
    client = signed_in(desk.cast.ann)
    address = page_of("lead_change", desk.lead.pk)
    text = text_of(client, address)
    for words in ("Needs interview", desk.pain.title, "0.00 % complete", "How do weekday evenings"):
        assert words in text
    start = page_of("pain_add") + f"?merchant={desk.merchant.pk}&lead={desk.lead.pk}"
    assert start.replace("&", "&amp;") in text
    form = client.get(start).context["adminform"].form
    sent = {
        "merchant": str(desk.merchant.pk),
        "lead": str(desk.lead.pk),
        "title": "新客不回头",
        "mode": "reengineer",
        "trigger": "",
        "trigger_on": "",
    }
    assert set(sent) <= set(form.fields)
    response = client.post(start, sent)
    made = Pain.objects.get(title="新客不回头")
    assert response.status_code == 302
    assert response["Location"] == page_of("pain_change", made.pk)
    assert made.next_cell == "C1"


def test_a_pain_is_corrected_closed_and_reopened(desk: Interview, signed_in: SignIn) -> None:
    client, pk = signed_in(desk.cast.ann), desk.pain.pk
    sent = {
        "title": "工作日空台", "mode": "create", "trigger": "房租到期", "trigger_on": "2027-01-15",
        "read_version": "1",
    }  # fmt: skip
    assert client.post(page_of("pain_change", pk), sent).status_code == 302
    desk.pain.refresh_from_db()
    assert (desk.pain.title, str(desk.pain.trigger_on)) == ("工作日空台", "2027-01-15")
    assert client.post(page_of("pain_close", pk), {"closed_as": "abandoned"}).status_code == 200
    body = {"closed_as": "abandoned", "because": "店主转让"}
    assert client.post(page_of("pain_close", pk), body).status_code == 302
    assert "Abandoned" in text_of(client, page_of("pain_change", pk))
    assert client.post(page_of("pain_reopen", pk), {}).status_code == 302
    desk.pain.refresh_from_db()
    assert desk.pain.is_open


def test_capabilities_are_named_and_the_lead_is_entered(desk: Interview, signed_in: SignIn) -> None:
    assert desk.lead is not None
    client, pk = signed_in(desk.cast.ann), desk.pain.pk
    named = {
        "capability_1_0": "闲时客流", "capability_1_1": "on",
        "capability_2_0": "翻台更快",
        "capability_3_0": "",
    }  # fmt: skip
    assert client.post(page_of("pain_capabilities", pk), named).status_code == 302
    rows = desk.pain.capabilities.values_list("name", "covered")
    assert list(rows) == [("闲时客流", True), ("翻台更快", False)]
    text = text_of(client, page_of("pain_change", pk))
    for words in ("Impact", "Fit", "50.00 %", "Urgency", "Evidence", "not known"):
        assert words in text
    lead = {"lead": str(desk.lead.pk), "next": page_of("lead_change", desk.lead.pk)}
    response = client.post(page_of("pain_enter", pk), lead)
    assert response["Location"] == lead["next"]
    desk.lead.refresh_from_db()
    assert desk.lead.entry_pain_id == pk
    assert "Entry point · R1" in text_of(client, page_of("lead_change", desk.lead.pk))


def test_the_pages_cost_the_same_however_much_there_is(
    desk: Interview, signed_in: SignIn, same_queries: Callable[..., int]
) -> None:
    assert desk.lead is not None
    client, first, lead = signed_in(desk.cast.ann), desk.pain, desk.lead

    def grow() -> None:
        named = [Wanted(f"能力{number}", covered=True) for number in range(5)]
        for _number in range(3):
            desk.open()
            for cell in ("R1", "R2", "I2"):
                desk.fill(cell, numbers=[COST, COST])
            desk.confirm("R3")
            interviews.name_capabilities(desk.pain.pk, named, by=desk.cast.ann, at=desk.at)
        desk.pain = first
        for cell in ("R1", "R2"):
            desk.fill(cell, numbers=[COST, COST])

    same_queries(lambda: client.get(page_of("pain_changelist")), after=grow, at_most=12)
    address = page_of("pain_change", first.pk)
    same_queries(lambda: client.get(address), after=grow, at_most=26)
    address = page_of("lead_change", lead.pk)
    # With the cards of all the other subjects.
    same_queries(lambda: client.get(address), after=grow, at_most=65)


def test_leaders_keep_the_questions_and_others_read_them(
    desk: Interview, signed_in: SignIn
) -> None:
    row = GridQuestion.objects.get(question_set="cinema", cell="R1")
    address = page_of("gridquestion_change", row.pk)
    sent = {"text_en": "How full?", "text_zh": "上座多少?", "active": "on", "read_version": "1"}
    assert "How full are weekday shows" in text_of(signed_in(desk.cast.ann), address)
    assert signed_in(desk.cast.ann).post(address, sent).status_code == 403
    assert signed_in(desk.cast.max).post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.text_en, row.version) == ("How full?", 2)
    assert "How full?" in text_of(signed_in(desk.cast.ada), page_of("gridquestion_changelist"))
    added = {
        "question_set": "cinema",
        "cell": "R1",
        "position": "2",
        "text_en": "?",
        "text_zh": "?",
    }
    assert signed_in(desk.cast.max).post(page_of("gridquestion_add"), added).status_code == 302
    assert text_of(signed_in(desk.cast.ann), page_of("capabilitytemplate_changelist"))


def test_a_merchants_page_leads_to_its_pains(desk: Interview, signed_in: SignIn) -> None:
    other = interview(desk.cast, desk.at)
    client = signed_in(desk.cast.ann)
    merchant = reverse("admin:merchants_merchant_change", args=[desk.merchant.pk])
    link = f"{page_of('pain_changelist')}?merchant={desk.merchant.pk}"
    assert link in text_of(client, merchant)
    text = text_of(client, link)
    assert page_of("pain_change", desk.pain.pk) in text
    assert page_of("pain_change", other.pain.pk) not in text
