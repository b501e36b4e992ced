"""The metrics of objections: counted in three statements, whole or by reason, category, unit, rep
or play, over the objections raised in a period."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.domain import calendar as calendars
from crm.errors import Sentence
from leads.domain.objection_parameters import PROGRESSION_DAYS, REOPEN_DAYS
from leads.domain.objection_rates import Tally
from leads.models import (
    AttemptOutcome,
    Objection,
    ObjectionReason,
    Stage,
    StageChange,
    SubReason,
)
from leads.models.objection import ObjectionQuerySet
from leads.models.stages import FUNNEL
from merchants.models import CategoryGroup, PartnershipStage, PartnershipStep


class GroupBy(TextChoices):
    """By what the objections are told apart."""

    REASON = "reason", _("Reason")
    SUB_REASON = "sub_reason", _("Sub-reason")
    CATEGORY = "category", _("Category group")
    UNIT = "unit", _("Unit")
    REP = "rep", _("Colleague")
    PLAY = "play", _("Play")


@dataclass(frozen=True)
class _Grouping:
    """The column that tells the groups apart, and those that their label is made of."""

    column: str
    named_by: tuple[str, ...] = ()
    label: Callable[..., Sentence] = str


def _worded(choices: type[TextChoices]) -> Callable[[str], Sentence]:
    def label(value: str) -> Sentence:
        found: Sentence = choices(value).label if value else _("Not said")
        return found

    return label


def _named(_value: object, name: str | None) -> Sentence:
    return name or _("Nobody")


def _play(_value: object, code: str, title_en: str, title_zh: str) -> Sentence:
    title = title_en if (get_language() or "en").startswith("en") else title_zh
    return f"{code} · {title}"


_INSTANT = DateTimeField()
_ALL = _Grouping("")
_VERSION = "attempts__play_version"
_GROUPINGS: Mapping[GroupBy, _Grouping] = MappingProxyType(
    {
        GroupBy.REASON: _Grouping("declared_reason", (), _worded(ObjectionReason)),
        GroupBy.SUB_REASON: _Grouping("sub_reason", (), _worded(SubReason)),
        GroupBy.CATEGORY: _Grouping("merchant__category_group", (), _worded(CategoryGroup)),
        GroupBy.UNIT: _Grouping("merchant__unit", ("merchant__unit__name",), _named),
        GroupBy.REP: _Grouping("raised_by", ("raised_by__full_name",), _named),
        GroupBy.PLAY: _Grouping(
            f"{_VERSION}__play",
            tuple(
                f"{_VERSION}__play__{name}"
                for name in ("code", "current__title_en", "current__title_zh")
            ),
            _play,
        ),
    }
)

_PARTNERSHIP_FORWARD = (
    (PartnershipStage.ONBOARDING, PartnershipStage.PILOT),
    (PartnershipStage.PILOT, PartnershipStage.ACTIVE),
    (PartnershipStage.WAVERING, PartnershipStage.ACTIVE),
    (PartnershipStage.RENEWAL, PartnershipStage.ACTIVE),
)
"""Steps of a partnership that count as moving on; of a lead, any to a later stage of the funnel."""


@dataclass(frozen=True)
class Group:
    """One line of the metrics. `key` is a code or an id; none means nobody, or nothing said."""

    key: Any
    label: Sentence
    tally: Tally


def of(objections: ObjectionQuerySet, *, by: GroupBy, at: datetime) -> list[Group]:
    """The metrics of some objections in groups, the largest group first.

    By play: of the objections against which it was tried, and resolved means by that try.
    """
    grouping = _GROUPINGS[by]
    rows = objections.filter(attempts__isnull=False) if by == GroupBy.PLAY else objections
    tallies, labels = _counted(rows, grouping, by_try=by == GroupBy.PLAY, at=at)
    groups = [Group(key or None, labels[key], tally) for key, tally in tallies.items()]
    return sorted(groups, key=lambda one: (-one.tally.raised, str(one.label)))


def whole(objections: ObjectionQuerySet, *, at: datetime) -> Tally:
    """The metrics of all of them together."""
    tallies, _labels = _counted(objections, _ALL, by_try=False, at=at)
    return tallies.get("", Tally())


def _counted(
    objections: ObjectionQuerySet, grouping: _Grouping, *, by_try: bool, at: datetime
) -> tuple[dict[Any, Tally], dict[Any, Sentence]]:
    key = F(grouping.column) if grouping.column else Value("")
    rows: QuerySet[Any] = objections.order_by().annotate(group=key)
    # As one knew at that moment: a report that is written late counts nothing of what came since.
    resolved = Q(resolved_at__lte=at)
    if by_try:
        resolved &= Q(attempts__outcome=AttemptOutcome.RESOLVED)
    tallies: dict[Any, Tally] = {}
    labels: dict[Any, Sentence] = {}
    for row in _counts(rows, ("group", *grouping.named_by), resolved, at=at):
        if row["raised"]:
            tallies[row["group"]] = Tally(**{name: row[name] for name in _COUNTED})
            named = (row[name] for name in grouping.named_by)
            labels[row["group"]] = grouping.label(row["group"], *named)
    for group, merchants, moved_on, decided, won in _progress(rows, at=at):
        if tally := tallies.get(group):
            tally.merchants, tally.moved_on = merchants, moved_on
            tally.decided, tally.won = decided, won
    for group, days, count in _days_to_resolve(rows.filter(resolved)):
        if tally := tallies.get(group):
            tally.days_to_resolve[days] = tally.days_to_resolve.get(days, 0) + count
    return tallies, labels


_COUNTED = (
    "raised",
    "resolved",
    "same_conversation",
    "suggested",
    "mismatched",
    "settled_long_enough",
    "raised_again",
)


def _counts(
    rows: QuerySet[Any], names: tuple[str, ...], resolved: Q, *, at: datetime
) -> QuerySet[Any]:
    long_ago = resolved & _before("resolved_at", REOPEN_DAYS.value, at)
    counts: QuerySet[Any] = (
        rows.annotate(came_back=_came_back())
        .values(*names)
        .annotate(
            raised=Count("pk", distinct=True),
            resolved=Count("pk", distinct=True, filter=resolved),
            same_conversation=Count(
                "pk", distinct=True, filter=resolved & Q(resolved_in=F("activity"))
            ),
            suggested=Count("pk", distinct=True, filter=~Q(suggested_reason="")),
            mismatched=Count("pk", distinct=True, filter=Q(mismatch=True)),
            settled_long_enough=Count("pk", distinct=True, filter=long_ago),
            raised_again=Count("pk", distinct=True, filter=long_ago & Q(came_back=True)),
        )
    )
    return counts


def _progress(rows: QuerySet[Any], *, at: datetime) -> QuerySet[Any]:
    """(group, merchants, those that moved on, leads decided, those won)."""
    long_ago = _before("raised_at", PROGRESSION_DAYS.value, at)
    by_then = Q(lead__stage_entered_at__lte=at)
    progress: QuerySet[Any] = (
        rows.annotate(moved=_moved_on())
        .values_list("group")
        .annotate(
            merchants=Count("merchant", distinct=True, filter=long_ago),
            moved_on=Count("merchant", distinct=True, filter=long_ago & Q(moved=True)),
            decided=Count(
                "lead",
                distinct=True,
                filter=by_then & Q(lead__stage__in=(Stage.WON, Stage.LOST)),
            ),
            won=Count("lead", distinct=True, filter=by_then & Q(lead__stage=Stage.WON)),
        )
    )
    return progress


def _days_to_resolve(rows: QuerySet[Any]) -> Iterator[tuple[Any, int, int]]:
    """(group, working days, objections), by the days of where the bank is."""
    zone = timezone.get_default_timezone()
    elapsed = cache(calendars.load().elapsed)
    spans = (
        rows.annotate(
            first=TruncDate("raised_at", tzinfo=zone), last=TruncDate("resolved_at", tzinfo=zone)
        )
        .values_list("group", "first", "last")
        .annotate(count=Count("pk", distinct=True))
    )
    for group, first, last, count in spans:
        yield group, elapsed(first, last), count


def _before(column: str, days: int, at: datetime) -> Q:
    """So long ago that what comes within these days has come."""
    return Q(**{f"{column}__lte": at - timedelta(days=days)})


def _came_back() -> Combinable:
    """Reopened, or raised anew in the same words of the taxonomy, soon after it was resolved."""
    soon = timedelta(days=REOPEN_DAYS.value)
    anew = (
        Objection.objects.filter(
            merchant=OuterRef("merchant"),
            sub_reason=OuterRef("sub_reason"),
            raised_at__gt=OuterRef("resolved_at"),
            raised_at__lte=ExpressionWrapper(OuterRef("resolved_at") + soon, _INSTANT),
        )
        .exclude(sub_reason="")
        .order_by()
    )
    return Case(
        When(reopened_at__lte=ExpressionWrapper(F("resolved_at") + soon, _INSTANT), then=True),
        When(Exists(anew), then=True),
        default=False,
    )


def _moved_on() -> Combinable:
    """Whether the merchant's lead or partnership advanced soon after the objection."""
    until = ExpressionWrapper(
        OuterRef("raised_at") + timedelta(days=PROGRESSION_DAYS.value), _INSTANT
    )
    soon = Q(at__gt=OuterRef("raised_at"), at__lte=until)
    pursued = StageChange.objects.filter(soon, _forward(), lead__merchant=OuterRef("merchant"))
    grown = PartnershipStep.objects.filter(
        soon, _partnership_forward(), partnership__merchant=OuterRef("merchant")
    )
    return Case(
        When(Exists(pursued.order_by()), then=True),
        When(Exists(grown.order_by()), then=True),
        default=False,
    )


def _forward() -> Q:
    forward = Q()
    for place, stage in enumerate(FUNNEL):
        forward |= Q(from_stage=stage, to_stage__in=FUNNEL[place + 1 :])
    return forward


def _partnership_forward() -> Q:
    forward = Q()
    for before, after in _PARTNERSHIP_FORWARD:
        forward |= Q(from_stage=before, to_stage=after)
    return forward
