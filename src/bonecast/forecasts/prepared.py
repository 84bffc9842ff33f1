"""People behind a forecast, prepared once: every plan is then followed at once.

What a person's measurements teach does not depend on what is planned. So the people are learned, and the history is
replayed, once (`prepare`); a plan whose dates move needs only the days from today on (`Prepared.follow`). The whole
job (`bonecast.forecasts.forecast`) goes the same way: prepare, follow, result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bonecast.care import check_strategy
from bonecast.cohorts import ReplayedHistory
from bonecast.core import Progress
from bonecast.decisions import find_aim
from bonecast.engine import kernel, simd_lanes
from bonecast.forecasts.case import RTOL, Case, Ensemble, PastQuantiles, case_of
from bonecast.forecasts.choice import LatestDate
from bonecast.forecasts.choosing import NEEDED
from bonecast.forecasts.comparison import Followed, compare, followed, result_of
from bonecast.forecasts.course import no_further_dose
from bonecast.forecasts.late import latest_dates
from bonecast.forecasts.learned_file import key_of, load_learned, save_learned
from bonecast.forecasts.model_error import ModelError, model_error
from bonecast.forecasts.person_outcome import DEFAULT_AIM, PersonOutcomes
from bonecast.forecasts.population import population
from bonecast.forecasts.request import (
    Strategies,
    check_request,
    everything,
    named_strategies,
    usual_strategies,
)
from bonecast.forecasts.result import Forecast
from bonecast.forecasts.track import Track
from bonecast.inference import Method, Posterior, condition, observations_of, require_method
from bonecast.models import DEFAULT_MODEL, load_model
from bonecast.outcomes import Summary, first_scans
from bonecast.records import GivenDose, Patient
from bonecast.regimens import PlannedStrategy, parse_regimen, parse_span, place_strategy

MOST_RECENT = 8  # strategies that are kept, some megabytes each


def no_progress(share: float, text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Prepared:
    """The people of one person's forecast with their history behind them, ready for any plan.

    Parameters
    ----------
    case : Case
        Who, when and with which model.
    known : Posterior
        What was learned, or the people of the population.
    past : ReplayedHistory or None
        The history as replayed; None where the model cannot.
    draws, seed : int
        How the people were drawn.
    given : tuple of GivenDose
        The injections of the record, with which the people were learned.
    uncertain : bool
        Does each draw have an error of the model of its own?
    recent : dict
        The last few strategies that were followed, by name and plan.
    past_quantiles : dict
        Quantiles of the days before today, which all strategies share.
    """

    case: Case
    known: Posterior
    past: ReplayedHistory | None
    draws: int
    seed: int
    given: tuple[GivenDose, ...]
    uncertain: bool = True
    recent: dict[tuple[str, str], Followed] = field(default_factory=dict, repr=False, compare=False)
    past_quantiles: PastQuantiles = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"<Prepared: {self.draws} draws>"

    def follow(self, plans: Mapping[str, str], best_by: str = DEFAULT_AIM) -> Forecast:
        """Forecast these plans.

        The same numbers as `forecast` gives for them; the range before the measurements, the value of further tests
        and searches are left to it.

        Parameters
        ----------
        plans : mapping of str to str
            Name to plan.
        best_by : str
            Aim by which they are ranked.

        Raises
        ------
        InputError
            Where a plan cannot be read or has no evidence behind it.

        Examples
        --------
        >>> from bonecast.interop import read_patient
        >>> ready = prepare(read_patient("examples/late-dose.toml"), horizon="1 year", draws=20)
        >>> soon = ready.follow({"soon": "28 weeks after the last dose denosumab 60 mg once"})
        >>> soon.strategies[0].doses[0].date.isoformat()
        '2026-09-28'
        """
        case = self.case
        strategies = named_strategies(case, plans)
        outcomes = PersonOutcomes(find_aim(best_by), case.history, case.horizon_d)
        comparison = compare(
            strategies.ways, self._recently_followed, outcomes, progress=lambda place, name: None
        )
        return result_of(
            case,
            self.known,
            self.past,
            comparison,
            strategies,
            draws=self.draws,
            seed=self.seed,
            outdated=case.patient.doses != self.given,
            latest=self.latest,
        )

    def at_a_glance(self, plans: Mapping[str, str]) -> tuple[Forecast, tuple[str, ...]]:
        """Forecast these plans beside the course without a further dose; those that the care rules block as risks.

        A risk is followed and drawn, and never ranked: it is what happens, and no offer. `Forecast.blocked` names the
        plans among them with the reason.

        Parameters
        ----------
        plans : mapping of str to str
            Name to plan.

        Returns
        -------
        Forecast, tuple of str
            With `since_today`; and the names of the risks.
        """
        case = self.case
        asked = everything(case, plans)
        risks = (*(one.name for one in asked.blocked), asked.ways[-1].name)
        comparison = compare(
            asked.ways,
            self._recently_followed,
            PersonOutcomes(find_aim(DEFAULT_AIM), case.history, case.horizon_d),
            progress=lambda place, name: None,
            risks=risks,
        )
        made = result_of(
            case,
            self.known,
            self.past,
            comparison,
            asked,
            draws=self.draws,
            seed=self.seed,
            outdated=case.patient.doses != self.given,
            since_today={
                way.name: case.since_today(self._recently_followed(way).track) for way in asked.ways
            },
        )
        return made, risks

    def usual_plans(self) -> dict[str, str]:
        """The usual strategies that the care rules do not block, by name; none without a dose."""
        return {way.name: str(way.plan) for way in usual_strategies(self.case).ways if way.drugs}

    def thinned(self, draws: int) -> Prepared:
        """The same with so many of its people, evenly taken: a preview while a date is dragged."""
        step = max(1, self.draws // draws)

        def some(of: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            return {name: values[::step] for name, values in of.items()}

        known = replace(
            self.known,
            people=some(self.known.people),
            levels=some(self.known.levels),
            calibration=some(self.known.calibration),
        )
        count = len(next(iter(known.people.values())))
        return replace(self, known=known, draws=count, past=None, recent={}, past_quantiles={})._replayed()

    def follow_one(self, way: PlannedStrategy) -> Followed:
        """Follow one strategy, laid behind the history."""
        track = self.case.follow(self.ensemble, self.past, way)
        return followed(self.case, track, self.past, self.past_quantiles)

    def summary_under(self, text: str) -> Summary:
        """The numbers under a plan, as the options of a late injection take them; what may be shown they decide."""
        way = place_strategy(text, parse_regimen(text), self.case.history, self.case.horizon_d)
        return self.case.summary(self.case.follow(self.ensemble, self.past, way))

    def without_further_dose(self) -> Forecast:
        """The course without any further dose: a picture of a risk, not an option."""
        case = self.case
        course = no_further_dose(case.history, case.horizon_d)
        check = check_strategy(course.name, course.plan, case.patient)
        outcomes = PersonOutcomes(find_aim(DEFAULT_AIM), case.history, case.horizon_d)
        comparison = compare((course,), self._recently_followed, outcomes, progress=lambda place, name: None)
        asked = Strategies((course,), (check,), risk_only=True)
        return result_of(case, self.known, self.past, comparison, asked, draws=self.draws, seed=self.seed)

    def _recently_followed(self, way: PlannedStrategy) -> Followed:
        """One strategy; of two that are compared while one is dragged, the other is not followed again."""
        key = (way.name, str(way.plan))
        if key not in self.recent:
            strategy = self.follow_one(way)
            while len(self.recent) >= MOST_RECENT:
                self.recent.pop(next(iter(self.recent)))
            self.recent[key] = strategy
        return self.recent[key]

    @cached_property
    def ensemble(self) -> Ensemble:
        """The people, with the first scan of each site."""
        case = self.case
        observations = observations_of(case.patient, case.model, case.history)
        known, scans = self.known, first_scans(observations)
        anchors = {key: scan.day for key, scan in scans.items()}
        anchors |= {
            o.key: o.day for o in known.observations
        }  # the last one of each endpoint that was learned from
        return Ensemble(known.people, known.levels, scans, self.error_from(anchors), known.calibration)

    def error_from(self, anchors: Mapping[str, float]) -> ModelError | None:
        """The error of the model, counted from these days; None where the model is taken for exact."""
        case = self.case
        if not self.uncertain:
            return None
        return model_error(
            case.model, case.patient, anchors, float(case.history.today_d), self.draws, self.seed
        )

    @cached_property
    def untreated(self) -> Track | None:
        """The forecast without a further dose; None where the model cannot replay the history."""
        case = self.case
        if self.past is None:
            return None
        course = no_further_dose(case.history, case.horizon_d)
        return case.follow(self.ensemble, self.past, course, bare=True).only(NEEDED)

    @cached_property
    def latest(self) -> tuple[LatestDate, ...]:
        """By when the next injection is needed: it does not depend on what is planned."""
        track = self.untreated
        if track is None or not track.columns or not track.succeeded.any() or not self.case.may_inject:
            return ()
        scanner = self.case.scanners.get("LS_BMD")
        return latest_dates(self.case.history, track.days, track.columns, track.succeeded, scanner=scanner)

    def with_doses(self, patient: Patient) -> Prepared:
        """The same people with other injections given: replayed, and not learned again.

        patient : the record with other doses. `follow` then says in its notes what was not done.
        """
        case = case_of(patient, self.case.model.name, self.case.horizon_d, self.case.rtol)
        return replace(self, case=case, past=None, recent={}, past_quantiles={})._replayed()

    def _replayed(self) -> Prepared:
        return replace(self, past=self.case.replay(self.ensemble))


def prepare(
    patient: Patient,
    horizon: str = "5 years",
    draws: int = 500,
    seed: int = 1,
    model: str = DEFAULT_MODEL,
    rtol: float = RTOL,
    learn: bool = True,
    jurisdiction: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    method: Method = "fast",
) -> Prepared:
    """Learn from the measurements of a person, and replay the history, before any strategy.

    Parameters
    ----------
    patient : Patient
        The record.
    horizon : str
        How far the forecast goes.
    draws : int
        Draws behind each number.
    seed : int
        The same seed gives the same numbers.
    model : str
        Library name, or a model.
    rtol : float
        Relative tolerance of one step.
    learn : bool
        False gives similar people (age, sex, kidney function and so on) before anything measured: the curve that a
        screen can show at once.
    jurisdiction : str, optional
        Whose care rules decide.
    folder : Path, optional
        Where what was learned is kept (the folder must exist); found there, it is not learned again. A file is named
        after the record, these settings and the code.
    progress : callable, optional
        Called with the share done and what is being done.
    method : {"fast", "exact"}
        How the measurements are learned from, see `bonecast.condition`.

    Returns
    -------
    Prepared
        Its `forecast` compares strategies; its `with_injections` moves doses.

    Raises
    ------
    InputError
        For a person or a request that `forecast` refuses.

    Examples
    --------
    >>> import bonecast as bc
    >>> ready = prepare(bc.read_patient("examples/late-dose.toml"), "2 years", draws=20)
    >>> ready.draws
    20
    """
    horizon_d = parse_span(horizon, place="horizon")
    check_request(draws, horizon_d, seed)
    require_method(method)
    case = case_of(patient, model, horizon_d, rtol, jurisdiction)
    if not learn:
        return prepared_with(case, population(case, draws, seed), draws, seed)
    path = folder / f"{key_of(case, draws, seed, method)}.npz" if folder else None
    known = load_learned(path, case, draws) if path else None
    if known is None:
        known = learn_from(case, draws, seed, progress or no_progress, method=method)
        if path:
            save_learned(path, known)
    return prepared_with(case, known, draws, seed)


def learn_from(
    case: Case,
    draws: int,
    seed: int,
    progress: Progress,
    model_uncertainty: bool = True,
    method: Method = "fast",
) -> Posterior:
    """Learn from the measurements of the record (`bonecast.inference`)."""
    return condition(
        patient=case.patient,
        model=case.model,
        history=case.history,
        facts=case.facts,
        draws=draws,
        seed=seed,
        rtol=case.rtol,
        progress=progress,
        uncertain=model_uncertainty,
        method=method,
    )


def prepared_with(
    case: Case, known: Posterior, draws: int, seed: int, model_uncertainty: bool = True
) -> Prepared:
    """These people, with the history replayed."""
    return Prepared(case, known, None, draws, seed, case.patient.doses, model_uncertainty)._replayed()


def learned_before(
    patient: Patient,
    folder: Path,
    horizon: str = "5 years",
    draws: int = 500,
    seed: int = 1,
    jurisdiction: str | None = None,
    model: str = DEFAULT_MODEL,
    rtol: float = RTOL,
) -> bool:
    """Tell whether a folder has a file from which `prepare` takes what was learned.

    Parameters
    ----------
    patient : Patient
        The record.
    folder : Path
        The folder.
    horizon : str
        As `prepare` takes it.
    draws : int
        As `prepare` takes them.
    seed : int
        As `prepare` takes it.
    jurisdiction : str, optional
        As `prepare` takes it.
    model : str
        As `prepare` takes it.
    rtol : float
        As `prepare` takes it.

    Returns
    -------
    bool
        True where nothing needs to be learned again.
    """
    case = case_of(patient, model, parse_span(horizon, place="horizon"), rtol, jurisdiction)
    return (folder / f"{key_of(case, draws, seed)}.npz").exists()


def load_machine(model: str = DEFAULT_MODEL) -> None:
    """Load the machine code of a model, which a first forecast would otherwise wait for.

    Parameters
    ----------
    model : str
        Library name.
    """
    kernel(load_model(model).system, simd_lanes())
