"""The columns of a list of merchants: what they are called, and which headers mean them."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput
from merchants.models import Contact, Merchant, Outlet

MERCHANT, OUTLET, CONTACT = "merchant", "outlet", "contact"


@dataclass(frozen=True)
class Column:
    """One column that we can take in."""

    chinese: str
    noun: str
    """Whose value it is."""
    value: str
    """What the verb calls the value, and what is wrong with it."""
    field: tuple[type[models.Model], str] | None = None
    """Where it is stored: how long it may be, which words it knows."""
    kind: str = "text"
    """text, choice, day, yuan, degrees, or chain (the credit code of its head)."""
    others: tuple[str, ...] = ()
    """What else people call it."""


_COLUMNS: dict[str, Column] = {
    "name": Column(
        "名称",
        MERCHANT,
        "name",
        (Merchant, "name"),
        "text",
        ("商户名称", "商户", "商户名", "merchant"),
    ),
    "legal_name": Column(
        "工商名称",
        MERCHANT,
        "legal_name",
        (Merchant, "legal_name"),
        "text",
        ("企业名称", "公司名称", "营业执照名称", "company"),
    ),
    "credit_code": Column(
        "统一社会信用代码",
        MERCHANT,
        "credit_code",
        None,
        "text",
        ("信用代码", "社会信用代码", "uscc", "unified social credit code"),
    ),
    "mcc": Column("商户类别码", MERCHANT, "mcc", None, "text", ("行业代码", "商户类别")),
    "division": Column(
        "行政区划", MERCHANT, "division", None, "text", ("区县", "地区", "区域", "district")
    ),
    "source": Column("来源", MERCHANT, "source", (Merchant, "source"), "choice", ("商户来源",)),
    "contact_name": Column(
        "联系人", CONTACT, "full_name", (Contact, "full_name"), "text", ("联系人姓名", "contact")
    ),
    "contact_phone": Column(
        "电话", CONTACT, "phone", None, "text", ("联系电话", "手机", "手机号", "手机号码", "phone")
    ),
    "contact_position": Column(
        "职位", CONTACT, "position", (Contact, "position"), "text", ("职务", "position")
    ),
    "lawful_basis": Column(
        "个人信息依据",
        CONTACT,
        "lawful_basis",
        (Contact, "lawful_basis"),
        "choice",
        ("合法性依据",),
    ),
    "outlet_name": Column(
        "门店", OUTLET, "name", (Outlet, "name"), "text", ("门店名称", "分店", "outlet", "shop")
    ),
    "address": Column(
        "地址", OUTLET, "address", (Outlet, "address"), "text", ("门店地址", "详细地址", "经营地址")
    ),
    "legal_form": Column(
        "企业类型", MERCHANT, "legal_form", (Merchant, "legal_form"), "choice", ("主体类型",)
    ),
    "brand": Column("品牌", MERCHANT, "brand", (Merchant, "brand")),
    "licence_status": Column(
        "执照状态",
        MERCHANT,
        "licence_status",
        (Merchant, "licence_status"),
        "choice",
        ("经营状态",),
    ),
    "licence_checked_on": Column(
        "执照核验日期", MERCHANT, "licence_checked_on", (Merchant, "licence_checked_on"), "day"
    ),
    "licence_source": Column(
        "执照核验来源", MERCHANT, "licence_source", (Merchant, "licence_source")
    ),
    "tier": Column("商户等级", MERCHANT, "tier", (Merchant, "tier"), "choice", ("等级",)),
    "monthly_turnover": Column(
        "月营业额", MERCHANT, "monthly_turnover_fen", (Merchant, "monthly_turnover_fen"), "yuan"
    ),
    "accessed_on": Column(
        "信息获取日期", MERCHANT, "accessed_on", (Merchant, "accessed_on"), "day"
    ),
    "parent": Column(
        "连锁总部信用代码", MERCHANT, "parent", (Merchant, "parent"), "chain", ("总部",)
    ),
    "latitude": Column("纬度", OUTLET, "latitude", (Outlet, "latitude"), "degrees"),
    "longitude": Column("经度", OUTLET, "longitude", (Outlet, "longitude"), "degrees"),
    "contact_role": Column("联系人角色", CONTACT, "role", (Contact, "role"), "choice", ("角色",)),
    "contact_email": Column(
        "邮箱", CONTACT, "email", (Contact, "masked_email"), "text", ("电子邮箱",)
    ),
    "decision_power": Column(
        "决策权", CONTACT, "decision_power", (Contact, "decision_power"), "choice"
    ),
    "notice_version": Column("告知书版本", CONTACT, "notice_version", (Contact, "notice_version")),
}


def field_of(column: Column) -> "models.Field[object, object] | None":
    """The stored field behind a column, if there is one."""
    if column.field is None:
        return None
    model, name = column.field
    found = model._meta.get_field(name)
    return found if isinstance(found, models.Field) else None


COLUMNS: Mapping[str, Column] = MappingProxyType(_COLUMNS)
REQUIRED = ("name",)
IGNORED = ""
"""What a header means that is left out on purpose."""
ERROR_HEADERS = (_("Row"), _("Error column"), _("Error code"), _("Reason"))
"""What we add to a file of errors; it is left out when such a file comes back, in any language."""

type Meanings = list[str | None]
"""For every header of a file: our column, IGNORED, or none as long as nobody said."""


def label_of(name: str) -> str:
    """What a column is called, in both languages."""
    return f"{COLUMNS[name].chinese} ({name})"


def guessed(headers: Sequence[str]) -> Meanings:
    """What the headers seem to mean; a second one of the same meaning is left to the person."""
    known = {_plain(word): name for name, one in COLUMNS.items() for word in _words(name, one)}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            known |= {_plain(str(header)): IGNORED for header in ERROR_HEADERS}
    found: Meanings = []
    for header in headers:
        name = known.get(_plain(header)) if header.strip() else IGNORED
        found.append(None if name and name in found else name)
    return found


def checked(names: Sequence[str | None], headers: Sequence[str]) -> list[str]:
    """A mapping that can be worked with. Raises InvalidInput.

    A list half of which is not understood is better not taken in: whoever brings it says of every
    header what it means, or that it is to be left out.
    """
    if len(names) != len(headers):
        raise InvalidInput(
            _("Name one column for each of the %(count)d headers.") % {"count": len(headers)},
            code="columns_count",
            attr="columns",
        )
    strange = [name for name in names if name and name not in COLUMNS]
    if strange:
        raise _refused(
            _("These columns are not known: %(columns)s."),
            "columns_unknown",
            [str(name)[:50] for name in strange],
        )
    unsaid = [header for name, header in zip(names, headers, strict=True) if name is None]
    if unsaid:
        raise _refused(
            _("Say what these columns mean, or leave them out: %(columns)s."),
            "columns_unknown",
            [header.strip()[:50] or "–" for header in unsaid],
        )
    given = [name for name in names if name]
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise _refused(
            _("These columns come twice: %(columns)s."),
            "columns_twice",
            [label_of(name) for name in twice],
        )
    if missing := [name for name in REQUIRED if name not in given]:
        raise _refused(
            _("These columns are missing: %(columns)s."),
            "columns_missing",
            [label_of(name) for name in missing],
        )
    return [name or IGNORED for name in names]


def key_of(headers: Sequence[str]) -> str:
    """By what a set of headers is known again."""
    plain = "\n".join(_plain(header) for header in headers)
    return hashlib.sha256(plain.encode()).hexdigest()


def _words(name: str, column: Column) -> tuple[str, ...]:
    return (name, column.chinese, *column.others)


def _plain(header: str) -> str:
    text = unicodedata.normalize("NFKC", header).strip(" *\t").lower()
    return " ".join(text.replace("_", " ").split())


def _refused(sentence: object, code: str, columns: Sequence[str]) -> InvalidInput:
    return InvalidInput(
        str(sentence) % {"columns": ", ".join(columns[:20])}, code=code, attr="columns"
    )
