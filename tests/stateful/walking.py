"""Running a state machine of hypothesis: so many walks of so many steps, without a limit of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.stateful import RuleBasedStateMachine


def walk(make: Callable[[], RuleBasedStateMachine], walks: int, steps: int) -> None:
    """Take random walks.

    Args:
        make: makes the machine of a walk.
        walks: how many.
        steps: of each, at most.
    """
    run_state_machine_as_test(
        make,  # type: ignore[arg-type]  # all that it needs is something to call
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
