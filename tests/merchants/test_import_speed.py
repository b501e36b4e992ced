"""Ten thousand rows, a thousand of them broken: within a minute and 300 MB, seen from outside."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.utils import timezone

from crm.models import Job, JobState
from merchants.domain import import_jobs
from tests.conftest import Cast
from tests.faults.conftest import ROOT, environment
from tests.merchants import lists, twenty_mistakes

SECONDS, MEGABYTES = 60, 300
ROWS, BROKEN = 10_000, 1_000


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["list.xlsx", "list.gb.csv"])
def test_ten_thousand_rows_go_in_within_a_minute(cast: Cast, tmp_path: Path, name: str) -> None:
    lists.codes()
    job = lists.brought(cast, twenty_mistakes.file(name, ROWS, BROKEN), name=name)
    import_jobs.run(job.pk, by=cast.max, at=timezone.now())
    program = (
        "import django, resource; django.setup();"
        "from django.utils import timezone; from crm.domain import jobs;"
        "jobs.run_due(at=timezone.now());"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(0, **own),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = int(done.stdout.splitlines()[-1]) / 1024
    sys.stdout.write(
        f"{name}: {ROWS} rows in {seconds:.1f} s "
        f"({after.ru_utime - before.ru_utime:.1f} s of our processor), {megabytes:.0f} MB\n"
    )
    finished = Job.objects.get(pk=job.pk)
    assert finished.state == JobState.DONE, finished.failure
    assert lists.counts(finished) == (ROWS - BROKEN, 0, 0, BROKEN)
    assert lists.refusals(finished) == twenty_mistakes.expected(ROWS, BROKEN)
    assert seconds <= SECONDS
    assert megabytes <= MEGABYTES
