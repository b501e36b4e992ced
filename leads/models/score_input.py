"""What is looked up about a lead for its score: public data, and the bank's own aggregates."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class ScoreInputQuerySet(RowQuerySet["ScoreInput"]):
    def visible_to(self, user: User) -> Self:
        from leads.models.lead import Lead

        return self.filter(lead__in=Lead.objects.visible_to(user))


class ScoreInput(Row):
    """What somebody read about one lead, where and when. What is null was not found, which is not
    zero: the score leaves it out and says so."""

    lead = models.OneToOneField(
        "leads.Lead",
        verbose_name=_("lead"),
        on_delete=models.CASCADE,
        related_name="score_input",
    )
    founded_on = models.DateField(_("in business since"), null=True, blank=True)
    penalties = models.PositiveSmallIntegerField(
        _("administrative penalties"), null=True, blank=True
    )
    """Penalties in the public register."""
    cardholders_nearby = models.PositiveIntegerField(_("cardholders nearby"), null=True, blank=True)
    """An aggregate from the bank's own data; no person is behind it that anybody could name."""
    branch_metres = models.PositiveIntegerField(_("metres to our branch"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    read_on = models.DateField(_("read on"))

    objects = ScoreInputQuerySet.as_manager()

    class Meta:
        verbose_name = _("score input")
        verbose_name_plural = _("score inputs")
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=""),
                name="score_input_has_a_source",
                violation_error_code="source_required",
                violation_error_message=_("Say where you read it."),
            ),
            models.CheckConstraint(
                condition=Q(founded_on=None) | Q(founded_on__lte=models.F("read_on")),
                name="score_input_founded_before_read",
                violation_error_code="founded_after_reading",
                violation_error_message=_("A business was founded before you read of it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead} · {self.source}"
