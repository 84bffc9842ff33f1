"""A finding overridden by a clinician: for one act and one value, with a reason, for a week at most, kept on file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bonecast.care.case import CareCase
from bonecast.care.rules import find_rule
from bonecast.care.variables import Value
from bonecast.core import gettext
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.care.findings import Finding

LONGEST_REASON = 2000  # characters
HOLDS_D = 7  # days for which an override holds (default of this project)


@dataclass(frozen=True)
class Override:
    """A rule that a clinician overrode.

    An override without an act or values takes those of the check in which it is first used.

    Parameters
    ----------
    rule : str
        Id of the rule.
    reason : str
        The reason.
    by : str
        Name of the clinician.
    at : datetime
        When.
    action : str
        Act that it is for, as the rules name it.
    values : tuple of (str, bool or float or str or None)
        Facts that it is for, by variable.
    """

    rule: str
    reason: str
    by: str
    at: dt.datetime
    action: str = ""
    values: tuple[tuple[str, Value | None], ...] = ()

    @property
    def until(self) -> dt.date:
        """The last day on which it may hold; the next injection or a changed value ends it earlier."""
        return self.at.date() + dt.timedelta(days=HOLDS_D)


def read_override(text: str, by: str, at: dt.datetime, place: str = "--override") -> Override:
    """Read an override that is written as "RULE: REASON".

    Parameters
    ----------
    text : str
        Id of the rule and the reason.
    by : str
        Name of the clinician.
    at : datetime
        When.
    place : str
        Where the text stands, for the error.

    Returns
    -------
    Override
        The override, for any act and values.

    Raises
    ------
    InputError
        If the reason is missing or too long.
    UnknownName
        If there is no such rule.

    Examples
    --------
    >>> read_override("PD-07: loading dose given today", "Dr A", dt.datetime(2026, 9, 15)).rule
    'PD-07'
    """
    rule, _, reason = (part.strip() for part in text.partition(":"))
    find_rule(rule, place)
    if not reason:
        raise InputError(
            place,
            gettext("{rule} is overridden without a reason", rule=rule),
            gettext('write "RULE: REASON"'),
        )
    if len(reason) > LONGEST_REASON:
        raise InputError(
            place,
            gettext("the reason for {rule} is too long", rule=rule),
            gettext("use {longest_reason} characters", longest_reason=LONGEST_REASON),
        )
    return Override(rule, reason, by, at)


def bound(override: Override, case: CareCase, finding: Finding) -> Override:
    """The override with the act and the values that it is for; those that it has stay."""
    action = override.action or str(case.values["planned_action"])
    return replace(override, action=action, values=override.values or _values(finding, case))


def lapsed(override: Override, case: CareCase, finding: Finding | None) -> str:
    """Why does this override no longer hold? Empty where it does.

    It ends with the next injection, after a week, when the act is another, and when a value of the finding changes.
    """
    if (case.on - override.at.date()).days > HOLDS_D:
        return gettext("it is older than {HOLDS_D} days", HOLDS_D=HOLDS_D)
    last = case.known("last_denosumab_offset_days")
    if last is not None and last.date is not None and last.date > override.at.date():
        return gettext("an injection was given on {date}", date=last.date)
    if override.action and override.action != case.values["planned_action"]:
        return gettext("it was for {action}", action=override.action)
    if override.values and finding is None:
        return gettext("the finding is gone")
    if override.values and finding is not None:
        now, then = dict(_values(finding, case)), dict(override.values)
        if _DOSES in then and then[_DOSES] != now.get(_DOSES):
            return gettext("an injection was given since")
        if now != then:
            return gettext("a value that it was given for has changed")
    return ""


def override_data(one: Override) -> dict[str, Any]:
    """Write an override as plain data.

    Parameters
    ----------
    one : Override
        The override.

    Returns
    -------
    dict of str to object
        As JSON holds it.
    """
    return {
        "rule": one.rule,
        "reason": one.reason,
        "by": one.by,
        "at": one.at.isoformat(),
        "action": one.action,
        "values": dict(one.values),
    }


def override_of_data(data: Mapping[str, Any]) -> Override:
    """Read an override from the data that `override_data` wrote.

    Parameters
    ----------
    data : mapping of str to object
        The data.

    Returns
    -------
    Override
        The override.

    Examples
    --------
    >>> one = read_override("PD-07: loading dose given today", "Dr A", dt.datetime(2026, 9, 15))
    >>> override_of_data(override_data(one)) == one
    True
    """
    at = dt.datetime.fromisoformat(data["at"])
    return Override(
        data["rule"], data["reason"], data["by"], at, data["action"], tuple(data["values"].items())
    )


def append_overrides(overrides: tuple[Override, ...], patient_id: str, log: Path) -> None:
    """Append each override to a log, as a line of JSON.

    Parameters
    ----------
    overrides : tuple of Override
        The overrides.
    patient_id : str
        Id of the person.
    log : Path
        File, which is only ever appended to.

    Raises
    ------
    InputError
        If the log cannot be written.
    """
    lines = [
        json.dumps({"patient": patient_id, **override_data(one)}, ensure_ascii=False) + "\n"
        for one in overrides
    ]
    try:
        with log.open("a", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        cause = gettext(
            "'{log}' cannot be written ({strerror})", log=printable(log, 120), strerror=error.strerror
        )
        raise InputError("--log", cause, gettext("name another file")) from None


def _values(finding: Finding, case: CareCase) -> tuple[tuple[str, Value | None], ...]:
    """The values that the finding is about and the injections so far; not the act, nor the days that pass."""
    about = {fact.name: fact.value for fact in finding.facts if fact.name not in _PASSING}
    return tuple(({_DOSES: case.values.get(_DOSES)} | about).items())


_DOSES = "n_doses_received"


_PASSING = frozenset(
    (
        "planned_action",
        "target_drug",
        "giving_dose",
        "starting",
        "days_since_last_denosumab",
        "last_denosumab_offset_days",
        "calcium_result_age_days",
        "months_since_dxa",
        "age_years",
    )
)
