"""Append-only rows stay as they were written, but may be moved to the row that a merge kept.

A merge says for the length of its transaction which one column it moves (`crm.moving`); everything
else in the row must stay what it was.
"""

from django.db import migrations

MOVING = """
CREATE OR REPLACE FUNCTION crm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text := coalesce(current_setting('crm.moving', true), '');
BEGIN
    IF TG_OP = 'UPDATE' AND moving <> '' AND to_jsonb(NEW) - moving = to_jsonb(OLD) - moving THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_files_and_access_log")]

    operations = [migrations.RunSQL(MOVING, migrations.RunSQL.noop)]
