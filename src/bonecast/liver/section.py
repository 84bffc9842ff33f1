"""What a report says of the liver, when the record of a person holds liver values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.charts.scatter import Scatter
from bonecast.charts.traces import Traces
from bonecast.liver.analyte import analytes, needs_limit
from bonecast.liver.assessment import Assessment, assess
from bonecast.liver.case import DrugUse, LabValue, LiverCase
from bonecast.liver.content import told
from bonecast.liver.edish import edish_of_one
from bonecast.liver.timeline import timeline
from bonecast.records.patient import Measurement, Patient


@dataclass(frozen=True)
class LiverSection:
    """Rows of words (name, result), findings and notes inside `assessment`, and the pictures."""

    assessment: Assessment
    rows: tuple[tuple[str, str], ...]
    timeline: Traces
    edish: Scatter | None
    notes: tuple[str, ...]


def liver_section(patient: Patient) -> LiverSection | None:
    """What do the liver values of this record say? None where it holds none that can be read.

    The drug in question is denosumab where the person had it. Each enzyme and bilirubin needs the laboratory's
    upper limit (`reference_high`); a value without it is named in the notes and not read. Values of before the
    first dose are the baseline.
    """
    case, notes = case_of_patient(patient)
    if not any(value.test in needs_limit() for value in case.values):
        return None
    made = assess(case)
    return LiverSection(made, tuple(told(made)), timeline(made), edish_of_one(made), (*notes, *made.notes))


def case_of_patient(patient: Patient) -> tuple[LiverCase, tuple[str, ...]]:
    """The record as a liver case, and what in it could not be read."""
    uses = [DrugUse(d.drug, f"{d.amount:g} {d.unit}", d.date, d.date) for d in patient.doses]
    uses += [DrugUse(c.drug, f"{c.amount:g} {c.unit}", c.start, c.end) for c in patient.courses]
    denosumab = [use.start for use in uses if use.drug == "denosumab"]
    start = min(denosumab, default=None)
    read, notes = [], []
    for measured in patient.measurements:
        if measured.test not in analytes():
            continue
        if measured.test in needs_limit() and measured.reference_high is None:
            notes.append(f"{measured.test} of {measured.date} has no upper limit in the record: not read")
        else:
            read.append(_value(measured, start))
    suspect = "denosumab" if denosumab else None
    case = LiverCase(
        patient.id, patient.sex, patient.age_on(patient.record_date), suspect, tuple(uses), tuple(read)
    )
    return case, tuple(notes)


def _value(measured: Measurement, start: dt.date | None) -> LabValue:
    return LabValue(
        at=dt.datetime.combine(measured.date, measured.time or dt.time()),
        test=measured.test,
        value=measured.value,
        unit=measured.unit,
        uln=measured.reference_high,
        uln_unit=measured.unit,
        baseline=start is not None and measured.date < start,
        place=f"record, {measured.test} of {measured.date}",
        lab=measured.lab or "",
        below_limit=measured.below_limit,
    )
