"""Contacts: people, shown masked; what the law asks for is done from their page."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.forms import DayField, RoomForm, TextField, show
from crm.admin.site import page, tell, viewer, way_back
from crm.errors import DomainError
from crm.models import User
from merchants import policies
from merchants.admin.forms import (
    ConsentForm,
    NoticeForm,
    RestrictForm,
    SureForm,
    TimeOfDayField,
    UnmaskForm,
)
from merchants.domain import consents, contacts, retention, unmasking
from merchants.domain.consents import Agreed
from merchants.models import (
    Consent,
    Contact,
    ContactRole,
    ContactState,
    LawfulBasis,
    Merchant,
)

TONES = {ContactState.ACTIVE: "good", ContactState.RESTRICTED: "warn", ContactState.ERASED: "bad"}
NEW = {"new_name": "full_name", "new_phone": "phone", "new_email": "email"}
"""What is stored is shown masked, so a new one is typed whole."""


class ContactForm(RoomForm):
    fields_of = {ours: theirs for theirs, ours in NEW.items()}
    new_name = TextField(
        label=_("New full name"),
        max_length=100,
        required=False,
        help_text=_("Leave it empty to keep the present one."),
    )
    new_phone = TextField(
        label=_("New phone"),
        max_length=40,
        required=False,
        help_text=_("Leave it empty to keep the present one."),
    )
    new_email = TextField(
        label=_("New e-mail"),
        max_length=254,
        required=False,
        help_text=_("Leave it empty to keep the present one."),
    )
    best_from = TimeOfDayField(label=_("Best reached from"), required=False)
    best_until = TimeOfDayField(label=_("Best reached until"), required=False)
    retain_until = DayField(label=_("Keep until"))


@admin.register(Contact)
class ContactAdmin(RoomAdmin):
    form = ContactForm
    list_display = (
        "name_shown",
        "merchant",
        "role",
        "phone_shown",
        "lawful_basis",
        "state",
        "added",
    )
    list_filter = (
        choices_of("role", _("role"), ContactRole),
        choices_of("lawful_basis", _("lawful basis"), LawfulBasis),
        choices_of("state", _("state"), ContactState),
    )
    list_select_related = ("merchant",)
    search_fields = ("full_name",)
    search_help_text = _("Name, merchant, phone tail, e-mail")
    ordering = ("-created_at", "-id")
    change_fields = (
        "new_name",
        "role",
        "position",
        "new_phone",
        "new_email",
        "decision_power",
        "best_from",
        "best_until",
        "do_not_contact",
        "lawful_basis",
        "retain_until",
    )
    shown_fields = ("merchant",)
    change_form_outer_before_template = "merchants/contact.html"
    pages = {
        "unmask": "unmask_page",
        "consent": "consent_page",
        "withdraw": "withdraw_page",
        "notice": "notice_page",
        "restrict": "restrict_page",
        "erase": "erase_page",
    }

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return tuple(name for name in fields if name not in NEW)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sealed = ("phone_sealed", "phone_index", "phone_tails", "email_sealed", "email_index")
        return super().get_queryset(request).defer(*sealed)

    @admin.display(description=_("full name"))
    def name_shown(self, row: Contact) -> str:
        return row.masked_name or "*"

    @admin.display(description=_("phone"))
    def phone_shown(self, row: Contact) -> str:
        return row.masked_phone or "—"

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Contact) -> str:
        return when(row.created_at)

    def may_change(self, user: User, row: Contact) -> bool:
        return row.state == ContactState.ACTIVE and policies.may_edit(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        named = Contact.objects.filter(full_name=text).values("pk")
        written_to = Contact.objects.with_email(text).values("pk")
        at_merchant = Contact.objects.filter(merchant__in=Merchant.objects.matching(text))
        # One IN over a union, because OR between tables would read them whole.
        found: QuerySet[Any] = queryset.filter(
            pk__in=named.union(written_to, at_merchant.values("pk"))
        )
        return found

    def row_context(self, request: HttpRequest, row: Contact) -> dict[str, Any]:
        me = viewer(request)
        restricted = row.state == ContactState.RESTRICTED
        erased = row.state == ContactState.ERASED
        may_protect = not erased and policies.may_protect(me, row.merchant)
        return {
            "contact": row,
            "tone": TONES[ContactState(row.state)],
            "consents": list(row.consents.order_by("-created_at", "-id")[:20]),
            "may_unmask": not erased
            and policies.may_unmask(me, row.merchant, restricted=restricted),
            "may_protect": may_protect,
            "may_restrict": may_protect and not restricted,
            "may_erase": not erased and policies.may_erase(me, row.merchant),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Contact:
        given = form.cleaned_data
        changes = {
            NEW.get(name, name): given[name]
            for name in form.changed_data
            if name not in NEW or given[name]
        }
        changes.pop("read_version", None)
        return contacts.change_contact(
            row.pk,
            changes,
            by=viewer(request),
            at=self.now(),
            version=given["read_version"],
        )

    # --- what is done on a person's page ---------------------------------------------------

    def unmask_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask for the reason; then show the data once."""
        row = self.row_or_404(request, pk)
        form = UnmaskForm(request.POST or None)
        back = way_back(request, self.url("change", pk))
        if request.method == "POST" and form.is_valid():
            try:
                shown = unmasking.unmask(pk, by=viewer(request), at=self.now(), **form.cleaned_data)
            except DomainError as refusal:
                show(form, refusal)
            else:
                tell(request, shown.notices)
                return page(
                    request,
                    "merchants/unmasked.html",
                    title=_("Personal data"),
                    shown=shown,
                    back=back,
                )
        return page(
            request,
            "crm/form_page.html",
            title=_("Show personal data"),
            form=form,
            submit=_("Show"),
            intro=_("%(name)s: your name, the time and the reason go into the access log.")
            % {"name": row},
            back=back,
            media=form.media,
        )

    def consent_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)

        def give(given: dict[str, Any]) -> Consent:
            return consents.give_consent(
                given.pop("row_id"), pk, Agreed(**given), by=viewer(request), at=self.now()
            )

        return self.verb_page(
            request,
            ConsentForm(request.POST or None),
            give,
            title=_("Write down a consent"),
            intro=str(row),
            submit=_("Write down"),
            said=_("The consent was written down."),
            back=self.url("change", pk),
        )

    def withdraw_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """`pk` is the consent's; one click, as easy as agreeing was."""
        consent = Consent.objects.visible_to(viewer(request)).filter(pk=pk).first()
        if consent is None:
            raise Http404
        self.row_or_404(request, consent.contact_id)
        return self.verb_page(
            request,
            SureForm(request.POST or None),
            lambda given: consents.withdraw_consent(pk, by=viewer(request), at=self.now()),
            title=_("Take the consent back"),
            intro=str(consent),
            submit=_("Take it back"),
            said=_("The consent was taken back."),
            back=self.url("change", consent.contact_id),
        )

    def notice_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            NoticeForm(request.POST or None),
            lambda given: contacts.set_notice(pk, by=viewer(request), at=self.now(), **given),
            title=_("The person was told how we handle their data"),
            intro=str(row),
            submit=_("Write down"),
            said=_("The notice was written down."),
            back=self.url("change", pk),
        )

    def restrict_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            RestrictForm(request.POST or None),
            lambda given: retention.restrict(pk, by=viewer(request), at=self.now(), **given),
            title=_("Restrict the data"),
            intro=_("%(name)s: the data are only stored from then on.") % {"name": row},
            submit=_("Restrict"),
            said=_("The data are restricted."),
            back=self.url("change", pk),
        )

    def erase_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            SureForm(request.POST or None),
            lambda given: retention.erase(pk, by=viewer(request), at=self.now()),
            title=_("Erase the data"),
            intro=_("%(name)s: name, phone and e-mail are wiped for good.") % {"name": row},
            submit=_("Erase for good"),
            said=_("The data were erased."),
            back=self.url("change", pk),
        )
