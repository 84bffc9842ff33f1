"""What all measurements say of a person's curves: likelihoods, and each measurement given the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.inference.observations import Observation
from bonecast.inference.outliers import log_below, log_density, outlier_probability
from bonecast.inference.scans import Scans, scans_of
from bonecast.models import Model
from bonecast.records import Patient

Levels = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class MeasurementLikelihood:
    """The observations of one person, with the scans of each site together.

    Curves are `seen[person, observation]`, the model's output on the day of each observation.
    """

    observations: tuple[Observation, ...]
    scans: Mapping[str, Scans]
    model: Model

    def log_likelihood(self, seen: np.ndarray, levels: Levels) -> np.ndarray:
        """ln p(observations | curves and levels), [person]."""
        total = np.zeros(len(seen))
        for i, o in enumerate(self.observations):
            if o.scale != "absolute":
                total += self._one(i, seen, levels)
        for key, scans in self.scans.items():
            total += scans.log_likelihood(seen[:, self.places(key)])
        return total

    def share_of(self, which: frozenset[int], seen: np.ndarray, levels: Levels) -> np.ndarray:
        """What these observations add to the ln likelihood, given all others, [person]."""
        total = np.zeros(len(seen))
        for i in which:
            if self.observations[i].scale != "absolute":
                total += self._one(i, seen, levels)
        for key in dict.fromkeys(self.observations[i].key for i in sorted(which)):
            if key in self.scans:
                at, scans = self.places(key), self.scans[key]
                kept = [j for j, i in enumerate(at) if i not in which]
                total += scans.log_likelihood(seen[:, at])
                total -= scans.some(kept).log_likelihood(seen[:, [at[j] for j in kept]])
        return total

    def predicted(
        self, i: int, seen: np.ndarray, levels: Levels, without: frozenset[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and SD [person] of one measurement as an ordinary one: of ln(value), or of the value (BMD, drug level).

        `without` matters for scans, which speak of each other through the level of the person.
        """
        o = self.observations[i]
        if o.scale == "absolute":
            at = self.places(o.key)
            others = [j for j, k in enumerate(at) if k not in without and k != i]
            return self.scans[o.key].given(seen[:, at], at.index(i), others)
        if o.scale == "residual":
            of = self.model.variability.residuals[o.output]
            return seen[:, i], np.hypot(of.additive, of.proportional * seen[:, i])
        return np.log(self._true(i, seen, levels)) + o.shift, np.full(len(seen), o.sd)

    def expected(self, seen: np.ndarray, levels: Levels) -> np.ndarray:
        """What is expected of each measurement, in units of its error, [person, observation].

        Scans speak of the differences between them only: the level of the person is integrated out.
        """
        columns = []
        for i, o in enumerate(self.observations):
            if o.scale == "absolute":
                others = seen[:, self.places(o.key)].mean(axis=1)
                columns.append((seen[:, i] - others) / 100 * o.value / o.sd)
            else:
                mean, sd = self.predicted(i, seen, levels, frozenset())
                columns.append(mean / np.median(sd))
        return np.stack(columns, axis=1)

    def scaled(self, i: int) -> float:
        """The measured value on the scale of `predicted`."""
        o = self.observations[i]
        return float(np.log(o.value)) if o.scale == "log" else o.value

    def outlier_probability(self, i: int, seen: np.ndarray, levels: Levels) -> np.ndarray:
        """The chance [person] that this measurement is one that does not belong."""
        o = self.observations[i]
        if o.scale == "absolute":
            at = self.places(o.key)
            return self.scans[o.key].outlier_probability(seen[:, at])[:, at.index(i)]
        mean, sd = self.predicted(i, seen, levels, frozenset())
        return outlier_probability(self.scaled(i) - mean, sd, o.below)

    def places(self, key: str) -> list[int]:
        """Where the observations of this level stand."""
        return [i for i, o in enumerate(self.observations) if o.key == key]

    def _one(self, i: int, seen: np.ndarray, levels: Levels) -> np.ndarray:
        mean, sd = self.predicted(i, seen, levels, frozenset())
        of = log_below if self.observations[i].below else log_density
        return of(self.scaled(i) - mean, sd)

    def _true(self, i: int, seen: np.ndarray, levels: Levels) -> np.ndarray:
        """The quantity itself, on the person's level."""
        key, curve = self.observations[i].key, seen[:, i]
        if self.observations[i].output.endswith("pct_of_baseline"):
            curve = curve / 100 * levels[key]
        elif key == "calcium":
            curve = curve + levels[key]
        else:
            curve = curve * levels[key]
        return np.maximum(curve, 1e-6)  # a run that falls below zero has no logarithm


def measurement_likelihood(
    observations: tuple[Observation, ...], model: Model, patient: Patient
) -> MeasurementLikelihood:
    """Put the observations together; scans of one site share the level of the person."""
    keys = dict.fromkeys(o.key for o in observations if o.scale == "absolute")
    scans = {key: scans_of(key, [o for o in observations if o.key == key], patient) for key in keys}
    return MeasurementLikelihood(observations, scans, model)
