"""A CDS Hooks call before it is answered: its required fields, whose its resources are, what of the prefetch came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from bonecast.errors import InputError, printable
from bonecast.interop.cds_orders import entries_in, objects_in
from bonecast.interop.fhir_observation import loinc_codes
from bonecast.interop.fhir_references import person_in, plain

PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}&_sort=-date&_count=200",
    # the newest 200 of everything may hold no weight and no bone density
    "measured": "Observation?patient={{context.patientId}}&_sort=-date&_count=200&code="
    + ",".join(f"http://loinc.org|{code}" for code in loinc_codes()),
    "administrations": "MedicationAdministration?patient={{context.patientId}}",
    "statements": "MedicationStatement?patient={{context.patientId}}",
    "requests": "MedicationRequest?patient={{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "allergies": "AllergyIntolerance?patient={{context.patientId}}",
    "procedures": "Procedure?patient={{context.patientId}}",
    "orders": "ServiceRequest?patient={{context.patientId}}",
}
INJECTIONS = ("administrations", "statements")  # one of the two is needed
_KINDS = {key: template.partition("?")[0].partition("/")[0] for key, template in PREFETCH.items()}
_DEEPEST = 5  # Bundles in one another

# Absent: not asked for, so nothing is known of it. None: asked for, and there is nothing.
PartState = Literal["sent", "none", "absent", "failed", "incomplete"]


class PrefetchMissing(InputError):
    """A call without the resources that discovery asks for; nothing is fetched in their place.

    Parameters
    ----------
    place : str
        Where.
    cause : str
        What is missing.
    hint : str
        What to send.
    keys : tuple of str
        The keys of the prefetch that are missing.
    """

    def __init__(self, place: str, cause: str, hint: str = "", keys: tuple[str, ...] = ()) -> None:
        super().__init__(place, cause, hint)
        self.keys = keys

    def as_dict(self) -> dict[str, Any]:
        """Place, cause and hint for JSON, with the keys under `missing`.

        >>> PrefetchMissing("prefetch", "no Patient", "send it", ("patient",)).as_dict()["missing"]
        ['patient']
        """
        return {**super().as_dict(), "missing": list(self.keys)}


@dataclass(frozen=True)
class PrefetchPart:
    """One key of the prefetch: in which state it came, and the client's reason where it could not be sent."""

    key: str
    state: PartState
    reason: str = ""


def check_call(request: Mapping[str, Any], hook: str) -> None:
    """Refuse what is no call of this hook, and a call whose resources are missing or another person's."""
    if request.get("hook") != hook:
        raise InputError(
            "hook", f"'{printable(request.get('hook'))}' is not {hook}", "call the service of this hook"
        )
    if not isinstance(request.get("hookInstance"), str) or not request["hookInstance"]:
        raise InputError("hookInstance", "the call has none", "send a UUID")
    context = request.get("context")
    context = context if isinstance(context, dict) else {}
    for field, what in (("patientId", "the id of the patient"), ("userId", "who asks, as Practitioner/ID")):
        if not isinstance(context.get(field), str) or not context[field]:
            raise InputError(f"context, {field}", "the call has none", f"send {what}")
    if hook != "patient-view" and not isinstance(context.get("draftOrders"), dict):
        raise InputError("context, draftOrders", "the call has none", "send a Bundle of the draft orders")
    if hook == "order-select" and not isinstance(context.get("selections"), list):
        hint = "send a list of the selected orders, such as MedicationRequest/ID"
        raise InputError("context, selections", "the call has none", hint)
    _check_needed(request)
    _check_whose(request, context["patientId"])


def prefetch_parts(request: Mapping[str, Any]) -> tuple[PrefetchPart, ...]:
    """In which state each key came that discovery names.

    A key that is left out counts as sent where its resources came under another name.
    """
    prefetch = request.get("prefetch")
    sent = prefetch if isinstance(prefetch, dict) else {}
    kinds = {
        str(entry["resource"].get("resourceType"))
        for key, part in sent.items()
        if key not in PREFETCH
        for entry in entries_in(part)
    }
    made = [_part(key, sent[key]) for key in PREFETCH if key in sent]
    kinds |= {_KINDS[one.key] for one in made if one.state != "failed"}
    left_out = [key for key in PREFETCH if key not in sent]
    return (*made, *(PrefetchPart(key, "sent" if _KINDS[key] in kinds else "absent") for key in left_out))


def resources_in(part: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every resource of a part of the prefetch, with those of Bundles in it and those that they contain."""
    for entry in entries_in(part):
        resource = entry["resource"]
        if resource.get("resourceType") == "Bundle" and depth < _DEEPEST:
            yield from resources_in(resource, depth + 1)
        else:
            yield resource
            yield from objects_in(resource.get("contained"))


def usable_parts(request: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The entries of each part of the prefetch but the patient's, without what its sender says of its own failure."""
    failed = {one.key for one in prefetch_parts(request) if one.state == "failed"}
    return {
        key: [one for one in entries_in(part) if one["resource"].get("resourceType") != "OperationOutcome"]
        for key, part in request["prefetch"].items()
        if key != "patient" and key not in failed
    }


def _part(key: str, value: object) -> PrefetchPart:
    if value is None:
        return PrefetchPart(key, "none")
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return PrefetchPart(key, "failed", "it is no FHIR resource")
    if value["resourceType"] == "OperationOutcome":
        return PrefetchPart(key, "failed", _said_by(value))
    if value["resourceType"] != "Bundle":
        return PrefetchPart(key, "sent")
    listed = value.get("entry", [])
    entries = objects_in(listed)
    outcomes = [
        one["resource"]
        for one in entries
        if isinstance(one.get("resource"), dict) and one["resource"].get("resourceType") == "OperationOutcome"
    ]
    if outcomes:
        return PrefetchPart(key, "incomplete", _said_by(outcomes[0]))
    if not isinstance(listed, list) or any(not isinstance(one.get("resource"), dict) for one in entries):
        return PrefetchPart(key, "incomplete", "an entry holds no resource")
    if len(entries) < len(listed):
        return PrefetchPart(key, "incomplete", "an entry is no object")
    if "_count" not in PREFETCH[key] and any(
        one.get("relation") == "next" for one in objects_in(value.get("link"))
    ):
        return PrefetchPart(key, "incomplete", "there are more pages, which were not sent")
    return PrefetchPart(key, "none" if not entries else "sent")


def _said_by(outcome: Mapping[str, Any]) -> str:
    """What an OperationOutcome says, in a line."""
    for issue in objects_in(outcome.get("issue")):
        details = issue.get("details")
        for text in (issue.get("diagnostics"), details.get("text") if isinstance(details, dict) else None):
            if isinstance(text, str) and text:
                return printable(text, 200)
    return "the sender says that it failed"


def _check_needed(request: Mapping[str, Any]) -> None:
    """Refuse a call without the patient, or without anything that says which injections were given (412)."""
    prefetch = request.get("prefetch")
    sent = prefetch if isinstance(prefetch, dict) else {}
    patient = sent.get("patient")
    missing: list[str] = []
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        missing.append("patient")
    states = {one.key: one.state for one in prefetch_parts(request)}
    if all(states[key] in ("absent", "failed") for key in INJECTIONS):
        missing += INJECTIONS
    if missing:
        place = "prefetch" if not sent or len(missing) > 1 else f"prefetch, {missing[0]}"
        cause = f"{' and '.join(missing)} did not come, and nothing is fetched in their place"
        hint = "send what discovery asks for; null says that there is none"
        raise PrefetchMissing(place, cause, hint, tuple(missing))


def _check_whose(request: Mapping[str, Any], whose: str) -> None:
    """Refuse a call with a resource of another patient or of a group."""
    patient = request["prefetch"]["patient"]
    if patient.get("id") not in (None, whose):
        cause = f"it is of '{printable(patient.get('id'))}', and the call is about '{printable(whose)}'"
        raise InputError("prefetch, patient", cause, "send one person's resources")
    server = request.get("fhirServer")
    parts = {f"prefetch, {key}": part for key, part in request["prefetch"].items() if key != "patient"}
    for place, part in (*parts.items(), ("context, draftOrders", request["context"].get("draftOrders"))):
        for resource in resources_in(part):
            other = _another(resource, whose, server if isinstance(server, str) else "")
            if other is not None:
                kind = printable(resource.get("resourceType"), 40)
                cause = f"a resource ({kind}) is of '{printable(other)}', and the call is about '{printable(whose)}'"
                raise InputError(place, cause, "send one person's resources")


def _another(resource: Mapping[str, Any], whose: str, server: str) -> str | None:
    """The other person, or the group, whom a resource is about; None where it names none."""
    if resource.get("resourceType") == "Patient":
        return None if resource.get("id") in (None, whose) else str(resource["id"])
    for key in ("subject", "patient"):
        pointer = resource.get(key)
        reference = pointer.get("reference") if isinstance(pointer, dict) else None
        if not isinstance(reference, str) or not reference or reference.startswith("#"):
            continue
        named = person_in(reference)
        if named is None:
            kind = plain(reference).split("/")[-2:][0]
            if kind == "Group" or reference.startswith("urn:"):
                return reference
        elif named != whose or not _on(reference, server):
            return reference if named == whose else named
    return None


def _on(reference: str, server: str) -> bool:
    """Can the reference mean a resource of this server? One that is relative, or without a known server, can."""
    if "://" not in reference or not server:
        return True
    base = plain(reference).rsplit("/", 2)[0]
    return _address(base) == _address(server)


def _address(url: str) -> tuple[str, str]:
    """Host and path, by which two addresses of one server are compared; http and https are one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    return parts.netloc.casefold(), parts.path.rstrip("/")
