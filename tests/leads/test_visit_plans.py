"""The week on the road: order by distance, quiet hours, whom else to see, all set in one go."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import CalendarYear, SpecialDay, User
from crm.weeks import Week
from leads.domain import routes, visit_arranging, visit_plans
from leads.domain.places import Point, metres
from leads.domain.routes import Stop
from leads.domain.visit_arranging import Wanted
from leads.domain.visit_plans import SuggestedBecause
from leads.models import Lead, Visit
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

WEEK = Week.parse("2026-W47")
MONDAY, WEDNESDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 20)
POINTS = {
    "a": Point(Decimal("31.190000"), Decimal("121.430000")),
    "b": Point(Decimal("31.195000"), Decimal("121.430000")),
    "c": Point(Decimal("31.200000"), Decimal("121.430000")),
    "d": Point(Decimal("31.210000"), Decimal("121.430000")),
    "B": Point(Decimal("31.195000"), Decimal("121.430000")),
}


# --- the pure part ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "start", "ordered"),
    [
        ("", None, ""),
        ("a", None, "a"),
        ("adbc", None, "abcd"),
        ("cabd", None, "cbad"),
        ("dcba", "a", "abcd"),
        ("abcd", "d", "dcba"),
        ("xayb", None, "abxy"),
        ("xy", "a", "xy"),
        ("abB", None, "abB"),
        ("aBb", None, "aBb"),
    ],
    ids=["nothing", "one", "a line", "from the middle", "from a start", "from its other end",
         "without a point last", "none with a point", "a tie as named", "a tie named otherwise"],
)  # fmt: skip
def test_stops_are_ordered_by_the_nearest_that_is_left(
    given: str, start: str | None, ordered: str
) -> None:
    found = routes.nearest_first(
        [Stop(name, POINTS.get(name)) for name in given], start=POINTS[start] if start else None
    )
    assert "".join(stop.what for stop in found) == ordered


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    equator = Point(Decimal(0), Decimal(0))
    assert metres(equator, Point(Decimal(1), Decimal(0))) == 111_195
    assert metres(equator, Point(Decimal(0), Decimal(180))) == 20_015_114
    assert metres(equator, equator) == 0


@pytest.mark.parametrize(
    ("degrees", "coarse"),
    [("31.195312", "31.195"), ("31.195500", "31.196"), ("-31.195500", "-31.196"), ("90", "90.000")],
)
def test_a_point_is_rounded_to_three_decimals(degrees: str, coarse: str) -> None:
    rounded = Point(Decimal(degrees), Decimal("121.436874")).coarse()
    assert (str(rounded.latitude), str(rounded.longitude)) == (coarse, "121.437")


def test_beyond_a_stop_without_a_point_nobody_knows_how_far() -> None:
    way = routes.legs([Stop(name, POINTS.get(name)) for name in "abxc"])
    assert [leg.metres for leg in way] == [None, 556, None, None]


# --- the week ---------------------------------------------------------------------------------


def shop(cast: Cast, point: str | None = None, owner: User | None = None, **more: Any) -> Lead:
    """An open lead with a restaurant, which stands somewhere or nobody knows where."""
    owner = owner or cast.ann
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=owner)
    if point:
        where = POINTS[point]
        factories.OutletFactory(
            merchant=merchant, latitude=where.latitude, longitude=where.longitude
        )
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=owner, **more)
    return lead


def visit(lead: Lead, day: date = WEDNESDAY, **more: Any) -> Visit:
    row: Visit = factories.VisitFactory(
        merchant=lead.merchant, lead=lead, owner=lead.owner, planned_for=day, **more
    )
    return row


def test_a_week_shows_its_stops_in_order_with_the_way_and_the_quiet_hours(
    cast: Cast, at: datetime
) -> None:
    second = visit(shop(cast, "c"), stop=2)
    first = visit(shop(cast, "a"), stop=1)
    visit(shop(cast, "d"), state="cancelled", cancelled_because="…")
    visit(shop(cast, "d"), day=MONDAY + timedelta(days=7))
    plan = visit_plans.of(cast.ann, WEEK, by=cast.ann, at=at)
    assert [one.day.isoweekday() for one in plan.days] == [1, 2, 3, 4, 5]
    stops = plan.days[2].stops
    assert [stop.visit for stop in stops] == [first, second]
    assert [stop.metres for stop in stops] == [None, 1112]
    assert plan.days[2].metres == 1112
    window = stops[0].window
    assert window is not None
    assert (window.opens, window.closes) == (time(14), time(16, 30))


def test_saturday_is_there_when_something_is_planned_or_it_is_worked(
    cast: Cast, at: datetime
) -> None:
    visit(shop(cast), day=date(2026, 11, 21))
    CalendarYear.objects.create(year=2026, source="test")
    SpecialDay.objects.create(day="2026-11-22", is_working_day=True, name="补班")
    plan = visit_plans.of(cast.ann, WEEK, by=cast.ann, at=at)
    assert [(one.day.isoweekday(), one.is_working) for one in plan.days[5:]] == [
        (6, False),
        (7, True),
    ]
    assert plan.days[5].stops[0].window is None, "nobody knows the quiet hours of a day off"


def test_promises_come_before_what_is_quiet_and_of_that_the_near_before_the_far(
    cast: Cast, at: datetime
) -> None:
    visit(shop(cast, "a"))
    long_ago = at - timedelta(days=15)
    far = shop(cast, "d", last_activity_at=long_ago - timedelta(days=5))
    near = shop(cast, "b", last_activity_at=long_ago)
    nowhere = shop(cast, last_activity_at=long_ago)
    promised = shop(cast, "d", next_follow_up_at=at)
    factories.FollowUpFactory(merchant=promised.merchant, lead=promised, owner=cast.ann, due_at=at)
    shop(cast, "b", last_activity_at=at)
    shop(cast, "b", owner=cast.bo, last_activity_at=long_ago)
    found = visit_plans.of(cast.ann, WEEK, by=cast.ann, at=at).suggestions
    assert [(one.lead, one.because, one.metres) for one in found] == [
        (promised, SuggestedBecause.FOLLOW_UP, 2224),
        (near, SuggestedBecause.QUIET, 556),
        (far, SuggestedBecause.QUIET, 2224),
        (nowhere, SuggestedBecause.QUIET, None),
    ]
    later = datetime(2026, 12, 20, tzinfo=UTC)
    assert visit_plans.of(cast.ann, WEEK, by=cast.ann, at=later).suggestions == []


def test_a_week_costs_the_same_however_full_it_is(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    def grow() -> None:
        for point in "abcd":
            visit(shop(cast, point), day=WEDNESDAY)
            shop(cast, point, last_activity_at=at - timedelta(days=20))

    grow()
    same_queries(lambda: visit_plans.of(cast.ann, WEEK, by=cast.ann, at=at), after=grow, at_most=6)


# --- set in one go ----------------------------------------------------------------------------


def arrange(cast: Cast, at: datetime, *stops: Wanted, **more: Any) -> list[Visit]:
    by = more.pop("by", cast.ann)
    return visit_arranging.arrange(cast.ann, WEEK, stops, by=by, at=at, **more)


def wanted(lead: Lead, pk: UUID | None = None, day: date = FRIDAY) -> Wanted:
    return Wanted(pk or uuid7(), day, None, lead.merchant_id, lead.pk)


def test_visits_are_moved_and_planned_and_stand_as_they_were_named(
    cast: Cast, at: datetime
) -> None:
    there, new = visit(shop(cast, "a")), wanted(shop(cast, "c"))
    placed = arrange(cast, at, new, Wanted(there.pk, FRIDAY, time(15)))
    assert [(one.pk, one.planned_for, one.planned_time, one.stop) for one in placed] == [
        (new.visit_id, FRIDAY, None, 1),
        (there.pk, FRIDAY, time(15), 2),
    ]
    again = arrange(cast, at, new, Wanted(there.pk, FRIDAY, time(15)))
    assert [one.version for one in again] == [one.version for one in placed], "sent twice is once"
    assert Visit.objects.count() == 2


def test_by_distance_each_day_by_itself(cast: Cast, at: datetime) -> None:
    names = "adbxc"
    rows = [
        wanted(shop(cast, name if name != "x" else None), day=WEDNESDAY if name == "c" else FRIDAY)
        for name in names
    ]
    placed = arrange(cast, at, *rows, nearest_first=True)
    by_id = {row.visit_id: name for row, name in zip(rows, names, strict=True)}
    order = {
        day: [by_id[one.pk] for one in placed if one.planned_for == day]
        for day in (WEDNESDAY, FRIDAY)
    }
    assert order == {WEDNESDAY: ["c"], FRIDAY: ["a", "b", "d", "x"]}


@pytest.mark.parametrize(
    ("break_it", "refusal", "code"),
    [
        ("a day of another week", InvalidInput, "day_outside_week"),
        ("a day that is over", InvalidInput, "day_in_the_past"),
        ("twice the same", InvalidInput, "stop_repeated"),
        ("nothing", InvalidInput, "stops_out_of_range"),
        ("somebody else's", NotFound, "not_found"),
        ("a visit that is done", RuleBroken, "visit_not_planned"),
        ("for somebody else", NotAllowed, "not_allowed"),
    ],
)
def test_a_plan_is_taken_whole_or_not_at_all(
    cast: Cast, at: datetime, break_it: str, refusal: type[DomainError], code: str
) -> None:
    good, lead = wanted(shop(cast)), shop(cast)
    other = visit(shop(cast, owner=cast.bo))
    done = visit(lead, state="missed")
    stops = {
        "a day of another week": [good, wanted(lead, day=MONDAY - timedelta(days=1))],
        "a day that is over": [good, wanted(lead, day=MONDAY)],
        "twice the same": [good, good],
        "nothing": [],
        "somebody else's": [good, Wanted(other.pk, FRIDAY)],
        "a visit that is done": [good, Wanted(done.pk, FRIDAY)],
        "for somebody else": [good],
    }[break_it]
    with pytest.raises(refusal) as refused:
        arrange(cast, at, *stops, by=cast.max if break_it == "for somebody else" else cast.ann)
    assert refused.value.code == code
    assert set(Visit.objects.all()) == {other, done}


# --- the API ----------------------------------------------------------------------------------


def test_a_phone_reads_and_sets_its_week(cast: Cast) -> None:
    phone, lead = Phone(cast.ann), shop(cast, "a")
    week = Week.of(datetime.now(UTC).date() + timedelta(days=7))
    friday = week.monday + timedelta(days=4)
    body = {
        "week": str(week),
        "stops": [{"day": friday.isoformat(), "time": "14:30", "merchant": str(lead.merchant_id)}],
    }
    first = phone.post("visits/plan/", body, key="plan-1")
    assert first.status_code == 200, first.content
    assert phone.post("visits/plan/", body, key="plan-1").json() == first.json()
    assert Visit.objects.count() == 1
    read = phone.get(f"visits/plan/?week={week}").json()
    assert read == first.json()
    (stop,) = read["days"][4]["stops"]
    assert (stop["planned_time"], stop["window"]) == (
        "14:30:00",
        {"opens": "14:00:00", "closes": "16:30:00"},
    )
    theirs = Phone(cast.max).get(f"visits/plan/?week={week}&owner={cast.ann.pk}").json()
    assert theirs["days"] == read["days"]


@pytest.mark.parametrize(
    ("path", "attr"),
    [
        ("visits/plan/?week=2026-47", "week"),
        ("visits/plan/?owner=x", "owner"),
        ("visits/plan/?day=1", "day"),
        ("visits/?from=tomorrow", "from"),
    ],
)
def test_a_week_that_cannot_be_read_is_refused(cast: Cast, path: str, attr: str) -> None:
    refused = Phone(cast.ann).get(path)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == attr


@pytest.mark.parametrize(
    "stop",
    [
        {"day": "2026-11-20"},
        {"day": "2026-11-20", "visit": str(uuid7()), "merchant": str(uuid7())},
        {"day": "20.11.2026", "visit": str(uuid7())},
        {"visit": str(uuid7())},
        {"day": "2026-11-20", "visit": str(uuid7()), "order": 1},
    ],
    ids=["neither", "both", "no day", "without day", "unknown"],
)
def test_a_stop_that_cannot_be_read_is_refused(cast: Cast, stop: dict[str, Any]) -> None:
    answer = Phone(cast.ann).post("visits/plan/", {"week": "2026-W47", "stops": [stop]})
    assert answer.status_code == 400
