"""Endpoints about leads."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of, moment_of
from crm.api.pages import Filter, Listing, bad_parameter
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from crm.locking import known
from crm.models import Role, User
from leads.api import inputs
from leads.api.shapes import LEAD, LEAD_WITH_TIMELINE
from leads.domain import pipeline, staleness
from leads.models import Lead, LeadSource, Stage
from merchants.api.partnerships import DAY, day_of
from merchants.api.timeline import TIMELINE, TimelineEntryOut, with_sentences
from merchants.api.views import OWNER, SEARCH, UNIT
from merchants.models import TimelineEntry


def _yes(text: str) -> bool:
    """A switch that is only ever on."""
    if text != "yes":
        raise ValueError(text)
    return True


LEADS = Listing(
    LEAD,
    orderings=("created_at", "updated_at", "last_activity_at", "stage_entered_at", "score_order"),
    filters={
        "stage": Filter(
            lambda rows, values, user: rows.in_stage(values),
            parse=Stage,
            repeated=True,
            description="Repeat it for OR",
        ),
        "owner": OWNER,
        "unit": UNIT,
        "q": SEARCH,
        "next_follow_up_before": Filter(
            lambda rows, value, user: rows.filter(next_follow_up_at__lt=value), parse=moment_of
        ),
        "quiet_since": Filter(lambda rows, value, user: rows.quiet_since(value), parse=moment_of),
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "source": Filter(
            lambda rows, values, user: rows.filter(source__in=values),
            parse=LeadSource,
            repeated=True,
        ),
        "signing_before": Filter(
            lambda rows, value, user: rows.open().signing_before(value),
            parse=day_of,
            pattern=DAY,
            description="A day; open leads whose signature was expected before it",
        ),
        "stale": Filter(
            lambda rows, value, user: staleness.stale_now(rows, at=timezone.now()),
            parse=_yes,
            pattern="^yes$",
            description="yes: without activity, and too long in the stage",
        ),
    },
)


class LeadList(Door):
    shape = LEAD
    takes_parameters = True

    @schema.lists("leads_list", "Leads that you may know of", LEADS, tag="leads")
    def get(self, request: Request) -> HttpResponse:
        return LEADS.answer(request, Lead.objects.visible_to(self.user), self.user)

    @schema.writes(
        "leads_create",
        "Begin to pursue a merchant",
        LEAD,
        tag="leads",
        body=inputs.LeadIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "source": "field",
            "expected_value": "48000.00",
            "expected_signing_on": "2027-01-29",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.LeadIn)
        lead = pipeline.open_lead(
            self.new_id(values),
            values.pop("merchant"),
            owner=self.user if self.user.scope.holds(Role.REP) else None,
            by=self.user,
            at=self.now(),
            **values,
        )
        return self.show(Lead.objects.all(), lead.pk, status=201, row=lead)


class LeadDetail(LEAD.serializer):  # type: ignore[misc,name-defined]
    """A lead, with the newest of its timeline where that was asked for."""

    timeline = TimelineEntryOut(many=True, required=False)


class LeadOne(OneDoor):
    shape = LEAD
    model = Lead
    takes_parameters = True

    @schema.reads(
        "leads_read",
        "One lead, with its newest timeline on request",
        LeadDetail,
        tag="leads",
        of_one=True,
        parameters=[OpenApiParameter("expand", str, enum=["timeline"]), schema.ETAG],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        for name, value in request.query_params.items():
            if name != "expand":
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
            if value != "timeline":
                raise bad_parameter(
                    name,
                    "parameter_invalid",
                    _("“%(name)s” does not have a valid value.") % {"name": name},
                )
        if request.query_params:
            return self.show(self.rows(), pk, shape=LEAD_WITH_TIMELINE, finish=with_sentences)
        return self.show(self.rows(), pk)

    @schema.writes(
        "leads_change",
        "Correct a lead",
        LEAD,
        tag="leads",
        body=inputs.LeadPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        lead = pipeline.correct(
            pk, self.taken(inputs.LeadPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(Lead.objects.all(), pk, row=lead)


class LeadAssign(OneDoor):
    shape = LEAD
    model = Lead

    @schema.writes(
        "leads_assign",
        "Give a lead to a colleague",
        LEAD,
        tag="leads",
        body=inputs.AssignIn,
        example={"owner": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        owner = known(
            User.objects.visible_to(self.user), self.taken(inputs.AssignIn)["owner"], attr="owner"
        )
        lead = pipeline.assign(pk, to=owner, by=self.user, at=self.now())
        return self.show(Lead.objects.all(), pk, row=lead)


class LeadTimeline(Door):
    takes_parameters = True

    @schema.lists(
        "leads_timeline",
        "What happened with the lead's merchant",
        TIMELINE,
        tag="leads",
        row=TimelineEntryOut,
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead = Lead.objects.visible_to(self.user).only("merchant_id").filter(pk=pk).first()
        if lead is None:
            raise NotFound(_("There is no such row."))
        entries = TimelineEntry.objects.filter(merchant=lead.merchant_id)
        return TIMELINE.answer(request, entries, self.user)
