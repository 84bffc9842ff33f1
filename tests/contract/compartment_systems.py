"""Linear models of event tables: iv1, oral1, iv2 and oral2, with F<n>, ALAG<n>, R<n>, D<n> and a weight."""

from __future__ import annotations

from functools import cache

from bonecast.engine import Route, System

DEFAULTS = {
    "KA": 0.9,
    "CL": 3.1,
    "V": 27.0,
    "V1": 11.5,
    "Q": 4.6,
    "V2": 31.0,
    "WT": 70.0,
    "WT_on_CL": 0.0,
    "WT_on_V": 0.0,
}


@cache
def compartments(name: str, time_unit: str = "h", routes: bool = True) -> System:
    """The system of this name; without routes its doses enter the states as they are, by F<n> and ALAG<n> alone."""
    depot, two = name.startswith("oral"), name.endswith("2")
    states = (*(("depot",) if depot else ()), "central", *(("peripheral",) if two else ()))
    own = {
        f"{kind}{n}": value for n in range(1, len(states) + 1) for kind, value in (("F", 1.0), ("ALAG", 0.0))
    }

    def volume(p):
        return p.V1 if two else p.V * (p.WT / 70.0) ** p.WT_on_V

    def rates(y, p):
        clearance = p.CL * (p.WT / 70.0) ** p.WT_on_CL
        change = {"central": -clearance / volume(p) * y.central}
        if depot:
            change["depot"] = -p.KA * y.depot
            change["central"] = change["central"] + p.KA * y.depot
        if two:
            out = p.Q / volume(p) * y.central - p.Q / p.V2 * y.peripheral
            change["central"], change["peripheral"] = change["central"] - out, out
        return change

    def outputs(y, p, start):
        amounts = {f"A{n}": getattr(y, state) for n, state in enumerate(states, start=1)}
        return {"CONC": y.central / volume(p), **amounts}

    def route(n: int, state: str) -> Route:
        return Route(state, "mg", lambda p: getattr(p, f"F{n}"), lag=lambda p: getattr(p, f"ALAG{n}"))

    return System(
        name=name,
        time_unit=time_unit,  # type: ignore[arg-type]
        states=states,
        parameters={**DEFAULTS, **own, "R1": 0.0, "D1": 0.0},
        initial=lambda p: dict.fromkeys(states, 0.0),
        rates=rates,
        outputs=outputs,
        output_names=("CONC", *(f"A{n}" for n in range(1, len(states) + 1))),
        routes={f"dose {state}": route(n, state) for n, state in enumerate(states, start=1)}
        if routes
        else {},
        scales=dict.fromkeys(states, 100.0),
    )
