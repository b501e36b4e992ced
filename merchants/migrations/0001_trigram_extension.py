"""pg_trgm first: the search indexes need it. A trusted extension, so no superuser is asked for."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [TrigramExtension()]
