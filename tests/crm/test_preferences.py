"""Who hears of what through which channel: one's own choice, else the roles', else the kind's."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.actors import SYSTEM
from crm.domain import notification_kinds, notification_matrix, preferences
from crm.domain.notification_kinds import KINDS, WEEKLY_REPORT, Kind
from crm.domain.preferences import Choice
from crm.errors import DomainError
from crm.models import (
    Channel,
    ChatAddress,
    PersonalChannel,
    Role,
    RoleChannel,
    User,
)
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db

INBOX, MAIL, WECOM, DINGTALK = Channel.INBOX, Channel.MAIL, Channel.WECOM, Channel.DINGTALK


@pytest.fixture(autouse=True)
def call(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """A kind that is said everywhere."""
    return declared(monkeypatch, "tests_call")


@pytest.fixture(autouse=True)
def note(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """A kind that is said in the inbox only, unless somebody wants more."""
    return declared(monkeypatch, "tests_note", channels=(INBOX,))


def declared(monkeypatch: pytest.MonkeyPatch, name: str, **more: Any) -> Kind:
    made = Kind(name, name, name, name, **more)
    monkeypatch.setitem(KINDS, name, made)
    return made


def chat(user: User, channel: Channel, **more: Any) -> ChatAddress:
    made: ChatAddress = ChatAddress.objects.create(
        user=user, channel=channel, address=b"sealed", host="chat.test", **more
    )
    return made


def heard(kind: Kind, user: User) -> tuple[Channel, ...]:
    return preferences.channels_for(kind, [user])[user.pk]


def by_role(role: Role, kind: Kind, channel: Channel, wanted: bool) -> None:
    RoleChannel.objects.create(role=role, kind=kind.name, channel=channel, is_wanted=wanted)


def by_choice(user: User, kind: Kind, channel: Channel, wanted: bool) -> None:
    PersonalChannel.objects.create(user=user, kind=kind.name, channel=channel, is_wanted=wanted)


@pytest.mark.parametrize(
    ("usual", "role", "own", "wanted"),
    [
        pytest.param(True, None, None, True, id="the kind wants it"),
        pytest.param(False, None, None, False, id="the kind does not want it"),
        pytest.param(True, False, None, False, id="the role does not want what the kind wants"),
        pytest.param(False, True, None, True, id="the role wants what the kind does not"),
        pytest.param(True, False, True, True, id="the person wants what the role does not"),
        pytest.param(False, True, False, False, id="the person does not want what the role wants"),
        pytest.param(True, None, False, False, id="the person does not want what the kind wants"),
        pytest.param(False, None, True, True, id="the person wants what the kind does not"),
    ],
)
def test_the_person_goes_before_the_role_and_the_role_before_the_kind(
    cast: Cast,
    call: Kind,
    note: Kind,
    usual: bool,
    role: bool | None,
    own: bool | None,
    wanted: bool,
) -> None:
    kind = call if usual else note
    if role is not None:
        by_role(Role.REP, kind, MAIL, role)
    if own is not None:
        by_choice(cast.ann, kind, MAIL, own)
    assert heard(kind, cast.ann) == ((INBOX, MAIL) if wanted else (INBOX,))


@pytest.mark.parametrize(
    ("rep", "lead", "wanted"),
    [
        (False, True, True),
        (True, False, True),
        (False, False, False),
        (False, None, True),  # The other role has it as the kind has it: by mail.
    ],
)
def test_who_holds_two_roles_gets_what_one_of_them_wants(
    cast: Cast, call: Kind, rep: bool | None, lead: bool | None, wanted: bool
) -> None:
    factories.MembershipFactory(user=cast.ann, role=Role.TEAM_LEAD, unit=cast.xuhui)
    for role, said in ((Role.REP, rep), (Role.TEAM_LEAD, lead)):
        if said is not None:
            by_role(role, call, MAIL, said)
    assert (MAIL in heard(call, cast.ann)) == wanted


def test_a_role_says_nothing_to_those_who_do_not_hold_it(cast: Cast, call: Kind) -> None:
    by_role(Role.REP, call, MAIL, False)
    assert heard(call, cast.ann) == (INBOX,)
    assert heard(call, cast.max) == heard(call, cast.nia) == (INBOX, MAIL)


def test_a_chat_is_used_only_where_the_person_has_an_active_one(
    cast: Cast, call: Kind, at: datetime
) -> None:
    chat(cast.ann, WECOM)
    chat(cast.bo, DINGTALK, stopped_at=at)
    by_choice(cast.max, call, WECOM, True)
    assert heard(call, cast.ann) == (INBOX, MAIL, WECOM)
    assert heard(call, cast.bo) == (INBOX, MAIL), "it was stopped"
    assert heard(call, cast.max) == (INBOX, MAIL), "it was wanted before it was set up"


def test_the_weekly_report_comes_by_mail_or_not_at_all(cast: Cast, at: datetime) -> None:
    chat(cast.max, WECOM)
    assert heard(WEEKLY_REPORT, cast.max) == (MAIL,)
    preferences.choose(cast.max.pk, "weekly_report", MAIL, wanted=False, by=cast.max, at=at)
    assert heard(WEEKLY_REPORT, cast.max) == ()


def test_the_weekly_report_is_the_kind_that_its_mails_name() -> None:
    from crm.domain import weekly_report

    assert WEEKLY_REPORT.name == weekly_report.KIND


def test_a_batch_of_mixed_kinds_is_answered_pair_by_pair(
    cast: Cast, call: Kind, note: Kind
) -> None:
    by_choice(cast.ann, note, MAIL, True)
    by_choice(cast.bo, call, MAIL, False)
    pairs = [(kind, user) for kind in (call, note) for user in (cast.ann, cast.bo)]
    found = preferences.channels_for_many(pairs)
    assert found == {
        (call.name, cast.ann.pk): (INBOX, MAIL),
        (note.name, cast.ann.pk): (INBOX, MAIL),
        (call.name, cast.bo.pk): (INBOX,),
        (note.name, cast.bo.pk): (INBOX,),
    }
    assert preferences.channels_for_many([]) == {}


def test_a_batch_costs_four_statements_however_many_people(
    cast: Cast, call: Kind, note: Kind, same_queries: Callable[..., int]
) -> None:
    people = [cast.ann, cast.bo]

    def ask() -> None:
        preferences.channels_for_many([(kind, one) for kind in (call, note) for one in people])

    def grow() -> None:
        for one in (*(factories.UserFactory() for _ in range(20)), cast.max, cast.mei):
            people.append(one)
            by_choice(one, call, MAIL, False)
            chat(one, WECOM)

    assert same_queries(ask, after=grow, at_most=4) == 4


def test_what_is_chosen_holds_until_it_is_taken_back(
    cast: Cast, call: Kind, note: Kind, at: datetime
) -> None:
    done = preferences.choose_many(
        cast.ann.pk,
        [Choice(call.name, MAIL, False), Choice(note.name, MAIL, True)],
        by=cast.ann,
        at=at,
    )
    assert done == 2
    assert heard(call, cast.ann) == (INBOX,)
    assert heard(note, cast.ann) == (INBOX, MAIL)
    assert heard(call, cast.bo) == (INBOX, MAIL), "nobody else is meant"

    again = [Choice(call.name, MAIL, False), Choice(note.name, MAIL, None)]
    assert preferences.choose_many(cast.ann.pk, again, by=cast.ann, at=at) == 1
    assert heard(note, cast.ann) == (INBOX,)

    row = preferences.choose(cast.ann.pk, call.name, MAIL, wanted=True, by=cast.ann, at=at)
    assert (row.is_wanted, row.version) == (True, 2)
    assert preferences.forget(cast.ann.pk, by=cast.ann, at=at) == 1
    assert not PersonalChannel.objects.exists()


def test_a_choice_that_agrees_with_the_role_is_kept_when_the_role_changes(
    cast: Cast, note: Kind, at: datetime
) -> None:
    preferences.choose(cast.ann.pk, note.name, MAIL, wanted=False, by=cast.ann, at=at)
    preferences.set_role_default(Role.REP, note.name, MAIL, wanted=True, by=cast.ada, at=at)
    assert heard(note, cast.ann) == (INBOX,)
    assert heard(note, cast.bo) == (INBOX, MAIL)


@pytest.mark.parametrize("name", ["bo", "max", "mei", "ada"])
def test_nobody_chooses_for_somebody_else(cast: Cast, call: Kind, at: datetime, name: str) -> None:
    other = cast.named(name)
    for verb in (
        lambda: preferences.choose(cast.ann.pk, call.name, MAIL, wanted=False, by=other, at=at),
        lambda: preferences.forget(cast.ann.pk, by=other, at=at),
    ):
        with pytest.raises(DomainError) as refusal:
            verb()
        assert refusal.value.code == "not_found"
    assert not PersonalChannel.objects.exists()


def test_the_system_may_choose_for_everybody(cast: Cast, call: Kind, at: datetime) -> None:
    preferences.choose(cast.ann.pk, call.name, MAIL, wanted=False, by=SYSTEM, at=at)
    assert heard(call, cast.ann) == (INBOX,)


BAD = [
    pytest.param([Choice("nothing", "mail", True)], "unknown_kind", id="unknown kind"),
    pytest.param([Choice("tests_call\0", "mail", True)], "unknown_kind", id="NUL in the kind"),
    pytest.param([Choice("tests_call", "inbox", False)], "inbox_stays", id="without the inbox"),
    pytest.param([Choice("tests_call", "webhook", True)], "channel_not_offered", id="webhook"),
    pytest.param([Choice("tests_call", "pigeon", True)], "channel_not_offered", id="no channel"),
    pytest.param(
        [Choice("weekly_report", "wecom", True)], "channel_not_offered", id="report in a chat"
    ),
    pytest.param(
        [Choice("tests_call", "mail", True), Choice("tests_call", "mail", False)],
        "chosen_twice",
        id="twice",
    ),
    pytest.param(
        [Choice("tests_call", "mail", True)] * (preferences.MOST_CHOICES + 1),
        "too_many_choices",
        id="too many",
    ),
]


@pytest.mark.parametrize(("choices", "code"), BAD)
def test_a_choice_that_makes_no_sense_is_refused_and_nothing_is_written(
    cast: Cast, at: datetime, choices: list[Choice], code: str
) -> None:
    sound = [Choice("tests_note", "mail", True)]
    for verb in (
        lambda: preferences.choose_many(cast.ann.pk, sound + choices, by=cast.ann, at=at),
        lambda: preferences.set_role_defaults(Role.REP, sound + choices, by=cast.ada, at=at),
    ):
        with pytest.raises(DomainError) as refusal:
            verb()
        assert refusal.value.code == code
        assert str(refusal.value)
    assert not PersonalChannel.objects.exists()
    assert not RoleChannel.objects.exists()


@pytest.mark.parametrize("channel", [Channel.INBOX, Channel.WEBHOOK])
def test_the_database_itself_keeps_the_inbox_out_of_the_choices(
    cast: Cast, channel: Channel
) -> None:
    with pytest.raises(IntegrityError, match="personal_channel_is_a_choice"), transaction.atomic():
        by_choice(cast.ann, KINDS["tests_call"], channel, False)
    with pytest.raises(IntegrityError, match="role_channel_is_a_choice"), transaction.atomic():
        by_role(Role.REP, KINDS["tests_call"], channel, False)


def test_administrators_say_what_a_role_gets(cast: Cast, call: Kind, at: datetime) -> None:
    for name in ("ann", "max", "mei", "otto", "nia"):
        with pytest.raises(DomainError) as refusal:
            preferences.set_role_default(
                Role.REP, call.name, MAIL, wanted=False, by=cast.named(name), at=at
            )
        assert refusal.value.code == "not_allowed"
    preferences.set_role_default(Role.REP, call.name, MAIL, wanted=False, by=cast.ada, at=at)
    assert heard(call, cast.ann) == (INBOX,)


def test_a_default_that_is_the_kinds_own_leaves_no_row(
    cast: Cast, call: Kind, note: Kind, at: datetime
) -> None:
    def set_(kind: Kind, wanted: bool) -> None:
        preferences.set_role_default(Role.REP, kind.name, MAIL, wanted=wanted, by=cast.ada, at=at)

    set_(call, False)
    set_(note, True)
    assert RoleChannel.objects.count() == 2
    set_(call, True)
    set_(note, False)
    assert not RoleChannel.objects.exists()
    assert heard(call, cast.ann) == (INBOX, MAIL)
    assert heard(note, cast.ann) == (INBOX,)


def test_the_matrix_shows_what_holds_and_who_said_so(
    cast: Cast, call: Kind, note: Kind, at: datetime
) -> None:
    chat(cast.ann, WECOM)
    by_role(Role.REP, note, MAIL, True)
    by_choice(cast.ann, call, MAIL, False)
    matrix = notification_matrix.of_person(cast.ann)
    assert matrix.channels == (INBOX, MAIL, WECOM)
    found = {
        (cell.kind.name, cell.channel): (cell.wanted, cell.said_by, cell.is_fixed)
        for cell in matrix.cells
    }
    assert found["tests_call", INBOX] == (True, "kind", True)
    assert found["tests_call", MAIL] == (False, "personal", False)
    assert found["tests_call", WECOM] == (True, "kind", False)
    assert found["tests_note", MAIL] == (True, "role", False)
    assert ("weekly_report", INBOX) not in found
    assert {kind.name for _group, rows in matrix.groups for kind, _cells in rows} == set(KINDS)


def test_what_people_work_with_stands_above_what_the_house_says(cast: Cast) -> None:
    headings = [heading for heading, _rows in notification_matrix.of_person(cast.ann).groups]
    at = headings.index
    assert at("Follow-ups") < at("Campaigns") < at("Merchants") < at("My team") < at("Reports")
    assert headings[-1] == "Lists and long work"
    assert len(headings) == len(set(headings))


def test_the_matrix_and_what_is_sent_agree(cast: Cast, call: Kind, note: Kind) -> None:
    chat(cast.ann, DINGTALK)
    by_role(Role.REP, call, MAIL, False)
    by_choice(cast.ann, note, DINGTALK, True)
    cells = notification_matrix.of_person(cast.ann).cells
    for kind in KINDS.values():
        shown = tuple(one.channel for one in cells if one.kind == kind and one.wanted)
        assert shown == heard(kind, cast.ann), kind.name


def test_every_kind_of_the_rooms_stands_under_the_heading_of_its_room() -> None:
    own = [kind for kind in KINDS.values() if not kind.name.startswith("tests_")]
    assert {str(kind.group) for kind in own} > {"Leads", "Follow-ups", "Campaigns", "Reports"}
    alone = {kind.name for kind in own if kind.group == notification_kinds.OTHER_GROUP}
    assert not alone & {"follow_up_due", "lead_goes_back", "budget_used", "approval_waiting"}


@pytest.mark.django_db(transaction=True)
def test_two_pages_of_one_person_take_turns(cast: Cast, call: Kind, at: datetime) -> None:
    def other_page() -> None:
        preferences.choose(cast.ann.pk, call.name, MAIL, wanted=True, by=cast.ann, at=at)

    with transaction.atomic():
        preferences.choose(cast.ann.pk, call.name, MAIL, wanted=False, by=cast.ann, at=at)
        other = Session(other_page)
        assert other.wait_until_blocked()
    other.end()
    row = PersonalChannel.objects.get()
    assert (row.is_wanted, row.version) == (True, 2)


@pytest.mark.django_db(transaction=True)
def test_two_people_choose_without_waiting_for_each_other(
    cast: Cast, call: Kind, at: datetime
) -> None:
    def somebody_else() -> None:
        preferences.choose(cast.bo.pk, call.name, MAIL, wanted=False, by=cast.bo, at=at)

    with transaction.atomic():
        preferences.choose(cast.ann.pk, call.name, MAIL, wanted=False, by=cast.ann, at=at)
        other = Session(somebody_else)
        assert not other.wait_until_blocked()
    other.end()
    assert PersonalChannel.objects.count() == 2


def test_asking_reads_what_it_needs_and_no_more(cast: Cast, call: Kind) -> None:
    with CaptureQueriesContext(connection) as asked:
        heard(call, cast.ann)
    assert len(asked) == 4
