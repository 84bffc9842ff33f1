"""From a person and a course to the hazard of each kind of fracture.

    baseline   h0 = rate sex secondary prior exp(age slope (age - 72)) GR^(T0 - T)   T as it would be without a drug
    vertebral  h  = h0 exp(-b G) Rs^c Fs^-f (1 + k B) leaver
               G  = top (1 - exp(-g / top)) for a gain g = LS - LS untreated above 0, g itself below
    hip, nonvertebral  h = h0 exp(-b (TH - TH untreated))
    clusters   logit q = logit q0 + kq B + ql leaver,     P(K >= k) = q^(k - 1)

The gradient GR between persons sets the baseline only; a drug acts by its own, steeper path.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.errors import InputError
from bonecast.outcomes.clinic_baseline import ClinicBaseline
from bonecast.outcomes.fracture_course import YEAR_D, FractureCourse, burst, smoothed
from bonecast.outcomes.fracture_profile import Profile, column, t_scores

KINDS = (
    "vertebral",
    "clinical vertebral",
    "multiple vertebral",
    "four or more vertebral",
    "hip",
    "nonvertebral",
    "wrist",
    "clinical",
    "subsequent osteoporotic",
)


def hazard(
    parameters: Mapping[str, float],
    profile: Profile,
    course: FractureCourse,
    clinic: ClinicBaseline | None = None,
    released: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Compute the hazard of each kind of fracture over time.

    That of "multiple vertebral" is of one event that breaks two or more vertebrae at once; events that add up are
    counted by `FractureRisk.cumulative`.

    Parameters
    ----------
    parameters : mapping of str to float
        Numbers of the fracture relation.
    profile : Profile
        People on day 0.
    course : FractureCourse
        Their curves.
    clinic : ClinicBaseline, optional
        Whose rates stand behind a clinic patient; that of the people of trials by default.
    released : ndarray, optional
        The burst of the course, where it is known already.

    Returns
    -------
    dict of str to ndarray, shape (person, time)
        Kind to hazard per 100 person-years, for all `KINDS`.

    Raises
    ------
    InputError
        If profile and course hold different numbers of people.
    """
    people = {len(np.atleast_1d(profile.age)), course.ls.shape[0]} - {1}
    if len(people) > 1:
        raise InputError(
            "fracture risk", "profile and course hold different numbers of people", "give one each"
        )
    before = baseline if clinic is None else clinic.hazard
    released = burst(parameters, course) if released is None else released
    vertebral = before(parameters, profile, course, "vertebral")
    vertebral = vertebral * _on_the_spine(parameters, profile, course, released)
    gain = course.th - course.th_untreated
    hip, nonvertebral = (
        before(parameters, profile, course, kind) * np.exp(-parameters[f"{kind}_bmd"] * gain)
        for kind in ("hip", "nonvertebral")
    )
    again = cluster(parameters, profile, course, released)
    felt = np.where(column(profile.female) > 0, 1.0, parameters["male"] / parameters["vertebral_male"])
    clinical_vertebral = parameters["clinical_share"] * vertebral * (felt if clinic is None else 1.0)
    clinical = clinical_vertebral + nonvertebral
    return {
        "vertebral": vertebral,
        "clinical vertebral": clinical_vertebral,
        "multiple vertebral": vertebral * again,
        "four or more vertebral": vertebral * again**3,
        "hip": hip,
        "nonvertebral": nonvertebral,
        "wrist": parameters["wrist_share"] * nonvertebral,
        "clinical": clinical,
        "subsequent osteoporotic": parameters["subsequent"] * clinical,
    }


def baseline(
    parameters: Mapping[str, float], profile: Profile, course: FractureCourse, kind: str
) -> np.ndarray:
    """Hazard of the people of trials without any drug, [person, time], per 100 person-years.

    kind : "vertebral", "hip" or "nonvertebral". It rises with age, and with what ageing takes from BMD.
    """
    age = column(profile.age) + course.days / YEAR_D
    site, lost, per_pct, reference = (
        ("LS", course.ls_untreated, parameters["spine_t_per_pct"], parameters["reference_ls_t"])
        if kind == "vertebral"
        else ("FN", course.th_untreated, parameters["hip_t_per_pct"], parameters["reference_fn_t"])
    )
    t = column(t_scores(parameters, profile)[site]) + per_pct * lost
    gradient = np.log(parameters[f"{kind}_gradient"])
    if kind == "hip":
        gradient = np.maximum(
            0.0, gradient + parameters["hip_gradient_age"] * (age - parameters["gradient_age"])
        )
    older = parameters[f"{kind}_age"] * (age - parameters["reference_age"])
    man = parameters["vertebral_male" if kind == "vertebral" else "male"]
    sex = np.where(column(profile.female) > 0, 1.0, man)
    secondary = np.where(column(profile.secondary) > 0, parameters["secondary"], 1.0)
    prior = column(_prior(parameters, profile, kind))
    return parameters[f"{kind}_rate"] * sex * secondary * prior * np.exp(older + gradient * (reference - t))


def cluster(
    parameters: Mapping[str, float], profile: Profile, course: FractureCourse, released: np.ndarray
) -> np.ndarray:
    """q[person, time]: the chance that one more vertebra breaks in the same event, and so on for each further one."""
    alone = parameters["cluster_base"]
    logit = (
        np.log(alone / (1 - alone))
        + parameters["cluster_leaver"] * column(profile.leaver)
        + parameters["cluster_burst"] * released
    )
    return 1 / (1 + np.exp(-logit))


def _on_the_spine(
    parameters: Mapping[str, float], profile: Profile, course: FractureCourse, released: np.ndarray
) -> np.ndarray:
    """Relative hazard of vertebral fracture: strength gained, cavities open, the burst, and having left a trial."""
    gain = _felt(course.ls - course.ls_untreated, parameters["vertebral_bmd_top"])
    resorption = smoothed(course.resorption, course.days, parameters["smoothing"])
    formation = smoothed(course.formation, course.days, parameters["smoothing"])
    turnover = (
        resorption ** parameters["vertebral_resorption"] / formation ** parameters["vertebral_formation"]
    )
    freed = 1 + parameters["vertebral_burst"] * released
    leaver = 1 + (parameters["leaver"] - 1) * column(profile.leaver)
    return np.exp(-parameters["vertebral_bmd"] * gain) * turnover * freed * leaver


def _felt(gain: np.ndarray, top: float) -> np.ndarray:
    """What strength feels of a gain of spine BMD, in points: each further point less, never more than `top`.

    Late gains are mineral in bone that is there already; no trial counted fractures at gains of twenty points.
    """
    return np.where(gain > 0, -top * np.expm1(-np.maximum(gain, 0.0) / top), gain)


def _prior(parameters: Mapping[str, float], profile: Profile, kind: str) -> np.ndarray:
    """Mean relative risk of people of whom a share has fractured before, over that of the reference group."""
    after_vertebral = parameters[f"{kind}_after_vertebral"]
    after_other = parameters[f"{kind}_after_other"]
    share, other = np.asarray(profile.prior_vertebral), np.asarray(profile.prior_other)
    reference = 1 + (after_vertebral - 1) * parameters["reference_prior_vertebral"]
    return (share * after_vertebral + (1 - share) * (1 + (after_other - 1) * other)) / reference
