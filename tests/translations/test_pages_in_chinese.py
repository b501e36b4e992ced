"""A colleague who reads Chinese finds no English on any page that a link leads to."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Party
from crm.domain import ticking, weekly_report
from crm.ids import uuid7
from crm.models import CalendarYear, Delivery, DeliveryState, Notification, SpecialDay, User
from crm.weeks import Week
from leads.domain import activities, follow_ups, pipeline
from leads.models import ActivityKind, FollowUp, Lead, LostReason, Stage
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.translations.reading import Page, latin

AS_THEY_ARE = {
    *(
        "BIN",
        "MCC",
        "POS",
        "SWOT",
        "HTML",
        "CSV",
        "Excel",
        "xlsx",
        "PDF",
        "JPEG",
        "PNG",
        "MB",
        "UUID",
        "CRM",
        "Webhook",
        "px",
        "https",
    ),
    *("English", "zh", "hans", "en", "esc", "Asia", "Shanghai"),
}
"""What bankers write in Latin letters: names of codes, formats, languages, keys, time zones."""
NAMES = {"Ann", "Bo", "Max", "Mei", "Sam", "Fay", "Rui", "Pia", "Otto", "Ada", "Nia"}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/)")
MOST_PAGES = 400


@pytest.fixture
def bank(cast: Cast) -> Cast:
    """A bank at work: leads in every stage, follow-ups, campaigns, reports, given-up messages."""
    User.objects.update(language="zh-hans")
    now = timezone.now()
    last_week = now - timedelta(days=7)
    factories.CategoryFactory(label_en="-")
    for number, stage in enumerate(Stage):
        merchant = factories.MerchantFactory(
            name=f"海底捞火锅第{number}店", unit=cast.xuhui, owner=cast.ann
        )
        factories.OutletFactory(merchant=merchant)
        factories.ContactFactory(merchant=merchant)
        lead = factories.LeadFactory(
            merchant=merchant,
            owner=cast.ann,
            created_at=last_week,
            stage=stage,
            stage_entered_at=now - timedelta(days=60),
            last_activity_at=now - timedelta(days=60),
            expected_value_fen=5_000_000,
            revisit_on=now.date() if stage == Stage.PARKED else None,
            lost_reason=LostReason.RIVAL if stage == Stage.LOST else "",
        )
        factories.StageChangeFactory(
            lead=lead,
            from_stage=Stage.NEW,
            to_stage=stage,
            at=last_week,
            lost_reason=lead.lost_reason,
        )
        factories.FollowUpFactory(
            merchant=merchant, lead=lead, owner=cast.ann, due_at=last_week, created_at=last_week
        )
        factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.mei, due_at=now)
    lead = Lead.objects.get(stage=Stage.NEW)
    activities.log(
        uuid7(),
        lead.merchant_id,
        lead_id=lead.pk,
        kind=ActivityKind.VISIT,
        summary="见到店长",
        occurred_at=now,
        by=cast.ann,
        at=now,
    )
    for close in (follow_ups.finish, follow_ups.drop):
        promised = follow_ups.promise(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            title="送方案",
            due_at=now + timedelta(days=1),
            owner=cast.ann,
            by=cast.ann,
            at=now,
        )
        follow_ups.snooze(promised.pk, until=now + timedelta(days=9), by=cast.ann, at=now)
        close(promised.pk, by=cast.ann, at=now)
    LeadDesk.of(cast, lead, now - timedelta(hours=1)).ready(Stage.QUALIFIED)
    pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=now)
    pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=now)
    campaign = factories.CampaignFactory(
        unit=cast.xuhui,
        starts_on=now.date(),
        ends_on=now.date() + timedelta(days=20),
        shares=dict.fromkeys(Party, 2000),
    )
    campaign.merchants.add(lead.merchant)
    for recipient in (cast.ada, cast.mei):
        for state in DeliveryState:
            delivery = factories.DeliveryFactory(
                recipient=recipient,
                state=state,
                sent_at=now if state == DeliveryState.SENT else None,
                lease_until=now if state == DeliveryState.CLAIMED else None,
            )
        factories.ReminderFactory(recipient=recipient)
        Notification.objects.create(
            delivery=delivery, recipient=recipient, kind="follow_up_due", title="跟进"
        )
    weekly_report.send_week(Week.of(timezone.localdate(now)).previous, at=now)
    CalendarYear.objects.create(year=2026, source="国务院")
    SpecialDay.objects.create(day="2026-01-01", is_working_day=False, name="元旦")
    return cast


def _english_below(browser: Client, start: str) -> tuple[int, dict[str, list[str]]]:
    """How many pages links lead to from there, and on which of them a Latin word stands."""
    waiting, met, read, found = [start], {start}, 0, dict[str, list[str]]()
    while waiting:
        assert len(met) < MOST_PAGES, "the pages lead on for ever"
        address = waiting.pop(0)
        response = browser.get(address, follow=True)
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        read += 1
        page = Page(response.content.decode())
        for words in page.words:
            for word in latin(words, AS_THEY_ARE | NAMES):
                found.setdefault(word, []).append(address)
        for target in page.addresses:
            following = urlsplit(urljoin(address, target))
            kind = ID.sub("#", following.path)
            if kind in met or not kind.startswith("/admin/") or "logout" in kind:
                continue
            met.add(kind)
            waiting.append(following._replace(scheme="", netloc="", fragment="").geturl())
    return read, found


@pytest.mark.parametrize(("name", "pages"), [("mei", 40), ("rui", 30), ("ada", 50), ("nia", 1)])
def test_no_page_that_a_link_leads_to_says_anything_in_english(
    name: str, pages: int, bank: Cast, signed_in: Callable[[User], Client]
) -> None:
    read, found = _english_below(signed_in(bank.named(name)), reverse("admin:index"))
    assert {word: sorted(set(where))[:3] for word, where in found.items()} == {}
    assert read >= pages, "the links were not followed"


def _read(answer: Any) -> list[str]:
    """The Latin words of a page that are not allowed."""
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    return [word for words in page.words for word in latin(words, AS_THEY_ARE | NAMES)]


def test_what_happens_to_many_rows_at_once_is_told_in_chinese(
    bank: Cast, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(bank.mei)
    leads = [str(pk) for pk in Lead.objects.values_list("pk", flat=True)]
    for action in ("assign_selected", "move_selected"):
        chosen = {"action": action, "_selected_action": leads}
        assert _read(browser.post(reverse("admin:leads_lead_changelist"), chosen)) == []
    for address, given in (
        ("admin:leads_move", {"to": "qualified"}),
        ("admin:leads_move", {"to": "parked", "revisit_on": "1999-01-01", "because": "忙"}),
        ("admin:leads_move", {"to": "梦"}),
        ("admin:leads_assign", {"owner": str(bank.bo.pk)}),
        ("admin:leads_assign", {"owner": "x"}),
    ):
        assert _read(browser.post(reverse(address), {"row": leads, **given})) == [], given
    follow_ups = [str(pk) for pk in FollowUp.objects.values_list("pk", flat=True)]
    for action in ("put_off_selected", "finish_selected", "finish_selected"):
        chosen = {"action": action, "_selected_action": follow_ups}
        answer = browser.post(
            reverse("admin:leads_followup_changelist") + "?state=all", chosen, follow=True
        )
        assert _read(answer) == []


@pytest.mark.parametrize("given", [{}, {"username": "ann@bank.test", "password": "wrong"}])
def test_signing_in_is_chinese(given: dict[str, str], bank: Cast, client: Client) -> None:
    ask = client.post if given else client.get
    assert _read(ask(reverse("admin:login"), given, headers={"Accept-Language": "zh-CN"})) == []


def test_mails_are_chinese(bank: Cast) -> None:
    wanted = {weekly_report.KIND, "follow_up_due"}
    ticking.tick(at=timezone.now())
    told = Delivery.objects.filter(kind__in=wanted).exclude(text="您约了海底捞火锅。")
    assert set(told.values_list("kind", flat=True)) == wanted
    for mail in told:
        html = [
            word for words in Page(mail.html).words for word in latin(words, AS_THEY_ARE | NAMES)
        ]
        assert html + latin(f"{mail.subject}\n{mail.text}", AS_THEY_ARE | NAMES) == [], mail.subject


def test_the_subject_of_the_weekly_mail_says_the_figures(bank: Cast) -> None:
    weekly = Delivery.objects.get(recipient=bank.mei, kind=weekly_report.KIND)
    number = Week.of(timezone.localdate()).previous.number
    assert re.fullmatch(f"【商户周报】第{number}周 上海分行：签约 \\d+ · 逾期 \\d+", weekly.subject)


def test_a_word_of_english_would_be_found() -> None:
    page = Page(
        '<p lang="zh-hans">商户<a title="Add one" href="/x/">新增</a><script>no</script></p>'
    )
    assert [word for words in page.words for word in latin(words, {"one"})] == ["Add"]
    assert page.addresses == ["/x/"]
