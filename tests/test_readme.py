"""The README keeps its word."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from campaigns.models import (
    ApprovalState,
    Campaign,
    CampaignStage,
    Claim,
    Discrepancy,
    Redemption,
    RedemptionState,
    Statement,
    StatementState,
)
from crm.models import (
    AccessRecord,
    CalendarFeed,
    Channel,
    Job,
    JobState,
    Notification,
    PersonalChannel,
    WebhookEndpoint,
)
from leads.models import FollowUp, Lead, Objection, Pain, PainStatus, Visit, VisitState
from tests import factories
from tests.campaigns import approval_desk, campaign_desk
from tests.conftest import Cast
from tests.leads.pool_desk import pooled

README = Path(__file__).resolve().parent.parent / "README.md"


needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="there is no curl on this machine"
)


def _lines_of(section: str) -> str:
    found = re.search(rf"## {section}\n.*?```bash\n(.*?)```", README.read_text(), re.DOTALL)
    assert found
    return found[1]


def _beginning() -> str:
    """What all sections share: where it is, how one asks."""
    return _lines_of("A phone's day").split("TOKEN=", 1)[0]


def _run(lines: str, live_server: LiveServer) -> "subprocess.CompletedProcess[str]":
    port = urlsplit(live_server.url).port
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PORT": str(port), "PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8"},
    )


@needs_curl
@pytest.mark.django_db(transaction=True)
def test_the_lines_of_a_phones_day_work_as_they_stand(cast: Cast, live_server: LiveServer) -> None:
    cast.ann.email = "rep@demo.test"
    cast.ann.set_password("demo-2026")
    cast.ann.save()
    factories.CategoryFactory()
    factories.DivisionFactory()
    hers = factories.MerchantFactory(owner=cast.ann, unit=cast.xuhui)
    factories.PartnershipFactory(merchant=hers)
    in_the_pool = pooled(cast)
    done = _run(_lines_of("A phone's day"), live_server)
    assert done.returncode == 0, done.stdout + done.stderr
    in_the_pool.refresh_from_db()
    assert in_the_pool.owner == cast.ann
    lead = Lead.objects.get(merchant__name__startswith="小辣椒火锅")
    assert lead.stage == "qualified"
    assert '"code":"stage_not_reachable"' in done.stdout
    assert FollowUp.objects.get().lead == lead
    assert Visit.objects.get().state == VisitState.CHECKED_OUT
    assert Pain.objects.get().status == PainStatus.ADMITTED
    assert Objection.objects.get().lead == lead
    assert '"suggestions"' in done.stdout
    assert "工作日晚餐满100减20</" in done.stdout
    assert '"code":"stale"' in done.stdout
    assert "小辣椒火锅" in done.stdout
    assert "13812345678" in done.stdout
    assert AccessRecord.objects.get().user == cast.ann
    assert '"guards"' in done.stdout
    assert Job.objects.get().state == JobState.WAITING


@needs_curl
@pytest.mark.django_db(transaction=True)
def test_the_lines_of_a_campaigns_money_work_as_they_stand(
    cast: Cast, live_server: LiveServer
) -> None:
    for login, person in (("planner", cast.pia), ("manager", cast.mei), ("finance", cast.fay)):
        person.email = f"{login}@demo.test"
        person.set_password("demo-2026")
        person.save()
    approval_desk.tiers()
    now = timezone.now()
    first_day = timezone.localdate(now) - timedelta(days=10)
    running = campaign_desk.active(
        cast,
        at=now - timedelta(days=10),
        fund_id=campaign_desk.fund(
            cast,
            at=now,
            starts_on=first_day.replace(month=1, day=1),
            ends_on=first_day.replace(year=first_day.year + 1, month=12, day=31),
        ).pk,
        starts_on=first_day,
        ends_on=first_day + timedelta(days=60),
    )
    done = _run(_beginning() + _lines_of("A campaign's money"), live_server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("urn:crm:problem:self_approval") == 2
    assert '"customer_pays":"68.00"' in done.stdout
    planned = Campaign.objects.exclude(pk=running.pk).get()
    assert planned.stage == CampaignStage.SCHEDULED
    assert planned.approval_requests.get().state == ApprovalState.APPROVED
    assert sorted(Redemption.objects.values_list("state", flat=True)) == [
        RedemptionState.REDEEMED,
        RedemptionState.REVERSED,
    ]
    assert Discrepancy.objects.get().code == "customer_day"
    statement = Statement.objects.get()
    assert (statement.state, statement.payable_fen) == (StatementState.APPROVED, 1_440)
    assert Claim.objects.get().campaign == running
    assert '"rolling_issuance":120' in done.stdout


@needs_curl
@pytest.mark.django_db(transaction=True)
def test_the_lines_of_notifications_work_as_they_stand(
    cast: Cast, live_server: LiveServer, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    for login, person in (("rep", cast.ann), ("admin", cast.ada)):
        person.email = f"{login}@demo.test"
        person.set_password("demo-2026")
        person.save()
    promised = factories.FollowUpFactory(owner=cast.ann, due_at=timezone.now() + timedelta(days=1))
    unread = Notification.objects.create(
        delivery=factories.DeliveryFactory(recipient=cast.ann, channel=Channel.INBOX),
        recipient=cast.ann,
        kind="follow_up_due",
        title="跟进：送方案",
        body="您约了今天跟进。",
    )
    who_asks = _lines_of("A campaign's money").split("# Planned", 1)[0]
    done = _run(_beginning() + who_asks + _lines_of("Notifications"), live_server)
    assert done.returncode == 0, done.stdout + done.stderr
    unread.refresh_from_db()
    assert unread.read_at
    assert not PersonalChannel.objects.exists(), "chosen, and taken back"
    assert f"follow-up-{promised.pk}@" in done.stdout
    assert not CalendarFeed.objects.exists()
    webhook = WebhookEndpoint.objects.get()
    assert webhook.kinds == ["lead.moved"]
    assert webhook.disabled_because == "试用结束"
    assert webhook.deliveries.get().kind == "webhook.ping"


def test_every_variable_that_settings_read_is_in_the_table() -> None:
    config = README.parent / "config"
    read = set(
        re.findall(
            r"env\.(?:text|number|names)\(\s*\"([A-Z_]+)\"", (config / "settings.py").read_text()
        )
    )
    own_machine = {"PORT", "CRM_MAILBOX"}
    assert len(read) > 20
    assert {name for name in read - own_machine if f"`{name}`" not in README.read_text()} == set()
