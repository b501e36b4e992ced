"""No duplicates through any door: whom do we know already who may be the same merchant?

Exact hits: the same credit code, the same name (however it is written) in the same district, the
same phone. Fuzzy hits: a name whose trigrams are mostly the same. Every door asks here, and
nowhere else is decided what a hit means.

What blocks: the same credit code always, and the same name and district where neither of the two
has a credit code, because the database refuses both. Two different credit codes are two legal
entities, so a name and a district that they share only warn. For the rest the setting
`DUPLICATES_THAT_BLOCK` names the kinds. A fuzzy hit never blocks.

Whoever may not know of a merchant learns that there is one, and at which unit, and no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, FloatField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import Problem, RuleBroken, Sentence
from merchants.models import Contact, DuplicateKind, Merchant

# Start values; an editable table may take their place.
SIMILAR_FROM = 0.4
"""A name this similar is a fuzzy hit. One wrong character in seven leaves 0.45; two shops of one
brand in different streets share about 0.3."""
SAME_DISTRICT_COUNTS = 0.2
SAME_CATEGORY_COUNTS = 0.1
"""What the same district and the same category group add when hits are put in order."""
MOST = 5
"""So many hits of each kind are looked for."""

NOTICE = "possible_duplicate"


@dataclass(frozen=True)
class Candidate:
    """Who is about to be written, as far as it tells one merchant from another. What is not known
    is left empty. `merchant_id` is the row itself, if it is there already."""

    normalised_name: str = ""
    division: str | None = None
    credit_code: str | None = None
    category_group: str = ""
    phone: str = ""
    merchant_id: UUID | None = None


@dataclass(frozen=True)
class Hit:
    """A merchant that may be the same, as the actor may see it."""

    kind: DuplicateKind
    blocks: bool
    masked: bool
    id: UUID | None
    name: str
    district: str | None
    unit: str
    owner: str | None
    similarity: Decimal | None

    @property
    def exact(self) -> bool:
        return self.kind != DuplicateKind.SIMILAR_NAME

    def plain(self) -> dict[str, Any]:
        """As plain JSON values, for doors and for the facts of a refusal."""
        return {
            "kind": str(self.kind),
            "exact": self.exact,
            "blocks": self.blocks,
            "masked": self.masked,
            "id": str(self.id) if self.id else None,
            "name": self.name,
            "district": self.district,
            "unit": self.unit,
            "owner": self.owner,
            "similarity": None if self.similarity is None else str(self.similarity),
        }


def found(candidate: Candidate, *, by: Actor, similar: bool = True) -> list[Hit]:
    """The merchants that may be the candidate, exact hits first, then the most similar.

    Each merchant comes once, for the strongest reason.
    """
    rows: dict[UUID, tuple[DuplicateKind, Merchant]] = {}
    with transaction.atomic(savepoint=False):
        for kind, those in _searches(candidate, similar=similar):
            others = those.select_related("unit", "owner", "division")
            if candidate.merchant_id:
                others = others.exclude(pk=candidate.merchant_id)
            for row in others.defer("search_grams", "search_text")[:MOST]:
                rows.setdefault(row.pk, (kind, row))
    open_to = set(
        Merchant.objects.seen_by(by).filter(pk__in=rows).values_list("pk", flat=True)
        if rows
        else ()
    )
    return [
        _shown(kind, row, candidate, masked=row.pk not in open_to) for kind, row in rows.values()
    ]


def of(merchant: Merchant, *, by: Actor) -> list[Hit]:
    """Other merchants that may be the same as one that we have."""
    return found(
        Candidate(
            merchant.normalised_name,
            merchant.division_id,
            merchant.credit_code,
            merchant.category_group,
            merchant_id=merchant.pk,
        ),
        by=by,
    )


def _searches(
    candidate: Candidate, *, similar: bool
) -> Iterable[tuple[DuplicateKind, QuerySet[Merchant]]]:
    merchants = Merchant.objects.order_by("pk")
    if candidate.credit_code:
        yield DuplicateKind.CREDIT_CODE, merchants.with_credit_code(candidate.credit_code)
    name = candidate.normalised_name
    if name:
        yield DuplicateKind.NAME_AND_DISTRICT, merchants.called(name, candidate.division)
    if candidate.phone:
        yield DuplicateKind.PHONE, _with_contacts(Contact.objects.with_phone(candidate.phone))
    elif candidate.merchant_id and name:
        shared = Contact.objects.sharing_a_phone_with(candidate.merchant_id)
        yield DuplicateKind.PHONE, _with_contacts(shared)
    if similar and name:
        _set_threshold()
        yield DuplicateKind.SIMILAR_NAME, _most_alike(candidate)


def _with_contacts(contacts: QuerySet[Contact]) -> QuerySet[Merchant]:
    return Merchant.objects.filter(pk__in=contacts.values("merchant_id")).order_by("pk")


def _set_threshold() -> None:
    """For this transaction only: the operator that the index serves takes it from there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(SIMILAR_FROM)]
        )


def _most_alike(candidate: Candidate) -> QuerySet[Merchant]:
    """Those of the same district and category group stand before others as similar."""
    score: Any = F("similarity")
    weights = {"division": SAME_DISTRICT_COUNTS, "category_group": SAME_CATEGORY_COUNTS}
    for column, weight in weights.items():
        if value := getattr(candidate, column):
            score = score + Case(
                When(**{column: value}, then=Value(weight)),
                default=Value(0.0),
                output_field=FloatField(),
            )
    alike = Merchant.objects.with_a_name_like(candidate.normalised_name)
    return alike.annotate(score=score).order_by("-score", "pk")


def _shown(kind: DuplicateKind, row: Merchant, candidate: Candidate, *, masked: bool) -> Hit:
    similarity = getattr(row, "similarity", None)
    return Hit(
        kind=kind,
        blocks=_blocks(kind, row, candidate),
        masked=masked,
        id=None if masked else row.pk,
        name=f"{row.name[:1]}*" if masked else row.name,
        district=None if masked or row.division is None else row.division.full_name,
        unit=row.unit.name,
        owner=None if masked or row.owner is None else row.owner.full_name,
        similarity=None if similarity is None else Decimal(similarity).quantize(Decimal("0.01")),
    )


def _blocks(kind: DuplicateKind, row: Merchant, candidate: Candidate) -> bool:
    match kind:
        case DuplicateKind.CREDIT_CODE:
            return True
        case DuplicateKind.SIMILAR_NAME:
            return False
        case DuplicateKind.NAME_AND_DISTRICT if row.credit_code and candidate.credit_code:
            return False
        case DuplicateKind.NAME_AND_DISTRICT if not row.credit_code and not candidate.credit_code:
            return True
    return kind.value in settings.DUPLICATES_THAT_BLOCK


def refuse_or_notice(hits: Sequence[Hit]) -> tuple[Problem, ...]:
    """What a verb has to say of the hits that do not block.

    Raises RuleBroken with code `merchant_exists` or, for a phone, `phone_exists`; all hits come
    with it.
    """
    blocking = next((hit for hit in hits if hit.blocks), None)
    if blocking is not None:
        of_phone = blocking.kind == DuplicateKind.PHONE
        sentence = (
            _("This phone is that of a contact of another merchant: %(merchants)s.")
            if of_phone
            else _("We know this merchant already; it belongs to %(unit)s.")
        )
        raise RuleBroken(
            sentence % {"merchants": _named([blocking]), "unit": blocking.unit},
            code="phone_exists" if of_phone else "merchant_exists",
            attr="phone" if of_phone else None,
            unit=blocking.unit,
            duplicates=[hit.plain() for hit in hits],
        )
    return tuple(
        Problem(NOTICE, _SENTENCES[kind] % {"merchants": _named(those)}, _ABOUT[kind])
        for kind in DuplicateKind
        if (those := [hit for hit in hits if hit.kind == kind])
    )


def checked_phone(
    phone: str, merchant_id: UUID, *, by: Actor, warn: bool = True
) -> tuple[Problem, ...]:
    """What there is to say of a phone that is given to a contact of a merchant.

    Raises RuleBroken with code `phone_exists` if the setting says that such a hit blocks.
    """
    if not phone or not (warn or DuplicateKind.PHONE.value in settings.DUPLICATES_THAT_BLOCK):
        return ()
    hits = found(Candidate(phone=phone, merchant_id=merchant_id), by=by, similar=False)
    return refuse_or_notice(hits)


_SENTENCES: dict[DuplicateKind, Sentence] = {
    DuplicateKind.CREDIT_CODE: _("Merchants with the same credit code: %(merchants)s."),
    DuplicateKind.NAME_AND_DISTRICT: _(
        "Merchants of the same name in the same district: %(merchants)s."
    ),
    DuplicateKind.PHONE: _("Merchants with the same phone: %(merchants)s."),
    DuplicateKind.SIMILAR_NAME: _("Merchants of a similar name: %(merchants)s."),
}
_ABOUT = {
    DuplicateKind.CREDIT_CODE: "credit_code",
    DuplicateKind.NAME_AND_DISTRICT: "name",
    DuplicateKind.PHONE: "phone",
    DuplicateKind.SIMILAR_NAME: "name",
}


def _named(hits: Iterable[Hit]) -> str:
    return ", ".join(f"{hit.name} ({hit.unit})" for hit in hits)
