"""The steps that a partnership takes by itself, and the reminders that its agreement runs out."""

from datetime import date, datetime, timedelta

import pytest

from crm.domain import reminders, ticking
from crm.errors import NotAllowed
from crm.models import Delivery, Reminder, ReminderState
from merchants.domain import agreements, partnership_edges, registration, wavering
from merchants.models import Partnership, PartnershipStep, StepReason
from tests import factories
from tests.conftest import Cast
from tests.merchants.partnership_desk import DAY, Desk

pytestmark = pytest.mark.django_db


def steps() -> list[tuple[str, str, str, object]]:
    rows = PartnershipStep.objects.order_by("at", "pk")
    return [(one.from_stage, one.to_stage, one.reason, one.actor_id) for one in rows]


@pytest.mark.parametrize(("days", "moves"), [(61, False), (60, True), (0, True), (-5, True)])
def test_an_active_partnership_goes_into_renewal_sixty_days_before_expiry(
    days: int, moves: bool, cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at, "active", expires_on=date(2026, 11, 18) + days * DAY)
    for _ in range(2):
        partnership_edges.take_due_steps(at=desk.at)
    assert steps() == ([("active", "renewal", "", None)] if moves else [])


def test_a_wavering_one_does_so_with_a_rescue_plan_only(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "wavering", expires_on=date(2026, 12, 1))
    assert partnership_edges.take_due_steps(at=desk.at) == 0
    desk.file("rescue_plan")
    assert partnership_edges.take_due_steps(at=desk.at) == 1
    assert desk.stage == "renewal"


@pytest.mark.parametrize("stage", ["onboarding", "pilot", "renewal", "suspended", "churned"])
def test_no_other_stage_goes_into_renewal_by_itself(stage: str, cast: Cast, at: datetime) -> None:
    Desk(cast, at, stage, expires_on=date(2026, 12, 1))
    assert partnership_edges.take_due_steps(at=at) == 0


CAUSES = {
    "no sale for 30 days": ("sales_stopped", {"days": 30}, "no_sales"),
    "a complaint": ("complaint", {}, "complaint"),
    "the merchant cuts its share": ("share_cut", {}, "share_cut"),
    "the merchant closes": ("closure", {}, "closing"),
    "a long dispute": ("dispute_opened", {"happened_on": date(2026, 10, 27)}, "dispute"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_on_file_lets_an_active_partnership_waver_once(
    cause: str, cast: Cast, at: datetime
) -> None:
    kind, figures, reason = CAUSES[cause]
    desk = Desk(cast, at, "active")
    desk.file(kind, **figures)
    assert [partnership_edges.take_due_steps(at=desk.at) for _ in range(3)] == [1, 0, 0]
    assert steps() == [("active", "wavering", reason, None)]


def test_two_causes_are_one_step(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active")
    desk.file("complaint")
    desk.file("share_cut")
    assert partnership_edges.take_due_steps(at=desk.at) == 1
    assert len(steps()) == 1


def test_a_settled_dispute_lets_nobody_waver(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active")
    desk.file("dispute_opened", happened_on=date(2026, 9, 1))
    desk.file("dispute_settled")
    assert partnership_edges.take_due_steps(at=desk.at) == 0


@pytest.mark.parametrize(
    ("health", "computed", "moves"),
    [
        ("59.99", date(2026, 11, 18), True),
        ("60.00", date(2026, 11, 18), False),
        ("10.00", date(2026, 11, 10), False),
        (None, None, False),
    ],
)
def test_a_fresh_score_below_sixty_lets_it_waver(
    health: str | None, computed: date | None, moves: bool, cast: Cast, at: datetime
) -> None:
    Desk(cast, at, "active", health=health, health_computed_on=computed)
    assert partnership_edges.take_due_steps(at=at) == int(moves)


def test_a_cause_that_was_closed_does_not_let_it_waver_again(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active")
    desk.file("complaint")
    partnership_edges.take_due_steps(at=desk.later(minutes=1).at)
    desk.file("cause_closed")
    desk.file("health_record", health="75", days=14)
    desk.step("active", cast.mei)
    assert partnership_edges.take_due_steps(at=desk.later(days=1).at) == 0


def test_another_room_adds_a_rule(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wavering, "WAVERING_RULES", [])
    wavering.wavering_rule(StepReason.NO_SALES)(lambda rows, at: rows.filter(maturity=3))
    Desk(cast, at, "active")
    quiet = Desk(cast, at, "active", maturity=3)
    assert partnership_edges.take_due_steps(at=at) == 1
    assert quiet.stage == "wavering"


def test_one_that_fails_holds_up_no_other(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = (
        Desk(cast, at, "active", expires_on=date(2026, 12, 1)),
        Desk(cast, at, "active", expires_on=date(2026, 12, 2)),
    )
    advance = partnership_edges.partnerships.advance

    def fails(pk: object, **given: object) -> object:
        if pk == broken.pk:
            raise ZeroDivisionError
        return advance(pk, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(partnership_edges.partnerships, "advance", fails)
    assert partnership_edges.take_due_steps(at=at) == 1
    assert (broken.stage, sound.stage) == ("active", "renewal")


def test_the_tick_looks_after_it_in_batches(cast: Cast, at: datetime) -> None:
    for _ in range(3):
        Desk(cast, at, "active", expires_on=date(2026, 12, 1))
    assert partnership_edges.take_due_steps(at=at, batch=2) == 2
    ticking.tick(at=at)
    assert not Partnership.objects.filter(stage="active").exists()


def test_nobody_takes_the_step_into_renewal_by_hand(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active", expires_on=date(2026, 12, 1))
    with pytest.raises(NotAllowed):
        desk.step("renewal", cast.mei)


# --- reminders -----------------------------------------------------------------------------

STARTS, ENDS = date(2026, 3, 1), date(2027, 2, 28)


def planned() -> dict[str, tuple[str, date]]:
    """Days before → who is reminded, and on which day."""
    rows = Reminder.objects.filter(state=ReminderState.PLANNED, kind="agreement_expires")
    return {
        one.key.rsplit(":", 1)[1]: (one.recipient.email.split("@")[0], one.due_at.date())
        for one in rows.select_related("recipient")
    }


def test_the_owner_is_reminded_ninety_thirty_and_seven_days_before(
    cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at)
    agreement = desk.draft(STARTS, ENDS)
    assert planned() == {}
    desk.sign(agreement)
    assert planned() == {
        "90": ("ann", date(2026, 11, 30)),
        "30": ("ann", date(2027, 1, 29)),
        "7": ("ann", date(2027, 2, 21)),
    }


def test_each_goes_out_once(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at)
    desk.agree(STARTS, ENDS)
    for day in (date(2026, 11, 30), date(2027, 1, 29), date(2027, 2, 21), date(2027, 3, 1)):
        moment = datetime.combine(day, datetime.min.time(), at.tzinfo) + timedelta(hours=5)
        for _ in range(2):
            reminders.release_due(at=moment)
    subjects = list(Delivery.objects.filter(channel="inbox").values_list("subject", flat=True))
    assert len(subjects) == 3
    assert {"90 days" in one or "30 days" in one or "7 days" in one for one in subjects} == {True}
    assert not planned()


def test_without_an_owner_the_nearest_branch_manager_is_reminded(cast: Cast, at: datetime) -> None:
    factories.MembershipFactory(user=cast.nia, unit=cast.head_office, role="branch_manager")
    desk = Desk(cast, at)
    registration.hand_over(desk.merchant.pk, to=None, by=cast.mei, at=at)
    desk.agree(STARTS, ENDS)
    assert {who for who, _day in planned().values()} == {"mei"}


def test_reminders_follow_the_merchant_to_its_next_owner(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at)
    desk.agree(STARTS, ENDS)
    registration.hand_over(desk.merchant.pk, to=cast.bo, by=cast.mei, at=desk.at)
    assert {who for who, _day in planned().values()} == {"bo"}


def test_an_amendment_moves_the_reminders(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at)
    agreement = desk.agree(STARTS, ENDS)
    agreements.amend(
        agreement.pk,
        {
            "starts_on": date(2026, 12, 1),
            "ends_on": date(2027, 6, 30),
            "document_id": desk.document(cast.ann),
        },
        by=cast.ann,
        at=desk.at,
    )
    assert planned()["90"][1] == date(2026, 11, 30)
    desk.sign(agreement)
    assert {days: day for days, (_who, day) in planned().items()} == {
        "90": date(2027, 4, 1),
        "30": date(2027, 5, 31),
        "7": date(2027, 6, 23),
    }


def test_an_end_takes_the_reminders_back(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at)
    agreement = desk.agree(STARTS, ENDS)
    agreements.end(
        agreement.pk, last_day=date(2026, 12, 31), because="退出", by=cast.mei, at=desk.at
    )
    assert planned() == {}
    assert Reminder.objects.filter(state=ReminderState.CANCELLED).count() == 3


def test_moments_that_have_passed_are_not_made_up_for(cast: Cast, at: datetime) -> None:
    Desk(cast, at).agree(STARTS, date(2026, 12, 10))
    assert set(planned()) == {"7"}
