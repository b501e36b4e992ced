"""Objections: what a merchant said against it, why we think so, and what became of it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, Row, RowQuerySet, User
from leads.models.objection_words import (
    OPEN_STATES,
    ObjectionReason,
    ObjectionState,
    SubReason,
    SuggestedBecause,
    belongs,
)
from merchants.models.merchant import those_seen_by


def reminder_key(objection_id: UUID, deferrals: int) -> str:
    """Each deferral is reminded of once."""
    return f"objection:{objection_id}:deferred:{deferrals}"


class ObjectionQuerySet(RowQuerySet["Objection"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of the merchants that one sees."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(Q(raised_by=user) | those_seen_by(user, of="merchant__"))

    def open(self) -> Self:
        """Somebody has to do something about them now."""
        return self.filter(state__in=OPEN_STATES)

    def not_settled(self) -> Self:
        """Open ones, and those that were put off to a day."""
        return self.filter(state__in=[*OPEN_STATES, ObjectionState.DEFERRED])

    def raised_between(self, start: datetime, end: datetime) -> Self:
        return self.filter(raised_at__gte=start, raised_at__lt=end)


class Objection(Row):
    """One objection of a merchant, raised in a conversation. Its state is changed by the verbs of
    `leads.domain.objections` and nothing else."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="objections",
        db_index=False,
    )
    lead = models.ForeignKey(
        "leads.Lead",
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="objections",
        db_index=False,
    )
    activity = models.ForeignKey(
        "leads.Activity",
        verbose_name=_("conversation"),
        on_delete=models.RESTRICT,
        related_name="objections",
    )
    """The conversation in which it was raised."""
    pain = models.ForeignKey(
        "leads.Pain",
        verbose_name=_("pain point"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="objections",
    )
    """The pain that the conversation was about, and from which the suggestion follows."""
    raised_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("raised by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """The colleague who heard it."""
    merchant_words = models.TextField(_("in the merchant's words"))
    declared_reason = models.CharField(_("declared reason"), max_length=12, choices=ObjectionReason)
    sub_reason = models.CharField(_("sub-reason"), max_length=2, choices=SubReason, blank=True)
    names_other_problem = models.BooleanField(
        _("the merchant named a different problem"), default=False
    )
    suggested_reason = models.CharField(
        _("suggested reason"), max_length=12, choices=ObjectionReason, blank=True
    )
    """As it was when the objection was raised; empty where the rule has nothing to say."""
    suggested_because = models.CharField(
        _("suggested because"), max_length=16, choices=SuggestedBecause, blank=True
    )
    mismatch = models.BooleanField(_("declared differs from suggested"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=ObjectionState, default=ObjectionState.RAISED
    )
    state_since = models.DateTimeField(_("in this state since"))
    raised_at = models.DateTimeField(_("raised at"))
    deferred_until = models.DateField(_("deferred until"), null=True, blank=True)
    deferrals = models.PositiveSmallIntegerField(_("times deferred"), default=0)

    resolved_cell = models.ForeignKey(
        "leads.GridCell",
        verbose_name=_("agreed cell of the interview"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
    )
    resolved_follow_up = models.ForeignKey(
        "leads.FollowUp",
        verbose_name=_("follow-up agreed on"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
    )
    commitment = models.TextField(_("commitment"), blank=True)
    commitment_on = models.DateField(_("committed to by"), null=True, blank=True)

    resolved_at = models.DateTimeField(_("first resolved at"), null=True, blank=True)
    """The first time; stays when it is reopened, because the metrics ask how often that happens."""
    resolved_in = models.ForeignKey(
        "leads.Activity",
        verbose_name=_("first resolved in"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
    )
    reopened_at = models.DateTimeField(_("first reopened at"), null=True, blank=True)
    """The first time after it had been resolved."""

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(fields=["-raised_at", "-id"], name="objection_newest"),
            models.Index(fields=["merchant", "-raised_at", "-id"], name="objection_of_merchant"),
            models.Index(fields=["lead", "-raised_at", "-id"], name="objection_of_lead"),
            models.Index(fields=["raised_by", "-raised_at", "-id"], name="objection_of_colleague"),
            models.Index(fields=["state", "-raised_at", "-id"], name="objection_in_state"),
            models.Index(
                fields=["declared_reason", "-raised_at", "-id"], name="objection_of_reason"
            ),
            models.Index(fields=["-state_since", "-id"], name="objection_by_state_entry"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(merchant_words=""),
                name="objection_has_words",
                violation_error_code="words_required",
                violation_error_message=_("Write down what the merchant said."),
            ),
            models.CheckConstraint(
                condition=Q(declared_reason__in=ObjectionReason.values),
                name="objection_reason_is_known",
                violation_error_code="reason_unknown",
                violation_error_message=_("There is no such reason."),
            ),
            models.CheckConstraint(
                condition=belongs("declared_reason"),
                name="objection_sub_reason_belongs",
                violation_error_code="sub_reason_of_other_reason",
                violation_error_message=_("This sub-reason belongs to another reason."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ObjectionState.values),
                name="objection_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state=ObjectionState.DEFERRED) | Q(deferred_until__isnull=False),
                name="objection_deferred_says_until_when",
                violation_error_code="deferred_needs_date",
                violation_error_message=_("Say when to come back to it."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ObjectionState.RESOLVED)
                | Q(resolved_cell__isnull=False)
                | Q(resolved_follow_up__isnull=False)
                | (~Q(commitment="") & Q(commitment_on__isnull=False)),
                name="objection_resolved_says_how",
                violation_error_code="resolved_needs_proof",
                violation_error_message=_(
                    "A resolved objection names the agreed cell of the interview, "
                    "or what the merchant committed to and by when."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state=ObjectionState.RESOLVED) | Q(resolved_at__isnull=False),
                name="objection_resolved_says_when",
            ),
            models.CheckConstraint(
                condition=Q(suggested_reason="", mismatch=False)
                | Q(mismatch=False, declared_reason=models.F("suggested_reason"))
                | (
                    Q(mismatch=True)
                    & ~Q(suggested_reason="")
                    & ~Q(declared_reason=models.F("suggested_reason"))
                ),
                name="objection_mismatch_is_true",
            ),
        ]

    def __str__(self) -> str:
        return self.merchant_words[:60]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def reminder_key(self) -> str:
        """The key of the reminder of the last deferral."""
        return reminder_key(self.pk, self.deferrals)


class ObjectionChangeQuerySet(RowQuerySet["ObjectionChange"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(objection__in=Objection.objects.visible_to(user))


class ObjectionChange(Fact):
    """One step of an objection: who, when, from where to where, why, and on which ground.

    The database refuses to change it.
    """

    objection = models.ForeignKey(
        Objection,
        verbose_name=_("objection"),
        on_delete=models.PROTECT,
        related_name="changes",
        db_index=False,
    )
    from_state = models.CharField(_("from"), max_length=10, choices=ObjectionState, blank=True)
    """Empty for the first: it was raised."""
    to_state = models.CharField(_("to"), max_length=10, choices=ObjectionState)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    because = models.TextField(_("because"), blank=True)
    declared_reason = models.CharField(_("declared reason"), max_length=12, choices=ObjectionReason)
    """As it was declared with this step."""
    sub_reason = models.CharField(_("sub-reason"), max_length=2, choices=SubReason, blank=True)
    deferred_until = models.DateField(_("deferred until"), null=True)
    resolved_cell = models.ForeignKey(
        "leads.GridCell",
        verbose_name=_("agreed cell of the interview"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    resolved_follow_up = models.ForeignKey(
        "leads.FollowUp",
        verbose_name=_("follow-up agreed on"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    commitment = models.TextField(_("commitment"), blank=True)
    commitment_on = models.DateField(_("committed to by"), null=True)

    objects = ObjectionChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection change")
        verbose_name_plural = _("objection changes")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["objection", "-at", "-id"], name="objection_change_of_objection"),
        ]

    def __str__(self) -> str:
        return f"{self.from_state or '·'} → {self.to_state}"
