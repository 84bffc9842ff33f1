"""Files of cases: rows of facts in, the rules that fire out. For tests, audits and other people's tables."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bonecast.care.derived import with_derived
from bonecast.care.firing import Outcome, State, contradictions_in, fired, outcome_of, state_of
from bonecast.care.questions import missing_facts
from bonecast.care.rules import SEVERITIES
from bonecast.care.variables import Value, find_variable, read_value, variables
from bonecast.core import atomic_write, csv_rows, parse_json, read_text
from bonecast.errors import InputError, printable

COLUMNS = ("id", "outcome", "state", "missing", *(f"{severity}_ids" for severity in SEVERITIES))


@dataclass(frozen=True)
class CaseRow:
    """One row: its id, its facts, and where it stands."""

    id: str
    facts: dict[str, Value]
    place: str


@dataclass(frozen=True)
class CaseResult:
    """What fired for one row, what is missing that could still block, and where its facts contradict each other."""

    id: str
    outcome: Outcome
    state: State
    missing: tuple[str, ...]
    ids: dict[str, list[str]]
    contradictions: tuple[str, ...]

    @property
    def cells(self) -> list[str]:
        """The row of the result file."""
        ids = (";".join(self.ids[severity]) for severity in SEVERITIES)
        return [self.id, self.outcome, self.state, ";".join(self.missing), *ids]


def read_cases(path: str | os.PathLike[str]) -> tuple[list[CaseRow], list[str]]:
    """Read a file of cases.

    A column that is named like a variable gives it; column `other` holds more of them as a JSON object. An empty
    cell takes the variable's default for cases, a JSON null makes it missing although it has one.

    Parameters
    ----------
    path : str or path
        CSV file in UTF-8 with a column `id`, at most 10 MB and 50,000 rows.

    Returns
    -------
    rows : list of CaseRow
        Cases, in the order of the file.
    ignored : list of str
        Columns that are no variable and were ignored.

    Raises
    ------
    InputError
        If the file or one of its cells cannot be read; the first such cell is named.
    UnknownName
        If column `other` names an unknown variable, or a cell a choice that its variable does not have.
    """
    place = printable(os.fspath(path), 120)
    rows = list(_rows(Path(path), place))
    columns = list(rows[0][1]) if rows else []
    if "id" not in columns:
        raise InputError(
            place, "there is no row with a column id", "give a CSV file with id and facts as columns"
        )
    ignored = [name for name in columns if name not in ("id", "other", *variables())]
    found = [_case(row, f"{place}, line {line}") for line, row in rows]
    return found, ignored


def check_cases(rows: Iterable[CaseRow]) -> list[CaseResult]:
    """Check each case against the rules.

    Parameters
    ----------
    rows : iterable of CaseRow
        Cases, as `read_cases` gives them.

    Returns
    -------
    list of CaseResult
        Result of each case, in the same order.

    Examples
    --------
    >>> row = CaseRow("A-1", {"hypocalcaemia_symptoms": True}, "row 1")
    >>> check_cases([row])[0].ids["warn"]
    ['MO-06']
    """
    return [_checked(row) for row in rows]


def write_results(results: Iterable[CaseResult], target: Path) -> None:
    """Write the results of cases as a CSV file.

    A row holds id, outcome, state, missing facts and the ids of the rules of each severity.

    Parameters
    ----------
    results : iterable of CaseResult
        Results, written in this order.
    target : Path
        File to write.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with (
        atomic_write(target) as beside,
        beside.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(result.cells for result in results)


def _checked(row: CaseRow) -> CaseResult:
    facts = with_derived(row.facts)
    found = fired(facts)
    ids = {severity: [rule.id for rule in found if rule.severity == severity] for severity in SEVERITIES}
    contradictions = tuple(one.what for one in contradictions_in(facts))
    missing = tuple(missing_facts(row.facts))
    state = "do_not_give" if contradictions else state_of(found, bool(missing))
    return CaseResult(row.id, outcome_of(found), state, missing, ids, contradictions)


def _rows(path: Path, place: str) -> Iterable[tuple[int, dict[str, str]]]:
    table = csv_rows(read_text(path, place), place)
    _, header = next(table, (1, []))
    for line, cells in table:
        if len(cells) != len(header):
            cause = "the row has more or fewer cells than the header"
            raise InputError(f"{place}, line {line}", cause, "give each column one cell")
        yield line, dict(zip(header, cells, strict=True))


def _case(row: dict[str, str], place: str) -> CaseRow:
    facts: dict[str, Value] = {
        name: variable.case_default
        for name, variable in variables().items()
        if variable.case_default is not None
    }
    for name, cell in row.items():
        if name in variables() and cell.strip():
            facts[name] = read_value(variables()[name], cell, f"{place}, {name}")
    for name, value in _other(row.get("other", ""), f"{place}, other").items():
        variable = find_variable(name, f"{place}, other")
        if value is None:
            facts.pop(name, None)
        else:
            facts[name] = read_value(variable, value, f"{place}, other, {name}")
    return CaseRow(row["id"], facts, place)


def _other(cell: str, place: str) -> dict[str, object]:
    try:
        found = parse_json(cell or "{}", place)
    except InputError:
        found = None
    if not isinstance(found, dict):
        raise InputError(
            place, f"'{printable(cell)}' is not a JSON object", 'write it like {"on_dialysis": true}'
        )
    return found
