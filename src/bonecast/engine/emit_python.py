"""The graph as plain Python text: the reference path that needs no compiler and that SciPy can integrate.

`PythonProgram` holds five functions made from one `Program`; constants are hoisted and terms shared exactly as
in the compiled kernel, but every operation is Python's own (`math.exp`, `math.log`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bonecast.engine import graph
from bonecast.engine.graph import PERSON, STATE, Node
from bonecast.engine.program import Program


@dataclass(frozen=True)
class PythonProgram:
    """Generated functions: lists in, lists out.

    constants(p), initial(p), rates(y, c, m), jacobian(y, c, m) -> list of rows, outputs(y, c, m, s), switches(y, c, m).
    """

    constants: Callable[[Any], list[float]]
    initial: Callable[[Any], list[float]]
    rates: Callable[[Any, Any, Any], list[float]]
    jacobian: Callable[[Any, Any, Any], list[list[float]]]
    outputs: Callable[[Any, Any, Any, Any], list[float]]
    switches: Callable[[Any, Any, Any], list[float]]


def python_program(program: Program) -> PythonProgram:
    """Generate and load the functions of a program as plain Python.

    Parameters
    ----------
    program : Program
        A traced system.

    Returns
    -------
    PythonProgram
        Its functions, for SciPy.
    """
    size = len(program.system.states)
    text = program_text(program)
    names: dict[str, Any] = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt}
    names |= {"sin": math.sin, "cos": math.cos, "floor": math.floor}
    exec(compile(text, f"<{program.system.name}, generated>", "exec"), names)

    def rows(y: Any, c: Any, m: Any) -> list[list[float]]:
        flat = names["entries"](y, c, m)
        return [flat[i * size : (i + 1) * size] for i in range(size)]

    return PythonProgram(
        names["constants"], names["initial"], names["rates"], rows, names["outputs"], names["switches"]
    )


def program_text(program: Program) -> str:
    """All functions of a program as Python text."""
    size = len(program.system.states)
    entries = [program.jacobian.get((i, j), graph.ZERO) for i in range(size) for j in range(size)]
    return "\n".join(
        [
            function("constants", "p", program.constants, program, PERSON),
            function("initial", "p", program.initial, program, PERSON),
            function("rates", "y, c, m", program.rates, program),
            function("entries", "y, c, m", entries, program),
            function("outputs", "y, c, m, s", program.outputs, program),
            function("switches", "y, c, m", program.switches, program),
        ]
    )


def function(name: str, arguments: str, results: list[Node], program: Program, level: int = STATE) -> str:
    """Write the text of a function that returns expressions as a list.

    Parameters
    ----------
    name : str
        Name of the function.
    arguments : str
        Its arguments, as text.
    results : list of Node
        Expressions that it returns.
    program : Program
        The traced system; expressions of a person are read from `c`.
    level : int
        Level below which expressions are read, not computed.

    Returns
    -------
    str
        Python source.
    """
    slots = program.slots if level == STATE else {}
    lines = [f"def {name}({arguments}):"]
    names: dict[int, str] = {}
    for node in graph.in_order(results):
        if node.level == level and node.op != "num":
            names[node.id] = f"t{node.id}"
            lines.append(f"    t{node.id} = {_expression(node, names, slots)}")
    lines.append(f"    return [{', '.join(_operands(results, names, slots))}]")
    return "\n".join(lines)


def _operands(nodes: Iterable[Any], names: dict[int, str], slots: dict[int, int]) -> list[str]:
    def text(node: Any) -> str:
        if not isinstance(node, Node):
            return str(node)
        if node.id in names:
            return names[node.id]
        if node.op == "num":
            return f"({node.args[0]!r})"
        return f"c[{slots[node.id]}]"

    return [text(n) for n in nodes]


def _expression(node: Node, names: dict[int, str], slots: dict[int, int]) -> str:
    a = _operands(node.args, names, slots)
    return {
        "par": "p[{0}]",
        "state": "y[{0}]",
        "start": "s[{0}]",
        "mode": "m[{0}]",
        "add": "{0} + {1}",
        "sub": "{0} - {1}",
        "mul": "{0}*{1}",
        "rcp": "1.0/{0}",
        "exp": "exp({0})",
        "log": "log({0})",
        "sqrt": "sqrt({0})",
        "sin": "sin({0})",
        "cos": "cos({0})",
        "floor": "floor({0})",
        "where": "({2} if {0} > {1} else {3})",
    }[node.op].format(*a)
