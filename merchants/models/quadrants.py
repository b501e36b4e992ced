"""The four quadrants of the Johari window, and the ways in which an insight moves between them.

Self is the merchant, the other is the bank. Source: `docs/words.md`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.errors import Sentence


class InsightKind(models.TextChoices):
    """What an insight is about."""

    FACT = "fact", _("Fact")
    NEED = "need", _("Need")
    FEAR = "fear", _("Fear")
    NUMBER = "number", pgettext_lazy("insight", "Number")


class Quadrant(models.TextChoices):
    OPEN = "open", pgettext_lazy("quadrant", "Open")
    HIDDEN = "hidden", pgettext_lazy("quadrant", "Hidden")
    BLIND = "blind", pgettext_lazy("quadrant", "Blind")
    UNKNOWN = "unknown", pgettext_lazy("quadrant", "Unknown")


class MoveThrough(models.TextChoices):
    """What made an insight move."""

    DISCLOSURE = "disclosure", _("Disclosure")
    FEEDBACK = "feedback", _("Feedback")
    JOINT_DISCOVERY = "joint_discovery", _("Joint discovery")
    CORRECTION = "correction", _("Correction")


ACTIONS: Mapping[Quadrant, Sentence] = MappingProxyType(
    {
        Quadrant.OPEN: _("Align and confirm: use it in the talk and in the proposal."),
        Quadrant.HIDDEN: _("Ask and earn disclosure: open questions, give something first."),
        Quadrant.BLIND: _("Tell, with evidence: a benchmark, a trend, a peer case."),
        Quadrant.UNKNOWN: _("Find out together: a small pilot, a survey, a week of trying."),
    }
)
"""What each quadrant implies."""

PEERS_AT_LEAST = 5
"""How many peer merchants evidence must aggregate before a blind insight may be told."""
