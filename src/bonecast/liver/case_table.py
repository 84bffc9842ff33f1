"""A table with one row for each case, one panel each, with RUCAM codes: read, assessed, written."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from bonecast.core import Faults, csv_rows, read_text
from bonecast.errors import InputError, UnknownName, printable
from bonecast.liver.case import INJURY_TYPES, ITEMS, Counting
from bonecast.liver.laboratory import BOOLEANS, ROWS, check_values
from bonecast.liver.measures import measure
from bonecast.liver.rucam import NEEDED, Rucam, score
from bonecast.liver.rucam_items import Answer, find_choice

LABS = {"alt": "ALT", "ast": "AST", "alp": "ALP", "ggt": "GGT", "tbl": "bilirubin", "dbl": "direct bilirubin"}
RESULTS: tuple[str, ...] = (
    "id",
    "total",
    "band",
    "R",
    "pattern_2016",
    "pattern_livertox",
    "dili",
    "edish",
    "hy_biochem",
    "ctcae_alt",
    "ctcae_alp",
    "ctcae_tbl",
    "note",
)
NO_DAY = dt.datetime(1970, 1, 1)  # a row has no day: all of its values are of one moment

# A published case states the origin of its ALP in words only: they are read where no column gives it.
BONE = re.compile(
    r"bone[- ]metasta\w*|(?:metasta\w+|mets?) (?:to|in) (?:the )?bones?|bone mets?\b|paget\w*"
    r"|bone (?:source|origin|disease)|high (?:bone )?turnover|bone[- ]specific alp|(?:high )?bone alp",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?:no|without|not|excluded|denies)\W+(?:\w+\W+){0,2}$", re.IGNORECASE)
GGT_NORMAL = re.compile(r"\bnormal ggt|\bggt (?:is |was )?(?:normal|not raised)", re.IGNORECASE)
GGT_RAISED = re.compile(
    r"\b(?:raised|high|elevated) ggt|\bggt (?:is |was )?(?:raised|high|elevated)", re.IGNORECASE
)


def assess_case_table(
    rows: list[dict[str, str]], file: str, counting: Counting = "either"
) -> list[dict[str, str]]:
    """Assess a table with one case in each row.

    Parameters
    ----------
    rows : list of dict of str to str
        The cells by column, all text (`read_case_table`).
    file : str
        The name of the file, for error messages.
    counting : Counting
        How alcohol and pregnancy are counted on the cholestatic form.

    Returns
    -------
    One result for each row with the columns id, total, band, R, pattern_2016, pattern_livertox, dili, edish,
    hy_biochem, ctcae_alt, ctcae_alp, ctcae_tbl and note, all text. An empty cell means that it was not asked or
    cannot be assessed; `note` then says why.

    Raises
    ------
    RecordError
        Rows cannot be used; all faults are named.

    Examples
    --------
    >>> row = {"id": "A", "alt": "400", "alt_uln": "40", "alp": "120", "alp_uln": "120"}
    >>> assess_case_table([row], "cases.csv")[0]["R"]
    '10.00'
    """
    faults = Faults()
    names = [row.get("id", "") for row in rows]

    def place(i: int) -> str:
        return f"{file}, row {i + 1} ({printable(names[i])})"

    if len(set(names)) < len(names):
        twice = next(i for i, name in enumerate(names) if name in names[:i])
        faults.note(InputError(place(twice), "this id stands above already", "give each row its own"))
    labs: list[tuple] = []
    scores: list[Rucam | None] = [None] * len(rows)
    people: list[dict[str, Any]] = []
    for i, row in enumerate(rows):
        labs += _labs(i, row, place(i), faults)
        with faults.noting():
            scores[i] = _rucam(row, place(i), counting)
        with faults.noting():
            people.append(_person(i, row, place(i)))
    faults.raise_any()
    values = check_values(pl.DataFrame(labs, schema=ROWS, orient="row"), place)
    measured = measure(values, pl.DataFrame(people, schema_overrides={"alp_origin": pl.String}))
    results = measured.iter_rows(named=True)
    return [_result(row, result, rucam) for row, result, rucam in zip(rows, results, scores, strict=True)]


def read_case_table(path: Path, file: str) -> list[dict[str, str]]:
    """Read a table of cases.

    Parameters
    ----------
    path : Path
        A CSV file with a header, one of whose columns is id.
    file : str
        The name of the file, for error messages.

    Returns
    -------
    The cells of each row by column.

    Raises
    ------
    InputError
        There is no id column, no row, or a row of another length.

    Examples
    --------
    >>> len(read_case_table(Path("tests/data/liver/cases.csv"), "cases.csv"))
    22
    """
    header, *rows = [cells for _, cells in csv_rows(read_text(path, file), file)]
    header = [name.strip() for name in header]
    if "id" not in header:
        raise InputError(file, "there is no column id", "begin with a header line such as id,alt,alt_uln,...")
    if len(set(header)) < len(header):
        raise InputError(file, "two columns have one name", "rename one")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            cause = f"it has {len(row)} cells under {len(header)} columns"
            raise InputError(f"{file}, row {number}", cause, "quote cells that hold commas")
    if not rows:
        raise InputError(file, "there is no row under the header", "add one row for each case")
    return [{name: cell.strip() for name, cell in zip(header, row, strict=True)} for row in rows]


def to_csv(results: list[dict[str, str]]) -> str:
    """Write the results of a table of cases as CSV.

    Parameters
    ----------
    results : list of dict of str to str
        What `assess_case_table` gave.

    Returns
    -------
    The text of the file.

    Examples
    --------
    >>> to_csv([]).splitlines()[0][:12]
    'id,total,ban'
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, RESULTS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(results)
    return text.getvalue()


def _labs(i: int, row: Mapping[str, str], place: str, faults: Faults) -> list[tuple]:
    """The laboratory values of one row, as rows of `check_values`; enzymes are in U/L where no column has the unit."""

    def number(column: str) -> float | None:
        cell = row.get(column, "")
        if not cell:
            return None
        try:
            return float(cell)
        except ValueError:
            at, cause = f"{place}, {column}", f"'{printable(cell)}' is not a number"
            faults.note(InputError(at, cause, "write it with a decimal point"))
            return None

    values = []
    for short, test in LABS.items():
        if not row.get(short):
            if row.get(f"{short}_uln") and short != "dbl":
                faults.note(InputError(place, f"{short}_uln stands without {short}", "give both or none"))
            continue
        default = {"tbl": "", "dbl": row.get("tbl_unit", "")}.get(short, "U/L")
        unit = row.get(f"{short}_unit") or default
        values.append((i, str(i), NO_DAY, test, number(short), unit, number(f"{short}_uln"), None, None))
    if row.get("inr"):
        values.append((i, str(i), NO_DAY, "INR", number("inr"), "1", None, None, None))
    return values


def _person(i: int, row: Mapping[str, str], place: str) -> dict[str, Any]:
    """Whether the ALP may be of bone and where it comes from: by the columns, else by the words of the row."""
    stated, origin = row.get("bone_alp", "").casefold(), row.get("alp_origin", "")
    if stated and stated not in BOOLEANS:
        raise InputError(f"{place}, bone_alp", f"'{printable(stated)}' is no answer", "write true or false")
    if origin not in ("", "liver", "bone"):
        raise UnknownName(f"{place}, alp_origin", "choice", origin, ("liver", "bone"))
    words = f"{row.get('story', '')}; {row.get('note', '')}"
    bone = BOOLEANS.get(stated)
    if bone is None:
        bone = any(not DENIED.search(words[: match.start()]) for match in BONE.finditer(words))
        if bone and not origin and not row.get("ggt"):
            origin = "bone" if GGT_NORMAL.search(words) else "liver" if GGT_RAISED.search(words) else ""
    return {"person": str(i), "bone_alp": bone, "alp_origin": origin or None}


def _rucam(row: Mapping[str, str], place: str, counting: Counting) -> Rucam | None:
    """The score of the codes in the row, whose columns are i1 to i7; None where it has none."""
    codes = {item: code for item in ITEMS if (code := row.get(f"i{item}"))}
    if not codes:
        return None
    injury = row.get("injury", "")
    if injury not in INJURY_TYPES:
        cause = f"'{printable(injury)}' is no type of injury"
        raise InputError(f"{place}, injury", cause, f"write {' or '.join(INJURY_TYPES)}")
    answers = [Answer(find_choice(code, item, injury, f"{place}, i{item}")) for item, code in codes.items()]
    return score(injury, answers, counting)


def _result(row: Mapping[str, str], measured: Mapping[str, Any], rucam: Rucam | None) -> dict[str, str]:
    def text(value: object, unknown: str = "") -> str:
        return (
            unknown
            if value is None
            else {True: "yes", False: "no"}[value]
            if isinstance(value, bool)
            else str(value)
        )

    return {
        "id": row.get("id", ""),
        "total": text(rucam and rucam.total),
        "band": rucam.band if rucam else "",
        "R": "" if measured["R"] is None else f"{measured['R']:.2f}",
        "pattern_2016": text(measured["pattern_2016"]),
        "pattern_livertox": text(measured["pattern_livertox"]),
        "dili": text(measured["dili"]),
        "edish": text(measured["edish"]),
        "hy_biochem": text(measured["hy_biochem"], "unknown" if measured["panels"] is not None else ""),
        "ctcae_alt": text(measured["ctcae_alt"]),
        "ctcae_alp": text(measured["ctcae_alp"]),
        "ctcae_tbl": text(measured["ctcae_bili"]),
        "note": "; ".join(_notes(row, measured, rucam)),
    }


def _notes(row: Mapping[str, str], measured: Mapping[str, Any], rucam: Rucam | None) -> list[str]:
    """What a reader of one result must know."""
    notes = []
    if measured["R"] is not None and not measured["R_meaningful"]:
        notes.append("R is arithmetic only: neither ALT nor ALP is raised")
    if measured["alt_peak_x"] is not None and measured["alp_peak_x"] is None:
        notes.append("no ALP: R and initial cholestasis unknown")
    if measured["alp_peak_x"] is not None and measured["alp_origin"] == "bone":
        notes.append("ALP does not count: a bone source with normal GGT is stated")
    elif measured["case_alp"] is None and measured["bone_alp"] and measured["alp_peak_x"] is not None:
        notes.append("ALP not assessable: a bone source is stated and no GGT")
    if rucam is not None and rucam.band == "unrelated":
        notes.append("onset before the drug or too long after it: not scored")
    if rucam is not None and rucam.band == "subtotal":
        answered = {answer.choice.item for answer in rucam.answers}
        absent = ", ".join(item for item in NEEDED if item not in answered)
        notes.append(f"items not given: {absent}; the total is a subtotal")
    chosen = {answer.choice.code for answer in rucam.answers} if rucam is not None else set()
    if "P3_YES" in chosen and row.get("sex", "").upper().startswith("M"):
        notes.append("a pregnancy is scored in a man")
    return notes
