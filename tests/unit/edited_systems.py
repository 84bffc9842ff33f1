"""One small system and six edits of it, all of one name: what a kernel must never be confused about."""

from __future__ import annotations

from dataclasses import replace

from bonecast.engine import Bolus, Route, System
from bonecast.engine.maths import switch

BASE = System(
    name="test-edited",
    time_unit="h",
    states=("depot", "central"),
    parameters={"ka": 1.1, "k": 0.3, "F": 0.5},
    initial=lambda p: {"depot": 0.0, "central": 2.0},
    rates=lambda y, p: {"depot": -p.ka * y.depot, "central": p.ka * y.depot - p.k * y.central},
    outputs=lambda y, p, start: {"level": y.central},
    output_names=("level",),
    routes={"oral": Route("depot", "mg", amount=lambda p: p.F)},
    scales={"depot": 1.0},
)
EDITED = {
    "rates": replace(
        BASE, rates=lambda y, p: {"depot": -p.ka * y.depot, "central": p.ka * y.depot - 2 * p.k * y.central}
    ),
    "outputs": replace(BASE, outputs=lambda y, p, start: {"level": y.central - start.central}),
    "a route more": replace(BASE, routes={**BASE.routes, "iv": Route("central", "mg")}),
    "amount": replace(BASE, routes={"oral": Route("depot", "mg", amount=lambda p: 3 * p.F)}),
    "initial state": replace(BASE, initial=lambda p: {"depot": 1.0, "central": 2.0}),
    "a switch": replace(
        BASE,
        rates=lambda y, p: {
            "depot": -p.ka * y.depot,
            "central": p.ka * y.depot - p.k * y.central * switch(y.central, 1.5, 0.2, 1.0),
        },
    ),
}
SYSTEMS = {"as it was": BASE, **EDITED}
EVENTS = [Bolus(1.0, "oral", 4.0), Bolus(13.0, "oral", 4.0)]
TIMES = [0.0, 0.5, 2.0, 6.0, 12.0, 14.0, 24.0]


def events_of(name: str) -> list[Bolus]:
    """The doses; where there is a route more, it is used."""
    return [*EVENTS, Bolus(5.0, "iv", 3.0)] if name == "a route more" else EVENTS


if __name__ == "__main__":
    import json

    import numpy as np

    from bonecast.engine import notices, simulate
    from bonecast.engine.reference import simulate_reference

    heard: list[str] = []
    notices.listen(heard.append)
    exact = {n: simulate_reference(s, events_of(n), TIMES)["level"] for n, s in SYSTEMS.items()}
    worst, levels = dict.fromkeys(SYSTEMS, 0.0), {}
    for _ in range(2):  # one after the other, and again: each keeps its own kernel
        for name, system in SYSTEMS.items():
            level = simulate(system, events_of(name), TIMES, rtol=1e-6).output("level")[0]
            error = np.max(np.abs(level - exact[name]) / np.maximum(np.abs(exact[name]), 0.1))
            worst[name] = max(worst[name], float(error))
            levels[name] = level.tolist()
    print(json.dumps({"worst": worst, "levels": levels, "notices": heard}))
