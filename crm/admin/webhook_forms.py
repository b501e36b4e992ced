"""What administrators type about webhooks."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from crm import policies
from crm.admin.forms import LongTextField, MomentField, RoomForm, TextField, VerbForm
from crm.domain import webhooks
from crm.domain.webhook_endpoints import PING
from crm.models import OrgUnit


class WebhookForm(RoomForm):
    url = TextField(
        label=_("Address"),
        max_length=500,
        help_text=_("Like https://system.bank.example/hooks; it must be reachable by https."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Choose none to hear of everything."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kinds" in self.fields:
            listed = sorted(webhooks.EVENTS.values(), key=lambda one: one.name)
            self.fields["kinds"].choices = [  # type: ignore[attr-defined]
                (one.name, format_html('{} · <span lang="en">{}</span>', one.label, one.name))
                for one in listed
                if one is not PING
            ]
        if "unit" in self.fields:
            units = OrgUnit.objects.visible_to(self.viewer).order_by("ancestors__len", "name")
            kept = [one.pk for one in units if policies.may_keep_webhooks(self.viewer, one.pk)]
            self.fields["unit"].queryset = units.filter(pk__in=kept)  # type: ignore[attr-defined]


class WebhookBecauseForm(VerbForm):
    because = LongTextField(label=_("Because"), max_length=500)


class WebhookEnableForm(VerbForm):
    send_missed = forms.BooleanField(
        label=_("Send what it missed"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("The oldest first, up to 10,000 messages at once."),
    )


class WebhookRotateForm(VerbForm):
    """The version that the person read goes along: sent twice, it makes one secret."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class WebhookReplayForm(VerbForm):
    since = MomentField(label=_("From"))
    until = MomentField(label=_("Until"), help_text=_("Not part of the span."))
    because = LongTextField(label=_("Because"), max_length=500)
