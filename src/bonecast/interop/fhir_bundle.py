"""A FHIR R4 Bundle in the lines of a record; what is not read is listed with its reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bonecast.core import Faults
from bonecast.drugs import find_drug
from bonecast.errors import InputError, printable
from bonecast.interop.fhir_codes import (
    TRANSPLANT,
    CodedFact,
    allergy_fact,
    condition_facts,
    days_before,
    family_facts,
    medicine_fact,
    procedure_facts,
    request_facts,
    worst,
)
from bonecast.interop.fhir_input import Content, content_of
from bonecast.interop.fhir_medication import (
    WEEKS_APART,
    administered_lines,
    dispensed,
    immunised_lines,
    ordered,
    performed_lines,
    stated_lines,
)
from bonecast.interop.fhir_observation import (
    COUNTED,
    PARTIAL,
    PREGNANCY_D,
    UnreadError,
    day_notes,
    fact_value,
    has_value,
    is_by_race,
    measurement_lines,
    named,
    notes_of,
    observed_at,
    parts_of,
    quantity_text,
    t_score_of,
)
from bonecast.interop.fhir_products import is_unverified
from bonecast.interop.fhir_references import Addresses, Placed, replaced_by
from bonecast.interop.fhir_resources import (
    Allergy,
    Concept,
    Condition,
    FamilyHistory,
    Immunization,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    PatientResource,
    Procedure,
    ServiceRequest,
)
from bonecast.records import UNUSABLE, RawRecord, Skipped, quantities, read_quantity, without_unusable

Resource = TypeVar("Resource", bound=BaseModel)

WHOLE = "Bundle"  # the place of what is said of all of it
KIDNEY_D = 365  # days for which an estimate of kidney function goes before the stage of a disease
NEAR_D = 14  # days between a dose and what was handed over for it
# Stands under [person] rather than among the measurements.
OF_THE_PERSON = {"height": "height", "weight": "weight", "menopause age": "menopause_age"}
# Resources that say what was given: where they are not understood, the check says so.
_DRUGS = ("MedicationAdministration", "MedicationStatement")
_DATES = ("effectiveDateTime", "effectiveInstant", "performedDateTime", "recordedDate", "deceasedDateTime")
_SAYS_NOT = ("doNotPerform", "wasNotGiven", "wasNotTaken", "notGiven")
_DO_NOT = "http://hl7.org/fhir/StructureDefinition/request-doNotPerform"


@dataclass(frozen=True)
class BundleReading:
    """A Bundle in the layout of a record, and where everything stood.

    `places` has the place of each fact and size of the person, `also` further places that say something (place, what),
    `entries` every resource.
    """

    raw: RawRecord
    places: dict[str, str]
    also: tuple[tuple[str, str], ...] = ()
    entries: tuple[Placed, ...] = ()


def raw_from_bundle(file: str, content: object, faults: Faults, today: dt.date | None = None) -> RawRecord:
    """Which person, doses and measurements does the Bundle hold, and what in it is passed over?

    The day of the record is the Bundle's timestamp, or when it was last updated, or the latest day in it up to today.
    Raises InputError where the JSON is no FHIR R4; faults inside a resource are noted.
    """
    return read_bundle(file, content, faults, today).raw


def read_bundle(file: str, content: object, faults: Faults, today: dt.date | None = None) -> BundleReading:
    """As `raw_from_bundle`, with the places of the facts."""
    found = content_of(file, content)
    day, from_where = _day_of(found, today or dt.date.today())
    addresses = Addresses(found.entries)
    reading = _Reading(file, day, addresses)
    if from_where:
        reading.skipped.append(Skipped(WHOLE, f"it has no timestamp: the day of the record is {from_where}"))
    reading.skipped += [Skipped(*one) for one in found.passed_over]
    for entry in found.entries:
        if faults.full:
            break
        with faults.noting():
            reading.take(entry)
    if addresses.person is None:
        cause = "the Bundle has no Patient: whose results they are is not said"
        faults.note(InputError(file, cause, "add the Patient resource"))
    return BundleReading(reading.raw(), reading.places, tuple(reading.also), found.entries)


class _Reading:
    """The lines found so far, resource by resource."""

    def __init__(self, file: str, day: str, addresses: Addresses) -> None:
        self.file = file
        self.day = day
        self.addresses = addresses
        self.person: dict[str, Any] = {"record_date": day}
        # Where each fact and size of the person stood.
        self.places: dict[str, str] = {}
        # Further places that say a fact, or a score beside a scan.
        self.also: list[tuple[str, str]] = []
        # The kidney function that a stage of disease says: only where none was measured.
        self.stages: list[tuple[float, str, dict[str, Any]]] = []
        self.claims: list[tuple[CodedFact, str]] = []
        # Each dose: how far its source is trusted (0 most), its place and lines.
        self.given: list[tuple[int, str, dict[str, Any]]] = []
        # Drug, day, place and words of what was handed over or ordered.
        self.promised: list[tuple[str, str, str, str]] = []
        self.t_scores: list[tuple[str, str, str, float]] = []
        self.by_race: set[str] = set()
        self.corrected: set[str] = set()
        self.person_place = WHOLE
        self.doses: list[tuple[str, object]] = []
        self.measurements: list[tuple[str, object]] = []
        self.skipped: list[Skipped] = []
        # When each line of the person was observed, and where: the latest stands.
        self.observed: dict[str, tuple[str, str]] = {}

    def take(self, entry: Placed) -> None:
        """Read one resource, or list it as passed over."""
        at = f"{self.file}, {entry.place}"
        try:
            if entry.kind == "Patient":
                self._patient(entry, at)
                return
            self._check_meant(entry)
            try:
                self._take(entry, at)
            except InputError as fault:
                raise UnreadError(f"{UNUSABLE}{fault.cause}; {fault.hint}", entry.kind in _DRUGS) from None
        except UnreadError as reason:
            self.skipped.append(Skipped(entry.place, str(reason), reason.is_drug))

    def _take(self, entry: Placed, at: str) -> None:
        resource, place = entry.resource, entry.place
        match entry.kind:
            case "Observation":
                self._observation(_resource(Observation, resource, at), place)
            case "MedicationAdministration":
                given = _resource(MedicationAdministration, resource, at)
                given.medicationCodeableConcept = self._medicine(given, resource)
                self.given.append((0, place, administered_lines(given)))
                self._note_unverified(given.medicationCodeableConcept, place)
            case "Immunization":
                self.given.append((1, place, immunised_lines(_resource(Immunization, resource, at))))
            case "MedicationStatement":
                stated = _resource(MedicationStatement, resource, at)
                stated.medicationCodeableConcept = self._medicine(stated, resource)
                if not self._taken(stated, place):
                    self.given.append((3, place, stated_lines(stated)))
                    self._note_unverified(stated.medicationCodeableConcept, place)
            case "MedicationDispense":
                handed = _resource(MedicationDispense, resource, at)
                handed.medicationCodeableConcept = self._medicine(handed, resource)
                self.promised.append((*dispensed(handed), place, "it was handed over"))
            case "MedicationRequest":
                order = _resource(MedicationRequest, resource, at)
                order.medicationCodeableConcept = self._medicine(order, resource)
                if order.intent in ("proposal", "plan", "option") or not self._taken(order, place):
                    promised = ordered(order)
                    if promised is None or promised[0] != "denosumab":
                        raise UnreadError("an order is not a dose that was given: it is not read")
                    self.promised.append((*promised, place, "an order is not a dose that was given"))
            case "Medication":
                raise UnreadError("a medicine by itself is read only where something refers to it")
            case "Condition":
                self._claim(condition_facts(_resource(Condition, resource, at), self.day), place)
            case "AllergyIntolerance":
                self._claim([allergy_fact(_resource(Allergy, resource, at))], place)
            case "FamilyMemberHistory":
                self._claim(family_facts(_resource(FamilyHistory, resource, at)), place)
            case "Procedure":
                done = _resource(Procedure, resource, at)
                lines = performed_lines(done)
                if lines is not None:
                    self.given.append((2, place, lines))
                else:
                    self._claim(procedure_facts(done, self.day), place)
            case "ServiceRequest":
                self._claim(request_facts(_resource(ServiceRequest, resource, at), self.day), place)
            case "OperationOutcome":
                raise UnreadError(f"{UNUSABLE}the sender says that something could not be sent", True)
            case "DiagnosticReport":
                raise UnreadError("the values of a report are its results, which are read by themselves")
            case _:
                raise UnreadError("resources of this kind are not read")

    def _check_meant(self, entry: Placed) -> None:
        """Refuse what is about somebody else, was forbidden, or is changed by something that is not understood."""
        resource, is_drug = entry.resource, entry.kind in _DRUGS
        whose = self.addresses.whose(resource)
        if whose == "another":
            raise UnreadError("it is about another person or thing")
        if whose == "unclear":
            raise UnreadError(f"{UNUSABLE}whom it is about is not clear", is_drug)
        if any(resource.get(key) is True for key in _SAYS_NOT) or any(
            isinstance(one, dict) and one.get("url") == _DO_NOT and one.get("valueBoolean") is True
            for one in [*_list(resource.get("modifierExtension")), *_list(resource.get("extension"))]
        ):
            raise UnreadError("it says that this is not done")
        if resource.get("modifierExtension") or resource.get("implicitRules"):
            raise UnreadError(f"{UNUSABLE}an extension changes its meaning", is_drug)

    def raw(self) -> RawRecord:
        """All of it, in the layout of a record; what cannot be used is listed."""
        self._settle_claims()
        self._settle_doses()
        self._settle_results()
        if self.stages and not any(map(self._says_kidneys, self.measurements)):
            _, place, lines = min(self.stages, key=lambda one: one[0])
            self.measurements.append((place, lines))
        found = RawRecord(
            self.file, self.person, self.doses, self.measurements, self.person_place, tuple(self.skipped)
        )
        return without_unusable(found, self.places)

    def _says_kidneys(self, entry: tuple[str, object]) -> bool:
        lines = entry[1]
        if not isinstance(lines, dict) or lines["test"] not in ("eGFR", "creatinine clearance", "creatinine"):
            return False
        return days_before(self.day, str(lines["date"])) <= KIDNEY_D

    def _patient(self, entry: Placed, at: str) -> None:
        if entry in self.addresses.linked:
            self.skipped.append(Skipped(entry.place, "it is another record of the same person, by its link"))
            return
        if entry is not self.addresses.person:
            raise InputError(at, "this is a second Patient", "give each person a Bundle")
        found = _resource(PatientResource, entry.resource, at)
        place = self.person_place = entry.place
        known_by = next((one.value for one in found.identifier if one.value), None)
        lines = {
            "id": found.id or known_by or entry.url or "without an id",
            "sex": found.gender,
            "birth_date": self._birth(found.birthDate, place),
            "death_date": self._death(found.deceasedDateTime, place),
            "name": min(found.name, key=lambda one: one.rank).shown() if found.name else None,
        }
        self.person |= {key: value for key, value in lines.items() if value is not None}
        if found.deceasedBoolean:
            self.skipped.append(Skipped(place, "it says that the person has died, but not when"))
        if (other := replaced_by(entry.resource)) is not None:
            self.skipped.append(Skipped(place, f"{UNUSABLE}this record was replaced by {printable(other)}"))

    def _birth(self, written: str | None, place: str) -> str | None:
        """The day of birth; the middle of a year or month that is given alone, which is listed."""
        if written is None or not PARTIAL.fullmatch(written):
            return _day(written)
        day = f"{written}-07-01" if len(written) == 4 else f"{written}-15"
        self.skipped.append(Skipped(place, f"the birth date, {written}, has no day: read as {day}"))
        return day

    def _death(self, written: str | None, place: str) -> str | None:
        if written is not None and PARTIAL.fullmatch(written):
            self.skipped.append(Skipped(place, f"it says that the person died in {written}, but not when"))
            return None
        return _day(written)

    def _observation(self, found: Observation, place: str) -> None:
        """Read the value, and each test of a panel; one that is not read costs only itself."""
        parts = parts_of(found)
        if len(parts) > 1 and not has_value(found):
            parts = parts[1:]
        unread: list[tuple[str, UnreadError]] = []
        for inside, part in parts:
            try:
                self._value(part, place + inside)
            except UnreadError as reason:
                unread.append((place + inside, reason))
            except InputError as fault:
                unread.append((place + inside, UnreadError(f"{UNUSABLE}{fault.cause}; {fault.hint}")))
        self.skipped += [Skipped(at, str(reason), reason.is_drug) for at, reason in unread]

    def _value(self, found: Observation, place: str) -> None:
        kind, name = named(found.code)
        if found.status not in COUNTED:
            raise UnreadError(f"the observation has the status '{printable(found.status)}'")
        if kind in ("fact", "hcg"):
            self._stated(name, fact_value(found, kind), found, place, kind)
        elif kind == "t_score":
            self.t_scores.append((place, *t_score_of(found)))
        elif kind == "at_dialysis":
            if days_before(self.day, observed_at(found) or "") <= 30:
                self._claim([CodedFact("on_dialysis", True, (observed_at(found) or "")[:10])], place)
            raise UnreadError("it was drawn at a dialysis: no kidney function follows from it")
        elif name in OF_THE_PERSON:
            text = quantity_text(found, name)
            if name == "menopause age":
                self._of_person(
                    "menopause_age", found.valueQuantity and found.valueQuantity.value, found, place
                )
                return
            read_quantity(quantities()[name], text, place, exact=True)
            self._of_person(OF_THE_PERSON[name], text, found, place)
        else:
            lines = measurement_lines(name, found)
            self.measurements.append((place, lines))
            self.by_race |= {place} if is_by_race(found.code) else set()
            self.corrected |= {place} if found.status in ("amended", "corrected") else set()
            self.skipped += [Skipped(place, note) for note in (*notes_of(found.code), *day_notes(found))]

    def _stated(self, key: str, value: object, found: Observation, place: str, kind: str) -> None:
        """Keep what an answer says; one on pregnancy only for as long as it can hold."""
        moment = observed_at(found)
        limit = PREGNANCY_D.get(str(value), 300)
        if key == "pregnancy_status" and moment and days_before(self.day, moment) > limit:
            raise UnreadError(f"it was on {printable(moment[:10])}: that says nothing of today")
        if kind == "hcg" and not isinstance(value, str):
            raise UnreadError(f"{UNUSABLE}a number is not an answer that is read")
        self._of_person(key, value, found, place)

    def _claim(self, claims: list[CodedFact], place: str) -> None:
        for one in claims:
            if one.key == "eGFR":
                self._stage(str(one.value), place)
            else:
                self.claims.append((one, place))

    def _stage(self, value: str, place: str) -> None:
        """Keep a stage of kidney disease; an active one holds on the day of the record."""
        lines = {"test": "eGFR", "value": value, "date": self.day, "assay": "stage of kidney disease"}
        self.stages.append((float(value[1:].partition(" ")[0]) - (1 if value[0] == "<" else 0), place, lines))

    def _settle_claims(self) -> None:
        """Of several values of one fact: what is said outright, else the newer where it has a day, else the worse."""
        ended = max((one.day for one, _ in self.claims if one.key == TRANSPLANT), default=None)
        by_key: dict[str, list[tuple[CodedFact, str]]] = {}
        for one, place in self.claims:
            if one.key == TRANSPLANT:
                self.skipped.append(Skipped(place, "a kidney transplant: it ends a dialysis before it"))
            elif one.key == "on_dialysis" and ended and one.day and one.day < ended:
                self.skipped.append(
                    Skipped(place, f"a kidney transplant of {ended} came after this dialysis")
                )
            else:
                by_key.setdefault(one.key, []).append((one, place))
        for key, found in by_key.items():
            values = {one.value for one, _ in found}
            if key in self.person:
                kept = self.person[key]
            elif key in ("indication", "primary_tumour") and len(values) > 1:
                kept = None
            elif len(values) > 1 and key == "pregnancy_status" and all(one.day for one, _ in found):
                kept = max(found, key=lambda one: one[0].day)[0].value
            else:
                kept = worst(key, values)
            for one, place in found:
                if one.value == kept:
                    self.person[key] = kept
                    self.places.setdefault(key, place)
                    self.also.append((place, key))
                else:
                    why = f"the record says {printable(key)} = {printable(kept)} elsewhere"
                    self.skipped.append(
                        Skipped(place, why if kept is not None else f"several say {key}, and not the same")
                    )

    def _taken(self, found: MedicationStatement | MedicationRequest, place: str) -> bool:
        """Is this a medicine that is taken now and says a fact? Keeps the fact."""
        code = found.medicationCodeableConcept
        said = medicine_fact(code) if code and found.status == "active" else None
        if said is None:
            return False
        self._claim([said], place)
        return True

    def _note_unverified(self, code: Concept | None, place: str) -> None:
        if code is not None and is_unverified(code):
            self.skipped.append(
                Skipped(place, "its medicine is known by a code from memory only (unverified)")
            )

    def _medicine(
        self,
        found: MedicationAdministration | MedicationStatement | MedicationRequest | MedicationDispense,
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

    def _settle_doses(self) -> None:
        """Records of one injection are one dose, of the best source; two amounts on one day contradict each other."""
        kept: list[tuple[str, str, float | str, str]] = []
        seen: dict[tuple[tuple[str, Any], ...], str] = {}
        for _, place, lines in sorted(self.given, key=lambda one: one[0]):
            said = tuple(sorted(lines.items()))
            if said in seen:
                self.skipped.append(Skipped(place, f"it says the same as {seen[said]}"))
                continue
            seen[said] = place
            if "date" in lines:
                drug, day, amount = find_drug(lines["drug"]).generic, str(lines["date"]), str(lines["amount"])
                near = 1 if drug in WEEKS_APART else 0
                same = next(
                    (
                        one
                        for one in kept
                        if one[0] == drug
                        and abs(days_before(one[1], day)) <= (near if one[2] == amount else 0)
                    ),
                    None,
                )
                if same is not None and same[2] == amount:
                    self.skipped.append(Skipped(place, f"it is the same dose as {same[3]}"))
                    continue
                if same is not None:
                    why = f"{UNUSABLE}{same[3]} gives {same[2]} on that day, and this {amount}"
                    self.skipped.append(Skipped(place, why, is_drug=True))
                    continue
                kept.append((drug, day, amount, place))
            self.doses.append((place, lines))
        self.doses.sort(key=lambda one: _number_in(one[0]))
        treated = {find_drug(lines["drug"]).generic for _, _, lines in self.given}
        for drug, day, place, what in self.promised:
            near = any(one[0] == drug and abs(days_before(one[1], day)) <= NEAR_D for one in kept)
            is_open = drug == "denosumab" and not near and (what.startswith("it") or drug not in treated)
            is_open = is_open and not (day and day >= self.day)
            asked = f": was {drug} given on or after {day or 'that day'}?" if is_open else ": it is not read"
            self.skipped.append(Skipped(place, f"{what}{asked}", is_open))

    def _settle_results(self) -> None:
        """T-scores beside their scans; a corrected result in place of the first; each value once."""
        for place, site, day, score in self.t_scores:
            scans = [
                lines
                for _, lines in self.measurements
                if isinstance(lines, dict)
                and (lines["test"], lines.get("site"), lines["date"]) == ("BMD", site, day)
            ]
            if not scans:
                why = (
                    f"T-score {score:g} of the {site}: its BMD was not sent, and a record holds it beside one"
                )
                self.skipped.append(Skipped(place, f"{UNUSABLE}{why}"))
            for lines in scans:
                lines.setdefault("t_score", score)
                self.also.append((place, f"T-score {score:g} of the {site}, beside its BMD"))
        kept: list[tuple[str, object]] = []
        moments: dict[tuple[object, ...], list[tuple[str, dict[str, Any]]]] = {}
        for place, lines in self.measurements:
            if isinstance(lines, dict):
                key = (lines["test"], lines.get("site"), lines["date"])
                moments.setdefault(key, []).append((place, lines))
        for same in moments.values():
            for place, lines in same:
                reason = self._superseded(place, lines, same)
                if reason:
                    self.skipped.append(Skipped(place, reason))
                else:
                    kept.append((place, lines))
        self.measurements = sorted(kept, key=lambda one: _number_in(one[0]))

    def _superseded(self, place: str, lines: dict[str, Any], same: list[tuple[str, dict[str, Any]]]) -> str:
        """Why this result is left out beside others of its test and day; empty where it is kept."""
        for other, values in same:
            if other == place:
                continue
            at_once = lines.get("time") == values.get("time")
            if at_once and other in self.corrected and place not in self.corrected:
                return f"{other} corrects it"
            if place in self.by_race and other not in self.by_race:
                return f"{other} gives the estimate that does not ask for race"
            before = [one for one, _ in same].index(other) < [one for one, _ in same].index(place)
            near = at_once or None in (lines.get("time"), values.get("time"))
            if before and near and lines["value"] == values["value"]:
                return f"it says the same as {other}"
        return ""


def _number_in(place: str) -> tuple[int, str]:
    digits = place.partition("entry ")[2].partition(" ")[0]
    return (int(digits) if digits.isdigit() else 0), place


def _day_of(content: Content, today: dt.date) -> tuple[str, str]:
    """The day of the record, and in words where it is from if not the timestamp."""
    for moment, words in ((content.timestamp, ""), (content.updated, ", when it was last updated")):
        day = str(_day(moment)) if isinstance(moment, str) else ""
        try:
            written = dt.date.fromisoformat(day)
        except ValueError:
            continue
        if written - today == dt.timedelta(days=1):  # a day ahead by its time zone
            return today.isoformat(), f"{today}, today, for its own lies in another time zone"
        return day, f"{day}{words}" if words else ""
    days = [
        day
        for entry in content.entries
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
    """The fields that are read; one of the wrong type is one fault of this resource, or is left out if it can be."""
    try:
        return layout.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]["loc"]
        if first and first[0] in getattr(layout, "spare", ()):
            return _resource(layout, {key: of for key, of in content.items() if key != first[0]}, place)
        cause = f"{printable('.'.join(str(step) for step in first), 60)} is not as FHIR R4 lays it down"
        raise InputError(place, cause, "correct the resource") from None
