"""A verb is one transaction, and a broken constraint answers in its own words."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import CheckConstraint

from crm.command import command
from crm.errors import RuleBroken, TryAgain
from crm.models import OrgUnit
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_what_a_refused_verb_wrote_is_undone(cast: Cast) -> None:
    @command
    def half() -> None:
        factories.UnitFactory(name="半个")
        raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        half()
    assert not OrgUnit.objects.filter(name="半个").exists()


def test_a_broken_constraint_says_its_own_sentence(cast: Cast) -> None:
    @command
    def twice() -> None:
        factories.UnitFactory(name=cast.shanghai.name, parent=cast.head_office)

    with pytest.raises(RuleBroken) as refusal:
        twice()
    assert refusal.value.code == "unit_name_taken"
    assert str(refusal.value) == "There is a unit of this name at this place."


def test_a_constraint_without_a_sentence_is_a_bug_and_stays_one(cast: Cast) -> None:
    @command
    def nothing() -> None:
        OrgUnit.objects.filter(pk=cast.xuhui.pk).update(name=None)

    with pytest.raises(IntegrityError):
        nothing()


@pytest.mark.parametrize("state", ["40P01", "55P03", "40001"])
def test_meeting_another_session_means_try_again(state: str, cast: Cast) -> None:
    @command
    def met() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '{state}'; END $$")

    with pytest.raises(TryAgain) as refusal:
        met()
    assert refusal.value.retryable


def test_every_rule_that_people_can_break_has_a_code_and_a_sentence() -> None:
    codes: dict[str, str] = {}
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if model._meta.app_label not in ("crm", "merchants", "campaigns", "leads"):
                continue
            if constraint.violation_error_code:
                sentence = str(constraint.violation_error_message)
                assert sentence.endswith("."), constraint.name
                assert not sentence.startswith("Constraint"), constraint.name
                codes[constraint.name] = constraint.violation_error_code
            assert isinstance(constraint, CheckConstraint) or constraint.name
    assert len(codes) > 15
