"""Findings and dates as FHIR R4: GuidanceResponse and ServiceRequest proposals, in a Bundle about one person.

Nothing that is written here was done: a proposal is no order, and the reader of this package takes none of it for a
dose, a result or a plan.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from typing import Any

from bonecast.care import Check, Entry, Finding, Schedule, state_heading, state_sentence
from bonecast.records import Patient

STATEMENT = "Research and decision support, not a medical device; the clinician decides."
MODULE = "urn:bonecast:care-rules"
PERSON_SYSTEM = "urn:bonecast:person"
ENTRY_SYSTEM = "urn:bonecast:schedule"
PROPOSED_PARTS = ("before", "next", "after", "long")
NEXT_NOTE = (
    "Only where the check of that day is complete and finds no contraindication; see the GuidanceResponse."
)
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:bonecast:fhir")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

FhirResource = dict[str, Any]


def bundle_about(patient: Patient, resources: Iterable[FhirResource], written: dt.datetime) -> FhirResource:
    """Put resources about a person into a Bundle, with the person.

    Parameters
    ----------
    patient : Patient
        The person.
    resources : iterable of dict
        Resources whose subject is `subject_reference(patient)`.
    written : datetime
        Time of writing, with its time zone.

    Returns
    -------
    dict of str to object
        A Bundle of type collection.
    """
    entries = [{"fullUrl": _address(patient, "Patient", ""), "resource": _person(patient)}]
    for number, one in enumerate(resources):
        names = [
            str(identifier["value"]) for identifier in one.get("identifier", []) if "value" in identifier
        ]
        key = names[0] if names else str(number)
        entries.append({"fullUrl": _address(patient, str(one["resourceType"]), key), "resource": one})
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": written.isoformat(timespec="seconds"),
        "entry": entries,
    }


def subject_reference(patient: Patient) -> dict[str, str]:
    """Refer to the person of a Bundle.

    Parameters
    ----------
    patient : Patient
        The person.

    Returns
    -------
    dict of str to str
        A FHIR reference to the full URL of the person in the Bundle.
    """
    return {"reference": _address(patient, "Patient", "")}


def guidance_response(check: Check, patient: Patient, written: dt.datetime) -> FhirResource:
    """Write a check as a GuidanceResponse: state, findings and open questions.

    Parameters
    ----------
    check : Check
        The check of an act.
    patient : Patient
        The person.
    written : datetime
        Time of writing, with its time zone.

    Returns
    -------
    dict of str to object
        A GuidanceResponse. Its status is "data-required" where the check is not complete; findings and questions are
        its notes, and its output parameters for programs.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> now = dt.datetime(2026, 9, 15, 12, tzinfo=dt.UTC)
    >>> made = guidance_response(check(her, "stop", "UK"), her, now)
    >>> made["status"], made["note"][0]["text"]
    ('success', 'Do not stop: 1 block and 1 caution.')
    """
    notes = [f"{state_heading(check)}: {state_sentence(check)}"]
    notes += [f"The record contradicts itself: {one.what}. Correct it first." for one in check.contradictions]
    notes += [_finding_note(one) for one in check.findings if one.severity != "inform"]
    notes += [f"Open: {one.text} (needed for {', '.join(one.rules)})" for one in check.questions]
    parameters = [
        {"name": "action", "valueString": check.action},
        {"name": "state", "valueString": check.state},
        {"name": "jurisdiction", "valueString": check.jurisdiction},
        *({"name": "finding", "part": _finding_parts(one)} for one in check.findings),
        *(
            {"name": "question", "part": _texts(text=(one.text,), fact=one.facts, rule=one.rules)}
            for one in check.questions
        ),
    ]
    return {
        "resourceType": "GuidanceResponse",
        "contained": [{"resourceType": "Parameters", "id": "findings", "parameter": parameters}],
        "identifier": [{"system": MODULE, "value": f"{check.action} on {check.case.on}"}],
        "moduleUri": MODULE,
        "status": "data-required" if check.state == "not_complete" else "success",
        "subject": subject_reference(patient),
        "occurrenceDateTime": written.isoformat(timespec="seconds"),
        "reasonCode": [{"text": check.action.replace("_", " ")}],
        "note": [{"text": text} for text in (*notes, STATEMENT)],
        "outputParameters": {"reference": "#findings"},
    }


def service_requests(made: Schedule, patient: Patient) -> list[FhirResource]:
    """Write a schedule as proposals.

    Parameters
    ----------
    made : Schedule
        The plan in dates.
    patient : Patient
        The person.

    Returns
    -------
    list of dict of str to object
        A ServiceRequest (status draft, intent proposal) for each date that is still to come. What the rules withhold,
        what is to be settled first and what is already done is not proposed; the exit plan only where treatment ends.

    Examples
    --------
    >>> from bonecast.care import schedule
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> made = service_requests(schedule(her, "UK"), her)
    >>> {one["intent"] for one in made}, "Denosumab 60 mg injection" in [one["code"]["text"] for one in made]
    ({'proposal'}, True)
    """
    parts = ("exit",) if made.ending else PROPOSED_PARTS
    if made.ending and made.withheld:
        return []
    return [_proposal(one, patient) for one in made.entries if one.part in parts and one.have is None]


def _proposal(entry: Entry, patient: Patient) -> FhirResource:
    period = entry.first is not None and entry.last is not None
    when: dict[str, Any] = (
        {"occurrencePeriod": {"start": str(entry.first), "end": str(entry.last)}}
        if period
        else {"occurrenceDateTime": str(entry.date)}
    )
    sources = "; ".join(source.text for source in entry.sources)
    notes = [entry.text, f"To be done on {entry.date}." if period else ""]
    notes.append(NEXT_NOTE if entry.part == "next" else "")
    notes.append(f"Rules {', '.join(entry.rules)}: {sources}" if entry.rules else "")
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": ENTRY_SYSTEM, "value": entry.uid}],
        "status": "draft",
        "intent": "proposal",
        "code": {"text": entry.what},
        "subject": subject_reference(patient),
        **when,
        "note": [{"text": text} for text in (*notes, STATEMENT) if text],
    }


def _person(patient: Patient) -> FhirResource:
    made: FhirResource = {
        "resourceType": "Patient",
        "identifier": [{"system": PERSON_SYSTEM, "value": patient.id}],
        "gender": patient.sex,
        "birthDate": patient.birth_date.isoformat(),
    }
    return made | ({"id": patient.id} if _ID.fullmatch(patient.id) else {})


def _finding_note(found: Finding) -> str:
    doubt = "" if found.verified else f" ({found.mark}: unverified)"
    said = found.overridden
    over = f" Overridden by {said.by}: {said.reason}." if said is not None else ""
    return f"{found.severity.upper()} {found.rule}: {found.advice} Source: {found.source.text}{doubt}.{over}"


def _finding_parts(found: Finding) -> list[dict[str, str]]:
    return _texts(
        rule=(found.rule,),
        severity=(found.severity,),
        topic=(found.topic,),
        advice=(found.advice,),
        why=found.why,
        source=(found.source.text,),
        evidence=(found.mark,),
        overridden=(found.overridden.reason,) if found.overridden is not None else (),
    )


def _texts(**values: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name, "valueString": text} for name, texts in values.items() for text in texts if text]


def _address(patient: Patient, kind: str, key: str) -> str:
    """The full URL of a resource: the same for the same person, type and name."""
    return uuid.uuid5(_SPACE, f"{patient.id}/{kind}/{key}").urn
