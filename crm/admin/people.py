"""Colleagues, units and roles: for administrators."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.admin.base import RoomAdmin
from crm.admin.filters import UnitFilter, choices_of
from crm.admin.forms import PasswordField, RoomForm, VerbForm
from crm.admin.site import viewer
from crm.domain import open_work, organisation
from crm.models import Membership, OrgUnit, Role, UnitKind, User


class ForAdministrators(RoomAdmin):
    """Rows that administrators see and change, and nobody else."""

    def visible(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows

    def may_look(self, user: User) -> bool:
        return policies.may_administer_people(user)

    def may_add(self, user: User) -> bool:
        return policies.may_administer_people(user)

    def may_change(self, user: User, row: Any) -> bool:
        return policies.may_administer_people(user)


@admin.register(OrgUnit)
class UnitAdmin(ForAdministrators):
    list_display = ("name", "kind", "parent", "time_zone")
    list_filter = (choices_of("kind", _("kind"), UnitKind),)
    list_select_related = ("parent",)
    search_fields = ("name",)
    add_fields = ("name", "kind", "parent", "time_zone")
    change_fields = ("name", "kind", "time_zone")
    shown_fields = ("parent",)
    autocomplete_fields = ("parent",)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> OrgUnit:
        given, by = form.cleaned_data, viewer(request)
        if change:
            version = given.pop("read_version")
            return organisation.correct_unit(row.pk, given, by=by, at=self.now(), version=version)
        return organisation.open_unit(
            given["name"],
            given["kind"],
            parent=given["parent"],
            time_zone=given["time_zone"],
            by=by,
            at=self.now(),
        )


class ColleagueForm(RoomForm):
    password = PasswordField(label=_("Password"), required=False)


class NewPassword(VerbForm):
    password = PasswordField(label=_("New password"))


class ActiveFilter(choices_of("active", _("active"), Role)):  # type: ignore[misc]
    """Colleagues who can sign in, or those who have left."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Active")), ("no", _("Left"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(is_active=chosen == "yes")


@admin.register(User)
class ColleagueAdmin(ForAdministrators):
    form = ColleagueForm
    list_display = ("full_name", "email", "employee_number", "language", "is_active", "is_staff")
    list_filter = (ActiveFilter,)
    search_fields = ("full_name", "email", "employee_number")
    add_fields = (
        "email",
        "full_name",
        "employee_number",
        "password",
        "language",
        "time_zone",
        "is_staff",
    )
    change_fields = (
        "email",
        "full_name",
        "employee_number",
        "language",
        "time_zone",
        "is_staff",
    )
    shown_fields = ("is_active", "last_login", "created_at")
    change_form_outer_before_template = "crm/colleague.html"
    pages = {
        "password": "password_page",
        "deactivate": "deactivate_page",
        "reactivate": "reactivate_page",
    }

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.base_fields["password"].required = obj is None
        return form

    def row_context(self, request: HttpRequest, row: User) -> dict[str, Any]:
        return {
            "held": row.memberships.select_related("unit").order_by("unit__name", "role"),
            "open_work": [one for one in open_work.of(row.pk) if one.count],
            "hand_over_page": open_work.hand_over_page(row.pk),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> User:
        given, by = dict(form.cleaned_data), viewer(request)
        version, password = given.pop("read_version"), given.pop("password", "")
        if change:
            return organisation.correct_colleague(
                row.pk, given, by=by, at=self.now(), version=version
            )
        given["employee_number"] = given["employee_number"] or ""
        return organisation.hire(row.pk, password=password, by=by, at=self.now(), **given)

    def password_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            NewPassword(request.POST or None),
            lambda given: organisation.set_password(
                pk, given["password"], by=viewer(request), at=self.now()
            ),
            title=_("New password for %(name)s") % {"name": row.full_name},
            submit=_("Set the password"),
            said=_("The password was set. Every device has to sign in again."),
            back=self.url("change", pk),
        )

    def deactivate_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST),
            lambda given: organisation.deactivate(pk, by=viewer(request), at=self.now()),
            title=_("Shut %(name)s out") % {"name": row.full_name},
            intro=_("This colleague will no longer be able to sign in. Nothing is deleted."),
            submit=_("Deactivate"),
            said=_("This colleague can no longer sign in."),
            back=self.url("change", pk),
        )

    def reactivate_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST),
            lambda given: organisation.reactivate(pk, by=viewer(request), at=self.now()),
            title=_("Let %(name)s in again") % {"name": row.full_name},
            submit=_("Reactivate"),
            said=_("This colleague can sign in again."),
            back=self.url("change", pk),
        )


@admin.register(Membership)
class MembershipAdmin(ForAdministrators):
    list_display = ("user", "role", "unit")
    list_filter = (choices_of("role", _("role"), Role), UnitFilter)
    list_select_related = ("user", "unit")
    search_fields = ("user__full_name", "user__email", "unit__name")
    ordering = ("user__full_name", "id")
    add_fields = ("user", "role", "unit")
    shown_fields = ("user", "role", "unit", "created_at")
    autocomplete_fields = ("user", "unit")
    change_form_outer_before_template = "crm/membership.html"
    pages = {"end": "end_page"}

    def may_change(self, user: User, row: Any) -> bool:
        return False

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Membership:
        given = form.cleaned_data
        return organisation.appoint(
            given["user"],
            given["role"],
            unit=given["unit"],
            by=viewer(request),
            at=self.now(),
        )

    def end_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST),
            lambda given: organisation.relieve(pk, by=viewer(request), at=self.now()),
            title=_("End this role"),
            intro=str(row),
            submit=_("End the role"),
            said=_("The role has ended."),
            back=self.url("changelist"),
        )
