"""What is not known of a person, as independent standard normals: traits, levels, and the model's own parameters.

The state of the sampler is one column of such numbers for each person. Their names are those of the random streams, so
the people before any measurement are the very ones that `draw_cohort` and `draw_baselines` draw.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.cohorts import (
    BASELINE_TRAITS,
    BASELINES,
    baselines_of,
    individual_parameters,
    person_parameters,
    random_effects,
)
from bonecast.engine import normals
from bonecast.inference.measurement_parameters import value
from bonecast.models import Model

NOISY_FACTS = ("eGFR", "vitamin D")


@dataclass(frozen=True)
class Prior:
    """Similar people before any measurement.

    Parameters
    ----------
    model : Model
        The model, with its variability.
    facts : mapping of str to float
        Facts of the record.
    measured : frozenset of str
        Levels that were measured.
    uncertain : bool
        Whether the calibration of the model is uncertain too, so that each draw has factors of its own.
    """

    model: Model
    facts: Mapping[str, float]
    measured: frozenset[str]
    uncertain: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The traits, in the order of the rows of the state."""
        names = [f.name for f in self.model.variability.factors]
        names += BASELINE_TRAITS
        names += [f"measured {fact}" for fact in self._noisy]
        names += [f"level {key}" for key in ("calcium", "PTH", "phosphate") if key in self.measured]
        if self.uncertain and self.model.posterior is not None:
            names += self.model.posterior.traits
        return tuple(dict.fromkeys(names))

    @property
    def _noisy(self) -> list[str]:
        """Measured facts that set a parameter: the true value lies around the measured one."""
        known = self.model.covariates
        return [f for f in NOISY_FACTS if f in self.facts and f in known and not known[f].unfit]

    def draw(self, count: int, seed: int) -> np.ndarray:
        """The state [trait, person] before any measurement."""
        return np.array([normals(seed, name, 0, count) for name in self.names])

    def people(self, state: np.ndarray) -> dict[str, np.ndarray]:
        """{parameter: values[person]}."""
        traits, count = self._named(state), state.shape[1]
        facts: dict[str, float | np.ndarray] = dict(self.facts)
        for fact in self._noisy:
            facts[fact] = self.facts[fact] * np.exp(value(fact) * traits[f"measured {fact}"])
        etas = random_effects(self.model, traits)
        people = individual_parameters(self.model, etas, count, person_parameters(self.model, facts))
        own = self.model.system.parameters
        for name, factors in self.calibration(state).items():
            people[name] = people.get(name, own[name]) * factors
        return people

    def calibration(self, state: np.ndarray) -> dict[str, np.ndarray]:
        """{parameter: factors[person]} by which each draw's calibration differs; empty where it is taken for exact."""
        if not self.uncertain or self.model.posterior is None:
            return {}
        return self.model.posterior.factors(self._named(state))

    def levels(self, state: np.ndarray) -> dict[str, np.ndarray]:
        """{key: levels[person]}: markers before treatment; what calcium is shifted and PTH, phosphate multiplied by."""
        traits = self._named(state)
        levels = dict(baselines_of(traits))
        for key, sd in self._own().items():
            moved = sd * traits[f"level {key}"]
            levels[key] = moved if key == "calcium" else np.exp(moved)
        return levels

    def usual(self, key: str) -> float:
        """The middle of a level before any measurement."""
        return BASELINES[key].median if key in BASELINES else 0.0 if key == "calcium" else 1.0

    def _own(self) -> dict[str, float]:
        """SD of levels that were measured: the laboratory's, and between people where the model has no such trait."""
        factors: Collection[str] = {f.name for f in self.model.variability.factors}
        found = {}
        for key, name in (("calcium", "calcium"), ("PTH", "pth")):
            if key in self.measured:
                between = 0.0 if key in factors else value(f"{name}_people")
                found[key] = float(np.hypot(value(f"{name}_laboratory"), between))
        if "phosphate" in self.measured:
            found["phosphate"] = value("phosphate_people")
        return found

    def _named(self, state: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(self.names, state, strict=True))
