"""Follow-ups that come back, that are handed over, and that say what came of them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from crm.actors import SYSTEM
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import Reminder
from leads.domain import follow_ups
from leads.domain.due_dates import InWorkingDays
from leads.domain.recurrence import Recurrence
from leads.models import FollowUp, Lead, Repeats
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads import october
from tests.sessions import Session

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_FIVE = Recurrence(Repeats.WORKING_DAYS, 5)


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return factories.LeadFactory(merchant=merchant, owner=cast.ann)


def promised(lead: Lead, cast: Cast, at: datetime, **values: Any) -> FollowUp:
    return follow_ups.promise(
        uuid7(),
        lead.merchant_id,
        **{
            "title": "月度回访",
            "due_at": at + timedelta(hours=2),
            "owner": cast.ann,
            "by": cast.ann,
            "at": at,
            "lead_id": lead.pk,
            **values,
        },
    )


def local(follow_up: FollowUp) -> str:
    return follow_up.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.django_db
class TestInWorkingDays:
    def test_three_working_days_before_the_holiday_are_after_it(
        self, lead: Lead, cast: Cast
    ) -> None:
        before = datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI)
        october.keep(before)
        follow_up = promised(lead, cast, before, due_at=InWorkingDays(3, time(15, 0)))
        assert local(follow_up) == "2026-10-10 15:00"
        assert [one.code for one in follow_up.notices] == ["counted_in_working_days"]
        assert Reminder.objects.get().due_at == follow_up.due_at
        later = follow_ups.snooze(follow_up.pk, until=InWorkingDays(1), by=cast.ann, at=before)
        assert local(later) == "2026-10-08 10:00"

    def test_a_moment_in_the_holiday_moves_behind_it_and_says_so(
        self, lead: Lead, cast: Cast
    ) -> None:
        before = datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI)
        october.keep(before)
        in_a_week = promised(lead, cast, before, due_at=before + timedelta(days=7))
        assert local(in_a_week) == "2026-10-08 09:00"
        assert [one.code for one in in_a_week.notices] == ["moved_to_working_day"]
        saturday = datetime(2026, 10, 10, 9, 0, tzinfo=SHANGHAI)
        assert promised(lead, cast, before, due_at=saturday).notices == ()


@pytest.mark.django_db
class TestSeries:
    def test_what_is_done_comes_back_with_a_reminder_of_its_own(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        first = promised(lead, cast, at, repeating=EVERY_FIVE, priority="high")
        done = follow_ups.finish(
            first.pk, outcome="聊得不错", outcome_code="talked", by=cast.ann, at=at
        )
        assert (done.state, done.outcome_code) == ("done", "talked")
        assert [one.code for one in done.notices] == ["comes_back"]
        following = FollowUp.objects.get(previous=first)
        assert local(following) == "2026-11-25 12:00"
        assert (following.state, following.priority, following.title, following.owner) == (
            "open",
            "high",
            "月度回访",
            cast.ann,
        )
        keys = dict(Reminder.objects.values_list("key", "state"))
        assert keys == {first.reminder_key: "cancelled", following.reminder_key: "planned"}
        lead.refresh_from_db()
        assert lead.next_follow_up_at == following.due_at

    def test_putting_one_off_to_another_hour_does_not_move_the_series(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        first = promised(lead, cast, at, repeating=Recurrence(Repeats.WEEKLY, 3))
        evening = at + timedelta(days=1, hours=9)
        follow_ups.snooze(first.pk, until=evening, by=cast.ann, at=at)
        follow_ups.finish(first.pk, by=cast.ann, at=evening)
        assert local(FollowUp.objects.get(previous=first)) == "2026-11-25 12:00"

    def test_a_series_of_three_ends_after_the_third(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        one = promised(lead, cast, at, repeating=Recurrence(Repeats.WORKING_DAYS, 1, times=3))
        for _again in range(2):
            follow_ups.finish(one.pk, by=cast.ann, at=at)
            one = FollowUp.objects.get(previous=one)
        last = follow_ups.finish(one.pk, by=cast.ann, at=at)
        assert last.notices == ()
        assert FollowUp.objects.count() == 3
        assert not FollowUp.objects.open().exists()

    @pytest.mark.parametrize(("until", "comes_back"), [("2026-11-25", True), ("2026-11-24", False)])
    def test_the_last_day_of_a_series_is_part_of_it(
        self, until: str, comes_back: bool, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        weekly = Recurrence(Repeats.WEEKLY, 3, until=date.fromisoformat(until))
        first = promised(lead, cast, at, repeating=weekly)
        follow_ups.finish(first.pk, by=cast.ann, at=at)
        assert FollowUp.objects.filter(previous=first).exists() is comes_back

    @pytest.mark.parametrize(("end_series", "comes_back"), [(False, True), (True, False)])
    def test_one_is_left_out_or_the_series_is_ended(
        self, end_series: bool, comes_back: bool, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        first = promised(lead, cast, at, repeating=EVERY_FIVE)
        follow_ups.drop(first.pk, end_series=end_series, by=cast.ann, at=at)
        assert FollowUp.objects.open().exists() is comes_back

    def test_one_that_does_not_repeat_does_not_come_back(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        follow_ups.finish(promised(lead, cast, at).pk, by=cast.ann, at=at)
        assert FollowUp.objects.count() == 1

    def test_nothing_is_written_of_a_recurrence_that_makes_no_sense(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        with pytest.raises(InvalidInput):
            promised(lead, cast, at, repeating=Recurrence(Repeats.WEEKLY, 9))
        assert not FollowUp.objects.exists()
        assert not Reminder.objects.exists()

    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ({"repeats": "weekly", "repeat_number": 8}, "follow_up_repeats_soundly"),
            ({"repeats": "", "repeat_number": 3}, "follow_up_repeats_soundly"),
            ({"repeats": "weekly", "repeat_number": 3}, "follow_up_series_has_an_hour"),
            (
                {
                    "repeats": "weekly",
                    "repeat_number": 3,
                    "repeat_time": time(10),
                    "repeat_until": date(2027, 1, 1),
                    "repeats_left": 3,
                },
                "follow_up_ends_one_way",
            ),
        ],
    )
    def test_the_database_keeps_no_unsound_series(
        self, columns: dict[str, Any], constraint: str, lead: Lead, cast: Cast
    ) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            factories.FollowUpFactory(merchant=lead.merchant, owner=cast.ann, **columns)


@pytest.mark.django_db
class TestOutcomes:
    @pytest.mark.parametrize(
        ("verb", "code", "fits"),
        [
            (follow_ups.finish, "agreed", True),
            (follow_ups.finish, "not_reached", True),
            (follow_ups.finish, "not_needed", False),
            (follow_ups.finish, "shrug", False),
            (follow_ups.drop, "not_needed", True),
            (follow_ups.drop, "merchant_gone", True),
            (follow_ups.drop, "agreed", False),
        ],
    )
    def test_an_outcome_belongs_to_its_step(
        self, verb: Any, code: str, fits: bool, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        follow_up = promised(lead, cast, at)
        if fits:
            assert verb(follow_up.pk, outcome_code=code, by=cast.ann, at=at).outcome_code == code
            return
        with pytest.raises(InvalidInput) as refusal:
            verb(follow_up.pk, outcome_code=code, by=cast.ann, at=at)
        assert refusal.value.code == "outcome_does_not_fit"
        assert FollowUp.objects.get().state == "open"


@pytest.mark.django_db
class TestHandingOver:
    def test_a_colleague_gets_it_with_its_reminder_and_is_told(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        follow_up = promised(lead, cast, at, repeating=EVERY_FIVE)
        handed = follow_ups.hand_over(follow_up.pk, to=cast.bo, by=cast.ann, at=at)
        assert handed.owner == cast.bo
        reminders = {one.key: one.recipient for one in Reminder.objects.planned()}
        assert reminders == {
            handed.reminder_key: cast.bo,
            f"follow-up:{handed.pk}:handed:2": cast.bo,
        }
        assert TimelineEntry.objects.filter(kind="follow_up.handed").count() == 1
        follow_ups.finish(handed.pk, by=cast.bo, at=at)
        assert FollowUp.objects.get(previous=handed).owner == cast.bo, "the series goes along"

    def test_to_the_same_colleague_nothing_happens(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        follow_up = promised(lead, cast, at)
        assert follow_ups.hand_over(follow_up.pk, to=cast.ann, by=cast.max, at=at).version == 1

    @pytest.mark.parametrize("name", ["sam", "fay", "nia", "otto"])
    def test_nobody_gets_it_who_does_not_sell_at_the_unit(
        self, name: str, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        follow_up = promised(lead, cast, at)
        with pytest.raises(InvalidInput) as refusal:
            follow_ups.hand_over(follow_up.pk, to=cast.named(name), by=cast.max, at=at)
        assert refusal.value.code == "owner_not_at_unit"
        with pytest.raises(InvalidInput):
            promised(lead, cast, at, owner=cast.named(name))

    def test_who_may_not_work_the_merchant_hands_nothing_over(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        follow_up = promised(lead, cast, at)
        with pytest.raises(NotAllowed):
            follow_ups.hand_over(follow_up.pk, to=cast.bo, by=cast.rui, at=at)
        with pytest.raises(NotFound):
            follow_ups.hand_over(follow_up.pk, to=cast.bo, by=cast.bo, at=at)
        follow_ups.finish(follow_up.pk, by=SYSTEM, at=at)
        with pytest.raises(RuleBroken) as refusal:
            follow_ups.hand_over(follow_up.pk, to=cast.bo, by=cast.ann, at=at)
        assert refusal.value.code == "follow_up_closed"

    def test_the_takers_are_those_who_sell_at_the_unit_or_above(
        self, lead: Lead, cast: Cast, at: datetime
    ) -> None:
        names = [one.full_name for one in follow_ups.takers(lead.merchant)]
        assert names == ["Ann", "Bo", "Max", "Mei"]


@pytest.mark.django_db(transaction=True)
class TestTwoWhoFinish:
    """Ann and Max finish the same occurrence of a series at the same moment."""

    def both(self, first: FollowUp, cast: Cast, at: datetime) -> None:
        with transaction.atomic():
            follow_ups.finish(first.pk, by=cast.ann, at=at)
            other = Session(lambda: follow_ups.finish(first.pk, by=cast.max, at=at))
            assert other.wait_until_blocked()
        other.end()

    def test_one_next_occurrence_comes_of_it(self, lead: Lead, cast: Cast, at: datetime) -> None:
        first = promised(lead, cast, at, repeating=EVERY_FIVE)
        with pytest.raises(RuleBroken) as refusal:
            self.both(first, cast, at)
        assert refusal.value.code == "follow_up_closed"
        assert FollowUp.objects.filter(previous=first).count() == 1

    def test_without_the_lock_the_constraint_still_lets_one_come(
        self, lead: Lead, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = promised(lead, cast, at, repeating=EVERY_FIVE)
        monkeypatch.setattr(type(Lead.objects.all()), "for_change", lambda rows: rows)
        monkeypatch.setattr(type(FollowUp.objects.all()), "for_change", lambda rows: rows)
        with pytest.raises(RuleBroken) as refusal:
            self.both(first, cast, at)
        assert refusal.value.code == "follow_up_closed"
        assert FollowUp.objects.filter(previous=first).count() == 1

    def test_without_lock_and_constraint_it_would_come_back_twice(
        self, lead: Lead, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The negative control."""
        first = promised(lead, cast, at, repeating=EVERY_FIVE)
        monkeypatch.setattr(type(Lead.objects.all()), "for_change", lambda rows: rows)
        monkeypatch.setattr(type(FollowUp.objects.all()), "for_change", lambda rows: rows)
        one_next = next(
            one for one in FollowUp._meta.constraints if one.name == "follow_up_one_next"
        )
        with connection.schema_editor() as editor:
            editor.remove_constraint(FollowUp, one_next)
        try:
            self.both(first, cast, at)
            assert FollowUp.objects.filter(previous=first).count() == 2
        finally:
            FollowUp.objects.filter(previous=first).delete()
            with connection.schema_editor() as editor:
                editor.add_constraint(FollowUp, one_next)
