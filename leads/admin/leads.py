"""Leads: found, opened, moved and assigned; one page for everything a rep does with one."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.base import when
from crm.admin.filters import OwnerFilter, UnitFilter, choices_of
from crm.admin.forms import RoomForm, YuanField
from crm.admin.site import viewer
from crm.models import Role, User
from crm.presentation import money
from leads import policies
from leads.admin import panels, shown
from leads.admin.bulk import BulkPages
from leads.admin.filters import (
    OfMerchant,
    OpenFilter,
    QuietFilter,
    SigningFilter,
    StaleFilter,
    SteppedFilter,
)
from leads.admin.follow_up_forms import PromiseForm, RepeatingPromiseForm
from leads.admin.forms import (
    ActivityForm,
    AssignForm,
    colleagues,
)
from leads.admin.step_shown import step_context
from leads.admin.steps import STEP_PAGES, StepPages
from leads.domain import activities, follow_ups, pipeline
from leads.models import Activity, FollowUp, Lead, LeadSource, Stage
from merchants.admin import stream
from merchants.policies import LEADERS, WORKERS


class LeadForm(RoomForm):
    expected_value = YuanField(label=_("Expected value"), required=False, help_text=_("In yuan."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fen = self.instance.expected_value_fen
        self.fields["expected_value"].initial = None if fen is None else f"{fen / 100:.2f}"
        if "owner" in self.fields:
            owner = self.fields["owner"]
            owner.queryset = colleagues(self.viewer)  # type: ignore[attr-defined]
            owner.help_text = _("Empty: yourself if you are a rep, else nobody yet.")


@admin.register(Lead)
class LeadAdmin(StepPages, BulkPages):
    form = LeadForm
    list_display = (
        "merchant",
        "stage_shown",
        "owner",
        "expected_value",
        "signing",
        "since",
        "last_activity",
        "next_follow_up",
    )
    list_filter = (
        OpenFilter,
        choices_of("stage", _("stage"), Stage),
        OwnerFilter,
        UnitFilter,
        choices_of("source", _("source"), LeadSource),
        QuietFilter,
        StaleFilter,
        SigningFilter,
        SteppedFilter,
        OfMerchant,
    )
    list_select_related = ("merchant", "owner")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials, credit code, phone tail")
    ordering = ("-created_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("My open leads"), "owner=me&open=yes"),
        (_("In the pool"), "owner=none&open=yes"),
        (_("Stale"), "stale=yes"),
        (_("In approval"), "stage=approval"),
        (_("Signature overdue"), "signing=overdue"),
    )
    add_fields = ("merchant", "source", "expected_value", "expected_signing_on", "owner")
    change_fields = ("source", "expected_value", "expected_signing_on")
    autocomplete_fields = ("merchant",)
    change_form_outer_before_template = "leads/head.html"
    change_form_outer_after_template = "crm/timeline.html"
    pages = {
        **STEP_PAGES,
        "assign": "assign_page",
        "log": "log_page",
        "promise": "promise_page",
    }

    # --- the list --------------------------------------------------------------------------

    @admin.display(description=_("stage"), ordering="stage")
    def stage_shown(self, row: Lead) -> str:
        return shown.stage_badge(row)

    @admin.display(description=_("expected value"), ordering="expected_value_fen")
    def expected_value(self, row: Lead) -> str:
        return "—" if row.expected_value_fen is None else money(row.expected_value_fen)

    @admin.display(description=_("signature expected on"), ordering="expected_signing_on")
    def signing(self, row: Lead) -> str:
        return shown.signing(row, today=timezone.localdate())

    @admin.display(description=_("in this stage since"), ordering="-stage_entered_at")
    def since(self, row: Lead) -> str:
        return when(row.stage_entered_at)[:10]

    @admin.display(description=_("last activity"), ordering="-last_activity_at")
    def last_activity(self, row: Lead) -> str:
        return when(row.last_activity_at)[:10]

    @admin.display(description=_("next follow-up"))
    def next_follow_up(self, row: Lead) -> str:
        return shown.due(row.next_follow_up_at, now=timezone.now())

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.matching(text) if text else queryset
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("merchant", "owner")

    # --- the form --------------------------------------------------------------------------

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*WORKERS)

    def may_change(self, user: User, row: Lead) -> bool:
        return policies.may_work(user, row)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_fields(request, obj)
        if obj is None and not viewer(request).scope.holds(*LEADERS):
            return tuple(name for name in fields if name != "owner")
        return fields

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Lead:
        given, me = form.cleaned_data, viewer(request)
        if change:
            return pipeline.correct(
                row.pk,
                {
                    "source": given["source"],
                    "expected_value_fen": given["expected_value"],
                    "expected_signing_on": given["expected_signing_on"],
                },
                by=me,
                at=self.now(),
                version=given["read_version"],
            )
        myself = me if me.scope.holds(Role.REP) else None
        return pipeline.open_lead(
            row.pk,
            given["merchant"].pk,
            source=given["source"],
            expected_value_fen=given["expected_value"],
            expected_signing_on=given["expected_signing_on"],
            owner=given.get("owner") or myself,
            by=me,
            at=self.now(),
        )

    def row_context(self, request: HttpRequest, row: Lead) -> dict[str, Any]:
        me, now = viewer(request), timezone.now()
        may = policies.may_work(me, row)
        open_ones = FollowUp.objects.open().filter(lead=row).select_related("owner")
        return {
            "lead": row,
            "steps": shown.steps(row),
            "badge": shown.stage_badge(row),
            "value": self.expected_value(row),
            "signing": shown.signing(row, today=timezone.localdate(now)),
            **step_context(row, me, now),
            "open_follow_ups": [(one, one.due_at < now) for one in open_ones[:20]],
            "activity_form": ActivityForm(auto_id="activity_%s") if may else None,
            "promise_form": PromiseForm(auto_id="promise_%s") if may else None,
            "may_assign": policies.may_assign(me, row),
            "panels": panels.of(row, me, now),
            "stream": stream.of(row.merchant_id, me, before=request.GET.get("before", "")),
        }

    # --- what is done on a lead's page -----------------------------------------------------

    def assign_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """To a colleague, with the merchant and the open follow-ups."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            AssignForm(request.POST or None, user=me),
            lambda given: pipeline.assign(pk, to=given["owner"], by=me, at=self.now()),
            title=_("Assign the lead"),
            intro=str(row),
            submit=_("Assign"),
            said=_("The lead was assigned."),
            back=self.url("change", pk),
        )

    def log_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A call, a visit, a note."""
        row = self.row_or_404(request, pk)

        def log(given: dict[str, Any]) -> Activity:
            return activities.log(
                given.pop("row_id"),
                row.merchant_id,
                lead_id=pk,
                by=viewer(request),
                at=self.now(),
                **given,
            )

        return self.verb_page(
            request,
            ActivityForm(request.POST or None),
            log,
            title=_("Log an activity"),
            intro=str(row),
            submit=_("Log the activity"),
            said=_("The activity was logged."),
            back=self.url("change", pk),
        )

    def promise_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A follow-up of one's own on this lead."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def promise(given: dict[str, Any]) -> FollowUp:
            return follow_ups.promise(
                given.pop("row_id"),
                row.merchant_id,
                lead_id=pk,
                owner=me,
                by=me,
                at=self.now(),
                **given,
            )

        return self.verb_page(
            request,
            RepeatingPromiseForm(request.POST or None),
            promise,
            title=_("Promise a follow-up"),
            intro=str(row),
            submit=_("Promise"),
            said=_("The follow-up was promised; you will be reminded."),
            back=self.url("change", pk),
        )
