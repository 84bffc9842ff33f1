"""Expressions of SBML as nested tuples, and what is made of them: Python text, nodes of the graph, lists of names.

An expression is `("num", value)`, `("name", symbol)`, `("time",)` or `(operator, argument, …)`. Truth values are
numbers and numbers are truth values, as in SBML Level 3 Version 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bonecast.engine import cos, exp, floor, log, sin, sqrt, switch, where

Expr = tuple[Any, ...]
AVOGADRO = 6.02214179e23  # the value that SBML Level 3 fixes
ZERO, ONE, TIME = ("num", 0.0), ("num", 1.0), ("time",)
RELATIONS = {"gt": ">", "lt": "<", "geq": ">=", "leq": "<=", "eq": "==", "neq": "!="}
_LOGIC = {"and", "or", "xor", "not", "implies"}


def number(value: float) -> Expr:
    """A constant."""
    return ("num", float(value))


def name(symbol: str) -> Expr:
    """A quantity."""
    return ("name", symbol)


def product(*factors: Expr) -> Expr:
    """A product without factors of one."""
    kept = [f for f in factors if f != ONE]
    return ONE if not kept else kept[0] if len(kept) == 1 else ("times", *kept)


def parts(expr: Expr) -> Iterator[Expr]:
    """An expression and everything in it."""
    yield expr
    for part in expr[1:]:
        if isinstance(part, tuple):
            yield from parts(part)


def names_in(expr: Expr) -> set[str]:
    """The quantities that an expression reads."""
    return {part[1] for part in parts(expr) if part[0] == "name"}


def replaced(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with each part for which `change` gives another one exchanged."""
    other = change(expr)
    if other is not None:
        return other
    return (expr[0], *(replaced(p, change) if isinstance(p, tuple) else p for p in expr[1:]))


# Functions of MathML that `math` lacks, or in which it raises where SBML asks for INF or NaN.


def divide(a: float, b: float) -> float:
    """a / b with signed infinities."""
    if b:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def raised(a: float, b: float) -> float:
    """a ** b, NaN where there is no real value."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf
    except ValueError:
        return math.inf if a == 0 else math.nan


def root(degree: float, x: float) -> float:
    """The real root; odd roots of negative numbers too."""
    if x < 0 and degree % 2 == 1:
        return -math.pow(-x, 1.0 / degree)
    return raised(x, divide(1.0, degree))


def logarithm(x: float) -> float:
    """The natural logarithm; -INF at zero, NaN below."""
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def factorial(x: float) -> float:
    """The product of the whole numbers up to x."""
    return math.gamma(x + 1.0)


def ceiling(x: float) -> float:
    """The least whole number that is not below x."""
    return float(math.ceil(x)) if math.isfinite(x) else x


def whole(x: float) -> float:
    """The greatest whole number that is not above x."""
    return float(math.floor(x)) if math.isfinite(x) else x


def quotient(a: float, b: float) -> float:
    """The whole part of a / b, towards zero."""
    found = divide(a, b)
    return float(math.trunc(found)) if math.isfinite(found) else found


def remainder(a: float, b: float) -> float:
    """What is left of a after whole parts of b; it has the sign of a."""
    return math.fmod(a, b) if b and math.isfinite(a) else math.nan


def largest(*values: float) -> float:
    """The largest; -INF of none."""
    return max(values, default=-math.inf)


def smallest(*values: float) -> float:
    """The smallest; INF of none."""
    return min(values, default=math.inf)


def near(a: float, b: float) -> bool:
    """Are two numbers equal, but for what the location of a crossing leaves?"""
    return a == b or abs(a - b) <= 1e-10 * max(1.0, abs(a), abs(b))


def guarded(function: Callable[[float], float], beyond: float = math.nan) -> Callable[[float], float]:
    """A function of `math` that gives `beyond` where it overflows, and NaN outside its domain."""

    def safe(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return beyond
        except ValueError:
            return math.nan

    return safe


def _acoth(x: float) -> float:
    return 0.5 * logarithm(divide(x + 1.0, x - 1.0))


_UNARY: dict[str, Callable[[float], float]] = {
    "exp": guarded(math.exp, math.inf), "ln": logarithm, "abs": abs, "floor": whole, "ceiling": ceiling,
    "factorial": guarded(factorial, math.inf), "sin": guarded(math.sin), "cos": guarded(math.cos),
    "tan": guarded(math.tan),
    "sec": lambda x: divide(1.0, math.cos(x)), "csc": lambda x: divide(1.0, math.sin(x)),
    "cot": lambda x: divide(math.cos(x), math.sin(x)),
    "sinh": lambda x: math.copysign(math.inf, x) if abs(x) > 710 else math.sinh(x),
    "cosh": guarded(math.cosh, math.inf), "tanh": math.tanh,
    "sech": lambda x: divide(1.0, guarded(math.cosh, math.inf)(x)),
    "csch": lambda x: divide(1.0, _UNARY["sinh"](x)),
    "coth": lambda x: divide(1.0, math.tanh(x)),
    "arcsin": guarded(math.asin), "arccos": guarded(math.acos), "arctan": math.atan,
    "arccot": lambda x: math.atan(divide(1.0, x)),
    "arcsec": lambda x: guarded(math.acos)(divide(1.0, x)), "arccsc": lambda x: guarded(math.asin)(divide(1.0, x)),
    "arcsinh": math.asinh, "arccosh": guarded(math.acosh),
    "arctanh": lambda x: math.copysign(math.inf, x) if abs(x) == 1 else guarded(math.atanh)(x),
    "arccoth": _acoth, "arcsech": lambda x: guarded(math.acosh)(divide(1.0, x)),
    "arccsch": lambda x: math.asinh(divide(1.0, x)),
}  # fmt: skip
# What Python text of an expression may name.
NAMESPACE: dict[str, Any] = {
    **{f"f_{key}": function for key, function in _UNARY.items()},
    "m_exp": math.exp, "m_log": math.log, "m_pow": math.pow, "m_sqrt": math.sqrt,
    "divide": divide, "raised": raised, "root": root, "quotient": quotient, "remainder": remainder,
    "largest": largest, "smallest": smallest, "near": near, "nan": math.nan, "inf": math.inf,
}  # fmt: skip


def python_text(expr: Expr, symbols: Mapping[str, str], safe: bool = False, meet: Sequence[Expr] = ()) -> str:
    """Python text of an expression.

    symbols : text for each name.
    safe : whether each operation gives INF or NaN, as SBML asks, where Python raises an error.
    meet : equalities that hold within the precision to which a crossing is located.
    """

    def text(e: Expr) -> str:
        op, args = e[0], e[1:]
        if op == "num":
            value = args[0]
            return repr(value) if math.isfinite(value) else f"({value!r})"
        if op == "name":
            return symbols[args[0]]
        if op == "time":
            return "t"
        if op == "delay":
            index, body, lag = args
            return f"({text(body)} if {text(lag)} <= 0 else past({index}, t - ({text(lag)})))"
        a = [text(x) for x in args]
        if op in ("plus", "times"):
            if not a:
                return "0.0" if op == "plus" else "1.0"
            return f"({(' + ' if op == 'plus' else '*').join(a)})"
        if op == "minus":
            return f"(-{a[0]})" if len(a) == 1 else f"({a[0]} - {a[1]})"
        if op == "divide":
            return f"divide({a[0]}, {a[1]})" if safe else f"({a[0]}/{a[1]})"
        if op == "power":
            if args[1] == ("num", 2.0) and args[0][0] == "name":
                return f"({a[0]}*{a[0]})"
            return f"{'raised' if safe else 'm_pow'}({a[0]}, {a[1]})"
        if op == "root":
            return f"m_sqrt({a[1]})" if args[0] == ("num", 2.0) and not safe else f"root({a[0]}, {a[1]})"
        if op == "log":
            return f"divide(f_ln({a[1]}), f_ln({a[0]}))"
        if op in ("exp", "ln") and not safe:
            return f"m_{'exp' if op == 'exp' else 'log'}({a[0]})"
        if op == "piecewise":
            pairs = [f"{a[i]} if {a[i + 1]} else " for i in range(0, len(a) - 1, 2)]
            return f"({''.join(pairs)}{a[-1] if len(a) % 2 else 'nan'})"
        if op in RELATIONS:
            if meet and e in meet:
                return f"({'' if op == 'eq' else 'not '}near({a[0]}, {a[1]}))"
            return f"({f' {RELATIONS[op]} '.join(a)})" if len(a) > 1 else "True"
        if op in ("and", "or"):
            joined = f" {op} ".join(f"bool({x})" for x in a)
            return f"({joined})" if a else str(op == "and")
        if op == "xor":
            return f"(({' + '.join(f'bool({x})' for x in a) or '0'}) % 2 == 1)"
        if op == "not":
            return f"(not {a[0]})"
        if op == "implies":
            return f"(not {a[0]} or bool({a[1]}))"
        if op in ("max", "min"):
            return f"{'largest' if op == 'max' else 'smallest'}({', '.join(a)})"
        if op in ("quotient", "rem"):
            return f"{'quotient' if op == 'quotient' else 'remainder'}({a[0]}, {a[1]})"
        return f"f_{op}({a[0]})"

    return text(expr)


def node_value(expr: Expr, value: Callable[[str], Any], time: Any) -> Any:
    """The expression on numbers or nodes of the graph; `KeyError` with the name of an operation that it lacks.

    A piecewise or a comparison of states becomes a switch, whose crossing the integrator locates.
    """

    def of(e: Expr) -> Any:
        op, args = e[0], e[1:]
        if op == "num":
            return args[0]
        if op == "name":
            return value(args[0])
        if op == "time":
            return time
        if op in RELATIONS or op in _LOGIC:
            return choose(e, 1.0, 0.0)
        if op == "piecewise":
            found = of(args[-1]) if len(args) % 2 else math.nan
            for i in range(len(args) // 2 * 2 - 2, -1, -2):
                found = choose(args[i + 1], of(args[i]), found)
            return found
        a = [of(x) for x in args]
        if op == "plus":
            return sum(a[1:], a[0]) if a else 0.0
        if op == "times":
            return math.prod(a[1:], start=a[0]) if a else 1.0
        if op == "minus":
            return -a[0] if len(a) == 1 else a[0] - a[1]
        if op in ("max", "min"):
            best = a[0]
            for other in a[1:]:
                best = switch(best, other, best, other) if op == "max" else switch(best, other, other, best)
            return best
        return _GRAPH[op](*a)

    def choose(condition: Expr, yes: Any, no: Any) -> Any:
        op, args = condition[0], condition[1:]
        if op in ("gt", "lt", "geq", "leq") and len(args) == 2:
            a, b = of(args[0]), of(args[1])
            if op in ("gt", "leq"):  # which side holds at equality
                return switch(a, b, yes, no) if op == "gt" else switch(a, b, no, yes)
            return switch(b, a, yes, no) if op == "lt" else switch(b, a, no, yes)
        if op == "not":
            return choose(args[0], no, yes)
        if op == "and":
            return choose(args[0], choose(("and", *args[1:]), yes, no), no) if args else yes
        if op == "or":
            return choose(args[0], yes, choose(("or", *args[1:]), yes, no)) if args else no
        if op == "xor":
            return choose(args[0], choose(("xor", *args[1:]), no, yes), choose(("xor", *args[1:]), yes, no)) if args else no  # fmt: skip  # noqa: E501
        if op == "implies":
            return choose(args[0], choose(args[1], yes, no), yes)
        if op in ("eq", "neq") and len(args) == 2:
            a, b = of(args[0]), of(args[1])
            apart, meet = (no, yes) if op == "eq" else (yes, no)
            return where(a, b, apart, where(b, a, apart, meet))
        if op in RELATIONS:
            raise KeyError(op)
        x = of(condition)
        return where(x, 0.0, yes, where(-x, 0.0, yes, no))

    return of(expr)


_TINY = 1e-80  # base of a power or root of something that is zero or, by rounding, below


def _power(a: Any, b: Any) -> Any:
    """A power by multiplication where the exponent is a whole number, else of a base that is not below zero."""
    if isinstance(b, float) and b == int(b) and 1 <= abs(b) <= 32:
        found, square, left = 1.0, a, abs(int(b))
        while left:
            if left % 2:
                found = found * square
            square, left = square * square, left // 2
        return found if b > 0 else 1.0 / found
    return where(a, _TINY, a, _TINY) ** b


def _root(degree: Any, x: Any) -> Any:
    return sqrt(where(x, _TINY, x, _TINY)) if degree == 2.0 else _power(x, 1.0 / degree)


def _hyperbolic(sign: float) -> Callable[[Any], Any]:
    return lambda x: 0.5 * (exp(x) + sign * exp(-x))


_GRAPH: dict[str, Callable[..., Any]] = {
    "divide": lambda a, b: a / b, "power": _power, "exp": exp, "ln": log, "floor": floor, "sin": sin, "cos": cos,
    "root": _root,
    "log": lambda base, x: log(x) / log(base), "abs": lambda x: switch(x, 0.0, x, -x),
    "ceiling": lambda x: -floor(-x), "tan": lambda x: sin(x) / cos(x), "sec": lambda x: 1.0 / cos(x),
    "csc": lambda x: 1.0 / sin(x), "cot": lambda x: cos(x) / sin(x), "sinh": _hyperbolic(-1.0),
    "cosh": _hyperbolic(1.0), "tanh": lambda x: 1.0 - 2.0 / (exp(2.0 * x) + 1.0),
}  # fmt: skip
