"""The main job: the forecast of a person's record under several strategies."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bonecast.care import Lateness, lateness
from bonecast.core import Progress, current_language, gettext
from bonecast.decisions import find_aim
from bonecast.forecasts.case import RTOL, Ensemble, case_of
from bonecast.forecasts.choice import Search
from bonecast.forecasts.choosing import Outlook, outlook, search
from bonecast.forecasts.comparison import Comparison, compare, result_of
from bonecast.forecasts.drivers import drivers_of
from bonecast.forecasts.follow_up import FollowUp, read_follow_up
from bonecast.forecasts.late import LOSS_PCT
from bonecast.forecasts.late_numbers import MONTHS, with_numbers
from bonecast.forecasts.person_outcome import DEFAULT_AIM, PersonOutcomes
from bonecast.forecasts.prepared import Prepared, learn_from, no_progress, prepared_with
from bonecast.forecasts.request import (
    ForecastRequest,
    check_request,
    named_strategies,
    record_hash,
    usual_strategies,
)
from bonecast.forecasts.result import Band, Forecast
from bonecast.inference import Method, Posterior, require_method
from bonecast.models import DEFAULT_MODEL, Model
from bonecast.outcomes import Summary
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, Regimen, parse_span

# Share of the progress at which a search begins: some thirty plans are followed then, few before.
SEARCH_FROM = 0.2


def forecast(
    patient: Patient,
    strategies: Mapping[str, str | Regimen] | None = None,
    horizon: str = "5 years",
    draws: int = 500,
    seed: int = 1,
    model: str | Model = DEFAULT_MODEL,
    rtol: float = RTOL,
    progress: Progress | None = None,
    model_uncertainty: bool = True,
    best_by: str = DEFAULT_AIM,
    every_way: bool = False,
    optimise: bool = False,
    loss_pct: float = LOSS_PCT,
    jurisdiction: str | None = None,
    late: bool = False,
    known: Posterior | None = None,
    follow_up: str = "today",
    without: Collection[str] = (),
    exits: Mapping[str, str] | None = None,
    method: Method = "fast",
) -> Forecast:
    """Forecast this person's bone, turnover and calcium under each of these strategies.

    The people are those who would have been measured as this person was (`bonecast.inference`); without a
    measurement, those of the population.

    Parameters
    ----------
    patient : Patient
        The record.
    strategies : mapping of str to str, optional
        Name to plan (text, or a `Regimen`); a plan starts where the cover of the last dose ends, or today if that is
        past. None: the usual ones for the indication (on time, three months late, stop, switch; with and without
        treatment where none was given). One that the care rules block is not followed, also where it was named:
        `Forecast.blocked` gives it with the reason. Where they block all, the course without a further dose stands
        alone.
    horizon : str
        How far from the day of the record ("5 years").
    draws : int
        Similar people in the ensemble; the same in every strategy, so that differences are paired.
    seed : int
        The same seed gives the same forecast.
    model : str or Model
        Library name, or a `Model`; the published models carry less, and what one does not carry is a gap.
    rtol : float
        Relative tolerance of the solver.
    progress : callable, optional
        Called with the share done and what is being done.
    model_uncertainty : bool
        Each draw has model parameters of its own, as far as the calibration leaves them uncertain, and an error of the
        model of its own, as large as what it missed of published results; False takes model and values for exact.
    best_by : str
        The aim by which strategies are ranked (`bonecast.decisions.AIMS`): the fewest vertebral fractures.
    every_way : bool
        Without strategies, compare every one that fits what was given last, not the usual ones only.
    optimise : bool
        Search when denosumab ends and what follows, among the plans that the care rules allow.
    loss_pct : float
        The loss of spine BMD, in %, by which the latest date of the next injection is set.
    jurisdiction : str, optional
        Whose care rules decide: "US", "EU", "UK" or "CA"; the record's own, or else the strictest.
    late : bool
        With the options of the next injection, and what each would do (`Forecast.late`).
    known : Posterior, optional
        What was learned from this record before (`Prepared.known`, of the same model, draws, seed and jurisdiction), so
        that it is not learned again.
    follow_up : str
        Over which time the search compares exits: from "today", "last dose" (24 months after the effect of the last
        denosumab ends, the same for every plan), or to an "age 80".
    without : collection of str
        Drugs that the search leaves out.
    exits : mapping of str to str, optional
        Further plans of the search, by name.
    method : {"fast", "exact"}
        How the measurements are learned from, see `bonecast.condition`. `Forecast.method` says which one it was.

    Returns
    -------
    Forecast
        Bands, summaries, ranking, and what they rest on.

    Raises
    ------
    InputError
        For a person whom no forecast is made for, a number out of range, or a plan that cannot be read or followed.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> person = read_patient("examples/late-dose.toml")
    >>> plans = {"on time": "denosumab 60 mg every 6 months x 2", "stop": "nothing for 2 years"}
    >>> result = forecast(person, plans, horizon="1 year", draws=20)
    >>> [one.name for one in result.strategies], [(one.name, one.rules) for one in result.blocked]
    (['on time'], [('stop', ('DC-01',))])
    """
    horizon_d = parse_span(horizon, place="horizon")
    aim = find_aim(best_by)
    check_request(draws, horizon_d, seed, loss_pct)
    require_method(method)
    case = case_of(patient, model, horizon_d, rtol, jurisdiction)
    asked = named_strategies(case, strategies) if strategies else usual_strategies(case, every_way)
    report = progress or no_progress
    steps = 4 + len(asked.ways)

    def at_step(step: float, text: str) -> None:
        report((SEARCH_FROM if optimise else 1.0) * step / steps, text)

    at_step(0, gettext("measurements"))
    known = known or learn_from(case, draws, seed, at_step, model_uncertainty, method)
    at_step(1, gettext("history"))
    ready = prepared_with(case, known, draws, seed, model_uncertainty)
    comparison = compare(
        ways=asked.ways,
        follow=ready.follow_one,
        outcomes=PersonOutcomes(aim, case.history, horizon_d),
        progress=lambda place, name: at_step(place + 2, name),
    )
    prior_bands, prior_summary = _before_measurements(ready, comparison)
    at_step(steps - 2, gettext("dates and tests"))
    ahead = _outlook(ready, comparison, loss_pct)
    at_step(steps - 1, gettext("exits") if optimise else gettext("summary"))
    searched = None
    if optimise:
        compared = read_follow_up(follow_up, case.patient)
        searched = _exits(ready, comparison, report, compared, without, exits)
    report(1.0, "done")
    outcomes = comparison.outcomes
    return result_of(
        case,
        known,
        ready.past,
        comparison,
        asked,
        draws=draws,
        seed=seed,
        prior_summary=prior_summary,
        prior_bands=prior_bands,
        latest=ahead.latest,
        next_tests=ahead.tests,
        search=searched,
        drivers=drivers_of(
            outcomes.ranking(), outcomes.values, outcomes.people, ready.ensemble.people, case.model
        ),
        late=_late(ready) if late else None,
        request=ForecastRequest(
            record=record_hash(patient),
            strategies=tuple((name, str(plan)) for name, plan in strategies.items()) if strategies else None,
            horizon=horizon,
            draws=draws,
            seed=seed,
            model=case.model.name,
            rtol=rtol,
            model_uncertainty=model_uncertainty,
            best_by=best_by,
            every_way=every_way,
            optimise=optimise,
            loss_pct=loss_pct,
            jurisdiction=jurisdiction,
            late=late,
            method=method,
            language=current_language().code,
        ),
    )


def _before_measurements(ready: Prepared, comparison: Comparison) -> tuple[dict[str, Band], Summary | None]:
    """The first strategy for similar people, before anything measured was known but the first scan."""
    case, known = ready.case, ready.known
    way = next((way for way in comparison.ways if comparison.bands[way.name]), None)
    if way is None or not known.observations:
        return {}, None
    scans = ready.ensemble.scans
    error = ready.error_from({key: scan.day for key, scan in scans.items()})
    people = Ensemble(known.prior_people, known.prior_levels, scans, error)
    past = case.replay(people)
    if past is None:
        return {}, None
    track = case.follow(people, past, way, bare=True)
    return case.bands(track), case.summary(track)


def _outlook(ready: Prepared, comparison: Comparison, loss_pct: float) -> Outlook:
    """Dates and tests, from the forecast without a further dose; it is followed if no strategy is that one."""
    if ready.past is None:
        return Outlook()
    untreated = comparison.untreated or ready.untreated
    if untreated is None:
        return Outlook()
    return outlook(
        history=ready.case.history,
        ways=comparison.ways,
        untreated=untreated,
        outcomes=comparison.outcomes,
        loss_pct=loss_pct,
        seed=ready.seed,
        may_inject=ready.case.may_inject,
        scanner=ready.case.scanners.get("LS_BMD"),
    )


def _exits(
    ready: Prepared,
    comparison: Comparison,
    progress: Progress,
    follow_up: FollowUp,
    without: Collection[str],
    own: Mapping[str, str] | None,
) -> Search | None:
    """The search for an exit; it takes what is left of the progress."""
    case = ready.case
    return search(
        patient=case.patient,
        history=case.history,
        aim=comparison.outcomes.aim,
        horizon_d=case.horizon_d,
        follow=lambda way: case.follow(ready.ensemble, ready.past, way),
        progress=lambda share, text: progress(SEARCH_FROM + (1 - SEARCH_FROM) * share, text),
        follow_up=follow_up,
        without=without,
        own=own,
    )


def _late(ready: Prepared) -> Lateness | None:
    """The options of the next injection with their numbers; None where no denosumab was given."""
    case = ready.case
    found = lateness(case.patient)
    if found is None or case.horizon_d + 1 < MONTHS * DAYS_IN["months"]:
        return found
    return with_numbers(found, ready.summary_under)
