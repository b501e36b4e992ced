"""The small forms of partnerships and agreements. What they ask for follows from the data."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminIntegerFieldWidget

from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    RoomForm,
    TextField,
    VerbForm,
    YuanField,
)
from crm.domain import files
from crm.models import User
from merchants.admin.partnership_shown import IN_FEN, words_of
from merchants.domain.agreement_terms import Terms
from merchants.domain.partnerships import REGISTERED_IN
from merchants.models import AgreementVersion, EvidenceKind, PartnershipStage, SettlementBasis
from merchants.models.evidence_kinds import PIECES, Figure
from merchants.models.partnership_words import REASONS

_FIGURE = "figure_"


class DocumentField(forms.FileField):
    """A PDF file or a picture. What it really is, the domain finds out."""

    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminFileFieldWidget(attrs={"accept": ".pdf,.jpg,.jpeg,.png"})
        options.setdefault("help_text", _("PDF, JPEG or PNG, 20 MB at the most."))
        super().__init__(widget=widget, max_length=200, **options)


class CountField(forms.IntegerField):
    widget = UnfoldAdminIntegerFieldWidget


def kept(upload: Any, *, by: User, at: Any) -> Any:
    """The id of an uploaded document, or none. Runs within the transaction of the verb it is for,
    so that a refusal leaves no file behind."""
    assert transaction.get_connection().in_atomic_block
    if not upload:
        return None
    content = upload.read(files.LARGEST + 1)
    return files.keep(upload.name, content, kinds=files.DOCUMENTS, by=by, at=at).pk


class PartnershipStepForm(VerbForm):
    """A step: its reason, if it must name one, and whatever else there is to say."""

    reason = ChoiceField(label=_("Reason"), required=False)
    comment = LongTextField(label=_("Comment"), required=False)

    def __init__(self, *args: Any, to: PartnershipStage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reasons := REASONS.get(to):
            choices = [("", "—"), *((one.value, one.label) for one in reasons)]
            self.fields["reason"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["reason"]


def _figure_field(name: str, figure: Figure) -> forms.Field:
    """Money is typed in yuan, as everywhere in the admin; a difference may be below zero."""
    if name.endswith(IN_FEN):
        field = YuanField(label=words_of(name, figure))
        del field.widget.attrs["min"]
        return field
    return (TextField if figure.places else CountField)(label=str(figure.label))


class EvidenceForm(MakingForm):
    """One piece of evidence: what its kind must bring is asked for."""

    said = LongTextField(label=_("Notes"), required=False, max_length=5000)
    happened_on = DayField(label=_("Date"))
    document = DocumentField(label=_("Document"), required=False)

    def __init__(self, *args: Any, kind: EvidenceKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        piece = PIECES[kind]
        self.figures = piece.figures
        self.fields["happened_on"].initial = timezone.localdate()
        self.fields["said"].required = piece.notes
        self.fields["document"].required = piece.document
        for name, figure in piece.figures.items():
            self.fields[f"{_FIGURE}{name}"] = _figure_field(name, figure)
        self.order_fields([*(f"{_FIGURE}{name}" for name in piece.figures), "happened_on"])

    def add_error(self, field: str | None, error: Any) -> None:
        """A refused figure is shown beside the field that it was typed into."""
        if field is None and isinstance(error, str | Promise):
            for name, figure in self.figures.items():
                if str(error).startswith(f"{figure.label}: "):
                    field = f"{_FIGURE}{name}"
        super().add_error(field, error)

    def numbers(self) -> dict[str, Any]:
        return {
            name.removeprefix(_FIGURE): value
            for name, value in self.cleaned_data.items()
            if name.startswith(_FIGURE)
        }


class PartnershipWaiverForm(MakingForm):
    because = LongTextField(
        label=_("Because"), help_text=_("The reason stays on record and is reported.")
    )


class _TermsFields(forms.Form):
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"))
    bank_signatory = TextField(label=_("Signatory of the bank"), max_length=100, required=False)
    merchant_signatory = TextField(
        label=_("Signatory of the merchant"), max_length=100, required=False
    )
    settlement_days = CountField(
        label=_("Days of settlement"), min_value=0, max_value=60, initial=30
    )
    settlement_basis = ChoiceField(
        label=_("Settlement counted"),
        choices=SettlementBasis.choices,
        initial=SettlementBasis.STATEMENT,
    )
    notice_days = CountField(label=_("Days of notice"), min_value=0, max_value=365, initial=30)
    terms = LongTextField(label=_("Terms"), required=False, max_length=20_000)


TERMS = tuple(_TermsFields.base_fields)


class TermsForm(_TermsFields, VerbForm):
    """What an agreement says."""

    document = DocumentField(label=_("Signed paper"), required=False)

    @classmethod
    def starting(cls, version: AgreementVersion, **kwargs: Any) -> "TermsForm":
        """A form that starts with what a version says."""
        return cls(initial={name: getattr(version, name) for name in TERMS}, **kwargs)


class AgreementForm(TermsForm, MakingForm):
    """A new agreement, under its number."""

    number = TextField(label=_("Number"), max_length=60)
    field_order = ("number", *TERMS, "document")


class SignForm(VerbForm):
    document = DocumentField(label=_("Signed paper"), required=False)


class EndForm(VerbForm):
    last_day = DayField(label=_("Last day"))
    because = LongTextField(label=_("Because"))


class RegisterForm(_TermsFields, RoomForm):
    """A partnership that exists already, with its signed agreement."""

    stage = ChoiceField(
        label=_("Stage"),
        choices=[(one.value, one.label) for one in REGISTERED_IN],
        initial=PartnershipStage.ACTIVE,
    )
    number = TextField(label=_("Number of the agreement"), max_length=60)
    document = DocumentField(label=_("Signed paper"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields["bank_signatory"].required = True
            self.fields["merchant_signatory"].required = True


REGISTERED_WITH = ("merchant", "stage", "number", *TERMS, "document")


def terms_of(given: dict[str, Any], document_id: Any) -> Terms:
    """Whole terms out of a form."""
    return Terms(**{name: given[name] for name in TERMS}, document_id=document_id)
