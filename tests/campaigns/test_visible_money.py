"""What is settled and claimed concerns those who look after the merchant and those who oversee it:
a colleague who may look into the branch's pool of unowned merchants does not read their money."""

from datetime import datetime

import pytest

from campaigns.models import Claim, Invoice, Payment, Redemption, Statement, StatementLine
from crm.domain import files
from crm.models import StoredFile
from merchants.models import Merchant
from tests.api import Phone
from tests.campaigns import outcome_desk
from tests.campaigns.redemption_desk import event, reported, running
from tests.campaigns.settlement_desk import Desk
from tests.campaigns.test_statements import invoiced
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
OVERSEERS = ("max", "mei", "fay", "rui", "pia", "otto", "ada")


def free(merchant: Merchant) -> None:
    """Nobody looks after it any more: it stands in the pool."""
    Merchant.objects.filter(pk=merchant.pk).update(owner=None)


def test_a_merchant_in_the_pool_shows_reps_no_statement(cast: Cast) -> None:
    desk = Desk(cast)
    desk.used("T1")
    statement = desk.approved()
    invoiced(desk, statement)
    free(desk.merchant)
    for name in ("ann", "bo", "sam", "nia"):
        user = cast.named(name)
        for noun in (Statement, StatementLine, Invoice, Payment):
            assert not noun.objects.visible_to(user).exists(), (name, noun)
        assert Phone(user).get(f"statements/{statement.pk}/").status_code == 404
    for name in OVERSEERS:
        assert Statement.objects.visible_to(cast.named(name)).get() == statement, name


def test_a_merchant_in_the_pool_shows_reps_no_claim_but_their_own(cast: Cast) -> None:
    claim = outcome_desk.proved(cast)
    free(claim.merchant)
    proof = claim.evidence.get().document
    assert Claim.objects.visible_to(cast.ann).get() == claim, "who claims sees what became of it"
    assert not Claim.objects.visible_to(cast.bo).exists()
    assert not StoredFile.objects.visible_to(cast.bo).filter(pk=proof.pk).exists()
    for name in OVERSEERS:
        assert Claim.objects.visible_to(cast.named(name)).get() == claim, name
        assert StoredFile.objects.visible_to(cast.named(name)).filter(pk=proof.pk).exists(), name


def test_purchases_are_seen_where_the_merchant_or_the_campaign_is_ones_own(cast: Cast) -> None:
    running(cast)
    reported(cast, event())
    seeing = {
        name
        for name in ("ann", "bo", "sam", "nia", *OVERSEERS)
        if Redemption.objects.visible_to(cast.named(name)).exists()
    }
    assert seeing == {"ann", *OVERSEERS}


def test_a_file_that_proves_nothing_yet_is_its_owners_only(cast: Cast, at: datetime) -> None:
    kept = files.keep("票.pdf", b"%PDF-1.7", kinds=files.DOCUMENTS, by=cast.fay, at=at)
    for name in ("ann", "bo", "mei", "otto"):
        assert not StoredFile.objects.visible_to(cast.named(name)).filter(pk=kept.pk).exists()
