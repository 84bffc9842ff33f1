"""Virtual people with known truth: a history on denosumab, and measurements made from their own curves.

What is drawn is what `condition` believes: traits from the prior, levels, errors with a few outlying values, scanners
that differ. If the update is right, the truth ranks evenly among its draws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from bonecast.cohorts import Cohort, person_facts, simulate
from bonecast.engine import normals
from bonecast.inference.measurement_likelihood import MeasurementLikelihood, measurement_likelihood
from bonecast.inference.measurement_parameters import value
from bonecast.inference.observations import Observation, observations_of
from bonecast.inference.prior import Prior
from bonecast.models import Model
from bonecast.records import GivenDose, Measurement, Patient, assay_limit
from bonecast.regimens import History, history_of

ZERO = dt.date(2022, 1, 10)
AHEAD_D = 365.0  # without a further dose
SITES = {"LS_BMD": "lumbar spine", "TH_BMD": "total hip"}
OUTPUTS = {
    "LS_BMD": "LS_BMD_pct_change",
    "TH_BMD": "TH_BMD_pct_change",
    "CTX": "CTX_pct_of_baseline",
    "P1NP": "P1NP_pct_of_baseline",
    "calcium": "calcium_mmol_L",
}
UNITS = {"BMD": "g/cm2", "CTX": "ng/mL", "P1NP": "ug/L", "corrected calcium": "mmol/L"}
Draw = Callable[[str], float]


@dataclass(frozen=True)
class VirtualPatient:
    """One virtual person: the record, what is known of them, and the truth {quantity: value} today and a year on."""

    patient: Patient
    history: History
    facts: dict[str, float]
    truth: dict[str, float]


def virtual_patient(model: Model, index: int, seed: int, uncertain: bool = True) -> VirtualPatient:
    """Draw person `index`: 1 to 4 doses, some late; some of DXA, CTX, P1NP and calcium at 1 to 5 visits."""

    def normal(name: str) -> float:
        return float(normals(seed, f"virtual {name}", index, 1)[0])

    def uniform(name: str) -> float:
        return float(ndtr(normal(name)))

    bare = _bare(uniform)
    history = history_of(bare)
    facts = person_facts(bare, history.zero)
    facts |= {
        f"{site} T-score": mean + 0.6 * normal(f"T {site}") for site, mean in (("LS", -2.7), ("TH", -2.0))
    }
    observations = observations_of(bare, model, history)
    prior = Prior(model, facts, frozenset(o.key for o in observations), uncertain)
    # a person's own stream of traits: the seed of nobody else
    state = prior.draw(1, 1_000_003 * (seed + 1) + index)
    levels = {key: float(v[0]) for key, v in prior.levels(state).items()}
    evidence = measurement_likelihood(observations, model, bare)
    for key, scans in evidence.scans.items():
        levels[key] = scans.mean + scans.sd * normal(f"level {key}")

    days = np.array(
        sorted({o.day for o in observations} | {float(history.today_d), history.today_d + AHEAD_D})
    )
    cohort = Cohort.of_parameters(model, prior.people(state))
    run = simulate(cohort, history.doses, days, list(OUTPUTS.values()))
    curves = {key: dict(zip(days, run[output][0], strict=True)) for key, output in OUTPUTS.items()}
    filled = _filled(evidence, curves, levels, uniform, normal)
    others = tuple(m for m in bare.measurements if m.test not in UNITS)
    truth = quantities(
        {key: np.array([list(c.values())]) for key, c in curves.items()}, levels, days, history
    )
    return VirtualPatient(
        replace(bare, measurements=(*others, *filled)),
        history,
        facts,
        {name: float(values[0]) for name, values in truth.items()},
    )


def quantities(curves: dict, levels: dict, days: np.ndarray, history: History) -> dict[str, np.ndarray]:
    """{"CTX, today": values[person], ...} on the person's level; BMD only where it was scanned (g/cm2)."""
    found = {}
    for key, values in curves.items():
        for when, day in (("today", float(history.today_d)), ("a year on", history.today_d + AHEAD_D)):
            at = values[:, int(np.searchsorted(days, day))]
            if key in SITES:
                if key in levels:
                    found[f"{key}, {when}"] = levels[key] * (1 + at / 100)
            elif key == "calcium":
                found[f"{key}, {when}"] = at + levels.get(key, 0.0)
            else:
                found[f"{key}, {when}"] = levels[key] * at / 100
    return found


def _bare(uniform: Draw) -> Patient:
    """The record with its doses and what was measured on which day; the values are not true yet."""
    doses, day = [], 0.0
    for k in range(1 + int(4 * uniform("doses"))):
        if k:
            late = uniform(f"late {k}")
            day += 183 + (0 if late < 0.7 else 60 if late < 0.9 else 150)
        doses.append(GivenDose("denosumab", 60.0, "mg", ZERO + dt.timedelta(days=round(day))))
    today = round(day + 30 + 300 * uniform("today"))
    visits = [-10] + [round(today * uniform(f"visit {k}")) for k in range(int(5 * uniform("visits")))]
    moved = uniform("scanner") < 0.2  # the later scans come from another scanner of the same make
    measured = []
    for k, visit in enumerate(visits):
        date = ZERO + dt.timedelta(days=visit)
        lab = "B" if moved and visit > today / 2 else "A"
        if uniform(f"DXA {k}") < 0.5:
            measured += [
                Measurement("BMD", site, 0.8, "g/cm2", False, date, "", lab=lab, scanner="Hologic")
                for site in SITES.values()
            ]
        measured += [
            Measurement(test, None, 1.0, UNITS[test], False, date, "")
            for test in ("CTX", "P1NP", "corrected calcium")
            if uniform(f"{test} {k}") < 0.5
        ]
    date = ZERO + dt.timedelta(days=today)
    if uniform("creatinine") < 0.5:
        measured.append(
            Measurement("eGFR", None, 45 + 50 * uniform("eGFR"), "mL/min/1.73m2", False, date, "")
        )
    if uniform("vitamin D") < 0.5:
        measured.append(
            Measurement("25-OH vitamin D", None, 30 + 60 * uniform("25"), "nmol/L", False, date, "")
        )
    return Patient(
        "virtual",
        "female",
        dt.date(1942 + int(20 * uniform("age")), 6, 1),
        date,
        45 + 40 * uniform("weight"),
        doses=tuple(doses),
        measurements=tuple(measured),
    )


def _filled(
    evidence: MeasurementLikelihood, curves: dict, levels: dict, uniform: Draw, normal: Draw
) -> list[Measurement]:
    """The measurements with values: the truth with errors, a few of them outliers, CTX below its limit as a bound."""
    observations = evidence.observations
    outlying = _outliers(observations, uniform)
    limit = assay_limit("CTX")
    found = []
    for i, o in enumerate(observations):
        curve = curves[o.key][o.day]
        error = (value("outlier_width") if i in outlying else 1.0) * normal(f"error {i}")
        if o.scale == "absolute":
            scans, at = evidence.scans[o.key], evidence.places(o.key).index(i)
            true = levels[o.key] * (1 + curve / 100)
            machine = int(scans.machines[at])
            offset = scans.offset_sd[at] / o.value * normal(f"machine {machine} {o.key}")
            number = true * (1 + offset + o.sd / o.value * error)
        else:
            true = curve + levels["calcium"] if o.key == "calcium" else levels[o.key] * curve / 100
            number = true * np.exp(o.sd * error)
        number = float(number)
        below = o.key == "CTX" and limit is not None and number < limit.value
        shown = limit.value if below and limit is not None else number
        given = f"{'<' if below else ''}{shown:.3f} {o.measurement.unit}"
        found.append(replace(o.measurement, value=shown, below_limit=below, given=given))
    return found


def _outliers(observations: tuple[Observation, ...], uniform: Draw) -> set[int]:
    """Which measurements do not belong; at most one scan of a site."""
    share = value("outlier_share")
    outlying = {i for i, o in enumerate(observations) if o.scale == "log" and uniform(f"stray {i}") < share}
    for key in SITES:
        at = [i for i, o in enumerate(observations) if o.key == key]
        none, one = (1 - share) ** len(at), share * (1 - share) ** (len(at) - 1)
        pick = uniform(f"stray {key}") * (none + len(at) * one) - none
        if at and pick >= 0:
            outlying.add(at[min(int(pick / one), len(at) - 1)])
    return outlying
