"""The lead: one pursuit of one merchant by one rep, with a beginning and an end."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, Role, Row, RowQuerySet, User
from leads.models.grid_words import Cell
from leads.models.lead_words import LeadStepReason
from leads.models.stages import OPEN_STAGES, LostReason, Stage
from merchants.models import Merchant

LONG_AGO = date(2000, 1, 1)

RECYCLED_STAGES = tuple(stage for stage in OPEN_STAGES if stage != Stage.APPROVAL)
"""Stages out of which a lead can go back to the pool: not while others decide about it."""


class LeadSource(models.TextChoices):
    FIELD = "field", _("Field visit")
    PUBLIC_REGISTRY = "public_registry", _("Public registry")
    REFERRAL = "referral", _("Referral")
    BRANCH = "branch", _("Branch")
    IMPORT = "import", _("Import")
    WIN_BACK = "win_back", _("Win back")


UNSCORED = -1
"""Where a lead without a score stands in lists that are ordered by it."""

SCORE_OUTDATED = (
    Q(score_at=None) | Q(score_at__lt=F("stage_entered_at")) | Q(score_at__lt=F("last_activity_at"))
)
"""Something has happened with the lead since its score was reckoned."""


class LeadQuerySet(RowQuerySet["Lead"]):
    def visible_to(self, user: User) -> Self:
        """One's own, the unowned ones of one's branch, and all below what one oversees."""
        scope = user.scope
        if scope.oversees_everything:
            return self.all()
        mine = Q(owner=user)
        if scope.pool:
            mine |= Q(owner=None, unit__any_of=scope.pool)
        compliance = scope.below.get(Role.COMPLIANCE, frozenset())
        if reached := scope.overseen | compliance:
            mine |= Q(unit__any_of=reached)
        return self.filter(mine)

    def open(self) -> Self:
        return self.filter(stage__in=OPEN_STAGES)

    def in_stage(self, stages: Iterable[str]) -> Self:
        return self.filter(stage__in=list(stages))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def in_pool(self) -> Self:
        """Open leads that nobody owns and that can be claimed."""
        return self.open().filter(owner=None, pooled_at__isnull=False)

    def claimable_by(self, user: User) -> Self:
        """What lies in the pool, as far as one may know of it; of those who sell, nothing that lies
        in a pool of other units."""
        from leads.models.pool import Pool

        rows = self.visible_to(user).in_pool()
        if not user.scope.pool or user.scope.oversees_everything:
            return rows
        mine = [one.pk for one in Pool.objects.claimable_by(user)]
        return rows.filter(
            Q(pool=None) | Q(pool__any_of=mine) | Q(unit__any_of=user.scope.overseen)
        )

    def recycling_due(self, day: date) -> Self:
        """Owned leads that the rules of the pool have to look at."""
        return self.filter(
            owner__isnull=False, stage__in=RECYCLED_STAGES, recycle_check_on__lte=day
        )

    def about_to_go_back(self) -> Self:
        """Owned leads of which the owner was warned, and at which nothing was done since."""
        return self.filter(
            owner__isnull=False,
            stage__in=RECYCLED_STAGES,
            recycle_on__isnull=False,
            recycle_check_on__gt=LONG_AGO,
        )

    def quiet_since(self, at: datetime) -> Self:
        """Open leads in which nothing has happened since a moment."""
        return self.open().filter(last_activity_at__lt=at)

    def as_of(self, at: datetime) -> Self:
        """The leads that existed at a moment, each with what it was then, whatever happened since.

        `stage_then`, `entered_then` (in that stage since) and `active_then` (the last activity that
        had been written down by then).
        """
        from leads.models.activity import Activity

        last_step = StageChange.objects.filter(lead=OuterRef("pk"), at__lt=at).order_by(
            "-at", "-id"
        )
        activities = Activity.objects.filter(lead=OuterRef("pk"), created_at__lt=at)
        last_activity = (
            activities.order_by().values("lead").annotate(last=Max("occurred_at")).values("last")
        )
        unmoved = Q(stage_entered_at__lt=at)
        return self.filter(created_at__lt=at).annotate(
            looked_back_to=Value(at, models.DateTimeField()),
            stage_then=Case(
                When(unmoved, then=F("stage")),
                default=Coalesce(Subquery(last_step.values("to_stage")[:1]), Value(Stage.NEW)),
                output_field=models.CharField(),
            ),
            entered_then=Case(
                When(unmoved, then=F("stage_entered_at")),
                default=Coalesce(Subquery(last_step.values("at")[:1]), F("created_at")),
            ),
            active_then=Case(
                When(updated_at__lt=at, then=F("last_activity_at")),
                default=Greatest(
                    Coalesce(Subquery(last_activity), F("created_at")),
                    Coalesce(Subquery(last_step.values("at")[:1]), F("created_at")),
                ),
            ),
        )

    def stale(self, since: Mapping[Stage, datetime], *, then: bool = False) -> Self:
        """Leads that rest in a stage since before the moment given for it, and without activity.

        With `then`, as they were at the moment that `as_of` was asked about.
        """
        stage, entered, active = (
            ("stage_then", "entered_then", "active_then")
            if then
            else ("stage", "stage_entered_at", "last_activity_at")
        )
        resting = Q()
        for one, moment in since.items():
            resting |= Q(**{stage: one, f"{entered}__lt": moment, f"{active}__lt": moment})
        return (self._perhaps_stale_then(since) if then else self).filter(resting)

    def _perhaps_stale_then(self, since: Mapping[Stage, datetime]) -> Self:
        """Those that were touched since, and what looks stale as it stands: by columns alone, so
        that history is looked up for few of a million leads."""
        end = F("looked_back_to")
        latest = max(since.values())
        stands = Q(stage_entered_at__gte=end)
        for one, moment in since.items():
            stands |= Q(stage=one, stage_entered_at__lt=moment)
        return self.filter(stands, Q(updated_at__gte=end) | Q(last_activity_at__lt=latest))

    def in_stage_then(self, *stages: str) -> Self:
        """Leads that were in one of the stages at the moment that `as_of` was asked about; those
        that have not moved since are found by their stage alone."""
        perhaps = Q(stage__in=stages) | Q(stage_entered_at__gte=F("looked_back_to"))
        return self.filter(perhaps, stage_then__in=stages)

    def valid(self) -> Self:
        """Leads whose merchant's code, licence, category and source are on file, and no twin."""
        from leads.models.validity import is_valid

        return self.filter(is_valid())

    def signing_before(self, day: date) -> Self:
        """Whose signature was expected before a day."""
        return self.filter(expected_signing_on__lt=day)

    def matching(self, text: str) -> Self:
        """Leads whose merchant the search box finds."""
        return self.filter(
            merchant__any_of=ArraySubquery(Merchant.objects.order_by().matching(text).values("pk"))
        )


class Lead(Row):
    """A pursuit of a merchant. Its stage is changed by `pipeline.advance` and nothing else."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.NEW)
    stage_entered_at = models.DateTimeField(_("in this stage since"))
    source = models.CharField(
        _("source"), max_length=20, choices=LeadSource, default=LeadSource.FIELD
    )
    expected_value_fen = models.BigIntegerField(_("expected value"), null=True, blank=True)
    revisit_on = models.DateField(_("come back on"), null=True, blank=True)
    lost_reason = models.CharField(_("lost because"), max_length=20, choices=LostReason, blank=True)
    last_activity_at = models.DateTimeField(_("last activity"))
    next_follow_up_at = models.DateTimeField(_("next follow-up"), null=True, blank=True)
    expected_signing_on = models.DateField(_("signature expected on"), null=True, blank=True)
    lost_to_rival = models.ForeignKey(
        "merchants.Rival",
        verbose_name=_("lost to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    # The entry point: with which pain, and at which cell of its grid, the conversation goes on.
    entry_pain = models.ForeignKey(
        "leads.Pain",
        verbose_name=_("entry point"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    entry_cell = models.CharField(_("entry cell"), max_length=2, choices=Cell, blank=True)

    # Written by the verbs of the pool: claiming, returning, recycling, handing over.
    pool = models.ForeignKey(
        "leads.Pool",
        verbose_name=_("lead pool"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    """Where it lies while nobody owns it; none where its unit has no pool."""
    pooled_at = models.DateTimeField(_("in the pool since"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("with the owner since"), null=True, blank=True)
    """Empty: from the beginning."""
    last_owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("last owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    recycle_on = models.DateField(_("goes back to the pool on"), null=True, blank=True)
    """As last reckoned, once its owner was to be warned; what happens with the lead puts it off."""
    recycle_check_on = models.DateField(editable=False, default=LONG_AGO)
    """The day on which the rules of the pool look at it next."""
    # Reckoned by `leads.domain.scores` and nothing else; none where too little is known.
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=1, null=True, blank=True)
    score_order = models.DecimalField(
        _("score"), max_digits=4, decimal_places=1, default=UNSCORED, editable=False
    )
    """The score for lists to be ordered by: never null, below zero where there is none."""
    score_at = models.DateTimeField(_("score reckoned at"), null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),
            models.Index(fields=["owner", "-created_at", "-id"], name="lead_of_owner"),
            models.Index(
                fields=["owner", "stage", "-created_at", "-id"],
                name="lead_of_owner_in_stage",
            ),
            models.Index(
                fields=["unit", "stage", "-created_at", "-id"],
                name="lead_of_unit_in_stage",
            ),
            models.Index(fields=["stage", "-created_at", "-id"], name="lead_in_stage"),
            models.Index(fields=["merchant", "-created_at", "-id"], name="lead_of_merchant"),
            models.Index(fields=["-last_activity_at", "-id"], name="lead_by_activity"),
            models.Index(fields=["-stage_entered_at", "-id"], name="lead_by_stage_entry"),
            models.Index(fields=["-updated_at", "-id"], name="lead_by_change"),
            models.Index(fields=["-score_order", "-id"], name="lead_by_score"),
            models.Index(fields=["owner", "-score_order", "-id"], name="lead_of_owner_by_score"),
            models.Index(
                fields=["score_at", "id"],
                name="lead_score_oldest",
                condition=Q(stage__in=OPEN_STAGES),
            ),
            models.Index(
                fields=["id"],
                name="lead_score_outdated",
                condition=SCORE_OUTDATED & Q(stage__in=OPEN_STAGES),
            ),
            models.Index(
                fields=["expected_signing_on", "id"],
                name="lead_by_signing",
                condition=Q(expected_signing_on__isnull=False),
            ),
            models.Index(
                fields=["pool", "-pooled_at", "-id"],
                name="lead_of_pool",
                condition=Q(owner=None, pooled_at__isnull=False, stage__in=OPEN_STAGES),
            ),
            models.Index(
                fields=["-pooled_at", "-id"],
                name="lead_in_pool",
                condition=Q(owner=None, pooled_at__isnull=False, stage__in=OPEN_STAGES),
            ),
            models.Index(
                fields=["recycle_check_on", "id"],
                name="lead_recycling_due",
                condition=Q(owner__isnull=False, stage__in=RECYCLED_STAGES),
            ),
            models.Index(
                fields=["recycle_on", "id"],
                name="lead_recycled_soon",
                condition=Q(owner__isnull=False, recycle_on__isnull=False),
            ),
            models.Index(fields=["stage", "stage_entered_at", "id"], name="lead_longest_in_stage"),
        ]
        constraints = [
            models.UniqueConstraint(
                "merchant",
                name="lead_one_open_per_merchant",
                condition=Q(stage__in=OPEN_STAGES),
                violation_error_code="lead_already_open",
                violation_error_message=_("This merchant already has an open lead."),
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.LOST) | ~Q(lost_reason=""),
                name="lead_lost_says_why",
                violation_error_code="lost_needs_reason",
                violation_error_message=_("Say why the merchant was lost."),
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.PARKED) | Q(revisit_on__isnull=False),
                name="lead_parked_says_until_when",
                violation_error_code="parked_needs_revisit",
                violation_error_message=_("Say when to come back."),
            ),
            models.CheckConstraint(
                condition=Q(expected_value_fen=None) | Q(expected_value_fen__gte=0),
                name="lead_value_not_negative",
                violation_error_code="value_negative",
                violation_error_message=_("The expected value cannot be below zero."),
            ),
            models.CheckConstraint(
                condition=Q(score=None, score_order=UNSCORED)
                | Q(score__range=(0, 100), score_order=F("score")),
                name="lead_score_of_100",
            ),
            models.CheckConstraint(
                condition=Q(lost_to_rival=None) | Q(stage=Stage.LOST),
                name="lead_rival_of_lost",
                violation_error_code="rival_of_lost_only",
                violation_error_message=_("Only a lost lead names the rival that it was lost to."),
            ),
            models.CheckConstraint(
                condition=Q(entry_pain=None, entry_cell="")
                | Q(entry_pain__isnull=False, entry_cell__in=Cell.values),
                name="lead_entry_point_is_whole",
                violation_error_code="entry_point_incomplete",
                violation_error_message=_("An entry point is a pain and a cell."),
            ),
            models.CheckConstraint(
                condition=Q(pooled_at=None) | Q(owner=None),
                name="lead_in_pool_has_no_owner",
                violation_error_code="lead_already_claimed",
                violation_error_message=_("Somebody claimed this lead a moment ago."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.get_stage_display()}"

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES


class StageChangeQuerySet(RowQuerySet["StageChange"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.visible_to(user))

    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(at__gte=start, at__lt=end)


class StageChange(Fact):
    """One step of a lead: who moved it, from where to where, and how long it had stayed."""

    lead = models.ForeignKey(
        Lead,
        verbose_name=_("lead"),
        on_delete=models.CASCADE,
        related_name="stage_changes",
        db_index=False,
    )
    from_stage = models.CharField(_("from"), max_length=10, choices=Stage, blank=True)
    """Empty for the first: the lead came into being."""
    to_stage = models.CharField(_("to"), max_length=10, choices=Stage)
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
    lost_reason = models.CharField(_("lost because"), max_length=20, choices=LostReason, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=LeadStepReason, blank=True)
    working_days = models.PositiveIntegerField(_("working days in the stage before"), default=0)
    evidence = models.ManyToManyField(
        "leads.LeadEvidence", verbose_name=_("evidence"), related_name="steps"
    )
    waivers = models.ManyToManyField(
        "leads.LeadWaiver", verbose_name=_("waivers"), related_name="steps"
    )

    objects = StageChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["lead", "-at", "-id"], name="stage_change_of_lead"),
            models.Index(fields=["at", "to_stage"], name="stage_change_when"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage or '·'} → {self.to_stage}"
