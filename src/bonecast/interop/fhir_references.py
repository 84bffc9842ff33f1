"""Who and what a reference of a Bundle means: contained, relative, versioned, absolute, or by urn:uuid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from bonecast.interop.fhir_resources import Bundle, Concept


class Addresses:
    """The medicines of a Bundle and its person, by each address under which others refer to them."""

    def __init__(self, bundle: Bundle) -> None:
        self._medicines: dict[str, Concept] = {}
        self._person: set[str] = set()
        named: set[str] = set()
        for entry in bundle.entry:
            kind, id_ = entry.resource.get("resourceType"), entry.resource.get("id")
            addresses = [f"{kind}/{id_}"] if isinstance(id_, str) else []
            addresses += [_plain(entry.fullUrl)] if entry.fullUrl else []
            if kind == "Medication":
                self._medicines |= _medicines([entry.resource], addresses)
            elif kind == "Patient":
                self._person |= set(addresses)
            elif (whose := subject_of(entry.resource)) is not None:
                named.add(_plain(whose))
        if not self._person and len(named) == 1:
            self._person = named  # a Patient without an address, and one person in all that refers to one

    def medicine(self, reference: str | None, resource: dict[str, Any]) -> Concept | None:
        """The medicine that a resource refers to, one step and no further; None where it was not sent."""
        if not reference:
            return None
        if reference.startswith("#"):
            inside = resource.get("contained")
            same = [
                one
                for one in (inside if isinstance(inside, list) else [])
                if isinstance(one, dict) and f"#{one.get('id')}" == reference
            ]
            return _medicines(same, [reference]).get(reference)
        plain = _plain(reference)
        return self._medicines.get(plain) or self._medicines.get(_tail(plain))

    def is_person(self, reference: str) -> bool:
        """Does this reference mean the person of the Bundle?"""
        plain = _plain(reference)
        if plain in self._person:
            return True
        absolute = any("://" in known for known in self._person)
        return not ("://" in plain and absolute) and _tail(plain) in map(_tail, self._person)


def about_another(resource: dict[str, Any], addresses: Addresses) -> bool:
    """Is the resource about somebody or something else than the person of the Bundle?"""
    if resource.get("focus"):
        return True
    whose = subject_of(resource)
    return whose is not None and not addresses.is_person(whose)


def subject_of(resource: dict[str, Any]) -> str | None:
    """The reference to the person whom the resource is about, where it has one."""
    for key in ("subject", "patient"):
        pointer = resource.get(key)
        if isinstance(pointer, dict) and isinstance(pointer.get("reference"), str):
            return pointer["reference"]
    return None


def person_in(reference: str) -> str | None:
    """The id of the Patient that a relative or absolute reference names; None where it names none."""
    kind, _, id_ = _tail(_plain(reference)).partition("/")
    return id_ if kind == "Patient" and id_ else None


def _plain(reference: str) -> str:
    """The reference without the version."""
    return reference.partition("/_history/")[0]


def _tail(reference: str) -> str:
    """The type and id at the end of an address, such as "Medication/m1"."""
    return "/".join(reference.split("/")[-2:])


def _medicines(resources: Iterable[dict[str, Any]], addresses: list[str]) -> dict[str, Concept]:
    for one in resources:
        if one.get("resourceType") == "Medication":
            try:
                code = Concept.model_validate(one.get("code"))
            except ValidationError:
                continue  # who refers to it is told that the medicine is not known
            return dict.fromkeys(addresses, code)
    return {}
