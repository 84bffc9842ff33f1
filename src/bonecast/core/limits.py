"""How much is read: the limits that every reader checks before it allocates, on files, pages, the API and hooks alike.

Nothing is computed from them. Each is a choice: well above what a record, a trial or a table of a clinic needs, and
low enough that a text is refused or read within about a second and 300 MB.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from bonecast.core.translation import gettext
from bonecast.errors import InputError, printable

LARGEST_FILE = 10_000_000  # bytes of a file: a lifetime of weekly laboratory values is below one million
LARGEST_TOML = 2_000_000  # bytes of TOML: 5,000 doses and 5,000 measurements with every key
LONGEST_LINE = 2_000  # characters of a line of TOML
MOST_KEY_PARTS = 20_000  # dots that are not part of a number, in one TOML text: each may make a table
MOST_BRACKETS = 60_000  # opening brackets and braces of one TOML text
MOST_NODES = 300_000  # lists and objects of one JSON text: a Bundle of 10,000 observations has about 150,000
MOST_VALUES = 1_000_000  # commas of one JSON text
DEEPEST = 40  # levels of nested lists and objects; a FHIR Bundle has about 15
MOST_DIGITS = 100  # digits in a row: more is no number that anybody measured
LARGEST_INTEGER = 2**63 - 1  # what a database and an array hold
MOST_ROWS = 50_000  # rows of a table
MOST_COLUMNS = 500  # columns of a table
LONGEST_CELL = 100_000  # characters of a cell: 2,000 measurements of one person
LONGEST_ENTRY = 200  # characters of one text, such as a name, or one dose in a cell
MOST_ENTRIES = 5_000  # doses, or measurements, in one record: daily entries over more than a decade
MOST_DOSES = 100_000  # doses of a plan, or of the courses of one record, written out
SHORTEST_INTERVAL_D = 0.25  # days between doses of a course: four times a day
EARLIEST_DAY = dt.date(1800, 1, 1)  # no day of a record lies before it
LATEST_DAY = dt.date(2200, 1, 1)  # no day that is asked about lies after it

# Control characters but tab and line ends, and halves of a character that no text can hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LONG_NUMBER = re.compile(f"[0-9]{{{MOST_DIGITS + 1}}}")


def check_text(text: str, place: str) -> None:
    r"""Refuse a text with a control character, which no name and no number has.

    Parameters
    ----------
    text : str
        The text; tabs and line ends may be in it.
    place : str
        Where it stands, for the error.

    Raises
    ------
    InputError
        With the line and the code of the character.

    Examples
    --------
    >>> check_text("con\x1btrol", "name")
    Traceback (most recent call last):
    bonecast.errors.InputError: name: there is a control character (U+001B) after 'con'; take it out.
    """
    found = _CONTROL.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    at = f"{place}, line {line}" if "\n" in text else place
    before = printable(text[max(0, found.start() - 20) : found.start()].rpartition("\n")[2])
    after = f" after '{before}'" if before else ""
    cause = gettext("there is a control character (U+{found:04X}){after}", found=ord(found[0]), after=after)
    raise InputError(at, cause, gettext("take it out"))


def check_numbers(text: str, place: str) -> None:
    """Refuse a text with a number of more than 100 digits; reading one takes the square of its length.

    Parameters
    ----------
    text : str
        The text.
    place : str
        Where it stands, for the error.

    Raises
    ------
    InputError
        With its line.
    """
    found = _LONG_NUMBER.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise InputError(
            f"{place}, line {line}",
            gettext("a number has over {most_digits} digits", most_digits=MOST_DIGITS),
            gettext("write it shorter"),
        )


def check_values(value: object, place: str) -> None:
    """Refuse parsed JSON or TOML that holds control characters, whole numbers beyond 64 bits, or too deep a nesting.

    Parameters
    ----------
    value : object
        Dictionaries, lists, texts and numbers.
    place : str
        Where it stands, for the error.

    Raises
    ------
    InputError
        With the key at which it stands.

    Examples
    --------
    >>> check_values({"person": {"menopause_age": 10**30}}, "record")
    Traceback (most recent call last):
    bonecast.errors.InputError: record, person, menopause_age: a whole number has over 19 digits; write it shorter.
    """
    if _is_plain(value):
        return
    open_: list[_Node] = [_Node(value, "", None, 1)]
    while open_:
        one = open_.pop()
        held = one.value
        if isinstance(held, str):
            if _CONTROL.search(held):
                check_text(held, one.place(place))
        elif isinstance(held, int):
            if abs(held) > LARGEST_INTEGER:
                raise InputError(
                    one.place(place),
                    gettext("a whole number has over 19 digits"),
                    gettext("write it shorter"),
                )
        elif isinstance(held, dict | list):
            if one.depth > DEEPEST:
                hint = gettext("keep to {deepest} levels", deepest=DEEPEST)
                raise InputError(place, gettext("lists and tables are nested too deep"), hint)
            if isinstance(held, list):
                open_.extend(_Node(inner, "", one, one.depth + 1) for inner in reversed(held))
                continue
            for key in map(str, held):
                if _CONTROL.search(key):  # the place is put into words only where there is a fault
                    check_text(key, one.place(place))
            open_.extend(_Node(inner, str(key), one, one.depth + 1) for key, inner in reversed(held.items()))


def _is_plain(value: object) -> bool:
    """Is there nothing to refuse? Level by level, without the places that only an error needs."""
    texts: list[str] = []
    level = [value]
    for _ in range(DEEPEST + 1):
        inner: list[object] = []
        for held in level:
            if isinstance(held, str):
                texts.append(held)
            elif isinstance(held, dict):
                texts += map(str, held)
                inner += held.values()
            elif isinstance(held, list):
                inner += held
            elif isinstance(held, int) and abs(held) > LARGEST_INTEGER:
                return False
        if not inner:
            return _CONTROL.search("\n".join(texts)) is None
        level = inner
    return False


class _Node(NamedTuple):
    """A value with the way to it; the way is put into words only for an error."""

    value: object
    key: str
    above: _Node | None
    depth: int

    def place(self, place: str) -> str:
        keys = []
        node: _Node | None = self
        while node is not None:
            keys.append(printable(node.key))
            node = node.above
        return ", ".join([place, *filter(None, reversed(keys))])


def check_day(day: dt.date, place: str) -> dt.date:
    """Refuse a day that no record and no question is about.

    Parameters
    ----------
    day : date
        The day.
    place : str
        Where it stands, for the error.

    Returns
    -------
    date
        The day.

    Raises
    ------
    InputError
        If it lies before 1800 or after 2200.
    """
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise InputError(
            place, gettext("{day} is no day of a patient's life", day=day), gettext("correct the year")
        )
    return day


def read_day(text: str, place: str) -> dt.date:
    """Read a day that a person or a program typed.

    Parameters
    ----------
    text : str
        As 2026-09-15.
    place : str
        Where it stands, for the error.

    Returns
    -------
    date
        The day.

    Raises
    ------
    InputError
        If it is none, or lies before 1800 or after 2200.
    """
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            place,
            gettext("'{given}' is not a day", given=printable(text, 40)),
            gettext("write it like 2026-09-15"),
        ) from None
    return check_day(day, place)


def csv_rows(text: str, place: str, most_rows: int = MOST_ROWS) -> Iterator[tuple[int, list[str]]]:
    r"""Read CSV row by row, within the limits of a table.

    Parameters
    ----------
    text : str
        CSV.
    place : str
        Name of the table, for errors.
    most_rows : int
        Most rows, the header among them.

    Yields
    ------
    tuple of (int, list of str)
        Line on which the row ends, and its cells; blank lines are passed over.

    Raises
    ------
    InputError
        If it is not CSV, or has too many rows, columns or characters in a cell.

    Examples
    --------
    >>> list(csv_rows("id,alt\n\nA,40\n", "t.csv"))
    [(1, ['id', 'alt']), (3, ['A', '40'])]
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    count = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cause = gettext("this is not CSV ({error})", error=printable(error, 80))
            hint = gettext("save the table as CSV in UTF-8, with quotes in pairs and short cells")
            raise InputError(f"{place}, line {reader.line_num}", cause, hint) from None
        if not row:
            continue
        at, count = f"{place}, line {reader.line_num}", count + 1
        if count > most_rows:
            raise InputError(
                at,
                gettext("there are over {most_rows:,} rows", most_rows=most_rows),
                gettext("split the table"),
            )
        if len(row) > MOST_COLUMNS:
            raise InputError(
                at,
                gettext("there are over {most_columns} columns", most_columns=MOST_COLUMNS),
                gettext("keep those that are read"),
            )
        longest = max(map(len, row))
        if longest > LONGEST_CELL:
            cause = gettext("a cell has {longest:,} characters", longest=longest)
            raise InputError(at, cause, gettext("keep cells to {longest_cell:,}", longest_cell=LONGEST_CELL))
        yield reader.line_num, row
