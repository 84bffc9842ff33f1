"""From what a reader found in a file to a Patient: every check of each section, all faults told together."""

from __future__ import annotations

import dataclasses
import datetime as dt

from bonecast.core import Faults
from bonecast.records.doses import read_dosing
from bonecast.records.file_format import RawRecord
from bonecast.records.measurements import read_measurements
from bonecast.records.patient import Patient
from bonecast.records.person import read_person


def validate(raw: RawRecord, today: dt.date, faults: Faults) -> Patient:
    """Check everything in a record.

    Parameters
    ----------
    raw : RawRecord
        The record as read.
    today : date
        Last day that the record may bear.
    faults : Faults
        Faults noted before, which count too.

    Returns
    -------
    Patient
        The checked record.

    Raises
    ------
    RecordError
        If there is any fault, with all of them.
    """
    patient, lifetime = read_person(raw.person, f"{raw.file}, {raw.person_place}", today, faults)
    doses, courses, skipped = read_dosing(raw.placed(raw.doses), lifetime, faults)
    values = read_measurements(raw.placed(raw.measurements), lifetime, faults)
    faults.raise_any()
    assert patient is not None  # read_person notes a fault wherever it gives none
    return dataclasses.replace(
        patient, doses=doses, courses=courses, measurements=values, skipped=(*raw.skipped, *skipped)
    )
