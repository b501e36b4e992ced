"""Answers already given, so that a phone may ask twice and be served once."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class GivenAnswerQuerySet(models.QuerySet["GivenAnswer"]):
    def older_than(self, at: datetime) -> Self:
        return self.filter(created_at__lt=at)


class GivenAnswer(models.Model):
    """What one Idempotency-Key of one person was answered; kept for seven days.

    Written in the same transaction as the effect: if the effect is there, so is the answer.
    """

    user = models.ForeignKey("crm.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=100)
    fingerprint = models.BinaryField(_("fingerprint of the request"), max_length=32)
    status = models.PositiveSmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"))
    created_at = models.DateTimeField(_("created at"))

    objects = GivenAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("given answer")
        verbose_name_plural = _("given answers")
        indexes = [models.Index(fields=["created_at"], name="given_answer_age")]
        constraints = [models.UniqueConstraint("user", "key", name="given_answer_once_per_key")]

    def __str__(self) -> str:
        return self.key
