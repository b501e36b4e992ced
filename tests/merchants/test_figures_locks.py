"""Two at the same figures: the second waits, and then corrects what the first one filed."""

from dataclasses import replace

import pytest
from django.db import transaction

from crm.actors import SYSTEM
from merchants.domain import figures, scoring
from merchants.domain.figures import DayOfSales, Recorded
from merchants.models import HealthReading, Partnership, SalesDay
from tests import factories
from tests.conftest import Cast
from tests.merchants.health_rows import TODAY, days_ago, partnership
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)

AT = factories.AT
DAY = DayOfSales(days_ago(1), 100, 1, 1)


@pytest.fixture
def one(cast: Cast) -> Partnership:
    return partnership(factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann))


def test_two_who_file_the_same_day_leave_one_row(cast: Cast, one: Partnership) -> None:
    with transaction.atomic():
        figures.record_sales_days(one.pk, [DAY], by=cast.ann, at=AT)
        other = Session(
            lambda: figures.record_sales_days(
                one.pk, [replace(DAY, redemptions=2)], by=cast.max, at=AT
            )
        )
        assert other.wait_until_blocked()
    assert other.end() == Recorded(0, 1, 0)
    row = SalesDay.objects.get()
    assert (row.redemptions, row.version) == (2, 2)


def test_reckoning_passes_over_whoever_is_being_changed(cast: Cast, one: Partnership) -> None:
    free = partnership()
    with transaction.atomic():
        figures.record_sales_days(one.pk, [DAY], by=cast.ann, at=AT)
        other = Session(lambda: scoring.recompute(TODAY, by=SYSTEM, at=AT))
        assert not other.wait_until_blocked()
        assert other.end() == 1
    assert HealthReading.objects.get().partnership_id == free.pk
    assert scoring.recompute(TODAY, by=SYSTEM, at=AT) == 1
