"""The campaign's page and forms: planned, written, taken on, amended, compared."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.domain import amending
from campaigns.models import Campaign
from crm.ids import uuid7
from tests import factories
from tests.campaigns import campaign_desk as desk
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
type SignIn = Callable[[Any], Client]


@pytest.fixture
def now() -> datetime:
    """The pages live in the present; so do these campaigns."""
    return timezone.now()


def days(now: datetime) -> dict[str, date]:
    today = timezone.localdate(now)
    return {"starts_on": today - timedelta(days=5), "ends_on": today + timedelta(days=60)}


def url(address: str, campaign: Campaign) -> str:
    return reverse(f"admin:campaigns_campaign_{address}", args=[campaign.pk])


def filled(browser: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What a form sends when only some fields are typed anew."""
    form = browser.get(address).context["form"]
    sent: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if value not in (None, False, ""):
            sent[name] = value
    return {**sent, **typed}


def test_a_draft_is_written_on_one_page(signed_in: SignIn, cast: Cast, now: datetime) -> None:
    campaign = desk.drafted(cast, at=now, mechanic="", terms={}, **days(now))
    browser = signed_in(cast.pia)
    assert "Say what the customer gets" in browser.get(url("change", campaign)).content.decode()
    address = f"{url('terms', campaign)}?mechanic=one_yuan"
    sent = filled(
        browser,
        address,
        mechanic="one_yuan",
        term_agreed_price_fen="25",
        share_bank="60",
        ceiling_bank="50000",
        fallback_bank="merchant",
        share_merchant="40",
        uses_per_customer_day="2",
        claim_days="45",
    )
    answer = browser.post(address, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    campaign.refresh_from_db()
    assert campaign.terms == {"agreed_price_fen": 2500}
    assert campaign.limits == {"uses_per_customer_day": 2}
    assert campaign.claim_days == 45
    bank = campaign.shares.get(party="bank")
    assert (bank.ceiling_fen, bank.fallback) == (5_000_000, "merchant")
    assert "¥1 instead of ¥25" in browser.get(url("change", campaign)).content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"share_bank": "59"}, "share_bank"),
        ({"term_agreed_price_fen": "1"}, "term_agreed_price_fen"),
        ({"budget": ""}, "budget"),
        ({"fallback_bank": "scheme"}, "share_bank"),
    ],
    ids=["shares", "price", "no budget", "fallback"],
)
def test_what_cannot_be_is_said_beside_its_field(
    typed: dict[str, str], field: str, signed_in: SignIn, cast: Cast, now: datetime
) -> None:
    campaign = desk.drafted(cast, at=now, **days(now))
    browser = signed_in(cast.pia)
    address = f"{url('terms', campaign)}?mechanic=one_yuan"
    answer = browser.post(address, filled(browser, address, mechanic="one_yuan", **typed))
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert Campaign.objects.get(pk=campaign.pk).version == campaign.version


def test_a_stale_form_overruns_nobody(signed_in: SignIn, cast: Cast, now: datetime) -> None:
    campaign = desk.drafted(cast, at=now, **days(now))
    browser = signed_in(cast.pia)
    address = f"{url('terms', campaign)}?mechanic=one_yuan"
    sent = filled(browser, address, mechanic="one_yuan", claim_days="60")
    Campaign.objects.filter(pk=campaign.pk).update(version=campaign.version + 1)
    answer = browser.post(address, sent)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Campaign.objects.get(pk=campaign.pk).claim_days == 30


def test_a_campaign_is_taken_on_from_its_page(signed_in: SignIn, cast: Cast, now: datetime) -> None:
    campaign = desk.scheduled(cast, at=now, **days(now))
    browser = signed_in(cast.pia)
    content = browser.get(url("change", campaign)).content.decode()
    assert "Missing before" in content
    assert "0 of 1 shops" in content
    outlet = campaign.merchants.get().outlets.get()
    factories.IdentifierFactory(outlet=outlet, valid_from=date(2026, 1, 1))
    for kind in ("mid_verified", "material_photo", "staff_trained", "test_redemption"):
        address = f"{url('go-live', campaign)}?kind={kind}"
        photo = SimpleUploadedFile("a.png", PNG)
        sent = filled(browser, address)
        sent["items"] = [str(one.pk) for one in campaign.go_live.filter(kind=kind)]
        if kind == "material_photo":
            sent["photo"] = photo
        assert browser.post(address, sent).status_code == 302
    assert browser.post(f"{url('step', campaign)}?to=active").status_code == 302
    assert desk.stage_of(campaign) == "active"
    refused = browser.post(f"{url('step', campaign)}?to=paused", {"because": ""})
    assert refused.status_code == 200
    assert "because" in refused.context["form"].errors
    assert (
        browser.post(f"{url('step', campaign)}?to=paused", {"because": "装修"}).status_code == 302
    )
    assert desk.stage_of(campaign) == "paused"
    assert browser.get(f"{url('step', campaign)}?to=closed").status_code == 404


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def test_an_amendment_is_written_and_compared(signed_in: SignIn, cast: Cast, now: datetime) -> None:
    campaign = desk.active(cast, at=now, **days(now))
    browser = signed_in(cast.pia)
    address = f"{url('amend', campaign)}?mechanic=one_yuan"
    sent = filled(browser, address, mechanic="one_yuan", said="卖得好", term_agreed_price_fen="30")
    answer = browser.post(address, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    compared = browser.get(url("versions", campaign)).content.decode()
    assert "Agreed price" in compared
    assert "¥25" in compared
    assert "¥30" in compared
    assert browser.post(url("give-up", campaign)).status_code == 302
    assert not campaign.versions.open().exists()


def test_a_campaign_is_planned_again(signed_in: SignIn, cast: Cast, now: datetime) -> None:
    campaign = desk.ended(cast, at=now, **days(now))
    browser = signed_in(cast.pia)
    sent = {"row_id": str(uuid7()), "name": "第二期",
            "starts_on": "2027-03-01", "ends_on": "2027-05-31"}  # fmt: skip
    answer = browser.post(url("clone", campaign), sent)
    cloned = Campaign.objects.get(name="第二期")
    assert answer["Location"] == url("change", cloned)
    assert (cloned.stage, cloned.terms, cloned.version_number) == ("draft", campaign.terms, 0)
    assert list(cloned.merchants.all()) == list(campaign.merchants.all())


def test_who_only_reads_finds_no_buttons(signed_in: SignIn, cast: Cast, now: datetime) -> None:
    campaign = desk.active(cast, at=now, **days(now))
    content = signed_in(cast.otto).get(url("change", campaign)).content.decode()
    assert url("amend", campaign) not in content
    assert url("step", campaign) not in content
    content = signed_in(cast.pia).get(url("change", campaign)).content.decode()
    assert url("amend", campaign) in content
    assert f"{url('step', campaign)}?to=paused" in content


def test_the_page_asks_a_constant_number_of_statements(
    signed_in: SignIn, cast: Cast, now: datetime, same_queries: Callable[..., int]
) -> None:
    campaign = desk.active(cast, at=now, **days(now))
    browser = signed_in(cast.pia)

    def grow() -> None:
        for _number in range(3):
            campaign.merchants.add(desk.merchant(cast))
        for number in range(3):
            version = amending.propose(
                campaign.pk, {"claim_days": 40 + number}, said="…", by=cast.pia, at=now
            )
            amending.give_up(version.pk, by=cast.pia, at=now)

    same_queries(lambda: browser.get(url("change", campaign)), after=grow, at_most=60)
