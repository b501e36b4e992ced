"""Forms of claims."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, ClaimEvidenceKind
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
from crm.models import StoredFile, User
from merchants.admin.partnership_forms import DocumentField
from merchants.models import Merchant

MOST_FILES = 50
MOST_MERCHANTS = 200


class ClaimForm(MakingForm):
    merchant = RowField(label=_("Merchant"), queryset=Merchant.objects.none())
    amount = YuanField(label=_("Amount claimed"), help_text=_("In yuan."))
    what_for = LongTextField(
        label=_("What for"),
        help_text=_("What no redemption pays for: material, prizes, training."),
    )

    def __init__(self, *args: Any, campaign: Campaign, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: QuerySet[Merchant] = Merchant.objects.visible_to(viewer).filter(campaigns=campaign)
        field: Any = self.fields["merchant"]
        field.queryset = known.defer("search_grams", "search_text").order_by("name_pinyin")


class ClaimChangeForm(VerbForm):
    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    amount = YuanField(label=_("Amount claimed"), help_text=_("In yuan."))
    what_for = LongTextField(label=_("What for"))


class EvidenceForm(MakingForm):
    """A new file, or one that is here already."""

    kind = ChoiceField(label=_("Kind"), choices=ClaimEvidenceKind.choices)
    upload = DocumentField(label=_("New file"), required=False)
    document = RowField(
        label=_("Or a file that is here already"),
        queryset=StoredFile.objects.none(),
        required=False,
        help_text=_("Such as a photo of a visit."),
    )
    said = TextField(label=_("Notes"), required=False, max_length=500)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = StoredFile.objects.visible_to(viewer).filter(content_type__in=files.DOCUMENTS)
        newest = seen.order_by("-created_at", "-id").values_list("pk", flat=True)[:MOST_FILES]
        field: Any = self.fields["document"]
        field.queryset = StoredFile.objects.without_content().filter(pk__in=list(newest))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("upload") and not given.get("document"):
            self.add_error("upload", _("Attach the document."))
        return given


class ApproveForm(VerbForm):
    amount = YuanField(
        label=_("Amount approved"), help_text=_("In yuan; less than claimed says why.")
    )
    because = LongTextField(label=_("Reason"), required=False)


class ExtendForm(VerbForm):
    to = DayField(label=_("New last day"))
    because = LongTextField(label=_("Reason"))


class PayForm(VerbForm):
    reference = TextField(label=_("Payment reference"), max_length=100)
