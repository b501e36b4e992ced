"""People's phones are sealed; consents, licences, chains, points and merchant numbers."""

from typing import Any
from zoneinfo import ZoneInfo

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import TruncDate

import crm.ids
import crm.models.sealed
import merchants.models.identifier
from crm import sealing


def seal_phones(apps: Any, schema_editor: Any) -> None:
    """Phones so far in plain are sealed and indexed; names get their mask."""
    contacts = apps.get_model("merchants", "Contact")
    sealed = contacts._meta.get_field("phone_sealed")
    for contact in contacts.objects.all():
        phone, digits = contact.phone, contact.phone.removeprefix("+")
        contact.masked_name = f"{contact.full_name[:1]}*"
        contact.phone_sealed = sealed.sealed(phone, contact.pk)
        contact.phone_index = sealing.blind(phone, purpose="contact.phone") if phone else None
        contact.phone_tails = [
            sealing.blind_number(digits[-length:], purpose="contact.phone_tail")
            for length in range(4, len(digits) + 1)
        ]
        contact.sealed_under = sealing.generation()
        contact.save()


def fill_merchants(apps: Any, schema_editor: Any) -> None:
    """The legal form follows the credit code; a register was read on the day of registration."""
    merchants = apps.get_model("merchants", "Merchant").objects
    merchants.filter(credit_code__startswith="92").update(legal_form="sole_proprietor")
    merchants.filter(source="public_registry", accessed_on=None).update(
        accessed_on=TruncDate("created_at", tzinfo=ZoneInfo("Asia/Shanghai"))
    )


def write_down_consents(apps: Any, schema_editor: Any) -> None:
    """Who was held by consent has agreed to talk, on the day of being added."""
    contacts = apps.get_model("merchants", "Contact").objects.filter(lawful_basis="consent")
    consents = apps.get_model("merchants", "Consent")
    consents.objects.bulk_create(
        consents(
            contact=contact,
            purpose="cooperation",
            channel="not_stated",
            given_at=contact.created_at,
            created_at=contact.created_at,
            updated_at=contact.created_at,
        )
        for contact in contacts
    )


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0003_append_only_rows_follow_a_merge"),
        ("merchants", "0007_duplicates_and_merges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("cooperation", "Talks about a co-operation"),
                            ("marketing", "Marketing messages"),
                            ("sharing", "Passing the data on to a partner"),
                        ],
                        max_length=20,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "text_version",
                    models.CharField(blank=True, max_length=50, verbose_name="version of the text"),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("in_person", "In person"),
                            ("paper", "Signed paper"),
                            ("phone", "By phone"),
                            ("message", "By message or e-mail"),
                            ("online", "Online form"),
                            ("not_stated", "Not stated"),
                        ],
                        max_length=12,
                        verbose_name="channel",
                    ),
                ),
                (
                    "words",
                    models.CharField(blank=True, max_length=300, verbose_name="in their words"),
                ),
                ("given_at", models.DateTimeField(verbose_name="given at")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at"),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="MerchantIdentifier",
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
                ("acquirer", models.CharField(max_length=50, verbose_name="acquirer or network")),
                ("mid", models.CharField(max_length=15, verbose_name="merchant number")),
                ("terminal", models.CharField(blank=True, max_length=8, verbose_name="terminal")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
            ],
            options={
                "verbose_name": "merchant identifier",
                "verbose_name_plural": "merchant identifiers",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="best_from",
            field=models.TimeField(blank=True, null=True, verbose_name="best reached from"),
        ),
        migrations.AddField(
            model_name="contact",
            name="best_until",
            field=models.TimeField(blank=True, null=True, verbose_name="best reached until"),
        ),
        migrations.AddField(
            model_name="contact",
            name="decision_power",
            field=models.CharField(
                choices=[
                    ("decides", "Decides"),
                    ("influences", "Influences"),
                    ("uses", "Uses"),
                    ("unknown", "Not known"),
                ],
                default="unknown",
                max_length=12,
                verbose_name="decision power",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="email_index",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="email_sealed",
            field=crm.models.sealed.SealedField(null=True, verbose_name="e-mail"),
        ),
        migrations.AddField(
            model_name="contact",
            name="masked_email",
            field=models.CharField(
                blank=True, editable=False, max_length=260, verbose_name="e-mail"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="masked_name",
            field=models.CharField(
                default="", editable=False, max_length=10, verbose_name="full name"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="notice_given_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="notice given at"),
        ),
        migrations.AddField(
            model_name="contact",
            name="notice_version",
            field=models.CharField(blank=True, max_length=50, verbose_name="version of the notice"),
        ),
        migrations.AddField(
            model_name="contact",
            name="phone_index",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="phone_sealed",
            field=crm.models.sealed.SealedField(null=True, verbose_name="phone"),
        ),
        migrations.AddField(
            model_name="contact",
            name="phone_tails",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="restricted_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("consent_withdrawn", "Consent withdrawn"),
                    ("requested", "The person asked for it"),
                    ("no_longer_needed", "No longer needed"),
                    ("retention", "Kept by law only"),
                    ("other", "Another reason"),
                ],
                editable=False,
                max_length=20,
                verbose_name="restricted because",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="role",
            field=models.CharField(
                choices=[
                    ("owner", "Owner"),
                    ("legal_representative", "Legal representative"),
                    ("store_manager", "Store manager"),
                    ("finance", "Finance"),
                    ("marketing", "Marketing"),
                    ("operations", "Operations"),
                    ("other", "Other"),
                ],
                default="other",
                max_length=20,
                verbose_name="role",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="sealed_under",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="contact",
            name="state",
            field=models.CharField(
                choices=[("active", "Active"), ("restricted", "Restricted"), ("erased", "Erased")],
                default="active",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="accessed_on",
            field=models.DateField(blank=True, null=True, verbose_name="source read on"),
        ),
        migrations.AddField(
            model_name="merchant",
            name="brand",
            field=models.CharField(blank=True, max_length=100, verbose_name="brand"),
        ),
        migrations.AddField(
            model_name="merchant",
            name="credit_code_override",
            field=models.CharField(
                blank=True, max_length=300, verbose_name="why this code is accepted"
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="legal_form",
            field=models.CharField(
                choices=[("legal_entity", "Legal entity"), ("sole_proprietor", "Sole proprietor")],
                default="legal_entity",
                max_length=20,
                verbose_name="legal form",
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="licence_checked_on",
            field=models.DateField(blank=True, null=True, verbose_name="licence checked on"),
        ),
        migrations.AddField(
            model_name="merchant",
            name="licence_source",
            field=models.CharField(blank=True, max_length=100, verbose_name="licence checked at"),
        ),
        migrations.AddField(
            model_name="merchant",
            name="licence_status",
            field=models.CharField(
                choices=[
                    ("unknown", "Not checked"),
                    ("open", "Open"),
                    ("closed", "Closed"),
                    ("liquidation", "In liquidation"),
                    ("revoked", "Revoked"),
                ],
                default="unknown",
                max_length=12,
                verbose_name="licence status",
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="monthly_turnover_fen",
            field=models.BigIntegerField(
                blank=True, null=True, verbose_name="monthly turnover (fen)"
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="merchants.merchant",
                verbose_name="head of the chain",
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="tier",
            field=models.CharField(
                blank=True,
                choices=[("a", "A"), ("b", "B"), ("c", "C")],
                max_length=1,
                verbose_name="tier",
            ),
        ),
        migrations.AddField(
            model_name="outlet",
            name="latitude",
            field=models.DecimalField(
                blank=True, decimal_places=6, max_digits=9, null=True, verbose_name="latitude"
            ),
        ),
        migrations.AddField(
            model_name="outlet",
            name="longitude",
            field=models.DecimalField(
                blank=True, decimal_places=6, max_digits=9, null=True, verbose_name="longitude"
            ),
        ),
        migrations.AddField(
            model_name="outlet",
            name="opening_hours",
            field=models.JSONField(blank=True, default=dict, verbose_name="opening hours"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="full_name",
            field=models.CharField(blank=True, max_length=100, verbose_name="full name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["phone_tails"], name="contact_phone_tails"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone_index__isnull", False)),
                fields=["phone_index"],
                name="contact_by_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("email_index__isnull", False)),
                fields=["email_index"],
                name="contact_by_email",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("state", "erased"), _negated=True),
                fields=["retain_until", "id"],
                name="contact_by_retention",
            ),
        ),
        migrations.AddIndex(
            model_name="merchant",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent"],
                name="merchant_of_chain",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="contact",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="consents",
                to="merchants.contact",
                verbose_name="contact",
            ),
        ),
        migrations.AddField(
            model_name="merchantidentifier",
            name="outlet",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="identifiers",
                to="merchants.outlet",
                verbose_name="outlet",
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["contact", "-created_at", "-id"], name="consent_of_contact"),
        ),
        migrations.AddIndex(
            model_name="merchantidentifier",
            index=models.Index(
                fields=["outlet", "-created_at", "-id"], name="identifier_of_outlet"
            ),
        ),
        migrations.AddIndex(
            model_name="merchantidentifier",
            index=models.Index(fields=["mid"], name="identifier_by_mid"),
        ),
        migrations.RunPython(seal_phones, migrations.RunPython.noop),
        migrations.RunPython(fill_merchants, migrations.RunPython.noop),
        # Rows that were changed twice have foreign keys to be looked at again: before the tables
        # are altered, not at the end.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="contact",
            name="contact_phone_tail",
        ),
        migrations.RemoveField(
            model_name="contact",
            name="phone",
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "erased"), models.Q(("full_name", ""), _negated=True), _connector="OR"
                ),
                name="contact_has_a_name",
                violation_error_code="name_required",
                violation_error_message="A contact needs a name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("best_from__isnull", True), ("best_until__isnull", True)),
                    models.Q(("best_from__isnull", False), ("best_until__isnull", False)),
                    _connector="OR",
                ),
                name="contact_window_is_whole",
                violation_error_code="best_time_incomplete",
                violation_error_message="Say both from when and until when, or neither.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "erased"), _negated=True),
                    models.Q(
                        ("email_index", None),
                        ("email_sealed", None),
                        ("full_name", ""),
                        ("masked_email", ""),
                        ("masked_phone", ""),
                        ("phone_index", None),
                        ("phone_sealed", None),
                        ("phone_tails", []),
                        ("position", ""),
                    ),
                    _connector="OR",
                ),
                name="contact_erased_holds_nothing",
                violation_error_code="contact_erased",
                violation_error_message="This person's data were erased.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credit_code", None),
                    models.Q(("credit_code__startswith", "92"), ("legal_form", "sole_proprietor")),
                    models.Q(
                        models.Q(("credit_code__startswith", "92"), _negated=True),
                        ("legal_form", "legal_entity"),
                    ),
                    _connector="OR",
                ),
                name="merchant_legal_form_follows_code",
                violation_error_code="legal_form_differs",
                violation_error_message="A credit code that begins with 92 is a sole proprietor's, and no other is.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("licence_status", "unknown"),
                    models.Q(
                        ("licence_checked_on__isnull", False),
                        models.Q(("licence_source", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="merchant_licence_was_checked_somewhere",
                violation_error_code="licence_details_required",
                violation_error_message="Say when and where the licence was checked.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "public_registry"), _negated=True),
                    ("accessed_on__isnull", False),
                    _connector="OR",
                ),
                name="merchant_public_source_has_a_day",
                violation_error_code="access_date_required",
                violation_error_message="Say on which day the public source was read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent", None),
                    models.Q(("parent", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="merchant_is_not_its_own_head",
                violation_error_code="parent_cyclic",
                violation_error_message="A merchant cannot stand above itself in a chain.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("monthly_turnover_fen", None),
                    ("monthly_turnover_fen__range", (0, 10000000000000)),
                    _connector="OR",
                ),
                name="merchant_turnover_is_sound",
                violation_error_code="turnover_out_of_range",
                violation_error_message="The monthly turnover is between zero and 100 billion yuan.",
            ),
        ),
        migrations.AddConstraint(
            model_name="outlet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                    _connector="OR",
                ),
                name="outlet_point_is_whole",
                violation_error_code="point_incomplete",
                violation_error_message="Give both latitude and longitude, or neither.",
            ),
        ),
        migrations.AddConstraint(
            model_name="outlet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("latitude", None),
                    models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                    _connector="OR",
                ),
                name="outlet_point_is_on_earth",
                violation_error_code="point_out_of_range",
                violation_error_message="Latitude is from −90 to 90 degrees, longitude from −180 to 180.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("contact", "purpose"),
                name="consent_once_per_purpose",
                violation_error_code="consent_exists",
                violation_error_message="The person has agreed to this already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at", None),
                    ("withdrawn_at__gte", models.F("given_at")),
                    _connector="OR",
                ),
                name="consent_withdrawn_after_given",
                violation_error_code="withdrawn_before_given",
                violation_error_message="A consent is withdrawn after it was given.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchantidentifier",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("acquirer", "="),
                    ("mid", "="),
                    ("terminal", "="),
                    (
                        merchants.models.identifier.Days(
                            "valid_from",
                            "valid_to",
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="identifier_once_at_a_time",
                violation_error_code="identifier_overlaps",
                violation_error_message="This number is registered already for some of these days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merchantidentifier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="identifier_ends_after_it_begins",
                violation_error_code="validity_backwards",
                violation_error_message="The last day cannot be before the first.",
            ),
        ),
        migrations.RunPython(write_down_consents, migrations.RunPython.noop),
    ]
