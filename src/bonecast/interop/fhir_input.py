"""From the content of a FHIR file to its resources: Bundles in Bundles, single resources, NDJSON; R4 only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from bonecast.errors import InputError, printable
from bonecast.interop.fhir_references import Placed, plain, subject_of

MOST_RESOURCES = 15_000  # resources of one file, read or not
_DEEPEST = 4  # Bundles within Bundles
# Resource types and elements that R4 does not have, and the versions that do.
_OLD_TYPES = (
    "ProcedureRequest",
    "ReferralRequest",
    "DeviceComponent",
    "DataElement",
    "ExpansionProfile",
    "BodySite",
    "EligibilityRequest",
)
_OLDEST_TYPES = ("MedicationOrder", "DiagnosticOrder", "ProcessRequest", "Order")
# What these statuses say in STU3, as a text; any other text is only an odd cell.
_TEXT_STATUS = (
    "active",
    "recurrence",
    "relapse",
    "inactive",
    "remission",
    "resolved",
    "provisional",
    "differential",
    "confirmed",
    "unconfirmed",
    "refuted",
    "entered-in-error",
    "unknown",
)
_WITHDRAWN = ("entered-in-error", "cancelled", "not-done", "revoked")


@dataclass(frozen=True)
class Content:
    """What a file holds: its resources, its own day, and what of it was passed over with the reason."""

    entries: tuple[Placed, ...]
    timestamp: object
    updated: object
    passed_over: tuple[tuple[str, str], ...] = ()


def content_of(file: str, content: object) -> Content:
    """The resources of a parsed file. Raises InputError where it is not FHIR R4."""
    kind = content.get("resourceType") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(kind, str):
        cause = "the JSON is not a FHIR Bundle"
        raise InputError(file, cause, 'give a Bundle, "resourceType": "Bundle", or one resource')
    bundle = content if kind in ("Bundle", "Parameters") else {"entry": [{"resource": content}]}
    if kind == "Bundle" and not isinstance(bundle.get("entry"), list | None):
        raise InputError(file, "entry is not as FHIR R4 lays it down", "give a list of entries")
    passed_over: list[tuple[str, str]] = []
    entries: list[Placed] = []
    for entry in _entries(bundle, "", passed_over):
        entries.append(entry)
        if len(entries) > MOST_RESOURCES:
            cause = f"there are more than {MOST_RESOURCES} entries"
            raise InputError(file, cause, f"keep at most {MOST_RESOURCES} in a Bundle")
    _check_version(file, entries)
    meta = bundle.get("meta")
    kept = _newest(entries, passed_over)
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return Content(tuple(kept), bundle.get("timestamp"), updated, tuple(passed_over))


def _entries(bundle: dict[str, Any], before: str, passed_over: list[tuple[str, str]]) -> Iterator[Placed]:
    """The resources of a Bundle or Parameters, those of Bundles in it, and results held inside a report."""
    listed = bundle.get("parameter" if bundle.get("resourceType") == "Parameters" else "entry")
    for number, entry in enumerate(listed if isinstance(listed, list) else [], start=1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            why = "there is no resource in it" if isinstance(entry, dict) else "it is no entry"
            passed_over.append((f"{before}entry {number}", why))
            continue
        place = f"{before}entry {number} ({printable(resource.get('resourceType'))})"
        if resource.get("resourceType") in ("Bundle", "Parameters"):
            if place.count("entry ") >= _DEEPEST:
                passed_over.append((place, "Bundles are too deep in one another"))
            else:
                yield from _entries(resource, f"{place}, ", passed_over)
            continue
        url = entry.get("fullUrl")
        yield Placed(place, url if isinstance(url, str) else None, resource)
        if resource.get("resourceType") in ("DiagnosticReport", "Observation"):
            yield from _contained(place, resource)


def _contained(place: str, outer: dict[str, Any]) -> Iterator[Placed]:
    """The results inside a report; whom and when they are about, the report says where they do not."""
    inside = outer.get("contained")
    for one in inside if isinstance(inside, list) else []:
        if not isinstance(one, dict) or one.get("resourceType") != "Observation":
            continue
        shared = {key: outer[key] for key in ("subject", "focus", "modifierExtension") if key in outer}
        if not any(key.startswith("effective") for key in one):
            shared |= {key: outer[key] for key in outer if key.startswith("effective")}
        if outer.get("status") in _WITHDRAWN:
            shared["status"] = outer["status"]
            one = {key: value for key, value in one.items() if key != "status"}
        result = shared | one | ({"subject": outer["subject"]} if "subject" in outer else {})
        result.pop("id", None)
        yield Placed(f"{place}, contained {printable(one.get('id'))}", None, result)


def _check_version(file: str, entries: list[Placed]) -> None:
    """Refuse FHIR of other versions by name: the same words mean other things in them."""
    for entry in entries:
        version, sign = _other_version(entry.resource)
        if version:
            cause = f"{entry.place} is FHIR {version}: {sign}"
            raise InputError(file, cause, "export it as FHIR R4 (4.0.1)")


def _other_version(resource: dict[str, Any]) -> tuple[str, str]:
    kind, meta = resource.get("resourceType"), resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles if isinstance(profiles, list) else []:
        for mark, version in (("/STU3/", "STU3"), ("/DSTU2/", "DSTU2"), ("/R5/", "R5")):
            if isinstance(profile, str) and mark in profile:
                return version, f"its profile is {printable(profile)}"
    if kind in _OLD_TYPES or kind in _OLDEST_TYPES:
        return "DSTU2" if kind in _OLDEST_TYPES else "STU3", f"R4 has no {kind}"
    for key in ("clinicalStatus", "verificationStatus"):
        if kind in ("Condition", "AllergyIntolerance") and resource.get(key) in _TEXT_STATUS:
            return "STU3", f"{key} is a text"
    if kind == "MedicationStatement" and "taken" in resource:
        return "STU3", "a MedicationStatement has taken"
    if kind == "MedicationAdministration" and "notGiven" in resource and "context" in resource:
        return "STU3", "a MedicationAdministration has notGiven"
    if kind == "Condition" and "assertedDate" in resource:
        return "STU3", "a Condition has assertedDate"
    if str(kind).startswith("Medication") and isinstance(resource.get("medication"), dict):
        return "R5", f"{kind} has medication in place of medicationCodeableConcept"
    return "", ""


def _newest(entries: list[Placed], passed_over: list[tuple[str, str]]) -> list[Placed]:
    """Of several versions of one resource the newest; a withdrawn one takes those of unknown age with it."""
    versions: dict[tuple[str, ...], list[Placed]] = {}
    for entry in entries:
        id_ = entry.resource.get("id")
        if isinstance(id_, str) and id_:
            versions.setdefault(_identity(entry, id_), []).append(entry)
    older: dict[int, Placed] = {}
    for same in versions.values():
        if len(same) > 1 and any(one.resource != same[0].resource for one in same):
            newest = max(same, key=_age)
            older |= {id(one): newest for one in same if _age(one) < _age(newest)}
    passed_over += [
        (one.place, f"{older[id(one)].place} is a newer version of it") for one in entries if id(one) in older
    ]
    return [one for one in entries if id(one) not in older]


def _identity(entry: Placed, id_: str) -> tuple[str, ...]:
    url = plain(entry.url) if entry.url else ""
    base = url[: -len(id_)] if url.endswith(f"/{id_}") else ""
    return str(entry.kind), id_, base


def _age(entry: Placed) -> tuple[int, str, bool]:
    meta = entry.resource.get("meta")
    known = meta if isinstance(meta, dict) else {}
    version = str(known.get("versionId") or "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return number, _instant(known.get("lastUpdated")), entry.resource.get("status") in _WITHDRAWN


def _instant(moment: object) -> str:
    """A moment so that texts compare as times do."""
    try:
        found = dt.datetime.fromisoformat(str(moment))
    except ValueError:
        return ""
    return found.astimezone(dt.UTC).isoformat() if found.tzinfo else found.isoformat()


def resources_of_lines(text: str, place: str) -> list[dict[str, Any]]:
    """The resources of an NDJSON file, one on each line."""
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if len(found) >= MOST_RESOURCES:
            raise InputError(place, f"there are more than {MOST_RESOURCES} lines", "split the file by person")
        try:
            resource = from_json(line, allow_inf_nan=False)
        except ValueError as error:
            cause = f"line {number} is not JSON: {printable(error, 120)}"
            raise InputError(place, cause, "give NDJSON: one resource on each line") from None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise InputError(place, f"line {number} is no FHIR resource", "give one resource on each line")
        found.append(resource)
    return found


def people_of(resources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A collection for each Patient of a bulk export, with what refers to that Patient and the medicines.

    Records of one person that are linked, and a file without or with one Patient, make one collection. In a file of
    several people, what names nobody is nobody's.
    """
    listed = list(resources)
    patients = [one for one in listed if one["resourceType"] == "Patient" and isinstance(one.get("id"), str)]
    ids = {str(one["id"]) for one in patients}
    if len(ids) < 2 or any(one.get("link") for one in patients):
        return [_collection(listed)]
    shared = [one for one in listed if one["resourceType"] == "Medication"]
    theirs: dict[str, list[dict[str, Any]]] = {id_: [] for id_ in ids}
    for one in listed:
        reference = subject_of(one)
        id_ = (
            str(one.get("id")) if one["resourceType"] == "Patient" else plain(reference or "").split("/")[-1]
        )
        if id_ in theirs:
            theirs[id_].append(one)
    order = list(dict.fromkeys(str(one["id"]) for one in patients))
    return [_collection([*theirs[id_], *shared]) for id_ in order]


def _collection(resources: list[dict[str, Any]]) -> dict[str, Any]:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
