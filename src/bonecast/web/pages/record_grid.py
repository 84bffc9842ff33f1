"""Measurements as grids: a row for each scan with its sites, a row for each day of laboratory results with its tests.

A cell holds a number, and its column the unit; a value in another unit is shown with it. A cell that is left as it was
keeps its entry to the letter, so that two windows that change different cells are merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bonecast.errors import InputError
from bonecast.records import Quantity, find_site, find_test, quantities, site_names, to_usual
from bonecast.web.store.merge import KEY, Record

Values = dict[str, str]  # what each field of the form holds, by its name ("doses-0-date")
SCANS, RESULTS = "scans", "results"
USUAL_SITES = site_names()[:3]
USUAL_TESTS = (
    "calcium",
    "corrected calcium",
    "albumin",
    "creatinine",
    "eGFR",
    "25-OH vitamin D",
    "PTH",
    "phosphate",
    "magnesium",
    "ALP",
    "CTX",
    "P1NP",
)
ROW = {SCANS: ("date", "scanner"), RESULTS: ("date", "time", "fasting", "lab")}
MORE = ("assay", "reference_low", "reference_high")  # of each result by itself
_CELL = re.compile(r"(?P<table>scans|results)-(?P<row>\d{1,5})-(?P<key>[a-z0-9_]+)")
_COMMA = re.compile(r"([<>≤≥=+\-−\s]*\d+),(\d+)(\D.*)?")
_BARE = re.compile(r"[<>≤≥=\s]*\d+(?:\.\d+)?")


@dataclass(frozen=True)
class GridColumn:
    """One column of a grid: a test, or a site of a scan. `name` is what it is called in names of fields."""

    name: str
    label: str
    units: tuple[str, ...]
    unit: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class GridEntry:
    """A measurement of the form, and the field at which a fault of each of its keys is shown."""

    content: dict[str, Any]
    places: dict[str, str]


def field_name(name: str) -> str:
    """A test or site in names of fields.

    >>> field_name("25-OH vitamin D"), field_name("lumbar spine")
    ('25_oh_vitamin_d', 'lumbar_spine')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


@cache
def laboratory_tests() -> dict[str, Quantity]:
    """The tests of the laboratory by the name of their column."""
    return {field_name(q.name): q for q in quantities().values() if q.is_test and q.name != "BMD"}


@cache
def _sites() -> dict[str, str]:
    return {field_name(site): site for site in site_names()}


def decimal_point(text: str, quantity: Quantity | None = None, unit: str = "") -> str:
    """A number with a decimal point for a decimal comma. One that could also part thousands stays as it is, unless the
    quantity cannot be so large.

    >>> bmd = find_test("BMD")
    >>> decimal_point("0,742"), decimal_point("61,5 kg"), decimal_point("1,012", bmd), decimal_point("1,250")
    ('0.742', '61.5 kg', '1.012', '1,250')
    """
    found = _COMMA.fullmatch(text.strip())
    if found is None:
        return text.strip()
    whole, part, rest = found[1], found[2], found[3] or ""
    digits = re.sub(r"\D", "", whole)
    could_be_thousands = len(part) == 3 and digits != "0" and len(digits) < 4
    if could_be_thousands and not (
        quantity and _beyond(quantity, float(digits + part), rest.strip() or unit)
    ):
        return text.strip()
    return f"{whole.strip()}.{part}{rest}"


def _beyond(quantity: Quantity, number: float, unit: str) -> bool:
    """Is this more than the quantity can be?"""
    try:
        return to_usual(quantity, number, unit or quantity.usual) > quantity.high
    except InputError:
        return False


def grid_values(record: Record, remembered: Mapping[str, str] | None = None) -> Values:
    """What the cells of both grids hold for this record, with the unit of each column.

    `remembered` : the unit that was last chosen for each test, where the record has none.
    """
    entries = record.get("measurements", [])
    values = _units(entries, remembered or {})
    for entry in sorted(entries, key=lambda one: (str(one.get("date", "")), shown(one.get("time", "")))):
        test = find_test(entry["test"])
        table = SCANS if test.name == "BMD" else RESULTS
        cell = field_name(find_site(entry["site"]) if table == SCANS else test.name)
        about = {key: shown(entry.get(key, "")) for key in ROW[table]}
        at = f"{table}-{_row_for(values, table, cell, about)}"
        values |= {f"{at}-{key}": text or values.get(f"{at}-{key}", "") for key, text in about.items()}
        unit = values[f"unit-{'bmd' if table == SCANS else cell}"]
        values[f"{at}-{cell}_key"] = entry.get(KEY, "")
        values[f"{at}-{cell}{'_bmd' if table == SCANS else ''}"] = _in_cell(str(entry["value"]), unit)
        if table == SCANS:
            values[f"{at}-{cell}_t"] = shown(entry.get("t_score", ""))
        else:
            values |= {f"more-{entry.get(KEY, '')}-{key}": shown(entry[key]) for key in MORE if key in entry}
    return values


def _row_for(values: Values, table: str, cell: str, about: Mapping[str, str]) -> int:
    """The last row of this day, or a new one where its cell is taken or it says something else of the day."""
    row = max(grid_rows(values, table), default=-1)
    at = f"{table}-{row}"
    there = {key: values.get(f"{at}-{key}", "") for key in about}
    fits = there.get("date") == about["date"] and all(
        not text or not there[key] or text == there[key] for key, text in about.items()
    )
    return row if fits and f"{at}-{cell}_key" not in values else row + 1


def _units(entries: list[dict[str, Any]], remembered: Mapping[str, str]) -> Values:
    """The unit of each column: that of the newest value, else the one remembered, else the usual one."""
    values: Values = {}
    for name, quantity in {"bmd": find_test("BMD"), **laboratory_tests()}.items():
        kept = remembered.get(name, "")
        values[f"unit-{name}"] = kept if kept in quantity.units else quantity.usual
    for entry in sorted(entries, key=lambda one: str(one.get("date", ""))):
        name = field_name(find_test(entry["test"]).name)
        said = str(entry["value"]).partition(" ")[2].strip()
        if said in find_test(entry["test"]).units:
            values[f"unit-{name}"] = said
        for key, limit in (("low", "reference_low"), ("high", "reference_high")):
            if limit in entry:
                values[f"{key}-{name}"] = _in_cell(str(entry[limit]), said)
    return values | {f"{name}-was": unit for name, unit in values.items() if name.startswith("unit-")}


def grid_rows(values: Mapping[str, str], table: str) -> list[int]:
    """The numbers of the rows of this grid, in order."""
    found = (_CELL.fullmatch(name) for name in values)
    return sorted({int(one["row"]) for one in found if one and one["table"] == table})


def first_free_cell(record: Record, test: str) -> str:
    """The field in which a new value of this test is entered, in the form of this record.

    >>> first_free_cell({}, "eGFR"), first_free_cell({}, "BMD")
    ('results-0-egfr', 'scans-0-lumbar_spine_bmd')
    """
    scan = find_test(test).name == "BMD"
    table, cell = (SCANS, f"{field_name(USUAL_SITES[0])}_bmd") if scan else (RESULTS, field_name(test))
    return f"{table}-{max(grid_rows(grid_values(record), table), default=-1) + 1}-{cell}"


def columns(values: Mapping[str, str], table: str, also: str = "") -> list[GridColumn]:
    """The columns of a grid: the usual ones, those with a value, and the one that is asked for besides."""
    shown = set(USUAL_SITES if table == SCANS else USUAL_TESTS) | {also}
    used = {one["key"] for name in values if (one := _CELL.fullmatch(name)) and one["table"] == table}
    if table == SCANS:
        bmd = find_test("BMD")
        return [
            GridColumn(name, site, bmd.units, values.get("unit-bmd", bmd.usual))
            for name, site in _sites().items()
            if site in shown or f"{name}_bmd" in used
        ]
    ordered = sorted(
        laboratory_tests().items(),
        key=lambda one: USUAL_TESTS.index(one[1].name) if one[1].name in USUAL_TESTS else 99,
    )
    return [
        GridColumn(
            name,
            q.name,
            q.units,
            values.get(f"unit-{name}", q.usual),
            values.get(f"low-{name}", ""),
            values.get(f"high-{name}", ""),
        )
        for name, q in ordered
        if q.name in shown or name in used
    ]


def with_own_units(values: Values) -> Values:
    """The form where each value that stood there before its column got another unit carries the unit it had."""
    changed = {
        name.removeprefix("unit-").removesuffix("-was"): was
        for name, was in values.items()
        if name.startswith("unit-") and name.endswith("-was") and values.get(name.removesuffix("-was")) != was
    }
    if not changed:
        return values
    made = dict(values)
    for name, text in values.items():
        cell = _CELL.fullmatch(name)
        test = "bmd" if cell and cell["table"] == SCANS else cell["key"] if cell else ""
        key = f"{name.removesuffix('_bmd')}_key"
        is_value = bool(cell) and (name.endswith("_bmd") or test in laboratory_tests())
        if is_value and test in changed and values.get(key) and _BARE.fullmatch(text.strip()):
            made[name] = f"{text.strip()} {changed[test]}"
    return made | {f"unit-{test}-was": values[f"unit-{test}"] for test in changed}


def measurements(values: Values, base: Record | None = None) -> list[GridEntry]:
    """The measurements that both grids state, those of `base` in its order and then the new ones.

    base : the record that the form was made from; what a cell does not show of a measurement stays as it is there.
    """
    values = with_own_units(values)
    before = {entry[KEY]: entry for entry in (base or {}).get("measurements", [])}
    places = {key: place for place, key in enumerate(before)}
    found = list(_entries(values, before))
    return sorted(found, key=lambda one: places.get(one.content.get(KEY, ""), len(places)))


def _entries(values: Values, before: Mapping[str, dict[str, Any]]) -> Iterator[GridEntry]:
    """The measurement of each cell that is filled, row by row."""
    for table, names in ((SCANS, _sites()), (RESULTS, laboratory_tests())):
        for row in grid_rows(values, table):
            if values.get(f"{table}-{row}-remove"):
                continue
            for name in names:
                entry = _entry(values, table, row, name, before)
                if entry is not None:
                    yield entry


def _entry(
    values: Values, table: str, row: int, name: str, before: Mapping[str, dict[str, Any]]
) -> GridEntry | None:
    """The measurement of one cell; None where it is empty."""
    at, scan = f"{table}-{row}", table == SCANS
    cell = f"{at}-{name}{'_bmd' if scan else ''}"
    text, t_text = values.get(cell, "").strip(), values.get(f"{at}-{name}_t", "").strip() if scan else ""
    if not (text or t_text):
        return None
    key = values.get(f"{at}-{name}_key", "")
    known = before.get(key, {})
    test = find_test("BMD") if scan else laboratory_tests()[name]
    unit = values.get(f"unit-{'bmd' if scan else name}", "") or test.usual
    content: dict[str, Any] = {k: v for k, v in known.items() if k not in ROW[table]}
    content |= ({KEY: key} if key else {}) | ({} if known else {"test": test.name})
    if scan and not known:
        content["site"] = _sites()[name]
    kept = known and text in (str(known["value"]), _in_cell(str(known["value"]), unit))
    if not kept:
        content["value"] = _valued(text, test, unit)
        if not text:
            del content["value"]
    for column in ROW[table]:
        typed = values.get(f"{at}-{column}", "").strip()
        if known and typed == _row_said(values, at, column, before):
            content |= {column: known[column]} if column in known else {}
        elif typed:
            content[column] = _typed(column, typed)
    places: dict[str, str] = dict.fromkeys(("value", "test", "site", ""), cell)
    places |= {one: f"{at}-{one}" for one in ROW[table]}
    if scan:
        content.pop("t_score", None)
        if t_text:
            content["t_score"] = _number(t_text)
        places["t_score"] = f"{at}-{name}_t"
    else:
        places |= _limits(values, content, name, key, test, unit)
    return GridEntry(content, places)


def _row_said(values: Values, at: str, column: str, before: Mapping[str, dict[str, Any]]) -> str:
    """What a row showed of its day before it was changed: that of the entries that say something."""
    keys = [key for name, key in values.items() if name.startswith(f"{at}-") and name.endswith("_key")]
    texts = (shown(before[key].get(column, "")) for key in keys if key in before)
    return next(filter(None, texts), "")


def _limits(
    values: Values, content: dict[str, Any], name: str, key: str, test: Quantity, unit: str
) -> dict[str, str]:
    """Assay and laboratory's limits: of each known result by itself, of new ones by their column."""
    places = {}
    for one in MORE:
        place = (
            f"more-{key}-{one}"
            if key
            else {"assay": "", MORE[1]: f"low-{name}", MORE[2]: f"high-{name}"}[one]
        )
        text = values.get(place, "").strip()
        if key and place not in values:
            continue  # the form did not show it
        if text and one != "assay":
            text = _valued(text, test, unit)
        content.pop(one, None)
        if text:
            content[one] = text
        places[one] = place
    return places


def _valued(text: str, test: Quantity, unit: str) -> str:
    """A value as a record holds it: with its own unit where it has one, else with that of the column."""
    plain = decimal_point(text, test, unit)
    return f"{plain} {unit}" if _BARE.fullmatch(plain) else plain


def _in_cell(value: str, unit: str) -> str:
    """A value as its cell shows it: without the unit of the column."""
    number, _, said = value.partition(" ")
    return number if said.strip() == unit else value


def _typed(column: str, text: str) -> object:
    return {"true": True, "false": False}.get(text, text) if column == "fasting" else text


def _number(text: str) -> object:
    try:
        return float(decimal_point(text.replace("−", "-")))
    except ValueError:
        return text


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
