"""SWOT: sides by difference, pairs by score, and analyses that planners and leaders keep."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crm.errors import NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from merchants.domain import comparing, swot
from merchants.domain.swot import Feature, OutsideFact, PairKind, Side
from merchants.models import Merchant, SwotAnalysis, SwotFactKind, SwotFeature, TimelineEntry
from tests import factories
from tests.conftest import Cast

S, W = Side.STRENGTH, Side.WEAKNESS
O, T = SwotFactKind  # noqa: E741  The letters of the method.
OLD, NEW = date(2026, 9, 1), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("difference", "importance", "score", "side"),
    [
        (2, 5, 10, S),
        (1, 1, 1, S),
        (1, 5, 5, S),
        (0, 5, 0, None),
        (0, 1, 0, None),
        (-1, 1, -1, W),
        (-1, 5, -5, W),
        (-2, 4, -8, W),
    ],
)
def test_the_difference_says_the_side_and_the_importance_the_score(
    difference: int, importance: int, score: int, side: Side | None
) -> None:
    feature = Feature("到账快", difference, importance)
    assert (feature.score, feature.side) == (score, side)


def pair(feature: Feature, fact: OutsideFact) -> tuple[PairKind, int]:
    ((kind, (only,)),) = [
        (kind, some) for kind, some in swot.pairs([feature], [fact]).items() if some
    ]
    return kind, only.score


@pytest.mark.parametrize(
    ("difference", "importance", "kind", "weight", "expected", "score"),
    [
        (2, 5, O, 4, "SO", 40),
        (1, 3, O, 1, "SO", 3),
        (-2, 5, O, 4, "WO", 40),
        (2, 4, T, 3, "ST", 24),
        (-1, 2, T, 5, "WT", 10),
    ],
)
def test_a_pair_is_what_comes_from_inside_and_from_outside(
    difference: int,
    importance: int,
    kind: SwotFactKind,
    weight: int,
    expected: str,
    score: int,
) -> None:
    feature = Feature("到账快", difference, importance)
    assert pair(feature, OutsideFact(kind, "夜经济补贴", OLD, weight)) == (expected, score)


def test_a_feature_that_is_neither_makes_no_pair() -> None:
    facts = [OutsideFact(kind, "夜经济补贴", OLD, 5) for kind in SwotFactKind]
    assert not any(swot.pairs([Feature("卡种", 0, 5)], facts).values())


FEATURES = [
    Feature("引流", 2, 5, ("闲时客流",)),
    Feature("到账", 2, 4, ("回款快",)),
    Feature("周报", 1, 4, ("看得到效果",)),
    Feature("补贴力度", -1, 5),
    Feature("卡种", 0, 3),
]
FACTS = [
    OutsideFact(O, "夜经济补贴", NEW, 4),
    OutsideFact(O, "平台抽成上调", OLD, 5),
    OutsideFact(T, "邻行冲量", NEW, 3),
]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            (),
            [
                ("引流", "平台抽成上调", 50),
                ("引流", "夜经济补贴", 40),
                ("到账", "平台抽成上调", 40),
            ],
        ),
        (("回款快",), [("到账", "平台抽成上调", 40), ("到账", "夜经济补贴", 32)]),
        (
            ("回款快", "看得到效果"),
            [
                ("到账", "平台抽成上调", 40),
                ("到账", "夜经济补贴", 32),
                ("周报", "平台抽成上调", 20),
            ],
        ),
        (("别的",), []),
    ],
)
def test_the_three_best_strengths_for_opportunities_are_put_forward(
    answers: tuple[str, ...], expected: list[tuple[str, str, int]]
) -> None:
    best = swot.best(FEATURES, FACTS, answers=answers)
    assert [(one.feature.name, one.fact.statement, one.score) for one in best] == expected


def test_equal_scores_go_by_the_newer_fact_and_then_by_name() -> None:
    features = [Feature("乙", 2, 2), Feature("甲", 2, 2)]
    facts = [OutsideFact(O, "旧", OLD, 3), OutsideFact(O, "新", NEW, 3)]
    ranked = swot.pairs(features, facts)[PairKind.SO]
    assert [(one.fact.statement, one.feature.name) for one in ranked] == [
        ("新", "乙"),
        ("新", "甲"),
        ("旧", "乙"),
        ("旧", "甲"),
    ]


@pytest.mark.parametrize("kind", PairKind)
def test_every_pair_has_a_sentence_that_names_all_three(kind: PairKind) -> None:
    one = swot.Pair(kind, FEATURES[0], FACTS[0])
    said = swot.sentence(one, rival="邻行甲")
    assert all(word in said for word in ("引流", "夜经济补贴", "邻行甲"))


# --- analyses ------------------------------------------------------------------------------------


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


def begun(by: Any, at: datetime, **about: Any) -> SwotAnalysis:
    rival = about.pop("rival", None) or factories.RivalFactory()
    return comparing.begin(
        uuid7(), rival_id=rival.pk, package="周末满200减50", by=by, at=at, **about
    )


@pytest.mark.django_db
@pytest.mark.parametrize("both", [True, False])
def test_an_analysis_is_about_one_subject(
    both: bool, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    about = {"category_group": "dining", "merchant_id": merchant.pk} if both else {}
    with pytest.raises(RuleBroken) as refused:
        begun(cast.max, at, **about)
    assert refused.value.code == "one_subject"


@pytest.mark.django_db
def test_a_rival_is_compared_once_per_subject(merchant: Merchant, cast: Cast, at: datetime) -> None:
    rival = factories.RivalFactory()
    for about in ({"category_group": "dining"}, {"merchant_id": merchant.pk}):
        begun(cast.max, at, rival=rival, **about)
        with pytest.raises(RuleBroken) as refused:
            begun(cast.max, at, rival=rival, **about)
        assert refused.value.code == "analysis_exists"
    begun(cast.max, at, rival=rival, category_group="retail")
    begun(cast.max, at, category_group="dining")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"difference": 3}, "difference_out_of_range"),
        ({"difference": -3}, "difference_out_of_range"),
        ({"importance": 0}, "importance_out_of_range"),
        ({"importance": 6}, "importance_out_of_range"),
        ({"name": ""}, "name_required"),
        ({"name": "引流"}, "feature_exists"),
        ({"answers": [str(n) for n in range(21)]}, "too_many_tags"),
    ],
)
def test_a_feature_out_of_range_is_refused(
    values: dict[str, Any], code: str, cast: Cast, at: datetime
) -> None:
    analysis = begun(cast.pia, at, category_group="dining")
    sound = {"name": "引流", "difference": 2, "importance": 5}
    comparing.add_feature(uuid7(), analysis.pk, by=cast.pia, at=at, **sound)
    with pytest.raises(RuleBroken) as refused:
        comparing.add_feature(
            uuid7(), analysis.pk, by=cast.pia, at=at, **{**sound, "name": "到账", **values}
        )
    assert refused.value.code == code
    assert SwotFeature.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"weight": 0}, "weight_out_of_range"),
        ({"weight": 6}, "weight_out_of_range"),
        ({"source": ""}, "source_required"),
        ({"statement": "夜经济补贴"}, "fact_exists"),
        ({"dated": date(2026, 11, 19)}, "day_in_the_future"),
    ],
)
def test_a_fact_without_day_or_source_is_refused(
    values: dict[str, Any], code: str, cast: Cast, at: datetime
) -> None:
    analysis = begun(cast.pia, at, category_group="dining")
    sound = {
        "kind": "opportunity",
        "statement": "夜经济补贴",
        "dated": NEW,
        "source": "公告",
        "weight": 4,
    }
    comparing.add_fact(uuid7(), analysis.pk, by=cast.pia, at=at, **sound)
    with pytest.raises(RuleBroken) as refused:
        comparing.add_fact(
            uuid7(), analysis.pk, by=cast.pia, at=at, **{**sound, "statement": "…", **values}
        )
    assert refused.value.code == code


@pytest.mark.django_db
def test_what_is_taken_out_counts_no_more_and_can_come_back(cast: Cast, at: datetime) -> None:
    analysis = begun(cast.pia, at, category_group="dining")
    given = {"name": "引流", "difference": 2, "importance": 5, "answers": [" 闲时客流", ""]}
    feature = comparing.add_feature(uuid7(), analysis.pk, by=cast.pia, at=at, **given)
    fact = factories.SwotFactFactory(analysis=analysis)
    assert len(comparing.read(analysis.pk).best) == 1
    assert feature.answers == ["闲时客流"]
    changed = comparing.change_feature(feature.pk, {"importance": 1}, by=cast.pia, at=at)
    assert changed.score == 2
    comparing.remove_feature(feature.pk, by=cast.pia, at=at)
    assert comparing.read(analysis.pk).best == []
    with pytest.raises(NotFound):
        comparing.change_feature(feature.pk, {"importance": 2}, by=cast.pia, at=at)
    comparing.add_feature(uuid7(), analysis.pk, by=cast.pia, at=at, **given)
    assert len(comparing.read(analysis.pk).best) == 1
    comparing.remove_fact(fact.pk, by=cast.pia, at=at + timedelta(hours=1))
    assert comparing.read(analysis.pk).best == []


@pytest.mark.django_db
def test_a_merchants_analysis_writes_its_timeline(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    analysis = begun(cast.max, at, merchant_id=merchant.pk)
    comparing.add_feature(
        uuid7(), analysis.pk, name="引流", difference=2, importance=5, by=cast.max, at=at
    )
    kinds = set(TimelineEntry.objects.filter(merchant=merchant).values_list("kind", flat=True))
    assert kinds == {"swot.begun", "swot.changed"}
    begun(cast.max, at, category_group="dining")
    assert TimelineEntry.objects.count() == 2


@pytest.mark.django_db
def test_reps_read_analyses_and_planners_and_leaders_write_them(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    of_merchant = begun(cast.max, at, merchant_id=merchant.pk)
    of_group = begun(cast.pia, at, category_group="dining")
    for name in ("ann", "otto", "fay"):
        for analysis in (of_merchant, of_group):
            with pytest.raises(NotAllowed):
                comparing.rename_package(analysis.pk, "…", by=cast.named(name), at=at)
    assert set(SwotAnalysis.objects.visible_to(cast.ann)) == {of_merchant, of_group}
    assert set(SwotAnalysis.objects.visible_to(cast.sam)) == {of_group}
    assert not SwotAnalysis.objects.visible_to(cast.nia).exists()
    assert set(SwotAnalysis.objects.about(merchant)) == {of_merchant, of_group}
