"""Who may bring lists in and take lists out, through the API."""

from collections.abc import Mapping

from django.utils import timezone

from crm.domain import exporting, files, jobs
from crm.ids import uuid7
from crm.models import Job, JobPhase, JobState
from merchants.domain import import_jobs
from merchants.models import Merchant
from tests.conftest import Cast
from tests.permissions import ALL, ANNS_OWN, READING, Row

OVER = "otto ada"
"""Who oversees the team without selling."""
OTHERS = "bo sam fay rui pia nia"
SEEN = {200: f"ann max mei {OVER}", 404: OTHERS}
STEERED = {200: "ann max mei", 403: OVER, 404: OTHERS}

TABLE = [
    Row("GET", "imports/", {200: ALL}),
    Row(
        "POST",
        "imports/",
        # A file that is not one's own is like one that does not exist.
        {201: "ann", 400: "bo max mei sam", 403: f"{READING} nia"},
        {"file": "{list}"},
    ),
    Row("GET", "imports/{import_draft}/", SEEN),
    Row("PATCH", "imports/{import_draft}/", STEERED, {"columns": ["name", ""]}, '"2"'),
    Row("POST", "imports/{import_draft}/dry-run/", STEERED),
    Row("POST", "imports/{import_draft}/run/", STEERED),
    Row("POST", "imports/{import_waiting}/pause/", STEERED),
    Row("POST", "imports/{import_paused}/resume/", STEERED),
    Row("POST", "imports/{import_draft}/cancel/", STEERED),
    Row("POST", "imports/{import_done}/revert/", STEERED),
    Row("GET", "imports/{import_done}/errors/", SEEN),
    Row("GET", "imports/{import_done}/errors/file/", STEERED),
    Row("GET", "exports/", {200: ALL}),
    Row(
        "POST",
        "exports/",
        {201: "ann bo max mei sam fay rui pia otto", 403: "ada nia"},
        {"list": "merchants", "format": "csv"},
    ),
    Row("GET", "exports/{export}/", ANNS_OWN),
    Row("POST", "exports/{export_waiting}/cancel/", ANNS_OWN),
    Row("GET", "exports/{export}/content/", ANNS_OWN),
]


def things(cast: Cast, names: Mapping[str, str]) -> dict[str, str]:
    """Ann's imports and exports, in the states that the table asks for."""
    now = timezone.now()
    brought = files.keep(
        "商户.csv", "名称,备注\n(),\n".encode(), kinds=files.LISTS, by=cast.ann, at=now
    )

    def opened() -> Job:
        return import_jobs.open_import(
            uuid7(), brought.pk, unit_id=cast.xuhui.pk, mode="create", by=cast.ann, at=now
        )

    def started() -> Job:
        job = opened()
        import_jobs.map_columns(job.pk, ["name", ""], by=cast.ann, at=now)
        return import_jobs.run(job.pk, by=cast.ann, at=now)

    def exported() -> Job:
        return exporting.request(
            uuid7(),
            "merchants",
            rows=Merchant.objects.visible_to(cast.ann),
            kind="csv",
            said={},
            by=cast.ann,
            at=now,
        )

    done, made = started(), exported()
    for job in (done, made):
        claimed = jobs.claim(job.pk)
        assert claimed is not None
        jobs.work(claimed, at=now)
    draft = opened()
    import_jobs.map_columns(draft.pk, ["name", ""], by=cast.ann, at=now)
    paused = jobs.pause(started().pk, by=cast.ann, at=now)
    assert Job.objects.filter(
        pk=done.pk, state=JobState.DONE, phase=JobPhase.RUN, result__isnull=False
    ).exists()
    found = {
        "list": brought,
        "import_draft": draft,
        "import_waiting": started(),
        "import_paused": paused,
        "import_done": done,
        "export": made,
        "export_waiting": exported(),
    }
    return {name: str(row.pk) for name, row in found.items()}
