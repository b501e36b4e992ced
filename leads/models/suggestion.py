"""Suggestions: what was proposed to be done next, what a colleague decided, what came of it.

A suggestion that nobody decided on is no row: it follows from the facts and is found anew each time
somebody looks.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User


class SuggestionKind(models.TextChoices):
    """What sort of thing is to be done. A list of suggestions has one of each at the most."""

    STEP = "step", pgettext_lazy("suggestion", "Next step")
    OBJECTION = "objection", _("Objection")
    INTERVIEW = "interview", _("Interview")
    CONTACT = "contact", pgettext_lazy("suggestion", "Get in touch")
    PROMISE = "promise", _("Follow-up")
    TIMING = "timing", _("Timing")


class SuggestionRule(models.TextChoices):
    """Which rule of the table speaks."""

    REVISIT_DUE = "revisit_due", _("The day to come back has come")
    FOLLOW_UP_LATE = "follow_up_late", _("A follow-up is overdue")
    OBJECTION_DATE_DUE = "objection_date_due", _("A deferred objection is due")
    OBJECTION_UNEXPLAINED = "objection_unexplained", _("An objection has no confirmed reason")
    OBJECTION_OPEN = "objection_open", _("An objection is open")
    STEP_READY = "step_ready", _("Nothing is missing for the next step")
    STAGE_OVER = "stage_over", _("Too long in the stage")
    NEXT_CELL = "next_cell", _("The interview goes on")
    NO_PAIN = "no_pain", _("No pain is written down")
    CALL_AFTER_VISIT = "call_after_visit", _("A call after the visit")
    NOBODY_MAY_BE_CALLED = "nobody_may_be_called", _("Nobody may be contacted")
    NO_CONVERSATION = "no_conversation", _("No conversation yet")
    ATTEMPTS_USED = "attempts_used", _("Enough attempts for now")
    STEP_MISSES = "step_misses", _("Something is missing for the next step")
    STAGE_ENDING = "stage_ending", _("The time in the stage runs out")
    NO_FOLLOW_UP = "no_follow_up", _("No follow-up is promised")
    HOLIDAY_AHEAD = "holiday_ahead", _("A long holiday is ahead")
    CONTACT_WINDOW = "contact_window", _("The quiet hours")


class Decision(models.TextChoices):
    ACCEPTED = "accepted", pgettext_lazy("suggestion", "Accepted")
    DISMISSED = "dismissed", pgettext_lazy("suggestion", "Dismissed")


class SuggestionOutcome(models.TextChoices):
    """What came of an accepted suggestion within its working days."""

    PENDING = "pending", pgettext_lazy("suggestion", "Not known yet")
    ACTED_ON = "acted_on", pgettext_lazy("suggestion", "Acted on")
    NOT_ACTED_ON = "not_acted_on", pgettext_lazy("suggestion", "Not acted on")


class SuggestionQuerySet(RowQuerySet["Suggestion"]):
    def visible_to(self, user: User) -> Self:
        """What was decided on leads that one knows of."""
        from leads.models.lead import Lead

        if user.scope.oversees_everything:
            return self.all()
        return self.filter(lead__in=Lead.objects.visible_to(user))

    def accepted(self) -> Self:
        return self.filter(decision=Decision.ACCEPTED)

    def dismissed(self) -> Self:
        return self.filter(decision=Decision.DISMISSED)

    def pending(self) -> Self:
        return self.filter(outcome=SuggestionOutcome.PENDING)

    def decided_between(self, start: datetime, end: datetime) -> Self:
        return self.filter(decided_at__gte=start, decided_at__lt=end)

    def to_look_at(self, at: datetime) -> Self:
        """Accepted ones whose outcome is to be looked for again, the longest waiting first."""
        return self.pending().filter(look_at__lte=at).order_by("look_at", "pk")


class Suggestion(Row):
    """One suggestion that a colleague accepted or dismissed, with the facts it was made from."""

    lead = models.ForeignKey(
        "leads.Lead",
        verbose_name=_("lead"),
        on_delete=models.CASCADE,
        related_name="suggestions",
        db_index=False,
    )
    rule = models.CharField(_("rule"), max_length=30, choices=SuggestionRule)
    kind = models.CharField(_("kind"), max_length=10, choices=SuggestionKind)
    about = models.CharField(max_length=32, editable=False)
    """A fingerprint of what the suggestion is about: it comes back when this has changed."""
    facts = models.JSONField(_("facts"), default=dict)
    """What its sentence says, from which it can be said again in any language."""
    shown_at = models.DateTimeField(_("shown at"))
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("decided by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    because = models.TextField(_("because"), blank=True)
    follow_up = models.ForeignKey(
        "leads.FollowUp",
        verbose_name=_("follow-up"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    act_by = models.DateTimeField(_("to be acted on by"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=SuggestionOutcome, blank=True)
    outcome_at = models.DateTimeField(_("outcome known since"), null=True, blank=True)
    look_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the outcome is looked for again."""

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-decided_at", "-id"]
        indexes = [
            models.Index(fields=["lead", "-decided_at", "-id"], name="suggestion_of_lead"),
            models.Index(fields=["-decided_at", "-id"], name="suggestion_newest"),
            models.Index(
                fields=["decided_by", "-decided_at", "-id"], name="suggestion_of_colleague"
            ),
            models.Index(
                fields=["look_at", "id"],
                name="suggestion_to_look_at",
                condition=Q(outcome="pending"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "lead",
                "rule",
                "about",
                name="suggestion_accepted_once",
                condition=Q(outcome="pending"),
                violation_error_code="suggestion_accepted_already",
                violation_error_message=_("This suggestion was accepted already."),
            ),
            models.CheckConstraint(
                condition=Q(decision="dismissed", outcome="", act_by=None, look_at=None)
                | Q(decision="accepted", act_by__isnull=False) & ~Q(outcome=""),
                name="suggestion_outcome_follows_decision",
            ),
            models.CheckConstraint(
                condition=Q(outcome="pending", look_at__isnull=False)
                | ~Q(outcome="pending") & Q(look_at=None),
                name="suggestion_pending_is_looked_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.get_decision_display()}"
