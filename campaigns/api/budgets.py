"""Endpoints about budgets and the ledger: what is left, how it came to that, and why it froze."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from campaigns.api import fund_inputs as inputs
from campaigns.api.fund_shapes import BUDGET, ENTRY, CampaignMoneyOut
from campaigns.domain import campaign_money, reconciliation
from campaigns.domain.campaign_money import PartyMoney
from campaigns.models import Budget, Campaign, EntryKind, LedgerEntry, Party
from crm.api import schema
from crm.api.inputs import flag_of, id_of, moment_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.locking import known
from crm.presentation import yuan

BUDGETS = Listing(
    BUDGET,
    orderings=("created_at",),
    filters={
        "fund": Filter(lambda rows, value, user: rows.filter(fund=value), parse=id_of),
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "party": Filter(
            lambda rows, values, user: rows.filter(party__in=values), parse=Party, repeated=True
        ),
        "frozen": Filter(
            lambda rows, value, user: rows.filter(frozen_at__isnull=not value), parse=flag_of
        ),
    },
)
ENTRIES = Listing(
    ENTRY,
    orderings=("at",),
    filters={
        "budget": Filter(lambda rows, value, user: rows.filter(budget=value), parse=id_of),
        "fund": Filter(lambda rows, value, user: rows.filter(budget__fund=value), parse=id_of),
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values), parse=EntryKind, repeated=True
        ),
        "since": Filter(lambda rows, value, user: rows.filter(at__gte=value), parse=moment_of),
        "before": Filter(lambda rows, value, user: rows.filter(at__lt=value), parse=moment_of),
    },
)


class BudgetList(Door):
    takes_parameters = True

    @schema.lists("budgets_list", "Budgets of funds and campaigns", BUDGETS, tag="budgets")
    def get(self, request: Request) -> HttpResponse:
        return BUDGETS.answer(request, Budget.objects.visible_to(self.user), self.user)


class BudgetOne(OneDoor):
    shape = BUDGET
    model = Budget

    @schema.reads("budgets_read", "One budget", BUDGET, tag="budgets")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class BudgetRestore(OneDoor):
    shape = BUDGET
    model = Budget

    @schema.writes(
        "budgets_restore",
        "Take the counters of a frozen budget from the ledger",
        BUDGET,
        tag="budgets",
        body=inputs.BecauseIn,
        example={"because": "数据库中有人改了数"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        because = self.taken(inputs.BecauseIn)["because"]
        restored = reconciliation.restore(pk, because=because, by=self.user, at=self.now())
        return self.show(Budget.objects.all(), pk, row=restored)


class LedgerList(Door):
    takes_parameters = True

    @schema.lists("ledger_list", "How money moved, the newest first", ENTRIES, tag="budgets")
    def get(self, request: Request) -> HttpResponse:
        return ENTRIES.answer(request, LedgerEntry.objects.visible_to(self.user), self.user)


class CampaignMoney(Door):
    @schema.reads(
        "campaigns_money",
        "Where a campaign's money stands, per party",
        CampaignMoneyOut,
        tag="budgets",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        campaign = known(Campaign.objects.visible_to(self.user), pk, attr="id")
        found = campaign_money.standing(campaign)
        return answer(
            {
                "parties": [{"party": party, **_sums(one)} for party, one in found.parties.items()],
                "total": _sums(found.total),
            }
        )


def _sums(money: PartyMoney) -> dict[str, str]:
    return {
        name: yuan(getattr(money, name))
        for name in ("allocated", "reserved", "consumed", "available")
    }
