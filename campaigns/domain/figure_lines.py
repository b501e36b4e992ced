"""Lines of card figures as they are handed in, and what is wrong with each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.models import Campaign, CardCohort, CardFigure, CardSnapshot, FigureKind
from crm.actors import Actor
from crm.errors import Problem, Sentence
from crm.models import OrgUnit, User
from merchants.models import Merchant

LARGEST = 10**15
"""More cards or fen than this is a slip of the pen."""


@dataclass(frozen=True)
class Form:
    """What a kind of line consists of."""

    model: type[Model]
    day: str
    """The column of the day that the line speaks of."""
    counts: tuple[str, ...]
    has_parts: bool
    """Whether there are lines of merchants and campaigns."""


FORMS: dict[str, Form] = {
    FigureKind.DAILY: Form(CardFigure, "day", CardFigure.COUNTS, has_parts=True),
    FigureKind.COHORT: Form(CardCohort, "approved_on", CardCohort.COUNTS, has_parts=True),
    FigureKind.SNAPSHOT: Form(CardSnapshot, "day", CardSnapshot.COUNTS, has_parts=False),
}


@dataclass
class Line:
    """One line: whose it is, of which day, its counts, and what is wrong with it, if anything."""

    number: int
    unit_id: UUID | None
    day: date | None
    counts: Mapping[str, Any]
    merchant_id: UUID | None = None
    campaign_id: UUID | None = None
    problem: Problem | None = None
    outcome: str = ""
    key: UUID | None = field(default=None, repr=False)

    def refuse(self, code: str, sentence: Sentence, attr: str | None = None) -> None:
        """Say why the line is not taken; the first reason stands."""
        if self.problem is None:
            self.problem = Problem(code, sentence, attr)


def look_up(lines: Sequence[Line], form: Form, *, by: Actor, at: datetime) -> None:
    """Refuse lines of units, merchants and campaigns that the actor has nothing to do with, of days
    to come, and with counts that no line can have. A few statements, however many lines."""
    today = timezone.localdate(at)
    units = _known(OrgUnit.objects.seen_by(by), {line.unit_id for line in lines})
    merchants = _known(Merchant.objects.seen_by(by), {line.merchant_id for line in lines})
    campaigns = _known(Campaign.objects.seen_by(by), {line.campaign_id for line in lines})
    for line in lines:
        if line.unit_id is None or line.unit_id not in units:
            line.refuse("unit_unknown", _("There is no such unit."), "unit")
        elif isinstance(by, User) and not policies.may_file_figures(by, line.unit_id):
            line.refuse("not_allowed", _("You do not file figures of this unit."), "unit")
        if line.merchant_id is not None and line.merchant_id not in merchants:
            line.refuse("merchant_unknown", _("There is no such merchant."), "merchant")
        if line.campaign_id is not None and line.campaign_id not in campaigns:
            line.refuse("campaign_unknown", _("There is no such campaign."), "campaign")
        if line.day is None:
            line.refuse("day_missing", _("Say which day it is about."), form.day)
        elif line.day > today or _as_of(line) > today:
            line.refuse("day_to_come", _("This day has not been yet."), form.day)
        for name, count in line.counts.items():
            if isinstance(count, int) and not 0 <= count <= LARGEST:
                sentence = _("A count is a whole number from zero up.")
                line.refuse("count_invalid", sentence, name)


def _as_of(line: Line) -> date:
    as_of = line.counts.get("as_of")
    return as_of if isinstance(as_of, date) else date.min


def _known(rows: Any, ids: Collection[UUID | None]) -> set[UUID]:
    wanted = [one for one in ids if one is not None]
    return set(rows.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
