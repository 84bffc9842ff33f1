"""A record and what a file says of the same person, in one: what is new is added, what differs is asked about.

A dose is known by its agent (not the name of the product) and its day, a result by its test, site, day and time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bonecast.core import read_amount
from bonecast.drugs import find_drug
from bonecast.errors import InputError
from bonecast.records import LISTS, find_site, find_test, to_usual
from bonecast.web.store.merge import KEY, Record, with_keys

_ABOUT = {"doses": ("drug", "product"), "measurements": ("test", "site"), "fractures": ("site",)}
_CLOSE = 1e-6  # two values are the same that differ by less, as a share: units were converted


@dataclass(frozen=True)
class ImportConflict:
    """One field of an entry that the record and the file both have, each with something else."""

    table: str
    key: str
    field: str
    what: str
    here: str
    file: str


@dataclass(frozen=True)
class UnitedRecord:
    """The record with what is new in the file; `taken` : lines of the person that it replaced (key, before, now)."""

    record: Record
    conflicts: tuple[ImportConflict, ...] = ()
    taken: tuple[tuple[str, str, str], ...] = ()


def unite(known: Record, read: Record) -> UnitedRecord:
    """The record that is there with the entries of a file that are new, and the lines of the person as the file has
    them. An entry that is there already gets what it lacks; where both say something else, the record stays and the
    conflict is listed. Nothing is removed.
    """
    keyed = with_keys(read)
    person = {**known["person"], **keyed["person"]}
    # ISO days: the later of the two; an older file does not make the record older than what it holds.
    days = [str(one["person"]["record_date"]) for one in (known, keyed) if "record_date" in one["person"]]
    person["record_date"] = max(days)
    taken = tuple(
        (key, str(before), str(person[key]))
        for key, before in known["person"].items()
        if key != "record_date" and str(before) != str(person[key])
    )
    united: Record = {"person": person}
    conflicts: list[ImportConflict] = []
    for table in LISTS:
        there = [dict(entry) for entry in known.get(table, [])]
        united[table] = list(there)
        for entry in keyed[table]:
            same = next((one for one in there if is_same(table, one, entry)), None)
            if same is None:
                united[table].append(entry)
                continue
            for name, value in entry.items():
                if name in (KEY, *_ABOUT[table], "date", "time", "from"):
                    continue
                if name not in same:
                    same[name] = value
                elif not _equal(same, name, same[name], value):
                    what = " ".join(str(same[one]) for one in (*_ABOUT[table], "date", "from") if one in same)
                    here, file = str(same[name]), str(value)
                    conflicts.append(ImportConflict(table, same[KEY], name, what, here, file))
    return UnitedRecord(united, tuple(conflicts), taken)


def is_same(table: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Do two entries tell of the same dose, result or fracture?

    >>> brand = {"drug": "Prolia", "date": "2026-03-16"}
    >>> is_same("doses", brand, {"drug": "denosumab", "date": "2026-03-16"})
    True
    >>> is_same("doses", brand, {"drug": "Prolia", "date": "2026-09-16"})
    False
    """
    return _identity(table, one) == _identity(table, other) and (
        table != "measurements"
        or not (one.get("time") and other.get("time"))
        or str(one["time"])[:5] == str(other["time"])[:5]
    )


def _identity(table: str, entry: dict[str, Any]) -> tuple[str, ...]:
    days = (str(entry.get("date", "")), str(entry.get("from", "")))
    if table == "doses":
        return _agent(str(entry.get("drug", ""))), *days
    site = str(entry.get("site", ""))
    if table == "measurements":
        return _named(find_test, str(entry.get("test", ""))), _named(find_site, site) if site else "", *days
    return site.casefold(), *days


def _agent(drug: str) -> str:
    try:
        return find_drug(drug).generic
    except InputError:
        return drug.casefold()


def _named(find: Any, text: str) -> str:
    try:
        found = find(text)
    except InputError:
        return text.casefold()
    return found if isinstance(found, str) else found.name


def _equal(entry: dict[str, Any], name: str, one: Any, other: Any) -> bool:
    """Do two values say the same, in whatever unit?"""
    if str(one).strip().casefold() == str(other).strip().casefold():
        return True
    try:
        if name == "t_score":
            return float(one) == float(other)
        first, second = (read_amount(str(value), name) for value in (one, other))
        if (first.below, first.above) != (second.below, second.above):
            return False
        if name == "amount":
            mg = [a.number * {"mg": 1.0, "ug": 1e-3, "mcg": 1e-3, "g": 1e3}[a.unit] for a in (first, second)]
        else:
            test = find_test(str(entry["test"]))
            mg = [to_usual(test, amount.number, amount.unit) for amount in (first, second)]
    except (InputError, KeyError, ValueError):
        return False
    return abs(mg[0] - mg[1]) <= _CLOSE * abs(mg[0])
