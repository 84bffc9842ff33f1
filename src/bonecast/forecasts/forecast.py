"""The main job: the forecast of a person's record under several strategies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.errors import InputError
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.fractures import Fractures, fracture_outputs, fractures_ahead
from bonecast.forecasts.levels import anchor_of, columns, t_score_facts
from bonecast.forecasts.notes import notes, references
from bonecast.forecasts.replay import Past, follow, future_days, history_days, join, replay, single
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Strategy, Summary
from bonecast.forecasts.summary import Columns, summarise
from bonecast.models import Model, carriers, load
from bonecast.outcomes.endpoints import ENDPOINTS, Endpoint
from bonecast.patients import Patient
from bonecast.plans import DAYS_IN, parse_plan, parse_span
from bonecast.populations import draw_parameters
from bonecast.scenarios import History, WayOn, history_of, lay_out, person_facts, person_parameters

DEFAULT_MODEL = "bonecast-1"
MOST_DRAWS, LONGEST_D = 10_000, 100 * DAYS_IN["years"]
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

    The measurements set levels and are shown; the forecast is not yet conditioned on them.

    >>> from bonecast.patients import read_patient
    >>> person = read_patient("examples/late-dose.toml")
    >>> made = forecast(person, {"stop": "nothing for 2 years"}, horizon="1 year", draws=20)
    >>> bool(made.band("stop", "LS_BMD_pct_change").median[-1] < made.band("stop", "LS_BMD_pct_change").median.max())
    True
    """
    horizon_d = parse_span(horizon, place="horizon")
    _check(patient, draws, horizon_d, seed)
    history = history_of(patient)
    named = dict(strategies) if strategies else default_strategies(history, horizon_d)
    plans = {name: parse_plan(text, place=f"strategy {name}") for name, text in named.items()}
    ways = [lay_out(name, plan, history, horizon_d) for name, plan in plans.items()]
    body = load(model)
    _check_drugs(body, ways)

    told = progress or (lambda share, what: None)
    return _Job(patient, history, ways, body, horizon_d, draws, seed, rtol, told).run()


def _check(patient: Patient, draws: int, horizon_d: float, seed: int) -> None:
    if patient.age < 18:
        raise InputError(
            f"person {patient.id}",
            "the models hold for adults and the person is under 18",
            "there is no forecast",
        )
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError("draws", f"{draws} is outside 1 to {MOST_DRAWS}", "500 is the default")
    if not 1 <= horizon_d <= LONGEST_D:
        raise InputError(
            "horizon", f"{horizon_d:g} days is outside 1 day to 100 years", "5 years is the default"
        )
    if seed < 0:
        raise InputError("seed", "it is negative", "give zero or a positive whole number")


def _check_drugs(model: Model, ways: list[WayOn]) -> None:
    """A drug that no model carries is refused now, not after the work; one that another carries leaves a gap."""
    for way in ways:
        for drug in sorted(way.drugs - set(model.drugs)):
            if not carriers(drug):
                raise InputError(
                    f"strategy {way.name}", f"no model in the library carries {drug} yet", "use another drug"
                )


@dataclass(frozen=True)
class _Job:
    """One forecast being made: what was asked, and the steps in order."""

    patient: Patient
    history: History
    ways: list[WayOn]
    model: Model
    horizon_d: float
    draws: int
    seed: int
    rtol: float
    progress: Progress

    def run(self) -> Forecast:
        """Replay the history, follow each way, summarise."""
        steps = 1 + len(self.ways)
        self.progress(0.0, "history")
        carried = [e for e in ENDPOINTS if e.output in self.model.system.output_names]
        facts = person_facts(self.patient, self.history.zero) | t_score_facts(self.patient)
        people = draw_parameters(self.model, self.draws, self.seed, person_parameters(self.model, facts))
        outputs = [e.output for e in carried] + fracture_outputs(self.model)
        past = replay(self.model, self.history, people, outputs, self.rtol)
        anchors = {e.key: anchor_of(e, self.patient, self.history, self.draws, self.seed) for e in carried}

        bands: dict[str, dict[str, Band]] = {}
        gaps: list[Gap] = []
        summaries: list[Summary] = []
        for k, way in enumerate(self.ways):
            self.progress((k + 1) / steps, way.name)
            days = future_days(self.history, way, self.horizon_d)
            axis = np.unique(np.concatenate([history_days(self.history), days]))
            reason = self._reason(past, way)
            gaps += self._gaps(way, carried, reason)
            found: dict[str, Columns] = {}
            fractures: Fractures = {}
            whole = np.ones(self.draws, bool)
            if past is not None and not reason:
                curves, whole = follow(past, way, days, people, outputs, self.rtol)
                joined = {output: join(past.curves, curves, output) for output in outputs}
                found = {e.key: columns(e, anchors[e.key], joined[e.output], axis) for e in carried}
                fractures = fractures_ahead(self.patient, self.history, facts, axis, joined, self.horizon_d)
            bands[way.name] = {
                band.output: band
                for e in carried
                if e.key in found
                for band in self._bands(e, found[e.key], axis, whole)
            }
            summaries.append(self._summary(way, axis, found, fractures, whole))
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
            notes=tuple(notes(self.patient, self.model, facts, anchors, past)),
            models=(self.model.name,),
            references=references(self.model, anchors),
            draws=self.draws,
            seed=self.seed,
            horizon_d=self.horizon_d,
        )

    def _reason(self, past: Past | None, way: WayOn) -> str:
        """Why the model cannot follow this strategy; empty if it can."""
        name, able = self.model.name, set(self.model.drugs)
        if past is None:
            missing = sorted(self.history.drugs - able)
            return f"{name} cannot replay the history: it does not carry {', '.join(missing)}."
        missing = sorted(way.drugs - able)
        return f"{name} does not carry {', '.join(missing)}." if missing else ""

    def _gaps(self, way: WayOn, carried: list[Endpoint], reason: str) -> list[Gap]:
        """The endpoints that are missing under a strategy: all of them, or those the model has no output for."""
        without = f"{self.model.name} does not give it."
        return [Gap(way.name, e, reason or without) for e in ENDPOINTS if reason or e not in carried]

    def _bands(self, e: Endpoint, found: Columns, days: np.ndarray, whole: np.ndarray) -> Iterable[Band]:
        dates = tuple(self.history.date(d) for d in days)
        for name, (unit, values) in found.items():
            yield Band(name, unit, e, self.model.name, dates, np.quantile(values[whole], LEVELS, axis=0))

    def _summary(
        self,
        way: WayOn,
        days: np.ndarray,
        found: dict[str, Columns],
        fractures: Fractures,
        whole: np.ndarray,
    ) -> Summary:
        next_dose = next((d.time_d for d in way.doses if d.drug == "denosumab"), None)
        return summarise(
            way.name, days, self.history.today_d, self.horizon_d, found, fractures, next_dose, whole
        )

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
