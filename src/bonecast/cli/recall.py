"""`bonecast recall` and `bonecast letter`: letters, labels, texts and orders from records, as files."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated

import typer

from bonecast.cli.check import Jurisdiction
from bonecast.cli.output import AsJson, echo, echo_json, table
from bonecast.cli.progress import warn
from bonecast.errors import InputError

ClinicName = Annotated[str, typer.Option("--clinic", help="The clinic's name.")]
Phone = Annotated[str, typer.Option(help="The clinic's phone. Default: a line to fill in by hand.")]
Address = Annotated[str, typer.Option("--address", help="The clinic's address, its lines with commas.")]
Code = Annotated[str, typer.Option("--language", help="Language of those whose record names none.")]


def recall(
    people: Annotated[
        list[str], typer.Argument(help="Records (TOML, FHIR R4 Bundles in JSON), or a table of people (CSV).")
    ],
    out: Annotated[str, typer.Option(help="The ZIP file to write.")] = "recall.zip",
    which: Annotated[
        list[str] | None,
        typer.Option("--make", help="letters, labels, texts or orders; may be given again. Default: all."),
    ] = None,
    jurisdiction: Jurisdiction = None,
    clinic: ClinicName = "",
    phone: Phone = "",
    address: Address = "",
    code: Code = "en",
    sheet: Annotated[str, typer.Option(help="Sheet of labels, such as 'A4, 21 labels'.")] = "A4, 21 labels",
    as_json: AsJson = False,
) -> None:
    """Letters, address labels, texts and orders for a year, for many people, in one ZIP file. Nothing is sent.

    The care rules choose each letter: whom they block, or whose check is not complete, is asked to call and gets no
    date of an injection.
    """
    from bonecast.core import RecordError, atomic_write, check_file
    from bonecast.forecasts import people_of
    from bonecast.papers import RECALL_FILES, Addressee, Sender, recall_files

    target = check_file(out, (".zip",), "--out", tuple(people))
    addressees, unusable = [], []
    for one in people_of(people):
        try:
            addressees.append(Addressee(_today(one.read()), jurisdiction))
        except (InputError, RecordError) as fault:
            unusable.append((one.place, one.place, str(fault)))
    sender = Sender(clinic, phone, address)
    data, done = recall_files(addressees, sender, which or RECALL_FILES, code, None, sheet, unusable)
    with atomic_write(target) as beside:
        beside.write_bytes(data)
    rows = [(one.patient.id, made.kind, made.state, made.why) for one, made in done]
    for place, _, why in unusable:
        warn(f"passed over: {why}" if place in why else f"passed over: {place}: {why}")
    if as_json:
        names = ("id", "letter", "state", "why_none")
        echo_json({"file": str(target), "people": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table(["person", "letter", "state", "why none"], rows)
        echo(f"\nfiles: {target}; nothing was sent")
    if unusable:
        raise typer.Exit(2)


def letter(
    patient: Annotated[str, typer.Argument(help="A record: TOML, or a FHIR R4 Bundle in JSON.")],
    out: Annotated[str, typer.Option(help="The PDF file to write.")] = "letter.pdf",
    kind: Annotated[str, typer.Option(help="gp: to the general practitioner; recall: to the person.")] = "gp",
    jurisdiction: Jurisdiction = None,
    doctor: Annotated[
        str, typer.Option(help="Name and address of the general practitioner, with commas.")
    ] = "",
    clinic: ClinicName = "",
    phone: Phone = "",
    address: Address = "",
    code: Code = "en",
) -> None:
    """One letter as a PDF file: to the general practitioner, or what a recall would write to the person."""
    from bonecast.core import atomic_write, check_file, speaking
    from bonecast.errors import UnknownName
    from bonecast.interop import read_patient
    from bonecast.papers import (
        Addressee,
        Sender,
        default_template,
        gp_letter,
        letters_pdf,
        recall_of,
        write_letter,
    )

    target = check_file(out, (".pdf",), "--out", (patient,))
    one, sender = Addressee(read_patient(patient), jurisdiction), Sender(clinic, phone, address)
    with speaking(code):
        if kind == "gp":
            made = gp_letter(one, sender, default_template("gp"), doctor)
        elif kind == "recall":
            found = recall_of(one, sender)
            if found.kind == "none":
                raise InputError("letter", found.why, "there is nothing to write")
            made = write_letter(default_template(found.kind), found.values, one.patient, sender, found.state)
        else:
            raise UnknownName("--kind", "kind", kind, ("gp", "recall"))
        data = letters_pdf([made])
    with atomic_write(target) as beside:
        beside.write_bytes(data)
    echo(f"letter: {target}")


def _today(patient):
    """The record as if it had been looked at today."""
    return replace(patient, record_date=max(patient.record_date, dt.date.today()))
