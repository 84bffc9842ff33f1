"""Whether the parts of a design agree with each other and with its model, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bonecast.core import EVIDENCE_GRADES, Faults
from bonecast.errors import InputError, UnknownName, printable
from bonecast.models import Model, models_supporting
from bonecast.regimens import parse_regimen
from bonecast.trials.allocation import ArmShare
from bonecast.trials.design import Design

TRUTHS = ("drug and biopsy", "biopsy only", "nothing")
TAKEN = ("trial", "person", "truth", "arm", "evaluable")  # columns of the outcomes


def check(made: Design, model: Model, place: str, faults: Faults) -> None:
    """Whether the parts agree: plans with the model, blocks with shares, strata with traits, assays with visits."""
    for arm in made.arms:
        with faults.noting():
            drugs = parse_regimen(arm.plan).drugs
            model.require(drugs, {drug: models_supporting(drug) for drug in drugs})
    blocks_hold_arms(made.blocks, made.arms, place, faults)
    labels = dict.fromkeys(label for t in made.traits for v in t.values for label in v.labels)
    known = [t.name for t in made.traits] + list(labels)
    for name in sorted({name for name in known if name in TAKEN or known.count(name) > 1}):
        cause = f"'{printable(name)}' names something else already"
        faults.note(InputError(f"{place}, trait", cause, "choose another name for the trait or label"))
    for name in made.strata:
        _known(f"{place}, allocation, strata", "trait or label", name, known, faults)
    in_range(f"{place}, parameters", made.parameters, model, faults)
    for trait in made.traits:
        for value in trait.values:
            in_range(f"{place}, trait {printable(trait.name)}", value.parameters, model, faults)
    for truth in made.truths:
        in_range(f"{place}, truth {printable(truth.name)}", truth.parameters, model, faults)
    for visit in made.visits:
        if visit.days_before is not None:
            in_range(
                f"{place}, visit {printable(visit.name)}",
                {visit.days_before: -float(visit.first)},
                model,
                faults,
            )
    for assay in made.assays:
        at = f"{place}, assay {printable(assay.name)}"
        if assay.mark not in EVIDENCE_GRADES:
            faults.note(UnknownName(at, "mark", assay.mark, EVIDENCE_GRADES))
        for visit, output in assay.at.items():
            _known(at, "visit", visit, [v.name for v in made.visits], faults)
            _known(at, "output", output, model.system.output_names, faults)
    _needed(made, place, faults)


def blocks_hold_arms(blocks: Iterable[int], arms: Sequence[ArmShare], place: str, faults: Faults) -> None:
    """Whether every block holds each arm as often as its share says."""
    whole = sum(arm.share for arm in arms)
    for size in blocks:
        if whole and size % whole:
            cause = f"a block of {size} does not hold {':'.join(str(arm.share) for arm in arms)}"
            faults.note(InputError(f"{place}, allocation, blocks", cause, f"use multiples of {whole}"))


def _needed(made: Design, place: str, faults: Faults) -> None:
    """What the window analysis reads: two arms, two visits, TIL and Ki67 at both, subtypes, and its three truths."""
    if len(made.arms) != 2 or len(made.visits) != 2:
        cause = f"it compares two arms and two visits, and there are {len(made.arms)} and {len(made.visits)}"
        faults.note(InputError(f"{place}, analysis", cause, "write two of each"))
    if made.visits[0].last >= made.visits[-1].first:
        cause = f"{made.visits[-1].name} may come before {made.visits[0].name}"
        faults.note(InputError(f"{place}, visit", cause, "list the visits in order of time"))
    for name in ("TIL", "Ki67"):
        assay = next((a for a in made.assays if a.name == name), None)
        if assay is None or {v.name for v in made.visits} - set(assay.at):
            faults.note(
                InputError(f"{place}, assay {name}", "the analysis needs it at both visits", f"add {name}")
            )
    for name in TRUTHS:
        if name not in [truth.name for truth in made.truths]:
            hint = "a trial is judged under all three: " + ", ".join(TRUTHS)
            faults.note(InputError(f"{place}, truth", f"'{name}' is missing", hint))
    _known(f"{place}, trait", "trait", "subtype", [t.name for t in made.traits], faults)


def _known(place: str, kind: str, name: str, known: Iterable[str], faults: Faults) -> None:
    if name not in (names := list(known)):
        faults.note(UnknownName(place, kind, name, names))


def in_range(place: str, changes: Mapping[str, float], model: Model, faults: Faults) -> None:
    """Names that the model has, and values within the range of their card."""
    with faults.noting():
        model.parameter_changes(changes)
        for name, value in changes.items():
            held = model.parameter_set.parameters[name].range
            if held and not held[0] <= value <= held[1]:
                cause = f"{name} = {value:g} lies outside {held[0]:g} to {held[1]:g}"
                raise InputError(place, cause, "give a value within the range of its card")
