"""A recall: which letter each person gets, and the files of many. The judge of the care rules chooses, never a form.

Who can be dated gets a date; whose check is not complete is asked for results; whom the rules block is asked to talk.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bonecast.care import (
    Check,
    Override,
    Schedule,
    Situation,
    limit_days,
    plain_reasons,
    plain_tests,
    schedule,
    situation_of,
    state_heading,
    state_sentence,
)
from bonecast.core import (
    DISCLAIMER,
    Cell,
    current_language,
    gettext,
    language,
    languages,
    speaking,
    spreadsheet_csv,
)
from bonecast.errors import UnknownName
from bonecast.papers.labels import USUAL_SHEET, labels_pdf
from bonecast.papers.letters import Letter, Sender, address_lines, letters_pdf, write_letter
from bonecast.papers.orders import YearOrder, orders_bundle, orders_table, year_of_orders
from bonecast.papers.states import is_dated, state_line
from bonecast.papers.templates import default_template, filled
from bonecast.records import Patient
from bonecast.regimens import history_of

Kind = Literal["recall", "results", "talk", "none"]
RECALL_FILES = ("letters", "labels", "texts", "orders")
DUE = ("on_time", "late", "overdue", "lapsed", "cancer", "gctb", "hcm")  # situations with a next injection
ON_TIME_D = limit_days("due_d")  # the last day of the situation "on time" (rule DD-01)
SEGMENT = 160  # characters of one text
Templates = Callable[[str, str], str]  # kind and language to a checked template


@dataclass(frozen=True)
class Addressee:
    """A person of a recall.

    Parameters
    ----------
    patient : Patient
        The record, as of the day of writing.
    jurisdiction : str, optional
        Whose care rules decide; the strictest where nobody says so.
    overrides : tuple of Override
        Findings that a clinician overrode.
    """

    patient: Patient
    jurisdiction: str | None = None
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Recall:
    """What one person is written.

    Parameters
    ----------
    kind : str
        "recall", "results" or "talk", the template; "none" where nothing is sent.
    why : str
        Why nothing is sent; empty elsewhere.
    state : str
        State of the check in words, with who overrode what.
    values : dict of str to object
        The fields of the template.
    check : Check, optional
        The check of the next injection.
    """

    kind: Kind
    why: str
    state: str
    values: dict[str, Any]
    check: Check | None = None


def recall_of(one: Addressee, sender: Sender | None = None) -> Recall:
    """Choose what a person is written, by the care rules.

    Parameters
    ----------
    one : Addressee
        The person.
    sender : Sender, optional
        The clinic.

    Returns
    -------
    Recall
        Kind and fields. No date of an injection is among them where the rules block it or its check is not
        complete.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> made = recall_of(Addressee(read_patient("examples/late-dose.toml"), "UK"))
    >>> made.kind, "due" in made.values
    ('results', False)
    """
    patient = one.patient
    if patient.death_date is not None:
        return Recall("none", gettext("The person has died."), "", {})
    if not any(dose.drug == "denosumab" for dose in history_of(patient).doses):
        return Recall("none", gettext("No denosumab is on record, so nothing is due."), "", {})
    found = situation_of(patient, one.jurisdiction, overrides=one.overrides)
    made = schedule(patient, one.jurisdiction, overrides=one.overrides)
    check = found.checks[0]
    values = {**_everyone(patient, made), **(sender or Sender()).fields}
    state = state_line(check, patient.record_date)
    if check.state == "given":
        return Recall("none", gettext("The injection of today is on record."), state, values, check)
    if found.withheld or not is_dated(check):
        return _asked_to_call(found, check, made, patient, one, state, values)
    if found.name not in DUE or made.injection is None:
        return Recall("none", gettext("No next injection is due."), state, values, check)
    return Recall("recall", "", state, values | dated(made) | {"questions": len(check.questions)}, check)


def _asked_to_call(
    found: Situation,
    check: Check,
    made: Schedule,
    patient: Patient,
    one: Addressee,
    state: str,
    values: dict[str, Any],
) -> Recall:
    tests = plain_tests(made)
    obtainable = check.state == "not_complete" or bool(check.alternatives.obtain)
    if obtainable and check.emergency is None:
        asked = {"tests": tests, "questions": len(check.questions)}
        return Recall("results", "", state, values | asked, check)
    reasons = plain_reasons(found, patient, one.jurisdiction)
    return Recall("talk", "", state, values | {"reasons": reasons}, check)


def dated(made: Schedule) -> dict[str, Any]:
    """The fields of a date: the day, its window, and how many days late it is; nothing where the rules withhold it."""
    if made.injection is None:
        return {"due": "", "first": "", "last": "", "late": 0}
    tongue = current_language()
    coming = next((entry for entry in made.entries if entry.part == "next"), None)
    ends = (None, None) if coming is None else (coming.first, coming.last)
    first, last = (tongue.date(day) if day is not None and day >= made.today else "" for day in ends)
    late = made.clock.day - ON_TIME_D if made.clock is not None else 0
    return {"due": tongue.date(made.injection), "first": first, "last": last, "late": max(0, late)}


def gp_letter(one: Addressee, sender: Sender, template: str, doctor: str = "") -> Letter:
    """Write the letter to the general practitioner: where the treatment stands, and the next dates.

    Parameters
    ----------
    one : Addressee
        The person.
    sender : Sender
        The clinic.
    template : str
        A checked template of the kind "gp".
    doctor : str
        Name and address of the doctor, with commas between the lines.

    Returns
    -------
    Letter
        The letter. No injection is dated where the rules block it or its check is not complete.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> her = Addressee(read_patient("examples/late-dose.toml"), "UK")
    >>> gp_letter(her, Sender("Clinic"), default_template("gp"), "Dr Green, Oxford").address
    ('Dr Green', 'Oxford')
    """
    patient = one.patient
    found = situation_of(patient, one.jurisdiction, overrides=one.overrides)
    made = schedule(patient, one.jurisdiction, overrides=one.overrides)
    check, tongue = found.checks[0], current_language()
    heads = [cause.head for cause in check.causes]
    values = {
        **_everyone(patient, made),
        **sender.fields,
        **{key: value for key, value in dated(made).items() if key != "late"},
        "doses": sum(dose.drug == "denosumab" for dose in history_of(patient).doses),
        "state": state_heading(check),
        "sentence": state_sentence(check),
        "tests": plain_tests(made),
        "findings": [f"{gettext(head.advice)} ({head.rule})" for head in heads if head.overridden is None],
    }
    if not is_dated(check):
        values |= {"due": "", "first": "", "last": ""}
    dates = [
        (tongue.date(entry.date), gettext(entry.what))
        for entry in made.entries
        if entry.have is None and (values["due"] or entry.part != "next")
    ]
    return write_letter(
        template,
        values,
        patient,
        sender,
        state_line(check, patient.record_date),
        dates[:8],
        address_lines(doctor),
    )


def _everyone(patient: Patient, made: Schedule) -> dict[str, Any]:
    tongue, history = current_language(), history_of(patient)
    given = [history.date(dose.time_d) for dose in history.doses if dose.drug == "denosumab"]
    return {
        "name": patient.name or patient.id,
        "id": patient.id,
        "born": tongue.date(patient.birth_date),
        "today": tongue.date(made.today),
        "last_injection": tongue.date(given[-1]) if given else "",
    }


def recall_files(
    people: Iterable[Addressee],
    sender: Sender,
    which: Iterable[str] = RECALL_FILES,
    tongue: str = "en",
    templates: Templates | None = None,
    sheet: str = USUAL_SHEET,
    unusable: Iterable[tuple[str, str, str]] = (),
    written: dt.datetime | None = None,
) -> tuple[bytes, list[tuple[Addressee, Recall]]]:
    """Make the files of a recall as one ZIP file; nothing is sent anywhere.

    Parameters
    ----------
    people : iterable of Addressee
        Whom.
    sender : Sender
        The clinic.
    which : iterable of str
        Of `RECALL_FILES`: letters.pdf, labels.pdf, texts.csv, and orders.csv with a FHIR Bundle for each person.
    tongue : str
        Language of those whose record names none.
    templates : callable, optional
        Kind and language to a checked template; those that come with the package by default.
    sheet : str
        Sheet of labels (`label_sheets`).
    unusable : iterable of (str, str, str)
        Id, name and fault of records that cannot be read; they are named in `people.csv`.
    written : datetime, optional
        Time of writing, with its time zone; now by default.

    Returns
    -------
    tuple of (bytes, list of tuple of (Addressee, Recall))
        The ZIP file, and what each person was written. Its `people.csv` names everyone, also those who get nothing.

    Raises
    ------
    UnknownName
        If a file, the language or the sheet is not known.
    InputError
        If letters or labels are asked for and the extra `pdf` is not installed.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> her = Addressee(read_patient("examples/late-dose.toml"), "UK")
    >>> made, done = recall_files([her], Sender("Clinic", "555-0100"), ["texts"])
    >>> done[0][1].kind
    'results'
    """
    asked, now = tuple(which), written or dt.datetime.now(dt.UTC)
    for name in asked:
        if name not in RECALL_FILES:
            raise UnknownName("files", "file", name, RECALL_FILES)
    language(tongue)
    template = templates or _as_it_comes
    rows: list[list[Cell]] = [
        [id_, name, None, "none", fault, "", "", "", ""] for id_, name, fault in unusable
    ]
    texts: list[list[Cell]] = []
    letters: dict[str, list[Letter]] = {}
    labels: list[list[str]] = []
    orders: list[tuple[Addressee, list[YearOrder]]] = []
    done: list[tuple[Addressee, Recall]] = []
    for one in people:
        patient = one.patient
        code = patient.language if patient.language in languages() else tongue
        with speaking(str(code)):
            made = recall_of(one, sender)
            done.append((one, made))
            name, lines = patient.name or patient.id, address_lines(patient.address or "")
            if made.kind != "none":
                letter = write_letter(
                    template(made.kind, str(code)), made.values, patient, sender, made.state
                )
                letters.setdefault(str(code), []).append(letter)
                if lines:
                    labels.append([name, *lines])
                if patient.phone:
                    said = " ".join(filled(template(f"text_{made.kind}", str(code)), made.values)).strip()
                    texts.append([patient.phone, said, len(said), -(-len(said) // SEGMENT), made.kind])
            rows.append([
                patient.id, name, patient.birth_date, made.kind, made.why, made.state, code,
                "yes" if lines else "no", "yes" if patient.phone else "no",
            ])  # fmt: skip
        if "orders" in asked:
            orders.append((one, year_of_orders(patient, one.jurisdiction, one.overrides)))
    content: dict[str, bytes] = {
        "people.csv": spreadsheet_csv(
            (
                "id",
                "name",
                "birth_date",
                "letter",
                "why_none",
                "state",
                "language",
                "has_address",
                "has_phone",
            ),
            rows,
        )
    }
    if "letters" in asked:
        for code, each in letters.items():
            with speaking(code):
                content[f"letters-{code}.pdf"] = letters_pdf(each, sender.logo)
    if "labels" in asked and labels:
        content["labels.pdf"] = labels_pdf(labels, sheet)
    if "texts" in asked:
        content["texts.csv"] = spreadsheet_csv(("phone", "text", "characters", "segments", "kind"), texts)
    if "orders" in asked:
        content["orders.csv"] = orders_table([(one.patient, each) for one, each in orders])
        for number, (one, each) in enumerate(orders, start=1):
            bundle = orders_bundle(one.patient, each, one.jurisdiction, one.overrides, now)
            content[f"orders/{number:04d}.json"] = json.dumps(bundle, indent=1, ensure_ascii=False).encode()
    content["README.txt"] = f"{DISCLAIMER}\nNothing was sent: these are files.\n".encode()
    return _zip(content, now), done


def _as_it_comes(kind: str, code: str) -> str:
    with speaking(code):
        return default_template(kind)


def _zip(content: Mapping[str, bytes], written: dt.datetime) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, written.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
