"""A model as text for other programs: LaTeX, mrgsolve, Julia and NONMEM, written from its traced equations.

Doses enter as they do here: what one dose unit adds to its state is the bioavailability of that compartment (F), and a
lag is its lag, where one route leads into the state. Else, and for a steady intake, a comment says what to multiply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bonecast.engine import (
    PERSON,
    STATE,
    ZERO,
    Dialect,
    EquationWriter,
    Node,
    TracedSystem,
    in_order,
    traced,
    traced_routes,
)
from bonecast.errors import InputError, UnknownName
from bonecast.models.model import Model

_PLAIN = {name: f"{name}({{0}})" for name in ("exp", "log", "sqrt", "sin", "cos", "floor")}
_KEYWORDS = {
    "mrgsolve": {
        "TIME", "EVID", "AMT", "CMT", "ID", "NEWIND", "SOLVERTIME", "self", "double", "int", "bool", "if", "else",
        "for",
        "return", "auto", "const", "new", "this", "exp", "log", "sqrt", "sin", "cos", "floor", "pow", "ETA", "EPS",
    },
    "julia": {"begin", "end", "function", "if", "else", "for", "let", "do", "t", "u", "du", "p", "exp", "log", "sqrt",
              "sin", "cos", "floor", "ifelse", "pi"},
    "nonmem": {"A", "T", "TIME", "AMT", "RATE", "EVID", "MDV", "CMT", "DV", "ID", "Y", "F", "EXP", "LOG", "SQRT", "SIN",
               "COS", "INT", "THETA", "ETA", "EPS", "ERR", "DADT", "A_0", "IF", "THEN", "ELSE", "ENDIF"},
}  # fmt: skip
_NONMEM_LONGEST = 20  # signs of a name


def _number(value: float) -> str:
    """The shortest text that reads back as this number, with a point."""
    text = repr(float(value))
    return text.replace("e+", "e")


def _latex_number(value: float) -> str:
    text = f"{value:.6g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if e else text


_CPP = Dialect(
    _number,
    "pow({0}, {1})",
    "{0}/{1}",
    "*",
    _PLAIN,
    "({0} > {1} ? {2} : {3})",
    "double {0} = {1};",
    power_arguments=True,
)
_JULIA = Dialect(_number, "{0}^{1}", "{0}/{1}", "*", _PLAIN, "ifelse({0} > {1}, {2}, {3})", "{0} = {1}")
_FORTRAN = Dialect(
    lambda value: _number(value).upper(),
    "{0}**{1}",
    "{0}/{1}",
    "*",
    {name: f"{name.upper()}({{0}})" for name in ("exp", "log", "sqrt", "sin", "cos")},
    "",
    "{0} = {1}",
    "IF ({1}.GT.{2}) THEN\n  {0} = {3}\nELSE\n  {0} = {4}\nENDIF",
)
_LATEX = Dialect(
    _latex_number,
    "\\left({0}\\right)^{{{1}}}",
    "\\frac{{{0}}}{{{1}}}",
    " \\cdot ",
    {
        "exp": "\\exp\\left({0}\\right)",
        "log": "\\ln\\left({0}\\right)",
        "sqrt": "\\sqrt{{{0}}}",
        "sin": "\\sin\\left({0}\\right)",
        "cos": "\\cos\\left({0}\\right)",
        "floor": "\\left\\lfloor {0} \\right\\rfloor",
    },
    "\\begin{{cases}} {2} & \\text{{if }} {0} > {1} \\\\ {3} & \\text{{otherwise}} \\end{{cases}}",
    "{0} &= {1} \\\\",
    power_arguments=True,
    fractions=True,
)


def export_model(model: Model, target: str) -> str:
    """Write a model as text for another program.

    Parameters
    ----------
    model : Model
        A model that starts at time zero (no run-in), as all but `joerg-2022` do.
    target : str
        "latex", "mrgsolve", "julia" or "nonmem".

    Returns
    -------
    str
        The whole file.

    Raises
    ------
    InputError
        If the model has what the other program cannot say.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> "dxdt_BMD" in export_model(load_model("choi-2025"), "mrgsolve")
    True
    """
    if target not in EXPORTS:
        raise UnknownName("models export", "format", target, EXPORTS)
    if model.system.run_in is not None:
        cause = f"{model.name} has a life before time zero, which other programs do not have"
        raise InputError(f"models export, {target}", cause, "take a model that starts at time zero")
    try:
        return EXPORTS[target](_Traced.of(model, target)) + "\n"
    except ValueError as error:
        raise InputError(f"models export, {target}", f"{error} there", "take another format") from None


@dataclass(frozen=True)
class _Traced:
    """The equations, and the names that the other program gets."""

    model: Model
    equations: TracedSystem
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]

    @staticmethod
    def of(model: Model, target: str) -> _Traced:
        system, used = model.system, set(_KEYWORDS.get(target, ()))
        renamed = (
            _latex_name if target == "latex" else lambda name: _identifier(name, used, target == "nonmem")
        )
        states = tuple(map(renamed, system.states))
        parameters = tuple(map(renamed, system.parameters))
        return _Traced(model, traced(system), states, parameters, tuple(map(renamed, system.output_names)))

    @property
    def title(self) -> str:
        return f"{self.model.title} ({self.model.name}), written by Bonecast. Time in {self.model.system.time_unit}."

    def writer(
        self, dialect: Dialect, state: Callable[[int], str], start: Callable[[int], str]
    ) -> EquationWriter:
        leaves = {("par", i): name for i, name in enumerate(self.parameters)}
        for i in range(len(self.states)):
            leaves["state", i], leaves["start", i] = state(i), start(i)
        return EquationWriter(dialect, leaves, self.equations.switches)

    def person_level(self, nodes: Iterable[Node]) -> list[Node]:
        """Terms of the parameters alone that these nodes use."""
        nodes = list(nodes)
        used = [node for node in nodes if node.level == PERSON]
        for node in in_order([*nodes, *self.equations.switches]):
            used += [a for a in node.nodes() if node.level == STATE and a.level == PERSON]
        found = {node.id: node for node in used if not (node.op == "par" or _is_negative(node))}
        return list(found.values())

    def routes(
        self, dialect: Dialect, text: Callable[[str, str], str], remark: Callable[[str], str]
    ) -> list[str]:
        """Statements of F and lag of each compartment; remarks where one number does not say it."""
        lines: list[str] = []
        system = self.model.system
        into: dict[str, list[str]] = {}
        for name, route in system.routes.items():
            into.setdefault(route.state, []).append(name)
        for k, (name, (amount, lag)) in enumerate(traced_routes(system).items(), start=1):
            route = system.routes[name]
            at = self.states[system.states.index(route.state)]
            writer = self.writer(dialect, lambda i: self.states[i], lambda i: self.states[i])
            alone = len(into[route.state]) == 1 and route.given == "bolus"
            target = text("F", at) if alone else f"DOSE{k}"
            lines += writer.block([(target, amount)], lambda n, k=k: f"d{k}_{n}", PERSON)
            if not alone:
                lines.append(remark(f"Multiply doses of {name} ({route.unit}) into {at} by DOSE{k}"))
                if route.given == "spread":
                    lines.append(
                        remark(f"{name} is a steady intake: give it as an infusion over its interval")
                    )
            if lag.op != "num" or lag.args[0]:
                lines += writer.block([(text("ALAG", at), lag)], lambda n, k=k: f"l{k}_{n}", PERSON)
        return lines


def _mrgsolve(model: _Traced) -> str:
    e = model.equations
    writer = model.writer(_CPP, lambda i: model.states[i], lambda i: f"start_{model.states[i]}")
    kept = model.person_level([*e.rates, *e.outputs])
    main = writer.block(
        [(f"start_{name}", node) for name, node in zip(model.states, e.initial, strict=True)],
        _named("c"),
        PERSON,
        kept,
    )
    main += [f"{name}_0 = start_{name};" for name in model.states]
    main += [
        line.removeprefix("double ") if line.startswith(("double F_", "double ALAG_")) else line
        for line in model.routes(_CPP, lambda kind, at: f"{kind}_{at}", lambda text: f"// {text}.")
    ]
    before = dict(writer.names)
    ode = writer.block(
        [(f"dxdt_{n}", node) for n, node in zip(model.states, e.rates, strict=True)], _named("r")
    )
    ode = [
        line.replace("double dxdt_", "dxdt_", 1) if line.startswith("double dxdt_") else line for line in ode
    ]
    writer.names = before
    table = writer.block(zip(model.outputs, e.outputs, strict=True), _named("o"))
    parameters = [
        f"{name} = {_number(value)}"
        for name, value in zip(model.parameters, model.model.system.parameters.values(), strict=True)
    ]
    return "\n".join(
        [
            f"$PROB {model.title}",
            "$PARAM",
            *parameters,
            f"$CMT {' '.join(model.states)}",
            "$MAIN",
            *main,
            "$ODE",
            *ode,
            "$TABLE",
            *table,
            f"$CAPTURE {' '.join(model.outputs)}",
        ]
    )


def _julia(model: _Traced) -> str:
    e = model.equations
    system = model.model.system

    def body(targets: Iterable[tuple[str, Node]]) -> list[str]:
        writer = model.writer(_JULIA, lambda i: f"u[{i + 1}]", lambda i: f"start[{i + 1}]")
        return [unpack, *(f"    {line}" for line in writer.block(targets, _named("x")))]

    values = ", ".join(
        f"{name} = {_number(value)}"
        for name, value in zip(model.parameters, system.parameters.values(), strict=True)
    )
    unpack = f"    (; {', '.join(model.parameters)}) = p"
    routes = model.routes(_JULIA, lambda kind, at: f"{kind}_{at}", lambda text: f"# {text}.")
    given = [line.split(" = ")[0] for line in routes if " = " in line and line[0] in "FAD"]
    return "\n".join(
        [
            f"# {model.title}",
            f"# States: {', '.join(f'{i + 1} {name}' for i, name in enumerate(model.states))}",
            "using OrdinaryDiffEq",
            f"const parameters = ({values},)",
            "",
            "function initial(p)",
            *body((f"y{i + 1}", node) for i, node in enumerate(e.initial)),
            f"    return [{', '.join(f'y{i + 1}' for i in range(len(model.states)))}]",
            "end",
            "",
            "function rates!(du, u, p, t)",
            *body((f"du[{i + 1}]", node) for i, node in enumerate(e.rates)),
            "    return nothing",
            "end",
            "",
            "# What one dose unit adds to its state (F), and lags (ALAG): u[i] += amount * F in a callback.",
            "function doses(p)",
            unpack,
            *(f"    {line}" for line in routes),
            f"    return (; {', '.join(given)})",
            "end",
            "",
            "# `start` are the states at time zero.",
            "function outputs(u, p, start)",
            *body(zip(model.outputs, e.outputs, strict=True)),
            f"    return (; {', '.join(model.outputs)})",
            "end",
            "",
            "# solve(ODEProblem(rates!, initial(parameters), (0.0, 100.0), parameters), Rodas5P())",
        ]
    )


def _nonmem(model: _Traced) -> str:
    e = model.equations
    number = {name: i + 1 for i, name in enumerate(model.states)}
    writer = model.writer(_FORTRAN, lambda i: f"A({i + 1})", lambda i: f"S0X{i + 1}")
    kept = model.person_level([*e.rates, *e.outputs])
    pk = [f"{name} = THETA({k})" for k, name in enumerate(model.parameters, start=1)]
    starts = [(f"S0X{i + 1}", node) for i, node in enumerate(e.initial)]
    pk += writer.block(starts, _named("C_"), PERSON, kept)
    pk += [f"A_0({i + 1}) = S0X{i + 1}" for i in range(len(model.states))]
    pk += model.routes(_FORTRAN, lambda kind, at: f"{kind}{number[at]}", lambda text: f"; {text}.")
    before = dict(writer.names)
    des = writer.block([(f"DADT({i + 1})", node) for i, node in enumerate(e.rates)], _named("R_"))
    writer.names = before
    error = writer.block(zip(model.outputs, e.outputs, strict=True), _named("O_"))
    values = model.model.system.parameters.values()
    return "\n".join(
        [
            f"; {model.title}",
            "; The observed output and its error (Y = ...) are yours to add in $ERROR.",
            "$SUBROUTINES ADVAN13 TOL=9",
            "$MODEL",
            *(f"COMP=({name})" for name in model.states),
            "$PK",
            *pk,
            "$DES",
            *des,
            "$ERROR",
            *error,
            "$THETA",
            *(f"{_number(v).upper()} FIX ; {name}" for name, v in zip(model.parameters, values, strict=True)),
        ]
    )


def _latex(model: _Traced) -> str:
    e = model.equations
    names = model.states
    writer = model.writer(_LATEX, lambda i: names[i], lambda i: f"{names[i]}_{{0}}")
    kept = model.person_level([*e.rates, *e.outputs])
    constants = writer.block(
        [(f"{n}(0)", node) for n, node in zip(names, e.initial, strict=True)], _term, PERSON, kept
    )
    before = dict(writer.names)
    left = [f"\\frac{{d {name}}}{{dt}}" for name in names]
    rates = writer.block(zip(left, e.rates, strict=True), _term)
    writer.names = before
    outputs = writer.block(zip(model.outputs, e.outputs, strict=True), _term)
    cards = model.model.parameter_set.parameters
    rows = [
        f"${name}$ & {_latex_text(card.meaning)} & ${_latex_number(value)}$ & {_latex_text(card.unit)} & "
        f"{_latex_text(card.source)} \\\\"
        for name, (key, value) in zip(model.parameters, model.model.system.parameters.items(), strict=True)
        for card in (cards[key],)
    ]
    return "\n".join(
        [
            f"% {model.title}",
            "\\documentclass{article}",
            "\\usepackage{amsmath,longtable}",
            "\\allowdisplaybreaks",
            "\\begin{document}",
            f"\\section*{{{_latex_text(model.model.title)}}}",
            "\\subsection*{Constants and initial states}",
            *_aligned(constants),
            "\\subsection*{Rates}",
            *_aligned(rates),
            "\\subsection*{Outputs}",
            *_aligned(outputs),
            "\\subsection*{Parameters}",
            "\\begin{longtable}{lp{6cm}lll}",
            "name & meaning & value & unit & source \\\\ \\hline",
            *rows,
            "\\end{longtable}",
            "\\end{document}",
        ]
    )


def _is_negative(node: Node) -> bool:
    """Is this a parameter with a minus sign, which needs no name of its own?"""
    return node.op == "sub" and node.args[0] is ZERO and node.args[1].op == "par"


def _aligned(lines: list[str]) -> list[str]:
    return ["\\begin{align*}", *lines[:-1], lines[-1].removesuffix(" \\\\"), "\\end{align*}"]


def _named(prefix: str) -> Callable[[int], str]:
    return lambda k: f"{prefix}{k}"


def _term(k: int) -> str:
    return f"\\tau_{{{k}}}"


def _identifier(name: str, used: set[str], upper: bool) -> str:
    """A name that the other program takes and that no other thing has."""
    plain = re.sub(r"\W", "_", name.encode("ascii", "replace").decode().replace("?", "_"))
    plain = plain if plain[0].isalpha() else f"x{plain}"
    plain = plain.upper()[:_NONMEM_LONGEST] if upper else plain
    reserved = upper and re.fullmatch(r"(F|R|D|S|ALAG)\d+|S0X\d+|[CRO]_\d+", plain)
    if not upper and re.fullmatch(r"[cxroldy]\d+(_\d+)?|(F|ALAG)_\w+|DOSE\d+", plain):
        reserved = True
    candidate, k = (f"P_{plain}"[:_NONMEM_LONGEST] if upper else f"{plain}_p") if reserved else plain, 1
    while candidate in used:
        k += 1
        candidate = f"{plain[: _NONMEM_LONGEST - 3]}_{k}" if upper else f"{plain}_{k}"
    used.add(candidate)
    return candidate


def _latex_name(name: str) -> str:
    return f"\\mathrm{{{_latex_text(name)}}}"


def _latex_text(text: str) -> str:
    return (
        re.sub(r"([#$%&_{}])", r"\\\1", text)
        .replace("^", "\\textasciicircum{}")
        .replace("~", "\\textasciitilde{}")
    )


EXPORTS: dict[str, Callable[[_Traced], str]] = {
    "latex": _latex,
    "mrgsolve": _mrgsolve,
    "julia": _julia,
    "nonmem": _nonmem,
}
# Suffixes that a file of each format may have.
EXPORT_SUFFIXES = {
    "latex": (".tex",),
    "mrgsolve": (".mod", ".cpp"),
    "julia": (".jl",),
    "nonmem": (".ctl", ".mod"),
}
