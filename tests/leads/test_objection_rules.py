"""The taxonomy, the suggested reason, the machine and the rates, as tables."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from leads.domain.objection_rates import Tally, median, rate
from leads.domain.objection_rules import reachable, suggested
from leads.models import LostReason, ObjectionReason, ObjectionState, SubReason

SUB_REASONS = {
    "unaware": "U1 U2 U3 U4",
    "not_urgent": "N1 N2 N3 N4",
    "point_missed": "P1 P2 P3 P4",
    "other": "O1 O2 O3 O4 O5",
}


@pytest.mark.parametrize(("reason", "codes"), SUB_REASONS.items())
def test_each_reason_has_its_sub_reasons(reason: str, codes: str) -> None:
    assert [one.value for one in SubReason if one.reason == reason] == codes.split()


def test_the_words_of_a_reason_are_those_of_a_loss() -> None:
    for reason in ("unaware", "not_urgent", "point_missed"):
        assert str(ObjectionReason(reason).label) == str(LostReason(reason).label)


@pytest.mark.parametrize(
    ("stuck", "other_problem", "proposed", "reason", "because"),
    [
        ("R", False, False, "unaware", "stuck_r"),
        ("I", False, False, "not_urgent", "stuck_i"),
        ("C", False, False, "point_missed", "stuck_c"),
        ("", False, False, None, None),
        ("R", True, False, "point_missed", "other_problem"),
        ("I", True, False, "point_missed", "other_problem"),
        ("", True, False, "point_missed", "other_problem"),
        ("R", False, True, "point_missed", "early_proposal"),
        ("I", False, True, "point_missed", "early_proposal"),
        ("C", False, True, "point_missed", "stuck_c"),
        ("", False, True, None, None),
        ("R", True, True, "point_missed", "other_problem"),
    ],
)
def test_the_suggested_reason(
    stuck: str, other_problem: bool, proposed: bool, reason: str | None, because: str | None
) -> None:
    found = suggested(stuck, names_other_problem=other_problem, proposed_early=proposed)
    assert (found.reason, found.because) == (reason, because)


@pytest.mark.parametrize(
    ("stuck", "declared", "differs"),
    [
        ("R", "unaware", False),
        ("R", "not_urgent", True),
        ("C", "point_missed", False),
        ("I", "other", True),
        ("", "other", False),
    ],
)
def test_a_mismatch_is_a_declared_reason_other_than_the_suggested(
    stuck: str, declared: str, differs: bool
) -> None:
    assert suggested(stuck).differs_from(declared) is differs


ROADS = {
    "raised": "diagnosed",
    "diagnosed": "diagnosed handled",
    "handled": "handled diagnosed resolved deferred unresolved",
    "resolved": "reopened",
    "deferred": "reopened",
    "unresolved": "reopened",
    "reopened": "diagnosed handled",
}


@pytest.mark.parametrize("state", ObjectionState.values)
def test_the_roads_of_an_objection(state: str) -> None:
    assert [str(to) for to in reachable(state)] == ROADS[state].split()


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (45, 60, "75.00"),
        (27, 60, "45.00"),
        (36, 60, "60.00"),
        (5, 45, "11.11"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (0, 7, "0.00"),
    ],
)
def test_a_rate_is_rounded_half_up_to_two_places(part: int, whole: int, expected: str) -> None:
    assert str(rate(part, whole)) == expected


def test_without_a_whole_there_is_no_data() -> None:
    assert rate(0, 0) is None
    empty = Tally()
    assert {
        empty.resolution,
        empty.same_conversation_rate,
        empty.progression,
        empty.reopen,
        empty.mismatch,
        empty.win,
        empty.median_days,
    } == {None}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({3: 1}, "3.0"),
        ({1: 1, 2: 1}, "1.5"),
        ({0: 2, 5: 1}, "0.0"),
        ({1: 2, 4: 2}, "2.5"),
        ({9: 1, 1: 1, 4: 1}, "4.0"),
    ],
)
def test_the_median(counts: Mapping[int, int], expected: str) -> None:
    assert median(counts) == Decimal(expected)
