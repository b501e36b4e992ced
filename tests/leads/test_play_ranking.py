"""Plays of a reason, ranked by what their tries brought."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import parameters as numbers
from crm.domain import parameters as changed
from crm.ids import uuid7
from leads.domain import play_ranking
from leads.domain.play_words import place_in_words
from leads.models import Objection, Play
from tests import factories
from tests.conftest import Cast

DAY = timedelta(days=1)


def tries(
    play: Play, at: datetime, *outcomes: str, group: str = "dining", reason: str = "unaware"
) -> None:
    merchant = factories.MerchantFactory(category_group=group)
    objection: Objection = factories.ObjectionFactory(merchant=merchant, declared_reason=reason)
    for outcome in outcomes:
        factories.PlayAttemptFactory(
            objection=objection,
            play_version=play.current,
            outcome=outcome,
            outcome_at=at - DAY if outcome else None,
        )


def ranked(at: datetime, group: str = "dining") -> list[tuple[str, int, int, str]]:
    return [
        (one.play.code, one.resolved, one.tried, str(one.score))
        for one in play_ranking.ranked_plays("unaware", group, at)
    ]


@pytest.mark.django_db
def test_plays_are_counted_per_reason_and_category(at: datetime) -> None:
    one, two = factories.PlayFactory(code="U1"), factories.PlayFactory(code="U2")
    other = factories.PlayFactory(code="N1", reason="not_urgent")
    tries(one, at, "resolved", "no_effect", "helped", "made_worse")
    tries(two, at, "resolved", "resolved", "no_effect")
    tries(one, at, "resolved", "resolved", "resolved", group="retail")
    tries(other, at, "resolved", reason="not_urgent")
    tries(two, at, "", "")
    assert ranked(at) == [("U2", 2, 3, "0.5000"), ("U1", 1, 4, "0.2857")]
    assert ranked(at, "retail") == [("U1", 3, 3, "0.6667"), ("U2", 0, 0, "0.3333")]
    assert ranked(at, "") == [("U1", 4, 7, "0.5000"), ("U2", 2, 3, "0.5000")]


@pytest.mark.django_db
def test_what_was_not_known_then_does_not_count_then(at: datetime) -> None:
    play = factories.PlayFactory(code="U1")
    tries(play, at, "resolved")
    assert ranked(at - 2 * DAY) == [("U1", 0, 0, "0.3333")]


@pytest.mark.django_db
def test_retired_plays_and_plays_for_other_groups_are_not_offered(at: datetime) -> None:
    factories.PlayFactory(code="U1", retired_at=at)
    factories.PlayFactory(code="U2", category_groups=["retail"])
    factories.PlayFactory(code="U3", category_groups=["dining", "retail"])
    assert [row[0] for row in ranked(at)] == ["U3"]


@pytest.mark.django_db
def test_a_new_play_is_put_forward_and_says_so(at: datetime) -> None:
    for code in ("U1", "U2", "U3"):
        tries(factories.PlayFactory(code=code), at, *["resolved"] * 4)
    tries(factories.PlayFactory(code="U4"), at, "no_effect")
    found = play_ranking.ranked_plays("unaware", "dining", at)
    assert [one.play.code for one in found] == ["U1", "U2", "U4", "U3"]
    assert [place_in_words(one) for one in found] == [
        "Resolved 4 of 4.",
        "Resolved 4 of 4.",
        "New: tried 1 time. Give it a try.",
        "Resolved 4 of 4.",
    ]


def test_the_numbers_are_the_administrators(cast: Cast, at: datetime) -> None:
    tries(factories.PlayFactory(code="U1"), at, "resolved")
    try:
        changed.change(
            uuid7(),
            "leads.ranking.b",
            value=Decimal(7),
            because="谨慎一些",
            by=cast.ada,
            at=at,
        )
        numbers.forget()
        assert ranked(at) == [("U1", 1, 1, "0.2222")]
    finally:
        numbers.forget()


@pytest.mark.django_db
def test_many_reasons_cost_two_statements(at: datetime, same_queries: Any) -> None:
    def grow() -> None:
        for reason in ("unaware", "not_urgent", "point_missed"):
            play = factories.PlayFactory(reason=reason)
            tries(play, at, "resolved", "helped", reason=reason)

    grow()
    places = {("unaware", "dining"), ("not_urgent", "dining"), ("point_missed", "retail")}
    same_queries(lambda: play_ranking.ranked_for(places, at), after=grow, at_most=3)
