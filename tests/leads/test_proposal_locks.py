"""Two people at one proposal: what was submitted is what was read, whoever comes second."""

from datetime import datetime

import pytest
from django.db import transaction

from crm.errors import RuleBroken
from leads.domain import campaign_drafts, proposals
from leads.models import Lead, ProposalVersion, Stage
from tests import factories
from tests.conftest import Cast
from tests.leads.proposal_desk import WORKED, drafted, newest, submitted
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)


def test_a_correction_that_comes_after_the_submission_is_refused(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at)
    with transaction.atomic():
        proposals.submit(proposal.pk, by=cast.ann, at=at)
        other = Session(lambda: proposals.correct(proposal.pk, {"title": "改"}, by=cast.max, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "proposal_no_draft"
    assert (newest(proposal).state, newest(proposal).title) == ("submitted", WORKED["title"])


def test_a_submission_that_comes_after_a_correction_sends_what_was_corrected(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at)
    with transaction.atomic():
        proposals.correct(proposal.pk, {"budget_fen": None}, by=cast.ann, at=at)
        other = Session(lambda: proposals.submit(proposal.pk, by=cast.max, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "proposal_incomplete"
    assert newest(proposal).state == "draft"


def test_without_the_lock_the_database_still_refuses_the_correction(
    cast: Cast, lead: Lead, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second session reads the draft, and would write over what was
    submitted, were it not for the trigger."""
    proposal = drafted(lead, by=cast.ann, at=at)
    for rows in (Lead.objects.all(), proposal.versions.all(), type(proposal).objects.all()):
        monkeypatch.setattr(type(rows), "for_change", lambda rows: rows.order_by("pk"))
    with transaction.atomic():
        proposals.submit(proposal.pk, by=cast.ann, at=at)
        other = Session(lambda: proposals.correct(proposal.pk, {"title": "改"}, by=cast.max, at=at))
        assert other.wait_until_blocked(), "it waits no sooner than at its own UPDATE"
    with pytest.raises(Exception, match="fixed"):
        other.end()
    assert newest(proposal).title == WORKED["title"]


def test_two_new_versions_at_once_make_one(cast: Cast, lead: Lead, at: datetime) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    with transaction.atomic():
        proposals.new_version(proposal.pk, changes={}, by=cast.ann, at=at)
        other = Session(lambda: proposals.new_version(proposal.pk, changes={}, by=cast.max, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "proposal_has_draft"
    assert ProposalVersion.objects.count() == 2


def test_two_campaigns_at_once_make_one(cast: Cast, lead: Lead, at: datetime) -> None:
    submitted(lead, by=cast.ann, at=at)
    with transaction.atomic():
        campaign_drafts.draft_for(lead, by=cast.max, at=at)
        other = Session(lambda: campaign_drafts.draft_for(lead, by=cast.mei, at=at))
        assert other.wait_until_blocked(), "the unique key makes it wait"
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "campaign_drafted_already"
