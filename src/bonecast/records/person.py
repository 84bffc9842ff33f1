"""Who the record is about: sex, dates, body size and facts, checked."""

from __future__ import annotations

import datetime as dt

from bonecast.core import FAULTS_KEPT, Faults, gettext
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records.facts import known_facts, read_fact
from bonecast.records.file_format import PersonLines, read_lines
from bonecast.records.lifetime import Lifetime
from bonecast.records.patient import FactValue, Patient, Sex
from bonecast.records.quantity import quantities
from bonecast.records.units import read_quantity

OLDEST = 120  # completed years: few people are known to have passed it
MENOPAUSE = (8.0, 70.0)  # years: wider than premature and late menopause


def read_person(lines: object, place: str, today: dt.date, faults: Faults) -> tuple[Patient | None, Lifetime]:
    """Who is it, and which days may the record speak of? A Patient without doses and measurements.

    None where something was wrong; each fault is noted.
    """
    person = read_lines(PersonLines, lines, place, faults)
    if person is None:
        return None, Lifetime()
    before = faults.found
    lifetime = _lifetime(person, place, today, faults)
    facts = _facts(person, place, faults)
    sex: Sex | None = None
    height = weight = None
    with faults.noting():
        sex = _sex(person.sex, f"{place}, sex")
        if person.menopause_age is not None:
            _check_menopause(person.menopause_age, sex, lifetime, f"{place}, menopause_age")
    with faults.noting():
        if person.height is not None:
            height, _ = read_quantity(quantities()["height"], person.height, f"{place}, height", exact=True)
    with faults.noting():
        if person.weight is not None:
            weight, _ = read_quantity(quantities()["weight"], person.weight, f"{place}, weight", exact=True)
    if faults.found > before or sex is None:
        return None, lifetime
    patient = Patient(
        id=person.id,
        sex=sex,
        birth_date=person.birth_date,
        record_date=person.record_date,
        weight_kg=weight,
        height_cm=height,
        name=person.name,
        menopause_age=person.menopause_age,
        death_date=person.death_date,
        facts=facts,
        address=person.address,
        phone=person.phone,
        language=person.language,
    )
    return patient, lifetime


def _lifetime(person: PersonLines, place: str, today: dt.date, faults: Faults) -> Lifetime:
    birth, record = person.birth_date, person.record_date
    with faults.noting():
        if record > today:
            raise InputError(
                f"{place}, record_date",
                gettext("{record} lies after today ({today})", record=record, today=today),
                gettext("give the day it was taken"),
            )
        if birth > record:
            raise InputError(
                f"{place}, birth_date",
                gettext("{birth} lies after the record ({record})", birth=birth, record=record),
                gettext("correct one of the two"),
            )
        if record.year - birth.year > OLDEST:
            raise InputError(
                f"{place}, birth_date",
                gettext(
                    "born {birth} is over {oldest} years old on {record}",
                    birth=birth,
                    oldest=OLDEST,
                    record=record,
                ),
                gettext("correct the year"),
            )
        death = person.death_date
        if death is not None and not birth <= death <= record:
            raise InputError(
                f"{place}, death_date",
                gettext(
                    "{death} does not lie between birth ({birth}) and record ({record})",
                    death=death,
                    birth=birth,
                    record=record,
                ),
                gettext("correct one of the days"),
            )
        return Lifetime(birth, record, death)
    return Lifetime()


def _sex(text: str, place: str) -> Sex:
    match text.strip().casefold():
        case "female":
            return "female"
        case "male":
            return "male"
    cause = gettext("'{given}' is not a sex that published bone data are divided by", given=printable(text))
    raise InputError(place, cause, gettext('write "female" or "male"'))


def _check_menopause(age: float, sex: Sex, lifetime: Lifetime, place: str) -> None:
    low, high = MENOPAUSE
    if sex == "male":
        raise InputError(place, gettext("a man has no menopause"), gettext("leave menopause_age out"))
    if not low <= age <= high:
        raise InputError(
            place,
            gettext("{age:g} is no age at menopause", age=age),
            gettext("give {low:g} to {high:g} years", low=low, high=high),
        )
    if age > lifetime.record.year - lifetime.birth.year:
        raise InputError(
            place,
            gettext("menopause at {age:g} lies after the record", age=age),
            gettext("correct one of the two"),
        )


def _facts(person: PersonLines, place: str, faults: Faults) -> tuple[tuple[str, FactValue], ...]:
    """The facts by the name they are kept under, in order of that name."""
    kept: list[tuple[str, FactValue]] = []
    for key, value in list((person.model_extra or {}).items())[: FAULTS_KEPT + len(known_facts())]:
        with faults.noting():
            if key not in known_facts():
                raise UnknownName(place, "key", key[:60], [*PersonLines.model_fields, *known_facts()])
            kept.append(read_fact(key, value, f"{place}, {key}"))
    return tuple(sorted(kept))
