"""The playbook: written, rewritten as next versions, retired; and loaded from the file that comes
with the product."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput
from crm.locking import take
from crm.policies import require
from leads import policies
from leads.models import ObjectionReason, Play, PlayVersion, SubReason
from merchants.models import CategoryGroup

DATA = Path(__file__).resolve().parent.parent / "data"

LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        f"{part}_{language}": 100 if part == "title" else 2000
        for part in ("title", "phrases", "evidence", "case", "offer", "resolved_when")
        for language in ("en", "zh")
    }
)
"""What a version says, in both languages, and how long each text may be."""

TEXTS = tuple(LENGTHS)


@command
def write(
    play_id: UUID,
    *,
    code: str,
    reason: str,
    texts: Mapping[str, str],
    by: Actor,
    at: datetime,
    sub_reason: str = "",
    category_groups: Iterable[str] = (),
) -> Play:
    """Put a new play into the playbook, with its first version.

    Raises NotAllowed, InvalidInput, RuleBroken for a code that is taken, for a sub-reason that
    belongs to another reason, and without a title in both languages.
    """
    require(policies.may_write_plays(by))
    _sound(reason, sub_reason, category_groups)
    play = Play.objects.create(
        pk=play_id,
        code=code.strip(),
        reason=reason,
        sub_reason=sub_reason,
        category_groups=_in_order(category_groups),
        created_at=at,
        updated_at=at,
    )
    return _next_version(play, _complete(texts), by=by, at=at)


@command
def revise(
    play_id: UUID,
    *,
    by: Actor,
    at: datetime,
    texts: Mapping[str, str] | None = None,
    category_groups: Iterable[str] | None = None,
    version: int | None = None,
) -> Play:
    """Write the next version of a play, or say for which category groups it is.

    Texts that are not named stay as they are; nothing new makes no version.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken without a title, Stale.
    """
    play = take(Play.objects.seen_by(by).select_related("current"), play_id, version=version)
    require(policies.may_write_plays(by))
    assert play.current is not None
    said = {name: getattr(play.current, name) for name in TEXTS}
    new = _complete({**said, **(texts or {})})
    if category_groups is not None:
        _sound(play.reason, play.sub_reason, category_groups)
        if (groups := _in_order(category_groups)) != play.category_groups:
            play.change(at=at, category_groups=groups)
    return play if new == said else _next_version(play, new, by=by, at=at)


@command
def retire(play_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Play:
    """Offer a play no longer. Tries of it stay. Raises NotFound, NotAllowed, Stale."""
    play = take(Play.objects.seen_by(by), play_id, version=version)
    require(policies.may_write_plays(by))
    return play if play.retired_at else play.change(at=at, retired_at=at)


@command
def reinstate(play_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Play:
    """Offer a retired play again. Raises NotFound, NotAllowed, Stale."""
    play = take(Play.objects.seen_by(by), play_id, version=version)
    require(policies.may_write_plays(by))
    return play.change(at=at, retired_at=None) if play.retired_at else play


@dataclass(frozen=True)
class Loaded:
    """How many plays the file holds, and how many of them were new to us."""

    total: int
    new: int


@command
def load(*, by: Actor, at: datetime) -> Loaded:
    """Take in the plays of the file. A play that a person has written on is left as it is; one that
    nobody has gets what the file now says as its next version."""
    with (DATA / "plays.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_people = PlayVersion.objects.filter(play=OuterRef("pk"), written_by__isnull=False)
    known = {
        play.code: play
        for play in Play.objects.annotate(written_on=Exists(by_people)).select_related("current")
    }
    new = 0
    for row in rows:
        texts = {name: row[name] for name in TEXTS}
        play = known.get(row["code"])
        if play is None:
            sub_reason = SubReason(row["code"])
            play = Play.objects.create(
                code=row["code"],
                reason=sub_reason.reason,
                sub_reason=sub_reason,
                created_at=at,
                updated_at=at,
            )
            new += 1
        elif play.written_on or texts == {name: getattr(play.current, name) for name in TEXTS}:  # type: ignore[attr-defined]
            continue
        _next_version(play, texts, by=by, at=at)
    return Loaded(len(rows), new)


def _next_version(play: Play, texts: Mapping[str, str], *, by: Actor, at: datetime) -> Play:
    number = play.current.number + 1 if play.current else 1
    current = PlayVersion.objects.create(
        play=play, number=number, written_by_id=user_id(by), at=at, **texts
    )
    return play.change(at=at, current=current)


def _complete(texts: Mapping[str, str]) -> dict[str, str]:
    """All texts, trimmed. Raises InvalidInput for one that is unknown or too long, or without a
    title in both languages."""
    for name, text in texts.items():
        if name not in LENGTHS:
            raise InvalidInput(_("A play has no such part."), code="part_unknown", attr=name)
        if len(text) > LENGTHS[name]:
            raise InvalidInput(
                _("At the most %(most)d characters.") % {"most": LENGTHS[name]},
                code="text_too_long",
                attr=name,
            )
    whole = {name: texts.get(name, "").strip() for name in TEXTS}
    for name in ("title_en", "title_zh"):
        if not whole[name]:
            raise InvalidInput(
                _("A play has a title in both languages."), code="title_required", attr=name
            )
    return whole


def _sound(reason: str, sub_reason: str, category_groups: Iterable[str]) -> None:
    if reason not in ObjectionReason.values:
        raise InvalidInput(_("There is no such reason."), code="reason_unknown", attr="reason")
    if sub_reason and SubReason(sub_reason).reason != reason:
        raise InvalidInput(
            _("This sub-reason belongs to another reason."),
            code="sub_reason_of_other_reason",
            attr="sub_reason",
        )
    if any(group not in CategoryGroup.values for group in category_groups):
        raise InvalidInput(
            _("There is no such category group."),
            code="category_group_unknown",
            attr="category_groups",
        )


def _in_order(category_groups: Iterable[str]) -> list[str]:
    chosen = set(category_groups)
    return [str(group) for group in CategoryGroup if group in chosen]
