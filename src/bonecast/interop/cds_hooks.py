"""The CDS Hooks 2.0 service without its web server: discovery, the answer to a call, and feedback."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bonecast.care import LONGEST_REASON, Override, case_of, check, rules
from bonecast.core import RecordError
from bonecast.errors import InputError, UnknownName, printable
from bonecast.interop.cds_cards import OVERRIDE_SYSTEM, cards, plain_card
from bonecast.interop.cds_orders import Act, entries_in, ordered_acts, ordered_medicines
from bonecast.interop.fhir_observation import loinc_codes
from bonecast.interop.fhir_references import person_in, subject_of
from bonecast.interop.patient_files import read_patient_bytes
from bonecast.records import UNUSABLE, Patient, Skipped

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
_SERVICES = {
    "bonecast-patient-view": ("patient-view", "Denosumab: what must be thought of"),
    "bonecast-order-select": ("order-select", "Bone drugs: may it be ordered?"),
    "bonecast-order-sign": ("order-sign", "Bone drugs: may it be given?"),
}
# Kinds of resources that hold injections, with their keys of the prefetch.
_INJECTIONS = {"MedicationAdministration": "administrations", "MedicationStatement": "statements"}
YEARS = range(2000, 2200)  # of feedback
SOON_D = {"60": 155, "120": 25}  # days after an injection from which the next one may be given (DO-07, DO-09)


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
    """


def discovery() -> dict[str, Any]:
    """List the CDS Hooks services.

    Returns
    -------
    dict of str to object
        What GET /cds-services answers.

    Examples
    --------
    >>> [service["hook"] for service in discovery()["services"]]
    ['patient-view', 'order-select', 'order-sign']
    """
    return {
        "services": [
            {
                "hook": hook,
                "title": title,
                "description": f"{title} Rules with their sources; research and decision support.",
                "id": service,
                "prefetch": PREFETCH,
            }
            for service, (hook, title) in _SERVICES.items()
        ]
    }


def answer(
    service: str, request: Mapping[str, Any], jurisdiction: str | None = None, today: dt.date | None = None
) -> dict[str, Any]:
    """Answer a CDS Hooks call of a service.

    Only the prefetch is read; nothing is fetched. A record that cannot be used is a card that says why.

    Parameters
    ----------
    service : str
        Id of the service.
    request : mapping of str to object
        Body of the call.
    jurisdiction : str, optional
        Whose care rules decide.
    today : date, optional
        Last day that the record may bear; the computer's date by default.

    Returns
    -------
    dict of str to object
        The cards: what POST /cds-services/{service} answers.

    Raises
    ------
    UnknownName
        If there is no such service.
    InputError
        If the body is no call.
    PrefetchMissing
        If the resources are missing.
    """
    hook, _ = _service(service)
    _check_call(request, hook)
    day = today or dt.date.today()
    try:
        patient = patient_of(request, day)
    except RecordError as error:
        return {"cards": [_refusal(fault, hook) for fault in error.faults[:5]]}
    except InputError as error:
        return {"cards": [_refusal(error, hook)]}
    viewed = hook == "patient-view"
    acts = _acts_in_view(patient) if viewed else ordered_acts(request["context"], patient, _sent(request))
    made = [
        one
        for act, facts in dict.fromkeys(acts)
        for one in cards(check(patient, act, jurisdiction, facts=dict(facts)), patient.id, ordered=not viewed)
    ]
    by_id: dict[str, dict[str, Any]] = {}
    for one in [*made, *_not_read(request, patient, viewed)]:
        by_id.setdefault(one["uuid"], one)
    return {"cards": sorted(by_id.values(), key=lambda one: one["indicator"] != "critical")}


def patient_of(request: Mapping[str, Any], day: dt.date) -> Patient:
    """Read the person in the prefetch of a CDS Hooks call.

    Parameters
    ----------
    request : mapping of str to object
        Body of the call.
    day : date
        The day of the call.

    Returns
    -------
    Patient
        The checked record.
    """
    prefetch = _prefetch(request)
    bundle = {
        "resourceType": "Bundle",
        "timestamp": day.isoformat(),
        "entry": [
            {"resource": prefetch["patient"] | {"id": request["context"]["patientId"]}},
            *(entry for key, part in prefetch.items() if key != "patient" for entry in entries_in(part)),
        ],
    }
    return read_patient_bytes(json.dumps(bundle).encode(), "prefetch.json", day)


def _check_call(request: Mapping[str, Any], hook: str) -> None:
    """Refuse what is no call of this hook, and a call whose resources are missing or another person's."""
    if request.get("hook") != hook:
        raise InputError(
            "hook", f"'{printable(request.get('hook'))}' is not {hook}", "call the service of this hook"
        )
    if not isinstance(request.get("hookInstance"), str) or not request["hookInstance"]:
        raise InputError("hookInstance", "the call has none", "send a UUID")
    context = request.get("context")
    whose = context.get("patientId") if isinstance(context, dict) else None
    if not isinstance(whose, str) or not whose:
        raise InputError("context, patientId", "the call has none", "send the id of the patient")
    orders = context.get("draftOrders") if isinstance(context, dict) else None
    if hook != "patient-view" and not isinstance(orders, dict):
        raise InputError("context, draftOrders", "the call has none", "send a Bundle of the draft orders")
    patient = _prefetch(request)["patient"]
    if patient.get("id") not in (None, whose):
        cause = f"it is of '{printable(patient.get('id'))}', and the call is about '{printable(whose)}'"
        raise InputError("prefetch, patient", cause, "send one person's resources")
    for entry in (*_sent(request), *entries_in(orders)):
        subject = subject_of(entry["resource"])
        other = person_in(subject) if subject else None
        if other not in (None, whose):
            cause = f"a resource is of '{printable(other)}', and the call is about '{printable(whose)}'"
            raise InputError("prefetch", cause, "send one person's resources")


def _sent(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of the whole prefetch."""
    return [entry for part in _prefetch(request).values() for entry in entries_in(part)]


def _not_read(request: Mapping[str, Any], patient: Patient, viewed: bool) -> Iterator[dict[str, Any]]:
    """What the check did not know: injections that were not sent, doses, results and orders that could not be read."""
    kinds = {str(entry["resource"].get("resourceType")) for entry in _sent(request)}
    prefetch = _prefetch(request)
    if not kinds & {*_INJECTIONS} and not any(key.casefold() in _INJECTIONS.values() for key in prefetch):
        detail = "Without them nothing is known of denosumab so far. Send `administrations` and `statements`."
        yield plain_card("warning", "Injections were not sent", detail)
    doses = [one for one in patient.skipped if one.is_drug]
    if doses:
        yield plain_card("warning", "A dose could not be read", _lines(doses))
    results = [one for one in patient.skipped if not one.is_drug and one.reason.startswith(UNUSABLE)]
    if results:
        yield plain_card("info", "Results that were not read", _lines(results))
    if not viewed and any(code is None for _, code in ordered_medicines(request["context"], _sent(request))):
        detail = "It has no medicine that was sent with the call, so it was not judged."
        yield plain_card("warning", "An order could not be read", detail)


def _lines(skipped: Iterable[Skipped]) -> str:
    return "\n".join(f"- {one.place}: {one.reason}" for one in skipped)


def _prefetch(request: Mapping[str, Any]) -> dict[str, Any]:
    """The prefetch of a call, with at least the patient in it."""
    prefetch = request.get("prefetch")
    if not isinstance(prefetch, dict):
        raise PrefetchMissing("prefetch", "the call has none", "send the resources that discovery asks for")
    patient = prefetch.get("patient")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        raise PrefetchMissing(
            "prefetch, patient", "there is no Patient", "send Patient/{{context.patientId}}"
        )
    return prefetch


def feedback(service: str, body: Mapping[str, Any], card_rules: Mapping[str, str]) -> tuple[Override, ...]:
    """Read the overrides that a CDS Hooks feedback call reports.

    They are kept on file and lift no block: each names no act and no values, so no later check applies it. Cards that
    were accepted, and those that stood for no rule, give nothing.

    Parameters
    ----------
    service : str
        Id of the service.
    body : mapping of str to object
        Body of the call.
    card_rules : mapping of str to str
        Uuid of a card to the rule it stood for; empty for none.

    Returns
    -------
    tuple of Override
        One for each card that was overridden.
    """
    _service(service)
    reports = body.get("feedback")
    if not isinstance(reports, list):
        raise InputError("feedback", "there is no list of feedback", "send it as CDS Hooks lays down")
    return tuple(_overrides(reports, card_rules))


def _acts_in_view(patient: Patient) -> Iterator[Act]:
    """What is to be thought of when a record is opened: the treatment as a whole, and the injection that is due."""
    last = case_of(patient, "review").known("last_denosumab_offset_days")
    if last is None:
        return
    yield "review", ()
    injection = str(case_of(patient).values["planned_action"])
    if -float(last.value) >= SOON_D[injection.rpartition("_")[2]]:
        yield injection, ()


def _overrides(reports: list[Any], card_rules: Mapping[str, str]) -> Iterator[Override]:
    for report in reports:
        if not isinstance(report, dict) or report.get("outcome") != "overridden":
            continue
        card = str(report.get("card"))
        if card not in card_rules:
            cause = f"no card of this service has the id '{printable(card)}'"
            raise InputError("feedback, card", cause, "send the uuid of a card")
        rule_id = card_rules[card]
        if rule_id not in rules():
            continue
        given = report.get("overrideReason")
        reason = given if isinstance(given, dict) else {}
        chosen = reason.get("reason")
        code = chosen if isinstance(chosen, dict) else {}
        known = code.get("display") or code.get("code") if code.get("system") == OVERRIDE_SYSTEM else None
        said = ": ".join(str(part) for part in (known, reason.get("userComment")) if part)
        when = _instant(report.get("outcomeTimestamp"))
        yield Override(rule_id, said[:LONGEST_REASON] or "no reason given", "CDS Hooks client", when)


def _instant(said: object) -> dt.datetime:
    """The moment that a feedback bears, in UTC where it names no zone."""
    try:
        when = dt.datetime.fromisoformat(str(said).replace("Z", "+00:00"))
        when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
        if when.year in YEARS:
            return when
    except (ValueError, OverflowError):
        pass
    hint = f"send an instant from {YEARS.start} to {YEARS.stop - 1}"
    raise InputError("feedback, outcomeTimestamp", f"'{printable(said)}' is not a time", hint)


def _service(service: str) -> tuple[str, str]:
    if service not in _SERVICES:
        raise UnknownName("service", "service", service, _SERVICES)
    return _SERVICES[service]


def _refusal(fault: InputError, hook: str) -> dict[str, Any]:
    """A card that says why nothing was checked; an order that nobody checked is a warning."""
    return {
        "summary": "The record cannot be checked",
        "indicator": "info" if hook == "patient-view" else "warning",
        "detail": str(fault),
        "source": {"label": "Bonecast care rules"},
    }
