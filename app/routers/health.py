"""Whether the service lives, and whether it can serve."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.bulkheads import Kind
from app.migrations import require_migrated
from app.schemas.health import Health
from app.web.replies import no_store
from app.web.service import reading

health = APIBlueprint("health", __name__)
health.after_request(no_store)


@health.get("/healthz")
@health.output(Health, description="It lives.")
@health.doc(operation_id="live", extensions={"x-needs-database": False})
def live() -> Health:
    """Is the process alive? Asks nothing of the database."""
    return Health(status="ok")


@health.get("/readyz")
@health.output(Health, description="It can serve.")
@health.doc(operation_id="ready")
def ready() -> Health:
    """Can it serve? The database answers, and has been migrated."""
    with reading(Kind.HEALTH) as connection:
        require_migrated(connection)
    return Health(status="ok")
