"""How often the 90 % intervals of a population fit hold the truth, over simulated data sets of 24 people.

One compartment with absorption, three random effects, a combined error and a limit of quantification (M3).
Run it on idle cores: `python tools/fit_coverage.py --sets 100 --seed 1`.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np

import bonecast as bc

TRUTH = {"CL": 2.8, "V": 32.0, "KA": 1.4}
OMEGA = {"CL": 0.28, "V": 0.18, "KA": 0.45}
ADDITIVE, PROPORTIONAL, LLOQ = 0.05, 0.1, 0.15
TIMES = np.array([0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 30.0])
DOSE = 200.0

SYSTEM = bc.System(
    name="one-compartment-oral",
    time_unit="h",
    states=("depot", "central"),
    parameters=dict(TRUTH),
    initial=lambda p: {"depot": 0.0, "central": 0.0},
    rates=lambda y, p: {"depot": -p.KA * y.depot, "central": p.KA * y.depot - p.CL / p.V * y.central},
    outputs=lambda y, p, start: {"CONC": y.central / p.V},
    output_names=("CONC",),
    scales={"depot": 100.0, "central": 100.0},
)


def simulated(rng: np.random.Generator, people: int) -> dict[str, list]:
    """An event table of people drawn from the truth."""
    table: dict[str, list] = {name: [] for name in ("ID", "TIME", "AMT", "CMT", "DV", "BLQ", "LLOQ")}
    for i in range(people):
        own = {name: TRUTH[name] * np.exp(OMEGA[name] * rng.standard_normal()) for name in TRUTH}
        ke, ka = own["CL"] / own["V"], own["KA"]
        f = DOSE * ka / (own["V"] * (ka - ke)) * (np.exp(-ke * TIMES) - np.exp(-ka * TIMES))
        y = f + np.hypot(ADDITIVE, PROPORTIONAL * f) * rng.standard_normal(len(f))
        rows = [
            (0.0, DOSE, "depot", None, 0),
            *((t, None, "central", v, int(v < LLOQ)) for t, v in zip(TIMES, y, strict=True)),
        ]
        for t, amount, cell, value, below in rows:
            for name, entry in zip(
                table, (i + 1, t, amount, cell, LLOQ if below else value, below, LLOQ), strict=True
            ):
                table[name].append(entry)
    return table


def main() -> None:
    """Fit every data set and count."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--sets", type=int, default=100)
    reader.add_argument("--people", type=int, default=24)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--nodes", type=int, default=None)
    asked = reader.parse_args()
    rng = np.random.default_rng(asked.seed)
    parameters = {name: bc.FitParameter(1.3 * TRUTH[name], omega=0.3) for name in TRUTH}
    residual = {"CONC": bc.FitResidual(0.1, 0.15)}
    truth = [*TRUTH.values(), *OMEGA.values(), ADDITIVE, PROPORTIONAL]
    inside, labels, began = [], (), time.perf_counter()
    for k in range(asked.sets):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = bc.fit(
                SYSTEM,
                simulated(rng, asked.people),
                parameters=parameters,
                residual=residual,
                nodes=asked.nodes,
            )
        table = found.table()
        labels = found.labels
        inside.append(
            [
                low <= value <= high
                for low, high, value in zip(table["low90"], table["high90"], truth, strict=True)
            ]
        )
        if (k + 1) % 10 == 0:
            held = 100 * np.mean(inside, axis=0)
            print(
                k + 1, " ".join(f"{name} {v:.0f}" for name, v in zip(labels, held, strict=True)), flush=True
            )
    print(f"all rows {100 * np.mean(inside):.1f} %, {(time.perf_counter() - began) / asked.sets:.1f} s a fit")


if __name__ == "__main__":
    main()
