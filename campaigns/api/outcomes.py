"""Endpoints about outcomes: what campaigns brought, and the card fees it is reckoned with."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.api import outcome_inputs as inputs
from campaigns.api.outcome_shapes import FEE_SCHEDULE, OUTCOME
from campaigns.domain import control_groups, fee_schedules, outcome_filing
from campaigns.models import Campaign, CampaignOutcome, FeeSchedule, OutcomeMethod
from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound

OUTCOMES = Listing(
    OUTCOME,
    orderings=("created_at", "measured_last"),
    filters={
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "method": Filter(
            lambda rows, values, user: rows.filter(method__in=values),
            parse=OutcomeMethod,
            repeated=True,
        ),
        "everybody_wins": Filter(
            lambda rows, value, user: rows.filter(everybody_wins=value), parse=flag_of
        ),
        "concluded": Filter(
            lambda rows, value, user: rows.filter(concluded_at__isnull=not value), parse=flag_of
        ),
    },
)
FEE_SCHEDULES = Listing(FEE_SCHEDULE, orderings=("effective_from",), filters={})


class OutcomeList(Door):
    shape = OUTCOME
    takes_parameters = True

    @schema.lists("outcomes_list", "Outcomes of your campaigns", OUTCOMES, tag="outcomes")
    def get(self, request: Request) -> HttpResponse:
        return OUTCOMES.answer(request, CampaignOutcome.objects.visible_to(self.user), self.user)


class _OfCampaign(OneDoor):
    shape = OUTCOME
    model = CampaignOutcome

    def shown(self, outcome: CampaignOutcome, *, status: int = 200) -> HttpResponse:
        rows = CampaignOutcome.objects.all()
        return self.show(rows, outcome.pk, status=status, row=outcome)


class CampaignOutcomeOne(_OfCampaign):
    @schema.reads("outcome_read", "What a campaign brought", OUTCOME, tag="outcomes")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found = self.rows().filter(campaign=pk).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound(_("There is no such row."))
        return self.show(self.rows(), found)

    @schema.writes(
        "outcome_begin",
        "Begin to measure a campaign",
        OUTCOME,
        tag="outcomes",
        body=inputs.CampaignOutcomeIn,
        status=201,
        example={"control_because": "同商圈同类商户"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.CampaignOutcomeIn)
        outcome_id = self.new_id(values)
        begun = outcome_filing.begin(
            outcome_id, pk, changes=inputs.changes_of(values), by=self.user, at=self.now()
        )
        return self.shown(begun, status=201)

    @schema.writes(
        "outcome_file",
        "File figures, periods or the control group",
        OUTCOME,
        tag="outcomes",
        body=inputs.OutcomePatch,
        if_match="required",
        example={"test_before": 600, "test_after": 1000, "source": "收单系统日报"},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        changes = inputs.changes_of(self.taken(inputs.OutcomePatch))
        filed = outcome_filing.file(pk, changes, by=self.user, at=self.now(), version=version)
        return self.shown(filed)


class CampaignOutcomeSales(_OfCampaign):
    @schema.writes(
        "outcome_take_sales",
        "Take the sales of both groups from the days of sales on file",
        OUTCOME,
        tag="outcomes",
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        return self.shown(
            outcome_filing.take_sales(pk, by=self.user, at=self.now(), version=version)
        )


class CampaignOutcomeReckon(_OfCampaign):
    @schema.writes(
        "outcome_reckon",
        "Reckon with the redemptions as they are now",
        OUTCOME,
        tag="outcomes",
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        return self.shown(
            outcome_filing.reckon_again(pk, by=self.user, at=self.now(), version=version)
        )


class CampaignOutcomeConclude(_OfCampaign):
    @schema.writes(
        "outcome_conclude",
        "Say what follows from it; figures and result stay as they are",
        OUTCOME,
        tag="outcomes",
        body=inputs.ConclusionIn,
        if_match="optional",
        example={"conclusion": "三方共赢,明年续做"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.ConclusionIn)
        return self.shown(
            outcome_filing.conclude(pk, by=self.user, at=self.now(), version=version, **values)
        )


class CampaignOutcomeReopen(_OfCampaign):
    @schema.writes(
        "outcome_reopen",
        "Open a concluded outcome again",
        OUTCOME,
        tag="outcomes",
        body=inputs.ClaimBecauseIn,
        if_match="optional",
        example={"because": "对照组有误"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.ClaimBecauseIn)
        return self.shown(
            outcome_filing.reopen(pk, by=self.user, at=self.now(), version=version, **values)
        )


class _SuggestedOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    category = serializers.CharField()
    division = serializers.CharField()
    size_ratio = serializers.DecimalField(
        max_digits=12, decimal_places=2, allow_null=True, help_text="1.00: of the same size"
    )


class ControlSuggestionsOut(serializers.Serializer[Any]):
    results = _SuggestedOut(many=True)


class ControlSuggestions(Door):
    @schema.reads(
        "outcome_control_suggestions",
        "Merchants that could be the control group, the most alike first",
        ControlSuggestionsOut,
        tag="outcomes",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        campaign = Campaign.objects.visible_to(self.user).filter(pk=pk).first()
        if campaign is None:
            raise NotFound(_("There is no such row."))
        outcome = CampaignOutcome.objects.filter(campaign=campaign).first()
        found = control_groups.suggest(
            campaign,
            first=outcome.baseline_first if outcome else campaign.starts_on,
            last=outcome.measured_last if outcome else campaign.ends_on,
            by=self.user,
        )
        return answer(
            {
                "results": [
                    {
                        "id": one.merchant.pk,
                        "name": one.merchant.name,
                        "category": one.merchant.category_id,
                        "division": one.merchant.division_id,
                        "size_ratio": None if one.size_ratio is None else str(one.size_ratio),
                    }
                    for one in found
                ]
            }
        )


class FeeScheduleList(Door):
    shape = FEE_SCHEDULE
    takes_parameters = True

    @schema.lists("fee_schedules_list", "Card fees by day", FEE_SCHEDULES, tag="outcomes")
    def get(self, request: Request) -> HttpResponse:
        return FEE_SCHEDULES.answer(request, FeeSchedule.objects.visible_to(self.user), self.user)

    @schema.writes(
        "fee_schedules_create",
        "File the card fees that apply from a day on",
        FEE_SCHEDULE,
        tag="outcomes",
        body=inputs.FeeScheduleIn,
        status=201,
        example={
            "effective_from": "2027-01-01",
            "issuer_credit": 4500,
            "issuer_debit": 3500,
            "issuer_debit_cap": "13.00",
            "network_each_side": 325,
            "network_cap": "3.25",
            "source": "发改价格〔2016〕557号",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.FeeScheduleIn)
        schedule_id = self.new_id(values)
        made = fee_schedules.announce(
            schedule_id,
            effective_from=values["effective_from"],
            table=inputs.table_of(values),
            source=values["source"],
            by=self.user,
            at=self.now(),
        )
        return self.show(FeeSchedule.objects.all(), made.pk, status=201, row=made)


class FeeScheduleWithdraw(Door):
    shape = FEE_SCHEDULE

    @schema.writes(
        "fee_schedules_withdraw",
        "Take back a schedule that has not begun yet",
        FEE_SCHEDULE,
        tag="outcomes",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        taken_back = fee_schedules.withdraw(pk, by=self.user, at=self.now())
        return self.show(FeeSchedule.objects.all(), pk, row=taken_back)
