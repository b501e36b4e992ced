"""Who sent a message again and why, and which mails came back, is neither changed nor deleted."""

from django.db import migrations

STAYING = {"resend_stays": "crm_resend", "bounce_stays": "crm_bounce"}


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_choices_leave_the_inbox_alone")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()",
            f"DROP TRIGGER {name} ON {table}",
        )
        for name, table in STAYING.items()
    ]
