"""Forecasts for a screen: what is slow is done once, and every change of the plan is then followed at once.

What a person's measurements teach does not depend on what is planned. So the people are learned, and the history is
replayed, once (`prepare`); a plan whose dates move needs only the days from today on (`Prepared.follow`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bonecast.care import under_rules_of
from bonecast.cohorts import ReplayedHistory, person_facts
from bonecast.decisions import find_aim
from bonecast.engine.kernel import kernel, simd_lanes
from bonecast.forecasts.calcium import calcium_sentence
from bonecast.forecasts.case import RTOL, Case, Ensemble
from bonecast.forecasts.choice import LatestDate
from bonecast.forecasts.choosing import NEEDED, Stakes
from bonecast.forecasts.domain import check_person, check_plans, stretches
from bonecast.forecasts.forecast import barred_of, check_request
from bonecast.forecasts.job import Progress
from bonecast.forecasts.late import latest_dates
from bonecast.forecasts.levels import first_scans, t_score_facts
from bonecast.forecasts.live_file import keep, kept, key_of
from bonecast.forecasts.live_population import population
from bonecast.forecasts.notes import notes, references
from bonecast.forecasts.result import Band, Forecast, Gap, Summary
from bonecast.forecasts.stakes import DEFAULT_AIM
from bonecast.forecasts.track import Track
from bonecast.inference import Posterior, condition, observations_of
from bonecast.models import DEFAULT_MODEL, load_model
from bonecast.records import GivenDose, Patient
from bonecast.regimens import DAYS_IN, PlannedStrategy, history_of, parse_regimen, parse_span, place_strategy

NOT_LEARNED_AGAIN = (
    "The injections given were changed here and what the measurements teach was not learned again: the people are"
    " those of the record, with the changed history."
)

MOST_LATELY = 6  # some megabytes each
_OF_CHOICE = ("LS_BMD_pct_change", "TH_BMD_pct_change")


@dataclass(frozen=True)
class _Followed:
    """One way on as it was followed, with no more of the people than the choice needs."""

    track: Track
    bands: dict[str, Band]
    summary: Summary
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Prepared:
    """The people of one person's forecast with their history behind them, ready for any plan.

    case : who, when and with which model. known : what was learned, or the population's people. past : the history
    as replayed; None where the model cannot. given : the injections of the record, with which the people were learned.
    lately : the last few ways on that were followed, by name and plan.
    """

    case: Case
    known: Posterior
    past: ReplayedHistory | None
    draws: int
    seed: int
    given: tuple[GivenDose, ...]
    lately: dict[tuple[str, str], _Followed] = field(default_factory=dict, repr=False, compare=False)

    def follow(self, plans: Mapping[str, str], best_by: str = DEFAULT_AIM) -> Forecast:
        """What may become of this person under these plans (name to text)?

        The same numbers as `forecast` gives for them; the range before the measurements, the worth of further tests
        and searches are left to it. Raises InputError where a plan cannot be read or has no evidence behind it.

        >>> from bonecast.interop import read_patient
        >>> ready = prepare(read_patient("examples/late-dose.toml"), horizon="1 year", draws=20)
        >>> soon = ready.follow({"soon": "7 months after the last dose denosumab 60 mg once"})
        >>> soon.strategies[0].doses[0].date.isoformat()
        '2026-10-15'
        """
        case = self.case
        read = {name: parse_regimen(text, place=f"strategy {name}") for name, text in plans.items()}
        check_plans(case.patient, case.history, read)
        ways = [place_strategy(name, plan, case.history, case.horizon_d) for name, plan in read.items()]
        stakes = Stakes(
            find_aim(best_by), case.history, case.horizon_d, frozenset(barred_of(read, case.patient))
        )
        followed = [self._followed(way) for way in ways]
        for one in followed:
            stakes.add(one.track)
        summaries = [one.summary for one in followed]
        told = list(notes(case.patient, case.model, case.facts, case.carried, self.known, self.past))
        told += stretches(case.patient, case.model, case.history, case.facts, read)
        if any(one.calcium_nadir for one in summaries):
            told.append(calcium_sentence(case.model, case.facts))
        return Forecast(
            patient=case.patient,
            now=case.patient.record_date,
            zero=case.history.zero,
            due=case.history.date(case.history.cover_end_d) if case.history.doses else None,
            strategies=tuple(case.strategy(way) for way in ways),
            history=case.given(),
            bands={one.track.way.name: one.bands for one in followed},
            gaps=tuple(gap for one in followed for gap in one.gaps),
            summaries=tuple(summaries),
            notes=(*((NOT_LEARNED_AGAIN,) if case.patient.doses != self.given else ()), *told),
            models=(case.model.name,),
            references=references(case.model, case.carried, case.history, ways),
            draws=self.draws,
            seed=self.seed,
            horizon_d=case.horizon_d,
            diagnostics=self.known.diagnostics,
            ranking=stakes.ranking(),
            latest=self.latest,
        )

    def _followed(self, way: PlannedStrategy) -> _Followed:
        """One way on; of two that are compared while one is dragged, the other is not followed again."""
        asked = (way.name, str(way.plan))
        if asked not in self.lately:
            track = self.case.follow(self.ensemble, self.past, way)
            of_choice = replace(track.only(_OF_CHOICE), fractures=track.fractures)
            gaps = self.case.gaps(way, self.case.reason(self.past, way))
            done = _Followed(of_choice, self.case.bands(track), self.case.summary(track), tuple(gaps))
            while len(self.lately) >= MOST_LATELY:
                self.lately.pop(next(iter(self.lately)))
            self.lately[asked] = done
        return self.lately[asked]

    @cached_property
    def ensemble(self) -> Ensemble:
        """The people, with the first scan of each site."""
        case = self.case
        observations = observations_of(case.patient, case.model, case.history)
        return Ensemble(self.known.people, self.known.levels, first_scans(observations))

    @cached_property
    def latest(self) -> tuple[LatestDate, ...]:
        """By when the next injection is needed: it does not depend on what is planned."""
        case = self.case
        if self.past is None:
            return ()
        months = max(1, round(case.horizon_d / DAYS_IN["months"]))
        nothing = place_strategy(
            "nothing", parse_regimen(f"nothing for {months} months"), case.history, case.horizon_d
        )
        track = case.follow(self.ensemble, self.past, nothing, risks=False).only(NEEDED)
        if not track.columns or not track.succeeded.any():
            return ()
        return latest_dates(case.history, track.days, track.columns, track.succeeded)

    def with_doses(self, patient: Patient) -> Prepared:
        """The same people with other injections given: replayed, and not learned again.

        patient : the record with other doses. `follow` then says in its notes what was not done.
        """
        case = _case(patient, self.case.model.name, self.case.horizon_d, self.case.rtol)
        return _replayed(replace(self, case=case, past=None, lately={}))


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
) -> Prepared:
    """Who are the people behind this person's forecast, and where has their history brought them?

    Parameters
    ----------
    horizon, draws, seed, model, rtol, jurisdiction, progress : as `forecast` takes them.
    learn : False gives the people of the population who are like this one (age, sex, kidney function ...), before
        anything measured: the curve that a screen can show at once.
    folder : where what was learned is kept (the folder must exist); found there, it is not learned again. A file is
        named after the record, these settings and the code, so that a changed record is another file.

    Raises InputError for a person or a request that `forecast` refuses.
    """
    horizon_d = parse_span(horizon, place="horizon")
    check_request(draws, horizon_d, seed)
    case = _case(under_rules_of(patient, jurisdiction), model, horizon_d, rtol)
    if not learn:
        return _replayed(Prepared(case, population(case, draws, seed), None, draws, seed, patient.doses))
    path = folder / f"{key_of(case, draws, seed)}.npz" if folder else None
    known = kept(path, case, draws) if path else None
    if known is None:
        told = progress or (lambda share, what: None)
        known = condition(
            *(case.patient, case.model, case.history, case.facts, draws, seed, rtol), progress=told
        )
        if path:
            keep(path, known)
    return _replayed(Prepared(case, known, None, draws, seed, patient.doses))


def _case(patient: Patient, model: str, horizon_d: float, rtol: float) -> Case:
    history = history_of(patient)
    facts = person_facts(patient, history.zero) | t_score_facts(patient)
    check_person(patient, facts)
    return Case(patient, history, facts, load_model(model), horizon_d, rtol)


def _replayed(new: Prepared) -> Prepared:
    return replace(new, past=new.case.replay(new.ensemble))


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
    """Is there a file in this folder from which `prepare` takes what was learned?"""
    case = _case(under_rules_of(patient, jurisdiction), model, parse_span(horizon, place="horizon"), rtol)
    return (folder / f"{key_of(case, draws, seed)}.npz").exists()


def load_machine(model: str = DEFAULT_MODEL) -> None:
    """Load the machine code of a model's runs of many people, which a first forecast would otherwise wait for."""
    kernel(load_model(model).system, simd_lanes())
