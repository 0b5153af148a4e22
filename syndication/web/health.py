"""What a supervisor or load balancer asks. Says yes or one word, never a detail."""

from functools import cache

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe


class MigrationsMissing(Exception):
    """The database is older than the code."""


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Whether this process answers at all. Asks nothing of anything else."""
    return _answer("ok", 200)


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: the database answers and is up to date."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        require_migrations()
    except Error:
        return _answer("database", 503)
    except MigrationsMissing:
        return _answer("migrations", 503)
    return _answer("ok", 200)


@cache
def require_migrations() -> None:
    """Raise ``MigrationsMissing`` unless all are applied.

    Asked until it is so, then never again in this process: a cache keeps no exception.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsMissing


def _answer(word: str, status: int) -> HttpResponse:
    response = HttpResponse(
        word, status=status, content_type="text/plain; charset=utf-8"
    )
    patch_cache_control(response, no_store=True)
    return response
