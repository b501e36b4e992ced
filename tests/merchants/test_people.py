"""People's data: masked everywhere, sealed in the database, shown for a reason only."""

from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from crm import sealing
from crm.actors import SYSTEM
from crm.errors import DomainError, InvalidInput, NotAllowed, RuleBroken
from crm.ids import uuid7
from crm.models import AccessKind, AccessRecord
from merchants.domain import (
    consents,
    contacts,
    masking,
    personal,
    resealing,
    retention,
    unmasking,
)
from merchants.domain.consents import Agreed
from merchants.models import (
    Consent,
    Contact,
    ContactState,
    LegalForm,
    Merchant,
    RestrictionReason,
    TimelineEntry,
)
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db
PLAIN = ("张三丰", "13800138000", "zhang.san@qq.com")


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


@pytest.fixture
def contact(merchant: Merchant) -> Contact:
    return factories.ContactFactory(merchant=merchant, full_name=PLAIN[0], email=PLAIN[2])


def fresh(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)


def add(merchant: Merchant, at: datetime, **given: Any) -> Contact:
    values = {"full_name": "李四", "lawful_basis": "public", **given}
    return contacts.add_contact(uuid7(), merchant.pk, by=SYSTEM, at=at, **values)


# --- masked and sealed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("欧阳娜娜", "欧*"), (" 李 四 ", "李*"), ("Ann Lee", "A*")],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert masking.name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [("zhang.san@qq.com", "z***@qq.com"), ("z@qq.com", "z***@qq.com"), ("", "")],
)
def test_an_e_mail_address_is_masked(address: str, masked: str) -> None:
    assert masking.email(address) == masked


def test_the_table_holds_no_phone_and_no_address_in_plain(contact: Contact) -> None:
    other = factories.ContactFactory(
        merchant=contact.merchant, full_name="李四", email=PLAIN[2], phone="+8613800138000"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchants_contact::text FROM merchants_contact")
        rows = " ".join(row for (row,) in cursor.fetchall())
    for plain in PLAIN[1:]:
        assert plain not in rows
        assert plain.encode().hex() not in rows
    first, second = fresh(contact), fresh(other)
    assert bytes(first.phone_sealed or b"") != bytes(second.phone_sealed or b"")
    assert bytes(first.email_sealed or b"") != bytes(second.email_sealed or b"")
    assert first.open_phone() == second.open_phone() == "+8613800138000"


def test_a_sealed_phone_moved_to_another_row_or_column_does_not_open(contact: Contact) -> None:
    other = factories.ContactFactory(merchant=contact.merchant)
    Contact.objects.filter(pk=other.pk).update(phone_sealed=contact.phone_sealed)
    with pytest.raises(sealing.CannotOpen):
        fresh(other).open_phone()
    Contact.objects.filter(pk=contact.pk).update(email_sealed=contact.phone_sealed)
    with pytest.raises(sealing.CannotOpen):
        fresh(contact).open_email()


@pytest.mark.parametrize(
    ("stored", "searched", "found"),
    [
        ("13800138000", "8000", True),
        ("13800138000", "13800138000", True),
        ("13800138000", "0138", False),
        ("95555", "95555", True),
        ("95555", "5555", True),
        ("400-820-8820", "4008208820", True),
        ("021-64310000", "64310000", True),
    ],
)
def test_a_merchant_is_found_by_the_tail_of_a_phone(
    stored: str, searched: str, found: bool, merchant: Merchant, at: datetime
) -> None:
    add(merchant, at, phone=stored)
    assert Merchant.objects.matching(searched).exists() is found


def test_people_are_found_by_their_whole_phone_and_address(contact: Contact) -> None:
    factories.ContactFactory(merchant=contact.merchant, phone="+8613800138001")
    assert list(Contact.objects.with_phone("+8613800138000")) == [contact]
    assert list(Contact.objects.with_email("ZHANG.SAN@qq.com ")) == [contact]
    assert not Contact.objects.with_phone("+8613800138002").exists()


def test_every_search_is_served_by_an_index(contact: Contact) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for rows, index in (
        (Contact.objects.with_phone_tail("8000"), "contact_phone_tails"),
        (Contact.objects.with_phone("+8613800138000"), "contact_by_phone"),
        (Contact.objects.with_email(PLAIN[2]), "contact_by_email"),
        (Contact.objects.beyond_retention(date(2026, 1, 1)), "contact_by_retention"),
    ):
        assert index in rows.order_by().explain(), index


def test_nobody_reads_a_person_in_plain_without_asking(
    contact: Contact, cast: Cast, client: Client
) -> None:
    phone = Phone(cast.ann)
    base = f"merchants/{contact.merchant_id}"
    answers = [
        phone.get(f"{base}/contacts/"),
        phone.get(f"{base}/timeline/"),
        phone.get(f"contacts/{contact.pk}/"),
        phone.patch(f"contacts/{contact.pk}/", {"position": "经理"}, if_match='"1"'),
        phone.patch(f"contacts/{contact.pk}/", {"position": "…"}, if_match='"1"'),
    ]
    client.force_login(cast.ann, backend="crm.authentication.EmailOrEmployeeNumberBackend")
    admin = "/admin/merchants"
    answers += [
        client.get(address)
        for address in (
            f"{admin}/contact/",
            f"{admin}/contact/?q=8000",
            f"{admin}/contact/{contact.pk}/change/",
            f"{admin}/contact/{contact.pk}/unmask/",
            f"{admin}/contact/{contact.pk}/erase/",
            f"{admin}/merchant/{contact.merchant_id}/change/",
            "/admin/search/?s=8000",
        )
    ]
    for answer in answers:
        assert answer.status_code in (200, 412)
        text = answer.content.decode()
        assert not [plain for plain in PLAIN if plain in text]
    assert str(contact) == "张*"
    assert "张*" in answers[2].content.decode()
    assert answers[2].json()["email"] == "z***@qq.com"


# --- new keys ------------------------------------------------------------------------------------


def test_a_rotation_seals_everything_anew_and_goes_on_where_it_stopped(
    merchant: Merchant, settings: Any
) -> None:
    people = [factories.ContactFactory(merchant=merchant, email=PLAIN[2]) for _ in range(5)]
    old, index = settings.SEALING_KEYS, sealing.new_key()
    settings.SEALING_KEYS = f"new:{sealing.new_key()},{old}"
    settings.BLIND_INDEX_KEY = index
    assert not Contact.objects.with_phone_tail("8000").exists()
    assert resealing.reseal(limit=2).done == 2
    said = StringIO()
    call_command("rotate_sealing_key", stdout=said)
    assert "3 contacts are under older keys" in said.getvalue()
    assert "3 sealed anew" in said.getvalue()
    settings.SEALING_KEYS = settings.SEALING_KEYS.split(",")[0]
    for person in people:
        one = fresh(person)
        assert (one.open_phone(), one.open_email()) == ("+8613800138000", PLAIN[2])
        assert sealing.key_of(one.phone_sealed or b"") == "new"
        assert one.version == 1
    assert Contact.objects.with_phone_tail("8000").count() == 5
    assert resealing.left() == 0


def test_a_rotation_says_whose_data_no_key_opens(contact: Contact, settings: Any) -> None:
    settings.SEALING_KEYS = f"new:{sealing.new_key()}"
    before = bytes(contact.phone_sealed or b"")
    with pytest.raises(CommandError, match="1 contacts cannot be opened"):
        call_command("rotate_sealing_key", stdout=StringIO(), stderr=StringIO())
    assert bytes(fresh(contact).phone_sealed or b"") == before


# --- adding and correcting -----------------------------------------------------------------------

BAD: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "no name": ({"full_name": " "}, "name_required", "full_name"),
    "a name with NUL": ({"full_name": "张\0三"}, "nul_character", "full_name"),
    "a name of ten megabytes": ({"full_name": "张" * 10_000_000}, "too_long", "full_name"),
    "a position too long": ({"position": "长" * 101}, "too_long", "position"),
    "a phone that nobody can dial": ({"phone": "12"}, "phone_invalid", "phone"),
    "a phone of ten megabytes": ({"phone": "1" * 10_000_000}, "too_long", "phone"),
    "an address without a sign": ({"email": "zhang.qq.com"}, "email_invalid", "email"),
    "an address with NUL": ({"email": "z\0@qq.com"}, "nul_character", "email"),
    "no lawful basis": ({"lawful_basis": ""}, "lawful_basis_required", None),
    "a contract with a company": (
        {"lawful_basis": "contract"},
        "contract_needs_sole_proprietor",
        "lawful_basis",
    ),
    "half a window": ({"best_from": time(14)}, "best_time_incomplete", None),
    "a notice to come": (
        {"notice_given_at": factories.AT + timedelta(days=1)},
        "given_in_future",
        "notice_given_at",
    ),
    "kept until yesterday": (
        {"retain_until": date(2026, 11, 17)},
        "retain_until_out_of_range",
        "retain_until",
    ),
    "kept for ever": (
        {"retain_until": date(2040, 1, 1)},
        "retain_until_out_of_range",
        "retain_until",
    ),
    "a consent to come": (
        {"consent": Agreed(given_at=factories.AT + timedelta(days=1))},
        "given_in_future",
        "given_at",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    kind: str, merchant: Merchant, at: datetime
) -> None:
    given, code, attr = BAD[kind]
    with pytest.raises(RuleBroken) as refusal:
        add(merchant, at, **given)
    assert (refusal.value.code, refusal.value.problems[0].attr) == (code, attr)
    assert str(refusal.value)
    assert not Contact.objects.exists()
    assert not TimelineEntry.objects.exists()


def test_a_contract_with_the_person_holds_for_a_sole_proprietor(
    cast: Cast, merchant: Merchant, at: datetime
) -> None:
    merchant.change(at=at, legal_form=LegalForm.SOLE_PROPRIETOR)
    assert add(merchant, at, lawful_basis="contract").lawful_basis == "contract"


def test_a_consent_is_recorded_with_the_person(merchant: Merchant, at: datetime) -> None:
    agreed = Agreed(text_version="2026-01", channel="paper")
    sound = add(merchant, at, lawful_basis="consent", consent=agreed, notice_given_at=at)
    assert sound.notices == ()
    assert sound.consents.get().given_at == at
    bare = add(merchant, at, lawful_basis="consent")
    assert bare.consents.get().channel == "not_stated"
    assert [one.code for one in bare.notices] == ["consent_details_missing", "notice_not_given"]
    assert not add(merchant, at, lawful_basis="public").consents.exists()


def test_a_basis_of_consent_needs_a_living_consent(merchant: Merchant, at: datetime) -> None:
    person = add(merchant, at)
    with pytest.raises(InvalidInput) as refusal:
        contacts.change_contact(person.pk, {"lawful_basis": "consent"}, by=SYSTEM, at=at)
    assert refusal.value.code == "consent_required"
    consents.give_consent(uuid7(), person.pk, Agreed(), by=SYSTEM, at=at)
    changed = contacts.change_contact(person.pk, {"lawful_basis": "consent"}, by=SYSTEM, at=at)
    assert changed.lawful_basis == "consent"


def test_the_timeline_names_the_role_and_never_the_person(contact: Contact, at: datetime) -> None:
    contacts.change_contact(contact.pk, {"full_name": "王五", "position": "老王"}, by=SYSTEM, at=at)
    contacts.set_notice(contact.pk, version="2026-01", by=SYSTEM, at=at)
    retention.erase(contact.pk, by=SYSTEM, at=at)
    facts = str(list(TimelineEntry.objects.values_list("facts", flat=True)))
    assert "王" not in facts


# --- consents ------------------------------------------------------------------------------------


def test_withdrawing_the_last_consent_restricts_and_a_new_one_lifts_that(
    contact: Contact, at: datetime
) -> None:
    (given,) = contact.consents.all()
    marketing = consents.give_consent(
        uuid7(), contact.pk, Agreed(purpose="marketing"), by=SYSTEM, at=at
    )
    consents.withdraw_consent(given.pk, by=SYSTEM, at=at)
    assert fresh(contact).state == ContactState.ACTIVE
    for _ in range(2):
        consents.withdraw_consent(marketing.pk, by=SYSTEM, at=at)
    restricted = fresh(contact)
    assert restricted.state == ContactState.RESTRICTED
    assert restricted.restricted_because == RestrictionReason.CONSENT_WITHDRAWN
    assert TimelineEntry.objects.filter(kind="contact.consent_withdrawn").count() == 2
    with pytest.raises(RuleBroken) as refusal:
        contacts.change_contact(contact.pk, {"position": "…"}, by=SYSTEM, at=at)
    assert refusal.value.code == "contact_restricted"
    consents.give_consent(uuid7(), contact.pk, Agreed(), by=SYSTEM, at=at)
    assert fresh(contact).state == ContactState.ACTIVE


def test_one_agrees_to_a_purpose_once(contact: Contact, at: datetime) -> None:
    with pytest.raises(RuleBroken) as refusal:
        consents.give_consent(uuid7(), contact.pk, Agreed(), by=SYSTEM, at=at)
    assert refusal.value.code == "consent_exists"


def test_a_restriction_that_the_person_asked_for_is_not_lifted_by_a_consent(
    contact: Contact, at: datetime
) -> None:
    retention.restrict(contact.pk, because="requested", by=SYSTEM, at=at)
    consents.give_consent(uuid7(), contact.pk, Agreed(purpose="marketing"), by=SYSTEM, at=at)
    assert fresh(contact).state == ContactState.RESTRICTED


# --- reading in plain ----------------------------------------------------------------------------


def test_unmasking_shows_the_person_and_writes_it_down(
    contact: Contact, cast: Cast, at: datetime
) -> None:
    shown = unmasking.unmask(contact.pk, reason="call", by=cast.ann, at=at)
    assert (shown.full_name, shown.phone, shown.email) == (PLAIN[0], "+8613800138000", PLAIN[2])
    assert shown.left == unmasking.A_DAY.value - 1
    assert [one.code for one in shown.notices] == ["notice_not_given"]
    record = AccessRecord.objects.get()
    assert (record.user, record.kind, record.subject_id, record.reason, record.at) == (
        cast.ann,
        AccessKind.UNMASKED,
        contact.pk,
        "call",
        at,
    )


def test_another_reason_is_put_into_words(contact: Contact, cast: Cast, at: datetime) -> None:
    with pytest.raises(InvalidInput) as refusal:
        unmasking.unmask(contact.pk, reason="other", words=" ", by=cast.ann, at=at)
    assert refusal.value.code == "reason_words_required"
    unmasking.unmask(contact.pk, reason="other", words="送发票", by=cast.ann, at=at)
    assert AccessRecord.objects.get().facts == {"words": "送发票"}


def test_a_person_who_wishes_no_contact_is_shown_with_a_warning(
    contact: Contact, cast: Cast, at: datetime
) -> None:
    contacts.change_contact(contact.pk, {"do_not_contact": True}, by=SYSTEM, at=at)
    contacts.set_notice(contact.pk, version="2026-01", by=SYSTEM, at=at)
    shown = unmasking.unmask(contact.pk, reason="visit", by=cast.ann, at=at)
    assert [one.code for one in shown.notices] == ["do_not_contact"]
    assert unmasking.unmask(contact.pk, reason="correction", by=cast.ann, at=at).notices == ()


@pytest.mark.parametrize(
    ("state", "who", "code"),
    [
        ("restricted", "ann", "contact_restricted"),
        ("restricted", "mei", "contact_restricted"),
        ("restricted", "rui", None),
        ("erased", "ann", "contact_erased"),
        ("erased", "rui", "contact_erased"),
        ("active", "fay", "not_allowed"),
        ("active", "sam", "not_found"),
        ("active", "rui", None),
    ],
)
def test_who_may_read_whom(
    state: str, who: str, code: str | None, contact: Contact, cast: Cast, at: datetime
) -> None:
    if state == "restricted":
        retention.restrict(contact.pk, because="requested", by=SYSTEM, at=at)
    if state == "erased":
        retention.erase(contact.pk, by=SYSTEM, at=at)
    got = None
    try:
        unmasking.unmask(contact.pk, reason="complaint", by=cast.named(who), at=at)
    except DomainError as refusal:
        got = refusal.code
    assert got == code
    assert AccessRecord.objects.count() == (code is None)


def test_the_system_has_no_eyes(contact: Contact, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        unmasking.unmask(contact.pk, reason="call", by=SYSTEM, at=at)


def fill_the_day(cast: Cast, contact: Contact, at: datetime, but: int = 0) -> None:
    AccessRecord.objects.bulk_create(
        AccessRecord(at=at, user=cast.ann, kind="unmasked", noun="contact", subject_id=contact.pk)
        for _ in range(unmasking.A_DAY.value - but)
    )


def test_fifty_a_day_and_the_day_begins_at_midnight_in_shanghai(
    contact: Contact, cast: Cast
) -> None:
    evening = datetime.fromisoformat("2026-11-18T23:59:00+08:00")
    fill_the_day(cast, contact, datetime.fromisoformat("2026-11-18T00:00:00+08:00"))
    with pytest.raises(RuleBroken) as refusal:
        unmasking.unmask(contact.pk, reason="call", by=cast.ann, at=evening)
    assert (refusal.value.code, refusal.value.facts) == ("unmask_cap_reached", {"cap": 50})
    unmasking.unmask(contact.pk, reason="call", by=cast.max, at=evening)
    morning = evening + timedelta(minutes=1)
    assert unmasking.unmask(contact.pk, reason="call", by=cast.ann, at=morning).left == 49


@pytest.mark.django_db(transaction=True)
def test_two_sessions_cannot_both_take_the_last_of_the_day(
    contact: Contact, cast: Cast, at: datetime
) -> None:
    fill_the_day(cast, contact, at, but=1)
    other = factories.ContactFactory(merchant=contact.merchant)
    with transaction.atomic():
        unmasking.unmask(contact.pk, reason="call", by=cast.ann, at=at)
        second = Session(lambda: unmasking.unmask(other.pk, reason="call", by=cast.ann, at=at))
        assert second.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        second.end()
    assert refusal.value.code == "unmask_cap_reached"
    assert AccessRecord.objects.count() == unmasking.A_DAY.value


def test_the_api_shows_a_person_once_and_keeps_the_answer_nowhere(
    contact: Contact, cast: Cast
) -> None:
    from crm.models import GivenAnswer

    answer = Phone(cast.ann).post(f"contacts/{contact.pk}/unmask/", {"reason": "call"}, key="one")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["full_name"], body["phone"], body["email"]) == (
        PLAIN[0],
        "+8613800138000",
        PLAIN[2],
    )
    assert not GivenAnswer.objects.exists()
    log = Phone(cast.rui).get(f"access-log/?subject={contact.pk}").json()["results"]
    assert [(one["user"]["full_name"], one["reason"]) for one in log] == [("Ann", "call")]
    assert Phone(cast.bo).get("access-log/").json()["results"] == []


def test_the_admin_asks_for_the_reason_and_shows_a_person_once(
    contact: Contact, cast: Cast, client: Client
) -> None:
    client.force_login(cast.ann, backend="crm.authentication.EmailOrEmployeeNumberBackend")
    page = f"/admin/merchants/contact/{contact.pk}/unmask/"
    refused = client.post(page, {"reason": "other"})
    assert "words" in refused.context["form"].errors
    shown = client.post(page, {"reason": "call"})
    assert "no-store" in shown["Cache-Control"]
    assert all(plain in shown.content.decode() for plain in PLAIN)
    assert PLAIN[1] not in client.get(page).content.decode()
    client.force_login(cast.otto, backend="crm.authentication.EmailOrEmployeeNumberBackend")
    assert "To call or write" in client.get("/admin/crm/accessrecord/").content.decode()


# --- no longer than promised ---------------------------------------------------------------------


def test_erasing_wipes_the_person_and_keeps_the_row(contact: Contact, at: datetime) -> None:
    Consent.objects.update(words="张三丰 said yes")
    for _ in range(2):
        retention.erase(contact.pk, by=SYSTEM, at=at)
    gone = fresh(contact)
    assert gone.state == ContactState.ERASED
    assert (gone.full_name, gone.position, gone.open_phone(), gone.open_email()) == ("",) * 4
    assert str(gone) == "*"
    assert not Contact.objects.with_phone("+8613800138000").exists()
    assert gone.consents.get().words == ""
    assert TimelineEntry.objects.filter(kind="contact.erased").count() == 1
    for verb in (
        lambda: contacts.change_contact(contact.pk, {"position": "…"}, by=SYSTEM, at=at),
        lambda: retention.restrict(contact.pk, because="other", by=SYSTEM, at=at),
        lambda: contacts.set_notice(contact.pk, version="1", by=SYSTEM, at=at),
        lambda: consents.give_consent(uuid7(), contact.pk, Agreed(), by=SYSTEM, at=at),
    ):
        with pytest.raises(RuleBroken) as refusal:
            verb()
        assert refusal.value.code == "contact_erased"


def test_the_database_itself_keeps_an_erased_person_empty(contact: Contact, at: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(state="erased")
    retention.erase(contact.pk, by=SYSTEM, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(full_name="张三")


@pytest.fixture
def floors(monkeypatch: pytest.MonkeyPatch) -> dict[str, date | None]:
    """What the law and the last contact say, in place of the rooms that know it."""
    said: dict[str, date | None] = {"law": None, "met": None}
    monkeypatch.setattr(retention, "_FLOORS", [lambda merchant_id: said["law"]])
    monkeypatch.setattr(retention, "_LAST_CONTACTS", [lambda merchant_id: said["met"]])
    return said


@pytest.mark.parametrize(
    ("law", "met", "state", "kept_until"),
    [
        (None, None, "erased", date(2026, 11, 17)),
        (date(2026, 11, 17), None, "erased", date(2026, 11, 17)),
        (date(2036, 5, 31), None, "restricted", date(2036, 5, 31)),
        (None, date(2026, 11, 1), "active", date(2027, 11, 1)),
        (date(2036, 5, 31), date(2026, 11, 1), "active", date(2027, 11, 1)),
        (None, date(2025, 11, 1), "erased", date(2026, 11, 17)),
    ],
)
def test_what_is_held_too_long_is_erased_restricted_or_still_in_use(
    law: date | None,
    met: date | None,
    state: str,
    kept_until: date,
    contact: Contact,
    at: datetime,
    floors: dict[str, date | None],
) -> None:
    floors |= {"law": law, "met": met}
    Contact.objects.update(retain_until=date(2026, 11, 17))
    assert [retention.settle_overdue(at=at) for _ in range(2)] == [1, 0]
    settled = fresh(contact)
    assert (settled.state, settled.retain_until) == (state, kept_until)
    written = TimelineEntry.objects.filter(subject_id=contact.pk)
    assert [one.kind for one in written] == ([] if state == "active" else [f"contact.{state}"])


def test_the_last_day_is_still_promised(contact: Contact, at: datetime) -> None:
    Contact.objects.update(retain_until=date(2026, 11, 18))
    assert retention.settle_overdue(at=at) == 0


def test_a_restricted_person_is_erased_when_the_laws_time_is_over(
    contact: Contact, at: datetime, floors: dict[str, date | None]
) -> None:
    Contact.objects.update(retain_until=date(2026, 11, 17))
    floors["law"] = date(2026, 12, 31)
    retention.settle_overdue(at=at)
    assert fresh(contact).restricted_because == RestrictionReason.RETENTION
    assert retention.settle_overdue(at=at + timedelta(days=60)) == 1
    assert fresh(contact).state == ContactState.ERASED


def test_the_law_forbids_erasing_before_its_time(
    contact: Contact, at: datetime, floors: dict[str, date | None]
) -> None:
    floors["law"] = date(2036, 5, 31)
    with pytest.raises(RuleBroken) as refusal:
        retention.erase(contact.pk, by=SYSTEM, at=at)
    assert refusal.value.code == "retention_floor_runs"
    assert refusal.value.facts == {"kept_until": "2036-05-31"}


def test_the_tick_looks_after_it_and_a_merchant_we_meet_is_in_use(
    contact: Contact, cast: Cast, at: datetime
) -> None:
    from crm.domain import ticking

    forgotten = factories.ContactFactory()
    factories.ActivityFactory(merchant=contact.merchant, occurred_at=at - timedelta(days=30))
    Contact.objects.update(retain_until=date(2026, 11, 1))
    ticking.tick(at=at)
    assert fresh(contact).state == ContactState.ACTIVE
    assert fresh(forgotten).state == ContactState.ERASED


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_take_different_people(cast: Cast, at: datetime) -> None:
    for _ in range(3):
        factories.ContactFactory(retain_until=date(2026, 11, 1))
    with transaction.atomic():
        assert retention.settle_overdue(at=at, limit=2) == 2
        assert Session(lambda: retention.settle_overdue(at=at)).end() == 1
    assert TimelineEntry.objects.filter(kind="contact.erased").count() == 3


def test_batches_go_on_until_nothing_is_left(cast: Cast, at: datetime) -> None:
    for _ in range(5):
        factories.ContactFactory(retain_until=date(2026, 11, 1))
    assert [retention.settle_overdue(at=at, limit=2) for _ in range(4)] == [2, 2, 1, 0]


# --- the cost of reading -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["contacts/{contact}/consents/", "access-log/"])
def test_a_list_costs_the_same_however_long(
    path: str, contact: Contact, cast: Cast, same_queries: Any, at: datetime
) -> None:
    phone = Phone(cast.rui)

    def grow() -> None:
        for purpose in ("marketing", "sharing"):
            factories.ConsentFactory(contact=contact, purpose=purpose, withdrawn_at=at)
        unmasking.unmask(contact.pk, reason="call", by=cast.ann, at=at)

    grow()
    same_queries(lambda: phone.get(path.format(contact=contact.pk)).json(), after=grow, at_most=6)


def test_sealed_columns_are_no_part_of_what_lists_read() -> None:
    from merchants.api.shapes import CONTACT

    assert "sealed" not in CONTACT._select
    assert '"full_name"' not in CONTACT._select
    assert personal.nothing()["full_name"] == ""


@pytest.mark.parametrize(
    ("last_day", "kept_until"),
    [(date(2026, 5, 31), date(2036, 5, 31)), (date(2028, 2, 29), date(2038, 2, 28))],
)
def test_the_law_keeps_the_people_of_a_signed_merchant_for_ten_years(
    last_day: date, kept_until: date, merchant: Merchant
) -> None:
    assert retention.retention_floor(merchant.pk) is None
    partnership = factories.PartnershipFactory(merchant=merchant)
    draft = factories.AgreementVersionFactory(
        partnership=partnership, ends_on=last_day, last_day=last_day
    )
    assert retention.retention_floor(merchant.pk) is None, "a draft binds nobody"
    type(draft).objects.filter(pk=draft.pk).update(
        state="live",
        signed_at=factories.AT,
        bank_signatory="Mei",
        merchant_signatory="张三",
        document_sha256="0" * 64,
    )
    assert retention.retention_floor(merchant.pk) == kept_until
