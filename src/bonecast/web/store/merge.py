"""Two edits of one record, made in two windows: which of them can both stand, and which cannot.

A record is compared field by field. An entry of a list (a dose, a measurement) is known by its `key`, so that a
changed date is a change and no new entry.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from bonecast.core import MOST_ENTRIES, gettext
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records import LISTS

KEY = "key"
_KEY = re.compile(r"[0-9a-f]{8}")
ENTRY = ""  # stands for the whole entry in a path: there, or removed

Record = dict[str, Any]
Path = tuple[str, str, str]  # table, key of the entry ("" in [person]), field
_IDENTITY = {
    "doses": ("drug", "date", "from"),
    "measurements": ("test", "site", "date", "time"),
    "fractures": ("site", "date"),
}


@dataclass(frozen=True)
class Clash:
    """One field that both edits changed, each to something else; None stands for absent."""

    path: Path
    base: object
    theirs: object
    mine: object


class Conflict(Exception):
    """Both edits changed the same fields. `merged` has everything else of both, with theirs in these fields."""

    def __init__(
        self, fields: tuple[Clash, ...], merged: Record, theirs: Record, mine: Record, version: int
    ) -> None:
        super().__init__(f"{len(fields)} fields were changed twice")
        self.fields, self.merged, self.theirs, self.mine, self.version = fields, merged, theirs, mine, version


def fields_of(record: Record) -> dict[Path, object]:
    """Every field of the record by its path, and each entry of a list with its place in the list.

    >>> fields_of({"person": {"id": "A"}, "doses": [{"key": "k1", "drug": "denosumab"}]})
    {('person', '', 'id'): 'A', ('doses', 'k1', ''): True, ('doses', 'k1', 'drug'): 'denosumab'}
    """
    found: dict[Path, object] = {
        ("person", "", key): value for key, value in record.get("person", {}).items()
    }
    for table in LISTS:
        for entry in record.get(table, []):
            found[(table, entry[KEY], ENTRY)] = True
            found |= {(table, entry[KEY], name): value for name, value in entry.items() if name != KEY}
    return found


def merge(base: Record, mine: Record, theirs: Record) -> tuple[Record, tuple[Clash, ...]]:
    """Both edits of `base` in one record, and the fields where they clash (which keep theirs).

    A field changed on one side only takes that side; changed alike on both, it is no clash. An entry that one side
    removed and the other changed is a clash of the whole entry. The same entry added on both sides is kept once.
    """
    was, ours, others = fields_of(base), fields_of(mine), fields_of(theirs)
    kept, clashes = dict(others), []
    for entry in _removed_and_changed(was, ours, others):
        mine_has = (*entry, ENTRY) in ours
        clashes.append(
            Clash((*entry, ENTRY), _shown(base, entry), _shown(theirs, entry), _shown(mine, entry))
        )
        if mine_has:  # keep what would else be lost; the clash asks whether it stays
            kept |= {path: value for path, value in ours.items() if path[:2] == entry}
    clashed = {clash.path[:2] for clash in clashes}
    for path in {**was, **ours}:
        if path[:2] in clashed:
            continue
        before, my, their = was.get(path), ours.get(path), others.get(path)
        if my in (before, their):
            continue
        if their == before:
            _put(kept, path, my)
        else:
            clashes.append(Clash(path, before, their, my))
    merged = _without_twins(record_of(kept, theirs, mine), base)
    return merged, tuple(sorted(clashes, key=lambda clash: clash.path))


def decided(merged: Record, clashes: tuple[Clash, ...], take_mine: set[Path]) -> Record:
    """The merged record with mine in these fields and theirs in the other clashing ones."""
    fields = fields_of(merged)
    for clash in clashes:
        chosen = clash.mine if clash.path in take_mine else clash.theirs
        table, key, name = clash.path
        if name != ENTRY:
            _put(fields, clash.path, chosen)
            continue
        fields = {path: value for path, value in fields.items() if path[:2] != (table, key)}
        if isinstance(chosen, dict):
            fields[clash.path] = True
            fields |= {(table, key, inner): value for inner, value in chosen.items() if inner != KEY}
    return record_of(fields, merged)


def record_of(fields: dict[Path, object], *order: Record) -> Record:
    """A record from its fields; entries in the order of the given records, then as they come."""
    made: Record = {"person": {}, **{table: [] for table in LISTS}}
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for record in order:
        for table in LISTS:
            for entry in record.get(table, []):
                if (table, entry[KEY], ENTRY) in fields:
                    entries.setdefault((table, entry[KEY]), {KEY: entry[KEY]})
    for (table, key, name), value in fields.items():
        if table == "person":
            made["person"][name] = value
        elif (table, key, ENTRY) in fields:
            entry = entries.setdefault((table, key), {KEY: key})
            if name != ENTRY:
                entry[name] = value
    for (table, _), entry in entries.items():
        made[table].append(entry)
    return made


def with_keys(record: object, base: Record | None = None) -> Record:
    """The record with a key on each entry: an entry without one is that of `base` which says the same thing, else new.

    The same thing: the same drug on the same day, or the same test at the same place and time. Values that are None
    are left out. Raises InputError where this is not laid out as a record.
    """
    made = _laid_out(record)
    for table in LISTS:
        free = {entry[KEY]: entry for entry in (base or {}).get(table, [])}
        for entry in made[table]:
            free.pop(entry.get(KEY), None)
        for entry in made[table]:
            if not entry.get(KEY):
                entry[KEY] = _twin(table, entry, free) or secrets.token_hex(4)
                free.pop(entry[KEY], None)
    return made


def without_keys(record: Record) -> Record:
    """The record in the layout of a file."""
    plain: Record = {"person": dict(record["person"])}
    for table in LISTS:
        plain[table] = [{k: v for k, v in entry.items() if k != KEY} for entry in record.get(table, [])]
    return plain


def _laid_out(record: object) -> Record:
    """The tables of a record, their entries distinguished and their text fit to be kept; not checked further."""
    if not isinstance(record, dict):
        raise InputError(
            "record",
            gettext("this is not a table"),
            gettext("give {value}", value=", ".join(("person", *LISTS))),
        )
    for name in record:
        if name not in ("person", *LISTS):
            raise UnknownName("record", "table", str(name), ("person", *LISTS))
    made: Record = {"person": _values(record.get("person", {}), "record, person")}
    for table in LISTS:
        entries = [] if record.get(table) is None else record[table]
        if not isinstance(entries, list):
            raise InputError(
                f"record, {table}", gettext("this is not a list of tables"), gettext("give a list")
            )
        if len(entries) > MOST_ENTRIES:
            hint = gettext("keep at most {most_entries} in one record", most_entries=MOST_ENTRIES)
            raise InputError(
                f"record, {table}", gettext("there are {entries} entries", entries=len(entries)), hint
            )
        made[table] = [_values(e, f"record, {table[:-1]} {n}") for n, e in enumerate(entries, start=1)]
        keys = [entry[KEY] for entry in made[table] if entry.get(KEY)]
        if len(set(keys)) < len(keys):
            raise InputError(
                f"record, {table}",
                gettext("two entries have the same key"),
                gettext("leave the key of a new entry out"),
            )
    return made


def _values(entry: object, place: str) -> dict[str, Any]:
    """The keys and values of one table, all of them words, numbers, true or false."""
    if not isinstance(entry, dict):
        raise InputError(
            place, gettext("this is not a table of keys and values"), gettext("give keys and values")
        )
    kept = {}
    for name, value in entry.items():
        for part in (name, value):
            if isinstance(part, str) and any(unicodedata.category(c) in ("Cc", "Cs") for c in part):
                cause = gettext("there are control characters in it")
                raise InputError(f"{place}, {printable(name)}", cause, gettext("take them out"))
        if name == KEY and value is not None and not (isinstance(value, str) and _KEY.fullmatch(value)):
            raise InputError(
                f"{place}, {KEY}",
                gettext("this is not a key of ours"),
                gettext("leave it out for a new entry"),
            )
        if isinstance(value, dict | list):
            raise InputError(
                f"{place}, {printable(name)}", gettext("a table cannot stand here"), gettext("give a value")
            )
        if value is not None:
            kept[name] = value
    return kept


def _twin(table: str, entry: dict[str, Any], free: dict[str, dict[str, Any]]) -> str | None:
    same = [
        key
        for key, other in free.items()
        if all(str(entry.get(name, "")) == str(other.get(name, "")) for name in _IDENTITY[table])
    ]
    return same[0] if same else None


def _removed_and_changed(
    was: dict[Path, object], ours: dict[Path, object], others: dict[Path, object]
) -> list[tuple[str, str]]:
    """The entries that one side removed and the other side changed."""
    found = []
    for table, key, name in was:
        if name != ENTRY or table == "person":
            continue
        entry = (table, key, ENTRY)
        if (entry in ours) == (entry in others):
            continue
        kept_by = ours if entry in ours else others
        if _of(kept_by, (table, key)) != _of(was, (table, key)):
            found.append((table, key))
    return found


def _of(fields: dict[Path, object], entry: tuple[str, str]) -> dict[Path, object]:
    return {path: value for path, value in fields.items() if path[:2] == entry}


def _shown(record: Record, entry: tuple[str, str]) -> dict[str, Any] | None:
    table, key = entry
    return next((dict(found) for found in record.get(table, []) if found[KEY] == key), None)


def _put(fields: dict[Path, object], path: Path, value: object) -> None:
    if value is None:
        fields.pop(path, None)
    else:
        fields[path] = value


def _without_twins(record: Record, base: Record) -> Record:
    """Entries that both sides added with the same content, kept once."""
    for table in LISTS:
        old = {entry[KEY] for entry in base.get(table, [])}
        seen: list[dict[str, Any]] = []
        kept = []
        for entry in record[table]:
            content = {name: value for name, value in entry.items() if name != KEY}
            if entry[KEY] not in old and content in seen:
                continue
            seen += [content] if entry[KEY] not in old else []
            kept.append(entry)
        record[table] = kept
    return record
