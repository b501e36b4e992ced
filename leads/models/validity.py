"""Validity: whether what public sources say of a lead's merchant is on file."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from merchants.models import LicenceStatus, Merchant


class ValidityPart(models.TextChoices):
    """What makes a lead valid. That a phone carries a lawful basis needs no look: the register
    takes none without."""

    CREDIT_CODE = "credit_code", _("Credit code that passes the check")
    LICENCE_OPEN = "licence_open", _("Licence in force")
    NO_DUPLICATE = "no_duplicate", _("Not a duplicate")
    CATEGORY = "category", _("Category")
    SOURCE = "source", _("Source and the day it was read")


def twins_of(merchant: Merchant) -> models.QuerySet[Merchant]:
    """Other merchants that are the same: of the same name in the same district, unless two
    different credit codes say that they are two legal entities."""
    same = Merchant.objects.called(merchant.normalised_name, merchant.division_id)
    others = same.exclude(pk=merchant.pk).order_by()
    return others.filter(credit_code=None) if merchant.credit_code else others


def is_valid() -> Any:
    """The condition of `LeadQuerySet.valid`."""
    named = (
        Merchant.objects.order_by()
        .filter(normalised_name=OuterRef("merchant__normalised_name"), credit_code=None)
        .exclude(pk=OuterRef("merchant"))
    )
    in_district = Exists(named.filter(division=OuterRef("merchant__division")))
    in_none = Q(merchant__division=None) & Exists(named.filter(division=None))
    return (
        Q(
            merchant__credit_code__isnull=False,
            merchant__credit_code_override="",
            merchant__licence_status=LicenceStatus.OPEN,
            merchant__category__isnull=False,
            merchant__accessed_on__isnull=False,
        )
        & ~Q(merchant__source="")
        & ~in_district
        & ~in_none
    )
