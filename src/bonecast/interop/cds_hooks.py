"""The CDS Hooks 2.0 service without its web server: discovery, the answer to a call, and feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bonecast.care import case_of, check, limit_days
from bonecast.core import RecordError, check_values
from bonecast.errors import InputError, UnknownName
from bonecast.interop.cds_call import (
    INJECTIONS,
    PREFETCH,
    PrefetchPart,
    check_call,
    prefetch_parts,
    usable_parts,
)
from bonecast.interop.cds_cards import cancelling, cards, plain_card, with_links
from bonecast.interop.cds_feedback import CardFeedback, read_feedback
from bonecast.interop.cds_orders import Act, acts_of, entries_in, ordered_medicines, read_orders
from bonecast.interop.cds_timing import TimingFault, timing_faults
from bonecast.interop.patient_files import patient_of_bundle
from bonecast.records import UNUSABLE, Patient, Skipped

_SERVICES = {
    "bonecast-patient-view": ("patient-view", "Denosumab: what must be thought of"),
    "bonecast-order-select": ("order-select", "Bone drugs: may it be ordered?"),
    "bonecast-order-sign": ("order-sign", "Bone drugs: may it be given?"),
}
# Days after an injection from which the next one may be given.
SOON_D = {"60": limit_days("early_d"), "120": limit_days("every_4_weeks_first_d")}
_NEEDS = "Send `patient`, and `administrations` or `statements`; a call without them is answered with 412."


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
                "usageRequirements": _NEEDS,
            }
            for service, (hook, title) in _SERVICES.items()
        ]
    }


def answer(
    service: str,
    request: Mapping[str, Any],
    jurisdiction: str | None = None,
    today: dt.date | None = None,
    launch_url: str = "",
    attributes_url: str = "",
) -> dict[str, Any]:
    """Answer a CDS Hooks call of a service.

    Only the prefetch is read; nothing is fetched. A record, or a part of it, that cannot be used is a card that says
    why, beside the cards that could be made.

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
    launch_url : str
        Address at which the client may open the chart by SMART App Launch; empty for none.
    attributes_url : str
        Address of the source attributes of this service; empty for none.

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
    check_call(request, hook)
    made = list(_cards(request, hook, jurisdiction, today or dt.date.today()))
    by_id: dict[str, dict[str, Any]] = {}
    for one in made:
        kept = by_id.setdefault(one["uuid"], one)
        if kept is not one and "suggestions" in one:  # one finding on two orders: either can be cancelled
            known = [each["uuid"] for each in kept.get("suggestions", ())]
            kept.setdefault("suggestions", []).extend(
                each for each in one["suggestions"] if each["uuid"] not in known
            )
    linked = [with_links(one, launch_url, attributes_url) for one in by_id.values()]
    return {"cards": sorted(linked, key=lambda one: one["indicator"] != "critical")}


def patient_of(request: Mapping[str, Any], day: dt.date, parts: Collection[str] | None = None) -> Patient:
    """Read the person in the prefetch of a CDS Hooks call.

    Parameters
    ----------
    request : mapping of str to object
        Body of the call.
    day : date
        The day of the call.
    parts : collection of str, optional
        Keys of the prefetch that are read beside the patient; all by default.

    Returns
    -------
    Patient
        The checked record.
    """
    usable = usable_parts(request)
    bundle = {
        "resourceType": "Bundle",
        "timestamp": day.isoformat(),
        "entry": [
            {"resource": request["prefetch"]["patient"] | {"id": request["context"]["patientId"]}},
            *(entry for key, part in usable.items() if parts is None or key in parts for entry in part),
        ],
    }
    check_values(bundle, "prefetch")
    return patient_of_bundle(bundle, "prefetch", day)


def feedback(
    service: str, body: Mapping[str, Any], card_rules: Mapping[str, str]
) -> tuple[CardFeedback, ...]:
    """Read what a CDS Hooks feedback call reports. It is kept on file and lifts no block.

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
    tuple of CardFeedback
        One for each report.
    """
    _service(service)
    return read_feedback(body, card_rules)


def _cards(
    request: Mapping[str, Any], hook: str, jurisdiction: str | None, day: dt.date
) -> Iterator[dict[str, Any]]:
    """Every card of a call: of the orders as written, of the checks, and of what was not known."""
    viewed, whose = hook == "patient-view", request["context"]["patientId"]
    orders = [] if viewed else list(read_orders(request["context"], _sent(request)))
    faults = {number: tuple(timing_faults(order, of)) for number, (of, order) in enumerate(orders)}
    yield from (_timing_card(fault, whose) for found in faults.values() for fault in found)
    if not viewed and any(code is None for _, code in ordered_medicines(request["context"], _sent(request))):
        detail = "It has no medicine that was sent with the call, so it was not judged."
        yield plain_card("warning", "An order could not be read", detail, whose)
    patient, unread = _record(request, day)
    if patient is None:
        yield from (_refusal(fault, viewed, whose) for fault in unread.values())
        return
    judged = [(act, {}) for act in _acts_in_view(patient)] if viewed else []
    for number, (resource, order) in enumerate(orders):
        timed = {"dose_implausible": True} if faults[number] and order.drug.generic == "denosumab" else {}
        judged += [
            ((act, tuple((dict(facts) | timed).items())), resource) for act, facts in acts_of(order, patient)
        ]
    seen: list[tuple[Act, dict[str, Any]]] = []
    for act, resource in judged:
        if (act, resource) in seen:
            continue
        seen.append((act, resource))
        yield from _judged(patient, act, resource, jurisdiction, ordered=not viewed)
    yield from _not_known(request, patient, unread, bool(judged), viewed)


def _judged(
    patient: Patient, act: Act, order: Mapping[str, Any], jurisdiction: str | None, ordered: bool
) -> Iterator[dict[str, Any]]:
    """The cards of one act, with the order that would do it; one that cannot be checked says so."""
    name, facts = act
    try:
        made = cards(check(patient, name, jurisdiction, facts=dict(facts)), patient.id, ordered=ordered)
    except InputError as fault:
        yield plain_card("warning", f"Not checked: {name.replace('_', ' ')}", str(fault), patient.id)
        return
    for one in made:
        yield cancelling(one, order, patient.id) if one["indicator"] == "critical" else one


def _record(request: Mapping[str, Any], day: dt.date) -> tuple[Patient | None, dict[str, InputError]]:
    """The person, and the parts that had to be left out so that the rest could be read, each with its fault.

    None where not even the Patient alone can be read: the faults are then those of the record.
    """
    try:
        return patient_of(request, day), {}
    except InputError as whole:
        unread: dict[str, InputError] = {}
        try:
            patient_of(request, day, ())
            for key in usable_parts(request):
                try:
                    patient_of(request, day, (key,))
                except InputError as fault:
                    unread[key] = fault
            return patient_of(
                request, day, [key for key in usable_parts(request) if key not in unread]
            ), unread
        except InputError:
            faults = whole.faults[:5] if isinstance(whole, RecordError) else (whole,)
            return None, {str(number): fault for number, fault in enumerate(faults)}


def _sent(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of the whole prefetch."""
    return [entry for part in request["prefetch"].values() for entry in entries_in(part)]


def _not_known(
    request: Mapping[str, Any], patient: Patient, unread: Mapping[str, InputError], judged: bool, viewed: bool
) -> Iterator[dict[str, Any]]:
    """What the check did not know: parts of the record, doses and results that did not come or could not be read."""
    parts = prefetch_parts(request)
    failed = [one for one in parts if one.state in ("failed", "incomplete")]
    failed += [PrefetchPart(key, "failed", str(fault)) for key, fault in unread.items()]
    if failed and (viewed or judged):
        lines = "\n".join(f"- `{one.key}`: {one.reason}" for one in failed)
        yield plain_card("warning", "A part of the record could not be read", lines, patient.id)
    absent = [one.key for one in parts if one.state == "absent"]
    if absent and judged:
        keys = ", ".join(f"`{key}`" for key in absent)
        detail = f"Nothing is known of what they hold: {keys}. Send them, or null where there is nothing."
        warns = not viewed or any(key in INJECTIONS for key in absent)
        yield plain_card(
            "warning" if warns else "info", "Parts of the record were not sent", detail, patient.id
        )
    doses = [one for one in patient.skipped if one.is_drug]
    if doses:
        yield plain_card("warning", "A dose could not be read", _lines(doses), patient.id)
    results = [one for one in patient.skipped if not one.is_drug and one.reason.startswith(UNUSABLE)]
    if results:
        yield plain_card("info", "Results that were not read", _lines(results), patient.id)


def _timing_card(fault: TimingFault, whose: str) -> dict[str, Any]:
    return plain_card("critical" if fault.sooner else "warning", fault.summary, fault.detail, whose)


def _lines(skipped: Iterable[Skipped]) -> str:
    return "\n".join(f"- {one.place}: {one.reason}" for one in skipped)


def _acts_in_view(patient: Patient) -> Iterator[Act]:
    """What is to be thought of when a record is opened: the treatment as a whole, and the injection that is due."""
    last = case_of(patient, "review").known("last_denosumab_offset_days")
    if last is None:
        return
    yield "review", ()
    injection = str(case_of(patient).values["planned_action"])
    if -float(last.value) >= SOON_D[injection.rpartition("_")[2]]:
        yield injection, ()


def _service(service: str) -> tuple[str, str]:
    if service not in _SERVICES:
        raise UnknownName("service", "service", service, _SERVICES)
    return _SERVICES[service]


def _refusal(fault: InputError, viewed: bool, whose: str) -> dict[str, Any]:
    """A card that says why nothing was checked; an order that nobody checked is a warning."""
    return plain_card("info" if viewed else "warning", "The record cannot be checked", str(fault), whose)
