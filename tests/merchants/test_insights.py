"""Insights are written down with what their quadrant asks for, and told only when they may be."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.domain import files
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from crm.models import StoredFile
from merchants.domain import insights
from merchants.models import Insight, InsightMove, Merchant, TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db

OPEN = {"known_to_merchant": True, "known_to_bank": True}
HIDDEN = {"known_to_merchant": True, "could_tell": "店长"}
BLIND = {"known_to_bank": True, "data_source": "本行收单交易汇总", "peers": 5}
UNKNOWN = {"is_hypothesis": True, "experiment": "两周小试点"}


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


def record(merchant: Merchant, by: Any, at: datetime, **details: Any) -> Insight:
    return insights.record(
        uuid7(),
        merchant.pk,
        by=by,
        at=at,
        **{"kind": "need", "statement": "周一到周四晚市空台三成", **details},
    )


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({**OPEN, "statement": "  "}, "statement_required"),
        ({}, "hypothesis_required"),
        ({"is_hypothesis": True}, "hypothesis_required"),
        ({"experiment": "两周小试点"}, "hypothesis_required"),
        ({"known_to_merchant": True}, "could_tell_required"),
        ({"known_to_merchant": True, "could_tell": "  "}, "could_tell_required"),
        ({"known_to_bank": True, "peers": 5}, "data_source_required"),
        ({"known_to_bank": True, "data_source": "汇总"}, "data_source_required"),
        ({"known_to_bank": True, "data_source": "汇总", "peers": 0}, "data_source_required"),
        ({**OPEN, "is_hypothesis": True}, "hypothesis_is_known"),
        ({**BLIND, "is_hypothesis": True}, "hypothesis_is_known"),
        ({**BLIND, "known_to_merchant_on": "today"}, "known_since_mismatch"),
        ({**HIDDEN, "known_to_bank_on": "today"}, "known_since_mismatch"),
        ({**OPEN, "known_to_bank_on": "tomorrow"}, "day_in_the_future"),
        ({**OPEN, "evidence": "卡号 6222 0213 0400 1234 567"}, "card_number"),
        ({**OPEN, "statement": "4111111111111111 常来"}, "card_number"),
    ],
)
def test_what_a_quadrant_asks_for_is_asked(
    details: dict[str, Any], code: str, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    days = {"today": at.date(), "tomorrow": at.date() + timedelta(days=1)}
    given = {name: days.get(value, value) for name, value in details.items() if value is not None}
    with pytest.raises(RuleBroken) as refused:
        record(merchant, cast.ann, at, **given)
    assert refused.value.code == code
    assert not Insight.objects.exists()
    assert not TimelineEntry.objects.exists()


@pytest.mark.parametrize("details", [OPEN, HIDDEN, BLIND, UNKNOWN])
def test_what_says_enough_is_taken(
    details: dict[str, Any], merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **details)
    entry = TimelineEntry.objects.get(subject_id=insight.pk)
    assert (entry.kind, entry.facts["quadrant"]) == ("insight.recorded", insight.quadrant)


@pytest.mark.parametrize("digits", ["021-62345678", "400-820-8888", "2026-11-18", "123456789012"])
def test_shorter_numbers_are_no_card_numbers(
    digits: str, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    record(merchant, cast.ann, at, **OPEN, evidence=digits)


@pytest.mark.parametrize(
    ("peers", "confirmed", "code"),
    [
        (4, True, "peers_too_few"),
        (1, True, "peers_too_few"),
        (4, False, "peers_too_few"),
        (5, False, "names_not_checked"),
    ],
)
def test_what_might_give_somebody_away_is_not_told(
    peers: int, confirmed: bool, code: str, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **{**BLIND, "peers": peers})
    with pytest.raises(RuleBroken) as refused:
        insights.share(insight.pk, names_no_other_merchant=confirmed, by=cast.ann, at=at)
    assert refused.value.code == code
    insight.refresh_from_db()
    assert (insight.quadrant, insight.shared_at) == ("blind", None)
    assert InsightMove.objects.count() == 1


def test_from_five_peers_on_it_is_told_and_becomes_open(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at - timedelta(days=1), **BLIND)
    told = insights.share(insight.pk, names_no_other_merchant=True, by=cast.ann, at=at)
    assert (told.quadrant, told.shared_at, told.version) == ("open", at, 2)
    assert told.known_to_merchant_on == at.date()
    kinds = TimelineEntry.objects.filter(subject_id=insight.pk).order_by("at")
    assert list(kinds.values_list("kind", flat=True)) == ["insight.recorded", "insight.shared"]


def test_what_was_told_keeps_its_five_peers(merchant: Merchant, cast: Cast, at: datetime) -> None:
    insight = record(merchant, cast.ann, at, **BLIND)
    insights.share(insight.pk, names_no_other_merchant=True, by=cast.ann, at=at)
    with pytest.raises(RuleBroken) as refused:
        insights.change(insight.pk, {"peers": 4}, by=cast.ann, at=at)
    assert refused.value.code == "peers_too_few"


@pytest.mark.parametrize(
    ("column", "value"), [("peers", 4), ("peers", None), ("names_no_other_merchant", False)]
)
def test_even_past_the_verb_the_database_keeps_the_rule(
    column: str, value: Any, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **{**BLIND, **OPEN})
    values = {"shared_at": at, "names_no_other_merchant": True, "peers": 5, column: value}
    with pytest.raises(IntegrityError), transaction.atomic():
        Insight.objects.filter(pk=insight.pk).update(**values)


@pytest.mark.parametrize("details", [OPEN, HIDDEN, UNKNOWN])
def test_only_a_blind_insight_is_told(
    details: dict[str, Any], merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **details)
    with pytest.raises(RuleBroken) as refused:
        insights.share(insight.pk, names_no_other_merchant=True, by=cast.ann, at=at)
    assert refused.value.code == "not_blind"


def test_there_is_no_way_round_telling(merchant: Merchant, cast: Cast, at: datetime) -> None:
    insight = record(merchant, cast.ann, at, **{**BLIND, "peers": 2})
    with pytest.raises(RuleBroken) as refused:
        insights.change(insight.pk, {"known_to_merchant": True}, by=cast.ann, at=at)
    assert refused.value.code == "share_it"


def test_a_correction_says_why(merchant: Merchant, cast: Cast, at: datetime) -> None:
    insight = record(merchant, cast.ann, at, **OPEN, could_tell="店长")
    with pytest.raises(RuleBroken) as refused:
        insights.change(insight.pk, {"known_to_bank": False}, because=" ", by=cast.ann, at=at)
    assert refused.value.code == "because_required"
    insight.refresh_from_db()
    assert insight.quadrant == "open"
    insights.change(insight.pk, {"known_to_bank": False}, because="记错了", by=cast.ann, at=at)
    insight.refresh_from_db()
    assert (insight.quadrant, insight.known_to_bank_on) == ("hidden", None)


def test_what_the_bank_found_out_is_no_hypothesis_any_more(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **UNKNOWN)
    changes = {"known_to_bank": True, "data_source": "试点结果", "peers": 6}
    insight = insights.change(insight.pk, changes, by=cast.ann, at=at)
    assert (insight.quadrant, insight.is_hypothesis) == ("blind", False)


def test_an_unchanged_quadrant_is_a_correction_of_words_only(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **OPEN)
    insights.change(insight.pk, {"statement": "晚市空台四成"}, by=cast.ann, at=at)
    assert InsightMove.objects.count() == 1
    assert TimelineEntry.objects.filter(kind="insight.changed").count() == 1
    untouched = insights.change(insight.pk, {}, by=cast.ann, at=at)
    assert untouched.version == 2


def test_an_outdated_version_is_stale(merchant: Merchant, cast: Cast, at: datetime) -> None:
    insight = record(merchant, cast.ann, at, **OPEN)
    with pytest.raises(Stale):
        insights.change(insight.pk, {"evidence": "…"}, by=cast.ann, at=at, version=7)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("bo", NotFound), ("sam", NotFound), ("otto", NotAllowed), ("fay", NotAllowed)],
)
def test_who_does_not_work_with_the_merchant_writes_nothing(
    name: str, refusal: type[Exception], merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = record(merchant, cast.ann, at, **BLIND)
    somebody = cast.named(name)
    with pytest.raises(refusal):
        record(merchant, somebody, at, **OPEN)
    with pytest.raises(refusal):
        insights.change(insight.pk, {"evidence": "…"}, by=somebody, at=at)
    with pytest.raises(refusal):
        insights.share(insight.pk, names_no_other_merchant=True, by=somebody, at=at)


def test_a_file_of_ones_own_becomes_evidence_that_others_see(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    file = files.keep("调研.pdf", b"%PDF-1.7", kinds=files.DOCUMENTS, by=cast.ann, at=at)
    assert not StoredFile.objects.visible_to(cast.max).exists()
    record(merchant, cast.ann, at, **OPEN, file_id=file.pk)
    assert StoredFile.objects.visible_to(cast.max).get() == file
    assert not StoredFile.objects.visible_to(cast.sam).exists()


def test_somebody_elses_file_is_not_there(merchant: Merchant, cast: Cast, at: datetime) -> None:
    file = files.keep("调研.pdf", b"%PDF-1.7", kinds=files.DOCUMENTS, by=cast.sam, at=at)
    with pytest.raises(NotFound):
        record(merchant, cast.ann, at, **OPEN, file_id=file.pk)


def test_a_day_ahead_names_its_field(merchant: Merchant, cast: Cast, at: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        record(merchant, cast.ann, at, **OPEN, known_to_bank_on=at.date() + timedelta(days=1))
    assert refused.value.problems[0].attr == "known_to_bank_on"


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_the_same_insight_one_waits_and_learns_that_it_is_told(
    cast: Cast, at: datetime
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    insight = record(merchant, cast.ann, at, **BLIND)

    def tell(by: Any) -> Insight:
        return insights.share(insight.pk, names_no_other_merchant=True, by=by, at=at)

    with transaction.atomic():
        tell(cast.ann)
        other = Session(lambda: tell(cast.max))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "not_blind"
    assert InsightMove.objects.filter(through="feedback").count() == 1
