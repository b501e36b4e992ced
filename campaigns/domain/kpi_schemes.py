"""KPI schemes are checked, and set up if they stand."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import kpi_parameters, kpis, scheme_rules
from campaigns.domain.scheme_rules import Part
from campaigns.models import Indicator, IndicatorGroup, KpiScheme
from campaigns.models.indicators import NATURES
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, Problem, RuleBroken, Sentence
from crm.locking import known, take
from crm.models import OrgUnit
from crm.policies import require

NOT_YOURS = _("You do not keep the KPI schemes of this unit.")
MOST_ITEMS = 40
SENTENCES: dict[str, Sentence] = {
    "scheme_empty": _("A scheme has at least one indicator."),
    "weight_not_positive": _("Every indicator weighs more than 0 %."),
    "weights_not_whole": _("The weights must sum to exactly 100 %."),
    "volume_sole": _("Volume must not be the only thing that people are judged by."),
    "volume_half": _(
        "Issuance, customer numbers, market share and rank must weigh less than 50 % together."
    ),
    "volume_largest": _("Volume must not be the group that weighs most."),
    "volume_ceiling": _("Volume may weigh %(ceiling)s %% at the most."),
}


def read(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The parts of a scheme as they are kept, each a dict of indicator, label, group, counts_volume
    and weight in basis points.

    An indicator of ours belongs to its own group; another one says which, and whether it counts
    volume by another name. Raises InvalidInput.
    """
    if len(items) > MOST_ITEMS:
        raise InvalidInput(
            _("A scheme has 40 indicators at the most."), code="scheme_too_long", attr="items"
        )
    return [_item(item) for item in items]


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    indicator = Indicator(item["indicator"])
    group, label = item.get("group") or "", (item.get("label") or "").strip()
    if indicator != Indicator.OTHER:
        group = NATURES[indicator].group
    elif not label or not group:
        raise InvalidInput(
            _("Another indicator needs a name and a group."), code="indicator_unnamed", attr="items"
        )
    volume = group == IndicatorGroup.VOLUME or bool(item.get("counts_volume"))
    return {
        "indicator": str(indicator),
        "label": label,
        "group": str(IndicatorGroup(group)),
        "counts_volume": volume,
        "weight": int(item["weight"]),
    }


def parts_of(items: Sequence[Mapping[str, Any]]) -> list[Part]:
    """The parts as the rules read them."""
    return [Part(one["group"], one["weight"], one["counts_volume"]) for one in items]


def problems(items: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Everything that is wrong with the parts of a scheme; nothing is written."""
    most = ceiling()
    found = scheme_rules.faults(parts_of(read(items)), ceiling=most)
    return [Problem(code, _said(code, most), "items") for code in found]


def ceiling() -> Decimal:
    """What volume may weigh at the most, in per cent to two places."""
    return kpis.rounded(kpi_parameters.VOLUME_CEILING.value)


def _said(code: str, most: Decimal) -> Sentence:
    sentence = SENTENCES[code]
    return str(sentence) % {"ceiling": most} if code == "volume_ceiling" else sentence


@command
def set_up(
    scheme_id: UUID,
    *,
    unit_id: UUID,
    name: str,
    first_day: date,
    last_day: date,
    items: Sequence[Mapping[str, Any]],
    by: Actor,
    at: datetime,
) -> KpiScheme:
    """Set a scheme up for a unit.

    Raises NotAllowed, NotFound for a unit that the actor does not know, RuleBroken with everything
    that is wrong: `volume_sole`, `volume_half`, `volume_largest`, `volume_ceiling`,
    `weights_not_whole` and their like.
    """
    known(OrgUnit.objects.seen_by(by), unit_id, attr="unit")
    require(policies.may_keep_schemes(by, unit_id), NOT_YOURS)
    return KpiScheme.objects.create(
        pk=scheme_id,
        unit_id=unit_id,
        name=name,
        first_day=first_day,
        last_day=last_day,
        created_at=at,
        updated_at=at,
        **_checked(items),
    )


@command
def change(
    scheme_id: UUID,
    *,
    items: Sequence[Mapping[str, Any]],
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> KpiScheme:
    """Weigh a scheme anew. It stands the same check, or stays as it was."""
    scheme = take(KpiScheme.objects.seen_by(by), scheme_id, version=version)
    require(policies.may_keep_schemes(by, scheme.unit_id), NOT_YOURS)
    return scheme.change(at=at, **_checked(items))


def _checked(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    kept = read(items)
    if wrong := problems(kept):
        raise RuleBroken(
            format_lazy("{} {}", _("This scheme cannot stand."), wrong[0].detail),
            code=wrong[0].code,
            problems=wrong,
        )
    weights = scheme_rules.weigh(parts_of(kept))
    return {
        "items": kept,
        "whole_weight": weights.whole,
        "volume_weight": weights.volume,
        "largest_other_weight": weights.largest_other,
    }
