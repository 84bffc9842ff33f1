"""The sources behind the numbers of a forecast: citations of what was read and used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from bonecast.cohorts import BASELINES
from bonecast.drugs import all_drugs
from bonecast.forecasts.sequences import changes, sequences
from bonecast.models import Model, Parameter, RandomEffect, Source
from bonecast.outcomes import (
    REFERENCE_RANGES,
    ClinicBaseline,
    Endpoint,
    fracture_outputs,
    fracture_parameter_set,
)
from bonecast.regimens import History, PlannedStrategy

# our own assumptions are on the cards, not in a list of sources
_READ = ("published", "transcribed", "recalled", "calibrated")


def references(
    model: Model,
    supported: Sequence[Endpoint],
    history: History,
    ways: Iterable[PlannedStrategy],
    clinic: ClinicBaseline | None = None,
) -> tuple[str, ...]:
    """Citations of what was read somewhere and used in this forecast, once each, in order of first use.

    The cards of a drug that was neither given nor is planned are not used; nor is the fracture relation where the
    model has not what it needs, or where no fracture risk is given (without `clinic`).
    """
    citations: dict[str, None] = {}
    ways = tuple(ways)
    drugs = history.drugs.union(*(way.drugs for way in ways))
    idle = _idle(model, drugs)
    spread = [f for f in model.variability.factors if not set(f.parameters) <= idle]
    rows = [card for name, card in model.parameter_set.parameters.items() if name not in idle]
    _cite(citations, model.parameter_set.sources, rows)
    _cite(citations, model.variability.sources, spread)
    for key in (e.key for e in supported):
        if key in REFERENCE_RANGES:
            citations[f"Reference range of {key}: {REFERENCE_RANGES[key].source}"] = None
        if key in BASELINES:
            citations[f"Levels of {key} before treatment: {BASELINES[key].source}"] = None
    if clinic is not None and fracture_outputs(model):
        parameter_set = fracture_parameter_set(model)
        _cite(citations, parameter_set.sources, parameter_set.parameters.values())
        citations |= dict.fromkeys(clinic.sources)
    for way in ways:
        for pair in changes(way.plan, history):
            row = sequences().get(pair)
            if row is not None and row.mark in _READ:
                citations[row.source] = None
    return tuple(citations)


def _idle(model: Model, drugs: Collection[str]) -> frozenset[str]:
    """Parameters that stand on the sheet of a drug, or of its class, of which nothing was or is taken."""
    classes = {drug.generic: drug.drug_class for drug in all_drugs()}  # a model may have a drug that it lacks
    unused = {drug for drug in model.drugs if drug not in drugs}
    unused |= {classes.get(drug, drug) for drug in unused} - {classes[drug] for drug in drugs}
    return frozenset(name for name, card in model.parameter_set.parameters.items() if card.sheet in unused)


def _cite(
    citations: dict[str, None], sources: Mapping[str, Source], rows: Iterable[Parameter | RandomEffect]
) -> None:
    for source in (sources[row.source] for row in rows if row.mark in _READ):
        locator = f"doi {source.doi}" if source.doi.startswith("10.") else source.doi
        citations[source.text + (f", {locator}" if source.doi and source.doi not in source.text else "")] = (
            None
        )
