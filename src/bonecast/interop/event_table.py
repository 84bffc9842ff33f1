"""Tables of events as NONMEM and mrgsolve write them: one row for each dose, observation, change or reset.

Columns, in any case and order; a cell that is empty, ".", "NA" or null says nothing:

    ID     whose row it is; each run of rows of one ID is one individual          TIME   a number, or a clock (22:30)
    DATE   a day (also DAT1 day first, DAT2 year first, DAT3 year, day, month)    EVID   0 observation, 1 dose, 2 other,
    AMT    amount of a dose                                                              3 reset, 4 reset and dose
    RATE   of an infusion; -1 and -2: from the parameters R<n> and D<n>           CMT    number or name of a state, or a
    II     interval of repeated doses                                                    route (a drug) of the model
    ADDL   further doses                                                          MDV    1: DV is not an observation
    SS     1: steady state in place of what is there; 2: added to it              DV     the observed value
    BLQ    1: DV lies below LLOQ                                                  LLOQ   limit of quantification

Any other column is a covariate if the model has a parameter of its name. Rows are checked here as far as no model is
needed; what the columns do to a model is in `bonecast.simulation`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from bonecast.core import MOST_DOSES, Faults, read_columns
from bonecast.errors import InputError, InputErrors, printable

OBSERVATION, DOSE, OTHER, RESET, RESET_AND_DOSE = range(5)  # EVID
COLUMNS = (
    "ID", "TIME", "DATE", "DAT1", "DAT2", "DAT3", "EVID", "AMT", "RATE", "II", "ADDL", "SS", "CMT", "MDV", "DV", "BLQ",
    "LLOQ",
)  # fmt: skip
DateOrder = Literal["dmy", "mdy", "ymd", "ydm"]
_DATE_COLUMNS: dict[str, str | None] = {"DATE": None, "DAT1": "dmy", "DAT2": "ymd", "DAT3": "ydm"}
_ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
    "ydm": "year, day, month",
}
_MISSING = ("", ".", "na", "nan", "null", "none")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_CLOCK = re.compile(r"(\d{1,3}):(\d\d)(?::(\d\d(?:\.\d*)?))?")
_DAY = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_ROW = re.compile(r", row (\d+)")
_PIVOT = 50  # a year of two digits below it lies in this century


class EventTableError(InputErrors):
    """A table of events that cannot be used, with every fault in order of its rows.

    Parameters
    ----------
    faults : sequence of InputError
        The faults, at most 100.
    found : int, optional
        How many there are, if more than were kept.
    """

    what = "table"


@dataclass(frozen=True)
class EventRecords:
    """The checked rows of a table of events. What a row does not say is not a number; a whole number is 0.

    Parameters
    ----------
    place : str
        Name of the table in errors.
    lines : tuple of int
        Line of the file of each row; empty for a frame.
    ids : tuple of str
        Of each individual, in the order of the table; an ID that comes again later is a further individual.
    individual : ndarray of int, shape (row,)
        Position in `ids`.
    time : ndarray of float, shape (row,)
        As in the table; hours since the first row of the individual where it has dates or clocks.
    clock : bool
        Whether times are hours because the table has dates or clocks.
    evid, addl, ss : ndarray of int, shape (row,)
        What the row is; further doses; steady state.
    amt, rate, ii, dv, lloq : ndarray of float, shape (row,)
        Amount, rate, interval, observed value and limit of quantification.
    cmt : tuple of str
        Number or name of a state or route; empty where the row does not say.
    observed, below : ndarray of bool, shape (row,)
        Whether DV counts as an observation, and whether it lies below the limit.
    others : mapping of str to tuple of object
        Cells of the columns that the format does not know.
    notes : tuple of str
        What to bear in mind.
    """

    place: str
    lines: tuple[int, ...]
    ids: tuple[str, ...]
    individual: np.ndarray
    time: np.ndarray
    clock: bool
    evid: np.ndarray
    addl: np.ndarray
    ss: np.ndarray
    amt: np.ndarray
    rate: np.ndarray
    ii: np.ndarray
    dv: np.ndarray
    lloq: np.ndarray
    cmt: tuple[str, ...]
    observed: np.ndarray
    below: np.ndarray
    others: Mapping[str, tuple[Any, ...]]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<EventRecords of {self.place}: {len(self.time)} rows, {len(self.ids)} individuals>"

    def where(self, row: int, column: str) -> str:
        """Where a cell stands, for an error.

        Parameters
        ----------
        row : int
            Position of the row.
        column : str
            Name of the column.

        Returns
        -------
        str
        """
        return _where(self.place, self.lines, row, column)

    def only(self, individual: int) -> EventRecords:
        """Take the rows of one individual.

        Parameters
        ----------
        individual : int
            Position in `ids`.

        Returns
        -------
        EventRecords
        """
        rows = np.flatnonzero(self.individual == individual)
        own: dict[str, Any] = {}
        for name, values in vars(self).items():
            if isinstance(values, np.ndarray):
                own[name] = values[rows]
        lines = tuple(self.lines[row] for row in rows) if self.lines else ()
        others = {name: tuple(cells[row] for row in rows) for name, cells in self.others.items()}
        own |= {"individual": np.zeros(len(rows), np.int64), "cmt": tuple(self.cmt[row] for row in rows)}
        return replace(self, lines=lines, ids=(self.ids[individual],), others=others, **own)

    def numbers(self, column: str) -> np.ndarray:
        """Read one of the other columns as numbers.

        Parameters
        ----------
        column : str
            Its name, as it stands in the table.

        Returns
        -------
        ndarray of float, shape (row,)
            Not a number where the cell is empty.

        Raises
        ------
        InputError
            If a cell is no number, with all such rows.
        """
        faults = Faults()
        cells = self.others[column]
        values = [_number(cell, lambda i=i: self.where(i, column), faults) for i, cell in enumerate(cells)]
        _raise_any(faults)
        return np.array(values, np.float64)


def read_event_table(data: Any, date_order: DateOrder | None = None) -> EventRecords:
    """Read a table of events in the convention of NONMEM and mrgsolve.

    Parameters
    ----------
    data : path, polars or pandas DataFrame, or mapping of str to sequence
        A CSV file, or the table itself.
    date_order : {"dmy", "mdy", "ymd", "ydm"}, optional
        Order of day, month and year in DATE; by default as the dates themselves decide it.

    Returns
    -------
    EventRecords

    Raises
    ------
    InputError
        If a row cannot be used; all faults are named with row and column.

    Examples
    --------
    >>> rows = read_event_table({"ID": [1, 1], "TIME": [0, 24], "AMT": [100, None], "CMT": [1, 2]})
    >>> rows.evid.tolist(), rows.ids
    ([1, 0], ('1',))
    >>> read_event_table({"TIME": [0], "AMT": ["10O"]})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bonecast.interop.event_table.EventTableError: event table, row 1, column AMT: '10O' is not a number; write it ...
    """
    place, lines, raw = read_columns(data, "event table")
    named: dict[str, tuple[Any, ...]] = {}
    others: dict[str, tuple[Any, ...]] = {}
    for written, cells in raw.items():
        name = written.lstrip("#").strip()
        known = name.upper() in COLUMNS
        name, kept = (name.upper(), named) if known else (name, others)
        if name in kept:
            raise InputError(f"{place}, column {name}", "there are two of them", "rename one")
        kept[name] = cells
    if "TIME" not in named:
        raise InputError(f"{place}, column TIME", "there is none", "add the time of each row")
    return _Cells(place, lines, named, others, date_order).records()


@dataclass
class _Cells:
    """The cells of the columns that the format knows, on their way to records."""

    place: str
    lines: tuple[int, ...]
    named: dict[str, tuple[Any, ...]]
    others: dict[str, tuple[Any, ...]]
    date_order: DateOrder | None

    def records(self) -> EventRecords:
        self.faults = Faults()
        self.count = len(self.named["TIME"])
        ids, individual, notes = self._individuals()
        amt, rate, ii, lloq = (self._column(name) for name in ("AMT", "RATE", "II", "LLOQ"))
        addl, ss, mdv, blq = (self._whole(name) for name in ("ADDL", "SS", "MDV", "BLQ"))
        dv = self._column("DV")
        evid = self._evid(amt, rate)
        time, clock = self._times(individual)
        _raise_any(self.faults)
        self._check_time(time, individual, evid)
        self._check_doses(evid, amt, rate, ii, addl, ss)
        for name, values in (("MDV", mdv), ("BLQ", blq)):
            self._refuse(name, ~np.isin(values, (0, 1)), values, "is neither 0 nor 1", "write 0 or 1")
        below = blq == 1
        lacking = below & np.isnan(lloq) & np.isnan(dv)
        self._refuse("LLOQ", lacking, lloq, "BLQ is 1 and no limit stands in LLOQ or DV", "add the limit")
        _raise_any(self.faults)
        observed = (evid == OBSERVATION) & (mdv == 0) & (below | ~np.isnan(dv))
        lloq = np.where(below & np.isnan(lloq), dv, lloq)
        cmt = tuple(_text(cell) for cell in self.named.get("CMT", ("",) * self.count))
        return EventRecords(
            self.place, self.lines, ids, individual, time, clock, evid, addl, ss, amt, rate, ii, dv, lloq,
            cmt, observed, below, self.others, notes,
        )  # fmt: skip

    def where(self, row: int, column: str) -> str:
        return _where(self.place, self.lines, row, column)

    def _column(self, name: str) -> np.ndarray:
        cells = self.named.get(name, (None,) * self.count)
        return np.array(
            [_number(cell, lambda i=i: self.where(i, name), self.faults) for i, cell in enumerate(cells)]
        )

    def _whole(self, name: str, missing: int = 0) -> np.ndarray:
        values = self._column(name)
        self._refuse(name, np.isfinite(values) & (values % 1 != 0), values, "is no whole number", "round it")
        return np.clip(np.where(np.isfinite(values), values, missing), -(2**31), 2**31).astype(np.int64)

    def _refuse(self, column: str, wrong: np.ndarray, values: np.ndarray, cause: str, hint: str) -> None:
        """Note a fault for each wrong row; the value stands before the cause."""
        for row in np.flatnonzero(wrong).tolist():
            if self.faults.full:
                return
            value = values[row]
            shown = f"{value:g} {cause}" if np.isfinite(value) else cause
            self.faults.note(InputError(self.where(row, column), shown, hint))

    def _individuals(self) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
        names = [_text(cell) for cell in self.named.get("ID", ("1",) * self.count)]
        for row, name in enumerate(names):
            if not name and not self.faults.full:
                self.faults.note(InputError(self.where(row, "ID"), "it is empty", "say whose row it is"))
        new = [row == 0 or names[row] != names[row - 1] for row in range(self.count)]
        ids = tuple(name for name, first in zip(names, new, strict=True) if first)
        again = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
        notes = [
            f"ID {printable(name)} stands in separate places: each is an individual." for name in again[:5]
        ]
        return ids, np.cumsum(new) - 1, tuple(notes)

    def _evid(self, amt: np.ndarray, rate: np.ndarray) -> np.ndarray:
        dose = (np.nan_to_num(amt) > 0) | (np.nan_to_num(rate) != 0)
        if "EVID" not in self.named:
            return np.where(dose, DOSE, OBSERVATION)
        values = self._whole("EVID", -1)
        given = np.array([not _is_missing(cell) for cell in self.named["EVID"]])
        hint = "0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose"
        self._refuse("EVID", given & ~np.isin(values, range(5)), values, "is no kind of event", hint)
        return np.where(given, values, np.where(dose, DOSE, OBSERVATION))

    def _check_time(self, time: np.ndarray, individual: np.ndarray, evid: np.ndarray) -> None:
        back = np.zeros(self.count, bool)
        back[1:] = (
            (np.diff(time) < 0) & (np.diff(individual) == 0) & ~np.isin(evid[1:], (RESET, RESET_AND_DOSE))
        )
        hint = "sort the rows of each ID by time, or begin again with EVID 3 or 4"
        self._refuse("TIME", back, time, "lies before the row above", hint)

    def _check_doses(self, evid, amt, rate, ii, addl, ss) -> None:
        amt, rate, ii = (np.nan_to_num(values) for values in (amt, rate, ii))
        dose = np.isin(evid, (DOSE, RESET_AND_DOSE))
        constant = (ss == 1) & (amt == 0) & (rate > 0) & (ii == 0)
        self._refuse("AMT", amt < 0, amt, "is a negative amount", "give zero or more")
        self._refuse("AMT", ~dose & (amt > 0), amt, "is an amount in a row that is no dose", "write EVID 1")
        self._refuse(
            "RATE", (rate < 0) & ~np.isin(rate, (-1, -2)), rate, "is no rate", "give a rate above zero"
        )
        lost = dose & (amt == 0) & (rate > 0) & ~constant
        self._refuse("AMT", lost, amt, "is the amount of an infusion", "give the amount; or SS 1 and II 0")
        self._refuse("II", ii < 0, ii, "is a negative interval", "give zero or more")
        self._refuse("ADDL", addl < 0, addl, "is no number of further doses", "give zero or more")
        hint = "write 1 (in place of what is there) or 2 (added to it), or leave it out"
        self._refuse("SS", ~np.isin(ss, (0, 1, 2)), ss, "is no kind of steady state that is known here", hint)
        hint = "give the interval of the doses"
        self._refuse("II", dose & (addl > 0) & (ii <= 0), ii, "is the interval of further doses (ADDL)", hint)
        lacking = dose & (ss > 0) & (ii <= 0) & ~constant
        self._refuse("II", lacking, ii, "is the interval of a steady state (SS)", hint)
        total = int(addl[dose].sum())
        if total > MOST_DOSES:
            cause = f"there are {total:,} further doses in all"
            self.faults.note(InputError(f"{self.place}, column ADDL", cause, f"keep to {MOST_DOSES:,}"))

    def _times(self, individual: np.ndarray) -> tuple[np.ndarray, bool]:
        """Times as numbers; hours from the first row of the individual where there are dates or clocks."""
        cells = self.named["TIME"]
        dated = [name for name in _DATE_COLUMNS if name in self.named]
        if len(dated) > 1:
            raise InputError(
                f"{self.place}, column {dated[1]}", f"there is {dated[0]} too", "keep one of them"
            )
        if not dated and not any(isinstance(cell, str) and ":" in cell for cell in cells):
            time = self._column("TIME")
            empty = np.array([_is_missing(cell) for cell in cells])
            self._refuse("TIME", empty, time, "it is empty", "give the time of each row")
            return time, False
        days = self._days(dated[0]) if dated else np.zeros(self.count)
        hours = np.array([self._clock(row, cell) for row, cell in enumerate(cells)]) + 24.0 * days
        first = np.searchsorted(individual, np.arange(individual[-1] + 1))
        return hours - hours[first][individual], True

    def _clock(self, row: int, cell: Any) -> float:
        if isinstance(cell, dt.time):
            return cell.hour + cell.minute / 60 + (cell.second + cell.microsecond / 1e6) / 3600
        found = _CLOCK.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if found and int(found[2]) < 60 and float(found[3] or 0) < 60:
            return int(found[1]) + int(found[2]) / 60 + float(found[3] or 0) / 3600
        value = _number(cell, lambda: self.where(row, "TIME"), self.faults)
        if _is_missing(cell) and not self.faults.full:
            self.faults.note(InputError(self.where(row, "TIME"), "it is no clock time", "write it as 22:30"))
        return value

    def _days(self, column: str) -> np.ndarray:
        """Days of a column of dates, counted from any day; a plain whole number is a day already."""
        cells, parts = self.named[column], []
        for row, cell in enumerate(cells):
            found = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
            if isinstance(cell, dt.date):
                parts.append((cell.year, cell.month, cell.day))
            elif found:
                parts.append(tuple(int(part) for part in found.groups()))
            else:
                day = _number(cell, lambda row=row: self.where(row, column), self.faults)
                parts.append(day)
                if _is_missing(cell) and not self.faults.full:
                    self.faults.note(InputError(self.where(row, column), "it is empty", "give the day"))
        triples = [part for part in parts if isinstance(part, tuple)]
        order = self._order(column, triples) if triples else "ymd"
        days = []
        for row, part in enumerate(parts):
            day = _ordinal(part, order) if isinstance(part, tuple) else part
            if day is None and not self.faults.full:
                cause = f"{printable(cells[row])} is no day ({_ORDERS[order]})"
                self.faults.note(InputError(self.where(row, column), cause, "correct it"))
            days.append(math.nan if day is None else day)
        return np.array(days, np.float64)

    def _order(self, column: str, triples: list[tuple[int, ...]]) -> str:
        """The order of day, month and year: as said, as the column is named, or the only one that fits all dates."""
        stated = self.date_order or _DATE_COLUMNS[column]
        if stated:
            return stated
        fitting = [
            o for o in _ORDERS if all(_ordinal(triple, o, strict=True) is not None for triple in triples)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            return (
                "dmy" if all(triple[2] > 31 for triple in triples) else "ymd"
            )  # the rows that do not fit are named
        if fitting == ["ymd", "ydm"]:
            return "ymd"
        cause = "the dates may be read as " + " or as ".join(_ORDERS[order] for order in fitting)
        hint = "name the column DAT1 (day first) or DAT2 (year first), or read it with read_event_table(date_order=)"
        raise InputError(f"{self.place}, column {column}", cause, hint)


def _ordinal(triple: tuple[int, ...], order: str, strict: bool = False) -> float | None:
    """The day of three numbers in this order; strict: a year has four digits."""
    values = dict(zip(order, triple, strict=True))
    year = values["y"]
    if year < 100:
        if strict and any(part > 99 for part in triple):
            return None
        year += 2000 if year < _PIVOT else 1900
    try:
        return float(dt.date(year, values["m"], values["d"]).toordinal())
    except ValueError:
        return None


def _is_missing(cell: Any) -> bool:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    return isinstance(cell, str) and cell.strip().casefold() in _MISSING


def _text(cell: Any) -> str:
    if _is_missing(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text


def _number(cell: Any, where: Callable[[], str], faults: Faults) -> float:
    """A cell as a number; not a number where it says nothing, or where a fault is noted."""
    if _is_missing(cell):
        return math.nan
    value = math.nan
    if isinstance(cell, str):
        text = cell.strip()
        if _NUMBER.fullmatch(text) and len(text) <= 100:
            value = float(text.replace("d", "e").replace("D", "e"))
    elif isinstance(cell, int | float | np.number):
        value = float(cell)
    if not math.isfinite(value) and not faults.full:
        cause = f"'{printable(cell)}' is not a number"
        faults.note(InputError(where(), cause, "write it with a decimal point, or leave the cell empty"))
    return value if math.isfinite(value) else math.nan


def _where(place: str, lines: tuple[int, ...], row: int, column: str) -> str:
    line = f" (line {lines[row]})" if lines else ""
    return f"{place}, row {row + 1}{line}, column {column}"


def _raise_any(faults: Faults) -> None:
    """Raise what was noted, in order of the rows."""
    if faults.kept:
        rows = [_ROW.search(fault.place) for fault in faults.kept]
        order = sorted(range(len(rows)), key=lambda i: int(found[1]) if (found := rows[i]) else 0)
        raise EventTableError([faults.kept[i] for i in order], faults.found)
