"""The limits of an offer as people say them: when it holds, for whom, and how often."""

from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.domain import limit_words
from campaigns.domain.limits import Limits
from campaigns.domain.offer_sentences import price

MOST_NAMED = 12
"""Days, prefixes or codes that are named one by one; of more, their number is told."""


def of(limits: Limits) -> list[str]:
    """Everything that limits an offer, a sentence each, in the order in which it is asked."""
    return [*window(limits), *cards(limits), *caps(limits)]


def window(limits: Limits) -> list[str]:
    """The days and hours, where not every day and hour counts."""
    said = []
    if limits.weekdays and len(limits.weekdays) < 7:
        said.append(weekdays(limits.weekdays))
    if limits.opens_at:
        said.append(hours(limits))
    if limits.blackout_days:
        days = [f"{day:%Y-%m-%d}" for day in limits.blackout_days]
        said.append(_("Not on %(days)s") % {"days": _listed(days)})
    if limits.holidays:
        said.append(str(limit_words.HOLIDAYS[limits.holidays]))
    return said


def cards(limits: Limits) -> list[str]:
    """Which cards, holders and categories, where not all of them count."""
    said = []
    if limits.card_prefixes:
        said.append(
            _("Cards that begin with %(digits)s") % {"digits": _listed(limits.card_prefixes)}
        )
    if limits.card_products:
        said.append(_("Card products %(codes)s") % {"codes": _listed(limits.card_products)})
    if limits.cardholders:
        said.append(str(limit_words.CARDHOLDERS[limits.cardholders]))
    if limits.categories:
        said.append(_("Merchant categories %(codes)s") % {"codes": _listed(limits.categories)})
    return said


def weekdays(days: Sequence[int]) -> str:
    """Monday to Thursday; Saturday, Sunday; every day."""
    names = {
        1: _("Monday"),
        2: _("Tuesday"),
        3: _("Wednesday"),
        4: _("Thursday"),
        5: _("Friday"),
        6: _("Saturday"),
        7: _("Sunday"),
    }
    if not days or len(days) == 7:
        return _("Every day")
    if len(days) > 2 and all(after == day + 1 for day, after in pairwise(days)):
        return _("%(first)s to %(last)s") % {"first": names[days[0]], "last": names[days[-1]]}
    return pgettext("between weekdays", ", ").join(names[day] for day in days)


def hours(limits: Limits) -> str:
    """17:00–21:00, or nothing where the whole day counts."""
    if limits.opens_at is None or limits.closes_at is None:
        return ""
    return f"{limits.opens_at:%H:%M}–{limits.closes_at:%H:%M}"


def caps(limits: Limits) -> list[str]:
    """How often it can be used, a sentence for each cap."""
    said = []
    if count := limits.uses_per_customer_day:
        said.append(
            _counted(
                ngettext("Once a day per customer", "%(count)s times a day per customer", count),
                count,
            )
        )
    if count := limits.uses_per_customer_week:
        said.append(
            _counted(
                ngettext("Once a week per customer", "%(count)s times a week per customer", count),
                count,
            )
        )
    if count := limits.uses_per_customer_month:
        said.append(
            _counted(
                ngettext(
                    "Once a month per customer", "%(count)s times a month per customer", count
                ),
                count,
            )
        )
    if count := limits.uses_per_customer:
        said.append(
            _counted(ngettext("Once per customer", "%(count)s times per customer", count), count)
        )
    if count := limits.uses_per_store_day:
        said.append(_("The first %(count)s customers a day in each shop") % {"count": f"{count:,}"})
    if count := limits.uses_per_day:
        said.append(_("The first %(count)s customers a day") % {"count": f"{count:,}"})
    if count := limits.uses_in_total:
        said.append(_("%(count)s times in all") % {"count": f"{count:,}"})
    return said


def day_budget(limits: Limits) -> str:
    """What a day may cost; nothing where no day is limited. Customers are not told."""
    if limits.day_budget_fen is None:
        return ""
    return _("Discounts of %(sum)s a day") % {"sum": price(limits.day_budget_fen)}


def _listed(words: Sequence[str]) -> str:
    if len(words) > MOST_NAMED:
        return _("%(first)s and %(count)s more") % {
            "first": words[0],
            "count": f"{len(words) - 1:,}",
        }
    return pgettext("between weekdays", ", ").join(words)


def _counted(sentence: str, count: int) -> str:
    return sentence % {"count": f"{count:,}"} if "%(" in sentence else sentence
