"""A rule's condition: read and type-checked once, then asked of many people.

The text is in the language of the `rule-engine` library, which parses it, knows the names and checks comparisons
of order. The tree that it gives is lowered here to five kinds of node, because a rule must say more than yes or
no: which facts made it hold, and which missing fact keeps it from being decided. Two truths are told apart.
*Closed*: a comparison that touches a missing fact is false, `not` is classical; this decides whether a rule fires.
*Known*: a comparison that touches a missing fact is unknown (Kleene's logic); this says whether the answer could
change once the fact is there.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import rule_engine
from rule_engine import ast

from bonecast.care.variables import Value, Variable, find_variable, variables
from bonecast.errors import InputError, UnknownName

Facts = Mapping[str, Value]

_ORDER = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_TESTS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, choices: value in choices,
    "not in": lambda value, choices: value not in choices,
}
_OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "in": "not in", "is missing": "is known"}
_OPPOSITE |= {there: here for here, there in _OPPOSITE.items()}
_WORDS = {"==": "is", "!=": "is not", "<": "below", "<=": "at most", ">": "above", ">=": "at least"}


@dataclass(frozen=True)
class Leaf:
    """One question: a variable, a sign, and what it is compared with (a value, choices, another variable)."""

    variable: Variable
    sign: str
    other: Value | tuple[str, ...] | Variable | None = None

    def known(self, facts: Facts) -> bool | None:
        """Is it so? None where a fact that it needs is missing."""
        value = facts.get(self.variable.name)
        if self.other is None:
            return (value is None) is (self.sign == "is missing")
        other = facts.get(self.other.name) if isinstance(self.other, Variable) else self.other
        if value is None or other is None:
            return None
        return _TESTS[self.sign](value, other)

    def closed(self, facts: Facts, inverted: Collection[Leaf] = ()) -> bool:
        """Is it so, a missing fact counting as no? As if each of the `inverted` leaves were the other way round."""
        return bool(self.known(facts)) != (self in inverted)

    def support(self, facts: Facts) -> Iterator[tuple[Leaf, bool]]:
        """The questions that decided, each with whether it held."""
        yield self, self.closed(facts)

    def leaves(self) -> Iterator[Leaf]:
        """Every question in it."""
        yield self

    def opposite(self) -> Leaf:
        """The question that holds where this one does not (and the fact is known)."""
        return replace(self, sign=_OPPOSITE[self.sign])

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it asks for."""
        also = (self.other.name,) if isinstance(self.other, Variable) else ()
        return (self.variable.name, *also)

    def __str__(self) -> str:
        label = self.variable.label
        if self.other is None:
            return f"{label}: {'missing' if self.sign == 'is missing' else 'known'}"
        if isinstance(self.other, tuple):
            none_of = "none of " if self.sign == "not in" else ""
            return f"{label}: {none_of}{' or '.join(self.other)}"
        if isinstance(self.other, bool):
            return f"{label}: {'yes' if self.other is (self.sign == '==') else 'no'}"
        other = self.other.label if isinstance(self.other, Variable) else self.variable.shown(self.other)
        return f"{label} {_WORDS[self.sign]} {other}"


@dataclass(frozen=True)
class Both:
    """Two conditions that must both hold."""

    left: Condition
    right: Condition

    def known(self, facts: Facts) -> bool | None:
        """Kleene's and."""
        left = self.left.known(facts)
        if left is False:
            return False
        right = self.right.known(facts)
        return False if right is False else None if left is None or right is None else True

    def closed(self, facts: Facts, inverted: Collection[Leaf] = ()) -> bool:
        """Do both hold?"""
        return self.left.closed(facts, inverted) and self.right.closed(facts, inverted)

    def support(self, facts: Facts) -> Iterator[tuple[Leaf, bool]]:
        """What decided: both sides where both hold, else the first that does not."""
        left = self.left.closed(facts)
        if left == self.right.closed(facts):
            yield from self.left.support(facts)
            if not left:
                return
            yield from self.right.support(facts)
        else:
            yield from (self.right if left else self.left).support(facts)

    def leaves(self) -> Iterator[Leaf]:
        """Every question in it."""
        yield from self.left.leaves()
        yield from self.right.leaves()


@dataclass(frozen=True)
class Either:
    """Two conditions of which one must hold."""

    left: Condition
    right: Condition

    def known(self, facts: Facts) -> bool | None:
        """Kleene's or."""
        left = self.left.known(facts)
        if left is True:
            return True
        right = self.right.known(facts)
        return True if right is True else None if left is None or right is None else False

    def closed(self, facts: Facts, inverted: Collection[Leaf] = ()) -> bool:
        """Does one hold?"""
        return self.left.closed(facts, inverted) or self.right.closed(facts, inverted)

    def support(self, facts: Facts) -> Iterator[tuple[Leaf, bool]]:
        """What decided: every side that holds, or both where none does."""
        sides = [side for side in (self.left, self.right) if side.closed(facts)]
        for side in sides or (self.left, self.right):
            yield from side.support(facts)

    def leaves(self) -> Iterator[Leaf]:
        """Every question in it."""
        yield from self.left.leaves()
        yield from self.right.leaves()


@dataclass(frozen=True)
class Not:
    """A condition that must not hold."""

    inner: Condition

    def known(self, facts: Facts) -> bool | None:
        """Kleene's not."""
        inner = self.inner.known(facts)
        return None if inner is None else not inner

    def closed(self, facts: Facts, inverted: Collection[Leaf] = ()) -> bool:
        """Does it not hold?"""
        return not self.inner.closed(facts, inverted)

    def support(self, facts: Facts) -> Iterator[tuple[Leaf, bool]]:
        """What decided within."""
        yield from self.inner.support(facts)

    def leaves(self) -> Iterator[Leaf]:
        """Every question in it."""
        yield from self.inner.leaves()


Condition = Leaf | Both | Either | Not


def read_condition(text: str, place: str) -> Condition:
    """Which condition does this text state? Raises InputError for what cannot be read or has a wrong type.

    >>> str(read_condition("vitd_25oh_nmol_L < 25", "rule"))
    '25-OH vitamin D below 25 nmol/L'
    >>> read_condition("sex == 'X'", "rule")
    Traceback (most recent call last):
    bonecast.errors.UnknownName: rule, sex: there is no choice of sex called 'X'; known are F, M.
    """
    try:
        tree = rule_engine.Rule(text, context=_context()).statement.expression
    except rule_engine.SymbolResolutionError as error:
        raise UnknownName(place, "variable", error.symbol_name, variables()) from None
    except rule_engine.EngineError as error:
        hint = "correct the condition"
        raise InputError(place, f"the condition cannot be read ({error.message})", hint) from None
    return _lowered(tree, place)


@cache
def _context() -> rule_engine.Context:
    kinds = {"yes or no": rule_engine.DataType.BOOLEAN, "choice": rule_engine.DataType.STRING}
    kinds["text"] = rule_engine.DataType.STRING
    types = {
        name: kinds.get(variable.kind, rule_engine.DataType.FLOAT) for name, variable in variables().items()
    }
    return rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types))


def _lowered(node: Any, place: str) -> Condition:
    match node:
        case ast.LogicExpression(type="and"):
            return Both(_lowered(node.left, place), _lowered(node.right, place))
        case ast.LogicExpression(type="or"):
            return Either(_lowered(node.left, place), _lowered(node.right, place))
        case ast.UnaryExpression(type="not"):
            # The language has one tree for `x not in [..]` and `not (x in [..])`: both mean the first.
            if isinstance(node.right, ast.ContainsExpression):
                return _contains(node.right, place).opposite()
            return Not(_lowered(node.right, place))
        case ast.ContainsExpression():
            return _contains(node, place)
        case ast.SymbolExpression():
            return _compared(find_variable(node.name, place), "==", True, place)
        case ast.ArithmeticComparisonExpression():
            return _comparison(node, _ORDER[node.type], place)
        case ast.ComparisonExpression(type="eq" | "ne"):
            return _comparison(node, "==" if node.type == "eq" else "!=", place)
    kind = type(node).__name__.removesuffix("Expression")
    raise InputError(place, f"the condition holds a {kind}", "use comparisons, in, and, or, not")


def _comparison(node: Any, sign: str, place: str) -> Leaf:
    if not isinstance(node.left, ast.SymbolExpression):
        raise InputError(place, "a comparison begins with a value", "write the variable on the left")
    variable = find_variable(node.left.name, place)
    if isinstance(node.right, ast.NullExpression):
        return Leaf(variable, "is missing" if sign == "==" else "is known")
    if isinstance(node.right, ast.SymbolExpression):
        other = find_variable(node.right.name, place)
        if (variable.kind in ("number", "count"), variable.unit) != (other.is_number, other.unit):
            cause = f"{variable.name} ({variable.unit}) is compared with {other.name} ({other.unit})"
            raise InputError(place, cause, "compare values of one unit")
        return Leaf(variable, sign, other)
    return _compared(variable, sign, getattr(node.right, "value", None), place)


def _contains(node: Any, place: str) -> Leaf:
    if not isinstance(node.member, ast.SymbolExpression) or not isinstance(
        node.container, ast.ArrayExpression
    ):
        raise InputError(place, "'in' wants a variable and a list", "write x in ['a', 'b']")
    variable = find_variable(node.member.name, place)
    choices = tuple(getattr(item, "value", None) for item in node.container.value)
    for choice in choices:
        _compared(variable, "==", choice, place)
    return Leaf(variable, "in", tuple(str(choice) for choice in choices))


def _compared(variable: Variable, sign: str, literal: object, place: str) -> Leaf:
    """A leaf whose literal has the type, the choices and the range of its variable."""
    at = f"{place}, {variable.name}"
    if variable.is_number:
        if isinstance(literal, bool | str) or literal is None:
            raise InputError(
                at, f"a number is compared with {literal!r}", f"give a number in {variable.unit}"
            )
        number = float(literal)  # pyright: ignore[reportArgumentType]
        assert variable.low is not None
        assert variable.high is not None
        if not variable.low <= number <= variable.high:
            cause = f"{number:g} is no {variable.label} in {variable.unit or 'plain numbers'}"
            raise InputError(at, cause, f"the range is {variable.low:g} to {variable.high:g}")
        return Leaf(variable, sign, number)
    if isinstance(literal, bool) is not (variable.kind == "yes or no") or not isinstance(literal, bool | str):
        raise InputError(at, f"a {variable.kind} is compared with {literal!r}", "compare like with like")
    if variable.choices and literal not in variable.choices:
        raise UnknownName(at, f"choice of {variable.name}", str(literal), variable.choices)
    return Leaf(variable, sign, literal)
