"""What is asked in the needs interview, and what shops usually want: in both languages."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User
from leads.models.grid_words import (
    Cell,
    QuestionSet,
)


class _Bilingual(Row):
    """A text that leaders keep in both languages."""

    text_en = models.CharField(_("English text"), max_length=500)
    text_zh = models.CharField(_("Chinese text"), max_length=500)
    active = models.BooleanField(pgettext_lazy("wording", "active"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """In the reader's language."""
        return self.text_en if get_language() == "en" else self.text_zh


class WordingQuerySet[M: _Bilingual](RowQuerySet[M]):
    """Questions and templates: everybody reads them."""

    def visible_to(self, user: User) -> Self:
        return self.all()

    def active(self) -> Self:
        return self.filter(active=True)

    def written_for(self, *sets: str) -> Self:
        return self.filter(question_set__in=sets)


class GridQuestion(_Bilingual):
    """A question for one cell, written for one kind of shop."""

    question_set = models.CharField(_("kind of shop"), max_length=20, choices=QuestionSet)
    cell = models.CharField(pgettext_lazy("nine-grid", "cell"), max_length=2, choices=Cell)
    position = models.PositiveSmallIntegerField(pgettext_lazy("order", "position"), default=1)

    objects = WordingQuerySet["GridQuestion"].as_manager()

    class Meta:
        verbose_name = _("interview question")
        verbose_name_plural = _("interview questions")
        ordering = ["question_set", "cell", "position"]
        indexes = [models.Index(fields=["created_at", "id"], name="grid_question_oldest")]
        constraints = [
            models.UniqueConstraint(
                "question_set",
                "cell",
                "position",
                name="grid_question_has_its_place",
                violation_error_code="question_exists",
                violation_error_message=_("There is a question at this place already."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") & ~Q(text_zh=""),
                name="grid_question_in_both_languages",
                violation_error_code="text_required",
                violation_error_message=_("Write it in both languages."),
            ),
            models.CheckConstraint(
                condition=Q(
                    question_set__in=QuestionSet.values, cell__in=Cell.values, position__gte=1
                ),
                name="grid_question_words_are_known",
                violation_error_code="word_unknown",
                violation_error_message=_("There is no such word in the nine-grid interview."),
            ),
        ]


class CapabilityTemplate(_Bilingual):
    """A capability that shops of a kind usually want, for merchants who have named none yet."""

    question_set = models.CharField(_("kind of shop"), max_length=20, choices=QuestionSet)
    position = models.PositiveSmallIntegerField(pgettext_lazy("order", "position"), default=1)
    covered = models.BooleanField(_("we can cover it"), default=False)

    objects = WordingQuerySet["CapabilityTemplate"].as_manager()

    class Meta:
        verbose_name = _("usual capability")
        verbose_name_plural = _("usual capabilities")
        ordering = ["question_set", "position"]
        indexes = [models.Index(fields=["created_at", "id"], name="capability_template_oldest")]
        constraints = [
            models.UniqueConstraint(
                "question_set",
                "position",
                name="capability_template_has_its_place",
                violation_error_code="capability_exists",
                violation_error_message=_("There is a capability at this place already."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") & ~Q(text_zh="") & Q(position__gte=1),
                name="capability_template_in_both_languages",
                violation_error_code="text_required",
                violation_error_message=_("Write it in both languages."),
            ),
        ]
