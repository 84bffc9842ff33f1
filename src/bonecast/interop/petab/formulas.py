"""The formulas of PEtab tables as expressions: sums and products, comparisons, logic and functions, in infix text."""

from __future__ import annotations

import math
import re

from bonecast.errors import InputError, printable
from bonecast.interop.sbml.expressions import NAMESPACE, ONE, TIME, ZERO, Expr, name, number, python_text

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|&&|\|\||[<>=!]=|[-+*/^()<>!,]))"
)
_COMPARED = {"<": "lt", ">": "gt", "<=": "leq", ">=": "geq", "==": "eq", "!=": "neq"}
_WORDS = {"true": ONE, "false": ZERO, "inf": number(math.inf), "nan": number(math.nan), "time": TIME}
_ALIASES = {"log": "ln", "ceil": "ceiling", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_PLAIN = {key.removeprefix("f_") for key in NAMESPACE if key.startswith("f_")} | {"min", "max", "piecewise"}
_MOST = {"piecewise": 1000, "min": 1000, "max": 1000, "log": 2, "pow": 2}


def parse_formula(text: str, place: str) -> Expr:
    """A formula of a table; `InputError` with the character where it cannot be read."""
    parser = _FormulaParser(text, place)
    found = parser.logical()
    if parser.at < len(parser.tokens):
        raise parser.fault("something is left over")
    return found


def value_of(expr: Expr, values: dict[str, float], place: str) -> float:
    """The number of an expression; `InputError` names what has no value."""
    try:
        return float(eval(python_text(expr, _Lookup(), safe=True), dict(NAMESPACE), {"v": values, "t": values.get("time")}))  # fmt: skip  # noqa: E501
    except KeyError as missing:
        cause = f"'{printable(str(missing.args[0]))}' has no value"
        raise InputError(place, cause, "name it in the model, the parameters or the conditions") from None


class _Lookup(dict[str, str]):
    """Python text of every name."""

    def __missing__(self, key: str) -> str:
        return f"v[{key!r}]"


class _FormulaParser:
    """One method for each level of precedence, from the weakest: `&&` and `||` (equal), comparison, sum, product."""

    def __init__(self, text: str, place: str) -> None:
        self.text, self.place, self.at = text, place, 0
        self.tokens: list[tuple[str, str, int]] = []
        end = 0
        while text[end:].strip():
            match = _TOKEN.match(text, end)
            if match is None:
                raise InputError(
                    f"{place}, character {end + 1}", f"'{printable(text[end:])}' cannot be read", "check it"
                )
            kind = "number" if match[1] else "word" if match[2] else "sign"
            self.tokens.append((kind, match[match.lastindex or 0], match.start(match.lastindex or 0)))
            end = match.end()

    def fault(self, cause: str) -> InputError:
        column = self.tokens[self.at][2] + 1 if self.at < len(self.tokens) else len(self.text) + 1
        return InputError(f"{self.place}, character {column}", cause, "check the formula")

    def sign(self, *which: str) -> str:
        """The next sign, taken, if it is one of these; else empty."""
        if (
            self.at < len(self.tokens)
            and self.tokens[self.at][0] == "sign"
            and self.tokens[self.at][1] in which
        ):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def logical(self) -> Expr:
        left = self.compared()
        while op := self.sign("&&", "||"):
            left = ("and" if op == "&&" else "or", left, self.compared())
        return left

    def compared(self) -> Expr:
        left = self.sum()
        while op := self.sign(*_COMPARED):
            left = (_COMPARED[op], left, self.sum())
        return left

    def sum(self) -> Expr:
        left = self.product()
        while op := self.sign("+", "-"):
            left = ("plus" if op == "+" else "minus", left, self.product())
        return left

    def product(self) -> Expr:
        left = self.signed()
        while op := self.sign("*", "/"):
            left = ("times" if op == "*" else "divide", left, self.signed())
        return left

    def signed(self) -> Expr:
        if op := self.sign("-", "+", "!"):
            inner = self.signed()
            return ("minus", inner) if op == "-" else inner if op == "+" else ("not", inner)
        return self.power()

    def power(self) -> Expr:
        base = self.atom()
        return ("power", base, self.signed()) if self.sign("^", "**") else base

    def atom(self) -> Expr:
        if self.sign("("):
            inner = self.logical()
            if not self.sign(")"):
                raise self.fault("a parenthesis is not closed")
            return inner
        if self.at >= len(self.tokens) or self.tokens[self.at][0] == "sign":
            raise self.fault("a number or a name is missing")
        kind, text, _ = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return number(float(text))
        if not self.sign("("):
            return _WORDS.get(text, name(text))
        args = [self.logical()]
        while self.sign(","):
            args.append(self.logical())
        if not self.sign(")"):
            raise self.fault("a parenthesis is not closed")
        if len(args) > _MOST.get(text, 1):
            raise self.fault(f"'{printable(text)}' has too many arguments")
        return self._call(text, args)

    def _call(self, text: str, args: list[Expr]) -> Expr:
        if text == "pow":
            return ("power", *args)
        if text == "sqrt":
            return ("root", number(2.0), *args)
        if text in ("log10", "log2"):
            return ("log", number(float(text[3:])), *args)
        if text == "log" and len(args) == 2:
            return ("log", args[1], args[0])
        if text == "sign":
            return ("piecewise", ONE, ("gt", args[0], ZERO), number(-1.0), ("lt", args[0], ZERO), ZERO)
        op = _ALIASES.get(text, text)
        if op not in _PLAIN:
            raise self.fault(f"there is no function '{printable(text)}'")
        return (op, *args)
