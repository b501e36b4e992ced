"""Campaigns get their stages, their versions and their history; live terms are fixed."""

import hashlib
import json
from datetime import timedelta

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import crm.ids

# A campaign that was sent to approval says what it said; only a new version says something else.
GUARDS = """
CREATE FUNCTION campaigns_terms_are_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stage NOT IN ('draft', 'returned')
        AND NEW.version_number <= OLD.version_number
        AND (NEW.starts_on, NEW.ends_on, NEW.budget_fen, NEW.objective, NEW.mechanic, NEW.terms,
             NEW.limits, NEW.refund_to_funder_first, NEW.claim_days)
            IS DISTINCT FROM
            (OLD.starts_on, OLD.ends_on, OLD.budget_fen, OLD.objective, OLD.mechanic, OLD.terms,
             OLD.limits, OLD.refund_to_funder_first, OLD.claim_days)
    THEN
        RAISE EXCEPTION 'the terms of a live campaign change with a new version only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER campaign_terms_are_fixed BEFORE UPDATE ON campaigns_campaign
    FOR EACH ROW EXECUTE FUNCTION campaigns_terms_are_fixed();

CREATE FUNCTION campaigns_shares_are_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.campaign_id ELSE NEW.campaign_id END;
BEGIN
    IF coalesce(current_setting('campaigns.amending', true), '') <> subject::text
        AND EXISTS (SELECT 1 FROM campaigns_campaign
                    WHERE id = subject AND stage NOT IN ('draft', 'returned'))
    THEN
        RAISE EXCEPTION 'the shares of a live campaign change with a new version only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER funding_shares_are_fixed BEFORE INSERT OR UPDATE OR DELETE
    ON campaigns_fundingshare FOR EACH ROW EXECUTE FUNCTION campaigns_shares_are_fixed();

CREATE FUNCTION campaigns_version_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_columns CONSTANT text[] := ARRAY['state', 'effective_from', 'version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE'
        OR to_jsonb(NEW) - open_columns <> to_jsonb(OLD) - open_columns
        OR OLD.state IN ('superseded', 'refused')
        OR (OLD.state = 'in_force'
            AND (NEW.state <> 'superseded' OR NEW.effective_from <> OLD.effective_from))
        OR (OLD.state = 'submitted' AND NEW.state = 'draft')
    THEN
        RAISE EXCEPTION 'a version of a campaign is fixed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER campaign_version_is_fixed BEFORE UPDATE OR DELETE ON campaigns_campaignversion
    FOR EACH ROW EXECUTE FUNCTION campaigns_version_is_fixed();

CREATE TRIGGER campaign_step_is_append_only BEFORE UPDATE OR DELETE ON campaigns_campaignstep
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
"""

NO_GUARDS = """
DROP TRIGGER campaign_step_is_append_only ON campaigns_campaignstep;
DROP TRIGGER campaign_version_is_fixed ON campaigns_campaignversion;
DROP FUNCTION campaigns_version_is_fixed();
DROP TRIGGER funding_shares_are_fixed ON campaigns_fundingshare;
DROP FUNCTION campaigns_shares_are_fixed();
DROP TRIGGER campaign_terms_are_fixed ON campaigns_campaign;
DROP FUNCTION campaigns_terms_are_fixed();
"""


def place_the_planned(apps, schema_editor):
    """What was planned runs, is ahead or is over, by its days; its terms are its first version."""
    campaigns = apps.get_model("campaigns", "Campaign")
    versions = apps.get_model("campaigns", "CampaignVersion")
    now = timezone.now()
    today = timezone.localdate(now)
    for campaign in campaigns.objects.filter(stage="planned").iterator():
        terms = {
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat(),
            "budget_fen": campaign.budget_fen,
            "objective": campaign.objective,
            "mechanic": campaign.mechanic,
            "terms": campaign.terms,
            "limits": campaign.limits,
            "shares": [
                {
                    "party": share.party,
                    "basis_points": share.basis_points,
                    "ceiling_fen": None,
                    "fallback": "",
                    "collection": "net_settle",
                }
                for share in campaign.shares.order_by("-basis_points", "party")
            ],
            "merchant_ids": sorted(str(one) for one in _merchants(campaign)),
            "outlet_ids": [],
            "refund_to_funder_first": campaign.refund_to_funder_first,
            "claim_days": campaign.claim_days,
        }
        written = json.dumps(terms, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        versions.objects.create(
            campaign=campaign,
            number=1,
            terms=terms,
            digest=hashlib.sha256(written.encode()).hexdigest(),
            state="in_force",
            effective_from=campaign.created_at,
            created_at=campaign.created_at,
            updated_at=now,
        )
        over = campaign.ends_on < today
        stage = "ended" if over else "scheduled" if campaign.starts_on > today else "active"
        campaigns.objects.filter(pk=campaign.pk).update(
            stage=stage,
            stage_entered_at=now,
            version_number=1,
            ended_on=campaign.ends_on if over else None,
            money_returned_at=now if over and campaign.ends_on + timedelta(30) < today else None,
        )


def _merchants(campaign):
    return campaign.merchants.values_list("pk", flat=True)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_drafts_from_proposals"),
        ("crm", "0005_parameters"),
        ("merchants", "0010_reasons_without_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "from_stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned"),
                            ("approved", "Approved"),
                            ("scheduled", "Scheduled"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                            ("settling", "Settling"),
                            ("settled", "Settled"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                            ("terminated", "Terminated"),
                        ],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "to_stage",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned"),
                            ("approved", "Approved"),
                            ("scheduled", "Scheduled"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                            ("settling", "Settling"),
                            ("settled", "Settled"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                            ("terminated", "Terminated"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                (
                    "version_number",
                    models.PositiveSmallIntegerField(default=0, verbose_name="terms version"),
                ),
                ("because", models.TextField(blank=True, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "campaign step",
                "verbose_name_plural": "campaign steps",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CampaignVersion",
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
                ("number", models.PositiveSmallIntegerField(verbose_name="version number")),
                ("terms", models.JSONField(verbose_name="terms")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_force", "In force"),
                            ("superseded", "Superseded"),
                            ("refused", "Not approved"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("effective_from", models.DateTimeField(null=True, verbose_name="in force from")),
                ("said", models.TextField(blank=True, verbose_name="reason")),
            ],
            options={
                "verbose_name": "terms version",
                "verbose_name_plural": "terms versions",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="GoLiveItem",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("mid_verified", "Merchant number verified"),
                            ("material_photo", "Material on display, with a photo"),
                            ("staff_trained", "Staff trained"),
                            ("test_redemption", "Test redemption done"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
            ],
            options={
                "verbose_name": "go-live item",
                "verbose_name_plural": "go-live items",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="claim_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="After the last day; what comes later is refused.",
                verbose_name="days for claims",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="ended_on",
            field=models.DateField(editable=False, null=True, verbose_name="ended on"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="money_returned_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="money returned at"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="objective",
            field=models.CharField(
                choices=[
                    ("acquire", "Win new cardholders"),
                    ("activate", "Wake sleeping cards"),
                    ("frequency", "More purchases"),
                    ("spend", "Larger purchases"),
                ],
                default="frequency",
                max_length=10,
                verbose_name="objective",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="outlets",
            field=models.ManyToManyField(
                blank=True, related_name="campaigns", to="merchants.outlet", verbose_name="outlets"
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="planner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="planned by",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="refund_to_funder_first",
            field=models.BooleanField(
                default=True,
                help_text="What a customer returns in part gives the discount back before the price.",
                verbose_name="refunds go to the funders first",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="stage_entered_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                verbose_name="in this stage since",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="version_number",
            field=models.PositiveSmallIntegerField(
                default=0, editable=False, verbose_name="terms version"
            ),
        ),
        migrations.AddField(
            model_name="fundingshare",
            name="ceiling_fen",
            field=models.BigIntegerField(
                blank=True,
                help_text="In fen; none if there is none.",
                null=True,
                verbose_name="ceiling",
            ),
        ),
        migrations.AddField(
            model_name="fundingshare",
            name="collection",
            field=models.CharField(
                choices=[
                    ("net_settle", "Settled net"),
                    ("invoice", "By invoice"),
                    ("prepaid", "Paid in advance"),
                    ("deduct", "Deducted from settlement"),
                ],
                default="net_settle",
                max_length=10,
                verbose_name="collection",
            ),
        ),
        migrations.AddField(
            model_name="fundingshare",
            name="fallback",
            field=models.CharField(
                blank=True,
                choices=[
                    ("bank", "Bank"),
                    ("merchant", "Merchant"),
                    ("scheme", "Card scheme"),
                    ("platform", "Platform"),
                    ("government", "Government"),
                ],
                default="",
                max_length=20,
                verbose_name="beyond the ceiling",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="stage",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned"),
                    ("approved", "Approved"),
                    ("scheduled", "Scheduled"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("ended", "Ended"),
                    ("settling", "Settling"),
                    ("settled", "Settled"),
                    ("closed", "Closed"),
                    ("cancelled", "Cancelled"),
                    ("terminated", "Terminated"),
                ],
                default="draft",
                max_length=10,
                verbose_name="stage",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["ends_on", "id"], name="campaign_ending"),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["created_at", "id"], name="campaign_made"),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["stage", "starts_on"], name="campaign_in_stage"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("claim_days__lte", 365)),
                name="campaign_claims_within_a_year",
                violation_error_code="campaign_claim_days",
                violation_error_message="Claims come within a year of a campaign's end.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling_fen", None), ("ceiling_fen__gt", 0), _connector="OR"),
                name="funding_share_ceiling_above_zero",
                violation_error_code="share_ceiling",
                violation_error_message="A ceiling is above zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("fallback", models.F("party")), _negated=True),
                name="funding_share_falls_to_another",
                violation_error_code="share_fallback",
                violation_error_message="What is above a ceiling falls to another party.",
            ),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="campaigns.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AddField(
            model_name="campaignversion",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="campaigns.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AddField(
            model_name="campaignversion",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="written by",
            ),
        ),
        migrations.AddField(
            model_name="campaignversion",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.campaignversion",
                verbose_name="written from",
            ),
        ),
        migrations.AddField(
            model_name="goliveitem",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="go_live",
                to="campaigns.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AddField(
            model_name="goliveitem",
            name="done_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="done by",
            ),
        ),
        migrations.AddField(
            model_name="goliveitem",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="crm.storedfile",
                verbose_name="file",
            ),
        ),
        migrations.AddField(
            model_name="goliveitem",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="merchants.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AddField(
            model_name="goliveitem",
            name="outlet",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="merchants.outlet",
                verbose_name="outlet",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignstep",
            index=models.Index(fields=["campaign", "-at", "-id"], name="campaign_step_of"),
        ),
        migrations.AddIndex(
            model_name="campaignversion",
            index=models.Index(
                fields=["campaign", "-created_at", "-id"], name="campaign_version_of"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignversion",
            constraint=models.UniqueConstraint(
                models.F("campaign"),
                models.F("number"),
                name="campaign_version_number_once",
                violation_error_code="version_twice",
                violation_error_message="Somebody else wrote this version just now.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignversion",
            constraint=models.UniqueConstraint(
                models.F("campaign"),
                condition=models.Q(("state__in", ("draft", "submitted"))),
                name="campaign_version_one_open",
                violation_error_code="version_open",
                violation_error_message="A new version of these terms is waiting already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignversion",
            constraint=models.UniqueConstraint(
                models.F("campaign"),
                condition=models.Q(("state", "in_force")),
                name="campaign_version_one_in_force",
                violation_error_code="version_in_force_twice",
                violation_error_message="Only one version of the terms is in force.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("in_force", "superseded")), _negated=True),
                    ("effective_from__isnull", False),
                    _connector="OR",
                ),
                name="campaign_version_in_force_from",
                violation_error_code="version_without_moment",
                violation_error_message="What is in force says from when.",
            ),
        ),
        migrations.AddIndex(
            model_name="goliveitem",
            index=models.Index(fields=["campaign", "created_at", "id"], name="go_live_of_campaign"),
        ),
        migrations.AddConstraint(
            model_name="goliveitem",
            constraint=models.UniqueConstraint(
                models.F("campaign"),
                models.F("kind"),
                models.F("outlet"),
                condition=models.Q(("outlet__isnull", False)),
                name="go_live_once_per_outlet",
                violation_error_code="go_live_twice",
                violation_error_message="This is on the checklist already.",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RunPython(place_the_planned, migrations.RunPython.noop),
    ]
