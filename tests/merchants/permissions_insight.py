"""Who may do what with insights, rivals and SWOT analyses."""

from tests import factories
from tests.conftest import Cast
from tests.permissions import (
    ADDED_TO_MERCHANT,
    ALL,
    EDITED_MERCHANT,
    SEEN_MERCHANT,
    WORKING,
    Row,
)

HOLDING = ALL.replace(" nia", "")
KEEPING = "max mei pia"
"""Planners and leaders."""
NOT_KEEPING = "ann bo sam fay rui otto ada"
KEPT = {200: KEEPING, 403: NOT_KEEPING, 404: "nia"}
ANALYSED = {200: "max mei pia", 403: "ann fay rui otto ada", 404: "bo sam nia"}
"""What is written about Ann's merchant; Max, Mei and Pia reach its unit."""
INSIGHT = {
    "kind": "need",
    "statement": "周末停车难",
    "known_to_merchant": True,
    "known_to_bank": True,
}
FEATURE = {"name": "到账快", "difference": 1, "importance": 3}
FACT = {
    "kind": "threat",
    "statement": "邻行补贴加码",
    "dated": "2026-10-01",
    "source": "门店",
    "weight": 2,
}

TABLE = [
    Row("GET", "merchants/{merchant}/insights/", SEEN_MERCHANT),
    Row("POST", "merchants/{merchant}/insights/", ADDED_TO_MERCHANT, INSIGHT),
    Row("GET", "merchants/{merchant}/johari/", SEEN_MERCHANT),
    Row("GET", "johari/", {200: ALL}),
    Row("GET", "insights/{insight}/", SEEN_MERCHANT),
    Row("PATCH", "insights/{insight}/", EDITED_MERCHANT, {"peers": 8}, '"1"'),
    Row(
        "POST",
        "insights/{insight}/share/",
        EDITED_MERCHANT,
        {"names_no_other_merchant": True},
    ),
    Row("GET", "insights/{insight}/moves/", SEEN_MERCHANT),
    Row("GET", "rivals/", {200: ALL}),
    Row(
        "POST",
        "rivals/",
        {201: KEEPING, 403: f"{NOT_KEEPING} nia"},
        {"name": "邻行丙信用卡中心", "short_name": "邻行丙"},
    ),
    Row("GET", "rivals/{rival}/", {200: HOLDING, 404: "nia"}),
    Row("PATCH", "rivals/{rival}/", KEPT, {"short_name": "邻丁"}, '"1"'),
    Row("GET", "merchants/{merchant}/rival-offers/", SEEN_MERCHANT),
    Row(
        "POST",
        "merchants/{merchant}/rival-offers/",
        ADDED_TO_MERCHANT,
        {
            "rival": "{rival}",
            "mechanic": "满100减30",
            "starts_on": "2026-11-01",
            "source": "门店台卡",
        },
    ),
    Row("GET", "rival-offers/{rival_offer}/", SEEN_MERCHANT),
    Row("PATCH", "rival-offers/{rival_offer}/", EDITED_MERCHANT, {"ends_on": "2027-01-31"}, '"1"'),
    Row("GET", "swot/", {200: ALL}),
    Row(
        "POST",
        "swot/",
        # A rival that one may not know of would be refused next; who may not, hears that first.
        {201: KEEPING, 403: f"{NOT_KEEPING} nia"},
        {"rival": "{rival}", "category_group": "retail", "package": "便利满30减10"},
    ),
    Row("GET", "swot/{analysis}/", SEEN_MERCHANT),
    Row("GET", "swot/{group_analysis}/", {200: HOLDING, 404: "nia"}),
    Row("PATCH", "swot/{analysis}/", ANALYSED, {"package": "周三五折"}, '"1"'),
    Row("PATCH", "swot/{group_analysis}/", KEPT, {"package": "周三五折"}, '"1"'),
    Row(
        "POST",
        "swot/{analysis}/features/",
        {201: KEEPING, 403: "ann fay rui otto ada", 404: "bo sam nia"},
        FEATURE,
    ),
    Row(
        "POST",
        "swot/{analysis}/facts/",
        {201: KEEPING, 403: "ann fay rui otto ada", 404: "bo sam nia"},
        FACT,
    ),
    Row("PATCH", "swot-features/{feature}/", ANALYSED, {"importance": 5}, '"1"'),
    Row("POST", "swot-features/{feature}/remove/", ANALYSED),
    Row("PATCH", "swot-facts/{fact}/", ANALYSED, {"weight": 5}, '"1"'),
    Row("POST", "swot-facts/{fact}/remove/", ANALYSED),
]
assert WORKING == "ann max mei"


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """An insight and a rival's offer at Ann's merchant, an analysis of it and one of a group."""
    merchant = names["merchant"]
    rival = factories.RivalFactory()
    analysis = factories.SwotAnalysisFactory(rival=rival, category_group="", merchant_id=merchant)
    rows = {
        "insight": factories.InsightFactory(merchant_id=merchant),
        "rival": rival,
        "rival_offer": factories.RivalOfferFactory(merchant_id=merchant, rival=rival),
        "analysis": analysis,
        "group_analysis": factories.SwotAnalysisFactory(rival=rival, category_group="dining"),
        "feature": factories.SwotFeatureFactory(analysis=analysis),
        "fact": factories.SwotFactFactory(analysis=analysis),
    }
    return {name: str(row.pk) for name, row in rows.items()}
