"""The admin door as a whole: who gets in where, and what a list costs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.domain import access, suppression, webhook_endpoints
from crm.ids import uuid7
from crm.models import (
    AccessKind,
    CalendarYear,
    Notification,
    ParameterChange,
    SpecialDay,
    User,
    WeeklyReport,
    WeeklyRun,
)
from leads.models import (
    CapabilityTemplate,
    Decision,
    LeadWaiver,
    RecyclingFailure,
    Suggestion,
    SuggestionKind,
    SuggestionRule,
)
from merchants.models import Waiver
from tests import factories
from tests.campaigns import campaign_rows
from tests.conftest import EVERYBODY, Cast
from tests.leads.pool_desk import opened, pooled

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
FOR_ADMINISTRATORS = {
    "crm.OrgUnit",
    "crm.User",
    "crm.Membership",
    "crm.CalendarYear",
    "crm.SpecialDay",
    "crm.SuppressedAddress",
    "crm.WebhookEndpoint",
}
PAGES = {
    "my-calendar": set(EVERYBODY) - {"nia"},
    "admin:index": set(EVERYBODY),
    "today": set(EVERYBODY) - {"nia"},
    "operations": {"ada"},
    "my-notifications": set(EVERYBODY) - {"nia"},
    "notification-defaults": {"ada"},
    "admin:crm_weeklyreport_preview": set(EVERYBODY) - {"nia"},
    "admin:leads_lead_add": {"ann", "bo", "max", "mei", "sam"},
    "admin:merchants_merchant_add": {"ann", "bo", "max", "mei", "sam"},
    "admin:merchants_partnership_add": {"mei"},
    "admin:merchants_agreement_add": set(),
    "admin:merchants_import_add": {"ann", "bo", "max", "mei", "sam"},
    "admin:campaigns_campaign_add": {"max", "mei", "pia"},
    "admin:merchants_rival_add": {"max", "mei", "pia"},
    "admin:merchants_swotanalysis_add": {"max", "mei", "pia"},
    "admin:merchants_rivaloffer_add": set(),
    "admin:merchants_insight_add": set(),
    "admin:crm_user_add": {"ada"},
    "admin:crm_orgunit_add": {"ada"},
    "admin:crm_membership_add": {"ada"},
    "admin:crm_calendaryear_add": {"ada"},
    "admin:crm_specialday_add": {"ada"},
    "admin:leads_activity_add": set(),
    "admin:leads_pool_add": {"max", "mei", "ada"},
    "hand-overs": {"max", "mei", "ada"},
    "admin:crm_reminder_add": set(),
}


def changelist(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def grow(cast: Cast, many: int = 3) -> None:
    """Rows of every registered noun that Mei and Ada see, each pointing at rows of its own."""
    number = User.objects.count()
    for step in range(many):
        merchant = factories.MerchantFactory(
            unit=cast.xuhui,
            owner=cast.ann,
            category=factories.CategoryFactory(code=f"{number % 100:02d}{step:02d}"),
            division=factories.DivisionFactory(code=f"31{number % 100:02d}{step:02d}"),
        )
        owner = factories.UserFactory()
        factories.MembershipFactory(user=owner, unit=cast.xuhui)
        lead = factories.LeadFactory(
            merchant=merchant, unit=cast.xuhui, owner=owner, expected_value_fen=1_000_000
        )
        pool = opened(cast.xuhui)
        pooled(cast, pool, merchant=factories.MerchantFactory(unit=cast.xuhui))
        RecyclingFailure.objects.create(lead=lead, code="unexpected", failure="…")
        outlet = factories.OutletFactory(merchant=merchant, division=merchant.division)
        factories.IdentifierFactory(outlet=outlet)
        factories.ContactFactory(merchant=merchant)
        version = factories.AgreementVersionFactory(partnership__merchant=merchant)
        Waiver.objects.create(
            partnership=version.partnership,
            to_stage="pilot",
            guard="materials_photo",
            because="店面装修",
            given_by=cast.mei,
            at=factories.AT,
        )
        factories.ActivityFactory(merchant=merchant, lead=lead, actor=owner)
        factories.FollowUpFactory(merchant=merchant, lead=lead, owner=owner)
        factories.VisitFactory(merchant=merchant, lead=lead, owner=owner, outlet=outlet)
        factories.PainFactory(merchant=merchant, lead=lead)
        factories.GridQuestionFactory()
        CapabilityTemplate.objects.create(
            question_set="restaurant",
            position=CapabilityTemplate.objects.count() + 1,
            text_en="Guests",
            text_zh="客流",
        )
        factories.PlayFactory()
        factories.ObjectionFactory(merchant=merchant, lead=lead)
        factories.ProposalVersionFactory(proposal__lead=lead)
        LeadWaiver.objects.create(
            lead=lead,
            to_stage="qualified",
            guard="premises",
            because="店面装修",
            given_by=cast.mei,
            at=factories.AT,
        )
        Suggestion.objects.create(
            lead=lead,
            rule=SuggestionRule.values[0],
            kind=SuggestionKind.values[0],
            about="0" * 32,
            shown_at=factories.AT,
            decided_at=factories.AT,
            decided_by=cast.mei,
            decision=Decision.DISMISSED,
        )
        ParameterChange.objects.create(
            name="tests.days",
            number=ParameterChange.objects.count() + 1,
            value=7,
            because="试点一季度",
            changed_by=cast.ada,
            at=factories.AT,
        )
        rival = factories.RivalFactory()
        factories.InsightFactory(merchant=merchant)
        factories.RivalOfferFactory(merchant=merchant, rival=rival)
        factories.SwotAnalysisFactory(rival=rival, merchant=merchant, category_group="")
        factories.CampaignFactory(unit=cast.xuhui).merchants.add(merchant)
        factories.MergeFactory(kept=merchant)
        factories.ImportFactory(owner=owner, unit=cast.xuhui)
        factories.ExportFactory(owner=cast.mei)
        factories.ReminderFactory(recipient=owner)
        factories.DeliveryFactory(recipient=owner)
        for reader in (cast.mei, cast.ada):
            access.record(AccessKind.UNMASKED, "contact", merchant.pk, by=reader, at=factories.AT)
            delivery = factories.DeliveryFactory(recipient=reader)
            Notification.objects.create(
                delivery=delivery, recipient=reader, kind="follow_up_due", title="跟进"
            )
            run = WeeklyRun.objects.create(week=f"{2000 + WeeklyRun.objects.count():04d}-W01")
            WeeklyReport.objects.create(
                run=run, recipient=reader, due_at=factories.AT, delivery=delivery
            )
        webhook_endpoints.add(
            uuid7(),
            url=f"https://hooks.bank.example/{uuid7()}",
            unit_id=cast.shanghai.pk,
            by=cast.ada,
            at=factories.AT,
        )
        suppression.suppress(f"gone-{uuid7().hex}@bank.test", because="550", at=factories.AT)
        years = CalendarYear.objects.count()
        CalendarYear.objects.create(year=2000 + years, source="test")
        SpecialDay.objects.create(day=f"{2000 + years}-01-01", is_working_day=False, name="元旦")
        campaign_rows.grow(cast, number=number + step)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_costs_the_same_however_many_rows_it_has(
    model: type[models.Model],
    cast: Cast,
    signed_in: Callable[[User], Client],
    same_queries: Callable[..., int],
) -> None:
    browser = signed_in(cast.ada if model._meta.label in FOR_ADMINISTRATORS else cast.mei)
    grow(cast)

    def look() -> None:
        response = browser.get(changelist(model))
        assert response.status_code == 200
        assert response.context["cl"].result_count >= 3

    same_queries(look, after=lambda: grow(cast), at_most=12)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_opens_for_those_whom_it_is_for_and_for_nobody_else(
    model: type[models.Model], cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    may = {"ada"} if model._meta.label in FOR_ADMINISTRATORS else set(EVERYBODY) - {"nia"}
    answers = {
        name: signed_in(cast.named(name)).get(changelist(model)).status_code for name in EVERYBODY
    }
    assert answers == {name: 200 if name in may else 403 for name in EVERYBODY}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_those_whom_it_is_for_and_for_nobody_else(
    page: str, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    answers = {
        name: signed_in(cast.named(name)).get(reverse(page)).status_code for name in EVERYBODY
    }
    assert answers == {name: 200 if name in PAGES[page] else 403 for name in EVERYBODY}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_rows_page_opens_and_offers_no_deleting(
    model: type[models.Model], cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(cast.ada if model._meta.label in FOR_ADMINISTRATORS else cast.mei)
    grow(cast)
    row = admin.site._registry[model].get_queryset(_request(browser)).first()
    assert row is not None
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert browser.get(reverse(f"{base}_change", args=[row.pk])).status_code == 200
    assert browser.post(reverse(f"{base}_delete", args=[row.pk])).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def _request(browser: Client) -> Any:
    return browser.get(reverse("admin:index")).wsgi_request


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("odd", ["", "\0", "不" * 5000, "%", "'", "🙂", "a b c", "1" * 300])
def test_a_search_for_anything_at_all_is_answered(
    model: type[models.Model], odd: str, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    response = signed_in(cast.ada).get(changelist(model), {"q": odd}, follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "owner=nobody",
        "stage=nowhere",
        "unit=%00",
        "stage__exact=%00",
        "p=abc",
        "o=99.x",
        "merchant=7",
    ],
)
def test_an_address_typed_by_hand_breaks_nothing(
    query: str, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    response = signed_in(cast.mei).get(f"/admin/leads/lead/?{query}", follow=True)
    assert response.status_code == 200


def test_one_signs_in_by_e_mail_or_by_employee_number(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.ann.pk).update(employee_number="E100")
    for name in ("ann@bank.test", "ANN@bank.test", "e100"):
        response = client.post(
            reverse("admin:login"), {"username": name, "password": "secret-2026"}
        )
        assert response.status_code == 302, name
        client.logout()
    refused = client.post(
        reverse("admin:login"),
        {"username": "e100", "password": "wrong"},
        headers={"accept-language": "en"},
    )
    assert "do not belong together" in refused.content.decode()


def test_the_language_is_switched_and_stays(
    cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(cast.ann)
    assert 'lang="en"' in browser.get("/admin/").content.decode()
    browser.post("/i18n/setlang/", {"language": "zh-hans", "next": "/admin/"})
    assert 'lang="zh-hans"' in browser.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("address", "status", "language", "words"),
    [
        ("/admin/operations/", 403, "en", "Your role does not allow this."),
        ("/admin/operations/", 403, "zh-hans", "您的角色无权进行此操作。"),
        ("/admin/nowhere/", 404, "en", "There is nothing at this address"),
        ("/admin/nowhere/", 404, "zh-hans", "该地址没有内容"),
    ],
)
def test_a_page_that_one_may_not_see_says_so_in_ones_language(
    address: str, status: int, language: str, words: str, cast: Cast, signed_in: Any
) -> None:
    browser = signed_in(cast.ann)
    browser.cookies["language"] = language
    answer = browser.get(address)
    assert answer.status_code == status
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    ("noun", "words"),
    [("merchants", "Merchants"), ("contact", "contact"), ("import", "import"), ("gone", "gone")],
)
def test_the_access_log_names_things_as_people_do(
    noun: str, words: str, cast: Cast, signed_in: Any
) -> None:
    access.record(AccessKind.EXPORTED, noun, uuid7(), by=cast.ann, at=timezone.now())
    page = signed_in(cast.otto).get("/admin/crm/accessrecord/")
    shown = page.context["cl"].model_admin.what(page.context["cl"].result_list[0])
    assert shown == words


def test_the_sidebar_shows_what_a_role_can_use(
    cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    for_ann = signed_in(cast.ann).get("/admin/").content.decode()
    assert "/admin/leads/lead/" in for_ann
    assert "/admin/crm/membership/" not in for_ann
    for_ada = signed_in(cast.ada).get("/admin/").content.decode()
    assert "/admin/crm/membership/" in for_ada


def test_counting_stops_at_a_thousand(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.admin import paging
    from merchants.models import Merchant

    monkeypatch.setattr(paging, "MOST", 2)
    for number in range(3):
        factories.MerchantFactory(name=f"店{number}", unit=cast.xuhui)
    rows = Merchant.objects.order_by("pk")
    assert paging.CappedPaginator(rows, 50).count == 2
    assert paging.CappedPaginator(rows, 50).there_are_more
    assert not paging.CappedPaginator(rows.exclude(name="店0"), 50).there_are_more
