"""The Bayesian update: from people like this one to those who would have been measured as this one was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bonecast.engine import normals
from bonecast.inference.likelihood import COARSEST, history_likelihood
from bonecast.inference.measurement_likelihood import MeasurementLikelihood
from bonecast.inference.observations import Observation
from bonecast.inference.posterior_predictive import MeasurementCheck, PredictiveCheck, predictive_checks
from bonecast.inference.sentences import conflicts
from bonecast.inference.smc import TemperingStep, tempered
from bonecast.models import Model
from bonecast.records import Patient
from bonecast.regimens import History

FEWEST = 500  # people in the cloud: fewer cannot find a narrow posterior
Progress = Callable[[float, str], None]
People = dict[str, np.ndarray]


@dataclass(frozen=True)
class Diagnostics:
    """How the update went. count : people in the cloud; 0 where nothing was measured. measurements : each checked."""

    count: int
    course: TemperingStep
    measurements: tuple[PredictiveCheck, ...]


@dataclass(frozen=True)
class Posterior:
    """Equally weighted draws, one column of everything for each person.

    people : the model's parameters. levels : the person's own level of each endpoint; BMD in g/cm2 on day 0 on the
    first scanner, markers before treatment, calcium as a shift and PTH as a factor of the model's curve; an endpoint
    whose level is nowhere measured and not drawn has none. prior_people, prior_levels : the same before any
    measurement. notes : which measurements conflict. observations : the measurements that were learned from.
    """

    people: People
    levels: People
    prior_people: People
    prior_levels: People
    diagnostics: Diagnostics
    notes: tuple[str, ...]
    observations: tuple[Observation, ...]


def condition(
    patient: Patient,
    model: Model,
    history: History,
    facts: Mapping[str, float],
    draws: int,
    seed: int,
    rtol: float = COARSEST,
    progress: Progress | None = None,
    uncertain: bool = True,
) -> Posterior:
    """Who among people like this one would have been measured as this person was?

        p(traits, levels | measurements) ~ N(traits; 0, 1) p(measurements | curves(traits), levels)

    facts : of the record, as `person_parameters` takes them; kidney function and vitamin D are taken as measured with
        an error. draws : people wanted; the same seed gives the same ones, byte for byte.
    uncertain : has each person parameters of the model of his own, drawn from its calibration?
    progress : called with the share done and what is being done.

    Without a measurement that the model has an output for, these are the population's draws. Raises ComputeError where
    no person of the ensemble can be followed.

    >>> from bonecast.models import load_model
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> her = read_patient("examples/late-dose.toml")
    >>> found = condition(her, load_model("choi-2025"), history_of(her), {}, draws=50, seed=1)
    >>> len(found.people["CL"]), round(float(found.levels["LS_BMD"].mean()), 2)
    (50, 0.74)
    """
    posed = history_likelihood(patient, model, history, facts, max(rtol, COARSEST), uncertain)
    prior = posed.prior
    people, levels = (of(prior.draw(draws, seed)) for of in (prior.people, prior.levels))
    if not posed.evidence.observations:
        return Posterior(people, levels, people, levels, Diagnostics(0, TemperingStep(), ()), (), ())

    told = progress or (lambda share, what: None)
    count = max(draws, FEWEST)
    start, cloud, course = tempered(
        posed.evaluate, prior.draw(count, seed), seed, lambda share: told(share, "measurements")
    )
    after = prior.levels(cloud.state)
    seen = MeasurementCheck(start.kept, prior.levels(start.state)), MeasurementCheck(cloud.kept, after)
    found = predictive_checks(posed.evidence, *seen, seed)  # with the whole cloud
    after |= _bmd_levels(posed.evidence, cloud.kept, seed)
    thin = np.arange(draws) * count // draws
    return Posterior(
        prior.people(cloud.state[:, thin]),
        {key: values[thin] for key, values in after.items()},
        people,
        {key: values for key, values in levels.items() if key not in ("calcium", "PTH", "phosphate")},
        Diagnostics(count, course, found),
        tuple(conflicts(found)),
        posed.evidence.observations,
    )


def _bmd_levels(evidence: MeasurementLikelihood, seen: np.ndarray, seed: int) -> People:
    """{site: level[person]}, g/cm2 on day 0 on the first scanner, from what the scans leave of it."""
    count = len(seen)
    return {
        key: scans.draw_level(
            seen[:, evidence.places(key)],
            normals(seed, f"level {key}", 0, count),
            ndtr(normals(seed, f"stray {key}", 0, count)),
        )
        for key, scans in evidence.scans.items()
    }
