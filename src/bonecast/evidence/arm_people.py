"""Virtual people like those of an arm: ages, T-scores, weights, kidneys, drawn around the arm's means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bonecast.cohorts import correlation, draw_parameters, margins, person_parameters, typical
from bonecast.cohorts.margin import log_sd, within
from bonecast.cohorts.typical import SITES
from bonecast.engine.streams import normals
from bonecast.evidence.arm_baseline import Traits
from bonecast.models import Model


@dataclass(frozen=True)
class People:
    """Facts by the names that models know ("age", "LS T-score", ...), each one value per person.

    prior_vertebral : the share of such people with a vertebral fracture before.
    """

    facts: Mapping[str, np.ndarray]
    prior_vertebral: float

    def __repr__(self) -> str:
        return f"<People: {len(self.facts['sex'])} virtual people, {len(self.facts)} facts>"

    @property
    def female(self) -> np.ndarray:
        """1 for women, 0 for men."""
        return 1.0 - self.facts["sex"]

    def some(self, who: np.ndarray) -> People:
        """Those of the people for whom `who` is true."""
        return replace(self, facts={fact: values[who] for fact, values in self.facts.items()})

    def t_score(self, site: str) -> np.ndarray:
        """T-scores at LS, TH or FN at time zero."""
        return self.facts[f"{site} T-score"]


def draw_people(traits: Traits, count: int, seed: int) -> People:
    """People like those of the arm. The same seed gives the same persons in every arm, moved to its means.

    age ~ N(mean, 5.2) within 40 to 95; T-scores ~ N(mean, 0.7), cut where a subgroup was chosen by one; weight
    lognormal; eGFR by age; vitamin D lognormal. Sources and marks are in
    `populations/margins.toml`.

    >>> people = draw_people(Traits("PMO", 72, 1, -2.8, -1.9, -2.2, 0.23), 400, seed=1)
    >>> float(people.facts["age"].mean().round()), float(people.t_score("LS").mean().round(1))
    (72.0, -2.8)
    """

    def stream(name: str) -> np.ndarray:
        return normals(seed, f"arm {name}", 0, count)

    known = margins()
    age = known["age"].at(stream("age"), traits.age)
    # as many women as the fraction says, whoever they are
    man = (np.argsort(np.argsort(stream("sex"))) >= round(traits.female * count)).astype(np.float64)
    women, vitamin_d = known["weight_women"], known["vitamin_D"]
    median = np.where(man > 0, known["weight_men"].typical, women.typical)
    facts = {
        "age": age,
        "sex": man,
        "weight": median * np.exp(log_sd(women.spread) * stream("weight")),
        "eGFR": known["eGFR"].at(stream("eGFR"), known["eGFR"].typical_at(age)),
        # held at the floor, not cut there: the arm's median stays what the trials print
        "vitamin D": np.maximum(
            vitamin_d.low, vitamin_d.typical * np.exp(log_sd(vitamin_d.spread) * stream("vitamin D"))
        ),
        "adherence": np.full(count, typical(traits.population).adherence),
    }
    shared, r = stream("T-score"), correlation("LS T-score", "TH T-score")
    for site in SITES:
        z = np.sqrt(r) * shared + np.sqrt(1 - r) * stream(f"{site} T-score")
        site_cut = traits.at_most[1] if traits.at_most and traits.at_most[0] == site else np.inf
        # one SD for the three sites: rows seldom print it, and contrasts of sites should not rest on it
        sd = known["LS_T_score"].spread
        facts[f"{site} T-score"] = within(z, traits.t_scores[site], sd, -np.inf, site_cut)
    for fact, value in typical(traits.population).states.items():
        facts[fact] = np.full(count, float(value))
    return People(facts, traits.prevalent_vfx)


def parameters_of(model: Model, people: People, seed: int) -> dict[str, np.ndarray]:
    """{parameter: value per person} of these people in one model: their facts, and its spread around them.

    A fact that the model does not know is passed over; a value beyond the range of its card is held at the nearest end.
    """
    typical = person_parameters(model, people.facts)
    return draw_parameters(model, len(people.facts["age"]), seed, typical)
