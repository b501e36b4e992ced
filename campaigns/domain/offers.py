"""Offers: what a purchase costs the customer, and what it costs those who pay for the offer.

Pure arithmetic in integer fen, without Django. Rates are basis points (10,000 = 100 %). Every
mechanic has the same three questions: the benefit of one purchase (`benefit`), the largest that a
single purchase can cost (`largest_benefit`), and a purchase to explain it by (`example_amount`).
Mechanics whose benefit comes off the bill answer `off_the_bill`; cash back, instalments and prizes
leave the bill as it is.

Source: the table of mechanics of co-funded campaigns (domain page, 5.1) and the rule that a
campaign pauses when less than the largest single discount is left (5.5).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, ClassVar

WHOLE = 10_000
"""100 % in basis points."""
ONE_YUAN = 100
LEGAL_PRIZE_CEILING_FEN = 5_000_000
"""50,000 yuan: the highest single prize that the Anti-Unfair-Competition Law allows (Art. 10)."""
LARGEST_FEN = 10**13
MOST_MONTHS = 60


@dataclass(frozen=True)
class Flaw:
    """Why numbers make no offer: a stable code, and the term that it is about."""

    code: str
    term: str


class ImpossibleOffer(ValueError):
    """Terms that make no offer, with everything that is wrong with them."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(", ".join(f"{flaw.term}: {flaw.code}" for flaw in flaws))
        self.flaws = flaws


@dataclass(frozen=True, kw_only=True)
class Offer(ABC):
    """The base of every mechanic. `threshold_fen`: the smallest purchase that counts."""

    mechanic: ClassVar[str]
    off_the_bill: ClassVar[bool] = True
    may_be_zero: ClassVar[frozenset[str]] = frozenset({"threshold_fen"})
    threshold_fen: int = 0

    def benefit(self, amount_fen: int) -> int:
        """What a purchase of this many fen is worth to the customer, and costs the funders (fen).

        Never negative, never above the purchase where it comes off the bill, never above
        `largest_benefit`. Raises ValueError for a purchase below zero.
        """
        if amount_fen < 0:
            raise ValueError(amount_fen)
        return self._reckoned(amount_fen) if amount_fen >= self.threshold_fen else 0

    def discount(self, amount_fen: int) -> int:
        """What comes off the bill at the till (fen); 0 where the benefit comes in another way."""
        return self.benefit(amount_fen) if self.off_the_bill else 0

    @property
    @abstractmethod
    def largest_benefit(self) -> int:
        """The most that a single purchase can cost the funders (fen, section 5.5)."""

    @property
    def example_amount(self) -> int:
        """A round purchase (fen) by which the offer is explained."""
        return self.threshold_fen

    def flaws(self) -> list[Flaw]:
        """What is wrong with these numbers beyond their being numbers."""
        return []

    @abstractmethod
    def _reckoned(self, amount_fen: int) -> int:
        """The benefit of a purchase that reaches the threshold (fen)."""


@dataclass(frozen=True, kw_only=True)
class ThresholdOff(Offer):
    """满减: `off if amount >= threshold else 0`; with `every` (每满) once per full threshold,
    capped: 250.00 at 100 off 20 is 20.00, and 40.00 with every full hundred."""

    mechanic: ClassVar[str] = "threshold_off"
    off_fen: int
    every: bool = False
    cap_fen: int | None = None

    def _reckoned(self, amount_fen: int) -> int:
        times = amount_fen // self.threshold_fen if self.every else 1
        return _capped(times * self.off_fen, self.cap_fen)

    @property
    def largest_benefit(self) -> int:
        return (self.cap_fen or 0) if self.every else _capped(self.off_fen, self.cap_fen)

    def flaws(self) -> list[Flaw]:
        found = []
        if self.threshold_fen == 0:
            found.append(Flaw("term_required", "threshold_fen"))
        elif self.off_fen > self.threshold_fen:
            found.append(Flaw("off_above_threshold", "off_fen"))
        if self.every and self.cap_fen is None:
            found.append(Flaw("cap_required", "cap_fen"))
        return found


@dataclass(frozen=True, kw_only=True)
class RateOff(Offer):
    """折扣: `min(amount × rate, cap)`: at 50 % off with cap 20.00, 30.00 gives 15.00 and 60.00
    gives 20.00. Fractions of a fen are the funders'."""

    mechanic: ClassVar[str] = "rate_off"
    rate_off: int
    cap_fen: int

    def _reckoned(self, amount_fen: int) -> int:
        return min(amount_fen * self.rate_off // WHOLE, self.cap_fen)

    @property
    def largest_benefit(self) -> int:
        return self.cap_fen

    @property
    def example_amount(self) -> int:
        """Where the cap is reached, rounded up to ten yuan."""
        full = -(-self.cap_fen * WHOLE // self.rate_off)
        return max(self.threshold_fen, -(-full // 1000) * 1000)

    def flaws(self) -> list[Flaw]:
        return [] if self.rate_off <= WHOLE else [Flaw("rate_above_whole", "rate_off")]


@dataclass(frozen=True, kw_only=True)
class OneYuan(Offer):
    """一元购: the customer pays 1.00, the funders `agreed_price - 100`: 25.00 costs them 24.00."""

    mechanic: ClassVar[str] = "one_yuan"
    agreed_price_fen: int

    def _reckoned(self, amount_fen: int) -> int:
        return max(0, min(amount_fen, self.agreed_price_fen) - ONE_YUAN)

    @property
    def largest_benefit(self) -> int:
        return self.agreed_price_fen - ONE_YUAN

    @property
    def example_amount(self) -> int:
        return self.agreed_price_fen

    def flaws(self) -> list[Flaw]:
        found = []
        if self.agreed_price_fen <= ONE_YUAN:
            found.append(Flaw("price_not_above_one_yuan", "agreed_price_fen"))
        if self.threshold_fen > self.agreed_price_fen:
            found.append(Flaw("threshold_above_price", "threshold_fen"))
        return found


@dataclass(frozen=True, kw_only=True)
class CashBack(Offer):
    """返现: `min(amount × rate, cap of a purchase, what the month has left)`, paid later.

    At 2 %, 80 a purchase and 200 a month: 3,000 / 6,000 / 4,000 bring 60 / 80 / 60.
    """

    mechanic: ClassVar[str] = "cash_back"
    off_the_bill: ClassVar[bool] = False
    rate_back: int
    cap_fen: int
    month_cap_fen: int | None = None

    def back(self, amount_fen: int, *, month_left_fen: int | None) -> int:
        """What a purchase brings back (fen) when this much of the month's cap is left."""
        return min(self.benefit(amount_fen), *([] if month_left_fen is None else [month_left_fen]),
                   self.cap_fen)  # fmt: skip

    def _reckoned(self, amount_fen: int) -> int:
        return _capped(min(amount_fen * self.rate_back // WHOLE, self.cap_fen), self.month_cap_fen)

    @property
    def largest_benefit(self) -> int:
        return _capped(self.cap_fen, self.month_cap_fen)

    @property
    def example_amount(self) -> int:
        full = -(-self.largest_benefit * WHOLE // self.rate_back)
        return max(self.threshold_fen, -(-full // 1000) * 1000)

    def flaws(self) -> list[Flaw]:
        return [] if self.rate_back <= WHOLE else [Flaw("rate_above_whole", "rate_back")]


@dataclass(frozen=True, kw_only=True)
class Points(Offer):
    """积分兑换: the customer pays with points; the funders pay `points × unit cost`: 500 points
    at 0.04 cost 20.00."""

    mechanic: ClassVar[str] = "points"
    points: int
    unit_cost_fen: int

    def _reckoned(self, amount_fen: int) -> int:
        return min(amount_fen, self.largest_benefit)

    @property
    def largest_benefit(self) -> int:
        return points_cost(self.points, unit_cost_fen=self.unit_cost_fen)

    @property
    def example_amount(self) -> int:
        return max(self.threshold_fen, self.largest_benefit)


@dataclass(frozen=True, kw_only=True)
class Instalment(Offer):
    """分期免息: equal parts without interest; the subsidy is `principal × monthly rate × months`.

    6,000.00 × 0.60 % × 12 = 432.00, the customer pays 500.00 a month. `threshold_fen` is the
    smallest principal, `principal_cap_fen` the largest that is subsidised.
    """

    mechanic: ClassVar[str] = "instalment"
    off_the_bill: ClassVar[bool] = False
    monthly_rate: int
    months: int
    principal_cap_fen: int

    def _reckoned(self, amount_fen: int) -> int:
        principal = min(amount_fen, self.principal_cap_fen)
        return instalment_fee(principal, monthly_rate=self.monthly_rate, months=self.months)

    @property
    def largest_benefit(self) -> int:
        return self._reckoned(self.principal_cap_fen)

    @property
    def example_amount(self) -> int:
        return self.principal_cap_fen

    def parts(self, principal_fen: int) -> list[int]:
        """What the customer pays each month (fen); the first parts carry the odd fen."""
        each, odd = divmod(principal_fen, self.months)
        return [each + (place < odd) for place in range(self.months)]

    def without_subsidy(self) -> Decimal:
        """What the instalments would cost the customer as simple interest a year (per cent)."""
        principal = self.principal_cap_fen
        fee = instalment_fee(principal, monthly_rate=self.monthly_rate, months=self.months)
        payment = Decimal(principal + fee) / self.months
        return simple_annual_rate(monthly_irr(principal, payment, self.months))

    def flaws(self) -> list[Flaw]:
        found = []
        if self.months > MOST_MONTHS:
            found.append(Flaw("too_many_months", "months"))
        if self.monthly_rate > 1_000:
            found.append(Flaw("monthly_rate_too_high", "monthly_rate"))
        if self.threshold_fen > self.principal_cap_fen:
            found.append(Flaw("threshold_above_principal", "threshold_fen"))
        return found


@dataclass(frozen=True, kw_only=True)
class Prize:
    """Prizes of one kind: what one is worth (fen), and how many there are."""

    value_fen: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Lottery(Offer):
    """抽奖: a chance for every purchase from the threshold; the funders pay the prizes.

    The benefit of a purchase is its expected share of the prizes: all prizes / draws, rounded down.
    """

    mechanic: ClassVar[str] = "lottery"
    off_the_bill: ClassVar[bool] = False
    prizes: tuple[Prize, ...]
    draws: int

    @property
    def prize_cost(self) -> int:
        """What all prizes together cost (fen)."""
        return sum(prize.value_fen * prize.count for prize in self.prizes)

    def _reckoned(self, amount_fen: int) -> int:
        return self.prize_cost // self.draws

    @property
    def largest_benefit(self) -> int:
        return max(prize.value_fen for prize in self.prizes)

    @property
    def example_amount(self) -> int:
        return max(self.threshold_fen, 10_000)

    def flaws(self) -> list[Flaw]:
        found = []
        if sum(prize.count for prize in self.prizes) > self.draws:
            found.append(Flaw("more_prizes_than_draws", "draws"))
        return found + self.flaws_under(LEGAL_PRIZE_CEILING_FEN)

    def flaws_under(self, ceiling_fen: int) -> list[Flaw]:
        """A prize above the legal ceiling is none."""
        return [Flaw("prize_above_ceiling", "prizes")] if self.largest_benefit > ceiling_fen else []


MECHANICS: Mapping[str, type[Offer]] = {
    kind.mechanic: kind
    for kind in (ThresholdOff, RateOff, OneYuan, CashBack, Points, Instalment, Lottery)
}


def terms_known(mechanic: str) -> tuple[str, ...]:
    """The names of the numbers of a mechanic."""
    return tuple(field.name for field in fields(MECHANICS[mechanic]))


def read(mechanic: str, terms: Mapping[str, Any]) -> Offer:
    """The offer that a mechanic and its numbers make.

    Numbers are whole: a fraction of a fen, a truth value or a text is refused, not rounded. Raises
    ImpossibleOffer with all its flaws.
    """
    kind = MECHANICS.get(mechanic)
    if kind is None:
        raise ImpossibleOffer([Flaw("mechanic_unknown", "mechanic")])
    known = {field.name: field for field in fields(kind)}
    found = [Flaw("term_unknown", name) for name in terms if name not in known]
    taken: dict[str, Any] = {}
    for name, field in known.items():
        value = terms.get(name)
        optional = "None" in str(field.type) or name in ("threshold_fen", "every")
        if value is None:
            found += [] if optional else [Flaw("term_required", name)]
        elif name == "every":
            found += [] if isinstance(value, bool) else [Flaw("term_not_a_number", name)]
            taken[name] = value
        elif name == "prizes":
            taken[name] = _prizes(value, found)
        else:
            found += _number_flaws(name, value, least=0 if name in kind.may_be_zero else 1)
            taken[name] = value
    if not found:
        offer = kind(**taken)
        found = offer.flaws()
        if not found:
            return offer
    raise ImpossibleOffer(found)


def terms_of(offer: Offer) -> dict[str, Any]:
    """The numbers of an offer as they are stored; `read` reads them back."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(offer).items()
        if value not in (None, False) and not (name == "threshold_fen" and value == 0)
    }


def _number_flaws(name: str, value: Any, *, least: int) -> list[Flaw]:
    if isinstance(value, bool) or not isinstance(value, int):
        return [Flaw("term_not_a_number", name)]
    if value < least:
        return [Flaw("term_below_zero" if value < 0 else "term_not_above_zero", name)]
    return [Flaw("term_too_large", name)] if value > LARGEST_FEN else []


def _prizes(value: Any, found: list[Flaw]) -> tuple[Prize, ...]:
    taken = []
    given = value if isinstance(value, list | tuple) else []
    for one in given:
        if isinstance(one, Prize):
            one = asdict(one)
        sound = isinstance(one, Mapping) and set(one) == {"value_fen", "count"}
        flaws = (
            [flaw for number in one.values() for flaw in _number_flaws("prizes", number, least=1)]
            if sound
            else [Flaw("term_not_a_number", "prizes")]
        )
        if flaws:
            found.append(flaws[0])
        else:
            taken.append(Prize(**one))
    if not given:
        found.append(Flaw("term_required", "prizes"))
    return tuple(taken)


def _capped(fen: int, cap_fen: int | None) -> int:
    return fen if cap_fen is None else min(fen, cap_fen)


# --- points and interest -------------------------------------------------------------------------


def points_earned(spend_fen: int, *, fen_per_point: int) -> int:
    """Points for an amount spent: one per full `fen_per_point`. 10,000.00 at 20.00 is 500."""
    return spend_fen // fen_per_point


def points_cost(points: int, *, unit_cost_fen: int) -> int:
    """What points cost (fen): `points × unit cost`."""
    return points * unit_cost_fen


def instalment_fee(principal_fen: int, *, monthly_rate: int, months: int) -> int:
    """`principal × monthly rate × months` in fen, half up; the rate in basis points a month."""
    exact = Decimal(principal_fen * monthly_rate * months) / WHOLE
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def monthly_irr(principal: int, payment: int | Decimal, months: int) -> Decimal:
    """The rate a month at which equal payments are worth what was lent, as a fraction.

    By bisection of `principal = Σ payment / (1 + i)^k`, between 0 and 100 % a month. 6,000 against
    12 × 536 is 0.010862. Raises ValueError where less is paid back than was lent.
    """
    with localcontext() as context:
        context.prec = 40
        if principal <= 0 or months <= 0 or payment * months < principal:
            raise ValueError((principal, payment, months))
        low, high = Decimal(0), Decimal(1)
        for _step in range(110):
            middle = (low + high) / 2
            growth = 1 + middle
            worth, factor = Decimal(0), Decimal(1)
            for _month in range(months):
                factor /= growth
                worth += payment * factor
            low, high = (middle, high) if worth > principal else (low, middle)
        return low.quantize(Decimal("1E-12"))


def simple_annual_rate(monthly: Decimal) -> Decimal:
    """A monthly rate × 12 in per cent, two decimals, half up: 0.010862 is 13.03.

    It is what a customer is told: 0.6 % a month must not be shown as 7.2 % a year.
    """
    return (monthly * 1200).quantize(Decimal("0.01"), ROUND_HALF_UP)
