"""A table with one row for each case, one panel each, with RUCAM codes: read, assessed, written."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from bonecast.core import Faults, read_text
from bonecast.errors import InputError, printable
from bonecast.liver.admission import ROWS, admit
from bonecast.liver.alp_words import bone_stated, ggt_stated
from bonecast.liver.measures import measure
from bonecast.liver.rucam import NEEDED, Answer, Counting, Rucam, score
from bonecast.liver.rucam_form import TYPES, find_choice

LABS = {"alt": "ALT", "ast": "AST", "alp": "ALP", "ggt": "GGT", "tbl": "bilirubin", "dbl": "direct bilirubin"}
CODES = {
    "i1": "1",
    "i2": "2",
    "i3a": "3a",
    "i3p": "3p",
    "i3b": "3b",
    "i4": "4",
    "i5": "5",
    "i6": "6",
    "i7": "7",
}
RESULTS = (
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
NO_DAY = dt.datetime(1970, 1, 1)  # a row tells no day: all of its values are of one moment


def assess_rows(rows: list[dict[str, str]], file: str, counting: Counting = "either") -> list[dict[str, str]]:
    """What do these rows come to? One result for each, with the columns of `RESULTS`, all text.

    An empty cell means: not asked, or it cannot be assessed; `note` then says why. Raises RecordError with
    every fault. `file` is where the rows stand, in words.
    """
    faults = Faults()
    names = [_name(row) for row in rows]

    def place(i: int) -> str:
        return f"{file}, row {i + 1} ({printable(names[i])})"

    if len(set(names)) < len(names):
        twice = next(i for i, name in enumerate(names) if name in names[:i])
        faults.note(InputError(place(twice), "this id stands above already", "give each row its own"))
    labs = [lab for i, row in enumerate(rows) for lab in _labs(i, row, place(i), faults)]
    scores: list[Rucam | None] = []
    for i, row in enumerate(rows):
        scores.append(None)
        with faults.noting():
            scores[i] = _rucam(row, place(i), counting)
    faults.raise_any()
    values = admit(pl.DataFrame(labs, schema=ROWS, orient="row"), place)
    people = pl.DataFrame(
        [_person(i, row) for i, row in enumerate(rows)], schema_overrides={"alp_origin": pl.String}
    )
    measured = measure(values, people).to_dicts()
    return [_result(row, one, made) for row, one, made in zip(rows, measured, scores, strict=True)]


def read_rows(path: Path, file: str) -> list[dict[str, str]]:
    """The rows of a CSV file with a header; InputError where it has no id column or a row of another length."""
    listed = list(csv.reader(io.StringIO(read_text(path, file), newline=""), strict=True))
    header, *rows = [line for line in listed if line]
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


def as_csv(results: list[dict[str, str]]) -> str:
    """The results as the text of a CSV file."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, [*RESULTS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(results)
    return made.getvalue()


def _name(row: Mapping[str, str]) -> str:
    return row.get("id", "")


def _labs(i: int, row: Mapping[str, str], place: str, faults: Faults) -> list[tuple]:
    """The laboratory values of one row, as rows of `admit`; enzymes are in U/L where no column says otherwise."""
    found = []
    for short, test in LABS.items():
        value, uln = row.get(short, ""), row.get(f"{short}_uln", "")
        if not value:
            if uln and short != "dbl":
                faults.note(InputError(place, f"{short}_uln stands without {short}", "give both or none"))
            continue
        default = "" if short in ("tbl", "dbl") else "U/L"
        unit = row.get(f"{short}_unit", "") or (row.get("tbl_unit", "") if short == "dbl" else default)
        numbers = [
            _number(cell, f"{place}, {name}", faults)
            for cell, name in ((value, short), (uln, f"{short}_uln"))
        ]
        found.append((i, _key(i), NO_DAY, test, numbers[0], unit, numbers[1], None, None))
    if row.get("inr"):
        found.append(
            (i, _key(i), NO_DAY, "INR", _number(row["inr"], f"{place}, inr", faults), "1", None, None, None)
        )
    return found


def _number(cell: str, place: str, faults: Faults) -> float | None:
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError:
        faults.note(
            InputError(place, f"'{printable(cell)}' is not a number", "write it with a decimal point")
        )
        return None


def _key(i: int) -> str:
    """The person of a row, for the tables; its id may be anything."""
    return str(i)


def _words(row: Mapping[str, str]) -> str:
    return f"{row.get('story', '')}; {row.get('note', '')}"


def _person(i: int, row: Mapping[str, str]) -> dict[str, object]:
    """What the row states beside its values: a bone source of ALP, and how the GGT was."""
    bone, ggt = bone_stated(_words(row)), ggt_stated(_words(row))
    origin = None if row.get("ggt") or not bone or ggt is None else "liver" if ggt else "bone"
    return {"person": _key(i), "bone_alp": bone, "alp_origin": origin}


def _rucam(row: Mapping[str, str], place: str, counting: Counting) -> Rucam | None:
    """The score of the codes in the row; None where it has none."""
    codes = {item: row[column] for column, item in CODES.items() if row.get(column)}
    if not codes:
        return None
    injury = row.get("injury", "")
    if injury != "hepatocellular" and injury != "cholestatic_mixed":
        cause = f"'{printable(injury)}' is no type of injury"
        raise InputError(f"{place}, injury", cause, f"write {' or '.join(TYPES)}")
    columns = {item: column for column, item in CODES.items()}
    answers = [
        Answer(find_choice(code, item, injury, f"{place}, {columns[item]}")) for item, code in codes.items()
    ]
    return score(injury, answers, counting)


def _result(row: Mapping[str, str], found: dict, made: Rucam | None) -> dict[str, str]:
    def told(value: bool | None, unknown: str) -> str:
        return unknown if value is None else "yes" if value else "no"

    read = found["panels"] is not None
    ratio = found["R"]
    return {
        "id": _name(row),
        "total": "" if made is None or made.total is None else str(made.total),
        "band": "" if made is None else made.band,
        "R": "" if ratio is None else f"{ratio:.2f}",
        "pattern_2016": found["pattern_2016"] or "",
        "pattern_livertox": found["pattern_livertox"] or "",
        "dili": told(found["dili"], ""),
        "edish": found["edish"] or "",
        "hy_biochem": told(found["hy_biochem"], "unknown" if read else ""),
        **{f"ctcae_{short}": _grade(found[f"ctcae_{long}"]) for short, long in _GRADES.items()},
        "note": "; ".join(_notes(row, found, made)),
    }


_GRADES = {"alt": "alt", "alp": "alp", "tbl": "bili"}


def _grade(grade: int | None) -> str:
    return "" if grade is None else str(grade)


def _notes(row: Mapping[str, str], found: dict, made: Rucam | None) -> list[str]:
    """What a reader of one result must know."""
    notes = []
    if found["R"] is not None and not found["R_meaningful"]:
        notes.append("R is arithmetic only: neither ALT nor ALP is raised")
    if found["alt_peak_x"] is not None and found["alp_peak_x"] is None:
        notes.append("no ALP: R and initial cholestasis unknown")
    if found["alp_peak_x"] is not None and found["alp_origin"] == "bone":
        notes.append("ALP does not count: a bone source with normal GGT is stated")
    elif found["case_alp"] is None and found["bone_alp"] and found["alp_peak_x"] is not None:
        notes.append("ALP not assessable: a bone source is stated and no GGT")
    if made is not None and made.band == "unrelated":
        notes.append("onset before the drug or too long after it: not scored")
    if made is not None and made.band == "subtotal":
        answered = {answer.choice.item for answer in made.answers}
        absent = ", ".join(item for item in NEEDED if item not in answered)
        notes.append(f"items not given: {absent}; the total is a subtotal")
    chosen = {answer.choice.code for answer in made.answers} if made is not None else set()
    if "P3_YES" in chosen and row.get("sex", "").upper().startswith("M"):
        notes.append("a pregnancy is scored in a man")
    return notes
