"""The README keeps its word."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from crm.models import AccessRecord, Job, JobState
from leads.models import FollowUp, Lead, Objection, Pain, PainStatus, Visit, VisitState
from tests import factories
from tests.conftest import Cast
from tests.leads.pool_desk import pooled

README = Path(__file__).resolve().parent.parent / "README.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
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
    found = re.search(r"## A phone's day\n.*?```bash\n(.*?)```", README.read_text(), re.DOTALL)
    assert found
    port = urlsplit(live_server.url).port
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", found[1]],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PORT": str(port), "PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8"},
    )
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
