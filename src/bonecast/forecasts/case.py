"""One person, one model and one horizon: from people to the curves, bands and summary of any strategy."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from bonecast.care import InjectionTests, check_strategy, injection_tests, under_rules_of
from bonecast.cohorts import Cohort, ReplayedHistory, person_facts, replay
from bonecast.core import gettext
from bonecast.engine import usual_threads
from bonecast.forecasts.calcium import calcium_tests
from bonecast.forecasts.domain import check_horizon, check_person
from bonecast.forecasts.model_error import FRACTURES, ErrorPath, ModelError
from bonecast.forecasts.oncology import NO_EXIT, continues_120, gives_120, indication_120
from bonecast.forecasts.published import cohorts_beside, cover_end_d, shown_beside
from bonecast.forecasts.result import Band, DoseMark, Gap, Strategy
from bonecast.forecasts.track import Track
from bonecast.forecasts.width import MONTHS as WIDTH_MONTHS
from bonecast.forecasts.width import Parts, Width, half_error
from bonecast.forecasts.withheld import MINERAL, withheld
from bonecast.inference import Observation
from bonecast.models import Model, load_model
from bonecast.outcomes import (
    ENDPOINTS,
    NADIR_WINDOW_D,
    CalciumTest,
    Columns,
    Endpoint,
    FractureRisk,
    Fractures,
    Summary,
    at_day,
    change_since,
    endpoint_columns,
    figures_beside,
    fracture_outputs,
    fractures_within,
    next_denosumab_d,
    quantiles_by_day,
    risk_ahead,
    summarise,
    t_score_facts,
    with_error,
    with_rate_error,
)
from bonecast.records import Patient
from bonecast.regimens import (
    DAYS_IN,
    History,
    PlannedStrategy,
    future_days,
    history_days,
    history_of,
    is_single_dose,
    parse_regimen,
)

# Against 1e-5 every quantile moves by less than a thousandth of the 90 % range beside it, in two thirds of the time.
RTOL = 1e-4
MOST_COARSE = 7  # days: with fewer, the lowest calcium may lie between them
PastQuantiles = dict[
    tuple[str, bytes], np.ndarray
]  # of an output, over these people: [level, day before today]
LEAST_LEVEL, LEAST_CHANCE = 1e-6, 1e-9  # below which there is no logarithm


@dataclass(frozen=True)
class Ensemble:
    """The people of a forecast: parameters, levels, and the first scan of each site.

    error : of the model; None takes the model for exact. calibration : factors of the calibrated parameters.
    """

    people: dict[str, np.ndarray]
    levels: dict[str, np.ndarray]
    scans: dict[str, Observation]
    error: ModelError | None = None
    calibration: dict[str, np.ndarray] = field(default_factory=dict)
    _parts: dict[bytes, Parts] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many people?"""
        return len(next(iter(self.people.values())))

    def parts(self, succeeded: np.ndarray) -> Parts:
        """What tells the parts of a width; the same for all strategies that the same people could follow."""
        who = succeeded.tobytes()
        if who not in self._parts:
            self._parts[who] = Parts.of(self.calibration, succeeded)
        return self._parts[who]


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
        """The endpoints that the model has an output for and that are not withheld from this person."""
        able = self.model.system.output_names
        return [e for e in ENDPOINTS if e.output in able and e.key not in self.withheld]

    @cached_property
    def indication_120(self) -> str | None:
        """The indication of a person whose denosumab is 120 mg; None for all others."""
        return indication_120(self.patient, self.history)

    @cached_property
    def withheld(self) -> dict[str, str]:
        """Endpoint to the reason why no forecast of it is given to this person."""
        return withheld(self.patient, self.indication_120 is not None, self.model)

    @cached_property
    def may_inject(self) -> bool:
        """May the next injection of 60 mg have a latest date? Not where the care rules block it."""
        if self.indication_120 is not None:
            return False
        plan = parse_regimen("denosumab 60 mg once")
        return check_strategy("next injection", plan, self.patient).outcome != "blocked"

    @cached_property
    def scanners(self) -> dict[str, str | None]:
        """Site to the maker of the scanner of its last scan."""
        last = {e.key: self.patient.measured("BMD", e.site) for e in self.supported if e.scale == "change"}
        return {key: scans[-1].scanner for key, scans in last.items() if scans}

    @cached_property
    def outputs(self) -> list[str]:
        """The outputs of the model that a forecast needs."""
        return [e.output for e in self.supported] + fracture_outputs(self.model)

    def replay(self, them: Ensemble) -> ReplayedHistory | None:
        """The history with these people; None if the model cannot follow it."""
        cohort = Cohort.of_parameters(self.model, them.people)
        return replay(cohort, self.history, self.outputs, self.rtol)

    def follow(
        self, them: Ensemble, past: ReplayedHistory | None, way: PlannedStrategy, bare: bool = False
    ) -> Track:
        """These people on one strategy; empty where the model cannot follow it.

        bare : the curves alone, without fractures and the parts of the ranges.
        """
        risks = not bare and not self._at_120(way)
        days = future_days(self.history, way, self.horizon_d)
        axis = np.unique(np.concatenate([history_days(self.history), days]))
        if past is None or self.reason(past, way):
            return Track(way, axis, {}, {}, np.ones(them.count, bool))
        future = past.follow(way, days, self.outputs, self.rtol)
        joined = past.joined(future)
        succeeded = future.succeeded
        del future  # tens of megabytes, as is most that follows
        path = them.error.path(self.history.doses, way.doses, axis) if them.error else None
        fractures, exact, beside, risk = (
            self._fractures(way, axis, joined, path) if risks else ({}, {}, {}, None)
        )
        columns: dict[str, Columns] = {}
        widths: list[Width] = []
        for e in self._shown(way):
            curves, error = joined.pop(e.output), path.of(e.key) if path else None
            scan = them.scans.get(e.key)
            shown = with_error(e, curves, error)
            columns[e.key] = endpoint_columns(e, them.levels, scan, shown, axis)
            if not bare:
                if path is not None and error is not None and succeeded.any():
                    widths += self._widths(way, e, axis, (curves, shown), them.parts(succeeded), path)
                exact |= self._exact_changes(e, axis, curves)
        if fractures and path is not None and succeeded.any():
            widths += self._fracture_widths(way, fractures, exact, them.parts(succeeded), path)
        return Track(way, axis, columns, fractures, succeeded, exact, tuple(widths), beside, risk)

    def _exact_changes(
        self, e: Endpoint, days: np.ndarray, curves: np.ndarray
    ) -> dict[tuple[str, int], np.ndarray]:
        """Change of BMD from now in %, by site and months."""
        if e.scale != "change":
            return {}
        today = float(self.history.today_d)
        now = at_day(curves, days, today)
        return {
            (e.key, months): change_since(at_day(curves, days, day)[:, None], now)[:, 0]
            for months in WIDTH_MONTHS
            if (day := today + months * DAYS_IN["months"]) <= days[-1] + 1
        }

    def _widths(
        self,
        way: PlannedStrategy,
        e: Endpoint,
        days: np.ndarray,
        curves: tuple[np.ndarray, np.ndarray],
        parts: Parts,
        path: ErrorPath,
    ) -> Iterator[Width]:
        """How wide the ranges of one endpoint are. curves : [person, day], without the error of the model and with."""
        today = float(self.history.today_d)

        def width(
            months: int, unit: str, values: tuple[np.ndarray, np.ndarray], level: float, until: float
        ) -> Width:
            return parts.width(
                way.name, e.key, months, unit, *values, half_error(e, level), path.classes(e.key, until)
            )

        if e.key == "calcium":
            dose = next_denosumab_d(way.doses)
            window = (days >= (dose or 0.0)) & (days <= (dose or 0.0) + NADIR_WINDOW_D)
            if dose is not None and window.sum() > MOST_COARSE:
                lowest = tuple(of[:, window].min(axis=1) for of in curves)
                yield width(
                    0, e.unit, (lowest[0], lowest[1]), float(np.median(lowest[0])), dose + NADIR_WINDOW_D
                )
            return
        for months in WIDTH_MONTHS:
            day = today + months * DAYS_IN["months"]
            if day > days[-1] + 1:
                continue
            then = [at_day(of, days, day) for of in curves]
            if e.scale == "change":
                now = [at_day(of, days, today) for of in curves]
                values = [change_since(t[:, None], n)[:, 0] for t, n in zip(then, now, strict=True)]
                yield width(months, "points", (values[0], values[1]), 1.0, day)
            else:
                logs = [np.log(np.maximum(t, LEAST_LEVEL)) for t in then]
                yield width(months, "%", (logs[0], logs[1]), 1.0, day)

    def _fracture_widths(
        self, way: PlannedStrategy, shown: Fractures, exact: Fractures, parts: Parts, path: ErrorPath
    ) -> Iterator[Width]:
        for (kind, months), chance in shown.items():
            until = self.history.today_d + months * DAYS_IN["months"]
            before, after = (np.log(np.maximum(of, LEAST_CHANCE)) for of in (exact[kind, months], chance))
            yield parts.width(
                way.name, kind, months, "%", before, after, None, path.classes(FRACTURES[kind], until)
            )

    def _fractures(
        self, way: PlannedStrategy, days: np.ndarray, curves: dict[str, np.ndarray], path: ErrorPath | None
    ) -> tuple[Fractures, Fractures, dict[str, np.ndarray], tuple[FractureRisk, FractureRisk] | None]:
        """Fractures with the error of the model, and without; figures to stand beside published rates; the hazards."""
        risk = risk_ahead(self.patient, self.history, self.facts, days, curves, self.model)
        if risk is None:
            return {}, {}, {}, None
        exact = fractures_within(risk, self.history, self.horizon_d)
        of = {endpoint: path.of(endpoint) for endpoint in set(FRACTURES.values())} if path else {}
        errors = {kind: of.get(endpoint) for kind, endpoint in FRACTURES.items() if kind in risk.hazard}
        shown = with_rate_error(risk, errors)
        published = cohorts_beside(self.patient, way, self.history)
        beside = figures_beside(
            shown, self.history, self.horizon_d, published, cover_end_d(way, self.history)
        )
        return fractures_within(shown, self.history, self.horizon_d), exact, beside, (shown, risk)

    def reason(self, past: ReplayedHistory | None, way: PlannedStrategy) -> str:
        """Why the model cannot follow this strategy; empty if it can."""
        name, able = self.model.name, set(self.model.drugs)
        if past is None:
            missing = sorted(self.history.drugs - able)
            return gettext(
                "{name} cannot replay the history: it does not carry {names}.",
                name=name,
                names=", ".join(missing),
            )
        missing = sorted(way.drugs - able)
        if missing:
            return gettext("{name} does not carry {names}.", name=name, names=", ".join(missing))
        return NO_EXIT if self._at_120(way) and not continues_120(way) else ""

    def gaps(self, way: PlannedStrategy, reason: str) -> list[Gap]:
        """The endpoints that are missing under a strategy: all of them, or those the model has no output for."""
        without = gettext("{name} does not give it.", name=self.model.name)
        kept, shown = withheld(self.patient, self._at_120(way), self.model), self._shown(way)

        def gap(e: Endpoint) -> Gap:
            if e.key in kept and (e.key in MINERAL or not reason):
                return Gap(way.name, e, kept[e.key], withheld=True)
            return Gap(way.name, e, reason or without)

        return [gap(e) for e in ENDPOINTS if reason or e not in shown]

    def _at_120(self, way: PlannedStrategy) -> bool:
        return self.indication_120 is not None or gives_120(way)

    def _shown(self, way: PlannedStrategy) -> list[Endpoint]:
        kept = withheld(self.patient, self._at_120(way), self.model)
        return [e for e in self.supported if e.key not in kept]

    def bands(self, track: Track, past: PastQuantiles | None = None) -> dict[str, Band]:
        """{output: quantiles over the people who could be followed}.

        past : of the same people under another strategy, by output and people: the days before today are theirs too.
        What is not there is put there.
        """
        dates = tuple(self.history.date(d) for d in track.days)
        known: PastQuantiles = {} if past is None else past
        today, who = int(np.searchsorted(track.days, self.history.today_d)), track.succeeded.tobytes()
        everybody = bool(track.succeeded.all())

        def quantiles_of(of: tuple[Endpoint, Columns]) -> list[Band]:
            e, columns = of
            # the columns of a density rise with one another, so that one order of people is that of all
            groups = [list(columns)] if e.scale == "change" else [[name] for name in columns]
            found = {}
            for names in groups:
                missing = any((name, who) not in known for name in names)
                days = slice(0 if missing else today, None)
                values = [columns[name][1][:, days] for name in names]
                kept = values if everybody else [of[track.succeeded] for of in values]
                for name, quantiles in zip(names, quantiles_by_day(*kept), strict=True):
                    if missing:
                        known[name, who] = quantiles[:, :today].copy()
                    else:
                        quantiles = np.concatenate([known[name, who], quantiles], axis=1)
                    found[name] = quantiles
            return [
                Band(name, unit, e, self.model.name, dates, found[name])
                for name, (unit, _) in columns.items()
            ]

        shown = [(e, track.columns[e.key]) for e in self.supported if e.key in track.columns]
        with ThreadPoolExecutor(usual_threads()) as pool:  # numpy sorts beside other threads
            return {band.output: band for bands in pool.map(quantiles_of, shown) for band in bands}

    def since_today(self, track: Track) -> dict[str, Band]:
        """Site to its change from today, person by person; `track` keeps the change from the first day."""
        dates = tuple(self.history.date(d) for d in track.days)
        today, found = float(self.history.today_d), {}
        for e in self.supported:
            unit, curves = track.columns.get(e.key, {}).get(f"{e.key}_pct_change", ("", None))
            if e.scale == "change" and curves is not None:
                values = change_since(curves, at_day(curves, track.days, today))[track.succeeded]
                (quantiles,) = quantiles_by_day(values)
                found[e.key] = Band(f"{e.key}_pct_from_today", unit, e, self.model.name, dates, quantiles)
        return found

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
            beside=track.beside,
            scanners=self.scanners,
        )
        dose_d = next_denosumab_d(track.way.doses)
        if dose_d is None or (summary.calcium_nadir_day is None and "calcium" not in self.withheld):
            return summary
        return replace(summary, calcium_tests=self._calcium_tests(dose_d, summary.calcium_nadir_day))

    def strategy(self, way: PlannedStrategy, summary: Summary) -> Strategy:
        """A strategy with its doses in dates, each with how late it comes, and what cohorts saw."""
        marks = []
        last = self.history.doses[-1] if self.history.doses else None
        planned = way.plan.starts_after_last_dose_d is not None and gives_120(way)
        due = way.start_d if planned else self.history.cover_end_d  # a longer interval is no lateness
        for d in way.doses:
            late = 0
            if last is not None and d.drug == last.drug and is_single_dose(d):
                late = max(0, round(d.time_d) - due)
                due = round(d.time_d + d.cover_d)
            marks.append(DoseMark(self.history.date(d.time_d), d.drug, d.amount, d.unit, True, late))
        rates = cohorts_beside(self.patient, way, self.history) if not self._at_120(way) else ()
        seen = shown_beside(rates, summary.beside)
        return Strategy(way.name, way.plan, tuple(marks), seen)

    def given(self) -> tuple[DoseMark, ...]:
        """The doses of the history in dates."""
        return tuple(
            DoseMark(
                self.history.date(d.time_d), d.drug, d.amount, d.unit, False, late if is_single_dose(d) else 0
            )
            for d, late in zip(self.history.doses, self.history.late_d, strict=True)
        )

    def _calcium_tests(self, dose_d: float, nadir_day: int | None) -> tuple[CalciumTest, ...]:
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
    check_horizon(patient, horizon_d)
    return Case(patient, history, facts, load_model(model), horizon_d, rtol)
