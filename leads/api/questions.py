"""Endpoints about the words of the needs interview: questions and usual capabilities."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from leads.api import grid_inputs as inputs
from leads.api.grid_shapes import QUESTION, USUAL_CAPABILITY
from leads.domain import questions
from leads.models import CapabilityTemplate, Cell, GridQuestion, QuestionSet
from merchants.api.views import known_merchant

_FOR = Filter(
    lambda rows, values, user: rows.written_for(*values), parse=QuestionSet, repeated=True
)
_ACTIVE = Filter(lambda rows, value, user: rows.filter(active=value), parse=flag_of)
QUESTIONS = Listing(
    QUESTION,
    orderings=("+created_at",),
    filters={
        "question_set": _FOR,
        "cell": Filter(
            lambda rows, values, user: rows.filter(cell__in=values), parse=Cell, repeated=True
        ),
        "active": _ACTIVE,
    },
)
CAPABILITIES = Listing(
    USUAL_CAPABILITY,
    orderings=("+created_at",),
    filters={"question_set": _FOR, "active": _ACTIVE},
)


class QuestionList(Door):
    shape = QUESTION
    takes_parameters = True

    @schema.lists(
        "grid_questions_list", "The questions of the interview", QUESTIONS, tag="needs interview"
    )
    def get(self, request: Request) -> HttpResponse:
        return QUESTIONS.answer(request, GridQuestion.objects.visible_to(self.user), self.user)

    @schema.writes(
        "grid_questions_create",
        "Add a question",
        QUESTION,
        tag="needs interview",
        body=inputs.QuestionIn,
        status=201,
        example={
            "question_set": "restaurant",
            "cell": "R1",
            "position": 2,
            "text_en": "Which evenings are the worst?",
            "text_zh": "哪几个晚上最冷清?",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.QuestionIn)
        made = questions.write(self.new_id(values), by=self.user, at=self.now(), **values)
        return self.show(GridQuestion.objects.all(), made.pk, status=201, row=made)


class QuestionOne(OneDoor):
    shape = QUESTION
    model = GridQuestion

    @schema.reads("grid_questions_read", "One question", QUESTION, tag="needs interview")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "grid_questions_change",
        "Reword a question, or put it out of use",
        QUESTION,
        tag="needs interview",
        body=inputs.QuestionPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(inputs.QuestionPatch)
        row = questions.reword(pk, values, by=self.user, at=self.now(), version=version)
        return self.show(GridQuestion.objects.all(), pk, row=row)


class CapabilityList(Door):
    shape = USUAL_CAPABILITY
    takes_parameters = True

    @schema.lists(
        "usual_capabilities_list",
        "What shops of a kind usually want",
        CAPABILITIES,
        tag="needs interview",
    )
    def get(self, request: Request) -> HttpResponse:
        rows = CapabilityTemplate.objects.visible_to(self.user)
        return CAPABILITIES.answer(request, rows, self.user)


class CapabilityOne(OneDoor):
    shape = USUAL_CAPABILITY
    model = CapabilityTemplate

    @schema.reads(
        "usual_capabilities_read", "One usual capability", USUAL_CAPABILITY, tag="needs interview"
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "usual_capabilities_change",
        "Change a usual capability",
        USUAL_CAPABILITY,
        tag="needs interview",
        body=inputs.UsualCapabilityPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(inputs.UsualCapabilityPatch)
        row = questions.reword_capability(pk, values, by=self.user, at=self.now(), version=version)
        return self.show(CapabilityTemplate.objects.all(), pk, row=row)


class QuestionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    text = serializers.CharField(help_text="In the language of Accept-Language")
    text_en = serializers.CharField()
    text_zh = serializers.CharField()


class CellQuestionsOut(serializers.Serializer[Any]):
    cell = serializers.ChoiceField(Cell.choices)
    name = serializers.CharField(help_text="In the language of Accept-Language")
    questions = QuestionOut(many=True)


class MerchantQuestionsOut(serializers.Serializer[Any]):
    """The nine cells with what to ask in each, for this kind of shop."""

    question_set = serializers.ChoiceField(QuestionSet.choices)
    cells = CellQuestionsOut(many=True)


class MerchantQuestions(Door):
    @schema.reads(
        "merchants_questions",
        "What to ask this merchant",
        MerchantQuestionsOut,
        tag="needs interview",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        chosen = questions.set_for(known_merchant(self, pk))
        return answer(
            {
                "question_set": chosen,
                "cells": [
                    {
                        "cell": cell,
                        "name": str(cell.label),
                        "questions": [
                            {
                                "id": one.pk,
                                "text": one.text,
                                "text_en": one.text_en,
                                "text_zh": one.text_zh,
                            }
                            for one in found
                        ],
                    }
                    for cell, found in questions.by_cell(chosen).items()
                ],
            }
        )
