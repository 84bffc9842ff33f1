"""Who may enter: expressions over covariates, read and type-checked once, then asked of many people at once.

The text is in the language of the `rule-engine` library, as in the rules of care; its tree is turned into array
operations here, so that a million people cost seconds. Comparisons, `and`, `or`, `not`, brackets, `+ - * /` and
numbers are understood.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import rule_engine
from rule_engine import ast

from bonecast.cohorts.column import columns, find_column
from bonecast.errors import InputError, InputErrors, UnknownName, printable

Values = Mapping[str, np.ndarray]
Asked = Callable[[Values], Any]

_SIGNS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "tdiv": operator.truediv,
    "and": np.logical_and,
    "or": np.logical_or,
}


class EligibilityError(InputErrors):
    """Expressions that cannot be used.

    Parameters
    ----------
    faults : sequence of InputError
        Every fault, in order of the expressions.
    found : int, optional
        How many there are, if more than were kept.
    """

    what = "list"


@dataclass(frozen=True)
class Eligibility:
    """What must hold of a person who enters; made by `Eligibility.of`.

    Parameters
    ----------
    texts : tuple of str
        Expressions over covariates, which must all hold.
    names : tuple of str
        Covariates in them.

    Raises
    ------
    EligibilityError
        From `Eligibility.of`, if a text cannot be used.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> people = population("postmenopausal-osteoporosis").draw(1, 0, 500)
    >>> asked = Eligibility.of(["age >= 60", "LS_T_score < -2.5 or TH_T_score < -2.5"])
    >>> bool(people.select(asked.holds(people))["age"].min() >= 60)
    True
    >>> Eligibility.of(["agee >= 60"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bonecast...EligibilityError: eligible 1, agee: there is no covariate called 'agee'; did you mean age.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    _asked: tuple[Asked, ...]

    @staticmethod
    def of(texts: Sequence[str], place: str = "eligible") -> Eligibility:
        """Read the texts. Raises EligibilityError where any cannot be used, with the fault of each."""
        faults, asked, names = [], [], []
        for i, text in enumerate(texts, 1):
            try:
                asked.append(_read(text, f"{place} {i}", names))
            except InputError as fault:
                faults.append(fault)
        if faults:
            raise EligibilityError(faults)
        return Eligibility(tuple(texts), tuple(dict.fromkeys(names)), tuple(asked))

    def holds(self, people: Values) -> np.ndarray:
        """Who of them is eligible? bool[count]; a value that is missing (NaN) fails every comparison but `!=`."""
        held = np.ones(_count(people), bool)
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # what is divided by 0 fails its comparison or not
            for asked in self._asked:
                held &= asked(people)
        return held

    def counts(self, people: Values) -> list[tuple[str, int]]:
        """How many fail each text, counted at the first that they fail: what a flow chart says."""
        left, out = np.ones(_count(people), bool), []
        for text, asked in zip(self.texts, self._asked, strict=True):
            passed = left & Eligibility((text,), (), (asked,)).holds(people)
            out.append((text, int(left.sum() - passed.sum())))
            left = passed
        return out


def _count(people: Values) -> int:
    return len(next(iter(people.values())))


def _read(text: str, place: str, names: list[str]) -> Asked:
    try:
        tree = rule_engine.Rule(text, context=_context()).statement.expression
    except rule_engine.SymbolResolutionError as error:
        name = printable(error.symbol_name)
        raise UnknownName(f"{place}, {name}", "covariate", name, columns()) from None
    except (rule_engine.EngineError, TypeError, ValueError) as error:
        why = printable(getattr(error, "message", error), 80)
        hint = "write a comparison of covariates, such as age >= 60"
        raise InputError(f"{place}, '{printable(text, 60)}'", f"it cannot be read ({why})", hint) from None
    return _yes_or_no(tree, place, names)


@cache
def _context() -> rule_engine.Context:
    types = {
        name: rule_engine.DataType.FLOAT if column.is_number else rule_engine.DataType.BOOLEAN
        for name, column in columns().items()
    }
    return rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types))


def _yes_or_no(node: Any, place: str, names: list[str]) -> Asked:
    """A part that is true or false of a person."""
    match node:
        case ast.LogicExpression():
            sign = _SIGNS[node.type]
            left, right = _yes_or_no(node.left, place, names), _yes_or_no(node.right, place, names)
            return lambda people: sign(left(people), right(people))
        case ast.UnaryExpression(type="not"):
            inner = _yes_or_no(node.right, place, names)
            return lambda people: np.logical_not(inner(people))
        case ast.ComparisonExpression():
            return _comparison(node, place, names)
        case ast.SymbolExpression():
            column = find_column(node.name, place)
            if column.is_number:
                hint = f"compare it, such as {column.name} > {max(column.low, 0):g}"
                raise InputError(f"{place}, {column.name}", "a number is no yes or no", hint)
            names.append(column.name)
            return lambda people: people[column.name]
        case ast.BooleanExpression():
            value = bool(node.value)
            return lambda people: value
    raise InputError(place, f"{_said(node)} is no yes or no", "use comparisons, and, or, not")


def _comparison(node: Any, place: str, names: list[str]) -> Asked:
    sign = _SIGNS[node.type]
    yes = [_is_yes_or_no(side) for side in (node.left, node.right)]
    if all(yes) and node.type in ("eq", "ne"):
        left, right = _yes_or_no(node.left, place, names), _yes_or_no(node.right, place, names)
    elif any(yes):
        raise InputError(place, "a yes or no is compared with a number", "compare like with like")
    else:
        left, right = _number(node.left, place, names), _number(node.right, place, names)
        _in_range(node.left, node.right, place)
        _in_range(node.right, node.left, place)
    return lambda people: sign(left(people), right(people))


def _number(node: Any, place: str, names: list[str]) -> Asked:
    """A part that is a number of a person."""
    match node:
        case ast.SymbolExpression():
            column = find_column(node.name, place)
            names.append(column.name)
            return lambda people: people[column.name]
        case ast.FloatExpression():
            value = float(node.value)
            return lambda people: value
        case ast.UnaryExpression(type="uminus"):
            inner = _number(node.right, place, names)
            return lambda people: -inner(people)
        case (
            ast.ArithmeticExpression(type="add" | "sub" | "mul" | "tdiv")
            | ast.AddExpression()
            | (ast.SubtractExpression())
        ):
            sign = _SIGNS[node.type]
            left, right = _number(node.left, place, names), _number(node.right, place, names)
            return lambda people: sign(left(people), right(people))
    raise InputError(place, f"{_said(node)} is no number", "use covariates, numbers and + - * /")


def _is_yes_or_no(node: Any) -> bool:
    if isinstance(node, ast.SymbolExpression):
        return not columns()[node.name].is_number
    logic = (ast.BooleanExpression, ast.LogicExpression, ast.ComparisonExpression)
    return isinstance(node, logic) or (isinstance(node, ast.UnaryExpression) and node.type == "not")


def _in_range(one: Any, other: Any, place: str) -> None:
    """A covariate is compared with a number that it can have: others were meant in another unit."""
    if isinstance(one, ast.SymbolExpression) and isinstance(other, ast.FloatExpression):
        column, value = columns()[one.name], float(other.value)
        if not column.low <= value <= column.high:
            cause = f"{value:g} is no {column.label} in {column.unit}"
            raise InputError(
                f"{place}, {column.name}", cause, f"the range is {column.low:g} to {column.high:g}"
            )


def _said(node: Any) -> str:
    """What a node is called that has no place here."""
    names = {"Contains": "'in'", "String": "a text", "Null": "null", "Arithmetic": "this arithmetic"}
    kind = type(node).__name__.removesuffix("Expression")
    return names.get(kind, f"the {kind.lower()}")
