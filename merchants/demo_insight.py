"""The demo's insights, rivals and SWOT analyses. All of it is invented, the rivals first."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from crm import demo
from crm.demo import Demo
from crm.ids import uuid7
from crm.models import User
from merchants.domain import comparing, insights, rivals
from merchants.models import (
    CategoryGroup,
    InsightKind,
    Merchant,
    Quadrant,
    Rival,
    RivalKind,
    SwotFactKind,
)

KNOWN_MERCHANTS = 12
"""How many partners of old we know that well."""

FACT, NEED, FEAR, NUMBER = InsightKind
OPEN, HIDDEN, BLIND, UNKNOWN = Quadrant

type Written = tuple[InsightKind, str, dict[str, Any]]

HIDDEN_ONES: tuple[Written, ...] = (
    (NEED, "老板想在明年开第二家店，还缺装修款", {"could_tell": "老板娘"}),
    (FEAR, "担心平台抽成年后再涨", {"could_tell": "店长"}),
    (NUMBER, "储值卡余额和到期情况没有对外说过", {"could_tell": "财务"}),
    (FACT, "总部正在和邻行谈年度框架", {"could_tell": "区域经理"}),
)
BLIND_ONES: tuple[Written, ...] = (
    (
        NUMBER,
        "周一到周四晚市刷卡笔数比同商圈同类低二成",
        {"data_source": "本行收单交易汇总（近三个月）", "peers": 18},
    ),
    (
        FACT,
        "三公里内白领客群占比高，午市还没做起来",
        {"data_source": "本行持卡人消费汇总", "peers": 26},
    ),
    (
        NUMBER,
        "同类商户分期付款客单价高出三成",
        {"data_source": "本行分期交易汇总", "peers": 9},
    ),
    (
        FACT,
        "雨天到店客流掉得比同行多",
        {"data_source": "商圈客流抽样", "peers": 3, "evidence": "样本还不够，再等一个季度。"},
    ),
)
UNKNOWN_ONES: tuple[Written, ...] = (
    (
        NEED,
        "工作日下午茶套餐能不能带来第二次到店",
        {"experiment": "两周小试点，限量50份，看三十天内回头客"},
    ),
    (
        FACT,
        "生日礼遇对老客有没有用",
        {"experiment": "A/B两周，一半持卡人收到短信"},
    ),
)
OPEN_ONES: tuple[Written, ...] = (
    (NEED, "周末排队、工作日空台，要把客流往工作日挪", {"evidence": "首次拜访时确认"}),
    (NUMBER, "月流水约四十万，毛利六成上下", {"evidence": "店长口述，与收单流水相符"}),
    (FEAR, "活动招来羊毛党，老客反而没位子", {}),
)

RIVALS = (
    ("邻行甲信用卡中心", "邻行甲", RivalKind.BANK),
    ("邻行乙银行", "邻行乙", RivalKind.BANK),
    ("示例团购平台", "示例团购", RivalKind.PLATFORM),
)
MECHANICS = (
    ("邻行甲", "周五满100减30", 10_000, "门店台卡"),
    ("示例团购", "代金券88折", 2_000, "平台页面"),
    ("邻行乙", "每周三五折，封顶25元", 7_000, "店长口述"),
)


@dataclass(frozen=True)
class Comparison:
    """One SWOT analysis: features with difference, importance and answers; facts with days ago
    and weight."""

    group: CategoryGroup
    rival: str
    package: str
    features: tuple[tuple[str, int, int, tuple[str, ...]], ...]
    opportunities: tuple[tuple[str, int, str, int], ...]
    threats: tuple[tuple[str, int, str, int], ...] = field(default=())


COMMON_THREATS = (("邻行年底冲量，补贴预算加码", 20, "同业交流", 3),)
COMPARISONS = (
    Comparison(
        CategoryGroup.DINING, "邻行甲", "工作日五折封顶20元，银行出六成",
        (("工作日限量引流", 2, 5, ("闲时客流",)), ("自动对账T+1到账", 2, 4, ("回款快",)),
         ("新老客周报", 1, 4, ("看得到效果",)), ("单笔补贴力度", -1, 5, ()),
         ("合作银行卡种覆盖", 0, 3, ())),
        (("商圈夜经济补贴到年底", 45, "区商务委公告", 4),
         ("写字楼新入驻企业增加", 80, "物业招商简报", 3),
         ("平台抽成上调一个点", 30, "平台公告", 5)),
        COMMON_THREATS,
    ),
    Comparison(
        CategoryGroup.ENTERTAINMENT, "邻行乙", "周二电影日19.9元",
        (("票房照常结算，银行补差", 2, 5, ("票款不打折",)), ("座位数上限可控", 1, 4, ("场次可控",)),
         ("线上选座体验", -2, 4, ())),
        (("贺岁档排片增加", 15, "院线排片表", 4), ("卖品毛利回升", 60, "行业月报", 3)),
        COMMON_THREATS,
    ),
    Comparison(
        CategoryGroup.RETAIL, "示例团购", "便利满20减8，每天限量",
        (("每日费用封顶", 2, 5, ("费用有上限",)), ("自动对账", 1, 4, ("回款快",)),
         ("页面曝光量", -2, 3, ())),
        (("晚间客流回升", 35, "本行收单交易汇总", 4), ("社区店改造补贴", 90, "街道办通知", 2)),
        COMMON_THREATS,
    ),
    Comparison(
        CategoryGroup.TRAVEL, "邻行甲", "加油满200减20，错峰",
        (("错峰发券不加重排队", 2, 4, ("不添高峰",)), ("便利店联动", 1, 3, ("带动便利店",)),
         ("全国网点覆盖", -1, 4, ())),
        (("油价连续两次下调", 12, "价格主管部门公告", 3), ("假期自驾出行增加", 50, "出行月报", 4)),
        COMMON_THREATS,
    ),
    Comparison(
        CategoryGroup.LODGING, "邻行乙", "住两晚享分期免息",
        (("分期免息", 2, 4, ("客单更高",)), ("淡季房量保底", 1, 5, ("淡季有人住",)),
         ("积分兑换比例", -1, 2, ())),
        (("展会季房价回暖", 25, "展馆排期表", 4), ("亲子游需求上升", 70, "行业月报", 3)),
        COMMON_THREATS,
    ),
    Comparison(
        CategoryGroup.LIFESTYLE, "示例团购", "一元洗头，第二次半价",
        (("二次到店奖励", 2, 5, ("回头客",)), ("下午时段专享", 2, 4, ("闲时客流",)),
         ("拉新规模", -1, 3, ())),
        (("年前美业旺季", 10, "同业交流", 5), ("商场会员日联动", 40, "商场企划部", 3)),
        COMMON_THREATS,
    ),
)  # fmt: skip


@demo.step(35)
def know_merchants(story: Demo) -> str:
    """What is known of partners of old, what rivals do there, and how our packages compare."""
    planner = demo.person("planner")
    known = {
        short: rivals.name_rival(
            uuid7(),
            name=name,
            short_name=short,
            kind=kind,
            by=planner,
            at=story.worked(60),
        )
        for name, short, kind in RIVALS
    }
    merchants = list(
        Merchant.objects.filter(owner__isnull=False)
        .select_related("owner")
        .order_by("created_at", "pk")[:KNOWN_MERCHANTS]
    )
    written = sum(_write(story, one, number) for number, one in enumerate(merchants))
    offers = sum(_offers(story, one, number, known) for number, one in enumerate(merchants))
    for comparison in COMPARISONS:
        _compare(story, comparison, known[comparison.rival], planner)
    return _(
        "Insight: %(insights)s insights at %(merchants)s merchants, %(offers)s offers of "
        "%(rivals)s invented rivals, %(analyses)s SWOT analyses."
    ) % {
        "insights": written,
        "merchants": len(merchants),
        "offers": offers,
        "rivals": len(known),
        "analyses": len(COMPARISONS),
    }


def _write(story: Demo, merchant: Merchant, number: int) -> int:
    """Insights in all four quadrants; at some merchants the window has opened since."""
    rep = merchant.owner
    assert rep is not None
    before = [story.worked(days) for days in range(48, 38, -1)]
    chosen = [
        (OPEN, OPEN_ONES[number % 3]),
        (OPEN, OPEN_ONES[(number + 1) % 3]),
        (HIDDEN, HIDDEN_ONES[number % 4]),
        (HIDDEN, HIDDEN_ONES[(number + 1) % 4]),
        (BLIND, BLIND_ONES[number % 4]),
        (BLIND, BLIND_ONES[(number + 1) % 4]),
        (UNKNOWN, UNKNOWN_ONES[number % 2]),
    ]
    made = {}
    for at, (quadrant, (kind, statement, details)) in zip(before, chosen, strict=False):
        made[statement] = insights.record(
            uuid7(),
            merchant.pk,
            kind=kind,
            statement=statement,
            known_to_merchant=quadrant in (OPEN, HIDDEN),
            known_to_bank=quadrant in (OPEN, BLIND),
            is_hypothesis=quadrant == UNKNOWN,
            by=rep,
            at=at,
            **details,
        )
    _open_some(story, list(made.values()), number, rep)
    return len(made)


def _open_some(story: Demo, made: list[Any], number: int, rep: User) -> None:
    """Told, asked, found out: at two of three merchants something became open."""
    hidden = [one for one in made if one.quadrant == HIDDEN]
    blind = [one for one in made if one.quadrant == BLIND and one.peers >= 5]
    if number % 3 != 0:
        insights.change(
            hidden[0].pk,
            {"known_to_bank": True, "evidence": "第二次拜访时主动说起"},
            by=rep,
            at=story.worked(6),
        )
    if number % 3 == 1 and blind:
        insights.share(blind[0].pk, names_no_other_merchant=True, by=rep, at=story.worked(3))


def _offers(story: Demo, merchant: Merchant, number: int, known: dict[str, Rival]) -> int:
    """An offer that has ended, one that runs, and at every fourth merchant an exclusive one."""
    rep = merchant.owner
    assert rep is not None
    spans = ((-120, -30, False), (-25, 40, number % 4 == 0), (-60, None, False))
    chosen = spans[: 1 + number % 3] if number % 4 else spans[:2]
    for place, (starts, ends, exclusive) in enumerate(chosen):
        short, mechanic, points, source = MECHANICS[(number + place) % len(MECHANICS)]
        seen: datetime = story.worked(4 + place)
        rivals.see_offer(
            uuid7(),
            merchant.pk,
            rival_id=known[short].pk,
            mechanic=mechanic,
            starts_on=story.today + timedelta(days=starts),
            ends_on=None if ends is None else story.today + timedelta(days=ends),
            exclusive=exclusive,
            paid_by_rival_basis_points=points if place != 1 else None,
            source=source,
            by=rep,
            at=seen,
        )
    return len(chosen)


def _compare(story: Demo, comparison: Comparison, rival: Rival, planner: User) -> None:
    at = story.worked(12)
    analysis = comparing.begin(
        uuid7(),
        rival_id=rival.pk,
        category_group=comparison.group,
        package=comparison.package,
        by=planner,
        at=at,
    )
    for name, difference, importance, answers in comparison.features:
        comparing.add_feature(
            uuid7(),
            analysis.pk,
            name=name,
            difference=difference,
            importance=importance,
            answers=list(answers),
            by=planner,
            at=at,
        )
    outside = [
        *((SwotFactKind.OPPORTUNITY, *one) for one in comparison.opportunities),
        *((SwotFactKind.THREAT, *one) for one in comparison.threats),
    ]
    for kind, statement, days_ago, source, weight in outside:
        comparing.add_fact(
            uuid7(),
            analysis.pk,
            kind=kind,
            statement=statement,
            dated=(at - timedelta(days=days_ago)).date(),
            source=source,
            weight=weight,
            by=planner,
            at=at,
        )
