"""The equations of a described model in the order in which they can be computed, and as Python functions.

Every quantity has one definition: a number that is held until an event changes it, a state with a rate, a formula, or
an unknown of the algebraic rules. Beside the symbols of the file there are `X|amount` (the amount of a species whose
symbol is a concentration) and `d|X` (the rate of change of X).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bonecast.errors import InputError
from bonecast.interop.sbml.description import SbmlDescription, SbmlQuantity
from bonecast.interop.sbml.expressions import (
    NAMESPACE,
    ZERO,
    Expr,
    name,
    names_in,
    number,
    parts,
    product,
    python_text,
)

_ERRORS = "(ZeroDivisionError, OverflowError, ValueError)"
JUMPING = ("floor", "ceiling", "quotient", "rem")


def amount_of(species: SbmlQuantity) -> str:
    """The name of the amount of a species."""
    return species.id if species.substance else f"{species.id}|amount"


class SbmlEquations:
    """What each name of a model is, while time runs and at the start.

    Parameters
    ----------
    description : SbmlDescription
        The model.

    Attributes
    ----------
    states : dict of str to Expr
        Name of each state to its rate.
    held : list of str
        Names whose numbers only events change.
    unknown : list of str
        Names that the algebraic rules decide.
    formulas : dict of str to Expr
        Every other name.
    start : dict of str to Expr
        The value of every name at the start; of an unknown, the guess.
    """

    def __init__(self, description: SbmlDescription) -> None:
        self.description = description
        self.states: dict[str, Expr] = {}
        self.held: list[str] = []
        self.formulas: dict[str, Expr] = {}
        self.start: dict[str, Expr] = {}
        self.unknown = self._matched()
        for quantity in description.quantities.values():
            (self._species if quantity.kind == "species" else self._plain)(quantity)
        for reaction in description.reactions.values():
            self.formulas[reaction.id] = self.start[reaction.id] = reaction.rate or number(math.nan)
        self.slots = {n: i for i, n in enumerate(self.states)}
        self.places = {n: i for i, n in enumerate(self.held)}
        for n in list(description.quantities):
            self._rate_of(n)
        self.start.update({n: e for n, e in self.formulas.items() if n.startswith("d|")})

    # Definitions

    def _plain(self, q: SbmlQuantity) -> None:
        d = self.description
        self.start[q.id] = d.initial.get(q.id, d.assignments.get(q.id, number(q.value)))
        self._define(q.id, q.id)

    def _define(self, symbol: str, stored: str) -> None:
        """A rule for a symbol, or its number held under the name `stored`."""
        d = self.description
        if symbol in d.assignments:
            self.formulas[symbol] = d.assignments[symbol]
        elif symbol in d.rates:
            self.states[symbol] = d.rates[symbol]
        elif symbol not in self.unknown:
            self.held.append(stored)

    def _species(self, q: SbmlQuantity) -> None:
        d, amount = self.description, amount_of(q)
        ruled = q.id in d.assignments or q.id in d.rates or q.id in self.unknown
        home = name(q.compartment)
        if not ruled and q.id in d.reacting:
            self.states[amount] = self._change(q)
        else:
            self._define(q.id, amount)
        if not q.substance:
            if ruled:
                self.formulas[amount] = product(name(q.id), home)
            else:
                self.formulas[q.id] = ("divide", name(amount), home)
        given = d.initial.get(q.id, d.assignments.get(q.id))
        first = number(q.value) if given is None else given
        if q.substance:
            by_volume = given is None and q.concentration
            self.start[q.id] = product(first, home) if by_volume else first
        elif given is not None or q.concentration:
            self.start[q.id], self.start[amount] = first, product(name(q.id), home)
        else:
            self.start[amount], self.start[q.id] = first, ("divide", name(amount), home)

    def _change(self, q: SbmlQuantity) -> Expr:
        """The rate of change of the amount of a species by reactions."""
        terms: list[Expr] = []
        for reaction in self.description.reactions.values():
            if reaction.rate is None:
                continue
            own = [stoichiometry for species, stoichiometry in reaction.changes if species == q.id]
            terms += [
                ("minus", product(s[1], name(reaction.id)))
                if s[0] == "minus" and len(s) == 2
                else product(s, name(reaction.id))
                for s in own
            ]
        total = ("plus", *terms) if terms else ZERO
        return product(name(q.factor), total) if q.factor else total

    def _rate_of(self, symbol: str) -> None:
        """Define `d|X`, in the unit of X; a symbol for which it is not defined has none."""
        q = self.description.quantities[symbol]
        if symbol in self.states:
            self.formulas[f"d|{symbol}"] = self.states[symbol]
        elif symbol in self.held:
            self.formulas[f"d|{symbol}"] = ZERO
        elif q.kind == "species" and f"{symbol}|amount" in (*self.states, *self.held):
            volume = self.description.quantities[q.compartment]
            change = self.states.get(f"{symbol}|amount", ZERO)
            if q.compartment in self.states:
                change = ("minus", change, product(name(symbol), self.states[q.compartment]))
            elif q.compartment not in self.held:
                return
            self.formulas[f"d|{symbol}"] = ("divide", change, name(volume.id))

    def _matched(self) -> list[str]:
        """The unknown that each algebraic rule decides: a matching of rules and quantities that nothing else sets."""
        d = self.description
        if not d.algebraic:
            return []
        by_events = {target for event in d.events for target, _ in event.assignments}
        taken = d.assignments.keys() | d.rates.keys() | d.reacting
        reads = [self._reached(expr) for expr, _ in d.algebraic]
        free = [
            [n for n, q in d.quantities.items() if n in read and not q.constant and n not in taken]
            for read in reads
        ]
        for names in free:
            names.sort(key=lambda n: n in by_events)
        owner: dict[str, int] = {}

        def place(rule: int, tried: set[str]) -> bool:
            for n in free[rule]:
                if n not in tried:
                    tried.add(n)
                    if n not in owner or place(owner[n], tried):
                        owner[n] = rule
                        return True
            return False

        for rule, (_, line) in enumerate(d.algebraic):
            if not place(rule, set()):
                where = f"{d.place}, line {line}, algebraicRule"
                raise InputError(where, "no quantity is left for it to decide", "check the rule")
        return sorted(owner, key=lambda n: owner[n])

    def _reached(self, expr: Expr) -> set[str]:
        """The names that an expression reads, through assignment rules and reactions too."""
        d, found, waiting = self.description, set(), [expr]
        while waiting:
            for n in names_in(waiting.pop()) - found:
                found.add(n)
                reaction = d.reactions.get(n)
                more = d.assignments.get(n) or (reaction.rate if reaction else None)
                if more:
                    waiting.append(more)
        return found

    # Order and text

    def ordered(self, targets: Iterable[Expr], table: Mapping[str, Expr]) -> list[str]:
        """The names under these expressions that `table` defines, each after what it reads."""
        order: list[str] = []
        mark: dict[str, int] = {}

        def known(n: str) -> bool:
            if n in table:
                return True
            if n in self.slots or n in self.places or n in self.unknown:
                return False
            cause = f"the rate of '{n[2:]}' is not defined" if n.startswith("d|") else f"'{n}' is not defined"
            raise InputError(self.description.place, cause, "see docs/sbml.md for what is supported")

        for target in targets:
            stack = [(n, False) for n in sorted(names_in(target), reverse=True)]
            while stack:
                n, done = stack.pop()
                if done:
                    mark[n] = 2
                    order.append(n)
                elif mark.get(n) != 2 and known(n):
                    if mark.get(n) == 1:
                        raise InputError(
                            self.description.place, f"'{n}' depends on itself", "break the circle of rules"
                        )
                    mark[n] = 1
                    stack.append((n, True))
                    stack += [
                        (m, False) for m in sorted(names_in(table[n]), reverse=True) if mark.get(m) != 2
                    ]
        return order

    def function(
        self,
        targets: Sequence[Expr],
        space: dict[str, Any],
        starting: Mapping[str, Expr] | None = None,
        residual: bool = False,
        meet: Sequence[Expr] = (),
    ) -> Callable[..., list[Any]]:
        """A function (t, y, h) -> [value of each target]; with `residual`, (t, y, h, z) for given unknowns.

        space : what the text may call: `past` for delays, `solve` for the unknowns.
        starting : what each name is at the start; y and h are not read then, and z are the guesses.
        meet : the equalities that hold within the precision to which a crossing is located.
        """
        table = self.formulas if starting is None else starting
        table = {n: e for n, e in table.items() if n not in self.unknown}
        order = self.ordered(targets, table)
        local = {n: f"x{i}" for i, n in enumerate(order)}
        read = set().union(*(names_in(e) for e in (*targets, *(table[n] for n in order)))) - local.keys()
        symbols = dict(local)
        lines: list[str] = []
        solved = [n for n in self.unknown if n in read]
        if solved and not residual and starting is None:
            lines.append("z = solve(t, y, h)")
        for n in read:
            if n in self.unknown:
                symbols[n] = f"z[{self.unknown.index(n)}]"
            elif n in self.slots:
                symbols[n] = f"y[{self.slots[n]}]"
            else:
                symbols[n] = f"h[{self.places[n]}]"
        arguments = "t, y, h, z" if residual or starting is not None else "t, y, h"

        def body(safe: bool) -> str:
            rows = [f"        {local[n]} = {python_text(table[n], symbols, safe)}" for n in order]
            values = ", ".join(python_text(e, symbols, safe, meet) for e in targets)
            return "\n".join([*rows, f"        return [{values}]"])

        head = "\n".join(f"    {line}" for line in lines)
        text = (
            f"def made({arguments}):\n{head}\n    try:\n{body(False)}\n    except {_ERRORS}:\n{body(True)}\n"
        )
        scope = {**NAMESPACE, **space}
        exec(compile(text, f"<{self.description.name}, generated>", "exec"), scope)
        return scope["made"]

    def conditions(self, targets: Sequence[Expr]) -> list[Expr]:
        """The comparisons and steps under these expressions, whose change a step must not run over."""
        order = self.ordered(targets, self.formulas)
        found: dict[Expr, None] = {}
        for expr in (*targets, *(self.formulas[n] for n in order)):
            for part in parts(expr):
                if part[0] in ("gt", "lt", "geq", "leq", "eq", "neq") or part[0] in JUMPING:
                    found[part] = None
        return list(found)

    def clocked(self, expr: Expr) -> bool:
        """Does an expression change with time alone, as far as states go?"""
        order = self.ordered([expr], self.formulas)
        every = [expr, *(self.formulas[n] for n in order)]
        reads = set().union(*(names_in(e) for e in every))
        calls = {part[0] for e in every for part in parts(e)}
        return (
            "time" in calls and "delay" not in calls and not reads & (self.slots.keys() | set(self.unknown))
        )
