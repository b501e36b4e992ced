"""The stages of a campaign and the roads between them, as data.

Source: the statuses of a co-funded campaign (features page, 4). A campaign is cancelled before it
ever ran, and terminated once it did; what was terminated is settled like any other.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import pgettext_lazy


class CampaignStage(models.TextChoices):
    """Where a campaign stands, from the first draft until its money is closed."""

    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("campaign", "Submitted")
    RETURNED = "returned", pgettext_lazy("campaign", "Returned")
    APPROVED = "approved", pgettext_lazy("campaign", "Approved")
    SCHEDULED = "scheduled", pgettext_lazy("campaign", "Scheduled")
    ACTIVE = "active", pgettext_lazy("campaign", "Active")
    PAUSED = "paused", pgettext_lazy("campaign", "Paused")
    ENDED = "ended", pgettext_lazy("campaign", "Ended")
    SETTLING = "settling", pgettext_lazy("campaign", "Settling")
    SETTLED = "settled", pgettext_lazy("campaign", "Settled")
    CLOSED = "closed", pgettext_lazy("campaign", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")
    TERMINATED = "terminated", pgettext_lazy("campaign", "Terminated")


_S = CampaignStage

ROADS: Mapping[CampaignStage, tuple[CampaignStage, ...]] = MappingProxyType(
    {
        _S.DRAFT: (_S.SUBMITTED, _S.CANCELLED),
        _S.SUBMITTED: (_S.RETURNED, _S.APPROVED, _S.CANCELLED),
        _S.RETURNED: (_S.SUBMITTED, _S.CANCELLED),
        _S.APPROVED: (_S.SCHEDULED, _S.ACTIVE, _S.CANCELLED),
        _S.SCHEDULED: (_S.ACTIVE, _S.CANCELLED),
        _S.ACTIVE: (_S.PAUSED, _S.ENDED, _S.TERMINATED),
        _S.PAUSED: (_S.ACTIVE, _S.ENDED, _S.TERMINATED),
        _S.ENDED: (_S.SETTLING,),
        _S.TERMINATED: (_S.SETTLING,),
        _S.SETTLING: (_S.SETTLED,),
        _S.SETTLED: (_S.CLOSED,),
        _S.CLOSED: (),
        _S.CANCELLED: (),
    }
)
"""Whatever is not listed is refused."""

EDITABLE = (_S.DRAFT, _S.RETURNED)
"""Stages in which the terms may be written; after them only a new, approved version changes any."""

UNDECIDED = (_S.DRAFT, _S.SUBMITTED, _S.RETURNED)
"""Nobody has agreed to it yet."""

AHEAD = (_S.APPROVED, _S.SCHEDULED)
"""Agreed, and not yet begun."""

LIVE = (_S.ACTIVE, _S.PAUSED)
"""Running, or only interrupted."""

AGREED = (*AHEAD, *LIVE)
"""Terms are agreed and can be amended."""

OVER = (_S.ENDED, _S.TERMINATED, _S.SETTLING, _S.SETTLED, _S.CLOSED)
"""It ran, and does not any more."""

WAY = (
    _S.DRAFT,
    _S.SUBMITTED,
    _S.APPROVED,
    _S.SCHEDULED,
    _S.ACTIVE,
    _S.ENDED,
    _S.SETTLING,
    _S.SETTLED,
    _S.CLOSED,
)
"""The way that every campaign is meant to go, in order."""
