"""The merchants of the demo: shops of real brands, with invented codes, contacts and owners."""

import csv
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from django.utils.translation import gettext as _

from crm import demo
from crm.demo import Demo
from crm.ids import uuid7
from crm.models import OrgUnit, User
from merchants import demo_health, demo_insight, demo_partnerships
from merchants.domain import contacts, credit_code, outlets, registration
from merchants.domain.consents import Agreed
from merchants.domain.reference import DATA
from merchants.models import (
    ConsentChannel,
    ContactRole,
    DecisionPower,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    Merchant,
    MerchantSource,
    MerchantTier,
)

__all__ = ["AREAS", "demo_health", "demo_insight", "demo_partnerships", "register_merchants"]

OUTLETS = 300
CONTACTS = 150
EVERYBODY_LOOKS_FOR = "海底捞火锅"
BEFORE_THE_STORY = timedelta(days=75)
"""Prospects were entered before the ten weeks in which leads are worked."""

GROUPS = {
    "dining": 9,
    "retail": 4,
    "lifestyle": 3,
    "entertainment": 2,
    "lodging": 1,
    "travel": 1,
}
"""How many of twenty shops are of a category group."""

PARTNER_KINDS = ("5812", "5814", "5499", "5812", "7230", "7832", "5812", "5411")
"""What partners of old sell, in turn: the kinds of shop that our campaigns are made for."""

PROSPECT_KINDS = ("7230", "5411", "7832", "5541", "5812", "7230", "5411", "5812")
"""The kinds of shop of the first prospects of every team, after the one that all look for."""

NOT_SHOPS = {"中国广电", "中国电信", "中国移动", "中国联通", "广西交投", "中油碧辟", "中国燃气"}
INVENTED = (("云剪美发", "7230"), ("青丝造型", "7230"))
"""Kinds of shop of which the file of brands knows none; these are invented."""


@dataclass(frozen=True)
class Area:
    """Where a team sells: its city and the places in each of its districts."""

    unit: str
    city: str
    reps: tuple[str, ...]
    partners: int
    """Won long ago; campaigns run with them."""
    prospects: int
    places: tuple[tuple[str, str], ...]


AREAS = (
    Area(
        "徐汇支行餐饮团队",
        "上海",
        ("rep", "rep", "rep.xuhui2", "rep.xuhui3"),
        18,
        58,
        (
            ("310104", "徐家汇"),
            ("310104", "漕河泾"),
            ("310104", "龙华路"),
            ("310104", "衡山路"),
            ("310112", "莘庄"),
            ("310112", "七宝"),
            ("310105", "中山公园"),
        ),
    ),
    Area(
        "静安支行生活团队",
        "上海",
        ("rep.jingan1", "rep.jingan2"),
        10,
        20,
        (
            ("310106", "静安寺"),
            ("310106", "大宁"),
            ("310107", "长寿路"),
            ("310101", "人民广场"),
            ("310110", "五角场"),
        ),
    ),
    Area(
        "西湖支行商圈团队",
        "杭州",
        ("rep.xihu1", "rep.xihu2", "rep.xihu3"),
        10,
        28,
        (
            ("330106", "黄龙"),
            ("330106", "文三路"),
            ("330102", "湖滨"),
            ("330105", "武林"),
            ("330108", "滨江"),
        ),
    ),
    Area(
        "锦江支行商圈团队",
        "成都",
        ("rep.jinjiang1", "rep.jinjiang2", "rep.jinjiang3"),
        8,
        28,
        (
            ("510104", "春熙路"),
            ("510104", "东大街"),
            ("510105", "宽窄巷子"),
            ("510107", "桐梓林"),
            ("510108", "建设路"),
        ),
    ),
)

FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = tuple("国涛梅辉燕栋怡博兰新玲华思豪洁伟雯强娟英")
POSITIONS = ("店长", "区域经理", "市场部经理", "财务主管", "老板", "副店长", "采购经理")
BASES = (LawfulBasis.CONSENT, LawfulBasis.CONSENT, LawfulBasis.PUBLIC)
ROLES = {
    "店长": ContactRole.STORE_MANAGER,
    "副店长": ContactRole.STORE_MANAGER,
    "市场部经理": ContactRole.MARKETING,
    "财务主管": ContactRole.FINANCE,
    "老板": ContactRole.OWNER,
}
POWERS = (DecisionPower.DECIDES, DecisionPower.INFLUENCES, DecisionPower.USES)
TIERS = (MerchantTier.B, MerchantTier.C, MerchantTier.A, MerchantTier.C)
LARGE = {"5411": 8, "5499": 4, "7832": 3, "5541": 6}
"""How many times the turnover of a restaurant such shops have."""
HOURS = (
    {day: [["10:00", "22:00"]] for day in "1234567"},
    {day: [["11:00", "14:00"], ["17:00", "22:00"]] for day in "1234567"},
    {day: [["09:00", "22:00"]] if day in "67" else [["09:30", "21:00"]] for day in "1234567"},
)
REGISTER = "国家企业信用信息公示系统"
TEXTS = "2026-01"
"""The version of the notice and of the consent's text in the demo."""
SOURCES = (
    MerchantSource.FIELD,
    MerchantSource.FIELD,
    MerchantSource.REFERRAL,
    MerchantSource.PUBLIC_REGISTRY,
    MerchantSource.BRANCH,
)


CENTRES = {
    "徐家汇": ("31.194", "121.437"), "漕河泾": ("31.171", "121.398"),
    "龙华路": ("31.176", "121.453"), "衡山路": ("31.206", "121.446"),
    "莘庄": ("31.112", "121.385"), "七宝": ("31.156", "121.350"),
    "中山公园": ("31.220", "121.416"), "静安寺": ("31.225", "121.446"),
    "大宁": ("31.276", "121.455"), "长寿路": ("31.242", "121.438"),
    "人民广场": ("31.233", "121.475"), "五角场": ("31.300", "121.513"),
    "黄龙": ("30.267", "120.131"), "文三路": ("30.276", "120.127"),
    "湖滨": ("30.254", "120.163"), "武林": ("30.272", "120.163"),
    "滨江": ("30.208", "120.212"), "春熙路": ("30.657", "104.080"),
    "东大街": ("30.652", "104.083"), "宽窄巷子": ("30.669", "104.059"),
    "桐梓林": ("30.617", "104.069"), "建设路": ("30.671", "104.101"),
}  # fmt: skip
"""About where the places are, in WGS-84 degrees."""


def near(place: str, number: int) -> tuple[Decimal, Decimal]:
    """A point a few streets from the middle of a place, another one for each shop."""
    latitude, longitude = CENTRES[place]
    north, east = number * 37 % 101 - 50, number * 53 % 101 - 50
    step = Decimal("0.00012")
    return Decimal(latitude) + north * step, Decimal(longitude) + east * step


@dataclass(frozen=True)
class Shop:
    """One merchant that is to be."""

    brand: str
    mcc: str
    area: Area
    division: str
    place: str

    @property
    def name(self) -> str:
        return f"{self.brand}({self.place}店)"


@demo.step(20)
def register_merchants(story: Demo) -> str:
    """Partners of old, whom a rep looks after, and prospects that nobody has yet."""
    units = {unit.name: unit for unit in OrgUnit.objects.all()}
    brands = _brands()
    merchants: list[tuple[Shop, Merchant, User]] = []
    for area in AREAS:
        kinds = cycle(PARTNER_KINDS)
        seen: set[tuple[str, str]] = set()
        reps = [demo.person(login) for login in area.reps]
        for number in range(area.partners + area.prospects):
            is_partner = number < area.partners
            place = number - area.partners - 1
            if is_partner:
                sold = _of_kind(brands, next(kinds))
            elif 0 <= place < len(PROSPECT_KINDS):
                sold = _of_kind(brands, PROSPECT_KINDS[place])
            else:
                sold = _of_some_group(story, brands)
            shop = _shop(story, area, sold, seen)
            rep = story.dice.choice(reps)
            if number == area.partners:
                shop, rep = _known_to_all(shop, seen), reps[0]
            merchant = registration.register(
                uuid7(),
                _details(story, shop, len(merchants)),
                unit_id=units[area.unit].pk,
                owner=rep if is_partner else None,
                by=rep,
                at=_registered_at(story, is_partner=is_partner),
            )
            merchants.append((shop, merchant, rep))
    outlets = _open_outlets(story, merchants)
    people_there = _add_contacts(story, merchants)
    return _(
        "Merchants: %(merchants)s with %(outlets)s outlets and %(contacts)s contacts "
        "(real brands; codes, people and phones are invented)."
    ) % {"merchants": len(merchants), "outlets": outlets, "contacts": people_there}


def _registered_at(story: Demo, *, is_partner: bool) -> datetime:
    days = story.dice.randrange(5, 30) + (120 if is_partner else 0)
    return story.in_working_hours(story.today - BEFORE_THE_STORY - timedelta(days=days))


type Brand = tuple[str, str, str]
"""Name, MCC and category group."""


def _brands() -> list[Brand]:
    with (DATA / "brands.csv").open(encoding="utf-8", newline="") as file:
        real = [(row["name"], row["mcc"], row["category_group"]) for row in csv.DictReader(file)]
    invented = [(name, mcc, "lifestyle") for name, mcc in INVENTED]
    return [brand for brand in real if brand[0] not in NOT_SHOPS] + invented


def _of_kind(brands: list[Brand], mcc: str) -> list[Brand]:
    return [brand for brand in brands if brand[1] == mcc]


def _of_some_group(story: Demo, brands: list[Brand]) -> list[Brand]:
    (group,) = story.dice.choices(list(GROUPS), weights=list(GROUPS.values()))
    return [brand for brand in brands if brand[2] == group]


def _shop(story: Demo, area: Area, brands: list[Brand], seen: set[tuple[str, str]]) -> Shop:
    """A shop of one of the brands, and never the same one twice."""
    while True:
        name, mcc, _group = story.dice.choice(brands)
        division, place = story.dice.choice(area.places)
        if (name, place) not in seen:
            seen.add((name, place))
            return Shop(name, mcc, area, division, place)


def _known_to_all(shop: Shop, seen: set[tuple[str, str]]) -> Shop:
    """One prospect of each area is the brand that everybody looks for first."""
    seen.add((EVERYBODY_LOOKS_FOR, shop.place))
    return replace(shop, brand=EVERYBODY_LOOKS_FOR, mcc="5812")


def _details(story: Demo, shop: Shop, number: int) -> registration.Details:
    """Every ninth is a sole proprietor; every twelfth has not shown its licence yet."""
    code = credit_code.made_up(7_000 + number, sole=number % 9 == 8, division=shop.division)
    source = story.dice.choice(SOURCES)
    checked_on = story.today - BEFORE_THE_STORY - timedelta(days=160 + number % 20)
    licence: dict[str, Any] = {}
    if number % 12 != 11:
        licence = {
            "licence_status": LicenceStatus.OPEN,
            "licence_checked_on": checked_on,
            "licence_source": REGISTER,
        }
    return registration.Details(
        name=shop.name,
        brand=shop.brand,
        legal_name=f"{shop.area.city}示例{number + 1:03d}号商贸有限公司",
        credit_code="" if number % 12 == 11 else code,
        mcc=shop.mcc,
        division=shop.division,
        source=source,
        accessed_on=checked_on if source == MerchantSource.PUBLIC_REGISTRY else None,
        tier=TIERS[number % len(TIERS)],
        monthly_turnover_fen=(20 + number * 7 % 90) * 10_000_00 * LARGE.get(shop.mcc, 1),
        **licence,
    )


def _open_outlets(story: Demo, merchants: list[tuple[Shop, Merchant, User]]) -> int:
    """The shop itself, and for some of them more in the same city."""
    opened = 0
    for round_number in range(3):
        for shop, merchant, rep in merchants:
            if opened == OUTLETS:
                return opened
            places = [place for place in shop.area.places if place[1] != shop.place]
            division, place = (
                places[(round_number - 1) * 2 % len(places)]
                if round_number
                else (shop.division, shop.place)
            )
            outlets.open_outlet(
                uuid7(),
                merchant.pk,
                name=f"{shop.brand}{place}店",
                division=division,
                latitude=near(place, opened)[0],
                longitude=near(place, opened)[1],
                address=f"{shop.area.city}市{place}示例路{story.dice.randrange(1, 900)}号",
                opening_hours=HOURS[opened % len(HOURS)],
                by=rep,
                at=merchant.created_at + timedelta(minutes=5 + round_number),
            )
            opened += 1
    return opened


def _add_contacts(story: Demo, merchants: list[tuple[Shop, Merchant, User]]) -> int:
    """Somebody to talk to at most merchants, with an invented name and phone number."""
    chosen = story.dice.sample(merchants, min(CONTACTS, len(merchants)))
    paper = Agreed(text_version=TEXTS, channel=ConsentChannel.PAPER)
    for number, (_shop, merchant, rep) in enumerate(chosen):
        is_sole = merchant.legal_form == LegalForm.SOLE_PROPRIETOR
        added_at = merchant.created_at + timedelta(minutes=10)
        position = "老板" if is_sole else story.dice.choice(POSITIONS)
        basis = LawfulBasis.CONTRACT if is_sole else story.dice.choice(BASES)
        contacts.add_contact(
            uuid7(),
            merchant.pk,
            full_name="".join(
                [story.dice.choice(FAMILY_NAMES), *story.dice.sample(GIVEN_NAMES, 2)]
            ),
            role=ROLES.get(position, ContactRole.OPERATIONS),
            position=position,
            phone=f"1390000{number:04d}",
            email=f"demo{number:04d}@example.com" if number % 3 == 0 else "",
            decision_power=POWERS[number % len(POWERS)],
            best_from=time(14, 30) if number % 2 else None,
            best_until=time(16, 30) if number % 2 else None,
            lawful_basis=basis,
            consent=paper if basis == LawfulBasis.CONSENT else None,
            notice_version="" if number % 10 == 9 else TEXTS,
            notice_given_at=None if number % 10 == 9 else added_at,
            retain_until=(story.today + timedelta(days=365 - number % 60)),
            by=rep,
            at=added_at,
        )
    return len(chosen)


@demo.step(50)
def register_somebody_twice(story: Demo) -> str:
    """Whom a clerk knew under another spelling and without a district: duplicates to merge."""
    twice = []
    for area in AREAS:
        known = Merchant.objects.filter(unit__name=area.unit).order_by("pk").first()
        if known is None:
            continue
        name = f"{known.name.replace('(', '【').replace(')', '】')}有限公司"
        twin = registration.register(
            uuid7(),
            registration.Details(name, source=MerchantSource.IMPORT),
            unit_id=known.unit_id,
            owner=None,
            by=demo.person(area.reps[0]),
            at=story.worked(2),
        )
        twice.append(twin)
    return _("Possible duplicates to be merged: %(count)s.") % {"count": len(twice)}
