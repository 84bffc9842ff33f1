"""What is fetched of a chart: the patient and what refers to them, page by page; what could not be had is listed."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

from bonecast.errors import printable
from bonecast.web.smart.errors import SmartRefused
from bonecast.web.smart.http import ask
from bonecast.web.smart.issuers import SmartIssuer
from bonecast.web.smart.protocol import KINDS, SmartToken

MOST_PAGES = 20  # of one kind
MOST_RESOURCES = 10_000
MOST_MEDICINES = 50  # that are fetched one by one
PAGE = 200  # resources of a page


@dataclass(frozen=True)
class FetchedChart:
    """What came of a chart.

    Parameters
    ----------
    bundle : bytes
        A FHIR R4 collection in JSON.
    counts : dict of str to int
        How many resources of each kind came.
    missing : dict of str to str
        Kinds that did not come, or not whole, each with the reason.
    """

    bundle: bytes
    counts: dict[str, int]
    missing: dict[str, str]


def fetch_chart(issuer: SmartIssuer, token: SmartToken) -> FetchedChart:
    """Fetch a chart. Raises SmartRefused where not even the patient can be had."""
    place, missing = f"{issuer.name}, Patient", dict[str, str]()
    status, patient = ask("GET", f"{issuer.iss}/Patient/{token.patient}", place, token=token.access)
    if status == 401:
        raise SmartRefused(place, "the access has expired", "open the chart again", 401)
    if status != 200 or patient.get("resourceType") != "Patient" or patient.get("id") != token.patient:
        raise SmartRefused(place, f"it cannot be read (status {status})", "ask its operator", 502)
    found = [patient]
    for kind in KINDS:
        if not token.may_read(kind):
            missing[kind] = "access was not granted"
            continue
        if token.limited(kind):
            missing[kind] = "access was granted to a part of them only"
        found += _search(issuer, token, kind, missing, MOST_RESOURCES - len(found))
    found += _medicines(issuer, token, found, missing)
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "entry": [
            {"fullUrl": f"{issuer.iss}/{one['resourceType']}/{one.get('id')}", "resource": one}
            for one in found
        ],
    }
    counts = Counter(str(one["resourceType"]) for one in found)
    return FetchedChart(json.dumps(bundle).encode(), dict(counts), missing)


def _search(
    issuer: SmartIssuer, token: SmartToken, kind: str, missing: dict[str, str], most: int
) -> list[dict[str, Any]]:
    """The resources of one kind, over all pages; why there are fewer is noted in `missing`."""
    found: list[dict[str, Any]] = []
    url = f"{issuer.iss}/{kind}?" + urlencode({"patient": token.patient, "_count": PAGE})
    for _ in range(MOST_PAGES):
        try:
            status, page = ask("GET", url, f"{issuer.name}, {kind}", token=token.access)
        except SmartRefused as refused:
            missing[kind] = refused.cause
            return found
        if status != 200 or page.get("resourceType") != "Bundle":
            missing[kind] = f"the record system answered with status {status}"
            return found
        for resource in _resources(page):
            if resource["resourceType"] == kind:
                found.append(resource)
            elif resource["resourceType"] == "OperationOutcome":
                missing[kind] = "the record system says that something is missing"
        following = _next(page, url)
        if following is None:
            return found
        if not following.startswith(f"{issuer.iss}/") and following.split("?")[0] != issuer.iss:
            missing[kind] = "its next page lies on another server"
            return found
        if len(found) >= most:
            break
        url = following
    missing[kind] = f"there are more than the {len(found)} that were read"
    return found


def _medicines(
    issuer: SmartIssuer, token: SmartToken, found: list[dict[str, Any]], missing: dict[str, str]
) -> list[dict[str, Any]]:
    """The Medications that are referred to by id and were not sent."""
    wanted: dict[str, None] = {}
    for one in found:
        pointer = one.get("medicationReference")
        reference = pointer.get("reference") if isinstance(pointer, dict) else None
        if isinstance(reference, str):
            kind, _, id_ = reference.removeprefix(f"{issuer.iss}/").partition("/")
            id_ = id_.partition("/")[0]
            if kind == "Medication" and id_.replace("-", "").replace(".", "").isalnum() and id_.isascii():
                wanted[id_] = None
    medicines: list[dict[str, Any]] = []
    if wanted and not token.may_read("Medication"):
        missing["Medication"] = "access was not granted"
        return medicines
    for id_ in list(wanted)[:MOST_MEDICINES]:
        status, one = ask(
            "GET", f"{issuer.iss}/Medication/{id_}", f"{issuer.name}, Medication", token=token.access
        )
        if status == 200 and one.get("resourceType") == "Medication" and one.get("id") == id_:
            medicines.append(one)
        else:
            missing["Medication"] = f"{printable(id_)} cannot be read (status {status})"
    if len(wanted) > MOST_MEDICINES:
        missing["Medication"] = f"only {MOST_MEDICINES} of {len(wanted)} were fetched"
    return medicines


def _resources(page: dict[str, Any]) -> list[dict[str, Any]]:
    entries = page.get("entry")
    held = [
        one.get("resource") for one in (entries if isinstance(entries, list) else []) if isinstance(one, dict)
    ]
    return [one for one in held if isinstance(one, dict) and isinstance(one.get("resourceType"), str)]


def _next(page: dict[str, Any], url: str) -> str | None:
    links = page.get("link")
    for one in links if isinstance(links, list) else []:
        if isinstance(one, dict) and one.get("relation") == "next" and isinstance(one.get("url"), str):
            return urljoin(url, one["url"])
    return None
