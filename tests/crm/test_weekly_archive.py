"""Reports are kept as they were sent, looked at before, and sent again for a reason."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from crm.domain import calendar, report_letters, weekly_report
from crm.errors import DomainError
from crm.models import Delivery, DeliveryState, Resend, User, WeeklyReport
from crm.weeks import Week
from leads.models import Stage
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W46")
MONDAY = datetime(2026, 11, 16, 8, tzinfo=SHANGHAI)
LIST = "/admin/crm/weeklyreport/"


@pytest.fixture(autouse=True)
def announced(db: None) -> None:
    calendar.seed(range(2026, 2028), at=timezone.now())


@pytest.fixture
def report(cast: Cast) -> WeeklyReport:
    """Mei's report on a week in which one merchant was won, mailed."""
    at = MONDAY - timedelta(days=5)
    lead = factories.LeadFactory(
        merchant__unit=cast.xuhui,
        merchant__name="海底捞火锅",
        owner=cast.ann,
        stage=Stage.WON,
        stage_entered_at=at,
        last_activity_at=at,
        created_at=at,
        updated_at=at,
    )
    factories.StageChangeFactory(lead=lead, from_stage="approval", to_stage="won", at=at)
    weekly_report.send_week(WEEK, at=MONDAY)
    Delivery.objects.update(state=DeliveryState.SENT, sent_at=MONDAY)
    return WeeklyReport.objects.get(recipient=cast.mei)


def mail_of(report: WeeklyReport) -> Delivery:
    return Delivery.objects.get(weekly_report=report)


def let_go(report: WeeklyReport) -> None:
    """What happens to a mail after a month."""
    mail = mail_of(report)
    mail.parts.all().delete()
    mail.change(at=MONDAY, text="", html="", text_kept=False)


def test_the_mail_carries_its_pictures_and_the_workbook(report: WeeklyReport) -> None:
    parts = {part.name: part for part in mail_of(report).parts.all()}
    assert "funnel.png" in parts
    book = parts["pipeline-2026-W46.xlsx"]
    assert book.content_id == ""
    read = openpyxl.load_workbook(io.BytesIO(bytes(book.content)))
    assert "海底捞火锅" in [
        cell.value for sheet in read for row in sheet.iter_rows() for cell in row
    ]


def test_a_copy_for_oneself_carries_them_too(report: WeeklyReport, cast: Cast) -> None:
    copy = weekly_report.send_now(cast.mei.pk, WEEK, at=MONDAY)
    assert copy.parts.filter(content_id="").count() == 1
    assert copy.parts.exclude(content_id="").exists()


def test_recipients_of_the_same_report_share_one_letter(cast: Cast, report: WeeklyReport) -> None:
    WeeklyReport.objects.all().delete()
    Delivery.objects.all().delete()
    for number in range(2):
        user = factories.UserFactory(email=f"m{number}@bank.test", language="en")
        factories.MembershipFactory(user=user, unit=cast.shanghai, role="branch_manager")
    weekly_report.send_week(WEEK, at=MONDAY)
    mails = Delivery.objects.filter(recipient__memberships__role="branch_manager")
    assert mails.count() == 3
    assert len(set(mails.values_list("html", flat=True))) == 1
    books = {bytes(mail.parts.get(content_id="").content) for mail in mails}
    assert len(books) == 1, "a workbook drawn twice has another time in it"


def test_the_archive_shows_the_report_as_it_was_sent(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    mei = signed_in(cast.mei)
    listed = mei.get(LIST).content.decode()
    assert f"{LIST}{report.pk}/change/" in listed
    assert mail_of(report).subject in listed
    shown = mei.get(f"{LIST}{report.pk}/change/?width=390").content.decode()
    assert "海底捞火锅" in shown
    assert "crm-mail-390" in shown
    assert "data:image/png;base64," in shown
    assert "cid:" not in shown


def test_a_later_change_of_the_numbers_changes_no_report_that_was_sent(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    before = report_letters.kept_letter(report)
    factories.LeadFactory(merchant__unit=cast.xuhui, created_at=MONDAY - timedelta(days=6))
    cast.shanghai.name = "新分行"
    cast.shanghai.save()
    assert report_letters.kept_letter(report) == before


def test_when_mails_are_let_go_of_the_report_still_says_what_it_said(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    before = report_letters.kept_letter(report)
    let_go(report)
    again = report_letters.kept_letter(WeeklyReport.objects.get(pk=report.pk))
    assert before is not None
    assert again is not None
    assert again.text == before.text
    assert again.html == before.html
    shown = signed_in(cast.mei).get(f"{LIST}{report.pk}/change/").content.decode()
    assert "no longer kept" in shown
    assert "海底捞火锅" in shown


def test_the_workbook_can_be_taken_from_the_archive(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    file = signed_in(cast.mei).get(f"{LIST}{report.pk}/workbook/")
    assert file.headers["Content-Disposition"] == 'attachment; filename="pipeline-2026-W46.xlsx"'
    assert len(openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames) > 1


def test_it_is_sent_again_as_it_was_for_a_reason_that_is_kept(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    before = mail_of(report)
    mei = signed_in(cast.mei)
    assert mei.post(f"{LIST}{report.pk}/again/", {"because": "误删了"}).status_code == 302
    after = mail_of(report)
    assert (after.revision, after.state) == (2, DeliveryState.QUEUED)
    assert (after.text, after.html) == (before.text, before.html)
    assert after.message_id != before.message_id
    resend = Resend.objects.get()
    assert (resend.by, resend.because, resend.revision) == (cast.mei, "误删了", 2)
    assert "误删了" in mei.get(f"{LIST}{report.pk}/change/").content.decode()


def test_what_was_let_go_of_is_written_again_to_be_sent_again(
    report: WeeklyReport, cast: Cast
) -> None:
    before = mail_of(report)
    let_go(report)
    report_letters.send_again(report.pk, because="审计需要", by=cast.mei, at=MONDAY)
    after = mail_of(report)
    assert (after.text, after.html, after.text_kept) == (before.text, before.html, True)
    assert after.parts.filter(content_id="").count() == 1


@pytest.mark.parametrize(
    ("who", "because", "state", "code"),
    [
        ("mei", "", "sent", "reason_needed"),
        ("mei", "误删了", "queued", "report_not_mailed"),
        ("max", "误删了", "sent", "not_found"),
    ],
    ids=["without a reason", "still on its way", "somebody else's"],
)
def test_it_is_not_sent_again(
    report: WeeklyReport, cast: Cast, who: str, because: str, state: str, code: str
) -> None:
    sent_at = MONDAY if state == "sent" else None
    Delivery.objects.filter(weekly_report=report).update(state=state, sent_at=sent_at)
    with pytest.raises(DomainError) as refusal:
        report_letters.send_again(report.pk, because=because, by=cast.named(who), at=MONDAY)
    assert refusal.value.code == code
    assert mail_of(report).revision == 1
    assert not Resend.objects.exists()


def test_a_report_that_was_not_written_yet_says_so(
    cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    row = WeeklyReport.objects.get(recipient=cast.mei)
    mei = signed_in(cast.mei)
    assert "not been written yet" in mei.get(f"{LIST}{row.pk}/change/").content.decode()
    assert mei.get(f"{LIST}{row.pk}/workbook/").status_code == 404
    refused = mei.post(f"{LIST}{row.pk}/again/", {"because": "x"}).content.decode()
    assert "not been mailed yet" in refused


@pytest.mark.parametrize("page", ["change", "again", "workbook"])
def test_nobody_opens_a_report_of_somebody_else(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client], page: str
) -> None:
    assert signed_in(cast.max).get(f"{LIST}{report.pk}/{page}/").status_code in (302, 404)
    assert signed_in(cast.mei).get(f"{LIST}{report.pk}/{page}/").status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("language=zh-hans", "商户周报"),
        ("language=en", "Pipeline report"),
        ("language=tlh", "Pipeline report"),
        ("width=390", "crm-mail-390"),
        ("width=9%00", "crm-mail-600"),
        ("week=2026-W53", "crm-mail-600"),
        ("week=2025-W53", "A week is written like"),
    ],
)
def test_the_preview_is_shown_in_a_language_and_a_width(
    report: WeeklyReport,
    cast: Cast,
    signed_in: Callable[[User], Client],
    query: str,
    words: str,
) -> None:
    page = signed_in(cast.mei).get(f"{LIST}preview/?{query}")
    assert page.status_code == 200
    assert words in page.content.decode()
    assert User.objects.get(pk=cast.mei.pk).language == "en", "looking changes nothing"


def test_the_preview_has_its_workbook(
    report: WeeklyReport, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    file = signed_in(cast.mei).get(f"{LIST}preview/workbook/?week=2026-W46&language=zh-hans")
    assert "pipeline-2026-W46.xlsx" in file.headers["Content-Disposition"]
    assert "签约" in openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames


@pytest.mark.django_db(transaction=True)
def test_two_who_send_it_again_at_once_make_one_revision(report: WeeklyReport, cast: Cast) -> None:
    def again() -> Any:
        return report_letters.send_again(report.pk, because="误删了", by=cast.mei, at=MONDAY)

    with transaction.atomic():
        again()
        second = Session(again)
        assert second.wait_until_blocked()
    with pytest.raises(DomainError) as refusal:
        second.end()
    assert refusal.value.code == "report_not_mailed"
    assert mail_of(report).revision == 2
