"""Visits in the admin: planned from a lead, made on their page, seen as a week."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from crm.ids import uuid7
from crm.models import User
from leads.domain import position_consents
from leads.models import Activity, Visit, VisitPhoto, VisitState
from tests import factories
from tests.conftest import EVERYBODY, Cast
from tests.leads.pictures import PNG
from tests.leads.visiting import CORNER, Round

pytestmark = pytest.mark.django_db

VISITS = "/admin/leads/visit/"
PLAN = "/admin/visit-plan/"

type SignedIn = Callable[[User], Client]


@pytest.fixture
def round_(cast: Cast) -> Round:
    return Round(cast, datetime.now(UTC) - timedelta(minutes=30))


def said(response: Any) -> list[str]:
    return [str(one) for one in response.context["messages"]]


def test_a_rep_plans_makes_and_ends_a_visit(round_: Round, signed_in: SignedIn) -> None:
    browser, lead = signed_in(round_.cast.ann), round_.lead
    page = browser.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()
    assert f"{VISITS}{lead.pk}/for-lead/" in page
    day = timezone.localdate() + timedelta(days=1)
    browser.post(
        f"{VISITS}{lead.pk}/for-lead/",
        {
            "row_id": uuid7(),
            "planned_for": day,
            "planned_time": "14:30",
            "outlet": round_.outlet.pk,
        },
    )
    visit = Visit.objects.get()
    assert (visit.planned_for, str(visit.planned_time)) == (day, "14:30:00")
    browser.post(f"{VISITS}{visit.pk}/check-in/")
    answer = browser.post(
        f"{VISITS}{visit.pk}/check-out/",
        {
            "row_id": uuid7(),
            "summary": "见到店长",
            "outcome_code": "interested",
            "mood": "-1",
            "left_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        },
        follow=True,
    )
    assert said(answer)[-1] == "The visit is done, and what came of it is written down."
    activity = Activity.objects.get()
    assert (activity.outcome_code, activity.mood) == ("interested", -1)
    assert "Displeased (−1)" in answer.content.decode()
    listed = browser.get(f"{VISITS}?owner=me&state=checked_out")
    assert listed.context["cl"].result_count == 1


def test_two_taps_on_check_in_make_one_visit(round_: Round, signed_in: SignedIn) -> None:
    browser, body = signed_in(round_.cast.ann), {"row_id": str(uuid7())}
    for _tap in range(2):
        answer = browser.post(f"{VISITS}{round_.lead.pk}/arrive/", body, follow=True)
    assert Visit.objects.get().state == VisitState.CHECKED_IN
    assert said(answer)[-1] == "You have checked in here already."


def test_what_is_refused_is_said_on_the_page(round_: Round, signed_in: SignedIn) -> None:
    browser, visit = signed_in(round_.cast.ann), round_.plan()
    body = {"row_id": uuid7(), "planned_for": "2020-01-01"}
    answer = browser.post(f"{VISITS}{round_.lead.pk}/for-lead/", body)
    assert "Choose today or a day after it." in answer.content.decode()
    out = {"row_id": uuid7(), "summary": "…", "left_at": "2026-11-18T10:00"}
    answer = browser.post(f"{VISITS}{visit.pk}/check-out/", out)
    assert "Check in before you check out." in answer.content.decode()
    answer = browser.post(f"{VISITS}{visit.pk}/cancel/", {"because": ""})
    assert answer.status_code == 200
    assert round_.row(visit).state == VisitState.PLANNED
    body = {"planned_for": "2020-01-01", "purpose": ""}
    answer = browser.post(f"{VISITS}{visit.pk}/move/", body)
    assert "Choose today or a day after it." in answer.content.decode()


def test_a_photo_is_added_shown_and_taken_away(round_: Round, signed_in: SignedIn) -> None:
    browser, visit = signed_in(round_.cast.ann), round_.check_in(round_.plan())
    upload = SimpleUploadedFile("门头.png", PNG, content_type="image/png")
    answer = browser.post(f"{VISITS}{visit.pk}/photo/", {"photo": upload}, follow=True)
    photo = VisitPhoto.objects.get()
    assert f"/api/v1/files/{photo.file_id}/content/" in answer.content.decode()
    fake = SimpleUploadedFile("门头.png", b"<html>", content_type="image/png")
    answer = browser.post(f"{VISITS}{visit.pk}/photo/", {"photo": fake})
    assert "The file is not what its name says." in answer.content.decode()
    browser.post(f"{VISITS}{photo.pk}/no-photo/")
    assert not VisitPhoto.objects.exists()


def test_where_somebody_was_is_for_them_and_who_leads_them(
    round_: Round, signed_in: SignedIn
) -> None:
    visit = round_.check_in(round_.plan(), CORNER)
    for name, sees in (("ann", True), ("max", True), ("fay", False), ("otto", False)):
        page = signed_in(round_.cast.named(name)).get(f"{VISITS}{visit.pk}/change/")
        text = page.content.decode()
        assert ("31.199" in text) == sees, name
        assert "354 m from the outlet" in text, name
        assert "31.1985" not in text, "the exact point is nowhere"


def test_the_week_is_shown_and_put_in_order(round_: Round, signed_in: SignedIn) -> None:
    ann = round_.cast.ann
    day = timezone.localdate() + timedelta(days=7)
    rows = []
    for north in ("31.300", "31.200", "31.290"):
        merchant = factories.MerchantFactory(unit=round_.cast.xuhui, owner=ann)
        factories.OutletFactory(
            merchant=merchant, latitude=Decimal(north), longitude=Decimal("121.43")
        )
        rows.append(factories.VisitFactory(merchant=merchant, owner=ann, planned_for=day))
    year, week, _day = day.isocalendar()
    word = f"{year}-W{week:02d}"
    browser = signed_in(ann)
    before = browser.get(f"{PLAN}?week={word}").content.decode()
    assert "Order by distance" in before
    browser.post(f"{VISITS}order/", {"week": word})
    assert [round_.row(row).stop for row in rows] == [1, 3, 2]
    leader = signed_in(round_.cast.max).get(f"{PLAN}?week={word}&owner={ann.pk}")
    text = leader.content.decode()
    assert all(str(row.merchant) in text for row in rows)
    assert "Order by distance" not in text
    other = signed_in(round_.cast.sam).get(f"{PLAN}?week={word}&owner={ann.pk}")
    assert not any(str(row.merchant) in other.content.decode() for row in rows)


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_pages_of_ones_own_are_for_whoever_works_here(
    name: str, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.named(name))
    for page in (PLAN, f"{PLAN}?week=x", f"{VISITS}consent/"):
        expected = 403 if name == "nia" else 200
        assert browser.get(page).status_code == expected, page


def test_one_agrees_in_the_browser_and_takes_it_back(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.ann)
    for given, stands in (("yes", True), ("no", False)):
        browser.post(f"{VISITS}consent/", {"given": given})
        assert (position_consents.standing(cast.ann) is not None) == stands


def test_an_activity_is_logged_with_its_outcome_and_corrected(
    round_: Round, signed_in: SignedIn
) -> None:
    browser, lead = signed_in(round_.cast.ann), round_.lead
    browser.post(
        f"/admin/leads/lead/{lead.pk}/log/",
        {
            "row_id": uuid7(),
            "kind": "call",
            "summary": "无人接听",
            "outcome_code": "no_answer",
            "mood": "",
            "occurred_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        },
    )
    row = Activity.objects.get()
    assert (row.outcome_code, row.mood, row.two_way) == ("no_answer", None, False)
    page = f"/admin/leads/activity/{row.pk}/"
    assert "correct/" in browser.get(f"{page}change/").content.decode()
    browser.post(
        f"{page}correct/",
        {"summary": "回电了", "outcome_code": "reached", "mood": "2", "two_way": "on"},
    )
    row.refresh_from_db()
    assert (row.summary, row.outcome_code, row.mood, row.two_way) == ("回电了", "reached", 2, True)
    others = signed_in(round_.cast.max).get(f"{page}change/").content.decode()
    assert "correct/" not in others


def test_lists_go_out_without_place_and_mood(round_: Round, signed_in: SignedIn) -> None:
    from crm import exports

    round_.check_out(round_.check_in(round_.plan(), CORNER), mood=-2)
    for name in ("visits", "activities"):
        one = exports.named(name)
        assert one is not None
        header, cells = one.header(), one.cells(one.visible_to(round_.cast.ann).get())
        text = str((header, cells))
        assert "31.199" not in text
        assert "mood" not in text
        assert "-2" not in text.replace(str(timezone.localdate()), "")
