"""Plays: what to bring, tell and offer when a merchant objects; and each try of one."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, Row, RowQuerySet, User
from leads.models.objection_words import AttemptOutcome, ObjectionReason, SubReason, belongs
from merchants.models.reference import CategoryGroup


class PlayQuerySet(RowQuerySet["Play"]):
    def visible_to(self, user: User) -> Self:
        """Everybody who holds a role: the playbook is the same for the whole bank."""
        return self.all() if user.scope.below else self.none()

    def active(self) -> Self:
        """Those that were not retired."""
        return self.filter(retired_at=None)

    def against(self, reason: str) -> Self:
        return self.filter(reason=reason)

    def for_group(self, category_group: str) -> Self:
        """Those for a category group, and those for all."""
        return self.filter(Q(category_groups=[]) | Q(category_groups__contains=[category_group]))


class Play(Row):
    """One entry of the playbook. What it says stands in its versions; the newest one counts."""

    code = models.CharField(_("code"), max_length=12)
    reason = models.CharField(_("reason"), max_length=12, choices=ObjectionReason)
    sub_reason = models.CharField(_("sub-reason"), max_length=2, choices=SubReason, blank=True)
    category_groups = ArrayField(
        models.CharField(max_length=20, choices=CategoryGroup),
        verbose_name=_("category groups"),
        default=list,
        blank=True,
        help_text=_("None means all."),
    )
    current = models.ForeignKey(
        "leads.PlayVersion",
        verbose_name=_("current version"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    """Null only for the moment between the play's and its first version's writing."""
    retired_at = models.DateTimeField(_("retired at"), null=True, editable=False)

    objects = PlayQuerySet.as_manager()

    class Meta:
        verbose_name = _("play")
        verbose_name_plural = _("plays")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["code", "id"], name="play_by_code"),
            models.Index(fields=["-created_at", "-id"], name="play_newest"),
            models.Index(fields=["reason", "code"], name="play_of_reason"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="play_code_once",
                violation_error_code="play_exists",
                violation_error_message=_("There is a play with this code already."),
            ),
            models.CheckConstraint(
                condition=belongs("reason"),
                name="play_sub_reason_belongs",
                violation_error_code="sub_reason_of_other_reason",
                violation_error_message=_("This sub-reason belongs to another reason."),
            ),
            models.CheckConstraint(
                condition=~Q(code=""),
                name="play_has_a_code",
                violation_error_code="code_required",
                violation_error_message=_("A play has a code."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_active(self) -> bool:
        return self.retired_at is None


class PlayVersionQuerySet(RowQuerySet["PlayVersion"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(play__in=Play.objects.visible_to(user))


class PlayVersion(Fact):
    """What a play says, in both languages. Never changed: an edit is the next version."""

    play = models.ForeignKey(
        Play,
        verbose_name=_("play"),
        on_delete=models.PROTECT,
        related_name="versions",
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"))
    title_en = models.CharField(_("title (English)"), max_length=100)
    title_zh = models.CharField(_("title (Chinese)"), max_length=100)
    phrases_en = models.TextField(_("what they say (English)"), blank=True)
    phrases_zh = models.TextField(_("what they say (Chinese)"), blank=True)
    evidence_en = models.TextField(_("evidence to bring (English)"), blank=True)
    evidence_zh = models.TextField(_("evidence to bring (Chinese)"), blank=True)
    case_en = models.TextField(_("case (English)"), blank=True)
    case_zh = models.TextField(_("case (Chinese)"), blank=True)
    offer_en = models.TextField(_("offer or next step (English)"), blank=True)
    offer_zh = models.TextField(_("offer or next step (Chinese)"), blank=True)
    resolved_when_en = models.TextField(_("resolved when (English)"), blank=True)
    resolved_when_zh = models.TextField(_("resolved when (Chinese)"), blank=True)
    written_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("written by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """None for what came with the product."""
    at = models.DateTimeField(_("at"))

    objects = PlayVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("play version")
        verbose_name_plural = _("play versions")
        ordering = ["play", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["play", "number"],
                name="play_version_once",
                violation_error_code="play_version_exists",
                violation_error_message=_("Somebody else wrote the next version of this play."),
            ),
            models.CheckConstraint(
                condition=~Q(title_en="") & ~Q(title_zh=""),
                name="play_version_has_titles",
                violation_error_code="title_required",
                violation_error_message=_("A play has a title in both languages."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def said(self, part: str) -> str:
        """A part of the play in the reader's language, or in the other if that one is empty."""
        mine, other = ("en", "zh") if (get_language() or "en").startswith("en") else ("zh", "en")
        text: str = getattr(self, f"{part}_{mine}") or getattr(self, f"{part}_{other}")
        return text

    @property
    def title(self) -> str:
        return self.said("title")

    @property
    def phrases(self) -> str:
        return self.said("phrases")

    @property
    def evidence(self) -> str:
        return self.said("evidence")

    @property
    def case(self) -> str:
        return self.said("case")

    @property
    def offer(self) -> str:
        return self.said("offer")

    @property
    def resolved_when(self) -> str:
        return self.said("resolved_when")


class PlayAttemptQuerySet(RowQuerySet["PlayAttempt"]):
    def visible_to(self, user: User) -> Self:
        from leads.models.objection import Objection

        return self.filter(objection__in=Objection.objects.visible_to(user))

    def unsettled(self) -> Self:
        """Tries of which nobody has said yet what came of them."""
        return self.filter(outcome="")


class PlayAttempt(Row):
    """One try of a play against an objection, in the version that it then had."""

    objection = models.ForeignKey(
        "leads.Objection",
        verbose_name=_("objection"),
        on_delete=models.CASCADE,
        related_name="attempts",
        db_index=False,
    )
    play_version = models.ForeignKey(
        PlayVersion,
        verbose_name=_("play version"),
        on_delete=models.PROTECT,
        related_name="attempts",
    )
    activity = models.ForeignKey(
        "leads.Activity",
        verbose_name=_("conversation"),
        null=True,
        on_delete=models.RESTRICT,
        related_name="+",
    )
    """The conversation in which it was tried; none if it was tried outside of one."""
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=AttemptOutcome, blank=True)
    """Empty as long as nobody has said what came of it."""
    outcome_at = models.DateTimeField(_("outcome at"), null=True)
    notes = models.TextField(_("notes"), blank=True)

    objects = PlayAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("play attempt")
        verbose_name_plural = _("play attempts")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["objection", "-at", "-id"], name="play_attempt_of_objection"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None)
                | (~Q(outcome="") & Q(outcome_at__isnull=False)),
                name="play_attempt_outcome_says_when",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *AttemptOutcome.values]),
                name="play_attempt_outcome_is_known",
                violation_error_code="outcome_unknown",
                violation_error_message=_("There is no such outcome."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.play_version} · {self.get_outcome_display() or '…'}"
