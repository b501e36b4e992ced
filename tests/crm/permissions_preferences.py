"""Everybody chooses for oneself, and reads one's own inbox."""

from tests.conftest import Cast
from tests.permissions import ALL, Row

TABLE = [
    Row("GET", "notifications/summary/", {200: ALL}),
    Row("POST", "notifications/read-all/", {200: ALL}, {}),
    Row("GET", "notification-preferences/", {200: ALL}),
    Row(
        "POST",
        "notification-preferences/",
        {200: ALL},
        {"choices": [{"kind": "follow_up_due", "channel": "mail", "is_wanted": False}]},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Nothing beside the cast: whose choices they are, the token says."""
    return {}
