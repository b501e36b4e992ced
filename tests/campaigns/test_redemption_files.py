"""Files of redemptions: tried out, taken in, brought twice; none of their rows is ever lost."""

import hashlib
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db.models import Sum

from campaigns.domain import intake_files
from campaigns.models import (
    Discrepancy,
    LedgerEntry,
    Redemption,
    RedemptionEvent,
    RedemptionIntake,
)
from crm.domain import files, jobs
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import Job, Reminder, StoredFile
from tests.campaigns.redemption_desk import MID, SOURCE, Shop, running, spent
from tests.conftest import Cast
from tests.factories import AT

pytestmark = pytest.mark.django_db

HEADER = "交易参考号,事件,商户号,交易时间,交易金额,优惠金额,卡标识"
ROWS, FAULTS = 5_000, 200
BROKEN = (
    ("", "cleared", MID, "2026-11-17 12:00:00", "100.00", "20.00", "c"),
    ("F{0}", "cleared", "000000000000000", "2026-11-17 12:00:00", "100.00", "20.00", "c"),
    ("F{0}", "cleared", MID, "2026-10-17 12:00:00", "100.00", "20.00", "c"),
    ("F{0}", "cleared", MID, "2026-11-17 12:00:00", "50.00", "20.00", "c"),
    ("F{0}", "cleared", MID, "2026-11-17 12:00:00", "100.00", "30.00", "c"),
    ("F{0}", "cleared", MID, "2026-11-17 12:00:00", "百元", "20.00", "c"),
    ("F{0}", "refunded", MID, "2026-11-17 12:00:00", "10.00", "", "c"),
    ("F{0}", "cleared", MID, "2026-11-17 12:00:00", "100.00", "20.00", "6222021234567890"),
    ("T{0}", "cleared", MID, "2026-11-17 13:00:00", "300.00", "20.00", "c"),
    ("F{0}", "paid", MID, "2026-11-17 12:00:00", "100.00", "20.00", "c"),
)
"""One fault of each kind; the number makes every row another one."""
CODES = {
    "row_unreadable": 60, "mid_unknown": 20, "window": 20, "threshold": 20, "discount_differs": 20,
    "original_missing": 20, "card_number": 20, "duplicate": 20,
}  # fmt: skip


@pytest.fixture
def shop(cast: Cast) -> Shop:
    return running(cast, budget_fen=20_000_000)


def written(*rows: tuple[str, ...], header: str = HEADER) -> bytes:
    return "\n".join([header, *(",".join(row) for row in rows)]).encode()


def good(number: int) -> tuple[str, ...]:
    when = f"2026-11-{number % 17 + 1:02d} {number % 24:02d}:00:00"
    return (f"T{number}", "cleared", MID, when, "100.00", "20.00", f"card{number}")


def many() -> bytes:
    """5,000 rows, every 25th of them with a fault: 20 of each of ten kinds."""
    rows = []
    for number in range(ROWS):
        fault = number // (ROWS // FAULTS) if number % (ROWS // FAULTS) == 24 else None
        if fault is None:
            rows.append(good(number))
        else:
            cells = BROKEN[fault % len(BROKEN)]
            # A double of a row that came before, told apart by its number.
            told = number - 1 if cells[0].startswith("T") else number
            cells = (cells[0].format(told), *cells[1:])
            rows.append((*cells[:-1], cells[-1] if len(cells[-1]) > 1 else f"x{number}"))
    return written(*rows)


def brought(
    cast: Cast, content: bytes, *, name: str = "11月核销.csv", at: datetime = AT
) -> RedemptionIntake:
    kept = files.keep(name, content, kinds=files.LISTS, by=cast.fay, at=at)
    return intake_files.open_file(
        uuid7(), kept.pk, source=SOURCE, unit_id=cast.shanghai.pk, by=cast.fay, at=at
    )


def worked(opened: RedemptionIntake) -> RedemptionIntake:
    jobs.run_due(at=AT)
    return RedemptionIntake.objects.select_related("job").get(pk=opened.pk)


def taken_in(cast: Cast, content: bytes, **more: str) -> RedemptionIntake:
    opened = brought(cast, content, **more)  # type: ignore[arg-type]
    intake_files.run(opened.pk, by=cast.fay, at=AT)
    return worked(opened)


def everything() -> tuple[int, ...]:
    return (
        Redemption.objects.count(),
        RedemptionEvent.objects.count(),
        Discrepancy.objects.count(),
        LedgerEntry.objects.count(),
        Redemption.objects.aggregate(n=Sum("version"))["n"] or 0,
    )


def test_of_five_thousand_rows_with_two_hundred_faults_none_is_lost_and_again_none_changes(
    cast: Cast, shop: Shop
) -> None:
    content = many()
    done = taken_in(cast, content)
    assert done.job is not None
    assert (done.job.state, done.job.failure) == ("done", "")
    assert (done.rows, done.landed, done.repeated, done.queued) == (ROWS, 4_800, 0, FAULTS)
    assert Redemption.objects.count() == RedemptionEvent.objects.count() == 4_800
    found = Counter(Discrepancy.objects.values_list("code", flat=True))
    assert found == CODES
    assert sum(spent(shop).values()) == 4_800 * 2_000
    assert Reminder.objects.filter(recipient=cast.fay, kind="redemptions_taken_in").exists()
    before = everything()

    with pytest.raises(DomainError) as refusal:
        brought(cast, content, name="又一次.csv")
    assert refusal.value.code == "intake_known"
    assert refusal.value.facts["intake"] == str(done.pk)
    again = taken_in(cast, content + b"\n")
    assert (again.landed, again.repeated, again.queued) == (0, 4_800, FAULTS)
    assert everything() == before, "not even in a file that differs by an empty line"


def test_a_file_with_card_numbers_is_not_kept(cast: Cast, shop: Shop) -> None:
    number = "6222021234567890"
    done = taken_in(cast, written(good(1), (*good(2)[:-1], number)))
    assert (done.landed, done.queued) == (1, 1)
    assert done.job is not None
    assert bytes(StoredFile.objects.get(pk=done.job.source_id).content) == b""
    waiting = Discrepancy.objects.get()
    assert waiting.row_digest != hashlib.sha256(number.encode()).hexdigest()
    assert number not in str(waiting.row)


def test_a_dry_run_says_what_would_become_of_it_and_writes_nothing(cast: Cast, shop: Shop) -> None:
    opened = brought(cast, written(good(1), good(2), (*good(3)[:4], "50.00", "", "c")))
    before = everything()
    intake_files.try_out(opened.pk, by=cast.fay, at=AT)
    job = worked(opened).job
    assert job is not None
    assert (job.state, job.added, job.unchanged, job.refused) == ("checked", 2, 0, 1)
    assert job.parameters["reasons"] == {"threshold": 1}
    assert job.parameters["faults"][0][:3] == [4, "T3", "threshold"]
    assert everything() == before
    assert sum(spent(shop).values()) == 0
    intake_files.run(opened.pk, by=cast.fay, at=AT)
    assert worked(opened).landed == 2


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (HEADER.replace("商户号", "店"), "columns_missing"),
        (HEADER.replace("优惠金额", "金额"), "column_twice"),
    ],
)
def test_a_file_with_wrong_columns_is_refused_whole(
    cast: Cast, shop: Shop, header: str, code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        brought(cast, written(good(1), header=header))
    assert refusal.value.code == code
    assert not RedemptionIntake.objects.exists()
    assert not Job.objects.exists()


def test_a_file_that_breaks_off_is_refused_before_its_first_row(cast: Cast, shop: Shop) -> None:
    opened = brought(cast, written(*map(good, range(9))) + b'\n"T9,cleared')
    intake_files.run(opened.pk, by=cast.fay, at=AT)
    done = worked(opened)
    assert done.job is not None
    assert (done.job.state, done.job.failure_code) == ("failed", "csv_broken")
    assert everything() == (0, 0, 0, everything()[3], 0)


def test_a_file_that_was_cancelled_may_be_brought_again(cast: Cast, shop: Shop) -> None:
    content = written(good(1))
    opened = brought(cast, content)
    intake_files.cancel(opened.pk, by=cast.fay, at=AT)
    assert taken_in(cast, content).landed == 1


def test_batches_go_on_where_the_last_one_ended(
    cast: Cast, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.domain.intake_files.BATCH", 3)
    rows = [good(number) for number in range(10)]
    refund = ("T1", "refunded", MID, "2026-11-17 23:00:00", "10.00", "", "")
    opened = brought(cast, written(*rows, refund))
    intake_files.run(opened.pk, by=cast.fay, at=AT)
    job = jobs.claim()
    assert job is not None
    stop = iter([False, True])
    jobs.work(job, at=AT, enough=lambda: next(stop))
    assert Redemption.objects.count() == 6
    done = worked(opened)
    assert (done.landed, Redemption.objects.count()) == (11, 10)
    assert sum(spent(shop).values()) == 10 * 2_000 - 1_000


def test_who_lost_the_right_meanwhile_takes_nothing_in(cast: Cast, shop: Shop) -> None:
    opened = brought(cast, written(good(1)))
    intake_files.run(opened.pk, by=cast.fay, at=AT + timedelta(seconds=1))
    cast.fay.memberships.all().delete()
    done = worked(opened)
    assert done.job is not None
    assert (done.job.state, done.landed) == ("paused", 0)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(
            [("T1", "refunded", "13:00"), ("T2", "cleared", "12:00"), ("T1", "cleared", "12:00")],
            id="a refund long before its purchase",
        ),
        pytest.param(
            [("T1", "cleared", "12:00"), ("T1", "refunded", "13:00"), ("T2", "cleared", "14:00")],
            id="money that came back in time for the next batch",
        ),
        pytest.param(
            [
                ("T1", "authorised", "12:00"),
                ("T1", "reversed", "13:00"),
                ("T2", "cleared", "14:00"),
            ],
            id="a use that was undone",
        ),
        pytest.param(
            [("T1", "cleared", "12:00"), ("T2", "cleared", "14:00"), ("T1", "refunded", "15:00")],
            id="money that came back too late",
        ),
    ],
)
def test_a_dry_run_says_what_the_run_then_does(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, events: list[tuple[str, str, str]]
) -> None:
    """With batches of two rows, and money for one discount."""
    monkeypatch.setattr(intake_files, "BATCH", 2)
    running(cast, budget_fen=2_000)
    content = written(
        *(
            (ref, kind, MID, f"2026-11-17 {hour}:00", "100.00", "", ref)
            for ref, kind, hour in events
        )
    )
    opened = brought(cast, content)
    intake_files.try_out(opened.pk, by=cast.fay, at=AT)
    tried = worked(opened).job
    assert tried is not None
    told = (tried.added, tried.unchanged, tried.refused, tried.parameters["reasons"])
    intake_files.run(opened.pk, by=cast.fay, at=AT)
    done = worked(opened)
    found = Counter(Discrepancy.objects.values_list("code", flat=True))
    assert (done.landed, done.repeated, done.queued, dict(found)) == told
