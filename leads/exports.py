"""The lists of leads and follow-ups that can be taken out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import exports
from crm.exports import ListExport
from crm.models import User
from crm.presentation import money
from leads.models import Activity, FollowUp, Lead, Objection, Pain, Visit


def _leads(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from leads.api.views import LEADS

    return LEADS.narrowed(rows, filters, user)


def _follow_ups(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from leads.api.work import FOLLOW_UPS

    return FOLLOW_UPS.narrowed(rows, filters, user)


def _objections(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from leads.api.objections import OBJECTIONS

    return OBJECTIONS.narrowed(rows, filters, user)


def _activities(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from leads.api.work import ACTIVITIES

    return ACTIVITIES.narrowed(rows, filters, user)


def _visits(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from leads.api.visits import VISITS

    return VISITS.narrowed(rows, filters, user)


def _value(row: Lead) -> str:
    return "" if row.expected_value_fen is None else money(row.expected_value_fen)


exports.register(
    ListExport(
        "leads",
        _("Leads"),
        Lead,
        (
            (_("merchant"), "merchant"),
            (_("stage"), "get_stage_display"),
            (_("owner"), "owner"),
            (_("unit"), "unit"),
            (_("source"), "get_source_display"),
            (_("expected value"), _value),
            (_("in this stage since"), "stage_entered_at"),
            (_("last activity"), "last_activity_at"),
            (_("next follow-up"), "next_follow_up_at"),
        ),
        related=("merchant", "owner", "unit"),
        narrow=_leads,
    )
)
exports.register(
    ListExport(
        "follow_ups",
        _("Follow-ups"),
        FollowUp,
        (
            (_("title"), "title"),
            (_("merchant"), "merchant"),
            (_("owner"), "owner"),
            (_("due at"), "due_at"),
            (_("state"), "get_state_display"),
            (_("times put off"), "snoozes"),
            (_("what came of it"), "get_outcome_code_display"),
            (_("outcome"), "outcome"),
            (_("closed at"), "closed_at"),
        ),
        related=("merchant", "owner"),
        ordering=("due_at", "id"),
        narrow=_follow_ups,
    )
)


def _pains(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from leads.api.grid import PAINS

    return PAINS.narrowed(rows, filters, user)


def _monthly_impact(row: Pain) -> str:
    return "" if row.monthly_impact_fen is None else money(row.monthly_impact_fen)


exports.register(
    ListExport(
        "pains",
        _("Needs interviews"),
        Pain,
        (
            (_("pain point"), "title"),
            (_("merchant"), "merchant"),
            (pgettext_lazy("nine-grid", "status"), "get_status_display"),
            (_("completeness"), "raw_completeness"),
            (_("completeness in order"), "gated_completeness"),
            (_("stuck in"), "get_stuck_column_display"),
            (_("next cell"), "get_next_cell_display"),
            (_("monthly impact"), _monthly_impact),
            (_("pressing on"), "trigger_on"),
            (_("critical since"), "critical_at"),
            (_("closed at"), "closed_at"),
            (_("because"), "closed_because"),
        ),
        related=("merchant",),
        owner="merchant__owner",
        narrow=_pains,
    )
)
exports.register(
    ListExport(
        "objections",
        _("Objections"),
        Objection,
        (
            (_("in the merchant's words"), "merchant_words"),
            (_("merchant"), "merchant"),
            (_("raised at"), "raised_at"),
            (_("raised by"), "raised_by"),
            (_("declared reason"), "get_declared_reason_display"),
            (_("sub-reason"), "get_sub_reason_display"),
            (_("suggested reason"), "get_suggested_reason_display"),
            (_("state"), "get_state_display"),
            (_("in this state since"), "state_since"),
            (_("deferred until"), "deferred_until"),
            (_("first resolved at"), "resolved_at"),
        ),
        related=("merchant", "raised_by"),
        ordering=("-raised_at", "-id"),
        owner="raised_by",
        narrow=_objections,
    )
)
exports.register(
    ListExport(
        "activities",
        _("Activities"),
        Activity,
        # How somebody took it is personal, and leaves the product in no list.
        (
            (_("occurred at"), "occurred_at"),
            (_("merchant"), "merchant"),
            (_("kind"), "get_kind_display"),
            (pgettext_lazy("activity", "outcome"), "get_outcome_code_display"),
            (_("summary"), "summary"),
            (_("who"), "actor"),
        ),
        related=("merchant", "actor"),
        owner="actor",
        ordering=("-occurred_at", "-id"),
        narrow=_activities,
    )
)
exports.register(
    ListExport(
        "visits",
        _("Visits"),
        Visit,
        # Where somebody was is personal too; how far from the outlet is what a list needs.
        (
            (_("planned for"), "planned_for"),
            (_("merchant"), "merchant"),
            (_("outlet"), "outlet"),
            (_("owner"), "owner"),
            (_("state"), "get_state_display"),
            (pgettext_lazy("visit", "purpose"), "purpose"),
            (_("arrived at"), "arrived_at"),
            (_("left at"), "left_at"),
            (_("distance in metres"), "distance_m"),
            (_("reason for being outside"), "outside_reason"),
            (_("cancelled because"), "cancelled_because"),
        ),
        related=("merchant", "owner", "outlet"),
        ordering=("-planned_for", "-id"),
        narrow=_visits,
    )
)
