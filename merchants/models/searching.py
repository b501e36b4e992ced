"""Finding merchants the Chinese way, the best finds first.

What people type is part of a name, pinyin, initials, a credit code, the tail of a phone or a word
of a category's label. Finds come in tiers: names that begin with the text, names that hold it, and
then what is found by something else than its name; within a tier in the order of pinyin.

A text can be in ten names or in a third of all. PostgreSQL reads ten by the index of the text and
sorts them; for a third it walks the index of pinyin and is done after a few hundred rows. The wrong
way round costs half a second at a million merchants, and its statistics cannot tell it which is
right, because names that share a text also share a place in the order. So the text's frequency is
looked up in a sample of the rows, and remembered for a while.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from django.core.cache import cache
from django.db import connection, models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from merchants import names, pinyin
from merchants.models.reference import MerchantCategory

CHINESE = re.compile(r"[\u3400-\u9fff]")

CREDIT_CODE = re.compile(r"[0-9]{6,8}[0-9a-hj-npqrtuwxy]{0,10}")
"""A credit code from its beginning: no name begins with so many digits."""
SHORTEST_TAIL = 4
"""Digits of a phone's tail."""
SHORTEST_LABEL = 2
MOST_CATEGORIES = 5
"""Labels that a text may match before it says nothing about the merchant any more."""

MANY = 25_000
"""Finds that are no longer worth sorting."""
SAMPLE = 1_000
REMEMBERED_SECONDS = 600

SOUND = Func(
    F("name_pinyin"), template="REPLACE(%(expressions)s, ' ', '')", output_field=models.TextField()
)
"""Pinyin without blanks, as people type it: what begins with `haidi` stands together in it."""
ORDER = "found_by"
"""What the rows of a tier are ordered by: their pinyin."""


@dataclass(frozen=True)
class Wanted:
    """A text as the indexes are asked for it."""

    text: str
    pieces: tuple[str, ...]
    """For Chinese and for one or two letters, which trigrams do not serve: pairs of signs."""
    holds: Q
    begins: Q
    near: Q
    """Where in the order of pinyin the names that begin with it mostly stand."""
    at_most_a_few: bool = False


def wanted(text: str) -> Wanted | None:
    """What to look for, or none if the text holds no letter and no digit."""
    plain = names.normalised(text)
    if not plain:
        return None
    if CREDIT_CODE.fullmatch(plain):
        code = Q(credit_code__startswith=plain.upper())
        return Wanted(plain, (), code, code, Q(), at_most_a_few=True)
    if CHINESE.search(plain):
        holds = Q(search_grams__contains=(pieces := _pairs(plain)))
        if len(plain) > 2:
            holds &= Q(search_text__contains=plain)
        begins = Q(normalised_name__startswith=plain)
        return Wanted(plain, pieces, holds, begins, _from(pinyin.sort_key(plain).split()[0]))
    if len(plain) <= 2:
        pieces = _pairs(plain)
        begins = Q(name_initials__startswith=plain) | Q(normalised_name__startswith=plain)
        return Wanted(plain, pieces, Q(search_grams__contains=pieces), begins, _from(plain[0]))
    # Every spelling is a word of its own in the text, so its beginning follows a blank.
    begins = Q(search_text__contains=f" {plain}")
    return Wanted(plain, (), Q(search_text__contains=plain), begins, _from(plain))


def tiers[Q_: models.QuerySet[Any]](merchants: Q_, text: str, with_phone_tail: Any) -> list[Q_]:
    """The finds in tiers that have no row in common, each annotated with its `ORDER`.

    `with_phone_tail` gives the ids of the merchants that somebody with such a phone works at.
    """
    looked_for = wanted(text)
    if looked_for is None:
        return [merchants.none().annotate(**{ORDER: SOUND})]
    first = looked_for.begins
    by_walking = merchants.annotate(**{ORDER: SOUND})
    # An expression that no index has: the finds are few, read them all and sort them.
    by_sorting = merchants.annotate(
        **{ORDER: Concat(SOUND, Value(""), output_field=models.TextField())}
    )
    rows = by_sorting
    if not looked_for.at_most_a_few and _is_frequent(looked_for):
        rows, first = by_walking, looked_for.begins & looked_for.near
    found = [rows.filter(looked_for.holds & first), rows.filter(looked_for.holds & ~first)]
    if may_be_a_phone(looked_for):
        by_phone = Q(pk__in=with_phone_tail(looked_for.text)) & ~looked_for.holds
        found.append(by_sorting.filter(by_phone))
    found += [
        by_walking.filter(Q(category=code) & ~looked_for.holds)
        for code in _categories(looked_for.text)
    ]
    return found


def may_be_a_phone(looked_for: Wanted) -> bool:
    """Whether the text may be the tail of somebody's phone."""
    return looked_for.text.isdigit() and len(looked_for.text) >= SHORTEST_TAIL


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(text[start : start + 2] for start in range(len(text) - 1)) or (text,)


def _from(start: str) -> Q:
    """The part of the order of pinyin that begins so."""
    return Q(GreaterThanOrEqual(SOUND, Value(start))) & Q(
        LessThan(SOUND, Value(start[:-1] + chr(ord(start[-1]) + 1)))
    )


def _is_frequent(looked_for: Wanted) -> bool:
    """Whether so many merchants hold the text that sorting them all would take long."""
    key = f"merchant-search:{blake2s(looked_for.text.encode(), digest_size=16).hexdigest()}"
    known = cache.get(key)
    if known is None:
        known = _estimated(looked_for) > MANY
        cache.set(key, known, REMEMBERED_SECONDS)
    return bool(known)


def _estimated(looked_for: Wanted) -> float:
    """About how many merchants hold the text, from some pages of the table chosen by chance."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'merchants_merchant'::regclass")
        rows = float(cursor.fetchone()[0])
        if rows <= MANY:
            return 0.0
        condition, parameter = (
            ("search_grams @> %s::text[]", list(looked_for.pieces))
            if looked_for.pieces
            else ("search_text LIKE %s", f"%{looked_for.text}%")
        )
        cursor.execute(
            "SELECT count(*) FILTER (WHERE " + condition + "), count(*) "
            "FROM merchants_merchant TABLESAMPLE SYSTEM (%s)",
            [parameter, min(100.0, 100.0 * SAMPLE / rows)],
        )
        found, seen = cursor.fetchone()
    return rows * found / seen if seen else 0.0


def _categories(text: str) -> Sequence[str]:
    """Codes of the categories whose label holds the text."""
    if len(text) < SHORTEST_LABEL:
        return ()
    labels: list[tuple[str, str]] | None = cache.get("merchant-search:labels")
    if labels is None:
        labels = [
            (code, names.normalised(zh) + " " + names.normalised(en))
            for code, zh, en in MerchantCategory.objects.values_list("code", "label_zh", "label_en")
        ]
        cache.set("merchant-search:labels", labels, REMEMBERED_SECONDS)
    found = [code for code, label in labels if text in label]
    return found if len(found) <= MOST_CATEGORIES else ()
