"""Quick capture: one screen from a name on a shop sign to a lead."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import ChoiceField, DayField, MakingForm, RowField, TextField, YuanField, show
from crm.admin.site import page, tell, viewer, way_back
from crm.errors import DomainError
from crm.models import OrgUnit, Role, User
from leads.domain import capture as capturing
from leads.models import Lead, LeadSource
from merchants.admin.forms import division_field
from merchants.admin.merchants import units_of
from merchants.domain.consents import Agreed
from merchants.domain.registration import Details
from merchants.models import ConsentChannel, LawfulBasis, Merchant, MerchantCategory
from merchants.policies import WORKERS


class CaptureForm(MakingForm):
    name = TextField(label=_("Name of the merchant"), max_length=200)
    mcc = forms.ModelChoiceField(
        label=_("Category"),
        queryset=MerchantCategory.objects.all(),
        required=False,
        widget=AutocompleteSelect(Merchant._meta.get_field("category"), admin.site),
    )
    division = division_field()
    credit_code = TextField(label=_("Unified social credit code"), max_length=32, required=False)
    full_name = TextField(label=_("Whom you met"), max_length=100, required=False)
    phone = TextField(label=_("Phone"), max_length=40, required=False)
    lawful_basis = ChoiceField(
        label=_("Lawful basis"), choices=[("", "—"), *LawfulBasis.choices], required=False
    )
    text_version = TextField(
        label=_("Agreed to the text"),
        max_length=50,
        required=False,
        help_text=_("For consent: the version of the text that the person agreed to."),
    )
    channel = ChoiceField(
        label=_("Agreed by"),
        choices=ConsentChannel.choices,
        initial=ConsentChannel.NOT_STATED,
        required=False,
    )
    source = ChoiceField(label=_("Source"), choices=LeadSource.choices)
    accessed_on = DayField(
        label=_("Source read on"),
        required=False,
        help_text=_("For a public registry: the day on which it was read."),
    )
    expected_value = YuanField(label=_("Expected value"), required=False, help_text=_("In yuan."))
    unit = RowField(label=_("Unit"), queryset=OrgUnit.objects.none())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units_of(user)
        unit.initial = unit.queryset.first()
        unit.empty_label = None
        if unit.queryset.count() < 2:
            unit.widget = forms.HiddenInput()


def show_page(request: HttpRequest) -> HttpResponse:
    """The form; what it makes, the verb decides."""
    me = viewer(request)
    if not me.scope.holds(*WORKERS):
        raise PermissionDenied
    form = CaptureForm(request.POST or None, user=me)
    back = way_back(request, reverse("admin:leads_lead_changelist"))
    if request.method == "POST" and form.is_valid():
        try:
            lead = _captured(form.cleaned_data, me)
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, str(_("The merchant was registered and the lead opened.")))
            tell(request, lead.notices)
            return redirect("admin:leads_lead_change", lead.pk)
    return page(
        request,
        "crm/form_page.html",
        title=_("Quick capture"),
        form=form,
        submit=_("Capture"),
        intro=_("A new merchant and your lead with it, in one go."),
        back=back,
        media=form.media,
    )


def _captured(given: dict[str, Any], me: User) -> Lead:
    agreed = {name: given[name] for name in ("text_version", "channel") if given[name]}
    by_consent = given["lawful_basis"] == LawfulBasis.CONSENT
    return capturing.capture(
        given["row_id"],
        Details(
            name=given["name"],
            mcc=given["mcc"].pk if given["mcc"] else "",
            division=given["division"].pk if given["division"] else "",
            credit_code=given["credit_code"],
            accessed_on=given["accessed_on"],
        ),
        unit_id=given["unit"].pk,
        owner=me if me.scope.holds(Role.REP) else None,
        source=given["source"],
        expected_value_fen=given["expected_value"],
        person=capturing.Person(
            full_name=given["full_name"],
            phone=given["phone"],
            lawful_basis=given["lawful_basis"],
            consent=Agreed(**agreed) if by_consent else None,
        ),
        by=me,
        at=timezone.now(),
    )
