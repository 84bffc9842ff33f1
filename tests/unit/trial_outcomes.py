"""Made-up outcomes of a trial, with truths that are known: for tests of endpoints, power and the report."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from bonecast.core import Faults
from bonecast.trials.bone.design import Reestimation
from bonecast.trials.endpoints import Multiplicity, TrialEndpoint, read_endpoint

VISITS = {"m0": 0, "m12": 365, "m24": 730, "m36": 1096}
READ = {"LS_BMD": list(VISITS), "TH_BMD": list(VISITS), "CTX": list(VISITS), "calcium": ["m0", "m12"]}


@dataclass(frozen=True)
class Arm:
    """An arm by name."""

    name: str
    share: int = 1
    plan: str = "placebo"


@dataclass(frozen=True)
class Visit:
    """A visit by name and day."""

    name: str
    day: int


@dataclass(frozen=True)
class Reading:
    """A quantity and the visits at which it is read."""

    quantity: str
    visits: tuple[str, ...]


@dataclass(frozen=True)
class Interim:
    """A look before the end."""

    at: str
    share: float = 1.0


@dataclass(frozen=True)
class Design:
    """As much of a bone design as the statistics read."""

    people: int = 400
    trials: int = 1
    seed: int = 1
    arms: tuple[Arm, ...] = (Arm("denosumab", 1, "denosumab 60 mg every 6 months x 6"), Arm("placebo"))
    strata: tuple[str, ...] = ("age >= 75",)
    visits: tuple[Visit, ...] = tuple(Visit(name, day) for name, day in VISITS.items())
    readings: tuple[Reading, ...] = tuple(Reading(q, tuple(v)) for q, v in READ.items())
    endpoints: tuple[TrialEndpoint, ...] = ()
    interims: tuple[Interim, ...] = ()
    spending: str = "obrien-fleming"
    futility: float = 0.0
    reestimation: Reestimation | None = None
    multiplicity: Multiplicity | None = None
    selection: None = None
    unit: str = "person"
    allocation: str = "blocks"
    treated: str = ""
    control: str = ""
    missed: float = 0.1
    end_d: int = 1096
    name: str = "made-up"
    title: str = "A made-up trial"
    hash: str = "0123456789ab"
    model_name: str = "bonecast-1"
    analysis: str = "bone"


def endpoint(**lines) -> TrialEndpoint:
    """An endpoint from its lines."""
    faults = Faults()
    found = read_endpoint(lines, "design, endpoint", VISITS, READ, faults)
    faults.raise_any()
    assert found is not None
    return found


def outcomes(
    design: Design | None = None,
    seed: int = 1,
    gain: float = 6.0,
    hazard_ratio: float = 0.4,
    missed: float = 0.1,
    hazard: float = 0.05,
    ctx_ratio: float = 0.5,
    deaths: float = 0.02,
    trial: int = 0,
) -> pl.DataFrame:
    """One trial: spine BMD of the treated rises by `gain` % in three years, SD 3.5; fractures at `hazard` a year."""
    design = design or Design()
    rng, n = np.random.default_rng([seed, trial]), design.people
    names = np.array([arm.name for arm in design.arms])
    arm = rng.permutation(np.resize(np.arange(len(names)), n))
    treated = arm != len(names) - 1
    age = rng.normal(72, 5, n)
    start = rng.normal(0.70, 0.08, n)
    frame: dict[str, object] = {
        "trial": np.full(n, trial, np.int32), "person": np.arange(n, dtype=np.int32), "arm": names[arm],
        "weight": np.ones(n), "age": age, "prior_vertebral": rng.random(n) < 0.24,
        "LS_T_score": rng.normal(-2.8, 0.5, n), "eGFR": rng.normal(75, 14, n),
    }  # fmt: skip
    leave = np.where(rng.random(n) < 0.12, rng.uniform(30, 1096, n), 1096.0)
    death = rng.exponential(365.25 / max(deaths, 1e-9), n)
    followed = np.minimum(leave, death).clip(max=1096).astype(np.int32)
    frame["followed_d"] = followed
    frame["left"] = np.where(
        death <= leave, np.where(death < 1096, "death", ""), np.where(leave < 1096, "dropout", "")
    )
    frame["stopped_d"] = pl.Series(np.where(rng.random(n) < 0.15, rng.integers(100, 1000, n), 0)).replace(
        0, None
    )
    frame["doses"] = np.full(n, 6, np.int32)
    frame["late_doses"] = rng.binomial(6, 0.1, n).astype(np.int32)
    frame["failed"] = np.zeros(n, bool)
    base = np.log(rng.lognormal(np.log(0.36), 0.5, n))
    own = rng.normal(0, 3.0, n)
    for i, (visit, day) in enumerate(VISITS.items()):
        seen = (day == 0) | ((rng.random(n) >= missed) & (followed >= day))
        change = (gain * treated * np.sqrt(i / 3) + own * np.sqrt(i / 3) + rng.normal(0, 1.2, n)) * (i > 0)
        ctx = base + (np.log(ctx_ratio) * treated + rng.normal(0, 0.3, n)) * (i > 0)
        values = {
            "LS_BMD": start * (1 + change / 100), "TH_BMD": start * (1.05 + change / 200), "CTX": np.exp(ctx),
        }  # fmt: skip
        if i < 2:
            values["calcium"] = rng.normal(2.3, 0.08, n) - 0.1 * treated * (i > 0)
        for name, v in values.items():
            frame[f"{name}_{visit}"] = pl.Series(np.where(seen, v, np.nan)).fill_nan(None)
        frame[f"day_{visit}"] = pl.Series(np.where(seen, day, -1)).replace(-1, None)
    frame["calcium_min"] = rng.normal(2.2, 0.08, n) - 0.1 * treated
    rate = hazard * np.where(treated, hazard_ratio, 1.0) / 365.25
    for name, share in (("vertebral", 1.0), ("hip", 0.3), ("nonvertebral", 1.5)):
        when = np.ceil(rng.exponential(1 / (rate * share)))
        frame[f"{name}_d"] = pl.Series(np.where(when <= followed, when, -1).astype(np.int32)).replace(
            -1, None
        )
    first = frame["vertebral_d"]
    assert isinstance(first, pl.Series)
    frame["vertebral_count"] = first.is_not_null().cast(pl.Int32)
    frame["CTX_auec_m12"] = rng.lognormal(np.log(10000.0), 0.3, n)
    return pl.DataFrame(frame)


def with_arms(design: Design, *names: str) -> Design:
    """The design with arms of these names."""
    return replace(design, arms=tuple(Arm(name) for name in names))
