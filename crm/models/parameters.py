"""What administrators changed about the numbers of the method, and why."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, RowQuerySet
from crm.models.people import User


class ParameterChangeQuerySet(RowQuerySet["ParameterChange"]):
    def visible_to(self, user: User) -> Self:
        """Everybody who works here may know which numbers the rules work with, since when."""
        return self.all() if user.scope.below else self.none()

    def current(self) -> Mapping[str, Decimal]:
        """The latest value of every number that was ever changed."""
        latest = self.order_by("name", "-number").distinct("name")
        return dict(latest.values_list("name", "value"))


class ParameterChange(Fact):
    """One change of a number; the newest counts. The database refuses to change or delete it."""

    name = models.CharField(_("parameter"), max_length=100)
    number = models.PositiveIntegerField(_("number of the change"))
    """Counts the changes of this number; two people who change it at once meet here."""
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    because = models.TextField(_("because"))
    changed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("changed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))

    objects = ParameterChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a parameter")
        verbose_name_plural = _("changes of parameters")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="parameter_change_newest")]
        constraints = [
            models.UniqueConstraint(
                "name",
                "number",
                name="parameter_changed_one_after_another",
                violation_error_code="parameter_changed_meanwhile",
                violation_error_message=_("Somebody else has just changed this number."),
            ),
            models.CheckConstraint(
                condition=~Q(because=""),
                name="parameter_change_says_why",
                violation_error_code="parameter_needs_reason",
                violation_error_message=_("Say why the number changes."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value.normalize():f}"
