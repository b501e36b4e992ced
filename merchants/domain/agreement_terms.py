"""What an agreement says: the terms of a version, as doors hand them in and as they are stored."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import InvalidInput, Problem, RuleBroken
from merchants.domain import evidence
from merchants.models import AgreementVersion, SettlementBasis

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
"""Days between which agreements start and end; anything else is a slip of the pen."""
LONGEST_TERMS = 20_000


@dataclass(frozen=True)
class Terms:
    """What an agreement says."""

    starts_on: date
    ends_on: date
    terms: str = ""
    bank_signatory: str = ""
    merchant_signatory: str = ""
    settlement_days: int = 30
    settlement_basis: str = SettlementBasis.STATEMENT
    notice_days: int = 30
    document_id: UUID | None = None

    def columns(self, by: Actor) -> dict[str, Any]:
        """The columns of a version. Raises InvalidInput, NotFound for somebody else's document."""
        if problems := _problems(self):
            raise InvalidInput(problems[0].detail, code=problems[0].code, problems=problems)
        columns = asdict(self)
        if self.document_id is not None:
            document = evidence.document_of(self.document_id, by)
            columns["document_sha256"] = document.sha256
        else:
            columns["document_sha256"] = ""
        for name in ("terms", "bank_signatory", "merchant_signatory"):
            columns[name] = columns[name].strip()
        return {**columns, "last_day": self.ends_on}


def _problems(terms: Terms) -> list[Problem]:
    problems = [
        Problem("agreement_date_out_of_range", _("This date cannot be right."), name)
        for name, day in (("starts_on", terms.starts_on), ("ends_on", terms.ends_on))
        if not EARLIEST <= day <= LATEST
    ]
    if terms.ends_on < terms.starts_on:
        problems.append(
            Problem(
                "agreement_ends_before_start",
                _("An agreement ends on or after the day it starts."),
                "ends_on",
            )
        )
    if len(terms.terms) > LONGEST_TERMS or "\0" in terms.terms:
        problems.append(Problem("terms_invalid", _("These terms cannot be stored."), "terms"))
    for name in ("bank_signatory", "merchant_signatory"):
        text = getattr(terms, name)
        if len(text.strip()) > 100 or "\0" in text:
            problems.append(Problem("signatory_invalid", _("This name cannot be stored."), name))
    if not 0 <= terms.settlement_days <= 60:
        problems.append(
            Problem(
                "settlement_too_long", _("Settlement takes 60 days at the most."), "settlement_days"
            )
        )
    if not 0 <= terms.notice_days <= 365:
        problems.append(
            Problem("notice_too_long", _("Notice is 365 days at the most."), "notice_days")
        )
    if terms.settlement_basis not in SettlementBasis.values:
        problems.append(
            Problem(
                "settlement_basis_unknown",
                _("Say what the days of settlement are counted from."),
                "settlement_basis",
            )
        )
    return problems


def refuse_unfinished(drafted: AgreementVersion) -> None:
    """Raise RuleBroken with what a signature needs that the draft does not have."""
    needed = {
        "bank_signatory": _("Name who signed for the bank."),
        "merchant_signatory": _("Name who signed for the merchant."),
        "document_sha256": _("Attach the signed paper."),
    }
    problems = [
        Problem("agreement_not_whole", sentence, name.replace("document_sha256", "document"))
        for name, sentence in needed.items()
        if not getattr(drafted, name)
    ]
    if problems:
        raise RuleBroken(problems[0].detail, code="agreement_not_whole", problems=problems)


def changed(version: AgreementVersion, changes: dict[str, Any]) -> Terms:
    """The terms of a version with some of them changed."""
    names = Terms.__dataclass_fields__
    return Terms(**{**{name: getattr(version, name) for name in names}, **changes})
