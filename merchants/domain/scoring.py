"""Reckoning the health of every partnership once a day, and its maturity once a month.

In batches, each a transaction of its own. What a batch needs is read in a few statements over all
of it, never one by one. A partnership that was reckoned for the day is not taken again, and one
that another session holds is left for the next round: so it does not matter how often this is
called, by how many workers, or where one of them was killed.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.models.base import RowQuerySet
from merchants.domain import health, known_facts, maturity, timeline
from merchants.domain.health import Part
from merchants.models import (
    HealthReading,
    MaturityReading,
    Partnership,
    PartnershipStage,
    TimelineEntry,
)

BATCH = 500
NIGHT = timedelta(hours=5)
"""The facts of a day have arrived by five in the morning of the next; then it is reckoned."""

MATURED = timeline.kind(
    "partnership.maturity_changed",
    _("Maturity changed"),
    _("The maturity of the partnership went from %(from)s to %(to)s."),
)


def day_to_reckon(at: datetime) -> date:
    """The day whose health is due at a moment: before five in the morning still yesterday."""
    return timezone.localdate(at - NIGHT)


def recompute(day: date, *, by: Actor, at: datetime, most: int | None = None) -> int:
    """Reckon the health of every partnership that has none for this day yet; returns how many.

    With `most`, stop after about so many: the next call goes on.
    """
    return _in_batches(lambda: _recompute_batch(day, by=by, at=at), most)


def evaluate(month: date, *, by: Actor, at: datetime, most: int | None = None) -> int:
    """Evaluate the maturity of every partnership not evaluated for this month; how many."""
    return _in_batches(lambda: _evaluate_batch(month.replace(day=1), by=by, at=at), most)


def _in_batches(batch: Callable[[], int], most: int | None) -> int:
    done = 0
    while (most is None or done < most) and (taken := batch()):
        done += taken
    return done


def _living() -> RowQuerySet[Partnership]:
    """Partnerships that go on, or may go on again."""
    ended = (PartnershipStage.CHURNED, PartnershipStage.BLOCKED)
    return Partnership.objects.exclude(stage__in=ended)


def _taken(rows: RowQuerySet[Partnership]) -> list[Partnership]:
    """A batch of them, locked; those that somebody else is changing are passed over."""
    free = rows.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(free.only("pk", "merchant_id", "maturity")[:BATCH])


@command
def _recompute_batch(day: date, *, by: Actor, at: datetime) -> int:
    due = Q(health_computed_on=None) | Q(health_computed_on__lt=day)
    # Who did not exist yet at this moment had no health then; it matters to stories of the past.
    batch = _taken(_living().filter(due, created_at__lte=at))
    if not batch:
        return 0
    merchants = known_facts.merchants_of(batch)
    facts = known_facts.of_health(merchants, day)
    HealthReading.objects.bulk_create(
        [reading(pk, day, facts[pk]) for pk in merchants], ignore_conflicts=True
    )
    # The score is no edit of the row: its version stays, so that nobody's form goes stale by night.
    stored = HealthReading.objects.filter(partnership=OuterRef("pk"), day=day)
    Partnership.objects.filter(pk__any_of=list(merchants)).update(
        health=Subquery(stored.values("score")[:1]), health_computed_on=day
    )
    return len(batch)


def reading(partnership_id: UUID, day: date, facts: health.Facts) -> HealthReading:
    """What is written down of a partnership's health: the score, its parts, their facts."""
    found = health.health(facts)
    shares = {
        part: None if share is None else health.rounded(share, 4)
        for part, share in found.parts.items()
    }
    return HealthReading(
        partnership_id=partnership_id,
        day=day,
        score=found.score,
        activity=shares[Part.ACTIVITY],
        trend=shares[Part.TREND],
        target=shares[Part.TARGET],
        settlement=shares[Part.SETTLEMENT],
        engagement=shares[Part.ENGAGEMENT],
        **vars(facts),
    )


def facts_of(reading: HealthReading) -> health.Facts:
    """The facts that a reading was made from."""
    return health.Facts(**{name: getattr(reading, name) for name in vars(health.Facts())})


def health_now(partnership: Partnership, *, at: datetime) -> HealthReading:
    """The reading that the facts filed so far would give, without writing it down."""
    day = timezone.localdate(at) + timedelta(days=1)
    facts = known_facts.of_health({partnership.pk: partnership.merchant_id}, day)
    return reading(partnership.pk, day, facts[partnership.pk])


@command
def _evaluate_batch(month: date, *, by: Actor, at: datetime) -> int:
    evaluated = MaturityReading.objects.filter(partnership=OuterRef("pk"), month__gte=month)
    batch = _taken(_living().filter(~Exists(evaluated), created_at__lte=at))
    if not batch:
        return 0
    ids = [one.pk for one in batch]
    facts = known_facts.of_maturity(ids, month)
    before = {
        one.partnership_id: one
        for one in MaturityReading.objects.filter(partnership__any_of=ids, month__lt=month)
        .order_by("partnership_id", "-month")
        .distinct("partnership_id")
    }
    readings = [_evaluation(pk, month, facts[pk], before.get(pk)) for pk in ids]
    MaturityReading.objects.bulk_create(readings, ignore_conflicts=True)
    stored: QuerySet[MaturityReading] = MaturityReading.objects.filter(
        partnership=OuterRef("pk"), month=month
    )
    Partnership.objects.filter(pk__any_of=ids).update(maturity=Subquery(stored.values("level")[:1]))
    _tell_changes(batch, {one.partnership_id: one.level for one in readings}, by=by, at=at)
    return len(batch)


def _evaluation(
    partnership_id: UUID, month: date, facts: maturity.Facts, before: MaturityReading | None
) -> MaturityReading:
    measured = maturity.measured(facts)
    return MaturityReading(
        partnership_id=partnership_id,
        month=month,
        measured=measured,
        level=maturity.held(
            measured,
            before=before.level if before else None,
            measured_before=before.measured if before else None,
        ),
        criteria={
            one.criterion.value: {"value": one.value, "met": one.met}
            for one in maturity.findings(facts)
        },
    )


def _tell_changes(
    batch: list[Partnership], levels: dict[UUID, int], *, by: Actor, at: datetime
) -> None:
    """Write the changes of level into the timelines, all at once."""
    timeline.record_all(
        TimelineEntry(
            merchant_id=one.merchant_id,
            subject_id=one.pk,
            kind=MATURED.name,
            actor_id=user_id(by),
            at=at,
            facts={"from": _written(one.maturity), "to": _written(levels[one.pk])},
        )
        for one in batch
        if levels[one.pk] != one.maturity
    )


def _written(level: int) -> str:
    return str(maturity.shown(level))


def shares_of(reading: HealthReading) -> dict[Part, Decimal | None]:
    """The five parts of a reading."""
    return {part: getattr(reading, part.value) for part in Part}
