"""The campaigns of the demo: offers as cardholders know them, with invented budgets and shares."""

from dataclasses import dataclass, field

from campaigns.models import CampaignStage, Mechanic, Objective, Party

FOOD = ("5812", "5814")
HAIR = ("7230",)
SHOPS = ("5499", "5411")
FILMS = ("7832",)
BANK, MERCHANT, SCHEME, PLATFORM = Party.BANK, Party.MERCHANT, Party.SCHEME, Party.PLATFORM
THRESHOLD_OFF, RATE_OFF, ONE_YUAN = Mechanic.THRESHOLD_OFF, Mechanic.RATE_OFF, Mechanic.ONE_YUAN
FREQUENCY, SPEND, ACTIVATE = Objective.FREQUENCY, Objective.SPEND, Objective.ACTIVATE
_S = CampaignStage

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
WEEKEND = (6, 7)
WORKDAYS = (1, 2, 3, 4, 5)
TUESDAY = (2,)


@dataclass(frozen=True)
class Offer:
    """One campaign that is to be: days count from today, shares are in percent."""

    name: str
    unit: str
    planner: str
    kinds: tuple[str, ...]
    """MCCs of the merchants that it is made for."""
    merchants: int
    starts: int
    ends: int
    budget_yuan: int
    shares: dict[Party, int]
    mechanic: Mechanic
    terms: dict[str, int]
    uses: int = 0
    """Purchases that are reported of it, up to yesterday."""
    spends: tuple[int, int] = (0, 0)
    """What customers pay there at least and at most, in yuan."""
    weekdays: tuple[int, ...] = EVERY_DAY
    fate: CampaignStage = _S.ACTIVE
    """How far it has come."""
    objective: Objective = FREQUENCY
    limits: dict[str, object] = field(default_factory=lambda: {"uses_per_customer_day": 1})


OFFERS = (
    Offer("初夏洗护满60减15", "上海分行", "planner", HAIR, 2, -150, -106, 6_000,
          {BANK: 60, MERCHANT: 40}, THRESHOLD_OFF, {"threshold_fen": 6000, "off_fen": 1500},
          190, (60, 168), fate=_S.CLOSED),
    Offer("老街聚餐满150减30", "上海分行", "planner", FOOD, 4, -118, -66, 15_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20}, THRESHOLD_OFF,
          {"threshold_fen": 15000, "off_fen": 3000}, 340, (150, 420), fate=_S.SETTLING),
    Offer("便利店满20减8", "上海分行", "planner", SHOPS, 4, -80, -12, 8_000,
          {BANK: 45, MERCHANT: 35, PLATFORM: 20}, THRESHOLD_OFF,
          {"threshold_fen": 2000, "off_fen": 800}, 620, (20, 66), fate=_S.ENDED),
    Offer("工作日5折封顶20元", "上海分行", "planner", FOOD, 5, -52, 5, 10_000,
          {BANK: 60, MERCHANT: 40}, RATE_OFF, {"rate_off": 5000, "cap_fen": 2000},
          478, (40, 130), WORKDAYS, limits={"weekdays": [1, 2, 3, 4, 5]}),
    Offer("周二电影日满39.9减20", "上海分行", "planner", FILMS, 1, -38, 24, 3_000,
          {BANK: 50, MERCHANT: 35, SCHEME: 15}, THRESHOLD_OFF,
          {"threshold_fen": 3990, "off_fen": 2000}, 156, (40, 96), TUESDAY, _S.PAUSED,
          limits={"weekdays": [2], "uses_per_customer_day": 1}),
    Offer("周末聚餐满200减50", "上海分行", "planner", FOOD, 6, -24, 37, 60_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20}, THRESHOLD_OFF,
          {"threshold_fen": 20000, "off_fen": 5000}, 390, (200, 560), WEEKEND,
          limits={"weekdays": [6, 7], "uses_per_customer_day": 1}),
    Offer("一元洗头", "上海分行", "planner", HAIR, 2, -10, 50, 8_000,
          {BANK: 70, MERCHANT: 30}, ONE_YUAN, {"agreed_price_fen": 2500}, 64, (25, 25),
          objective=ACTIVATE),
    Offer("西湖下午茶满60减20", "杭州分行", "planner.hangzhou", FOOD, 4, -31, 30, 12_000,
          {BANK: 55, MERCHANT: 45}, THRESHOLD_OFF,
          {"threshold_fen": 6000, "off_fen": 2000}, 240, (60, 148)),
    Offer("锦城美食满300减80", "成都分行", "planner.chengdu", FOOD, 3, 9, 70, 600_000,
          {BANK: 40, MERCHANT: 40, SCHEME: 20}, THRESHOLD_OFF,
          {"threshold_fen": 30000, "off_fen": 8000}, fate=_S.SCHEDULED, objective=SPEND),
    Offer("年末便利满30减10", "上海分行", "planner", SHOPS, 5, 16, 46, 480_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20}, THRESHOLD_OFF,
          {"threshold_fen": 3000, "off_fen": 1000}, fate=_S.SUBMITTED),
    Offer("静安早餐满15减5", "上海分行", "planner", FOOD, 3, 21, 82, 90_000,
          {BANK: 80, MERCHANT: 20}, THRESHOLD_OFF,
          {"threshold_fen": 1500, "off_fen": 500}, fate=_S.RETURNED),
)  # fmt: skip
"""The oldest first. Of leads that were won there are drafts besides."""
