"""Funds: what they hold, which campaigns count on them, and how their money moved."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.admin.budget_shown import burn, figures, latest, state_badge
from campaigns.admin.fund_forms import (
    AllocateForm,
    ChangeAllocationForm,
    FundBecauseForm,
    FundForm,
)
from campaigns.domain import funds
from campaigns.domain.offer_sentences import per_cent
from campaigns.models import Campaign, Fund
from crm.admin.base import RoomAdmin
from crm.admin.filters import Among, UnitFilter
from crm.admin.site import viewer
from crm.models import Role, User
from crm.presentation import money

MOST_CAMPAIGNS = 20


class OpenFilter(Among):
    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", pgettext_lazy("fund", "Open")), ("no", pgettext_lazy("fund", "Closed"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(closed_at__isnull=chosen == "yes")


@admin.register(Fund)
class FundAdmin(RoomAdmin):
    form = FundForm
    list_display = ("name", "unit", "state_shown", "allocated", "available", "used", "ends_on")
    list_filter = (OpenFilter, UnitFilter)
    list_select_related = ("unit", "budget")
    search_fields = ("name",)
    ordering = ("-starts_on", "-id")
    quick_filters = ((_("All"), ""), (pgettext_lazy("funds", "Open"), "open=yes"))
    add_fields = ("name", "unit", "starts_on", "ends_on", "cap", "tolerance")
    change_fields = ("name", "ends_on", "cap", "tolerance")
    shown_fields = ("unit", "starts_on")
    change_form_outer_before_template = "campaigns/fund.html"
    pages = {
        "allocate": "allocate_page",
        "change-allocation": "change_allocation_page",
        "close": "close_page",
    }

    def may_add(self, user: User) -> bool:
        leads_the_bank = Role.BRANCH_MANAGER in user.scope.everywhere
        return leads_the_bank or user.scope.holds(Role.FINANCE)

    def may_change(self, user: User, row: Fund) -> bool:
        return row.closed_at is None and policies.may_keep_funds(user, row.unit_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("unit", "budget")

    @admin.display(description=_("state"))
    def state_shown(self, row: Fund) -> str:
        return state_badge(row.budget, closed=row.closed_at is not None)

    @admin.display(description=_("allocated"))
    def allocated(self, row: Fund) -> str:
        return money(row.budget.allocated_fen)

    @admin.display(description=_("available"))
    def available(self, row: Fund) -> str:
        return money(row.budget.available_fen)

    # --- what those read who do not keep it ------------------------------------------------

    @admin.display(description=_("Cap"))
    def cap(self, row: Fund) -> str:
        return money(row.cap_fen)

    @admin.display(description=_("Tolerance (%)"))
    def tolerance(self, row: Fund) -> str:
        return per_cent(row.tolerance_basis_points)

    @admin.display(description=_("used"))
    def used(self, row: Fund) -> str:
        return burn(row.budget)

    # --- the page --------------------------------------------------------------------------

    def row_context(self, request: HttpRequest, row: Fund) -> dict[str, Any]:
        me = viewer(request)
        campaigns = Campaign.objects.visible_to(me).filter(fund=row)
        listed = list(campaigns.order_by("-starts_on", "-id")[: MOST_CAMPAIGNS + 1])
        return {
            "fund": row,
            "badge": self.state_shown(row),
            "figures": figures(row.budget),
            "burn": burn(row.budget),
            "campaigns": listed[:MOST_CAMPAIGNS],
            "more_campaigns": len(listed) > MOST_CAMPAIGNS,
            "entries": latest(budget=row.budget),
            "may_keep": self.may_change(me, row),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Fund:
        given, me = form.cleaned_data, viewer(request)
        sums = {
            "cap_fen": given["cap"],
            "tolerance_basis_points": int((given["tolerance"] or 0) * 100),
        }
        if change:
            return funds.correct(
                row.pk,
                name=given["name"],
                ends_on=given["ends_on"],
                **sums,
                by=me,
                at=self.now(),
                version=given["read_version"],
            )
        return funds.open_fund(
            row.pk,
            name=given["name"],
            unit_id=given["unit"].pk,
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            **sums,
            by=me,
            at=self.now(),
        )

    # --- its money -------------------------------------------------------------------------

    def allocate_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Put money in."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            AllocateForm(request.POST or None),
            lambda given: funds.allocate(
                pk,
                given["amount"],
                movement_id=given["row_id"],
                because=given["because"],
                by=viewer(request),
                at=self.now(),
            ),
            title=_("Put money into the fund"),
            intro=_("%(fund)s: up to %(ceiling)s in all, of which %(allocated)s is allocated.")
            % {
                "fund": row,
                "ceiling": money(row.ceiling_fen),
                "allocated": money(row.budget.allocated_fen),
            },
            submit=_("Allocate"),
            said=_("The money is in the fund."),
            back=self.url("change", pk),
        )

    def change_allocation_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Raise or lower what it holds; what the person read goes along."""
        row = self.row_or_404(request, pk)
        held = row.budget.allocated_fen
        initial = {"expected": held, "to": f"{held / 100:.2f}"}
        return self.verb_page(
            request,
            ChangeAllocationForm(request.POST or None, initial=initial),
            lambda given: funds.change_allocation(
                pk,
                to_fen=given["to"],
                expected_fen=given["expected"],
                because=given["because"],
                by=viewer(request),
                at=self.now(),
            ),
            title=_("Change what the fund holds"),
            intro=_("%(fund)s: never below %(used)s, which is promised or spent.")
            % {"fund": row, "used": money(row.budget.used_fen)},
            submit=_("Change"),
            said=_("The fund holds this much now."),
            back=self.url("change", pk),
        )

    def close_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Close it for good."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            FundBecauseForm(request.POST or None),
            lambda given: funds.close(pk, **given, by=viewer(request), at=self.now()),
            title=_("Close the fund"),
            intro=_("%(fund)s: what is left, %(left)s, goes back. A closed fund stays closed.")
            % {"fund": row, "left": money(row.budget.available_fen)},
            submit=_("Close the fund"),
            said=_("The fund is closed."),
            back=self.url("change", pk),
        )
