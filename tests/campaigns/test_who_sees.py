"""Who leads a team sees what their people see, and what concerns the merchants of the team."""

from collections.abc import Iterable

import pytest

from campaigns.domain import intake
from campaigns.models import (
    ApprovalRequest,
    Budget,
    Campaign,
    Claim,
    Discrepancy,
    LedgerEntry,
    Redemption,
)
from crm.actors import SYSTEM
from crm.ids import uuid7
from crm.models import Role, UnitKind, User
from tests import factories
from tests.campaigns import approval_desk, outcome_desk
from tests.campaigns.ledger_desk import fund_of
from tests.campaigns.redemption_desk import event, reported, running
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

NOUNS = (Campaign, Redemption, Discrepancy, Claim, ApprovalRequest, Budget, LedgerEntry)


def seen(user: User) -> set[str]:
    return {noun.__name__ for noun in NOUNS if noun.objects.visible_to(user).exists()}


def everything(cast: Cast) -> None:
    """A campaign of Shanghai's at a merchant of Xuhui's team, with all that comes of one."""
    running(cast)
    reported(cast, event("T1"), event("T2", amount="50.00"))
    outcome_desk.submitted(cast, outcome_desk.ended(cast))
    approval_desk.submitted(cast)


@pytest.mark.parametrize(
    ("name", "misses"),
    [
        ("max", ()),
        ("mei", ()),
        ("ann", ()),
        # What is sold and waits at others' merchants, and what others claim, is not a rep's.
        ("bo", ("Redemption", "Discrepancy", "Claim")),
        ("sam", tuple(noun.__name__ for noun in NOUNS)),
        ("nia", tuple(noun.__name__ for noun in NOUNS)),
    ],
)
def test_who_sees_what_comes_of_a_campaign(cast: Cast, name: str, misses: Iterable[str]) -> None:
    everything(cast)
    assert {noun.__name__ for noun in NOUNS} - seen(cast.named(name)) == set(misses)


def test_who_leads_a_team_knows_the_campaigns_of_the_branch_as_the_team_does(cast: Cast) -> None:
    """The campaign is at nobody's merchant of this team; its people know of it all the same, though
    not of what others' merchants sold."""
    shop = running(cast)
    minhang = factories.UnitFactory(name="闵行团队", kind=UnitKind.TEAM, parent=cast.shanghai)
    other = approval_desk.colleague(cast, "lin", Role.TEAM_LEAD, minhang)
    member = approval_desk.colleague(cast, "min", Role.REP, minhang)
    reported(cast, event("T1"), event("T2", amount="50.00"))
    for user in (other, member):
        assert Campaign.objects.visible_to(user).filter(pk=shop.campaign.pk).exists()
        assert not Redemption.objects.visible_to(user).exists()
        assert not Discrepancy.objects.visible_to(user).exists()


def test_a_manager_sees_what_the_head_offices_campaign_comes_to_at_the_branchs_merchants(
    cast: Cast,
) -> None:
    running(cast, unit=cast.head_office, fund=fund_of(cast.head_office, allocated=10_000_000))
    intake.take_in(
        uuid7(),
        [event("T1"), event("T2", amount="50.00")],
        source="unionpay",
        unit_id=cast.head_office.pk,
        by=SYSTEM,
        at=factories.AT,
    )
    for user, sees in ((cast.mei, True), (cast.max, True), (cast.ann, True), (cast.sam, False)):
        assert Redemption.objects.visible_to(user).exists() is sees
        assert Discrepancy.objects.visible_to(user).exists() is sees
