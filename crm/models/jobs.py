"""Work too long for a request: lists that are taken in, lists that are given out.

The row is the work. A worker claims it with a lease and a fence, does one batch per transaction and
writes down in that transaction how far it came; so whoever is killed loses its batch in hand, and
nothing is done twice.
"""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.base import Row, RowQuerySet
from crm.models.people import User

EXPORT = "export"
"""The kind of job that gives a list out."""


class JobState(models.TextChoices):
    DRAFT = "draft", _("Being prepared")
    CHECKED = "checked", _("Tried out")
    WAITING = "waiting", _("Waiting for its turn")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REVERTED = "reverted", _("Reverted")


class JobPhase(models.TextChoices):
    """What the job does, or did last."""

    CHECK = "check", _("Dry run")
    RUN = "run", _("Run")
    REVERT = "revert", _("Revert")


UNDER_WAY = (JobState.WAITING, JobState.RUNNING)
CLOSED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.REVERTED)


class JobQuerySet(RowQuerySet["Job"]):
    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)

    def claimable(self) -> Self:
        """Waiting, or left behind by a worker whose lease ran out (database clock)."""
        return self.filter(
            Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, lease_until__lt=Now())
        )

    def visible_to(self, user: User) -> Self:
        """One's own, and those that were started for a unit that one oversees."""
        scope = user.scope
        mine = Q(owner=user)
        if scope.oversees_everything:
            mine |= Q(unit__isnull=False)
        elif scope.overseen:
            mine |= Q(unit__any_of=scope.overseen)
        return self.filter(mine)


class Job(Row):
    """One piece of long work, from its preparation to its end."""

    kind = models.CharField(_("kind"), max_length=20)
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """The unit that the work is for; a job without one is its owner's own business."""
    acting = models.ForeignKey(
        "crm.User",
        verbose_name=_("started by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """As whom the phase in hand works: whoever started it."""
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.DRAFT)
    phase = models.CharField(_("phase"), max_length=10, choices=JobPhase, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict)
    source = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("file"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    result = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("result"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    """What it made: the file of errors, or the exported list."""
    position = models.IntegerField(pgettext_lazy("job", "position"), default=0)
    """How far the phase in hand has come, in the runner's own counting."""
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    added = models.PositiveIntegerField(pgettext_lazy("job", "added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    fence = models.PositiveIntegerField(_("claims so far"), default=0)
    """Counts the claims: a worker whose number is not the last one writes nothing any more."""
    losses = models.PositiveSmallIntegerField(_("workers lost with it"), default=0)
    failure_code = models.CharField(_("failure code"), max_length=50, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["updated_at", "id"],
                name="job_claimable",
                condition=Q(state__in=UNDER_WAY),
            ),
            models.Index(fields=["kind", "-created_at", "-id"], name="job_newest"),
            models.Index(fields=["owner", "kind", "-created_at", "-id"], name="job_of_owner"),
            models.Index(fields=["unit", "kind", "-created_at", "-id"], name="job_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=CLOSED) | Q(finished_at__isnull=False),
                name="job_closed_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False),
                name="job_running_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(rows_done__lte=F("rows_total")), name="job_done_within_total"
            ),
        ]

    def __str__(self) -> str:
        return self.source.name if self.source_id and self.source else self.kind

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def per_cent(self) -> int:
        """How much is done, in whole per cent."""
        return self.rows_done * 100 // self.rows_total if self.rows_total else 0


class ExportChunk(models.Model):
    """Some of the rows that were asked for: their ids at that time, and then their cells."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    ids = ArrayField(models.UUIDField())
    cells = models.JSONField(null=True)
    """One list of texts per row that the owner still may see; null until they are read."""

    objects = models.Manager["ExportChunk"]()

    class Meta:
        constraints = [
            models.UniqueConstraint("job", "number", name="export_chunk_once"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ExportManager(models.Manager.from_queryset(JobQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> JobQuerySet:
        rows: JobQuerySet = super().get_queryset().of_kind(EXPORT)
        return rows


class Export(Job):
    """The jobs that give lists out, as lists of their own."""

    objects: ClassVar[JobQuerySet] = ExportManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return str(self.parameters.get("list", self.kind))
