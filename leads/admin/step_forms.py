"""The forms of a lead's steps, evidence and waivers. What they ask for follows from the data."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
from leads.domain.lead_file import Signature
from leads.models import LeadEvidenceKind, LostReason, Stage
from leads.models.lead_evidence_kinds import LEAD_PIECES
from leads.models.lead_words import LEAD_REASONS
from merchants.admin.insight_forms import FlagField
from merchants.admin.partnership_forms import TERMS, CountField, DocumentField, TermsForm, kept
from merchants.admin.partnership_shown import IN_FEN
from merchants.models import Rival

_FIGURE = "figure_"


class StepForm(VerbForm):
    """What a step to another stage may have to say. The road decides what it must."""

    reason = ChoiceField(label=_("Reason"), required=False)
    because = LongTextField(label=_("Because"), required=False)
    revisit_on = DayField(label=_("Come back on"), required=False)
    lost_reason = ChoiceField(
        label=_("Lost because"), choices=[("", "—"), *LostReason.choices], required=False
    )
    lost_to_rival = RowField(
        label=_("Lost to the rival"), queryset=Rival.objects.none(), required=False
    )

    def __init__(self, *args: Any, to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = LEAD_REASONS.get(Stage(to), ()) if to else ()
        if reasons:
            choices = [("", "—"), *((one.value, one.label) for one in reasons)]
            self.fields["reason"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["reason"]
        if to and to != Stage.PARKED:
            del self.fields["revisit_on"]
        if to and to != Stage.LOST:
            del self.fields["lost_reason"]
        if to == Stage.LOST:
            self.fields["lost_to_rival"].queryset = Rival.objects.order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["lost_to_rival"]

    def step(self, *, by: Any, at: Any) -> dict[str, Any]:
        """What the verb is handed."""
        said = dict(self.cleaned_data)
        if "lost_to_rival" in said:
            rival = said.pop("lost_to_rival")
            said["lost_to_rival_id"] = rival.pk if rival else None
        return said


class WinForm(TermsForm):
    """The winning step: the signed agreement, with its paper and its clauses."""

    number = TextField(label=_("Number of the agreement"), max_length=60)
    data_clause = FlagField(label=_("It has a clause on personal data"), required=False)
    settlement_clause = FlagField(label=_("It has a clause on settlement"), required=False)
    because = LongTextField(label=_("Because"), required=False)
    field_order = (
        "number", *TERMS[:4], "document", "data_clause", "settlement_clause", *TERMS[4:], "because",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("bank_signatory", "merchant_signatory", "document"):
            self.fields[name].required = True

    def step(self, *, by: Any, at: Any) -> dict[str, Any]:
        """What the verb is handed. Runs within the transaction of the step."""
        given = self.cleaned_data
        clauses = ("data_clause", "settlement_clause")
        signed = Signature(
            number=given["number"],
            document_id=kept(given["document"], by=by, at=at),
            **{name: given[name] for name in (*TERMS, *clauses)},
        )
        return {"because": given["because"], "agreement": signed}


def step_form(to: Stage, *args: Any) -> StepForm | WinForm:
    """The form of a step to a stage."""
    return WinForm(*args) if to == Stage.WON else StepForm(*args, to=to)


class LeadEvidenceForm(MakingForm):
    """One piece of evidence: what its kind must bring is asked for."""

    said = LongTextField(label=_("Notes"), required=False, max_length=5000)
    happened_on = DayField(label=_("Date"))
    document = DocumentField(label=_("Document"), required=False)

    def __init__(self, *args: Any, kind: LeadEvidenceKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        piece = LEAD_PIECES[kind]
        self.fields["happened_on"].initial = timezone.localdate()
        self.fields["said"].required = piece.notes
        self.fields["document"].required = piece.document
        for name, figure in piece.figures.items():
            money = name.endswith(IN_FEN)
            label = str(figure.label)
            self.fields[f"{_FIGURE}{name}"] = (
                YuanField(label=label, help_text=_("In yuan."))
                if money
                else CountField(label=label)
            )
        self.order_fields([*(f"{_FIGURE}{name}" for name in piece.figures), "happened_on"])

    def numbers(self) -> dict[str, Any]:
        return {
            name.removeprefix(_FIGURE): value
            for name, value in self.cleaned_data.items()
            if name.startswith(_FIGURE)
        }


class LeadWaiverForm(MakingForm):
    because = LongTextField(
        label=_("Because"), help_text=_("The reason stays on record and is reported.")
    )
