"""Which shop a merchant number stands for on a day, for many rows with one statement."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from merchants.models import MerchantIdentifier


class Place(NamedTuple):
    """A shop: where it belongs, and its merchant's category code."""

    outlet_id: UUID
    merchant_id: UUID
    category: str


class _Entry(NamedTuple):
    terminal: str
    first: date
    last: date | None
    place: Place


@dataclass(frozen=True)
class Places:
    """The shops behind merchant numbers."""

    by_mid: Mapping[str, list[_Entry]]

    @property
    def merchant_ids(self) -> set[UUID]:
        return {one.place.merchant_id for entries in self.by_mid.values() for one in entries}

    def at(self, mid: str, terminal: str, day: date) -> Place | None:
        """The shop of a number on a day: the terminal's own entry goes before that of all
        terminals. None where there is no such number, or it stands for several shops."""
        valid = [
            one
            for one in self.by_mid.get(mid, ())
            if one.terminal in ("", terminal)
            and one.first <= day
            and (one.last is None or day <= one.last)
        ]
        if len(valid) == 1:
            return valid[0].place
        own = {one.place for one in valid if one.terminal}
        found = own or {one.place for one in valid}
        return found.pop() if len(found) == 1 else None


def load(mids: Collection[str]) -> Places:
    """What is known of these merchant numbers."""
    entries: dict[str, list[_Entry]] = defaultdict(list)
    found = MerchantIdentifier.objects.filter(mid__in=list(mids)).order_by()
    for mid, terminal, first, last, outlet_id, merchant_id, category in found.values_list(
        "mid", "terminal", "valid_from", "valid_to",
        "outlet_id", "outlet__merchant_id", "outlet__merchant__category_id",
    ):  # fmt: skip
        place = Place(outlet_id, merchant_id, str(category or ""))
        entries[mid].append(_Entry(terminal, first, last, place))
    return Places(entries)
