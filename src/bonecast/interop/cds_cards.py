"""Findings as CDS Hooks 2.0 cards: indicator, detail, source, suggested orders and override reasons."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

from bonecast.care import NOT_OVERRIDABLE, Check, Finding, advice_shown, lifted_by, table
from bonecast.core import DISCLAIMER

INDICATOR = {"block": "critical", "warn": "warning", "inform": "info"}
LONGEST_SUMMARY = 139  # characters: the specification asks for fewer than 140
OVERRIDE_SYSTEM = "urn:bonecast:override-reason"
LABEL = "Bonecast care rules"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:bonecast:card")


def cards(
    check: Check, patient_id: str, with_inform: bool = False, ordered: bool = False
) -> list[dict[str, Any]]:
    """Make the cards of a check.

    Parameters
    ----------
    check : Check
        The check.
    patient_id : str
        Id of the person.
    with_inform : bool
        Make cards of information too; there is none on how to give what is blocked.
    ordered : bool
        The act is an order: an answer that is not complete is then a warning.

    Returns
    -------
    list of dict of str to object
        An emergency first; then contradictions, one card for each cause, conflicts, open questions, overrides.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> made = cards(check(read_patient("examples/late-dose.toml"), "stop", "UK"), "example")
    >>> made[0]["indicator"], made[0]["source"]["topic"]["code"]
    ('critical', 'DC-01')
    """
    made = [_emergency(check, patient_id)] if check.emergency is not None else []
    if check.contradictions:
        what = "; ".join(one.what for one in check.contradictions)
        made.append(
            plain_card("critical", "The record contradicts itself", f"{what}. Correct it first.", patient_id)
        )
    made += [
        card(cause.head, patient_id, cause.also) for cause in check.causes if cause.head != check.emergency
    ]
    if check.conflicts:
        lines = "\n".join(f"- {one}" for one in check.conflicts)
        made.append(plain_card("warning", "Results of one day contradict each other", lines, patient_id))
    if check.questions:
        made.append(_not_complete(check, ordered, patient_id))
    made += [_overridden(finding, patient_id) for finding in check.overridden]
    if with_inform:
        advice = advice_shown(check)
        made += [card(one, patient_id) for one in (*advice.new, *advice.known, *advice.routine)]
    return made


def card(finding: Finding, patient_id: str, also: tuple[Finding, ...] = ()) -> dict[str, Any]:
    """Make the card of one cause.

    Parameters
    ----------
    finding : Finding
        The most severe finding.
    patient_id : str
        Id of the person; the card's id is the same for the same person and rule.
    also : tuple of Finding
        The other findings of the cause, which the detail names.

    Returns
    -------
    dict of str to object
        A CDS Hooks card.
    """
    made: dict[str, Any] = {
        "uuid": str(uuid.uuid5(_SPACE, f"{patient_id}/{finding.rule}")),
        "summary": cut(f"{finding.rule}: {finding.advice}"),
        "indicator": INDICATOR[finding.severity],
        "detail": _detail(finding, also),
        "source": _source(finding),
    }
    orders = {_orders()[one.rule]["loinc"]: one.rule for one in (finding, *also) if one.rule in _orders()}
    if orders:
        made["suggestions"] = [_suggestion(rule, patient_id) for rule in orders.values()]
        made["selectionBehavior"] = "any"
    if finding.severity != "inform" and finding.rule not in NOT_OVERRIDABLE:
        made["overrideReasons"] = override_reasons()
    return made


def cut(text: str) -> str:
    """A summary that is short enough for a card, cut at a word.

    >>> len(cut("word " * 50)) <= LONGEST_SUMMARY
    True
    """
    if len(text) <= LONGEST_SUMMARY:
        return text
    return text[: LONGEST_SUMMARY - 1].rpartition(" ")[0] + "…"


def override_reasons() -> list[dict[str, str]]:
    """List the reasons that a clinician may choose from when overriding a card.

    Returns
    -------
    list of dict of str to str
        CDS Hooks codes.
    """
    return [{"system": OVERRIDE_SYSTEM, **row} for row in table("override_reasons.csv")]


def _emergency(check: Check, patient_id: str) -> dict[str, Any]:
    """The card of the emergency: the same whatever act was asked for."""
    finding = check.emergency
    assert finding is not None
    also = next((cause.also for cause in check.causes if cause.head == finding), ())
    made = card(finding, patient_id, also)
    made.pop("overrideReasons", None)
    return made | {
        "uuid": str(uuid.uuid5(_SPACE, f"{patient_id}/emergency")),
        "summary": cut(f"Emergency, act today: {finding.advice}"),
        "indicator": "critical",
    }


def _not_complete(check: Check, ordered: bool, patient_id: str) -> dict[str, Any]:
    """The questions that could still block, in the order in which they are asked."""
    count = len(check.questions)
    lines = [
        f"{n}. {one.text} (needed for {', '.join(one.rules)})" for n, one in enumerate(check.questions, 1)
    ]
    doubtful = ordered and check.state == "not_complete"
    return plain_card(
        "warning" if doubtful else "info",
        f"Not complete: {count} question{'' if count == 1 else 's'}",
        f"Could still block {check.action.replace('_', ' ')}:\n\n" + "\n".join(lines),
        patient_id,
    )


def _overridden(finding: Finding, patient_id: str) -> dict[str, Any]:
    """A finding that a clinician overrode: for information, with who, why and until when."""
    override = finding.overridden
    assert override is not None
    made = card(finding, patient_id)
    for key in ("overrideReasons", "suggestions", "selectionBehavior"):
        made.pop(key, None)
    said = f"Overridden by {override.by} on {override.at:%Y-%m-%d} until {override.until}: {override.reason}"
    return made | {
        "summary": cut(f"Overridden by {override.by} until {override.until}: {finding.advice}"),
        "indicator": "info",
        "detail": f"{said}\n\n{made['detail']}",
    }


def _detail(finding: Finding, also: tuple[Finding, ...] = ()) -> str:
    doubt = "" if finding.verified else f" ({finding.mark}: unverified)"
    lines = [
        finding.advice,
        f"**Why:** {'; '.join(finding.why)}",
        f"**Facts:** {'; '.join(map(str, finding.facts))}",
        f"**Source:** {finding.source.text} [{finding.strength}]{doubt}",
    ]
    lifted = lifted_by(finding)
    if lifted:
        lines.append(f"**Lifted by:** {'; or '.join(lifted)}")
    lines += [f"**Same cause, {one.rule} ({one.severity}):** {one.advice}" for one in also]
    lines += [
        f"**{position.question}** " + " ".join(f"{side}: {text}" for side, text in position.positions)
        for position in finding.positions
    ]
    return "\n\n".join([*lines, f"*{DISCLAIMER}*"])


def _source(finding: Finding) -> dict[str, Any]:
    """The label, the topic (our rule) and, where the source has a DOI, its address."""
    made: dict[str, Any] = {
        "label": cut(finding.source.text),
        "topic": {"system": "urn:bonecast:rule", "code": finding.rule, "display": finding.topic},
    }
    doi = finding.source.where.partition(";")[0]
    return made | ({"url": f"https://doi.org/{doi}"} if doi.startswith("10.") else {})


def plain_card(indicator: str, summary: str, detail: str, patient_id: str) -> dict[str, Any]:
    """Make a card that stands for no rule.

    Parameters
    ----------
    indicator : str
        critical, warning or info.
    summary : str
        One line.
    detail : str
        Text in Markdown.
    patient_id : str
        Id of the person, so that no two people share a card.

    Returns
    -------
    dict of str to object
        A CDS Hooks card.
    """
    return {
        "uuid": str(uuid.uuid5(_SPACE, f"{patient_id}/{summary}/{detail}")),
        "summary": cut(summary),
        "indicator": indicator,
        "detail": detail,
        "source": {"label": LABEL},
    }


def cancelling(made: dict[str, Any], order: Mapping[str, Any], patient_id: str) -> dict[str, Any]:
    """The card, with the suggestion to cancel the draft order that it is about, where the order bears an id."""
    kind, id_ = order.get("resourceType"), order.get("id")
    if not isinstance(kind, str) or not isinstance(id_, str) or not id_:
        return made
    suggestion = {
        "label": "Cancel this order",
        "uuid": str(uuid.uuid5(_SPACE, f"{patient_id}/{kind}/{id_}/cancel")),
        "actions": [
            {"type": "delete", "description": "Remove the draft order", "resourceId": f"{kind}/{id_}"}
        ],
    }
    return made | {
        "suggestions": [*made.get("suggestions", ()), suggestion],
        "selectionBehavior": "any",
    }


def with_links(made: dict[str, Any], launch_url: str = "", attributes_url: str = "") -> dict[str, Any]:
    """The card, with links: to its source, to the chart where the client can launch it, to the source attributes."""
    links = []
    if url := made["source"].get("url"):
        links.append({"label": f"Source: {made['source']['label']}", "url": url, "type": "absolute"})
    if launch_url:
        links.append({"label": "Open the chart in Bonecast", "url": launch_url, "type": "smart"})
    if attributes_url:
        links.append({"label": "Source attributes", "url": attributes_url, "type": "absolute"})
    return made | ({"links": links} if links else {})


def _suggestion(rule_id: str, patient_id: str) -> dict[str, Any]:
    order = _orders()[rule_id]
    coding = {"system": "http://loinc.org", "code": order["loinc"], "display": order["display"]}
    return {
        "label": f"Order: {order['display']}",
        "uuid": str(uuid.uuid5(_SPACE, f"{patient_id}/{rule_id}/order")),
        "isRecommended": True,
        "actions": [
            {
                "type": "create",
                "description": f"Order {order['display']}",
                "resource": {
                    "resourceType": "ServiceRequest",
                    "status": "draft",
                    "intent": "proposal",
                    "code": {"coding": [coding], "text": order["display"]},
                    "subject": {"reference": f"Patient/{patient_id}"},
                },
            }
        ],
    }


@cache
def _orders() -> dict[str, dict[str, str]]:
    return {row["rule"]: row for row in table("card_orders.csv")}
