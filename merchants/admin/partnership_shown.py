"""How partnerships look: a word always, a colour beside it, and what every next step asks for."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from crm import presentation
from crm.models import User
from merchants import policies
from merchants.domain import partnerships
from merchants.domain.checklists import Check
from merchants.models import (
    AgreementState,
    AgreementVersion,
    EvidenceKind,
    Partnership,
    PartnershipStage,
)
from merchants.models.evidence_kinds import PIECES, Figure
from merchants.models.partnership_numbers import ALARMING_HEALTH, RECOVERED_HEALTH
from merchants.models.partnership_roads import Guard, Who

SOON = timedelta(days=60)
LINE = (
    PartnershipStage.ONBOARDING,
    PartnershipStage.PILOT,
    PartnershipStage.ACTIVE,
    PartnershipStage.RENEWAL,
)
"""The way of a partnership that goes well, in order."""

_TONES = {
    PartnershipStage.ACTIVE: "good",
    PartnershipStage.WAVERING: "warn",
    PartnershipStage.SUSPENDED: "bad",
    PartnershipStage.CHURNED: "calm",
    PartnershipStage.BLOCKED: "bad",
}
_STATE_TONES = {
    AgreementState.DRAFT: "calm",
    AgreementState.LIVE: "good",
    AgreementState.SUPERSEDED: "calm",
    AgreementState.ENDED: "warn",
}


def _badge(tone: str, words: Any) -> str:
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)


def stage_badge(row: Partnership) -> str:
    """The stage as a coloured word."""
    return _badge(_TONES.get(PartnershipStage(row.stage), "go"), row.get_stage_display())


def state_badge(version: AgreementVersion, *, today: date) -> str:
    """Draft, in force, run out, superseded or ended."""
    if version.state == AgreementState.LIVE and version.last_day < today:
        return _badge("warn", _("Run out"))
    return _badge(_STATE_TONES[AgreementState(version.state)], version.get_state_display())


def health(row: Partnership) -> str:
    """The score in colour: red is alarming, green is sound."""
    if row.health is None:
        return "—"
    tone = (
        "bad"
        if row.health < ALARMING_HEALTH.value
        else "good"
        if row.health >= RECOVERED_HEALTH.value
        else "warn"
    )
    return _badge(tone, f"{row.health:.1f}")


def maturity(row: Partnership) -> str:
    return f"{row.maturity}.0" if row.maturity else "—"


def expiry(row: Partnership, *, today: date) -> str:
    """The last day of the agreement; one that is near or past says so."""
    if row.expires_on is None:
        return "—"
    day = row.expires_on.isoformat()
    if row.expires_on < today:
        return format_html('<span class="crm-late">{} · {}</span>', day, _("run out"))
    if row.expires_on - today <= SOON:
        left = _("in %(days)s days") % {"days": (row.expires_on - today).days}
        return format_html('<span class="crm-late">{} · {}</span>', day, left)
    return day


def steps(row: Partnership) -> list[dict[str, Any]]:
    """The way as steps: what is behind the partnership, where it is, what is ahead."""
    stage = PartnershipStage(row.stage_before or row.stage)
    here = LINE.index(stage) if stage in LINE else -1
    return [
        {
            "label": one.label,
            "tone": "here" if place == here else "past" if place < here else "ahead",
        }
        for place, one in enumerate(LINE)
    ]


def ways(row: Partnership, viewer: User, at: datetime) -> list[dict[str, Any]]:
    """Every next step with its checklist, those first that the viewer may take."""
    manages = policies.may_manage(viewer, row.merchant)
    found = [
        {
            "to": way.to.value,
            "label": way.to.label,
            "transition": way.road.transition,
            "who": way.road.who.value,
            "automatic": way.road.who is Who.SYSTEM,
            "allowed": way.allowed,
            "ready": not [one for one in way.missing if one.guard is not Guard.REASON],
            "guards": [
                _guard(one, row, viewer, waivable=manages)
                for one in way.checks
                if one.guard is not Guard.REASON
            ],
        }
        for way in partnerships.ways(row, by=viewer, at=at)
    ]
    return sorted(found, key=lambda way: not way["allowed"])


def _guard(check: Check, row: Partnership, viewer: User, *, waivable: bool) -> dict[str, Any]:
    return {
        "name": check.guard.value,
        "sentence": check.guard.label,
        "met": check.met,
        "waiver": check.waiver,
        "evidence": check.evidence[:3],
        "may_waive": waivable and check.demand.waivable and not check.passes,
        "file": []
        if check.passes
        else [
            {"kind": kind.value, "label": kind.label}
            for kind in check.demand.kinds
            if policies.may_file(viewer, row.merchant, PIECES[kind].filer)
        ],
    }


def kinds_to_file(row: Partnership, viewer: User) -> list[tuple[str, Any]]:
    """Every kind of evidence that the viewer may put on file."""
    if row.stage == PartnershipStage.CHURNED:
        return []
    return [
        (kind.value, kind.label)
        for kind in EvidenceKind
        if policies.may_file(viewer, row.merchant, PIECES[kind].filer)
    ]


IN_FEN = "_fen"
"""How the name of a figure ends that is counted in fen."""


def figures(kind: str, numbers: dict[str, Any]) -> str:
    """The figures of a piece of evidence, in words."""
    known = PIECES[EvidenceKind(kind)].figures
    return " · ".join(
        f"{words_of(name, known[name]) if name in known else name}: "
        f"{presentation.yuan(value) if name.endswith(IN_FEN) else value}"
        for name, value in numbers.items()
    )


def words_of(name: str, figure: Figure) -> str:
    """What a figure is called where people read it: money in yuan, not in fen."""
    return _("Open difference (yuan)") if name == "open_difference_fen" else str(figure.label)
