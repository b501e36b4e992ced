"""Two rows for one merchant become one, with all that hangs on them, and two again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import IntegrityError

from crm.command import command
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken, Stale, TryAgain
from crm.ids import uuid7
from leads.domain import activities, pipeline
from leads.models import Stage
from merchants.domain import (
    contacts,
    merge_preview,
    merge_rows,
    merging,
    outlets,
    registration,
    timeline,
)
from merchants.models import (
    Contact,
    Merchant,
    MerchantMerge,
    MergeSide,
    Outlet,
    TimelineEntry,
)
from tests import factories
from tests.conftest import Cast
from tests.merchants.test_registration import CODE

pytestmark = pytest.mark.django_db
SOLE_PROPRIETOR = "92310000MA1K0000X5"


@pytest.fixture
def pair(cast: Cast, at: datetime) -> tuple[Merchant, Merchant]:
    """One shop twice, the second time with its code, people, shops, a lead and a campaign."""
    kept = factories.MerchantFactory(
        name="海底捞火锅(徐家汇店)",
        unit=cast.xuhui,
        owner=cast.ann,
        category=None,
        category_group="",
    )
    other = factories.MerchantFactory(
        name="海底劳火锅(徐家汇店)", credit_code=CODE, unit=cast.xuhui, owner=cast.bo
    )
    for row in (kept, other):
        factories.OutletFactory(merchant=row, name="徐家汇店")
    factories.OutletFactory(merchant=other, name="人民广场店")
    factories.ContactFactory(merchant=other)
    lead = factories.LeadFactory(merchant=other, owner=cast.bo)
    factories.ActivityFactory(merchant=other, lead=lead)
    factories.FollowUpFactory(merchant=other, lead=lead, owner=cast.bo)
    factories.CampaignFactory(unit=cast.shanghai).merchants.add(kept, other)
    factories.CampaignFactory(unit=cast.shanghai).merchants.add(other)
    for row in (kept, other):
        timeline.record(
            registration.REGISTERED,
            merchant_id=row.pk,
            subject_id=row.pk,
            by=cast.ann,
            at=at,
            name=row.name,
        )
    return kept, other


def merged(cast: Cast, at: datetime, kept: Merchant, other: Merchant, **more: Any) -> MerchantMerge:
    choices = more.pop("choices", {})
    return merging.merge(uuid7(), kept.pk, other.pk, choices, **{"by": cast.max, "at": at, **more})


def pointing_at(merchant_id: UUID) -> list[str]:
    """Every column of every table of every app that points at a merchant, found from the tables
    and not the way merging finds them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'f' AND c.confrelid = 'merchants_merchant'::regclass"
        )
        columns = cursor.fetchall()
        assert len(columns) >= 7
        found = []
        for table, column in columns:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [merchant_id])
            found += [f"{table}.{column}"] * cursor.fetchone()[0]
    return found


def everything(*but: type[models.Model]) -> dict[str, list[str]]:
    """Every row of our apps as PostgreSQL writes it, table by table."""
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ("crm", "merchants", "campaigns", "leads") and model not in but
    ]
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")
            rows[table] = [text for (text,) in cursor.fetchall()]
    return rows


def test_a_merge_leaves_nothing_that_points_at_the_merged_merchant(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    before = sorted(pointing_at(kept.pk) + pointing_at(other.pk))
    assert len(set(pointing_at(other.pk))) == 7, "every table is on the scene"
    merge = merged(cast, at, kept, other)
    assert pointing_at(other.pk) == []
    assert not Merchant.objects.filter(pk=other.pk).exists()
    written = ["merchants_merchantmerge.kept_id", "merchants_timelineentry.merchant_id"]
    before.remove("campaigns_campaign_merchants.merchant_id")
    assert sorted(pointing_at(kept.pk)) == sorted(before + written), "both had one campaign"
    assert (merge.merged_id, merge.kept_id) == (other.pk, kept.pk)


def test_the_search_for_pointers_finds_what_the_tables_have() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'f' AND c.confrelid = 'merchants_merchant'::regclass"
        )
        assert {(one.table, one.column) for one in merge_rows.pointers()} == set(cursor.fetchall())


def test_a_merge_that_forgets_the_timeline_is_noticed(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = pair
    known = [one for one in merge_rows.pointers() if one.model is not TimelineEntry]
    monkeypatch.setattr(merge_rows, "pointers", lambda: known)
    with pytest.raises((TryAgain, IntegrityError)):
        merged(cast, at, kept, other)
    assert "merchants_timelineentry.merchant_id" in pointing_at(other.pk)


def test_the_timeline_lets_itself_be_moved_and_nothing_else(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    entries = TimelineEntry.objects.filter(merchant=other)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entries.update(merchant=kept)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        merge_rows.moving("merchant_id"),
    ):
        entries.update(merchant=kept, kind="x")
    merged(cast, at, kept, other)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        TimelineEntry.objects.update(merchant=kept, kind="x")


def test_an_undone_merge_leaves_every_row_byte_for_byte_as_it_was(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    before = everything(MerchantMerge)
    merge = merged(cast, at, kept, other, choices={"name": "other", "owner": "other"})
    between = everything(MerchantMerge)
    assert between != before
    merging.undo(merge.pk, by=cast.max, at=at)
    after = everything(MerchantMerge)
    lines = after.pop("merchants_timelineentry")
    old_lines = before.pop("merchants_timelineentry")
    assert after == before
    assert set(old_lines) <= set(lines)
    assert len(lines) == len(old_lines) + 3, "merged, and undone at both"


def test_fields_are_chosen_and_gaps_are_filled(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    merge = merged(cast, at, kept, other, choices={"name": "other", "owner": "kept"})
    row = Merchant.objects.get(pk=kept.pk)
    assert (row.name, row.owner, row.version) == (other.name, cast.ann, 2)
    assert row.credit_code == CODE, "the kept one had none"
    assert (row.category, row.category_group) == (other.category, "dining")
    assert list(Merchant.objects.matching("海底劳")) == [row]
    assert not Merchant.objects.matching("海底捞").exists()
    assert Merchant.objects.matching(CODE[:8].lower()).get() == row
    assert merge.choices["credit_code"] == MergeSide.OTHER
    assert TimelineEntry.objects.filter(merchant=row, kind="merge.done").count() == 1


def test_an_outlet_of_the_same_name_gets_a_number_and_its_name_back(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    merge = merged(cast, at, kept, other)
    names = Outlet.objects.filter(merchant=kept).values_list("name", flat=True)
    assert sorted(names) == ["人民广场店", "徐家汇店", "徐家汇店 (2)"]
    merging.undo(merge.pk, by=cast.max, at=at)
    names = Outlet.objects.filter(merchant=other).values_list("name", flat=True)
    assert sorted(names) == ["人民广场店", "徐家汇店"]


def test_what_cannot_stand_side_by_side_is_refused_in_its_own_words(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    factories.LeadFactory(merchant=kept, owner=cast.ann)
    before = everything()
    with pytest.raises(RuleBroken) as refusal:
        merged(cast, at, kept, other)
    assert refusal.value.code == "merge_conflict"
    assert [one.code for one in refusal.value.problems] == ["lead_already_open"]
    assert "already has an open lead" in str(refusal.value)
    seen = merge_preview.preview(kept.pk, other.pk, by=cast.max, at=at)
    assert [one.code for one in seen.conflicts] == ["lead_already_open"]
    assert everything() == before


def test_a_contract_stays_with_a_sole_proprietor(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    Contact.objects.filter(merchant=other).update(lawful_basis="contract")
    with pytest.raises(RuleBroken) as refusal:
        merged(cast, at, kept, other)
    assert [one.code for one in refusal.value.problems] == ["contract_needs_sole_proprietor"]


def test_a_preview_says_all_and_changes_nothing(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    before = everything()
    seen = merge_preview.preview(kept.pk, other.pk, by=cast.max, at=at)
    assert everything() == before
    fields = {one.name: one for one in seen.pairs}
    assert (fields["credit_code"].kept, fields["credit_code"].other) == ("", CODE)
    assert fields["credit_code"].proposed == MergeSide.OTHER
    assert fields["name"].proposed == MergeSide.KEPT
    assert fields["name"].differs
    assert not fields["unit"].differs
    assert dict(seen.moves) == {
        "leads": 1, "follow-ups": 1, "activities": 1, "outlets": 2, "contacts": 1,
        "campaigns": 1, "timeline": 1,
    }  # fmt: skip
    assert seen.conflicts == ()


@pytest.mark.parametrize("status", ["open", "revoked"])
def test_a_checked_licence_is_proposed_before_one_that_nobody_checked(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant], status: str
) -> None:
    kept, other = pair
    checked = {"licence_checked_on": at.date(), "licence_source": "工商公示系统"}
    Merchant.objects.filter(pk=other.pk).update(licence_status=status, **checked)
    seen = merge_preview.preview(kept.pk, other.pk, by=cast.max, at=at)
    fields = {one.name: one for one in seen.pairs}
    assert fields["licence_status"].proposed == MergeSide.OTHER
    back = merge_preview.preview(other.pk, kept.pk, by=cast.max, at=at)
    fields = {one.name: one for one in back.pairs}
    assert fields["licence_status"].proposed == MergeSide.KEPT


def test_a_preview_says_money_in_yuan(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    Merchant.objects.filter(pk=other.pk).update(monthly_turnover_fen=8_000_001)
    seen = merge_preview.preview(kept.pk, other.pk, by=cast.max, at=at)
    turnover = next(one for one in seen.pairs if one.name == "monthly_turnover_fen")
    assert (turnover.label, turnover.other) == ("monthly turnover (yuan)", "80000.01")


def change_kept(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> None:
    registration.correct(kept.pk, {"legal_name": "四川海底捞"}, by=cast.max, at=at)


def change_contact(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> None:
    contact = Contact.objects.get(merchant=kept)
    contacts.change_contact(contact.pk, {"position": "经理"}, by=cast.max, at=at)


def delete_contact(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> None:
    Contact.objects.filter(merchant=kept).delete()


def move_lead(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> None:
    pipeline.advance(kept.leads.get().pk, to=Stage.LOST, lost_reason="rival", by=cast.max, at=at)


def hang_on_lead(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> None:
    """Something older than the lead's last activity, so that the lead itself stays as it is."""
    activities.log(
        uuid7(),
        kept.pk,
        kind="note",
        summary="…",
        occurred_at=at - timedelta(days=1),
        lead_id=kept.leads.get().pk,
        by=cast.max,
        at=at,
    )


def merge_kept(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> None:
    merged(cast, at, factories.MerchantFactory(name="第三家", unit=cast.xuhui), kept)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (change_kept, "legal_name"),
        (change_contact, "张*"),
        (delete_contact, "contact"),
        (move_lead, "lead"),
        (hang_on_lead, "activity"),
        (merge_kept, "was merged on"),
    ],
)
def test_a_merge_is_not_undone_once_something_changed(
    change: Callable[..., None],
    named: str,
    cast: Cast,
    at: datetime,
    pair: tuple[Merchant, Merchant],
) -> None:
    kept, other = pair
    merge = merged(cast, at, kept, other)
    change(cast, at, kept, other)
    before = everything()
    with pytest.raises(RuleBroken) as refusal:
        merging.undo(merge.pk, by=cast.max, at=at)
    assert refusal.value.code == "merge_cannot_be_undone"
    assert named in str(refusal.value)
    assert everything() == before


def test_what_was_added_since_stays_with_the_kept_merchant(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    merge = merged(cast, at, kept, other)
    outlet = outlets.open_outlet(uuid7(), kept.pk, name="新店", by=cast.max, at=at)
    merging.undo(merge.pk, by=cast.max, at=at)
    outlet.refresh_from_db()
    assert outlet.merchant_id == kept.pk
    assert Outlet.objects.filter(merchant=other).count() == 2


def test_merges_of_merges_are_undone_from_the_last(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    third = factories.MerchantFactory(name="第三家", unit=cast.xuhui)
    before = everything(MerchantMerge, TimelineEntry)
    first = merged(cast, at, kept, other)
    second = merged(cast, at, third, kept)
    assert merging.merged_into(other.pk, by=cast.sam) is None
    assert merging.merged_into(other.pk, by=cast.max) == third.pk
    merging.undo(second.pk, by=cast.max, at=at)
    merging.undo(first.pk, by=cast.max, at=at)
    assert everything(MerchantMerge, TimelineEntry) == before


def test_a_merge_is_undone_once(cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]) -> None:
    merge = merged(cast, at, *pair)
    undone = merging.undo(merge.pk, by=cast.max, at=at)
    assert (undone.undone_by, undone.undone_at) == (cast.max, at)
    with pytest.raises(RuleBroken) as refusal:
        merging.undo(merge.pk, by=cast.max, at=at)
    assert refusal.value.code == "merge_undone_already"
    again = merged(cast, at, *pair)
    assert again.merged_id == merge.merged_id


def test_a_merged_merchant_is_not_merged_again(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    merged(cast, at, kept, other)
    third = factories.MerchantFactory(name="第三家", unit=cast.xuhui)
    with pytest.raises(RuleBroken) as refusal:
        merged(cast, at, third, other)
    assert refusal.value.code == "merged_already"
    assert refusal.value.facts["merged_into"] == str(kept.pk)


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"version": "other"}, "choice_unknown"),
        ({"normalised_name": "other"}, "choice_unknown"),
        ({"name": "both"}, "choice_unknown"),
        ({"\0": "kept"}, "choice_unknown"),
    ],
)
def test_only_what_is_there_can_be_chosen(
    choices: dict[str, str],
    code: str,
    cast: Cast,
    at: datetime,
    pair: tuple[Merchant, Merchant],
) -> None:
    before = everything()
    with pytest.raises(InvalidInput) as refusal:
        merged(cast, at, *pair, choices=choices)
    assert refusal.value.code == code
    assert everything() == before


def test_a_merchant_is_not_merged_into_itself(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        merged(cast, at, pair[0], pair[0])
    assert refusal.value.code == "merge_with_itself"


def test_a_merge_of_what_was_changed_meanwhile_is_stale(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    with pytest.raises(Stale):
        merged(cast, at, *pair, version=7)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("ann", NotFound), ("bo", NotFound), ("sam", NotFound), ("nia", NotFound),
        ("fay", NotAllowed), ("rui", NotAllowed), ("pia", NotAllowed), ("otto", NotAllowed),
        ("ada", NotAllowed), ("max", None), ("mei", None),
    ],
)  # fmt: skip
def test_those_who_lead_both_units_merge_and_undo(
    name: str,
    refusal: type[DomainError] | None,
    cast: Cast,
    at: datetime,
    pair: tuple[Merchant, Merchant],
) -> None:
    kept, other = pair
    if refusal is None:
        merge = merged(cast, at, kept, other, by=cast.named(name))
        merging.undo(merge.pk, by=cast.named(name), at=at)
        return
    with pytest.raises(refusal):
        merged(cast, at, kept, other, by=cast.named(name))
    merge = merged(cast, at, kept, other)
    # Ann looks after the kept one and knows of the merge, but leads nobody.
    with pytest.raises(NotAllowed if name == "ann" else refusal):
        merging.undo(merge.pk, by=cast.named(name), at=at)


def test_a_merchant_of_a_unit_that_one_does_not_lead_is_not_merged(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    upstairs = factories.MerchantFactory(name="第三家", unit=cast.shanghai, owner=cast.max)
    with pytest.raises(NotAllowed):
        merged(cast, at, pair[0], upstairs)
    assert merged(cast, at, pair[0], upstairs, by=cast.mei).pk


def test_pointing_at_what_was_just_taken_away_means_try_again(cast: Cast, at: datetime) -> None:
    @command
    def late() -> None:
        TimelineEntry.objects.create(
            merchant_id=uuid7(), subject_id=uuid7(), kind="x", at=at, facts={}
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(TryAgain):
        late()
