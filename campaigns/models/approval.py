"""Whether a campaign may be: who asked, who agreed, and on whose behalf.

Maker and checker are never one person. The database keeps it: every step carries the people who
made what is to be approved, and neither the one who decides nor the one on whose behalf it is
decided is among them.
"""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.approval_tier import ApprovalTier
from campaigns.models.campaign import Campaign
from crm.models import Membership, Role, Row, RowQuerySet, User


class ApprovalKind(models.TextChoices):
    """What is to be approved."""

    LAUNCH = "launch", pgettext_lazy("approval", "Launch")
    AMENDMENT = "amendment", pgettext_lazy("approval", "Amendment")


class ApprovalState(models.TextChoices):
    """What has become of a request."""

    WAITING = "waiting", pgettext_lazy("approval", "Waiting")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    RETURNED = "returned", pgettext_lazy("approval", "Returned")
    WITHDRAWN = "withdrawn", pgettext_lazy("approval", "Withdrawn")


class ApprovalDecision(models.TextChoices):
    """What somebody said at a step."""

    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    RETURNED = "returned", pgettext_lazy("approval", "Returned")


class ApprovalRequestQuerySet(RowQuerySet["ApprovalRequest"]):
    def visible_to(self, user: User) -> Self:
        """The requests for campaigns that one may know of."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(campaign__in=Campaign.objects.order_by().visible_to(user))

    def waiting(self) -> Self:
        return self.filter(state=ApprovalState.WAITING)

    def for_roles_of(self, user: User) -> Self:
        """Those whose present step somebody's own roles may decide."""
        mine = Q(pk__in=[])
        for role, units in user.scope.below.items():
            mine |= Q(waits_for=role, campaign__unit__any_of=units)
        return self.waiting().filter(mine)

    def decidable_by(self, user: User, on: date) -> Self:
        """Those that wait for this person's word on a day: by an own role, or for a colleague who
        handed the approvals over; never what the person or that colleague made."""
        rows = self.waiting().exclude(makers__contains=[user.pk])
        mine = self.for_roles_of(user).values("pk")
        theirs = [
            Q(pk__in=self.for_roles_of(one.principal).values("pk"))
            & ~Q(makers__contains=[one.principal_id])
            for one in Delegation.objects.held_by(user, on)
        ]
        wanted = Q(pk__in=mine)
        for one in theirs:
            wanted |= one
        return rows.filter(wanted)


class ApprovalRequest(Row):
    """One round of asking: for these terms of this campaign, by this tier. Returned and corrected,
    a campaign asks again in the next round."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.CASCADE,
        related_name="approval_requests",
        db_index=False,
    )
    round = models.PositiveIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=10, choices=ApprovalKind)
    version_number = models.PositiveIntegerField(_("version of the terms"))
    amount_fen = models.BigIntegerField(_("amount"))
    """In fen, the budget of all parties together, by which the tier was chosen."""
    tier = models.ForeignKey(
        ApprovalTier,
        verbose_name=_("approval tier"),
        on_delete=models.PROTECT,
        related_name="requests",
    )
    requested_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("requested by"),
        on_delete=models.PROTECT,
        related_name="approval_requests",
    )
    makers = ArrayField(models.UUIDField(), verbose_name=_("made by"))
    """Who submitted, planned or wrote what is to be approved; none of them decides."""
    said = models.CharField(_("said with it"), max_length=2000, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ApprovalState, default=ApprovalState.WAITING
    )
    waits_for = models.CharField(_("waits for"), max_length=20, choices=Role, blank=True)
    """The role of the present step; empty once the request is settled."""
    present_step = models.PositiveSmallIntegerField(_("present step"), default=1)
    requested_at = models.DateTimeField(_("requested at"))
    step_since = models.DateTimeField(_("at this step since"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = ApprovalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="approval_request_newest"),
            models.Index(
                fields=["waits_for", "step_since", "id"],
                name="approval_request_waiting",
                condition=Q(state="waiting"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "campaign",
                "round",
                name="approval_request_once_per_round",
                violation_error_code="approval_round_taken",
                violation_error_message=_("This campaign was submitted by somebody else just now."),
            ),
            models.UniqueConstraint(
                "campaign",
                name="approval_request_one_waiting",
                condition=Q(state="waiting"),
                violation_error_code="approval_waiting",
                violation_error_message=_("This campaign waits for approval already."),
            ),
            models.CheckConstraint(
                condition=Q(makers__contains=[F("requested_by")]),
                name="approval_requester_is_a_maker",
                violation_error_code="approval_makers",
                violation_error_message=_("Who submits a campaign is among those who made it."),
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None) & ~Q(waits_for="")
                | ~Q(state="waiting") & Q(settled_at__isnull=False, waits_for=""),
                name="approval_request_waits_or_is_settled",
                violation_error_code="approval_state",
                violation_error_message=_("A request waits for a role, or it is settled."),
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="approval_request_has_an_amount",
                violation_error_code="approval_amount",
                violation_error_message=_("What is to be approved has an amount above zero."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def is_waiting(self) -> bool:
        return self.state == ApprovalState.WAITING


def _place(column: str) -> Func:
    """Where somebody stands among the makers; none if nowhere."""
    return Func(
        F("makers"), F(column), function="array_position", output_field=models.IntegerField()
    )


class ApprovalStepQuerySet(RowQuerySet["ApprovalStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(request__in=ApprovalRequest.objects.visible_to(user))


class ApprovalStep(Row):
    """One role's word in a round. Once decided it stays; the steps are decided in their order, and
    nobody speaks at two of them."""

    request = models.ForeignKey(
        ApprovalRequest,
        verbose_name=_("approval request"),
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,
    )
    order = models.PositiveSmallIntegerField(_("order"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    makers = ArrayField(models.UUIDField(), verbose_name=_("made by"))
    """Those of the request, kept here so that the row itself can say no to them."""
    decision = models.CharField(_("decision"), max_length=10, choices=ApprovalDecision, blank=True)
    comment = models.CharField(_("comment"), max_length=2000, blank=True)
    decided_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_decisions",
    )
    on_behalf_of = models.ForeignKey(
        "crm.User",
        verbose_name=_("on behalf of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_decisions_by_others",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = ApprovalStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        ordering = ["request", "order"]
        constraints = [
            models.UniqueConstraint(
                "request",
                "order",
                name="approval_step_once",
                violation_error_code="approval_step_exists",
                violation_error_message=_("This step exists already."),
            ),
            models.UniqueConstraint(
                "request",
                "decided_by",
                name="approval_step_one_person",
                violation_error_code="approved_already",
                violation_error_message=_("The same person does not decide two steps."),
            ),
            models.CheckConstraint(
                condition=Q(IsNull(_place("decided_by"), True))
                & Q(IsNull(_place("on_behalf_of"), True)),
                name="approval_maker_is_not_checker",
                violation_error_code="self_approval",
                violation_error_message=_(
                    "Whoever planned or submitted a campaign does not approve it, "
                    "nor does anybody on their behalf."
                ),
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None, on_behalf_of=None)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="approval_step_is_decided_by_somebody",
                violation_error_code="approval_undecided",
                violation_error_message=_("A decision has somebody who made it, and a moment."),
            ),
            models.CheckConstraint(
                condition=~Q(decision="returned") | ~Q(comment=""),
                name="approval_return_says_why",
                violation_error_code="comment_required",
                violation_error_message=_("Say what is to be corrected."),
            ),
            models.CheckConstraint(
                condition=~Q(on_behalf_of=F("decided_by")),
                name="approval_step_not_on_behalf_of_oneself",
                violation_error_code="approval_behalf",
                violation_error_message=_("Nobody decides on behalf of themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_role_display()}"


class DelegationQuerySet(RowQuerySet["Delegation"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those one holds, and those of the people below a node that one oversees."""
        below = Membership.objects.filter(unit__any_of=user.scope.overseen).values("user")
        return self.filter(Q(principal=user) | Q(delegate=user) | Q(principal__in=below))

    def standing(self, on: date) -> Self:
        """Those that hold on a day."""
        return self.filter(ended_at=None, first_day__lte=on, last_day__gte=on)

    def held_by(self, user: User, on: date) -> Self:
        """What others handed to somebody for a day; people who left hand over nothing."""
        return (
            self.standing(on)
            .filter(delegate=user, principal__is_active=True)
            .select_related("principal")
            .order_by("first_day", "id")
        )


class Delegation(Row):
    """Somebody's approvals are a colleague's for some days. What the one may not approve, the
    other may not approve on their behalf; and it goes no further than one hand."""

    principal = models.ForeignKey(
        "crm.User",
        verbose_name=_("approvals of"),
        on_delete=models.CASCADE,
        related_name="delegations_given",
    )
    delegate = models.ForeignKey(
        "crm.User",
        verbose_name=_("delegated to"),
        on_delete=models.CASCADE,
        related_name="delegations_held",
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    because = models.CharField(_("because"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["-first_day", "-id"]
        indexes = [models.Index(fields=["-first_day", "-id"], name="delegation_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="delegation_ends_after_it_starts",
                violation_error_code="delegation_dates",
                violation_error_message=_("A delegation cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=~Q(principal=F("delegate")),
                name="delegation_to_somebody_else",
                violation_error_code="delegation_to_oneself",
                violation_error_message=_("Delegate to somebody else than yourself."),
            ),
            ExclusionConstraint(
                name="delegation_one_at_a_time",
                expressions=[
                    ("principal", RangeOperators.EQUAL),
                    (
                        Func(
                            "first_day",
                            "last_day",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at=None),
                violation_error_code="delegation_overlaps",
                violation_error_message=_("In some of these days you have delegated already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.delegate}"
