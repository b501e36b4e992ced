"""The small forms of objections and plays."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    MomentField,
    RoomForm,
    RowField,
    TextField,
    VerbForm,
)
from leads.admin.objection_shown import told
from leads.domain.plays import LENGTHS
from leads.models import (
    Activity,
    ActivityKind,
    AttemptOutcome,
    FollowUp,
    FollowUpState,
    GridCell,
    Objection,
    ObjectionReason,
    PlayVersion,
    SubReason,
)
from leads.models.grid_words import CONFIRM_CELLS, CellStatus
from leads.models.objection_words import sub_reasons_of
from merchants.admin.insight_forms import FlagField
from merchants.models import CategoryGroup

_CONVERSATIONS = 20
"""How many of the newest conversations can be chosen from."""


def by_reason() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """All sub-reasons, under the reasons that they belong to."""
    return [
        (
            reason.label,
            [(one.value, f"{one.value} · {one.label}") for one in sub_reasons_of(reason)],
        )
        for reason in ObjectionReason
    ]


class RaiseForm(MakingForm):
    merchant_words = LongTextField(label=_("In the merchant's words"))
    names_other_problem = FlagField(
        label=_("The merchant named a different problem"),
        help_text=_("Like: “I lack staff, not guests.”"),
    )
    kind = ChoiceField(label=_("Conversation"), choices=ActivityKind.choices, initial="visit")
    occurred_at = MomentField(label=_("When"))
    declared_reason = ChoiceField(label=_("Reason"), choices=ObjectionReason.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred_at"].initial = timezone.localtime()


class DiagnoseForm(VerbForm):
    """The reason follows from what is behind it."""

    sub_reason = ChoiceField(label=_("What is behind it"))
    because = LongTextField(label=_("Because"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sub_reason"].choices = [("", "—"), *by_reason()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("sub_reason"):
            given["declared_reason"] = SubReason(given["sub_reason"]).reason
        return given


class _InConversation(VerbForm):
    activity = RowField(
        label=_("In the conversation"), queryset=Activity.objects.none(), required=False
    )

    def __init__(self, *args: Any, objection: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = Activity.objects.filter(merchant=objection.merchant_id)[:_CONVERSATIONS]
        ids = {*newest.values_list("pk", flat=True), objection.activity_id}
        field: Any = self.fields["activity"]
        field.queryset = Activity.objects.filter(pk__in=ids)
        field.label_from_instance = told

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        activity = given.pop("activity", None)
        return {**given, "activity_id": activity.pk if activity else None}


class HandleForm(_InConversation, MakingForm):
    notes = LongTextField(label=_("Notes"), required=False)


class AttemptForm(VerbForm):
    outcome = ChoiceField(
        label=_("Outcome"),
        choices=[one for one in AttemptOutcome.choices if one[0] != AttemptOutcome.RESOLVED],
        help_text=_("That it resolved the objection is said by resolving the objection."),
    )
    notes = LongTextField(label=_("Notes"), required=False)


class ResolveForm(_InConversation):
    field_order = ("cell", "follow_up", "commitment", "commitment_on", "activity", "because")
    cell = RowField(
        label=_("Agreed cell of the interview"),
        queryset=GridCell.objects.none(),
        required=False,
    )
    follow_up = RowField(
        label=_("Follow-up agreed on"), queryset=FollowUp.objects.none(), required=False
    )
    commitment = LongTextField(
        label=_("What the merchant committed to"), required=False, max_length=2000
    )
    commitment_on = DayField(label=_("Committed to by"), required=False)
    because = LongTextField(label=_("Because"), required=False)

    def __init__(self, *args: Any, objection: Objection, **kwargs: Any) -> None:
        super().__init__(*args, objection=objection, **kwargs)
        cell: Any = self.fields["cell"]
        cell.queryset = GridCell.objects.filter(
            pain__merchant=objection.merchant_id,
            cell__in=CONFIRM_CELLS,
            status=CellStatus.COMPLETE,
        ).select_related("pain")
        cell.label_from_instance = lambda one: f"{one.cell} · {one.pain.title}"
        follow_up: Any = self.fields["follow_up"]
        follow_up.queryset = FollowUp.objects.filter(
            merchant=objection.merchant_id, state=FollowUpState.OPEN
        )
        follow_up.label_from_instance = lambda one: (
            f"{timezone.localtime(one.due_at):%Y-%m-%d} · {one.title}"
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        cell, follow_up = given.pop("cell", None), given.pop("follow_up", None)
        return {
            **given,
            "cell_id": cell.pk if cell else None,
            "follow_up_id": follow_up.pk if follow_up else None,
        }


class DeferForm(VerbForm):
    until = DayField(label=_("Come back on"))
    because = LongTextField(label=_("Because"), required=False)


class WhyForm(VerbForm):
    because = LongTextField(label=_("Because"))


class PlayForm(RoomForm):
    """What a play says, in both languages; saving it writes the next version."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = self.instance.current
        columns: Any = PlayVersion._meta
        for name, most in LENGTHS.items():
            text = getattr(current, name) if current else ""
            kind = TextField if name.startswith("title") else LongTextField
            needed = name.startswith("title")
            self.fields[name] = kind(
                label=columns.get_field(name).verbose_name,
                max_length=most,
                required=needed,
                initial=text,
            )
        if "category_groups" in self.fields:
            self.fields["category_groups"] = forms.MultipleChoiceField(
                label=_("category groups"),
                choices=CategoryGroup.choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=self.instance.category_groups,
                help_text=_("None means all."),
            )
