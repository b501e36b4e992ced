"""Rows for the weekly report's benchmark: a bank of five hundred recipients, deterministic.

Beside what the leads' benchmark has: the steps that brought each lead where it stands, promises
that were kept, partnerships with agreements, readings and sales, campaigns with money and claims,
targets, and the figures that were kept in the weeks before.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, models

from campaigns.models import (
    Budget,
    Campaign,
    CampaignStep,
    Claim,
    FundingShare,
    LedgerEntry,
    Statement,
    Target,
)
from crm.actors import SYSTEM
from crm.domain import organisation, weekly_recipients
from crm.models import (
    Membership,
    OrgUnit,
    Reminder,
    Role,
    UnitKind,
    User,
    WeeklySnapshot,
)
from crm.weeks import Week
from leads.models import FollowUp, Lead, PainStep, Stage, StageChange
from leads.models.stages import FUNNEL
from merchants.domain import reference
from merchants.models import (
    Agreement,
    AgreementVersion,
    HealthReading,
    Partnership,
    PartnershipStep,
    SalesDay,
)
from tests.bench import dataset, lead_rows
from tests.bench.copying import _default, copy_rows

BRANCHES, TEAMS_OF_BRANCH, REPS = 3, 8, 470
WEEK = Week.of(datetime.now(UTC).date()).previous
CUT_OFF = datetime.combine(WEEK.next.monday, time(), ZoneInfo("Asia/Shanghai"))
NOW = CUT_OFF + timedelta(hours=9)
"""The bank has been at work for an hour when the report is written."""
GAP = timedelta(days=6)
"""The longest time between two steps."""
MOVED_SINCE, TOUCHED_SINCE = 400, 100
"""One open lead in so many moved, or was worked, since the cut-off."""
CAMPAIGNS = 2_000
_PATHS = {
    Stage.PARKED: (Stage.NEW, Stage.QUALIFIED, Stage.PARKED),
    Stage.LOST: (Stage.NEW, Stage.QUALIFIED, Stage.DISCOVERY, Stage.LOST),
} | {stage: FUNNEL[: place + 1] for place, stage in enumerate(FUNNEL)}


def load(leads: int) -> None:
    """Fill an empty, migrated database with so many leads and everything that hangs on them."""
    dataset.NOW = NOW
    reference.load_categories()
    reference.load_divisions()
    bank = _people()
    lead_rows._load_reference()
    with connection.cursor() as cursor:
        # What is written here is sound; the triggers would look at each of ten million rows.
        cursor.execute("SET statement_timeout = 0; SET session_replication_role = replica")
    pursued = lead_rows.pursue(leads, bank)
    copy_rows(Lead, map(_lead, pursued))
    copy_rows(StageChange, (row for one in pursued for row in _steps(one)))
    lead_rows.copy_work(pursued, 3, cells=False)
    del pursued
    _more_of_leads()
    _partnerships()
    _campaigns()
    _targets()
    _weeks_before()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _people() -> dataset.Bank:
    """Two who manage the whole bank, three branches with a deputy in one, a leader of each team."""
    head = organisation.open_unit("总行", UnitKind.HEAD_OFFICE, parent=None, by=SYSTEM, at=NOW)
    held: list[tuple[OrgUnit, Role]] = [(head, Role.BRANCH_MANAGER)] * 2
    teams: list[OrgUnit] = []
    for name in ("上海分行", "北京分行", "广州分行")[:BRANCHES]:
        branch = organisation.open_unit(name, UnitKind.BRANCH, parent=head, by=SYSTEM, at=NOW)
        held += [(branch, Role.BRANCH_MANAGER)] * (2 if name == "上海分行" else 1)
        for number in range(TEAMS_OF_BRANCH):
            team = organisation.open_unit(
                f"{name[:2]}{number + 1}组", UnitKind.TEAM, parent=branch, by=SYSTEM, at=NOW
            )
            teams.append(team)
            held.append((team, Role.TEAM_LEAD))
    managers = User.objects.bulk_create(
        User(email=f"manager{number}@bench.test", full_name=f"经理{number}")
        for number in range(len(held))
    )
    reps = User.objects.bulk_create(
        User(
            email=f"rep{number}@bench.test",
            full_name=f"客户经理{number}",
            language="en" if number % 10 == 9 else "zh-hans",
        )
        for number in range(REPS)
    )
    Membership.objects.bulk_create(
        [
            *(
                Membership(user=user, unit=unit, role=role)
                for user, (unit, role) in zip(managers, held, strict=True)
            ),
            *(
                Membership(user=rep, unit=teams[number % len(teams)], role=Role.REP)
                for number, rep in enumerate(reps)
            ),
        ]
    )
    return dataset.Bank(managers[0], reps, teams)


def _lead(one: Any) -> dict[str, object]:
    path = list(_walked(one))
    begun, entered = path[0][2], path[-1][2]
    row = lead_rows._lead(one, None)
    worked = max(one.worked_at, entered)
    if _since(one, TOUCHED_SINCE):
        worked = max(worked, NOW - timedelta(minutes=one.row.number % 400))
    return row | {
        "created_at": begun,
        "stage_entered_at": entered,
        "last_activity_at": worked,
        "updated_at": worked,
        "expected_signing_on": (NOW + timedelta(days=one.row.number % 200)).date()
        if one.open
        else None,
    }


def _since(one: Any, one_in: int) -> bool:
    return bool(one.open and not one.pooled and not one.quiet and one.row.turn % one_in == 3)


def _walked(one: Any) -> Iterator[tuple[str, str, datetime]]:
    """From where to where a lead went, and when; the last step is where it stands."""
    path = _PATHS[one.stage]
    start = one.row.at - (lead_rows.LONG_AGO if one.quiet else timedelta(0))
    gap = min(GAP, (NOW - timedelta(hours=10) - start) / len(path))
    before = ""
    for place, stage in enumerate(path):
        at = start + max(gap, timedelta(0)) * place
        if place == len(path) - 1 and place and _since(one, MOVED_SINCE):
            at = NOW - timedelta(minutes=one.row.number % 400)
        yield before, stage, at
        before = stage


def _steps(one: Any) -> Iterator[dict[str, object]]:
    for place, (before, stage, at) in enumerate(_walked(one)):
        yield {
            "id": one.id_of(7, place),
            "lead_id": one.lead_id,
            "from_stage": before,
            "to_stage": stage,
            "at": at,
            "actor_id": one.row.owner,
            "lost_reason": "other" if stage == Stage.LOST else "",
            "working_days": 4 if before else 0,
        }


def _insert(
    model: type[models.Model], said: Mapping[str, str], source: str, **values: object
) -> None:
    """Rows made by the database, from column → expression; what is not said has its default."""
    columns = {"id": "gen_random_uuid()", **said}
    table = model._meta.db_table
    for field in model._meta.concrete_fields:
        if field.column in columns or isinstance(field, models.GeneratedField):
            continue
        values[f"d_{field.column}"] = _default(field)
        columns[field.column] = f"%(d_{field.column})s"
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())} FROM {source}",
            {"now": NOW, "end": CUT_OFF, "day": WEEK.sunday, **values},
        )


_NOW = {"created_at": "%(now)s::timestamptz", "updated_at": "%(now)s::timestamptz"}
_NUMBERED = "(SELECT {columns}, row_number() OVER (ORDER BY {by}) AS n FROM {table}) AS one"


def _more_of_leads() -> None:
    """A promise of the past for each lead, some put off this morning, and the steps of pains."""
    _insert(
        FollowUp,
        {
            "created_at": "created_at",
            "updated_at": "created_at + interval '4 days'",
            "merchant_id": "merchant_id",
            "lead_id": "id",
            "owner_id": "owner_id",
            "title": "'回电'",
            "due_at": "created_at + interval '3 days'",
            "state": "'done'",
            "closed_at": "created_at + interval '4 days'",
        },
        "leads_lead WHERE owner_id IS NOT NULL AND created_at < %(end)s - interval '5 days'",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_followup SET snoozes = 1, updated_at = %(now)s - interval '1 hour',"
            " due_at = due_at + interval '7 days' WHERE state = 'open' AND created_at < %(end)s"
            " AND hashtext(id::text) %% 200 = 0",
            {"now": NOW, "end": CUT_OFF},
        )
    _insert(
        Reminder,
        {
            "created_at": "created_at",
            "updated_at": "created_at",
            "key": "'follow-up:' || id || ':due'",
            "recipient_id": "owner_id",
            "kind": "'follow_up_due'",
            "facts": "'{}'",
            "link": "'/'",
            "due_at": "due_at - interval '7 days'",
            "state": "'planned'",
        },
        "leads_followup WHERE snoozes = 1",
    )
    for before, after, days in (("", "latent", 0), ("latent", "admitted", 5)):
        _insert(
            PainStep,
            {
                "pain_id": "id",
                "from_status": f"'{before}'",
                "to_status": f"'{after}'",
                "stuck_column": "'r'",
                "at": f"created_at + interval '{days} days'",
            },
            f"leads_pain WHERE created_at + interval '{days} days' < %(now)s",
        )


def _partnerships() -> None:
    """One for each lead that was won: an agreement, readings of two weeks, sales of one."""
    began = "stage_entered_at"
    _insert(
        Partnership,
        {
            "created_at": began,
            "updated_at": began,
            "merchant_id": "merchant_id",
            "unit_id": "unit_id",
            "stage": "(ARRAY['active','active','active','pilot','wavering','renewal','onboarding',"
            "'churned'])[1 + n %% 8]",
            "stage_entered_at": f"{began} + interval '1 hour'",
            "evidence_since": began,
            "health": "40 + n %% 60",
            "health_computed_on": "%(day)s::date",
            "expires_on": "%(day)s::date + (n %% 400)::int",
        },
        _NUMBERED.format(columns="*", by="merchant_id", table="leads_lead WHERE stage = 'won'"),
    )
    for before, after, later in (("''", "'onboarding'", 0), ("'onboarding'", "stage", 1)):
        _insert(
            PartnershipStep,
            {
                "partnership_id": "id",
                "from_stage": before,
                "to_stage": after,
                "at": f"created_at + interval '{later} hours'",
                "reason": f"CASE {after} WHEN 'wavering' THEN 'health_low'"
                " WHEN 'churned' THEN 'rival' ELSE '' END",
            },
            "merchants_partnership",
        )
    _insert(
        Agreement,
        {
            "created_at": "created_at",
            "updated_at": "created_at",
            "partnership_id": "id",
            "number": "'B-' || id",
        },
        "merchants_partnership",
    )
    _insert(
        AgreementVersion,
        {
            "created_at": "one.created_at",
            "updated_at": "one.created_at",
            "agreement_id": "one.id",
            "partnership_id": "partnership_id",
            "number": "1",
            "state": "'live'",
            "starts_on": "held.expires_on - 1500",
            "ends_on": "held.expires_on",
            "last_day": "held.expires_on",
            "bank_signatory": "'行长'",
            "merchant_signatory": "'店长'",
            "document_sha256": "repeat('0', 64)",
            "signed_at": "one.created_at",
        },
        "merchants_agreement one JOIN merchants_partnership held ON held.id = partnership_id",
    )
    _insert(
        HealthReading,
        {
            "partnership_id": "one.id",
            "day": "%(day)s::date + 1 - back",
            "score": "least(100, health + back %% 3)",
        },
        "merchants_partnership one, generate_series(0, 13) AS back",
    )
    _insert(
        SalesDay,
        _NOW
        | {
            "partnership_id": "one.id",
            "day": "%(day)s::date - back",
            "sales_fen": "1000000",
            "qualifying_sales": "1",
            "redemptions": "1",
        },
        "merchants_partnership one, generate_series(0, 12, 3) AS back",
    )


def _campaigns() -> None:
    """Campaigns of two years with their partners, pots, movements, claims and statements."""
    _insert(
        Campaign,
        {
            "created_at": "%(now)s - (n || ' days')::interval / 4 - interval '20 days'",
            "updated_at": "%(now)s - interval '10 days'",
            "name": "'满200减50 第' || n || '期'",
            "starts_on": "%(day)s::date - (n / 4)::int",
            "ends_on": "%(day)s::date - (n / 4)::int + 60 + (n %% 30)::int",
            "budget_fen": "10000000 + n * 100",
            "unit_id": "unit",
            "mechanic": "'threshold_off'",
            "terms": "'{}'",
            "limits": "'{}'",
            "stage": "CASE WHEN n / 4 < 60 THEN 'active' ELSE 'settled' END",
            "stage_entered_at": "%(now)s - (n || ' days')::interval / 4",
        },
        "generate_series(1, %(campaigns)s) n JOIN (SELECT id AS unit, row_number() OVER (ORDER BY"
        " id) - 1 AS place, count(*) OVER () AS units FROM crm_orgunit WHERE kind <> 'team') branch"
        " ON place = n %% units",
        campaigns=CAMPAIGNS,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO campaigns_campaign_merchants (campaign_id, merchant_id)"
            " SELECT c.id, p.merchant_id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n"
            " FROM campaigns_campaign) c JOIN (SELECT merchant_id, row_number() OVER (ORDER BY id)"
            " - 1 AS n FROM merchants_partnership) p ON p.n %% %(campaigns)s = c.n",
            {"campaigns": CAMPAIGNS},
        )
    _insert(
        CampaignStep,
        {
            "campaign_id": "id",
            "from_stage": "'scheduled'",
            "to_stage": "stage",
            "version_number": "1",
            "at": "stage_entered_at",
        },
        "campaigns_campaign",
    )
    parties = "(VALUES ('bank', 6000), ('merchant', 4000)) AS part(party, points)"
    _insert(
        FundingShare,
        _NOW | {"campaign_id": "one.id", "party": "party", "basis_points": "points"},
        f"campaigns_campaign one, {parties}",
    )
    _insert(
        Budget,
        _NOW
        | {
            "campaign_id": "one.id",
            "party": "party",
            "allocated_fen": "one.budget_fen * points / 10000",
            "consumed_fen": "one.budget_fen * points / 10000 * (10 + hashtext(one.id::text)"
            " %% 10) / 20",
        },
        f"campaigns_campaign one, {parties}",
    )
    _insert(
        LedgerEntry,
        {
            "budget_id": "one.id",
            "campaign_id": "campaign_id",
            "kind": "'consume'",
            "debit_account": "'consumed'",
            "credit_account": "'committed'",
            "amount_fen": "5000",
            "key": "one.id || ':' || n",
            "at": "%(now)s - (n * 3 || ' hours')::interval",
        },
        "campaigns_budget one, generate_series(1, 250) n",
    )
    some = "(SELECT *, row_number() OVER (ORDER BY id) AS n FROM campaigns_campaign_merchants)"
    _insert(
        Claim,
        _NOW
        | {
            "campaign_id": "campaign_id",
            "merchant_id": "merchant_id",
            "said": "'活动补贴'",
            "amount_claimed_fen": "100000 + n",
            "state": "CASE WHEN n %% 3 = 0 THEN 'draft' ELSE 'submitted' END",
            "submitted_at": "CASE WHEN n %% 3 > 0 THEN %(now)s - (n %% 90 || ' days')::interval"
            " END",
            "deadline": "%(day)s::date + (n %% 60)::int - 30",
            "last_day": "%(day)s::date + (n %% 60)::int - 30",
            "keep_until": "%(day)s::date + 4000",
        },
        f"{some} one WHERE n %% 10 = 0",
    )
    _insert(
        Statement,
        {
            "created_at": "%(end)s - interval '9 days'",
            "updated_at": "%(end)s - interval '9 days'",
            "merchant_id": "merchant_id",
            "first_day": "%(day)s::date - 60",
            "last_day": "%(day)s::date - 30",
            "discount_fen": "50000",
            "bank_fen": "50000",
            "payable_fen": "50000",
            "state": "'approved'",
            "agreed_days": "30",
            "confirmed_on": "%(day)s::date - 20",
            "due_on": "%(day)s::date + (n %% 30)::int - 10",
        },
        f"{some} one WHERE n %% 4 = 0",
    )


def _targets() -> None:
    """Leads to be collected and transactions to be made, by everybody who manages."""
    for indicator in ("leads_collected", "transactions"):
        _insert(
            Target,
            _NOW
            | {
                "created_at": "%(end)s - interval '60 days'",
                "unit_id": "id",
                "indicator": f"'{indicator}'",
                "first_day": "%(day)s::date - 40",
                "last_day": "%(day)s::date + 40",
                "value": "10000",
            },
            "crm_orgunit",
        )


def _weeks_before() -> None:
    """What the report said in the three weeks before, so that lines are drawn."""
    scopes = sorted({place.scope for place in weekly_recipients.places().values()})
    week, rows = WEEK, []
    for back in range(3):
        week = week.previous
        for number, scope in enumerate(scopes):
            figures = {
                "won.won": number % 7 + back,
                "overdue.overdue": number % 11 + back,
                "forecast.open_value": (number % 90 + back) * 10_000_000,
                "campaigns.spent": (number % 30 + back) * 1_000_000,
            }
            rows.append(WeeklySnapshot(scope=scope, week=str(week), figures=figures, at=NOW))
    WeeklySnapshot.objects.bulk_create(rows)
