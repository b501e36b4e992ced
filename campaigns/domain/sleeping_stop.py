"""The stop-light: with too many cards asleep, no campaign that wins new cards is submitted."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.domain import sleeping, submission_checks
from campaigns.models import Campaign, Objective
from crm.errors import Problem


@submission_checks.check(order=60)
def new_cards_may_be_issued(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """No unit from the campaign's own up to the bank is above the limit of sleeping cards."""
    if campaign.objective != Objective.ACQUIRE:
        return
    stop = sleeping.stopping(campaign.unit_id, on=timezone.localdate(at))
    if stop is not None and stop.gauge is not None:
        yield Problem(
            "sleeping_cards_stop",
            _(
                "%(rate)s %% of the cards are asleep, more than the %(limit)s %% allowed: no "
                "campaign that wins new cards can be submitted."
            )
            % {"rate": stop.gauge.rate, "limit": stop.gauge.limit},
            attr="objective",
        )
