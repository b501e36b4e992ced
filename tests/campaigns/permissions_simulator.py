"""Who may try a purchase: whoever may know of the campaign, for nothing is written."""

from tests.campaigns.offer_desk import offered
from tests.conftest import Cast
from tests.permissions import Row

TABLE = [
    Row(
        "POST",
        "campaigns/{offered}/simulations/",
        {200: "ann bo max mei fay rui pia otto ada", 404: "sam nia"},
        {"amount": "100.00"},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A campaign of the Shanghai branch with an offer."""
    return {"offered": str(offered(cast).pk)}
