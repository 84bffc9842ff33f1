"""Who and what a reference of a Bundle means: contained, relative, versioned, absolute, or by urn:uuid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from bonecast.interop.fhir_resources import Coding, Concept, FhirRatio, Quantity

# What the subject of a resource is: the person, somebody or something else, unclear, or not said.
Whose = Literal["hers", "another", "unclear", "unsaid"]
_SAME_PERSON = ("replaced-by", "replaces", "refer", "seealso")


@dataclass(frozen=True)
class Placed:
    """One resource with its place in the file and its full address, where it has one."""

    place: str
    url: str | None
    resource: dict[str, Any]

    @property
    def kind(self) -> object:
        """The type of the resource, as written."""
        return self.resource.get("resourceType")

    @property
    def addresses(self) -> list[str]:
        """Under which others may refer to it."""
        id_ = self.resource.get("id")
        own = [f"{self.kind}/{id_}"] if isinstance(id_, str) and id_ else []
        return [*own, *([plain(self.url)] if self.url else [])]


class Addresses:
    """The medicines of a Bundle and its person, by each address under which others refer to them.

    `person` is the Patient that the Bundle is about; None where it has none, or several who are not one person:
    `strangers` are then the others. `linked` are other records of the same person.
    """

    def __init__(self, entries: Iterable[Placed]) -> None:
        self._medicines: dict[str, Concept] = {}
        self._by_tail: dict[str, list[Concept]] = {}
        patients: list[Placed] = []
        named: set[str] = set()
        for entry in entries:
            if entry.kind == "Medication":
                self._add_medicine(entry)
            elif entry.kind == "Patient":
                patients.append(entry)
            elif (whose := subject_of(entry.resource)) is not None:
                named.add(plain(whose))
        self.person, self.linked, self.strangers = _one_person(patients)
        hers = [*([self.person] if self.person else []), *self.linked]
        self._person = {address for one in hers for address in one.addresses}
        self._identifiers = {pair for one in hers for pair in _identifiers(one.resource)}
        if not self._person and len(named) == 1:
            self._person = named  # a Patient without an address, and one person in all that refers to one
        self._absolute = any("://" in known for known in self._person)
        self._tails = set(map(_tail, self._person))

    def _add_medicine(self, entry: Placed) -> None:
        concept = medicine_concept(entry.resource)
        if concept is None:
            return
        for address in entry.addresses:
            self._medicines[address] = concept
        for tail in set(map(_tail, entry.addresses)):
            self._by_tail.setdefault(tail, []).append(concept)

    def medicine(self, reference: str | None, resource: dict[str, Any]) -> Concept | None:
        """The medicine that a resource refers to, one step and no further; None where it was not sent.

        An address that two different medicines bear means neither.
        """
        if not reference:
            return None
        if reference.startswith("#"):
            inside = resource.get("contained")
            return next(
                (
                    medicine_concept(one)
                    for one in (inside if isinstance(inside, list) else [])
                    if isinstance(one, dict) and f"#{one.get('id')}" == reference
                ),
                None,
            )
        address = plain(reference)
        same = self._by_tail.get(_tail(address), [])
        if "://" not in address and len({one.model_dump_json() for one in same}) > 1:
            return None
        return self._medicines.get(address) or (same[0] if same else None)

    def is_person(self, reference: str) -> bool:
        """Does this reference mean the person of the Bundle?"""
        address = plain(reference)
        if address in self._person:
            return True
        return not ("://" in address and self._absolute) and _tail(address) in self._tails

    def whose(self, resource: dict[str, Any]) -> Whose:
        """Whom is the resource about? A name beside a reference never decides."""
        if resource.get("focus"):
            return "another"
        pointer = next((resource[key] for key in ("subject", "patient") if resource.get(key)), None)
        if pointer is None:
            return "unsaid"
        if not isinstance(pointer, dict):
            return "unclear"
        reference, identifier = pointer.get("reference"), pointer.get("identifier")
        if isinstance(reference, str) and reference.startswith("#"):
            inside = resource.get("contained")
            same = [
                one
                for one in (inside if isinstance(inside, list) else [])
                if isinstance(one, dict) and f"#{one.get('id')}" == reference
            ]
            known = {pair for one in same for pair in _identifiers(one)}
            return self._by_identifiers(known)
        if isinstance(reference, str) and reference:
            return "hers" if self.is_person(reference) else "another"
        if isinstance(identifier, dict):
            return self._by_identifiers(set(_identifiers({"identifier": [identifier]})))
        return "unclear"

    def _by_identifiers(self, known: set[tuple[str, str]]) -> Whose:
        if known & self._identifiers:
            return "hers"
        systems = {system for system, _ in self._identifiers}
        return "another" if any(system and system in systems for system, _ in known) else "unclear"


def subject_of(resource: dict[str, Any]) -> str | None:
    """The reference to the person whom the resource is about, where it has one."""
    for key in ("subject", "patient"):
        pointer = resource.get(key)
        if isinstance(pointer, dict) and isinstance(pointer.get("reference"), str):
            return pointer["reference"]
    return None


def person_in(reference: str) -> str | None:
    """The id of the Patient that a relative or absolute reference names; None where it names none."""
    kind, _, id_ = _tail(plain(reference)).partition("/")
    return id_ if kind == "Patient" and id_ else None


def plain(reference: str) -> str:
    """The reference without the version.

    >>> plain("Medication/m1/_history/2")
    'Medication/m1'
    """
    return reference.partition("/_history/")[0]


def medicine_concept(resource: dict[str, Any]) -> Concept | None:
    """What a Medication is: its code, and the strength of its ingredients as a label would write it."""
    if resource.get("resourceType") != "Medication":
        return None
    try:
        code = Concept.model_validate(resource.get("code") or {})
    except ValidationError:
        return None  # the entry that refers to it says that the medicine is not known
    ingredients = resource.get("ingredient")
    for one in ingredients if isinstance(ingredients, list) else []:
        try:
            item = Concept.model_validate(one.get("itemCodeableConcept") or {})
            strength = FhirRatio.model_validate(one.get("strength") or {}).text()
        except (ValidationError, AttributeError):
            continue
        code.coding += item.coding
        words = item.words()[:1] if not code.words() or item.words() else []
        if words or strength:
            code.coding.append(Coding(display=" ".join(filter(None, (*words, strength)))))
    content = _content(resource)
    if content:
        code.coding.append(Coding(display=content))
    return code if code.names() else None


def _content(resource: dict[str, Any]) -> str | None:
    """The volume of one piece, as RxNorm writes it: "1.7 ML"."""
    try:
        amount = FhirRatio.model_validate(resource.get("amount") or {})
    except ValidationError:
        return None
    of, per = amount.numerator, amount.denominator
    if of is None or not isinstance(of, Quantity) or of.value is None or (per and per.value not in (None, 1)):
        return None
    return f"{of.value:g} ML" if (of.measured_in() or "").casefold() == "ml" else None


def _one_person(patients: list[Placed]) -> tuple[Placed | None, list[Placed], list[Placed]]:
    """The Patient whom a Bundle is about, other records of the same person, and those who are somebody else."""
    if len(patients) < 2:
        return (patients[0] if patients else None), [], []
    reached, others = [patients[0]], patients[1:]
    while more := [one for one in others if any(_are_linked(one, known) for known in reached)]:
        reached += more
        others = [one for one in others if one not in more]
    main = next((one for one in reached if "replaced-by" not in _link_types(one.resource)), reached[0])
    return main, [one for one in reached if one is not main], others


def _are_linked(one: Placed, other: Placed) -> bool:
    """Does either say that the other is a record of the same person, and agree in birth date and sex?"""
    for key in ("birthDate", "gender"):
        values = {str(each.resource[key]) for each in (one, other) if each.resource.get(key)}
        if len(values) > 1:
            return False
    for each, target in ((one, other), (other, one)):
        for reference in _linked_to(each.resource):
            address = plain(reference)
            if address in target.addresses or _tail(address) in map(_tail, target.addresses):
                return True
    return False


def _links(resource: dict[str, Any]) -> list[dict[str, Any]]:
    links = resource.get("link")
    return [one for one in links if isinstance(one, dict)] if isinstance(links, list) else []


def _link_types(resource: dict[str, Any]) -> set[object]:
    return {one["type"] for one in _links(resource) if isinstance(one.get("type"), str)}


def _linked_to(resource: dict[str, Any]) -> list[str]:
    pointers = [one.get("other") for one in _links(resource) if one.get("type") in _SAME_PERSON]
    return [
        one["reference"]
        for one in pointers
        if isinstance(one, dict) and isinstance(one.get("reference"), str)
    ]


def replaced_by(resource: dict[str, Any]) -> str | None:
    """The record that stands in place of this Patient, where it says so."""
    for link in _links(resource):
        other = link.get("other")
        if link.get("type") == "replaced-by" and isinstance(other, dict):
            return str(other.get("reference") or other.get("display") or "another record")
    return None


def _identifiers(resource: dict[str, Any]) -> list[tuple[str, str]]:
    found = resource.get("identifier")
    return [
        (str(one.get("system") or ""), one["value"])
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and isinstance(one.get("value"), str) and one["value"]
    ]


def _tail(reference: str) -> str:
    """The type and id at the end of an address, such as "Medication/m1"."""
    return "/".join(reference.split("/")[-2:])
