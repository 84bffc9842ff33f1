"""The monograph in the documentation: the same chapters, reactions and claims that `bonecast monograph` prints."""

from __future__ import annotations

from collections.abc import Iterator

from bonecast.care.monograph import Sentence, claims, find_chapter
from bonecast.care.reactions import Rate, headings


def monograph(name: str) -> str:
    """A chapter as a list of sentences with their sources; `reactions` and `claims` have forms of their own."""
    if name == "reactions":
        return "\n".join(_reactions())
    if name == "claims":
        return "\n".join(_claims())
    return "\n".join(_sentence(one) for one in find_chapter(name).sentences)


def _sentence(one: Sentence) -> str:
    year = f", {one.source.year}" if one.source.year else ""
    return f"* {_plain(one.text)} <small>{_plain(one.source.text)}{year}{_doubt(one.mark)}</small>"


def _reactions() -> Iterator[str]:
    for one in headings().values():
        yield f"\n### {_plain(one.title)}\n"
        for name, text in (("Onset", one.onset), ("Report", one.signs), ("What raises the risk", one.raises)):
            if text:
                yield f"* {name}: {_plain(text)}"
        if one.corrected:
            yield f"* Often described wrongly: {_plain(one.corrected)}"
        yield from map(_rate, one.rates)


def _rate(one: Rate) -> str:
    dose = f" [{one.dose_mg} mg]" if one.dose_mg else ""
    note = f" ({one.note})" if one.note and str(one) != one.note else ""
    said = f"{one.reaction}{dose}, {one.study}: {one}{note}"
    return f"* {_plain(said)} <small>{_plain(str(one.source))}{_doubt(one.mark)}</small>"


def _claims() -> Iterator[str]:
    yield "| claim | verdict | what holds | where |\n|---|---|---|---|"
    for one in claims().values():
        where = ", ".join((*one.chapters, *one.reactions, *one.rules))
        yield "| " + " | ".join(map(_plain, (f"{one.id}: {one.claim}", one.verdict, one.note, where))) + " |"


def _doubt(mark: str) -> str:
    return "" if mark == "published" else f" ({mark}: unverified)"


def _plain(text: str) -> str:
    """Text that Markdown and tables leave as it is."""
    for sign, safe in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "&#124;"),
        ("*", "&#42;"),
        ("_", "&#95;"),
    ):
        text = text.replace(sign, safe)
    return text
