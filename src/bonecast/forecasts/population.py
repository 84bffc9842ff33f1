"""The people of the population who are like one person, before anything measured but the first scans is known."""

from __future__ import annotations

from bonecast.forecasts.case import Case
from bonecast.inference import Diagnostics, Posterior, Prior, TemperingStep, observations_of
from bonecast.regimens import supported_doses

_MEASURED_ONLY = ("calcium", "PTH", "phosphate")  # a person's own shift: not there before it was measured


def population(case: Case, draws: int, seed: int) -> Posterior:
    """People like this one: the very ones that a forecast draws before it learns, in the form of what was learned.

    The same seed gives the dotted range of the report.
    """
    followed = supported_doses(case.model, case.history) is not None
    seen = observations_of(case.patient, case.model, case.history) if followed else ()
    prior = Prior(case.model, case.facts, frozenset(o.key for o in seen), uncertain=True)
    state = prior.draw(draws, seed)
    people = prior.people(state)
    levels = {key: values for key, values in prior.levels(state).items() if key not in _MEASURED_ONLY}
    nothing = Diagnostics(0, TemperingStep(), ())
    return Posterior(people, levels, people, levels, nothing, (), (), prior.calibration(state))
