"""Who may look at messages and send them again."""

from crm.models import DeliveryState
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, Row

TABLE = [
    Row("GET", "deliveries/", {200: "ada", 403: ALL.replace(" ada", "")}),
    Row(
        "POST",
        "deliveries/{given_up}/resend/",
        {200: "ann ada", 403: "max mei rui otto fay pia", 404: "bo sam nia"},
        {"because": "The mailbox exists again"},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    given_up = factories.DeliveryFactory(
        recipient=cast.ann, state=DeliveryState.DEAD, failure="smtp_550: No such mailbox"
    )
    return {"given_up": str(given_up.pk)}
