"""Fracture endpoints: from an arm's curves to persons with a fracture in a window."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from bonecast.cohorts import on_secondary_drug
from bonecast.errors import UnsupportedDrug
from bonecast.evidence.changes import MONTH_D
from bonecast.evidence.probes import ArmTrajectories, Probe, Reading
from bonecast.evidence.row import Row
from bonecast.models import Model
from bonecast.outcomes import (
    FractureCourse,
    FractureRisk,
    Profile,
    fracture_parameters,
    fracture_risk,
    turnover_ratio,
)
from bonecast.regimens import DAYS_IN, Regimen

# Endpoint's beginning to the kind of fracture, and the BMD that it hangs on.
KINDS = {
    "vertebral_fx": ("vertebral", ("LS",)),
    "multiple_vfx": ("multiple vertebral", ("LS",)),
    "four_plus_vfx": ("four or more vertebral", ("LS",)),
    "clinical_vertebral_fx": ("clinical vertebral", ("LS",)),
    "hip_fx": ("hip", ("TH",)),
    "nonvertebral_fx": ("nonvertebral", ("TH",)),
    "wrist_fx": ("wrist", ("TH",)),
    "clinical_fx": ("clinical", ("LS", "TH")),
    "subsequent_osteoporotic_fx": ("subsequent osteoporotic", ("LS", "TH")),
    "composite_fx": ("clinical", ("LS", "TH")),
    "any_fx": ("any", ("LS", "TH")),
    "any_osteoporotic_fx": ("any", ("LS", "TH")),
}
ANY = ("vertebral", "nonvertebral")  # what is counted as any fracture: on film, or elsewhere
# The outputs that stand for resorption and formation, in % of baseline, best first.
RESORPTION = ("resorption_pct_of_baseline", "CTX_pct_of_baseline")
FORMATION = ("formation_pct_of_baseline", "P1NP_pct_of_baseline", "BSAP_pct_of_baseline")
WEEK_D = 7.0


def fracture_probe(
    row: Row, plan: Regimen, month: float, model: Model, relation: Mapping[str, float] | None = None
) -> Probe:
    """How a fracture endpoint is read; `UnsupportedDrug` where kind or form is not known, or the model lacks a curve.

    relation : the numbers of the fracture relation, where they are not those of the cards of the model.
    """
    named = re.fullmatch(
        r"(\w+?_(?:fx|vfx))(?:_(cum_pct|pct|rate_per100py|rate_per1000py|share_pct|annual_pct|per1000(?:_\d+mo)?))?",
        row.endpoint,
    )
    if not named or named[1] not in KINDS or (named[2] == "share_pct" and named[1] != "multiple_vfx"):
        raise UnsupportedDrug("fractures", f"{row.endpoint} is not a fracture outcome that is computed here")
    kind, sites = KINDS[named[1]]
    form = named[2] or "cum_pct"
    if named[2] is None and not row.is_ratio:
        raise UnsupportedDrug(
            "fractures", f"{row.endpoint} does not say what is counted (cum_pct, rate_per100py)"
        )
    bmd = {site: f"{site}_BMD_pct_change" for site in sites}
    resorption, formation = _first(model, RESORPTION), _first(model, FORMATION)
    missing = [o for o in bmd.values() if o not in model.system.output_names]
    if "LS" in bmd:
        missing += [o for o, found in (("resorption", resorption), ("formation", formation)) if not found]
    if missing:
        raise UnsupportedDrug(
            f"model {model.name}", f"{kind} fractures need {', '.join(missing)}, which it lacks"
        )
    start, end = (row.change_from_month or 0.0) * MONTH_D, month * MONTH_D
    if end <= start:
        raise UnsupportedDrug("fractures", "the window of counting has no length")
    turnover = {"resorption": resorption, "formation": formation} if "LS" in bmd else {}
    leaver = left_the_trial(row, plan)

    def read(arm: ArmTrajectories) -> Reading:
        risk = _risk(arm, bmd, turnover, leaver, relation or fracture_parameters(model))
        if form == "share_pct":
            several = risk.cumulative(kind, start, end)
            anyone = risk.cumulative("vertebral", start, end)
            return Reading(several, over=anyone, chance=True, events=float(np.nanmean(several)))
        chance = _chance(risk, kind, start, end)
        events, years = float(np.nanmean(chance)), (end - start) / DAYS_IN["years"]
        rate = -100 * np.log1p(-chance) / years
        if form.startswith("rate_per"):
            return Reading(rate * (10 if form == "rate_per1000py" else 1), events=events)
        if form == "annual_pct":  # of a year like the mean of the window
            return Reading(-100 * np.expm1(-rate / 100), events=events)
        if form.startswith("per1000"):
            return Reading(1000 * chance, events=events)
        return Reading(100 * chance, chance=True, events=events)

    days = np.union1d(np.arange(0.0, end, WEEK_D), [start, end])
    return Probe((*bmd.values(), *filter(None, turnover.values())), days, read, "factor", untreated=True)


def _chance(risk: FractureRisk, kind: str, start: float, end: float) -> np.ndarray:
    """Probability of a fracture of that kind in a window; of any fracture, of one of its kinds."""
    if kind != "any":
        return risk.cumulative(kind, start, end)
    return 1 - np.prod([1 - risk.cumulative(each, start, end) for each in ANY], axis=0)


def left_the_trial(row: Row, plan: Regimen) -> bool:
    """Does the row count fractures of people who stopped the trial's treatment, a group at higher risk?

    Yes where its window opens after the start, no cover reaches into it, and what went before was denosumab; or, of
    people without any drug, where arm or note say that they stopped.
    """
    if not row.change_from_month or row.month is None:
        return False
    start, end = row.change_from_month * MONTH_D, row.month * MONTH_D
    given = [dose for dose in plan.doses if dose.drug != "placebo"]
    if any(dose.time_d < end and dose.time_d + dose.cover_d > start for dose in given):
        return False
    if given:
        return given[-1].drug == "denosumab"
    words = rf"{row.arm}; {row.note}".casefold()
    return bool(re.search(r"\boff\b|stopp|discontinu|after the last (placebo )?(injection|dose)", words))


def _risk(
    arm: ArmTrajectories,
    bmd: dict[str, str],
    turnover: dict[str, str | None],
    leaver: bool,
    relation: Mapping[str, float],
) -> FractureRisk:
    """The risk of the arm's people; a curve that the asked kind does not hang on stands flat."""
    people, shape = arm.people, (arm.people.count, len(arm.days))
    assert arm.untreated is not None  # the probe asked for it
    treated, untreated = arm.treated.values, arm.untreated.values

    def since_zero(site: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
        if site not in bmd:
            return np.zeros(shape)
        level = 100.0 + values[bmd[site]]
        return 100.0 * (level / level[:, :1] - 1.0)

    def relative(name: str) -> np.ndarray:
        output = turnover.get(name)
        if output is None:
            return np.ones(shape)
        return turnover_ratio(treated[output] / untreated[output])

    course = FractureCourse(
        days=arm.days,
        ls=since_zero("LS", treated),
        th=since_zero("TH", treated),
        ls_untreated=since_zero("LS", untreated),
        th_untreated=since_zero("TH", untreated),
        resorption=relative("resorption"),
        formation=relative("formation"),
    )
    profile = Profile(
        age=people["age"],
        female=people["female"].astype(np.float64),
        th_t=people["TH_T_score"],
        fn_t=people["FN_T_score"],
        ls_t=people["LS_T_score"],
        prior_vertebral=people["prior_vertebral"],
        leaver=leaver,
        secondary=on_secondary_drug(people),
    )
    return fracture_risk(profile, course, relation)


def _first(model: Model, outputs: tuple[str, ...]) -> str | None:
    return next((o for o in outputs if o in model.system.output_names), None)
