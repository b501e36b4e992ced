"""Insights, rivals and SWOT through the API: bad input, versions, repeats, and what lists cost."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from crm.ids import uuid7
from merchants.models import Insight, Merchant, RivalOffer, SwotAnalysis
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

INSIGHT = {
    "kind": "need",
    "statement": "周末停车难",
    "known_to_merchant": True,
    "known_to_bank": True,
}
OFFER = {
    "rival": "{rival}",
    "mechanic": "周五满100减30",
    "starts_on": "2026-11-01",
    "source": "门店台卡",
}
FEATURE = {"name": "到账快", "difference": 1, "importance": 3}
FACT = {
    "kind": "threat",
    "statement": "邻行冲量",
    "dated": "2026-10-01",
    "source": "同业交流",
    "weight": 2,
}
SWOT = {"rival": "{rival}", "package": "周末满200减50"}
OF_MERCHANT = "merchants/{merchant}/"


@pytest.fixture
def names(cast: Cast) -> dict[str, str]:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    rival = factories.RivalFactory()
    analysis = factories.SwotAnalysisFactory(rival=rival, category_group="", merchant=merchant)
    factories.RivalOfferFactory(merchant=merchant, rival=rival, exclusive=True)
    rows = {
        "merchant": merchant,
        "hidden": factories.MerchantFactory(unit=cast.hangzhou, owner=cast.sam),
        "insight": factories.InsightFactory(merchant=merchant, peers=4),
        "enough": factories.InsightFactory(merchant=merchant),
        "rival": rival,
        "other_rival": factories.RivalFactory(),
        "analysis": analysis,
        "feature": factories.SwotFeatureFactory(analysis=analysis),
    }
    return {"random": str(uuid7()), **{name: str(row.pk) for name, row in rows.items()}}


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, meant in names.items():
            value = value.replace(f"{{{name}}}", meant)
        return value
    if isinstance(value, dict):
        return {name: filled(item, names) for name, item in value.items()}
    return value


def row_counts() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in apps.get_app_config("merchants").get_models()
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "attr"),
    [
        (OF_MERCHANT + "insights/", {}, 400, "required", "kind"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "kind": "rumour"}, 400, "invalid_choice", "kind"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "statement": ""}, 400, "blank", "statement"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "statement": 7}, 400, "invalid", "statement"),
        (
            OF_MERCHANT + "insights/",
            {**INSIGHT, "statement": "长" * 501},
            400,
            "max_length",
            "statement",
        ),
        (
            OF_MERCHANT + "insights/",
            {**INSIGHT, "quadrant": "open"},
            400,
            "unknown_field",
            "quadrant",
        ),
        (
            OF_MERCHANT + "insights/",
            {**INSIGHT, "known_to_bank": "yes"},
            400,
            "invalid",
            "known_to_bank",
        ),
        (OF_MERCHANT + "insights/", {**INSIGHT, "peers": -1}, 400, "min_value", "peers"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "peers": "12"}, 400, "invalid", "peers"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "peers": True}, 400, "invalid", "peers"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "peers": 2**53}, 400, "max_value", "peers"),
        (OF_MERCHANT + "insights/", {**INSIGHT, "file": "{random}"}, 400, "not_found", "file"),
        (
            OF_MERCHANT + "insights/",
            {**INSIGHT, "known_to_bank_on": "9999-12-31"},
            400,
            "day_in_the_future",
            "known_to_bank_on",
        ),
        (
            OF_MERCHANT + "insights/",
            {**INSIGHT, "known_to_bank_on": "18.11.2026"},
            400,
            "invalid",
            "known_to_bank_on",
        ),
        (
            OF_MERCHANT + "insights/",
            {**INSIGHT, "evidence": "6222021304001234567"},
            400,
            "card_number",
            "evidence",
        ),
        (
            OF_MERCHANT + "insights/",
            {"kind": "need", "statement": "…"},
            409,
            "hypothesis_required",
            None,
        ),
        (OF_MERCHANT + "insights/", b'{"statement": "a\\u0000"}', 400, "nul_character", None),
        ("insights/{insight}/share/", {}, 400, "required", "names_no_other_merchant"),
        (
            "insights/{insight}/share/",
            {"names_no_other_merchant": True},
            409,
            "peers_too_few",
            "peers",
        ),
        (
            "insights/{enough}/share/",
            {"names_no_other_merchant": False},
            409,
            "names_not_checked",
            "names_no_other_merchant",
        ),
        (OF_MERCHANT + "rival-offers/", {**OFFER, "rival": "{random}"}, 400, "not_found", "rival"),
        (
            OF_MERCHANT + "rival-offers/",
            {**OFFER, "ends_on": "2026-10-01"},
            409,
            "ends_before_start",
            None,
        ),
        (
            OF_MERCHANT + "rival-offers/",
            {**OFFER, "rival": "{other_rival}", "exclusive": True},
            409,
            "exclusive_overlaps",
            None,
        ),
        (
            OF_MERCHANT + "rival-offers/",
            {**OFFER, "paid_by_rival_basis_points": 10_001},
            400,
            "max_value",
            "paid_by_rival_basis_points",
        ),
        (
            OF_MERCHANT + "rival-offers/",
            {**OFFER, "seen_on": "2999-01-01"},
            400,
            "day_in_the_future",
            "seen_on",
        ),
        ("rivals/", {"name": "邻行丙"}, 400, "required", "short_name"),
        ("swot/", SWOT, 409, "one_subject", None),
        ("swot/", {**SWOT, "category_group": "moon"}, 400, "invalid_choice", "category_group"),
        ("swot/", {**SWOT, "merchant": "{hidden}"}, 400, "not_found", "merchant"),
        ("swot/", {**SWOT, "merchant": "{random}"}, 400, "not_found", "merchant"),
        ("swot/", {**SWOT, "merchant": "{merchant}"}, 409, "analysis_exists", None),
        ("swot/{analysis}/features/", {**FEATURE, "difference": 3}, 400, "max_value", "difference"),
        ("swot/{analysis}/features/", {**FEATURE, "importance": 0}, 400, "min_value", "importance"),
        ("swot/{analysis}/features/", {**FEATURE, "difference": 1.5}, 400, "invalid", "difference"),
        ("swot/{analysis}/features/", {**FEATURE, "answers": "快"}, 400, "not_a_list", "answers"),
        (
            "swot/{analysis}/features/",
            {**FEATURE, "answers": [str(n) for n in range(21)]},
            400,
            "too_many_tags",
            "answers",
        ),
        ("swot/{analysis}/facts/", {**FACT, "source": ""}, 400, "blank", "source"),
        ("swot/{analysis}/facts/", {**FACT, "weight": 6}, 400, "max_value", "weight"),
        (
            "swot/{analysis}/facts/",
            {**FACT, "dated": "2999-01-01"},
            400,
            "day_in_the_future",
            "dated",
        ),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    path: str,
    body: Any,
    status: int,
    code: str,
    attr: str | None,
    cast: Cast,
    names: dict[str, str],
) -> None:
    before = row_counts()
    answer = Phone(cast.max).post(filled(path, names), filled(body, names))
    problem = answer.json()
    assert answer.status_code == status, problem
    first = problem["errors"][0]
    assert (first["code"], first["attr"]) == (code, attr)
    assert first["detail"]
    assert row_counts() == before


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("insights/{insight}/", {"known_to_merchant": True}, "share_it"),
        ("insights/{insight}/", {"peers": None}, "data_source_required"),
        ("insights/{insight}/", {"known_to_bank": False}, "hypothesis_required"),
        ("rival-offers/{offer}/", {"ends_on": "2026-10-01"}, "ends_before_start"),
        ("swot-features/{feature}/", {"name": ""}, "invalid"),
    ],
)
def test_a_change_for_the_worse_is_refused(
    path: str, body: Any, code: str, cast: Cast, names: dict[str, str]
) -> None:
    names["offer"] = str(RivalOffer.objects.get().pk)
    answer = Phone(cast.max).patch(filled(path, names), body, if_match='"1"')
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    "path",
    [
        OF_MERCHANT + "insights/?quadrant=moon",
        OF_MERCHANT + "insights/?kind=rumour",
        OF_MERCHANT + "johari/?from=today",
        OF_MERCHANT + "johari/?from=2026-11-18T10:00:00Z&to=2026-11-01T10:00:00Z",
        OF_MERCHANT + "johari/?unit={random}",
        "johari/?owner=none",
        "johari/?unit=7",
        "johari/?to=2026-11-18T10:00:00Z&to=2026-11-18T10:00:00Z",
        OF_MERCHANT + "rival-offers/?running=perhaps",
        "rivals/?ordering=short_name",
        "swot/?rival=7",
        "swot/?category_group=moon",
        "swot/{analysis}/?colour=red",
    ],
)
def test_a_parameter_that_means_nothing_is_refused(
    path: str, cast: Cast, names: dict[str, str]
) -> None:
    answer = Phone(cast.max).get(filled(path, names))
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["attr"]


def test_an_insight_goes_its_way_through_the_api(cast: Cast) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    phone = Phone(cast.ann)
    body = {
        "kind": "number",
        "statement": "晚市客流低两成",
        "known_to_bank": True,
        "data_source": "本行收单交易汇总",
        "peers": 12,
    }
    path = f"merchants/{merchant.pk}/insights/"
    made = [phone.post(path, body, key="once") for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert Insight.objects.count() == 1
    insight = made[0].json()
    assert (insight["quadrant"], insight["known_to_bank_on"]) == (
        "blind",
        timezone.localdate().isoformat(),
    )
    one = f"insights/{insight['id']}/"
    assert phone.patch(one, {"peers": 13}).status_code == 428
    changed = phone.patch(one, {"peers": 13}, if_match=made[0]["ETag"])
    assert (changed.json()["peers"], changed["ETag"]) == (13, '"2"')
    stale = phone.patch(one, {"peers": 14}, if_match='"1"')
    assert (stale.status_code, stale.json()["current"]["peers"]) == (412, 13)
    told = phone.post(f"{one}share/", {"names_no_other_merchant": True}, if_match='"2"')
    assert (told.status_code, told.json()["quadrant"]) == (200, "open")
    moves = phone.get(f"{one}moves/").json()["results"]
    assert [(move["to_quadrant"], move["through"]) for move in moves] == [
        ("open", "feedback"),
        ("blind", ""),
    ]
    window = phone.get(f"merchants/{merchant.pk}/johari/").json()
    assert (window["total"], window["openness"], window["conversion"]) == (1, "100.00", None)
    assert [one["count"] for one in window["quadrants"]] == [1, 0, 0, 0]
    assert window["quadrants"][0]["action"]
    assert phone.get("johari/?owner=me").json()["total"] == 1
    assert Phone(cast.sam).get("johari/").json()["total"] == 0
    assert Phone(cast.mei).get(f"johari/?unit={cast.xuhui.pk}").json()["openness"] == "100.00"
    assert Phone(cast.mei).get(f"johari/?unit={cast.hangzhou.pk}").json()["openness"] is None


def test_offers_say_whether_they_run_or_have_expired(cast: Cast) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    rival = factories.RivalFactory()
    spans = {
        "over": (date(2020, 1, 1), date(2020, 2, 1)),
        "running": (date(2020, 1, 1), None),
        "ahead": (date(2999, 1, 1), None),
    }
    for name, (starts, ends) in spans.items():
        factories.RivalOfferFactory(
            merchant=merchant, rival=rival, mechanic=name, starts_on=starts, ends_on=ends
        )
    phone, path = Phone(cast.ann), f"merchants/{merchant.pk}/rival-offers/"
    shown = {
        one["mechanic"]: (one["running"], one["expired"])
        for one in phone.get(path).json()["results"]
    }
    assert shown == {"over": (False, True), "running": (True, False), "ahead": (False, False)}
    for value, expected in (("true", {"running"}), ("false", {"over", "ahead"})):
        found = phone.get(f"{path}?running={value}").json()["results"]
        assert {one["mechanic"] for one in found} == expected


def test_an_analysis_is_read_with_its_pairs_and_narrowed_to_what_was_asked_for(cast: Cast) -> None:
    rival = factories.RivalFactory(short_name="邻行甲")
    phone = Phone(cast.pia)
    body = {"rival": str(rival.pk), "category_group": "dining", "package": "周末满200减50"}
    analysis = phone.post("swot/", body).json()
    path = f"swot/{analysis['id']}/"
    for name, difference, tags in (
        ("引流", 2, ["闲时客流"]),
        ("到账", 1, ["回款快"]),
        ("补贴", -2, []),
    ):
        feature = {"name": name, "difference": difference, "importance": 5, "answers": tags}
        assert phone.post(f"{path}features/", feature).status_code == 201
    for kind, statement in (("opportunity", "夜经济补贴"), ("threat", "邻行冲量")):
        fact = {**FACT, "kind": kind, "statement": statement, "weight": 4}
        assert phone.post(f"{path}facts/", fact).status_code == 201
    read = phone.get(path).json()
    assert [(one["feature"], one["score"]) for one in read["best"]] == [("引流", 40), ("到账", 20)]
    assert {kind: len(some) for kind, some in read["pairs"].items()} == {
        "SO": 2,
        "WO": 1,
        "ST": 2,
        "WT": 1,
    }
    assert "邻行甲" in read["best"][0]["text"]
    assert [one["score"] for one in read["features"]] == [10, 5, -10]
    asked = phone.get(f"{path}?answers=回款快").json()
    assert [one["feature"] for one in asked["best"]] == ["到账"]
    removed = phone.post(f"swot-features/{read['features'][0]['id']}/remove/")
    assert removed.json()["removed_at"]
    assert [one["feature"] for one in phone.get(path).json()["best"]] == ["到账"]
    assert phone.get(f"swot/?rival={rival.pk}&category_group=dining").json()["results"]
    assert not phone.get(f"swot/?rival={rival.pk}&category_group=retail").json()["results"]


LISTS = [
    OF_MERCHANT + "insights/",
    OF_MERCHANT + "insights/?quadrant=blind&quadrant=open&kind=need",
    OF_MERCHANT + "johari/",
    "johari/?owner=me",
    "insights/{insight}/",
    "insights/{insight}/moves/",
    "rivals/",
    "rivals/{rival}/",
    OF_MERCHANT + "rival-offers/",
    OF_MERCHANT + "rival-offers/?running=true&exclusive=false",
    "rival-offers/{offer}/",
    "swot/",
    "swot/?category_group=dining",
    "swot/{analysis}/",
    "swot/{analysis}/?answers=x",
]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_however_long_it_is(
    path: str, cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    merchant: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    analysis: SwotAnalysis = factories.SwotAnalysisFactory(merchant=merchant, category_group="")
    insight: Insight = factories.InsightFactory(merchant=merchant)

    def grow() -> None:
        for _ in range(4):
            factories.InsightFactory(merchant=merchant)
            factories.RivalOfferFactory(merchant=merchant)
            factories.SwotFeatureFactory(analysis=analysis)
            factories.SwotFactFactory(analysis=analysis)
            factories.SwotAnalysisFactory(category_group="dining")
            insight.moves.create(
                from_quadrant="hidden",
                to_quadrant="blind",
                through="feedback",
                at=at,
                actor=cast.ann,
            )

    grow()
    names = {
        "merchant": str(merchant.pk),
        "insight": str(insight.pk),
        "analysis": str(analysis.pk),
        "offer": str(RivalOffer.objects.earliest("created_at").pk),
        "rival": str(analysis.rival_id),
    }
    phone = Phone(cast.ann)

    def read() -> None:
        answer = phone.get(filled(path, names))
        assert answer.status_code == 200, answer.content

    same_queries(read, after=grow, at_most=6)
