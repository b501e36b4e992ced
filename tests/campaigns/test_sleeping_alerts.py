"""Whoever leads or plans hears once a month that too many cards sleep."""

from datetime import date, timedelta

import pytest

from campaigns.models import FigureKind
from crm.models import Reminder
from tests.campaigns.kpi_desk import TODAY, asleep, filed, line
from tests.conftest import Cast
from tests.factories import AT

pytestmark = pytest.mark.django_db


def told() -> set[str]:
    reminders = Reminder.objects.filter(kind="sleeping_cards_stop")
    return {one.recipient.full_name for one in reminders.select_related("recipient")}


def test_above_the_limit_leaders_and_planners_are_told(cast: Cast) -> None:
    asleep(cast.xuhui, 21, 100)
    assert told() == {cast.mei.full_name, cast.pia.full_name}


def test_at_the_limit_nobody_is_told(cast: Cast) -> None:
    asleep(cast.xuhui, 20, 100)
    assert told() == set()


def test_a_unit_is_told_of_once_in_a_month_and_again_in_the_next(cast: Cast) -> None:
    asleep(cast.xuhui, 21, 100)
    before = Reminder.objects.count()
    asleep(cast.xuhui, 30, 100, TODAY + timedelta(days=1), at=AT + timedelta(days=1))
    assert Reminder.objects.count() == before
    asleep(cast.xuhui, 30, 100, date(2026, 12, 1), at=AT + timedelta(days=14))
    assert Reminder.objects.count() == 2 * before


def test_figures_that_are_only_tried_out_tell_nobody(cast: Cast) -> None:
    one = line(FigureKind.SNAPSHOT, cast.xuhui, sleeping_cards=90, cards_issued=100)
    filed(one, kind=FigureKind.SNAPSHOT, tried_out=True)
    assert told() == set()
