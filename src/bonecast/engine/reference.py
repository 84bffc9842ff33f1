"""The always-there reference: the same system through SciPy, from the generated Python text or the plain functions.

It needs no compiler and shares no integrator with the kernel, so the two check each other. One person at a time;
a patient-decade takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bonecast.engine.emit_python import python_program
from bonecast.engine.ensemble import AtDose, tolerances
from bonecast.engine.events import Event, snap, table
from bonecast.engine.program import kernel_parameters, rate_parameter, trace
from bonecast.engine.system import System
from bonecast.errors import ComputeError


def simulate_reference(
    system: System,
    events: Sequence[Event],
    times: Sequence[float] | np.ndarray,
    parameters: Mapping[str, float] | None = None,
    *,
    at_dose: AtDose = "before",
    rtol: float = 1e-8,
    method: str = "LSODA",
    atol_share: float = 1e-2,
) -> dict[str, np.ndarray]:
    """What does SciPy say of one person? Returns {output: values at `times`}; arguments as in `ensemble.simulate`.

    method : a stiff method of `scipy.integrate.solve_ivp` ("LSODA", "Radau", "BDF").
    atol_share : absolute tolerances as a share of rtol times each state's scale.
    """
    program = trace(system)
    made = python_program(program)
    switches = len(program.switches)
    names = list(kernel_parameters(system))
    values = [float({**system.parameters, **(parameters or {})}.get(n, 0.0)) for n in names]
    schedule = table(system, events, 1)
    grid = snap(np.asarray(times, np.float64), schedule)
    atol = tolerances(system, rtol) * (atol_share / 1e-2)

    c = made.constants(values)
    y = np.array(made.initial(values))
    start = y.copy()
    now = -c[program.run_in_slot] if system.run_in else 0.0
    rows: list[list[float]] = []

    def rate(_: float, state: np.ndarray) -> list[float]:
        m = [1.0 if x > 0 else 0.0 for x in made.switches(state, c, [0.0] * switches)] if switches else []
        return made.rates(state.tolist(), c, m)

    def observe(state: np.ndarray) -> list[float]:
        m = [1.0 if x > 0 else 0.0 for x in made.switches(state, c, [0.0] * switches)] if switches else []
        return made.outputs(state.tolist(), c, m, start.tolist())

    taken = 0
    stops = np.unique(np.append(schedule.time[schedule.time < grid[-1]], grid[-1]))
    for stop in stops:
        inside = grid[taken:]
        inside = inside[(inside < stop) | ((inside == stop) & (at_dose == "before" or stop == grid[-1]))]
        if stop > now:
            ends = np.unique(np.append(inside, stop))
            states = _solve(rate, now, stop, y, ends, method, rtol, atol, system.name)
            rows += [observe(states[:, np.searchsorted(ends, t)]) for t in inside]
            y, now = states[:, -1].copy(), stop
        else:
            rows += [observe(y) for _ in inside]
        taken += len(inside)
        for kind, index, value in _due(schedule, stop):
            if kind == 0:
                route = list(system.routes.values())[index]
                y[system.states.index(route.state)] += value * c[program.amount_slots[index]]
            elif kind == 1:
                values[names.index(rate_parameter(list(system.routes)[index]))] += value
            elif kind == 2:
                values[index] = value
            elif kind == 3:
                y[index] = value
            else:
                start = y.copy()
            c = made.constants(values)
    matrix = np.array(rows)
    return {name: matrix[:, i] for i, name in enumerate(system.output_names)}


def _due(schedule: Any, time: float) -> list[tuple[int, int, float]]:
    at = np.flatnonzero(schedule.time == time)
    return [(int(schedule.kind[i]), int(schedule.index[i]), float(schedule.value[i])) for i in at]


def _solve(
    rate: Callable,
    begin: float,
    end: float,
    y: np.ndarray,
    ends: np.ndarray,
    method: str,
    rtol: float,
    atol,
    name: str,
) -> np.ndarray:
    from scipy.integrate import solve_ivp

    found = solve_ivp(rate, (begin, end), y, method=method, t_eval=ends, rtol=rtol, atol=atol)
    if not found.success:
        raise ComputeError(f"{name}, reference solution: {found.message}")
    return found.y
