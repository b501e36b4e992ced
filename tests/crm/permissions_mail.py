"""Who may do what with suppressed addresses, and with one's own calendar address."""

from django.utils import timezone

from crm.domain import calendar_feeds, suppression
from tests.conftest import Cast
from tests.permissions import ALL, Row

TABLE = [
    Row("GET", "suppressed-addresses/", {200: ALL}),
    Row(
        "POST",
        "suppressed-addresses/{suppressed}/lift/",
        {200: "ada", 404: ALL.replace("ada ", "")},
        {},
    ),
    Row("GET", "calendar-feed/", {200: ALL}),
    Row("POST", "calendar-feed/", {201: ALL}, {"tells_details": False}),
    # Ann has an address; the others are told that they have none.
    Row(
        "PUT",
        "calendar-feed/",
        {200: "ann", 409: ALL.replace("ann ", "")},
        {"tells_details": True},
    ),
    Row("DELETE", "calendar-feed/", {200: ALL}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """An address that no mail goes to, and a calendar address of Ann's."""
    now = timezone.now()
    suppressed = suppression.suppress("gone@bank.test", because="550 5.1.1", at=now)
    assert suppressed is not None
    calendar_feeds.renew(tells_details=False, by=cast.ann, at=now)
    return {"suppressed": str(suppressed.pk)}
