"""On which day a lead goes back: pure arithmetic, in working days and days."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from crm.domain.working_days import WorkingDays
from leads.domain.recycling_rules import (
    Standing,
    after_a_warning,
    loss_day,
    warning_day,
)

WEDNESDAY = date(2026, 11, 18)
GOLDEN_WEEK = WorkingDays(
    special={date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
)
USUAL = WorkingDays()


@dataclass(frozen=True)
class Rule:
    quiet_working_days: int | None = None
    resting_days: int | None = None
    warning_days: int = 3
    protection_days: int = 0
    spares_partners: bool = True


def standing(
    active: date = WEDNESDAY,
    entered: date = WEDNESDAY,
    owned: date = date(2026, 1, 5),
    revisit: date | None = None,
) -> Standing:
    return Standing(active, entered, owned, revisit)


@pytest.mark.parametrize(
    ("facts", "rule", "calendar", "expected"),
    [
        # Ten full working days: the last is Wednesday 2 December; it goes on Thursday.
        (standing(), Rule(quiet_working_days=10), USUAL, date(2026, 12, 3)),
        (standing(), Rule(quiet_working_days=1), USUAL, date(2026, 11, 20)),
        # The second working day is a Friday: nobody loses a lead on a Saturday.
        (standing(), Rule(quiet_working_days=2), USUAL, date(2026, 11, 23)),
        # 28 September, and two working days before the holidays; then Thursday the 8th.
        (
            standing(active=date(2026, 9, 28)),
            Rule(quiet_working_days=2),
            GOLDEN_WEEK,
            date(2026, 10, 8),
        ),
        # Saturday the 10th is worked.
        (
            standing(active=date(2026, 9, 28)),
            Rule(quiet_working_days=4),
            GOLDEN_WEEK,
            date(2026, 10, 10),
        ),
        # Days in the stage: thirty are over on 18 December; it goes on Monday the 21st.
        (standing(), Rule(resting_days=30), USUAL, date(2026, 12, 21)),
        # Whichever is over first.
        (standing(), Rule(quiet_working_days=10, resting_days=5), USUAL, date(2026, 11, 24)),
        (standing(), Rule(quiet_working_days=2, resting_days=90), USUAL, date(2026, 11, 23)),
        # Counted from when its owner got it, however long it had rested before.
        (
            standing(active=date(2026, 6, 1), entered=date(2026, 6, 1), owned=WEDNESDAY),
            Rule(quiet_working_days=1, resting_days=5),
            USUAL,
            date(2026, 11, 20),
        ),
        # And safe for seven days: the eighth is a Thursday.
        (
            standing(owned=WEDNESDAY),
            Rule(quiet_working_days=1, protection_days=7),
            USUAL,
            date(2026, 11, 26),
        ),
        # Parked: from the day on which somebody was to come back.
        (
            standing(revisit=date(2026, 12, 1)),
            Rule(quiet_working_days=2),
            USUAL,
            date(2026, 12, 4),
        ),
        (standing(), Rule(), USUAL, None),
    ],
)
def test_the_day_of_loss(
    facts: Standing, rule: Rule, calendar: WorkingDays, expected: date | None
) -> None:
    assert loss_day(facts, rule, calendar) == expected


@pytest.mark.parametrize(("elapsed", "goes"), [(9, False), (10, False), (11, True), (12, True)])
def test_a_lead_has_its_ten_working_days_in_full(elapsed: int, goes: bool) -> None:
    today = USUAL.after(WEDNESDAY, elapsed)
    loss = loss_day(standing(), Rule(quiet_working_days=10), USUAL)
    assert loss is not None
    assert (today >= loss) is goes


@pytest.mark.parametrize(("elapsed", "goes"), [(11, False), (12, False), (13, True), (14, True)])
def test_a_lead_has_its_twelve_days_in_the_stage_in_full(elapsed: int, goes: bool) -> None:
    loss = loss_day(standing(), Rule(resting_days=12), USUAL)
    assert loss is not None
    assert (WEDNESDAY + timedelta(days=elapsed) >= loss) is goes


@pytest.mark.parametrize(
    ("loss", "days", "expected"),
    [
        (date(2026, 12, 3), 3, date(2026, 11, 30)),
        (date(2026, 12, 3), 4, date(2026, 11, 27)),  # not on Sunday
        (date(2026, 12, 3), 0, date(2026, 12, 3)),
    ],
)
def test_the_day_of_the_warning(loss: date, days: int, expected: date) -> None:
    assert warning_day(loss, Rule(warning_days=days), USUAL) == expected


def test_who_is_warned_late_has_the_days_of_the_warning_still() -> None:
    assert after_a_warning(WEDNESDAY, Rule(warning_days=3), USUAL) == date(2026, 11, 23)
    assert after_a_warning(WEDNESDAY, Rule(warning_days=0), USUAL) == WEDNESDAY
