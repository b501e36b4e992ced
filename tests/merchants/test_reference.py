"""Reference data are loaded again and again, and what a bank decided stays decided."""

import io

import pytest
from django.core.management import call_command

from crm.models import CalendarYear
from merchants.domain import reference
from merchants.models import Division, MerchantCategory

pytestmark = pytest.mark.django_db


def test_loading_twice_adds_nothing() -> None:
    first, second = reference.load_divisions(), reference.load_divisions()
    assert first.total == first.new == Division.objects.count() > 3000
    assert (second.total, second.new) == (first.total, 0)
    assert reference.load_categories().new == MerchantCategory.objects.count() > 100
    assert reference.load_categories().new == 0


def test_a_label_follows_the_file_and_a_bank_s_own_list_stays() -> None:
    reference.load_categories()
    MerchantCategory.objects.filter(pk="5812").update(label_zh="?", prohibited=True)
    assert reference.load_categories().new == 0
    category = MerchantCategory.objects.get(pk="5812")
    assert category.label_zh != "?"
    assert category.prohibited


def test_a_district_that_is_no_longer_in_the_file_stays() -> None:
    Division.objects.create(code="310103", name="卢湾区", full_name="上海市卢湾区", level=3)
    reference.load_divisions()
    assert Division.objects.filter(pk="310103").exists()


def test_the_command_loads_every_room_s_data_and_says_so_in_one_line() -> None:
    told = io.StringIO()
    call_command("load_reference_data", stdout=told, stderr=io.StringIO())
    assert told.getvalue().count("\n") == 1
    assert "120 merchant categories (120 new)" in told.getvalue()
    assert CalendarYear.objects.count() == 3
