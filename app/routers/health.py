"""Liveness and readiness probes."""

from __future__ import annotations

from flask import request

from app.errors import DatabaseNewer
from app.schemas.health import Health
from app.web.operations import Blueprint, Success, operation
from app.web.readiness import ARRIVED
from app.web.replies import no_store
from app.web.state import state

health = Blueprint(
    "health",
    __name__,
    tag={"name": "Health", "description": "Probes for load balancers and orchestrators."},
)
health.after_request(no_store)


@health.get("/healthz")
@operation("live", Success(Health, "The process is alive."), needs_database=False, always_public=True)
def live() -> Health:
    """Check that the process is alive.

    For liveness probes: the database is not queried.
    """
    return Health(status="ok")


@health.get("/readyz")
@operation("ready", Success(Health, "The service is ready."), errors=[DatabaseNewer], always_public=True)
def ready() -> Health:
    """Check that the service is ready for requests.

    For readiness probes: the database must be reachable, migrated, writable and undamaged, and have space on its disk.
    If it is not, `cause` says why. The response takes less than a second.
    """
    state().readiness.require(state().database, request.environ.get(ARRIVED))
    return Health(status="ok")
