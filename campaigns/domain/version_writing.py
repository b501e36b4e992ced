"""Writing terms down as a version, and writing an agreed version onto its campaign."""

from datetime import datetime

from django.db import connection
from django.db.models import Max

from campaigns.domain import campaign_terms
from campaigns.domain.campaign_terms import CampaignTerms, Share
from campaigns.models import Campaign, CampaignVersion, FundingShare, VersionState
from crm.actors import Actor, user_id
from crm.ids import uuid7
from merchants.models import Merchant, Outlet


def write(
    campaign: Campaign,
    terms: CampaignTerms,
    state: VersionState,
    *,
    by: Actor,
    at: datetime,
    said: str = "",
) -> CampaignVersion:
    """The next version of a campaign, whose lock the caller holds."""
    last = campaign.versions.aggregate(last=Max("number"))["last"] or 0
    return CampaignVersion.objects.create(
        pk=uuid7(),
        campaign=campaign,
        number=last + 1,
        parent=campaign.versions.filter(number=campaign.version_number).first(),
        terms=terms.to_json(),
        digest=campaign_terms.digest(terms),
        state=state,
        created_by_id=user_id(by),
        said=said,
        created_at=at,
        updated_at=at,
    )


def settle(campaign: Campaign, state: VersionState, *, at: datetime) -> CampaignVersion | None:
    """Say what became of the version that is open, if one is."""
    version = campaign.versions.open().for_change().first()
    if version is None:
        return None
    if state == VersionState.IN_FORCE:
        for before in campaign.versions.filter(state=VersionState.IN_FORCE):
            before.change(at=at, state=VersionState.SUPERSEDED)
        return version.change(at=at, state=state, effective_from=at)
    return version.change(at=at, state=state)


def put_in_force(campaign: Campaign, version: CampaignVersion, *, at: datetime) -> Campaign:
    """Write the terms of a version onto its campaign; the database asks for the new number.
    Merchants that were merged since it was written take part as the merchant that was kept."""
    terms = campaign_terms.following_merges(CampaignTerms.from_json(version.terms))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('campaigns.amending', %s, true)", [str(campaign.pk)])
        share_out(campaign, terms.shares, at=at)
        cursor.execute("SELECT set_config('campaigns.amending', '', true)")
    campaign.merchants.set(Merchant.objects.filter(pk__in=terms.merchant_ids))
    campaign.outlets.set(Outlet.objects.filter(pk__in=terms.outlet_ids))
    return campaign.change(
        at=at,
        version_number=version.number,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        budget_fen=terms.budget_fen,
        objective=terms.objective,
        mechanic=terms.mechanic,
        terms=dict(terms.terms),
        limits=dict(terms.limits),
        refund_to_funder_first=terms.refund_to_funder_first,
        claim_days=terms.claim_days,
    )


def share_out(campaign: Campaign, shares: tuple[Share, ...], *, at: datetime) -> None:
    """Replace the funding shares of a campaign."""
    campaign.shares.all().delete()
    FundingShare.objects.bulk_create(
        [
            FundingShare(campaign=campaign, created_at=at, updated_at=at, **share._asdict())
            for share in shares
        ]
    )
