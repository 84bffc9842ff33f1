"""Whose rules decide on a page: the chosen jurisdiction, or else the record's, or else the clinic's."""

from __future__ import annotations

from bonecast.care import JURISDICTIONS
from bonecast.core import gettext
from bonecast.errors import InputError, UnknownName
from bonecast.records import Patient
from bonecast.web.store import StoredPerson


def named(jurisdiction: str) -> str | None:
    """The jurisdiction of this name; None for no name. Raises UnknownName.

    >>> named("UK"), named("")
    ('UK', None)
    """
    if jurisdiction and jurisdiction not in JURISDICTIONS:
        raise UnknownName("rules of", "jurisdiction", jurisdiction, JURISDICTIONS)
    return jurisdiction or None


def whose_rules(patient: Patient, chosen: str, clinic: str | None) -> str | None:
    """Whose rules decide for this person? None where nothing says so. Raises UnknownName."""
    own = patient.fact("jurisdiction")
    return named(chosen) or (str(own) if own else clinic)


def for_leaflet(patient: Patient, chosen: str, clinic: str | None) -> str:
    """The same, for a leaflet, which cannot do without. Raises InputError where nothing says so."""
    found = whose_rules(patient, chosen, clinic)
    if found is None:
        cause = gettext("the countries say different things on tests and lateness, and the record names none")
        raise InputError("rules of", cause, "choose one of " + ", ".join(JURISDICTIONS))
    return found


def usual_rules(person: StoredPerson, clinic: str | None) -> dict[str, str]:
    """What long work is asked beside its question: the clinic's usual rules, where the record does not say whose."""
    says = bool(person.record["person"].get("jurisdiction"))
    return {"jurisdiction": clinic} if clinic and not says else {}
