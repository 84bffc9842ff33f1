"""A record as tables of plain values, whatever file it came in: what a database keeps and a form shows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from bonecast.core import Faults
from bonecast.records.file_format import LISTS, raw_record
from bonecast.records.patient import Patient
from bonecast.records.validation import validate

Tables = dict[str, Any]


def patient_of_tables(
    tables: Mapping[str, Any], place: str = "record", today: dt.date | None = None
) -> Patient:
    """Check the person in tables that are laid out as a TOML record.

    Parameters
    ----------
    tables : mapping of str to object
        Tables as of a TOML record; dates may be ISO text.
    place : str
        Where they come from, for errors.
    today : date, optional
        Last day that the record may bear; the computer's date by default.

    Returns
    -------
    Patient
        The checked record.

    Raises
    ------
    RecordError
        If they cannot be used, with all `.faults`.

    Examples
    --------
    >>> her = {"id": "A", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15", "weight": "61 kg"}
    >>> patient_of_tables({"person": her}).age
    71
    """
    faults = Faults()
    return validate(raw_record(place, dict(tables), faults), today or dt.date.today(), faults)


def toml_of(tables: Mapping[str, Any]) -> str:
    """Write tables as the text of a record file, which `read_patient` reads.

    Parameters
    ----------
    tables : mapping of str to object
        Tables as of a TOML record.

    Returns
    -------
    str
        TOML.

    Examples
    --------
    >>> print(toml_of({"person": {"id": "A", "record_date": "2026-09-15"}, "doses": [{"drug": "denosumab"}]}))
    [person]
    id = "A"
    record_date = "2026-09-15"
    <BLANKLINE>
    [[doses]]
    drug = "denosumab"
    <BLANKLINE>
    """
    parts = ["[person]\n" + _lines(tables.get("person", {}))]
    for name in LISTS:
        parts += [f"[[{name}]]\n" + _lines(entry) for entry in tables.get(name, [])]
    return "\n".join(parts)


def _lines(table: Mapping[str, Any]) -> str:
    # JSON writes text, numbers, true and false as TOML does; a control character in text is escaped alike.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())
