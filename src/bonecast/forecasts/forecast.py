"""The main job: the forecast of a person's record under several strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bonecast.care import StrategyCheck, check_strategy, under_rules_of
from bonecast.cohorts import person_facts
from bonecast.decisions import find_aim
from bonecast.errors import InputError
from bonecast.forecasts.case import RTOL
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.domain import check_person, check_plans
from bonecast.forecasts.job import Job, Progress
from bonecast.forecasts.late import LOSS_PCT
from bonecast.forecasts.levels import t_score_facts
from bonecast.forecasts.result import Forecast
from bonecast.forecasts.stakes import DEFAULT_AIM
from bonecast.inference import Posterior
from bonecast.models import DEFAULT_MODEL, Model, load_model, models_supporting
from bonecast.records import Patient
from bonecast.regimens import (
    DAYS_IN,
    PlannedStrategy,
    Regimen,
    history_of,
    parse_regimen,
    parse_span,
    place_strategy,
)

MOST_DRAWS, LONGEST_D = 10_000, 100 * DAYS_IN["years"]
MOST_LOSS_PCT = 30.0
ALL_BLOCKED = (
    "The care rules block every usual strategy. They are followed all the same, for what each would cost; none is"
    " offered until what blocks it is put right."
)


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
    with_blocked: bool = False,
    jurisdiction: str | None = None,
    late: bool = False,
    known: Posterior | None = None,
) -> Forecast:
    """What may become of this person's bone, turnover and calcium, under each of these strategies?

    Parameters
    ----------
    strategies : name to plan (text, or a `Regimen`); a plan starts where the cover of the last dose ends, or today if that
        is past.
        None: of the usual ones (on time, three months late, stop, switch; with and without treatment where none was
        given) those that the care rules do not block; `Forecast.blocked` names the others.
    horizon : how far from the day of the record ("5 years").
    draws : people like this one in the ensemble; the same in every strategy, so that differences are paired.
    seed : the same seed gives the same forecast.
    model : library name, or a `Model`; the published models carry less, and what one does not carry is a gap.
    progress : called with the share done and what is being done.
    model_uncertainty : each draw has model parameters of its own, as far as the calibration leaves them uncertain;
        False takes the calibrated values for exact.
    best_by : the aim by which strategies are ranked (`bonecast.decisions.AIMS`): the fewest vertebral fractures.
    every_way : without strategies, compare every one that fits what was given last, not the usual ones only.
    optimise : search when denosumab ends and what follows, among the plans that the care rules allow.
    loss_pct : the loss of spine BMD, in %, by which the latest date of the next injection is set.
    with_blocked : follow usual strategies too that the care rules block. They are marked, as is a blocked one that
        `strategies` names, and never the best of the ranking.
    jurisdiction : whose care rules decide: "US", "EU", "UK" or "CA"; the record's own, or else the strictest.
    late : with the options of the next injection, and what each would do (`Forecast.late`).
    known : what was learned from this record before (`Prepared.known`, of the same model, draws, seed and
        jurisdiction), so that it is not learned again.

    The people are those who would have been measured as this person was (`bonecast.inference`); without a
    measurement, those of the population.

    >>> from bonecast.interop import read_patient
    >>> person = read_patient("examples/late-dose.toml")
    >>> made = forecast(person, {"stop": "nothing for 2 years"}, horizon="1 year", draws=20)
    >>> bool(made.band("stop", "LS_BMD_pct_change").median[-1] < made.band("stop", "LS_BMD_pct_change").median.max())
    True
    """
    horizon_d = parse_span(horizon, place="horizon")
    aim = find_aim(best_by)
    check_request(draws, horizon_d, seed, loss_pct)
    patient = under_rules_of(patient, jurisdiction)
    history = history_of(patient)
    facts = person_facts(patient, history.zero) | t_score_facts(patient)
    check_person(patient, facts)
    named = dict(strategies) if strategies else default_strategies(history, horizon_d, every_way)
    plans = {name: parse_regimen(text, place=f"strategy {name}") for name, text in named.items()}
    barred = barred_of(plans, patient)
    left_out = {} if strategies or with_blocked or len(barred) == len(plans) else barred
    plans = {name: plan for name, plan in plans.items() if name not in left_out}
    ways = [place_strategy(name, plan, history, horizon_d) for name, plan in plans.items()]
    body = load_model(model)
    _check_drugs(body, ways)
    check_plans(patient, history, plans)

    told = progress or (lambda share, what: None)
    made = Job(
        *(patient, history, facts, ways, body, horizon_d, draws, seed, rtol, told),
        model_uncertainty=model_uncertainty,
        aim=aim,
        optimise=optimise,
        loss_pct=loss_pct,
        barred=frozenset(barred),
        late=late,
    ).run(known)
    stuck = (ALL_BLOCKED,) if not strategies and len(barred) == len(plans) else ()
    return replace(made, blocked=tuple(left_out.values()), notes=(*stuck, *made.notes))


def barred_of(plans: Mapping[str, Regimen], patient: Patient) -> dict[str, StrategyCheck]:
    """Which of these ways on do the care rules block for this person?

    >>> from bonecast.interop import read_patient
    >>> plans = {"stop": parse_regimen("nothing for 2 years"), "on": parse_regimen("denosumab 60 mg every 6 months x 4")}
    >>> barred_of(plans, read_patient("examples/late-dose.toml"))["stop"].rules
    ('DC-01',)
    """
    checked = {name: check_strategy(name, plan, patient) for name, plan in plans.items()}
    return {name: found for name, found in checked.items() if found.outcome == "blocked"}


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


def _check_drugs(model: Model, ways: list[PlannedStrategy]) -> None:
    """A drug that no model carries is refused now, not after the work; one that another carries leaves a gap."""
    for way in ways:
        for drug in sorted(way.drugs - set(model.drugs)):
            if not models_supporting(drug):
                raise InputError(
                    f"strategy {way.name}", f"no model in the library carries {drug} yet", "use another drug"
                )
