"""People like those of a published arm: ages, T-scores, weights, kidneys, drawn around the arm's means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.cohorts.column import columns
from bonecast.cohorts.copula import correlation
from bonecast.cohorts.covariates import Covariates
from bonecast.cohorts.margin import log_sd, margins, within
from bonecast.cohorts.typical_kinds import SITES, from_spine, typical
from bonecast.engine import normals


@dataclass(frozen=True)
class ArmMeans:
    """Means of the people of an arm at time zero.

    Parameters
    ----------
    population : str
        Code of its typical people ("PMO").
    age : float
        Years.
    female : float
        Share of women, 0 to 1.
    ls_t, th_t, fn_t : float
        T-scores of spine, total hip and femoral neck.
    prevalent_vfx : float
        Share with a vertebral fracture before, 0 to 1.
    at_most : tuple of str and float, optional
        Site and T-score by which a subgroup was chosen ("FN", -2.5).
    weight_women : float, optional
        Median weight of women, kg; that of `margins.toml` where None.

    Examples
    --------
    >>> ArmMeans("PMO", 72, 1, -2.8, -1.9, -2.2, 0.23).t_scores["TH"]
    -1.9
    """

    population: str
    age: float
    female: float
    ls_t: float
    th_t: float
    fn_t: float
    prevalent_vfx: float
    at_most: tuple[str, float] | None = None
    weight_women: float | None = None

    @staticmethod
    def filled(
        population: str,
        age: float | None = None,
        female: float | None = None,
        t_scores: Mapping[str, float] | None = None,
        prevalent_vfx: float | None = None,
        at_most: tuple[str, float] | None = None,
        weight_women: float | None = None,
    ) -> ArmMeans:
        """The means of an arm of which not all was printed; the rest is that of its population.

        Parameters
        ----------
        population : str
            Code of its typical people; adults of any kind where it is not known.
        age, female, prevalent_vfx : float, optional
            As printed.
        t_scores : mapping of str to float, optional
            As printed, by site. The others lie from the spine's as far as in the trials that print both (hip +0.8,
            neck +0.6).
        at_most : tuple of str and float, optional
        weight_women : float, optional
            Median, kg.

        Returns
        -------
        ArmMeans
        """
        usual = typical(population)
        t = _t_scores(t_scores, usual.t_scores) if t_scores else usual.t_scores
        return ArmMeans(
            population=usual.name,
            age=usual.age if age is None else age,
            female=usual.female if female is None else female,
            ls_t=t["LS"],
            th_t=t["TH"],
            fn_t=t["FN"],
            prevalent_vfx=usual.prevalent_vfx if prevalent_vfx is None else prevalent_vfx,
            at_most=at_most,
            weight_women=weight_women,
        )

    @property
    def t_scores(self) -> dict[str, float]:
        """By site."""
        return dict(zip(SITES, (self.ls_t, self.th_t, self.fn_t), strict=True))


def draw_arm(means: ArmMeans, count: int, seed: int) -> Covariates:
    """People like those of the arm. The same seed gives the same persons in every arm, moved to its means.

    age ~ N(mean, 5.2) within 40 to 95; T-scores ~ N(mean, 0.7), cut where a subgroup was chosen by one; weight
    lognormal; eGFR by age; vitamin D lognormal. Sources and marks are in `cohorts/margins.toml`.

    Parameters
    ----------
    means : ArmMeans
    count : int
    seed : int

    Returns
    -------
    Covariates
        Without the covariates that no arm prints. `prior_vertebral` is the arm's share, for everybody.

    Examples
    --------
    >>> people = draw_arm(ArmMeans("PMO", 72, 1, -2.8, -1.9, -2.2, 0.23), 400, seed=1)
    >>> float(people["age"].mean().round()), float(people["LS_T_score"].mean().round(1))
    (72.0, -2.8)
    """

    def normal(name: str) -> np.ndarray:
        return normals(seed, f"arm {name}", 0, count)

    margin, usual = margins(), typical(means.population)
    age = margin["age"].at(normal("age"), means.age)
    # as many women as the share says, no matter who they are
    female = np.argsort(np.argsort(normal("sex"))) < round(means.female * count)
    women, vitamin_d = margin["weight_women"], margin["vitamin_D"]
    median = np.where(female, means.weight_women or women.typical, margin["weight_men"].typical)
    values = {
        "age": age,
        "female": female,
        "weight_kg": median * np.exp(log_sd(women.spread) * normal("weight")),
        "eGFR": margin["eGFR"].at(normal("eGFR"), margin["eGFR"].typical_at(age)),
        # held at the floor, not cut there: the arm's median stays what the trials print
        "vitamin_D_nmol_L": np.maximum(
            vitamin_d.low, vitamin_d.typical * np.exp(log_sd(vitamin_d.spread) * normal("vitamin D"))
        ),
        "prior_vertebral": np.full(count, means.prevalent_vfx),
        "adherence": np.full(count, usual.adherence),
    }
    shared, r = normal("T-score"), correlation("LS T-score", "TH T-score")
    # one SD for the three sites: trials seldom print it, and contrasts of sites should not rest on it
    sd = margin["LS_T_score"].spread
    for site in SITES:
        z = np.sqrt(r) * shared + np.sqrt(1 - r) * normal(f"{site} T-score")
        highest = means.at_most[1] if means.at_most and means.at_most[0] == site else np.inf
        values[f"{site}_T_score"] = within(z, means.t_scores[site], sd, -np.inf, highest)
    for name, column in columns().items():
        if column.fact in usual.states:
            values[name] = np.full(count, float(usual.states[column.fact]))
    return Covariates("arm", seed, np.arange(count), values)


def _t_scores(given: Mapping[str, float], usual: Mapping[str, float]) -> dict[str, float]:
    """The T-scores of all sites, those that are not given at the usual distance from the first that is."""
    known = next(site for site in SITES if site in given)
    spine = given[known] - from_spine(known)
    return {site: given.get(site, spine + from_spine(site)) for site in usual}
