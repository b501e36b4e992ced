"""Where a campaign's approval stands: what is missing, who must agree, who has."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.domain import approval_tiers, submission_checks
from campaigns.models import ApprovalRequest, Campaign, CampaignVersion, VersionState
from campaigns.models.campaign_stages import EDITABLE
from crm.errors import DomainError, Problem
from crm.models import Role


@dataclass(frozen=True)
class Standing:
    """What is known of a campaign on its way to approval."""

    submittable: bool
    """Whether it is a draft or was returned, so that it could be submitted."""
    missing: tuple[Problem, ...]
    roles: tuple[Role, ...]
    """Who would have to agree, in order; none while no tier is set for the amount."""
    newest: ApprovalRequest | None
    """The newest round, with its steps, whatever became of it."""
    proposed: CampaignVersion | None = None
    """New terms of an approved campaign that were written and not submitted yet."""

    @property
    def ready(self) -> bool:
        return self.submittable and not self.missing


def of(campaign: Campaign, *, at: datetime) -> Standing:
    """Where the approval of a campaign stands. Asks a constant number of statements."""
    newest = (
        campaign.approval_requests.select_related("requested_by", "campaign__unit")
        .prefetch_related("steps__decided_by", "steps__on_behalf_of")
        .order_by("-round")
        .first()
    )
    submittable = campaign.stage in EDITABLE
    if not submittable:
        roles = tuple(Role(step.role) for step in newest.steps.all()) if newest else ()
        proposed = campaign.versions.filter(state=VersionState.DRAFT).first()
        return Standing(False, (), roles, newest, proposed)
    missing = submission_checks.missing(campaign, at=at)
    roles = ()
    try:
        tier = approval_tiers.for_amount(campaign.unit, campaign.budget_fen)
    except DomainError as refusal:
        missing += refusal.problems
    else:
        roles = tuple(tier.roles)
        makers = [campaign.planner_id] if campaign.planner_id else []
        stuck = approval_tiers.passable(campaign.unit, roles, makers=makers)
        if stuck is not None:
            missing.append(
                Problem(
                    "tier_empty",
                    _("Nobody but those who made it could approve at the step “%(role)s”.")
                    % {"role": Role(stuck).label},
                )
            )
    return Standing(True, tuple(missing), roles, newest)
