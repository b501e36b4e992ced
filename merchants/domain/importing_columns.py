"""The columns of a list of merchants: what they are called, and what a cell in them may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput
from merchants import names
from merchants.domain.file_rules import FileRefused
from merchants.models import Contact, LawfulBasis, Merchant, MerchantSource, Outlet

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "name": "名称",
        "legal_name": "工商名称",
        "credit_code": "统一社会信用代码",
        "mcc": "商户类别码",
        "division": "行政区划",
        "source": "来源",
        "contact_name": "联系人",
        "contact_phone": "电话",
        "contact_position": "职位",
        "lawful_basis": "个人信息依据",
        "outlet_name": "门店",
        "address": "地址",
    }
)
"""What a column is called in English (as in code) and in Chinese."""

REQUIRED = ("name",)

_STORED_IN: Mapping[str, tuple[type[models.Model], str]] = MappingProxyType(
    {
        "name": (Merchant, "name"),
        "legal_name": (Merchant, "legal_name"),
        "contact_name": (Contact, "full_name"),
        "contact_position": (Contact, "position"),
        "outlet_name": (Outlet, "name"),
        "address": (Outlet, "address"),
    }
)
_CODED: Mapping[str, tuple[type[models.TextChoices], str]] = MappingProxyType(
    {
        "source": (MerchantSource, "source_unknown"),
        "lawful_basis": (LawfulBasis, "lawful_basis_unknown"),
    }
)


@dataclass(frozen=True)
class Columns:
    """The columns of one file, in its own order, with the file's own headers."""

    names: tuple[str, ...]
    headers: tuple[str, ...]

    def header_of(self, name: str) -> str:
        """What the file calls a column; empty for what is about none of them."""
        return self.headers[self.names.index(name)] if name in self.names else ""


def found(headers: Sequence[str]) -> Columns:
    """The columns that the headers name, in Chinese or English.

    Raises FileRefused for a header that we do not know or that comes twice, and if a required
    column is missing: a list half of which is not understood is better not taken in.
    """
    known = {_plain(word): name for name, chinese in NAMES.items() for word in (name, chinese)}
    unknown = [header for header in headers if _plain(header) not in known]
    if unknown:
        raise FileRefused(
            _("These columns are not known: %(columns)s. Known are: %(known)s.")
            % {
                "columns": ", ".join(header.strip()[:50] or "–" for header in unknown[:20]),
                "known": ", ".join(f"{chinese}/{name}" for name, chinese in NAMES.items()),
            },
            code="columns_unknown",
        )
    columns = tuple(known[_plain(header)] for header in headers)
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise FileRefused(
            _("These columns come twice: %(columns)s.") % {"columns": _both(twice)},
            code="columns_twice",
        )
    if missing := [name for name in REQUIRED if name not in columns]:
        raise FileRefused(
            _("These columns are missing: %(columns)s.") % {"columns": _both(missing)},
            code="columns_missing",
        )
    return Columns(columns, tuple(header.strip() for header in headers))


def _plain(header: str) -> str:
    return header.strip(" *\t").lower().replace(" ", "_")


def _both(columns: Sequence[str]) -> str:
    return ", ".join(f"{NAMES[name]}/{name}" for name in columns)


def values(columns: Columns, cells: Sequence[str]) -> dict[str, str]:
    """A row's values by column, of sound length and with coded words as codes.

    Raises InvalidInput naming the column.
    """
    given = dict.fromkeys(NAMES, "") | {
        name: cell.strip() for name, cell in zip(columns.names, cells, strict=True)
    }
    for name, (model, field) in _STORED_IN.items():
        _refuse_too_long(name, given[name], _longest(model, field))
    # Some signs are written out when names are compared: ㍿ becomes 株式会社.
    _refuse_too_long("name", names.normalised(given["name"]), _longest(Merchant, "normalised_name"))
    for name, (choices, code) in _CODED.items():
        given[name] = _coded(name, given[name], choices, code)
    if not given["contact_name"] and (given["contact_phone"] or given["contact_position"]):
        raise InvalidInput(
            _("Name the person whose details these are."),
            code="contact_needs_name",
            attr="contact_name",
        )
    if given["address"] and not given["outlet_name"]:
        raise InvalidInput(
            _("Name the outlet that has this address."),
            code="outlet_needs_name",
            attr="outlet_name",
        )
    return given


def _longest(model: type[models.Model], field: str) -> int | None:
    column = model._meta.get_field(field)
    return column.max_length if isinstance(column, models.Field) else None


def _refuse_too_long(name: str, value: str, longest: int | None) -> None:
    if longest is not None and len(value) > longest:
        raise InvalidInput(
            _("This is too long: %(longest)s characters at the most.") % {"longest": longest},
            code="too_long",
            attr=name,
        )


def _coded(name: str, value: str, choices: type[models.TextChoices], code: str) -> str:
    """The code behind a code or a label in either language."""
    if not value:
        return ""
    for choice in choices:
        if value.lower() in (choice.value, *_labels(choice)):
            return str(choice.value)
    raise InvalidInput(
        _("Write one of: %(words)s.")
        % {"words": ", ".join(f"{choice.label} ({choice.value})" for choice in choices)},
        code=code,
        attr=name,
    )


def _labels(choice: models.TextChoices) -> list[str]:
    labels = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            labels.append(str(choice.label).lower())
    return labels
