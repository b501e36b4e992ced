"""The order of plays: smoothed outcomes, and a floor for those that are new."""

from decimal import Decimal

import pytest

from leads.domain import ranking
from leads.domain.ranking import Counted, Rules


@pytest.mark.parametrize(
    ("resolved", "tried", "score"),
    [
        pytest.param(0, 0, "0.3333", id="never tried"),
        pytest.param(1, 1, "0.5000", id="one of one"),
        pytest.param(0, 1, "0.2500", id="none of one"),
        pytest.param(4, 9, "0.4167", id="four of nine"),
        pytest.param(90, 100, "0.8835", id="ninety of a hundred"),
    ],
)
def test_a_score_is_smoothed(resolved: int, tried: int, score: str) -> None:
    assert ranking.smoothed(resolved, tried) == Decimal(score)


def test_one_lucky_try_does_not_outrank_long_experience() -> None:
    found = ranking.ranked([Counted("lucky", 1, 1), Counted("proven", 20, 14)])
    assert [one.play for one in found] == ["proven", "lucky"]


OLD = [Counted("A", 20, 14), Counted("B", 20, 12), Counted("C", 20, 10), Counted("D", 20, 9)]


@pytest.mark.parametrize(
    ("more", "rules", "order"),
    [
        pytest.param([], Rules(), "ABCD", id="nothing is new"),
        pytest.param([Counted("N")], Rules(), "ABNCD", id="the third place is the new one's"),
        pytest.param(
            [Counted("N", 2, 0), Counted("M", 1, 0)],
            Rules(),
            "ABMCDN",
            id="of two new ones the one tried least comes first",
        ),
        pytest.param([Counted("N", 3, 0)], Rules(), "ABCDN", id="three tries and it is not new"),
        pytest.param([Counted("N")], Rules(every=2), "ANBCD", id="every second place"),
        pytest.param([Counted("N")], Rules(every=0), "ABCDN", id="no place is kept"),
    ],
)
def test_every_third_place_is_a_new_plays(
    more: list[Counted[str]], rules: Rules, order: str
) -> None:
    found = ranking.ranked([*OLD, *more], rules)
    assert "".join(one.play for one in found) == order
    assert [one.place for one in found] == list(range(1, len(found) + 1))


def test_a_place_says_why_it_is_held() -> None:
    found = {one.play: one for one in ranking.ranked([*OLD, Counted("N", 1, 0)])}
    assert found["N"].explored
    assert (found["N"].tried, found["N"].resolved) == (1, 0)
    assert not any(found[name].explored for name in "ABCD")


def test_equal_plays_keep_their_order() -> None:
    found = ranking.ranked([Counted(name) for name in ("U1", "U2", "U3")])
    assert [one.play for one in found] == ["U1", "U2", "U3"]
    assert not any(one.explored for one in found)
