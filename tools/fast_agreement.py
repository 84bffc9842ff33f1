"""Fast and exact conditioning of the same virtual people: how far do the quantiles of their outputs differ?

    python tools/fast_agreement.py --people 500

Each virtual person's BMD, CTX, P1NP and calcium (today, and a year on without a further dose) are followed from the
draws of both methods. The difference of the 5th, 50th and 95th percentile is given as a share of the 90 % width of the
exact one. Two exact runs that differ in their seed alone show how much of it is the chance of the draws.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from virtual_patients import AHEAD_D, OUTPUTS, VirtualPatient, quantities, virtual_patient

from bonecast.cohorts import Cohort, simulate
from bonecast.core import atomic_write
from bonecast.inference import Method, Posterior, condition
from bonecast.models import DEFAULT_MODEL, load_model

LEVELS = (0.05, 0.5, 0.95)
NEAR = 0.05  # of the 90 % width


def quantiles(one: VirtualPatient, found: Posterior, model: str) -> dict[str, np.ndarray]:
    """{quantity: its quantiles} over the draws."""
    days = np.array([float(one.history.today_d), one.history.today_d + AHEAD_D])
    cohort = Cohort.of_parameters(load_model(model), found.people)
    run = simulate(cohort, one.history.doses, days, list(OUTPUTS.values()), rtol=1e-4)
    curves = {key: run[output] for key, output in OUTPUTS.items()}
    drawn = quantities(curves, found.levels, days, one.history)
    return {name: np.quantile(values[run.succeeded], LEVELS) for name, values in drawn.items()}


def differences(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Differences of three quantiles, as shares of the 90 % width of the first.

    >>> differences(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.1, 2.0])).round(3).tolist()
    [0.0, 0.05, 0.0]
    """
    return np.abs(other - one) / (one[2] - one[0])


def main(arguments: list[str] | None = None) -> None:
    """Run the comparison and print what it comes to."""
    parser = argparse.ArgumentParser(prog="python tools/fast_agreement.py", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first virtual person")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="CSV: person, comparison, quantity, three differences")
    asked = parser.parse_args(arguments)
    model = load_model(DEFAULT_MODEL)
    rows: list[tuple[int, str, str, np.ndarray]] = []
    fell_back = 0
    for index in range(asked.first, asked.first + asked.people):
        one = virtual_patient(model, index, asked.seed)

        def drawn(method: Method, seed: int, one: VirtualPatient = one) -> Posterior:
            return condition(one.patient, model, one.history, one.facts, asked.draws, seed, method=method)

        fast, exact, other = (
            drawn("fast", index + 1),
            drawn("exact", index + 1),
            drawn("exact", index + 500_001),
        )
        if fast.diagnostics.method != "fast":
            fell_back += bool(fast.observations)
            continue
        middle = quantiles(one, exact, model.name)
        for name, found in (
            ("fast", quantiles(one, fast, model.name)),
            ("exact", quantiles(one, other, model.name)),
        ):
            rows += [(index, name, key, differences(middle[key], found[key])) for key in middle]
        print(f"\r{index + 1 - asked.first} of {asked.people} people", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if asked.out:
        with atomic_write(Path(asked.out)) as beside, Path(beside).open("w", newline="") as stream:
            csv.writer(stream).writerows(
                [
                    ("person", "comparison", "quantity", *map(str, LEVELS)),
                    *((*row[:3], *row[3]) for row in rows),
                ]
            )
    print(f"{fell_back} of {asked.people} people fell back to the exact method.")
    for name in ("fast", "exact"):
        of = [(row[0], row[3]) for row in rows if row[1] == name]
        near = [float((at <= NEAR).mean()) for _, at in of]
        people = sorted({who for who, _ in of})
        whole = [all((at <= NEAR).all() for who, at in of if who == one) for one in people]
        all_ = np.array([at for _, at in of])
        print(
            f"{name} against exact, within {100 * NEAR:g} % of the 90 % width: {100 * np.mean(near):.1f} % of"
            f" {all_.size} quantiles, and all of {100 * np.mean(whole):.0f} % of {len(people)} people; median"
            f" {100 * np.median(all_):.2f} %, 95 of 100 within {100 * np.quantile(all_, 0.95):.1f} %"
        )


if __name__ == "__main__":
    main()
