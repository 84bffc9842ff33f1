"""CVODE (SUNDIALS through scikit-sundae) on the problem, with our generated right-hand side and Jacobian in numba.

The peer gets everything that helps it: compiled functions with constants hoisted, the analytic Jacobian, absolute
tolerances for each state.
"""

from __future__ import annotations

import math
import time

import numpy as np

from bonecast.bench import problem
from bonecast.bench.timing import BenchTiming
from bonecast.engine import ZERO, function, kernel_parameters, python_program, tolerances, trace

ENGINE = "CVODE (scikit-sundae), numba functions and Jacobian"


class Cvode:
    """The problem made ready for CVODE."""

    def __init__(self) -> None:
        import numba

        self.system = problem.system()
        self.program = trace(self.system)
        self.plain = python_program(self.program)
        size = len(self.system.states)
        entries = [self.program.jacobian.get((i, j), ZERO) for i in range(size) for j in range(size)]
        text = "\n".join(
            function(name, "y, c, m", nodes, self.program)
            for name, nodes in (
                ("rates", self.program.rates),
                ("entries", entries),
                ("switches", self.program.switches),
            )
        )
        # arrays instead of lists: numba fills them without boxing
        text = text.replace("return [", "return np.array([").replace("]\ndef", "])\ndef")
        names = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "np": np}
        exec(compile(text.rstrip() + ")", "<cvode>", "exec"), names)
        rates, entries, switches = (
            numba.njit(error_model="numpy")(names[n]) for n in ("rates", "entries", "switches")
        )

        @numba.njit
        def modes(y, c, m):
            return (switches(y, c, m) > 0).astype(np.float64)

        @numba.njit
        def fill_rates(y, c, m, out):
            out[:] = rates(y, c, modes(y, c, m))

        @numba.njit
        def fill_jacobian(y, c, m, out):
            out[:] = entries(y, c, modes(y, c, m)).reshape(size, size)

        self.fill_rates, self.fill_jacobian, self.modes = fill_rates, fill_jacobian, modes

    def run(self, index: int, rtol: float) -> tuple[np.ndarray, float]:
        """values[time, output] of one person, and the processor time in ms without compiling."""
        from sksundae.cvode import CVODE  # pyright: ignore[reportMissingImports]

        values = {**self.system.parameters, **problem.person(index)}
        p = [float(values.get(n, 0.0)) for n in kernel_parameters(self.system)]
        c, none = np.array(self.plain.constants(p)), np.zeros(len(self.program.switches))
        y, fill_rates, fill_jacobian = np.array(self.plain.initial(p)), self.fill_rates, self.fill_jacobian
        start, size = y.copy(), len(y)

        def f(t: float, state: np.ndarray, out: np.ndarray) -> None:
            fill_rates(state, c, none, out)

        def jac(t: float, state: np.ndarray, unused: np.ndarray, out: np.ndarray) -> None:
            fill_jacobian(state, c, none, out)

        f(0.0, y, np.empty(size))
        jac(0.0, y, y, np.empty((size, size)))
        route = self.system.routes["denosumab"]
        depot = self.system.states.index(route.state)
        amount = c[self.program.amount_slots[list(self.system.routes).index("denosumab")]]
        solver = CVODE(f, rtol=rtol, atol=tolerances(self.system, rtol), jacfn=jac, max_num_steps=100_000)
        began, rows = time.process_time(), []
        weeks = np.arange(27) * 168.0
        for event in problem.EVENTS:
            y[depot] += event.amount * amount
            found = solver.solve(weeks, y)
            rows.append(found.y[1:])
            y = found.y[-1].copy()
        ms = 1e3 * (time.process_time() - began)
        chosen = [self.system.output_names.index(n) for n in problem.OUTPUTS]
        observed = [self.plain.outputs(s, c, self.modes(s, c, none), start) for s in np.concatenate(rows)]
        return np.array(observed)[:, chosen], ms


def cvode(rtols: tuple[float, ...], exact: np.ndarray) -> list[BenchTiming]:
    """The typical person by CVODE at several tolerances; [] where scikit-sundae is not installed."""
    try:
        import sksundae  # noqa: F401  # pyright: ignore[reportMissingImports]
    except ImportError:
        return []
    peer = Cvode()
    rows = []
    for rtol in rtols:
        runs = [peer.run(0, rtol) for _ in range(3)]
        ms = float(np.median([ms for _, ms in runs]))
        rows.append(
            BenchTiming(ENGINE, problem.TITLE, 1, 1, rtol, ms, problem.worst_error(runs[0][0], exact))
        )
    return rows
