"""Ids: UUIDv7, by us or by a phone, sorting by the time they were made."""

import time
import uuid
from datetime import datetime, timedelta

import pytest

from crm.errors import InvalidInput
from crm.ids import accepted, made_at, uuid7


def test_ids_are_uuid7_and_sort_by_time() -> None:
    made = []
    for _ in range(3):
        made.append(uuid7())
        until = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == until:
            pass
    assert made == sorted(made)
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert abs(made_at(made[0]) - time.time()) < 5
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def at_time(moment: datetime) -> uuid.UUID:
    return uuid.UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | 1)


def test_a_phones_clock_may_run_a_day_ahead_and_not_more(at: datetime) -> None:
    early = at_time(at + timedelta(hours=23, minutes=59))
    assert accepted(early, at=at) == early
    with pytest.raises(InvalidInput) as refusal:
        accepted(at_time(at + timedelta(hours=24, minutes=1)), at=at)
    assert refusal.value.code == "id_from_the_future"


@pytest.mark.parametrize("bad", [uuid.uuid4(), uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)])
def test_other_kinds_of_id_are_refused(bad: uuid.UUID, at: datetime) -> None:
    with pytest.raises(InvalidInput) as refusal:
        accepted(bad, at=at)
    assert refusal.value.code == "id_not_uuid7"


def test_who_sends_none_gets_one(at: datetime) -> None:
    assert accepted(None, at=at).version == 7
