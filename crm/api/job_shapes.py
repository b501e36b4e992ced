"""What the API answers about every kind of job."""

from typing import Any

from crm.api.pages import Filter
from crm.api.shapes import Nested
from crm.models import JobState

STATE = Filter(
    lambda rows, values, user: rows.filter(state__in=values), parse=JobState, repeated=True
)

JOB_FIELDS: dict[str, Any] = {
    "id": "id",
    "version": "version",
    "state": "state",
    "phase": "phase",
    "parameters": "parameters",
    "rows_total": "rows_total",
    "rows_done": "rows_done",
    "added": "added",
    "changed": "changed",
    "unchanged": "unchanged",
    "refused": "refused",
    "failure_code": "failure_code",
    "failure": "failure",
    "owner": Nested("owner_id", {"id": "owner_id", "full_name": "owner__full_name"}),
    "result": Nested(
        "result_id",
        {"name": "result__name", "size": "result__size", "sha256": "result__sha256"},
    ),
    "created_at": "created_at",
    "updated_at": "updated_at",
    "started_at": "started_at",
    "finished_at": "finished_at",
}
