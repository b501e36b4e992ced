"""The base of every list and form of the admin.

Django's permission rows are not used: who sees a row is the noun's `visible_to`, who may change it
is a policy, and nothing is written but by a verb.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.views.main import ORDER_VAR
from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, Model, QuerySet, UUIDField, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from crm.admin import exporting_pages
from crm.admin.filters import CountedFilter
from crm.admin.forms import RoomForm, VerbForm, show
from crm.admin.paging import CappedPaginator
from crm.admin.site import has_a_role, page, tell, viewer, way_back
from crm.errors import DomainError
from crm.models import User
from crm.report_lists import counts_any

PALETTE_ROWS = 8
MOST_FOUND = 500
"""Finds of a search that ranks them; nobody reads on, everybody types another letter."""


class RoomAdmin(ModelAdmin):  # type: ignore[misc]
    """Lists what the viewer may know of; reads only, unless the subclass names a verb."""

    form = RoomForm
    change_form_template = "crm/change_form.html"
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    list_filter_submit = True
    list_disable_select_all = True
    actions: ClassVar[Any] = ()
    quick_filters: ClassVar[tuple[tuple[Any, str], ...]] = ()
    """Narrowings that people use all day, as (words, query string), shown above the list."""
    change_fields: ClassVar[tuple[str, ...]] = ()
    """Fields of the form that a verb can change; all others are read-only."""
    add_fields: ClassVar[tuple[str, ...]] = ()
    shown_fields: ClassVar[tuple[str, ...]] = ()
    """Fields of the change page that are read only."""
    pages: ClassVar[Mapping[str, str]] = {}
    """Pages below a row's own: address → method."""
    show_save_and_add_another = False

    # --- who sees what ---------------------------------------------------------------------

    def visible(self, user: User) -> QuerySet[Any]:
        """The rows that the viewer may know of."""
        rows: Any = self.model._default_manager.all()
        visible: QuerySet[Any] = rows.visible_to(user)
        return visible

    def may_look(self, user: User) -> bool:
        """Whether the list is for this person at all."""
        return has_a_role(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, row: Any) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.visible(viewer(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_staff and self.may_look(user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and self.may_add(viewer(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not self.has_view_permission(request):
            return False
        return obj is not None and self.may_change(viewer(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- lists -----------------------------------------------------------------------------

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Its own filters, and, where the report counts such rows, what a number of it counts."""
        own = super().get_list_filter(request)
        return [*own, CountedFilter] if counts_any(self.model) else own

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if any(
            "\0" in value for values in request.GET.lists() for value in (*values[1], values[0])
        ):
            # No column holds such a character, and the database refuses to be asked for it.
            return redirect(request.path)
        offered = exporting_pages.offered(self, request)
        response: HttpResponse = super().changelist_view(
            request, {**offered, **(extra_context or {})}
        )
        return response

    list_before_template = "crm/list_head.html"

    def export_page(self, request: HttpRequest) -> HttpResponse:
        """The list as it stands, with its filter, search and order, as a file."""
        return exporting_pages.ask(self, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, duplicates = self.found(queryset, search_term.strip()), False
        if search_term.strip() and (tiers := self.tiers(queryset, search_term.strip())):
            found = best_of(queryset, tiers, ordered=ORDER_VAR not in request.GET)
        if found is None:
            found, duplicates = super().get_search_results(request, queryset, search_term)
        match = request.resolver_match
        if match and match.url_name == "search":
            # The command palette reads all that it is given.
            return found[:PALETTE_ROWS], duplicates
        return found, duplicates

    def found(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any] | None:
        """The rows that a text finds; none leaves it to `search_fields`."""
        return None

    def tiers(self, queryset: QuerySet[Any], text: str) -> Sequence[QuerySet[Any]]:
        """What a text finds, the best first, each ordered; nothing leaves it to `found`."""
        return ()

    # --- forms -----------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.change_fields, *self.shown_fields) if obj else self.add_fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        heading = _("Details") if obj else None
        fields = self.get_fields(request, obj)
        return [(heading, {"fields": fields})] if fields else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown_fields if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        form.viewer = viewer(request)
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("can_add_related", "can_change_related", "can_view_related"):
            if field is not None and hasattr(field.widget, link):
                setattr(field.widget, link, False)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._choosable(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._choosable(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _choosable(self, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """An id in a form reaches no further than the list of what it points at."""
        other = self.admin_site._registry.get(db_field.remote_field.model)
        return other.get_queryset(request) if other else None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A verb that refuses takes its transaction with it; the form is shown again with why."""
        response: HttpResponse
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            response = super().changeform_view(request, object_id, form_url, extra_context)
        return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        context["show_save_and_add_another"] = False
        if change and obj is not None:
            context |= self.row_context(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What a row's page shows beside its form."""
        return {}

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Model:
        """Call the verb."""
        raise NotImplementedError

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        row = self.write(request, obj, form, change=change)
        for name, value in vars(row).items():
            setattr(obj, name, value)
        tell(request, getattr(row, "notices", ()))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Rows beside this one have verbs of their own."""

    # --- pages below a row -----------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<uuid:pk>/{address}/",
                self.admin_site.admin_view(getattr(self, method)),
                name=self.url_name(address),
            )
            for address, method in self.pages.items()
        ]
        export = path(
            "export/", self.admin_site.admin_view(self.export_page), name=self.url_name("export")
        )
        return [*own, export, *super().get_urls()]

    def url_name(self, address: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{address}"

    def url(self, address: str, *args: Any) -> str:
        return reverse(f"admin:{self.url_name(address)}", args=args)

    def row_or_404(self, request: HttpRequest, pk: UUID) -> Any:
        """The row, if the viewer may know of it."""
        row = None
        if self.has_view_permission(request):
            row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def verb_page(
        self,
        request: HttpRequest,
        form: VerbForm,
        run: Callable[[dict[str, Any]], Any],
        *,
        title: Any,
        submit: Any,
        said: Any,
        back: str,
        intro: Any = "",
    ) -> HttpResponse:
        """A small form whose sending runs a verb."""
        if request.method == "POST" and form.is_valid():
            try:
                row = run(form.cleaned_data)
            except DomainError as refusal:
                show(form, refusal)
            else:
                messages.success(request, str(said))
                tell(request, getattr(row, "notices", ()))
                return redirect(way_back(request, back))
        return page(
            request,
            "crm/form_page.html",
            title=title,
            form=form,
            submit=submit,
            intro=intro,
            back=way_back(request, back),
            media=form.media,
        )

    @staticmethod
    def now() -> Any:
        """The moment that verbs are handed."""
        return timezone.now()


def best_of(rows: QuerySet[Any], tiers: Sequence[QuerySet[Any]], *, ordered: bool) -> QuerySet[Any]:
    """The best finds as one list, in their order unless the viewer has chosen another."""
    ids: list[UUID] = []
    for tier in tiers:
        if len(ids) < MOST_FOUND:
            ids += tier.values_list("pk", flat=True)[: MOST_FOUND - len(ids)]
    found: QuerySet[Any] = rows.filter(pk__in=ids)
    places = Value(ids, ArrayField(UUIDField()))
    return found.order_by(Func(places, "pk", function="array_position")) if ordered else found


class ReferenceAdmin(RoomAdmin):
    """Reference data: the same for everybody, and read only."""

    def visible(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows


def when(value: Any) -> str:
    """A moment as lists show it."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else "—"
