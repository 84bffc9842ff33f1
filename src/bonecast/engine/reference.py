"""The always-there reference: the same system through SciPy, from the generated Python text or the plain functions.

It needs no compiler and shares no integrator with the kernel, so the two check each other. One person at a time;
a patient-decade takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bonecast.engine.emit_python import python_program
from bonecast.engine.ensemble import AtDose, tolerances
from bonecast.engine.events import DOSE, PARAMETER, RATE, SAME_TIME, START, STATE, Event, EventTable, table
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
    """Follow one person with SciPy, to check the engine.

    Parameters
    ----------
    system : System
        Equations.
    events : sequence of Event
        Events, in the system's time unit.
    times : sequence of float or ndarray
        Times at which outputs are kept, in order.
    parameters : mapping of str to float, optional
        Changes to the defaults.
    at_dose : AtDose
        Whether an output at the time of an event is taken before or after it.
    rtol : float
        Relative tolerance of one step.
    method : str
        Stiff method of `scipy.integrate.solve_ivp` ("LSODA", "Radau", "BDF").
    atol_share : float
        Absolute tolerances as a share of rtol times the scale of each state.

    Returns
    -------
    dict of str to ndarray
        Output to values at `times`.
    """
    program = trace(system)
    made = python_program(program)
    switches = len(program.switches)
    names = list(kernel_parameters(system))
    values = [float({**system.parameters, **(parameters or {})}.get(n, 0.0)) for n in names]
    schedule = table(system, events, 1, None, np.array([values]))
    grid = _onto_events(np.asarray(times, np.float64), schedule)
    atol = tolerances(system, rtol) * (atol_share / 1e-2)

    c = made.constants(values)
    y = np.array(made.initial(values))
    start = y.copy()
    now = -c[program.run_in_slot] if system.run_in else 0.0
    rows: list[list[float]] = []

    def modes(state: np.ndarray) -> list[float]:
        return [1.0 if x > 0 else 0.0 for x in made.switches(state, c, [0.0] * switches)] if switches else []

    def rate(_: float, state: np.ndarray) -> list[float]:
        return made.rates(state.tolist(), c, modes(state))

    def observe(state: np.ndarray) -> list[float]:
        return made.outputs(state.tolist(), c, modes(state), start.tolist())

    taken = 0
    for stop in np.unique(np.append(schedule.time[schedule.time < grid[-1]], grid[-1])):
        waiting = grid[taken:]
        inside = waiting[(waiting < stop) | ((waiting == stop) & (at_dose == "before"))]
        states = np.repeat(y[:, None], len(inside), axis=1)
        if stop > now:
            ends = np.unique(np.append(inside, stop))
            found = _solve(rate, now, stop, y, ends, method, rtol, atol, system.name)
            states = found[:, np.searchsorted(ends, inside)]
            y, now = found[:, -1].copy(), stop
        due = _due(schedule, stop)
        if any(kind == START for kind, _, _ in due):
            start = y.copy()
        rows += [observe(state) for state in states.T]
        for kind, index, value in due:
            if kind == DOSE:
                route = list(system.routes.values())[index]
                y[system.states.index(route.state)] += value * c[program.amount_slots[index]]
            elif kind == RATE:
                values[names.index(rate_parameter(list(system.routes)[index]))] += value
            elif kind == PARAMETER:
                values[index] = value
            elif kind == STATE:
                y[index] = value
            c = made.constants(values)
        after = grid[taken + len(inside) :]
        after = after[after == stop]
        rows += [observe(y) for _ in after]
        taken += len(inside) + len(after)
    matrix = np.array(rows)
    return {name: matrix[:, i] for i, name in enumerate(system.output_names)}


def _onto_events(times: np.ndarray, events: EventTable) -> np.ndarray:
    """Output times, moved onto an event time where they are the same time but for rounding."""
    if not len(events.time):
        return times
    known = np.unique(events.time)
    near = known[np.clip(np.searchsorted(known, times), 0, len(known) - 1)]
    before = known[np.clip(np.searchsorted(known, times) - 1, 0, len(known) - 1)]
    near = np.where(np.abs(before - times) < np.abs(near - times), before, near)
    return np.where(np.abs(near - times) <= SAME_TIME, near, times)


def _due(schedule: EventTable, time: float) -> list[tuple[int, int, float]]:
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
