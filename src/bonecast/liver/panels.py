"""The panels of a case file and the limits of its laboratories, as laboratory values."""

from __future__ import annotations

import datetime as dt

from bonecast.core import Amount, Faults, read_amount
from bonecast.errors import InputError, UnknownName, close_matches, printable
from bonecast.liver.analyte import analytes, find_analyte, needs_limit
from bonecast.liver.case import LabValue
from bonecast.liver.case_layout import PanelLines
from bonecast.records.file_format import read_lines

Limits = dict[str, dict[str, Amount]]  # laboratory to test to its upper limit


def read_limits(tables: object, file: str, faults: Faults) -> Limits:
    """The upper limits of each laboratory: [limits.NAME] with ALT = "40 U/L" and so on."""
    found: Limits = {}
    if not isinstance(tables, dict):
        faults.note(
            InputError(f"{file}, limits", "this is not a table", "write [limits.NAME] above the limits")
        )
        return found
    for lab, lines in tables.items():
        place = f"{file}, limits, {printable(lab)}"
        if not isinstance(lines, dict):
            faults.note(InputError(place, "this is not a table", "write [limits.NAME] above the limits"))
            continue
        found[lab] = {}
        for name, text in lines.items():
            with faults.noting():
                test = find_analyte(name, place).name
                limit = _amount(test, text, f"{place}, {printable(name)}")
                if limit.below:
                    raise InputError(f"{place}, {test}", "a limit is one number", "leave the < out")
                found[lab][test] = limit
    return found


def read_panels(entries: object, limits: Limits, file: str, faults: Faults) -> tuple[LabValue, ...]:
    """The values of all panels, each with the limit of its laboratory."""
    if not isinstance(entries, list):
        faults.note(
            InputError(f"{file}, panels", "this is not a list of tables", "write [[panels]] above each")
        )
        return ()
    values: list[LabValue] = []
    for number, lines in enumerate(entries, start=1):
        place = f"{file}, panel {number}"
        panel = read_lines(PanelLines, lines, place, faults)
        if panel is None or faults.full:
            continue
        with faults.noting():
            lab = _lab(panel, limits, place)
            for name, text in (panel.model_extra or {}).items():
                with faults.noting():
                    values.append(_value(panel, lab, limits.get(lab, {}), name, text, place))
    return tuple(values)


def _lab(panel: PanelLines, limits: Limits, place: str) -> str:
    """Which laboratory's limits hold: the one named, or the only one there is."""
    if panel.lab is None:
        if len(limits) > 1:
            cause = "there are several laboratories and it names none"
            raise InputError(place, cause, f"add lab = one of {_list(limits)}")
        return next(iter(limits), "")
    if panel.lab not in limits:
        raise UnknownName(f"{place}, lab", "table of limits", panel.lab, limits)
    return panel.lab


def _list(names: Limits) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _value(
    panel: PanelLines, lab: str, limits: dict[str, Amount], name: str, text: object, place: str
) -> LabValue:
    at = f"{place}, {printable(name)}"
    if close_matches(name, ("date", "time", "lab", "baseline")) and not close_matches(name, [*analytes()]):
        raise UnknownName(place, "key", name, ("date", "time", "lab", "baseline"))
    test = find_analyte(name, place).name
    amount, limit = _amount(test, text, at), limits.get(test)
    if limit is None and test in needs_limit():
        where = f"[limits.{lab}]" if lab else "a table [limits.NAME]"
        raise InputError(at, f"the {test} has no upper limit", f'add {test} = "..." to {where}')
    return LabValue(
        at=dt.datetime.combine(panel.date, panel.time or dt.time()),
        test=test,
        value=amount.number,
        unit=amount.unit,
        uln=limit.number if limit else None,
        uln_unit=limit.unit if limit else amount.unit,
        baseline=bool(panel.baseline),
        place=f"{place}, {test}",
        lab=lab,
        below_limit=amount.below,
    )


def _amount(test: str, text: object, place: str) -> Amount:
    """A number with its unit; INR has none."""
    if not isinstance(text, str):
        example = _EXAMPLE.get(test, '"40 U/L"')
        raise InputError(place, "this is not text", f"write it in quotes with its unit, such as {example}")
    return read_amount(text, place)


_EXAMPLE = {"INR": '"1.1"', "bilirubin": '"1.2 mg/dL"', "albumin": '"41 g/L"', "eosinophils": '"3 %"'}
