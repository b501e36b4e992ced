"""The admin's kernel: the site, the base of every list, and the lists of the kernel's nouns."""

from django.contrib import admin
from django.contrib.auth.models import Group

from crm.admin import (
    access,
    calendar,
    delivery,
    exports,
    parameters,
    people,
    site,
    suppression,
    webhooks,
    weekly,
)

__all__ = [
    "access",
    "calendar",
    "delivery",
    "exports",
    "parameters",
    "people",
    "site",
    "suppression",
    "webhooks",
    "weekly",
]

site.dress(admin.site)
if admin.site.is_registered(Group):
    # Roles are memberships; Django's groups say nothing here.
    admin.site.unregister(Group)
