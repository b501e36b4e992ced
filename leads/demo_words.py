"""What the reps of the demo wrote down. All of it is invented."""

from dataclasses import dataclass

from leads.models import ActivityKind, ActivityOutcome, LostReason, Stage

CALL, VISIT, MEETING, MESSAGE, NOTE = ActivityKind


@dataclass(frozen=True)
class Note:
    """One contact: what was said, what was promised on it, and how that came out."""

    kind: ActivityKind
    summary: str
    promise: str
    outcome: str
    code: str = ""
    mood: int | None = None
    """How it was taken, from −2 to +2, where somebody wrote it down."""


NOTES: dict[Stage, tuple[Note, ...]] = {
    Stage.NEW: (
        Note(
            CALL,
            "打总机，前台说负责人周三在店，先记下门店座机。",
            "周三再打给店长",
            "接通了，约到店里见",
            ActivityOutcome.REACHED,
            0,
        ),
        Note(
            VISIT,
            "路过门店看了一圈：午市排队，下午两点后空台一半。",
            "带资料上门",
            "资料交给了副店长",
        ),
        Note(
            CALL,
            "店长说生意还行，不需要做活动。先不谈合作，问了淡旺时段。",
            "换个时段再聊",
            "愿意听十分钟",
            ActivityOutcome.NOT_INTERESTED,
            -1,
        ),
        Note(
            MESSAGE,
            "加了店长微信，发了同商圈的活动海报。",
            "问对海报的看法",
            "说看到了，想知道谁出钱",
        ),
        Note(
            NOTE,
            "点评上差评集中在等位，周末翻台快，工作日空。",
            "核实工作日客流",
            "店员证实周一到周四空",
        ),
    ),
    Stage.QUALIFIED: (
        Note(
            VISIT,
            "见到店长，周一到周四晚市空台约四成，想拉年轻客群。",
            "约区域经理",
            "区域经理下周来沪",
            ActivityOutcome.REACHED,
            1,
        ),
        Note(
            CALL,
            "确认营业执照和收单行，门店自己能定五万以内的活动。",
            "问总部的审批口径",
            "超过五万要总部定",
            ActivityOutcome.REACHED,
            0,
        ),
        Note(
            CALL,
            "店长说合作要总部定，给了市场部邮箱。",
            "给市场部写邮件",
            "市场部回了，约电话",
            ActivityOutcome.ASKED_TO_WAIT,
            0,
        ),
        Note(
            MESSAGE,
            "问到去年和别家银行做过满减，核销麻烦，店员怨气大。",
            "了解核销的具体麻烦",
            "收银要手输券码，排队慢",
        ),
        Note(
            VISIT,
            "老板担心打折伤品牌，更想要储值和复购。",
            "准备不打折的案例",
            "对加赠类有兴趣",
            ActivityOutcome.DECISION_MAKER_MET,
            -1,
        ),
    ),
    Stage.DISCOVERY: (
        Note(
            MEETING,
            "和区域经理谈了一小时：真正头疼的是新店爬坡慢，不是客单价。",
            "要三家新店的客流数",
            "拿到了两家的数",
            ActivityOutcome.INTERESTED,
            1,
        ),
        Note(VISIT, "在店里蹲点两小时，刷我行卡的占一成二。", "整理持卡客群分析", "分析发给了店长"),
        Note(
            CALL,
            "财务说对账要一周，希望T+1看到补贴。",
            "问清对账格式",
            "财务给了模板",
            ActivityOutcome.REACHED,
            0,
        ),
        Note(
            MEETING,
            "总部市场部说今年预算已定，明年一月前要报方案。",
            "赶在一月前报方案",
            "对方给了报送要求",
            ActivityOutcome.ASKED_TO_WAIT,
            -1,
        ),
        Note(
            VISIT,
            "店长承认竞争对手隔壁店在做半价，周二客流掉了三成。",
            "算周二活动的账",
            "店长认可测算",
            ActivityOutcome.INTERESTED,
            2,
        ),
        Note(MESSAGE, "补充了门店清单，十一家里先试四家。", "核对门店清单", "确认先试四家"),
    ),
    Stage.PROPOSAL: (
        Note(
            MEETING,
            "讲了满200减50的方案：我行五成、商户三成、卡组织两成。商户想降到两成五。",
            "回去测算出资比例",
            "按三成不变，延长两周",
            ActivityOutcome.INTERESTED,
            0,
        ),
        Note(
            MESSAGE,
            "发了第二版方案，封顶金额改为每人每月两次。",
            "问对第二版的意见",
            "只剩时间段要改",
        ),
        Note(
            CALL,
            "对方问预算用完怎么停，答应写进方案。",
            "补充停止规则",
            "已写进第三版",
            ActivityOutcome.REACHED,
            0,
        ),
        Note(
            VISIT,
            "带方案到店过一遍收银流程，店员没有意见。",
            "请店长签收方案",
            "店长签收，转总部",
            ActivityOutcome.REACHED,
            1,
        ),
        Note(
            MEETING,
            "总部采购嫌活动期太长，建议先做四周试点。",
            "改成四周试点",
            "试点方案对方接受",
            ActivityOutcome.REACHED,
            -1,
        ),
    ),
    Stage.APPROVAL: (
        Note(MESSAGE, "材料齐了，报分行审批。", "催审批意见", "法务要补授权书"),
        Note(
            CALL,
            "法务要求补一份授权书，商户答应两天内盖章。",
            "收授权书",
            "授权书已收到",
            ActivityOutcome.REACHED,
            0,
        ),
        Note(NOTE, "风险侧没有问题，等负责人签字。", "问签字进度", "明天上会"),
    ),
}
"""By the stage in which such things are said."""

LOST_BECAUSE: dict[LostReason, tuple[str, ...]] = {
    LostReason.UNAWARE: ("老板说生意还行，不需要，聊了三次没有松口", "店长看不到空台是问题"),
    LostReason.NOT_URGENT: ("总部说明年再说，今年没有人手", "装修到下半年，活动排不上"),
    LostReason.POINT_MISSED: (
        "一直谈拉新，对方要的是对账快，方案没有打动",
        "我们讲折扣，对方怕伤品牌",
    ),
    LostReason.RIVAL: ("和别家银行签了全年独家", "别家银行多出一成补贴，已签"),
    LostReason.CLOSED_DOWN: ("门店月底闭店",),
    LostReason.OTHER: ("股东之间没有谈拢，合作先搁下",),
}

PARKED_BECAUSE = ("总部换了市场负责人，年后再谈", "商场整改，停业一个月", "等新品牌店开业后再谈")
BLOCKED_BECAUSE = ("同名主体有未结的行政处罚，合规叫停", "收单侧发现异常交易，合规核查中")
WON_BECAUSE = ("方案和出资比例符合分行口径，同意", "试点四周，预算可控，同意", "")

PROMISES = (
    "送第二版方案",
    "约店长见面",
    "问总部的回复",
    "带持卡客群分析上门",
    "确认试点门店",
    "收授权书",
    "核对活动时间段",
    "回电话",
    "请区域经理看测算",
    "补营业执照复印件",
)
"""Titles of follow-ups that are still open."""
