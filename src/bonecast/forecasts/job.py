"""One forecast being made, step by step: learn, replay, follow each strategy, summarise, compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bonecast.care import Lateness, lateness
from bonecast.cohorts import ReplayedHistory
from bonecast.decisions import Aim
from bonecast.forecasts.calcium import calcium_sentence
from bonecast.forecasts.case import Case, Ensemble
from bonecast.forecasts.choosing import NEEDED, Outlook, Stakes, outlook, search
from bonecast.forecasts.domain import stretches
from bonecast.forecasts.late_numbers import MONTHS, with_numbers
from bonecast.forecasts.levels import first_scans
from bonecast.forecasts.notes import learned, notes, references
from bonecast.forecasts.result import Band, Forecast, Gap, Summary
from bonecast.forecasts.sway import sways
from bonecast.forecasts.track import Track
from bonecast.inference import Observation, Posterior, condition
from bonecast.models import Model
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, History, PlannedStrategy, parse_regimen, place_strategy

Progress = Callable[[float, str], None]
SEARCH_FROM = (
    0.2  # of the progress of a forecast that searches: some thirty plans are followed, few before them
)


@dataclass(frozen=True)
class Job:
    """One forecast being made: what was asked, and the steps in order."""

    patient: Patient
    history: History
    facts: dict[str, float]
    ways: list[PlannedStrategy]
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
    barred: frozenset[str] = frozenset()  # strategies that the care rules block: never the best
    late: bool = False  # with the options of a late injection?

    def run(self, known: Posterior | None = None) -> Forecast:
        """Learn from the measurements, replay the history, follow each way, summarise, compare.

        known : what was learned before from the same record, with the same model, draws and seed.
        """
        steps = 4 + len(self.ways)
        before = SEARCH_FROM if self.optimise else 1.0

        def told(step: float, what: str) -> None:
            self.progress(before * step / steps, what)

        told(0, "measurements")
        if known is None:
            known = condition(
                *(self.patient, self.model, self.history, self.facts, self.draws, self.seed, self.rtol),
                progress=told,
                uncertain=self.model_uncertainty,
            )
        told(1, "history")
        people = Ensemble(known.people, known.levels, first_scans(known.observations))
        past = self.case.replay(people)

        bands: dict[str, dict[str, Band]] = {}
        prior: tuple[dict[str, Band], Summary | None] = {}, None
        gaps: list[Gap] = []
        summaries: list[Summary] = []
        stakes = Stakes(self.aim, self.history, self.horizon_d, self.barred)
        untreated: Track | None = None
        for k, way in enumerate(self.ways):
            told(k + 2, way.name)
            gaps += self.case.gaps(way, self.case.reason(past, way))
            track = self.case.follow(people, past, way)
            bands[way.name] = self.case.bands(track)
            summaries.append(self.case.summary(track))
            stakes.add(track)
            if untreated is None and not way.drugs:
                untreated = track.only(NEEDED)
            followed = bool(track.columns)
            del track  # before the next one is made
            if followed and known.observations and prior[1] is None:
                prior = self._prior(known, people.scans, way)
        told(steps - 2, "dates and tests")
        ahead = self._outlook(people, past, untreated, stakes)
        told(steps - 1, "exits" if self.optimise else "summary")
        found = (
            search(
                *(self.patient, self.history, self.aim, self.horizon_d),
                lambda way: self.case.follow(people, past, way),
                lambda share, what: self.progress(SEARCH_FROM + (1 - SEARCH_FROM) * share, what),
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
            strategies=tuple(self.case.strategy(way) for way in self.ways),
            history=self.case.given(),
            bands=bands,
            gaps=tuple(gaps),
            summaries=tuple(summaries),
            notes=(
                *notes(self.patient, self.model, self.facts, self.case.carried, known, past),
                *learned(self.patient, self.model, known, prior[1], self._same(summaries, prior[1])),
                *self._stretches(summaries),
            ),
            models=(self.model.name,),
            references=references(self.model, self.case.carried, self.history, self.ways),
            draws=self.draws,
            seed=self.seed,
            horizon_d=self.horizon_d,
            prior_bands=prior[0],
            diagnostics=known.diagnostics,
            ranking=stakes.ranking(),
            latest=ahead.latest,
            next_tests=ahead.tests,
            search=found,
            sways=sways(stakes.ranking(), stakes.values, stakes.whole, people.people, self.model),
            late=self._late(people, past) if self.late else None,
        )

    @cached_property
    def case(self) -> Case:
        """What this forecast is made for."""
        return Case(self.patient, self.history, self.facts, self.model, self.horizon_d, self.rtol)

    def _outlook(
        self, people: Ensemble, past: ReplayedHistory | None, untreated: Track | None, stakes: Stakes
    ) -> Outlook:
        """Dates and tests, from the forecast without a further dose; it is followed if no strategy is that one."""
        if past is None:
            return Outlook()
        if untreated is None:
            months = max(1, round(self.horizon_d / DAYS_IN["months"]))
            nothing = parse_regimen(f"nothing for {months} months")
            untreated = self.case.follow(
                people, past, place_strategy("nothing", nothing, self.history, self.horizon_d)
            )
        return outlook(self.history, self.ways, untreated, stakes, self.loss_pct, self.seed)

    def _late(self, people: Ensemble, past: ReplayedHistory | None) -> Lateness | None:
        """The options of the next injection with their numbers; None where no denosumab was given."""
        found = lateness(self.patient)
        if found is None or self.horizon_d + 1 < MONTHS * DAYS_IN["months"]:
            return found

        def summary_of(text: str) -> Summary:
            way = place_strategy(text, parse_regimen(text), self.history, self.horizon_d)
            return self.case.summary(self.case.follow(people, past, way))

        return with_numbers(found, summary_of)

    def _stretches(self, summaries: list[Summary]) -> Iterator[str]:
        """Where the forecast goes beyond what was studied, and what the fall of calcium is forecast from."""
        plans = {way.name: way.plan for way in self.ways}
        yield from stretches(self.patient, self.model, self.history, self.facts, plans)
        if any(one.calcium_nadir for one in summaries):
            yield calcium_sentence(self.model, self.facts)

    def _prior(
        self, known: Posterior, scans: dict[str, Observation], way: PlannedStrategy
    ) -> tuple[dict[str, Band], Summary | None]:
        """The same strategy for people like this one, before anything measured was known but the first scan."""
        people = Ensemble(known.prior_people, known.prior_levels, scans)
        past = self.case.replay(people)
        if past is None:
            return {}, None
        track = self.case.follow(people, past, way, risks=False)
        return self.case.bands(track), self.case.summary(track)

    def _same(self, summaries: list[Summary], of: Summary | None) -> Summary | None:
        """This person's summary of the strategy that `of` is a summary of."""
        return next((s for s in summaries if of is not None and s.strategy == of.strategy), None)
