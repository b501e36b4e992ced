"""Visits: planned, begun at the door, ended with what came of them; and what may be kept of where.

The position of a colleague is personal data. It is stored only with the colleague's recorded
consent, only coarse (three decimals of a degree, about 100 metres), and for 90 days. How far from
the outlet somebody was is a distance, which says nothing of where, and stays.
"""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Fact, Row, RowQuerySet, User
from crm.models.files import shown_through
from merchants.models.merchant import those_seen_by

MOST_PHOTOS = 6


class VisitState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("visit", "Planned")
    CHECKED_IN = "checked_in", _("On site")
    CHECKED_OUT = "checked_out", pgettext_lazy("visit", "Done")
    MISSED = "missed", pgettext_lazy("visit", "Missed")
    CANCELLED = "cancelled", pgettext_lazy("visit", "Cancelled")


OPEN_VISITS = (VisitState.PLANNED, VisitState.CHECKED_IN)


class VisitQuerySet(RowQuerySet["Visit"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those at merchants that one may know of."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(Q(owner=user) | those_seen_by(user, of="merchant__"))

    def open(self) -> Self:
        """Planned, or begun and not ended."""
        return self.filter(state__in=OPEN_VISITS)

    def planned(self) -> Self:
        return self.filter(state=VisitState.PLANNED)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def between(self, first: date, last: date) -> Self:
        """Planned for one of the days from the first to the last."""
        return self.filter(planned_for__range=(first, last))

    def in_order(self) -> Self:
        """Day by day, in the order of the stops."""
        return self.order_by("planned_for", "stop", "planned_time", "id")

    def overlooked(self, today: date) -> Self:
        """Still planned, though their day is over."""
        return self.planned().filter(planned_for__lt=today)

    def with_position_before(self, at: datetime) -> Self:
        """Begun before a moment, with the position still on file."""
        return self.filter(latitude__isnull=False, checked_in_at__lt=at)


class Visit(Row):
    """A colleague goes to see a merchant. Its state is changed by the verbs of visits alone."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="visits",
        db_index=False,
    )
    lead = models.ForeignKey(
        "leads.Lead",
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="visits",
        db_index=False,
    )
    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="visits",
    )
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="visits",
        db_index=False,
    )
    state = models.CharField(
        _("state"), max_length=12, choices=VisitState, default=VisitState.PLANNED
    )
    purpose = models.CharField(pgettext_lazy("visit", "purpose"), max_length=200, blank=True)
    planned_for = models.DateField(_("planned for"))
    """The day by the bank's clock; of a visit that nobody planned, the day of its check-in."""
    planned_time = models.TimeField(_("planned time"), null=True, blank=True)
    stop = models.PositiveSmallIntegerField(_("stop"), default=0)
    """Its place among the stops of the day; 0 while nobody has put them in order."""
    was_planned = models.BooleanField(_("was planned"), default=True)

    # By the clock of whoever was there, and by ours.
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    checked_in_at = models.DateTimeField(_("check-in received at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    checked_out_at = models.DateTimeField(_("check-out received at"), null=True, blank=True)

    latitude = models.DecimalField(
        _("latitude"), max_digits=5, decimal_places=3, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=6, decimal_places=3, null=True, blank=True
    )
    accuracy_m = models.PositiveIntegerField(_("accuracy in metres"), null=True, blank=True)
    """What the phone says of its own position."""
    distance_m = models.PositiveIntegerField(_("distance in metres"), null=True, blank=True)
    """From the outlet, reckoned before the position was made coarse."""
    radius_m = models.PositiveIntegerField(_("radius in metres"), null=True, blank=True)
    """What counted as being there on that day."""
    outside_reason = models.CharField(_("reason for being outside"), max_length=500, blank=True)

    activity = models.OneToOneField(
        "leads.Activity",
        verbose_name=_("activity"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="visit",
    )
    """What came of it."""
    cancelled_because = models.CharField(_("cancelled because"), max_length=500, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-planned_for", "-id"]
        indexes = [
            models.Index(fields=["-planned_for", "-id"], name="visit_by_day"),
            models.Index(fields=["owner", "-planned_for", "-id"], name="visit_of_owner"),
            models.Index(fields=["merchant", "-planned_for", "-id"], name="visit_of_merchant"),
            models.Index(fields=["lead", "-planned_for", "-id"], name="visit_of_lead"),
            models.Index(
                fields=["planned_for", "id"],
                name="visit_planned_by_day",
                condition=Q(state="planned"),
            ),
            models.Index(
                fields=["owner", "planned_for", "id"],
                name="visit_open_of_owner",
                condition=Q(state__in=["planned", "checked_in"]),
            ),
            models.Index(
                fields=["checked_in_at", "id"],
                name="visit_with_position",
                condition=Q(latitude__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=VisitState.values),
                name="visit_state_is_known",
                violation_error_code="state_unknown",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "missed"], checked_in_at=None, arrived_at=None)
                | Q(
                    state__in=["checked_in", "checked_out"],
                    checked_in_at__isnull=False,
                    arrived_at__isnull=False,
                )
                | ~Q(state__in=["planned", "missed", "checked_in", "checked_out"]),
                name="visit_begun_says_when",
                violation_error_code="check_in_needs_time",
                violation_error_message=_("A visit that has begun says when."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state="checked_out",
                    checked_out_at__isnull=False,
                    left_at__isnull=False,
                    activity__isnull=False,
                )
                | (~Q(state="checked_out") & Q(checked_out_at=None, left_at=None, activity=None)),
                name="visit_done_says_what_came_of_it",
                violation_error_code="check_out_needs_outcome",
                violation_error_message=_("A visit that is over says what came of it."),
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=models.F("arrived_at")),
                name="visit_ends_after_it_begins",
                violation_error_code="left_before_arrival",
                violation_error_message=_("Nobody leaves before they arrive."),
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_because=""),
                name="visit_cancelled_says_why",
                violation_error_code="cancel_needs_reason",
                violation_error_message=_("Say why the visit is cancelled."),
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None, accuracy_m=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="visit_position_is_whole",
                violation_error_code="point_incomplete",
                violation_error_message=_("Give both latitude and longitude, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(distance_m=None)
                | Q(distance_m__lte=models.F("radius_m"))
                | Q(radius_m__isnull=False, outside_reason__gt=""),
                name="visit_outside_says_why",
                violation_error_code="outside_needs_reason",
                violation_error_message=_("You are too far from the outlet; say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.planned_for}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_VISITS


class VisitPhotoQuerySet(RowQuerySet["VisitPhoto"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visit__in=Visit.objects.order_by().visible_to(user))


class VisitPhoto(Fact):
    """A photo of a visit. The same picture sent twice is one photo; six are enough."""

    visit = models.ForeignKey(
        Visit,
        verbose_name=_("visit"),
        on_delete=models.CASCADE,
        related_name="photos",
        db_index=False,
    )
    file = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("file"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    """Of the picture as the phone sent it."""
    place = models.PositiveSmallIntegerField(_("place"))
    """From 1 to 6, in the order in which they came."""
    added_at = models.DateTimeField(_("added at"))

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit photo")
        verbose_name_plural = _("visit photos")
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(
                "visit",
                "sha256",
                name="visit_photo_once",
                violation_error_code="photo_exists",
                violation_error_message=_("This visit has this photo already."),
            ),
            models.UniqueConstraint(
                "visit",
                "place",
                name="visit_photo_place_once",
                violation_error_code="photo_place_taken",
                violation_error_message=_("Another photo came first. Please try again."),
            ),
            models.CheckConstraint(
                condition=Q(place__gte=1, place__lte=MOST_PHOTOS),
                name="visit_photo_six_at_most",
                violation_error_code="too_many_photos",
                violation_error_message=_("A visit has six photos at the most."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} · {self.place}"


class PositionConsentQuerySet(RowQuerySet["PositionConsent"]):
    def visible_to(self, user: User) -> Self:
        """One's own."""
        return self.filter(user=user)

    def standing(self) -> Self:
        """Given and not withdrawn."""
        return self.filter(withdrawn_at=None)


class PositionConsent(Row):
    """What a colleague agreed to: that a coarse position is kept with their check-ins."""

    user = models.ForeignKey(
        "crm.User",
        verbose_name=_("colleague"),
        on_delete=models.CASCADE,
        related_name="position_consents",
        db_index=False,
    )
    text_version = models.CharField(_("version of the text"), max_length=20)
    given_at = models.DateTimeField(_("given at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = PositionConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent to position")
        verbose_name_plural = _("consents to position")
        ordering = ["-given_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-given_at", "-id"], name="position_consent_of_user")
        ]
        constraints = [
            models.UniqueConstraint(
                "user",
                name="position_consent_one_standing",
                condition=Q(withdrawn_at=None),
                violation_error_code="consent_given_already",
                violation_error_message=_("You have agreed already."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=models.F("given_at")),
                name="position_consent_withdrawn_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.text_version}"


@shown_through
def visit_photos(user: User) -> models.QuerySet[VisitPhoto, object]:
    """The photos of the visits that a person may know of."""
    return VisitPhoto.objects.visible_to(user).order_by().values_list("file_id", flat=True)
