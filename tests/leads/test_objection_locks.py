"""Two people at the same objection: one wins, the other waits and is told; one history."""

from datetime import datetime

import pytest
from django.db import transaction

from crm.errors import StageNotReachable
from crm.ids import uuid7
from leads.domain import objection_settling, objections
from leads.models import Lead, Objection, PlayAttempt
from tests import factories
from tests.conftest import Cast
from tests.leads.objection_desk import agreed_cell, ann_s_lead, fresh, in_state
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(cast: Cast) -> Lead:
    return ann_s_lead(cast)


def history(objection: Objection) -> list[tuple[str, str]]:
    steps = objection.changes.order_by("id").values_list("from_state", "to_state")
    return list(steps)


BEFORE = [("", "raised"), ("raised", "diagnosed"), ("diagnosed", "handled")]


def test_two_who_settle_it_at_once_leave_one_history(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    cell = agreed_cell(lead.merchant)
    with transaction.atomic():
        objection_settling.resolve(objection.pk, cell_id=cell.pk, by=cast.ann, at=at)
        other = Session(
            lambda: objection_settling.leave_unresolved(
                objection.pk, because="…", by=cast.max, at=at
            )
        )
        assert other.wait_until_blocked()
    with pytest.raises(StageNotReachable):
        other.end()
    assert fresh(objection).state == "resolved"
    assert history(objection) == [*BEFORE, ("handled", "resolved")]


def test_who_resolves_and_who_reopens_go_one_after_the_other(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    cell = agreed_cell(lead.merchant)
    with transaction.atomic():
        objection_settling.resolve(objection.pk, cell_id=cell.pk, by=cast.ann, at=at)
        other = Session(
            lambda: objection_settling.reopen(objection.pk, because="…", by=cast.max, at=at)
        )
        assert other.wait_until_blocked()
    other.end()
    kept = fresh(objection)
    assert (kept.state, kept.resolved_cell, kept.reopened_at) == ("reopened", None, at)
    assert history(objection) == [*BEFORE, ("handled", "resolved"), ("resolved", "reopened")]


def test_two_who_reopen_it_one_is_told(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("resolved", lead, by=cast.ann, at=at)
    with transaction.atomic():
        objection_settling.reopen(objection.pk, because="一", by=cast.ann, at=at)
        other = Session(
            lambda: objection_settling.reopen(objection.pk, because="二", by=cast.max, at=at)
        )
        assert other.wait_until_blocked()
    with pytest.raises(StageNotReachable):
        other.end()
    assert history(objection)[-1] == ("resolved", "reopened")
    assert len(history(objection)) == len(BEFORE) + 2


def test_without_the_lock_both_would_settle_it(
    cast: Cast, lead: Lead, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second reads the old state and takes a step from there."""
    objection = in_state("handled", lead, by=cast.ann, at=at)
    cell = agreed_cell(lead.merchant)
    for model in (Objection, Lead):
        monkeypatch.setattr(
            type(model.objects.all()), "for_change", lambda rows: rows.order_by("pk")
        )
    with transaction.atomic():
        objection_settling.resolve(objection.pk, cell_id=cell.pk, by=cast.ann, at=at)
        other = Session(
            lambda: objection_settling.leave_unresolved(
                objection.pk, because="…", by=cast.max, at=at
            )
        )
        assert other.wait_until_blocked(), "it waits no sooner than at its own UPDATE"
    other.end()
    assert [to for _from, to in history(objection)][-2:] == ["resolved", "unresolved"]


def test_two_plays_tried_at_once_are_both_on_record(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("diagnosed", lead, by=cast.ann, at=at)
    one, two = factories.PlayFactory(), factories.PlayFactory()
    with transaction.atomic():
        objections.handle(objection.pk, attempt_id=uuid7(), play_id=one.pk, by=cast.ann, at=at)
        other = Session(
            lambda: objections.handle(
                objection.pk, attempt_id=uuid7(), play_id=two.pk, by=cast.max, at=at
            )
        )
        assert other.wait_until_blocked()
    other.end()
    assert PlayAttempt.objects.count() == 2
    assert history(objection)[-2:] == [("diagnosed", "handled"), ("handled", "handled")]
