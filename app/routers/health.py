"""Liveness and readiness probes."""

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
@health.output(Health, description="The process is alive.")
@health.doc(operation_id="live", extensions={"x-needs-database": False})
def live() -> Health:
    """Check that the process is alive.

    For liveness probes: the database is not queried.
    """
    return Health(status="ok")


@health.get("/readyz")
@health.output(Health, description="The service is ready.")
@health.doc(operation_id="ready")
def ready() -> Health:
    """Check that the service is ready for requests.

    For readiness probes: the database must be reachable and migrated.
    """
    with reading(Kind.HEALTH) as connection:
        require_migrated(connection)
    return Health(status="ok")
