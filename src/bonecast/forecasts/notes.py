"""What the reader of a forecast must know, what was learned of the person, and the sources behind the numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from bonecast.cohorts import BASELINES, ReplayedHistory
from bonecast.core import grade_text
from bonecast.drugs import find_drug
from bonecast.forecasts.fractures import fracture_outputs
from bonecast.forecasts.result import Summary
from bonecast.forecasts.sequences import changes, sequences
from bonecast.inference import Posterior
from bonecast.models import Model
from bonecast.models.parameters import Parameter, Source
from bonecast.models.variability import RandomEffect
from bonecast.outcomes.endpoints import Endpoint, endpoint
from bonecast.outcomes.fracture_parameters import fracture_parameter_set
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy

# our own assumptions are on the cards, not in a list of sources
_READ = ("published", "transcribed", "recalled", "calibrated")
_MINERAL = {"eGFR": "Kidney function", "vitamin D": "25-OH vitamin D"}
_CONDITIONS = {"glucocorticoid", "aromatase inhibitor", "hypogonadism"}
_LEARNED_MONTHS = 24


def notes(
    patient: Patient,
    model: Model,
    facts: Mapping[str, float],
    carried: Sequence[Endpoint],
    known: Posterior,
    past: ReplayedHistory | None,
) -> Iterable[str]:
    """One sentence each: what was learned from, which values conflict, what was left out, where it is stretched."""
    count = len(known.observations)
    if count:
        yield (
            f"The forecast is conditioned on {count} measurement{'s' * (count > 1)}: the range is that of people like"
            " this one who would have been measured as this one was."
        )
    else:
        yield "No measurement could be learned from: the range is that of people like this one."
    yield from known.notes
    seen = {o.key for o in known.observations}
    for e in carried:
        if e.key in BASELINES and e.key not in seen:
            baseline = BASELINES[e.key]
            yield (
                f"{e.title} was not measured: levels are those of untreated women, median {baseline.median:g}"
                f" {_shown(baseline.unit)} ({grade_text(baseline.mark)})."
            )
    for fact, told in _MINERAL.items():
        if fact not in facts:
            yield f"{told} was not measured: it is taken as that of a typical person."
        elif fact not in model.covariates or model.covariates[fact].unfit:
            yield f"{told} is shown but not used: {model.name} holds for a usual one."
    for fact in sorted(_CONDITIONS & set(facts) & set(model.covariates)):
        yield f"The effect of the condition '{fact}' is taken to begin with the history."
    if patient.sex == "male":
        yield "Few rows of published trials in men stand behind the model; for a man it is partly an extrapolation."
    if past is not None and past.left_out:
        yield f"{model.name} leaves out {', '.join(past.left_out)}, which ended before."
    if past is not None and not past.trajectories.succeeded.all():
        yield f"Some people of the ensemble could not be followed by {model.name} and are left out."


def learned(
    patient: Patient, model: Model, known: Posterior, before: Summary | None, after: Summary | None
) -> Iterable[str]:
    """What the measurements taught: levels before treatment, turnover, and how much narrower the forecast is.

    before, after : one strategy for people like this one, and for this person; None where it could not be followed.
    """
    own = "Her" if patient.sex == "female" else "His"
    seen = {o.key for o in known.observations}
    markers = [key for key in ("CTX", "P1NP") if key in seen]
    if markers:
        levels = " and ".join(
            f"{endpoint(key).title} at {_span(known.levels[key], '.2f' if key == 'CTX' else '.0f')}"
            f" {_shown(endpoint(key).unit)}"
            for key in markers
        )
        told = f"{own} own values place {levels} before treatment (median, 90 % range)"
        turnover = model.system.parameters.get("turnover")
        if turnover and "turnover" in known.people:
            now, then = (
                _span(people["turnover"] / turnover, ".2f") for people in (known.people, known.prior_people)
            )
            told += f", and {own.lower()} turnover at {now} of a typical person's; without them it was {then}"
        yield told + "."
    for key in ("LS_BMD", "TH_BMD"):
        at = (key, _LEARNED_MONTHS)
        if before and after and key in seen and at in before.change and at in after.change:
            wide, narrow = ((r.high - r.low) / 2 for r in (before.change[at], after.change[at]))
            site = endpoint(key).title.removesuffix(" BMD").lower()
            yield (
                f"With the measurements the 90 % range of {site} BMD {_LEARNED_MONTHS} months from now, as change from"
                f" now under '{after.strategy}', goes from ±{wide:.1f} to ±{narrow:.1f} %."
            )


def _span(values: np.ndarray, form: str) -> str:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def _shown(unit: str) -> str:
    return unit.replace("ug/L", "µg/L")


def references(
    model: Model, carried: Sequence[Endpoint], history: History, ways: Iterable[PlannedStrategy]
) -> tuple[str, ...]:
    """Citations of what was read somewhere and used in this forecast, once each, in order of first use.

    The cards of a drug that was neither given nor is planned are not used; nor is the fracture relation where the
    model has not what it needs.
    """
    found: dict[str, None] = {}
    ways = tuple(ways)
    drugs = history.drugs.union(*(way.drugs for way in ways))
    idle = _idle(model, drugs)
    spread = [f for f in model.variability.factors if not set(f.parameters) <= idle]
    rows = [card for name, card in model.parameter_set.parameters.items() if name not in idle]
    _cite(found, model.parameter_set.sources, rows)
    _cite(found, model.variability.sources, spread)
    for key in (e.key for e in carried):
        if key in REFERENCE_RANGES:
            found[f"Reference range of {key}: {REFERENCE_RANGES[key].source}"] = None
        if key in BASELINES:
            found[f"Levels of {key} before treatment: {BASELINES[key].source}"] = None
    if fracture_outputs(model):
        parameter_set = fracture_parameter_set()
        _cite(found, parameter_set.sources, parameter_set.parameters.values())
    for way in ways:
        for pair in changes(way.plan, history):
            row = sequences().get(pair)
            if row is not None and row.mark in _READ:
                found[row.source] = None
    return tuple(found)


def _idle(model: Model, drugs: Collection[str]) -> frozenset[str]:
    """Parameters that stand on the sheet of a drug, or of its class, of which nothing was or is taken."""
    of_class = {find_drug(drug).drug_class for drug in drugs}
    unused = {drug for drug in model.drugs if drug not in drugs}
    unused |= {find_drug(drug).drug_class for drug in unused} - of_class
    return frozenset(name for name, card in model.parameter_set.parameters.items() if card.sheet in unused)


def _cite(
    found: dict[str, None], sources: Mapping[str, Source], rows: Iterable[Parameter | RandomEffect]
) -> None:
    for source in (sources[row.source] for row in rows if row.mark in _READ):
        locator = f"doi {source.doi}" if source.doi.startswith("10.") else source.doi
        found[source.text + (f", {locator}" if source.doi and source.doi not in source.text else "")] = None
