"""The main job: the forecast of a person's record under several strategies."""

from __future__ import annotations

from collections.abc import Mapping

from bonecast.decisions import find_aim
from bonecast.errors import InputError
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.domain import check_person, check_plans
from bonecast.forecasts.job import Job, Progress
from bonecast.forecasts.late import LOSS_PCT
from bonecast.forecasts.levels import t_score_facts
from bonecast.forecasts.result import Forecast
from bonecast.forecasts.stakes import DEFAULT_AIM
from bonecast.models import Model, carriers, load
from bonecast.patients import Patient
from bonecast.plans import DAYS_IN, parse_plan, parse_span
from bonecast.scenarios import WayOn, history_of, lay_out, person_facts

DEFAULT_MODEL = "bonecast-1"
MOST_DRAWS, LONGEST_D = 10_000, 100 * DAYS_IN["years"]
MOST_LOSS_PCT = 30.0


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
    return Job(
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
