"""How the evidence tests run a model: one function, so that all published curves meet the same integrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from bonecast.engine import System, dose, simulate

Doses = Sequence[tuple[float, str, float, float]]  # time, route, amount, cover


def run_kernel(
    system: System, doses: Doses, times: Sequence[float], parameters: Mapping[str, float] | None = None
) -> dict[str, np.ndarray]:
    """The compiled kernel at its default tolerance; a value at a dose time is before the dose."""
    runs = simulate(system, [dose(system, *d) for d in doses], times, parameters)
    assert not runs.failed()
    return {name: runs.output(name)[0] for name in runs.outputs}


@pytest.fixture(scope="session")
def run_model() -> Callable[..., dict[str, np.ndarray]]:
    """`run_model(system, doses, times, parameters)`: {output: values at `times`}, in system time."""
    return run_kernel
