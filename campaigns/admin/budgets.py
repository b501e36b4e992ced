"""Budgets and the ledger: looked at, and restored once a frozen one was looked into."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.admin.budget_shown import burn, figures, kind_badge, latest, state_badge
from campaigns.admin.fund_forms import FundBecauseForm
from campaigns.domain import ledger, reconciliation
from campaigns.models import Account, Budget, EntryKind, LedgerEntry, Party
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.site import viewer
from crm.models import User
from crm.presentation import money


class FrozenFilter(Among):
    title = _("state")
    parameter_name = "frozen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Frozen"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.frozen()


class KindOfBudgetFilter(Among):
    title = _("kind")
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("funds", _("Funds")), ("campaigns", _("Campaigns"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.of_funds() if chosen == "funds" else queryset.of_campaigns()


@admin.register(Budget)
class BudgetAdmin(RoomAdmin):
    list_display = ("name", "state_shown", "allocated", "available", "used", "reconciled")
    list_filter = (FrozenFilter, KindOfBudgetFilter, choices_of("party", _("party"), Party))
    list_select_related = ("fund", "campaign")
    search_fields = ("fund__name", "campaign__name")
    ordering = ("-created_at", "-id")
    quick_filters = ((_("All"), ""), (_("Frozen"), "frozen=yes"))
    change_form_outer_before_template = "campaigns/budget.html"
    pages = {"restore": "restore_page"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("fund", "campaign")

    @admin.display(description=_("budget"))
    def name(self, row: Budget) -> str:
        return str(row)

    @admin.display(description=_("state"))
    def state_shown(self, row: Budget) -> str:
        return state_badge(row)

    @admin.display(description=_("allocated"))
    def allocated(self, row: Budget) -> str:
        return money(row.allocated_fen)

    @admin.display(description=_("available"))
    def available(self, row: Budget) -> str:
        return money(row.available_fen)

    @admin.display(description=_("used"))
    def used(self, row: Budget) -> str:
        return burn(row)

    @admin.display(description=_("reconciled at"))
    def reconciled(self, row: Budget) -> str:
        return when(row.reconciled_at)

    def row_context(self, request: HttpRequest, row: Budget) -> dict[str, Any]:
        found = ledger.in_ledger(row.pk)
        counted = ledger.in_counters(row)
        return {
            "budget": row,
            "badge": state_badge(row),
            "burn": burn(row),
            "figures": figures(row),
            "compared": [
                (
                    Account(account).label,
                    money(counted[account]),
                    money(fen),
                    counted[account] != fen,
                )
                for account, fen in found.items()
            ],
            "entries": latest(budget=row),
            "may_restore": row.frozen_at is not None and _may_keep(viewer(request), row),
        }

    def restore_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take the counters from the ledger."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            FundBecauseForm(request.POST or None),
            lambda given: reconciliation.restore(pk, **given, by=viewer(request), at=self.now()),
            title=_("Restore the budget from the ledger"),
            intro=_("%(budget)s: its counters become what the ledger sums to.") % {"budget": row},
            submit=_("Restore"),
            said=_("The budget agrees with the ledger; money can move again."),
            back=self.url("change", pk),
        )


def _may_keep(user: User, row: Budget) -> bool:
    owner = row.fund or row.campaign
    return owner is not None and policies.may_keep_funds(user, owner.unit_id)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(RoomAdmin):
    list_display = ("moved_at", "kind_shown", "amount", "way", "of_budget", "who", "reason")
    list_filter = (choices_of("kind", _("kind"), EntryKind),)
    list_select_related = ("budget__fund", "budget__campaign", "actor")
    search_fields = ("key", "budget__fund__name", "budget__campaign__name")
    ordering = ("-at", "-id")
    shown_fields = ("moved_at", "kind_shown", "amount", "way", "of_budget", "who", "reason", "key")

    @admin.display(description=_("at"), ordering="at")
    def moved_at(self, row: LedgerEntry) -> str:
        return when(row.at)

    @admin.display(description=_("kind"))
    def kind_shown(self, row: LedgerEntry) -> str:
        return kind_badge(row)

    @admin.display(description=_("amount"))
    def amount(self, row: LedgerEntry) -> str:
        return money(row.amount_fen)

    @admin.display(description=_("from and to"))
    def way(self, row: LedgerEntry) -> str:
        return f"{row.get_credit_account_display()} → {row.get_debit_account_display()}"

    @admin.display(description=_("budget"))
    def of_budget(self, row: LedgerEntry) -> str:
        link = f"/admin/campaigns/budget/{row.budget_id}/change/"
        return format_html('<a href="{}">{}</a>', link, row.budget)

    @admin.display(description=_("actor"))
    def who(self, row: LedgerEntry) -> str:
        return str(row.actor or _("System"))
