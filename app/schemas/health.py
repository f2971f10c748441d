"""The state of the service on the wire."""

from __future__ import annotations

from typing import Literal

from app.schemas.base import Reply, example


class Health(Reply):
    """All is well; what is not well is a problem."""

    model_config = example({"status": "ok"})

    status: Literal["ok"]
