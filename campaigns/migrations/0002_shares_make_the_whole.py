"""The funding shares of a campaign make 100 % at commit, whoever writes them and however."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION campaigns_shares_make_the_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.campaign_id ELSE NEW.campaign_id END;
    total bigint;
BEGIN
    SELECT sum(basis_points) INTO total
    FROM campaigns_fundingshare WHERE campaign_id = subject;
    IF total IS DISTINCT FROM 10000
       AND EXISTS (SELECT 1 FROM campaigns_campaign WHERE id = subject) THEN
        RAISE EXCEPTION 'shares of campaign % sum to % basis points', subject, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_shares_make_the_whole';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER funding_shares_make_the_whole
    AFTER INSERT OR UPDATE OR DELETE ON campaigns_fundingshare
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION campaigns_shares_make_the_whole();
"""

BACKWARD = """
DROP TRIGGER funding_shares_make_the_whole ON campaigns_fundingshare;
DROP FUNCTION campaigns_shares_make_the_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
