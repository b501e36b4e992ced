"""Duplicates and merges in the admin: shown before saving, compared, merged, taken apart."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin.base import RoomAdmin, when
from crm.admin.forms import VerbForm
from crm.admin.site import page, viewer
from crm.errors import DomainError, RuleBroken
from crm.ids import uuid7
from crm.models import User
from merchants import policies
from merchants.domain import duplicates, merge_preview, merging, registration
from merchants.models import Merchant, MerchantMerge

FOUND_AT_ONCE = 10
LOOK_FIRST = "look_at_duplicates_first"


class DuplicatePages(RoomAdmin):
    """What the merchants' admin shows of duplicates, and the page on which two become one."""

    change_form_before_template = "merchants/duplicates_first.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        refusal = getattr(request, "refusal", None)
        if refusal is not None:
            context["hits"] = refusal.facts.get("duplicates", ())
            context["may_save_anyway"] = refusal.code == LOOK_FIRST
        return super().render_change_form(request, context, *args, **kwargs)

    def duplicates_context(self, request: HttpRequest, row: Merchant) -> dict[str, Any]:
        """The possible duplicates of a merchant, for its page."""
        me = viewer(request)
        return {
            "duplicates": [hit.plain() for hit in duplicates.of(row, by=me)],
            "may_merge": policies.may_merge(me, row.unit_id),
        }

    def look_first(self, request: HttpRequest, details: registration.Details) -> None:
        """Show who may be the same before saving. What blocks, the verb itself refuses."""
        if request.POST.get("save_anyway"):
            return
        hits = registration.possible_duplicates(details, by=viewer(request))
        if hits and not any(hit.blocks for hit in hits):
            raise RuleBroken(
                _("Look at the merchants above first; save anyway if yours is another one."),
                code=LOOK_FIRST,
                duplicates=[hit.plain() for hit in hits],
            )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """A merged merchant's page leads on to the one that it lives on in."""
        wanted = _id(object_id)
        into = merging.merged_into(wanted, by=viewer(request)) if wanted else None
        if into is None:
            response: HttpResponse = super()._get_obj_does_not_exist_redirect(
                request, opts, object_id
            )
            return response
        messages.info(request, _("That merchant was merged into this one."))
        return redirect(self.url("change", into))

    def merge_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Two merchants side by side; what is chosen, and what will move."""
        row = self.row_or_404(request, pk)
        other = self._other(request)
        if other is None:
            return self._choose_other(request, row)
        if request.method == "POST":
            try:
                merging.merge(
                    _id(request.POST.get("row_id")) or uuid7(),
                    row.pk,
                    other.pk,
                    {
                        name.removeprefix("choice_"): str(side)
                        for name, side in request.POST.items()
                        if name.startswith("choice_")
                    },
                    by=viewer(request),
                    at=self.now(),
                    version=_number(request.POST.get("read_version")),
                )
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("The merchants were merged."))
                return redirect(self.url("change", row.pk))
        return self._compare(request, row, other)

    def _other(self, request: HttpRequest) -> Merchant | None:
        wanted = _id(request.POST.get("other") or request.GET.get("other"))
        found: Merchant | None = None
        if wanted is not None:
            found = self.visible(viewer(request)).filter(pk=wanted).first()
        return found

    def _choose_other(self, request: HttpRequest, row: Merchant) -> HttpResponse:
        text = request.GET.get("q", "").replace("\0", "").strip()[:200]
        rows = self.visible(viewer(request)).exclude(pk=row.pk)
        found = rows.matching(text).select_related("unit", "division") if text else ()  # type: ignore[attr-defined]
        return page(
            request,
            "merchants/merge_choose.html",
            title=_("Merge “%(name)s” with …") % {"name": row.name},
            row=row,
            text=text,
            found=found[:FOUND_AT_ONCE],
            **self.duplicates_context(request, row),
        )

    def _compare(self, request: HttpRequest, row: Merchant, other: Merchant) -> HttpResponse:
        try:
            seen = merge_preview.preview(row.pk, other.pk, by=viewer(request), at=self.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect(self.url("change", row.pk))
        return page(
            request,
            "merchants/merge.html",
            title=_("Merge two merchants"),
            row=row,
            other=other,
            seen=seen,
            row_id=uuid7(),
        )


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


@admin.register(MerchantMerge)
class MergeAdmin(RoomAdmin):
    list_display = ("merged_name", "into", "merged_at", "by", "undone")
    list_select_related = ("kept", "by", "undone_by")
    sortable_by = ("merged_at",)
    ordering = ("-at", "-id")
    shown_fields = ("merged_name", "into", "merged_at", "by", "undone", "undone_by")
    change_form_outer_before_template = "merchants/merge_head.html"
    pages = {"undo": "undo_page"}

    @admin.display(description=gettext_lazy("kept merchant"))
    def into(self, row: MerchantMerge) -> str:
        address = reverse("admin:merchants_merchant_change", args=[row.kept_id])
        return format_html('<a href="{}">{}</a>', address, row.kept.name)

    @admin.display(description=gettext_lazy("merged at"), ordering="at")
    def merged_at(self, row: MerchantMerge) -> str:
        return when(row.at)

    @admin.display(description=gettext_lazy("undone at"))
    def undone(self, row: MerchantMerge) -> str:
        return when(row.undone_at)

    def may_change(self, user: User, row: MerchantMerge) -> bool:
        return False

    def row_context(self, request: HttpRequest, row: MerchantMerge) -> dict[str, Any]:
        may = policies.may_merge(viewer(request), row.kept.unit_id)
        return {"may_undo": may and row.undone_at is None}

    def undo_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)

        def undo(given: dict[str, Any]) -> Model:
            return merging.undo(pk, by=viewer(request), at=self.now())

        return self.verb_page(
            request,
            VerbForm(request.POST if request.method == "POST" else None),
            undo,
            title=_("Undo the merge"),
            intro=_(
                "“%(merged)s” comes back as it was, with all that moved to “%(kept)s”; "
                "what was added since stays where it is."
            )
            % {"merged": row.merged_name, "kept": row.kept_name},
            submit=_("Undo the merge"),
            said=_("The merge was undone."),
            back=reverse("admin:merchants_merchantmerge_changelist"),
        )
