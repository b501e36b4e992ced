"""Doors translate and never decide: read from the source, so that a slip cannot land."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny

from config.celery import QUEUES
from config.celery import app as celery
from crm.api.permissions import SignedIn
from crm.api.views import Door
from crm.models.base import RowQuerySet

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crm", "merchants", "campaigns", "leads")
WRITES = {
    "save", "asave", "create", "acreate", "update", "aupdate", "delete", "adelete",
    "bulk_create", "bulk_update", "get_or_create", "update_or_create", "full_clean",
}  # fmt: skip
COLUMNS_OF_A_WRITE = {"save", "delete"}


def sources(*patterns: str) -> Iterator[Path]:
    for app in APPS:
        for pattern in patterns:
            yield from sorted((ROOT / app).glob(pattern))


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def is_plain_update(call: ast.Call) -> bool:
    """`update` of a dict or a set that the function itself made: it takes a mapping, by position.

    A QuerySet's update takes keywords only.
    """
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr == "update" and bool(call.args) and not call.keywords


def writes_in(path: Path) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{call.lineno} .{call.func.attr}()"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and not is_plain_update(call)
    ]


def test_no_door_writes_by_itself() -> None:
    doors = [
        *sources("api/**/*.py", "admin.py", "admin/**/*.py", "tasks.py"),
        *sources("management/commands/*.py", "channels/*.py"),
    ]
    assert len(doors) > 30, "the doors have moved"
    inbox = ROOT / "crm/channels/inbox.py"
    """A channel is the end of delivery, and the inbox's end is a row."""
    assert [write for path in doors if path != inbox for write in writes_in(path)] == []


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("row.save()", True),
        ("rows.update(name='x')", True),
        ("Merchant.objects.create(name='x')", True),
        ("found.update({'a': 1})", False),
        ("found |= {'a': 1}", False),
        ("rows.delete()", True),
    ],
)
def test_the_search_for_writes_finds_what_is_one(line: str, caught: bool, tmp_path: Path) -> None:
    source = ROOT / "tests/architecture/test_doors.py"
    assert source.exists()
    sample = tmp_path / "sample.py"
    sample.write_text(line)
    found = [
        call
        for call in calls(sample)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and not is_plain_update(call)
    ]
    assert bool(found) == caught


def endpoints(
    patterns: list[URLPattern | URLResolver], above: str = ""
) -> Iterator[tuple[str, type]]:
    for one in patterns:
        address = f"{above}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from endpoints(one.url_patterns, address)
        elif hasattr(one.callback, "view_class"):
            yield address, one.callback.view_class


def test_every_endpoint_says_who_may_use_it() -> None:
    found = [
        (address, view)
        for address, view in endpoints(get_resolver().url_patterns)
        if address.startswith("api/v1/") and "drf_spectacular" not in view.__module__
    ]
    assert len(found) > 25
    for address, view in found:
        assert issubclass(view, Door), address
        assert set(view.permission_classes) <= {SignedIn, AllowAny}, address
        assert view.permission_classes, address
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == ["crm.api.permissions.Nobody"]


def texts_given_to(name: str) -> Iterator[tuple[Path, ast.expr]]:
    for path in sources("**/*.py"):
        for call in calls(path):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else None
            if called == name and call.args:
                yield path, call.args[0]


def test_every_task_that_is_rung_for_exists_and_has_a_queue() -> None:
    celery.loader.import_default_modules()
    known = {name for name in current_app.tasks if not name.startswith("celery.")}
    assert set(settings.CELERY_TASK_ROUTES) <= known
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} <= set(QUEUES)
    assert settings.CELERY_TASK_DEFAULT_QUEUE in QUEUES
    assert {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()} <= known
    rung = [*texts_given_to("after_commit"), *texts_given_to("ring")]
    constants = {
        target.id: node.value.value
        for path in sources("**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names = {
        one.value
        if isinstance(one, ast.Constant)
        else constants.get(getattr(one, "id", None) or getattr(one, "attr", ""))
        for path, one in rung
        if path != ROOT / "crm/queue.py"
    }
    assert names, "nobody rings"
    assert names <= known


def test_no_task_waits_in_the_broker() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources("**/*.py")
        for call in calls(path)
        for keyword in call.keywords
        if keyword.arg in ("eta", "countdown")
    ]
    assert found == []


CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "today"), ("date", "today"),
          ("timezone", "localdate"), ("timezone", "localtime"), ("time", "time"),
          ("datetime", "utcnow")}  # fmt: skip

READ_THE_CLOCK: dict[str, str] = {}
"""Rules that read the clock, with the reason why they must."""


def reads_the_clock(path: Path) -> list[str]:
    found = []
    for call in calls(path):
        match call.func:
            case ast.Attribute(attr=name, value=ast.Name(id=module)):
                # localdate(at) and now(zone) of a given moment read no clock; without one, they do.
                given = bool(call.args) and name in ("localdate", "localtime")
                if (module, name) in CLOCKS and not given:
                    found.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    return found


def test_rules_are_told_the_time() -> None:
    rules = [
        *sources("domain/**/*.py", "policies.py", "reports.py", "sections.py"),
        *sources("models/**/*.py"),
    ]
    assert len(rules) > 30
    found = [line for path in rules for line in reads_the_clock(path)]
    assert [line for line in found if line.split(":")[0] not in READ_THE_CLOCK] == []


def test_what_is_listed_says_who_sees_it() -> None:
    from django.contrib import admin

    from crm.api.pages import Listing
    from crm.api.shapes import Shape

    def visible(model: type) -> bool:
        queryset = type(model._default_manager.all())  # type: ignore[attr-defined]
        own = getattr(queryset, "visible_to", None)
        return own is not None and own is not RowQuerySet.visible_to

    shapes = {
        value.model
        for module in ("crm.api.people", "merchants.api.shapes", "leads.api.shapes")
        for value in vars(__import__(module, fromlist=["_"])).values()
        if isinstance(value, Shape)
    }
    assert len(shapes) >= 10
    assert Listing is not None
    assert [model.__name__ for model in shapes if not visible(model)] == []
    assert admin.site is not None
