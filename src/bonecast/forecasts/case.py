"""One person, one model and one horizon: from people to the curves, bands and summary of any way on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bonecast.care.schedule import Schedule, schedule
from bonecast.cohorts import Cohort, ReplayedHistory, replay
from bonecast.engine.threads import usual_threads
from bonecast.forecasts.calcium import calcium_tests
from bonecast.forecasts.choice import CalciumTest
from bonecast.forecasts.fractures import Fractures, fracture_outputs, fractures_ahead
from bonecast.forecasts.levels import columns
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Gap, Strategy, Summary
from bonecast.forecasts.summary import summarise
from bonecast.forecasts.track import Track
from bonecast.inference import Observation
from bonecast.models import Model
from bonecast.outcomes.endpoints import ENDPOINTS, Endpoint
from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy
from bonecast.scenarios import future_days, history_days, is_single_dose

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
    def carried(self) -> list[Endpoint]:
        """The endpoints that the model has an output for."""
        return [e for e in ENDPOINTS if e.output in self.model.system.output_names]

    @cached_property
    def outputs(self) -> list[str]:
        """The outputs of the model that a forecast needs."""
        return [e.output for e in self.carried] + fracture_outputs(self.model)

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
        found = {
            e.key: columns(e, them.levels, them.scans.get(e.key), joined.pop(e.output), axis)
            for e in self.carried
        }
        return Track(way, axis, found, fractures, succeeded)

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
        return [Gap(way.name, e, reason or without) for e in ENDPOINTS if reason or e not in self.carried]

    def bands(self, track: Track) -> dict[str, Band]:
        """{output: quantiles over the people who could be followed}."""
        dates = tuple(self.history.date(d) for d in track.days)
        found = [
            (e, name, unit, values)
            for e in self.carried
            for name, (unit, values) in track.columns.get(e.key, {}).items()
        ]

        def band(one: tuple[Endpoint, str, str, np.ndarray]) -> Band:
            e, name, unit, values = one
            quantiles = np.quantile(values[track.succeeded], LEVELS, axis=0)
            return Band(name, unit, e, self.model.name, dates, quantiles)

        with ThreadPoolExecutor(usual_threads()) as pool:  # numpy sorts beside other threads
            return {made.output: made for made in pool.map(band, found)}

    def summary(self, track: Track) -> Summary:
        """The row of one strategy in the table."""
        return summarise(track, self.history, self.horizon_d, self._calcium_tests)

    def strategy(self, way: PlannedStrategy) -> Strategy:
        """A way on with its doses as marks on the strip, each with how late it comes."""
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
        """The doses of the history as marks on the strip."""
        return tuple(
            DoseMark(
                self.history.date(d.time_d), d.drug, d.amount, d.unit, False, late if is_single_dose(d) else 0
            )
            for d, late in zip(self.history.doses, self.history.late_d, strict=True)
        )

    def _calcium_tests(self, dose_d: float, nadir_day: int) -> tuple[CalciumTest, ...]:
        return calcium_tests(self._schedule, self.history.date(dose_d), nadir_day, self.patient.record_date)

    @cached_property
    def _schedule(self) -> Schedule:
        return schedule(self.patient)
