"""`bonecast monograph`: what is known of denosumab, sentence by sentence with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.core import DISCLAIMER

if TYPE_CHECKING:
    from bonecast.care import Chapter

SECTION_HELP = "A section, such as stopping; reactions and claims are sections too. All by default."


def monograph(
    section: Annotated[str | None, typer.Argument(help=SECTION_HELP)] = None,
    as_json: AsJson = False,
) -> None:
    """What is known of denosumab: mechanism, use, efficacy, harms, stopping; every sentence with its source."""
    from bonecast.care import claims, find_chapter, headings, plain
    from bonecast.care import monograph as all_chapters

    chapters = list(all_chapters().values())
    if section is not None and section not in ("reactions", "claims"):
        chapters = [find_chapter(section)]
    elif section is not None:
        chapters = []
    reactions = list(headings().values()) if section in (None, "reactions") else []
    checked = list(claims().values()) if section in (None, "claims") else []
    if as_json:
        page = {"sections": plain(chapters), "reactions": plain(reactions), "claims": plain(checked)}
        return echo_json({name: part for name, part in page.items() if part} | {"standing": DISCLAIMER})
    for chapter in chapters:
        _show_chapter(chapter)
    if reactions:
        _show_reactions()
    if checked:
        _show_claims()
    echo(f"\n{DISCLAIMER}")


def _show_chapter(chapter: Chapter) -> None:
    heading(f"{chapter.title} ({chapter.key})")
    for sentence in chapter.sentences:
        year = f", {sentence.source.year}" if sentence.source.year else ""
        doubt = "" if sentence.mark == "published" else f"; {sentence.mark}: unverified"
        echo(f"* {sentence.text} [{sentence.source.text}{year}{doubt}]")


def _show_reactions() -> None:
    from bonecast.care import headings

    heading("Adverse reactions (reactions)")
    for one in headings().values():
        echo(f"\n{one.title}")
        for name, text in (
            ("onset", one.onset),
            ("report", one.signs),
            ("risk", one.raises),
            ("often described wrongly", one.corrected),
        ):
            if text:
                echo(f"  {name}: {text}")
        for rate in one.rates:
            dose = f" [{rate.dose_mg} mg]" if rate.dose_mg else ""
            note = f" ({rate.note})" if rate.note and str(rate) != rate.note else ""
            doubt = "" if rate.mark == "published" else f"; {rate.mark}: unverified"
            echo(f"  * {rate.reaction}{dose}, {rate.study}: {rate}{note} [{rate.source}{doubt}]")


def _show_claims() -> None:
    from bonecast.care import claims

    heading("Claims of common texts, and where they stand (claims)")
    rows = [
        [one.id, one.claim, one.verdict, one.note, (*one.chapters, *one.reactions), one.rules]
        for one in claims().values()
    ]
    table(["id", "claim", "verdict", "note", "sections", "rules"], rows)
