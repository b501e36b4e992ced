"""Is it alive, is it ready, is the sweeping done: for load balancers and watchers."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from crm.domain import ticking

_migrated = False


def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration. A dead database is the middleware's 503."""
    global _migrated
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not _migrated:
        return JsonResponse({"status": "migrations_missing"}, status=503)
    return JsonResponse({"status": "ok"})


def scheduler(request: HttpRequest) -> HttpResponse:
    """503 when the last tick is too long ago, or something due is too late."""
    state = ticking.health(at=timezone.now())
    return JsonResponse(state, status=200 if state["healthy"] else 503)
