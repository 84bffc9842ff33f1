"""A FHIR R4 Bundle in the lines of a record; what is not read is listed with its reason."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bonecast.core import Faults
from bonecast.drugs import find_drug
from bonecast.errors import InputError, printable
from bonecast.interop.fhir_codes import (
    Said,
    allergy_fact,
    condition_facts,
    days_before,
    medicine_fact,
    procedure_facts,
    request_facts,
)
from bonecast.interop.fhir_medication import administered_lines, stated_lines
from bonecast.interop.fhir_observation import (
    COUNTED,
    PARTIAL,
    UnreadError,
    fact_value,
    measurement_lines,
    named,
    observed_at,
    quantity_text,
)
from bonecast.interop.fhir_references import Addresses, about_another
from bonecast.interop.fhir_resources import (
    Allergy,
    Bundle,
    Concept,
    Condition,
    Entry,
    MedicationAdministration,
    MedicationRequest,
    MedicationStatement,
    Observation,
    PatientResource,
    Procedure,
    ServiceRequest,
)
from bonecast.records import UNUSABLE, RawRecord, Skipped, without_unusable

Resource = TypeVar("Resource", bound=BaseModel)

MOST_RESOURCES = 15_000  # entries of one Bundle, read or not
KIDNEY_D = 365  # days for which an estimate of kidney function goes before the stage of a disease
# Stands under [person] rather than among the measurements.
OF_THE_PERSON = {"height": "height", "weight": "weight", "menopause age": "menopause_age"}


# Resources that say what was given: where they are not understood, the check is told.
_DRUGS = ("MedicationAdministration", "MedicationStatement")
_DATES = ("effectiveDateTime", "effectiveInstant", "performedDateTime", "recordedDate", "deceasedDateTime")
_SAYS_NOT = ("doNotPerform", "wasNotGiven", "wasNotTaken", "notGiven")
_DO_NOT = "http://hl7.org/fhir/StructureDefinition/request-doNotPerform"


def raw_from_bundle(file: str, content: object, faults: Faults, today: dt.date | None = None) -> RawRecord:
    """Which person, doses and measurements does the Bundle hold, and what in it is passed over?

    The day of the record is the Bundle's timestamp, or when it was last updated, or the latest day in it up to today.
    Raises InputError where the JSON is no Bundle; faults inside a resource are noted.
    """
    if not isinstance(content, dict) or content.get("resourceType") != "Bundle":
        raise InputError(file, "the JSON is not a FHIR Bundle", 'give a Bundle, "resourceType": "Bundle"')
    entries = content.get("entry")
    if isinstance(entries, list) and len(entries) > MOST_RESOURCES:
        raise InputError(
            file, f"there are {len(entries)} entries", f"keep at most {MOST_RESOURCES} in a Bundle"
        )
    bundle = _resource(Bundle, content, file)
    day, from_where = _day_of(bundle, today or dt.date.today())
    reading = _Reading(file, day, Addresses(bundle))
    if from_where:
        reading.skipped.append(
            Skipped("Bundle", f"it has no timestamp: the day of the record is {from_where}")
        )
    for number, entry in enumerate(bundle.entry, start=1):
        if faults.full:
            break
        kind = entry.resource.get("resourceType")
        with faults.noting():
            reading.take(f"entry {number} ({printable(kind)})", kind, entry)
    if not reading.found_patient:
        faults.note(InputError(file, "the Bundle has no Patient", "add the Patient resource"))
    return reading.raw()


class _Reading:
    """The lines found so far, resource by resource."""

    def __init__(self, file: str, day: str, addresses: Addresses) -> None:
        self.file = file
        self.day = day
        self.addresses = addresses
        self.person: dict[str, Any] = {"record_date": day}
        # Where each fact and size of the person stood.
        self.places: dict[str, str] = {}
        # The kidney function that a stage of disease says: only where none was measured.
        self.stage: tuple[str, dict[str, Any]] | None = None
        # Each dose by drug and day: the amount, and where it stood.
        self.given: dict[tuple[str, object], tuple[str, str]] = {}
        self.person_place = "Bundle"
        self.found_patient = False
        self.doses: list[tuple[str, object]] = []
        self.measurements: list[tuple[str, object]] = []
        self.skipped: list[Skipped] = []
        # When each line of the person was observed, and where: the latest stands.
        self.observed: dict[str, tuple[str, str]] = {}
        # What has been said so far, and where first.
        self.said: dict[tuple[tuple[str, Any], ...], str] = {}

    def take(self, place: str, kind: object, entry: Entry) -> None:
        """Read one resource, or list it as passed over."""
        resource, at = entry.resource, f"{self.file}, {place}"
        try:
            if kind == "Patient":
                self._patient(_resource(PatientResource, resource, at), entry.fullUrl, place)
                return
            self._check_meant(kind, entry)
            try:
                self._take(kind, resource, at, place)
            except InputError as fault:
                raise UnreadError(f"{UNUSABLE}{fault.cause}; {fault.hint}", kind in _DRUGS) from None
        except UnreadError as reason:
            self.skipped.append(Skipped(place, str(reason), reason.is_drug))

    def _take(self, kind: object, resource: dict[str, Any], at: str, place: str) -> None:
        match kind:
            case "Observation":
                self._observation(_resource(Observation, resource, at), place)
            case "MedicationAdministration":
                given = _resource(MedicationAdministration, resource, at)
                given.medicationCodeableConcept = self._medicine(given, resource)
                self._add_dose(place, administered_lines(given))
            case "MedicationStatement":
                stated = _resource(MedicationStatement, resource, at)
                stated.medicationCodeableConcept = self._medicine(stated, resource)
                if not self._taken(stated, place):
                    self._add_dose(place, stated_lines(stated))
            case "MedicationRequest":
                ordered = _resource(MedicationRequest, resource, at)
                ordered.medicationCodeableConcept = self._medicine(ordered, resource)
                if ordered.intent in ("proposal", "plan", "option") or not self._taken(ordered, place):
                    raise UnreadError("an order is not a dose that was given: it is not read")
            case "Medication":
                raise UnreadError("a medicine by itself is read only where something refers to it")
            case "Condition":
                condition = _resource(Condition, resource, at)
                for said in condition_facts(condition):
                    if said[0] == "eGFR":
                        self._stage(str(said[1]), place)
                    else:
                        self._fact(said, place)
            case "AllergyIntolerance":
                self._fact(allergy_fact(_resource(Allergy, resource, at)), place)
            case "Procedure":
                for said in procedure_facts(_resource(Procedure, resource, at), self.day):
                    self._fact(said, place)
            case "ServiceRequest":
                for said in request_facts(_resource(ServiceRequest, resource, at)):
                    self._fact(said, place)
            case _:
                raise UnreadError("resources of this kind are not read")

    def _check_meant(self, kind: object, entry: Entry) -> None:
        """Refuse what is about somebody else, was forbidden, or is changed by something that is not understood."""
        resource, is_drug = entry.resource, kind in _DRUGS
        if about_another(resource, self.addresses):
            raise UnreadError("it is about another person or thing")
        if any(resource.get(key) is True for key in _SAYS_NOT) or any(
            isinstance(one, dict) and one.get("url") == _DO_NOT and one.get("valueBoolean") is True
            for one in [*_list(resource.get("modifierExtension")), *_list(resource.get("extension"))]
        ):
            raise UnreadError("it says that this is not done")
        if resource.get("modifierExtension") or resource.get("implicitRules"):
            raise UnreadError(f"{UNUSABLE}an extension changes its meaning", is_drug)

    def raw(self) -> RawRecord:
        """All of it, in the layout of a record; what cannot be used is listed."""
        if self.stage is not None and not any(map(self._says_kidneys, self.measurements)):
            self.measurements.append(self.stage)
        found = RawRecord(
            self.file, self.person, self.doses, self.measurements, self.person_place, tuple(self.skipped)
        )
        return without_unusable(found, self.places)

    def _stage(self, value: str, place: str) -> None:
        """Keep the worst stage of kidney disease; an active one holds on the day of the record."""
        lines = {"test": "eGFR", "value": value, "date": self.day, "assay": "stage of kidney disease"}
        if self.stage is None or value < self.stage[1]["value"]:
            self.stage = (place, lines)

    def _says_kidneys(self, entry: tuple[str, object]) -> bool:
        """Is this a kidney function of the last year?"""
        lines = entry[1]
        if not isinstance(lines, dict) or lines.get("test") not in ("eGFR", "creatinine"):
            return False
        return days_before(self.day, str(lines["date"])) <= KIDNEY_D

    def _patient(self, found: PatientResource, url: str | None, place: str) -> None:
        if self.found_patient:
            raise InputError(f"{self.file}, {place}", "this is a second Patient", "give each person a Bundle")
        self.found_patient, self.person_place = True, place
        known_by = next((one.value for one in found.identifier if one.value), None)
        lines = {
            "id": found.id or known_by or url or "without an id",
            "sex": found.gender,
            "birth_date": self._birth(found.birthDate, place),
            "death_date": _day(found.deceasedDateTime),
            "name": min(found.name, key=lambda one: one.rank).shown() if found.name else None,
        }
        self.person |= {key: value for key, value in lines.items() if value is not None}
        if found.deceasedBoolean:
            self.skipped.append(Skipped(place, "it says that the person has died, but not when"))

    def _birth(self, written: str | None, place: str) -> str | None:
        """The day of birth; the middle of a year or month that is given alone, which is listed."""
        if written is None or not PARTIAL.fullmatch(written):
            return _day(written)
        day = f"{written}-07-01" if len(written) == 4 else f"{written}-15"
        self.skipped.append(Skipped(place, f"the birth date, {written}, has no day: read as {day}"))
        return day

    def _observation(self, found: Observation, place: str) -> None:
        kind, name = named(found.code)
        if found.status not in COUNTED:
            raise UnreadError(f"the observation has the status '{printable(found.status)}'")
        if kind == "fact":
            self._of_person(name, fact_value(found), found, place)
        elif name in OF_THE_PERSON:
            text = quantity_text(found)
            number = found.valueQuantity.value if found.valueQuantity else None
            self._of_person(OF_THE_PERSON[name], number if name == "menopause age" else text, found, place)
        else:
            lines = measurement_lines(name, found)
            self._add(self.measurements, place, lines)

    def _fact(self, said: Said, place: str) -> None:
        """Keep a fact that a code says, unless the record says it outright or said it before."""
        key, value = said
        if key in self.person and self.person[key] != value:
            raise UnreadError(f"the record says {printable(key)} = {printable(self.person[key])} elsewhere")
        self.person[key] = value
        self.places.setdefault(key, place)

    def _taken(self, found: MedicationStatement | MedicationRequest, place: str) -> bool:
        """Is this a medicine that is taken now and says a fact? Keeps the fact."""
        code = found.medicationCodeableConcept
        said = medicine_fact(code.names()) if code and found.status == "active" else None
        if said is not None:
            self._fact(said, place)
        return said is not None

    def _medicine(
        self,
        found: MedicationAdministration | MedicationStatement | MedicationRequest,
        resource: dict[str, Any],
    ) -> Concept | None:
        """The medicine: as coded, or that of the resource referred to, one step and no further."""
        pointer = found.medicationReference
        if found.medicationCodeableConcept is not None or pointer is None:
            return found.medicationCodeableConcept
        known = self.addresses.medicine(pointer.reference, resource)
        return known or (Concept(text=pointer.display) if pointer.display else None)

    def _of_person(self, key: str, value: object, found: Observation, place: str) -> None:
        """Keep the latest of several; the others are listed as passed over."""
        observed = observed_at(found) or ""
        earlier, earlier_place = self.observed.get(key, ("", ""))
        if earlier_place and observed < earlier:
            raise UnreadError(f"{earlier_place} gives a later {printable(key)}")
        if earlier_place:
            self.skipped.append(Skipped(earlier_place, f"{place} gives a later {printable(key)}"))
        self.observed[key] = (observed, place)
        self.person[key] = value
        self.places[key] = place

    def _add_dose(self, place: str, lines: dict[str, Any]) -> None:
        """Two records of one injection are one dose; two amounts on one day contradict each other."""
        if "date" in lines:
            key, amount = (find_drug(lines["drug"]).generic, lines["date"]), lines["amount"]
            if key in self.given:
                before, where = self.given[key]
                if before == amount:
                    raise UnreadError(f"it is the same dose as {where}")
                raise UnreadError(f"{UNUSABLE}{where} gives {before} on that day, and this {amount}", True)
            self.given[key] = (amount, place)
        self._add(self.doses, place, lines)

    def _add(self, entries: list[tuple[str, object]], place: str, lines: dict[str, Any]) -> None:
        """Exports repeat themselves: the same lines again are passed over, not counted twice."""
        said = tuple(sorted(lines.items()))
        if said in self.said:
            raise UnreadError(f"it says the same as {self.said[said]}")
        self.said[said] = place
        entries.append((place, lines))


def _day_of(bundle: Bundle, today: dt.date) -> tuple[str, str]:
    """The day of the record, and in words where it is from if not the timestamp."""
    if bundle.timestamp:
        return str(_day(bundle.timestamp)), ""
    if bundle.meta and bundle.meta.lastUpdated:
        day = str(_day(bundle.meta.lastUpdated))
        return day, f"{day}, when it was last updated"
    days = [
        day
        for entry in bundle.entry
        for moment in _moments(entry.resource)
        if (day := str(moment)[:10]) <= today.isoformat() and len(day) == 10
    ]
    if days:
        return max(days), f"{max(days)}, the latest day in it"
    return today.isoformat(), f"today, {today}"


def _moments(resource: dict[str, Any]) -> list[object]:
    period = resource.get("effectivePeriod")
    spans = [period.get("start"), period.get("end")] if isinstance(period, dict) else []
    dates = [resource.get(key) for key in _DATES]
    return [moment for moment in (*dates, *spans) if isinstance(moment, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _day(moment: str | None) -> str | None:
    return moment.partition("T")[0] if moment else None


def _resource(layout: type[Resource], content: dict[str, Any], place: str) -> Resource:
    """The fields that are read; a field of the wrong type is one fault of this resource."""
    try:
        return layout.model_validate(content)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_url=False)[0]["loc"])
        cause = f"{printable(where, 60)} is not as FHIR R4 lays it down"
        raise InputError(place, cause, "correct the resource") from None
