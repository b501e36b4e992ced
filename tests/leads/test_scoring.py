"""The score of a lead: worked by hand, part by part."""

from dataclasses import replace
from fractions import Fraction

import pytest

from leads.domain import score_words, scoring
from leads.domain.scoring import Facts, Input, RivalStanding, Scales, Signal
from merchants.domain.health import rounded

KNOWN = Facts(
    category_group="dining",
    branch_metres=2_500,
    cardholders_nearby=2_000,
    days_in_business=730,
    outlets=2,
    penalties=1,
    rival=RivalStanding.RUNNING,
    replied=3,
    tried=4,
    kept=1,
    met=2,
    shared=1,
    hidden=2,
    contacts=2,
    deciders=1,
)
WORKED: dict[Input, tuple[str, str]] = {
    # input: share, points. 15·1 + 10·0.75 + 15·0.4 + 10·2/3 + 10·0.4 + 10·2/3 + 10·0.5 + 20·25/48
    Input.CATEGORY: ("1.0000", "15.0"),
    Input.DISTANCE: ("0.7500", "7.5"),
    Input.CARDHOLDERS: ("0.4000", "6.0"),
    Input.AGE: ("0.6667", "6.7"),
    Input.OUTLETS: ("0.4000", "4.0"),
    Input.PENALTIES: ("0.6667", "6.7"),
    Input.RIVAL: ("0.5000", "5.0"),
    Input.INTENT: ("0.5208", "10.4"),
}


@pytest.mark.parametrize("part", list(Input))
def test_every_part_is_worked_by_hand(part: Input) -> None:
    found = scoring.score(KNOWN)
    share, points = found.parts[part], found.points[part]
    assert share is not None
    assert points is not None
    assert (str(rounded(share, 4)), str(rounded(points, 1))) == WORKED[part]


def test_the_points_add_up_to_the_score() -> None:
    """15 + 7.5 + 6 + 6.667 + 4 + 6.667 + 5 + 10.417 = 61.25"""
    found = scoring.score(KNOWN)
    assert found.score == Fraction("61.25")
    assert sum(one or 0 for one in found.points.values()) == found.score


def test_intent_is_made_of_four_signals() -> None:
    """(3/4 + 1/2 + 1/3 + 1/2) / 4 = 25/48"""
    signals = scoring.signals_of(KNOWN, Scales())
    assert signals == {
        Signal.REPLIES: Fraction(3, 4),
        Signal.MEETINGS: Fraction(1, 2),
        Signal.NUMBERS: Fraction(1, 3),
        Signal.DECISION_MAKER: Fraction(1, 2),
    }
    assert scoring.score(KNOWN).parts[Input.INTENT] == Fraction(25, 48)


@pytest.mark.parametrize(
    ("facts", "score", "left_out"),
    [
        pytest.param(
            Facts(category_group="dining", outlets=2),
            "76.0",  # (15·1 + 10·0.4) / 25
            {*Input} - {Input.CATEGORY, Input.OUTLETS},
            id="what nobody knows is left out and not zero",
        ),
        pytest.param(
            Facts(category_group="lodging", outlets=5, rival=RivalStanding.EXCLUSIVE),
            "50.0",  # (15·0.5 + 10·1 + 10·0) / 35
            {*Input} - {Input.CATEGORY, Input.OUTLETS, Input.RIVAL},
            id="an exclusive rival brings nothing, and counts",
        ),
        pytest.param(
            Facts(category_group="dining"), None, {*Input} - {Input.CATEGORY}, id="too little"
        ),
        pytest.param(Facts(), None, {*Input}, id="nothing"),
        pytest.param(
            Facts(category_group="dining", penalties=0),
            "100.0",
            {*Input} - {Input.CATEGORY, Input.PENALTIES},
            id="no penalties is a finding, not no data",
        ),
    ],
)
def test_a_score_is_made_of_what_is_known(
    facts: Facts, score: str | None, left_out: set[Input]
) -> None:
    found = scoring.score(facts)
    assert (None if found.score is None else str(rounded(found.score, 1))) == score
    assert set(found.left_out) == left_out


@pytest.mark.parametrize(
    ("changes", "part", "share"),
    [
        pytest.param({"branch_metres": 0}, Input.DISTANCE, "1", id="next door"),
        pytest.param({"branch_metres": 99_000}, Input.DISTANCE, "0", id="far away"),
        pytest.param({"outlets": 40}, Input.OUTLETS, "1", id="a chain"),
        pytest.param({"outlets": 0}, Input.OUTLETS, None, id="no outlet entered is no data"),
        pytest.param({"penalties": 7}, Input.PENALTIES, "0", id="many penalties"),
        pytest.param({"rival": RivalStanding.OVER}, Input.RIVAL, "1", id="free again"),
        pytest.param({"rival": None}, Input.RIVAL, None, id="no rival ever seen"),
        pytest.param({"days_in_business": 9999}, Input.AGE, "1", id="old"),
    ],
)
def test_shares_stay_between_zero_and_one(
    changes: dict[str, object], part: Input, share: str | None
) -> None:
    found = scoring.score(replace(KNOWN, **changes)).parts[part]  # type: ignore[arg-type]
    assert found == (None if share is None else Fraction(share))


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        pytest.param({"decider_met": True}, Fraction(1), id="met"),
        pytest.param({}, Fraction(1, 2), id="known"),
        pytest.param({"deciders": 0}, Fraction(0), id="nobody decides"),
        pytest.param({"deciders": 0, "contacts": 0}, None, id="nobody known"),
    ],
)
def test_the_decision_maker_counts(changes: dict[str, object], share: Fraction | None) -> None:
    facts = replace(KNOWN, **changes)  # type: ignore[arg-type]
    assert scoring.signals_of(facts, Scales())[Signal.DECISION_MAKER] == share


@pytest.mark.parametrize("part", list(Input))
def test_every_part_says_why_and_no_data_says_so(part: Input) -> None:
    assert score_words.reason(part, KNOWN, Scales()) not in ("", "No data: left out.")
    assert score_words.reason(part, Facts(), Scales()) == "No data: left out."


def test_weights_are_numbers_that_can_be_changed() -> None:
    only_outlets = Scales(weights={part: int(part == Input.OUTLETS) for part in Input})
    assert scoring.score(KNOWN, only_outlets).score == 40
