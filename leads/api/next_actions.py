"""Endpoints about what to do next with a lead, the ranking of plays and the score."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of, moment_of
from crm.api.pages import Filter, Listing, bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from leads.api import next_inputs as inputs
from leads.api.next_shapes import (
    SCORE_INPUT,
    SUGGESTION,
    LeadScoreOut,
    NextActionsOut,
    RankedPlaysOut,
    SuggestionMetricsOut,
    SuggestionOut,
    one_with_sentence,
    with_sentence,
)
from leads.domain import next_actions, play_ranking, score_standing, scores, suggestion_metrics
from leads.domain.play_words import place_in_words
from leads.models import (
    Decision,
    Lead,
    ObjectionReason,
    Play,
    ScoreInput,
    Suggestion,
    SuggestionOutcome,
    SuggestionRule,
)
from merchants.models.reference import CategoryGroup

_SINCE = Filter(lambda rows, value, user: rows.filter(decided_at__gte=value), parse=moment_of)
_BEFORE = Filter(lambda rows, value, user: rows.filter(decided_at__lt=value), parse=moment_of)
_BY = Filter(
    lambda rows, value, user: rows.filter(decided_by=user if value == "me" else value),
    parse=lambda text: text if text == "me" else id_of(text),
    description="`me` or an id",
)
_UNIT = Filter(
    lambda rows, value, user: rows.filter(lead__unit__ancestors__contains=[value]),
    parse=id_of,
    description="A unit, with all below it",
)

SUGGESTIONS = Listing(
    SUGGESTION,
    orderings=("decided_at",),
    filters={
        "lead": Filter(lambda rows, value, user: rows.filter(lead=value), parse=id_of),
        "rule": Filter(
            lambda rows, values, user: rows.filter(rule__in=values),
            parse=SuggestionRule,
            repeated=True,
        ),
        "decision": Filter(lambda rows, value, user: rows.filter(decision=value), parse=Decision),
        "outcome": Filter(
            lambda rows, values, user: rows.filter(outcome__in=values),
            parse=SuggestionOutcome,
            repeated=True,
        ),
        "decided_by": _BY,
        "unit": _UNIT,
        "since": _SINCE,
        "before": _BEFORE,
    },
    finish=with_sentence,
)
METRICS = Listing(
    SUGGESTION,
    orderings=("decided_at",),
    filters={"decided_by": _BY, "unit": _UNIT, "since": _SINCE, "before": _BEFORE},
)


def known_lead(view: Door, pk: UUID) -> Lead:
    """The lead in the address, or the same 404 as for one that does not exist."""
    found = Lead.objects.visible_to(view.user).select_related("merchant", "owner").filter(pk=pk)
    lead = found.first()
    if lead is None:
        raise NotFound(_("There is no such row."))
    return lead


class LeadNextActions(Door):
    @schema.reads(
        "leads_next_actions",
        "Up to three things to do next with a lead, each with its reason",
        NextActionsOut,
        tag="suggestions",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead, now = known_lead(self, pk), self.now()
        return answer(
            {
                "lead": pk,
                "shown_at": now,
                "suggestions": [_offered(one) for one in next_actions.of(lead, now)],
            }
        )


def _offered(one: next_actions.Offered) -> dict[str, Any]:
    accepted = one.accepted
    return {
        "rule": one.suggested.rule,
        "kind": one.suggested.kind,
        "about": one.suggested.about,
        "weight": one.suggested.weight,
        "text": one.sentence,
        "facts": one.suggested.stored,
        "link": one.suggested.link,
        "accepted": accepted
        and {"id": accepted.pk, "decided_at": accepted.decided_at, "act_by": accepted.act_by},
    }


class _Decided(Door):
    """A decision on a suggestion as it was shown."""

    shape = SUGGESTION

    def decided(
        self, verb: Callable[..., Suggestion], body: Any, pk: UUID, **more: Any
    ) -> HttpResponse:
        values, now = self.taken(body), self.now()
        row = verb(
            self.new_id(values),
            pk,
            shown_at=values.pop("shown_at", now),
            by=self.user,
            at=now,
            **values,
        )
        return self.show(
            Suggestion.objects.all(), row.pk, status=201, row=row, finish=one_with_sentence
        )


class LeadNextActionAccept(_Decided):
    @schema.writes(
        "leads_next_actions_accept",
        "Take a suggestion up, with a follow-up if a due time is sent",
        SUGGESTION,
        tag="suggestions",
        body=inputs.AcceptIn,
        status=201,
        example={
            "rule": "next_cell",
            "about": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "shown_at": "2026-11-18T10:00:00+08:00",
            "due_at": "2026-11-19T14:30:00+08:00",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.decided(next_actions.accept, inputs.AcceptIn, pk)


class LeadNextActionDismiss(_Decided):
    @schema.writes(
        "leads_next_actions_dismiss",
        "Put a suggestion aside for a while",
        SUGGESTION,
        tag="suggestions",
        body=inputs.DismissIn,
        status=201,
        example={
            "rule": "contact_window",
            "about": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "because": "老板只在早上",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.decided(next_actions.dismiss, inputs.DismissIn, pk)


class SuggestionList(Door):
    shape = SUGGESTION
    takes_parameters = True

    @schema.lists(
        "suggestions_list",
        "Suggestions that were decided on, with what came of them",
        SUGGESTIONS,
        tag="suggestions",
        row=SuggestionOut,
    )
    def get(self, request: Request) -> HttpResponse:
        return SUGGESTIONS.answer(request, Suggestion.objects.visible_to(self.user), self.user)


class SuggestionOne(OneDoor):
    shape = SUGGESTION
    model = Suggestion

    @schema.reads(
        "suggestions_read",
        "One suggestion that was decided on",
        SuggestionOut,
        tag="suggestions",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk, finish=one_with_sentence)


class SuggestionMetrics(Door):
    takes_parameters = True

    @schema.reads(
        "suggestions_metrics",
        "How many suggestions were accepted, and acted on",
        SuggestionMetricsOut,
        tag="suggestions",
        parameters=[
            OpenApiParameter("since", str),
            OpenApiParameter("before", str),
            OpenApiParameter("unit", str),
            OpenApiParameter("decided_by", str, description="`me` or an id"),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        rows = METRICS.narrowed(
            Suggestion.objects.visible_to(self.user),
            {name: request.query_params.getlist(name) for name in request.query_params},
            self.user,
        )
        return answer(
            {
                "rules": [
                    {
                        "rule": one.rule,
                        "accepted": one.accepted,
                        "dismissed": one.dismissed,
                        "acceptance": one.acceptance,
                        "acted_on": one.acted_on,
                        "not_acted_on": one.not_acted_on,
                        "pending": one.pending,
                        "action": one.action,
                    }
                    for one in suggestion_metrics.of(rows)
                ]
            }
        )


class LeadScore(Door):
    @schema.reads(
        "leads_score",
        "How well a lead fits, and where every point comes from",
        LeadScoreOut,
        tag="leads",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        standing = score_standing.of(known_lead(self, pk), self.now())
        return answer(
            {
                "lead": pk,
                "score": standing.score,
                "parts": [
                    {
                        "input": one.key,
                        "weight": one.weight,
                        "share": one.share,
                        "points": one.points,
                        "text": one.text,
                    }
                    for one in standing.parts
                ],
                "signals": [
                    {"signal": one.key, "share": one.share, "text": one.text}
                    for one in standing.signals
                ],
                "no_data": [one.key for one in standing.parts if one.share is None],
            }
        )


class LeadScoreInput(Door):
    shape = SCORE_INPUT

    @schema.writes(
        "leads_look_up",
        "Write down what was looked up for the score",
        SCORE_INPUT,
        tag="leads",
        body=inputs.ScoreInputIn,
        example={
            "founded_on": "2019-05-04",
            "penalties": 0,
            "branch_metres": 650,
            "source": "国家企业信用信息公示系统",
            "read_on": "2026-11-18",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        row = scores.look_up(pk, by=self.user, at=self.now(), **self.taken(inputs.ScoreInputIn))
        return self.show(ScoreInput.objects.all(), row.pk, row=row)


class PlayRanking(Door):
    takes_parameters = True

    @schema.reads(
        "plays_ranking",
        "The plays against a reason, the best first, with the counts behind their places",
        RankedPlaysOut,
        tag="plays",
        parameters=[
            OpenApiParameter("reason", str, enum=ObjectionReason.values, required=True),
            OpenApiParameter(
                "category_group",
                str,
                enum=CategoryGroup.values,
                description="None: merchants of all groups",
            ),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        asked = request.query_params
        for name in asked:
            if name not in ("reason", "category_group"):
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
        reason, group = asked.get("reason", ""), asked.get("category_group", "")
        for name, value, choices in (
            ("reason", reason, ObjectionReason.values),
            ("category_group", group, ["", *CategoryGroup.values]),
        ):
            if value not in choices:
                raise bad_parameter(
                    name,
                    "parameter_invalid",
                    _("“%(name)s” does not have a valid value.") % {"name": name},
                )
        seen = set(Play.objects.visible_to(self.user).values_list("pk", flat=True))
        return answer(
            {
                "plays": [
                    {
                        "play": one.play.pk,
                        "code": one.play.code,
                        "title": one.play.current.title if one.play.current else "",
                        "place": one.place,
                        "tried": one.tried,
                        "resolved": one.resolved,
                        "score": one.score,
                        "explored": one.explored,
                        "text": place_in_words(one),
                    }
                    for one in play_ranking.ranked_plays(reason, group, self.now())
                    if one.play.pk in seen
                ]
            }
        )
