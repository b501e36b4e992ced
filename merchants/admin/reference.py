"""Reference data, there to be looked up in forms."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.admin.base import ReferenceAdmin
from merchants.models import Division, MerchantCategory


@admin.register(MerchantCategory)
class CategoryAdmin(ReferenceAdmin):
    list_display = ("code", "label", "category_group", "prohibited")
    search_fields = ("code", "label_en", "label_zh")
    shown_fields = ("code", "label_en", "label_zh", "category_group", "prohibited")

    @admin.display(description=_("name"))
    def label(self, row: MerchantCategory) -> str:
        return row.label


@admin.register(Division)
class DivisionAdmin(ReferenceAdmin):
    list_display = ("code", "full_name")
    search_fields = ("code", "full_name")
    shown_fields = ("code", "full_name", "level")

    def found(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any] | None:
        if not text:
            return queryset
        return queryset.filter(Q(code__startswith=text) | Q(full_name__contains=text))
