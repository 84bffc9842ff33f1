"""The doses of a record that are far from every dose in which their drug is given."""

from __future__ import annotations

from bonecast.drugs import unusual_dose
from bonecast.records.patient import Patient

CONFIRMED = "unusual_dose_confirmed"  # the fact by which the record says that they were given as written


def unusual_doses(patient: Patient) -> tuple[str, ...]:
    """List the doses of a record that must be asked about.

    Parameters
    ----------
    patient : Patient
        The record.

    Returns
    -------
    tuple of str
        For each, its day and the reason; none where the record says that they were given as written.

    Examples
    --------
    >>> from bonecast.records import patient_of_tables
    >>> person = {"id": "A", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15"}
    >>> dose = {"drug": "denosumab", "amount": "6000 mg", "date": "2026-03-12"}
    >>> unusual_doses(patient_of_tables({"person": person, "doses": [dose]}))
    ('2026-03-12: 6000 mg of denosumab is 50 times the usual 120 mg',)
    >>> unusual_doses(patient_of_tables({"person": {**person, "unusual_dose_confirmed": True}, "doses": [dose]}))
    ()
    """
    if patient.fact(CONFIRMED) is True:
        return ()
    found = [(one.date, unusual_dose(one.drug, one.amount, one.unit)) for one in patient.doses]
    found += [
        (one.start, unusual_dose(one.drug, one.amount, one.unit, one.every_d)) for one in patient.courses
    ]
    return tuple(f"{day}: {reason}" for day, reason in sorted(found, key=lambda one: one[0]) if reason)
