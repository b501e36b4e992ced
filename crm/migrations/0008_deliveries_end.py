"""A message ends: after a day of tries, in the list of what was given up, or without its text."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_append_only_notifications"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="waited",
            field=models.DurationField(default=datetime.timedelta, verbose_name="waited"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(
                    ("channel", "inbox"),
                    ("state__in", ("queued", "retry", "claimed", "handing_over")),
                ),
                fields=["next_try_at", "id"],
                name="delivery_due_inbox",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "dead")),
                fields=["-updated_at", "-id"],
                name="delivery_given_up",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ("sent", "dead")), ("text_kept", True)),
                fields=["updated_at", "id"],
                name="delivery_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("text_kept", True), models.Q(("html", ""), ("text", "")), _connector="OR"
                ),
                name="delivery_text_let_go_is_gone",
            ),
        ),
    ]
