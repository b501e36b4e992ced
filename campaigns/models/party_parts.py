"""What each party pays of a discount, as columns: they can be summed, and they sum to the whole."""

from collections.abc import Mapping

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Party

PART_COLUMNS = tuple(f"{party}_fen" for party in Party)
"""In the order of the parties, as for everything that is listed by party."""


class PartyParts(models.Model):
    """The parts of the five parties, in fen."""

    bank_fen = models.BigIntegerField(_("paid by the bank"), default=0)
    merchant_fen = models.BigIntegerField(_("paid by the merchant"), default=0)
    scheme_fen = models.BigIntegerField(_("paid by the card scheme"), default=0)
    platform_fen = models.BigIntegerField(_("paid by the platform"), default=0)
    government_fen = models.BigIntegerField(_("paid by the government"), default=0)

    class Meta:
        abstract = True

    @property
    def parts(self) -> dict[str, int]:
        """Party → fen, without those that pay nothing."""
        listed = {str(party): getattr(self, f"{party}_fen") for party in Party}
        return {party: fen for party, fen in listed.items() if fen}


def columns_of(parts: Mapping[str, int], prefix: str = "") -> dict[str, int]:
    """The parts as values of the columns, a party that pays nothing with its zero."""
    return {f"{prefix}{party}_fen": parts.get(party, 0) for party in Party}


def sum_to(total: str, prefix: str = "") -> Q:
    """Whether the parts sum to another column."""
    first, *others = (F(f"{prefix}{column}") for column in PART_COLUMNS)
    whole = first
    for part in others:
        whole = whole + part  # type: ignore[assignment]
    return Q(**{total: whole})
