"""Whether the parts of a bone trial agree with each other, the model and the population, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bonecast.cohorts import Eligibility, EligibilityError, population
from bonecast.core import Faults
from bonecast.errors import InputError, UnknownName, printable
from bonecast.models import Model, models_supporting
from bonecast.outcomes import FRACTURE_OUTPUTS
from bonecast.regimens import parse_regimen
from bonecast.trials.bone.adherence import SHORTEST_D, shortest_interval
from bonecast.trials.bone.curves import outputs_of
from bonecast.trials.bone.design import CENTRE, BoneDesign
from bonecast.trials.bone.quantities import QUANTITIES, READ
from bonecast.trials.bone.rescue import condition
from bonecast.trials.bone.roster import BLOCK, few_eligible, people_of, tilt
from bonecast.trials.checks import blocks_hold_arms
from bonecast.trials.endpoints import CLUSTER

LONGEST_D = 20 * 366
MOST_MINIMISED = 100_000


def check(made: BoneDesign, model: Model, place: str, faults: Faults) -> None:
    """Note every fault: people, arms, visits, readings, looks."""
    if not 1 <= made.end_d <= LONGEST_D:
        cause = f"a trial of {made.end_d} days is none"
        faults.note(InputError(f"{place}, length", cause, "write a day or more, at most 20 years"))
    for kind, names in (("arm", [a.name for a in made.arms]), ("visit", [v.name for v in made.visits])):
        for name in sorted({name for name in names if names.count(name) > 1}):
            faults.note(
                InputError(f"{place}, {kind}", f"there are two called '{printable(name)}'", "rename one")
            )
    _people(made, place, faults)
    _arms(made, model, place, faults)
    _visits(made, place, faults)
    _readings(made, model, place, faults)
    _looks(made, place, faults)
    for key in ("treated", "control"):
        _known(f"{place}, comparison, {key}", "arm", getattr(made, key), [a.name for a in made.arms], faults)
    if made.treated == made.control:
        cause = f"'{printable(made.treated)}' is compared with itself"
        faults.note(InputError(f"{place}, comparison", cause, "name two arms"))
    for endpoint in made.endpoints:
        needed = {"fracture": "fractures", "skeletal-event": "skeletal events"}.get(endpoint.kind)
        if needed and needed not in made.events:
            at = f"{place}, endpoint {printable(endpoint.name)}"
            faults.note(
                InputError(at, f"{needed} are not followed in this design", f"add '{needed}' to events")
            )
        if endpoint.kind == "fracture" and endpoint.quantity == "vertebral" and not made.films:
            at = f"{place}, endpoint {printable(endpoint.name)}"
            hint = "add a [[reading]] with quantity = 'spine_film'"
            faults.note(InputError(at, "nobody is filmed after day 0", hint))


def _people(made: BoneDesign, place: str, faults: Faults) -> None:
    before = faults.found
    with faults.noting():
        population(made.group.preset)
    strata = tuple(text for text in made.strata if text != CENTRE)
    for texts, at in ((made.group.eligible, "population, eligible"), (strata, "allocation, strata")):
        try:
            Eligibility.of(texts, f"{place}, {at}")
        except EligibilityError as error:
            for fault in error.faults:
                faults.note(fault)
    if faults.found > before:
        return
    asked = Eligibility.of(made.group.eligible)
    drawn = people_of(made.group).draw(made.seed, 0, BLOCK)
    held = asked.holds(drawn)
    if np.sum(held) < 5:
        faults.note(few_eligible(place, int(np.sum(held)), BLOCK))
        return
    with faults.noting():
        tilt(made)


def _arms(made: BoneDesign, model: Model, place: str, faults: Faults) -> None:
    _allocation(made, place, faults)
    names, taking = [v.name for v in made.visits], made.taking.process
    if made.run_in:
        _plan(model, made.run_in, f"{place}, run_in", faults)
    for arm in made.arms:
        at = f"{place}, arm {printable(arm.name)}"
        _plan(model, arm.plan, f"{at}, plan", faults, taking)
        with faults.noting():
            model.parameter_changes(dict(arm.factors))
        if arm.adherence is not None and arm.adherence.process != "perfect":
            _plan(model, arm.plan, f"{at}, adherence", faults, arm.adherence.process)
        if arm.antibodies is not None:
            with faults.noting():
                model.parameter_changes(dict(arm.antibodies.factors))
        if arm.after_stop is not None:
            _plan(model, arm.after_stop.plan, f"{at}, after_stop, plan", faults, taking)
            if (arm.adherence or made.taking).process == "perfect":
                cause = "with perfect adherence nobody stops"
                faults.note(
                    InputError(f"{at}, after_stop", cause, 'write process = "published" under [adherence]')
                )
            if arm.crossover is not None or arm.rescue is not None:
                cause = "a plan after the stop is not combined with crossover or rescue"
                faults.note(InputError(f"{at}, after_stop", cause, "leave one of them out"))
        if arm.crossover is not None:
            _plan(model, arm.crossover.plan, f"{at}, crossover, plan", faults, taking)
            _known(f"{at}, crossover, at", "visit", arm.crossover.at, names, faults)
        if arm.rescue is not None:
            _plan(model, arm.rescue.plan, f"{at}, rescue, plan", faults, taking)
            with faults.noting():
                known = tuple(r.quantity for r in made.readings if r.quantity in QUANTITIES)
                condition(arm.rescue.when, known, f"{at}, rescue, when")
            for visit in arm.rescue.visits:
                _known(f"{at}, rescue, visits", "visit", visit, names, faults)


def _allocation(made: BoneDesign, place: str, faults: Faults) -> None:
    at = f"{place}, allocation"
    if made.unit == CENTRE:
        return _clusters(made, place, faults)
    for endpoint in made.endpoints:
        if endpoint.method == CLUSTER:
            cause = "centre means are compared where centres are allocated"
            faults.note(InputError(f"{place}, endpoint {printable(endpoint.name)}, method", cause,
                                   'write unit = "centre" under [allocation], or another method'))  # fmt: skip
    if made.allocation != "blocks":
        if made.blocks:
            faults.note(InputError(f"{at}, blocks", f"{made.allocation} has none", "leave blocks out"))
        if made.allocation == "minimisation" and not made.strata:
            faults.note(
                InputError(f"{at}, strata", "nothing is balanced", "name strata, or method = 'simple'")
            )
        if made.allocation == "simple" and made.strata:
            cause = "simple allocation looks at nobody"
            faults.note(InputError(f"{at}, method", cause, 'write method = "blocks" or "minimisation"'))
        if made.allocation == "minimisation" and made.people > MOST_MINIMISED:
            cause = f"minimisation goes from person to person, {MOST_MINIMISED:,} at most"
            faults.note(InputError(f"{at}, method", cause, 'write method = "blocks"'))
        return
    if not made.blocks:
        faults.note(InputError(f"{at}, blocks", "there are none", "write blocks = [4], say"))
    blocks_hold_arms(made.blocks, made.arms, place, faults)


def _clusters(made: BoneDesign, place: str, faults: Faults) -> None:
    """Centres that are allocated as a whole, and what does not go together with that."""
    at, fewest = f"{place}, allocation", 2 * sum(arm.share for arm in made.arms)
    for key, has in (
        ("blocks", bool(made.blocks)),
        ("strata", bool(made.strata)),
        ("method", made.allocation != "blocks"),
    ):
        if has:
            faults.note(
                InputError(f"{at}, {key}", "centres are allocated, by chance in equal parts", "leave it out")
            )
    if made.centres < fewest:
        cause = f"{made.centres} centres are too few for arms of whole centres"
        faults.note(InputError(f"{place}, centres", cause, f"write centres = {fewest} or more"))
    for endpoint in made.endpoints:
        if endpoint.method != CLUSTER:
            cause = f"{endpoint.method} takes people of one centre as independent"
            hint = 'write method = "cluster", for kind "bmd-change", "marker-gmr" or "doses"'
            faults.note(InputError(f"{place}, endpoint {printable(endpoint.name)}, method", cause, hint))
    for key, has in (
        ("interim", bool(made.interims)),
        ("reestimation", made.reestimation is not None),
        ("population, by", made.group.by == "weights"),
    ):
        if has:
            cause = "it is not combined with the allocation of centres"
            faults.note(InputError(f"{place}, {key}", cause, "leave it out"))


def _looks(made: BoneDesign, place: str, faults: Faults) -> None:
    """Interim looks, and what does not go together with them or with a second look at the size."""
    for look in made.interims:
        if look.at:
            _known(f"{place}, interim", "visit", look.at, [v.name for v in made.visits], faults)
    if len({bool(look.at) for look in made.interims}) > 1:
        cause = "some looks are at a visit and some at a share of the people"
        faults.note(InputError(f"{place}, interim", cause, "write all in one way"))
    if made.futility and not made.interims:
        cause = "a trial without looks is not given up"
        faults.note(InputError(f"{place}, sequential, futility", cause, "add [[interim]], or leave it out"))
    if made.interims and made.multiplicity is not None:
        cause = "looks and a level that endpoints share are not combined"
        faults.note(InputError(f"{place}, multiplicity", cause, "leave out [[interim]] or [multiplicity]"))
    if made.selection is not None:
        _selection(made, place, faults)
    rule = made.reestimation
    if rule is None:
        return
    at = f"{place}, reestimation"
    if made.interims:
        cause = "re-estimation and interim looks are not combined"
        faults.note(InputError(at, cause, "leave out [[interim]] or [reestimation]"))
    judged = sorted(made.endpoints, key=lambda one: not one.primary)[:1]
    for one in judged:
        if rule.kind == "promising-zone" and one.objective == "equivalence":
            faults.note(InputError(at, "equivalence has no promising zone", 'write kind = "blinded"'))
        if rule.kind == "blinded" and one.method not in ("ancova", "mmrm"):
            cause = f"'{printable(one.name)}' is not measured and has no spread to look at"
            faults.note(InputError(at, cause, 'write kind = "promising-zone"'))
        if rule.kind == "blinded" and one.margin is None and not one.expected:
            cause = f"'{printable(one.name)}' is planned for no difference"
            faults.note(InputError(at, cause, "write expected = 4, say, at the endpoint"))


def _selection(made: BoneDesign, place: str, faults: Faults) -> None:
    """Selection needs arms to choose from, and goes with no other rule of looks or levels."""
    at = f"{place}, selection"
    if len(made.arms) < 3:
        faults.note(InputError(at, "there is one treated arm", "add another dose, or leave it out"))
    for key, has in (
        ("[[interim]]", bool(made.interims)),
        ("[reestimation]", made.reestimation is not None),
        ("[multiplicity]", made.multiplicity is not None),
        ('unit = "centre"', made.unit == CENTRE),
    ):
        if has:
            faults.note(
                InputError(at, f"selection and {key} are not combined", f"leave out {key} or [selection]")
            )


def _plan(model: Model, text: str, at: str, faults: Faults, taking: str = "perfect") -> None:
    """A plan that can be read, that the model carries, and whose injections are far enough apart to be taken late."""
    with faults.noting():
        try:
            plan = parse_regimen(text)
        except InputError as error:  # the parser says where in the text; this says in which plan
            raise InputError(f"{at}, {error.place.removeprefix('plan, ')}", error.cause, error.hint) from None
        if plan.starts_after_last_dose_d is not None:
            raise InputError(
                at, "it begins after a last dose", "put that dose into run_in, or begin with a drug"
            )
        try:
            model.require(plan.drugs, {drug: models_supporting(drug) for drug in plan.drugs})
        except InputError as error:
            raise InputError(at, error.cause, error.hint) from None
        if taking != "perfect" and shortest_interval(plan) < SHORTEST_D:
            cause = f"injections {shortest_interval(plan):.0f} days apart; published delays are of months"
            raise InputError(at, cause, 'write process = "perfect" under [adherence]')


def _visits(made: BoneDesign, place: str, faults: Faults) -> None:
    days = [v.day for v in made.visits]
    if days and days[0] != 0:
        at = f"{place}, visit {printable(made.visits[0].name)}"
        faults.note(InputError(at, "the first visit is not on day 0", "write day = 0 for the first"))
    if days != sorted(set(days)):
        faults.note(InputError(f"{place}, visit", "visits are not in order of time", "list them by day"))
    for visit in made.visits:
        if visit.day > made.end_d:
            at = f"{place}, visit {printable(visit.name)}"
            cause = f"day {visit.day} lies after the end of the trial, day {made.end_d}"
            faults.note(InputError(at, cause, "write a longer length, or an earlier visit"))


def _readings(made: BoneDesign, model: Model, place: str, faults: Faults) -> None:
    names = [v.name for v in made.visits]
    seen: set[tuple[str, str]] = set()
    before = faults.found
    for i, reading in enumerate(made.readings, 1):
        at = f"{place}, reading {i}"
        _known(f"{at}, quantity", "quantity", reading.quantity, READ, faults)
        for visit in reading.visits:
            _known(f"{at}, visits", "visit", visit, names, faults)
            if (reading.quantity, visit) in seen:
                cause = f"{printable(reading.quantity)} is read twice at '{printable(visit)}'"
                faults.note(InputError(at, cause, "leave one of them out"))
            seen.add((reading.quantity, visit))
    if "fractures" in made.events:
        for output in FRACTURE_OUTPUTS.values():
            _known(f"{place}, events, fractures", "output", output, model.system.output_names, faults)
    if faults.found == before:
        for output in outputs_of(made):
            _known(f"{place}, model {model.name}", "output", output, model.system.output_names, faults)


def _known(place: str, kind: str, name: str, known: Iterable[str], faults: Faults) -> None:
    if name not in (names := list(known)):
        faults.note(UnknownName(place, kind, name, names))
