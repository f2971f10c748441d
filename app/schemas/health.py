"""Schemas of the health probes."""

from __future__ import annotations

from typing import Literal

from app.schemas.base import Reply, example


class Health(Reply):
    """The service is healthy. Any failure is reported as a problem instead."""

    model_config = example({"status": "ok"})

    status: Literal["ok"]
