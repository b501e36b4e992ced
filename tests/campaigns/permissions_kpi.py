"""Who files card figures, sets targets, keeps KPI schemes, and who reads the indicators."""

from django.utils import timezone

from campaigns.domain import figure_intake, kpi_schemes, targets
from campaigns.models import FigureKind
from crm.actors import SYSTEM
from crm.domain import files
from crm.ids import uuid7
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, Row

IN_BRANCH = "ann bo max mei fay pia rui otto ada"
"""Who has to do with the branch of Shanghai."""
OUTSIDE = "sam nia"
FILING = "fay ada"
SETTING = "mei pia ada"
KEEPING = "mei ada"
HERE = "{shanghai}"
ITEMS = [{"indicator": "spend", "weight": 10000}]


def _others(names: str) -> str:
    return " ".join(name for name in IN_BRANCH.split() if name not in names.split())


def _button(verb: str) -> Row:
    """A file of finance's: colleagues of no oversight do not know of it."""
    return Row(
        "POST",
        f"card-figure-intakes/{{intake}}/{verb}/",
        {200: "fay ada", 403: "mei otto", 404: "ann bo max sam rui pia nia"},
        {},
    )


TABLE = [
    *(Row("GET", address, {200: ALL}) for address in
      ("card-figures/", "card-cohorts/", "card-snapshots/", "card-figure-intakes/",
       "targets/", "kpi-schemes/")),
    # Each line answers for itself: who may not file it is told so beside it.
    *(Row("POST", address, {200: ALL}, {"source": "core", "rows": [row]}) for address, row in (
        ("card-figures/", {"unit": HERE, "day": "2026-01-01"}),
        ("card-cohorts/", {"unit": HERE, "approved_on": "2026-01-01", "as_of": "2026-01-02"}),
        ("card-snapshots/", {"unit": HERE, "day": "2026-01-01"}),
    )),
    Row(
        "POST",
        "card-figure-intakes/",
        # Only one's own file can be brought, and here it is fay's.
        {201: "fay", 400: "ada", 403: ALL.replace("fay ", "").replace("ada ", "")},
        {"file": "{figures}", "kind": "daily", "source": "core", "unit": HERE},
    ),
    Row(
        "GET",
        "card-figure-intakes/{intake}/",
        {200: "fay mei otto ada", 404: "ann bo max sam rui pia nia"},
    ),
    _button("check"),
    _button("run"),
    Row(
        "POST",
        "card-figure-intakes/{intake}/pause/",
        {409: "fay ada", 403: "mei otto", 404: "ann bo max sam rui pia nia"},
        {},
    ),
    Row(
        "POST",
        "card-figure-intakes/{intake}/resume/",
        {409: "fay ada", 403: "mei otto", 404: "ann bo max sam rui pia nia"},
        {},
    ),
    _button("cancel"),
    Row("GET", "card-figure-intakes/{intake}/errors/file/", {404: ALL}),
    # One's own unit; who has none must say which.
    *(Row("GET", address, {200: ALL.replace(" nia", ""), 400: "nia"}) for address in
      ("kpis/", "sleeping-cards/")),
    Row(
        "POST",
        "targets/",
        {201: SETTING, 403: _others(SETTING), 400: OUTSIDE},
        {
            "unit": HERE,
            "indicator": "cards_issued",
            "first_day": "2026-01-01",
            "last_day": "2026-03-31",
            "value": 1180,
        },
    ),
    Row("GET", "targets/{target}/", {200: IN_BRANCH, 404: OUTSIDE}),
    Row(
        "PATCH",
        "targets/{target}/",
        {200: SETTING, 403: _others(SETTING), 404: OUTSIDE},
        {"value": 5, "because": "…"},
        '"1"',
    ),
    Row(
        "POST",
        "targets/{target}/withdraw/",
        {200: SETTING, 403: _others(SETTING), 404: OUTSIDE},
        {"because": "…"},
    ),
    Row(
        "POST",
        "kpi-schemes/",
        {201: KEEPING, 403: _others(KEEPING), 400: OUTSIDE},
        {
            "unit": HERE,
            "name": "2027",
            "first_day": "2027-01-01",
            "last_day": "2027-12-31",
            "items": ITEMS,
        },
    ),
    Row("POST", "kpi-schemes/check/", {200: ALL}, {"items": ITEMS}),
    Row("GET", "kpi-schemes/{scheme}/", {200: IN_BRANCH, 404: OUTSIDE}),
    Row(
        "PATCH",
        "kpi-schemes/{scheme}/",
        {200: KEEPING, 403: _others(KEEPING), 404: OUTSIDE},
        {"items": ITEMS},
        '"1"',
    ),
]  # fmt: skip


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A file of finance's, one of its intakes, a target and a scheme of the branch."""
    now = timezone.now()
    text = "机构,日期\n上海分行,2026-01-01\n".encode()
    brought, kept = (
        files.keep("figures.csv", text, kinds=files.LISTS, by=cast.fay, at=now) for _ in range(2)
    )
    intake = figure_intake.open_intake(
        uuid7(),
        brought.pk,
        kind=FigureKind.DAILY,
        source="core",
        unit_id=cast.shanghai.pk,
        by=cast.fay,
        at=now,
    )
    target = targets.set_target(
        uuid7(),
        unit_id=cast.shanghai.pk,
        indicator="cards_issued",
        first_day=factories.AT.date().replace(month=10, day=1),
        last_day=factories.AT.date().replace(month=12, day=31),
        value=1180,
        by=SYSTEM,
        at=now,
    )
    scheme = kpi_schemes.set_up(
        uuid7(),
        unit_id=cast.shanghai.pk,
        name="2026",
        first_day=factories.AT.date().replace(month=1, day=1),
        last_day=factories.AT.date().replace(month=12, day=31),
        items=ITEMS,
        by=SYSTEM,
        at=now,
    )
    return {
        "shanghai": str(cast.shanghai.pk),
        "figures": str(kept.pk),
        "intake": str(intake.pk),
        "target": str(target.pk),
        "scheme": str(scheme.pk),
    }
