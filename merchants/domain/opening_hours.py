"""Opening hours: spans of time for each weekday, checked, typed as a line and read as one.

Stored as `{"1": [["10:00", "14:00"], ["17:00", "22:00"]], …}` with 1 for Monday. A span that ends
before it begins ends on the next day (a bar from 18:00 to 02:00); `24:00` is midnight.
"""

import re
from collections.abc import Mapping
from itertools import groupby, pairwise
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput

DAYS = ("1", "2", "3", "4", "5", "6", "7")
MOST_SPANS = 6
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_LINE = re.compile(r"([1-7])(?:\s*[-–—至]\s*([1-7]))?\s+(.+)")
_MINUTES_OF_A_DAY = 24 * 60

type Hours = dict[str, list[list[str]]]


def checked(given: Any) -> Hours:
    """The hours in the form in which they are stored. Raises InvalidInput."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not set(given) <= set(DAYS):
        raise _refused(_("Give opening hours by weekday, from 1 (Monday) to 7."))
    hours: Hours = {}
    for day in DAYS:
        spans = given.get(day) or []
        if not isinstance(spans, list | tuple) or len(spans) > MOST_SPANS:
            raise _refused(_("A day has up to six opening times."))
        if spans:
            hours[day] = _checked_day([_checked_span(span) for span in spans])
    return hours


def typed(text: str) -> Hours:
    """The hours that somebody typed, one line for some days: `1-5 10:00-14:00 17:00-22:00`.

    Raises InvalidInput.
    """
    given: dict[str, list[list[str]]] = {}
    for line in re.split(r"[\n;；]", text):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise _refused(_EXAMPLE)
        first, last, spans = match.groups()
        for day in range(int(first), int(last or first) + 1):
            if str(day) in given:
                raise _refused(_("A weekday is named twice."))
            given[str(day)] = [re.split(r"[-–—]", span) for span in re.split(r"[\s,，、]+", spans)]
    return checked(given)


def as_typed(hours: Hours) -> str:
    """The hours as somebody would type them."""
    return "\n".join(f"{days} {_spans(spans, '-')}" for days, spans in _runs(hours, str))


def words(hours: Hours) -> str:
    """The hours as people read them: `Mon–Fri 10:00–22:00; Sat 10:00–23:00`."""
    return "; ".join(
        f"{days} {_spans(spans, '–')}"
        for days, spans in _runs(hours, lambda day: str(WEEKDAYS_ABBR[int(day) - 1]), dash="–")
    )


def _runs(hours: Hours, name: Any, dash: str = "-") -> list[tuple[str, list[list[str]]]]:
    """Neighbouring days with the same hours, as one."""
    runs = []
    for spans, days in groupby(DAYS, key=lambda day: hours.get(day, [])):
        run = list(days)
        if spans:
            ends = dict.fromkeys((run[0], run[-1]))
            runs.append((dash.join(name(day) for day in ends), spans))
    return runs


def _spans(spans: list[list[str]], dash: str) -> str:
    return " ".join(f"{opens}{dash}{closes}" for opens, closes in spans)


def _checked_span(span: Any) -> list[str]:
    if (
        not isinstance(span, list | tuple)
        or len(span) != 2
        or not all(isinstance(time, str) and _TIME.fullmatch(time) for time in span)
        or span[0] in (span[1], "24:00")
    ):
        raise _refused(_EXAMPLE)
    return list(span)


def _checked_day(spans: list[list[str]]) -> list[list[str]]:
    spans = sorted(spans)
    for (opens, closes), (next_opens, _next_closes) in pairwise(spans):
        end = _minutes(closes) + (_MINUTES_OF_A_DAY if closes < opens else 0)
        if end > _minutes(next_opens):
            raise _refused(_("Two opening times of a day overlap."))
    return spans


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


_EXAMPLE = _("Write opening hours like “1-5 10:00-14:00 17:00-22:00”: weekdays, then times.")


def _refused(sentence: Any) -> InvalidInput:
    return InvalidInput(sentence, code="opening_hours_invalid", attr="opening_hours")
