"""Reading one case: a TOML file, or a CSV file of laboratory values alone; all faults are reported together."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bonecast.core import Amount, Faults, check_day, csv_rows, parse_toml, read_amount, read_text
from bonecast.errors import InputError, UnknownName, close_matches, printable
from bonecast.liver.case import (
    A_DAY,
    CasePerson,
    CaseTable,
    DrugUse,
    Facts,
    LiverCase,
    Options,
    Rechallenge,
    RucamFacts,
    SuspectDrug,
)
from bonecast.liver.laboratory import BOOLEANS, LabValue, analytes, find_analyte, needs_limit
from bonecast.records import Clock, Day, Text, read_lines

TABLES = ("person", "drug", "doses", "limits", "panels", "labs", "facts", "rucam", "reexposure", "options")
CSV_NEEDED = ("date", "test", "value", "unit", "uln")
CSV_OPTIONAL = ("time", "baseline", "lab")
EXAMPLES = {"INR": '"1.1"', "bilirubin": '"1.2 mg/dL"', "albumin": '"41 g/L"', "eosinophils": '"3 %"'}
Limits = dict[str, dict[str, Amount]]  # laboratory to test to its upper limit
Table = TypeVar("Table", bound=CaseTable)


class LiverPanel(BaseModel):
    """[[panels]]: one sample. Keys beyond these are tests, such as ALT = "812 U/L"."""

    model_config = ConfigDict(extra="allow")
    date: Day = Field(description=A_DAY)
    time: Clock | None = Field(default=None, description='a time, such as "08:30"')
    lab: Text | None = Field(default=None, description="the name of one of the tables of [limits]")
    baseline: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="true for a panel of before treatment"
    )


def read_case(path: str | os.PathLike[str]) -> LiverCase:
    """Read a case file.

    Parameters
    ----------
    path : str or path
        A TOML case, or a CSV file with one laboratory value in each row (a case without a drug).

    Returns
    -------
    The case, checked.

    Raises
    ------
    InputError
        The file cannot be read; a RecordError holds all faults of a content that cannot be used.

    Examples
    --------
    >>> read_case("examples/liver-case.toml").suspect
    'denosumab'
    """
    place = printable(os.fspath(path), 120)
    if Path(path).suffix.casefold() == ".csv":
        return LiverCase(person=CasePerson(id=Path(path).stem), values=_lab_csv(Path(path), place))
    return case_of(parse_toml(read_text(Path(path), place), place), place, Path(path).parent)


def case_of(tables: dict[str, Any], file: str, folder: Path = Path()) -> LiverCase:
    """Read a case from parsed TOML.

    Parameters
    ----------
    tables : dict of str to object
        The tables of the file.
    file : str
        The name of the file, for error messages.
    folder : Path
        Where `labs = "values.csv"` is looked for.

    Returns
    -------
    The case, checked.

    Raises
    ------
    RecordError
        The content cannot be used; all faults are named.

    Examples
    --------
    >>> panel = {"date": "2026-02-10", "INR": "1.1"}
    >>> case_of({"person": {"id": "A"}, "panels": [panel]}, "case.toml").values[0].test
    'INR'
    """
    faults = Faults()
    for key in tables:
        if key not in TABLES:
            faults.note(UnknownName(file, "table", key[:60], TABLES))

    def table(model: type[Table], key: str) -> Table | None:
        return read_lines(model, tables.get(key, {}), f"{file}, {key}", faults)

    limits = _limits(tables.get("limits", {}), file, faults)
    parts = {
        "person": table(CasePerson, "person"),
        "drug": table(SuspectDrug, "drug") if "drug" in tables else None,
        "doses": _doses(tables.get("doses", []), file, faults),
        "values": _panels(tables.get("panels", []), limits, file, faults)
        + _labs(tables, folder, file, faults),
        "facts": table(Facts, "facts"),
        "rucam": table(RucamFacts, "rucam"),
        "rechallenge": table(Rechallenge, "reexposure") if "reexposure" in tables else None,
        "options": table(Options, "options"),
    }
    faults.raise_any()
    case = LiverCase(**parts)
    _check_dates(case, file)
    return case


def _entries(entries: object, key: str, file: str, faults: Faults) -> list:
    if isinstance(entries, list):
        return entries
    faults.note(InputError(f"{file}, {key}", "this is not a list of tables", f"write [[{key}]] above each"))
    return []


def _doses(entries: object, file: str, faults: Faults) -> tuple[DrugUse, ...]:
    listed = enumerate(_entries(entries, "doses", file, faults), start=1)
    uses = [read_lines(DrugUse, lines, f"{file}, dose {n}", faults) for n, lines in listed]
    return tuple(
        sorted(
            (use for use in uses if use is not None),
            key=lambda use: (use.start, use.drug, use.end or dt.date.max, use.amount),
        )
    )


def _limits(tables: object, file: str, faults: Faults) -> Limits:
    """The upper limits of each laboratory: [limits.NAME] with ALT = "40 U/L" and so on."""
    limits: Limits = {}
    not_a_table = "this is not a table", "write [limits.NAME] above the limits"
    if not isinstance(tables, dict):
        faults.note(InputError(f"{file}, limits", *not_a_table))
        return limits
    for lab, lines in tables.items():
        place = f"{file}, limits, {printable(lab)}"
        if not isinstance(lines, dict):
            faults.note(InputError(place, *not_a_table))
            continue
        limits[lab] = {}
        for name, text in lines.items():
            with faults.noting():
                test = find_analyte(name, place).name
                upper = _amount(test, text, f"{place}, {printable(name)}")
                if upper.below:
                    raise InputError(f"{place}, {test}", "a limit is one number", "leave the < out")
                limits[lab][test] = upper
    return limits


def _panels(entries: object, limits: Limits, file: str, faults: Faults) -> tuple[LabValue, ...]:
    """The values of all panels, each with the limit of its laboratory."""
    values: list[LabValue] = []
    for number, lines in enumerate(_entries(entries, "panels", file, faults), start=1):
        place = f"{file}, panel {number}"
        panel = read_lines(LiverPanel, lines, place, faults)
        if panel is None or faults.full:
            continue
        with faults.noting():
            lab = _lab(panel, limits, place)
            for name, text in (panel.model_extra or {}).items():
                with faults.noting():
                    values.append(_panel_value(panel, lab, limits, name, text, place))
    return tuple(values)


def _lab(panel: LiverPanel, limits: Limits, place: str) -> str:
    """Which laboratory's limits hold: the one named, or the only one there is."""
    if panel.lab is None:
        if len(limits) > 1:
            cause = "there are several laboratories and it names none"
            names = ", ".join(f'"{name}"' for name in limits)
            raise InputError(place, cause, f"add lab = one of {names}")
        return next(iter(limits), "")
    if panel.lab not in limits:
        raise UnknownName(f"{place}, lab", "table of limits", panel.lab, limits)
    return panel.lab


def _panel_value(
    panel: LiverPanel, lab: str, limits: Limits, name: str, text: object, place: str
) -> LabValue:
    at = f"{place}, {printable(name)}"
    if close_matches(name, LiverPanel.model_fields) and not close_matches(name, [*analytes()]):
        raise UnknownName(place, "key", name, LiverPanel.model_fields)
    test = find_analyte(name, place).name
    amount, upper = _amount(test, text, at), limits.get(lab, {}).get(test)
    if upper is None and test in needs_limit():
        where = f"[limits.{lab}]" if lab else "a table [limits.NAME]"
        raise InputError(at, f"the {test} has no upper limit", f'add {test} = "..." to {where}')
    return LabValue(
        at=dt.datetime.combine(panel.date, panel.time or dt.time()),
        test=test,
        value=amount.number,
        unit=amount.unit,
        uln=upper.number if upper else None,
        uln_unit=upper.unit if upper else amount.unit,
        baseline=bool(panel.baseline),
        place=f"{place}, {test}",
        lab=lab,
        below_limit=amount.below,
    )


def _amount(test: str, text: object, place: str) -> Amount:
    """A number with its unit; INR has none."""
    if not isinstance(text, str):
        example = EXAMPLES.get(test, '"40 U/L"')
        raise InputError(place, "this is not text", f"write it in quotes with its unit, such as {example}")
    return read_amount(text, place)


def _labs(tables: dict[str, Any], folder: Path, file: str, faults: Faults) -> tuple[LabValue, ...]:
    """The values of the CSV file that the case names."""
    name = tables.get("labs", "")
    with faults.noting():
        if not isinstance(name, str) or (not name and "labs" in tables):
            raise InputError(f"{file}, labs", "this is not the name of a file", 'write labs = "values.csv"')
        if name:
            return _lab_csv(folder / name, f"{file}, labs, {printable(name)}")
    return ()


def _lab_csv(path: Path, place: str) -> tuple[LabValue, ...]:
    """The values of a CSV file; the limit is in the unit of the value. Raises RecordError with all faults."""
    table = csv_rows(read_text(path, place), place)
    header = [name.strip() for name in next(table, (1, []))[1]]
    check_header(header, CSV_NEEDED, CSV_OPTIONAL, place)
    faults, values = Faults(), []
    for number, (_, cells) in enumerate(table, start=1):
        with faults.noting():
            at = f"{place}, row {number}"
            if len(cells) != len(header):
                cause = "it has another number of cells than the header"
                raise InputError(at, cause, "quote cells that hold commas")
            values.append(_csv_value(dict(zip(header, cells, strict=True)), at))
    faults.raise_any()
    return tuple(values)


def check_header(header: list[str], needed: tuple[str, ...], optional: tuple[str, ...], place: str) -> None:
    """Raise UnknownName for a column that is not known, InputError for one that is missing."""
    for name in header:
        if name not in needed + optional:
            raise UnknownName(f"{place}, header", "column", name, needed + optional)
    for name in needed:
        if name not in header:
            raise InputError(f"{place}, header", f"there is no column {name}", f"give {', '.join(needed)}")


def _csv_value(row: dict[str, str], place: str) -> LabValue:
    row = {name: cell.strip() for name, cell in row.items()}
    baseline = row.get("baseline", "").casefold()
    if baseline and baseline not in BOOLEANS:
        cause = f"'{printable(baseline)}' is neither yes nor no"
        raise InputError(f"{place}, baseline", cause, "write true or false")
    value = _number(row["value"], f"{place}, value")
    return LabValue(
        at=_moment(row, place),
        test=row["test"],
        value=value.number,
        unit=row["unit"],
        uln=_number(row["uln"], f"{place}, uln").number if row["uln"] else None,
        baseline=BOOLEANS.get(baseline, False),
        place=f"{place}, {row['test']}",
        lab=row.get("lab", ""),
        below_limit=value.below,
    )


def _number(cell: str, place: str) -> Amount:
    """A number without a unit, which has its own column; "<" says that it is the limit of the method."""
    amount = read_amount(cell, place)
    if amount.unit:
        raise InputError(place, f"'{printable(cell)}' is not a number", "write the unit in its own column")
    return amount


def _moment(row: dict[str, str], place: str) -> dt.datetime:
    try:
        time = dt.time.fromisoformat(row["time"]) if row.get("time") else dt.time()
        return dt.datetime.combine(dt.date.fromisoformat(row["date"]), time)
    except ValueError:
        cause = f"'{printable(row['date'])}' is not a day"
        raise InputError(f"{place}, date", cause, "write it like 2026-03-04") from None


def _check_dates(case: LiverCase, file: str) -> None:
    """Every value of before the drug says so itself; nothing is taken for a baseline by its date alone."""
    faults = Faults()
    if case.suspect is not None and not case.suspect_uses:
        cause = f"no dose of {case.suspect} is given"
        faults.note(InputError(f"{file}, doses", cause, "add [[doses]] with its day"))
    days = [(value.place, value.at.date()) for value in case.values]
    days += [
        (f"{file}, dose of {use.drug}", day) for use in case.doses for day in (use.start, use.end) if day
    ]
    days += [(f"{file}, facts, onset", case.facts.onset)] if case.facts.onset else []
    for place, day in days:
        with faults.noting():
            check_day(day, place)
    _check_baseline(case, faults)
    again = case.rechallenge
    if again is not None and (case.start is None or again.date <= case.start):
        cause = f"{again.date} does not lie after a first exposure"
        faults.note(InputError(f"{file}, reexposure, date", cause, "give the day of the second exposure"))
    if not case.values:
        cause = "there is no laboratory value"
        faults.note(InputError(file, cause, "add [[panels]] with ALT, ALP and bilirubin"))
    faults.raise_any()


def _check_baseline(case: LiverCase, faults: Faults) -> None:
    """Note each sample before the first dose that is not marked as baseline, and the other way round, once."""
    if case.start is None:
        return
    samples: dict[str, LabValue] = {}
    for value in case.values:
        early = value.at.date() < case.start
        if early != value.baseline:
            samples.setdefault(value.place.rpartition(", ")[0], value)
    for place, value in samples.items():
        day = value.at.date()
        if value.baseline:
            cause = f"baseline of {day} does not lie before the first dose ({case.start})"
            faults.note(InputError(place, cause, "leave baseline out, or correct the day"))
        else:
            cause = f"{day} lies before the first dose of {case.suspect} ({case.start})"
            faults.note(InputError(place, cause, "write baseline = true if it is meant, or correct the day"))
