"""People in one table: a CSV with a row for each person, read like a record.

Columns are the keys of [person] ("id", "sex", "weight", any fact) and three lists, their entries parted by semicolons:

    doses         denosumab 60 mg @ 2025-06-16; denosumab 60 mg @ 2025-12-15
                  alendronate 70 mg every 1 week @ 2019-01-01 to 2023-12-31
    measurements  CTX 0.46 ng/mL @ 2025-06-10; lumbar spine BMD 0.742 g/cm2 @ 2025-05-28 on Hologic
    fractures     hip @ 2024-03-02; vertebra @ 2025-11-20

An empty cell says nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bonecast.core import LONGEST_ENTRY, MOST_ENTRIES, Faults, csv_rows, gettext, read_text
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records.facts import known_facts
from bonecast.records.file_format import LISTS, PersonLines, raw_record
from bonecast.records.patient import Patient
from bonecast.records.validation import validate

_LONGEST_COUNT = 9  # digits of a whole number, such as a number of fractures
_DAY = r"(?P<date>\d{4}-\d\d-\d\d)"
_DOSE = re.compile(
    rf"(?P<drug>\D+?) (?P<amount>\d\S* \S+)(?: every (?P<every>.+?))? @ {_DAY}(?: to (?P<to>\S+))?"
)
_MEASUREMENT = re.compile(
    rf"(?P<test>.+?) (?P<value><?[\d.]+ \S+) @ {_DAY}(?: (?P<time>\d\d:\d\d))?(?: on (?P<scanner>.+))?"
)
_FRACTURE = re.compile(rf"(?P<site>.+?) @ {_DAY}")
_BMD = re.compile(r"(?P<site>.+) BMD")


def read_people_table(path: Path, place: str) -> list[tuple[str, dict[str, str]]]:
    """Read the rows of a table of people.

    Parameters
    ----------
    path : Path
        A CSV file.
    place : str
        Its name in errors.

    Returns
    -------
    list of tuple of (str, dict of str to str)
        Each row with its place ("people.csv, line 2"), unchecked but for the columns.

    Raises
    ------
    InputError
        If the file cannot be read, has no rows, or has a column that no record knows.
    """
    return people_rows(read_text(path, place), place)


def people_rows(text: str, place: str) -> list[tuple[str, dict[str, str]]]:
    """Read the rows of a table of people from its text.

    Parameters
    ----------
    text : str
        CSV.
    place : str
        Name of the table, for errors.

    Returns
    -------
    list of tuple of (str, dict of str to str)
        Each row with its place, unchecked but for the columns.

    Raises
    ------
    InputError
        If there are no rows, or a column that no record knows.
    """
    rows = csv_rows(text, place)
    header = [name.strip() for name in next(rows, (1, []))[1]]
    known = [*PersonLines.model_fields, *known_facts(), *LISTS]
    for name in header:
        if name not in known:
            raise UnknownName(place, "column", name[:60], known)
    if len(set(header)) < len(header):
        raise InputError(place, gettext("two columns have the same name"), gettext("rename one"))
    found = [
        (f"{place}, line {line}", dict(zip(header, map(str.strip, row), strict=False)))
        for line, row in rows
        if any(row)
    ]
    if not found:
        raise InputError(place, gettext("there is no person in the table"), gettext("write one row for each"))
    return found


def patient_in_row(row: Mapping[str, str], place: str, today: dt.date | None = None) -> Patient:
    """Read and check the person in a row of a table.

    Parameters
    ----------
    row : mapping of str to str
        Column to text.
    place : str
        Where the row stands, for errors.
    today : date, optional
        Last day that the record may bear; the computer's date by default.

    Returns
    -------
    Patient
        The checked record.

    Raises
    ------
    RecordError
        If it cannot be used, with all faults.

    Examples
    --------
    >>> row = {"id": "A", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15", "weight": "61 kg",
    ...        "doses": "denosumab 60 mg @ 2026-03-16", "measurements": "lumbar spine BMD 0.742 g/cm2 @ 2026-01-02"}
    >>> her = patient_in_row(row, "people.csv, line 2")
    >>> her.doses[0].amount, her.measurements[0].site
    (60.0, 'lumbar spine')
    """
    faults = Faults()
    tables = tables_in_row(row, place, faults)
    return validate(raw_record(place, tables, faults), today or dt.date.today(), faults)


def tables_in_row(row: Mapping[str, str], place: str, faults: Faults) -> dict[str, Any]:
    """Lay out a row of a table as a TOML record, unchecked.

    Parameters
    ----------
    row : mapping of str to str
        Column to text.
    place : str
        Where the row stands, for errors.
    faults : Faults
        Collects what cannot be read.

    Returns
    -------
    dict of str to object
        Tables as of a TOML record.
    """
    tables: dict[str, Any] = {"person": {}, **{name: [] for name in LISTS}}
    for key, text in row.items():
        if not text:
            continue
        with faults.noting():
            if key in LISTS:
                tables[key] = [_ENTRIES[key](part, f"{place}, {key}") for part in _parts(key, text, place)]
            else:
                tables["person"][key] = _typed(key, text)
    return tables


def _parts(key: str, text: str, place: str) -> list[str]:
    """The entries of a cell, short enough to be looked through and no more of them than a record holds."""
    if text.count(";") > MOST_ENTRIES:
        cause = gettext("there are over {most_entries} entries", most_entries=MOST_ENTRIES)
        raise InputError(
            f"{place}, {key}",
            cause,
            gettext("keep at most {most_entries} in one record", most_entries=MOST_ENTRIES),
        )
    parts = [part.strip() for part in text.split(";") if part.strip()]
    for part in parts:
        if len(part) > LONGEST_ENTRY:
            cause = gettext("'{part}' has {part_2:,} characters", part=printable(part), part_2=len(part))
            raise InputError(f"{place}, {key}", cause, gettext("part the entries with semicolons"))
    return parts


def _typed(key: str, text: str) -> object:
    """A cell as TOML would hold it: yes or no, a whole number, a number, or text."""
    kind = known_facts()[key].kind if key in known_facts() else ""
    if kind == "yes or no":
        return {"true": True, "false": False}.get(text.casefold(), text)
    if kind == "count":
        return int(text) if text.isdecimal() and len(text) <= _LONGEST_COUNT else text
    if key == "menopause_age":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _dose(text: str, place: str) -> dict[str, Any]:
    found = _DOSE.fullmatch(text)
    if found is None:
        cause = gettext("'{given}' is not a dose", given=printable(text))
        raise InputError(place, cause, gettext("write 'denosumab 60 mg @ 2025-06-16'"))
    entry = {key: found[key] for key in ("drug", "amount")}
    if found["every"] is None:
        return entry | {"date": found["date"]}
    course = {"every": found["every"], "from": found["date"]}
    return entry | course | ({"to": found["to"]} if found["to"] else {})


def _measurement(text: str, place: str) -> dict[str, Any]:
    found = _MEASUREMENT.fullmatch(text)
    if found is None:
        cause = gettext("'{given}' is not a measurement", given=printable(text))
        raise InputError(place, cause, gettext("write 'CTX 0.46 ng/mL @ 2025-06-10'"))
    entry = {key: of for key, of in found.groupdict().items() if of is not None}
    bmd = _BMD.fullmatch(entry["test"])
    return entry | ({"test": "BMD", "site": bmd["site"]} if bmd else {})


def _fracture(text: str, place: str) -> dict[str, Any]:
    found = _FRACTURE.fullmatch(text)
    if found is None:
        raise InputError(
            place,
            gettext("'{given}' is not a fracture", given=printable(text)),
            gettext("write 'hip @ 2024-03-02'"),
        )
    return found.groupdict()


_ENTRIES = {"doses": _dose, "measurements": _measurement, "fractures": _fracture}
