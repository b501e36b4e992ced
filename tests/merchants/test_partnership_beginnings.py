"""Partnerships begin: by a lead that is won, exactly once, or by entering what exists."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction

from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import User
from merchants.domain import agreements, partnership_facts, partnerships
from merchants.models import AgreementVersion, Merchant, Partnership, PartnershipStage
from tests import factories
from tests.conftest import Cast
from tests.merchants.partnership_desk import Desk
from tests.sessions import Session

pytestmark = pytest.mark.django_db

STARTS, ENDS = date(2026, 1, 1), date(2027, 12, 31)


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


def begin(merchant: Merchant, by: User, at: datetime, key: str = "lead:1") -> Partnership:
    return partnerships.begin(uuid7(), merchant.pk, key=key, by=by, at=at)


def test_it_begins_in_onboarding_exactly_once_per_key(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    first = begin(merchant, cast.ann, at)
    assert (first.stage, first.unit_id) == ("onboarding", cast.xuhui.pk)
    assert begin(merchant, cast.ann, at).pk == first.pk
    assert (Partnership.objects.count(), first.steps.count()) == (1, 1)
    with pytest.raises(RuleBroken) as refusal:
        begin(merchant, cast.ann, at, key="lead:2")
    assert refusal.value.code == "partnership_exists"


def test_a_merchant_that_was_won_back_returns_to_onboarding(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "churned")
    for _ in range(2):
        back = begin(desk.merchant, cast.ann, at, key="lead:2")
        assert (back.pk, back.stage) == (desk.pk, "onboarding")
    assert Partnership.objects.count() == 1
    assert desk.row.steps.get().from_stage == "churned"


def test_a_blocked_merchant_begins_again_only_when_compliance_has_released_it(
    cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at, "blocked")
    with pytest.raises(RuleBroken) as refusal:
        begin(desk.merchant, cast.ann, at)
    assert refusal.value.code == "partnership_blocked"
    with pytest.raises(NotAllowed):
        desk.file("release_document", by=cast.mei)
    assert not partnership_facts.is_released(desk.row)
    desk.file("release_document")
    assert partnership_facts.is_released(desk.row)
    assert begin(desk.merchant, cast.ann, desk.at).stage == "onboarding"


def test_one_who_does_not_work_with_the_merchant_begins_nothing(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NotFound):
        begin(merchant, cast.sam, at)
    with pytest.raises(NotAllowed):
        begin(merchant, cast.fay, at)


def register(desk: Desk, merchant: Merchant, by: User, **more: Any) -> Partnership:
    given = {"stage": PartnershipStage.ACTIVE, "number": "SH-1", **more}
    return partnerships.register_existing(
        uuid7(),
        merchant.pk,
        agreement_id=uuid7(),
        terms=given.pop("terms", None) or desk.terms(STARTS, ENDS, by),
        by=by,
        at=desk.at,
        **given,
    )


@pytest.mark.parametrize("stage", ["onboarding", "pilot", "active"])
def test_what_exists_is_registered_with_its_signed_agreement(
    stage: str, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at)
    made = register(desk, merchant, cast.mei, stage=PartnershipStage(stage))
    assert (made.stage, Partnership.objects.get(pk=made.pk).expires_on) == (stage, ENDS)
    assert AgreementVersion.objects.get(partnership=made).state == "live"


@pytest.mark.parametrize("stage", ["wavering", "renewal", "suspended", "churned", "blocked"])
def test_other_stages_are_not_registered(
    stage: str, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        register(Desk(cast, at), merchant, cast.mei, stage=PartnershipStage(stage))
    assert refusal.value.code == "stage_not_registrable"


@pytest.mark.parametrize("name", ["ann", "max", "fay", "rui", "otto", "ada"])
def test_only_the_branch_manager_registers(
    name: str, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        register(Desk(cast, at), merchant, cast.named(name))


def test_a_merchant_has_one_living_partnership(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at)
    for there, code in (("active", "partnership_exists"), ("churned", "partnership_before")):
        partner = Desk(cast, at, there).merchant
        with pytest.raises(RuleBroken) as refusal:
            register(desk, partner, cast.mei)
        assert refusal.value.code == code
    with pytest.raises(RuleBroken) as refusal:
        register(
            desk, merchant, cast.mei, terms=desk.terms(STARTS, ENDS, cast.mei, document_id=None)
        )
    assert refusal.value.code == "agreement_not_whole"
    assert not Partnership.objects.filter(merchant=merchant).exists(), "nothing was written"


# --- two at once ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_let_a_partnership_begin_one_wins(cast: Cast, at: datetime) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    with transaction.atomic():
        begin(merchant, cast.ann, at)
        other = Session(lambda: begin(merchant, cast.max, at, key="lead:2"))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "partnership_exists"
    assert Partnership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_overlapping_agreements_one_wins(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at)
    one, two = desk.draft(STARTS, ENDS), desk.draft(date(2026, 6, 1), ENDS)
    with transaction.atomic():
        agreements.sign(one.pk, by=cast.max, at=desk.at)
        other = Session(lambda: agreements.sign(two.pk, by=cast.mei, at=desk.at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "agreement_overlaps"


@pytest.mark.django_db(transaction=True)
def test_even_without_the_lock_the_constraint_lets_one_sign(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "merchants.domain.evidence.take",
        lambda rows, pk, **_: rows.select_related("merchant").get(pk=pk),
    )
    monkeypatch.setattr("merchants.domain.agreements._settle", lambda *_, **__: None)
    desk = Desk(cast, at)
    one, two = desk.draft(STARTS, ENDS), desk.draft(date(2026, 6, 1), ENDS)
    with transaction.atomic():
        agreements.sign(one.pk, by=cast.max, at=desk.at)
        other = Session(lambda: agreements.sign(two.pk, by=cast.mei, at=desk.at))
        assert other.wait_until_blocked(), "the exclusion constraint makes it wait"
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "agreement_overlaps"


@pytest.mark.django_db(transaction=True)
def test_the_second_step_waits_and_finds_no_road(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "pilot")
    desk.file("redesign_agreed")
    desk.later(minutes=1)

    def step(by: User) -> Partnership:
        return partnerships.advance(desk.pk, to=PartnershipStage.ONBOARDING, by=by, at=desk.at)

    with transaction.atomic():
        step(cast.ann)
        other = Session(lambda: step(cast.max))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "stage_not_reachable"
