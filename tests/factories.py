"""Rows for tests, sound by default. What a test is about, it says itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from django.db import connection, transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from campaigns.models import Campaign, CampaignStage, FundingShare, Party
from crm import parameters
from crm.domain import calendar
from crm.ids import uuid7
from crm.models import (
    Channel,
    Delivery,
    Export,
    Membership,
    OrgUnit,
    ParameterChange,
    Reminder,
    Role,
    SpecialDay,
    StoredFile,
    UnitKind,
    User,
)
from leads.models import (
    Activity,
    ActivityKind,
    Cell,
    FollowUp,
    GridCell,
    GridMode,
    GridQuestion,
    Lead,
    Objection,
    ObjectionReason,
    Pain,
    Play,
    PlayAttempt,
    PlayVersion,
    Proposal,
    ProposalVersion,
    Stage,
    StageChange,
    Visit,
)
from leads.models.activity import CONVERSATIONS
from merchants.domain import personal, registration
from merchants.models import (
    Agreement,
    AgreementVersion,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Contact,
    Division,
    Import,
    Insight,
    LawfulBasis,
    Merchant,
    MerchantCategory,
    MerchantIdentifier,
    MerchantMerge,
    Outlet,
    Partnership,
    PartnershipStage,
    Rival,
    RivalOffer,
    SwotAnalysis,
    SwotFact,
    SwotFeature,
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
        columns = registration.search_columns(kwargs["name"])
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


class MergeFactory(DjangoModelFactory[MerchantMerge]):
    class Meta:
        model = MerchantMerge

    kept = factory.SubFactory(MerchantFactory)
    merged_id = factory.LazyFunction(uuid7)
    kept_name = factory.SelfAttribute("kept.name")
    merged_name = "海底劳火锅"
    at = AT


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
    two_way = factory.LazyAttribute(lambda activity: activity.kind in CONVERSATIONS)


class VisitFactory(DjangoModelFactory[Visit]):
    """Planned for today, if nothing else is said."""

    class Meta:
        model = Visit

    merchant = factory.SubFactory(MerchantFactory, owner=factory.SelfAttribute("..owner"))
    owner = factory.SubFactory(UserFactory)
    planned_for = AT.date()


class FollowUpFactory(DjangoModelFactory[FollowUp]):
    class Meta:
        model = FollowUp

    merchant = factory.SubFactory(MerchantFactory)
    owner = factory.SubFactory(UserFactory)
    title = "送方案"
    due_at = AT


class PartnershipFactory(DjangoModelFactory[Partnership]):
    class Meta:
        model = Partnership

    merchant = factory.SubFactory(MerchantFactory)
    unit = factory.LazyAttribute(lambda partnership: partnership.merchant.unit)
    stage = PartnershipStage.ACTIVE
    stage_entered_at = AT
    evidence_since = AT


class AgreementVersionFactory(DjangoModelFactory[AgreementVersion]):
    """A draft, with an agreement of its own."""

    class Meta:
        model = AgreementVersion

    agreement = factory.LazyAttributeSequence(
        lambda version, n: Agreement.objects.create(
            partnership=version.partnership, number=f"SH-TEST-{n:04d}"
        )
    )
    partnership = factory.SubFactory(PartnershipFactory)
    number = 1
    starts_on = date(2026, 1, 1)
    ends_on = date(2026, 12, 31)
    last_day = date(2026, 12, 31)


class ProposalFactory(DjangoModelFactory[Proposal]):
    class Meta:
        model = Proposal

    lead = factory.SubFactory(LeadFactory)


class ProposalVersionFactory(DjangoModelFactory[ProposalVersion]):
    """A draft of which nothing is said yet, with a proposal of its own."""

    class Meta:
        model = ProposalVersion

    proposal = factory.SubFactory(ProposalFactory)
    number = 1


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"满200减50 第{n}期")
    unit = factory.SubFactory(UnitFactory)
    starts_on = date(2026, 11, 1)
    ends_on = date(2026, 12, 31)
    budget_fen = 10_000_000
    stage = CampaignStage.ACTIVE
    stage_entered_at = AT
    created_at = AT
    updated_at = AT

    @factory.post_generation
    def shares(self: Campaign, create: bool, extracted: Any, **kwargs: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('campaigns.amending', %s, true)", [str(self.pk)])
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


def never_quiet() -> None:
    """No quiet hours, and every day around today is worked: for tests that live in real time."""
    ParameterChange.objects.bulk_create(
        [
            ParameterChange(name=name, number=1, value=0, because="tests", at=AT)
            for name in ("crm.quiet_hours.from", "crm.quiet_hours.until")
        ]
    )
    today = timezone.localdate()
    SpecialDay.objects.bulk_create(
        [
            SpecialDay(day=today + timedelta(days=days), is_working_day=True, name="tests")
            for days in range(-4, 5)
        ]
    )
    parameters.forget()
    calendar.forget()


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


class InsightFactory(DjangoModelFactory[Insight]):
    """Blind by default: the bank knows it from twelve peers, the merchant does not."""

    class Meta:
        model = Insight

    merchant = factory.SubFactory(MerchantFactory)
    kind = "need"
    statement = factory.Sequence(lambda n: f"周一到周四晚市空台三成({n})")
    known_to_bank = True
    known_to_bank_on = date(2026, 11, 1)
    data_source = "本行收单交易汇总"
    peers = 12


class RivalFactory(DjangoModelFactory[Rival]):
    class Meta:
        model = Rival

    name = factory.Sequence(lambda n: f"邻行{n}信用卡中心")
    short_name = factory.Sequence(lambda n: f"邻行{n}")


class RivalOfferFactory(DjangoModelFactory[RivalOffer]):
    class Meta:
        model = RivalOffer

    merchant = factory.SubFactory(MerchantFactory)
    rival = factory.SubFactory(RivalFactory)
    mechanic = "周五满100减30"
    starts_on = date(2026, 11, 1)
    ends_on = date(2026, 12, 31)
    source = "门店台卡"
    seen_on = date(2026, 11, 10)


class SwotAnalysisFactory(DjangoModelFactory[SwotAnalysis]):
    class Meta:
        model = SwotAnalysis

    rival = factory.SubFactory(RivalFactory)
    category_group = "dining"
    package = "周末满200减50"


class SwotFeatureFactory(DjangoModelFactory[SwotFeature]):
    class Meta:
        model = SwotFeature

    analysis = factory.SubFactory(SwotAnalysisFactory)
    name = factory.Sequence(lambda n: f"结算T+1({n})")
    difference = 2
    importance = 4


class SwotFactFactory(DjangoModelFactory[SwotFact]):
    class Meta:
        model = SwotFact

    analysis = factory.SubFactory(SwotAnalysisFactory)
    kind = "opportunity"
    statement = factory.Sequence(lambda n: f"商圈夜经济补贴到年底({n})")
    dated = date(2026, 10, 8)
    source = "区商务委公告"
    weight = 4


class StoredFileFactory(DjangoModelFactory[StoredFile]):
    class Meta:
        model = StoredFile

    name = "商户.csv"
    content_type = "text/csv"
    content = "名称\n海底捞火锅\n".encode()
    size = factory.LazyAttribute(lambda file: len(file.content))
    sha256 = "0" * 64
    owner = factory.SubFactory(UserFactory)
    created_at = AT


class ImportFactory(DjangoModelFactory[Import]):
    class Meta:
        model = Import

    kind = "import"
    owner = factory.SubFactory(UserFactory)
    unit = factory.SubFactory(UnitFactory)
    source = factory.SubFactory(StoredFileFactory, owner=factory.SelfAttribute("..owner"))
    parameters = factory.LazyFunction(
        lambda: {"mode": "create", "headers": ["名称"], "columns": ["name"]}
    )


class ExportFactory(DjangoModelFactory[Export]):
    class Meta:
        model = Export

    kind = "export"
    owner = factory.SubFactory(UserFactory)
    state = "waiting"
    parameters = factory.LazyFunction(lambda: {"list": "merchants", "format": "csv", "filter": {}})


class PainFactory(DjangoModelFactory[Pain]):
    """A pain with its nine empty cells."""

    class Meta:
        model = Pain

    merchant = factory.SubFactory(MerchantFactory)
    title = "工作日晚市空台多"
    mode = GridMode.CREATE
    next_cell = Cell.R1

    @classmethod
    def _create(cls, model_class: type[Pain], *args: Any, **kwargs: Any) -> Pain:
        pain = model_class.objects.create(*args, **kwargs)
        GridCell.objects.bulk_create(GridCell(pain=pain, cell=cell) for cell in Cell)
        return pain


class GridQuestionFactory(DjangoModelFactory[GridQuestion]):
    class Meta:
        model = GridQuestion

    question_set = "restaurant"
    cell = Cell.R1
    position = factory.Sequence(lambda n: n + 1)
    text_en = "How do weekday evenings compare with weekends?"
    text_zh = "工作日晚市跟周末比差多少?"


class PlayFactory(DjangoModelFactory[Play]):
    """A play with its first version."""

    class Meta:
        model = Play
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"T{n}")
    reason = ObjectionReason.UNAWARE
    sub_reason = ""
    created_at = AT
    updated_at = AT

    @factory.post_generation
    def texts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        said = {"title_en": "Baseline report", "title_zh": "基线报告"} | (extracted or {})
        self.current = PlayVersion.objects.create(play=self, number=1, at=AT, **said)
        self.save(update_fields=["current"])


class ObjectionFactory(DjangoModelFactory[Objection]):
    class Meta:
        model = Objection

    merchant = factory.SubFactory(MerchantFactory)
    activity = factory.SubFactory(
        ActivityFactory,
        merchant=factory.SelfAttribute("..merchant"),
        lead=factory.SelfAttribute("..lead"),
    )
    lead = None
    merchant_words = "生意还行,不需要"
    declared_reason = ObjectionReason.UNAWARE
    raised_at = AT
    state_since = AT
    created_at = AT
    updated_at = AT


class PlayAttemptFactory(DjangoModelFactory[PlayAttempt]):
    class Meta:
        model = PlayAttempt

    objection = factory.SubFactory(ObjectionFactory)
    play_version = factory.LazyFunction(lambda: PlayFactory().current)
    at = AT
    created_at = AT
    updated_at = AT
