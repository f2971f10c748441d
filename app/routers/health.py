"""Whether the service lives, and whether it can serve."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.db.bulkheads import Kind
from app.db.migrations import require_migrated
from app.schemas.health import Health
from app.web.replies import no_store
from app.web.state import reading

health = APIBlueprint(
    "health",
    __name__,
    tag={"name": "Health", "description": "Probes for load balancers and orchestrators."},
)
health.after_request(no_store)


@health.get("/healthz")
@health.output(Health, description="It lives.")
@health.doc(operation_id="live", extensions={"x-needs-database": False})
def live() -> Health:
    """Say whether the process is alive.

    It does not ask the database: for a liveness probe.
    """
    return Health(status="ok")


@health.get("/readyz")
@health.output(Health, description="It can serve.")
@health.doc(operation_id="ready")
def ready() -> Health:
    """Say whether the service can serve.

    The database answers and has been migrated: for a readiness probe.
    """
    with reading(Kind.HEALTH) as connection:
        require_migrated(connection)
    return Health(status="ok")
