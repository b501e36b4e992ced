"""Who sees what: one table of the cast against merchants, leads and campaigns."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from crm.models import OrgUnit, Role, User
from leads.models import Lead
from merchants.models import Merchant
from tests import factories
from tests.conftest import EVERYBODY, Cast

pytestmark = pytest.mark.django_db

SEES = {
    "anns": "ann max mei fay rui pia otto ada",
    "free": "ann bo max mei fay rui pia otto ada",
    "sams": "sam rui otto ada",
    "anns lead": "ann max mei rui otto ada",
    "free lead": "ann bo max mei rui otto ada",
    "sams lead": "sam rui otto ada",
    "campaign": "ann bo max mei fay rui pia otto ada",
}
"""A team lead sees the team's campaign; one of the whole branch is for the branch."""


def test_everybody_sees_what_the_table_says(cast: Cast) -> None:
    anns = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    free = factories.MerchantFactory(unit=cast.xuhui)
    sams = factories.MerchantFactory(unit=cast.hangzhou, owner=cast.sam)
    rows = {
        "anns": anns,
        "free": free,
        "sams": sams,
        "anns lead": factories.LeadFactory(merchant=anns, owner=cast.ann),
        "free lead": factories.LeadFactory(merchant=free, owner=None),
        "sams lead": factories.LeadFactory(merchant=sams, owner=cast.sam),
        "campaign": factories.CampaignFactory(unit=cast.xuhui),
    }
    for what, row in rows.items():
        model = type(row)
        seen = [
            name
            for name in EVERYBODY
            if model._default_manager.visible_to(cast.named(name)).filter(pk=row.pk).exists()
        ]
        assert " ".join(seen) == SEES[what], what


def test_who_holds_nothing_sees_nothing(cast: Cast) -> None:
    for model in (Merchant, Lead, Campaign, OrgUnit):
        assert not model._default_manager.visible_to(cast.nia).exists()
    assert list(User.objects.visible_to(cast.nia)) == [cast.nia]


def test_a_scope_is_read_once_and_in_two_statements(cast: Cast) -> None:
    user = User.objects.get(pk=cast.mei.pk)
    with CaptureQueriesContext(connection) as asked:
        assert user.scope.at(cast.xuhui.pk, Role.BRANCH_MANAGER)
        assert not user.scope.at(cast.hangzhou.pk, Role.BRANCH_MANAGER)
        assert user.scope.pool == frozenset()
    assert len(asked) == 2
