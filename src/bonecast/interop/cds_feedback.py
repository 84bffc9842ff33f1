"""What a CDS Hooks client reports of cards: accepted with which suggestions, or overridden and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bonecast.care import LONGEST_REASON, Override, rules
from bonecast.errors import InputError, printable
from bonecast.interop.cds_cards import OVERRIDE_SYSTEM

YEARS = range(2000, 2200)  # of feedback
LONGEST_TEXT = 200  # characters of a code, a system or an id
Outcome = Literal["accepted", "overridden"]


@dataclass(frozen=True)
class CardFeedback:
    """What became of one card.

    Parameters
    ----------
    card : str
        Uuid of the card.
    rule : str
        The rule that it stood for; empty for none.
    outcome : Outcome
        "accepted" or "overridden".
    at : datetime
        When, in UTC.
    accepted : tuple of str
        Uuids of the suggestions that were accepted.
    reason_system, reason_code, reason_display : str
        The reason that was chosen from the list; empty where none was.
    comment : str
        What the clinician wrote; may be empty.
    """

    card: str
    rule: str
    outcome: Outcome
    at: dt.datetime
    accepted: tuple[str, ...] = ()
    reason_system: str = ""
    reason_code: str = ""
    reason_display: str = ""
    comment: str = ""

    def override(self, by: str = "CDS Hooks client") -> Override | None:
        """The override that it reports; None for an accepted card and for one without a rule.

        It names no act and no values, so that no later check applies it.
        """
        if self.outcome != "overridden" or self.rule not in rules():
            return None
        known = (self.reason_display or self.reason_code) if self.reason_system == OVERRIDE_SYSTEM else ""
        said = ": ".join(part for part in (known, self.comment) if part)
        return Override(self.rule, said[:LONGEST_REASON] or "no reason given", by, self.at)


def read_feedback(body: Mapping[str, Any], card_rules: Mapping[str, str]) -> tuple[CardFeedback, ...]:
    """Read the body of a CDS Hooks feedback call; one fault refuses the whole.

    Parameters
    ----------
    body : mapping of str to object
        Body of the call.
    card_rules : mapping of str to str
        Uuid of a card to the rule it stood for; empty for none.

    Returns
    -------
    tuple of CardFeedback
        One for each report.

    Raises
    ------
    InputError
        If something is not as CDS Hooks lays it down, or names a card that was never given.
    """
    reports = body.get("feedback")
    if not isinstance(reports, list) or not reports:
        raise InputError("feedback", "there is no list of feedback", "send it as CDS Hooks lays down")
    return tuple(_read(report, f"feedback {n}", card_rules) for n, report in enumerate(reports, 1))


def _read(report: object, place: str, card_rules: Mapping[str, str]) -> CardFeedback:
    if not isinstance(report, dict):
        raise InputError(place, "it is no object", "send card, outcome and outcomeTimestamp")
    card = str(report.get("card"))
    if card not in card_rules:
        cause = f"no card of this service has the id '{printable(card)}'"
        raise InputError(f"{place}, card", cause, "send the uuid of a card")
    outcome = report.get("outcome")
    if outcome not in get_args(Outcome):
        cause = f"'{printable(outcome)}' is no outcome"
        raise InputError(f"{place}, outcome", cause, f"send {' or '.join(get_args(Outcome))}")
    at = _instant(report.get("outcomeTimestamp"), f"{place}, outcomeTimestamp")
    if outcome == "accepted":
        accepted = _accepted(report.get("acceptedSuggestions"), f"{place}, acceptedSuggestions")
        return CardFeedback(card, card_rules[card], "accepted", at, accepted)
    system, code, display, comment = _reason(report.get("overrideReason"), f"{place}, overrideReason")
    return CardFeedback(card, card_rules[card], "overridden", at, (), system, code, display, comment)


def _accepted(found: object, place: str) -> tuple[str, ...]:
    ids = (
        [one.get("id") if isinstance(one, dict) else None for one in found] if isinstance(found, list) else []
    )
    texts = [one for one in ids if isinstance(one, str) and one]
    if not texts or len(texts) < len(ids):
        cause = "an accepted card names the suggestions that were accepted"
        raise InputError(place, cause, 'send [{"id": "UUID"}], with the uuid of each suggestion')
    return tuple(one[:LONGEST_TEXT] for one in texts)


def _reason(found: object, place: str) -> tuple[str, str, str, str]:
    """System, code and display of the reason, and the comment; each empty where there is none."""
    if found is None:
        return "", "", "", ""
    if not isinstance(found, dict):
        raise InputError(place, "it is no object", "send reason (a Coding), userComment, or both")
    coding, comment = found.get("reason"), found.get("userComment")
    if coding is not None and not isinstance(coding, dict):
        raise InputError(f"{place}, reason", "it is no Coding", "send system and code")
    parts = {key: (coding or {}).get(key) for key in ("system", "code", "display")}
    texts = {**parts, "userComment": comment}
    for key, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise InputError(f"{place}, {key}", "it is no text", "send a text, or leave it out")
    if coding is not None and not (parts["system"] and parts["code"]):
        raise InputError(
            f"{place}, reason", "it has no system or code", "send the reason as the card gave it"
        )
    system, code, display = (str(value or "")[:LONGEST_TEXT] for value in parts.values())
    return system, code, display, (comment or "")[:LONGEST_REASON]


def _instant(said: object, place: str) -> dt.datetime:
    """The moment that a feedback bears, in UTC where it names no zone."""
    try:
        when = dt.datetime.fromisoformat(str(said).replace("Z", "+00:00"))
        when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
        if when.year in YEARS:
            return when
    except (ValueError, OverflowError):
        pass
    hint = f"send an instant from {YEARS.start} to {YEARS.stop - 1}"
    raise InputError(place, f"'{printable(said)}' is not a time", hint)
