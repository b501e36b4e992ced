"""SWOT analyses: four quadrants, and the three sentences to say first."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.forms import VerbForm
from crm.admin.site import viewer
from crm.models import User
from merchants import policies
from merchants.admin.insight_forms import FactForm, FeatureForm
from merchants.admin.rivals import RivalFilter
from merchants.domain import comparing, swot
from merchants.models import (
    CategoryGroup,
    Merchant,
    SwotAnalysis,
    SwotFact,
    SwotFactKind,
    SwotFeature,
)


@admin.register(SwotAnalysis)
class SwotAdmin(RoomAdmin):
    list_display = ("package", "rival", "subject", "added")
    list_filter = (
        choices_of("category_group", _("category group"), CategoryGroup),
        RivalFilter,
    )
    list_select_related = ("rival", "merchant")
    search_fields = ("package",)
    search_help_text = _("Our package, or the merchant: name, pinyin, initials")
    ordering = ("-created_at", "-id")
    add_fields = ("rival", "category_group", "merchant", "package")
    change_fields = ("package",)
    shown_fields = ("rival", "subject")
    autocomplete_fields = ("merchant",)
    change_form_outer_before_template = "merchants/swot.html"
    pages = {"feature": "feature_page", "fact": "fact_page", "take-out": "take_out_page"}

    class Media:
        css = {"all": ["merchants/insight.css"]}

    @admin.display(description=_("about"))
    def subject(self, row: SwotAnalysis) -> str:
        return row.merchant.name if row.merchant else row.get_category_group_display()

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: SwotAnalysis) -> str:
        return when(row.created_at)

    def may_add(self, user: User) -> bool:
        return policies.may_keep_rivals(user)

    def may_change(self, user: User, row: SwotAnalysis) -> bool:
        return policies.may_analyse(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(
            Q(package__icontains=text) | Q(merchant__in=Merchant.objects.matching(text))
        )
        return found

    def row_context(self, request: HttpRequest, row: SwotAnalysis) -> dict[str, Any]:
        asked = [one for one in request.GET.getlist("answers") if "\0" not in one]
        found = comparing.read(row.pk, answers=asked)
        tags = sorted({tag for one in found.features for tag in one.answers})
        rival = row.rival.short_name
        return {
            "analysis": row,
            "subject": self.subject(row),
            "may": policies.may_analyse(viewer(request), row.merchant),
            "boxes": _boxes(found),
            "neither": [one for one in found.features if swot.side(one.difference) is None],
            "best": [(pair, swot.sentence(pair, rival=rival)) for pair in found.best],
            "other_pairs": [
                (pair, swot.sentence(pair, rival=rival))
                for kind in (swot.PairKind.WO, swot.PairKind.ST, swot.PairKind.WT)
                for pair in found.pairs[kind][:1]
            ],
            "tags": [(tag, tag in asked) for tag in tags],
            "asked": asked,
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> SwotAnalysis:
        given, me = form.cleaned_data, viewer(request)
        if change:
            return comparing.rename_package(
                row.pk, given["package"], by=me, at=self.now(), version=given["read_version"]
            )
        merchant = given["merchant"]
        return comparing.begin(
            row.pk,
            rival_id=given["rival"].pk,
            category_group=given["category_group"],
            merchant_id=merchant.pk if merchant else None,
            package=given["package"],
            by=me,
            at=self.now(),
        )

    # --- the parts -------------------------------------------------------------------------

    def feature_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Add a feature, or score one anew."""
        row = self.row_or_404(request, pk)
        part = self._part(request, SwotFeature.objects.current().filter(analysis=row))
        initial = None
        if part:
            initial = {
                "name": part.name,
                "difference": str(part.difference),
                "importance": str(part.importance),
                "answers": "、".join(part.answers),
            }

        def write(given: dict[str, Any]) -> SwotFeature:
            row_id, me = given.pop("row_id"), viewer(request)
            if part:
                return comparing.change_feature(part.pk, given, by=me, at=self.now())
            return comparing.add_feature(row_id, pk, by=me, at=self.now(), **given)

        form = FeatureForm(request.POST or None, initial=initial)
        return self._part_page(request, row, form, write, _("Feature of our package"))

    def fact_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Add an opportunity or a threat, or correct one."""
        row = self.row_or_404(request, pk)
        part = self._part(request, SwotFact.objects.current().filter(analysis=row))
        names = ("kind", "statement", "dated", "source", "weight")
        initial: dict[str, Any] = {"kind": request.GET.get("kind", "")}
        if part:
            initial = {name: getattr(part, name) for name in names}

        def write(given: dict[str, Any]) -> SwotFact:
            row_id, me = given.pop("row_id"), viewer(request)
            if part:
                return comparing.change_fact(part.pk, given, by=me, at=self.now())
            return comparing.add_fact(row_id, pk, by=me, at=self.now(), **given)

        form = FactForm(request.POST or None, initial=initial)
        return self._part_page(request, row, form, write, _("Fact from outside"))

    def take_out_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take a feature or a fact out."""
        row = self.row_or_404(request, pk)
        feature = self._part(request, SwotFeature.objects.current().filter(analysis=row), "feature")
        fact = self._part(request, SwotFact.objects.current().filter(analysis=row), "fact")
        if feature is None and fact is None:
            raise Http404

        def remove(given: dict[str, Any]) -> SwotFeature | SwotFact:
            if feature is not None:
                return comparing.remove_feature(feature.pk, by=viewer(request), at=self.now())
            return comparing.remove_fact(fact.pk, by=viewer(request), at=self.now())

        return self.verb_page(
            request,
            VerbForm(request.POST if request.method == "POST" else None),
            remove,
            title=_("Take it out"),
            intro=str(feature or fact),
            submit=_("Take it out"),
            said=_("It was taken out."),
            back=self.url("change", pk),
        )

    def _part(self, request: HttpRequest, rows: Any, name: str = "part") -> Any:
        """The part that the address names, if any; 404 if it is none of this analysis."""
        text = request.GET.get(name)
        if text is None:
            return None
        try:
            return rows.get(pk=UUID(text))
        except (ValueError, rows.model.DoesNotExist):
            raise Http404 from None

    def _part_page(
        self, request: HttpRequest, row: SwotAnalysis, form: Any, write: Any, title: Any
    ) -> HttpResponse:
        return self.verb_page(
            request,
            form,
            write,
            title=title,
            intro=f"{row.package} – {row.rival}",
            submit=_("Save"),
            said=_("The comparison was changed."),
            back=self.url("change", row.pk),
        )


def _boxes(found: comparing.Reading) -> list[dict[str, Any]]:
    """The four boxes: strengths and weaknesses above, opportunities and threats below."""
    strengths = [one for one in found.features if swot.side(one.difference) is swot.Side.STRENGTH]
    weak = [one for one in found.features if swot.side(one.difference) is swot.Side.WEAKNESS]
    outside: dict[str, list[SwotFact]] = {kind: [] for kind in SwotFactKind}
    for fact in found.facts:
        outside[fact.kind].append(fact)
    return [
        {"letter": "S", "label": _("Strengths"), "tone": "good", "features": strengths},
        {
            "letter": "W",
            "label": _("Weaknesses"),
            "tone": "warn",
            "features": sorted(weak, key=lambda one: (one.score, one.name)),
        },
        {
            "letter": "O",
            "label": _("Opportunities"),
            "tone": "go",
            "facts": outside[SwotFactKind.OPPORTUNITY],
        },
        {
            "letter": "T",
            "label": _("Threats"),
            "tone": "bad",
            "facts": outside[SwotFactKind.THREAT],
        },
    ]
