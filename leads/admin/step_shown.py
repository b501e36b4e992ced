"""What every next step of a lead asks for, as its page shows it."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import presentation
from crm.models import User
from leads import policies
from leads.domain import pipeline
from leads.domain.lead_checklists import SAID_WITH_THE_STEP, Check, CheckState
from leads.models import Lead, LeadEvidenceKind, Stage
from leads.models.lead_evidence_kinds import LEAD_PIECES
from leads.models.stages import FUNNEL, Guard
from merchants.admin.partnership_shown import IN_FEN

BESIDE = 30
"""Steps and pieces of evidence that a lead's page shows."""

MARKS = {
    CheckState.MET: ("good", "✓"),
    CheckState.WAIVED: ("warn", "≈"),
    CheckState.ASKED: ("calm", "…"),
    CheckState.MISSING: ("bad", "✗"),
}

_MERCHANT = frozenset(
    {
        Guard.CREDIT_CODE,
        Guard.LICENCE_CHECKED,
        Guard.LICENCE_FRESH,
        Guard.LICENCE_IN_FORCE,
        Guard.CATEGORY_ALLOWED,
        Guard.CONTACT,
        Guard.DECISION_MAKER,
    }
)
"""What is put right on the merchant's page."""
_LOGGED = frozenset({Guard.CONVERSATION, Guard.ATTEMPTS_OR_REFUSAL})
"""What is logged as an activity."""
_CARDS = {
    Guard.CRITICAL_PAIN: "needs",
    Guard.FRESH_PAIN: "needs",
    Guard.VISION: "needs",
    Guard.ENTRY_POINT: "needs",
    Guard.OBJECTION_OPEN: "objections",
    Guard.POINT_MISSED: "objections",
    Guard.PROPOSAL_COMPLETE: "proposal",
    Guard.FORECAST: "proposal",
}
"""Which card of the lead's own page says it."""


def step_context(row: Lead, viewer: User, at: datetime) -> dict[str, Any]:
    """The checklists of a lead's next steps, its evidence and the steps behind it."""
    filed = row.evidence.select_related("filed_by", "document").defer("document__content")
    history = row.stage_changes.select_related("actor").prefetch_related("evidence", "waivers")
    return {
        "ways": ways(row, viewer, at),
        "kinds": kinds_to_file(row, viewer),
        "filed": [(one, figures(one.kind, one.numbers)) for one in filed[:BESIDE]],
        "history": [
            (one, [(Guard(each.guard).label, each.because) for each in one.waivers.all()])
            for one in history[:BESIDE]
        ],
    }


def ways(row: Lead, viewer: User, at: datetime) -> list[dict[str, Any]]:
    """Every next step with its checklist: the way forward first, then what leaves it."""
    waives = policies.may_waive(viewer, row)
    found = []
    for way in pipeline.ways(row, by=viewer, at=at):
        shown = [one for one in way.checks if one.guard not in SAID_WITH_THE_STEP]
        lacking = [one for one in shown if not one.passes]
        found.append(
            {
                "to": way.to.value,
                "label": way.to.label,
                "transition": way.road.transition,
                "who": way.road.who.value,
                "allowed": way.allowed,
                "forward": way.to in FUNNEL and _is_ahead(row, way.to),
                "ready": not lacking,
                "missing": [one.demand.remedy for one in lacking],
                "met": len(shown) - len(lacking),
                "of": len(shown),
                "guards": [_guard(one, row, viewer, may_waive=waives) for one in shown],
                "asked": [one.guard.label for one in way.checks if one.guard in SAID_WITH_THE_STEP],
            }
        )
    return sorted(found, key=lambda way: (not way["forward"], not way["allowed"]))


def _is_ahead(row: Lead, to: Stage) -> bool:
    stage = Stage(row.stage)
    return stage not in FUNNEL or FUNNEL.index(to) > FUNNEL.index(stage)


def _guard(check: Check, row: Lead, viewer: User, *, may_waive: bool) -> dict[str, Any]:
    tone, mark = MARKS[check.state]
    link, words = _where(check.guard, row)
    return {
        "name": check.guard.value,
        "sentence": check.guard.label,
        "tone": tone,
        "mark": mark,
        "passes": check.passes,
        "said": check.said,
        "waiver": None if check.found.met else check.waiver,
        "remedy": check.demand.remedy,
        "link": link,
        "words": words,
        "may_waive": may_waive and check.demand.waivable and not check.passes,
        "file": []
        if check.passes
        else [
            {"kind": kind.value, "label": kind.label}
            for kind in check.demand.kinds
            if policies.may_file_evidence(viewer, row, LEAD_PIECES[kind].filer)
        ],
    }


def _where(guard: Guard, row: Lead) -> tuple[str, str]:
    """Where something can be done about a guard, and what the link is called."""
    if guard in _MERCHANT:
        page = reverse("admin:merchants_merchant_change", args=[row.merchant_id])
        return page, _("Open the merchant")
    if guard in _LOGGED:
        return reverse("admin:leads_lead_log", args=[row.pk]), _("Log an activity")
    if guard is Guard.OWNER:
        return reverse("admin:leads_lead_assign", args=[row.pk]), _("Assign…")
    if guard in _CARDS:
        return f"#{_CARDS[guard]}", _("Show")
    return "", ""


def kinds_to_file(row: Lead, viewer: User) -> list[tuple[str, Any]]:
    """Every kind of evidence that the viewer may put on file."""
    if row.stage == Stage.WON:
        return []
    return [
        (kind.value, kind.label)
        for kind in LeadEvidenceKind
        if policies.may_file_evidence(viewer, row, LEAD_PIECES[kind].filer)
    ]


def figures(kind: str, numbers: dict[str, Any]) -> str:
    """The figures of a piece of evidence, in words; money in yuan."""
    known = LEAD_PIECES[LeadEvidenceKind(kind)].figures
    return " · ".join(
        f"{known[name].label if name in known else name}: "
        f"{presentation.money(value) if name.endswith(IN_FEN) else value}"
        for name, value in numbers.items()
    )
