"""Two people at the same pain: the lead is locked first, then the pain, and nobody deadlocks."""

from datetime import datetime

import pytest
from django.db import transaction

from leads.domain import cells, entry_points, interviews
from leads.domain.interviews import Wanted
from leads.models import LeadEvidence
from tests.conftest import Cast
from tests.leads.interview_desk import COST, Interview, interview
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(cast: Cast, at: datetime) -> Interview:
    return interview(cast, at)


def test_two_who_fill_cells_wait_for_one_another_and_both_count(desk: Interview) -> None:
    cast, at, pk = desk.cast, desk.at, desk.pain.pk
    with transaction.atomic():
        desk.fill("R1")
        other = Session(
            lambda: cells.fill(pk, "R2", words="翻台慢", status="complete", by=cast.max, at=at)
        )
        assert other.wait_until_blocked()
    other.end()
    desk.pain.refresh_from_db()
    assert str(desk.pain.raw_completeness) == "0.1667"
    assert desk.pain.next_cell == "R3"


def test_without_the_lock_the_second_would_overwrite_what_the_first_counted(
    desk: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.models.base.RowQuerySet.for_change", lambda rows: rows.order_by("pk"))
    cast, at, pk = desk.cast, desk.at, desk.pain.pk
    with transaction.atomic():
        desk.fill("R1")
        other = Session(
            lambda: cells.fill(pk, "R2", words="翻台慢", status="complete", by=cast.max, at=at)
        )
        assert other.wait_until_blocked(), "at the row itself, when it is too late"
    other.end()
    desk.pain.refresh_from_db()
    assert str(desk.pain.raw_completeness) == "0.1111"


def test_a_cell_and_an_entry_point_meet_in_the_same_order(desk: Interview) -> None:
    assert desk.lead is not None
    cast, at, pk, lead_id = desk.cast, desk.at, desk.pain.pk, desk.lead.pk
    interviews.name_capabilities(pk, [Wanted("客流", covered=True)], by=cast.ann, at=at)
    with transaction.atomic():
        entry_points.choose(lead_id, pk, by=cast.ann, at=at)
        other = Session(
            lambda: cells.fill(pk, "R1", words="人少了", status="complete", by=cast.max, at=at)
        )
        assert other.wait_until_blocked()
    other.end()
    desk.lead.refresh_from_db()
    assert desk.lead.entry_pain_id == pk


def test_two_who_confirm_the_last_cell_file_the_evidence_once(desk: Interview) -> None:
    cast, at, pk = desk.cast, desk.at, desk.pain.pk
    desk.confirm("R3")
    desk.fill("I2", numbers=[COST])

    def confirm() -> object:
        return cells.confirm(
            pk, "I3", words="每月 4.8 万", agreed_by_id=desk.contact.pk, agreed_at=at,
            agreed_via="call", by=cast.max, at=at,
        )  # fmt: skip

    with transaction.atomic():
        desk.confirm("I3")
        other = Session(confirm)
        assert other.wait_until_blocked()
    with pytest.raises(Exception, match="agreed already"):
        other.end()
    assert LeadEvidence.objects.filter(kind="critical_pain").count() == 1
