"""Strategies followed with the same people: the middle of every forecast, between preparing and the result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bonecast.care import check
from bonecast.cohorts import ReplayedHistory
from bonecast.forecasts.case import Case, PastQuantiles
from bonecast.forecasts.choosing import NEEDED
from bonecast.forecasts.learning import learning_of
from bonecast.forecasts.person_outcome import PersonOutcomes
from bonecast.forecasts.published import rates_beside
from bonecast.forecasts.references import references
from bonecast.forecasts.request import Strategies
from bonecast.forecasts.result import Band, Forecast, Gap
from bonecast.forecasts.track import Track
from bonecast.forecasts.width import Width
from bonecast.inference import Posterior
from bonecast.outcomes import Summary, clinic_baseline
from bonecast.regimens import PlannedStrategy

_KEPT = ("LS_BMD_pct_change", "TH_BMD_pct_change", "FN_BMD_pct_change")


@dataclass(frozen=True)
class Followed:
    """One strategy as it was followed, with no more of the people than the choice needs."""

    track: Track
    bands: dict[str, Band]
    summary: Summary
    gaps: tuple[Gap, ...]
    widths: tuple[Width, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Strategies followed with the same people. untreated : the first one without a further dose, if there is one."""

    ways: tuple[PlannedStrategy, ...]
    bands: dict[str, dict[str, Band]]
    summaries: tuple[Summary, ...]
    gaps: tuple[Gap, ...]
    outcomes: PersonOutcomes
    untreated: Track | None
    widths: tuple[Width, ...] = ()


def followed(
    case: Case, track: Track, past: ReplayedHistory | None, seen: PastQuantiles | None = None
) -> Followed:
    """Reduce the curves of one strategy to what a forecast keeps of them: a track has tens of megabytes.

    seen : as `Case.bands` takes it.
    """
    kept = track.only(_KEPT if track.way.drugs else {*_KEPT, *NEEDED})
    return Followed(
        track=replace(kept, fractures=track.fractures, exact=track.exact),
        bands=case.bands(track, seen),
        summary=case.summary(track),
        gaps=tuple(case.gaps(track.way, case.reason(past, track.way))),
        widths=track.widths,
    )


def compare(
    ways: Sequence[PlannedStrategy],
    follow: Callable[[PlannedStrategy], Followed],
    outcomes: PersonOutcomes,
    progress: Callable[[int, str], None],
    risks: Collection[str] = (),
) -> Comparison:
    """Follow each strategy and collect what a forecast says of it.

    Parameters
    ----------
    ways : sequence of PlannedStrategy
        Strategies in the order of the forecast.
    follow : callable
        Follows one.
    outcomes : PersonOutcomes
        Empty; takes the outcome of each person.
    progress : callable
        Called before each strategy with its place and name.
    risks : collection of str
        Names of those that are a risk and no offer: followed, and never ranked.
    """
    bands: dict[str, dict[str, Band]] = {}
    summaries: list[Summary] = []
    gaps: list[Gap] = []
    widths: list[Width] = []
    untreated: Track | None = None
    for place, way in enumerate(ways):
        progress(place, way.name)
        strategy = follow(way)
        if way.name not in risks:
            outcomes.add(strategy.track)
        bands[way.name] = strategy.bands
        summaries.append(strategy.summary)
        gaps += strategy.gaps
        widths += strategy.widths
        if untreated is None and not way.drugs:
            untreated = strategy.track
    return Comparison(tuple(ways), bands, tuple(summaries), tuple(gaps), outcomes, untreated, tuple(widths))


def result_of(
    case: Case,
    known: Posterior,
    past: ReplayedHistory | None,
    comparison: Comparison,
    asked: Strategies,
    *,
    draws: int,
    seed: int,
    prior_summary: Summary | None = None,
    outdated: bool = False,
    **further: Any,
) -> Forecast:
    """Build the forecast from strategies that were followed.

    asked : with those that the care rules block. further : fields of `Forecast` beyond the common ones.
    """
    history = case.history
    strategies = tuple(map(case.strategy, comparison.ways, comparison.summaries))
    return Forecast(
        patient=case.patient,
        now=case.patient.record_date,
        zero=history.zero,
        due=history.date(history.cover_end_d) if history.doses else None,
        strategies=strategies,
        history=case.given(),
        bands=comparison.bands,
        gaps=comparison.gaps,
        summaries=comparison.summaries,
        models=(case.model.name,),
        references=references(
            case.model,
            case.supported,
            history,
            comparison.ways,
            clinic_baseline(case.patient, history) if case.indication_120 is None else None,
        ),
        draws=draws,
        seed=seed,
        horizon_d=case.horizon_d,
        diagnostics=known.diagnostics,
        ranking=comparison.outcomes.ranking(),
        checks=asked.checks,
        blocked=asked.blocked,
        risk_only=asked.risk_only,
        published=rates_beside(case.patient, history, strategies),
        emergency=check(case.patient).emergency,
        widths=comparison.widths,
        learning=learning_of(case.facts, case.model, known, past, prior_summary, outdated),
        **further,
    )
