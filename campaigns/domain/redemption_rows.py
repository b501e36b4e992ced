"""Rows of a file of redemptions, read: columns, values, and what makes a row unreadable.

Pure. Amounts come in yuan with at most two decimals and leave in fen. Whatever looks like the
number of a card is refused where a hash is expected, and so is a card number in any other column
that is not a number of the source's own; it is not kept anywhere.
"""

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.domain.eligibility import CHINA
from campaigns.models import DiscrepancyCode, RedemptionEventKind
from campaigns.models.redemption import LARGEST_FEN, LONGEST_REFERENCE
from crm.errors import InvalidInput, Sentence

_CARD_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9][ ._/-]?){12,18}[0-9](?![0-9A-Za-z])")
_NO_SIGN = re.compile(r"[\W_]+")
_YUAN = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?")
_PREFIX = re.compile(r"[0-9]{6,8}")
_WRITTEN = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
)
LONGEST_HASH = 64
SHORTEST_CARD_NUMBER = 13
MASKED = "•••"
EARLIEST = 2000


@dataclass(frozen=True)
class Column:
    """One column: what we and others call it, and what stands in it."""

    chinese: str
    label: Sentence
    also: tuple[str, ...] = ()
    required: bool = False
    example: str = ""


COLUMNS: Mapping[str, Column] = {
    "reference": Column(
        "交易参考号", _("transaction reference"), ("参考号", "流水号"), True, "T20261118000001"
    ),
    "event": Column("事件", _("event"), ("类型", "交易类型"), True, "cleared"),
    "event_key": Column("事件编号", _("event number"), ("退款单号",)),
    "mid": Column("商户号", _("merchant number"), ("MID",), True, "898310058120001"),
    "terminal": Column("终端号", _("terminal"), ()),
    "occurred_at": Column("交易时间", _("occurred at"), ("时间",), True, "2026-11-18 12:30:00"),
    "amount": Column("交易金额", _("amount"), ("金额",), True, "100.00"),
    "discount": Column("优惠金额", _("discount"), ("优惠",), False, "20.00"),
    "card_hash": Column("卡标识", _("hash of the card"), ("卡哈希",), True, "c0ffee0123456789"),
    "person_hash": Column("证件标识", _("hash of the person"), ()),
    "account_hash": Column("账户标识", _("hash of the account"), ()),
    "phone_hash": Column("手机标识", _("hash of the phone"), ()),
    "device_hash": Column("设备标识", _("hash of the device"), ()),
    "card_prefix": Column("卡BIN", _("first digits of the card"), ("BIN",)),
    "card_product": Column("卡产品", _("card product"), ()),
    "cardholder": Column("新老客户", _("new or existing cardholder"), ()),
    "prize": Column("中奖金额", _("prize"), ()),
    "campaign": Column("活动编号", _("campaign"), ("活动",)),
}
"""Our columns, with the words by which the headers of files are known. The campaign may be left
out where only one fits."""
IDENTITIES = ("card_hash", "person_hash", "account_hash", "phone_hash", "device_hash")
"""What makes two purchases the same customer's, if any one of them is the same."""

_EVENTS = {
    **{str(kind): kind for kind in RedemptionEventKind},
    "授权": RedemptionEventKind.AUTHORISED,
    "预授权": RedemptionEventKind.AUTHORISED,
    "清算": RedemptionEventKind.CLEARED,
    "消费": RedemptionEventKind.CLEARED,
    "核销": RedemptionEventKind.CLEARED,
    "退款": RedemptionEventKind.REFUNDED,
    "退货": RedemptionEventKind.REFUNDED,
    "撤销": RedemptionEventKind.REVERSED,
    "冲正": RedemptionEventKind.REVERSED,
}
_CARDHOLDERS = {"": None, "new": True, "新": True, "新客户": True, "existing": False} | {
    "老": False,
    "老客户": False,
}


class EventRow(NamedTuple):
    """One row that can be understood. Sums in fen."""

    number: int
    kind: RedemptionEventKind
    reference: str
    key: str
    mid: str
    terminal: str
    occurred_at: datetime
    day: date
    amount_fen: int
    discount_fen: int | None
    card_hash: str
    identities: tuple[str, ...]
    card_prefix: str
    card_product: str
    cardholder_is_new: bool | None
    prize_fen: int | None
    campaign: str
    digest: str
    raw: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used: why, and what of it may be kept."""

    number: int
    code: DiscrepancyCode
    detail: Sentence
    raw: Mapping[str, str]
    digest: str
    reference: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class _Unreadable(Exception):
    def __init__(self, column: str, wanted: Sentence) -> None:
        self.column = column
        self.wanted = wanted


def places(header: Sequence[str]) -> dict[str, int]:
    """Where each of our columns stands in a file. Raises InvalidInput with code `columns_missing`
    where one that is needed does not, `column_twice` where one stands twice."""
    names = {
        _plain(word): name
        for name, column in COLUMNS.items()
        for word in (name, column.chinese, *column.also)
    }
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = names.get(_plain(cell))
        if name is None:
            continue
        if name in found:
            raise InvalidInput(
                _("The column “%(column)s” is there twice.") % {"column": cell.strip()},
                code="column_twice",
                attr="file",
            )
        found[name] = place
    missing = [
        column.chinese for name, column in COLUMNS.items() if column.required and name not in found
    ]
    if missing:
        raise InvalidInput(
            _("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)},
            code="columns_missing",
            attr="file",
        )
    return found


def _plain(header: str) -> str:
    return re.sub(r"[\s_]+", "", header.strip().lower())


def looks_like_a_card_number(text: str) -> bool:
    """13 to 19 digits and nothing else, however they are written and separated."""
    digits = _NO_SIGN.sub("", unicodedata.normalize("NFKC", text))
    return SHORTEST_CARD_NUMBER <= len(digits) <= 19 and digits.isdecimal()


def has_a_card_number(text: str) -> bool:
    """Whether the number of a card stands somewhere in a text: 13 to 19 digits whose last one
    checks the others (Luhn)."""
    plain = unicodedata.normalize("NFKC", text)
    return any(_checks(found[0]) for found in _CARD_NUMBER.finditer(plain))


def _checks(written: str) -> bool:
    digits = [int(sign) for sign in reversed(written) if sign.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


_NUMBERS_OF_OTHERS = ("reference", "event_key")
"""What a source numbers for itself can be as long as the number of a card."""


def _gives_a_card_away(name: str, text: str) -> bool:
    if text == MASKED:
        return True
    if len(text) < SHORTEST_CARD_NUMBER:
        return False
    if name == "mid":
        # A merchant number has fifteen digits at the most.
        return len(text) > 15 and looks_like_a_card_number(text)
    if name in _NUMBERS_OF_OTHERS:
        return False
    if (name in IDENTITIES or name == "card_prefix") and looks_like_a_card_number(text):
        return True
    return has_a_card_number(text) and not _is_an_id(text)


def _is_an_id(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def read(number: int, values: Mapping[str, str]) -> EventRow | Fault:
    """A row of texts, by our names of the columns; or why it cannot be used."""
    texts = {name: text.strip() for name, text in values.items() if text.strip()}
    cards = [name for name, text in texts.items() if _gives_a_card_away(name, text)]
    digest = digest_of(texts)
    if cards:
        kept = {name: MASKED if name in cards else text for name, text in texts.items()}
        return Fault(
            number,
            DiscrepancyCode.CARD_NUMBER,
            _("Card numbers are not taken; send an opaque hash."),
            kept,
            # The digest of a row with a card number in it could be turned back into the number.
            digest_of(kept),
            texts.get("reference", "")[:LONGEST_REFERENCE],
        )
    try:
        return _read(number, texts, digest)
    except _Unreadable as failure:
        column = COLUMNS[failure.column]
        return Fault(
            number,
            DiscrepancyCode.ROW_UNREADABLE,
            f"{column.chinese}: {_inside(failure.wanted)}",
            texts,
            digest,
            texts.get("reference", "")[:LONGEST_REFERENCE],
        )


def _inside(sentence: Sentence) -> str:
    return str(sentence) if isinstance(sentence, Promise) else sentence


def digest_of(texts: Mapping[str, str]) -> str:
    """What tells a row that is repeated from one that says something else."""
    said = "\x1f".join(f"{name}={texts[name]}" for name in COLUMNS if texts.get(name))
    return hashlib.sha256(said.encode()).hexdigest()


def _read(number: int, texts: Mapping[str, str], digest: str) -> EventRow:
    get = texts.get
    kind = _EVENTS.get(get("event", "").lower())
    if kind is None:
        raise _Unreadable("event", _("one of authorised, cleared, refunded, reversed is expected."))
    reference = _short("reference", get("reference", ""), LONGEST_REFERENCE, required=True)
    occurred_at, day = moment(get("occurred_at", ""))
    amount = _fen("amount", get("amount", ""))
    if amount == 0 and kind != RedemptionEventKind.REVERSED:
        raise _Unreadable("amount", _("a sum above zero is expected."))
    identities = tuple(
        dict.fromkeys(
            # The name beside the hash: a phone and a device that hash alike are not the same.
            text if name == "card_hash" else f"{name[:2]}:{text}"
            for name in IDENTITIES
            if (text := _short(name, get(name, ""), LONGEST_HASH - 3))
        )
    )
    prefix = get("card_prefix", "")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise _Unreadable("card_prefix", _("six to eight digits are expected."))
    if get("cardholder", "").lower() not in _CARDHOLDERS:
        raise _Unreadable("cardholder", _("“new” or “existing” is expected."))
    first_time = kind in (RedemptionEventKind.AUTHORISED, RedemptionEventKind.CLEARED)
    return EventRow(
        number=number,
        kind=kind,
        reference=reference,
        key=_key(kind, get("event_key", ""), occurred_at, amount),
        mid=_short("mid", get("mid", ""), 15, required=first_time),
        terminal=get("terminal", ""),
        occurred_at=occurred_at,
        day=day,
        amount_fen=amount,
        discount_fen=_fen("discount", texts["discount"]) if "discount" in texts else None,
        card_hash=_short("card_hash", get("card_hash", ""), LONGEST_HASH - 3, required=first_time),
        identities=identities,
        card_prefix=prefix,
        card_product=get("card_product", ""),
        cardholder_is_new=_CARDHOLDERS[get("cardholder", "").lower()],
        prize_fen=_fen("prize", texts["prize"]) if "prize" in texts else None,
        campaign=get("campaign", ""),
        digest=digest,
        raw=texts,
    )


def _key(kind: RedemptionEventKind, given: str, occurred_at: datetime, amount: int) -> str:
    """A purchase is authorised, cleared and reversed once; it may be refunded many times, told
    apart by the source's number or else by moment and sum."""
    if kind != RedemptionEventKind.REFUNDED:
        return str(kind)
    told = given or f"{occurred_at.astimezone(UTC):%Y%m%dT%H%M%S}/{amount}"
    return f"{kind}:{told}"[:LONGEST_REFERENCE]


def _short(column: str, text: str, longest: int, *, required: bool = False) -> str:
    if required and not text:
        raise _Unreadable(column, _("a value is expected."))
    if len(text) > longest or not text.isprintable():
        raise _Unreadable(column, _("a shorter text is expected."))
    return text


def _fen(column: str, text: str) -> int:
    found = _YUAN.fullmatch(text.replace(",", ""))
    if not found:
        raise _Unreadable(column, _("a sum in yuan like 100.00 is expected."))
    fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if fen > LARGEST_FEN:
        raise _Unreadable(column, _("a smaller sum is expected."))
    return fen


def moment(text: str) -> tuple[datetime, date]:
    """A moment and its day in China; a time without an offset is China's."""
    found = _WRITTEN.fullmatch(text)
    try:
        if found:
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            local = datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
        else:
            local = datetime.fromisoformat(text)
            local = (local if local.tzinfo else local.replace(tzinfo=CHINA)).astimezone(CHINA)
        if local.year < EARLIEST:
            raise ValueError(text)
        return local, local.date()
    except (ValueError, OverflowError):
        raise _Unreadable(
            "occurred_at", _("a time like 2026-11-18 12:30:00 is expected.")
        ) from None


IN_FUTURE = timedelta(minutes=10)
"""How far the clocks of others may be ahead of ours."""
