"""A phone that got no answer asks again: one visit, one activity, whatever is repeated or raced."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from crm.errors import RuleBroken
from crm.ids import uuid7
from leads.domain import position_consents, visit_photos, visit_presence
from leads.models import Activity, Visit, VisitPhoto
from merchants.models import TimelineEntry
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.pictures import png
from tests.leads.visiting import CORNER, STATION, Round
from tests.sessions import Session

NOW = "2026-11-18T10:00:00+08:00"


@pytest.fixture
def round_(cast: Cast) -> Round:
    return Round(cast, datetime.now(UTC))


def here(round_: Round, **more: Any) -> dict[str, Any]:
    return {
        "merchant": str(round_.merchant.pk),
        "lead": str(round_.lead.pk),
        "arrived_at": round_.at.isoformat(),
        "position": {"latitude": "31.198500", "longitude": "121.436874", "accuracy_m": 20},
        **more,
    }


# --- through the API --------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("keys", [("k-1", "k-1"), ("k-1", "k-2"), ("", "")])
def test_an_unplanned_check_in_sent_twice_makes_one_visit(
    round_: Round, keys: tuple[str, str]
) -> None:
    phone, body = Phone(round_.cast.ann), here(round_, id=str(uuid7()))
    first, again = (phone.post("visits/check-in/", body, key=key) for key in keys)
    assert (first.status_code, again.status_code) == (201, 201), again.content
    assert Visit.objects.count() == 1
    shown, repeated = first.json(), again.json()
    notices = repeated.pop("notices", [])
    if keys == ("k-1", "k-1"):
        assert again["Idempotency-Replayed"] == "true"
        assert notices == []
    else:
        assert [one["code"] for one in notices] == ["already_checked_in"]
    assert repeated == shown
    assert TimelineEntry.objects.filter(subject_id=shown["id"]).count() == 1


@pytest.mark.django_db
def test_without_an_id_of_the_phones_two_check_ins_are_two_visits(round_: Round) -> None:
    """The control: it is the id that makes them one."""
    phone = Phone(round_.cast.ann)
    for _time in range(2):
        assert phone.post("visits/check-in/", here(round_)).status_code == 201
    assert Visit.objects.count() == 2


@pytest.mark.django_db
def test_somebody_elses_visit_is_not_taken_for_ones_own(round_: Round) -> None:
    pk = str(uuid7())
    Phone(round_.cast.ann).post("visits/check-in/", here(round_, id=pk))
    refused = Phone(round_.cast.max).post("visits/check-in/", here(round_, id=pk))
    assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")


@pytest.mark.django_db
def test_a_day_on_the_phone(round_: Round) -> None:
    """Planned, checked in from outside with a reason, checked out, and each of it sent twice."""
    phone, cast = Phone(round_.cast.ann), round_.cast
    today = datetime.now(UTC).astimezone().date() + timedelta(days=1)
    planned = phone.post(
        "visits/",
        {
            "merchant": str(round_.merchant.pk),
            "lead": str(round_.lead.pk),
            "outlet": str(round_.outlet.pk),
            "planned_for": today.isoformat(),
            "planned_time": "14:30",
            "purpose": "送方案",
        },
    ).json()
    path = f"visits/{planned['id']}/"
    far = {
        "arrived_at": round_.at.isoformat(),
        "position": {"latitude": "31.205312", "longitude": "121.436874"},
    }
    refused = phone.post(f"{path}check-in/", far)
    assert (refused.status_code, refused.json()["code"]) == (409, "outside_needs_reason")
    assert refused.json()["errors"][0]["attr"] == "outside_reason"
    for _time in range(2):
        begun = phone.post(f"{path}check-in/", {**far, "outside_reason": "店长约在地铁口"})
        assert begun.status_code == 200, begun.content
    assert begun.json()["distance_m"] == 1112
    assert "latitude" not in begun.content.decode(), "the place has an address of its own"
    where = phone.get(f"{path}position/").json()
    assert (where["latitude"], where["longitude"]) == ("31.205", "121.437")
    gone = {
        "left_at": datetime.now(UTC).isoformat(),
        "summary": "见到店长",
        "outcome_code": "interested",
        "mood": 1,
    }
    for _time in range(2):
        done = phone.post(f"{path}check-out/", gone)
        assert done.status_code == 200, done.content
    assert done.json()["state"] == "checked_out"
    activity = Activity.objects.get()
    assert str(activity.pk) == done.json()["activity"]
    assert activity.actor == cast.ann
    mine = phone.get("visits/?owner=me&state=checked_out&state=missed").json()["results"]
    assert [one["id"] for one in mine] == [planned["id"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"arrived_at": "2026-11-18T10:00:00"}, "arrived_at"),
        ({"arrived_at": NOW, "position": {"latitude": 31.2, "longitude": "121"}}, "position"),
        ({"arrived_at": NOW, "position": {"latitude": "31.2"}}, "position"),
        ({"arrived_at": NOW, "position": {"latitude": "99", "longitude": "121"}}, "position"),
        ({"arrived_at": NOW, "speed": 3}, "speed"),
        ({"arrived_at": "2024-11-18T10:00:00+08:00"}, "arrived_at"),
    ],
    ids=["no offset", "a float", "half a point", "beyond the pole", "unknown", "years ago"],
)
def test_a_check_in_that_makes_no_sense_is_refused(
    round_: Round, body: dict[str, Any], attr: str
) -> None:
    visit = round_.plan()
    refused = Phone(round_.cast.ann).post(f"visits/{visit.pk}/check-in/", body)
    assert refused.status_code == 400, refused.content
    assert refused.json()["errors"][0]["attr"].startswith(attr)
    assert round_.row(visit).version == 1


@pytest.mark.django_db
def test_one_agrees_and_takes_it_back(round_: Round) -> None:
    phone = Phone(round_.cast.bo)
    assert phone.get("position-consent/").json()["given"] is False
    for given in (True, True, False, False):
        answer = phone.send("PUT", "position-consent/", {"given": given})
        assert answer.json()["given"] is given
    assert "100 metres" in answer.json()["text"]
    assert phone.send("PUT", "position-consent/", {"given": "yes"}).status_code == 400


@pytest.mark.django_db
def test_a_list_and_a_visit_cost_the_same_however_many_there_are(
    round_: Round, same_queries: Callable[..., int]
) -> None:
    phone = Phone(round_.cast.ann)
    visit = round_.check_in(round_.plan())

    def grow() -> None:
        number = VisitPhoto.objects.count()
        for grey in range(number, number + 1):
            visit_photos.add(
                visit.pk, name="门头.png", content=png(grey), by=round_.cast.ann, at=round_.at
            )
        for _time in range(3):
            factories.VisitFactory(merchant=round_.merchant, owner=round_.cast.ann)

    grow()
    for path in (
        "visits/?owner=me",
        f"visits/?merchant={round_.merchant.pk}",
        f"visits/{visit.pk}/",
    ):
        same_queries(lambda path=path: phone.get(path), after=grow, at_most=8)  # type: ignore[misc]


# --- two sessions -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_sessions_with_one_id_make_one_visit(round_: Round) -> None:
    pk = uuid7()
    with transaction.atomic():
        first = round_.walk_in(CORNER, pk)
        other = Session(lambda: round_.walk_in(CORNER, pk))
        assert other.wait_until_blocked()
    again = other.end()
    assert (again.pk, [one.code for one in again.notices]) == (first.pk, ["already_checked_in"])
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_the_second_session_is_refused_and_the_phone_knows_nothing(
    round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the primary key alone lets one visit be, and tells the phone a failure."""
    monkeypatch.setattr(visit_presence, "_hold_decision", lambda by: None)
    monkeypatch.setattr(visit_presence, "take", lambda rows, pk, **_: rows.filter(pk=pk).first())
    pk = uuid7()
    with transaction.atomic():
        round_.walk_in(CORNER, pk)
        other = Session(lambda: round_.walk_in(CORNER, pk))
        assert other.wait_until_blocked(), "the primary key makes it wait"
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "already_exists"
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_check_outs_at_once_write_one_activity(round_: Round) -> None:
    visit = round_.check_in(round_.plan())
    with transaction.atomic():
        round_.check_out(visit)
        other = Session(lambda: round_.check_out(visit))
        assert other.wait_until_blocked()
    assert [one.code for one in other.end().notices] == ["already_checked_out"]
    assert Activity.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_check_in_waits_for_a_consent_that_is_being_taken_back(round_: Round) -> None:
    visit = round_.plan()
    with transaction.atomic():
        position_consents.withdraw(by=round_.cast.ann, at=round_.at)
        other = Session(lambda: round_.check_in(visit, STATION))
        assert other.wait_until_blocked()
    assert other.end().latitude is None


@pytest.mark.django_db(transaction=True)
def test_without_that_lock_a_position_would_be_stored_after_all(
    round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(visit_presence, "_hold_decision", lambda by: None)
    visit = round_.plan()
    with transaction.atomic():
        position_consents.withdraw(by=round_.cast.ann, at=round_.at)
        other = Session(lambda: round_.check_in(visit, CORNER))
        assert other.end().latitude is not None


@pytest.mark.django_db(transaction=True)
def test_a_seventh_photo_does_not_slip_in_beside_the_sixth(round_: Round) -> None:
    visit = round_.check_in(round_.plan())

    def add(grey: int) -> VisitPhoto:
        return visit_photos.add(
            visit.pk, name="门头.png", content=png(grey), by=round_.cast.ann, at=round_.at
        )

    for grey in range(5):
        add(grey)
    with transaction.atomic():
        add(5)
        other = Session(lambda: add(6))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "too_many_photos"
    assert VisitPhoto.objects.count() == 6
