"""A phone's day, end to end through the API."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Reminder
from leads.models import Lead
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk

pytestmark = pytest.mark.django_db


def sign_in(client: Client, login: str) -> dict[str, str]:
    answer = client.post(
        "/api/v1/devices/",
        {"login": login, "password": "secret-2026", "name": "Phone", "platform": "android"},
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    return {"Authorization": f"Token {answer.json()['token']}"}


def test_a_phones_day(client: Client, cast: Cast) -> None:
    factories.CategoryFactory()
    factories.DivisionFactory()
    ann = sign_in(client, "ann@bank.test")
    merchant = client.post(
        "/api/v1/merchants/",
        {"name": "海底捞火锅(徐家汇店)", "mcc": "5812", "division": "310104"},
        content_type="application/json",
        headers=ann,
    )
    assert merchant.status_code == 201, merchant.content
    assert merchant.json()["initials"].startswith("hdlhg")
    lead = client.post(
        "/api/v1/leads/",
        {"merchant": merchant.json()["id"], "source": "field", "expected_value": "48000.00"},
        content_type="application/json",
        headers={**ann, "Idempotency-Key": "one"},
    )
    assert lead.status_code == 201, lead.content
    again = client.post(
        "/api/v1/leads/",
        {"merchant": merchant.json()["id"], "source": "field", "expected_value": "48000.00"},
        content_type="application/json",
        headers={**ann, "Idempotency-Key": "one"},
    )
    assert again.status_code == 201
    assert again.json() == lead.json()
    lead_id = lead.json()["id"]
    assert lead.json()["expected_value"] == "48000.00"
    opened = Lead.objects.get(pk=lead_id)
    LeadDesk.of(cast, opened, timezone.now() - timedelta(hours=1)).ready("qualified")
    moved = client.post(
        f"/api/v1/leads/{lead_id}/advance/",
        {"to": "qualified"},
        content_type="application/json",
        headers=ann,
    )
    assert moved.status_code == 200, moved.content
    assert moved.json()["stage"] == "qualified"
    refused = client.post(
        f"/api/v1/leads/{lead_id}/advance/",
        {"to": "won"},
        content_type="application/json",
        headers=ann,
    )
    assert refused.status_code == 409
    assert refused.json()["code"] == "stage_not_reachable"
    follow_up = client.post(
        "/api/v1/follow-ups/",
        {
            "merchant": merchant.json()["id"],
            "lead": lead_id,
            "title": "送方案",
            "due_at": (timezone.now() + timedelta(minutes=2)).isoformat(),
        },
        content_type="application/json",
        headers=ann,
    )
    assert follow_up.status_code == 201, follow_up.content
    due = Reminder.objects.get(kind="follow_up_due")
    assert due.key == f"follow-up:{follow_up.json()['id']}:due"
    for address in (
        "/api/v1/leads/?limit=50&stage=qualified&owner=me&q=海底&ordering=-created_at",
        "/api/v1/leads/?q=hdl",
        f"/api/v1/leads/{lead_id}/?expand=timeline",
        f"/api/v1/leads/{lead_id}/timeline/",
        f"/api/v1/leads/{lead_id}/ways/",
        "/api/v1/leads/stats/",
        "/api/v1/today/",
        "/api/v1/me/",
        "/api/v1/meta/",
        "/api/v1/units/",
        "/api/v1/users/",
        "/api/v1/notifications/",
        "/api/v1/activities/",
        "/api/v1/follow-ups/",
        "/api/v1/devices/",
        "/api/v1/reports/pipeline/?week=2026-W47",
        "/api/v1/reports/pipeline/",
        "/api/v1/schema/",
    ):
        answer = client.get(address, headers=ann)
        assert answer.status_code == 200, (address, answer.content)
    found = client.get("/api/v1/leads/?q=海底", headers=ann).json()
    assert [one["id"] for one in found["results"]] == [lead_id]
