"""Approvals through the API, in the admin, in the report and in the reference data."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from campaigns import approval_report
from campaigns.domain import approvals
from campaigns.models import ApprovalRequest, ApprovalState, ApprovalTier, Delegation
from crm.domain import weekly_report
from crm.models import Role, User
from crm.sections import Period
from crm.weeks import Week
from tests import factories
from tests.api import Phone
from tests.campaigns import approval_desk as desk
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]
REQUESTS = "/admin/campaigns/approvalrequest/"


@pytest.fixture
def now() -> datetime:
    """Doors read the clock themselves."""
    return timezone.now()


# --- the API ------------------------------------------------------------------------------------


def test_the_road_through_the_api(cast: Cast) -> None:
    desk.tiers()
    campaign = desk.draft(cast, budget_fen=desk.MIDDLING_FEN)
    pia, mei, fay = Phone(cast.pia), Phone(cast.mei), Phone(cast.fay)
    assert pia.get(f"campaigns/{campaign.pk}/submission/").json() == {
        "ready": True,
        "missing": [],
        "steps": ["branch_manager", "finance"],
    }
    asked = pia.post(f"campaigns/{campaign.pk}/submit/", {"said": "旺季前上线"}).json()
    assert (asked["state"], asked["waits_for"], asked["amount"]) == (
        "waiting",
        "branch_manager",
        "600000.00",
    )
    own = pia.post(f"approvals/{asked['id']}/approve/", {"step": 1})
    assert (own.status_code, own.json()["code"]) == (409, "self_approval")
    (mine,) = mei.get("approvals/?waits_for_me=true").json()["results"]
    assert mine["id"] == asked["id"]
    assert mei.post(f"approvals/{asked['id']}/approve/", {"step": 1}).status_code == 200
    done = fay.post(f"approvals/{asked['id']}/approve/", {"step": 2, "comment": "同意"}).json()
    assert done["state"] == "approved"
    assert [(one["decided_by"]["full_name"], one["comment"]) for one in done["steps"]] == [
        ("Mei", ""),
        ("Fay", "同意"),
    ]


def test_what_is_missing_is_a_list_of_problems(cast: Cast) -> None:
    desk.tiers()
    campaign = desk.draft(cast, fund=None)
    refused = Phone(cast.pia).post(f"campaigns/{campaign.pk}/submit/")
    assert refused.status_code == 409
    assert [one["code"] for one in refused.json()["errors"]] == ["campaign_without_fund"]
    standing = Phone(cast.pia).get(f"campaigns/{campaign.pk}/submission/").json()
    assert [one["code"] for one in standing["missing"]] == ["campaign_without_fund"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("approve", {}, 400, "required"),
        ("approve", {"step": 0}, 400, "min_value"),
        ("approve", {"step": 2}, 409, "step_decided"),
        ("return", {"step": 1}, 400, "required"),
        ("return", {"step": 1, "comment": "   "}, 400, "blank"),
        ("withdraw", {"why": "…"}, 400, "unknown_field"),
    ],
)
def test_bad_decisions_are_refused(
    cast: Cast, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    request = desk.submitted(cast)
    refused = Phone(cast.mei).post(f"approvals/{request.pk}/{path}/", body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (status, code)
    request.refresh_from_db()
    assert request.is_waiting


def test_an_approval_sent_twice_counts_once(cast: Cast) -> None:
    request = desk.submitted(cast, budget_fen=desk.MIDDLING_FEN)
    mei = Phone(cast.mei)
    sent = [mei.post(f"approvals/{request.pk}/approve/", {"step": 1}, key="once") for _ in range(2)]
    assert [one.status_code for one in sent] == [200, 200]
    assert sent[0].content == sent[1].content


def test_a_stale_version_is_refused(cast: Cast) -> None:
    request = desk.submitted(cast)
    refused = Phone(cast.mei).post(f"approvals/{request.pk}/approve/", {"step": 1}, if_match='"99"')
    assert (refused.status_code, refused.json()["current"]["id"]) == (412, str(request.pk))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"steps": []}, 400, "min_length"),
        ({"steps": ["king"]}, 400, "invalid_choice"),
        ({"steps": ["rep"], "unit": "hangzhou"}, 201, ""),
        ({"steps": ["planner"], "unit": "hangzhou"}, 409, "tier_empty"),
        ({"from": "10.00", "below": "10.00"}, 409, "tier_amounts"),
        ({"from": "-1"}, 400, "money"),
        ({"from": 5}, 400, "money"),
        ({"unit": "head_office"}, 409, "tier_overlaps"),
    ],
)
def test_setting_a_tier(cast: Cast, body: dict[str, Any], status: int, code: str) -> None:
    desk.tiers()
    unit = getattr(cast, body.get("unit", "shanghai"))
    sent = {"from": "0.00", "below": "1.00", "steps": ["finance"], **body, "unit": str(unit.pk)}
    answer = Phone(cast.ada).post("approval-tiers/", sent)
    assert answer.status_code == status, answer.content
    assert not code or answer.json()["errors"][0]["code"] == code


def test_a_tier_is_changed_and_taken_out_of_use(cast: Cast) -> None:
    (tier, *_others) = desk.tiers()
    ada = Phone(cast.ada)
    changed = ada.patch(
        f"approval-tiers/{tier.pk}/", {"steps": ["finance", "branch_manager"]}, if_match='"1"'
    )
    assert changed.json()["steps"] == ["finance", "branch_manager"]
    off = ada.patch(f"approval-tiers/{tier.pk}/", {"is_active": False}, if_match='"2"')
    assert off.json()["is_active"] is False
    shown = ada.get("approval-tiers/?active=true").json()["results"]
    assert {one["from"] for one in shown} == {"500000.00", "5000000.00"}


def test_lists_ask_the_same_however_long_they_are(
    cast: Cast, same_queries: Callable[..., int]
) -> None:
    phone = Phone(cast.mei)
    desk.submitted(cast)
    same_queries(
        lambda: phone.get("approvals/?waits_for_me=true&state=waiting"),
        after=lambda: [desk.submitted(cast) for _ in range(5)],
        at_most=12,
    )


# --- the admin ----------------------------------------------------------------------------------


def test_the_inbox_leads_to_the_decision(cast: Cast, signed_in: SignedIn) -> None:
    request = desk.submitted(cast)
    client = signed_in(cast.mei)
    shown = client.get("/admin/approvals/").content.decode()
    assert f"{REQUESTS}{request.pk}/approve/" in shown
    sent = client.post(f"{REQUESTS}{request.pk}/approve/", {"step": 1, "comment": "同意"})
    assert sent.status_code == 302
    request.refresh_from_db()
    assert request.state == ApprovalState.APPROVED
    assert "Nothing waits" in client.get("/admin/approvals/").content.decode()


def test_the_planner_is_told_why_not(cast: Cast, signed_in: SignedIn) -> None:
    request = desk.submitted(cast)
    client = signed_in(cast.pia)
    page = client.get(f"{REQUESTS}{request.pk}/change/").content.decode()
    assert "others decide" in page
    assert f"{request.pk}/approve/" not in page
    refused = client.post(f"{REQUESTS}{request.pk}/approve/", {"step": 1})
    assert "does not approve it" in refused.content.decode()


def test_returning_without_a_word_is_refused_beside_the_field(
    cast: Cast, signed_in: SignedIn
) -> None:
    request = desk.submitted(cast)
    client = signed_in(cast.mei)
    assert client.post(f"{REQUESTS}{request.pk}/return/", {"step": 1}).status_code == 200
    sent = client.post(f"{REQUESTS}{request.pk}/return/", {"step": 1, "comment": "改日期"})
    assert sent.status_code == 302
    request.refresh_from_db()
    assert request.state == ApprovalState.RETURNED


def test_the_campaigns_page_shows_what_is_missing_and_then_the_button(
    cast: Cast, signed_in: SignedIn
) -> None:
    desk.tiers()
    bare, whole = desk.draft(cast, fund=None), desk.draft(cast)
    client = signed_in(cast.pia)
    page = client.get(f"/admin/campaigns/campaign/{bare.pk}/change/").content.decode()
    assert "Choose the fund that pays the bank&#x27;s part." in page
    page = client.get(f"/admin/campaigns/campaign/{whole.pk}/change/").content.decode()
    assert "Everything is there to submit it." in page
    assert f"{REQUESTS}for/{whole.pk}/" in page
    sent = client.post(f"{REQUESTS}for/{whole.pk}/", {"said": "旺季前上线"})
    assert sent.status_code == 302
    (request,) = ApprovalRequest.objects.all()
    page = client.get(f"/admin/campaigns/campaign/{whole.pk}/change/").content.decode()
    assert f"{REQUESTS}{request.pk}/withdraw/" in page
    assert client.post(f"{REQUESTS}{request.pk}/withdraw/", {"because": ""}).status_code == 302
    request.refresh_from_db()
    assert request.state == ApprovalState.WITHDRAWN


def test_new_terms_are_submitted_from_the_campaigns_page(cast: Cast, signed_in: SignedIn) -> None:
    campaign = desk.approved(cast).campaign
    version = desk.proposed(cast, campaign.pk, budget_fen=9_000_000)
    client = signed_in(cast.pia)
    page = client.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    address = f"{REQUESTS}for-version/{version.pk}/"
    assert address in page
    assert client.get(address).status_code == 200
    assert client.post(address, {"said": ""}).status_code == 302
    assert ApprovalRequest.objects.waiting().count() == 1


def test_delegating_in_the_admin_and_taking_it_back(cast: Cast, signed_in: SignedIn) -> None:
    desk.tiers()
    client = signed_in(cast.mei)
    today = timezone.localdate().isoformat()
    given = {"to": str(cast.fay.pk), "first_day": today, "last_day": today, "because": "休假"}
    form = client.get("/admin/campaigns/delegation/new/")
    assert form.status_code == 200
    given["row_id"] = str(form.context["form"]["row_id"].value())
    assert client.post("/admin/campaigns/delegation/new/", given).status_code == 302
    delegation = Delegation.objects.get()
    assert "Fay decides for you" in client.get("/admin/approvals/").content.decode()
    for address in ("", f"{delegation.pk}/change/"):
        assert client.get(f"/admin/campaigns/delegation/{address}").status_code == 200
    assert client.post(f"/admin/campaigns/delegation/{delegation.pk}/end/").status_code == 302
    delegation.refresh_from_db()
    assert delegation.ended_at is not None


def test_tiers_are_set_in_the_admin(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.ada)
    typed = {
        "unit": str(cast.shanghai.pk),
        "from_yuan": "0",
        "below_yuan": "10000",
        "step_1": "branch_manager",
        "step_2": "",
        "step_3": "finance",
        "step_4": "",
        "step_5": "",
    }
    tiers = "/admin/campaigns/approvaltier/"
    assert client.get(f"{tiers}add/").status_code == 200
    assert client.post(f"{tiers}add/", typed).status_code == 302
    tier = ApprovalTier.objects.get()
    assert (tier.up_to_fen, tier.steps) == (1_000_000, ["branch_manager", "finance"])
    page = client.get(f"{tiers}{tier.pk}/change/").content.decode()
    assert 'value="10000.00"' in page
    refused = client.post(
        f"{tiers}add/",
        {
            **typed,
            "step_1": "planner",
            "from_yuan": "10000",
            "unit": str(cast.hangzhou.pk),
            "below_yuan": "",
        },
    )
    assert "Nobody holds the role" in refused.content.decode()
    changed = client.post(
        f"{tiers}{tier.pk}/change/",
        {**typed, "step_3": "", "is_active": "on", "read_version": tier.version},
    )
    assert changed.status_code == 302
    tier.refresh_from_db()
    assert (tier.steps, tier.is_active) == (["branch_manager"], True)
    assert client.get(tiers).status_code == 200


@pytest.mark.parametrize("page", ["/admin/approvals/", REQUESTS])
def test_pages_ask_the_same_however_much_waits(
    cast: Cast, signed_in: SignedIn, same_queries: Callable[..., int], page: str
) -> None:
    desk.submitted(cast)
    client = signed_in(cast.mei)
    same_queries(
        lambda: client.get(page),
        after=lambda: [desk.submitted(cast) for _ in range(4)],
        at_most=30,
    )


def test_who_has_no_role_finds_nothing_there(cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.nia).get("/admin/approvals/").status_code == 403


# --- report, reference data ---------------------------------------------------------------------

PERIOD = Period.of(
    Week.parse("2026-W47"), ZoneInfo("Asia/Shanghai"), at=datetime(2026, 11, 25, tzinfo=UTC)
)


def test_the_report_lists_what_waited_when_the_period_ended(cast: Cast, at: datetime) -> None:
    desk.submitted(cast, name="since Wednesday")
    desk.submitted(cast, name="asked since", at=PERIOD.end)
    settled = desk.submitted(cast, name="decided in time")
    approvals.approve(settled.pk, step=1, by=cast.mei, at=at)
    late = desk.submitted(cast, name="decided later")
    approvals.approve(late.pk, step=1, by=cast.mei, at=PERIOD.end + timedelta(hours=1))
    table = approval_report.approvals_waiting(weekly_report.audience(cast.mei), PERIOD)
    assert [(row["name"], row["days"]) for row in table.rows] == [
        ("since Wednesday", 2),
        ("decided later", 2),
    ]
    assert {one.key: one.value for one in table.figures} == {
        "waiting": 2,
        "late": 2,
        "amount": 2 * desk.SMALL_FEN,
    }


def test_another_branch_reads_nothing_of_it(cast: Cast) -> None:
    desk.submitted(cast)
    other = desk.colleague(cast, "han", Role.BRANCH_MANAGER, cast.hangzhou)
    table = approval_report.approvals_waiting(weekly_report.audience(other), PERIOD)
    assert (table.rows, table.figures) == ([], ())


def test_reference_data_bring_the_start_tiers_and_warn_of_empty_ones(cast: Cast) -> None:
    factories.MembershipFactory._meta.model.objects.filter(role=Role.COMPLIANCE).delete()
    said = StringIO()
    call_command("load_reference_data", stdout=said, stderr=said)
    assert ApprovalTier.objects.count() == 3
    assert said.getvalue().count("names a role that nobody holds") == 1
