"""Lists hold people's data: how long they are kept, and what reading them leaves behind."""

from datetime import timedelta
from typing import Any

import pytest

from crm.domain import files, jobs, ticking
from crm.errors import NotFound
from crm.models import AccessRecord, Job, JobState, StoredFile
from merchants.domain import import_jobs
from merchants.models import ImportMode, ImportRow, Merchant
from tests import factories
from tests.conftest import Cast
from tests.merchants import lists

pytestmark = pytest.mark.django_db

LIST = """名称,联系人,电话,个人信息依据
海底捞,张三,13800138000,public
,李四,13900139000,public
""".encode()


def taken_in(cast: Cast, at: Any) -> Job:
    job = lists.brought(cast, LIST)
    import_jobs.run(job.pk, by=cast.max, at=at)
    jobs.run_due(at=at)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.added, job.refused) == (JobState.DONE, 1, 1)
    return job


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_a_list_is_let_go_of_a_month_after_its_job(
    days: int, kept: bool, cast: Cast, at: Any
) -> None:
    job = taken_in(cast, at)
    now = Job.objects.get(pk=job.pk).finished_at + timedelta(days=days)
    for _twice in range(2):
        ticking.tick(at=now)
    rows = ImportRow.objects.filter(job=job)
    assert all(bool(row.cells) is kept for row in rows)
    assert [row.outcome for row in rows.order_by("number")] == ["added", "refused"]
    source = StoredFile.objects.get(pk=job.source_id)
    assert bool(source.content) is kept
    assert (source.size, len(source.sha256)) == (len(LIST), 64), "what it was can still be proven"
    if not kept:
        with pytest.raises(NotFound) as refused:
            files.fetch(source.pk, by=cast.max, at=now)
        assert refused.value.code == "file_forgotten"


def test_reading_somebody_elses_file_is_written_down(cast: Cast, at: Any) -> None:
    own = files.keep("a.pdf", b"%PDF-1.7", kinds=(files.PDF,), by=cast.ann, at=at)
    files.fetch(own.pk, by=cast.ann, at=at)
    assert not AccessRecord.objects.exists()
    partnership = factories.PartnershipFactory(merchant__unit=cast.xuhui, merchant__owner=cast.ann)
    factories.AgreementVersionFactory(partnership=partnership, document=own)
    files.fetch(own.pk, by=cast.mei, at=at)
    record = AccessRecord.objects.get()
    assert (record.user, record.kind, record.subject_id) == (cast.mei, "downloaded", own.pk)
    with pytest.raises(NotFound):
        files.fetch(own.pk, by=cast.sam, at=at)


def test_days_and_chains_are_set_back_as_what_they_were(cast: Cast, at: Any) -> None:
    head = factories.MerchantFactory(name="总部", unit=cast.xuhui, credit_code="91310104000000000T")
    shop = factories.MerchantFactory(
        name="分店",
        unit=cast.xuhui,
        credit_code="92310104MA1TE5TX06",
        legal_form="sole_proprietor",
        licence_status="open",
        licence_checked_on=at.date() - timedelta(days=9),
        licence_source="registry",
    )
    before = Merchant.objects.filter(pk=shop.pk).values().get()
    text = (
        "名称,统一社会信用代码,执照核验日期,连锁总部信用代码\n"
        f"分店,92310104MA1TE5TX06,{at.date()},{head.credit_code}\n"
    )
    job = lists.brought(cast, text.encode(), mode=ImportMode.UPDATE)
    import_jobs.run(job.pk, by=cast.max, at=at)
    jobs.run_due(at=at)
    assert Merchant.objects.get(pk=shop.pk).parent == head
    import_jobs.revert(job.pk, by=cast.max, at=at)
    jobs.run_due(at=at)
    assert Job.objects.get(pk=job.pk).state == JobState.REVERTED
    after = Merchant.objects.filter(pk=shop.pk).values().get()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"version", "updated_at"}
