"""No duplicates through any door: each kind of hit at each door, and what a hit may tell whom."""

import csv
import random
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from crm.actors import SYSTEM
from crm.errors import NotAllowed, RuleBroken
from crm.ids import uuid7
from crm.models import User
from merchants import names
from merchants.domain import contacts, duplicates, registration
from merchants.domain.duplicates import Candidate
from merchants.models import Contact, DuplicateKind, Merchant
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.merchants import lists
from tests.merchants.test_registration import CODE

pytestmark = pytest.mark.django_db

PHONE = "138 0013 8000"
OTHER_CODE = "91440300708461136T"
KNOWN = "海底捞火锅(徐家汇店)"
ADD = "/admin/merchants/merchant/add/"

type SignedIn = Callable[[User], Client]


@pytest.fixture
def known(cast: Cast) -> Merchant:
    """A merchant of Ann's, without a code."""
    merchant = factories.MerchantFactory(name=KNOWN, unit=cast.xuhui, owner=cast.ann)
    factories.ContactFactory(merchant=merchant)
    return merchant


@pytest.fixture
def coded(cast: Cast) -> Merchant:
    """A merchant of Ann's with its code."""
    return factories.MerchantFactory(
        name="新荣记", credit_code=CODE, unit=cast.xuhui, owner=cast.ann
    )


SAME_CODE = {"name": "别的名字", "credit_code": CODE.lower()}
SAME_NAME = {"name": "海底捞 火锅（徐家汇店）有限公司", "division": "310104"}
SIMILAR = {"name": "海底劳火锅(徐家汇店)", "division": "310104"}
UNRELATED = {"name": "南京大牌档", "division": "310104"}


# --- each kind at each door ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status", "notices"),
    [
        (SAME_CODE, 409, []),
        (SAME_NAME, 409, []),
        ({**SAME_NAME, "credit_code": OTHER_CODE}, 409, []),
        ({**SAME_NAME, "division": ""}, 201, ["possible_duplicate"]),
        (SIMILAR, 201, ["possible_duplicate"]),
        (UNRELATED, 201, []),
    ],
    ids=["code", "name", "name-and-a-code", "name-elsewhere", "similar", "unrelated"],
)
def test_the_api_refuses_or_warns_when_a_merchant_is_registered(
    sent: dict[str, str],
    status: int,
    notices: list[str],
    cast: Cast,
    known: Merchant,
    coded: Merchant,
) -> None:
    answer = Phone(cast.ann).post("merchants/", sent)
    assert answer.status_code == status
    problem = answer.json()
    assert [one["code"] for one in problem.get("notices", [])] == notices
    if status == 409:
        assert problem["code"] == "merchant_exists"
        assert problem["unit"] == "徐汇团队"
        hit = problem["duplicates"][0]
        assert hit["blocks"]
        assert hit["id"] in (str(known.pk), str(coded.pk))


def test_a_correction_is_a_door_as_well(cast: Cast, known: Merchant, coded: Merchant) -> None:
    ann = Phone(cast.ann)
    row = factories.MerchantFactory(name="张三面馆", unit=cast.xuhui, owner=cast.ann)
    refused = ann.patch(f"merchants/{row.pk}/", {"name": KNOWN}, if_match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "merchant_exists")
    refused = ann.patch(f"merchants/{row.pk}/", {"credit_code": CODE}, if_match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "merchant_exists")
    warned = ann.patch(f"merchants/{row.pk}/", {"name": SIMILAR["name"]}, if_match='"1"')
    assert [one["code"] for one in warned.json()["notices"]] == ["possible_duplicate"]
    itself = ann.patch(f"merchants/{known.pk}/", {"name": KNOWN}, if_match='"1"')
    assert itself.status_code == 200, "nobody is a duplicate of oneself"


@pytest.mark.parametrize(
    ("sent", "kinds"),
    [
        (SAME_CODE, [("credit_code", True, True)]),
        (SAME_NAME, [("name_and_district", True, True)]),
        ({**SAME_NAME, "phone": PHONE}, [("name_and_district", True, True)]),
        ({"phone": PHONE}, [("phone", True, False)]),
        (SIMILAR, [("similar_name", False, False)]),
        (UNRELATED, []),
        ({}, []),
    ],
    ids=["code", "name", "name-and-phone", "phone", "similar", "unrelated", "nothing"],
)
def test_the_check_names_the_hits(
    sent: dict[str, str],
    kinds: list[tuple[str, bool, bool]],
    cast: Cast,
    known: Merchant,
    coded: Merchant,
) -> None:
    count = Merchant.objects.count()
    answer = Phone(cast.ann).post("merchants/check-duplicates/", sent)
    assert answer.status_code == 200
    hits = answer.json()["results"]
    assert [(hit["kind"], hit["exact"], hit["blocks"]) for hit in hits] == kinds
    if kinds and kinds[0][0] != "credit_code":
        assert hits[0] | {"similarity": None, "blocks": None, "kind": None, "exact": None} == {
            "kind": None,
            "exact": None,
            "blocks": None,
            "masked": False,
            "id": str(known.pk),
            "name": KNOWN,
            "district": "上海市徐汇区",
            "unit": "徐汇团队",
            "owner": "Ann",
            "similarity": None,
        }
    assert Merchant.objects.count() == count


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"credit_code": "1"}, "credit_code_length"),
        ({"phone": "x"}, "phone_invalid"),
        ({"division": "999999"}, "division_unknown"),
        ({"mcc": "0000"}, "mcc_unknown"),
        ({"name": "x" * 201}, "invalid"),
        ({"name": 1}, "invalid"),
        ({"name": "a\0"}, "nul_character"),
        ({"phones": []}, "invalid"),
    ],
)
def test_a_check_of_nonsense_is_refused(sent: dict[str, Any], code: str, cast: Cast) -> None:
    answer = Phone(cast.ann).post("merchants/check-duplicates/", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("sent", "blocked"),
    [(SAME_CODE, True), (SAME_NAME, True), (SIMILAR, False), (UNRELATED, None)],
    ids=["code", "name", "similar", "unrelated"],
)
def test_the_form_shows_duplicates_before_it_saves(
    sent: dict[str, str],
    blocked: bool | None,
    cast: Cast,
    known: Merchant,
    coded: Merchant,
    signed_in: SignedIn,
) -> None:
    browser = signed_in(cast.ann)
    form = {"legal_name": "", "credit_code": "", "category": "", "division": "",
            "source": "field", "unit": cast.xuhui.pk, **sent}  # fmt: skip
    first = browser.post(ADD, form)
    if blocked is None:
        assert first.status_code == 302
        return
    page = first.content.decode()
    assert first.status_code == 200
    met = coded if sent is SAME_CODE else known
    assert f"/admin/merchants/merchant/{met.pk}/change/" in page
    assert ('name="save_anyway"' in page) is not blocked
    second = browser.post(ADD, {**form, "save_anyway": "1"})
    assert second.status_code == (200 if blocked else 302)
    assert Merchant.objects.count() == (2 if blocked else 3)


LISTS = {
    "code": f"name,credit_code\n别的名字,{CODE}\n",
    "name": "name,division\n海底捞 火锅（徐家汇店）有限公司,310104\n",
    "similar": "name,division\n海底劳火锅(徐家汇店),310104\n",
    "phone": "name,contact_name,contact_phone,lawful_basis\n南京大牌档,李四,13800138000,consent\n",
}


@pytest.mark.parametrize(
    ("rows", "added", "unchanged"),
    [("code", 0, 1), ("name", 0, 1), ("similar", 1, 0), ("phone", 1, 0)],
)
def test_a_list_adds_nobody_whom_we_know(
    rows: str,
    added: int,
    unchanged: int,
    cast: Cast,
    at: datetime,
    known: Merchant,
    coded: Merchant,
) -> None:
    job = lists.taken_in(cast, LISTS[rows].encode(), by=cast.ann)
    assert lists.counts(job) == (added, 0, unchanged, 0)
    assert Merchant.objects.count() == 2 + added


def test_a_contact_with_a_phone_that_another_merchant_has_is_added_with_a_notice(
    cast: Cast, known: Merchant, coded: Merchant
) -> None:
    ann = Phone(cast.ann)
    person = {
        "full_name": "李四",
        "lawful_basis": "public",
        "phone": PHONE,
        "notice_version": "2026-01",
        "notice_given_at": "2020-01-01T10:00:00+08:00",
    }
    answer = ann.post(f"merchants/{coded.pk}/contacts/", person)
    assert answer.status_code == 201
    assert [one["code"] for one in answer.json()["notices"]] == ["possible_duplicate"]
    assert KNOWN in answer.json()["notices"][0]["detail"]
    same = ann.post(f"merchants/{known.pk}/contacts/", {**person, "phone": "021-64310000"})
    assert "notices" not in same.json()
    changed = ann.patch(f"contacts/{same.json()['id']}/", {"phone": PHONE}, if_match='"1"')
    assert "notices" in changed.json(), "the other merchant has it by now"


def test_which_exact_hits_block_is_a_setting(
    cast: Cast, at: datetime, known: Merchant, coded: Merchant, settings: Any
) -> None:
    def add(merchant: Merchant) -> Contact:
        return contacts.add_contact(
            uuid7(), merchant.pk, full_name="李四", lawful_basis="consent", phone=PHONE,
            by=cast.ann, at=at,
        )  # fmt: skip

    def register(**details: str) -> Merchant:
        return registration.register(
            uuid7(),
            registration.Details(**details),
            unit_id=cast.xuhui.pk,
            owner=None,
            by=cast.ann,
            at=at,
        )

    settings.DUPLICATES_THAT_BLOCK = ["phone"]
    with pytest.raises(RuleBroken) as refusal:
        add(coded)
    assert refusal.value.code == "phone_exists"
    assert not Contact.objects.filter(merchant=coded).exists()
    with pytest.raises(RuleBroken):
        register(**SAME_CODE)
    with pytest.raises(RuleBroken):
        register(**SAME_NAME)
    assert register(**SAME_NAME, credit_code=OTHER_CODE).notices, "one has a code, one has none"


def test_two_different_codes_are_two_merchants_whatever_they_are_called(
    cast: Cast, at: datetime, coded: Merchant
) -> None:
    merchant = registration.register(
        uuid7(),
        registration.Details("新荣记", credit_code=OTHER_CODE, division="310104"),
        unit_id=cast.xuhui.pk,
        owner=None,
        by=cast.ann,
        at=at,
    )
    assert [one.attr for one in merchant.notices] == ["name"]


# --- what a hit may tell whom --------------------------------------------------------------------


@pytest.mark.parametrize("sent", [SAME_NAME, SIMILAR, {"phone": PHONE}])
def test_outside_ones_scope_a_hit_shows_no_more_than_the_unit(
    sent: dict[str, str], cast: Cast, known: Merchant
) -> None:
    (hit,) = Phone(cast.sam).post("merchants/check-duplicates/", sent).json()["results"]
    assert (hit["masked"], hit["id"], hit["name"], hit["unit"]) == (True, None, "海*", "徐汇团队")
    assert (hit["district"], hit["owner"]) == (None, None)


def test_a_refusal_and_a_notice_are_masked_as_well(cast: Cast, known: Merchant) -> None:
    sam = Phone(cast.sam)
    for sent in (SAME_NAME, SIMILAR):
        text = sam.post("merchants/", sent).content.decode()
        assert "海*" in text
        assert "徐汇团队" in text
        assert str(known.pk) not in text
        assert KNOWN not in text
        assert "Ann" not in text


def test_the_system_sees_all(cast: Cast, known: Merchant) -> None:
    (hit,) = duplicates.found(Candidate(names.normalised(KNOWN), "310104"), by=SYSTEM)
    assert (hit.masked, hit.id) == (False, known.pk)


def test_those_who_do_not_sell_are_not_told_whom_we_know(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        registration.possible_duplicates(registration.Details("海底捞"), by=cast.fay)


def test_a_merchants_own_duplicates_are_found_by_name_phone_and_likeness(
    cast: Cast, known: Merchant
) -> None:
    elsewhere = factories.MerchantFactory(name=KNOWN, division=None, unit=cast.xuhui)
    called = factories.MerchantFactory(name="南京大牌档", unit=cast.hangzhou)
    factories.ContactFactory(merchant=called)
    similar = factories.MerchantFactory(name="海底劳火锅(徐家汇店)", unit=cast.xuhui)
    factories.MerchantFactory(name="小南国", unit=cast.xuhui)
    answer = Phone(cast.ann).get(f"merchants/{known.pk}/duplicates/").json()["results"]
    assert [(hit["kind"], hit["id"]) for hit in answer] == [
        ("phone", None),
        ("similar_name", str(elsewhere.pk)),
        ("similar_name", str(similar.pk)),
    ]


def test_the_same_district_comes_before_a_name_as_similar(cast: Cast, known: Merchant) -> None:
    near = factories.MerchantFactory(name="海底捞火锅(徐家江店)", unit=cast.xuhui)
    far = factories.MerchantFactory(
        name="海底捞火锅(徐家河店)",
        unit=cast.xuhui,
        division=factories.DivisionFactory(code="330106", full_name="杭州市西湖区"),
    )
    hits = duplicates.found(
        Candidate(names.normalised("海底捞火锅(徐家湖店)"), "330106"), by=SYSTEM
    )
    assert hits[0].id == far.pk
    assert {hit.id for hit in hits} == {known.pk, near.pk, far.pk}
    hits = duplicates.found(
        Candidate(names.normalised("海底捞火锅(徐家湖店)"), "310104"), by=SYSTEM
    )
    assert hits[-1].id == far.pk


def test_a_check_costs_the_same_however_many_we_know(
    cast: Cast, known: Merchant, same_queries: Callable[..., int]
) -> None:
    ann = Phone(cast.ann)

    def grow() -> None:
        for number in range(4):
            row = factories.MerchantFactory(
                name=f"{KNOWN}{number}{Merchant.objects.count()}", unit=cast.xuhui, owner=cast.bo
            )
            factories.ContactFactory(merchant=row)

    grow()
    same_queries(lambda: ann.get(f"merchants/{known.pk}/duplicates/"), after=grow, at_most=12)


# --- precision and recall ------------------------------------------------------------------------


def _brands() -> list[str]:
    path = Path(settings.BASE_DIR) / "merchants/data/brands.csv"
    with path.open(encoding="utf-8") as file:
        chinese = [
            row["name"]
            for row in csv.DictReader(file)
            if len(names.normalised(row["name"])) > 2 and not row["name"].isascii()
        ]
    return random.Random(7).sample(chinese, 200)


def _wide(name: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in name)


CLERKS: dict[str, Callable[[str], str]] = {
    "other brackets": lambda name: name.replace("(", "（").replace(")", "）"),
    "square brackets": lambda name: name.replace("(", "【").replace(")", "】"),
    "full width": _wide,
    "company suffix": lambda name: f"{name}有限公司",
    "blanks": lambda name: " ".join(name),
    "capitals": str.upper,
    "a dash": lambda name: name.replace("(", "-").replace(")", ""),
}
"""What clerks write differently without meaning another shop."""


def test_what_clerks_write_differently_is_found_and_unrelated_brands_are_not(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(11)
    brands = _brands()
    factories.DivisionFactory()
    rows = {f"{brand}(徐家汇店)": None for brand in brands}
    for name in rows:
        rows[name] = factories.MerchantFactory(name=name, unit=cast.xuhui).pk

    def hits(name: str, *, similar: bool = True) -> list[duplicates.Hit]:
        asked = Candidate(names.normalised(name), "310104")
        return duplicates.found(asked, by=SYSTEM, similar=similar)

    lines, exact, tried = [], 0, 0
    for clerk, write in CLERKS.items():
        right = sum(
            any(hit.id == pk for hit in hits(write(name), similar=False))
            for name, pk in rows.items()
        )
        lines.append(f"recall, {clerk}: {right / len(rows):.3f}")
        exact, tried = exact + right, tried + len(rows)
    assert exact / tried >= 0.95

    right = wrong = 0
    for name, pk in rows.items():
        plain = names.normalised(name)
        place = dice.randrange(len(plain))
        found = hits(f"{plain[:place]}麒{plain[place + 1 :]}")
        right += any(hit.id == pk for hit in found)
        wrong += sum(hit.id != pk for hit in found)
    recall, precision = right / len(rows), right / (right + wrong)
    lines.append(f"recall, one wrong character: {recall:.3f}; precision: {precision:.3f}")

    # Shops of other brands in the same street, which we do not know: nobody should be named.
    strangers = 0
    for name, pk in rows.items():
        Merchant.objects.filter(pk=pk).update(normalised_name="")
        strangers += len(hits(name))
        Merchant.objects.filter(pk=pk).update(normalised_name=names.normalised(name))
    lines.append(f"unrelated brands named: {strangers} for {len(rows)} merchants")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert recall >= 0.8
    assert strangers / len(rows) <= 0.5


# --- at 200,000 merchants ------------------------------------------------------------------------


@pytest.fixture
def crowd(cast: Cast) -> None:
    """200,000 merchants: real brands × places × numbers, and as many contacts as a tenth."""
    brands = [names.normalised(name) for name in _brands()]
    places = ["徐家汇", "人民广场", "中山路", "万达广场", "火车站", "大学城", "江汉路", "春熙路"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "INSERT INTO merchants_merchant (id, version, created_at, updated_at, name, legal_name,"
            " brand, legal_form, credit_code, credit_code_override, licence_status, licence_source,"
            " tier, category_group, source, unit_id, normalised_name, name_pinyin,"
            " name_initials, search_grams, search_text) "
            "SELECT gen_random_uuid(), 1, now(), now(), called, '', '', 'legal_entity',"
            " lpad(n::text, 18, '0'), '', 'unknown', '', '', '', 'field', %s, called, '', '', '{}',"
            " '' FROM (SELECT n, (%s::text[])[1 + n %% %s] || "
            "(%s::text[])[1 + (n / 7) %% %s] || (n / 1600)::text || '店' AS called "
            "FROM generate_series(1, 200000) n) made",
            [cast.xuhui.pk, brands, len(brands), places, len(places)],
        )
        cursor.execute(
            "INSERT INTO merchants_contact (id, version, created_at, updated_at, merchant_id,"
            " full_name, masked_name, role, position, phone_index, phone_tails, masked_phone,"
            " masked_email, sealed_under, decision_power, do_not_contact, lawful_basis,"
            " notice_version, retain_until, state, restricted_because)"
            " SELECT gen_random_uuid(), 1, now(), now(), id, '张三', '张*', 'other', '',"
            " decode(md5((row_number() OVER ())::text), 'hex'), '{}', '', '', '', 'unknown', false,"
            " 'public', '', current_date, 'active', '' "
            "FROM (SELECT id FROM merchants_merchant LIMIT 20000) a_tenth"
        )
        cursor.execute("ANALYZE merchants_merchant")
        cursor.execute("ANALYZE merchants_contact")


def test_every_search_for_duplicates_uses_an_index_at_200_000_merchants(
    cast: Cast, crowd: None
) -> None:
    merchant = Merchant.objects.get(credit_code="100000".zfill(18))
    asked = Candidate(
        merchant.normalised_name[:-2] + "麒店", None, merchant.credit_code, "", "+8613800000007"
    )
    indexes = {
        DuplicateKind.CREDIT_CODE: "merchant_credit_code_once",
        DuplicateKind.NAME_AND_DISTRICT: "merchant_by_name",
        DuplicateKind.PHONE: "contact_by_phone",
        DuplicateKind.SIMILAR_NAME: "merchant_similar_name",
    }
    met = set()
    for kind, rows in duplicates._searches(asked, similar=True):
        plan = rows.defer("search_grams", "search_text")[: duplicates.MOST].explain(analyze=True)
        assert indexes[kind] in plan, plan
        assert "Seq Scan on merchants_merchant" not in plan, plan
        assert "Seq Scan on merchants_contact" not in plan, plan
        met.add(kind)
        if kind == DuplicateKind.SIMILAR_NAME:
            assert float(plan.split("Execution Time: ")[1].split(" ms")[0]) < 200, plan
    assert met == set(DuplicateKind)
    contact = Contact.objects.order_by("pk")[0]
    itself = Candidate(merchant.normalised_name, merchant_id=contact.merchant_id)
    for kind, rows in duplicates._searches(itself, similar=True):
        plan = rows[: duplicates.MOST].explain()
        assert "Seq Scan on merchants" not in plan, (kind, plan)
