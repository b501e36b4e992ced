"""How suggestions are taken: per rule how many were accepted, and what came of those."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Q

from leads.models import Decision, SuggestionOutcome, SuggestionRule
from leads.models.suggestion import SuggestionQuerySet


@dataclass(frozen=True)
class Taken:
    """The decisions on the suggestions of one rule, or of all of them."""

    rule: SuggestionRule | None
    accepted: int = 0
    dismissed: int = 0
    acted_on: int = 0
    not_acted_on: int = 0

    @property
    def decided(self) -> int:
        return self.accepted + self.dismissed

    @property
    def pending(self) -> int:
        """Accepted, and nobody can say yet whether they are acted on."""
        return self.accepted - self.acted_on - self.not_acted_on

    @property
    def acceptance(self) -> Decimal | None:
        """Accepted of decided, in percent; none where nobody decided."""
        return _percent(self.accepted, self.decided)

    @property
    def action(self) -> Decimal | None:
        """Acted on of those whose outcome is known, in percent."""
        return _percent(self.acted_on, self.acted_on + self.not_acted_on)


def of(rows: SuggestionQuerySet) -> list[Taken]:
    """All rules together first, then each that was decided on, in the order of the table."""
    counted: dict[str, Any] = {
        row["rule"]: row
        for row in rows.order_by()
        .values("rule")
        .annotate(
            accepted=Count("pk", filter=Q(decision=Decision.ACCEPTED)),
            dismissed=Count("pk", filter=Q(decision=Decision.DISMISSED)),
            acted_on=Count("pk", filter=Q(outcome=SuggestionOutcome.ACTED_ON)),
            not_acted_on=Count("pk", filter=Q(outcome=SuggestionOutcome.NOT_ACTED_ON)),
        )
    }
    each = [
        Taken(
            rule,
            counted[rule]["accepted"],
            counted[rule]["dismissed"],
            counted[rule]["acted_on"],
            counted[rule]["not_acted_on"],
        )
        for rule in SuggestionRule
        if rule in counted
    ]
    return [
        Taken(
            None,
            sum(one.accepted for one in each),
            sum(one.dismissed for one in each),
            sum(one.acted_on for one in each),
            sum(one.not_acted_on for one in each),
        ),
        *each,
    ]


def _percent(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
