"""Card figures are filed once, whatever the door, and faulty lines hold no other one up."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from campaigns.domain import card_filing, figure_files, figure_intake
from campaigns.models import CardCohort, CardFigure, CardSnapshot, FigureKind
from crm.domain import files, jobs
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import Job, JobState, OrgUnit, User
from merchants.domain import merging
from tests import factories
from tests.api import Phone
from tests.campaigns.kpi_desk import TODAY, filed, line
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
AT = factories.AT


def test_a_line_filed_again_changes_nothing_and_another_replaces_it(cast: Cast) -> None:
    assert filed(line(unit=cast.shanghai, cards_issued=5)) == ["added"]
    assert filed(line(unit=cast.shanghai, cards_issued=5)) == ["unchanged"]
    assert filed(line(unit=cast.shanghai, cards_issued=7)) == ["changed"]
    assert [row.cards_issued for row in CardFigure.objects.all()] == [7]


def test_each_source_unit_merchant_campaign_and_day_has_a_line_of_its_own(cast: Cast) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui)
    campaign = factories.CampaignFactory(unit=cast.shanghai)
    lines = [
        line(unit=cast.shanghai),
        line(unit=cast.xuhui),
        line(unit=cast.shanghai, day=TODAY - timedelta(days=1)),
        line(unit=cast.shanghai, merchant=merchant),
        line(unit=cast.shanghai, campaign=campaign),
        line(unit=cast.shanghai, merchant=merchant, campaign=campaign),
    ]
    assert filed(*lines) == ["added"] * 6
    assert filed(line(unit=cast.shanghai), source="scheme") == ["added"]
    assert CardFigure.objects.count() == 7


@pytest.mark.parametrize(
    ("kind", "counts", "code"),
    [
        pytest.param("daily", {"cards_issued": -1}, "count_invalid", id="below zero"),
        pytest.param(
            "daily",
            {"cards_issued": 3, "cards_attributed": 4},
            "attributed_above_issued",
            id="more attributed than issued",
        ),
        pytest.param(
            "cohort",
            {"as_of": TODAY, "cards": 3, "activated": 4},
            "activated_above_cards",
            id="more activated than cards",
        ),
        pytest.param(
            "cohort",
            {"as_of": TODAY, "cards": 9, "swiped_30": 4, "swiped_60": 3, "swiped_90": 5},
            "swipes_do_not_grow",
            id="first purchases that shrink",
        ),
        pytest.param(
            "cohort",
            {"as_of": TODAY - timedelta(days=1), "cards": 9},
            "as_of_before_approval",
            id="known before it was approved",
        ),
        pytest.param(
            "cohort", {"as_of": TODAY + timedelta(days=1)}, "day_to_come", id="known tomorrow"
        ),
        pytest.param(
            "snapshot",
            {"cards_issued": 10, "policy_cards": 5, "sleeping_cards": 6},
            "sleeping_above_issued",
            id="more asleep than issued",
        ),
        pytest.param(
            "snapshot",
            {"cards_issued": 10, "cards_in_force": 10, "active_1": 5, "active_3": 4},
            "active_do_not_grow",
            id="active cards that shrink",
        ),
        pytest.param(
            "snapshot",
            {"active_accounts": 1},
            "active_accounts_above_accounts",
            id="more active accounts than accounts",
        ),
    ],
)
def test_a_line_that_cannot_be_is_refused_alone(
    cast: Cast, kind: str, counts: dict[str, Any], code: str
) -> None:
    good = {"as_of": TODAY} if kind == "cohort" else {}
    found = filed(
        line(kind, cast.shanghai, **good),
        line(kind, cast.hangzhou, **counts),
        kind=kind,
    )
    assert found == ["added", code]
    models: dict[str, Any] = {
        "daily": CardFigure, "cohort": CardCohort, "snapshot": CardSnapshot,
    }  # fmt: skip
    assert models[kind].objects.count() == 1


def test_days_to_come_and_strangers_are_refused(cast: Cast) -> None:
    theirs = factories.MerchantFactory(unit=cast.hangzhou)
    found = filed(
        line(unit=cast.shanghai, day=TODAY + timedelta(days=1)),
        line(unit=cast.shanghai, day=None),
        line(unit=None),
        line(unit=cast.hangzhou),
        line(unit=cast.shanghai, merchant=theirs),
        line(unit=cast.xuhui),
        by=cast.fay,
    )
    assert found == [
        "day_to_come",
        "day_missing",
        "unit_unknown",
        "unit_unknown",
        "merchant_unknown",
        "added",
    ]


def test_whoever_files_no_figures_of_a_unit_is_told(cast: Cast) -> None:
    assert filed(line(unit=cast.shanghai), by=cast.mei) == ["not_allowed"]


def test_the_same_line_twice_with_other_numbers_is_refused(cast: Cast) -> None:
    found = filed(
        line(unit=cast.shanghai, cards_issued=1),
        line(unit=cast.shanghai, cards_issued=1),
        line(unit=cast.shanghai, cards_issued=2),
    )
    assert found == ["added", "unchanged", "line_twice"]


def test_an_older_state_of_a_cohort_never_replaces_a_newer_one(cast: Cast) -> None:
    def state(as_of: date, swiped: int) -> list[str]:
        one = line(
            FigureKind.COHORT,
            cast.shanghai,
            date(2026, 9, 1),
            as_of=as_of,
            cards=10,
            swiped_30=swiped,
            swiped_60=swiped,
            swiped_90=swiped,
        )
        return filed(one, kind=FigureKind.COHORT)

    assert state(TODAY, 6) == ["added"]
    assert state(TODAY - timedelta(days=9), 4) == ["unchanged"]
    assert CardCohort.objects.get().swiped_30 == 6


def test_a_source_without_a_name_is_refused(cast: Cast) -> None:
    with pytest.raises(DomainError, match="which system"):
        card_filing.file_lines("daily", [], source=" ", by=cast.fay, at=AT)


def test_merchants_with_figures_of_the_same_day_can_be_merged(cast: Cast) -> None:
    kept, other = (factories.MerchantFactory(unit=cast.xuhui) for _ in range(2))
    for merchant in (kept, other):
        filed(line(unit=cast.xuhui, merchant=merchant, transactions=2))
    merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.mei, at=AT)
    assert CardFigure.objects.filter(merchant=kept).count() == 2


# --- files -------------------------------------------------------------------------------------


def brought(by: User, text: str, kind: str = FigureKind.DAILY, name: str = "figures.csv") -> Job:
    file = files.keep(name, text.encode(), kinds=files.LISTS, by=by, at=AT)
    home = by.scope.under(frozenset(by.scope.below))
    unit = OrgUnit.objects.filter(pk__in=home).order_by("ancestors__len").first()
    assert unit is not None
    return figure_intake.open_intake(
        uuid7(), file.pk, kind=kind, source="core", unit_id=unit.pk, by=by, at=AT
    )


def worked(job: Job) -> Job:
    jobs.run_due(at=AT)
    job.refresh_from_db()
    return job


FILE = """机构,日期,商户,新增发卡,交易笔数,交易金额
上海分行,2026-11-17,,24,100,"48,000.50"
徐汇团队,2026/11/17,海底捞,3,9,1200
上海分行,2026-11-17,没有这家,1,1,1
上海分行,2026-13-01,,1,1,1
上海分行,2026-11-16,,1.5,1,1
上海分行,2026-11-15,,1,1,1.005
"""


def test_a_file_is_tried_out_taken_in_and_its_faults_given_back(cast: Cast) -> None:
    factories.MerchantFactory(unit=cast.xuhui, name="海底捞")
    job = brought(cast.fay, FILE)
    figure_intake.try_out(job.pk, by=cast.fay, at=AT)
    job = worked(job)
    assert (job.state, job.added, job.refused) == (JobState.CHECKED, 2, 4)
    assert not CardFigure.objects.exists()
    figure_intake.run(job.pk, by=cast.fay, at=AT)
    job = worked(job)
    assert (job.state, job.added, job.refused) == (JobState.DONE, 2, 4)
    whole = CardFigure.objects.get(unit=cast.shanghai)
    assert (whole.cards_issued, whole.spend_fen, whole.intake_id) == (24, 4_800_050, job.pk)
    codes = [code for _row, _column, code, _sentence in job.parameters["faults"]]
    assert codes == ["merchant_unknown", "day_invalid", "number_invalid", "number_invalid"]
    assert job.result is not None
    errors = bytes(job.result.content).decode("utf-8-sig")
    again = brought(cast.fay, errors)
    figure_intake.run(again.pk, by=cast.fay, at=AT)
    assert (worked(again).refused, again.state) == (4, JobState.DONE)


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    factories.MerchantFactory(unit=cast.xuhui, name="海底捞")
    for outcome in ("added", "unchanged"):
        job = brought(cast.fay, FILE)
        figure_intake.run(job.pk, by=cast.fay, at=AT)
        assert getattr(worked(job), outcome) == 2
    assert CardFigure.objects.count() == 2


def test_a_long_file_goes_in_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_intake, "BATCH", 3)
    first = date(2026, 1, 1)
    days = [f"上海分行,{first + timedelta(days=day)},{day}" for day in range(10)]
    twice = f"上海分行,{first},99"
    job = brought(cast.fay, "\n".join(["机构,日期,新增发卡", *days, twice]))
    figure_intake.run(job.pk, by=cast.fay, at=AT)
    job = worked(job)
    assert (job.added, job.refused, job.rows_done) == (10, 1, 11)
    assert job.parameters["faults"][0][2] == "line_twice"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param("机构,日期,颜色", "columns_unknown", id="unknown column"),
        pytest.param("机构,日期,day", "columns_twice", id="a column twice"),
        pytest.param("日期,新增发卡", "columns_missing", id="no unit"),
    ],
)
def test_a_file_with_wrong_columns_is_refused_whole(cast: Cast, header: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        brought(cast.fay, f"{header}\n" + ",".join("1" for _ in header.split(",")))
    assert refused.value.code == code
    assert not Job.objects.exists()


def test_nobody_else_brings_files(cast: Cast) -> None:
    with pytest.raises(DomainError) as refused:
        brought(cast.mei, FILE)
    assert refused.value.code == "not_allowed"


def test_templates_have_the_columns_that_are_read() -> None:
    for kind in FigureKind.values:
        header = list(figure_files.COLUMNS[kind].values())
        assert figure_files.columns_of(kind, header) == list(figure_files.COLUMNS[kind])


# --- the API -----------------------------------------------------------------------------------


def test_a_batch_answers_for_each_line(cast: Cast) -> None:
    row = {"unit": str(cast.shanghai.pk), "day": "2026-11-17"}
    body = {
        "source": "core",
        "rows": [
            {**row, "cards_issued": 24, "spend": "48000.50"},
            {**row, "day": "2026-11-16", "cards_issued": 1, "cards_attributed": 2},
        ],
    }
    phone = Phone(cast.fay)
    answer = phone.post("card-figures/", body)
    assert answer.status_code == 200, answer.json()
    found = answer.json()
    assert (found["added"], found["refused"]) == (1, 1)
    assert [one["code"] for one in found["rows"]] == [None, "attributed_above_issued"]
    assert phone.post("card-figures/", body).json()["unchanged"] == 1
    (shown,) = phone.get("card-figures/?from=2026-11-17").json()["results"]
    assert (shown["cards_issued"], shown["spend"]) == (24, "48000.50")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"spend": 5}, id="money as a number"),
        pytest.param({"spend": "1.005"}, id="a part of a fen"),
        pytest.param({"cards_issued": -1}, id="below zero"),
        pytest.param({"colour": "red"}, id="a field that nobody knows"),
        pytest.param({"day": "17.11.2026"}, id="a day in another form"),
    ],
)
def test_a_body_of_another_shape_is_refused_whole(cast: Cast, row: dict[str, Any]) -> None:
    sound = {"unit": str(cast.shanghai.pk), "day": "2026-11-17"}
    answer = Phone(cast.fay).post("card-figures/", {"source": "core", "rows": [{**sound, **row}]})
    assert answer.status_code == 400
    assert not CardFigure.objects.exists()


def test_reps_see_their_branch_and_of_merchants_their_own(cast: Cast) -> None:
    mine = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    others = factories.MerchantFactory(unit=cast.xuhui, owner=cast.bo)
    filed(
        line(unit=cast.xuhui, cards_issued=1),
        line(unit=cast.xuhui, merchant=mine),
        line(unit=cast.xuhui, merchant=others),
        line(unit=cast.hangzhou),
    )
    seen = {name: CardFigure.objects.visible_to(cast.named(name)).count() for name in
            ("ann", "mei", "sam", "otto", "nia")}  # fmt: skip
    assert seen == {"ann": 2, "mei": 3, "sam": 1, "otto": 4, "nia": 0}


@pytest.mark.parametrize("address", ["card-figures/", "card-cohorts/", "card-snapshots/"])
def test_lists_take_a_constant_number_of_statements(
    cast: Cast, same_queries: Callable[..., int], address: str
) -> None:
    phone = Phone(cast.fay)

    def grow(days: range = range(1, 6)) -> None:
        for ago in days:
            day = TODAY - timedelta(days=ago)
            for kind in FigureKind.values:
                more = {"as_of": TODAY} if kind == FigureKind.COHORT else {}
                filed(line(kind, cast.shanghai, day, **more), kind=kind)

    grow(range(10, 11))
    same_queries(lambda: phone.get(address), after=grow, at_most=8)
