"""Tables of somebody's own as records: a row for each person, dose or result, in any column order and encoding.

`read_sheet` finds encoding, separator and cells; `guess_mapping` what each column holds; `records_in` reads the rows by
a mapping that somebody may have corrected, and gathers them by person.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Literal

from bonecast.core import LARGEST_FILE, MOST_ROWS, Faults, check_text, csv_rows
from bonecast.errors import InputError, printable
from bonecast.interop.patient_files import ReadTables
from bonecast.records import LISTS, find_test, find_unit, known_facts, quantities, tables_in_row

TableKind = Literal["people", "doses", "results"]
TABLE_KINDS: tuple[TableKind, ...] = ("people", "doses", "results")
DateOrder = Literal["dmy", "mdy"]
MOST_CELLS = 2_000_000  # of a workbook: more is not looked through
PERSON = ("id", "name", "sex", "birth_date", "record_date", "weight", "height", "menopause_age", "death_date")
DOSE = ("drug", "amount", "date", "product", "lot", "every", "from", "to")
RESULT = ("test", "value", "unit", "date", "time", "site", "t_score", "scanner", "assay", "lab", "fasting")
LIMITS = ("reference_low", "reference_high")
DAYS = ("birth_date", "record_date", "death_date", "date", "from", "to")
TEST = "test "  # begins the target of a column that holds the values of one test
_SEPARATORS = ("\t", ";", ",")
_XLSX = b"PK\x03\x04"
_DATE = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T].*)?")
_COMMA = re.compile(r"([<>]?\s*\d+),(\d+)(.*)")
_IN_BRACKETS = re.compile(r"(.*?)\s*[\[(](.+?)[\])]\s*")
# Other heads of the same columns, folded: English, Spanish and German.
_HEADS = {
    "id": "patient patientid patient_id mrn nhc nhs identifier identificador expediente patientennummer pid",
    "name": "patientname nombre apellidos surname fullname",
    "sex": "gender sexo geschlecht",
    "birth_date": "birthdate dob dateofbirth born nacimiento fechadenacimiento geburtsdatum fnac",
    "record_date": "recorddate",
    "weight": "peso gewicht weightkg",
    "height": "talla altura größe groesse heightcm",
    "drug": "medication medicine farmaco fármaco medicamento arzneimittel medikament wirkstoff agent",
    "amount": "dose dosis menge quantity",
    "date": "day dategiven collected collectiondate fecha datum sampledate dateofscan fechadosis",
    "product": "brand producto marca präparat",
    "lot": "batch lote charge lotnumber",
    "test": "analyte parameter prueba determinacion determinación analyt untersuchung",
    "value": "result resultado wert ergebnis valor",
    "unit": "units unidad unidades einheit",
    "time": "hora uhrzeit",
    "site": "region bodysite localizacion localización lokalisation",
    "t_score": "tscore t",
    "scanner": "device densitometro densitómetro gerät",
    "assay": "method metodo método methode",
    "lab": "laboratory laboratorio labor",
    "fasting": "ayunas nüchtern",
    "reference_low": "low lowerlimit refmin referencelow min",
    "reference_high": "high upperlimit refmax referencehigh max",
    "every": "interval",
    "from": "start startdate firstday",
    "to": "end enddate lastday",
}
_SEXES = {
    "female": "female f w woman weiblich frau mujer femenino hembra",
    "male": "male m man männlich maennlich mann hombre masculino varon varón",
}
_YES_NO = {True: "true yes y sí si ja 1 x", False: "false no n nein 0"}


@dataclass(frozen=True)
class ImportSheet:
    """The cells of a table.

    Parameters
    ----------
    name : str
        Name of the file.
    heads : tuple of str
        Names of the columns.
    rows : tuple of (int, tuple of str)
        Line and cells of each row.
    read_as : str
        Encoding and separator, or "xlsx".
    """

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    read_as: str


@dataclass(frozen=True)
class TableMapping:
    """What a table holds.

    Parameters
    ----------
    kind : str
        "people", "doses" or "results": what one row is.
    targets : tuple of str
        What each column holds: a key of the record, "test NAME" for the values of one test, "" for nothing.
    units : tuple of str
        Unit of the numbers of each column that bear none; "" for none.
    dates : str
        "dmy" or "mdy" where days cannot be distinguished from months; "" otherwise.
    """

    kind: TableKind
    targets: tuple[str, ...]
    units: tuple[str, ...]
    dates: str = ""


def read_sheet(data: bytes, name: str) -> ImportSheet:
    """Read the cells of a table: xlsx, or text with tabs, semicolons or commas in UTF-8, UTF-16 or Latin-1.

    Parameters
    ----------
    data : bytes
        Content of the file.
    name : str
        Its name, for errors.

    Returns
    -------
    ImportSheet

    Raises
    ------
    InputError
        If it is no table, is empty or too large.

    Examples
    --------
    >>> sheet = read_sheet("id;Größe\\nA;1,60 m\\n".encode("latin-1"), "people.csv")
    >>> sheet.heads, sheet.rows, sheet.read_as
    (('id', 'Größe'), ((2, ('A', '1,60 m')),), 'Latin-1, semicolons')
    """
    if len(data) > LARGEST_FILE:
        hint = f"a file has at most {LARGEST_FILE / 1e6:.0f} MB"
        raise InputError(name, f"the file has {len(data) / 1e6:.0f} MB", hint)
    if data.startswith(_XLSX):
        rows, read_as = _cells_of_workbook(data, name), "xlsx"
    else:
        text, encoding = _text(data, name)
        separator = _separator(text)
        if separator != ",":
            text = _with_commas(text, separator, name)
        rows = [(line, tuple(map(str.strip, cells))) for line, cells in csv_rows(text, name)]
        named = {"\t": "tabs", ";": "semicolons", ",": "commas"}[separator]
        read_as = f"{encoding}, {named}"
    rows = [(line, cells) for line, cells in rows if any(cells)]
    if len(rows) < 2:
        raise InputError(name, "there is no row below the heads", "write one row for each")
    width = len(rows[0][1])
    even = tuple((line, (*cells[:width], *[""] * (width - len(cells)))) for line, cells in rows[1:])
    return ImportSheet(name, rows[0][1], even, read_as)


def _text(data: bytes, name: str) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = (("utf-16", "UTF-16"),)
    else:
        encodings = (("utf-8-sig", "UTF-8"), ("cp1252", "Latin-1"), ("latin-1", "Latin-1"))
    for encoding, named in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        check_text(text, name)
        return text, named
    raise InputError(name, "this is not a table in text", "save it as CSV or xlsx")


def _separator(text: str) -> str:
    """The separator that the line of the heads has most of; a tab before a semicolon before a comma."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    return max(_SEPARATORS, key=lambda one: (head.count(one), -_SEPARATORS.index(one)))


def _with_commas(text: str, separator: str, name: str) -> str:
    """The same table with commas, so that one reader holds every limit."""
    written = io.StringIO()
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        csv.writer(written).writerows(rows)
    except csv.Error as error:
        hint = "save the table again, with quotes in pairs"
        raise InputError(name, f"this is no table ({printable(error, 80)})", hint) from None
    return written.getvalue()


def _cells_of_workbook(data: bytes, name: str) -> list[tuple[int, tuple[str, ...]]]:
    """The cells of the first sheet, as text; days as ISO days."""
    if find_spec("openpyxl") is None:
        hint = "pip install 'bonecast[xlsx]', or save it as CSV"
        raise InputError(name, "xlsx files are read by openpyxl, which is not installed", hint)
    import zipfile

    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(one.file_size for one in packed.infolist())
        if size > 20 * LARGEST_FILE:
            raise InputError(name, "the workbook is too large when it is unpacked", "keep what is read")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        found, count = [], 0
        for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            count += len(row)
            if line > MOST_ROWS or count > MOST_CELLS:
                raise InputError(name, "the sheet has too many cells", "split the table")
            found.append((line, tuple(_cell(value) for value in row)))
        book.close()
    except InputError:
        raise
    except Exception as error:  # whatever a broken workbook makes of the reader
        cause = f"this is no workbook that can be read ({type(error).__name__})"
        raise InputError(name, cause, "save it again as xlsx or CSV") from None
    for _, cells in found:
        check_text("\n".join(cells), name)
    return found


def _cell(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value).strip()


def guess_mapping(sheet: ImportSheet) -> TableMapping:
    """Guess what each column of a table holds, from its head.

    Parameters
    ----------
    sheet : ImportSheet
        The table.

    Returns
    -------
    TableMapping

    Examples
    --------
    >>> sheet = read_sheet(b"NHC;fecha;CTX (ng/L);Calcium\\nA;13/02/2026;310;2,31\\n", "t.csv")
    >>> found = guess_mapping(sheet)
    >>> found.kind, found.targets, found.units, found.dates
    ('results', ('id', 'date', 'test CTX', 'test calcium'), ('', '', 'ng/L', 'mmol/L'), 'dmy')
    """
    targets, units = [], []
    for head in sheet.heads:
        plain, unit = _head_and_unit(head)
        target = _target_of(plain)
        if target in targets:
            target = ""
        if target.startswith(TEST):
            test = find_test(target.removeprefix(TEST))
            unit = _known_unit(test.name, unit) or test.usual
        targets.append(target)
        units.append(
            unit if target.startswith(TEST) or target in ("amount", "value", "weight", "height") else ""
        )
    if "drug" in targets:
        kind: TableKind = "doses"
    elif "test" in targets or any(target.startswith(TEST) for target in targets):
        kind = "results"
    else:
        kind = "people"
    found = TableMapping(kind, tuple(targets), tuple(units))
    return TableMapping(kind, found.targets, found.units, order_in(sheet, found))


def order_in(sheet: ImportSheet, mapping: TableMapping) -> str:
    """Tell whether days stand before months in the dates of a table.

    Parameters
    ----------
    sheet : ImportSheet
        The table.
    mapping : TableMapping
        Which columns hold days.

    Returns
    -------
    str
        "dmy" or "mdy" where a day above 12 shows it; "" where no date does.
    """
    found = set()
    for at in _day_columns(mapping):
        for _, cells in sheet.rows:
            parts = _DATE.fullmatch(cells[at])
            if parts and len(parts[1]) <= 2:
                first, second = int(parts[1]), int(parts[2])
                found |= {"dmy"} if first > 12 or "." in cells[at][:3] else {"mdy"} if second > 12 else set()
    return found.pop() if len(found) == 1 else ""


def asks_for_order(sheet: ImportSheet, mapping: TableMapping) -> bool:
    """Tell whether somebody must say whether days stand before months.

    Parameters
    ----------
    sheet : ImportSheet
        The table.
    mapping : TableMapping
        Which columns hold days.

    Returns
    -------
    bool
        Whether there are dates that can be read in two ways, and nothing in the table decides.
    """
    if order_in(sheet, mapping):
        return False
    cells = (row[at] for at in _day_columns(mapping) for _, row in sheet.rows)
    return any((parts := _DATE.fullmatch(cell)) and len(parts[1]) <= 2 for cell in cells)


def targets_of(kind: TableKind) -> tuple[str, ...]:
    """List what a column of such a table may hold.

    Parameters
    ----------
    kind : str
        "people", "doses" or "results".

    Returns
    -------
    tuple of str
    """
    own = {"people": (*known_facts(), *LISTS), "doses": DOSE, "results": (*RESULT, *LIMITS, *_tests())}[kind]
    return (*PERSON, *own)


def records_in(sheet: ImportSheet, mapping: TableMapping) -> list[ReadTables]:
    """Read a table as records, one for each person; nothing is checked yet but what stands in a cell.

    Parameters
    ----------
    sheet : ImportSheet
        The table.
    mapping : TableMapping
        What it holds.

    Returns
    -------
    list of ReadTables
        In the order in which people come first. A record of doses or results alone has no sex and birth date.

    Raises
    ------
    InputError
        If no column holds the id, or what a row is about.

    Examples
    --------
    >>> sheet = read_sheet(b"id,drug,dose,date\\nA,Prolia,60 mg,13/02/2026\\nA,Prolia,60 mg,13/08/2026\\n", "t.csv")
    >>> (read,) = records_in(sheet, guess_mapping(sheet))
    >>> [dose["date"] for dose in read.tables["doses"]]
    ['2026-02-13', '2026-08-13']
    """
    _check_mapping(sheet, mapping)
    people: dict[str, _Gathered] = {}
    for line, cells in sheet.rows:
        row = {target: (cells[at], mapping.units[at]) for at, target in enumerate(mapping.targets) if target}
        place = f"{sheet.name}, line {line}"
        id = row["id"][0]
        one = people.setdefault(id or f"\0{line}", _Gathered(place))
        if not id:
            one.faults.note(InputError(place, "the row has no id", "give each person an id"))
            continue
        with one.faults.noting():
            _take_row(one, row, mapping, place)
    return [_as_read(one) for one in people.values()]


@dataclass
class _Gathered:
    """The rows of one person."""

    place: str
    person: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in LISTS})
    faults: Faults = field(default_factory=Faults)


def _as_read(one: _Gathered) -> ReadTables:
    return ReadTables(one.place, {"person": one.person, **one.lists}, (), tuple(one.faults.kept))


def _check_mapping(sheet: ImportSheet, mapping: TableMapping) -> None:
    needed = {"people": (), "doses": ("drug", "amount"), "results": ()}[mapping.kind]
    for target in ("id", *needed):
        if target not in mapping.targets:
            raise InputError(sheet.name, f"no column holds the {target}", "say which column does")
    has_tests = any(target.startswith(TEST) for target in mapping.targets)
    if mapping.kind == "results" and not has_tests and not {"test", "value"} <= set(mapping.targets):
        raise InputError(
            sheet.name, "no column holds a test", "say which columns hold tests, or test and value"
        )
    twice = [one for one in mapping.targets if one and mapping.targets.count(one) > 1]
    if twice:
        raise InputError(sheet.name, f"two columns hold {twice[0]}", "leave one of them out")
    if asks_for_order(sheet, mapping) and mapping.dates not in ("dmy", "mdy"):
        raise InputError(
            sheet.name, "its days can be read in two ways", "say whether the day or the month is first"
        )


def _take_row(one: _Gathered, row: Mapping[str, tuple[str, str]], mapping: TableMapping, place: str) -> None:
    """Add what a row says; a row whose cell cannot be read says nothing, so that no half of it is kept."""
    said = {key: _value(key, *cell, mapping, place) for key, cell in row.items() if cell[0]}
    entries: list[tuple[str, dict[str, Any]]] = []
    if mapping.kind == "people":
        lists = {key: str(said.pop(key)) for key in LISTS if key in said}
        read = tables_in_row(lists, place, one.faults)
        entries = [(key, entry) for key in LISTS for entry in read[key]]
    elif mapping.kind == "doses":
        entries = [("doses", {key: said[key] for key in DOSE if key in said})]
    else:
        about = {key: said[key] for key in (*RESULT, *LIMITS) if key in said and key != "unit"}
        wide = [key for key in said if key.startswith(TEST)]
        entries = [
            ("measurements", {**about, "test": key.removeprefix(TEST), "value": said[key]}) for key in wide
        ]
        if "test" in about and "value" in about:
            unit = str(said.get("unit") or row["value"][1])
            entries.append(("measurements", _measurement(about, unit, place)))
    for key in (*PERSON, *known_facts()):
        if key in said:
            known = one.person.setdefault(key, said[key])
            if known != said[key]:
                cause = f"{key} is {printable(known)} in an earlier row of this person, and {printable(said[key])} here"
                raise InputError(place, cause, "correct one of the two")
    for table, entry in entries:
        one.lists[table].append(entry)


def _measurement(about: dict[str, Any], unit: str, place: str) -> dict[str, Any]:
    test = str(about["test"])
    site, _, last = test.rpartition(" ")
    if last.casefold() == "bmd" and site and "site" not in about:
        about = {**about, "test": "BMD", "site": site}
    value = str(about["value"])
    if unit and re.fullmatch(r"[<>]?\s*[\d.]+", value):
        about = {**about, "value": f"{value} {unit}"}
    for limit in LIMITS:
        if limit in about and unit and re.fullmatch(r"[\d.]+", str(about[limit])):
            about = {**about, limit: f"{about[limit]} {unit}"}
    return about


def _value(key: str, text: str, unit: str, mapping: TableMapping, place: str) -> Any:
    """A cell as a record holds it."""
    if key in DAYS:
        return _day(text, mapping.dates, f"{place}, {key}")
    if key == "sex":
        folded = text.casefold()
        return next((sex for sex, spelt in _SEXES.items() if folded in spelt.casefold().split()), text)
    facts = known_facts()
    if key == "fasting" or (key in facts and facts[key].kind == "yes or no"):
        folded = text.casefold()
        return next((truth for truth, spelt in _YES_NO.items() if folded in spelt.split()), text)
    if key in facts and facts[key].kind == "count":
        return int(text) if text.isdecimal() and len(text) < 10 else text
    if key in ("menopause_age", "t_score"):
        try:
            return float(_with_point(text).replace("−", "-"))
        except ValueError:
            return text
    if key in ("id", "name", "test", "drug", "product", "lot", "lab", "assay", "site", "scanner", *LISTS):
        return text
    plain = _with_point(text)
    return f"{plain} {unit}" if unit and re.fullmatch(r"[<>]?\s*[\d.]+", plain) else plain


def _with_point(text: str) -> str:
    """A number with a decimal point for a comma."""
    found = _COMMA.fullmatch(text.strip())
    return f"{found[1]}.{found[2]}{found[3]}" if found else text.strip()


def _day(text: str, order: str, place: str) -> str:
    parts = _DATE.fullmatch(text.strip())
    if parts is None:
        raise InputError(place, f"'{printable(text)}' is no day", "write it like 2026-03-04")
    first, middle, last = (int(part) for part in parts.groups())
    if len(parts[1]) == 4:
        year, month, day = first, middle, last
    elif len(parts[3]) == 4:
        day, month, year = (middle, first, last) if order == "mdy" else (first, middle, last)
    else:
        raise InputError(place, f"'{printable(text)}' has a year of two digits", "write years with four")
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        raise InputError(place, f"'{printable(text)}' is no day", "check day and month") from None


def _day_columns(mapping: TableMapping) -> Iterator[int]:
    return (at for at, target in enumerate(mapping.targets) if target in DAYS)


def _head_and_unit(head: str) -> tuple[str, str]:
    found = _IN_BRACKETS.fullmatch(head)
    return (found[1], found[2]) if found else (head, "")


def _target_of(head: str) -> str:
    plain = re.sub(r"[\W_]+", "", head.casefold())
    for key in (*PERSON, *DOSE, *RESULT, *LIMITS, *known_facts(), *LISTS):
        if plain == key.replace("_", "") or plain in _HEADS.get(key, "").casefold().split():
            return key
    try:
        return TEST + find_test(head).name if head else ""
    except InputError:
        return ""


def _known_unit(test: str, unit: str) -> str:
    try:
        return find_unit(find_test(test), unit) if unit else ""
    except InputError:
        return ""


def _tests() -> tuple[str, ...]:
    return tuple(TEST + one.name for one in quantities().values() if one.is_test and one.name != "BMD")
