"""What the demo shows when it is ready: where to go, who to be, what to try. In both languages."""

PASSWORD = "demo-2026"
LOGINS = (
    ("rep@demo.test", "Sales representative", "客户经理"),
    ("lead@demo.test", "Team lead", "团队主管"),
    ("manager@demo.test", "Branch manager", "分行经理"),
    ("planner@demo.test", "Campaign planner", "活动策划"),
    ("finance@demo.test", "Finance", "财务"),
    ("compliance@demo.test", "Compliance", "合规"),
    ("admin@demo.test", "Administrator", "系统管理员"),
)
TO_TRY = (
    (
        "rep",
        "Today, the board, then a lead: what to do next, and what its next step asks for",
        "看“今日跟进”和“看板”，打开一条线索：下一步做什么、还缺什么",
    ),
    (
        "rep",
        "claim a lead from the pool, check in, fill the nine-grid, answer an objection",
        "从公海认领一条线索，签到，填九宫格，应对异议",
    ),
    (
        "rep",
        "Proposals: look at the forecast, print the merchant's page",
        "方案：看三方测算，打印给商户的方案页",
    ),
    (
        "rep",
        "promise a follow-up two minutes from now; the inbox says so once, and so does one mail "
        "(at night and on days off the mail waits for the morning)",
        "约一个两分钟后的跟进：收件箱和邮件各提醒一次（夜间和休息日，邮件留到次日早晨）",
    ),
    (
        "lead",
        "Leads: select some, assign or move them together",
        "线索列表：勾选几条，批量分派或推进",
    ),
    (
        "lead",
        "approve a lead that stands in approval: the partnership begins",
        "审批一条“审批签约”的线索：合作即开始",
    ),
    (
        "manager",
        "Approvals: open 年末便利满30减10 and approve it, or send it back with a comment",
        "审批：打开“年末便利满30减10”，同意，或写明意见退回",
    ),
    (
        "planner",
        "Campaigns: 工作日5折封顶20元 has used more than 90 % of its budget; simulate a purchase",
        "营销活动：“工作日5折封顶20元”预算已用九成多；试算一笔消费",
    ),
    (
        "finance",
        "Discrepancies, statements, claims: what waits, what is overdue, what is disputed",
        "差异、结算单、费用申报：哪些待处理、哪些逾期、商户对哪笔有异议",
    ),
    (
        "manager",
        "Indicators: the quarter in step with time, and the sleeping-card gauge",
        "经营指标：季度进度与睡眠卡率",
    ),
    ("manager", "Weekly reports: preview, then send it to yourself", "商户周报：预览，再发给自己"),
    (
        "rep",
        "My notifications: choose mail by mail, set up a chat, subscribe to your calendar",
        "我的通知：逐项选择邮件，设置群聊，订阅日历",
    ),
    (
        "admin",
        "Operations: reminders, deliveries, what was given up",
        "运行状况：提醒、投递、已放弃的",
    ),
)
RULE = "=" * 78


def block(address: str) -> str:
    """The text for the terminal."""
    logins = "\n".join(f"    {name:<22}{role:<24}{chinese}" for name, role, chinese in LOGINS)
    english = "\n".join(
        f"    {at}. as {who}: {what}" for at, (who, what, _) in enumerate(TO_TRY, 1)
    )
    chinese = "\n".join(f"    {at}. {who}：{what}" for at, (who, _, what) in enumerate(TO_TRY, 1))
    return f"""
{RULE}
  Ready / 已就绪:   {address}/

  Sign in as / 登录(password / 密码: {PASSWORD})
{logins}

  What to try first
{english}

  先试这些
{chinese}

  Mails / 邮件:               {address}/admin/mail/
  API documentation / 接口:   {address}/api/v1/docs/
  Stop / 停止:                Ctrl-C
{RULE}
"""
