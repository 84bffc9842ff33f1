"""Findings as CDS Hooks 2.0 cards: indicator, detail, source, suggested orders and override reasons."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from bonecast.care import Check, Finding, table
from bonecast.core import DISCLAIMER

INDICATOR = {"block": "critical", "warn": "warning", "inform": "info"}
LONGEST_SUMMARY = 139  # characters: the specification asks for fewer than 140
OVERRIDE_SYSTEM = "urn:bonecast:override-reason"
LABEL = "Bonecast care rules"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:bonecast:card")


def cards(check: Check, patient_id: str, with_inform: bool = False) -> list[dict[str, Any]]:
    """Make the cards of a check.

    Parameters
    ----------
    check : Check
        The check.
    patient_id : str
        Id of the person.
    with_inform : bool
        Make cards of information too.

    Returns
    -------
    list of dict of str to object
        Blocks and warnings, what contradicts, and what is missing.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> made = cards(check(read_patient("examples/late-dose.toml"), "stop", "UK"), "example")
    >>> made[0]["indicator"], made[0]["source"]["topic"]["code"]
    ('critical', 'DC-01')
    """
    shown = [f for f in check.findings if (with_inform or f.severity != "inform") and not f.overridden]
    made = [card(finding, patient_id) for finding in shown]
    if check.contradictions:
        what = "; ".join(one.what for one in check.contradictions)
        made.insert(0, _plain_card("critical", "The record contradicts itself", f"{what}. Correct it first."))
    if check.missing():
        lines = [f"- {name}: {', '.join(rules)}" for name, rules in check.missing().items()]
        detail = "Not in the record, and needed by these rules:\n\n" + "\n".join(lines)
        made.append(_plain_card("info", f"{len(lines)} facts are missing for checks", detail))
    return made


def card(finding: Finding, patient_id: str) -> dict[str, Any]:
    """Make the card of one finding.

    Parameters
    ----------
    finding : Finding
        The finding.
    patient_id : str
        Id of the person; the card's id is the same for the same person and rule.

    Returns
    -------
    dict of str to object
        A CDS Hooks card.
    """
    made: dict[str, Any] = {
        "uuid": str(uuid.uuid5(_SPACE, f"{patient_id}/{finding.rule}")),
        "summary": cut(f"{finding.rule}: {finding.advice}"),
        "indicator": INDICATOR[finding.severity],
        "detail": _detail(finding),
        "source": _source(finding),
    }
    if finding.rule in _orders():
        made["suggestions"] = [_suggestion(finding.rule, patient_id)]
        made["selectionBehavior"] = "any"
    if finding.severity != "inform":
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


def _detail(finding: Finding) -> str:
    doubt = "" if finding.verified else f" ({finding.mark}: unverified)"
    lines = [
        finding.advice,
        f"**Why:** {'; '.join(finding.why)}",
        f"**Facts:** {'; '.join(map(str, finding.facts))}",
        f"**Source:** {finding.source.text} [{finding.strength}]{doubt}",
    ]
    if finding.would_change:
        lines.append(f"**Would change:** {'; or '.join(finding.would_change)}")
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


def _plain_card(indicator: str, summary: str, detail: str) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid5(_SPACE, summary + detail)),
        "summary": cut(summary),
        "indicator": indicator,
        "detail": detail,
        "source": {"label": LABEL},
    }


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
