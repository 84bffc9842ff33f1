"""One forecast being made, step by step: learn, replay, follow each strategy, summarise, compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bonecast.care.schedule import Schedule, schedule
from bonecast.conditioning import Conditioned, Observation, condition
from bonecast.decisions import Aim
from bonecast.forecasts.calcium import calcium_sentence, calcium_tests
from bonecast.forecasts.choice import CalciumTest
from bonecast.forecasts.choosing import NEEDED, Outlook, Stakes, outlook, search
from bonecast.forecasts.domain import stretches
from bonecast.forecasts.fractures import Fractures, fracture_outputs, fractures_ahead
from bonecast.forecasts.levels import columns, first_scans
from bonecast.forecasts.notes import learned, notes, references
from bonecast.forecasts.replay import Past, follow, future_days, history_days, join, replay, single
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Strategy, Summary
from bonecast.forecasts.summary import summarise
from bonecast.forecasts.track import Track
from bonecast.models import Model
from bonecast.outcomes.endpoints import ENDPOINTS, Endpoint
from bonecast.patients import Patient
from bonecast.plans import DAYS_IN, parse_plan
from bonecast.scenarios import History, WayOn, lay_out

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class _Known:
    """The people of a forecast: parameters, levels, and the first scan of each site."""

    people: dict[str, np.ndarray]
    levels: dict[str, np.ndarray]
    scans: dict[str, Observation]


@dataclass(frozen=True)
class Job:
    """One forecast being made: what was asked, and the steps in order."""

    patient: Patient
    history: History
    facts: dict[str, float]
    ways: list[WayOn]
    model: Model
    horizon_d: float
    draws: int
    seed: int
    rtol: float
    progress: Progress
    model_uncertainty: bool
    aim: Aim
    optimise: bool
    loss_pct: float

    def run(self) -> Forecast:
        """Learn from the measurements, replay the history, follow each way, summarise, compare."""
        steps = 4 + len(self.ways)
        self.progress(0.0, "measurements")
        known = condition(
            *(self.patient, self.model, self.history, self.facts, self.draws, self.seed, self.rtol),
            progress=lambda share, what: self.progress(share / steps, what),
            uncertain=self.model_uncertainty,
        )
        self.progress(1 / steps, "history")
        people = _Known(known.people, known.levels, first_scans(known.observations))
        past = self._replay(people)

        bands: dict[str, dict[str, Band]] = {}
        prior: tuple[dict[str, Band], Summary | None] = {}, None
        gaps: list[Gap] = []
        summaries: list[Summary] = []
        stakes = Stakes(self.aim, self.history, self.horizon_d)
        untreated: Track | None = None
        for k, way in enumerate(self.ways):
            self.progress((k + 2) / steps, way.name)
            gaps += self._gaps(way, self._reason(past, way))
            track = self._follow(people, past, way)
            bands[way.name] = self._bands(track)
            summaries.append(self._summary(track))
            stakes.add(track)
            if untreated is None and not way.drugs:
                untreated = track.only(NEEDED)
            followed = bool(track.columns)
            del track  # before the next one is made
            if followed and known.observations and prior[1] is None:
                prior = self._prior(known, people.scans, way)
        self.progress((steps - 2) / steps, "dates and tests")
        ahead = self._outlook(people, past, untreated, stakes)
        self.progress((steps - 1) / steps, "exits" if self.optimise else "summary")
        found = (
            search(
                *(self.patient, self.history, self.aim, self.horizon_d),
                lambda way: self._follow(people, past, way),
            )
            if self.optimise
            else None
        )
        self.progress(1.0, "done")
        return Forecast(
            patient=self.patient,
            now=self.patient.record_date,
            zero=self.history.zero,
            due=self.history.date(self.history.cover_end_d) if self.history.doses else None,
            strategies=tuple(self._strategy(way) for way in self.ways),
            history=self._given(),
            bands=bands,
            gaps=tuple(gaps),
            summaries=tuple(summaries),
            notes=(
                *notes(self.patient, self.model, self.facts, self._carried, known, past),
                *learned(self.patient, self.model, known, prior[1], self._same(summaries, prior[1])),
                *self._stretches(summaries),
            ),
            models=(self.model.name,),
            references=references(self.model, self._carried),
            draws=self.draws,
            seed=self.seed,
            horizon_d=self.horizon_d,
            prior_bands=prior[0],
            diagnostics=known.diagnostics,
            ranking=stakes.ranking(),
            latest=ahead.latest,
            next_tests=ahead.tests,
            search=found,
        )

    @cached_property
    def _carried(self) -> list[Endpoint]:
        """The endpoints that the model has an output for."""
        return [e for e in ENDPOINTS if e.output in self.model.system.output_names]

    @cached_property
    def _outputs(self) -> list[str]:
        return [e.output for e in self._carried] + fracture_outputs(self.model)

    def _replay(self, people: _Known) -> Past | None:
        return replay(self.model, self.history, people.people, self._outputs, self.rtol)

    def _follow(self, people: _Known, past: Past | None, way: WayOn, risks: bool = True) -> Track:
        """These people on one strategy; empty where the model cannot follow it. risks : with fractures?"""
        days = future_days(self.history, way, self.horizon_d)
        axis = np.unique(np.concatenate([history_days(self.history), days]))
        if past is None or self._reason(past, way):
            return Track(way, axis, {}, {}, np.ones(self.draws, bool))
        curves, whole = follow(past, way, days, people.people, self._outputs, self.rtol)
        joined = {output: join(past.curves, curves, output) for output in self._outputs}
        del curves  # tens of megabytes, as is most that follows
        fractures: Fractures = {}
        if risks:
            fractures = fractures_ahead(self.patient, self.history, self.facts, axis, joined, self.horizon_d)
        found = {
            e.key: columns(e, people.levels, people.scans.get(e.key), joined.pop(e.output), axis)
            for e in self._carried
        }
        return Track(way, axis, found, fractures, whole)

    def _outlook(self, people: _Known, past: Past | None, untreated: Track | None, stakes: Stakes) -> Outlook:
        """Dates and tests, from the forecast without a further dose; it is followed if no strategy is that one."""
        if past is None:
            return Outlook()
        if untreated is None:
            months = max(1, round(self.horizon_d / DAYS_IN["months"]))
            nothing = parse_plan(f"nothing for {months} months")
            untreated = self._follow(people, past, lay_out("nothing", nothing, self.history, self.horizon_d))
        return outlook(self.history, self.ways, untreated, stakes, self.loss_pct, self.seed)

    def _stretches(self, summaries: list[Summary]) -> Iterator[str]:
        """Where the forecast goes beyond what was studied, and what the fall of calcium is forecast from."""
        plans = {way.name: way.plan for way in self.ways}
        yield from stretches(self.patient, self.model, self.history, self.facts, plans)
        if any(one.calcium_nadir for one in summaries):
            yield calcium_sentence(self.patient, self.facts)

    def _prior(
        self, known: Conditioned, scans: dict[str, Observation], way: WayOn
    ) -> tuple[dict[str, Band], Summary | None]:
        """The same strategy for people like this one, before anything measured was known but the first scan."""
        people = _Known(known.prior_people, known.prior_levels, scans)
        past = self._replay(people)
        if past is None:
            return {}, None
        track = self._follow(people, past, way, risks=False)
        return self._bands(track), self._summary(track)

    def _same(self, summaries: list[Summary], of: Summary | None) -> Summary | None:
        """This person's summary of the strategy that `of` is a summary of."""
        return next((s for s in summaries if of is not None and s.strategy == of.strategy), None)

    def _reason(self, past: Past | None, way: WayOn) -> str:
        """Why the model cannot follow this strategy; empty if it can."""
        name, able = self.model.name, set(self.model.drugs)
        if past is None:
            missing = sorted(self.history.drugs - able)
            return f"{name} cannot replay the history: it does not carry {', '.join(missing)}."
        missing = sorted(way.drugs - able)
        return f"{name} does not carry {', '.join(missing)}." if missing else ""

    def _gaps(self, way: WayOn, reason: str) -> list[Gap]:
        """The endpoints that are missing under a strategy: all of them, or those the model has no output for."""
        without = f"{self.model.name} does not give it."
        return [Gap(way.name, e, reason or without) for e in ENDPOINTS if reason or e not in self._carried]

    def _bands(self, track: Track) -> dict[str, Band]:
        """{output: quantiles over the people who could be followed}."""
        dates = tuple(self.history.date(d) for d in track.days)
        return {
            name: Band(
                name, unit, e, self.model.name, dates, np.quantile(values[track.whole], LEVELS, axis=0)
            )
            for e in self._carried
            for name, (unit, values) in track.columns.get(e.key, {}).items()
        }

    def _summary(self, track: Track) -> Summary:
        return summarise(track, self.history, self.horizon_d, self._calcium_tests)

    def _calcium_tests(self, dose_d: float, nadir_day: int) -> tuple[CalciumTest, ...]:
        return calcium_tests(self._schedule, self.history.date(dose_d), nadir_day, self.patient.record_date)

    @cached_property
    def _schedule(self) -> Schedule:
        return schedule(self.patient)

    def _strategy(self, way: WayOn) -> Strategy:
        marks = []
        last = self.history.doses[-1] if self.history.doses else None
        due = self.history.cover_end_d
        for d in way.doses:
            late = 0
            if last is not None and d.drug == last.drug and single(d):
                late = max(0, round(d.time_d) - due)
                due = round(d.time_d + d.cover_d)
            marks.append(DoseMark(self.history.date(d.time_d), d.drug, d.amount, d.unit, True, late))
        return Strategy(way.name, way.plan, tuple(marks))

    def _given(self) -> tuple[DoseMark, ...]:
        return tuple(
            DoseMark(self.history.date(d.time_d), d.drug, d.amount, d.unit, False, late if single(d) else 0)
            for d, late in zip(self.history.doses, self.history.late_d, strict=True)
        )
