"""Simulation-based calibration: does the truth of virtual people rank evenly among their conditioned draws?

    python tools/simulation_based_calibration.py --people 500

For each virtual person the update is made from the measurements alone, and the true BMD, CTX, P1NP and calcium (today,
and a year on without a further dose) are ranked among the draws (Talts 2018, arXiv:1804.06788).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from virtual_patients import AHEAD_D, OUTPUTS, VirtualPatient, quantities, virtual_patient

from bonecast.cohorts import Cohort, simulate
from bonecast.core import atomic_write
from bonecast.inference import condition
from bonecast.models import DEFAULT_MODEL, Model, load_model

DRAWS = 99  # ranks 0 to 99: a hundred cells of the same chance


def ranks(model: Model, one: VirtualPatient, seed: int, uncertain: bool = True) -> dict[str, int]:
    """{quantity: number of draws below the truth, 0 to `DRAWS`} of one virtual person."""
    found = condition(one.patient, model, one.history, one.facts, DRAWS, seed, uncertain=uncertain)
    days = np.array([float(one.history.today_d), one.history.today_d + AHEAD_D])
    cohort = Cohort.of_parameters(model, found.people)
    run = simulate(cohort, one.history.doses, days, list(OUTPUTS.values()), rtol=1e-4)
    whole = run.succeeded
    curves = {key: run[output] for key, output in OUTPUTS.items()}
    drawn = quantities(curves, found.levels, days, one.history)
    return {name: int(np.sum(values[whole] < one.truth[name])) for name, values in drawn.items()}


def coverage(of: np.ndarray, share: float) -> float:
    """How often the truth lies in the middle `share` of the draws.

    >>> coverage(np.arange(100), 0.9)
    0.9
    """
    outside = (1 - share) / 2 * (DRAWS + 1)
    return float(np.mean((of >= outside) & (of < DRAWS + 1 - outside)))


def table(found: Mapping[str, list[int]]) -> str:
    """One row for each quantity: people, 50 % and 90 % coverage, and the histogram of ranks in ten cells, Markdown."""
    rows = ["| quantity | people | 50 % | 90 % | ranks in tenths |", "|---|---|---|---|---|"]
    for name, of in found.items():
        counts = np.histogram(of, bins=10, range=(0, DRAWS + 1))[0]
        shares = [f"{100 * coverage(np.array(of), share):.1f}" for share in (0.5, 0.9)]
        rows.append(f"| {name} | {len(of)} | {shares[0]} | {shares[1]} | {' '.join(map(str, counts))} |")
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> None:
    """Run the check and print the table."""
    parser = argparse.ArgumentParser(prog="python tools/simulation_based_calibration.py", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="CSV of all ranks: person, quantity, rank")
    asked = parser.parse_args(arguments)
    model, found = load_model(DEFAULT_MODEL), dict[str, list[int]]()
    rows: list[tuple[int, str, int]] = []
    for index in range(asked.people):
        one = virtual_patient(model, index, asked.seed)
        for name, rank in ranks(model, one, asked.seed + 1 + index).items():
            found.setdefault(name, []).append(rank)
            rows.append((index, name, rank))
        print(f"\r{index + 1} of {asked.people} people", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if asked.out:
        with atomic_write(Path(asked.out)) as beside, Path(beside).open("w", newline="") as stream:
            csv.writer(stream).writerows([("person", "quantity", "rank"), *rows])
    print(table(found))


if __name__ == "__main__":
    main()
