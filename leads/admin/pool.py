"""The pool: what lies in it, claimed one by one or many at once; and giving a lead back."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin, when
from crm.admin.each import apply_to_each
from crm.admin.filters import Among, UnitFilter, choices_of
from crm.admin.forms import ChoiceField, LongTextField, VerbForm
from crm.admin.site import page, viewer
from crm.models import User
from leads import policies
from leads.admin import shown
from leads.domain import claiming
from leads.models import Lead, Pool, PooledLead, ReturnReason, Stage
from leads.models.stages import OPEN_STAGES
from merchants.models import CategoryGroup, Contact, MerchantTier
from merchants.policies import WORKERS


class OfMerchant(Among):
    """A column of the lead's merchant."""

    column = ""

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> Any:
        return queryset.filter(**{self.column: chosen})


class CategoryGroupFilter(OfMerchant):
    title = _("category group")
    parameter_name = "category_group"
    column = "merchant__category_group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return CategoryGroup.choices


class TierFilter(OfMerchant):
    title = _("tier")
    parameter_name = "tier"
    column = "merchant__tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return MerchantTier.choices


class PoolFilter(OfMerchant):
    title = _("lead pool")
    parameter_name = "pool"
    column = "pool"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        pools = Pool.objects.visible_to(viewer(request)).active()
        return [(str(pk), name) for pk, name in pools.values_list("pk", "name")[:300]]


class OpenStage(choices_of("stage", _("stage"), Stage)):  # type: ignore[misc]
    """The stages in which a lead can lie in the pool."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(stage.value, stage.label) for stage in OPEN_STAGES]


class ReturnForm(VerbForm):
    """Why a lead goes back."""

    reason = ChoiceField(label=_("Reason"), choices=[("", "—"), *ReturnReason.choices])
    because = LongTextField(label=_("In words"), required=False)


@admin.register(PooledLead)
class PooledLeadAdmin(RoomAdmin):
    list_display = (
        "merchant_shown",
        "claim_button",
        "stage_shown",
        "kind_and_place",
        "tier",
        "people",
        "since",
        "last_owner",
    )
    list_display_links = None
    list_filter = (CategoryGroupFilter, OpenStage, TierFilter, PoolFilter, UnitFilter)
    list_before_template = "leads/pool_head.html"
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials, credit code, phone tail")
    ordering = ("-pooled_at", "-id")
    actions = ("claim_selected",)
    pages = {"claim": "claim_page", "return": "return_page"}

    # --- the list --------------------------------------------------------------------------

    def visible(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = PooledLead.objects.all().claimable_by(user)
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        people = Contact.objects.filter(merchant=OuterRef("merchant")).order_by("created_at", "pk")
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .select_related("merchant", "merchant__division", "last_owner", "pool")
            .defer("merchant__search_grams", "merchant__search_text")
            .annotate(
                hint_name=Subquery(people.values("masked_name")[:1]),
                hint_phone=Subquery(people.values("masked_phone")[:1]),
            )
        )
        return rows

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.matching(text) if text else queryset
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        me = viewer(request)
        allowed = claiming.mine(me, at=self.now()) if me.scope.holds(*WORKERS) else []
        return super().changelist_view(request, {"allowances": allowed, **(extra_context or {})})

    @admin.display(description=_("merchant"))
    def merchant_shown(self, row: PooledLead) -> str:
        link = reverse("admin:leads_lead_change", args=[row.pk])
        return format_html('<a href="{}">{}</a>', link, row.merchant)

    @admin.display(description=_("stage"), ordering="stage")
    def stage_shown(self, row: PooledLead) -> str:
        return shown.stage_badge(row)

    @admin.display(description=_("category and district"))
    def kind_and_place(self, row: PooledLead) -> str:
        division = row.merchant.division
        words = (row.merchant.get_category_group_display(), division.name if division else "")
        return " · ".join(str(one) for one in words if one) or "—"

    @admin.display(description=_("tier"))
    def tier(self, row: PooledLead) -> str:
        return row.merchant.get_tier_display() or "—"

    @admin.display(description=_("people (masked)"))
    def people(self, row: Any) -> str:
        return " ".join(one for one in (row.hint_name, row.hint_phone) if one) or "—"

    @admin.display(description=_("in the pool since"), ordering="-pooled_at")
    def since(self, row: PooledLead) -> str:
        return when(row.pooled_at)[:10]

    @admin.display(description="")
    def claim_button(self, row: PooledLead) -> str:
        return format_html(
            '<button type="submit" class="crm-button crm-primary" formaction="{}">{}</button>',
            self.url("claim", row.pk),
            pgettext_lazy("pool", "Claim"),
        )

    # --- what is done ----------------------------------------------------------------------

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """A lead has one page, wherever it lies."""
        return admin.site.get_model_admin(Lead).change_view(request, object_id, *args, **kwargs)

    @admin.action(description=_("Claim"))
    def claim_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """As many as one's limits allow; each refusal stands beside its row."""
        me, at = viewer(request), self.now()
        rows = list(queryset)
        outcomes = apply_to_each(rows, lambda row: claiming.claim(row.pk, by=me, at=at))
        return page(
            request,
            "crm/outcomes.html",
            title=_("Result"),
            noun=self.opts.verbose_name,
            done=[one for one in outcomes if one.refusal is None],
            refused=[one for one in outcomes if one.refusal is not None],
            back=self.url("changelist"),
        )

    def claim_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One lead, for oneself."""
        row, me = self._lead(request, pk), viewer(request)
        return self.verb_page(
            request,
            VerbForm(request.POST if request.method == "POST" else None),
            lambda given: claiming.claim(pk, by=me, at=self.now()),
            title=_("Claim this lead"),
            intro=str(row.merchant) if row else "",
            submit=pgettext_lazy("pool", "Claim"),
            said=_("The lead is yours now. You can see its people's data."),
            back=reverse("admin:leads_lead_change", args=[pk]) if row else self.url("changelist"),
        )

    def return_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Back to the pool, with the reason."""
        row, me = self._lead(request, pk), viewer(request)
        if row is None:
            raise Http404
        stays = policies.may_assign(me, row)
        return self.verb_page(
            request,
            ReturnForm(request.POST or None),
            lambda given: claiming.give_back(pk, by=me, at=self.now(), **given),
            title=_("Return the lead to the pool"),
            intro=_("%(lead)s. What was promised and planned on it is cancelled.") % {"lead": row},
            submit=_("Return it"),
            said=_("The lead lies in the pool now."),
            back=reverse("admin:leads_lead_change", args=[pk])
            if stays or request.method != "POST"
            else reverse("admin:leads_lead_changelist"),
        )

    def _lead(self, request: HttpRequest, pk: UUID) -> Lead | None:
        """The lead, if the viewer may know of it; the verb says what is to be said otherwise."""
        if not self.has_view_permission(request):
            raise Http404
        seen = Lead.objects.visible_to(viewer(request)).select_related("merchant")
        return seen.filter(pk=pk).first()
