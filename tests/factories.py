"""Rows for tests, sound by default. What a test is about, it says itself."""

from datetime import UTC, date, datetime
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from campaigns.models import Campaign, FundingShare, Party
from crm.ids import uuid7
from crm.models import (
    Channel,
    Delivery,
    Membership,
    OrgUnit,
    Reminder,
    Role,
    UnitKind,
    User,
)
from leads.models import Activity, ActivityKind, FollowUp, Lead, Stage, StageChange
from merchants.domain import personal, registration
from merchants.models import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Contact,
    Division,
    LawfulBasis,
    Merchant,
    MerchantCategory,
    MerchantIdentifier,
    Outlet,
)

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
"""The tests' now: Wednesday 18 November 2026, ten in the morning in Shanghai (week 47)."""


class UnitFactory(DjangoModelFactory[OrgUnit]):
    class Meta:
        model = OrgUnit

    name = factory.Sequence(lambda n: f"单位{n}")
    kind = UnitKind.TEAM
    parent = None

    @classmethod
    def _create(cls, model_class: type[OrgUnit], *args: Any, **kwargs: Any) -> OrgUnit:
        unit = model_class(*args, **kwargs)
        unit.ancestors = [*(unit.parent.ancestors if unit.parent else []), unit.pk]
        unit.save(force_insert=True)
        return unit


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"colleague{n}@bank.test")
    full_name = factory.Sequence(lambda n: f"同事{n}")
    password = factory.django.Password("secret-2026")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    unit = factory.SubFactory(UnitFactory)
    role = Role.REP


class CategoryFactory(DjangoModelFactory[MerchantCategory]):
    class Meta:
        model = MerchantCategory
        django_get_or_create = ("code",)

    code = "5812"
    label_en = "Eating places and restaurants"
    label_zh = "就餐场所和餐馆"
    category_group = "dining"


class DivisionFactory(DjangoModelFactory[Division]):
    class Meta:
        model = Division
        django_get_or_create = ("code",)

    code = "310104"
    name = "徐汇区"
    full_name = "上海市徐汇区"
    level = 3


class MerchantFactory(DjangoModelFactory[Merchant]):
    class Meta:
        model = Merchant

    name = factory.Sequence(lambda n: f"海底捞火锅第{n}店")
    unit = factory.SubFactory(UnitFactory)
    category = factory.SubFactory(CategoryFactory)
    division = factory.SubFactory(DivisionFactory)
    category_group = "dining"

    @classmethod
    def _create(cls, model_class: type[Merchant], *args: Any, **kwargs: Any) -> Merchant:
        columns = registration.search_columns(kwargs["name"], kwargs.get("credit_code"))
        if form := registration.form_of(kwargs.get("credit_code")):
            columns["legal_form"] = form
        return model_class.objects.create(*args, **{**columns, **kwargs})


class OutletFactory(DjangoModelFactory[Outlet]):
    class Meta:
        model = Outlet

    merchant = factory.SubFactory(MerchantFactory)
    name = factory.Sequence(lambda n: f"门店{n}")


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    merchant = factory.SubFactory(MerchantFactory)
    full_name = "张三"
    position = "店长"
    phone = "+8613800138000"
    email = ""
    lawful_basis = LawfulBasis.CONSENT
    retain_until = date(2027, 11, 18)

    @classmethod
    def _create(cls, model_class: type[Contact], *args: Any, **kwargs: Any) -> Contact:
        pk = kwargs.pop("id", None) or uuid7()
        columns = {
            **personal.name_columns(kwargs.pop("full_name")),
            **personal.phone_columns(pk, kwargs.pop("phone")),
            **personal.email_columns(pk, kwargs.pop("email")),
        }
        contact = model_class.objects.create(pk=pk, **{**columns, **kwargs})
        if contact.lawful_basis == LawfulBasis.CONSENT:
            ConsentFactory(contact=contact)
        return contact


class ConsentFactory(DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    contact = factory.SubFactory(ContactFactory)
    purpose = ConsentPurpose.COOPERATION
    text_version = "2026-01"
    channel = ConsentChannel.PAPER
    given_at = AT


class IdentifierFactory(DjangoModelFactory[MerchantIdentifier]):
    class Meta:
        model = MerchantIdentifier

    outlet = factory.SubFactory(OutletFactory)
    acquirer = "银联商务"
    mid = factory.Sequence(lambda n: f"89829005812{n:04d}")
    valid_from = date(2026, 1, 1)


class LeadFactory(DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    merchant = factory.SubFactory(MerchantFactory, owner=factory.SelfAttribute("..owner"))
    unit = factory.LazyAttribute(lambda lead: lead.merchant.unit)
    owner = factory.SubFactory(UserFactory)
    stage = Stage.NEW
    stage_entered_at = AT
    last_activity_at = AT


class StageChangeFactory(DjangoModelFactory[StageChange]):
    class Meta:
        model = StageChange

    lead = factory.SubFactory(LeadFactory)
    from_stage = ""
    to_stage = Stage.NEW
    at = AT


class ActivityFactory(DjangoModelFactory[Activity]):
    class Meta:
        model = Activity

    merchant = factory.SubFactory(MerchantFactory)
    kind = ActivityKind.VISIT
    summary = "见到店长,聊了周一到周四的空台。"
    occurred_at = AT


class FollowUpFactory(DjangoModelFactory[FollowUp]):
    class Meta:
        model = FollowUp

    merchant = factory.SubFactory(MerchantFactory)
    owner = factory.SubFactory(UserFactory)
    title = "送方案"
    due_at = AT


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"满200减50 第{n}期")
    unit = factory.SubFactory(UnitFactory)
    starts_on = date(2026, 11, 1)
    ends_on = date(2026, 12, 31)
    budget_fen = 10_000_000

    @factory.post_generation
    def shares(self: Campaign, create: bool, extracted: Any, **kwargs: Any) -> None:
        for party, points in (extracted or {Party.BANK: 6000, Party.MERCHANT: 4000}).items():
            FundingShare.objects.create(campaign=self, party=party, basis_points=points)


class ReminderFactory(DjangoModelFactory[Reminder]):
    class Meta:
        model = Reminder

    key = factory.Sequence(lambda n: f"test:{n}")
    recipient = factory.SubFactory(UserFactory)
    kind = "follow_up_due"
    facts = factory.LazyFunction(
        lambda: {"title": "送方案", "merchant": "海底捞火锅", "due_at": AT.isoformat()}
    )
    link = "/admin/"
    due_at = AT


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    key = factory.Sequence(lambda n: f"test:{n}:mail")
    channel = Channel.MAIL
    recipient = factory.SubFactory(UserFactory)
    kind = "follow_up_due"
    subject = "跟进提醒"
    text = "您约了海底捞火锅。"
    next_try_at = factory.LazyFunction(timezone.now)
