"""The main job: the forecast of a person's record under several strategies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.errors import InputError
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.levels import Anchor, anchor_of, columns
from bonecast.forecasts.replay import Past, follow, future_days, history_days, replay
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Strategy
from bonecast.forecasts.summary import Columns, summarise
from bonecast.models import Model, carriers, load
from bonecast.outcomes.endpoints import ENDPOINTS, Carrier, Endpoint, choose
from bonecast.patients import Patient
from bonecast.plans import parse_plan, parse_span
from bonecast.populations import DRIFTS, draw_drift, draw_parameters
from bonecast.scenarios import History, WayOn, history_of, lay_out, person_parameters

MOST_DRAWS, LONGEST_D = 100_000, 100 * 365.25
Progress = Callable[[float, str], None]


def forecast(
    patient: Patient,
    strategies: Mapping[str, str] | None = None,
    horizon: str = "5 years",
    draws: int = 500,
    seed: int = 1,
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
    _check_drugs(ways)

    job = _Job(patient, history, ways, horizon_d, draws, seed, rtol, progress or (lambda share, what: None))
    return job.run()


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


def _check_drugs(ways: list[WayOn]) -> None:
    """A drug that no model carries is refused now, not after the work."""
    for way in ways:
        for drug in sorted(way.drugs):
            if not carriers(drug):
                raise InputError(
                    f"strategy {way.name}", f"no model in the library carries {drug} yet", "use another drug"
                )


@dataclass(frozen=True)
class _Job:
    patient: Patient
    history: History
    ways: list[WayOn]
    horizon_d: float
    draws: int
    seed: int
    rtol: float
    progress: Progress

    def run(self) -> Forecast:
        chosen = self._choose()
        models = {c.model: load(c.model) for c in chosen.values()}
        wanted = {m: [c.output for c in chosen.values() if c.model == m] for m in models}
        people = {m: self._people(model) for m, model in models.items()}
        steps, done = len(models) * (1 + len(self.ways)), 0

        pasts: dict[str, Past | None] = {}
        for name, model in models.items():
            self.progress(done / steps, f"history, {name}")
            pasts[name] = replay(model, self.history, people[name], wanted[name], self.rtol)
            done += 1
        anchors = {
            e.key: anchor_of(e, self.patient, self.history, self.draws, self.seed)
            for e in ENDPOINTS
            if e.key in chosen
        }

        bands: dict[str, dict[str, Band]] = {}
        gaps: list[Gap] = []
        summaries = []
        for way in self.ways:
            days = future_days(self.history, way, self.horizon_d)
            all_days = np.unique(np.concatenate([history_days(self.history), days]))
            bands[way.name] = {}
            of_way: dict[str, Columns] = {}
            whole = np.ones(self.draws, bool)
            for name, model in models.items():
                self.progress(done / steps, f"{way.name}, {name}")
                done += 1
                past = pasts[name]
                mine = [e for e in ENDPOINTS if e.key in chosen and chosen[e.key].model == name]
                reason = self._reason(model, past, way)
                if past is None or reason:
                    gaps += [Gap(way.name, e, reason) for e in mine]
                    continue
                curves, fine = follow(past, way, days, people[name], wanted[name], self.rtol)
                whole &= fine
                for e in mine:
                    output = chosen[e.key].output
                    before, future = past.curves.values.get(output), curves.values[output]
                    if before is None:
                        before = future[:, :0]
                    joined = np.concatenate(
                        [before[:, : np.searchsorted(past.curves.days, days[0])], future], axis=1
                    )
                    if e.key in DRIFTS:
                        rate = draw_drift(e.key, self.draws, self.seed)
                        joined = joined + rate[:, None] * np.maximum(all_days, 0.0) / 365.25
                    of_way[e.key] = columns(e, anchors[e.key], joined, all_days, joined)
            for key, found in of_way.items():
                e = next(e for e in ENDPOINTS if e.key == key)
                bands[way.name].update(self._bands(e, chosen[key].model, found, all_days, whole))
            next_d = next((d.time_d for d in way.doses if d.drug == "denosumab"), None)
            summaries.append(
                summarise(way.name, all_days, self.history.today_d, self.horizon_d, of_way, next_d, whole)
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
            notes=tuple(self._notes(anchors, pasts)),
            models=tuple(models),
            references=tuple(self._references(models, chosen, anchors)),
            draws=self.draws,
            seed=self.seed,
            horizon_d=self.horizon_d,
        )

    def _choose(self) -> dict[str, Carrier]:
        """One model for each endpoint, the same in all strategies; endpoints that none can follow are gaps."""
        names = {c.model for e in ENDPOINTS for c in e.carriers}
        drugs = {name: frozenset(load(name).drugs) for name in names}
        return {e.key: choose(e, [way.drugs for way in self.ways], drugs) for e in ENDPOINTS}

    def _people(self, model: Model) -> dict[str, np.ndarray]:
        typical = person_parameters(model, self.patient, self.history.zero)
        return draw_parameters(model, self.draws, self.seed, typical)

    def _reason(self, model: Model, past: Past | None, way: WayOn) -> str:
        """Why this model cannot follow this strategy; empty if it can."""
        if past is None:
            missing = sorted(self.history.drugs - set(model.drugs))
            return f"{model.name} cannot replay the history: it does not carry {', '.join(missing)}."
        missing = sorted(way.drugs - set(model.drugs))
        return f"{model.name} does not carry {', '.join(missing)}." if missing else ""

    def _bands(
        self, e: Endpoint, model: str, found: Columns, days: np.ndarray, whole: np.ndarray
    ) -> Iterable[tuple[str, Band]]:
        dates = tuple(self.history.date(d) for d in days)
        for name, (unit, values) in found.items():
            quantiles = np.quantile(values[whole], LEVELS, axis=0)
            yield name, Band(name, unit, e, model, dates, quantiles)

    def _strategy(self, way: WayOn) -> Strategy:
        marks = []
        due = self.history.cover_end_d if self.history.doses else None
        for d in way.doses:
            late = 0
            if due is not None and d.drug == self.history.doses[-1].drug and d.cover_d > 31:
                late = max(0, round(d.time_d) - due)
                due = round(d.time_d + d.cover_d)
            marks.append(DoseMark(self.history.date(d.time_d), d.drug, d.amount, d.unit, True, late))
        return Strategy(way.name, way.plan, tuple(marks))

    def _given(self) -> tuple[DoseMark, ...]:
        return tuple(
            DoseMark(
                self.history.date(d.time_d), d.drug, d.amount, d.unit, False, late if d.cover_d > 31 else 0
            )
            for d, late in zip(self.history.doses, self.history.late_d, strict=True)
        )

    def _notes(self, anchors: dict[str, Anchor], pasts: dict[str, Past | None]) -> Iterable[str]:
        yield (
            "The history is replayed from the dates in the record. Measured values set levels and are shown; the "
            "forecast is not yet conditioned on them, so the range is that of people like this one."
        )
        yield from (a.note for a in anchors.values() if a.note)
        yield (
            "Kidney function and vitamin D in the record are shown but not used: the published calcium model "
            "holds for a normal kidney and enough vitamin D."
        )
        if self.patient.sex == "male":
            yield "The models were fitted to women after the menopause; for a man they are an extrapolation."
        for past in pasts.values():
            if past is not None and past.left_out:
                yield f"{past.model.name} leaves out {', '.join(past.left_out)}, which ended before."
        failed = [p.model.name for p in pasts.values() if p is not None and not p.whole.all()]
        if failed:
            yield f"Some people of the ensemble could not be followed by {', '.join(failed)} and are left out."

    def _references(
        self, models: dict[str, Model], chosen: dict[str, Carrier], anchors: dict[str, Anchor]
    ) -> Iterable[str]:
        from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
        from bonecast.populations import BASELINES

        found: dict[str, None] = {}
        for model in models.values():
            for source in (*model.deck.sources.values(), *model.spread.sources.values()):
                found[source.text + (f", doi {source.doi}" if source.doi else "")] = None
        for key in chosen:
            if key in REFERENCE_RANGES:
                found[f"Reference range of {key}: {REFERENCE_RANGES[key].source}"] = None
            if key in BASELINES and anchors[key].day is None:
                found[f"Levels of {key} before treatment: {BASELINES[key].source}"] = None
        return found
