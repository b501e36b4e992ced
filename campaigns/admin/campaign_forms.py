"""The forms of a campaign: its terms as they are planned or amended, its steps, its checklist."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.admin.number_fields import CountField
from campaigns.admin.offer_fields import OfferFields, Section
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import Campaign, Fund, GoLiveItem, Objective
from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    RowField,
    TextField,
    VerbForm,
    YuanField,
)
from crm.domain import files
from crm.models import User
from merchants.models import Merchant, Outlet

PLAN = ("name", "objective", "fund", "starts_on", "ends_on", "budget", "merchants", "outlets")
AFTERWARDS = ("refund_to_funder_first", "claim_days")


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rows found by typing, as in the admin's own forms."""

    def __init__(self, queryset: Any, *, field: str, **options: Any) -> None:
        widget = AutocompleteSelectMultiple(Campaign._meta.get_field(field), admin.site)
        super().__init__(queryset, widget=widget, **options)


class TermsForm(MakingForm):
    """All that a campaign says. Which numbers the offer has depends on its mechanic."""

    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    said = LongTextField(
        label=_("Why the terms change"), help_text=_("Stands before those who approve.")
    )
    name = TextField(label=_("name"), max_length=200)
    objective = ChoiceField(label=_("objective"), choices=Objective.choices)
    fund = RowField(
        Fund.objects.none(),
        label=_("fund"),
        required=False,
        help_text=_("Pays the bank's part."),
    )
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"))
    budget = YuanField(label=_("Budget"), help_text=_("In yuan, all parties together."))
    refund_to_funder_first = forms.BooleanField(
        label=_("refunds go to the funders first"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("What a customer returns in part gives the discount back before the price."),
    )
    claim_days = CountField(
        label=_("days for claims"), help_text=_("After the last day; what comes later is refused.")
    )

    def __init__(
        self,
        data: Any = None,
        *,
        terms: CampaignTerms,
        campaign: Campaign,
        mechanic: str,
        viewer: User,
        amending: bool,
    ) -> None:
        super().__init__(data)
        self.amending = amending
        self.fields["merchants"] = RowsField(
            (
                Merchant.objects.visible_to(viewer) | Merchant.objects.filter(campaigns=campaign)
            ).distinct(),
            field="merchants",
            label=_("merchants"),
        )
        self.fields["outlets"] = RowsField(
            (
                Outlet.objects.visible_to(viewer) | Outlet.objects.filter(campaigns=campaign)
            ).distinct(),
            field="outlets",
            label=_("outlets"),
            required=False,
            help_text=_("None chosen: every outlet of the merchants."),
        )
        for name in ("name", "fund") if amending else ("said",):
            del self.fields[name]
        if not amending:
            funds = Fund.objects.visible_to(viewer).open() | Fund.objects.filter(campaigns=campaign)
            self.fields["fund"].queryset = funds.distinct()  # type: ignore[attr-defined]
        self.offer = OfferFields(self, mechanic=mechanic)
        self.offer.fill(
            mechanic=terms.mechanic, terms=terms.terms, limits=terms.limits, shares=terms.shares
        )
        shown = {
            "read_version": campaign.version,
            "name": campaign.name,
            "fund": campaign.fund_id,
            "objective": terms.objective,
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
            "budget": f"{terms.budget_fen / 100:.2f}",
            "merchants": list(terms.merchant_ids),
            "outlets": list(terms.outlet_ids),
            "refund_to_funder_first": terms.refund_to_funder_first,
            "claim_days": terms.claim_days,
        }
        for name, value in shown.items():
            if name in self.fields:
                self.fields[name].initial = value

    def changes(self) -> dict[str, Any]:
        """What was typed, as the verbs take it. Without numbers there is no offer yet."""
        given = self.cleaned_data
        terms = self.offer.terms
        changes: dict[str, Any] = {
            "mechanic": self.offer.mechanic if terms else "",
            "terms": terms,
            "limits": self.offer.limits,
            "shares": self.offer.shares_in_detail,
            "objective": given["objective"],
            "starts_on": given["starts_on"],
            "ends_on": given["ends_on"],
            "budget_fen": given["budget"],
            "merchant_ids": [merchant.pk for merchant in given["merchants"]],
            "outlet_ids": [outlet.pk for outlet in given["outlets"]],
            "refund_to_funder_first": given["refund_to_funder_first"],
            "claim_days": given["claim_days"],
        }
        if not self.amending:
            changes["name"] = given["name"]
            changes["fund_id"] = given["fund"].pk if given["fund"] else None
        return changes

    @property
    def fields_of(self) -> dict[str, str]:
        return {"mechanic": self.offer.sections[0][1][0], **self.offer.fields_of}

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields by subject, those of the shares apart (`offer.share_rows`)."""
        named: Sequence[Section] = [
            *([(_("Reason"), ["said"])] if self.amending else []),
            (pgettext_lazy("campaign", "What and where"), list(PLAN)),
            *self.offer.sections,
            (_("Afterwards"), list(AFTERWARDS)),
        ]
        return [
            (title, [self[name] for name in names if name in self.fields]) for title, names in named
        ]


class CloneForm(MakingForm):
    name = TextField(label=_("name"), max_length=200)
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"))


class CampaignStepForm(VerbForm):
    """A step, with its reason where it needs one."""

    because = LongTextField(label=_("Reason"))

    def __init__(self, *args: Any, asks_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["because"]


class NothingToSayForm(VerbForm):
    """A step that needs no more than a yes."""


class GoLiveForm(VerbForm):
    """One kind of thing, done in some shops."""

    items = forms.ModelMultipleChoiceField(
        GoLiveItem.objects.none(),
        label=_("Shops"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": _("Choose the shops.")},
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".jpg,.jpeg,.png"}),
    )
    note = TextField(label=_("note"), max_length=200, required=False)

    def __init__(self, *args: Any, items: Any, with_photo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].queryset = items  # type: ignore[attr-defined]
        self.fields["items"].initial = [item.pk for item in items]
        self.fields["items"].label_from_instance = lambda item: str(  # type: ignore[attr-defined]
            item.outlet or item.merchant
        )
        if with_photo:
            self.fields["photo"].required = True
        else:
            del self.fields["photo"]


def kept_photo(upload: Any, *, by: User, at: Any) -> Any:
    """The id of an uploaded photo, or none. Runs within the transaction of its verb, so that a
    refusal leaves no file behind."""
    if not upload:
        return None
    return files.keep(
        upload.name, upload.read(files.LARGEST + 1), kinds=files.DOCUMENTS, by=by, at=at
    ).pk
