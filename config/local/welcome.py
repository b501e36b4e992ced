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
    ("rep", "plan your day: Follow-ups, then open a lead", "看今天的跟进,打开一条线索"),
    (
        "rep",
        "open a merchant, read its timeline, log a visit",
        "打开商户,看时间线,记一次拜访",
    ),
    (
        "lead",
        "see the team's pipeline and what went quiet",
        "看团队漏斗和久未跟进的商户",
    ),
    ("planner", "open a campaign: shares, fund, forecast", "打开活动:分摊、资金、预测"),
    ("manager", "read the weekly report in the mails", "在邮件里看每周报表"),
)
RULE = "=" * 78


def block(address: str) -> str:
    """The text for the terminal."""
    logins = "\n".join(f"    {name:<22}{role:<24}{chinese}" for name, role, chinese in LOGINS)
    english = "\n".join(
        f"    {at}. as {who}: {what}" for at, (who, what, _) in enumerate(TO_TRY, 1)
    )
    chinese = "\n".join(f"    {at}. {who}:{what}" for at, (who, _, what) in enumerate(TO_TRY, 1))
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
