"""The pipeline board: columns with counts and sums, cards with what matters, ways to move them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User
from leads.domain import board
from leads.models import Lead, LostReason, Stage
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]
DAY = timedelta(days=1)


def a_lead(cast: Cast, at: datetime, owner: User | None = None, **values: Any) -> Lead:
    merchant = factories.MerchantFactory(
        unit=cast.xuhui, owner=owner, **({"name": values.pop("name")} if "name" in values else {})
    )
    fresh = {"stage_entered_at": at, "last_activity_at": at}
    return factories.LeadFactory(merchant=merchant, owner=owner, **{**fresh, **values})


def columns(cast: Cast, name: str, at: datetime) -> dict[str, board.Column]:
    viewer = cast.named(name)
    shown = board.of(Lead.objects.visible_to(viewer), viewer=viewer, at=at)
    return {column.stage.value: column for column in shown}


def test_a_column_counts_and_adds_up_what_stands_in_it(cast: Cast, at: datetime) -> None:
    a_lead(cast, at, cast.ann, expected_value_fen=100_00)
    a_lead(cast, at, cast.ann, expected_value_fen=250_50)
    a_lead(cast, at, cast.bo)
    a_lead(cast, at, cast.ann, stage=Stage.PROPOSAL, expected_value_fen=5_00)
    a_lead(cast, at, cast.ann, stage=Stage.LOST, lost_reason=LostReason.RIVAL)
    shown = columns(cast, "max", at)
    assert list(shown) == ["new", "qualified", "discovery", "proposal", "approval", "parked"]
    assert (shown["new"].count, shown["new"].value_fen) == (3, 350_50)
    assert (shown["proposal"].count, shown["proposal"].value_fen) == (1, 5_00)
    assert (shown["approval"].count, shown["approval"].value_fen, shown["approval"].cards) == (
        0,
        0,
        (),
    )
    assert columns(cast, "ann", at)["new"].count == 2


def test_the_longest_waiting_stand_first_and_the_rest_is_counted(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "MOST_CARDS", 2)
    leads = [a_lead(cast, at, cast.ann, stage_entered_at=at - n * DAY) for n in range(4)]
    column = columns(cast, "ann", at)["new"]
    assert [card.lead for card in column.cards] == [leads[3], leads[2]]
    assert (column.count, column.more) == (4, 2)


CARDS = [
    # entered the stage, last activity (days ago) → working days there, stale
    (0, 0, 0, False),
    (1, 1, 1, False),
    (12, 12, 8, True),
    (12, 1, 8, False),
    (7, 7, 5, False),
    (8, 8, 6, True),
]


@pytest.mark.parametrize(("entered", "active", "days", "stale"), CARDS)
def test_a_card_says_how_long_and_whether_it_is_stale(
    entered: int, active: int, days: int, stale: bool, cast: Cast, at: datetime
) -> None:
    a_lead(
        cast, at, cast.ann, stage_entered_at=at - entered * DAY, last_activity_at=at - active * DAY
    )
    (card,) = columns(cast, "ann", at)["new"].cards
    assert (card.days, card.stale) == (days, stale)


def test_a_card_offers_the_ways_that_are_the_viewers(cast: Cast, at: datetime) -> None:
    a_lead(cast, at, cast.ann)
    ways = {
        name: {str(way) for way in columns(cast, name, at)["new"].cards[0].ways}
        for name in ("ann", "max", "rui", "otto")
    }
    assert "qualified" in ways["ann"]
    assert ways["ann"] == ways["max"]
    assert ways["rui"] == {"blocked"}
    assert ways["otto"] == set()


def test_more_leads_ask_no_more_statements(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    def grow() -> None:
        for stage in (Stage.NEW, Stage.QUALIFIED, Stage.APPROVAL):
            for owner in (cast.ann, cast.bo, None):
                a_lead(cast, at, owner, stage=stage)

    grow()
    viewer = User.objects.get(pk=cast.max.pk)

    def look() -> None:
        for column in board.of(Lead.objects.visible_to(viewer), viewer=viewer, at=at):
            for card in column.cards:
                assert card.lead.merchant.name
                assert card.lead.owner is None or card.lead.owner.full_name

    same_queries(look, after=grow, at_most=3)


# --- the page ------------------------------------------------------------------------------


BOARD = "/admin/board/"


def test_a_rep_sees_the_own_book_first_and_the_pool_on_request(
    cast: Cast, signed_in: SignedIn
) -> None:
    now = timezone.now()
    a_lead(cast, now, cast.ann, name="南京大牌档")
    a_lead(cast, now, cast.bo, name="绿波廊")
    a_lead(cast, now, None, name="杏花楼")
    browser = signed_in(cast.ann)
    seen = {
        address: [
            name
            for name in ("南京大牌档", "绿波廊", "杏花楼")
            if name in browser.get(f"{BOARD}{address}").content.decode()
        ]
        for address in ("", "?owner=", "?owner=none", f"?owner={cast.bo.pk}", "?owner=x&unit=y")
    }
    assert seen == {
        "": ["南京大牌档"],
        "?owner=": ["南京大牌档", "杏花楼"],
        "?owner=none": ["杏花楼"],
        # A colleague whom one may not know of is no choice.
        f"?owner={cast.bo.pk}": ["南京大牌档", "杏花楼"],
        "?owner=x&unit=y": ["南京大牌档", "杏花楼"],
    }


def test_a_leader_sees_the_team_narrowed_by_colleague_and_unit(
    cast: Cast, signed_in: SignedIn
) -> None:
    now = timezone.now()
    a_lead(cast, now, cast.ann, name="南京大牌档")
    a_lead(cast, now, cast.bo, name="绿波廊")
    browser = signed_in(cast.mei)
    whole = browser.get(BOARD).content.decode()
    assert "南京大牌档" in whole
    assert "绿波廊" in whole
    of_bo = browser.get(f"{BOARD}?owner={cast.bo.pk}&unit={cast.xuhui.pk}").content.decode()
    assert "南京大牌档" not in of_bo
    assert "绿波廊" in of_bo
    link = f"/admin/leads/lead/?stage=new&amp;owner={cast.bo.pk}&amp;unit={cast.xuhui.pk}"
    assert link in of_bo
    listed = browser.get(link.replace("&amp;", "&")).content.decode()
    assert "绿波廊" in listed
    assert "南京大牌档" not in listed
    assert "绿波廊" not in browser.get(f"{BOARD}?unit={cast.shanghai.pk}&owner=me").content.decode()


def test_moving_a_card_opens_the_step_page_which_says_no_in_a_sentence(
    cast: Cast, signed_in: SignedIn
) -> None:
    lead = a_lead(cast, timezone.now(), cast.ann)
    browser = signed_in(cast.ann)
    page = browser.get(BOARD).content.decode()
    step = f"/admin/leads/lead/{lead.pk}/advance/"
    assert f'data-step="{step}"' in page
    assert f"{step}?to=lost&amp;next=%2Fadmin%2Fboard%2F" in page
    assert browser.get(f"{step}?to=lost&next={BOARD}").status_code == 200
    refused = browser.post(f"{step}?to=qualified&next={BOARD}", {"because": ""})
    assert "unified social credit code" in refused.content.decode()
    assert Lead.objects.get().stage == Stage.NEW
    moved = browser.post(f"{step}?to=lost&next={BOARD}", {"lost_reason": "rival", "next": BOARD})
    assert moved["Location"] == BOARD
    assert Lead.objects.get().stage == Stage.LOST


def test_who_may_move_nothing_gets_cards_that_do_not_move(cast: Cast, signed_in: SignedIn) -> None:
    a_lead(cast, timezone.now(), cast.ann)
    page = signed_in(cast.otto).get(BOARD).content.decode()
    assert 'draggable="true"' not in page
    assert "crm-move" not in page
    assert signed_in(cast.nia).get(BOARD).status_code == 403


def test_the_page_grows_no_statements(
    cast: Cast, signed_in: SignedIn, same_queries: Callable[..., int]
) -> None:
    now = timezone.now()

    def grow() -> None:
        for _one in range(4):
            a_lead(cast, now, cast.ann, next_follow_up_at=now - DAY)

    grow()
    browser = signed_in(cast.mei)
    same_queries(lambda: browser.get(BOARD), after=grow, at_most=25)
