"""Agreements: drafted, signed off, amended, ended; what was signed stays as it was signed."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from crm.domain import files
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from crm.models import StoredFile
from merchants.domain import agreements
from merchants.models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    Evidence,
    Partnership,
    TimelineEntry,
)
from tests.conftest import Cast
from tests.merchants.partnership_desk import DAY, Desk

pytestmark = pytest.mark.django_db

STARTS, ENDS = date(2026, 1, 1), date(2027, 12, 31)


@pytest.fixture
def desk(cast: Cast, at: datetime) -> Desk:
    return Desk(cast, at)


def versions(agreement: Agreement) -> list[tuple[int, str, date, date]]:
    rows = AgreementVersion.objects.filter(agreement=agreement).order_by("number")
    return [(one.number, one.state, one.starts_on, one.last_day) for one in rows]


def test_a_signed_agreement_has_the_papers_digest_and_says_until_when(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    version = AgreementVersion.objects.get()
    assert version.document is not None
    assert version.document_sha256 == version.document.sha256
    assert (version.state, version.number) == (AgreementState.LIVE, 1)
    assert (version.drafted_by, version.signed_by) == (desk.cast.ann, desk.cast.max)
    assert desk.row.expires_on == ENDS
    kinds = TimelineEntry.objects.filter(subject_id=agreement.pk).values_list("kind", flat=True)
    assert set(kinds) == {"agreement.drafted", "agreement.signed"}


def test_a_number_is_used_once_in_the_bank(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.draft(STARTS, ENDS, number="SH-1")
    with pytest.raises(RuleBroken) as refusal:
        Desk(cast, at).draft(STARTS, ENDS, number="SH-1")
    assert refusal.value.code == "agreement_number_taken"


BAD_TERMS: dict[str, tuple[dict[str, Any], str]] = {
    "ends before it starts": ({"ends_on": STARTS - DAY}, "agreement_ends_before_start"),
    "starts in another century": ({"starts_on": date(1999, 12, 31)}, "agreement_date_out_of_range"),
    "ends in another century": ({"ends_on": date(9999, 12, 31)}, "agreement_date_out_of_range"),
    "settles in 61 days": ({"settlement_days": 61}, "settlement_too_long"),
    "settles before it happens": ({"settlement_days": -1}, "settlement_too_long"),
    "notice of more than a year": ({"notice_days": 366}, "notice_too_long"),
    "settles on a basis of its own": ({"settlement_basis": "moon"}, "settlement_basis_unknown"),
    "NUL in its terms": ({"terms": "a\0b"}, "terms_invalid"),
    "terms without end": ({"terms": "长" * 20_001}, "terms_invalid"),
    "NUL in a name": ({"bank_signatory": "周\0"}, "signatory_invalid"),
}


@pytest.mark.parametrize("case", BAD_TERMS)
def test_terms_that_make_no_sense_are_refused_and_nothing_is_written(case: str, desk: Desk) -> None:
    changes, code = BAD_TERMS[case]
    terms = replace(desk.terms(STARTS, ENDS, desk.cast.ann), **changes)
    with pytest.raises(InvalidInput) as refusal:
        agreements.draft(uuid7(), desk.pk, number="SH-1", terms=terms, by=desk.cast.ann, at=desk.at)
    assert refusal.value.code == code
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("number", ["", "  ", "9" * 61, "SH\0"])
def test_an_agreement_needs_a_sound_number(number: str, desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refusal:
        desk.draft(STARTS, ENDS, number=number)
    assert refusal.value.code == "agreement_number_required"


def test_somebody_elses_paper_is_not_found(desk: Desk, cast: Cast) -> None:
    sams = desk.document(cast.sam)
    with pytest.raises(NotFound) as refusal:
        desk.draft(STARTS, ENDS, document_id=sams)
    assert refusal.value.problems[0].attr == "document"


def test_a_list_of_merchants_is_no_signed_paper(desk: Desk, cast: Cast) -> None:
    content = "名称\n海底捞".encode()
    listed = files.keep("名单.csv", content, kinds=files.LISTS, by=cast.ann, at=desk.at)
    with pytest.raises(InvalidInput) as refusal:
        desk.draft(STARTS, ENDS, document_id=listed.pk)
    assert refusal.value.code == "document_kind"


@pytest.mark.parametrize(
    ("lacking", "attr"),
    [
        ("bank_signatory", "bank_signatory"),
        ("merchant_signatory", "merchant_signatory"),
        ("document_id", "document"),
    ],
)
def test_nothing_is_signed_off_without_signatories_and_paper(
    lacking: str, attr: str, desk: Desk
) -> None:
    empty = None if lacking == "document_id" else ""
    agreement = desk.draft(STARTS, ENDS, **{lacking: empty})
    with pytest.raises(RuleBroken) as refusal:
        desk.sign(agreement)
    assert refusal.value.code == "agreement_not_whole"
    assert [one.attr for one in refusal.value.problems] == [attr]
    with pytest.raises(IntegrityError), transaction.atomic():
        AgreementVersion.objects.update(state="live", signed_at=desk.at)


def test_the_paper_may_come_with_the_signature(desk: Desk) -> None:
    agreement = desk.draft(STARTS, ENDS, document_id=None)
    paper = desk.document(desk.cast.max)
    agreements.sign(agreement.pk, document_id=paper, by=desk.cast.max, at=desk.at)
    assert AgreementVersion.objects.get().document_id == paper


def test_who_drafted_does_not_sign_off(desk: Desk) -> None:
    agreement = desk.draft(STARTS, ENDS, by=desk.cast.max)
    with pytest.raises(NotAllowed) as refusal:
        desk.sign(agreement, by=desk.cast.max)
    assert refusal.value.code == "maker_is_checker"
    desk.sign(agreement, by=desk.cast.mei)


@pytest.mark.parametrize("name", ["ann", "fay", "rui", "pia", "otto", "ada"])
def test_only_leaders_of_the_unit_sign_off(name: str, desk: Desk) -> None:
    agreement = desk.draft(STARTS, ENDS)
    with pytest.raises(NotAllowed):
        desk.sign(agreement, by=desk.cast.named(name))


# --- a signed version is fixed -------------------------------------------------------------


def test_a_draft_changes_and_a_signed_version_does_not(desk: Desk) -> None:
    agreement = desk.draft(STARTS, ENDS)
    changed = agreements.change_draft(
        agreement.pk, {"notice_days": 60}, by=desk.cast.ann, at=desk.at, version=1
    )
    assert (changed.version, AgreementVersion.objects.get().notice_days) == (2, 60)
    with pytest.raises(Stale):
        agreements.change_draft(
            agreement.pk, {"notice_days": 90}, by=desk.cast.ann, at=desk.at, version=1
        )
    desk.sign(agreement)
    with pytest.raises(RuleBroken) as refusal:
        agreements.change_draft(agreement.pk, {"notice_days": 90}, by=desk.cast.ann, at=desk.at)
    assert refusal.value.code == "agreement_signed"
    with pytest.raises(RuleBroken) as again:
        desk.sign(agreement)
    assert again.value.code == "agreement_signed"


RAW = {
    "the terms": "UPDATE merchants_agreementversion SET terms = 'other'",
    "the notice": "UPDATE merchants_agreementversion SET notice_days = 1",
    "the end": "UPDATE merchants_agreementversion SET ends_on = ends_on + 1",
    "how long it applies": "UPDATE merchants_agreementversion SET last_day = last_day + 1",
    "the digest": "UPDATE merchants_agreementversion SET document_sha256 = 'x'",
    "who signed": "UPDATE merchants_agreementversion SET signed_by_id = drafted_by_id",
    "its being signed": "UPDATE merchants_agreementversion SET state = 'draft', signed_at = NULL",
    "its being there": "DELETE FROM merchants_agreementversion",
}


@pytest.mark.parametrize("case", RAW)
def test_the_database_refuses_to_change_what_was_signed(case: str, desk: Desk) -> None:
    desk.agree(STARTS, ENDS)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RAW[case])
    assert AgreementVersion.objects.get().state == "live"


def test_the_database_lets_a_draft_change_and_a_term_be_cut(desk: Desk) -> None:
    """The negative control of the trigger."""
    agreement = desk.draft(STARTS, ENDS)
    with connection.cursor() as cursor:
        cursor.execute(RAW["the terms"])
        desk.sign(agreement)
        cursor.execute(
            "UPDATE merchants_agreementversion SET last_day = last_day - 1, state = 'ended'"
        )


@pytest.mark.parametrize("table", ["evidence", "partnershipstep", "waiver"])
@pytest.mark.parametrize(
    "statement", ["UPDATE merchants_{} SET at = now()", "DELETE FROM merchants_{}"]
)
def test_the_database_keeps_the_record_as_it_was_written(
    table: str, statement: str, desk: Desk
) -> None:
    desk.file("complaint")
    desk.step("wavering", desk.cast.ann, reason="complaint")
    desk.waive("active", "cause_closed")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


# --- periods do not overlap ----------------------------------------------------------------

OVERLAPS = {
    "within": (date(2026, 6, 1), date(2026, 7, 1)),
    "around": (date(2025, 1, 1), date(2028, 12, 31)),
    "over the start": (date(2025, 1, 1), STARTS),
    "over the end": (ENDS, date(2028, 12, 31)),
}
APART = {
    "the day before": (date(2025, 1, 1), STARTS - DAY),
    "the day after": (ENDS + DAY, date(2028, 12, 31)),
}


@pytest.mark.parametrize("case", OVERLAPS)
@pytest.mark.parametrize("first", ["old first", "new first"])
def test_two_signed_agreements_of_a_partnership_do_not_overlap(
    case: str, first: str, desk: Desk
) -> None:
    pair = [(STARTS, ENDS), OVERLAPS[case]]
    if first == "new first":
        pair.reverse()
    desk.agree(*pair[0])
    second = desk.draft(*pair[1])
    with pytest.raises(RuleBroken) as refusal:
        desk.sign(second)
    assert refusal.value.code == "agreement_overlaps"
    assert versions(second)[0][1] == "draft"


@pytest.mark.parametrize("case", APART)
def test_agreements_that_follow_each_other_are_signed(case: str, desk: Desk) -> None:
    desk.agree(STARTS, ENDS)
    desk.agree(*APART[case])
    assert desk.row.expires_on == max(ENDS, APART[case][1])


def test_another_partnership_may_have_the_same_period(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.agree(STARTS, ENDS)
    Desk(cast, at).agree(STARTS, ENDS)


# --- amending and ending -------------------------------------------------------------------


def amended(desk: Desk, agreement: Agreement, **changes: Any) -> Agreement:
    desk.later(minutes=1)
    changes.setdefault("document_id", desk.document(desk.cast.ann))
    return agreements.amend(agreement.pk, changes, by=desk.cast.ann, at=desk.at)


def test_an_amendment_is_a_new_version_and_supersedes_the_old_one(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    amended(desk, agreement, starts_on=date(2026, 12, 1), settlement_days=45)
    assert desk.row.expires_on == ENDS, "a draft changes nothing"
    desk.sign(agreement)
    assert versions(agreement) == [
        (1, "superseded", STARTS, date(2026, 11, 30)),
        (2, "live", date(2026, 12, 1), ENDS),
    ]
    first, second = AgreementVersion.objects.order_by("number")
    assert (first.settlement_days, second.settlement_days) == (30, 45)
    in_force = AgreementVersion.objects.in_force
    assert in_force(date(2026, 11, 30)).get() == first
    assert in_force(date(2026, 12, 1)).get() == second


def test_an_amendment_of_the_first_day_leaves_nothing_of_the_old_version(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    amended(desk, agreement, notice_days=60)
    desk.sign(agreement)
    assert versions(agreement)[0] == (1, "superseded", STARTS, STARTS - DAY)
    assert AgreementVersion.objects.in_force(STARTS).get().number == 2


def test_an_amendment_has_a_paper_of_its_own(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    amended(desk, agreement, notice_days=60, document_id=None)
    with pytest.raises(RuleBroken) as refusal:
        desk.sign(agreement)
    assert refusal.value.code == "agreement_not_whole"


def test_an_amendment_does_not_start_before_what_it_amends(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    amended(desk, agreement, starts_on=STARTS - DAY)
    with pytest.raises(RuleBroken) as refusal:
        desk.sign(agreement)
    assert refusal.value.code == "amendment_starts_too_early"


def test_one_amendment_is_drafted_at_a_time(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    amended(desk, agreement, notice_days=60)
    with pytest.raises(RuleBroken) as refusal:
        amended(desk, agreement, notice_days=90)
    assert refusal.value.code == "agreement_has_draft"


def test_a_draft_is_not_amended_but_changed(desk: Desk) -> None:
    with pytest.raises(RuleBroken) as refusal:
        amended(desk, desk.draft(STARTS, ENDS), notice_days=60)
    assert refusal.value.code == "agreement_not_signed"


def test_an_agreement_that_is_ended_covers_no_day_more(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    last = date(2026, 12, 31)
    agreements.end(agreement.pk, last_day=last, because="商户退出", by=desk.cast.mei, at=desk.at)
    assert versions(agreement) == [(1, "ended", STARTS, last)]
    assert desk.row.expires_on == last
    evidence = Evidence.objects.get()
    assert (evidence.kind, "商户退出" in evidence.said) == ("agreement_ended", True)
    for verb in (
        lambda: agreements.end(
            agreement.pk, last_day=last, because="…", by=desk.cast.mei, at=desk.at
        ),
        lambda: amended(desk, agreement, notice_days=60),
    ):
        with pytest.raises(RuleBroken) as refusal:
            verb()
        assert refusal.value.code == "agreement_not_signed"


def test_an_end_before_an_amendment_takes_over_undoes_the_amendment(desk: Desk) -> None:
    agreement = desk.agree(STARTS, ENDS)
    amended(desk, agreement, starts_on=date(2027, 6, 1))
    desk.sign(agreement)
    last = date(2026, 12, 31)
    agreements.end(agreement.pk, last_day=last, because="商户退出", by=desk.cast.mei, at=desk.at)
    assert versions(agreement) == [
        (1, "superseded", STARTS, last),
        (2, "ended", date(2027, 6, 1), date(2027, 5, 31)),
    ]
    assert desk.row.expires_on == last


@pytest.mark.parametrize(
    ("last_day", "because", "code"),
    [
        (ENDS + DAY, "商户退出", "last_day_out_of_term"),
        (STARTS - 2 * DAY, "商户退出", "last_day_out_of_term"),
        (date(2026, 12, 31), "  ", "reason_required"),
        (date(2026, 12, 31), "a\0b", "reason_required"),
    ],
)
def test_an_end_that_makes_no_sense_is_refused(
    last_day: date, because: str, code: str, desk: Desk
) -> None:
    agreement = desk.agree(STARTS, ENDS)
    with pytest.raises(InvalidInput) as refusal:
        agreements.end(
            agreement.pk, last_day=last_day, because=because, by=desk.cast.mei, at=desk.at
        )
    assert refusal.value.code == code


@pytest.mark.parametrize("stage", ["suspended", "churned", "blocked"])
def test_nothing_is_drafted_or_signed_while_a_partnership_does_not_run(
    stage: str, desk: Desk, cast: Cast, at: datetime
) -> None:
    agreement = desk.draft(STARTS, ENDS)
    before = "active" if stage == "suspended" else ""
    Partnership.objects.filter(pk=desk.pk).update(stage=stage, stage_before=before)
    for verb in (lambda: desk.sign(agreement), lambda: desk.draft(STARTS, ENDS)):
        with pytest.raises(RuleBroken) as refusal:
            verb()
        assert refusal.value.code == "partnership_not_running"


def test_a_paper_is_shown_to_whoever_knows_of_the_merchant(desk: Desk, cast: Cast) -> None:
    desk.agree(STARTS, ENDS)
    filed = desk.file("rescue_plan")
    paper = AgreementVersion.objects.get().document_id
    names = ("ann", "max", "mei", "fay", "otto", "bo", "sam", "nia")
    for file_id in (paper, filed.document_id):
        seen = {
            name
            for name in names
            if StoredFile.objects.visible_to(cast.named(name)).filter(pk=file_id).exists()
        }
        assert seen == {"ann", "max", "mei", "fay", "otto"}
