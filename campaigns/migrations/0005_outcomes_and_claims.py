from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_campaign"), ("campaigns", "0004_redemptions")]
    operations = []
