"""The ranking: what each colleague signed and moved in the week, and what they have in hand."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import User
from crm.sections import Audience, Column, Kind, Period, Table, section
from leads.models import Stage
from leads.models.stages import OPEN_STAGES
from leads.report_rows import (
    LEADS,
    SHOWN,
    due_between,
    follow_ups_of,
    forward,
    leads_then,
    steps_of,
)


@section("ranking", _("Ranking"), order=79)
def ranking(audience: Audience, period: Period) -> Table:
    """Who signed most in the week, then who moved most leads on. It compares; one alone has nobody
    to be compared with, and one's own book has no ranking."""
    if audience.owner_id is not None:
        return Table(columns=())
    found: dict[UUID, dict[str, int]] = {}

    def add(owner: UUID | None, **numbers: int | None) -> None:
        if owner is not None:
            row = found.setdefault(owner, dict.fromkeys(_NUMBERS, 0))
            row.update({name: value or 0 for name, value in numbers.items()})

    steps = steps_of(audience, period).between(period.start, period.end).order_by()
    for owner, won, moved in steps.values_list("owner_then").annotate(
        won=Count("pk", filter=Q(to_stage=Stage.WON)), moved=Count("pk", filter=forward())
    ):
        add(owner, won=won, moved=moved)
    standing = leads_then(audience, period).filter(stage_then__in=OPEN_STAGES)
    for owner, count, value in standing.values_list("owner_then").annotate(
        count=Count("pk"), value=Sum("expected_value_fen")
    ):
        add(owner, open=count, value=value)
    late, _put_off = due_between(follow_ups_of(audience), period.end, None, period.end)
    for owner, count in late.order_by().values_list("owner").annotate(count=Count("pk")):
        add(owner, overdue=count)
    if len(found) < 2:
        return Table(columns=())
    names = dict(User.objects.filter(pk__in=found).values_list("pk", "full_name"))
    ranked = sorted(found.items(), key=lambda one: _order(one[1], names.get(one[0], "")))
    return Table(
        columns=(
            Column("place", pgettext_lazy("ranking", "Place"), Kind.COUNT),
            Column("owner", _("Owner")),
            Column("won", pgettext_lazy("report", "Won"), Kind.COUNT),
            Column("moved", pgettext_lazy("movement", "Went on"), Kind.COUNT),
            Column("open", _("Open leads"), Kind.COUNT),
            Column("value", _("Expected value"), Kind.MONEY),
            Column("overdue", _("Overdue"), Kind.COUNT),
        ),
        rows=[
            {"link": f"{LEADS}?owner={owner}&open=yes", "place": place}
            | {"owner": names.get(owner, "")}
            | numbers
            for place, (owner, numbers) in enumerate(ranked[:SHOWN], 1)
        ],
        left_out=max(0, len(ranked) - SHOWN),
    )


_NUMBERS = ("won", "moved", "open", "value", "overdue")


def _order(numbers: dict[str, int], name: str) -> tuple[Any, ...]:
    return (-numbers["won"], -numbers["moved"], -numbers["value"], name)
