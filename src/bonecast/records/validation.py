"""From what a reader found in a file to a Patient: every check of each section, all faults reported together."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress

from bonecast.core import Faults
from bonecast.errors import InputError
from bonecast.records.doses import read_dosing
from bonecast.records.facts import known_facts, read_fact
from bonecast.records.file_format import RawRecord
from bonecast.records.fractures import facts_with, read_fractures
from bonecast.records.lifetime import Lifetime
from bonecast.records.measurements import read_measurement, read_measurements
from bonecast.records.patient import Measurement, Patient, Skipped
from bonecast.records.person import read_person
from bonecast.records.quantity import quantities
from bonecast.records.units import read_quantity

UNUSABLE = "cannot be used: "  # begins the reason of what was left out


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
    values = read_measurements(raw.placed(raw.measurements), lifetime, faults, raw.measured)
    fractures = read_fractures(raw.placed(raw.fractures), lifetime, faults)
    stated = dict(patient.facts) if patient is not None else {}
    facts = facts_with(stated, fractures, f"{raw.file}, {raw.person_place}", faults)
    faults.raise_any()
    assert patient is not None  # read_person notes a fault wherever it gives none
    return dataclasses.replace(
        patient,
        facts=facts,
        doses=doses,
        courses=courses,
        measurements=values,
        fractures=fractures,
        skipped=(*raw.skipped, *skipped),
    )


def without_unusable(raw: RawRecord, person_places: Mapping[str, str]) -> RawRecord:
    """Leave out each entry of a list, size and fact that cannot be used, so that one odd cell costs only itself.

    Parameters
    ----------
    raw : RawRecord
        The record as read.
    person_places : mapping of str to str
        Where each size or fact of the person stood.

    Returns
    -------
    RawRecord
        Without them; each is listed in `skipped` with its reason, a dose as a drug.
    """
    lifetime = _days_of(raw.person)
    skipped = list(raw.skipped)

    def kept(entries: list[tuple[str, object]], read: Callable, is_drug: bool) -> list[tuple[str, object]]:
        good = []
        for place, lines in entries:
            faults = Faults()
            read([(place, lines)], lifetime, faults)
            if faults.found:
                skipped.append(Skipped(place, unusable(faults.kept[0]), is_drug))
            else:
                good.append((place, lines))
        return good

    doses = kept(raw.doses, read_dosing, is_drug=True)
    measurements: list[tuple[str, object]] = []
    measured: list[Measurement] = []
    for place, lines in raw.measurements:
        faults = Faults()
        value = read_measurement(place, lines, lifetime, faults)
        if value is None:
            skipped.append(Skipped(place, unusable(faults.kept[0])))
        else:
            measurements.append((place, lines))
            measured.append(value)
    fractures = kept(raw.fractures, read_fractures, is_drug=False)
    person = dict(raw.person) if isinstance(raw.person, dict) else {}
    for key in [key for key in person if key in ("height", "weight") or key in person_places]:
        try:
            if key in ("height", "weight"):
                read_quantity(quantities()[key], str(person[key]), key, exact=True)
            elif key in known_facts():
                read_fact(key, person[key], key)
        except InputError as fault:
            del person[key]
            skipped.append(Skipped(person_places.get(key, raw.person_place), unusable(fault)))
    return dataclasses.replace(
        raw,
        person=person,
        doses=doses,
        measurements=measurements,
        measured=tuple(measured),
        fractures=fractures,
        skipped=tuple(skipped),
    )


def unusable(fault: InputError) -> str:
    """The reason that stands beside what was left out."""
    return f"{UNUSABLE}{fault.cause}; {fault.hint}"


def _days_of(person: object) -> Lifetime:
    lines = person if isinstance(person, dict) else {}
    days = {}
    for key, name in (("birth_date", "birth"), ("record_date", "record"), ("death_date", "death")):
        with suppress(ValueError, TypeError):
            days[name] = dt.date.fromisoformat(str(lines[key])) if key in lines else None
    return Lifetime(**{name: day for name, day in days.items() if day is not None})
