"""Administrators keep the organisation, the calendar and the machinery, through the verbs."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from crm.domain import organisation
from crm.errors import NotAllowed, RuleBroken
from crm.models import (
    CalendarYear,
    DeliveryState,
    Membership,
    OrgUnit,
    Role,
    SpecialDay,
    UnitKind,
    User,
)
from tests import factories
from tests.conftest import Cast

type SignedIn = Callable[[User], Client]

NEWCOMER = {
    "email": "new@bank.test",
    "full_name": "新同事",
    "employee_number": "e7",
    "password": "correct horse battery",
    "language": "zh-hans",
    "time_zone": "Asia/Shanghai",
    "is_staff": "on",
}


def test_a_colleague_is_added_given_a_role_and_shut_out(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.ada)
    assert browser.post("/admin/crm/user/add/", NEWCOMER).status_code == 302
    user = User.objects.get(email="new@bank.test")
    assert user.employee_number == "E7"
    assert user.check_password("correct horse battery")
    role = {"user": user.pk, "role": "rep", "unit": cast.xuhui.pk}
    assert browser.post("/admin/crm/membership/add/", role).status_code == 302
    held = Membership.objects.get(user=user)
    twice = browser.post("/admin/crm/membership/add/", role)
    assert "holds this role there already" in twice.content.decode()
    assert browser.post(f"/admin/crm/membership/{held.pk}/end/").status_code == 302
    assert not Membership.objects.filter(user=user).exists()
    assert browser.post(f"/admin/crm/user/{user.pk}/deactivate/").status_code == 302
    user.refresh_from_db()
    assert not user.is_active


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "123"}, "password"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"email": "not an address"}, "email"),
    ],
)
def test_a_colleague_who_makes_no_sense_is_refused_beside_the_field(
    change: dict[str, str], field: str, cast: Cast, signed_in: SignedIn
) -> None:
    response = signed_in(cast.ada).post("/admin/crm/user/add/", NEWCOMER | change)
    assert field in response.context["adminform"].form.errors
    assert not User.objects.filter(email="new@bank.test").exists()


def test_nobody_but_an_administrator_reaches_the_pages(cast: Cast, signed_in: SignedIn) -> None:
    for page in ("password", "deactivate", "reactivate"):
        response = signed_in(cast.mei).post(f"/admin/crm/user/{cast.ann.pk}/{page}/")
        assert response.status_code == 404
    cast.ann.refresh_from_db()
    assert cast.ann.is_active


def test_an_administrator_of_a_branch_stays_in_the_branch(cast: Cast, at: object) -> None:
    local = factories.UserFactory()
    factories.MembershipFactory(user=local, role=Role.ADMINISTRATOR, unit=cast.shanghai)
    organisation.appoint(cast.nia, Role.REP, unit=cast.xuhui, by=local, at=factories.AT)
    for unit in (cast.head_office, cast.hangzhou):
        with pytest.raises(NotAllowed):
            organisation.appoint(local, Role.ADMINISTRATOR, unit=unit, by=local, at=factories.AT)
    with pytest.raises(NotAllowed):
        organisation.set_password(cast.ada.pk, "correct horse battery", by=local, at=factories.AT)


def test_nobody_shuts_themselves_out(cast: Cast) -> None:
    with pytest.raises(RuleBroken):
        organisation.deactivate(cast.ada.pk, by=cast.ada, at=factories.AT)
    own = Membership.objects.get(user=cast.ada)
    with pytest.raises(RuleBroken):
        organisation.relieve(own.pk, by=cast.ada, at=factories.AT)


def test_a_unit_is_opened_below_another(cast: Cast, signed_in: SignedIn) -> None:
    form = {
        "name": "静安团队",
        "kind": UnitKind.TEAM,
        "parent": cast.shanghai.pk,
        "time_zone": "Asia/Shanghai",
    }
    assert signed_in(cast.ada).post("/admin/crm/orgunit/add/", form).status_code == 302
    unit = OrgUnit.objects.get(name="静安团队")
    assert unit.ancestors == [cast.head_office.pk, cast.shanghai.pk, unit.pk]


def test_the_calendar_is_kept_by_hand(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.ada)
    year = CalendarYear.objects.create(year=2027, source="holidays")
    form = {"announced": "on", "source": "国办发明电", "read_version": year.version}
    assert browser.post(f"/admin/crm/calendaryear/{year.pk}/change/", form).status_code == 302
    year.refresh_from_db()
    assert year.announced
    day = {"day": "2027-02-06", "name": "调休上班", "is_working_day": "on"}
    assert browser.post("/admin/crm/specialday/add/", day).status_code == 302
    added = SpecialDay.objects.get(day=date(2027, 2, 6))
    assert (
        "in the calendar already"
        in browser.post("/admin/crm/specialday/add/", day).content.decode()
    )
    assert browser.post(f"/admin/crm/specialday/{added.pk}/remove/").status_code == 302
    assert not SpecialDay.objects.filter(pk=added.pk).exists()


def test_given_up_messages_are_sent_again_by_administrators_only(
    cast: Cast, signed_in: SignedIn
) -> None:
    dead = factories.DeliveryFactory(state=DeliveryState.DEAD, failure="smtp_550: no such user")
    sent = {"delivery": [str(dead.pk), "rubbish"], "because": "A new mailbox"}
    assert signed_in(cast.mei).post("/admin/operations/", sent).status_code == 403
    dead.refresh_from_db()
    assert dead.state == DeliveryState.DEAD
    assert "smtp_550" in signed_in(cast.ada).get("/admin/operations/").content.decode()
    assert signed_in(cast.ada).post("/admin/operations/", sent).status_code == 302
    dead.refresh_from_db()
    assert dead.state == DeliveryState.QUEUED


def test_the_preview_shows_the_mail_in_a_frame_that_may_do_nothing(
    cast: Cast, signed_in: SignedIn
) -> None:
    page = signed_in(cast.mei).get("/admin/crm/weeklyreport/preview/?week=2026-W40")
    assert "sandbox srcdoc=" in page.content.decode()
    odd = signed_in(cast.mei).get("/admin/crm/weeklyreport/preview/?week=2026-W99")
    assert odd.status_code == 200


def test_managers_and_reps_have_the_report_sent_and_nobody_else(
    cast: Cast, signed_in: SignedIn
) -> None:
    for person, mails in ((cast.fay, 0), (cast.ann, 1), (cast.max, 1)):
        signed_in(person).post("/admin/crm/weeklyreport/preview/", {"week": "2026-W40"})
        assert person.deliveries.count() == mails
