"""The forms of approvals: a word, a comment, a tier, a delegation."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.models.approval_tier import MOST_STEPS
from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    RoomForm,
    RowField,
    TextField,
    VerbForm,
    YuanField,
)
from crm.models import Role, User

NOBODY = ("", "—")


class SubmitForm(VerbForm):
    said = LongTextField(
        label=_("What the approvers should know"),
        required=False,
        help_text=_("They see it beside the terms."),
    )


class ApproveForm(VerbForm):
    """Says which step the person read, so that nobody decides one unread."""

    step = forms.IntegerField(widget=forms.HiddenInput)
    comment = LongTextField(label=_("Comment"), required=False)


class ReturnForm(ApproveForm):
    comment = LongTextField(label=_("What is to be corrected"))


class WithdrawForm(VerbForm):
    because = LongTextField(label=_("Because"), required=False)


class DelegationForm(MakingForm):
    to = RowField(label=_("Delegate to"), queryset=User.objects.none())
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), help_text=_("This day is included."))
    because = TextField(label=_("Because"), required=False, max_length=500)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues: Any = self.fields["to"]
        colleagues.queryset = (
            User.objects.active().visible_to(user).exclude(pk=user.pk).order_by("full_name", "pk")
        )


def step_field(order: int) -> forms.ChoiceField:
    """One place in the order of those who approve."""
    return ChoiceField(
        label=format_lazy("{} {}", _("Step"), order),
        choices=[*([] if order == 1 else [NOBODY]), *Role.choices],
        required=order == 1,
    )


class _TierForm(RoomForm):
    fields_of = {"from_fen": "from_yuan", "up_to_fen": "below_yuan", "steps": "step_1"}
    from_yuan = YuanField(
        label=_("From"), help_text=_("In yuan, the budget of all parties together.")
    )
    below_yuan = YuanField(
        label=_("Below"),
        required=False,
        help_text=_("In yuan; the amount itself belongs to the next tier. Empty: no upper end."),
    )

    class Meta:
        labels = {"is_active": _("in use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            return
        tier = self.instance
        self.initial["from_yuan"] = f"{tier.from_fen / 100:.2f}"
        if tier.up_to_fen is not None:
            self.initial["below_yuan"] = f"{tier.up_to_fen / 100:.2f}"
        for order, role in enumerate(tier.steps, 1):
            self.initial[f"step_{order}"] = role

    def steps(self) -> list[str]:
        """The chosen roles in their order; a gap between them closes."""
        chosen = (self.cleaned_data.get(name, "") for name in STEP_FIELDS)
        return [role for role in chosen if role]


STEP_FIELDS = tuple(f"step_{order}" for order in range(1, MOST_STEPS + 1))
TierForm = type(
    "TierForm",
    (_TierForm,),
    {name: step_field(order) for order, name in enumerate(STEP_FIELDS, 1)},
)
