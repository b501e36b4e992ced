"""A campaign says which fund the bank's part comes from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0005_funds_budgets_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="fund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="campaigns.fund",
                verbose_name="fund",
            ),
        ),
    ]
