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
    """Who is this, once everything in the record is checked?

    Raises RecordError with every fault found, also those noted before. `today` is the last day that a record
    may bear.
    """
    patient, lifetime = read_person(raw.person, f"{raw.file}, {raw.person_place}", today, faults)
    doses, courses, skipped = read_dosing(raw.placed(raw.doses), lifetime, faults)
    values = read_measurements(raw.placed(raw.measurements), lifetime, faults)
    faults.raise_any()
    assert patient is not None  # read_person notes a fault wherever it gives none
    return dataclasses.replace(
        patient, doses=doses, courses=courses, measurements=values, skipped=(*raw.skipped, *skipped)
    )
