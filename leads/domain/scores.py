"""Scores of leads: reckoned in batches for lists to be ordered by, explained one at a time."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, DecimalField, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.ids import uuid7
from crm.locking import take
from crm.policies import require
from leads import policies
from leads.domain import next_parameters as parameters
from leads.domain import score_facts, scoring
from leads.domain.scoring import Facts, Score
from leads.models import Lead, ScoreInput
from leads.models.lead import SCORE_OUTDATED, UNSCORED, LeadQuerySet
from merchants.domain import timeline
from merchants.domain.health import rounded

LOOKED_UP = timeline.kind(
    "lead.looked_up",
    _("Looked up for the score"),
    _("Looked up for the score: %(source)s"),
)

BATCH = 500
EVERY = timedelta(days=1)
"""Age, offers of rivals and the window of contacts move on with the days."""
LARGEST = 2**31 - 1


def explained(lead: Lead, at: datetime) -> tuple[Facts, Score]:
    """The score that the facts of this moment give, with the facts; nothing is written."""
    facts = score_facts.facts_of([lead], at)[lead.pk]
    return facts, scoring.score(facts, parameters.scales())


def reckon(*, at: datetime) -> int:
    """Reckon the scores that are missing, outdated by an event, or a day old; returns how many.

    One batch of each: the next tick goes on. What is up to date is not taken again.
    """
    open_ones = Lead.objects.open().filter(created_at__lte=at)
    outdated = open_ones.filter(SCORE_OUTDATED).order_by("pk")
    old = open_ones.filter(score_at__lt=at - EVERY).order_by("score_at", "pk")
    return _reckon_batch(outdated, at=at) + _reckon_batch(old, at=at)


@command
def _reckon_batch(rows: LeadQuerySet, *, at: datetime) -> int:
    free = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    batch = list(free.only("pk", "merchant_id")[:BATCH])
    if not batch:
        return 0
    facts, scales = score_facts.facts_of(batch, at), parameters.scales()
    found = {}
    for lead in batch:
        score = scoring.score(facts[lead.pk], scales).score
        found[lead.pk] = None if score is None else rounded(score, 1)
    column = DecimalField(max_digits=4, decimal_places=1)
    cases = [When(pk=pk, then=Value(one, column)) for pk, one in found.items() if one is not None]
    # A score is no edit of the row: its version stays, or open forms would be stale by themselves.
    Lead.objects.filter(pk__any_of=list(found)).update(
        score=Case(*cases, default=Value(None, column), output_field=column),
        score_order=Case(*cases, default=Value(Decimal(UNSCORED), column), output_field=column),
        score_at=at,
    )
    return len(batch)


@command
def look_up(
    lead_id: UUID,
    *,
    source: str,
    read_on: date,
    by: Actor,
    at: datetime,
    founded_on: date | None = None,
    penalties: int | None = None,
    cardholders_nearby: int | None = None,
    branch_metres: int | None = None,
) -> ScoreInput:
    """Write down what was looked up about a lead, in place of what was there; the score follows.

    Raises NotFound, NotAllowed, InvalidInput for a day to come or a number out of range, RuleBroken
    where no source is named.
    """
    lead = take(Lead.objects.seen_by(by), lead_id)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    if read_on > timezone.localdate(at):
        raise InvalidInput(
            _("That day is still to come."), code="day_in_the_future", attr="read_on"
        )
    for name, number in (
        ("penalties", penalties),
        ("cardholders_nearby", cardholders_nearby),
        ("branch_metres", branch_metres),
    ):
        most = 32767 if name == "penalties" else LARGEST
        if number is not None and not 0 <= number <= most:
            raise InvalidInput(
                _("A number from zero to %(most)s.") % {"most": most},
                code="number_out_of_range",
                attr=name,
            )
    columns = {
        "founded_on": founded_on,
        "penalties": penalties,
        "cardholders_nearby": cardholders_nearby,
        "branch_metres": branch_metres,
        "source": source.strip(),
        "read_on": read_on,
    }
    row = ScoreInput.objects.for_change().filter(lead=lead).first()
    if row is None:
        row = ScoreInput.objects.create(
            pk=uuid7(), lead=lead, created_at=at, updated_at=at, **columns
        )
    else:
        row.change(at=at, **columns)
    timeline.record(
        LOOKED_UP,
        merchant_id=lead.merchant_id,
        subject_id=lead.pk,
        by=by,
        at=at,
        source=row.source,
    )
    _reckon_batch(Lead.objects.filter(pk=lead.pk), at=at)
    return row
