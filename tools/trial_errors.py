"""Type I errors of trial designs, coverage of their intervals, and the sizes that the biosimilar design asks for.

    python tools/trial_errors.py                 20,000 trials of each design, about ten minutes on one core
    python tools/trial_errors.py --trials 2000   a first look
    python tools/trial_errors.py --coverage      how often intervals hold the difference that is so
    python tools/trial_errors.py --sizes         the sizes beside what published trials randomised

Trials are drawn from a pool of virtual people of one arm, so that nothing differs; against a margin the treated are
moved to it. docs/trial-statistics.md holds the figures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

from bonecast.trials import Pool, power, preset, sample_size, simulated
from bonecast.trials.bone import BoneDesign
from bonecast.trials.bone.design import InterimAnalysis, Reestimation
from bonecast.trials.endpoints import Multiplicity, TrialEndpoint
from bonecast.trials.power import needed
from bonecast.trials.power_joint import joint_power
from bonecast.trials.power_looks import decisive
from bonecast.trials.power_pool import draw

# people randomised and margin in points [recalled, but for the 457 of SB16]
PUBLISHED = {
    "GP2411": (527, 1.45),
    "FKS518": (553, 1.45),
    "RGB-14": (473, 1.45),
    "CT-P41": (479, 1.503),
    "SB16": (457, 2.0),
}


def designs(base: BoneDesign) -> Iterator[tuple[str, float, BoneDesign, TrialEndpoint]]:
    """Name, level, design and endpoint of each error that is counted."""
    spine = replace(base.endpoints[0], expected=None, alpha=0.05)
    plain = replace(spine, objective="superiority", margin=None, expected=3.0)
    non_inferior = replace(spine, objective="non-inferiority", margin=(-1.45, float("inf")), alpha=0.025)
    halves = (InterimAnalysis("", 0.5),)
    thirds = (InterimAnalysis("", 1 / 3), InterimAnalysis("", 2 / 3))
    few = replace(base, people=160)
    yield "equivalence at the margin", 0.05, base, spine
    yield "non-inferiority at the margin", 0.025, base, non_inferior
    yield "superiority", 0.05, few, plain
    yield "O'Brien-Fleming, two looks", 0.05, replace(few, interims=thirds), plain
    yield "Pocock, two looks", 0.05, replace(few, interims=thirds, spending="pocock"), plain
    yield "Pocock with futility", 0.05, replace(few, interims=halves, spending="pocock", futility=0.2), plain
    yield "equivalence, O'Brien-Fleming", 0.05, replace(base, interims=halves), spine
    for kind in ("blinded", "promising-zone"):
        rule = Reestimation(kind, 0.5, 2.0, 0.9, 0.3)
        yield f"re-estimation, {kind}", 0.05, replace(few, people=80, reestimation=rule), plain


def errors(trials: int, people: int, only: str) -> None:
    """Print each type I error with its Monte Carlo error."""
    base = preset("biosimilar")
    assert isinstance(base, BoneDesign)
    frame = simulated(base, base.endpoints, people)
    for name, level, design, endpoint in designs(base):
        if only not in name:
            continue
        found = power(design, endpoint, Pool(design, frame, null=True), trials)
        took = (
            "" if design.reestimation is None and not design.interims else f", {found.mean_people:.0f} people"
        )
        print(
            f"{name}: {100 * found.share:.2f} ± {100 * found.error:.2f} % at {100 * level:g} %{took}",
            flush=True,
        )
    if only:
        return
    names = [one.name for one in base.endpoints]
    two_sided = tuple(
        replace(one, objective="superiority", margin=None, alpha=0.05) for one in base.endpoints
    )
    for method, families in (("holm", (tuple(names),)), ("gatekeeping", ((names[0],), tuple(names[1:])))):
        plan = Multiplicity(method, 0.05, families)
        design = replace(base, people=160, endpoints=two_sided, multiplicity=plan)
        found = joint_power(design, Pool(design, frame, null=True), trials // 4)
        print(f"{method}, any of four: {100 * found.any_of_them:.2f} % of {trials // 4:,}", flush=True)


def coverage(trials: int, people: int, only: str) -> None:
    """Print how often the intervals of an estimate hold what the whole pool has, from which trials are drawn.

    The late-dose design: four arms that differ, the latest against the one on time; `people` of the pool in all.
    """
    base = preset("late-dose")
    assert isinstance(base, BoneDesign)
    frame = simulated(base, base.endpoints, people)
    for endpoint in base.endpoints:
        if only not in endpoint.name or endpoint.kind == "fracture":
            continue
        given = needed(Pool(base, frame), base, endpoint)
        truth, rows, held = decisive(base, endpoint, given.frame).estimate, given.rows, 0
        for i in range(trials):
            row = decisive(base, endpoint, draw(given, rows, 400, base.seed, i))
            held += row.low <= truth <= row.high
        share = held / trials
        error = 100 * (share * (1 - share) / trials) ** 0.5
        print(
            f"{endpoint.name}: {100 * share:.2f} ± {error:.2f} % of {trials:,} hold {truth:.3f}", flush=True
        )


def sizes(people: int) -> None:
    """Print what the biosimilar design asks for with each trial's margin, in both models."""
    for model in ("bonecast-1", "bonecast-2"):
        base = preset("biosimilar")
        assert isinstance(base, BoneDesign)
        design = replace(base, model_name=model)
        pool = Pool(design, simulated(design, design.endpoints[0], people))
        for margin in sorted({margin for _, margin in PUBLISHED.values()}):
            asked = replace(design.endpoints[0], margin=(-margin, margin))
            found = sample_size(design, asked, pool, 0.9, 0.03)
            for name, (randomised, own) in PUBLISHED.items():
                if own == margin:
                    ratio = found.people / randomised
                    print(f"{model} {name}: {found.people} for {randomised}, {ratio:.2f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=8_000)
    parser.add_argument("--only", default="", help="designs whose name holds this")
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    asked = parser.parse_args()
    if asked.sizes:
        sizes(asked.people)
    else:
        (coverage if asked.coverage else errors)(asked.trials, asked.people, asked.only)
