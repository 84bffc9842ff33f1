"""Reading one case: a TOML file, or a CSV file of laboratory values alone; all faults told together."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from bonecast.core import Faults, parse_toml, read_amount, read_text
from bonecast.drugs import drug_names, find_drug
from bonecast.errors import InputError, UnknownName, printable
from bonecast.liver.case import (
    CAUSES_I,
    CAUSES_II,
    CO_DRUGS,
    CONDITIONS,
    RULINGS,
    DrugUse,
    LiverCase,
    Options,
    Statements,
)
from bonecast.liver.case_layout import (
    CasePersonLines,
    FactLines,
    OptionLines,
    ReexposureLines,
    RucamLines,
    SuspectLines,
    UseLines,
)
from bonecast.liver.lab_csv import read_lab_csv
from bonecast.liver.panels import read_limits, read_panels
from bonecast.liver.people import FACTS
from bonecast.liver.ratio import CONVENTIONS
from bonecast.liver.rucam import COUNTINGS
from bonecast.liver.rucam_form import ITEMS, TYPES
from bonecast.records.file_format import read_lines

TABLES = ("person", "drug", "doses", "limits", "panels", "labs", "facts", "rucam", "reexposure", "options")
YEARS = range(1900, 2200)
Word = TypeVar("Word", bound=str)
Lines = TypeVar("Lines")


def read_case(path: str | os.PathLike[str]) -> LiverCase:
    """What does this case file say? TOML, or CSV with one laboratory value in each row and no drug.

    Raises InputError where the file cannot be read, RecordError with all faults where its content cannot be used.

    >>> read_case("examples/liver-case.toml").suspect
    'denosumab'
    """
    place = printable(os.fspath(path), 120)
    if Path(path).suffix.casefold() == ".csv":
        return LiverCase(Path(path).stem, None, None, None, (), read_lab_csv(Path(path), place))
    tables = parse_toml(read_text(Path(path), place), place)
    return case_of(tables, place, Path(path).parent)


def case_of(tables: dict[str, Any], file: str, folder: Path = Path()) -> LiverCase:
    """The case of parsed TOML; `labs = "values.csv"` is looked for in `folder`."""
    faults = Faults()
    for key in tables:
        if key not in TABLES:
            faults.note(UnknownName(file, "table", key[:60], TABLES))
    person = read_lines(CasePersonLines, tables.get("person", {}), f"{file}, person", faults)
    drug = read_lines(SuspectLines, tables["drug"], f"{file}, drug", faults) if "drug" in tables else None
    uses = _uses(tables.get("doses", []), file, faults)
    values = read_panels(
        tables.get("panels", []), read_limits(tables.get("limits", {}), file, faults), file, faults
    )
    if "labs" in tables:
        with faults.noting():
            name = tables["labs"]
            if not isinstance(name, str):
                raise InputError(
                    f"{file}, labs", "this is not the name of a file", 'write labs = "values.csv"'
                )
            values += read_lab_csv(folder / name, f"{file}, labs, {printable(name)}")
    stated = Statements()
    with faults.noting():
        stated = _stated(tables, drug, file, faults)
    options = Options()
    with faults.noting():
        options = _options(tables, file, faults)
    suspect = None
    if drug is not None:
        with faults.noting():
            suspect = drug_name(drug.name, f"{file}, drug, name")
    faults.raise_any()
    assert person is not None  # read_lines notes a fault wherever it gives none
    sex = word(person.sex, ("female", "male"), f"{file}, person, sex")
    made = LiverCase(person.id, sex, person.age, suspect, uses, tuple(values), stated, options)
    _check_dates(made, file)
    return made


def drug_name(name: str, place: str) -> str:
    """The agent of this name; one that the catalogue lacks keeps its name, unless it looks like a slip.

    >>> drug_name("Prolia", "drug"), drug_name("flucloxacillin", "drug")
    ('denosumab', 'flucloxacillin')
    """
    try:
        return find_drug(name, place).generic
    except UnknownName:
        known = {one.casefold(): one for one in drug_names()}
        near = difflib.get_close_matches(name.casefold(), [*known], 1, 0.85)
        if near:
            raise UnknownName(place, "drug", name, [known[near[0]]]) from None
        return " ".join(name.casefold().split())


def word(text: str | None, known: Sequence[Word], place: str) -> Word | None:
    """One of these words, or None where nothing is said. Raises UnknownName."""
    if text is None:
        return None
    found = next((one for one in known if one == text), None)
    if found is None:
        raise UnknownName(place, "choice", text, known)
    return found


def _uses(entries: object, file: str, faults: Faults) -> tuple[DrugUse, ...]:
    if not isinstance(entries, list):
        faults.note(
            InputError(f"{file}, doses", "this is not a list of tables", "write [[doses]] above each")
        )
        return ()
    uses = []
    for number, lines in enumerate(entries, start=1):
        place = f"{file}, dose {number}"
        entry = read_lines(UseLines, lines, place, faults)
        if entry is None:
            continue
        with faults.noting():
            drug = drug_name(entry.drug, f"{place}, drug")
            read_amount(entry.amount, f"{place}, amount")
            if (entry.date is None) == (entry.start is None) or (
                entry.date is not None and entry.end is not None
            ):
                raise InputError(place, "it is neither one dose nor a course", "write date, or from and to")
            start = entry.date or entry.start
            assert start is not None
            end = entry.end if entry.date is None else entry.date
            if end is not None and end < start:
                raise InputError(
                    place, f"it ends ({end}) before it begins ({start})", "exchange the two days"
                )
            uses.append(DrugUse(drug, entry.amount, start, end))
    return tuple(sorted(uses, key=lambda use: (use.start, use.drug, use.end or dt.date.max, use.amount)))


def _stated(tables: dict[str, Any], drug: SuspectLines | None, file: str, faults: Faults) -> Statements:
    facts = read_lines(FactLines, tables.get("facts", {}), f"{file}, facts", faults)
    rucam = read_lines(RucamLines, tables.get("rucam", {}), f"{file}, rucam", faults)
    again = None
    if "reexposure" in tables:
        again = read_lines(ReexposureLines, tables["reexposure"], f"{file}, reexposure", faults)
    if facts is None or rucam is None:
        return Statements()
    at = f"{file}, rucam"
    causes = {}
    for name, ruling in rucam.causes.items():
        if name not in (*CAUSES_I, *CAUSES_II):
            raise UnknownName(f"{at}, causes", "cause", name, [*CAUSES_I, *CAUSES_II])
        causes[name] = word(ruling, RULINGS, f"{at}, causes, {name}")
    for item in rucam.codes:
        if item not in ITEMS:
            raise UnknownName(f"{at}, codes", "RUCAM item", item, ITEMS)
    told = "labelled", "published", "unknown"
    return Statements(
        facts={name: value for name in FACTS if (value := getattr(facts, name, None)) is not None},
        bone_source=facts.bone_source,
        alp_origin=word(facts.alp_origin, ("liver", "bone"), f"{file}, facts, alp_origin"),
        onset=facts.onset,
        injury=word(rucam.injury, TYPES, f"{at}, injury"),
        drinks_per_day=rucam.drinks_per_day,
        pregnant=rucam.pregnant,
        co_drug=word(rucam.co_drug, [*CO_DRUGS], f"{at}, co_drug"),
        known_hepatotoxicity=word(
            drug.hepatotoxicity if drug else None, told, f"{file}, drug, hepatotoxicity"
        ),
        causes=causes,
        reexposure=again.date if again else None,
        conditions=word(again.conditions if again else None, CONDITIONS, f"{file}, reexposure, conditions"),
        codes=dict(rucam.codes),
    )


def _options(tables: dict[str, Any], file: str, faults: Faults) -> Options:
    lines = read_lines(OptionLines, tables.get("options", {}), f"{file}, options", faults)
    if lines is None:
        return Options()
    convention = word(lines.convention, CONVENTIONS, f"{file}, options, convention")
    counting = word(lines.counting, COUNTINGS, f"{file}, options, counting")
    assert convention is not None
    assert counting is not None
    return Options(convention, counting, lines.score_recovery)


def _check_dates(case: LiverCase, file: str) -> None:
    """Every value of before the drug says so itself; nothing is taken for a baseline by its date alone."""
    faults = Faults()
    if case.suspect is not None and not case.suspect_uses:
        faults.note(
            InputError(f"{file}, doses", f"no dose of {case.suspect} is given", "add [[doses]] with its day")
        )
    days = [(value.place, value.at.date()) for value in case.values]
    days += [(f"{file}, dose of {use.drug}", day) for use in case.uses for day in (use.start, use.end) if day]
    days += [(f"{file}, facts, onset", case.stated.onset)] if case.stated.onset else []
    for place, day in days:
        if day.year not in YEARS:
            faults.note(InputError(place, f"{day} is no day of a patient's life", "correct the year"))
    told = set()
    for value in case.values:
        place = value.place.rpartition(", ")[0]
        if case.start is not None and place not in told:
            early = value.at.date() < case.start
            if early and not value.baseline:
                cause = f"{value.at.date()} lies before the first dose of {case.suspect} ({case.start})"
                faults.note(
                    InputError(place, cause, "write baseline = true if it is meant, or correct the day")
                )
                told.add(place)
            elif value.baseline and not early:
                cause = f"baseline of {value.at.date()} does not lie before the first dose ({case.start})"
                faults.note(InputError(place, cause, "leave baseline out, or correct the day"))
                told.add(place)
    again = case.stated.reexposure
    if again is not None and (case.start is None or again <= case.start):
        cause = f"{again} does not lie after a first exposure"
        faults.note(InputError(f"{file}, reexposure, date", cause, "give the day of the second exposure"))
    if not case.values:
        faults.note(
            InputError(file, "there is no laboratory value", "add [[panels]] with ALT, ALP and bilirubin")
        )
    faults.raise_any()
