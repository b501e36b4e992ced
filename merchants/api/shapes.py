"""What the API answers about merchants."""

from crm.api.shapes import Nested, Shape
from merchants.models import Contact, Merchant, Outlet

OWNER = Nested("owner_id", {"id": "owner_id", "full_name": "owner__full_name"})
UNIT = Nested("unit_id", {"id": "unit_id", "name": "unit__name"})
DIVISION = Nested("division_id", {"code": "division_id", "name": "division__full_name"})

MERCHANT = Shape(
    "Merchant",
    Merchant,
    id="id",
    version="version",
    name="name",
    legal_name="legal_name",
    credit_code="credit_code",
    pinyin="name_pinyin",
    initials="name_initials",
    category=Nested(
        "category_id",
        {
            "mcc": "category_id",
            "label_en": "category__label_en",
            "label_zh": "category__label_zh",
        },
    ),
    category_group="category_group",
    division=DIVISION,
    source="source",
    unit=UNIT,
    owner=OWNER,
    created_at="created_at",
    updated_at="updated_at",
)

OUTLET = Shape(
    "Outlet",
    Outlet,
    id="id",
    version="version",
    merchant="merchant_id",
    name="name",
    division=DIVISION,
    address="address",
    created_at="created_at",
    updated_at="updated_at",
)

CONTACT = Shape(
    "Contact",
    Contact,
    id="id",
    version="version",
    merchant="merchant_id",
    full_name="full_name",
    position="position",
    phone="masked_phone",
    lawful_basis="lawful_basis",
    do_not_contact="do_not_contact",
    retain_until="retain_until",
    created_at="created_at",
    updated_at="updated_at",
)
