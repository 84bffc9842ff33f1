"""A fixed panel of 200 invented records, what this release answers on it, and what differs between two releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bonecast.care import check, usual_act
from bonecast.core import Progress, parse_json, read_text
from bonecast.errors import BonecastError, InputError, printable
from bonecast.forecasts import forecast, people_of
from bonecast.models import DEFAULT_MODEL
from bonecast.records import Patient
from bonecast.reports import answer, versions

FORMAT = 1
DRAWS, HORIZON = 50, "3 years"  # of each forecast; the seed is fixed, so that no rank changes by chance
# Facts of the act, which no record holds: everything as it should be, so that clear can be reached.
ACT = {"syringe_shaken_or_frozen": False, "severe_skin_reaction": "none"}


@dataclass(frozen=True)
class AnswerChange:
    """One answer on one record that is not as it was.

    Parameters
    ----------
    record : str
        Id of the panel's record.
    what : str
        State, rules that block or warn, ranks, or a strategy and output.
    old : str
        In the earlier release.
    new : str
        In the later one.
    """

    record: str
    what: str
    old: str
    new: str


def panel() -> list[Patient]:
    """Read the records of the panel.

    Returns
    -------
    list of Patient
        200, in the order of the file.

    Examples
    --------
    >>> len(panel())
    200
    """
    return [person.read() for person in people_of([str(files("bonecast.trust") / "panel.csv")])]


def panel_answers(
    people: Sequence[Patient] | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Check and forecast every record of the panel.

    Parameters
    ----------
    people : sequence of Patient, optional
        Records; all of the panel by default.
    progress : callable, optional
        Called with the share done and the record.

    Returns
    -------
    dict of str to object
        `versions`, and by record the answer of the check and of the forecast, or why there is none.
    """
    found: dict[str, Any] = {}
    records = panel() if people is None else people
    for i, patient in enumerate(records):
        if progress:
            progress(i / len(records), patient.id)
        found[patient.id] = {"check": checked(patient), "forecast": _forecast(patient)}
    return {"format": FORMAT, "versions": versions((DEFAULT_MODEL,)), "answers": found}


def checked(patient: Patient) -> dict[str, Any]:
    """Answer of the care rules on the usual act of one record.

    Parameters
    ----------
    patient : Patient
        The record.

    Returns
    -------
    dict of str to object
        act, state, and ids of the rules that block and warn.
    """
    made = check(patient, usual_act(patient), facts=ACT)
    return {
        "act": made.action,
        "state": made.state,
        "block": sorted(made.ids("block")),
        "warn": sorted(made.ids("warn")),
    }


def compare_answers(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[AnswerChange]:
    """List what two releases answer differently.

    Parameters
    ----------
    old : mapping
        From `panel_answers` or `read_answers`, of the earlier release.
    new : mapping
        Of the later one.

    Returns
    -------
    list of AnswerChange
        By record, the check before the forecast.
    """
    found: list[AnswerChange] = []
    ids = list(dict.fromkeys((*old["answers"], *new["answers"])))
    for name in ids:
        before, after = (_lines(of["answers"].get(name)) for of in (old, new))
        found += [
            AnswerChange(name, what, before.get(what, "none"), after.get(what, "none"))
            for what in dict.fromkeys((*before, *after))
            if before.get(what) != after.get(what)
        ]
    return found


def count_changes(changes: Sequence[AnswerChange]) -> dict[str, int]:
    """Count records with a change, by what changed.

    Parameters
    ----------
    changes : sequence of AnswerChange
        From `compare_answers`.

    Returns
    -------
    dict of str to int
        The most frequent first.
    """
    kinds = {(one.record, one.what.partition(":")[0]) for one in changes}
    return dict(Counter(kind for _, kind in sorted(kinds)).most_common())


def read_answers(path: Path) -> dict[str, Any]:
    """Read a file that `bonecast panel` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of str to object

    Raises
    ------
    InputError
        If it is none, or of another form.
    """
    place = printable(path, 120)
    found = parse_json(read_text(path, place), place)
    usable = (
        isinstance(found, dict) and found.get("format") == FORMAT and isinstance(found.get("answers"), dict)
    )
    if not usable:
        hint = "give a file that `bonecast panel FILE` wrote"
        raise InputError(place, "it holds no answers of the panel of this form", hint)
    return found  # type: ignore[return-value]


def _forecast(patient: Patient) -> dict[str, Any]:
    try:
        made = forecast(patient, horizon=HORIZON, draws=DRAWS)
    except BonecastError as error:
        return {"refused": str(error)}
    return answer(made)


def _lines(found: Mapping[str, Any] | None) -> dict[str, str]:
    """The answer on one record as texts that can be compared and shown."""
    if found is None:
        return {}
    check_, made = found["check"], found["forecast"]
    lines = {
        "act": check_["act"],
        "state": check_["state"],
        "rules that block": ", ".join(check_["block"]) or "none",
        "rules that warn": ", ".join(check_["warn"]) or "none",
    }
    if "refused" in made:
        return {**lines, "forecast": f"refused: {made['refused']}"}
    lines["strategies"] = "; ".join(f"{name} {word}" for name, word in made["care"].items())
    lines["ranks"] = ", ".join(made["ranks"]) or "none"
    for one in made["last"]:
        middle = "none" if one["p50"] is None else f"{one['p50']:.3g} ({one['p05']:.3g} to {one['p95']:.3g})"
        lines[f"range: {one['strategy']}, {one['output']}"] = middle
    return lines
