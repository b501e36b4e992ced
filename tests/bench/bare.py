"""The bare database: the same rows as JSON by PostgreSQL itself, through psycopg, in a plain WSGI
app. No framework, no sign-in, no scope, no rules: the floor that the product is measured by."""

import json
import os
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg

URL = os.environ["DATABASE_URL"]
_local = threading.local()

LEAD = """json_build_object('id', l.id, 'version', l.version,
 'merchant', json_build_object('id', m.id, 'name', m.name, 'category_group', m.category_group),
 'owner', CASE WHEN l.owner_id IS NOT NULL
   THEN json_build_object('id', u.id, 'full_name', u.full_name) END,
 'unit', json_build_object('id', o.id, 'name', o.name), 'stage', l.stage,
 'stage_entered_at', l.stage_entered_at, 'source', l.source,
 'expected_value', to_char(l.expected_value_fen / 100.0, 'FM9999999999999990.00'),
 'currency', 'CNY', 'revisit_on', l.revisit_on, 'lost_reason', l.lost_reason,
 'last_activity_at', l.last_activity_at, 'next_follow_up_at', l.next_follow_up_at,
 'created_at', l.created_at, 'updated_at', l.updated_at)"""
JOINS = """JOIN merchants_merchant m ON m.id = l.merchant_id
 LEFT JOIN crm_user u ON u.id = l.owner_id JOIN crm_orgunit o ON o.id = l.unit_id"""


def page(where: str) -> str:
    return (
        f"SELECT coalesce(json_agg(row), '[]')::text FROM (SELECT {LEAD} AS row FROM ("
        f"SELECT l.* FROM leads_lead l {where} ORDER BY l.created_at DESC, l.id DESC LIMIT 51) l "
        f"{JOINS} ORDER BY l.created_at DESC, l.id DESC) page"
    )


LIST = page("")
DEEP = page("WHERE l.created_at <= %(at)s AND (l.created_at < %(at)s OR l.id < %(id)s)")
FILTER = page("WHERE l.owner_id = %(owner)s AND l.stage = %(stage)s")
SEARCH_GRAMS = page(
    "WHERE l.merchant_id = ANY(ARRAY(SELECT id FROM merchants_merchant"
    " WHERE search_grams @> %(grams)s AND search_text LIKE %(like)s))"
)
SEARCH_PAIR = page(
    "WHERE l.merchant_id = ANY(ARRAY("
    "SELECT id FROM merchants_merchant WHERE search_grams @> %(grams)s))"
)
SEARCH_TEXT = page(
    "WHERE l.merchant_id = ANY(ARRAY("
    "SELECT id FROM merchants_merchant WHERE search_text LIKE %(like)s))"
)
DETAIL = f"""SELECT json_build_object('lead', {LEAD}, 'timeline', (SELECT json_agg(e) FROM (
 SELECT t.id, t.at, t.kind, a.full_name AS actor, t.subject_id, t.facts
 FROM merchants_timelineentry t LEFT JOIN crm_user a ON a.id = t.actor_id
 WHERE t.merchant_id = l.merchant_id ORDER BY t.at DESC, t.id DESC LIMIT 20) e))::text
 FROM leads_lead l {JOINS} WHERE l.id = %(id)s"""
CREATE = f"""WITH l AS (INSERT INTO leads_lead (id, version, created_at, updated_at, merchant_id,
 unit_id, owner_id, stage, stage_entered_at, source, expected_value_fen, lost_reason,
 last_activity_at) SELECT %(id)s, 1, now(), now(), m.id, m.unit_id, m.owner_id, 'new', now(),
 'field', 4800000, '', now() FROM merchants_merchant m WHERE m.id = %(merchant)s RETURNING *)
 SELECT {LEAD}::text FROM l {JOINS}"""
ADVANCE = f"""WITH l AS (UPDATE leads_lead SET stage = %(to)s, lost_reason = 'other',
 stage_entered_at = now(), last_activity_at = now(), updated_at = now(),
 version = version + 1 WHERE id = %(id)s
 RETURNING *) SELECT {LEAD}::text FROM l {JOINS}"""
STATEMENTS = {
    "/list": LIST,
    "/deep": DEEP,
    "/filter": FILTER,
    "/search-grams": SEARCH_GRAMS,
    "/search-pair": SEARCH_PAIR,
    "/search-text": SEARCH_TEXT,
    "/detail": DETAIL,
    "/create": CREATE,
    "/advance": ADVANCE,
}


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(URL, autocommit=True)
    values: dict[str, Any] = {
        name: given[0] for name, given in parse_qs(environ.get("QUERY_STRING", "")).items()
    }
    if environ["REQUEST_METHOD"] == "POST":
        values |= json.loads(environ["wsgi.input"].read())
        values.setdefault("id", uuid.uuid4())
    if "grams" in values:
        values["grams"] = values["grams"].split(",")
    found = _local.connection.execute(STATEMENTS[environ["PATH_INFO"]], values).fetchone()
    body: bytes = found[0].encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
