"""Partnerships: a list, and one page with the checklist, the agreements and the steps of each."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, OwnerFilter, UnitFilter, choices_of
from crm.admin.site import viewer
from crm.ids import uuid7
from crm.models import Role, User
from merchants import policies
from merchants.admin import partnership_shown as shown
from merchants.admin import stream
from merchants.admin.health import HEALTH_PAGES, HealthPages
from merchants.admin.partnership_forms import (
    REGISTERED_WITH,
    AgreementForm,
    EvidenceForm,
    PartnershipStepForm,
    PartnershipWaiverForm,
    RegisterForm,
    kept,
    terms_of,
)
from merchants.domain import agreements, evidence, partnership_facts, partnerships
from merchants.models import (
    Agreement,
    EvidenceKind,
    Partnership,
    PartnershipStage,
    Waiver,
)
from merchants.models.evidence_kinds import PIECES
from merchants.models.partnership_roads import Guard
from merchants.models.partnership_words import RUNNING

BESIDE = 30
"""Steps and pieces of evidence that a partnership's page shows."""


class MerchantsOwnerFilter(OwnerFilter):
    """By who looks after the merchant."""

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        if chosen == "none":
            return queryset.filter(merchant__owner=None)
        owner = viewer(request).pk if chosen == "me" else chosen
        return queryset.filter(merchant__owner_id=owner)


class ExpiryFilter(Among):
    """Agreements that run out soon."""

    title = _("expires")
    parameter_name = "expires"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        days = _("Within %(days)s days")
        return [(str(one), days % {"days": one}) for one in (7, 30, 60, 90)]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.expiring_before(timezone.localdate() + timedelta(days=int(chosen) + 1))


class OfMerchant(admin.SimpleListFilter):
    """One merchant's rows, for links from its page; it has no menu."""

    title = _("merchant")
    parameter_name = "merchant"
    template = "crm/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("merchant", _("merchant"))]

    def choices(self, changelist: Any) -> Any:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            return queryset.filter(merchant_id=UUID(self.value() or ""))
        except ValueError:
            return queryset


@admin.register(Partnership)
class PartnershipAdmin(HealthPages):
    form = RegisterForm
    list_display = (
        "merchant",
        "stage_shown",
        "health_shown",
        "maturity_shown",
        "expiry_shown",
        "owner_shown",
        "unit",
        "since",
    )
    list_filter = (
        choices_of("stage", _("stage"), PartnershipStage),
        MerchantsOwnerFilter,
        UnitFilter,
        ExpiryFilter,
        OfMerchant,
    )
    list_select_related = ("merchant__owner", "unit")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials, credit code, phone tail")
    ordering = ("-created_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Mine"), "owner=me"),
        (_("Active partnership"), "stage=active"),
        (_("Wavering"), "stage=wavering"),
        (_("In renewal"), "stage=renewal"),
        (_("Expiring within 60 days"), "expires=60"),
        (_("Suspended"), "stage=suspended"),
    )
    add_fields = REGISTERED_WITH
    shown_fields = ("merchant", "unit", "stage_before", "evidence_since")
    autocomplete_fields = ("merchant",)
    change_form_outer_before_template = "merchants/partnership.html"
    change_form_outer_after_template = "crm/timeline.html"
    pages = {
        "advance": "advance_page",
        "file": "file_page",
        "waive": "waive_page",
        "draft-agreement": "agreement_page",
        **HEALTH_PAGES,
    }

    # --- the list --------------------------------------------------------------------------

    @admin.display(description=_("stage"), ordering="stage")
    def stage_shown(self, row: Partnership) -> str:
        return shown.stage_badge(row)

    @admin.display(description=_("health score"), ordering="health")
    def health_shown(self, row: Partnership) -> str:
        return shown.health(row)

    @admin.display(description=_("maturity"), ordering="maturity")
    def maturity_shown(self, row: Partnership) -> str:
        return shown.maturity(row)

    @admin.display(description=_("agreement expires on"), ordering="expires_on")
    def expiry_shown(self, row: Partnership) -> str:
        return shown.expiry(row, today=timezone.localdate())

    @admin.display(description=_("owner"))
    def owner_shown(self, row: Partnership) -> str:
        return str(row.merchant.owner or "—")

    @admin.display(description=_("in this stage since"), ordering="-stage_entered_at")
    def since(self, row: Partnership) -> str:
        return when(row.stage_entered_at)[:10]

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.matching(text) if text else queryset
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("merchant__owner", "unit")
        return rows.defer("merchant__search_grams", "merchant__search_text")

    # --- the page --------------------------------------------------------------------------

    def may_add(self, user: User) -> bool:
        return user.scope.holds(Role.BRANCH_MANAGER)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Partnership:
        """Register what exists; everything later is a step on its own page."""
        given, me, at = form.cleaned_data, viewer(request), self.now()
        with transaction.atomic():
            return partnerships.register_existing(
                row.pk,
                given["merchant"].pk,
                stage=PartnershipStage(given["stage"]),
                agreement_id=uuid7(),
                number=given["number"],
                terms=terms_of(given, kept(given["document"], by=me, at=at)),
                by=me,
                at=at,
            )

    def row_context(self, request: HttpRequest, row: Partnership) -> dict[str, Any]:
        me, now = viewer(request), timezone.now()
        today = timezone.localdate(now)
        filed = row.evidence.select_related("filed_by", "document").defer("document__content")
        history = row.steps.select_related("actor").prefetch_related("evidence", "waivers")
        numbers = row.agreements.prefetch_related("versions__document").order_by("-created_at")
        return {
            "partnership": row,
            "badge": shown.stage_badge(row),
            "health": shown.health(row),
            "maturity": shown.maturity(row),
            "expiry": shown.expiry(row, today=today),
            "steps": shown.steps(row),
            "ways": shown.ways(row, me, now),
            "kinds": shown.kinds_to_file(row, me),
            "filed": [
                (one, shown.figures(one.kind, one.numbers), one.at > row.evidence_since)
                for one in filed[:BESIDE]
            ],
            "history": [
                (one, [Guard(waiver.guard).label for waiver in one.waivers.all()])
                for one in history[:BESIDE]
            ],
            "agreements": [
                (one, [(each, shown.state_badge(each, today=today)) for each in one.versions.all()])
                for one in numbers[:BESIDE]
            ],
            "may_draft": row.stage in RUNNING and policies.may_edit(me, row.merchant),
            "may_win_back": partnership_facts.may_win_back(row, now),
            "released": partnership_facts.is_released(row),
            "stream": stream.of(row.merchant_id, me, before=request.GET.get("before", "")),
        }

    # --- what is done on a partnership's page ----------------------------------------------

    def advance_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One step along a road."""
        row = self.row_or_404(request, pk)
        to = _stage(request)

        def step(given: dict[str, Any]) -> Partnership:
            return partnerships.advance(pk, to=to, by=viewer(request), at=self.now(), **given)

        return self.verb_page(
            request,
            PartnershipStepForm(request.POST if request.method == "POST" else None, to=to),
            step,
            title=_("To the stage “%(stage)s”") % {"stage": to.label},
            intro=str(row),
            submit=_("Take the step"),
            said=_("The partnership is now in the stage “%(stage)s”.") % {"stage": to.label},
            back=self.url("change", pk),
        )

    def file_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A piece of evidence, with its document."""
        row, me = self.row_or_404(request, pk), viewer(request)
        wanted = request.GET.get("kind", "")
        if wanted not in EvidenceKind.values:
            raise Http404
        kind = EvidenceKind(wanted)
        form = EvidenceForm(request.POST or None, request.FILES or None, kind=kind)

        def file(given: dict[str, Any]) -> Any:
            at = self.now()
            with transaction.atomic():
                return evidence.file_evidence(
                    given["row_id"],
                    pk,
                    kind=kind,
                    said=given["said"],
                    happened_on=given["happened_on"],
                    numbers=form.numbers(),
                    document_id=kept(given["document"], by=me, at=at),
                    by=me,
                    at=at,
                )

        return self.verb_page(
            request,
            form,
            file,
            title=_("File evidence: %(kind)s") % {"kind": kind.label},
            intro=_("%(partnership)s. For %(who)s to file.")
            % {"partnership": row, "who": PIECES[kind].filer.value},
            submit=_("Put on file"),
            said=_("The evidence is on file."),
            back=self.url("change", pk),
        )

    def waive_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let one guard pass, with the reason in writing."""
        row, me, to = self.row_or_404(request, pk), viewer(request), _stage(request)
        guard = request.GET.get("guard", "")
        if guard not in Guard.values:
            raise Http404

        def waive(given: dict[str, Any]) -> Waiver:
            return evidence.waive(
                given["row_id"],
                pk,
                to=to,
                guard=guard,
                because=given["because"],
                by=me,
                at=self.now(),
            )

        return self.verb_page(
            request,
            PartnershipWaiverForm(request.POST or None),
            waive,
            title=_("Waive: %(sentence)s") % {"sentence": Guard(guard).label},
            intro=f"{row} → {to.label}",
            submit=_("Waive it"),
            said=_("The waiver is on record."),
            back=self.url("change", pk),
        )

    def agreement_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A new agreement, as a draft."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def draft(given: dict[str, Any]) -> Agreement:
            at = self.now()
            with transaction.atomic():
                return agreements.draft(
                    given["row_id"],
                    pk,
                    number=given["number"],
                    terms=terms_of(given, kept(given["document"], by=me, at=at)),
                    by=me,
                    at=at,
                )

        return self.verb_page(
            request,
            AgreementForm(request.POST or None, request.FILES or None),
            draft,
            title=_("Draft an agreement"),
            intro=str(row),
            submit=_("Keep the draft"),
            said=_("The agreement is drafted; a leader of the unit signs it off."),
            back=self.url("change", pk),
        )


def _stage(request: HttpRequest) -> PartnershipStage:
    """The stage in the address."""
    wanted = request.GET.get("to", "")
    if wanted not in PartnershipStage.values:
        raise Http404
    return PartnershipStage(wanted)


@admin.register(Waiver)
class WaiverAdmin(RoomAdmin):
    """What branch managers let pass, for everybody who may know of it."""

    list_display = ("merchant", "to_shown", "guard_shown", "because", "given_by", "given")
    list_select_related = ("partnership__merchant", "given_by")
    ordering = ("-at", "-id")
    list_filter = (choices_of("to_stage", _("for the step to"), PartnershipStage),)
    shown_fields = ("partnership", "to_shown", "guard_shown", "because", "given_by", "given")

    @admin.display(description=_("merchant"))
    def merchant(self, row: Waiver) -> str:
        return str(row.partnership.merchant)

    @admin.display(description=_("for the step to"))
    def to_shown(self, row: Waiver) -> str:
        return row.get_to_stage_display()

    @admin.display(description=_("waived"))
    def guard_shown(self, row: Waiver) -> str:
        return str(Guard(row.guard).label)

    @admin.display(description=_("at"), ordering="-at")
    def given(self, row: Waiver) -> str:
        return when(row.at)
