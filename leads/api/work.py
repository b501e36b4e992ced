"""Endpoints about the day's work: activities and follow-ups."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of, moment_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from crm.locking import known
from leads.api import due_inputs, inputs
from leads.api.shapes import ACTIVITY, FOLLOW_UP
from leads.domain import activities, follow_ups
from leads.models import Activity, ActivityKind, ActivityOutcome, FollowUp, FollowUpState
from merchants.api.views import OWNER

_MERCHANT = Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of)
_LEAD = Filter(lambda rows, value, user: rows.filter(lead=value), parse=id_of)

ACTIVITIES = Listing(
    ACTIVITY,
    orderings=("occurred_at",),
    filters={
        "merchant": _MERCHANT,
        "lead": _LEAD,
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values),
            parse=ActivityKind,
            repeated=True,
        ),
        "outcome_code": Filter(
            lambda rows, values, user: rows.filter(outcome_code__in=values),
            parse=ActivityOutcome,
            repeated=True,
        ),
    },
)
FOLLOW_UPS = Listing(
    FOLLOW_UP,
    orderings=("+due_at",),
    filters={
        "merchant": _MERCHANT,
        "lead": _LEAD,
        "owner": OWNER,
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=FollowUpState,
            repeated=True,
        ),
        "due_before": Filter(
            lambda rows, value, user: rows.filter(due_at__lt=value), parse=moment_of
        ),
    },
)


class ActivityList(Door):
    shape = ACTIVITY
    takes_parameters = True

    @schema.lists("activities_list", "What was done", ACTIVITIES, tag="activities")
    def get(self, request: Request) -> HttpResponse:
        return ACTIVITIES.answer(request, Activity.objects.visible_to(self.user), self.user)

    @schema.writes(
        "activities_create",
        "Write down what was done",
        ACTIVITY,
        tag="activities",
        body=inputs.ActivityIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "kind": "visit",
            "summary": "见到店长,工作日晚市空台多。",
            "occurred_at": "2026-11-18T15:30:00+08:00",
            "outcome_code": "decision_maker_met",
            "mood": 1,
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.ActivityIn)
        activity = activities.log(
            self.new_id(values),
            values.pop("merchant"),
            lead_id=values.pop("lead", None),
            by=self.user,
            at=self.now(),
            **values,
        )
        return self.show(Activity.objects.all(), activity.pk, status=201, row=activity)


class ActivityOne(OneDoor):
    shape = ACTIVITY
    model = Activity

    @schema.reads("activities_read", "One activity", ACTIVITY, tag="activities")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "activities_correct",
        "Put right what one wrote down",
        ACTIVITY,
        tag="activities",
        body=inputs.ActivityPatch,
        if_match="required",
        example={"outcome_code": "asked_to_wait", "mood": 0},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        """One's own, within a day."""
        version = self.expected_version(required=True)
        values = self.taken(inputs.ActivityPatch, partial=True)
        corrected = activities.correct(pk, values, by=self.user, at=self.now(), version=version)
        return self.show(Activity.objects.all(), pk, row=corrected)


class FollowUpList(Door):
    shape = FOLLOW_UP
    takes_parameters = True

    @schema.lists("follow_ups_list", "What was promised", FOLLOW_UPS, tag="follow-ups")
    def get(self, request: Request) -> HttpResponse:
        return FOLLOW_UPS.answer(request, FollowUp.objects.visible_to(self.user), self.user)

    @schema.writes(
        "follow_ups_create",
        "Promise to come back; a reminder is planned",
        FOLLOW_UP,
        tag="follow-ups",
        body=due_inputs.FollowUpIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "title": "送方案",
            "due_at": "2026-11-20T10:00:00+08:00",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(due_inputs.FollowUpIn)
        follow_up = follow_ups.promise(
            self.new_id(values),
            values.pop("merchant"),
            lead_id=values.pop("lead", None),
            owner=self.user,
            by=self.user,
            at=self.now(),
            **values,
        )
        return self.show(FollowUp.objects.all(), follow_up.pk, status=201, row=follow_up)


class FollowUpOne(OneDoor):
    shape = FOLLOW_UP
    model = FollowUp

    @schema.reads("follow_ups_read", "One follow-up", FOLLOW_UP, tag="follow-ups")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class FollowUpDone(OneDoor):
    shape = FOLLOW_UP
    model = FollowUp

    @schema.writes(
        "follow_ups_done",
        "Done",
        FOLLOW_UP,
        tag="follow-ups",
        body=due_inputs.DoneIn,
        if_match="optional",
        example={"outcome": "店长同意试两周"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(due_inputs.DoneIn)
        done = follow_ups.finish(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(FollowUp.objects.all(), pk, row=done)


class FollowUpSnooze(OneDoor):
    shape = FOLLOW_UP
    model = FollowUp

    @schema.writes(
        "follow_ups_snooze",
        "Put it off",
        FOLLOW_UP,
        tag="follow-ups",
        body=due_inputs.SnoozeIn,
        if_match="optional",
        example={"until": "2026-11-23T10:00:00+08:00"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(due_inputs.SnoozeIn)
        later = follow_ups.snooze(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(FollowUp.objects.all(), pk, row=later)


class FollowUpCancel(OneDoor):
    shape = FOLLOW_UP
    model = FollowUp

    @schema.writes(
        "follow_ups_cancel",
        "No longer needed",
        FOLLOW_UP,
        tag="follow-ups",
        body=due_inputs.CancelIn,
        if_match="optional",
        example={"because": "店已搬走"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(due_inputs.CancelIn)
        dropped = follow_ups.drop(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(FollowUp.objects.all(), pk, row=dropped)


class FollowUpHandOver(OneDoor):
    shape = FOLLOW_UP
    model = FollowUp

    @schema.writes(
        "follow_ups_hand_over",
        "Give it to a colleague",
        FOLLOW_UP,
        tag="follow-ups",
        body=due_inputs.HandOverIn,
        if_match="optional",
        example={"owner": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """To somebody who sells at the merchant's unit; they are told."""
        version = self.expected_version(required=False)
        owner_id = self.taken(due_inputs.HandOverIn)["owner"]
        follow_up = self.rows().select_related("merchant").filter(pk=pk).first()
        if follow_up is None:
            raise NotFound(_("There is no such row."))
        owner = known(follow_ups.takers(follow_up.merchant), owner_id, attr="owner")
        handed = follow_ups.hand_over(pk, to=owner, by=self.user, at=self.now(), version=version)
        return self.show(FollowUp.objects.all(), pk, row=handed)
