"""The parts of FHIR R4 that are read, and only those; everything else in a resource is passed over."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictFloat, StrictInt, StrictStr

Text = StrictStr
Number = StrictInt | StrictFloat
UCUM = "http://unitsofmeasure.org"


class Part(BaseModel):
    """A piece of a resource; fields that are not named here are no concern of ours."""

    model_config = ConfigDict(extra="ignore")


class Coding(Part):
    """One code of one code system."""

    system: Text | None = None
    code: Text | None = None
    display: Text | None = None


class Concept(Part):
    """A thing, coded, named, or both."""

    coding: list[Coding] = []
    text: Text | None = None

    def names(self) -> list[str]:
        """Every word by which the thing may be known, its text first."""
        found = [self.text, *(name for c in self.coding for name in (c.display, c.code))]
        return [name for name in found if name]


class Quantity(Part):
    """A number with its unit; `code` is the UCUM unit, `unit` what people read."""

    value: Number | None = None
    comparator: Text | None = None
    unit: Text | None = None
    system: Text | None = None
    code: Text | None = None

    def measured_in(self) -> str | None:
        """The unit: the UCUM code goes before what people read."""
        if self.code and self.system == UCUM:
            return self.code
        return self.unit or self.code

    def text(self) -> str:
        """The quantity as a record writes it, such as "<0.05 ng/mL"."""
        return f"{self.comparator or ''}{self.value} {self.measured_in() or ''}".strip()


class Period(Part):
    """From one time to another, either of which may be missing."""

    start: Text | None = None
    end: Text | None = None


class Named(Part):
    """A reference of which only the name is read."""

    display: Text | None = None


class HumanName(Part):
    """A name."""

    use: Text | None = None
    text: Text | None = None
    given: list[Text] = []
    family: Text | None = None

    @property
    def rank(self) -> int:
        """Which of several is shown: the official one first, an old one last."""
        return {"official": 0, "usual": 1, None: 2, "nickname": 3}.get(self.use, 4)

    def shown(self) -> str | None:
        """The name as written, or else its initials."""
        initials = [part[0] + "." for part in (*self.given, self.family or "") if part]
        return self.text or " ".join(initials) or None


class Range(Part):
    """A laboratory's own limits."""

    low: Quantity | None = None
    high: Quantity | None = None


class Component(Part):
    """A value beside the main value of an Observation."""

    code: Concept
    valueQuantity: Quantity | None = None
    valueBoolean: StrictBool | None = None


class Identifier(Part):
    """A number by which a hospital knows somebody."""

    value: Text | None = None


class PatientResource(Part):
    """Who the Bundle is about."""

    id: Text | None = None
    identifier: list[Identifier] = []
    name: list[HumanName] = []
    gender: Text | None = None
    birthDate: Text | None = None
    deceasedBoolean: StrictBool | None = None
    deceasedDateTime: Text | None = None


class Observation(Part):
    """One thing measured or known."""

    status: Text | None = None
    code: Concept
    effectiveDateTime: Text | None = None
    effectiveInstant: Text | None = None
    effectivePeriod: Period | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: Concept | None = None
    valueBoolean: StrictBool | None = None
    valueInteger: StrictInt | None = None
    valueString: Text | None = None
    bodySite: Concept | None = None
    method: Concept | None = None
    device: Named | None = None
    performer: list[Named] = []
    referenceRange: list[Range] = []
    component: list[Component] = []


class AdministeredDosage(Part):
    """How much was given."""

    dose: Quantity | None = None


class Reference(Part):
    """A pointer to another resource of the Bundle, or only its name."""

    reference: Text | None = None
    display: Text | None = None


class MedicationAdministration(Part):
    """A dose that was given."""

    status: Text | None = None
    medicationCodeableConcept: Concept | None = None
    medicationReference: Reference | None = None
    effectiveDateTime: Text | None = None
    effectivePeriod: Period | None = None
    dosage: AdministeredDosage | None = None


class DoseAndRate(Part):
    """How much is taken each time."""

    doseQuantity: Quantity | None = None


class Repeat(Part):
    """How often: `frequency` times every `period` `periodUnit`s."""

    frequency: Number = 1
    period: Number | None = None
    periodUnit: Text | None = None


class Timing(Part):
    """When it is taken."""

    repeat: Repeat | None = None


class Dosage(Part):
    """How a medicine is taken."""

    timing: Timing | None = None
    doseAndRate: list[DoseAndRate] = []


class MedicationStatement(Part):
    """A medicine that the person takes or took."""

    status: Text | None = None
    medicationCodeableConcept: Concept | None = None
    medicationReference: Reference | None = None
    effectiveDateTime: Text | None = None
    effectivePeriod: Period | None = None
    dosage: list[Dosage] = []


class MedicationRequest(Part):
    """A medicine that was ordered; whether it was taken, it does not say."""

    status: Text | None = None
    intent: Text | None = None
    medicationCodeableConcept: Concept | None = None
    medicationReference: Reference | None = None


class Condition(Part):
    """A disease or state."""

    recordedDate: Text | None = None
    abatementDateTime: Text | None = None
    clinicalStatus: Concept | None = None
    verificationStatus: Concept | None = None
    code: Concept | None = None


class Allergy(Part):
    """An allergy or intolerance."""

    clinicalStatus: Concept | None = None
    verificationStatus: Concept | None = None
    code: Concept | None = None


class Procedure(Part):
    """Something that was done."""

    status: Text | None = None
    performedDateTime: Text | None = None
    performedPeriod: Period | None = None
    code: Concept | None = None


class ServiceRequest(Part):
    """Something that is planned."""

    status: Text | None = None
    code: Concept | None = None


class Entry(Part):
    """One place in a Bundle."""

    fullUrl: Text | None = None
    resource: dict[str, Any] = {}


class Meta(Part):
    """What is known of a resource itself."""

    lastUpdated: Text | None = None


class Bundle(Part):
    """A FHIR R4 Bundle; its timestamp is the day of the record."""

    resourceType: Text
    timestamp: Text | None = None
    meta: Meta | None = None
    entry: list[Entry] = []
