"""Reading the design of a bone trial: its tables to a checked `BoneDesign`, all faults reported together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from bonecast.cohorts import TargetValue, columns, read_target
from bonecast.core import Faults
from bonecast.errors import InputError, UnknownName, printable
from bonecast.models import Model, load_model
from bonecast.records import read_lines
from bonecast.regimens import DAYS_IN, parse_span
from bonecast.trials.bone.adherence import adherence_table
from bonecast.trials.bone.checks import check
from bonecast.trials.bone.design import (
    AfterStop,
    Antibodies,
    BoneArm,
    BoneDesign,
    BoneVisit,
    CentreRates,
    Crossover,
    DoseSelection,
    Group,
    InterimAnalysis,
    Reestimation,
    Rescue,
    Taking,
    VisitReading,
)
from bonecast.trials.bone.layout import (
    BoneAllocationLines,
    BoneArmLines,
    BoneLines,
    BoneVisitLines,
    ComparisonLines,
    DeathLines,
    DropoutLines,
    EnrolmentLines,
    GroupLines,
    InterimLines,
    MultiplicityLines,
    ReadingLines,
    ReestimationLines,
    SelectionLines,
    SequentialLines,
    TakingLines,
)
from bonecast.trials.endpoints import Multiplicity, TrialEndpoint, read_endpoint
from bonecast.trials.layout import Lines

LISTS = {
    "arm": BoneArmLines,
    "visit": BoneVisitLines,
    "reading": ReadingLines,
    "interim": InterimLines,
}
LEAST = {"arm": 2, "visit": 1}
TABLES = {
    "population": GroupLines,
    "allocation": BoneAllocationLines,
    "comparison": ComparisonLines,
    "adherence": TakingLines,
    "dropout": DropoutLines,
    "death": DeathLines,
    "sequential": SequentialLines,
}
OPTIONAL = {
    "reestimation": ReestimationLines,
    "multiplicity": MultiplicityLines,
    "enrolment": EnrolmentLines,
    "selection": SelectionLines,
}
NEEDED = ("population", "allocation")
WEEK_D = 7
Kind = TypeVar("Kind", bound=Lines)


def bone_design_of(tables: Mapping[str, Any], place: str) -> BoneDesign:
    """The design in these tables; `place` is what its faults are said of.

    Raises RecordError with all faults where it cannot be used.
    """
    faults = Faults()
    keys = [*BoneLines.model_fields, *TABLES, *OPTIONAL, *LISTS, "endpoint"]
    top = {key: value for key, value in tables.items() if key in BoneLines.model_fields}
    for key in [key for key in tables if key not in keys]:
        faults.note(UnknownName(place, "key", key[:60], keys))
    head = read_lines(BoneLines, top, place, faults)
    single = {key: read_lines(TABLES[key], tables.get(key, {}), f"{place}, {key}", faults) for key in TABLES}
    asked = {
        key: read_lines(OPTIONAL[key], tables[key], f"{place}, {key}", faults)
        for key in OPTIONAL
        if key in tables
    }
    lists = {key: _entries(tables, key, place, faults) for key in LISTS}
    end_d = 0
    model: Model | None = None
    if head is not None:
        try:
            model = load_model(head.model)
        except UnknownName as error:
            faults.note(InputError(f"{place}, model", error.cause, error.hint))
        with faults.noting():
            end_d = round(parse_span(head.length, f"{place}, length"))
    target: tuple[TargetValue, ...] = ()
    group: Any = single["population"]
    if group is not None:
        with faults.noting():
            target = read_target(group.target, f"{place}, population, target")
    faults.raise_any()
    assert group is not None
    assert head is not None  # a fault was noted wherever one of these is missing
    assert model is not None
    lot: Any = single["allocation"]
    arms = tuple(_arm(lines, place, faults) for lines in lists["arm"])
    visits = tuple(_visit(lines, place, faults) for lines in lists["visit"])
    readings = tuple(VisitReading(r.quantity, tuple(r.visits), r.error) for r in lists["reading"])
    endpoints = _endpoints(tables, place, visits, readings, faults)
    compared: Any = single["comparison"]
    died: Any = single["death"]
    steps: Any = single["sequential"]
    chosen, rates = asked.get("selection"), asked.get("enrolment")
    made = BoneDesign(
        name=head.name,
        title=head.title,
        model_name=model.name,
        people=head.people,
        trials=head.trials,
        seed=head.seed,
        end_d=end_d,
        run_in=head.run_in,
        group=Group(group.preset, tuple(group.eligible), target, group.by, _rows(group, place, faults)),
        allocation=lot.method,
        unit=lot.unit,
        blocks=tuple(lot.blocks),
        chance=lot.chance,
        strata=tuple(lot.strata),
        arms=arms,
        visits=visits,
        readings=readings,
        events=tuple(dict.fromkeys(head.events)),
        refracture=head.refracture,
        rebound=head.rebound,
        selection=None if chosen is None else DoseSelection(**chosen.model_dump()),
        enrolment=None if rates is None else CentreRates(**rates.model_dump()),
        taking=_taking(single["adherence"]),
        dropout=_dropout(single["dropout"], f"{place}, dropout", faults),
        death=died.relative,
        missed=head.missed_visits,
        missed_samples=head.missed_samples,
        centres=head.centres,
        interims=tuple(_interim(look, place, faults) for look in lists["interim"]),
        spending=steps.spending,
        futility=steps.futility,
        reestimation=_reestimation(asked.get("reestimation")),
        multiplicity=_multiplicity(asked.get("multiplicity"), endpoints, f"{place}, multiplicity", faults),
        treated=compared.treated or (arms[0].name if arms else ""),
        control=compared.control or (arms[-1].name if arms else ""),
        endpoints=endpoints,
    )
    check(made, model, place, faults)
    faults.raise_any()
    return made


def _entries(tables: Mapping[str, Any], key: str, place: str, faults: Faults) -> list[Any]:
    """All tables of one kind that fit their layout."""
    found = tables.get(key, [])
    if not isinstance(found, list) or len(found) < LEAST.get(key, 0):
        cause = (
            f"there are fewer than {LEAST.get(key, 0)}"
            if isinstance(found, list)
            else "this is not a list of tables"
        )
        faults.note(InputError(f"{place}, {key}", cause, f"write [[{key}]] above each of them"))
        return []
    read = [read_lines(LISTS[key], one, f"{place}, {key} {i}", faults) for i, one in enumerate(found, 1)]
    return [one for one in read if one is not None]


def _endpoints(
    tables: Mapping[str, Any],
    place: str,
    visits: tuple[BoneVisit, ...],
    readings: tuple[VisitReading, ...],
    faults: Faults,
) -> tuple[TrialEndpoint, ...]:
    found = tables.get("endpoint", [])
    if not isinstance(found, list):
        faults.note(InputError(f"{place}, endpoint", "this is not a list of tables", "write [[endpoint]]"))
        return ()
    days = {v.name: v.day for v in sorted(visits, key=lambda v: v.day)}
    read: dict[str, list[str]] = {}
    for reading in readings:
        known = [v for v in reading.visits if v in days]
        read.setdefault(reading.quantity, []).extend(sorted(known, key=lambda v: days[v]))
    kept = [read_endpoint(e, f"{place}, endpoint {i}", days, read, faults) for i, e in enumerate(found, 1)]
    return tuple(one for one in kept if one is not None)


def _arm(lines: Any, place: str, faults: Faults) -> BoneArm:
    """An arm with all that may happen in it."""
    rescue = lines.rescue and Rescue(lines.rescue.when, lines.rescue.plan, tuple(lines.rescue.visits))
    crossover = lines.crossover and Crossover(lines.crossover.at, lines.crossover.plan)
    after, against = None, None
    if lines.after_stop is not None:
        with faults.noting():
            at = f"{place}, arm {printable(lines.name)}, after_stop, after"
            wait = lines.after_stop.after
            after = AfterStop(lines.after_stop.plan, 0.0 if wait is None else parse_span(wait, at))
    if lines.antibodies is not None:
        against = Antibodies(lines.antibodies.share, tuple(lines.antibodies.factors.items()))
    adherence = None if lines.adherence is None else _taking(lines.adherence)
    factors = tuple(lines.factors.items())
    return BoneArm(lines.name, lines.share, lines.plan, rescue, crossover, factors, adherence, after, against)


def _rows(lines: Any, place: str, faults: Faults) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The people of one's own, by covariate; a file is read where the design is a file (`design_text`)."""
    at = f"{place}, population"
    if lines.table is not None:
        cause = f"'{printable(lines.table)}' lies beside no design file"
        faults.note(InputError(f"{at}, table", cause, "give the path of the design, or write rows = { ... }"))
    for name in [name for name in lines.rows if name not in columns()]:
        faults.note(UnknownName(f"{at}, rows", "covariate", name, columns()))
    if len({len(values) for values in lines.rows.values()}) > 1:
        faults.note(InputError(f"{at}, rows", "covariates have different numbers of people", "give one each"))
    return tuple((name, tuple(values)) for name, values in lines.rows.items())


def _interim(lines: Any, place: str, faults: Faults) -> InterimAnalysis:
    if (lines.at is None) == (lines.share is None):
        cause = "it is at no one place"
        faults.note(InputError(f"{place}, interim", cause, 'write at = "m24", or share = 0.5'))
    return InterimAnalysis(lines.at or "", 1.0 if lines.share is None else lines.share)


def _reestimation(lines: Any) -> Reestimation | None:
    return None if lines is None else Reestimation(**lines.model_dump())


def _multiplicity(
    lines: Any, endpoints: tuple[TrialEndpoint, ...], place: str, faults: Faults
) -> Multiplicity | None:
    """The plan with its endpoints: those that are named, or else the primary ones (all, where none is primary)."""
    if lines is None:
        return None
    names = [one.name for one in endpoints]
    primary = [one.name for one in endpoints if one.primary] or names
    rest = [name for name in names if name not in primary]
    families = [tuple(family) for family in lines.families]
    if lines.method != "gatekeeping":
        usual = list(lines.weights) if lines.method == "graph" else primary
        families = [tuple(lines.order or usual)]
    elif not families:
        families = [tuple(family) for family in (primary, rest) if family]
    edges = [(a, b, share) for a, to in lines.transitions.items() for b, share in to.items()]
    named = [name for family in families for name in family]
    for name in dict.fromkeys((*named, *lines.weights, *(end for a, b, _ in edges for end in (a, b)))):
        if name not in names:
            faults.note(UnknownName(place, "endpoint", name, names))
    if len(set(named)) < len(named) or not named or not all(families):
        hint = "name each endpoint once"
        faults.note(InputError(place, "its endpoints are none, or one of them stands twice", hint))
    out = {a: sum(share for one, _, share in edges if one == a) for a, _, _ in edges}
    if lines.method == "graph" and (
        sum(lines.weights.values()) > 1 + 1e-9 or max(out.values(), default=0) > 1 + 1e-9
    ):
        hint = "let weights, and the shares that leave each endpoint, sum to 1 at most"
        faults.note(InputError(place, "more than the whole of alpha is given away", hint))
    if lines.method == "graph" and not lines.weights:
        faults.note(InputError(place, "a graph needs its weights", "write weights = { spine = 1.0 }"))
    if lines.method != "graph" and (lines.weights or edges):
        faults.note(
            InputError(place, f"{lines.method} takes no weights or transitions", 'write method = "graph"')
        )
    return Multiplicity(
        lines.method, lines.alpha, tuple(families), tuple(lines.weights.items()), tuple(edges)
    )


def _visit(lines: Any, place: str, faults: Faults) -> BoneVisit:
    given = [name for name in ("month", "week", "day") if getattr(lines, name) is not None]
    if len(given) != 1:
        cause = f"it has {' and '.join(given) or 'no day'}"
        at = f"{place}, visit {printable(lines.name)}"
        faults.note(InputError(at, cause, "write one of month, week and day"))
        return BoneVisit(lines.name, 0, 0)
    per = {"month": DAYS_IN["months"], "week": WEEK_D, "day": 1}[given[0]]
    return BoneVisit(lines.name, round(getattr(lines, given[0]) * per), lines.window_d)


def _taking(lines: Any) -> Taking:
    usual = adherence_table()["persistence"]
    first = usual["first_year"] if lines.first_year is None else lines.first_year
    later = usual["later"] if lines.later is None else lines.later
    return Taking(lines.process, first, later, lines.clinic_icc)


def _dropout(lines: Any, place: str, faults: Faults) -> tuple[float, float]:
    parts = (lines.first_year, lines.later)
    if (lines.per_year is not None and parts != (None, None)) or (parts[0] is None) != (parts[1] is None):
        faults.note(
            InputError(place, "it is not one hazard nor two", "write per_year, or first_year and later")
        )
    if lines.per_year is not None:
        return lines.per_year, lines.per_year
    return parts[0] or 0.0, parts[1] or 0.0
