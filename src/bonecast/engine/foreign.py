"""Foreign functions in equations (`math.exp`, `numpy.where`): named in one sentence, with the one to write instead."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, TracebackType
from typing import Any

from bonecast.errors import InputError

_INSTEAD = {
    **dict.fromkeys(("exp", "log", "sqrt", "sin", "cos", "tanh", "floor", "where", "minimum", "maximum", "abs")),
    "min": "minimum", "max": "maximum", "fmin": "minimum", "fmax": "maximum", "fabs": "abs", "absolute": "abs",
    "power": "a ** b", "pow": "a ** b", "square": "a ** 2", "cbrt": "a ** (1 / 3)", "ceil": "-floor(-x)",
    "int": "floor", "trunc": "floor", "round": "floor(x + 0.5)", "rint": "floor(x + 0.5)", "tan": "sin(x) / cos(x)",
    "expm1": "exp(x) - 1", "log1p": "log(1 + x)", "log2": "log(x) / log(2)", "log10": "log(x) / log(10)",
    "exp2": "2 ** x", "expit": "1 / (1 + exp(-x))", "cosh": "(exp(x) + exp(-x)) / 2",
    "sinh": "(exp(x) - exp(-x)) / 2", "clip": "minimum(maximum(x, low), high)", "heaviside": "switch",
    "sign": "where(x, 0, 1, -1)", "select": "where", "float": "the value itself",
}  # fmt: skip
_KNOWN = "exp, log, sqrt, sin, cos, tanh, floor, abs, minimum, maximum, where, switch and kink"


@contextmanager
def explain(place: str) -> Iterator[None]:
    """Run an equation function on nodes; where it calls what works on numbers only, say which and what to write."""
    try:
        yield
    except (TypeError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        sentence = _sentence(place, error)
        if sentence is None:
            raise
        raise sentence from error


def _sentence(place: str, error: Exception) -> InputError | None:
    frame = _equation_frame(error.__traceback__)
    if frame is None:
        return None
    where = f"{place}, line {frame.tb_lineno}"
    called = _called(frame.tb_frame.f_code, frame.tb_lasti)
    function = _resolved(called, frame.tb_frame)
    foreign = function is not None and not hasattr(function, "__code__") and not _ours(function)
    if not foreign or not ("Node" in str(error) or "ufunc" in str(error) or "cannot branch" in str(error)):
        if "cannot branch" in str(error):
            return InputError(
                where, "an equation cannot branch on a value", "write where(x, threshold, above, below)"
            )
        return None
    name = called.rsplit(".", 1)[-1]
    if name not in _INSTEAD:
        instead = f"write it with + - * / ** and {_KNOWN} of bonecast.engine.maths"
    else:
        other = _INSTEAD[name] or name
        instead = f"write {other}" + (" of bonecast.engine.maths" if other.isidentifier() else "")
    return InputError(where, f"'{called}' works on numbers only", instead)


def _equation_frame(trace: TracebackType | None) -> TracebackType | None:
    """The innermost frame that belongs to the model: what it called is of a library or of the engine."""
    found = None
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.split(".")[0] not in ("numpy", "scipy") and not name.startswith("bonecast.engine."):
            found = trace
        elif found is not None:
            break
        trace = trace.tb_next
    return found


def _called(code: CodeType, at: int) -> str:
    """The dotted name that is called at this instruction ("math.exp"); empty where it is no plain name."""
    instructions = list(dis.get_instructions(code))
    position = next((i.positions for i in instructions if i.offset == at), None)
    if position is None or position.lineno is None:
        return ""
    begin = (position.lineno, position.col_offset)
    parts: list[str] = []
    for i in instructions:
        p = i.positions
        if i.offset >= at or p is None or (p.lineno, p.col_offset) != begin:
            continue
        if i.opname.startswith("LOAD_") and isinstance(i.argval, str):
            first = i.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_FAST", "LOAD_CLASSDEREF")
            parts = [i.argval] if first else [*parts, i.argval]
    return ".".join(parts)


def _resolved(called: str, frame: FrameType) -> Any:
    """The object of that name as the frame sees it."""
    if not called:
        return None
    first, *rest = called.split(".")
    value = {**vars(builtins), **frame.f_globals, **frame.f_locals}.get(first)
    for name in rest:
        value = getattr(value, name, None)
    return value


def _ours(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith("bonecast.engine")
