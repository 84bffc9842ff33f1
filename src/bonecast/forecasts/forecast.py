"""The main job: the forecast of a person's record under several strategies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bonecast.care.schedule import Schedule, schedule
from bonecast.conditioning import Conditioned, Observation, condition
from bonecast.decisions import Aim, find_aim
from bonecast.errors import InputError
from bonecast.forecasts.calcium import calcium_sentence, calcium_tests
from bonecast.forecasts.choice import CalciumTest
from bonecast.forecasts.choosing import Outlook, Stakes, outlook, search
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.domain import check_person, check_plans, stretches
from bonecast.forecasts.fractures import Fractures, fracture_outputs, fractures_ahead
from bonecast.forecasts.late import LOSS_PCT
from bonecast.forecasts.levels import columns, first_scans, t_score_facts
from bonecast.forecasts.notes import learned, notes, references
from bonecast.forecasts.replay import Past, follow, future_days, history_days, join, replay, single
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Strategy, Summary
from bonecast.forecasts.stakes import DEFAULT_AIM
from bonecast.forecasts.summary import summarise
from bonecast.forecasts.track import Track
from bonecast.models import Model, carriers, load
from bonecast.outcomes.endpoints import ENDPOINTS, Endpoint
from bonecast.patients import Patient
from bonecast.plans import DAYS_IN, parse_plan, parse_span
from bonecast.scenarios import History, WayOn, history_of, lay_out, person_facts

DEFAULT_MODEL = "bonecast-1"
MOST_DRAWS, LONGEST_D = 10_000, 100 * DAYS_IN["years"]
MOST_LOSS_PCT = 30.0
Progress = Callable[[float, str], None]


def forecast(
    patient: Patient,
    strategies: Mapping[str, str] | None = None,
    horizon: str = "5 years",
    draws: int = 500,
    seed: int = 1,
    model: str = DEFAULT_MODEL,
    rtol: float = 1e-5,
    progress: Progress | None = None,
    model_uncertainty: bool = True,
    best_by: str = DEFAULT_AIM,
    every_way: bool = False,
    optimise: bool = False,
    loss_pct: float = LOSS_PCT,
) -> Forecast:
    """What may become of this person's bone, turnover and calcium, under each of these strategies?

    Parameters
    ----------
    strategies : name to plan text; a plan starts where the cover of the last dose ends, or today if that is past.
        None: on time, three months late, stop, switch (or with and without treatment where none was given).
    horizon : how far from the day of the record ("5 years").
    draws : people like this one in the ensemble; the same in every strategy, so that differences are paired.
    seed : the same seed gives the same forecast.
    model : library name; the published models carry less, and what one does not carry is a gap.
    progress : called with the share done and what is being done.
    model_uncertainty : each draw has model parameters of its own, as far as the calibration leaves them uncertain;
        False takes the calibrated values for exact.
    best_by : the aim by which strategies are ranked (`bonecast.decisions.AIMS`): the fewest vertebral fractures.
    every_way : without strategies, compare every one that fits what was given last, not the usual ones only.
    optimise : search when denosumab ends and what follows, among the plans that the care rules allow.
    loss_pct : the loss of spine BMD, in %, by which the latest date of the next injection is set.

    The people are those who would have been measured as this person was (`bonecast.conditioning`); without a
    measurement, those of the population.

    >>> from bonecast.patients import read_patient
    >>> person = read_patient("examples/late-dose.toml")
    >>> made = forecast(person, {"stop": "nothing for 2 years"}, horizon="1 year", draws=20)
    >>> bool(made.band("stop", "LS_BMD_pct_change").median[-1] < made.band("stop", "LS_BMD_pct_change").median.max())
    True
    """
    horizon_d = parse_span(horizon, place="horizon")
    aim = find_aim(best_by)
    check_request(draws, horizon_d, seed, loss_pct)
    history = history_of(patient)
    facts = person_facts(patient, history.zero) | t_score_facts(patient)
    check_person(patient, facts)
    named = dict(strategies) if strategies else default_strategies(history, horizon_d, every_way)
    plans = {name: parse_plan(text, place=f"strategy {name}") for name, text in named.items()}
    ways = [lay_out(name, plan, history, horizon_d) for name, plan in plans.items()]
    body = load(model)
    _check_drugs(body, ways)
    check_plans(patient, history, plans)

    told = progress or (lambda share, what: None)
    return _Job(
        *(patient, history, facts, ways, body, horizon_d, draws, seed, rtol, told),
        model_uncertainty=model_uncertainty,
        aim=aim,
        optimise=optimise,
        loss_pct=loss_pct,
    ).run()


def check_request(draws: int, horizon_d: float, seed: int, loss_pct: float = LOSS_PCT) -> None:
    """Refuse numbers that no forecast can be made with; InputError names the one."""
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError("draws", f"{draws} is outside 1 to {MOST_DRAWS}", "500 is the default")
    if not 1 <= horizon_d <= LONGEST_D:
        raise InputError(
            "horizon", f"{horizon_d:g} days is outside 1 day to 100 years", "5 years is the default"
        )
    if seed < 0:
        raise InputError("seed", "it is negative", "give zero or a positive whole number")
    if not 0 < loss_pct <= MOST_LOSS_PCT:
        raise InputError(
            "loss", f"{loss_pct:g} % is outside 0 to {MOST_LOSS_PCT:g} %", f"{LOSS_PCT:g} is the default"
        )


def _check_drugs(model: Model, ways: list[WayOn]) -> None:
    """A drug that no model carries is refused now, not after the work; one that another carries leaves a gap."""
    for way in ways:
        for drug in sorted(way.drugs - set(model.drugs)):
            if not carriers(drug):
                raise InputError(
                    f"strategy {way.name}", f"no model in the library carries {drug} yet", "use another drug"
                )


@dataclass(frozen=True)
class _Known:
    """The people of a forecast: parameters, levels, and the first scan of each site."""

    people: dict[str, np.ndarray]
    levels: dict[str, np.ndarray]
    scans: dict[str, Observation]


@dataclass(frozen=True)
class _Job:
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
            if track.columns and known.observations and prior[1] is None:
                prior = self._prior(known, people.scans, way)
            bands[way.name] = self._bands(track)
            summaries.append(self._summary(track))
            stakes.add(track)
            untreated = track if not way.drugs else untreated
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

    def _follow(self, people: _Known, past: Past | None, way: WayOn) -> Track:
        """These people on one strategy; empty where the model cannot follow it."""
        days = future_days(self.history, way, self.horizon_d)
        axis = np.unique(np.concatenate([history_days(self.history), days]))
        if past is None or self._reason(past, way):
            return Track(way, axis, {}, {}, np.ones(self.draws, bool))
        curves, whole = follow(past, way, days, people.people, self._outputs, self.rtol)
        joined = {output: join(past.curves, curves, output) for output in self._outputs}
        found = {
            e.key: columns(e, people.levels, people.scans.get(e.key), joined[e.output], axis)
            for e in self._carried
        }
        fractures: Fractures = fractures_ahead(
            self.patient, self.history, self.facts, axis, joined, self.horizon_d
        )
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
        track = self._follow(people, past, way)
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
