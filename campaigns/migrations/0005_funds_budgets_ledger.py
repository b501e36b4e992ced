"""Funds with their pots, and the ledger that nobody rewrites."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import crm.ids

APPEND_ONLY = """
CREATE FUNCTION campaigns_ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE ON campaigns_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION campaigns_ledger_stays();
CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON campaigns_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_ledger_stays();

CREATE FUNCTION campaigns_ledger_reverses_the_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM campaigns_ledgerentry undone
        WHERE undone.id = NEW.reverses_id
          AND undone.budget_id = NEW.budget_id
          AND undone.amount_fen = NEW.amount_fen
          AND undone.debit_account = NEW.credit_account
          AND undone.credit_account = NEW.debit_account
    ) THEN
        RAISE EXCEPTION 'entry % is not the reverse of %', NEW.id, NEW.reverses_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reverses_the_whole';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_reverses_the_whole BEFORE INSERT ON campaigns_ledgerentry
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)
    EXECUTE FUNCTION campaigns_ledger_reverses_the_whole();

-- The role that the product works with, which owns the table: it takes the rights from itself.
REVOKE UPDATE, DELETE, TRUNCATE ON campaigns_ledgerentry FROM PUBLIC, CURRENT_USER;
"""

NO_LONGER = """
GRANT UPDATE, DELETE, TRUNCATE ON campaigns_ledgerentry TO CURRENT_USER;
DROP TRIGGER ledger_reverses_the_whole ON campaigns_ledgerentry;
DROP TRIGGER ledger_is_not_emptied ON campaigns_ledgerentry;
DROP TRIGGER ledger_entry_stays ON campaigns_ledgerentry;
DROP FUNCTION campaigns_ledger_reverses_the_whole();
DROP FUNCTION campaigns_ledger_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_campaign"),
        ("crm", "0005_parameters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Fund",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "currency",
                    models.CharField(
                        default="CNY", editable=False, max_length=3, verbose_name="currency"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                ("cap_fen", models.BigIntegerField(verbose_name="cap")),
                (
                    "tolerance_basis_points",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How much more than the cap may be allocated.",
                        verbose_name="tolerance in basis points",
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="closed at"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funds",
                        to="crm.orgunit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "fund",
                "verbose_name_plural": "funds",
                "ordering": ["-starts_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
                (
                    "party",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("bank", "Bank"),
                            ("merchant", "Merchant"),
                            ("scheme", "Card scheme"),
                            ("platform", "Platform"),
                            ("government", "Government"),
                        ],
                        max_length=20,
                        verbose_name="party",
                    ),
                ),
                (
                    "ceiling_fen",
                    models.BigIntegerField(null=True, verbose_name="at most allocated"),
                ),
                ("allocated_fen", models.BigIntegerField(default=0, verbose_name="allocated")),
                ("reserved_fen", models.BigIntegerField(default=0, verbose_name="reserved")),
                ("committed_fen", models.BigIntegerField(default=0, verbose_name="committed")),
                ("consumed_fen", models.BigIntegerField(default=0, verbose_name="consumed")),
                ("frozen_at", models.DateTimeField(null=True, verbose_name="frozen at")),
                ("restored_because", models.TextField(blank=True, verbose_name="restored because")),
                ("reconciled_at", models.DateTimeField(null=True, verbose_name="reconciled at")),
                (
                    "warned_percent",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="last alert in per cent"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budgets",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "fund",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget",
                        to="campaigns.fund",
                        verbose_name="fund",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget",
                "verbose_name_plural": "budgets",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("allocate", "Allocated"),
                            ("reserve", "Reserved"),
                            ("commit", "Committed"),
                            ("consume", "Consumed"),
                            ("release", "Released"),
                            ("expire", "Expired"),
                            ("reverse", "Reversed"),
                            ("adjust", "Adjusted"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "debit_account",
                    models.CharField(
                        choices=[
                            ("funding", "Outside the budget"),
                            ("available", "Available"),
                            ("reserved", "Reserved"),
                            ("committed", "Committed"),
                            ("consumed", "Consumed"),
                        ],
                        max_length=10,
                        verbose_name="debit account",
                    ),
                ),
                (
                    "credit_account",
                    models.CharField(
                        choices=[
                            ("funding", "Outside the budget"),
                            ("available", "Available"),
                            ("reserved", "Reserved"),
                            ("committed", "Committed"),
                            ("consumed", "Consumed"),
                        ],
                        max_length=10,
                        verbose_name="credit account",
                    ),
                ),
                ("amount_fen", models.BigIntegerField(verbose_name="amount")),
                ("key", models.CharField(max_length=200, verbose_name="key")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="actor",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="campaigns.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_entries",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="campaigns.ledgerentry",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="fund",
            index=models.Index(fields=["-starts_on", "-id"], name="fund_newest"),
        ),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.UniqueConstraint(
                models.F("unit"),
                models.F("name"),
                name="fund_name_once_per_unit",
                violation_error_code="fund_name_taken",
                violation_error_message="This unit has a fund of this name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="fund_ends_after_it_starts",
                violation_error_code="fund_dates",
                violation_error_message="A fund cannot end before it starts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.CheckConstraint(
                condition=models.Q(("cap_fen__gt", 0)),
                name="fund_has_a_cap",
                violation_error_code="fund_cap_not_above_zero",
                violation_error_message="A fund needs a cap above zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.CheckConstraint(
                condition=models.Q(("tolerance_basis_points__lte", 2000)),
                name="fund_tolerance_is_small",
                violation_error_code="fund_tolerance",
                violation_error_message="A tolerance is at most 20 %.",
            ),
        ),
        migrations.AddIndex(
            model_name="budget",
            index=models.Index(fields=["-created_at", "-id"], name="budget_newest"),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.UniqueConstraint(
                models.F("campaign"),
                models.F("party"),
                name="budget_once_per_party",
                violation_error_code="budget_exists",
                violation_error_message="This party has a budget in this campaign already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("campaign", None), ("fund__isnull", False), ("party", "")),
                    models.Q(
                        ("campaign__isnull", False),
                        ("fund", None),
                        models.Q(("party", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="budget_of_a_fund_or_a_campaign",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("allocated_fen__gte", 0),
                    ("committed_fen__gte", 0),
                    ("consumed_fen__gte", 0),
                    ("reserved_fen__gte", 0),
                ),
                name="budget_counters_not_negative",
                violation_error_code="budget_exceeded",
                violation_error_message="There is not that much in this budget.",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "allocated_fen__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("reserved_fen"), "+", models.F("committed_fen")
                            ),
                            "+",
                            models.F("consumed_fen"),
                        ),
                    )
                ),
                name="budget_never_overspent",
                violation_error_code="budget_exceeded",
                violation_error_message="There is not that much left in this budget.",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ceiling_fen", None),
                    ("allocated_fen__lte", models.F("ceiling_fen")),
                    _connector="OR",
                ),
                name="budget_within_its_ceiling",
                violation_error_code="fund_cap",
                violation_error_message="This is more than the cap of the fund allows.",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["-at", "-id"], name="ledger_newest"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["budget", "-at", "-id"], name="ledger_of_budget"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(
                condition=models.Q(("campaign__isnull", False)),
                fields=["campaign", "-at", "-id"],
                name="ledger_of_campaign",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                models.F("key"),
                name="ledger_key_once",
                violation_error_code="ledger_key_used",
                violation_error_message="This movement was written already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fen__gt", 0)),
                name="ledger_amount_above_zero",
                violation_error_code="amount_not_above_zero",
                violation_error_message="An amount is above zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit_account", models.F("credit_account")), _negated=True),
                name="ledger_between_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "allocate",
                            "reserve",
                            "commit",
                            "consume",
                            "release",
                            "expire",
                            "reverse",
                            "adjust",
                        ],
                    ),
                    (
                        "debit_account__in",
                        ["funding", "available", "reserved", "committed", "consumed"],
                    ),
                    (
                        "credit_account__in",
                        ["funding", "available", "reserved", "committed", "consumed"],
                    ),
                ),
                name="ledger_words_are_known",
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, NO_LONGER),
    ]
