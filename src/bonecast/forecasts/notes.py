"""What the reader of a forecast must know, and the sources behind its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bonecast.forecasts.levels import Anchor
from bonecast.forecasts.replay import Past
from bonecast.models import Model
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
from bonecast.patients import Patient
from bonecast.populations import BASELINES

_READ = (
    "published",
    "transcribed",
    "recalled",
)  # our own assumptions are on the cards, not in a list of sources


def notes(patient: Patient, anchors: Mapping[str, Anchor], pasts: Iterable[Past | None]) -> Iterable[str]:
    """One sentence each: how levels were set, what was left out, where the models are stretched."""
    yield (
        "The history is replayed from the dates in the record. Measured values set levels and are shown; the "
        "forecast is not yet conditioned on them, so the range is that of people like this one."
    )
    yield from (a.note for a in anchors.values() if a.note)
    yield (
        "Kidney function and vitamin D in the record are shown but not used: the published calcium model "
        "holds for a normal kidney and enough vitamin D."
    )
    if patient.sex == "male":
        yield "The models were fitted to women after the menopause; for a man they are an extrapolation."
    replayed = [past for past in pasts if past is not None]
    for past in replayed:
        if past.left_out:
            yield f"{past.model.name} leaves out {', '.join(past.left_out)}, which ended before."
    failed = [past.model.name for past in replayed if not past.whole.all()]
    if failed:
        yield f"Some people of the ensemble could not be followed by {', '.join(failed)} and are left out."


def references(models: Iterable[Model], anchors: Mapping[str, Anchor]) -> tuple[str, ...]:
    """Citations of what was read somewhere and used, once each, in order of first use."""
    found: dict[str, None] = {}
    for model in models:
        sources = {**model.spread.sources, **model.deck.sources}
        used = [
            row.source for row in (*model.deck.cards.values(), *model.spread.factors) if row.mark in _READ
        ]
        for source in (sources[key] for key in used):
            found[source.text + (f", doi {source.doi}" if source.doi else "")] = None
    for key, anchor in anchors.items():
        if key in REFERENCE_RANGES:
            found[f"Reference range of {key}: {REFERENCE_RANGES[key].source}"] = None
        if key in BASELINES and anchor.day is None:
            found[f"Levels of {key} before treatment: {BASELINES[key].source}"] = None
    return tuple(found)
