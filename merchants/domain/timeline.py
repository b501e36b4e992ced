"""Writing the timeline, and putting its entries into words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models

from crm.actors import Actor, user_id
from crm.domain import webhooks
from crm.errors import Sentence
from merchants.models import Merchant, TimelineEntry, TimelineGroup

_GROUPS = {
    "activity": TimelineGroup.VISITS,
    "follow_up": TimelineGroup.VISITS,
    "visit": TimelineGroup.VISITS,
    "objection": TimelineGroup.VISITS,
    "suggestion": TimelineGroup.VISITS,
    "lead": TimelineGroup.STAGES,
    "proposal": TimelineGroup.STAGES,
    "partnership": TimelineGroup.STAGES,
    "evidence": TimelineGroup.STAGES,
    "waiver": TimelineGroup.STAGES,
    "maturity": TimelineGroup.STAGES,
    "health": TimelineGroup.STAGES,
    "agreement": TimelineGroup.AGREEMENTS,
    "campaign": TimelineGroup.CAMPAIGNS,
    "approval": TimelineGroup.CAMPAIGNS,
    "outcome": TimelineGroup.CAMPAIGNS,
    "claim": TimelineGroup.CAMPAIGNS,
    "statement": TimelineGroup.CAMPAIGNS,
    "redemption": TimelineGroup.CAMPAIGNS,
    "discrepancy": TimelineGroup.CAMPAIGNS,
    "insight": TimelineGroup.INSIGHT,
    "rival_offer": TimelineGroup.INSIGHT,
    "pain": TimelineGroup.INSIGHT,
    "swot": TimelineGroup.INSIGHT,
    "merchant": TimelineGroup.DETAILS,
    "outlet": TimelineGroup.DETAILS,
    "identifier": TimelineGroup.DETAILS,
    "contact": TimelineGroup.PERSONAL_DATA,
    "consent": TimelineGroup.PERSONAL_DATA,
    "merge": TimelineGroup.MERGES,
    "import": TimelineGroup.IMPORTS,
}
"""The group of a kind that names none, from what stands before the dot of its name."""


@dataclass(frozen=True)
class Kind:
    """A kind of entry: its sentence with %(fact)s places, and the words for coded facts."""

    name: str
    label: Sentence
    sentence: Sentence
    group: TimelineGroup
    words: Mapping[str, type[models.TextChoices]] = field(default_factory=dict)


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    label: Sentence,
    sentence: Sentence,
    *,
    group: TimelineGroup | type[models.TextChoices] | None = None,
    **words: type[models.TextChoices],
) -> Kind:
    """Declare a kind of entry. A fact named in `words` is a code of that enumeration.

    Its group follows from its name, unless it is said.
    """
    assert not isinstance(group, type), "no fact is called “group”"
    found = group or _GROUPS.get(name.partition(".")[0], TimelineGroup.OTHER)
    KINDS[name] = Kind(name, label, sentence, found, words)
    webhooks.event(name, label)
    return KINDS[name]


def kinds_in(*groups: TimelineGroup | str) -> list[str]:
    """The names of the kinds in some groups."""
    return sorted(name for name, one in KINDS.items() if one.group in groups)


def group_of(kind_name: str) -> TimelineGroup:
    """The group of a kind; a kind of a newer version belongs to the others."""
    known = KINDS.get(kind_name)
    return known.group if known else TimelineGroup.OTHER


def record(
    kind: Kind,
    /,
    *,
    merchant_id: UUID,
    subject_id: UUID,
    by: Actor,
    at: datetime,
    **facts: str | int,
) -> TimelineEntry:
    """Append what just happened, inside the transaction in which it happens."""
    entry = TimelineEntry(
        merchant_id=merchant_id,
        subject_id=subject_id,
        kind=kind.name,
        actor_id=user_id(by),
        at=at,
        facts=facts,
    )
    together = _TOGETHER.get()
    if together is None:
        entry.save(force_insert=True)
        tell([entry])
    else:
        together.append(entry)
    return entry


_TOGETHER: ContextVar[list[TimelineEntry] | None] = ContextVar("timeline_together", default=None)


@contextmanager
def written_together() -> Iterator[list[TimelineEntry]]:
    """Entries of many rows are written with one statement, at the end of the block.

    What is taken out of the list meanwhile, because its row was refused, is not written.
    """
    entries: list[TimelineEntry] = []
    token = _TOGETHER.set(entries)
    try:
        yield entries
    finally:
        _TOGETHER.reset(token)
    record_all(entries)


def record_all(entries: Iterable[TimelineEntry]) -> None:
    """Append many entries with one statement."""
    tell(TimelineEntry.objects.bulk_create(entries))


def tell(entries: Sequence[TimelineEntry]) -> None:
    """Let the bank's other systems hear of what was just written: whom it concerns, and of the
    facts those that are stable codes. Names, sums and free text stay here."""
    if not entries or not (found := webhooks.listeners(at=entries[0].at)):
        return
    merchants = {entry.merchant_id for entry in entries}
    units = dict(Merchant.objects.filter(pk__in=merchants).values_list("pk", "unit_id"))
    webhooks.tell(
        found,
        [
            webhooks.Event(entry.kind, _told(entry), units[entry.merchant_id], entry.at, entry.pk)
            for entry in entries
            if entry.merchant_id in units
        ],
    )


def _told(entry: TimelineEntry) -> dict[str, object]:
    known = KINDS.get(entry.kind)
    coded = {
        name: value
        for name, value in entry.facts.items()
        if known and name in known.words and value in known.words[name].values
    }
    return {
        "merchant_id": entry.merchant_id,
        "subject_id": entry.subject_id,
        "actor_id": entry.actor_id,
        "at": entry.at,
        **({"facts": coded} if coded else {}),
    }


def sentence(kind_name: str, facts: Mapping[str, str | int]) -> str:
    """An entry in the active language. Unknown kinds (of a newer version) show their name."""
    known = KINDS.get(kind_name)
    if known is None:
        return kind_name
    worded = {name: _worded(known, name, value) for name, value in facts.items()}
    try:
        return str(known.sentence) % worded
    except KeyError:
        return str(known.label)


def _worded(known: Kind, name: str, value: str | int) -> str | int:
    choices = known.words.get(name)
    if choices is None or value not in choices.values:
        return value
    return str(choices(value).label)
