"""Lists that are taken in: their rows, what each of them wrote, how their columns are read."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Job, Row, RowQuerySet, User
from crm.models.jobs import JobQuerySet

IMPORT = "import"
"""The kind of job that takes a list in."""


class ImportMode(models.TextChoices):
    CREATE = "create", _("Add new merchants only")
    UPDATE = "update", _("Add new merchants and update known ones")


class RowOutcome(models.TextChoices):
    PENDING = "", _("Not yet looked at")
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Known already")
    REFUSED = "refused", _("Refused")
    REVERTED = "reverted", _("Taken back")
    KEPT = "kept", _("Stays, because it was changed since")


class ImportManager(models.Manager.from_queryset(JobQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> JobQuerySet:
        rows: JobQuerySet = super().get_queryset().of_kind(IMPORT)
        return rows


class Import(Job):
    """The jobs that take lists in, as lists of their own."""

    objects: ClassVar[JobQuerySet] = ImportManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]


class ImportRowQuerySet(RowQuerySet["ImportRow"]):
    def pending(self) -> Self:
        return self.filter(outcome=RowOutcome.PENDING)

    def refused(self) -> Self:
        return self.filter(outcome=RowOutcome.REFUSED)

    def reverted(self) -> Self:
        return self.filter(outcome=RowOutcome.REVERTED)

    def kept(self) -> Self:
        return self.filter(outcome=RowOutcome.KEPT)

    def to_look_at(self) -> Self:
        """What was refused, and what could not be taken back."""
        return self.filter(outcome__in=(RowOutcome.REFUSED, RowOutcome.KEPT))

    def visible_to(self, user: User) -> Self:
        return self.filter(job__in=Job.objects.visible_to(user))


class ImportRow(models.Model):
    """One row of a list, and what became of it: where to look, a stable code, a sentence."""

    id = models.UUIDField(primary_key=True, editable=False)
    job = models.ForeignKey(
        "crm.Job",
        verbose_name=_("job"),
        on_delete=models.CASCADE,
        related_name="import_rows",
        db_index=False,
    )
    number = models.PositiveIntegerField(_("row"))
    """As the spreadsheet shows it."""
    cells = models.JSONField(_("cells"), default=list)
    faults = models.JSONField(default=list)
    """What was wrong with cells as they were read: place, code and sentence of each."""
    outcome = models.CharField(_("result"), max_length=10, choices=RowOutcome, blank=True)
    column = models.CharField(_("column"), max_length=100, blank=True)
    """By our name; people are shown the header of their file."""
    code = models.CharField(_("code"), max_length=50, blank=True)
    sentence = models.CharField(_("reason"), max_length=500, blank=True)
    identity = models.CharField(max_length=250, blank=True)
    """By what this row's merchant is told from others, for rows of one list that name it twice."""
    merchant_id = models.UUIDField(null=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["number"]
        indexes = [
            models.Index(fields=["job", "outcome", "number"], name="import_row_by_outcome"),
            models.Index(fields=["job", "identity"], name="import_row_by_identity"),
        ]
        constraints = [models.UniqueConstraint("job", "number", name="import_row_once")]

    def __str__(self) -> str:
        return str(self.number)


class ImportChange(models.Model):
    """What a row of a list wrote: the means to take it back."""

    id = models.BigAutoField(primary_key=True)
    row = models.ForeignKey(
        ImportRow, on_delete=models.CASCADE, related_name="changes", verbose_name=_("row")
    )
    noun = models.CharField(_("noun"), max_length=10)
    subject_id = models.UUIDField(_("subject"))
    version = models.PositiveIntegerField(_("version"))
    """Of the subject, as the row left it."""
    before = models.JSONField(null=True)
    """What a changed merchant said before; null for what the row added."""

    objects: models.Manager["ImportChange"] = models.Manager()

    class Meta:
        verbose_name = _("imported change")
        verbose_name_plural = _("imported changes")
        indexes = [models.Index(fields=["subject_id"], name="import_change_of_subject")]

    def __str__(self) -> str:
        return self.noun


class ImportMappingQuerySet(RowQuerySet["ImportMapping"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


class ImportMapping(Row):
    """How somebody reads the columns of files with these headers; remembered for the next one."""

    user = models.ForeignKey(
        "crm.User", verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    headers_key = models.CharField(max_length=64)
    columns = models.JSONField(_("columns"), default=list)

    objects = ImportMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        constraints = [
            models.UniqueConstraint("user", "headers_key", name="import_mapping_once"),
            models.CheckConstraint(condition=~Q(headers_key=""), name="import_mapping_has_a_key"),
        ]

    def __str__(self) -> str:
        return self.headers_key
