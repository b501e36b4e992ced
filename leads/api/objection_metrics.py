"""The endpoint of the objection metrics."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of, moment_of
from crm.api.pages import bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door
from crm.domain import organisation
from leads.domain import objection_metrics
from leads.domain.objection_metrics import GroupBy
from leads.domain.objection_rates import Tally
from leads.models import Objection


def _percent() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)


class TallyOut(serializers.Serializer[Any]):
    """Counts, and rates in per cent; a rate is null where there is nothing to divide by."""

    raised = serializers.IntegerField()
    resolved = serializers.IntegerField()
    resolution_rate = _percent()
    same_conversation = serializers.IntegerField()
    same_conversation_rate = _percent()
    merchants = serializers.IntegerField(
        help_text="With an objection so long ago that moving on would show"
    )
    moved_on = serializers.IntegerField()
    progression_rate = _percent()
    settled_long_enough = serializers.IntegerField(
        help_text="Resolved so long ago that being raised again would show"
    )
    raised_again = serializers.IntegerField()
    reopen_rate = _percent()
    median_working_days = serializers.DecimalField(max_digits=8, decimal_places=1, allow_null=True)
    decided = serializers.IntegerField(help_text="Leads won or lost")
    won = serializers.IntegerField()
    win_rate = _percent()
    suggested = serializers.IntegerField()
    mismatched = serializers.IntegerField()
    mismatch_rate = _percent()


class ObjectionGroupOut(TallyOut):
    key = serializers.CharField(allow_null=True, help_text="A code or an id")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="In the language of Accept-Language"
    )


class ObjectionMetricsOut(serializers.Serializer[Any]):
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField()
    group_by = serializers.ChoiceField(GroupBy.choices)
    whole = TallyOut()
    groups = ObjectionGroupOut(many=True)


class ObjectionMetrics(Door):
    takes_parameters = True
    parameters = ("group_by", "from", "to", "unit")

    @schema.reads(
        "objections_metrics",
        "How often objections are resolved, by what, and what it brought",
        ObjectionMetricsOut,
        tag="objections",
        parameters=[
            OpenApiParameter("group_by", str, enum=GroupBy.values, default=GroupBy.REASON),
            OpenApiParameter("from", datetime, description="Raised from this moment on"),
            OpenApiParameter("to", datetime, description="Raised before; now if absent"),
            OpenApiParameter("unit", UUID, description="Only what lies below this unit"),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        self._refuse_unknown()
        now = self.now()
        by = self._value("group_by", GroupBy, GroupBy.REASON)
        since = self._value("from", moment_of, None)
        until = self._value("to", moment_of, now)
        if since and since > until:
            raise bad_parameter("from", "period_reversed", _("The period ends before it begins."))
        rows = Objection.objects.visible_to(self.user).filter(raised_at__lt=until)
        if since:
            rows = rows.filter(raised_at__gte=since)
        if unit := self._value("unit", id_of, None):
            rows = rows.filter(merchant__unit__in=organisation.below(unit))
        groups = objection_metrics.of(rows, by=by, at=now)
        return answer(
            {
                "since": since,
                "until": until,
                "group_by": by,
                "whole": described(objection_metrics.whole(rows, at=now)),
                "groups": [
                    {
                        "key": None if one.key is None else str(one.key),
                        "label": str(one.label),
                        **described(one.tally),
                    }
                    for one in groups
                ],
            }
        )

    def _refuse_unknown(self) -> None:
        asked = self.request.query_params
        for name in asked:
            if name not in self.parameters:
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
            if len(asked.getlist(name)) > 1:
                raise bad_parameter(
                    name,
                    "parameter_repeated",
                    _("“%(name)s” can be given once only.") % {"name": name},
                )

    def _value(self, name: str, parse: Any, otherwise: Any) -> Any:
        text = self.request.query_params.get(name)
        if text is None:
            return otherwise
        try:
            return parse(text)
        except (ValueError, KeyError):
            raise bad_parameter(
                name,
                "parameter_invalid",
                _("“%(name)s” does not have a valid value.") % {"name": name},
            ) from None


def described(tally: Tally) -> dict[str, Any]:
    """A tally as plain JSON values."""
    return {
        "raised": tally.raised,
        "resolved": tally.resolved,
        "resolution_rate": _text(tally.resolution),
        "same_conversation": tally.same_conversation,
        "same_conversation_rate": _text(tally.same_conversation_rate),
        "merchants": tally.merchants,
        "moved_on": tally.moved_on,
        "progression_rate": _text(tally.progression),
        "settled_long_enough": tally.settled_long_enough,
        "raised_again": tally.raised_again,
        "reopen_rate": _text(tally.reopen),
        "median_working_days": _text(tally.median_days),
        "decided": tally.decided,
        "won": tally.won,
        "win_rate": _text(tally.win),
        "suggested": tally.suggested,
        "mismatched": tally.mismatched,
        "mismatch_rate": _text(tally.mismatch),
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
