"""The ensemble engine as a likelihood: from traits to how well their history explains the measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.cohorts import Cohort, simulate
from bonecast.inference.measurement_likelihood import MeasurementLikelihood, measurement_likelihood
from bonecast.inference.observations import days_of, observations_of
from bonecast.inference.prior import Prior
from bonecast.models import Model
from bonecast.records import Patient
from bonecast.regimens import Dose, History, supported_doses

COARSEST = 1e-3  # rtol of these runs: errors of 0.1 % are far below those of measurements


@dataclass(frozen=True)
class HistoryLikelihood:
    """The question put to the sampler: the prior, the evidence, and the doses that the model replays."""

    prior: Prior
    evidence: MeasurementLikelihood
    doses: tuple[Dose, ...]
    rtol: float

    def evaluate(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of a state [trait, person]: ln likelihood [person], outputs on the days of the observations [person,
        observation], and what is expected of the measurements in units of their errors.

        A person whose run fails has likelihood zero.
        """
        model, observations = self.prior.model, self.evidence.observations
        days, outputs = days_of(observations), sorted({o.output for o in observations})
        cohort = Cohort.of_parameters(model, self.prior.people(state))
        run = simulate(cohort, self.doses, days, outputs, rtol=self.rtol)
        run.require_success(f"{model.name}, history")
        fine = run.succeeded
        values = np.stack([run.at(o.output, o.day) for o in observations], axis=1)
        seen = np.where(fine[:, None], values, 1.0)
        levels = self.prior.levels(state)
        found = np.where(fine, self.evidence.log_likelihood(seen, levels), -np.inf)
        return found, seen, self.evidence.expected(seen, levels)


def history_likelihood(
    patient: Patient,
    model: Model,
    history: History,
    facts: Mapping[str, float],
    rtol: float = COARSEST,
    uncertain: bool = True,
) -> HistoryLikelihood:
    """Lay a record out for the sampler; without observations where the model cannot follow this person."""
    followed = supported_doses(model, history)
    observations = observations_of(patient, model, history) if followed is not None else ()
    prior = Prior(model, facts, frozenset(o.key for o in observations), uncertain)
    return HistoryLikelihood(
        prior, measurement_likelihood(observations, model, patient), followed[0] if followed else (), rtol
    )
