"""`bonecast leaflet`: one page for the person, with their own dates."""

from __future__ import annotations

from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json
from bonecast.cli.schedule import ExitDrug, StopReason
from bonecast.errors import InputError


def leaflet(
    patient: Annotated[str, typer.Argument(help="A record: TOML, or a FHIR R4 Bundle in JSON.")],
    jurisdiction: Annotated[
        str | None, typer.Option(help="US, EU, UK, CA or AU. Default: the record's; one is needed.")
    ] = None,
    last_dose: Annotated[
        bool, typer.Option("--last-dose", help="No further injection is planned: the page is about stopping.")
    ] = False,
    exit_drug: ExitDrug = None,
    reason: StopReason = "",
    brand: Annotated[
        str | None,
        typer.Option(metavar="PRODUCT", help="The next injection is this product: a change of brand."),
    ] = None,
    phone: Annotated[
        str | None, typer.Option(help="The clinic's phone. Default: a line to fill in by hand.")
    ] = None,
    code: Annotated[str, typer.Option("--language", help="en or es.")] = "en",
    out: Annotated[str | None, typer.Option(help="A page to write: leaflet.html, or leaflet.pdf.")] = None,
    as_json: AsJson = False,
) -> None:
    """One page for the person, by their situation; large type, to be printed.

    The care rules choose the situation: on time, late, restart, 120 mg by indication, stopping, or not today. What they
    block is not dated, and the page says why.
    """
    from bonecast.care import leaflet as make
    from bonecast.care import leaflet_page
    from bonecast.core import atomic_write, check_file, language
    from bonecast.interop import read_patient
    from bonecast.papers import leaflet_pdf

    target = None if out is None else check_file(out, (".html", ".pdf"), "--out", (patient,))
    tongue = language(code)
    person = read_patient(patient)
    place = jurisdiction or person.fact("jurisdiction")
    if place is None:
        hint = "add --jurisdiction US, EU, UK, CA or AU: they say different things on tests and lateness"
        raise InputError("--jurisdiction", "none is chosen and the record names none", hint)
    made = make(
        person, str(place), last_dose, tongue, exit=exit_drug, reason=reason, brand=brand, phone=phone
    )
    if target is not None:
        with atomic_write(target) as beside:
            beside.write_bytes(
                leaflet_pdf(made) if target.suffix == ".pdf" else leaflet_page(made).encode("utf-8")
            )
    if as_json:
        sections = [{"key": key, "title": title, "lines": list(lines)} for key, title, lines in made.sections]
        found = {"situation": made.situation, "withheld": list(made.withheld)}
        return echo_json({"language": made.language, "title": made.title, **found, "sections": sections})
    echo(f"leaflet: {target}" if target is not None else made.text)
