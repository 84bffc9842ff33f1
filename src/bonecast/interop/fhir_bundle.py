"""A FHIR R4 Bundle in the lines of a record; what is not read is listed with its reason."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bonecast.core import Faults
from bonecast.errors import InputError, printable
from bonecast.interop.fhir_codes import (
    Said,
    allergy_fact,
    condition_fact,
    medicine_fact,
    procedure_fact,
    request_fact,
)
from bonecast.interop.fhir_medication import administered_lines, stated_lines
from bonecast.interop.fhir_observation import (
    COUNTED,
    UnreadError,
    fact_value,
    measurement_lines,
    named,
    quantity_text,
)
from bonecast.interop.fhir_resources import (
    Allergy,
    Bundle,
    Concept,
    Condition,
    MedicationAdministration,
    MedicationRequest,
    MedicationStatement,
    Observation,
    PatientResource,
    Procedure,
    ServiceRequest,
)
from bonecast.records import RawRecord, Skipped

Resource = TypeVar("Resource", bound=BaseModel)

MOST_RESOURCES = 15_000  # entries of one Bundle, read or not
# Stands under [person] rather than among the measurements.
OF_THE_PERSON = {"height": "height", "weight": "weight", "menopause age": "menopause_age"}


def raw_from_bundle(file: str, content: object, faults: Faults) -> RawRecord:
    """Which person, doses and measurements does the Bundle hold, and what in it is passed over?

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
    reading = _Reading(file, _day(bundle.timestamp), _medications(bundle))
    for number, entry in enumerate(bundle.entry, start=1):
        if faults.full:
            break
        kind = entry.resource.get("resourceType")
        with faults.noting():
            reading.take(f"entry {number} ({printable(kind)})", kind, entry.resource)
    if not reading.found_patient:
        faults.note(InputError(file, "the Bundle has no Patient", "add the Patient resource"))
    return reading.raw()


class _Reading:
    """The lines found so far, resource by resource."""

    def __init__(self, file: str, day: str | None, medications: dict[str, Concept]) -> None:
        self.file = file
        self.medications = medications
        self.person: dict[str, Any] = {} if day is None else {"record_date": day}
        self.person_place = "Bundle"
        self.found_patient = False
        self.doses: list[tuple[str, object]] = []
        self.measurements: list[tuple[str, object]] = []
        self.skipped: list[Skipped] = []
        # When each line of the person was observed, and where: the latest stands.
        self.observed: dict[str, tuple[str, str]] = {}
        # What has been said so far, and where first.
        self.said: dict[tuple[tuple[str, Any], ...], str] = {}

    def take(self, place: str, kind: object, resource: dict[str, Any]) -> None:
        """Read one resource, or list it as passed over."""
        at = f"{self.file}, {place}"
        try:
            match kind:
                case "Patient":
                    self._patient(_resource(PatientResource, resource, at), place)
                case "Observation":
                    self._observation(_resource(Observation, resource, at), place)
                case "MedicationAdministration":
                    given = _resource(MedicationAdministration, resource, at)
                    given.medicationCodeableConcept = self._medicine(given, resource)
                    self._add(self.doses, place, administered_lines(given))
                case "MedicationStatement":
                    stated = _resource(MedicationStatement, resource, at)
                    stated.medicationCodeableConcept = self._medicine(stated, resource)
                    if not self._taken(stated, place):
                        self._add(self.doses, place, stated_lines(stated))
                case "MedicationRequest":
                    ordered = _resource(MedicationRequest, resource, at)
                    ordered.medicationCodeableConcept = self._medicine(ordered, resource)
                    if not self._taken(ordered, place):
                        raise UnreadError("an order is not a dose that was given: it is not read")
                case "Medication":
                    raise UnreadError("a medicine by itself is read only where something refers to it")
                case "Condition":
                    self._fact(condition_fact(_resource(Condition, resource, at)), place)
                case "AllergyIntolerance":
                    self._fact(allergy_fact(_resource(Allergy, resource, at)), place)
                case "Procedure":
                    self._fact(procedure_fact(_resource(Procedure, resource, at)), place)
                case "ServiceRequest":
                    self._fact(request_fact(_resource(ServiceRequest, resource, at)), place)
                case _:
                    raise UnreadError("resources of this kind are not read")
        except UnreadError as reason:
            self.skipped.append(Skipped(place, str(reason)))

    def raw(self) -> RawRecord:
        """All of it, in the layout of a record."""
        return RawRecord(
            self.file, self.person, self.doses, self.measurements, self.person_place, tuple(self.skipped)
        )

    def _patient(self, found: PatientResource, place: str) -> None:
        if self.found_patient:
            raise InputError(f"{self.file}, {place}", "this is a second Patient", "give each person a Bundle")
        self.found_patient, self.person_place = True, place
        lines = {
            "id": found.id,
            "sex": found.gender,
            "birth_date": found.birthDate,
            "death_date": _day(found.deceasedDateTime),
            "name": found.name[0].shown() if found.name else None,
        }
        self.person |= {key: value for key, value in lines.items() if value is not None}
        if found.deceasedBoolean:
            self.skipped.append(Skipped(place, "it says that the person has died, but not when"))

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
            self._add(self.measurements, place, measurement_lines(name, found))

    def _fact(self, said: Said, place: str) -> None:
        """Keep a fact that a code says, unless the record says it outright or said it before."""
        key, value = said
        if key in self.person and self.person[key] != value:
            raise UnreadError(f"the record says {printable(key)} = {printable(self.person[key])} elsewhere")
        self.person[key] = value

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
        contained = resource.get("contained")
        inside = _coded(contained if isinstance(contained, list) else [], "#")
        known = (inside | self.medications).get(pointer.reference or "")
        return known or (Concept(text=pointer.display) if pointer.display else None)

    def _of_person(self, key: str, value: object, found: Observation, place: str) -> None:
        """Keep the latest of several; the others are listed as passed over."""
        observed = found.effectiveDateTime or ""
        earlier, earlier_place = self.observed.get(key, ("", ""))
        if earlier_place and observed < earlier:
            raise UnreadError(f"{earlier_place} gives a later {printable(key)}")
        if earlier_place:
            self.skipped.append(Skipped(earlier_place, f"{place} gives a later {printable(key)}"))
        self.observed[key] = (observed, place)
        self.person[key] = value

    def _add(self, entries: list[tuple[str, object]], place: str, lines: dict[str, Any]) -> None:
        """Exports repeat themselves: the same lines again are passed over, not counted twice."""
        said = tuple(sorted(lines.items()))
        if said in self.said:
            raise UnreadError(f"it says the same as {self.said[said]}")
        self.said[said] = place
        entries.append((place, lines))


def _medications(bundle: Bundle) -> dict[str, Concept]:
    """The medicines of the Bundle by each address under which others refer to them."""
    resources = [entry.resource for entry in bundle.entry]
    by_url = {
        entry.fullUrl: code
        for entry in bundle.entry
        if entry.fullUrl
        for code in _coded([entry.resource], "").values()
    }
    return by_url | _coded(resources, "Medication/")


def _coded(resources: list[Any], prefix: str) -> dict[str, Concept]:
    found: dict[str, Concept] = {}
    for resource in resources:
        if isinstance(resource, dict) and resource.get("resourceType") == "Medication":
            try:
                found[f"{prefix}{resource.get('id')}"] = Concept.model_validate(resource.get("code"))
            except ValidationError:
                continue  # who refers to it is told that the medicine is not known
    return found


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
