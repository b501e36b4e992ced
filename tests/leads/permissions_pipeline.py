"""Who may do what with the steps of leads through the API."""

from tests.conftest import Cast
from tests.permissions import ALL, OVERSEEING, SEEN_LEAD, STRANGERS, Row

UNSEEN = f"{STRANGERS} fay pia"

TABLE = [
    Row("GET", "leads/forecast/", {200: ALL}),
    Row("GET", "leads/{lead}/steps/", SEEN_LEAD),
    Row("GET", "leads/{lead}/evidence/", SEEN_LEAD),
    Row(
        "POST",
        "leads/{lead}/evidence/",
        {201: "ann max mei", 403: OVERSEEING, 404: UNSEEN},
        {"kind": "premises_check", "said": "门头与执照一致"},
    ),
    Row("GET", "leads/{lead}/waivers/", SEEN_LEAD),
    Row(
        "POST",
        "leads/{lead}/waivers/",
        {201: "max mei", 403: f"ann {OVERSEEING}", 404: UNSEEN},
        {"to": "qualified", "guard": "premises", "because": "分行已实地看过"},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """The lead is there already."""
    return {}
