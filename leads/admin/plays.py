"""The playbook: read by everybody, written by leaders and administrators, version by version."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin
from crm.admin.filters import Among, choices_of
from crm.admin.forms import VerbForm
from crm.admin.site import viewer
from crm.models import User
from leads import policies
from leads.admin.objection_forms import PlayForm
from leads.domain import plays
from leads.models import AttemptOutcome, ObjectionReason, Play, PlayAttempt, SubReason


class RetiredFilter(Among):
    """The plays in use, or those that were retired."""

    title = _("in use")
    parameter_name = "active"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("In use")), ("no", pgettext_lazy("play", "Retired"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(retired_at__isnull=chosen == "yes")


@admin.register(Play)
class PlayAdmin(RoomAdmin):
    form = PlayForm
    list_display = ("code", "title", "reason", "sub_reason", "number", "in_use")
    list_filter = (
        RetiredFilter,
        choices_of("reason", _("reason"), ObjectionReason),
        choices_of("sub_reason", _("sub-reason"), SubReason),
    )
    list_select_related = ("current",)
    search_fields = ("code", "current__title_en", "current__title_zh")
    search_help_text = _("Code or title")
    ordering = ("code",)
    quick_filters = ((_("All"), ""), (_("In use"), "active=yes"))
    add_fields = ("code", "reason", "sub_reason", "category_groups")
    change_fields = ("category_groups",)
    shown_fields = ("code", "reason", "sub_reason")
    change_form_outer_before_template = "leads/play.html"
    change_form_outer_after_template = "leads/play_versions.html"
    pages = {"retire": "retire_page", "reinstate": "reinstate_page"}

    @admin.display(description=_("title"))
    def title(self, row: Play) -> str:
        return row.current.title if row.current else ""

    @admin.display(description=_("version"))
    def number(self, row: Play) -> int | None:
        return row.current.number if row.current else None

    @admin.display(description=_("in use"), boolean=True)
    def in_use(self, row: Play) -> bool:
        return row.is_active

    def may_add(self, user: User) -> bool:
        return policies.may_write_plays(user)

    def may_change(self, user: User, row: Play) -> bool:
        return policies.may_write_plays(user)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The texts are no columns of the play, so the form brings their fields itself."""
        sets = super().get_fieldsets(request, obj)
        if obj is not None and not self.may_change(viewer(request), obj):
            return sets
        return [*sets, (_("What it says"), {"fields": plays.TEXTS})]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["fields"] = self.get_fields(request, obj)
        return super().get_form(request, obj, change, **kwargs)

    def row_context(self, request: HttpRequest, row: Play) -> dict[str, Any]:
        worked = Q(outcome=AttemptOutcome.RESOLVED)
        return {
            "play": row,
            "may": policies.may_write_plays(viewer(request)),
            "tries": PlayAttempt.objects.filter(play_version__play=row).aggregate(
                tried=Count("pk"), worked=Count("pk", filter=worked)
            ),
            "versions": row.versions.select_related("written_by")[:50],
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Play:
        given, me = form.cleaned_data, viewer(request)
        texts = {name: given[name] for name in plays.TEXTS}
        if change:
            return plays.revise(
                row.pk,
                texts=texts,
                category_groups=given["category_groups"],
                by=me,
                at=self.now(),
                version=given["read_version"],
            )
        return plays.write(
            row.pk,
            code=given["code"],
            reason=given["reason"],
            sub_reason=given["sub_reason"],
            category_groups=given["category_groups"],
            texts=texts,
            by=me,
            at=self.now(),
        )

    def retire_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._asked(request, pk, plays.retire, _("Retire"), _("The play was retired."))

    def reinstate_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        said = _("The play is offered again.")
        return self._asked(request, pk, plays.reinstate, _("Offer again"), said)

    def _asked(
        self, request: HttpRequest, pk: UUID, verb: Any, words: Any, said: Any
    ) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST if request.method == "POST" else None),
            lambda _given: verb(pk, by=viewer(request), at=self.now()),
            title=words,
            intro=f"{row.code} · {row.current}",
            submit=words,
            said=said,
            back=self.url("change", pk),
        )
