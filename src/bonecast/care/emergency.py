"""The emergency of a person, whatever is asked: what every page about the person shows first."""

from __future__ import annotations

import datetime as dt

from bonecast.care.check import case_of, emergency_rules
from bonecast.care.findings import Finding, finding_of
from bonecast.care.rules import find_rule
from bonecast.records import Patient


def emergency_of(patient: Patient, on: dt.date) -> Finding | None:
    """Find what asks for help on this day, whatever is planned; the same as `Check.emergency` at less cost.

    Parameters
    ----------
    patient : Patient
        The record.
    on : date
        The day; that of the record where it is later.

    Returns
    -------
    Finding or None
        None where nothing asks for help, and for someone who has died.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> emergency_of(read_patient("examples/late-dose.toml"), dt.date(2026, 9, 15)) is None
    True
    """
    if patient.death_date is not None:
        return None
    case = case_of(patient, on=max(on, patient.record_date))
    urgent = map(find_rule, emergency_rules(case))
    return next((finding_of(rule, case) for rule in urgent if rule.condition.closed(case.values)), None)
