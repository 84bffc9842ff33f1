"""One person, one model and one horizon: from people to the curves, bands and summary of any strategy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bonecast.care import InjectionTests, injection_tests, under_rules_of
from bonecast.cohorts import Cohort, ReplayedHistory, person_facts, replay
from bonecast.engine import usual_threads
from bonecast.forecasts.calcium import calcium_tests
from bonecast.forecasts.domain import check_person
from bonecast.forecasts.result import Band, DoseMark, Gap, Strategy
from bonecast.forecasts.track import Track
from bonecast.inference import Observation
from bonecast.models import Model, load_model
from bonecast.outcomes import (
    ENDPOINTS,
    LEVELS,
    CalciumTest,
    Endpoint,
    Fractures,
    Summary,
    endpoint_columns,
    fracture_outputs,
    fractures_ahead,
    next_denosumab_d,
    summarise,
    t_score_facts,
)
from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy, future_days, history_days, history_of, is_single_dose

# Against 1e-5 every quantile moves by less than a thousandth of the 90 % range beside it, in two thirds of the time.
RTOL = 1e-4


@dataclass(frozen=True)
class Ensemble:
    """The people of a forecast: parameters, levels, and the first scan of each site."""

    people: dict[str, np.ndarray]
    levels: dict[str, np.ndarray]
    scans: dict[str, Observation]

    @property
    def count(self) -> int:
        """How many people?"""
        return len(next(iter(self.people.values())))


@dataclass(frozen=True)
class Case:
    """What a forecast is made for. Nothing here is drawn at random, and nothing is learned."""

    patient: Patient
    history: History
    facts: dict[str, float]
    model: Model
    horizon_d: float
    rtol: float

    @cached_property
    def supported(self) -> list[Endpoint]:
        """The endpoints that the model has an output for."""
        return [e for e in ENDPOINTS if e.output in self.model.system.output_names]

    @cached_property
    def outputs(self) -> list[str]:
        """The outputs of the model that a forecast needs."""
        return [e.output for e in self.supported] + fracture_outputs(self.model)

    def replay(self, them: Ensemble) -> ReplayedHistory | None:
        """The history with these people; None if the model cannot follow it."""
        cohort = Cohort.of_parameters(self.model, them.people)
        return replay(cohort, self.history, self.outputs, self.rtol)

    def follow(
        self, them: Ensemble, past: ReplayedHistory | None, way: PlannedStrategy, risks: bool = True
    ) -> Track:
        """These people on one strategy; empty where the model cannot follow it. risks : with fractures?"""
        days = future_days(self.history, way, self.horizon_d)
        axis = np.unique(np.concatenate([history_days(self.history), days]))
        if past is None or self.reason(past, way):
            return Track(way, axis, {}, {}, np.ones(them.count, bool))
        future = past.follow(way, days, self.outputs, self.rtol)
        joined = {output: past.joined(future, output) for output in self.outputs}
        succeeded = future.succeeded
        del future  # tens of megabytes, as is most that follows
        fractures: Fractures = {}
        if risks:
            fractures = fractures_ahead(self.patient, self.history, self.facts, axis, joined, self.horizon_d)
        columns = {
            e.key: endpoint_columns(e, them.levels, them.scans.get(e.key), joined.pop(e.output), axis)
            for e in self.supported
        }
        return Track(way, axis, columns, fractures, succeeded)

    def reason(self, past: ReplayedHistory | None, way: PlannedStrategy) -> str:
        """Why the model cannot follow this strategy; empty if it can."""
        name, able = self.model.name, set(self.model.drugs)
        if past is None:
            missing = sorted(self.history.drugs - able)
            return f"{name} cannot replay the history: it does not carry {', '.join(missing)}."
        missing = sorted(way.drugs - able)
        return f"{name} does not carry {', '.join(missing)}." if missing else ""

    def gaps(self, way: PlannedStrategy, reason: str) -> list[Gap]:
        """The endpoints that are missing under a strategy: all of them, or those the model has no output for."""
        without = f"{self.model.name} does not give it."
        return [Gap(way.name, e, reason or without) for e in ENDPOINTS if reason or e not in self.supported]

    def bands(self, track: Track) -> dict[str, Band]:
        """{output: quantiles over the people who could be followed}."""
        dates = tuple(self.history.date(d) for d in track.days)
        outputs = [
            (e, name, unit, values)
            for e in self.supported
            for name, (unit, values) in track.columns.get(e.key, {}).items()
        ]

        def quantiles_of(output: tuple[Endpoint, str, str, np.ndarray]) -> Band:
            e, name, unit, values = output
            quantiles = np.quantile(values[track.succeeded], LEVELS, axis=0)
            return Band(name, unit, e, self.model.name, dates, quantiles)

        with ThreadPoolExecutor(usual_threads()) as pool:  # numpy sorts beside other threads
            return {band.output: band for band in pool.map(quantiles_of, outputs)}

    def summary(self, track: Track) -> Summary:
        """The row of one strategy in the table."""
        summary = summarise(
            strategy=track.way.name,
            doses=track.way.doses,
            days=track.days,
            columns=track.columns,
            fractures=track.fractures,
            people=track.succeeded,
            history=self.history,
            horizon_d=self.horizon_d,
        )
        dose_d = next_denosumab_d(track.way.doses)
        if dose_d is None or summary.calcium_nadir_day is None:
            return summary
        return replace(summary, calcium_tests=self._calcium_tests(dose_d, summary.calcium_nadir_day))

    def strategy(self, way: PlannedStrategy) -> Strategy:
        """A strategy with its doses in dates, each with how late it comes."""
        marks = []
        last = self.history.doses[-1] if self.history.doses else None
        due = self.history.cover_end_d
        for d in way.doses:
            late = 0
            if last is not None and d.drug == last.drug and is_single_dose(d):
                late = max(0, round(d.time_d) - due)
                due = round(d.time_d + d.cover_d)
            marks.append(DoseMark(self.history.date(d.time_d), d.drug, d.amount, d.unit, True, late))
        return Strategy(way.name, way.plan, tuple(marks))

    def given(self) -> tuple[DoseMark, ...]:
        """The doses of the history in dates."""
        return tuple(
            DoseMark(
                self.history.date(d.time_d), d.drug, d.amount, d.unit, False, late if is_single_dose(d) else 0
            )
            for d, late in zip(self.history.doses, self.history.late_d, strict=True)
        )

    def _calcium_tests(self, dose_d: float, nadir_day: int) -> tuple[CalciumTest, ...]:
        return calcium_tests(
            self._injection_tests, self.history.date(dose_d), nadir_day, self.patient.record_date
        )

    @cached_property
    def _injection_tests(self) -> InjectionTests:
        return injection_tests(self.patient)


def case_of(
    patient: Patient, model: str | Model, horizon_d: float, rtol: float, jurisdiction: str | None = None
) -> Case:
    """Check the person and lay the record out for this model. Raises InputError for one whom no forecast is made for.

    jurisdiction : whose care rules decide; None for the record's own.
    """
    patient = under_rules_of(patient, jurisdiction)
    history = history_of(patient)
    facts = person_facts(patient, history.zero) | t_score_facts(patient)
    check_person(patient, facts)
    return Case(patient, history, facts, load_model(model), horizon_d, rtol)
