"""The weighted forecast: value times the share of the stage, by month; and what was waived."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.domain import parameters
from crm.errors import InvalidInput
from crm.ids import uuid7
from leads import pipeline_reports
from leads.domain import lead_forecasts, pipeline
from leads.domain.lead_forecasts import Expected
from leads.models import Lead, Stage
from leads.models.pipeline_parameters import probabilities
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.leads.test_reports import PERIOD, figure, shown

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fen", "percent", "expected"),
    [(4_800_000, 25, 1_200_000), (1, 50, 1), (1, 49, 0), (3, 50, 2), (0, 80, 0), (7, 0, 0)],
)
def test_a_value_is_weighted_to_the_nearest_fen_half_up(
    fen: int, percent: int, expected: int
) -> None:
    assert lead_forecasts.weighted(fen, percent) == expected


def three_leads(cast: Cast) -> None:
    for stage, fen, day in (
        (Stage.DISCOVERY, 1_000_000, date(2026, 12, 3)),
        (Stage.APPROVAL, 2_000_000, date(2026, 12, 30)),
        (Stage.PROPOSAL, 500_000, date(2027, 1, 5)),
        (Stage.NEW, 100_000, None),
        (Stage.WON, 9_000_000, date(2026, 12, 1)),
    ):
        factories.LeadFactory(
            merchant__unit=cast.xuhui,
            owner=cast.ann,
            stage=stage,
            expected_value_fen=fen,
            expected_signing_on=day,
            created_at=PERIOD.start,
            stage_entered_at=PERIOD.start,
            updated_at=PERIOD.start,
        )


def test_open_leads_are_forecast_by_the_month_of_their_signature(cast: Cast) -> None:
    three_leads(cast)
    months = lead_forecasts.by_month(Lead.objects.all(), probabilities())
    assert months == [
        (date(2026, 12, 1), Expected(2, 3_000_000, 250_000 + 1_600_000)),
        (date(2027, 1, 1), Expected(1, 500_000, 250_000)),
        (None, Expected(1, 100_000, 5_000)),
    ]


def test_the_share_of_a_stage_is_the_administrators(cast: Cast, at: datetime) -> None:
    three_leads(cast)
    parameters.change(
        uuid7(),
        "leads.probability.approval",
        value=Decimal(90),
        because="新口径",
        by=cast.ada,
        at=at,
    )
    months = dict(lead_forecasts.by_month(Lead.objects.all(), probabilities()))
    assert months[date(2026, 12, 1)].weighted_fen == 250_000 + 1_800_000


def test_the_api_forecasts_what_one_may_know_of(cast: Cast) -> None:
    three_leads(cast)
    answer = Phone(cast.ann).get("leads/forecast/").json()
    assert [one["month"] for one in answer["months"]] == ["2026-12-01", "2027-01-01", None]
    assert answer["total"] == {
        "month": None,
        "leads": 4,
        "expected_value": "36000.00",
        "weighted_value": "21050.00",
    }
    assert Phone(cast.sam).get("leads/forecast/").json()["total"]["leads"] == 0
    stages = {one["stage"]: one for one in Phone(cast.ann).get("leads/stats/").json()["stages"]}
    assert (stages["approval"]["probability_percent"], stages["approval"]["weighted_value"]) == (
        80,
        "16000.00",
    )
    assert stages["won"]["probability_percent"] is None


def test_the_report_forecasts_as_of_the_end_of_its_period(cast: Cast) -> None:
    three_leads(cast)
    table = shown(pipeline_reports.forecast, cast.max)
    assert figure(table, "weighted") == 2_105_000


def test_waivers_are_counted_in_the_report(cast: Cast) -> None:
    during = PERIOD.end - timedelta(hours=5)
    desk = LeadDesk(cast, during)
    desk.waive("qualified", "premises")
    desk.waive("qualified", "licence_checked")
    LeadDesk(cast, PERIOD.end).waive("qualified", "licence_checked")
    LeadDesk(cast, during).waive("qualified", "premises")
    table = shown(pipeline_reports.waivers, cast.max)
    assert [(row["count"], row["leads"]) for row in table.rows] == [(2, 2), (1, 1)]
    assert figure(table, "waived") == 3
    assert shown(pipeline_reports.waivers, cast.sam).rows == []


@pytest.mark.parametrize("day", [date(2026, 11, 17), date(2099, 1, 1)])
def test_a_signature_is_expected_within_reach(day: date, cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at)
    with pytest.raises(InvalidInput) as refusal:
        pipeline.correct(desk.pk, {"expected_signing_on": day}, by=cast.ann, at=at)
    assert refusal.value.code == "signing_day_out_of_range"
    kept = pipeline.correct(desk.pk, {"expected_signing_on": date(2027, 1, 29)}, by=cast.ann, at=at)
    assert kept.expected_signing_on == date(2027, 1, 29)
    # A day that has passed stays as it is when something else is corrected.
    Lead.objects.filter(pk=desk.pk).update(expected_signing_on=date(2026, 11, 1))
    pipeline.correct(desk.pk, {"source": "referral"}, by=cast.ann, at=at)


def test_correcting_a_lead_does_not_keep_it_from_going_stale(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at)
    before = desk.row.last_activity_at
    desk.later(days=3)
    pipeline.correct(desk.pk, {"expected_value_fen": 5}, by=cast.ann, at=desk.at)
    desk.file("premises_check")
    desk.waive("qualified", "licence_checked")
    assert desk.row.last_activity_at == before


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("signing_before=2026-12-15", {"discovery"}),
        ("signing_before=2027-02-01", {"discovery", "approval", "proposal"}),
        ("stale=yes", {"new", "discovery", "approval", "proposal"}),
        ("source=field&stage=won", {"won"}),
    ],
)
def test_leads_are_found_by_their_signature_and_by_staleness(
    query: str, found: set[str], cast: Cast
) -> None:
    three_leads(cast)
    long_ago = factories.AT.replace(year=2026, month=1)
    Lead.objects.update(stage_entered_at=long_ago, last_activity_at=long_ago)
    results = Phone(cast.ann).get(f"leads/?{query}").json()["results"]
    assert {one["stage"] for one in results} == found


@pytest.mark.parametrize("query", ["stale=no", "signing_before=soon", "source=moon"])
def test_a_filter_that_makes_no_sense_is_refused(query: str, cast: Cast) -> None:
    assert Phone(cast.ann).get(f"leads/?{query}").status_code == 400


type Same = Callable[..., int]


def test_the_forecast_asks_the_same_however_many_leads(cast: Cast, same_queries: Same) -> None:
    phone = Phone(cast.ann)
    same_queries(lambda: phone.get("leads/forecast/"), after=lambda: three_leads(cast), at_most=12)
