"""libroadrunner on the problem: the same equations as SBML, with the doses as its own events."""

from __future__ import annotations

import time

import numpy as np

from bonecast.bench import problem
from bonecast.bench.timing import BenchTiming
from bonecast.engine import STATE, Node, Program, in_order, kernel_parameters, python_program, trace

ENGINE = "libroadrunner, SBML"


def roadrunner(rtols: tuple[float, ...], exact: np.ndarray) -> list[BenchTiming]:
    """The typical person at several tolerances; [] where libroadrunner and antimony are not installed."""
    try:
        import antimony  # pyright: ignore[reportMissingImports]
        import roadrunner as rr  # pyright: ignore[reportMissingImports]
    except ImportError:
        return []
    program = trace(problem.system())
    if antimony.loadAntimonyString(_antimony(program)) < 0:
        raise RuntimeError(antimony.getLastError())
    model = rr.RoadRunner(antimony.getSBMLString(antimony.getMainModuleName()))
    model.timeCourseSelections = ["time", *(f"out_{i}" for i in range(len(problem.OUTPUTS)))]
    rows = []
    for rtol in rtols:
        solver = model.getIntegrator()
        solver.setValue("relative_tolerance", rtol)
        solver.setValue("absolute_tolerance", rtol * 1e-4)
        solver.setValue("maximum_num_steps", 100_000)
        times, values = [], np.empty(0)
        for _ in range(3):
            model.reset()
            began = time.process_time()
            values = np.asarray(model.simulate(0, float(problem.TIMES[-1]), len(problem.TIMES) + 1))[1:, 1:]
            times.append(time.process_time() - began)
        ms = 1e3 * float(np.median(times))
        rows.append(BenchTiming(ENGINE, problem.TITLE, 1, 1, rtol, ms, problem.worst_error(values, exact)))
    return rows


def _antimony(program: Program) -> str:
    """The model as Antimony text: hoisted constants as numbers, shared terms as assignment rules."""
    system = program.system
    plain = python_program(program)
    p = [float({**system.parameters}.get(n, 0.0)) for n in kernel_parameters(system)]
    c, y0 = plain.constants(p), plain.initial(p)
    slots = program.slots

    def text(node: Node) -> str:
        if node.op == "num":
            return f"({node.args[0]!r})"
        if node.level < STATE:
            return f"({c[slots[node.id]]!r})"
        return (
            {"state": "s_{0}", "start": "start_{0}", "mode": "mode_{0}"}[node.op].format(*node.args)
            if (node.op in ("state", "start", "mode"))
            else f"t{node.id}"
        )

    def rule(node: Node) -> str:
        a = [text(x) if isinstance(x, Node) else str(x) for x in node.args]
        return {
            "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0}*{1}", "rcp": "1/{0}", "exp": "exp({0})",
            "log": "ln({0})", "sqrt": "sqrt({0})", "where": "piecewise({2}, {0} > {1}, {3})",
        }[node.op].format(*a)  # fmt: skip

    chosen = [program.outputs[system.output_names.index(n)] for n in problem.OUTPUTS]
    lines = ["model bonecast_problem"]
    for node in in_order([*program.rates, *program.switches, *chosen]):
        if node.level == STATE and node.op not in ("state", "start", "mode"):
            lines.append(f"  t{node.id} := {rule(node)};")
    lines += [f"  mode_{k} := piecewise(1, {text(x)} > 0, 0);" for k, x in enumerate(program.switches)]
    for i, (value, rate) in enumerate(zip(y0, program.rates, strict=True)):
        lines.append(f"  s_{i} = {value!r}; start_{i} = {value!r}; s_{i}' = {text(rate)};")
    lines += [f"  out_{i} := {text(node)};" for i, node in enumerate(chosen)]
    depot = system.states.index(system.routes["denosumab"].state)
    amount = c[program.amount_slots[list(system.routes).index("denosumab")]]
    for event in problem.EVENTS:
        entering = event.amount * amount
        lines.append(f"  at (time >= {event.time!r}), t0=false: s_{depot} = s_{depot} + {entering!r};")
    return "\n".join([*lines, "end"])
