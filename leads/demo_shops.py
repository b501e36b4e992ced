"""What shops of each kind say in the demo: their pains with figures, and the offers that fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from leads.domain.cell_figures import Given
from leads.domain.interviews import Wanted
from leads.models import Cell, NumberPeriod, NumberUnit, QuestionSet

R1, R2, R3, I1, I2, I3, C1, C2, C3 = (
    Cell.R1, Cell.R2, Cell.R3, Cell.I1, Cell.I2, Cell.I3, Cell.C1, Cell.C2, Cell.C3,
)  # fmt: skip


def yuan(label: str, amount: int, period: NumberPeriod = NumberPeriod.MONTH) -> Given:
    """A figure in whole yuan."""
    return Given(label, NumberUnit.YUAN, period, amount_fen=amount * 100)


def count(label: str, value: int, unit: NumberUnit, period: NumberPeriod) -> Given:
    """A figure that is no money."""
    return Given(label, unit, period, value=Decimal(value))


@dataclass(frozen=True)
class Trouble:
    """One pain as a merchant tells it, cell by cell."""

    title: str
    said: Mapping[Cell, str]
    figures: Mapping[Cell, list[Given]]
    capabilities: tuple[Wanted, ...]
    trigger: str = ""


EMPTY_TABLES = Trouble(
    "工作日晚市空台多",
    {
        R1: "周一到周四晚上跟周末差一大截，附近写字楼的人下班就走，要么叫外卖。",
        R2: "平台券把上班族留住了，熟客只在周末来；翻台倒不慢。",
        R3: "主要就是上班族被平台券留住、熟客只在周末来，对，就这两条。",
        I1: "流水少是一方面，备好的海鲜到晚上只能折价给员工餐，厨师长意见很大。",
        I2: "每周四晚、每晚空 15 台、每台 200 左右，一个月差不多 4.8 万。损耗另算。",
        I3: "每月约 4.8 万，压在我和厨师长身上，可以这么记。",
        C1: "菜单价格不能动，最好只在闲的那几个钟头有人来。",
        C2: "周一到周四 17:30–20:30 满 200 减 50、每天限 20 桌、费用共担，这个可以谈。",
        C3: "有限量的闲时客流、费用共担、每周看到新老客，我就能把台坐满。",
    },
    {
        R2: [count("工作日晚市空台", 15, NumberUnit.COUNT, NumberPeriod.DAY)],
        I2: [
            count("每周空台的晚上", 4, NumberUnit.COUNT, NumberPeriod.WEEK),
            yuan("台均消费", 200, NumberPeriod.VISIT),
            yuan("空台少收", 48_000),
        ],
        I3: [yuan("空台少收", 48_000)],
    },
    (
        Wanted("有限量的闲时客流", covered=True),
        Wanted("费用共担", covered=True),
        Wanted("每周新老客报告", covered=True),
        Wanted("高峰时段翻台更快"),
    ),
    "年底聚餐季开始前要定下来",
)
SLOW_START = Trouble(
    "新店爬坡慢，附近的人不知道",
    {
        R1: "开了三个月，商场自然客流不到预期一半。",
        R2: "位置在四楼，导流靠商场屏；会员都在老店，新店没有老客。",
        R3: "就是楼层高没人上来，老店会员又不知道这边开了。",
        I1: "店长的奖金拿不到，已经走了两个老员工。",
        I2: "每天少 30 位客人、人均 80，一个月 30 天就是 7.2 万。",
        I3: "一个月 7.2 万，房租照付，认。",
        C1: "让三公里内的人先来一次，东西好会再来。",
        C2: "持卡人首次到店立减、第二次再送小菜，这个思路对。",
        C3: "能看到多少是新客、第二次来了多少，费用有上限，就做。",
    },
    {
        I2: [
            count("每天少来的客人", 30, NumberUnit.GUESTS, NumberPeriod.DAY),
            yuan("人均消费", 80, NumberPeriod.VISIT),
            yuan("新店少收", 72_000),
        ],
        I3: [yuan("新店少收", 72_000)],
    },
    (
        Wanted("三公里内的新客", covered=True),
        Wanted("看得到回头客数量", covered=True),
        Wanted("商场免租期延长"),
    ),
    "商场年底复核保底租金",
)
QUIET_AFTERNOONS = Trouble(
    "下午两点到五点没有客人",
    {
        R1: "午市排队，两点以后一个人都没有，师傅坐着看手机。",
        R2: "下午茶让隔壁奶茶店抢了，我们没有适合下午的套餐。",
        R3: "一是没有下午的产品，二是没有来的理由，是这样。",
        I1: "排班没法排，两头班的人留不住。",
        I2: "每天少 27 单、每单 30 块，一个月 2.43 万。",
        I3: "每月 2.43 万，主要是人工白付，行。",
        C1: "下午有人坐就行，不求赚多少。",
        C2: "工作日下午刷卡满 60 减 20，每人每天一次，可以试。",
        C3: "只在下午、每天有上限、不用收银手输券码，就这三条。",
    },
    {
        I2: [
            count("每天少的单数", 27, NumberUnit.COUNT, NumberPeriod.DAY),
            yuan("每单金额", 30, NumberPeriod.VISIT),
            yuan("下午少收", 24_300),
        ],
        I3: [yuan("下午少收", 24_300)],
    },
    (
        Wanted("清淡时段有客流", covered=True),
        Wanted("成本有上限", covered=True),
        Wanted("下午的套餐"),
    ),
)
NO_SECOND_VISIT = Trouble(
    "首次到店的新客留不住",
    {
        R1: "新客都是平台来的，洗一次就不见了。",
        R2: "第二次恢复原价，也没人约下一次；发型师倒还稳定。",
        R3: "就是第二次没优惠、没理由，流失在第一次和第二次之间。",
        I1: "平日下午椅子空着，发型师收入上不去，情绪不好。",
        I2: "每月 60 位新客留下 12 位，一位常客一年 1,200，等于每月的新客里流走 5.76 万年消费。",
        I3: "代价是常客没留住、发型师也留不住，5.76 万这个数我认。",
        C1: "想改的就是新客第二次愿不愿意来。",
        C2: "平日下午首次洗头 1 元、30 天内第二次再减 30，这个我喜欢。",
        C3: "填满下午的椅子、给第二次到店的理由、看得到回头客，能解决。",
    },
    {
        R2: [count("第二次到店的新客", 12, NumberUnit.GUESTS, NumberPeriod.MONTH)],
        I2: [
            count("每月新客", 60, NumberUnit.GUESTS, NumberPeriod.NONE),
            yuan("常客一年消费", 1_200, NumberPeriod.YEAR),
            yuan("每月新客流走的年消费", 57_600),
        ],
        I3: [yuan("每月新客流走的年消费", 57_600)],
    },
    (
        Wanted("填满平日下午的椅子", covered=True),
        Wanted("给出第二次到店的理由", covered=True),
        Wanted("看得到回头客数量", covered=True),
        Wanted("留住发型师"),
    ),
    "春节前烫染旺季",
)
SMALL_BASKETS = Trouble(
    "晚间客单变小，生鲜报损高",
    {
        R1: "客单从 85 掉到 72，下班的人来了只买一两样。",
        R2: "社区团购把整单分走了；七点以后来，叶菜已经不新鲜。",
        R3: "客单变小主要是团购，晚间损耗主要是到店太晚，对。",
        I1: "跟供应商对账时返利档位上不去，房东还在催扣点。",
        I2: "少 13 块、每天 1,500 单，一天就是 1.95 万，一个月 58.5 万。",
        I3: "每天 1.95 万再加报损，直接影响我的考核，准确。",
        C1: "顾客多拿两件就好。",
        C2: "19 点后满 150 减 20、每天限 200 单，积分抵现要看系统。",
        C3: "提升晚间客单、每日成本有上限、自动对账，没有别的了。",
    },
    {
        R1: [yuan("去年客单", 85, NumberPeriod.VISIT), yuan("今年客单", 72, NumberPeriod.VISIT)],
        I2: [
            count("每天的单数", 1_500, NumberUnit.COUNT, NumberPeriod.DAY),
            yuan("一天少收", 19_500, NumberPeriod.DAY),
            yuan("客单下降少收", 585_000),
        ],
        I3: [yuan("客单下降少收", 585_000)],
    },
    (
        Wanted("提升晚间客单", covered=True),
        Wanted("每日成本有上限", covered=True),
        Wanted("自动对账", covered=True),
        Wanted("减少生鲜报损"),
    ),
    "元旦前的年货陈列",
)
EMPTY_SHOWS = Trouble(
    "平日场次上座低",
    {
        R1: "首映周末能到七成，平日一成都不到。",
        R2: "票务平台把价格锁死了，18 点前没有来的理由。",
        R3: "平日空场主要就是平台锁价、白天没有理由来。",
        I1: "空场卖品没人买，排班还不能少。",
        I2: "120 座的厅上座 8%，每场少 40 人，票 35 加卖品 12，一场少 1,880；每月 88 场。",
        I3: "每场 1,880，一个月 16.5 万，卖品受影响最大，可以这样记。",
        C1: "平日下午想要退休的和学生。",
        C2: "周二持卡 19.9、每天 60 张、差价银行付，卖品 8 折，行。",
        C3: "票款不打折、有座位上限、看得到卖品提升，就是我要的。",
    },
    {
        I2: [
            count("每场少来的观众", 40, NumberUnit.GUESTS, NumberPeriod.NONE),
            yuan("一场少收", 1_880, NumberPeriod.VISIT),
            yuan("平日空场少收", 165_440),
        ],
        I3: [yuan("平日空场少收", 165_440)],
    },
    (
        Wanted("票款不打折", covered=True),
        Wanted("有座位上限", covered=True),
        Wanted("看得到卖品提升", covered=True),
        Wanted("排片自主"),
    ),
    "贺岁档排片",
)
PASSING_CARS = Trouble(
    "司机不回头，便利店没人进",
    {
        R1: "对面那家用 App 便宜两毛，司机看价钱走。",
        R2: "App 折扣是一条；高峰排队，加完就走，没人下车。",
        R3: "留不住人是因为 App 折扣，便利店卖不动是因为加完就走。",
        I1: "油品公司的返利看量，量掉了返利档也掉。",
        I2: "一天 300 辆车 5% 进店，到 15% 每人 18 元，每天少赚 540，一个月 1.62 万。",
        I3: "便利店每天 540，再加返利，对。",
        C1: "同一位司机每周都来就好。",
        C2: "每周一次满 200 减 20、避开高峰、送当天便利店券、每天限 80 名，可以。",
        C3: "每周回头、带动便利店、不加重高峰排队，够了。",
    },
    {
        R2: [count("每天的车", 300, NumberUnit.COUNT, NumberPeriod.DAY)],
        I2: [
            yuan("便利店一天少赚", 540, NumberPeriod.DAY),
            yuan("便利店少赚", 16_200),
        ],
        I3: [yuan("便利店少赚", 16_200)],
    },
    (
        Wanted("每周回头", covered=True),
        Wanted("带动便利店", covered=True),
        Wanted("不加重高峰排队", covered=True),
        Wanted("更高的油品返利"),
    ),
)
TROUBLES: Mapping[QuestionSet, tuple[Trouble, ...]] = MappingProxyType(
    {
        QuestionSet.RESTAURANT: (EMPTY_TABLES, SLOW_START, QUIET_AFTERNOONS),
        QuestionSet.HAIR_SALON: (NO_SECOND_VISIT,),
        QuestionSet.SUPERMARKET: (SMALL_BASKETS,),
        QuestionSet.CINEMA: (EMPTY_SHOWS,),
        QuestionSet.PETROL_STATION: (PASSING_CARS,),
        QuestionSet.GENERAL: (SLOW_START, QUIET_AFTERNOONS),
    }
)

THREE_SHARES = {"bank": 5_000, "merchant": 3_000, "scheme": 2_000}
BANK_AND_MERCHANT = {"bank": 6_000, "merchant": 4_000}
BANK_MOST = {"bank": 7_000, "merchant": 3_000}
NEXT = "确认门店清单\n收银培训\n分行审批\n物料到店"
"""One step a line, as the printed page shows them."""

OFFERS: Mapping[QuestionSet, Mapping[str, Any]] = MappingProxyType(
    {
        QuestionSet.RESTAURANT: {
            "title": "工作日晚餐满200减50", "mechanic": "threshold_off",
            "terms": {"threshold_fen": 20_000, "off_fen": 5_000},
            "weekdays": [1, 2, 3, 4], "uses_per_customer_day": 1, "uses_per_day": 20,
            "shares": THREE_SHARES, "budget_fen": 7_000_000, "operating_cost_fen": 200_000,
            "redemptions": 1_200, "purchases_without": 500, "ticket_fen": 24_000,
            "first_swipe_cards": 130, "reactivated_cards": 90, "card_contribution_fen": 20_000,
            "gross_margin": 6_000,
        },
        QuestionSet.HAIR_SALON: {
            "title": "平日下午一元洗头", "mechanic": "one_yuan",
            "terms": {"agreed_price_fen": 2_500},
            "weekdays": [1, 2, 3, 4, 5], "uses_per_customer": 1, "uses_per_day": 15,
            "shares": BANK_MOST, "budget_fen": 1_600_000, "operating_cost_fen": 100_000,
            "redemptions": 600, "purchases_without": 100, "ticket_fen": 2_500,
            "first_swipe_cards": 60, "reactivated_cards": 35, "card_contribution_fen": 15_000,
            "gross_margin": 8_000,
        },
        QuestionSet.SUPERMARKET: {
            "title": "19点后满150减20", "mechanic": "threshold_off",
            "terms": {"threshold_fen": 15_000, "off_fen": 2_000},
            "uses_per_customer_day": 1, "uses_per_day": 200,
            "shares": BANK_AND_MERCHANT, "budget_fen": 14_000_000, "operating_cost_fen": 300_000,
            "redemptions": 6_000, "purchases_without": 4_200, "ticket_fen": 17_200,
            "first_swipe_cards": 400, "reactivated_cards": 200, "card_contribution_fen": 15_000,
            "gross_margin": 2_200,
        },
        QuestionSet.CINEMA: {
            "title": "周二电影日19.9元", "mechanic": "threshold_off",
            "terms": {"threshold_fen": 3_500, "off_fen": 1_510},
            "weekdays": [2], "uses_per_customer_day": 2, "uses_per_day": 60,
            "shares": BANK_MOST, "budget_fen": 1_600_000, "operating_cost_fen": 100_000,
            "redemptions": 960, "purchases_without": 300, "ticket_fen": 4_700,
            "first_swipe_cards": 60, "reactivated_cards": 35, "card_contribution_fen": 15_000,
            "gross_margin": 5_000,
        },
        QuestionSet.PETROL_STATION: {
            "title": "每周加油满200减20", "mechanic": "threshold_off",
            "terms": {"threshold_fen": 20_000, "off_fen": 2_000},
            "uses_per_customer_day": 1, "uses_per_day": 80,
            "shares": BANK_AND_MERCHANT, "budget_fen": 4_000_000, "operating_cost_fen": 150_000,
            "redemptions": 1_600, "purchases_without": 1_000, "ticket_fen": 26_000,
            "first_swipe_cards": 100, "reactivated_cards": 70, "card_contribution_fen": 15_000,
            "gross_margin": 1_200,
        },
        QuestionSet.GENERAL: {
            "title": "工作日下午满100减20", "mechanic": "threshold_off",
            "terms": {"threshold_fen": 10_000, "off_fen": 2_000},
            "weekdays": [1, 2, 3, 4, 5], "uses_per_customer_day": 1,
            "shares": BANK_AND_MERCHANT, "budget_fen": 2_400_000, "operating_cost_fen": 200_000,
            "redemptions": 1_000, "purchases_without": 500, "ticket_fen": 13_000,
            "first_swipe_cards": 80, "reactivated_cards": 50, "card_contribution_fen": 15_000,
            "gross_margin": 4_500,
        },
    }
)  # fmt: skip
"""All three win by each of them."""

SCALED = (
    "budget_fen", "operating_cost_fen", "redemptions", "purchases_without", "first_swipe_cards",
    "reactivated_cards",
)  # fmt: skip


def scaled(offer: Mapping[str, Any], tenths: int) -> dict[str, Any]:
    """The same offer at a smaller or larger shop: counts and budget in tenths of the usual."""
    return {
        name: value * tenths // 10 if name in SCALED else value for name, value in offer.items()
    }


LOSING: Mapping[str, Any] = MappingProxyType(
    {
        "title": "开业首月满100减50", "terms": {"threshold_fen": 10_000, "off_fen": 5_000},
        "mechanic": "threshold_off", "shares": {"bank": 8_000, "merchant": 2_000},
        "redemptions": 900, "purchases_without": 500, "ticket_fen": 13_000,
        "first_swipe_cards": 40, "reactivated_cards": 20, "card_contribution_fen": 15_000,
        "budget_fen": 5_000_000, "gross_margin": 5_500, "operating_cost_fen": 200_000,
    }
)  # fmt: skip
"""The bank pays more than it gets; a leader may let it pass."""
WAIVED_BECAUSE = "商圈首店，换后十一家店的框架协议；首月亏损在分行获客预算内，次月改回满200减50。"
