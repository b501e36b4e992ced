"""The pools themselves, their rules, and the leads that the rules could not be applied to."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.forms import RoomForm, TextField, VerbForm
from crm.admin.site import viewer
from crm.models import Role, User
from leads import policies
from leads.domain import pool
from leads.models import Pool, PoolRule, RecyclingFailure
from merchants.models import CategoryGroup, MerchantTier
from merchants.policies import LEADERS

KEEPERS = (*LEADERS, Role.ADMINISTRATOR)
TIERS = [*MerchantTier.choices, ("", _("No tier"))]


class PoolForm(RoomForm):
    category_groups = forms.MultipleChoiceField(
        label=_("Category groups"),
        choices=CategoryGroup.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )
    divisions = TextField(
        label=_("Districts"),
        required=False,
        max_length=1400,
        help_text=_("District codes or their beginnings, with commas between. Empty: all."),
    )

    class Meta:
        labels = {"is_active": _("in use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["divisions"] = ", ".join(self.instance.divisions)

    def clean_divisions(self) -> list[str]:
        text = self.cleaned_data["divisions"].replace("，", ",").replace("、", ",")
        return [one.strip() for one in text.split(",") if one.strip()]


class NumberField(forms.IntegerField):
    """A small whole number, in the admin's dress."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs["class"] = TextField().widget.attrs["class"]


class RuleForm(VerbForm):
    """When leads of a tier go back."""

    quiet_working_days = NumberField(
        label=_("Working days without follow-up"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_(
            "A call, visit, meeting or step counts; a mere edit does not. Empty: no limit."
        ),
    )
    resting_days = NumberField(
        label=_("Days without progress in the stages"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("Empty: no limit."),
    )
    warning_days = NumberField(label=_("Warn so many days before"), min_value=0, max_value=60)
    protection_days = NumberField(
        label=_("Days that a lead just received is safe"), min_value=0, max_value=365
    )
    spares_partners = forms.BooleanField(
        label=_("Spare merchants with a partnership"), required=False
    )


@admin.register(Pool)
class PoolAdmin(RoomAdmin):
    form = PoolForm
    list_display = ("name", "unit", "takes_shown", "claims_a_day", "holding_cap", "used")
    list_select_related = ("unit",)
    search_fields = ("name", "unit__name")
    ordering = ("name", "id")
    add_fields = (
        "unit",
        "name",
        "category_groups",
        "divisions",
        "claims_a_day",
        "holding_cap",
        "cooldown_days",
    )
    change_fields = (
        "name",
        "category_groups",
        "divisions",
        "claims_a_day",
        "holding_cap",
        "cooldown_days",
        "is_active",
    )
    shown_fields = ("unit",)
    change_form_outer_before_template = "leads/pool_rules.html"
    pages = {"rule": "rule_page"}

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*KEEPERS)

    def may_change(self, user: User, row: Pool) -> bool:
        return policies.may_keep_pool(user, row.unit_id)

    @admin.display(description=_("takes"))
    def takes_shown(self, row: Pool) -> str:
        words = [str(CategoryGroup(one).label) for one in row.category_groups]
        return " · ".join([*words, *row.divisions]) or str(_("All merchants"))

    @admin.display(description=_("in use"), boolean=True)
    def used(self, row: Pool) -> bool:
        return row.is_active

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Pool:
        given, me = dict(form.cleaned_data), viewer(request)
        version = given.pop("read_version")
        if change:
            return pool.change_pool(row.pk, given, by=me, at=self.now(), version=version)
        unit = given.pop("unit")
        return pool.open_pool(row.pk, unit.pk, given, by=me, at=self.now())

    def row_context(self, request: HttpRequest, row: Pool) -> dict[str, Any]:
        known = {one.tier: one for one in row.rules.all()}
        return {
            "pool": row,
            "rules": [(tier, label, known.get(tier)) for tier, label in TIERS],
            "may_keep": self.may_change(viewer(request), row),
        }

    def rule_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The limits of one tier."""
        row = self.row_or_404(request, pk)
        tier = request.GET.get("tier", "")
        labels = dict(TIERS)
        if tier not in labels:
            raise Http404
        known = PoolRule.objects.filter(pool=row, tier=tier).first() or PoolRule(pool=row)
        initial = {name: getattr(known, name) for name in RuleForm.base_fields}
        return self.verb_page(
            request,
            RuleForm(request.POST or None, initial=initial),
            lambda given: pool.set_rule(pk, tier, given, by=viewer(request), at=self.now()),
            title=_("When leads go back: %(tier)s") % {"tier": labels[tier]},
            intro=str(row),
            submit=_("Set the rule"),
            said=_("The rule holds from now on; every lead is looked at anew."),
            back=self.url("change", pk),
        )


@admin.register(RecyclingFailure)
class RecyclingFailureAdmin(RoomAdmin):
    """Leads that the sweep could not deal with; each goes away once it can."""

    list_display = ("lead_shown", "code", "failure", "times", "seen_last")
    list_display_links = None
    list_select_related = ("lead__merchant",)
    ordering = ("-updated_at", "-id")
    search_fields = ("failure",)

    @admin.display(description=_("lead"))
    def lead_shown(self, row: RecyclingFailure) -> str:
        link = reverse("admin:leads_lead_change", args=[row.lead_id])
        return format_html('<a href="{}">{}</a>', link, row.lead)

    @admin.display(description=_("seen last"), ordering="-updated_at")
    def seen_last(self, row: RecyclingFailure) -> str:
        return when(row.updated_at)
