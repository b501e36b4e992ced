"""The week in one sentence, by rules, out of the figures of the report alone."""

from typing import Any

import pytest
from django.utils import translation

from crm.domain.weekly_summary import sentence

QUIET = "A quiet week: nothing was won, nothing is overdue, and no lead waits for anybody."


def figure(key: str, value: Any, delta: Any = None, shown: str = "") -> dict[str, Any]:
    return {"key": key, "value": value, "delta": delta, "shown": shown or str(value)}


def blocks(**sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"key": key, "rows": [], "figures": figures} for key, figures in sections.items()]


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        pytest.param(
            {"won": [figure("won", 7, 1)], "overdue": [figure("overdue", 5, 2)]},
            "7 signed, 1 more than the week before; follow-ups overdue: 5 (2 more).",
            id="signed-more-and-overdue",
        ),
        pytest.param(
            {"won": [figure("won", 3, -4)], "overdue": [figure("overdue", 5, -2)]},
            "3 signed, 4 fewer than the week before; follow-ups overdue: 5.",
            id="signed-fewer",
        ),
        pytest.param(
            {"won": [figure("won", 3, 0)]},
            "3 signed, as many as the week before.",
            id="as-many",
        ),
        pytest.param(
            {"won": [figure("won", 3)]}, "3 signed.", id="nothing-known-of-the-week-before"
        ),
        pytest.param(
            {
                "won": [figure("won", 0)],
                "overdue": [figure("overdue", 1)],
                "approvals": [figure("late", 2)],
                "renewals": [figure("ending", 3)],
                "forecast": [figure("open_value", "6670000.00", shown="¥6.67m")],
            },
            "Nothing was signed; follow-ups overdue: 1; approvals waiting for too long: 2; "
            "¥6.67m is open in the pipeline.",
            id="no-more-than-two-things-press",
        ),
        pytest.param(
            {"won": [figure("won", 0)], "forecast": [figure("open_value", "0.00")]},
            QUIET,
            id="a-quiet-week",
        ),
        pytest.param({}, QUIET, id="-"),
    ],
)
def test_the_sentence_says_what_was_signed_what_presses_and_what_is_open(
    sections: dict[str, list[dict[str, Any]]], said: str
) -> None:
    with translation.override("en"):
        assert sentence(blocks(**sections)) == said
