"""Leads in the admin: scope, verbs with their refusals, and the same for many rows at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Notification, User
from leads.models import Activity, FollowUp, FollowUpState, Lead, Stage
from merchants.models import Contact, Merchant
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk

LEADS = "/admin/leads/lead/"
FOLLOW_UPS = "/admin/leads/followup/"
MERCHANTS = "/admin/merchants/merchant/"

type SignedIn = Callable[[User], Client]


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(
        name="海底捞火锅(徐家汇店)", unit=cast.xuhui, owner=cast.ann
    )
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    return lead


def url(lead: Lead, page: str = "change") -> str:
    return f"{LEADS}{lead.pk}/{page}/"


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


# --- scope ---------------------------------------------------------------------------------


def test_a_rep_of_another_branch_never_meets_the_lead(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    name = lead.merchant.name
    autocomplete = (
        "/admin/autocomplete/?app_label=leads&model_name=lead&field_name=merchant&term=hdl"
    )
    for person, sees in ((cast.ann, True), (cast.max, True), (cast.sam, False)):
        browser = signed_in(person)
        for address in (
            LEADS,
            f"{LEADS}?q=海底捞",
            f"{LEADS}?q=hdl",
            f"{LEADS}?q=haidilao",
            f"{LEADS}?merchant={lead.merchant_id}",
            MERCHANTS,
            f"{MERCHANTS}?q=hdl",
            "/admin/search/?s=hdl",
        ):
            assert (name in browser.get(address).content.decode()) is sees, (person, address)
        found = browser.get(autocomplete).json()["results"]
        assert bool(found) is sees, person
        assert (browser.get(url(lead)).status_code == 200) is sees
    for page in ("advance", "assign", "file", "log", "promise", "waive"):
        assert signed_in(cast.sam).get(url(lead, page)).status_code == 404
        assert signed_in(cast.sam).post(url(lead, page), {"because": "x"}).status_code == 404


def test_a_forged_merchant_in_the_form_is_no_choice(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    form = {"merchant": merchant.pk, "source": "field", "expected_value": ""}
    response = signed_in(cast.sam).post(f"{LEADS}add/", form)
    assert response.status_code == 200
    assert "merchant" in response.context["adminform"].form.errors
    assert not Lead.objects.filter(merchant=merchant).exists()


# --- one lead ------------------------------------------------------------------------------


def test_a_rep_opens_a_lead_and_owns_it(cast: Cast, signed_in: SignedIn) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=None)
    form = {"merchant": merchant.pk, "source": "field", "expected_value": "1234.56"}
    assert signed_in(cast.ann).post(f"{LEADS}add/", form).status_code == 302
    opened = Lead.objects.get(merchant=merchant)
    assert (opened.owner, opened.expected_value_fen, opened.stage) == (cast.ann, 123_456, "new")


def test_a_second_open_lead_is_refused_in_words_and_nothing_is_written(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    form = {"merchant": lead.merchant_id, "source": "field", "expected_value": ""}
    response = signed_in(cast.ann).post(f"{LEADS}add/", form)
    assert response.status_code == 200
    assert "already has an open lead" in response.content.decode()
    assert Lead.objects.count() == 1


def test_the_lead_page_offers_the_steps_that_are_the_viewers(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    offered = {
        name: {
            way["to"]
            for way in signed_in(cast.named(name)).get(url(lead)).context["ways"]
            if way["allowed"]
        }
        for name in ("ann", "max", "rui", "otto")
    }
    assert offered == {
        "ann": {"qualified", "parked", "lost"},
        "max": {"qualified", "parked", "lost"},
        "rui": {"blocked"},
        "otto": set(),
    }


def test_a_step_is_taken_from_the_lead_page(cast: Cast, lead: Lead, signed_in: SignedIn) -> None:
    browser = signed_in(cast.ann)
    refused = browser.post(f"{url(lead, 'advance')}?to=qualified", {"because": ""})
    assert "unified social credit code" in refused.content.decode()
    assert fresh(lead).stage == Stage.NEW
    LeadDesk.of(cast, lead, timezone.now() - timedelta(hours=1)).ready(Stage.QUALIFIED)
    response = browser.post(f"{url(lead, 'advance')}?to=qualified", {"because": ""})
    assert response.status_code == 302
    assert fresh(lead).stage == Stage.QUALIFIED


def test_a_step_that_lacks_something_is_asked_for_it(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    response = browser.post(f"{url(lead, 'advance')}?to=lost", {"because": "", "lost_reason": ""})
    assert "lost_reason" in response.context["form"].errors
    assert fresh(lead).stage == Stage.NEW
    browser.post(f"{url(lead, 'advance')}?to=lost", {"lost_reason": "rival"})
    assert fresh(lead).stage == Stage.LOST


def test_a_revisit_date_on_a_day_off_is_moved_and_said_so(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    LeadDesk.of(cast, lead, timezone.now() - timedelta(hours=1)).ready(Stage.PARKED)
    day = timezone.localdate() + timedelta(days=30)
    sunday = day + timedelta(days=6 - day.weekday())
    response = signed_in(cast.ann).post(
        f"{url(lead, 'advance')}?to=parked",
        {"because": "旺季", "revisit_on": sunday.isoformat()},
        follow=True,
    )
    assert "moved to the next working day" in response.content.decode()
    assert fresh(lead).revisit_on == sunday + timedelta(days=1)


def test_a_stale_form_is_refused_and_nothing_is_written(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    read = fresh(lead).version
    form = {"source": "branch", "expected_value": "10", "read_version": read}
    Lead.objects.filter(pk=lead.pk).update(version=read + 1)
    response = signed_in(cast.ann).post(url(lead), form)
    assert "Somebody changed this since you read it" in response.content.decode()
    assert fresh(lead).source == "field"
    assert (
        signed_in(cast.ann).post(url(lead), {**form, "read_version": read + 1}).status_code == 302
    )
    assert (fresh(lead).source, fresh(lead).expected_value_fen) == ("branch", 1000)


def test_who_may_not_work_a_lead_cannot_save_its_form(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    form = {"source": "branch", "expected_value": "10", "read_version": lead.version}
    assert signed_in(cast.otto).post(url(lead), form).status_code == 403
    assert fresh(lead).source == "field"


def test_an_activity_sent_twice_is_logged_once(cast: Cast, lead: Lead, signed_in: SignedIn) -> None:
    browser = signed_in(cast.ann)
    form = browser.get(url(lead, "log")).context["form"]
    sent = {
        "row_id": form["row_id"].value(),
        "kind": "visit",
        "summary": "见到店长",
        "occurred_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
    }
    assert browser.post(url(lead, "log"), sent).status_code == 302
    assert browser.post(url(lead, "log"), sent).status_code == 200
    assert Activity.objects.filter(lead=lead).count() == 1


def test_a_follow_up_is_promised_put_off_and_done(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    form = browser.get(url(lead, "promise")).context["form"]
    due = timezone.localtime() + timedelta(hours=1)
    browser.post(
        url(lead, "promise"),
        {
            "row_id": form["row_id"].value(),
            "title": "送方案",
            "due_at": due.strftime("%Y-%m-%dT%H:%M"),
        },
    )
    promised = FollowUp.objects.get(lead=lead)
    assert "送方案" in browser.get("/admin/today/").content.decode()
    page = f"{FOLLOW_UPS}{promised.pk}"
    assert browser.post(f"{page}/put-off/", {"at_once": 1}).status_code == 302
    promised.refresh_from_db()
    assert promised.snoozes == 1
    assert promised.due_at > due
    back = browser.post(f"{page}/done/", {"at_once": 1, "next": "/admin/today/"})
    assert back["Location"] == "/admin/today/"
    promised.refresh_from_db()
    assert promised.state == FollowUpState.DONE
    again = browser.post(f"{page}/done/", {"at_once": 1}, follow=True)
    assert "closed already" in again.content.decode()


def test_the_way_back_leads_nowhere_else(cast: Cast, lead: Lead, signed_in: SignedIn) -> None:
    follow_up = factories.FollowUpFactory(merchant=lead.merchant, lead=lead, owner=cast.ann)
    sent = {"at_once": 1, "next": "https://evil.example/"}
    response = signed_in(cast.ann).post(f"{FOLLOW_UPS}{follow_up.pk}/done/", sent)
    assert response["Location"] == f"{FOLLOW_UPS}{follow_up.pk}/change/"


def test_the_follow_up_list_shows_open_ones_unless_asked_otherwise(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    for title, state, closed in (("开着", "open", None), ("做完", "done", factories.AT)):
        factories.FollowUpFactory(
            merchant=lead.merchant, owner=cast.ann, title=title, state=state, closed_at=closed
        )
    browser = signed_in(cast.ann)

    def shown(query: str) -> set[str]:
        rows = browser.get(f"{FOLLOW_UPS}{query}").context["cl"].result_list
        return {row.title for row in rows}

    assert shown("") == {"开着"}
    assert shown("?state=done") == {"做完"}
    assert shown("?state=all") == {"开着", "做完"}


# --- many leads ----------------------------------------------------------------------------


def leads_in_three_stages(cast: Cast) -> list[Lead]:
    return [
        factories.LeadFactory(
            merchant__unit=cast.xuhui,
            merchant__name=f"店{stage}",
            owner=cast.ann,
            stage=stage,
            **more,
        )
        for stage, more in (
            ("new", {}),
            ("qualified", {}),
            ("lost", {"lost_reason": "rival"}),
        )
    ]


def send(browser: Client, address: str, leads: list[Lead], **form: Any) -> Any:
    return browser.post(address, {"row": [str(lead.pk) for lead in leads], **form})


def test_each_row_is_moved_or_refused_by_itself(cast: Cast, signed_in: SignedIn) -> None:
    leads = leads_in_three_stages(cast)
    LeadDesk.of(cast, leads[0], timezone.now() - timedelta(hours=1)).ready(Stage.QUALIFIED)
    response = send(signed_in(cast.max), f"{LEADS}move/", leads, to="qualified")
    assert [fresh(lead).stage for lead in leads] == ["qualified", "qualified", "lost"]
    refused = {str(one.row): str(one.refusal) for one in response.context["refused"]}
    assert len(response.context["done"]) == 1
    assert len(refused) == 2
    page = response.content.decode()
    assert all(sentence in page.replace("&#x27;", "'") for sentence in refused.values())


def test_the_action_asks_first_and_moves_nothing(cast: Cast, signed_in: SignedIn) -> None:
    leads = leads_in_three_stages(cast)
    for action in ("assign_selected", "move_selected"):
        response = signed_in(cast.max).post(
            LEADS, {"action": action, "_selected_action": [str(lead.pk) for lead in leads]}
        )
        assert response.status_code == 200
        assert len(response.context["ids"]) == 3
    assert {fresh(lead).owner for lead in leads} == {cast.ann}


def test_many_leads_are_assigned_and_who_may_not_is_refused_row_by_row(
    cast: Cast, signed_in: SignedIn
) -> None:
    leads = leads_in_three_stages(cast)
    refused = send(signed_in(cast.pia), f"{LEADS}assign/", leads, owner=str(cast.bo.pk))
    assert {fresh(lead).owner for lead in leads} == {cast.ann}, refused
    done = send(signed_in(cast.max), f"{LEADS}assign/", leads, owner=str(cast.bo.pk))
    assert {fresh(lead).owner for lead in leads} == {cast.bo}
    assert len(done.context["done"]) == 3


def test_a_forged_id_in_bulk_is_refused_without_a_word_about_the_row(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    response = send(signed_in(cast.sam), f"{LEADS}move/", [lead], to="lost", lost_reason="rival")
    assert fresh(lead).stage == Stage.NEW
    assert [one.refusal.code for one in response.context["refused"]] == ["not_found"]
    assert lead.merchant.name not in response.content.decode()


def test_follow_ups_are_done_in_bulk_with_refusals(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    rows = [
        factories.FollowUpFactory(merchant=lead.merchant, lead=lead, owner=cast.ann),
        factories.FollowUpFactory(
            merchant=lead.merchant, owner=cast.ann, state="done", closed_at=factories.AT
        ),
    ]
    response = signed_in(cast.ann).post(
        f"{FOLLOW_UPS}?state=all",
        {"action": "finish_selected", "_selected_action": [str(row.pk) for row in rows]},
    )
    assert len(response.context["done"]) == 1
    assert [one.refusal.code for one in response.context["refused"]] == ["follow_up_closed"]


# --- merchants -----------------------------------------------------------------------------


def test_a_merchant_is_registered_for_the_reps_own_unit(cast: Cast, signed_in: SignedIn) -> None:
    factories.DivisionFactory()
    form = {
        "name": "小南国(徐汇店)",
        "legal_name": "",
        "credit_code": "",
        "category": "",
        "division": "310104",
        "source": "field",
        "unit": cast.xuhui.pk,
    }
    browser = signed_in(cast.ann)
    assert browser.post(f"{MERCHANTS}add/", form).status_code == 302
    merchant = Merchant.objects.get(name="小南国(徐汇店)")
    assert (merchant.unit, merchant.owner) == (cast.xuhui, cast.ann)
    again = browser.post(f"{MERCHANTS}add/", form)
    assert "We know this merchant already" in again.content.decode()
    wrong = browser.post(f"{MERCHANTS}add/", {**form, "name": "另一家", "credit_code": "123"})
    assert "credit_code" in wrong.context["adminform"].form.errors
    far = browser.post(f"{MERCHANTS}add/", {**form, "name": "外地", "unit": cast.hangzhou.pk})
    assert "unit" in far.context["adminform"].form.errors


def test_a_contacts_phone_is_masked_wherever_it_is_shown(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    contact = factories.ContactFactory(merchant=lead.merchant, phone="+8613800138000")
    browser = signed_in(cast.ann)
    for address in (
        "/admin/merchants/contact/",
        f"/admin/merchants/contact/{contact.pk}/change/",
        f"{MERCHANTS}{lead.merchant_id}/change/",
    ):
        page = browser.get(address).content.decode()
        assert "138****8000" in page
        assert "13800138000" not in page
    found = browser.get("/admin/merchants/contact/?q=8000").content.decode()
    assert "张*" in found
    assert contact.full_name not in found


def test_a_contact_and_an_outlet_are_added_from_the_merchant_page(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser, base = signed_in(cast.ann), f"{MERCHANTS}{lead.merchant_id}/"
    form = browser.get(f"{base}add-contact/").context["form"]
    sent = {
        "row_id": form["row_id"].value(),
        "full_name": "王五",
        "phone": "1",
        "lawful_basis": "consent",
    }
    assert "phone" in browser.post(f"{base}add-contact/", sent).context["form"].errors
    assert browser.post(f"{base}add-contact/", {**sent, "phone": "13800138000"}).status_code == 302
    assert Contact.objects.get(full_name="王五").masked_phone == "138****8000"
    form = browser.get(f"{base}add-outlet/").context["form"]
    sent = {"row_id": form["row_id"].value(), "name": "徐家汇店"}
    assert browser.post(f"{base}add-outlet/", sent).status_code == 302
    assert lead.merchant.outlets.get().name == "徐家汇店"


# --- inbox ---------------------------------------------------------------------------------


def test_opening_a_line_reads_it_and_takes_it_from_the_badge(
    cast: Cast, signed_in: SignedIn
) -> None:
    delivery = factories.DeliveryFactory(recipient=cast.ann)
    line = Notification.objects.create(
        delivery=delivery, recipient=cast.ann, kind="follow_up_due", title="跟进 海底捞"
    )
    page = f"/admin/crm/notification/{line.pk}/change/"
    assert signed_in(cast.max).get(page).status_code == 302
    line.refresh_from_db()
    assert line.read_at is None
    assert "跟进 海底捞" in signed_in(cast.ann).get(page).content.decode()
    line.refresh_from_db()
    assert line.read_at is not None
