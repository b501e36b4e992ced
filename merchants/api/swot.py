"""Endpoints about SWOT analyses, their features and facts."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing, bad_parameter
from crm.api.views import Door, OneDoor, once
from merchants.api import insight_inputs as inputs
from merchants.api.insight_shapes import ANALYSIS, ANALYSIS_WITH_PARTS, FACT, FEATURE
from merchants.domain import comparing, swot
from merchants.models import CategoryGroup, SwotAnalysis, SwotFact, SwotFactKind, SwotFeature

ANALYSES = Listing(
    ANALYSIS,
    orderings=("created_at",),
    filters={
        "rival": Filter(lambda rows, value, user: rows.filter(rival=value), parse=id_of),
        "category_group": Filter(
            lambda rows, values, user: rows.filter(category_group__in=values),
            parse=CategoryGroup,
            repeated=True,
        ),
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
    },
)


class PairOut(serializers.Serializer[Any]):
    """A feature met with an outside fact, and what to say of it."""

    feature = serializers.CharField()
    fact = serializers.CharField()
    score = serializers.IntegerField()
    text = serializers.CharField(help_text="In the language of Accept-Language")


class PairsOut(serializers.Serializer[Any]):
    SO = PairOut(many=True)
    WO = PairOut(many=True)
    ST = PairOut(many=True)
    WT = PairOut(many=True)


class SwotDetail(ANALYSIS_WITH_PARTS.serializer):  # type: ignore[misc,name-defined]
    """An analysis with its features and facts, the pairs, and the three SO pairs to put forward."""

    pairs = PairsOut()
    best = PairOut(many=True)


def with_pairs(answers: list[str]) -> Callable[[str], bytes]:
    """Adds the pairs to an analysis; with `answers`, only of features that answer one of them."""

    def finish(text: str) -> bytes:
        row = orjson.loads(text)
        features = [
            swot.Feature(one["name"], one["difference"], one["importance"], tuple(one["answers"]))
            for one in row["features"]
        ]
        facts = [
            swot.OutsideFact(
                SwotFactKind(one["kind"]),
                one["statement"],
                date.fromisoformat(one["dated"]),
                one["weight"],
            )
            for one in row["facts"]
        ]
        found = swot.pairs(features, facts, answers=answers)
        rival = row["rival"]["short_name"]
        row["pairs"] = {
            str(kind): [_described(pair, rival) for pair in some] for kind, some in found.items()
        }
        row["best"] = row["pairs"]["SO"][: swot.SHOWN_PAIRS]
        return orjson.dumps(row)

    return finish


def _described(pair: swot.Pair, rival: str) -> dict[str, Any]:
    return {
        "feature": pair.feature.name,
        "fact": pair.fact.statement,
        "score": pair.score,
        "text": swot.sentence(pair, rival=rival),
    }


class SwotList(Door):
    shape = ANALYSIS
    takes_parameters = True

    @schema.lists("swot_list", "SWOT analyses that you may know of", ANALYSES, tag="swot")
    def get(self, request: Request) -> HttpResponse:
        return ANALYSES.answer(request, SwotAnalysis.objects.visible_to(self.user), self.user)

    @schema.writes(
        "swot_create",
        "Begin to compare a package of ours with a rival's",
        ANALYSIS,
        tag="swot",
        body=inputs.SwotIn,
        status=201,
        example={
            "rival": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "category_group": "dining",
            "package": "周末满200减50,银行出六成",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.SwotIn)
        analysis = comparing.begin(self.new_id(values), by=self.user, at=self.now(), **values)
        return self.show(SwotAnalysis.objects.all(), analysis.pk, status=201, row=analysis)


class SwotOne(OneDoor):
    shape = ANALYSIS
    model = SwotAnalysis
    takes_parameters = True

    @schema.reads(
        "swot_read",
        "One SWOT analysis with its features, facts and pairs",
        SwotDetail,
        tag="swot",
        of_one=True,
        parameters=[
            OpenApiParameter(
                "answers",
                str,
                many=True,
                description="Only pairs of features that answer one of these capabilities",
            ),
            schema.ETAG,
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        for name in request.query_params:
            if name != "answers":
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
        answers = request.query_params.getlist("answers")
        return self.show(self.rows(), pk, shape=ANALYSIS_WITH_PARTS, finish=with_pairs(answers))

    @schema.writes(
        "swot_change",
        "Say anew which package is compared",
        ANALYSIS,
        tag="swot",
        body=inputs.SwotPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        analysis = comparing.rename_package(
            pk, by=self.user, at=self.now(), version=version, **self.taken(inputs.SwotPatch)
        )
        return self.show(SwotAnalysis.objects.all(), pk, row=analysis)


class FeatureList(Door):
    shape = FEATURE

    @schema.writes(
        "swot_features_create",
        "Add a feature",
        FEATURE,
        tag="swot",
        body=inputs.FeatureIn,
        status=201,
        example={"name": "结算T+1", "difference": 2, "importance": 4, "answers": ["回款快"]},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.FeatureIn)
        feature = comparing.add_feature(
            self.new_id(values), pk, by=self.user, at=self.now(), **values
        )
        return self.show(SwotFeature.objects.all(), feature.pk, status=201, row=feature)


class FeatureOne(OneDoor):
    shape = FEATURE
    model = SwotFeature

    @schema.writes(
        "swot_features_change",
        "Score a feature anew",
        FEATURE,
        tag="swot",
        body=inputs.FeaturePatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        feature = comparing.change_feature(
            pk, self.taken(inputs.FeaturePatch), by=self.user, at=self.now(), version=version
        )
        return self.show(SwotFeature.objects.all(), pk, row=feature)


class FeatureRemove(OneDoor):
    shape = FEATURE
    model = SwotFeature

    @schema.writes(
        "swot_features_remove", "Take a feature out", FEATURE, tag="swot", if_match="optional"
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        feature = comparing.remove_feature(
            pk, by=self.user, at=self.now(), version=self.expected_version(required=False)
        )
        return self.show(SwotFeature.objects.all(), pk, row=feature)


class FactList(Door):
    shape = FACT

    @schema.writes(
        "swot_facts_create",
        "Add an opportunity or a threat",
        FACT,
        tag="swot",
        body=inputs.FactIn,
        status=201,
        example={
            "kind": "opportunity",
            "statement": "商圈夜经济补贴到年底",
            "dated": "2026-10-08",
            "source": "区商务委公告",
            "weight": 4,
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.FactIn)
        fact = comparing.add_fact(self.new_id(values), pk, by=self.user, at=self.now(), **values)
        return self.show(SwotFact.objects.all(), fact.pk, status=201, row=fact)


class FactOne(OneDoor):
    shape = FACT
    model = SwotFact

    @schema.writes(
        "swot_facts_change",
        "Correct an outside fact",
        FACT,
        tag="swot",
        body=inputs.FactPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        fact = comparing.change_fact(
            pk, self.taken(inputs.FactPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(SwotFact.objects.all(), pk, row=fact)


class FactRemove(OneDoor):
    shape = FACT
    model = SwotFact

    @schema.writes(
        "swot_facts_remove", "Take an outside fact out", FACT, tag="swot", if_match="optional"
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        fact = comparing.remove_fact(
            pk, by=self.user, at=self.now(), version=self.expected_version(required=False)
        )
        return self.show(SwotFact.objects.all(), pk, row=fact)
