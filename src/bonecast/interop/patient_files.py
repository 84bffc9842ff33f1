"""Reading a record: from a path, or from the bytes of a file, to a checked Patient."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from bonecast.core import Faults, decoded, is_json, parse_json, parse_toml, read_text
from bonecast.errors import printable
from bonecast.interop.fhir_bundle import raw_from_bundle
from bonecast.records.file_format import raw_record
from bonecast.records.patient import Patient
from bonecast.records.validation import validate


def read_patient(path: str | os.PathLike[str], today: dt.date | None = None) -> Patient:
    """Who is in this record, and what was given and measured?

    Parameters
    ----------
    path : a TOML record, or a FHIR R4 Bundle in JSON; which of the two is seen from its text.
    today : the last day that the record may bear; the computer's date where it is left out.

    Raises InputError where the file cannot be read, and RecordError, an InputError with all `.faults`, where
    its content cannot be used.

    >>> read_patient("examples/late-dose.toml").last_dose("denosumab").date.isoformat()
    '2026-03-16'
    """
    place = printable(os.fspath(path), 120)
    return _read(read_text(Path(path), place), Path(path).suffix, place, today)


def read_patient_bytes(data: bytes, place: str, today: dt.date | None = None) -> Patient:
    """Who is in this record, given as the content of a file called `place`? See `read_patient`."""
    return _read(decoded(data, place), Path(place).suffix, place, today)


def _read(text: str, suffix: str, place: str, today: dt.date | None) -> Patient:
    faults = Faults()
    if is_json(text, suffix):
        raw = raw_from_bundle(place, parse_json(text, place), faults)
    else:
        raw = raw_record(place, parse_toml(text, place), faults)
    return validate(raw, today or dt.date.today(), faults)
