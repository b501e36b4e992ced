"""Plays of a reason, the best first: counted from the tries, per reason and merchant category.

The order itself is a rule of its own (`ranking`). Only tries whose outcome somebody wrote down
count as tried; a try that is still open neither helps nor harms.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count, Q

from leads.domain import next_parameters as parameters
from leads.domain.ranking import Counted, Ranked, Rules, ranked
from leads.models import AttemptOutcome, Play, PlayAttempt

type Where = tuple[str, str]
"""A reason, and a category group; an empty one stands for all merchants."""


def ranked_plays(reason: str, category_group: str, at: datetime) -> list[Ranked[Play]]:
    """The plays against a reason for merchants of a category group, with the counts as they were
    at a moment, each with what it says now."""
    return ranked_for({(reason, category_group)}, at)[(reason, category_group)]


def ranked_for(places: Collection[Where], at: datetime) -> Mapping[Where, list[Ranked[Play]]]:
    """The same for many reasons and groups at once, in two statements."""
    if not places:
        return {}
    reasons = {reason for reason, _group in places}
    plays = list(
        Play.objects.active()
        .filter(reason__in=reasons, current__isnull=False)
        .select_related("current")
        .order_by("code")
    )
    counts = _counts(reasons, at)
    rules = ranking_rules()
    return {
        (reason, group): ranked(
            [
                Counted(play, *counts[group].get((play.pk, reason), (0, 0)))
                for play in plays
                if play.reason == reason and _is_for(play, group)
            ],
            rules,
        )
        for reason, group in places
    }


def ranking_rules() -> Rules:
    """The numbers of the ranking as they stand."""
    return Rules(
        a=parameters.RANKING_A.value,
        b=parameters.RANKING_B.value,
        new_below=parameters.NEW_BELOW.value,
        every=parameters.NEW_EVERY.value,
    )


def _is_for(play: Play, group: str) -> bool:
    return not play.category_groups or not group or group in play.category_groups


def _counts(
    reasons: Collection[str], at: datetime
) -> Mapping[str, dict[tuple[object, str], tuple[int, int]]]:
    """Group → (play, reason) → (tried, resolved); under the empty group those of all merchants."""
    found: dict[str, dict[tuple[object, str], tuple[int, int]]] = defaultdict(dict)
    rows = (
        PlayAttempt.objects.filter(
            objection__declared_reason__in=reasons, outcome_at__isnull=False, outcome_at__lte=at
        )
        .order_by()
        .values_list(
            "play_version__play_id",
            "objection__declared_reason",
            "objection__merchant__category_group",
        )
        .annotate(
            tried=Count("pk"), resolved=Count("pk", filter=Q(outcome=AttemptOutcome.RESOLVED))
        )
    )
    for play, reason, group, tried, resolved in rows:
        for place in {group, ""}:
            before = found[place].get((play, reason), (0, 0))
            found[place][(play, reason)] = (before[0] + tried, before[1] + resolved)
    return found
