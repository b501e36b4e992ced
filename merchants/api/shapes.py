"""What the API answers about merchants."""

from django.db.models import TextField
from django.db.models.functions import Cast
from rest_framework import serializers

from crm.api.shapes import Computed, Nested, Shape, Yuan
from merchants.models import Consent, Contact, Merchant, MerchantIdentifier, Outlet

OWNER = Nested("owner_id", {"id": "owner_id", "full_name": "owner__full_name"})
UNIT = Nested("unit_id", {"id": "unit_id", "name": "unit__name"})
DIVISION = Nested("division_id", {"code": "division_id", "name": "division__full_name"})

MERCHANT = Shape(
    "Merchant",
    Merchant,
    id="id",
    version="version",
    name="name",
    brand="brand",
    legal_name="legal_name",
    legal_form="legal_form",
    credit_code="credit_code",
    credit_code_override="credit_code_override",
    licence_status="licence_status",
    licence_checked_on="licence_checked_on",
    licence_source="licence_source",
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
    accessed_on="accessed_on",
    parent=Nested("parent_id", {"id": "parent_id", "name": "parent__name"}),
    tier="tier",
    monthly_turnover=Yuan("monthly_turnover_fen"),
    unit=UNIT,
    owner=OWNER,
    created_at="created_at",
    updated_at="updated_at",
)

DEGREES = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)

OUTLET = Shape(
    "Outlet",
    Outlet,
    id="id",
    version="version",
    merchant="merchant_id",
    name="name",
    division=DIVISION,
    address="address",
    latitude=Computed(Cast("latitude", TextField()), DEGREES),
    longitude=Computed(Cast("longitude", TextField()), DEGREES),
    opening_hours="opening_hours",
    created_at="created_at",
    updated_at="updated_at",
)

CONTACT = Shape(
    "Contact",
    Contact,
    id="id",
    version="version",
    merchant="merchant_id",
    full_name="masked_name",
    role="role",
    position="position",
    phone="masked_phone",
    email="masked_email",
    decision_power="decision_power",
    best_from="best_from",
    best_until="best_until",
    do_not_contact="do_not_contact",
    lawful_basis="lawful_basis",
    notice_version="notice_version",
    notice_given_at="notice_given_at",
    retain_until="retain_until",
    state="state",
    restricted_because="restricted_because",
    created_at="created_at",
    updated_at="updated_at",
)

CONSENT = Shape(
    "Consent",
    Consent,
    id="id",
    version="version",
    contact="contact_id",
    purpose="purpose",
    text_version="text_version",
    channel="channel",
    given_at="given_at",
    withdrawn_at="withdrawn_at",
    created_at="created_at",
    updated_at="updated_at",
)

IDENTIFIER = Shape(
    "MerchantIdentifier",
    MerchantIdentifier,
    id="id",
    version="version",
    outlet="outlet_id",
    acquirer="acquirer",
    mid="mid",
    terminal="terminal",
    valid_from="valid_from",
    valid_to="valid_to",
    created_at="created_at",
    updated_at="updated_at",
)
