"""What the API takes about objections and plays: shapes only; the verbs decide."""

from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Moment, Words
from leads.models import ActivityKind, AttemptOutcome, ObjectionReason, SubReason
from merchants.models import CategoryGroup


class ObjectionIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True)
    activity = Id(
        required=False,
        allow_null=True,
        help_text="The conversation; if absent, one of this kind is logged",
    )
    kind = Choice(ActivityKind.choices, required=False)
    occurred_at = Moment(required=False, allow_null=True)
    pain = Id(required=False, allow_null=True)
    merchant_words = Words(max_length=2000)
    declared_reason = Choice(ObjectionReason.choices)
    sub_reason = Choice(SubReason.choices, required=False, allow_blank=True)
    names_other_problem = Flag(required=False)


class DiagnoseIn(Input):
    declared_reason = Choice(ObjectionReason.choices, required=False, allow_blank=True)
    sub_reason = Choice(SubReason.choices)
    because = Words(required=False, allow_blank=True, max_length=2000)


class HandleIn(Input):
    id = ClientId()
    play = Id()
    activity = Id(required=False, allow_null=True)
    notes = Words(required=False, allow_blank=True, max_length=2000)


class OutcomeIn(Input):
    outcome = Choice(AttemptOutcome.choices)
    notes = Words(required=False, allow_blank=True, max_length=2000)


class ResolveIn(Input):
    cell = Id(required=False, allow_null=True, help_text="A complete confirm cell")
    follow_up = Id(required=False, allow_null=True)
    commitment = Words(required=False, allow_blank=True, max_length=2000)
    commitment_on = Day(required=False, allow_null=True)
    activity = Id(required=False, allow_null=True, help_text="The conversation in which it was")
    because = Words(required=False, allow_blank=True, max_length=2000)


class DeferIn(Input):
    until = Day()
    because = Words(required=False, allow_blank=True, max_length=2000)


class ObjectionBecauseIn(Input):
    because = Words(max_length=2000)


class _PlayTexts(Input):
    title_en = Line(max_length=100, required=False)
    title_zh = Line(max_length=100, required=False)
    phrases_en = Words(max_length=2000, required=False, allow_blank=True)
    phrases_zh = Words(max_length=2000, required=False, allow_blank=True)
    evidence_en = Words(max_length=2000, required=False, allow_blank=True)
    evidence_zh = Words(max_length=2000, required=False, allow_blank=True)
    case_en = Words(max_length=2000, required=False, allow_blank=True)
    case_zh = Words(max_length=2000, required=False, allow_blank=True)
    offer_en = Words(max_length=2000, required=False, allow_blank=True)
    offer_zh = Words(max_length=2000, required=False, allow_blank=True)
    resolved_when_en = Words(max_length=2000, required=False, allow_blank=True)
    resolved_when_zh = Words(max_length=2000, required=False, allow_blank=True)
    category_groups = serializers.ListField(
        child=Choice(CategoryGroup.choices), required=False, max_length=len(CategoryGroup)
    )


class PlayIn(_PlayTexts):
    id = ClientId()
    code = Line(max_length=12)
    reason = Choice(ObjectionReason.choices)
    sub_reason = Choice(SubReason.choices, required=False, allow_blank=True)
    title_en = Line(max_length=100)
    title_zh = Line(max_length=100)


class PlayPatch(_PlayTexts):
    pass
