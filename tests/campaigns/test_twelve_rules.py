"""The twelve rules of co-funded money, and where each is proven.

Every rule has its proofs and its controls: a control shows that the proof would fail, or that what
is allowed still goes through. Those that are nowhere else stand below.

1. Shares sum to the discount for every redemption, whatever the split, refunds in parts included.
   proof: test_money_flow.test_parts_always_sum_and_never_differ_by_a_fen_or_more
   proof: test_redemptions.test_an_odd_discount_is_split_to_the_last_fen
   proof: test_refund_parts.test_any_sequence_of_partial_refunds_gives_back_what_was_given_and_no_fen_more
   proof: test_twelve_rules.test_the_database_refuses_parts_that_do_not_make_the_discount
   control: test_refund_parts.test_rounding_each_part_for_itself_would_lose_fen
2. Of two approvals that race for the last of a budget exactly one wins.
   proof: test_approval_locks.test_two_campaigns_race_for_the_last_of_a_fund_and_exactly_one_wins
   proof: test_ledger_sessions.test_two_campaigns_at_the_last_of_a_fund_one_is_approved
   control: test_ledger_sessions.test_without_the_condition_and_the_check_the_pot_is_overspent
3. A budget is never lowered below what is consumed and committed.
   proof: test_campaign_money.test_a_budget_is_never_lowered_below_what_is_held_and_spent
   proof: test_funds.test_a_fund_is_never_lowered_below_what_is_promised_and_spent
   control: test_funds.test_without_the_condition_the_database_still_refuses_to_lower_it
4. A change of a budget names the value that was read; a stale one is refused.
   proof: test_funds.test_a_change_names_the_value_it_expects
   proof: test_campaign_money.test_a_change_of_the_budget_names_the_value_it_expects
   proof: test_ledger_sessions.test_two_changes_of_one_budget_the_second_is_stale
   control: test_twelve_rules.test_who_reads_again_after_a_stale_change_may_change
5. Nobody approves their own campaign, and delegation does not get round it.
   proof: test_approvals.test_a_maker_never_approves_their_own
   proof: test_approvals.test_delegation_does_not_get_round_it_for_the_maker
   proof: test_approvals.test_delegation_does_not_make_the_maker_an_approver
   proof: test_approvals.test_the_database_itself_refuses_self_approval
   control: test_approvals.test_without_the_constraint_the_maker_would_approve
   control: test_approvals.test_a_delegate_decides_for_somebody_who_did_not_make_it
6. The same file, or the same row, twice changes nothing.
   proof: test_redemptions.test_the_same_event_again_changes_nothing
   proof: test_redemption_files.test_of_five_thousand_rows_with_two_hundred_faults_none_is_lost_and_again_none_changes
   proof: test_redemption_sessions.test_the_same_event_in_two_sessions_lands_once
   control: test_redemptions.test_the_same_reference_of_another_source_is_another_purchase
7. No party gets back more than is left of what it gave.
   proof: test_redemptions.test_a_refund_above_what_is_left_waits_and_changes_nothing
   proof: test_redemptions.test_the_database_itself_refuses_to_return_more_than_was_given
   proof: test_redemption_sessions.test_two_refunds_at_once_give_back_no_more_than_was_given
   control: test_refund_parts.test_rounding_each_refund_for_itself_would_give_back_more_than_was_given
8. What lies outside days, shop, card or caps waits in the queue, never dropped; late is late.
   proof: test_redemptions.test_a_row_that_cannot_be_taken_waits_with_its_reason
   proof: test_redemptions.test_a_cap_holds_within_a_call_and_across_calls
   proof: test_redemptions.test_what_comes_after_the_days_for_claims_is_late
   control: test_redemptions.test_a_row_can_be_tried_again_after_what_was_missing_is_there
9. The terms of a live campaign never change in place.
   proof: test_lifecycle.test_the_terms_of_a_live_campaign_never_change_in_place
   proof: test_lifecycle.test_the_shares_of_a_live_campaign_never_change_in_place
   proof: test_lifecycle.test_a_version_is_fixed_once_written
   control: test_lifecycle.test_an_amendment_counts_from_its_approval_on
10. A claim after its deadline is refused unless it was extended, and the extension is written down.
   proof: test_claims.test_a_claim_after_the_deadline_is_refused_unless_it_is_extended
   proof: test_claims.test_impossible_extensions_are_refused
   control: test_claims.test_on_its_last_day_a_claim_is_in_time
11. Proof is kept for its time, and how long that is the bank says.
   proof: test_claims.test_proof_is_kept_for_its_time
   control: test_twelve_rules.test_how_long_proof_is_kept_is_the_banks_to_say
12. No card number is stored anywhere.
   proof: test_redemptions.test_a_card_number_is_refused_and_kept_nowhere
   proof: test_redemptions.test_the_database_itself_keeps_no_card_number
   proof: test_redemption_files.test_a_file_with_card_numbers_is_not_kept
   proof: test_twelve_rules.test_no_column_of_any_table_holds_a_card_number
   control: test_twelve_rules.test_no_column_of_any_table_holds_a_card_number
"""  # noqa: E501

import re
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from campaigns.domain import funds
from campaigns.domain.outcome_parameters import PROOF_MONTHS
from campaigns.models import Redemption
from crm import parameters
from crm.domain import parameters as parameter_changes
from crm.errors import DomainError
from crm.ids import uuid7
from tests import factories
from tests.campaigns import outcome_desk
from tests.campaigns.ledger_desk import counters, fund_of
from tests.campaigns.redemption_desk import event, reported, running, said
from tests.conftest import Cast

ROOM = "tests.campaigns"
RULES = re.split(r"^(?=\d+\. )", __doc__ or "", flags=re.MULTILINE)[1:]


def test_there_are_twelve_rules_in_their_order() -> None:
    assert [int(rule.split(".")[0]) for rule in RULES] == list(range(1, 13))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.split(".")[0])
def test_each_rule_has_a_proof_and_a_control_that_exist(rule: str) -> None:
    named = re.findall(r"^   (proof|control): (\w+)\.(test_\w+)$", rule, flags=re.MULTILINE)
    assert len(named) == len(rule.strip().splitlines()) - 1, "every line names one test"
    assert {kind for kind, _module, _test in named} == {"proof", "control"}
    for _kind, module, test in named:
        assert callable(getattr(import_module(f"{ROOM}.{module}"), test, None)), (module, test)


@pytest.mark.django_db
def test_the_database_refuses_parts_that_do_not_make_the_discount(cast: Cast) -> None:
    running(cast)
    reported(cast, event())
    rows = Redemption.objects.all()
    for change in ({"bank_fen": F("bank_fen") - 1}, {"returned_fen": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    # The control: another split of the same discount is one.
    assert rows.update(bank_fen=F("bank_fen") - 1, merchant_fen=F("merchant_fen") + 1) == 1


@pytest.mark.django_db
def test_who_reads_again_after_a_stale_change_may_change(cast: Cast) -> None:
    fund = fund_of(cast.shanghai, allocated=100_000)

    def change(to: int, expected: int) -> None:
        funds.change_allocation(
            fund.pk, to_fen=to, expected_fen=expected, because="…", by=cast.fay, at=factories.AT
        )

    change(90_000, 100_000)
    with pytest.raises(DomainError) as refusal:
        change(80_000, 100_000)
    assert refusal.value.code == "stale_budget"
    change(80_000, 90_000)
    assert counters(fund.budget)[0] == 80_000


@pytest.mark.django_db
def test_how_long_proof_is_kept_is_the_banks_to_say(cast: Cast) -> None:
    usual = outcome_desk.submitted(cast).keep_until
    change: Any = {"value": Decimal(60), "because": "监管要求", "by": cast.ada, "at": factories.AT}
    parameter_changes.change(uuid7(), PROOF_MONTHS.name, **change)
    parameters.forget()
    longer = outcome_desk.submitted(cast).keep_until
    assert (longer.year - usual.year, longer.month) == (3, usual.month)


@pytest.mark.django_db
def test_no_column_of_any_table_holds_a_card_number(cast: Cast) -> None:
    running(cast)
    number, opaque = "6222021234567890", "c0ffee0123456789"
    found = reported(
        cast,
        event("T1", card_hash=number),
        event("T2", phone_hash=number),
        event("T3", card_prefix=number),
        event("T4", card_hash=opaque),
    )
    assert said(found) == ["card_number"] * 3 + ["landed"]
    assert tables_with(number) == set()
    # The control: the same search finds the hash that is kept.
    assert "campaigns_redemption" in tables_with(opaque)


def tables_with(text: str) -> set[str]:
    """Tables of the product in some column of which a text stands."""
    found = set()
    with connection.cursor() as cursor:
        for noun in apps.get_models():
            table = connection.ops.quote_name(noun._meta.db_table)
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {table} t WHERE t::text LIKE %s)",
                [f"%{text}%"],
            )
            if cursor.fetchone() == (True,):
                found.add(noun._meta.db_table)
    return found
