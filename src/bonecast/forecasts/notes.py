"""What the reader of a forecast must know, and the sources behind its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bonecast.forecasts.levels import Anchor
from bonecast.forecasts.replay import Past
from bonecast.models import Model
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
from bonecast.patients import Patient
from bonecast.populations import BASELINES

# our own assumptions are on the cards, not in a list of sources
_READ = ("published", "transcribed", "recalled", "calibrated")
_MINERAL = {"eGFR": "Kidney function", "vitamin D": "25-OH vitamin D"}
_CONDITIONS = {"glucocorticoid", "aromatase inhibitor", "hypogonadism"}


def notes(
    patient: Patient,
    model: Model,
    facts: Mapping[str, float],
    anchors: Mapping[str, Anchor],
    past: Past | None,
) -> Iterable[str]:
    """One sentence each: how levels were set, what was left out, where the model is stretched."""
    yield (
        "The history is replayed from the dates in the record. Measured values set levels and are shown; the "
        "forecast is not yet conditioned on them, so the range is that of people like this one."
    )
    yield from (a.note for a in anchors.values() if a.note)
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
    if past is not None and not past.whole.all():
        yield f"Some people of the ensemble could not be followed by {model.name} and are left out."


def references(model: Model, anchors: Mapping[str, Anchor]) -> tuple[str, ...]:
    """Citations of what was read somewhere and used, once each, in order of first use."""
    found: dict[str, None] = {}
    sources = {**model.spread.sources, **model.deck.sources}
    used = [row.source for row in (*model.deck.cards.values(), *model.spread.factors) if row.mark in _READ]
    for source in (sources[key] for key in used):
        found[source.text + (f", doi {source.doi}" if source.doi else "")] = None
    for key, anchor in anchors.items():
        if key in REFERENCE_RANGES:
            found[f"Reference range of {key}: {REFERENCE_RANGES[key].source}"] = None
        if key in BASELINES and anchor.day is None:
            found[f"Levels of {key} before treatment: {BASELINES[key].source}"] = None
    return tuple(found)
