"""Models of ours as SBML Level 3 Version 2 and as Antimony text."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bonecast.core import atomic_write, registry
from bonecast.engine import Event
from bonecast.errors import ComputeError, InputError
from bonecast.interop.sbml.infix import InfixModel, Term, infix_model
from bonecast.interop.sbml.reader import libsbml
from bonecast.models import Model, load_model
from bonecast.regimens import Dose, Regimen

_SECONDS = {"hour": 3600.0, "day": 86400.0}
_DIMENSIONS = {"[length]": "metre", "[mass]": "gram", "[time]": "second", "[substance]": "mole"}
AnyRegimen = str | Regimen | Sequence[Dose] | Sequence[Event]


def write_sbml(
    model: str | Model,
    path: str | os.PathLike[str] | None = None,
    regimen: AnyRegimen = (),
    set: Mapping[str, float | str] | None = None,
) -> str:
    """Write a model as SBML Level 3 Version 2.

    States are parameters with rate rules, outputs and shared terms have assignment rules, and doses are events.

    Parameters
    ----------
    model : str or Model
        Library name or model.
    path : str or path, optional
        File to be written.
    regimen : str, Regimen, sequence of Dose or Event
        What is given.
    set : mapping of str to float or str, optional
        Parameters with another value.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    InputError
        If python-libsbml is missing, a name or dose cannot be used, or the file cannot be written.

    Examples
    --------
    >>> text = write_sbml("choi-2025", regimen="denosumab 60 mg every 6 months x 2")
    >>> text.count("<event "), text.count("<rateRule ") == len(load_model("choi-2025").system.states)
    (2, True)
    """
    text = _sbml(infix_model(load_model(model), regimen, set))
    if path is not None:
        _save(text, path)
    return text


def write_antimony(
    model: str | Model,
    path: str | os.PathLike[str] | None = None,
    regimen: AnyRegimen = (),
    set: Mapping[str, float | str] | None = None,
) -> str:
    """Write a model as Antimony text.

    Parameters
    ----------
    model : str or Model
        Library name or model.
    path : str or path, optional
        File to be written.
    regimen : str, Regimen, sequence of Dose or Event
        What is given.
    set : mapping of str to float or str, optional
        Parameters with another value.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> text = write_antimony("choi-2025", regimen="denosumab 60 mg once")
    >>> text.splitlines()[1], "at (time >= 0)" in text
    ('model choi_2025', True)
    """
    text = _antimony(infix_model(load_model(model), regimen, set))
    if path is not None:
        _save(text, path)
    return text


def _save(text: str, path: str | os.PathLike[str]) -> None:
    target = Path(path)
    if not target.parent.is_dir():
        raise InputError(str(target), "its folder does not exist", "make the folder first")
    with atomic_write(target) as beside:
        beside.write_text(text, encoding="utf-8")


def _antimony(model: InfixModel) -> str:
    lines = [*(f"// {note}" for note in model.notes[:1]), f"model {model.name}"]
    lines += [f"  // {note}" for note in model.notes[1:]] + [f"  // Time in {model.time_unit}s."]
    for term in model.terms:
        note = f"  // {term.label}" + (f" [{term.unit}]" if term.unit else "") if term.label else ""
        if term.rule != "assignment":
            lines.append(f"  {'const' if term.constant else 'var'} {term.id} = {term.value};{note}")
        if term.rule == "rate":
            lines.append(f"  {term.id}' = {term.formula};")
        elif term.rule == "assignment":
            lines.append(f"  var {term.id} := {term.formula};{note}")
    count = len(model.events)
    for i, event in enumerate(model.events):
        done = ", ".join(f"{target} = {formula}" for target, formula in event.changes)
        how = f"priority = {count - i}, t0 = false"
        lines.append(f"  dose_{i + 1}: at (time >= {event.time!r}), {how}: {done};".replace(".0)", ")"))
    return "\n".join([*lines, "end", ""])


class _Units:
    """Unit definitions of a document, one for each unit that is known."""

    def __init__(self, lib: Any, model: Any) -> None:
        self.lib, self.model, self.known = lib, model, {}

    def name(self, unit: str) -> str:
        """The id of the definition of a unit; empty where it is not known."""
        if unit not in self.known:
            self.known[unit] = self._define(unit, f"unit_{len(self.known) + 1}")
        return self.known[unit]

    def _define(self, unit: str, name: str) -> str:
        try:
            found = (
                registry().Quantity(1.0, registry().parse_units(unit.replace("%", "percent"))).to_base_units()
            )
            powers = dict(found.dimensionality)
        except Exception:  # pint has many ways to say that this is no unit
            return ""
        if not powers:
            return "dimensionless" if abs(found.magnitude - 1) < 1e-12 else ""
        if not powers.keys() <= _DIMENSIONS.keys():
            return ""
        definition = self.model.createUnitDefinition()
        definition.setId(name)
        definition.setName(unit)
        factor = found.magnitude
        if "[mass]" in powers:
            factor *= 1000.0 ** powers["[mass]"]  # pint's base is the kilogram
        parts = [("dimensionless", 1.0, factor)]
        parts += [(_DIMENSIONS[d], float(p), 1.0) for d, p in sorted(powers.items())]
        for kind, exponent, multiplier in parts:
            one = definition.createUnit()
            one.setKind(self.lib.UnitKind_forName(kind))
            one.setExponent(exponent)
            one.setScale(0)
            one.setMultiplier(multiplier)
        return name


def _sbml(written: InfixModel) -> str:
    lib = libsbml()
    document = lib.SBMLDocument(3, 2)
    model = document.createModel()
    model.setId(written.name)
    model.setName(written.title)
    notes = "".join(f"<p>{escape(note)}</p>" for note in written.notes)
    model.setNotes(f'<body xmlns="http://www.w3.org/1999/xhtml">{notes}</body>')
    unit = model.createUnitDefinition()
    unit.setId(written.time_unit)
    second = unit.createUnit()
    second.setKind(lib.UNIT_KIND_SECOND)
    second.setExponent(1)
    second.setScale(0)
    second.setMultiplier(_SECONDS[written.time_unit])
    model.setTimeUnits(written.time_unit)
    units = _Units(lib, model)
    for term in written.terms:
        _add_term(lib, model, term, units)
    count = len(written.events)
    for i, change in enumerate(written.events):
        event = model.createEvent()
        event.setId(f"dose_{i + 1}")
        event.setUseValuesFromTriggerTime(False)
        trigger = event.createTrigger()
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        trigger.setMath(_math(lib, f"time >= {change.time!r}"))
        event.createPriority().setMath(_math(lib, str(count - i)))
        for target, formula in change.changes:
            assignment = event.createEventAssignment()
            assignment.setVariable(target)
            assignment.setMath(_math(lib, formula))
    return lib.writeSBMLToString(document)


def _add_term(lib: Any, model: Any, term: Term, units: _Units) -> None:
    parameter = model.createParameter()
    parameter.setId(term.id)
    if term.label and term.label != term.id:
        parameter.setName(term.label)
    parameter.setConstant(term.constant)
    unit = units.name(term.unit) if term.unit else ""
    if unit:
        parameter.setUnits(unit)
    if term.rule != "assignment":
        try:
            parameter.setValue(float(term.value.strip("()")))
        except ValueError:
            assignment = model.createInitialAssignment()
            assignment.setSymbol(term.id)
            assignment.setMath(_math(lib, term.value))
    if term.rule:
        rule = model.createRateRule() if term.rule == "rate" else model.createAssignmentRule()
        rule.setVariable(term.id)
        rule.setMath(_math(lib, term.formula))


def _math(lib: Any, formula: str) -> Any:
    node = lib.parseL3Formula(formula)
    if node is None:
        raise ComputeError(f"SBML: a formula could not be written: {lib.getLastParseL3Error()}")
    return node
