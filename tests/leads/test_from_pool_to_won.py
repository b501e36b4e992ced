"""One restaurant from the pool to won, on two phones: the rep's, and for the last step the
leader's; and the campaign's draft that it leaves, taken on by a planner. Every request is sent
twice, as a phone does that got no answer; the second changes nothing."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.utils import timezone

from campaigns.models import Campaign, Fund
from crm.ids import uuid7
from leads.models import Lead, Play
from merchants.domain import credit_code
from merchants.models import Partnership
from tests import factories
from tests.api import ROOT, Phone
from tests.campaigns import approval_desk
from tests.conftest import Cast
from tests.leads.pool_desk import opened, pooled

pytestmark = pytest.mark.django_db

ROOMS = ("crm", "merchants", "campaigns", "leads")
SILENT = {"crm.GivenAnswer", "crm.AccessEntry", "crm.Device", "crm.SignIn"}
"""What is written down about requests themselves."""


def stored() -> dict[str, list[str]]:
    """Every row of every noun, column by column."""
    return {
        noun._meta.label: sorted(repr(row) for row in noun._base_manager.values_list())
        for room in ROOMS
        for noun in apps.get_app_config(room).get_models()
        if noun._meta.label not in SILENT
    }


class Colleague:
    """A colleague with a phone that sends everything twice."""

    def __init__(self, user: Any) -> None:
        self.phone = Phone(user)

    def does(self, path: str, body: Any = None) -> dict[str, Any]:
        key = str(uuid7())
        first = self.phone.post(path, body, key=key)
        assert first.status_code in (200, 201), (path, first.content.decode())
        before = stored()
        again = self.phone.post(path, body, key=key)
        assert (again.status_code, again.content) == (first.status_code, first.content), path
        assert again["Idempotency-Replayed"] == "true"
        assert stored() == before, f"sent again, {path} changed something"
        return orjson.loads(first.content)  # type: ignore[no-any-return]

    def is_refused(self, path: str, body: Any = None) -> str:
        before = stored()
        answer = self.phone.post(path, body)
        assert answer.status_code >= 400, answer.content.decode()
        assert stored() == before
        return str(orjson.loads(answer.content)["code"])

    def reads(self, path: str) -> dict[str, Any]:
        answer = self.phone.get(path)
        assert answer.status_code == 200, answer.content.decode()
        return orjson.loads(answer.content)  # type: ignore[no-any-return]

    def corrects(self, path: str, body: Any) -> dict[str, Any]:
        version = self.phone.get(path)["ETag"]
        answer = self.phone.patch(path, body, if_match=version)
        assert answer.status_code == 200, answer.content.decode()
        return orjson.loads(answer.content)  # type: ignore[no-any-return]

    def sends_paper(self) -> str:
        answer = self.phone.client.generic(
            "POST",
            f"{ROOT}files/",
            b"%PDF-1.7 signed",
            content_type="application/pdf",
            headers={
                **self.phone.headers,
                "Content-Disposition": "attachment; filename=agreement.pdf",
            },
        )
        assert answer.status_code == 201, answer.content.decode()
        return str(orjson.loads(answer.content)["id"])


@pytest.fixture
def now() -> datetime:
    """The API takes its own clock."""
    return timezone.now()


@pytest.fixture
def lead(cast: Cast, now: datetime) -> Lead:
    """A restaurant that lies in the pool of the branch."""
    lies_in = opened(cast.shanghai)
    recent = now - timedelta(days=2)
    return pooled(
        cast,
        lies_in,
        pooled_at=recent,
        stage_entered_at=recent,
        last_activity_at=recent,
        expected_value_fen=4_800_000,
    )


@pytest.fixture
def play() -> Play:
    return factories.PlayFactory(reason="unaware", sub_reason="U1")


def agreed(contact: str, words: str, **more: Any) -> dict[str, Any]:
    """What a confirm cell needs: who agreed, when and how."""
    moment = timezone.now() - timedelta(minutes=1)
    return {
        "words": words,
        "agreed_by": contact,
        "agreed_at": moment.isoformat(),
        "agreed_via": "visit",
        **more,
    }


def test_a_restaurant_is_won_from_the_pool_with_two_phones(
    cast: Cast, lead: Lead, play: Play, now: datetime
) -> None:
    ann, max_ = Colleague(cast.ann), Colleague(cast.max)
    at, merchant, today = f"leads/{lead.pk}", lead.merchant_id, timezone.localdate(now)

    # Claimed, and there is nothing about people to be read before.
    assert [one["id"] for one in ann.reads("pool/")["results"]] == [str(lead.pk)]
    assert ann.does(f"pool/{lead.pk}/claim/")["owner"]["full_name"] == "Ann"
    assert Colleague(cast.bo).is_refused(f"pool/{lead.pk}/claim/") == "lead_already_claimed"

    # Who they are: the register, the premises, the negative list, somebody to talk to.
    assert ann.is_refused(f"{at}/advance/", {"to": "qualified"}) == "stage_not_reachable"
    ann.corrects(
        f"merchants/{merchant}/",
        {
            "credit_code": credit_code.made_up(71_001),
            "licence_status": "open",
            "licence_checked_on": today.isoformat(),
            "licence_source": "国家企业信用信息公示系统",
        },
    )
    for kind in ("premises_check", "negative_list_check"):
        ann.does(f"{at}/evidence/", {"id": str(uuid7()), "kind": kind, "said": "如实记录"})
    assert ann.does(f"{at}/advance/", {"to": "qualified"})["stage"] == "qualified"
    contact = ann.does(
        f"merchants/{merchant}/contacts/",
        {
            "id": str(uuid7()),
            "full_name": "陈立群",
            "position": "店长",
            "phone": "13911112222",
            "lawful_basis": "public",
            "decision_power": "decides",
            "notice_version": "2026-01",
            "notice_given_at": now.isoformat(),
        },
    )["id"]

    # The visit, in which the objection is heard.
    visit = ann.does(
        "visits/check-in/",
        {
            "id": str(uuid7()),
            "merchant": str(merchant),
            "lead": str(lead.pk),
            "arrived_at": timezone.now().isoformat(),
        },
    )
    left = ann.does(
        f"visits/{visit['id']}/check-out/",
        {
            "id": str(uuid7()),
            "left_at": timezone.now().isoformat(),
            "summary": "见到店长,说生意还行",
            "outcome_code": "decision_maker_met",
        },
    )
    assert left["state"] == "checked_out"
    assert ann.does(f"{at}/advance/", {"to": "discovery"})["stage"] == "discovery"
    objection = ann.does(
        "objections/",
        {
            "id": str(uuid7()),
            "merchant": str(merchant),
            "lead": str(lead.pk),
            "activity": left["activity"],
            "merchant_words": "生意还行,不需要",
            "declared_reason": "unaware",
        },
    )
    against = f"objections/{objection['id']}"
    assert (objection["suggested_reason"], objection["mismatch"]) == ("unaware", False)
    ann.does(f"{against}/diagnose/", {"sub_reason": "U1"})
    best = ann.reads("plays/ranking/?reason=unaware&category_group=dining")["plays"][0]
    assert best["play"] == str(play.pk)
    ann.does(f"{against}/handle/", {"id": str(uuid7()), "play": best["play"]})

    # The interview, from latent to critical.
    pain = ann.does(
        "pains/",
        {
            "id": str(uuid7()),
            "merchant": str(merchant),
            "lead": str(lead.pk),
            "title": "工作日晚市空台多",
        },
    )
    board = f"pains/{pain['id']}"
    assert pain["status"] == "latent"
    assert ann.is_refused(f"{against}/resolve/", {}) == "resolved_needs_proof"
    for cell in ("R1", "R2", "I1", "I2"):
        said = {"words": "附近上班族被平台券留住了", "status": "complete"}
        ann.does(f"{board}/cells/{cell}/fill/", said)
    admitted = ann.does(f"{board}/cells/R3/confirm/", agreed(contact, "就是这两个原因"))
    assert admitted["status"] == "admitted"
    cost = {"label": "空台损失", "unit": "yuan", "period": "month", "amount": "48000.00"}
    critical = ann.does(
        f"{board}/cells/I3/confirm/", agreed(contact, "每月少收四万八", numbers=[cost])
    )
    assert (critical["status"], critical["monthly_impact"]) == ("critical", "48000.00")

    # What the merchant agreed to settles what it said against it, and the play gets its due.
    (r3,) = (one for one in critical["cells"] if one["cell"] == "R3")
    resolved = ann.does(f"{against}/resolve/", {"cell": r3["id"]})
    assert (resolved["state"], resolved["resolved_cell"]) == ("resolved", r3["id"])
    (attempt,) = ann.reads(f"{against}/")["attempts"]
    assert attempt["outcome"] == "resolved"

    # What would solve it, and with which pain to go on.
    ann.does(
        f"{board}/capabilities/",
        {"capabilities": [{"name": "把晚餐客流引到工作日", "covered": True}]},
    )
    for cell in ("C1", "C2"):
        said = {"words": "要是工作日晚上也坐满", "status": "complete"}
        ann.does(f"{board}/cells/{cell}/fill/", said)
    seen = ann.does(f"{board}/cells/C3/confirm/", agreed(contact, "这个能解决"))
    assert seen["status"] == "vision"
    assert ann.reads(f"{at}/entry-points/")["points"][0]["pain"]["id"] == pain["id"]
    ann.does(f"{at}/entry-points/", {"pain": pain["id"]})
    assert ann.does(f"{at}/advance/", {"to": "proposal"})["stage"] == "proposal"

    # The proposal: drafted from the entry point, submitted, printed.
    proposal = ann.does(
        "proposals/",
        {
            "id": str(uuid7()),
            "lead": str(lead.pk),
            "title": "工作日晚餐满100减20",
            "mechanic": "threshold_off",
            "terms": {"threshold_fen": 10000, "off_fen": 2000},
            "starts_on": (today + timedelta(days=30)).isoformat(),
            "ends_on": (today + timedelta(days=120)).isoformat(),
            "weekdays": [1, 2, 3, 4],
            "shares": {"bank": 5000, "merchant": 3000, "scheme": 1500, "platform": 500},
            "budget": "20000.00",
            "operating_cost": "2000.00",
            "redemptions": 1000,
            "purchases_without": 600,
            "ticket": "120.00",
            "first_swipe_cards": 80,
            "reactivated_cards": 50,
            "card_contribution": "150.00",
            "gross_margin": 6000,
            "merchant_rate": 6000,
        },
    )
    assert ann.is_refused(f"{at}/advance/", {"to": "approval"}) == "stage_not_reachable"
    ann.does(f"proposals/{proposal['id']}/submit/")
    printed = ann.phone.get(f"proposals/{proposal['id']}/print/?language=zh-hans")
    assert printed.status_code == 200
    assert "工作日晚餐满100减20" in printed.content.decode()
    assert ann.does(f"{at}/advance/", {"to": "approval"})["stage"] == "approval"
    refused = ann.is_refused(f"proposals/{proposal['id']}/withdraw/", {"because": "再改改"})
    assert refused == "proposal_in_approval"

    # Approved by somebody else, with the signed paper.
    won = {
        "to": "won",
        "agreement": {
            "number": "SH-2026-0071",
            "starts_on": (today + timedelta(days=10)).isoformat(),
            "ends_on": (today + timedelta(days=375)).isoformat(),
            "bank_signatory": "周伯言",
            "merchant_signatory": "陈立群",
            "document": max_.sends_paper(),
            "data_clause": True,
            "settlement_clause": True,
        },
    }
    assert ann.phone.post(f"{at}/advance/", won).status_code == 403
    assert max_.does(f"{at}/advance/", won)["stage"] == "won"
    assert max_.phone.post(f"{at}/advance/", won).status_code == 409

    # What it leaves: the partnership, its agreement, the campaign's draft, the whole story.
    (partnership,) = max_.reads(f"partnerships/?merchant={merchant}")["results"]
    assert partnership["stage"] == "onboarding"
    (agreement,) = max_.reads(f"partnerships/{partnership['id']}/agreements/")["results"]
    assert agreement["number"] == "SH-2026-0071"
    assert Partnership.objects.count() == 1
    campaign = Campaign.objects.get()
    assert (campaign.origin_id, campaign.stage) == (lead.pk, "draft")
    assert (campaign.budget_fen, list(campaign.merchants.all())) == (2_000_000, [lead.merchant])
    assert not Campaign.objects.running(campaign.starts_on).exists()

    # A planner takes it on: what it lacks is said, and with fund and objective it is submitted.
    pia, drafted = Colleague(cast.pia), f"campaigns/{campaign.pk}"
    approval_desk.tiers()
    submission = pia.reads(f"{drafted}/submission/")
    assert [one["code"] for one in submission["missing"]] == ["campaign_without_fund"]
    assert pia.is_refused(f"{drafted}/submit/") == "campaign_incomplete"
    assert ann.is_refused(f"{drafted}/submit/") == "not_allowed"
    fund = approval_desk.fund(cast)
    Fund.objects.update(ends_on=campaign.ends_on)
    taken_on = pia.corrects(f"{drafted}/", {"fund": str(fund.pk), "objective": "activate"})
    assert (taken_on["planner"]["full_name"], taken_on["objective"]) == ("Pia", "activate")
    assert pia.reads(f"{drafted}/submission/")["ready"]
    asked = pia.does(f"{drafted}/submit/", {"said": "商户已签约"})
    assert pia.is_refused(f"approvals/{asked['id']}/approve/", {"step": 1}) == "self_approval"
    approved = Colleague(cast.mei).does(f"approvals/{asked['id']}/approve/", {"step": 1})
    assert approved["state"] == "approved"
    assert pia.reads(f"{drafted}/")["stage"] == "approved"
    pots = pia.reads(f"{drafted}/money/")["parties"]
    assert [(one["party"], one["allocated"]) for one in pots] == [
        ("bank", "10000.00"),
        ("merchant", "6000.00"),
        ("scheme", "3000.00"),
        ("platform", "1000.00"),
    ]
    told = [
        one["kind"] for one in ann.reads(f"merchants/{merchant}/timeline/?limit=200")["results"]
    ]
    story = [
        "lead.claimed",
        "lead.evidence",
        "contact.added",
        "visit.checked_in",
        "activity.logged",
        "objection.raised",
        "objection.diagnosed",
        "objection.handled",
        "pain.opened",
        "pain.filled",
        "pain.confirmed",
        "objection.resolved",
        "objection.outcome",
        "pain.capabilities",
        "proposal.drafted",
        "proposal.submitted",
        "partnership.begun",
        "campaign.drafted",
        "lead.moved",
    ]
    assert [kind for kind in story if kind not in told] == []
    assert told.count("lead.moved") == 5
    for once in ("lead.claimed", "objection.raised", "proposal.submitted", "campaign.drafted"):
        assert told.count(once) == 1, once
