"""The one language of conditions: care rules, eligibility, strata and rescue are written, checked and asked in it.

A condition compares named values: `age_years >= 65 and not (sex == 'M' or egfr < 30)`. Its syntax is that of Python's
expressions, whose parser reads it; `true`, `false` and `null` are written in lower case. Each reader brings its
`Vocabulary`: the names that it knows, with kind, unit, choices and range. What is read is a tree of comparisons, and
it is asked in two ways.

*Closed*: a comparison that touches a missing value is false, `not` is classical. `closed` asks this of one person,
`holds` of many at once, where NaN is a missing value. *Known*: a comparison that touches a missing value is unknown
(Kleene's logic); `known` says so of one person. A number of which only a bound is known (`Between`) is missing where
the bound does not decide.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

from bonecast.core.bounded import Between, is_compared
from bonecast.core.translation import current_language, gettext
from bonecast.errors import InputError, UnknownName, printable

Value = bool | float | str
Facts = Mapping[str, Value]

MOST_CHARACTERS = 1000  # the longest condition that is read
DEEPEST = 40  # levels of brackets, signs and operators within each other
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
_TESTS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, choices: reduce(operator.or_, (value == one for one in choices)),
    "not in": lambda value, choices: _TESTS["in"](value, choices) ^ True,
}
_OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "in": "not in", "is missing": "is known"}
_OPPOSITE |= {there: here for here, there in _OPPOSITE.items()}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_WORDS = {"==": "is", "!=": "is not", "<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_LITERALS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Symbol:
    """A name that a condition may use.

    Parameters
    ----------
    name : str
        Name.
    kind : str
        "yes or no", "choice", "text", "number" or "count" (a whole number).
    unit : str
        Unit of the number; empty for plain numbers.
    choices : tuple of str
        Values that are allowed, where they are listed.
    low, high : float, optional
        Range accepted, in `unit`; a number outside it was probably written in another unit.
    label : str
        What it is, in words.

    Examples
    --------
    >>> Symbol("vitamin_d", "number", "nmol/L").shown(18.0)
    '18 nmol/L'
    """

    name: str
    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    label: str = ""

    @property
    def is_number(self) -> bool:
        """Does it hold a number?"""
        return self.kind in ("number", "count")

    @property
    def said(self) -> str:
        """What it holds, in words: "a number" for a count too."""
        return "a number" if self.is_number else f"a {self.kind}"

    def shown(self, value: Value | None) -> str:
        """A value of it in words, with the unit."""
        match value:
            case None:
                return "not in the record"
            case bool():
                return "yes" if value else "no"
            case str():
                return value
        text = (
            str(value)
            if isinstance(value, Between)
            else f"{value:.4g}".replace(".", current_language().decimal)
        )
        return f"{text} {gettext(self.unit) if self.unit else ''}".strip()


@dataclass(frozen=True)
class Vocabulary:
    """What a reader of conditions knows.

    Parameters
    ----------
    what : str
        What its names are called in errors ("covariate").
    symbols : mapping of str to Symbol
        The names.
    example : str
        A condition to write instead of one that cannot be read.
    arithmetic : bool
        May numbers be computed with `+ - * /`, and stand on the left? Where not, every comparison is of one variable.
    missing : bool
        May a condition ask whether a value is missing (`x == null`)?
    """

    what: str
    symbols: Mapping[str, Symbol]
    example: str
    arithmetic: bool = False
    missing: bool = False

    def find(self, name: str, place: str) -> Symbol:
        """The symbol of this name; UnknownName with the nearest names otherwise."""
        if name not in self.symbols:
            raise UnknownName(f"{place}, {printable(name)}", self.what, name, self.symbols)
        return self.symbols[name]


@dataclass(frozen=True)
class Arithmetic:
    """A number computed from two others."""

    sign: str
    left: Term
    right: Term


Term = Symbol | float | Arithmetic


class _Asked:
    """What every condition answers, from its `decided`."""

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """Is it so, each comparison being what `ask` says of it?"""
        raise NotImplementedError

    def closed(self, facts: Facts, inverted: Collection[Any] = ()) -> bool:
        """Is it so of one person? As if each of the `inverted` comparisons were the other way round."""
        if not inverted:
            return self.test(facts)
        return self.decided(lambda leaf: (leaf.known(facts) is True) != (leaf in inverted))

    @cached_property
    def test(self) -> Callable[[Facts], bool]:
        """`closed` as one function, made once: a check asks all rules, and alternatives ask them again and again."""
        return lambda facts: self.decided(lambda leaf: leaf.known(facts) is True)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "test"}

    def holds(self, values: Mapping[str, Any]) -> Any:
        """Of whom is it so? values : name to an array with one value per person; NaN is a missing value."""
        return self.decided(lambda leaf: leaf.of_many(values))


@dataclass(frozen=True)
class Leaf(_Asked):
    """One question: a variable, a sign, and what it is compared with.

    Parameters
    ----------
    variable : Symbol
        The variable.
    sign : str
        The comparison, such as "<" or "is missing".
    other : Value, tuple of str or Symbol, optional
        A value, choices, or another variable.
    """

    variable: Symbol
    sign: str
    other: Value | tuple[str, ...] | Symbol | None = None

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """What `ask` says of it."""
        return ask(self)

    def known(self, facts: Facts) -> bool | None:
        """Is it so? None where a fact that it needs is missing, or is known by a bound that leaves it open."""
        value = facts.get(self.variable.name)
        if self.other is None:
            return (value is None) is (self.sign == "is missing")
        other = facts.get(self.other.name) if isinstance(self.other, Symbol) else self.other
        if value is None or other is None:
            return None
        if isinstance(value, Between) or isinstance(other, Between):
            return is_compared(self.sign, value, other)  # type: ignore[arg-type]
        return _TESTS[self.sign](value, other)

    @cached_property
    def test(self) -> Callable[[Facts], bool]:
        """See `closed`."""
        name, other, known = self.variable.name, self.other, self.known
        if other is None or isinstance(other, Symbol):
            return lambda facts: known(facts) is True
        compared = _TESTS[self.sign]
        return lambda facts: (
            (value := facts.get(name)) is not None
            and (known(facts) if isinstance(value, Between) else compared(value, other)) is True
        )

    def of_many(self, values: Mapping[str, Any]) -> Any:
        """Of whom is it so?"""
        value = values[self.variable.name]
        if self.other is None:
            return (value != value) if self.sign == "is missing" else (value == value)
        other = values[self.other.name] if isinstance(self.other, Symbol) else self.other
        return _compared(self.sign, value, other)

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
        return (self.variable.name, *((self.other.name,) if isinstance(self.other, Symbol) else ()))

    def __str__(self) -> str:
        label = gettext(self.variable.label)
        if self.other is None:
            return f"{label}: {gettext('missing') if self.sign == 'is missing' else gettext('known')}"
        if isinstance(self.other, tuple):
            named = gettext(" or ").join(gettext(one.replace("_", " ")) for one in self.other)
            said = gettext("none of {choices}", choices=named) if self.sign == "not in" else named
            return f"{label}: {said}"
        if isinstance(self.other, bool):
            return f"{label}: {gettext('yes') if self.other is (self.sign == '==') else gettext('no')}"
        other = (
            gettext(self.other.label) if isinstance(self.other, Symbol) else self.variable.shown(self.other)
        )
        return f"{label} {gettext(_WORDS[self.sign])} {other}"


@dataclass(frozen=True)
class Formula(_Asked):
    """A comparison of numbers of which one is computed."""

    left: Term
    sign: str
    right: Term

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """What `ask` says of it."""
        return ask(self)

    def known(self, facts: Facts) -> bool | None:
        """Is it so? None where a fact that it needs is missing."""
        if any(name not in facts for name in self.names):
            return None
        return _TESTS[self.sign](_number(self.left, facts), _number(self.right, facts))

    def of_many(self, values: Mapping[str, Any]) -> Any:
        """Of whom is it so?"""
        return _compared(self.sign, _number(self.left, values), _number(self.right, values))

    def support(self, facts: Facts) -> Iterator[tuple[Any, bool]]:
        """Itself, and whether it held."""
        yield self, self.closed(facts)

    def leaves(self) -> Iterator[Any]:
        """Itself."""
        yield self

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it asks for."""
        return (*_names(self.left), *_names(self.right))


@dataclass(frozen=True)
class Both(_Asked):
    """Two conditions that must both hold.

    Parameters
    ----------
    left, right : Condition
        The two sides.
    """

    left: Condition
    right: Condition

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """And; of one person the right side is not asked where the left one is false."""
        left = self.left.decided(ask)
        return False if left is False else left & self.right.decided(ask)

    @cached_property
    def test(self) -> Callable[[Facts], bool]:
        """See `closed`."""
        left, right = self.left.test, self.right.test
        return lambda facts: left(facts) and right(facts)

    def known(self, facts: Facts) -> bool | None:
        """Kleene's and."""
        left = self.left.known(facts)
        if left is False:
            return False
        right = self.right.known(facts)
        return False if right is False else None if left is None or right is None else True

    def support(self, facts: Facts) -> Iterator[tuple[Any, bool]]:
        """What decided: both sides where both hold, else the first that does not."""
        sides = (self.left, self.right)
        false = [side for side in sides if not side.closed(facts)]
        for side in false[:1] or sides:
            yield from side.support(facts)

    def leaves(self) -> Iterator[Any]:
        """Every question in it."""
        yield from self.left.leaves()
        yield from self.right.leaves()


@dataclass(frozen=True)
class Either(_Asked):
    """Two conditions of which one must hold.

    Parameters
    ----------
    left, right : Condition
        The two sides.
    """

    left: Condition
    right: Condition

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """Or; of one person the right side is not asked where the left one is true."""
        left = self.left.decided(ask)
        return True if left is True else left | self.right.decided(ask)

    @cached_property
    def test(self) -> Callable[[Facts], bool]:
        """See `closed`."""
        left, right = self.left.test, self.right.test
        return lambda facts: left(facts) or right(facts)

    def known(self, facts: Facts) -> bool | None:
        """Kleene's or."""
        left = self.left.known(facts)
        if left is True:
            return True
        right = self.right.known(facts)
        return True if right is True else None if left is None or right is None else False

    def support(self, facts: Facts) -> Iterator[tuple[Any, bool]]:
        """What decided: every side that holds, or both where none does."""
        sides = (self.left, self.right)
        for side in [side for side in sides if side.closed(facts)] or sides:
            yield from side.support(facts)

    def leaves(self) -> Iterator[Any]:
        """Every question in it."""
        yield from self.left.leaves()
        yield from self.right.leaves()


@dataclass(frozen=True)
class Not(_Asked):
    """A condition that must not hold.

    Parameters
    ----------
    inner : Condition
        The condition.
    """

    inner: Condition

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """Classical not."""
        return self.inner.decided(ask) ^ True

    @cached_property
    def test(self) -> Callable[[Facts], bool]:
        """See `closed`."""
        inner = self.inner.test
        return lambda facts: not inner(facts)

    def known(self, facts: Facts) -> bool | None:
        """Kleene's not."""
        inner = self.inner.known(facts)
        return None if inner is None else not inner

    def support(self, facts: Facts) -> Iterator[tuple[Any, bool]]:
        """What decided within."""
        yield from self.inner.support(facts)

    def leaves(self) -> Iterator[Any]:
        """Every question in it."""
        yield from self.inner.leaves()


@dataclass(frozen=True)
class Always(_Asked):
    """`true` or `false`."""

    value: bool

    def decided(self, ask: Callable[[Any], Any]) -> Any:
        """Its value."""
        return self.value

    def known(self, facts: Facts) -> bool | None:
        """Its value."""
        return self.value

    def support(self, facts: Facts) -> Iterator[tuple[Any, bool]]:
        """Nothing was asked."""
        yield from ()

    def leaves(self) -> Iterator[Any]:
        """None."""
        yield from ()


Condition = Leaf | Formula | Both | Either | Not | Always


def names_in(condition: Condition) -> tuple[str, ...]:
    """List the names that a condition asks for, each once, in order.

    Parameters
    ----------
    condition : Condition
        The condition.

    Returns
    -------
    tuple of str
        The names.
    """
    return tuple(dict.fromkeys(name for leaf in condition.leaves() for name in leaf.names))


def read_condition(text: str, place: str, vocabulary: Vocabulary) -> Condition:
    """Read a condition and check its names, kinds, choices, units and ranges.

    Parameters
    ----------
    text : str
        The condition.
    place : str
        Where it stands, for errors.
    vocabulary : Vocabulary
        The names that it may use.

    Returns
    -------
    Condition
        What is then asked of people.

    Raises
    ------
    UnknownName
        If a name or a choice is not known.
    InputError
        If it cannot be read, or compares what cannot be compared.

    Examples
    --------
    >>> adult = Vocabulary("covariate", {"age": Symbol("age", "number", "y", (), 0, 120, "age")}, "age > 60")
    >>> read_condition("age >= 65", "rule", adult).closed({"age": 70.0})
    True
    >>> read_condition("agee >= 65", "rule", adult)
    Traceback (most recent call last):
    bonecast.errors.UnknownName: rule, agee: there is no covariate called 'agee'; did you mean age.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            place, f"a condition of {len(text):,} characters", f"write at most {MOST_CHARACTERS:,}"
        )
    reader = _ConditionReader(" ".join(text.splitlines()).strip(), place, vocabulary)
    try:
        tree = ast.parse(reader.text, mode="eval").body
    except SyntaxError as error:
        at = f" at character {error.offset}" if error.offset else ""
        raise reader.unreadable(f"{error.msg}{at}") from None
    except (RecursionError, MemoryError):
        raise reader.unreadable("too deeply nested") from None
    except ValueError as error:  # more digits than Python reads, or a null byte
        raise reader.unreadable(str(error)) from None
    if _depth(tree) > DEEPEST:
        raise reader.unreadable("too deeply nested")
    return reader.condition(tree)


@dataclass(frozen=True)
class _ConditionReader:
    """From Python's tree to a condition of this vocabulary."""

    text: str
    place: str
    vocabulary: Vocabulary

    def condition(self, node: ast.expr) -> Condition:
        """A part that is true or false of a person."""
        match node:
            case ast.BoolOp():
                join = Both if isinstance(node.op, ast.And) else Either
                return reduce(join, [self.condition(part) for part in node.values])
            case ast.UnaryOp(op=ast.Not()):
                inner = self.condition(node.operand)
                # `x not in [..]` and `not (x in [..])` both mean the first
                return inner.opposite() if isinstance(inner, Leaf) and inner.sign == "in" else Not(inner)
            case ast.Compare():
                return self._chain(node)
            case ast.Name() if node.id in _LITERALS or node.id not in self.vocabulary.symbols:
                if isinstance(value := _LITERALS.get(node.id), bool):
                    return Always(value)
                if node.id not in _LITERALS:
                    self.vocabulary.find(node.id, self.place)
            case ast.Constant(value=bool() as value):
                return Always(value)
            case ast.Name():
                symbol = self.vocabulary.symbols[node.id]
                if symbol.kind == "yes or no":
                    return Leaf(symbol, "==", True)
                hint = f"compare it, such as {symbol.name} "
                hint += f"> {max(symbol.low or 0, 0):g}" if symbol.is_number else "== 'a choice'"
                raise InputError(f"{self.place}, {symbol.name}", f"{symbol.said} is no yes or no", hint)
        raise self._misplaced(node, "yes or no", "use comparisons, and, or, not")

    def _chain(self, node: ast.Compare) -> Condition:
        """`a < b`, or `a < b < c`, which means `a < b and b < c`."""
        sides, signs = [node.left, *node.comparators], [_SIGNS.get(type(op), "") for op in node.ops]
        if "" in signs or (len(signs) > 1 and not {*signs} <= {"<", "<=", ">", ">="}):
            raise self.unreadable("a chain of comparisons; write brackets" if "" not in signs else "'is'")
        pairs = zip(sides, signs, sides[1:], strict=False)
        return reduce(Both, [self._comparison(left, sign, right) for left, sign, right in pairs])

    def _comparison(self, left: ast.expr, sign: str, right: ast.expr) -> Condition:
        if sign in ("in", "not in"):
            return self._contains(left, sign, right)
        if not self.vocabulary.arithmetic and not self._is_symbol(left):
            raise InputError(self.place, "a comparison begins with a value", "write the variable on the left")
        if self._is_logic(left) or self._is_logic(right):
            return self._logic(left, sign, right)
        if (
            self._is_symbol(left)
            and self._is_null(right)
            and self.vocabulary.missing
            and sign in ("==", "!=")
        ):
            return Leaf(self._symbol(left), "is missing" if sign == "==" else "is known")
        if self._is_symbol(left) and not self._symbol(left).is_number:
            return self._equals(self._symbol(left), sign, right)
        if self._is_symbol(right) and not self._symbol(right).is_number:
            return self._equals(self._symbol(right), sign, left)
        return self._numbers(self._term(left), sign, self._term(right))

    def _numbers(self, one: Term, sign: str, other: Term) -> Condition:
        if isinstance(one, float) and isinstance(other, Symbol):
            one, sign, other = other, _SWAPPED[sign], one
        if isinstance(one, Symbol) and isinstance(other, Symbol) and one.unit != other.unit:
            cause = f"{one.name} ({one.unit}) is compared with {other.name} ({other.unit})"
            raise InputError(self.place, cause, "compare values of one unit")
        if isinstance(one, Symbol) and isinstance(other, float):
            low, high = (
                -math.inf if one.low is None else one.low,
                math.inf if one.high is None else one.high,
            )
            if not low <= other <= high:
                cause = f"{other:g} is no {one.label} in {one.unit or 'plain numbers'}"
                raise InputError(f"{self.place}, {one.name}", cause, f"the range is {low:g} to {high:g}")
        if isinstance(one, Symbol) and isinstance(other, Symbol | float):
            return Leaf(one, sign, other)
        return Formula(one, sign, other)

    def _equals(self, symbol: Symbol, sign: str, other: ast.expr) -> Condition:
        """A yes or no, a choice or a text beside a value or a variable of its kind."""
        at = f"{self.place}, {symbol.name}"
        if sign not in ("==", "!="):
            raise InputError(at, f"{symbol.said} has no order", "compare it with == or !=")
        if self._is_symbol(other):
            named = self._symbol(other)
            if (named.kind == "yes or no", named.is_number) != (symbol.kind == "yes or no", False):
                raise InputError(at, f"{symbol.said} is compared with {named.said}", "compare like with like")
            return Leaf(symbol, sign, named)
        return Leaf(symbol, sign, self._literal(symbol, other))

    def _literal(self, symbol: Symbol, node: ast.expr) -> Value:
        """A value that this symbol can have: of its kind, and one of its choices."""
        at, value = f"{self.place}, {symbol.name}", self._constant(node)
        if not isinstance(value, bool | str) or isinstance(value, bool) is not (symbol.kind == "yes or no"):
            cause = f"{symbol.said} is compared with {self._said(node)}"
            raise InputError(at, cause, "compare like with like")
        if symbol.choices and value not in symbol.choices:
            raise UnknownName(at, f"choice of {symbol.name}", str(value), symbol.choices)
        return value

    def _contains(self, left: ast.expr, sign: str, right: ast.expr) -> Leaf:
        if not self._is_symbol(left) or not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise InputError(self.place, "'in' wants a variable and a list", "write x in ['a', 'b']")
        symbol = self._symbol(left)
        if symbol.kind not in ("choice", "text"):
            cause = f"'in' wants a choice, and {symbol.name} is {symbol.said}"
            raise InputError(f"{self.place}, {symbol.name}", cause, "use == or <")
        return Leaf(symbol, sign, tuple(str(self._literal(symbol, item)) for item in right.elts))

    def _logic(self, left: ast.expr, sign: str, right: ast.expr) -> Condition:
        """Two conditions that have the same answer, or not."""
        if not all(self._is_logic(side) or self._is_yes_or_no(side) for side in (left, right)):
            raise InputError(self.place, "a yes or no is compared with a number", "compare like with like")
        if sign not in ("==", "!="):
            raise InputError(self.place, "a yes or no has no order", "compare it with == or !=")
        one, other = self.condition(left), self.condition(right)
        same = Either(Both(one, other), Both(Not(one), Not(other)))
        return same if sign == "==" else Not(same)

    def _term(self, node: ast.expr) -> Term:
        """A part that is a number of a person."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return float(value) if abs(value) < 1e300 else math.inf
            case ast.Name() if self._is_symbol(node) or node.id not in _LITERALS:
                symbol = self._symbol(node)
                if symbol.is_number:
                    return symbol
                raise InputError(f"{self.place}, {symbol.name}", f"{symbol.said} is no number", "compare it")
            case ast.UnaryOp(op=ast.USub()):
                inner = self._term(node.operand)
                return -inner if isinstance(inner, float) else self._computed("*", -1.0, inner)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                sign = _ARITHMETIC[type(node.op)]
                return self._computed(sign, self._term(node.left), self._term(node.right))
        raise self._misplaced(node, "number", f"use {self.vocabulary.what}s, numbers and + - * /")

    def _computed(self, sign: str, left: Term, right: Term) -> Term:
        if isinstance(left, float) and isinstance(right, float):
            if sign == "/" and right == 0:
                raise InputError(self.place, "a division by 0", "write another number")
            return _COMPUTE[sign](left, right)
        if not self.vocabulary.arithmetic:
            raise InputError(self.place, "a number is computed", "compare a variable with a number")
        return Arithmetic(sign, left, right)

    def _symbol(self, node: ast.expr) -> Symbol:
        assert isinstance(node, ast.Name)
        return self.vocabulary.find(node.id, self.place)

    @staticmethod
    def _is_symbol(node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id not in _LITERALS

    def _is_yes_or_no(self, node: ast.expr) -> bool:
        return (self._is_symbol(node) and self._symbol(node).kind == "yes or no") or (
            isinstance(self._constant(node), bool)
        )

    @staticmethod
    def _is_null(node: ast.expr) -> bool:
        return (isinstance(node, ast.Name) and node.id == "null") or (
            isinstance(node, ast.Constant) and node.value is None
        )

    @staticmethod
    def _is_logic(node: ast.expr) -> bool:
        return isinstance(node, ast.BoolOp | ast.Compare) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        )

    @staticmethod
    def _constant(node: ast.expr) -> object:
        if isinstance(node, ast.Name):
            return _LITERALS.get(node.id)
        return node.value if isinstance(node, ast.Constant) else None

    def _said(self, node: ast.expr) -> str:
        """What a part is called that has no place here."""
        match node:
            case ast.Constant(value=str()):
                return "a text"
            case ast.Constant(value=bool()) | ast.Name(id="true" | "false") | ast.Compare() | ast.BoolOp():
                return "a yes or no"
            case ast.Constant(value=int() | float()) | ast.UnaryOp():
                return "a number"
            case ast.Constant(value=None) | ast.Name(id="null"):
                return "null"
            case ast.List() | ast.Tuple():
                return "a list"
            case ast.BinOp():
                return "this arithmetic"
        return ""

    def _misplaced(self, node: ast.expr, wanted: str, hint: str) -> InputError:
        said = self._said(node)
        if not said:
            part = printable(ast.get_source_segment(self.text, node) or "", 30)
            return self.unreadable(f"'{part}' is not understood")
        return InputError(self.place, f"{said} is no {wanted}", hint)

    def unreadable(self, why: str) -> InputError:
        """That the text, or a part of it, is no condition."""
        hint = f"use comparisons, and, or, not, such as {self.vocabulary.example}"
        cause = f"it cannot be read ({printable(why, 80)})"
        return InputError(f"{self.place}, '{printable(self.text, 60)}'", cause, hint)


def _depth(tree: ast.expr) -> int:
    """How many levels of expressions lie within each other?"""
    levels, level = 0, [tree]
    while level:
        levels += 1
        level = [part for node in level for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return levels


def _compared(sign: str, value: Any, other: Any) -> Any:
    """A comparison of arrays, in which NaN is a missing value: false for every sign."""
    held = _TESTS[sign](value, other)
    if sign not in ("!=", "not in"):  # NaN fails every other sign by itself
        return held
    return held & (value == value) & (other == other)


def _number(term: Term, values: Mapping[str, Any]) -> Any:
    if isinstance(term, Symbol):
        return values[term.name]
    if isinstance(term, Arithmetic):
        return _COMPUTE[term.sign](_number(term.left, values), _number(term.right, values))
    return term


def _names(term: Term) -> tuple[str, ...]:
    if isinstance(term, Arithmetic):
        return (*_names(term.left), *_names(term.right))
    return (term.name,) if isinstance(term, Symbol) else ()
