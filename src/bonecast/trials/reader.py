"""Reading a design: a TOML file, or a preset of the package, to a checked design; all faults reported together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from bonecast.cohorts import people_rows
from bonecast.core import Faults, parse_toml, read_text
from bonecast.errors import InputError, UnknownName, printable
from bonecast.models import Model, load_model
from bonecast.records import read_lines
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.reader import bone_design_of
from bonecast.trials.checks import check
from bonecast.trials.design import Arm, Assay, Design, Trait, TraitValue, Truth, Visit
from bonecast.trials.layout import (
    AllocationLines,
    ArmLines,
    AssayLines,
    DesignLines,
    TraitLines,
    TruthLines,
    VisitLines,
)

ANALYSES = ("window", "bone")
LISTS = {"arm": ArmLines, "trait": TraitLines, "visit": VisitLines, "assay": AssayLines, "truth": TruthLines}
TABLE = re.compile(r"""^[ \t]*table[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')[ \t]*(#.*)?$""", re.MULTILINE)
LEAST = {"arm": 2, "trait": 0, "visit": 2, "assay": 1, "truth": 1}


def presets() -> list[str]:
    """List the designs that come with the package.

    Returns
    -------
    list of str
        Names.

    Examples
    --------
    >>> presets()[:3]
    ['biosimilar', 'bone-metastases', 'freedom']
    """
    found = (files("bonecast.trials") / "designs").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in found if file.name.endswith(".toml"))


def preset_text(name: str) -> str:
    """Return the text of a design that comes with the package.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    str
        TOML.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.
    """
    if name not in presets():
        raise UnknownName("trial designs", "design", name, presets())
    return (files("bonecast.trials") / "designs" / f"{name}.toml").read_text("utf-8")


def preset(name: str) -> Design | BoneDesign:
    """Load a design that comes with the package.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    Design or BoneDesign
        The design.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.

    Examples
    --------
    >>> [arm.share for arm in preset("window").arms]
    [2, 1]
    """
    return design_of(preset_text(name), f"{name}.toml")


def read_design(path: str | os.PathLike[str]) -> Design | BoneDesign:
    """Read a design from a file, or load one that comes with the package.

    Parameters
    ----------
    path : str or path
        File, or name.

    Returns
    -------
    Design or BoneDesign
        The design.

    Raises
    ------
    InputError
        If it cannot be read.
    RecordError
        If it cannot be used, with all faults.
    """
    place = printable(os.fspath(path), 120)
    return design_of(design_text(path), place)


def design_text(path: str | os.PathLike[str]) -> str:
    """Read the text of a design file, or of the design of that name that comes with the package.

    Parameters
    ----------
    path : str or path
        File, or name.

    Returns
    -------
    str
        TOML.

    Raises
    ------
    InputError
        If there is neither.
    """
    if not Path(path).exists() and os.fspath(path) in presets():
        return preset_text(os.fspath(path))
    file, place = Path(path), printable(os.fspath(path), 120)
    return _with_people(read_text(file, place), file, place)


def _with_people(text: str, file: Path, place: str) -> str:
    """The text with the people of `table` of [population] written out, so that it says all by itself."""
    if TABLE.search(text) is None:
        return text
    group = parse_toml(text, place).get("population", {})
    named = group.get("table") if isinstance(group, dict) else None
    if not isinstance(named, str):
        return text
    rows = ", ".join(f"{name} = {values}" for name, values in people_rows(file.parent / named).items())
    return TABLE.sub(lambda found: f"rows = {{ {rows} }}", text, count=1)


def design_of(text: str, place: str) -> Design | BoneDesign:
    """Read a design from its text.

    Parameters
    ----------
    text : str
        TOML.
    place : str
        Name of the text in errors.

    Returns
    -------
    Design or BoneDesign
        The design.

    Raises
    ------
    RecordError
        If it cannot be used, with all faults.
    """
    tables, faults = parse_toml(text, place), Faults()
    if tables.get("analysis") == "bone":
        return bone_design_of(tables, place)
    top = {key: value for key, value in tables.items() if key not in LISTS and key != "allocation"}
    keys = [*DesignLines.model_fields, "allocation", *LISTS]
    for key in [key for key in top if key not in DesignLines.model_fields]:
        faults.note(UnknownName(place, "key", key[:60], keys))
        del top[key]
    head = read_lines(DesignLines, top, place, faults)
    lot = read_lines(AllocationLines, tables.get("allocation", {}), f"{place}, allocation", faults)
    lists = {key: _entries(tables, key, place, faults) for key in LISTS}
    model = None
    if head is not None:
        with faults.noting():
            model = load_model(head.model)
        if head.analysis not in ANALYSES:
            faults.note(UnknownName(f"{place}, analysis", "analysis", head.analysis, ANALYSES))
    faults.raise_any()
    assert head is not None  # a fault was noted wherever one of the three is missing
    assert lot is not None
    assert model is not None
    made = Design(
        head.name,
        head.title,
        model.name,
        head.analysis,
        head.people,
        head.trials,
        head.seed,
        head.not_evaluable,
        head.parameters,
        tuple(lot.blocks),
        tuple(lot.strata),
        tuple(Arm(a.name, a.share, a.plan) for a in lists["arm"]),
        tuple(_trait(t, model, place, faults) for t in lists["trait"]),
        tuple(_visit(v, place, faults) for v in lists["visit"]),
        tuple(Assay(a.name, a.at, a.error, a.step, a.least, a.mark, a.source) for a in lists["assay"]),
        tuple(Truth(t.name, t.set) for t in lists["truth"]),
    )
    check(made, model, place, faults)
    faults.raise_any()
    return made


def _entries(tables: Mapping[str, Any], key: str, place: str, faults: Faults) -> list[Any]:
    """All tables of one kind that fit their layout, with names of their own."""
    found = tables.get(key, [])
    if not isinstance(found, list) or len(found) < LEAST[key]:
        cause = f"there are fewer than {LEAST[key]}"
        faults.note(InputError(f"{place}, {key}", cause, f"write [[{key}]] above each of them"))
        return []
    read = [read_lines(LISTS[key], one, f"{place}, {key} {i}", faults) for i, one in enumerate(found, 1)]
    kept = [one for one in read if one is not None]
    names = [one.name for one in kept]  # type: ignore[attr-defined]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.note(InputError(f"{place}, {key}", f"there are two called '{printable(name)}'", "rename one"))
    return kept


def _trait(lines: TraitLines, model: Model, place: str, faults: Faults) -> Trait:
    """A trait with its cards looked up."""
    values = []
    for value in lines.values:
        parameters = dict(value.set)
        if value.cards is not None:
            known = model.parameter_set.alternatives
            if value.cards in known:
                parameters = {**known[value.cards].values, **parameters}
            else:
                at = f"{place}, trait {printable(lines.name)}, {printable(value.name)}"
                faults.note(UnknownName(at, "set of cards", value.cards, known))
        values.append(TraitValue(value.name, value.share, parameters, value.labels))
    return Trait(lines.name, tuple(values))


def _visit(lines: VisitLines, place: str, faults: Faults) -> Visit:
    first = lines.day if lines.day is not None else lines.first
    last = lines.day if lines.day is not None else lines.last
    at = f"{place}, visit {printable(lines.name)}"
    if first is None or last is None or (lines.day is not None and (lines.first or lines.last) is not None):
        faults.note(InputError(at, "it has neither one day nor a window", "write day, or first and last"))
        return Visit(lines.name, 0, 0, lines.days_before)
    if first > last:
        faults.note(
            InputError(at, f"the window ends on day {last}, before it begins", "put first before last")
        )
    if lines.days_before is not None and (first != last or first > 0):
        faults.note(InputError(at, "days_before needs one day, not after day 0", "write day = -14, say"))
    return Visit(lines.name, first, last, lines.days_before)
