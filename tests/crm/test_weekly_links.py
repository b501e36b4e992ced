"""One set of numbers: the mail, the workbook, the front page and the API say the same, and every
link in the mail opens the list that it claims."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from crm.domain import calendar, report_letters, weekly_report
from crm.models import User
from crm.report_mail import Content, Letter
from crm.sections import Kind
from crm.weeks import Week
from leads.domain import follow_ups
from leads.models import FollowUp, Stage
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

LIST = re.compile(r"^/admin/\w+/\w+/(\?.*)?$")


@pytest.fixture
def week(cast: Cast) -> Week:
    """The last finished week: leads in every stage, promises kept and not kept."""
    now = timezone.now()
    calendar.seed(range(now.year - 1, now.year + 2), at=now)
    zone = ZoneInfo("Asia/Shanghai")
    week = weekly_report.last_finished(now)
    in_week = week.starts(zone) + timedelta(days=2, hours=10)
    long_ago = in_week - timedelta(days=90)
    for number, stage in enumerate((Stage.NEW, Stage.QUALIFIED, Stage.PROPOSAL, Stage.WON)):
        for copy in range(number + 1):
            entered = in_week if stage == Stage.WON else long_ago
            lead = factories.LeadFactory(
                merchant__unit=cast.xuhui,
                merchant__name=f"海底捞火锅第{number}{copy}店",
                merchant__owner=cast.ann,
                owner=cast.ann,
                stage=stage,
                stage_entered_at=entered,
                last_activity_at=entered,
                created_at=long_ago,
                expected_value_fen=5_000_000,
            )
            if stage != Stage.NEW:
                factories.StageChangeFactory(
                    lead=lead, from_stage=Stage.NEW, to_stage=stage, at=entered
                )
            factories.FollowUpFactory(
                merchant=lead.merchant,
                lead=lead,
                owner=cast.ann,
                due_at=in_week,
                created_at=long_ago,
                updated_at=long_ago,
            )
    return week


@pytest.fixture
def content(week: Week, cast: Cast) -> Content:
    return weekly_report.compose(cast.mei, week, at=timezone.now())


@pytest.fixture
def letter(content: Content, cast: Cast) -> Letter:
    return report_letters.letter(content, cast.mei)


def counted(client: Client, address: str) -> int:
    """How many rows the list behind a link has."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    number: int = answer.context["cl"].result_count
    return number


def test_the_api_the_mail_and_the_workbook_say_the_same(
    content: Content, letter: Letter, cast: Cast
) -> None:
    answer: Any = Phone(cast.mei).get(f"reports/pipeline/?week={content.week}")
    sections = answer.json()["sections"]
    assert sections == content.blocks
    assert any(block["rows"] for block in sections)
    book = openpyxl.load_workbook(io.BytesIO(letter.parts[-1].content))
    figures = {(row[0].value, row[1].value): row[2].value for row in book.worksheets[0].iter_rows()}
    for block in sections:
        for figure in block["figures"]:
            found = figures[block["title"], figure["label"]]
            assert str(found) in (str(figure["value"]), str(figure["value"]).removesuffix(".00"))
            assert figure["shown"] in unescape(letter.html)
            assert figure["shown"] in letter.text
    titles = [block["title"][:31] for block in sections if block["rows"]]
    assert len(book.sheetnames) == len(titles) + 1


def test_the_front_page_and_the_api_say_the_same(
    week: Week, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    sections = Phone(cast.mei).get("reports/pipeline/").json()["sections"]  # type: ignore[attr-defined]
    shown = signed_in(cast.mei).get("/admin/").content.decode()
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())
    assert any(block["figures"] for block in sections)
    for block in sections:
        for figure in block["figures"]:
            assert f"{figure['label']} {figure['shown']}" in words, figure["key"]


def test_every_link_in_the_mail_opens(
    letter: Letter, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    mei = signed_in(cast.mei)
    links = {unescape(link) for link in re.findall(r'href="([^"]+)"', letter.html)}
    assert len(links) > 10
    for link in sorted(links):
        assert link.startswith(settings.PUBLIC_URL), link
        assert mei.get(link.removeprefix(settings.PUBLIC_URL)).status_code == 200, link


@pytest.mark.parametrize("reader", ["mei", "max", "ann"])
def test_a_number_that_is_a_link_opens_a_list_of_so_many(
    reader: str, week: Week, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    user = cast.named(reader)
    content = weekly_report.compose(user, week, at=timezone.now())
    mei, wrong, right = signed_in(user), [], 0
    for block in content.blocks:
        stated = [
            (figure["key"], figure["link"], figure["value"])
            for figure in block["figures"]
            if figure["kind"] == Kind.COUNT
        ]
        stated += [
            (row["shown"][0], row["link"], row["values"]["count"])
            for row in block["rows"]
            if "count" in row["values"]
        ]
        for name, link, number in stated:
            if LIST.match(link):
                found = counted(mei, link)
                right += found == number
                if found != number:
                    wrong.append((block["key"], name, link, number, found))
    assert wrong == []
    assert right > 5


def test_the_list_is_the_one_of_the_cut_off_whatever_happened_since(
    content: Content, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    overdue = next(block for block in content.blocks if block["key"] == "overdue")["figures"][0]
    late = FollowUp.objects.filter(owner=cast.ann).first()
    assert late is not None
    follow_ups.finish(late.pk, by=cast.ann, at=timezone.now())
    assert counted(signed_in(cast.mei), overdue["link"]) == overdue["value"]


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "follow_ups_overdue",
        "follow_ups_overdue.2026-W54",
        "unheard_of.2026-W47",
        "renewals.2026-W47",
        "follow_ups_overdue.2026-W47.not-a-unit",
        "follow_ups_overdue.2026-W47.00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_is_no_number_of_the_report_finds_nothing(
    asked: str, week: Week, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    mei = signed_in(cast.mei)
    assert counted(mei, f"/admin/leads/followup/?state=all&counted={asked}") == 0
    assert counted(mei, "/admin/leads/followup/?state=all") > 0
