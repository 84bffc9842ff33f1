"""The parts of FHIR R4 that are read, and only those; everything else in a resource is passed over."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

Text = StrictStr
Number = StrictInt | StrictFloat
UCUM = "http://unitsofmeasure.org"
# Units under other systems; SNOMED CT, from memory.
_OTHER_UNITS = {"258684004": "mg", "258685003": "ug"}


class Part(BaseModel):
    """A piece of a resource; fields that are not named here are no concern of ours, and null is no field."""

    model_config = ConfigDict(extra="ignore")
    # What a resource can be read without: where one of these is malformed, only it is left out.
    spare: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        for value in data.values():
            if value is None or (isinstance(value, list) and None in value):
                break
        else:
            return data
        return {
            key: [one for one in value if one is not None] if isinstance(value, list) else value
            for key, value in data.items()
            if value is not None
        }


class Coding(Part):
    """One code of one code system."""

    system: Text | None = None
    code: Text | None = None
    display: Text | None = None


class Concept(Part):
    """A thing, coded, named, or both."""

    coding: list[Coding] = Field(default_factory=list)
    text: Text | None = None

    def names(self) -> list[str]:
        """Every word by which the thing may be known, its text first."""
        found = [self.text, *(name for c in self.coding for name in (c.display, c.code))]
        return [name for name in found if name]

    def words(self) -> list[str]:
        """Its text and displays, without the codes."""
        return [name for name in (self.text, *(c.display for c in self.coding)) if name]

    def codes(self) -> set[str]:
        """Its codes, whatever their systems."""
        return {coding.code for coding in self.coding if coding.code}


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
        return self.unit or _OTHER_UNITS.get(self.code or "", self.code)

    def text(self) -> str:
        """The quantity as a record writes it, such as "<0.05 ng/mL"."""
        return f"{self.comparator or ''}{self.value} {self.measured_in() or ''}".strip()


class FhirRatio(Part):
    """One quantity in another, such as 60 mg in 1 mL."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None

    def text(self) -> str | None:
        """The ratio as a label writes it, such as "60 mg/1 mL"; None where a half is missing."""
        if self.numerator is None or self.numerator.value is None:
            return None
        below = self.denominator
        under = f"{below.value:g} {below.measured_in() or ''}" if below and below.value else "1"
        return f"{self.numerator.value:g} {self.numerator.measured_in() or ''}/{under}".strip()


class Period(Part):
    """From one time to another, either of which may be missing."""

    start: Text | None = None
    end: Text | None = None


class Named(Part):
    """A reference of which only the name is read."""

    display: Text | None = None


class Reference(Part):
    """A pointer to another resource of the Bundle, or only its name."""

    reference: Text | None = None
    display: Text | None = None


class HumanName(Part):
    """A name."""

    use: Text | None = None
    text: Text | None = None
    given: list[Text] = Field(default_factory=list)
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
    """A value beside the main value of an Observation, or one test of a panel."""

    code: Concept
    valueQuantity: Quantity | None = None
    valueCodeableConcept: Concept | None = None
    valueBoolean: StrictBool | None = None
    valueInteger: StrictInt | None = None
    valueString: Text | None = None
    dataAbsentReason: Concept | None = None
    referenceRange: list[Range] = Field(default_factory=list)


class Identifier(Part):
    """A number by which a hospital knows somebody."""

    system: Text | None = None
    value: Text | None = None


class PatientResource(Part):
    """Who the Bundle is about."""

    spare: ClassVar[tuple[str, ...]] = ("name", "identifier", "deceasedBoolean", "deceasedDateTime")
    id: Text | None = None
    identifier: list[Identifier] = Field(default_factory=list)
    name: list[HumanName] = Field(default_factory=list)
    gender: Text | None = None
    birthDate: Text | None = None
    deceasedBoolean: StrictBool | None = None
    deceasedDateTime: Text | None = None


class Observation(Part):
    """One thing measured or known."""

    spare: ClassVar[tuple[str, ...]] = ("method", "device", "performer", "referenceRange", "issued")
    id: Text | None = None
    status: Text | None = None
    code: Concept
    effectiveDateTime: Text | None = None
    effectiveInstant: Text | None = None
    effectivePeriod: Period | None = None
    issued: Text | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: Concept | None = None
    valueBoolean: StrictBool | None = None
    valueInteger: StrictInt | None = None
    valueString: Text | None = None
    dataAbsentReason: Concept | None = None
    bodySite: Concept | None = None
    method: Concept | None = None
    device: Named | None = None
    performer: list[Named] = Field(default_factory=list)
    referenceRange: list[Range] = Field(default_factory=list)
    component: list[Component] = Field(default_factory=list)


class AdministeredDosage(Part):
    """How much was given."""

    text: Text | None = None
    dose: Quantity | None = None


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
    periodMax: Number | None = None
    periodUnit: Text | None = None
    count: Number | None = None


class Timing(Part):
    """When it is taken."""

    repeat: Repeat | None = None
    code: Concept | None = None


class Dosage(Part):
    """How a medicine is taken."""

    text: Text | None = None
    timing: Timing | None = None
    doseAndRate: list[DoseAndRate] = Field(default_factory=list)


class MedicationStatement(Part):
    """A medicine that the person takes or took."""

    status: Text | None = None
    medicationCodeableConcept: Concept | None = None
    medicationReference: Reference | None = None
    effectiveDateTime: Text | None = None
    effectivePeriod: Period | None = None
    dosage: list[Dosage] = Field(default_factory=list)


class DispenseRequest(Part):
    """Until when an order may be handed over."""

    validityPeriod: Period | None = None


class MedicationRequest(Part):
    """A medicine that was ordered; whether it was taken, it does not say."""

    spare: ClassVar[tuple[str, ...]] = ("dispenseRequest", "authoredOn")
    status: Text | None = None
    intent: Text | None = None
    authoredOn: Text | None = None
    medicationCodeableConcept: Concept | None = None
    medicationReference: Reference | None = None
    dispenseRequest: DispenseRequest | None = None


class MedicationDispense(Part):
    """A medicine that was handed over; whether it was given, it does not say."""

    status: Text | None = None
    medicationCodeableConcept: Concept | None = None
    medicationReference: Reference | None = None
    whenHandedOver: Text | None = None
    whenPrepared: Text | None = None


class Immunization(Part):
    """A vaccine that was given; a medicine that somebody recorded as one."""

    status: Text | None = None
    vaccineCode: Concept | None = None
    occurrenceDateTime: Text | None = None
    doseQuantity: Quantity | None = None


class Condition(Part):
    """A disease or state."""

    recordedDate: Text | None = None
    onsetDateTime: Text | None = None
    onsetPeriod: Period | None = None
    abatementDateTime: Text | None = None
    abatementPeriod: Period | None = None
    abatementString: Text | None = None
    clinicalStatus: Concept | None = None
    verificationStatus: Concept | None = None
    code: Concept | None = None

    @property
    def since(self) -> str | None:
        """When it began, or else when it was recorded."""
        return (
            self.onsetDateTime or (self.onsetPeriod.start if self.onsetPeriod else None) or self.recordedDate
        )

    @property
    def ended(self) -> bool:
        """Does it say that it is over?"""
        return bool(
            self.abatementDateTime
            or self.abatementString
            or (self.abatementPeriod and self.abatementPeriod.end)
        )


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

    @property
    def when(self) -> str | None:
        """When it was done, or ended."""
        period = self.performedPeriod
        return self.performedDateTime or (period.end or period.start if period else None)


class ServiceRequest(Part):
    """Something that is planned."""

    status: Text | None = None
    intent: Text | None = None
    occurrenceDateTime: Text | None = None
    occurrencePeriod: Period | None = None
    code: Concept | None = None


class FamilyCondition(Part):
    """What a relative has or had."""

    code: Concept


class FamilyHistory(Part):
    """What is known of a relative."""

    status: Text | None = None
    relationship: Concept | None = None
    condition: list[FamilyCondition] = Field(default_factory=list)
