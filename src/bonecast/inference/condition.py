"""The Bayesian update: from people like this one to those who would have been measured as this one was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr

from bonecast.cohorts import person_facts
from bonecast.core import Progress, TableResult, gettext
from bonecast.engine import normals
from bonecast.errors import InputError, printable
from bonecast.inference.fast import fast_posterior
from bonecast.inference.likelihood import COARSEST, history_likelihood
from bonecast.inference.measurement_likelihood import MeasurementLikelihood
from bonecast.inference.observations import Observation
from bonecast.inference.posterior_predictive import MeasurementCheck, PredictiveCheck, predictive_checks
from bonecast.inference.sentences import conflicts
from bonecast.inference.smc import TemperingStep, tempered
from bonecast.models import DEFAULT_MODEL, Model, load_model
from bonecast.records import Patient
from bonecast.regimens import History, history_of

if TYPE_CHECKING:
    import polars as pl

FEWEST = 500  # people in the cloud: fewer cannot find a narrow posterior
People = dict[str, np.ndarray]
Method = Literal["fast", "exact"]


@dataclass(frozen=True)
class Diagnostics:
    """How the conditioning went.

    Parameters
    ----------
    count : int
        Particles; 0 where nothing was measured.
    course : TemperingStep
        One entry for each temperature.
    measurements : tuple of PredictiveCheck
        Each measurement, checked.
    method : str
        What made the draws: "fast" (weighted people of a fitted proposal) or "exact" (tempered Monte Carlo); empty
        where nothing was measured.
    pareto_k : float or None
        Shape of the tail of the weights of the fast path; below 0.7.
    """

    count: int
    course: TemperingStep
    measurements: tuple[PredictiveCheck, ...]
    method: str = ""
    pareto_k: float | None = None


@dataclass(frozen=True)
class Posterior(TableResult):
    """Equally weighted draws from the posterior of one person.

    Parameters
    ----------
    people : dict of str to ndarray, shape (draw,)
        Parameters of the model, in their own unit.
    levels : dict of str to ndarray, shape (draw,)
        The person's own level of each endpoint: BMD in g/cm2 on day 0 on the first scanner, markers before treatment,
        calcium as a shift and PTH as a factor of the model's curve. An endpoint that was never measured and is not
        drawn has none.
    prior_people : dict of str to ndarray, shape (draw,)
        Parameters before any measurement.
    prior_levels : dict of str to ndarray, shape (draw,)
        Levels before any measurement.
    diagnostics : Diagnostics
        How the sampling went.
    notes : tuple of str
        Which measurements conflict.
    observations : tuple of Observation
        The measurements that were used.
    calibration : dict of str to ndarray, shape (draw,)
        Factors by which the calibrated parameters of each draw differ from the calibrated values; empty where those are
        taken for exact.

    Examples
    --------
    >>> import bonecast as bc
    >>> found = bc.condition(bc.read_patient("examples/late-dose.toml"), "choi-2025", draws=20)
    >>> found.table().height, len(found["CL"])
    (20, 20)
    """

    people: People
    levels: People
    prior_people: People
    prior_levels: People
    diagnostics: Diagnostics
    notes: tuple[str, ...]
    observations: tuple[Observation, ...]
    calibration: People = field(default_factory=dict)

    def __repr__(self) -> str:
        draws = len(next(iter(self.people.values()), ()))
        return f"<Posterior: {draws} draws of {len(self.people)} parameters, {len(self.observations)} measurements>"

    def _repr_html_(self) -> str:
        from bonecast.inference.notebook import posterior_html

        return posterior_html(self)

    def table(self) -> pl.DataFrame:
        """Return the draws.

        Returns
        -------
        polars.DataFrame
            One row for each draw: parameters by name, then `level NAME` for each endpoint.
        """
        import polars as pl

        return pl.DataFrame({**self.people, **{f"level {name}": of for name, of in self.levels.items()}})


def condition(
    patient: Patient,
    model: str | Model = DEFAULT_MODEL,
    history: History | None = None,
    facts: Mapping[str, float] | None = None,
    draws: int = FEWEST,
    seed: int = 1,
    rtol: float = COARSEST,
    progress: Progress | None = None,
    uncertain: bool = True,
    method: Method = "fast",
) -> Posterior:
    """Condition the population on the measurements of one person.

    Parameters
    ----------
    patient : Patient
        The record with its measurements.
    model : str or Model
        Library name, or a model.
    history : History, optional
        The doses of the record on an axis of days; laid out from the record by default.
    facts : mapping of str to float, optional
        What is known of the person, as `person_parameters` takes it; from the record by default. Kidney function and
        vitamin D are taken as measured with an error.
    draws : int
        Draws from the posterior.
    seed : int
        The same seed gives the same draws, byte for byte.
    rtol : float
        Relative tolerance of one step.
    progress : callable, optional
        Called with the share done and what is being done.
    uncertain : bool
        Whether each draw has parameters of the model of its own, from the uncertainty of its calibration.
    method : {"fast", "exact"}
        "exact" is tempered Monte Carlo. "fast" weighs people of a fitted proposal, in a third of the time, and is given
        up for "exact" where its weights cannot be trusted; `Diagnostics.method` says which one it was.

    Returns
    -------
    Posterior
        Without a measurement that the model has an output for, these are draws from the population.

    Raises
    ------
    ComputeError
        If nobody of the ensemble can be followed.
    UnknownName
        If there is no such model.
    InputError
        If there is no such method.

    Notes
    -----
    Both methods sample random effects z and levels b from

        p(z, b | y) ~ N(z; 0, 1) p(b) p(y | curves(z), b)

    "exact" by sequential Monte Carlo with tempering, "fast" by importance sampling with Pareto smoothing.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> found = condition(her, "choi-2025", draws=50)
    >>> len(found.people["CL"]), round(float(found.levels["LS_BMD"].mean()), 2)
    (50, 0.74)
    """
    require_method(method)
    model = load_model(model)
    history = history or history_of(patient)
    facts = person_facts(patient, history.zero) if facts is None else facts
    posed = history_likelihood(patient, model, history, facts, max(rtol, COARSEST), uncertain)
    prior = posed.prior
    before = prior.draw(draws, seed)
    people, levels = prior.people(before), prior.levels(before)
    if not posed.evidence.observations:
        nothing = Diagnostics(0, TemperingStep(), ())
        return Posterior(people, levels, people, levels, nothing, (), (), prior.calibration(before))

    report = progress or (lambda share, what: None)
    count = max(draws, FEWEST)
    fast = fast_posterior(posed.evaluate, prior.draw(count, seed), seed) if method == "fast" else None
    if fast is not None:
        start, cloud, course = fast.start, fast.cloud, fast.course
        report(1.0, gettext("measurements"))
    else:
        start, cloud, course = tempered(
            posed.evaluate,
            prior.draw(count, seed),
            seed,
            lambda share: report(share, gettext("measurements")),
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
        Diagnostics(count, course, found, "exact" if fast is None else "fast", fast.k if fast else None),
        tuple(conflicts(found)),
        posed.evidence.observations,
        prior.calibration(cloud.state[:, thin]),
    )


def require_method(method: str) -> None:
    """Refuse a method that there is not.

    Parameters
    ----------
    method : str
        "fast" or "exact".

    Raises
    ------
    InputError
        Any other.
    """
    if method not in ("fast", "exact"):
        raise InputError("method", f"{printable(method, 40)!r} is none", 'say "fast" or "exact"')


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
