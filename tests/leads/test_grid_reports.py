"""What the report says of interviews, also when it is written late; the list that goes out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from crm import exports
from crm.models import User
from crm.sections import Audience
from leads import grid_reports
from tests.conftest import Cast
from tests.leads.interview_desk import COST, interview
from tests.leads.test_reports import END, IN_WEEK, PERIOD

pytestmark = pytest.mark.django_db


def counted(rows: list[dict[str, object]]) -> dict[object, tuple[object, object]]:
    return {row["status"]: (row["count"], row["entered"]) for row in rows}


def test_pains_are_counted_by_rung_as_they_were_at_the_end_of_the_period(cast: Cast) -> None:
    interview(cast, IN_WEEK - timedelta(days=30))
    critical = interview(cast, IN_WEEK)
    critical.confirm("R3")
    critical.confirm("I3", numbers=[COST])
    later = interview(cast, END + timedelta(hours=1))
    later.confirm("R3")
    critical.at = END + timedelta(hours=2)
    critical.take_back("I3")
    found = grid_reports.progress(Audience(cast.max), PERIOD)
    assert counted(found.rows) == {
        "Latent": (1, 1),
        "Admitted": (0, 1),
        "Critical": (1, 1),
        "Vision": (0, 0),
    }
    assert [(figure.key, figure.value) for figure in found.figures] == [("newly_critical", 1)]
    stuck = grid_reports.stuck(Audience(cast.max), PERIOD)
    assert {(row["column"], row["count"]) for row in stuck.rows} == {
        ("Reasons", 1),
        ("Capabilities", 1),
    }


def test_what_was_closed_by_then_is_not_counted_and_strangers_see_nothing(cast: Cast) -> None:
    from leads.domain import interviews

    desk = interview(cast, IN_WEEK)
    assert grid_reports.progress(Audience(cast.sam), PERIOD).rows == []
    assert (
        grid_reports.progress(Audience(cast.mei, frozenset([cast.hangzhou.pk])), PERIOD).rows == []
    )
    interviews.close(desk.pain.pk, closed_as="solved", by=cast.ann, at=IN_WEEK)
    assert grid_reports.stuck(Audience(cast.max), PERIOD).rows == []


def test_the_list_goes_out_in_words(cast: Cast) -> None:
    desk = interview(cast, IN_WEEK)
    desk.confirm("R3")
    desk.confirm("I3", numbers=[COST])
    listed = exports.named("pains")
    assert listed is not None
    cells = dict(zip(listed.header(), listed.cells(desk.pain), strict=True))
    assert cells["status"] == "Critical"
    assert cells["stuck in"] == "Capabilities"
    assert cells["monthly impact"] == "¥48,000"


def test_the_front_page_shows_it(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    from django.utils import timezone

    interview(cast, timezone.now())
    text = signed_in(cast.max).get("/admin/").content.decode()
    assert "Nine-grid progress" in text
