"""Comparing our package with a rival's: analyses are begun, filled and read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.locking import known, take
from crm.policies import require
from merchants import policies
from merchants.domain import rivals, swot, timeline
from merchants.models import (
    Merchant,
    Rival,
    SwotAnalysis,
    SwotFact,
    SwotFactKind,
    SwotFeature,
)
from merchants.models.swot import SwotPartQuerySet

BEGUN = timeline.kind(
    "swot.begun", _("Package compared"), _("Our package was compared with that of %(rival)s.")
)
CHANGED = timeline.kind(
    "swot.changed",
    _("Comparison changed"),
    _("The comparison with %(rival)s was changed: %(what)s"),
)
_ANALYSES_ARE_KEPT = _("Planners and leaders compare packages.")
MOST_TAGS = 20


@dataclass(frozen=True)
class Reading:
    """An analysis with its parts and what follows from them."""

    features: list[SwotFeature]
    facts: list[SwotFact]
    pairs: dict[swot.PairKind, list[swot.Pair]]
    best: list[swot.Pair]


@command
def begin(
    analysis_id: UUID,
    *,
    rival_id: UUID,
    package: str,
    by: Actor,
    at: datetime,
    category_group: str = "",
    merchant_id: UUID | None = None,
) -> SwotAnalysis:
    """Begin to compare a package of ours with a rival's, for a category group or one merchant.

    Raises NotFound, NotAllowed, RuleBroken (`one_subject`, `analysis_exists`).
    """
    merchant = None
    if merchant_id is not None:
        merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(policies.may_analyse(by, merchant), _ANALYSES_ARE_KEPT)
    rival = known(Rival.objects.seen_by(by), rival_id, attr="rival")
    analysis = SwotAnalysis.objects.create(
        pk=analysis_id,
        rival=rival,
        category_group=category_group,
        merchant=merchant,
        package=package,
        created_at=at,
        updated_at=at,
    )
    if merchant is not None:
        timeline.record(
            BEGUN,
            merchant_id=merchant.pk,
            subject_id=analysis.pk,
            by=by,
            at=at,
            rival=rival.short_name,
        )
    return analysis


@command
def rename_package(
    analysis_id: UUID, package: str, *, by: Actor, at: datetime, version: int | None = None
) -> SwotAnalysis:
    """Say anew which package of ours is compared. Raises NotFound, NotAllowed, Stale."""
    analysis = _to_change(analysis_id, by, version)
    analysis.change(at=at, package=package)
    _tell(analysis, package, by=by, at=at)
    return analysis


@command
def add_feature(
    feature_id: UUID, analysis_id: UUID, *, by: Actor, at: datetime, **values: Any
) -> SwotFeature:
    """Add a feature. Raises NotFound, NotAllowed, InvalidInput, RuleBroken."""
    analysis = _to_change(analysis_id, by)
    feature = SwotFeature.objects.create(
        pk=feature_id, analysis=analysis, created_at=at, updated_at=at, **_tagged(values)
    )
    _tell(analysis, feature.name, by=by, at=at)
    return feature


@command
def change_feature(
    feature_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> SwotFeature:
    """Score a feature anew. Raises NotFound, NotAllowed, InvalidInput, RuleBroken, Stale."""
    feature = _part(SwotFeature.objects.seen_by(by), feature_id, by, version)
    if changes:
        feature.change(at=at, **_tagged(changes))
        feature.refresh_from_db(fields=["score"])
        _tell(feature.analysis, feature.name, by=by, at=at)
    return feature


@command
def remove_feature(
    feature_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> SwotFeature:
    """Take a feature out; it is kept, and counts no more."""
    feature = _part(SwotFeature.objects.seen_by(by), feature_id, by, version)
    feature.change(at=at, removed_at=at)
    _tell(feature.analysis, feature.name, by=by, at=at)
    return feature


@command
def add_fact(
    fact_id: UUID, analysis_id: UUID, *, by: Actor, at: datetime, **values: Any
) -> SwotFact:
    """Add an opportunity or a threat. Raises NotFound, NotAllowed, InvalidInput, RuleBroken."""
    analysis = _to_change(analysis_id, by)
    fact = SwotFact.objects.create(
        pk=fact_id, analysis=analysis, created_at=at, updated_at=at, **_dated(values, at)
    )
    _tell(analysis, fact.statement, by=by, at=at)
    return fact


@command
def change_fact(
    fact_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> SwotFact:
    """Correct an outside fact. Raises NotFound, NotAllowed, InvalidInput, RuleBroken, Stale."""
    fact = _part(SwotFact.objects.seen_by(by), fact_id, by, version)
    if changes:
        fact.change(at=at, **_dated(changes, at))
        _tell(fact.analysis, fact.statement, by=by, at=at)
    return fact


@command
def remove_fact(fact_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> SwotFact:
    """Take an outside fact out; it is kept, and counts no more."""
    fact = _part(SwotFact.objects.seen_by(by), fact_id, by, version)
    fact.change(at=at, removed_at=at)
    _tell(fact.analysis, fact.statement, by=by, at=at)
    return fact


def read(analysis_id: UUID, *, answers: Collection[str] = ()) -> Reading:
    """The features and facts of an analysis and the pairs that follow. Two statements."""
    features = list(
        SwotFeature.objects.current().filter(analysis=analysis_id).order_by("-score", "name")
    )
    facts = list(
        SwotFact.objects.current().filter(analysis=analysis_id).order_by("-dated", "statement")
    )
    inside = [
        swot.Feature(one.name, one.difference, one.importance, tuple(one.answers))
        for one in features
    ]
    outside = [
        swot.OutsideFact(SwotFactKind(one.kind), one.statement, one.dated, one.weight)
        for one in facts
    ]
    return Reading(
        features,
        facts,
        swot.pairs(inside, outside, answers=answers),
        swot.best(inside, outside, answers=answers),
    )


def _to_change(analysis_id: UUID, by: Actor, version: int | None = None) -> SwotAnalysis:
    rows = SwotAnalysis.objects.seen_by(by)
    merchant_id = rows.filter(pk=analysis_id).values_list("merchant_id", flat=True).first()
    merchant = take(Merchant.objects.seen_by(by), merchant_id) if merchant_id else None
    analysis = take(rows, analysis_id, version=version)
    require(policies.may_analyse(by, merchant), _ANALYSES_ARE_KEPT)
    return analysis


def _part[M: (SwotFeature, SwotFact)](
    seen: SwotPartQuerySet[M], part_id: UUID, by: Actor, version: int | None
) -> M:
    """A feature or a fact that still counts, locked with its analysis."""
    current = seen.current()
    analysis_id = current.filter(pk=part_id).values_list("analysis_id", flat=True).first()
    if analysis_id is not None:
        _to_change(analysis_id, by)
    return take(current, part_id, version=version)


def _tagged(values: Mapping[str, Any]) -> dict[str, Any]:
    """Tags are trimmed, each once, in order."""
    given = dict(values)
    if "answers" in given:
        given["answers"] = sorted({tag.strip() for tag in given["answers"]} - {""})
        if len(given["answers"]) > MOST_TAGS:
            raise InvalidInput(
                _("A feature answers 20 capabilities at the most."),
                code="too_many_tags",
                attr="answers",
            )
    return given


def _dated(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    given = dict(values)
    if "dated" in given and given["dated"] > rivals.bank_day(at):
        raise InvalidInput(
            _("A fact has happened: choose a day up to today."),
            code="day_in_the_future",
            attr="dated",
        )
    return given


def _tell(analysis: SwotAnalysis, what: str, *, by: Actor, at: datetime) -> None:
    if analysis.merchant_id is None:
        return
    timeline.record(
        CHANGED,
        merchant_id=analysis.merchant_id,
        subject_id=analysis.pk,
        by=by,
        at=at,
        rival=analysis.rival.short_name,
        what=what,
    )
