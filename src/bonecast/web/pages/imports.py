"""Records out of files: TOML, FHIR R4, and tables whose columns are named on a page; each read by itself, none half."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bonecast.core import decoded, gettext
from bonecast.errors import InputError, printable
from bonecast.interop import (
    TABLE_KINDS,
    TEST,
    ImportSheet,
    TableKind,
    TableMapping,
    asks_for_order,
    guess_mapping,
    read_sheet,
    records_in,
    targets_of,
)
from bonecast.records import people_rows
from bonecast.web.context import By, Db, Posted, page, redirect, require_role, store_of
from bonecast.web.importing import (
    MOST_FILES,
    ImportResult,
    as_another,
    bring,
    bring_records,
    decide,
)
from bonecast.web.pages.record_fields import words
from bonecast.web.sheets import sheet
from bonecast.web.store import audit, people
from bonecast.web.store.merge import with_keys
from bonecast.web.store.uniting import ImportConflict

router = APIRouter(dependencies=[require_role("clinician")])
TABLES = (".csv", ".tsv", ".txt", ".xlsx")
SAMPLES, PREVIEWED = 3, 8  # rows that the page of the columns shows
MOST_ASKED = 100  # people with conflicts on one page
TEMPLATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "people": (
        ("id", "name", "sex", "birth_date", "record_date", "weight", "height"),
        ("A-17", "", "female", "1955-03-09", "2026-09-15", "61 kg", "160 cm"),
    ),
    "doses": (
        ("id", "sex", "birth_date", "drug", "amount", "date", "product", "lot"),
        ("A-17", "female", "1955-03-09", "denosumab", "60 mg", "2026-03-16", "Prolia", ""),
    ),
    "results": (
        ("id", "test", "value", "unit", "date", "site", "t_score", "scanner", "lab"),
        ("A-17", "BMD", "0.742", "g/cm2", "2026-05-28", "lumbar spine", "-2.8", "Hologic", ""),
    ),
}


@router.get("/people/import")
def choose(request: Request) -> Response:
    """The form: files, or text pasted in."""
    return _page(request)


@router.get("/people/import/progress")
def progress(request: Request, account: By) -> Response:
    """How far one's own import is: a part of the page, empty where none runs."""
    return page(request, "import-progress.html.jinja", share=request.app.state.imports.read(account.name))


@router.get("/people/import/template")
def template(kind: str = "people", format: str = "csv") -> Response:
    """An empty table with its heads and one row to write over."""
    if kind not in TEMPLATES:
        raise HTTPException(404, "There is no such template.")
    heads, row = TEMPLATES[kind]
    return sheet(f"bonecast-{kind}", format, heads, [row])


@router.post("/people/import")
def bring_in(request: Request, form: Posted, account: By) -> Response:
    """Read every file, keep the records that can be used, and say of each what became of it; a table of somebody's own
    goes on to the page that names its columns.
    """
    uploads = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    pasted, update = str(form.get("pasted", "")), form.get("known") == "update"
    if len(uploads) > MOST_FILES:
        fault = gettext(
            "{count} files are too many at once: choose at most {most}. None was read.",
            count=len(uploads),
            most=MOST_FILES,
        )
        return _page(request, status=422, fault=fault, pasted=pasted)
    files = [(one.filename or "file", one.file.read()) for one in uploads]
    if pasted.strip():
        files.append((f"pasted.{form.get('kind', 'toml')}", pasted.encode("utf-8", "replace")))
    if not files:
        return _page(request, status=422, fault=gettext("Choose a file, or paste a record."))
    own = [(name, data) for name, data in files if _is_own_table(name, data)]
    if len(files) == 1 and own:
        return _ask_columns(request, account.name, *own[0])
    brought: list[ImportResult] = []
    for name, data in files:
        if (name, data) in own:
            cause, hint = "its columns must be named", "import it by itself"
            fault = InputError(printable(name, 80), cause, hint)
            brought.append(ImportResult(printable(name, 80), "refused", faults=(fault,)))
        else:
            brought += bring(store_of(request), data, name, account.name, update, request.app.state.imports)
    return _results(request, brought, pasted)


@router.post("/people/import/columns")
def name_columns(request: Request, form: Posted, account: By) -> Response:
    """Show how a table is read by these columns, or bring it in."""
    board, word = request.app.state.imports, str(form.get("file", ""))
    held = board.held(account.name, word)
    if held is None:
        return _page(request, status=422, fault=gettext("The file has waited too long: choose it again."))
    name, data = held
    try:
        table = read_sheet(data, printable(name, 80))
        mapping = _mapping(form, table)
        if "import" not in form:
            return _columns(request, word, table, mapping)
        found = records_in(table, mapping)
    except InputError as error:
        return _columns(request, word, table, mapping, str(error))
    update = form.get("known") == "update"
    brought = bring_records(store_of(request), found, printable(name, 80), account.name, update, board)
    board.drop(word)
    return _results(request, brought)


class AskedConflict(BaseModel):
    """One conflict as the page of the results sends it back."""

    table: str = Field(max_length=20)
    key: str = Field(max_length=8)
    field: str = Field(max_length=40)
    what: str = Field(max_length=600)
    here: str = Field(max_length=300)
    file: str = Field(max_length=300)


class AskedPerson(BaseModel):
    """The conflicts of one person, or a record that bears somebody else's id."""

    id: int
    version: int = 0
    conflicts: list[AskedConflict] = []
    tables: dict[str, Any] | None = None


@router.post("/people/import/decide")
def decide_conflicts(request: Request, s: Db, form: Posted, account: By) -> Response:
    """Keep what was chosen of each conflict, and the records that were given an id of their own."""
    try:
        asked = [
            AskedPerson.model_validate(one) for one in json.loads(str(form.get("asked", "")))[:MOST_ASKED]
        ]
    except (ValueError, ValidationError, TypeError, RecursionError):
        raise InputError(
            "form", gettext("what was asked cannot be read"), gettext("import the file again")
        ) from None
    for at, one in enumerate(asked):
        if one.tables is not None:
            id = str(form.get(f"new-{at}", "")).strip()
            if id and form.get(f"other-{at}") == "add":
                added = people.add(s, as_another(with_keys(one.tables), id), account.name, "imported")
                audit.note(s, account.name, "imported", added.id)
            continue
        chosen = [n for n in range(len(one.conflicts)) if form.get(f"choice-{at}-{n}") == "file"]
        if chosen:
            taken = [ImportConflict(**one.conflicts[n].model_dump()) for n in chosen]
            decide(s, one.id, one.version, taken, account.name)
    return redirect("/people", "decided")


def _is_own_table(name: str, data: bytes) -> bool:
    """Is this a table whose columns are not those of a table of people?"""
    if PurePath(name).suffix.casefold() not in TABLES:
        return False
    try:
        people_rows(decoded(data, name), name)
    except InputError:
        try:
            read_sheet(data, name)
        except InputError:
            return PurePath(name).suffix.casefold() != ".csv"  # its reader says what is wrong with a CSV
        return True
    return False


def _ask_columns(request: Request, by: str, name: str, data: bytes) -> Response:
    try:
        table = read_sheet(data, printable(name, 80))
    except InputError as error:
        return _results(request, [ImportResult(printable(name, 80), "refused", faults=(error,))])
    word = request.app.state.imports.hold(by, name, data)
    return _columns(request, word, table, guess_mapping(table))


def _columns(
    request: Request, word: str, table: ImportSheet, mapping: TableMapping, fault: str = ""
) -> Response:
    """The page that names the columns, with the first rows as they are read."""
    read, why = (), ""
    asks = asks_for_order(table, mapping)
    if not (asks and not mapping.dates):
        try:
            read = records_in(table, mapping)
        except InputError as error:
            why = str(error)
    return page(
        request,
        "import-columns.html.jinja",
        status=422 if fault else 200,
        word=word,
        table=table,
        samples=[cells for _, cells in table.rows[:SAMPLES]],
        mapping=mapping,
        kinds=TABLE_KINDS,
        targets=[(target, _title(target)) for target in targets_of(mapping.kind)],
        asks=asks,
        people=len(read),
        previewed=read[:PREVIEWED],
        faulty=[one for one in read if one.faults][:20],
        fault=fault or why,
    )


def _title(target: str) -> str:
    return gettext(target.removeprefix(TEST)) if target.startswith(TEST) else gettext(words(target))


def _mapping(form: FormData, table: ImportSheet) -> TableMapping:
    """What the page says that each column holds; what is no target of this kind of table is not read."""
    said = str(form.get("kind", ""))
    kind: TableKind = said if said in TABLE_KINDS else TABLE_KINDS[0]
    known = set(targets_of(kind))
    targets = [str(form.get(f"column-{at}", "")) for at in range(len(table.heads))]
    units = [str(form.get(f"unit-{at}", "")).strip()[:30] for at in range(len(table.heads))]
    dates = str(form.get("dates", ""))
    found = TableMapping(kind, tuple(one if one in known else "" for one in targets), tuple(units))
    guessed = guess_mapping(table).dates
    return TableMapping(
        kind, found.targets, found.units, guessed or (dates if dates in ("dmy", "mdy") else "")
    )


def _results(request: Request, brought: Sequence[ImportResult], pasted: str = "") -> Response:
    kept = any(one.id or one.fate == "asks" for one in brought)
    asked = [one for one in brought if one.conflicts or one.tables is not None][:MOST_ASKED]
    sent = [
        {"id": one.version, "tables": one.tables}
        if one.tables is not None
        else {"id": one.id, "version": one.version, "conflicts": [asdict(c) for c in one.conflicts]}
        for one in asked
    ]
    content = {"brought": brought, "pasted": "" if kept else pasted, "asked": asked, "sent": json.dumps(sent)}
    return _page(request, 200 if kept else 422, **content)


def _page(request: Request, status: int = 200, **content: Any) -> Response:
    usual = {"brought": (), "fault": "", "pasted": "", "asked": (), "sent": "", "templates": tuple(TEMPLATES)}
    return page(request, "import.html.jinja", status=status, **{**usual, **content})
