"""The clinic's own templates of letters and texts, by kind and language; those that are not kept are as they come."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bonecast.core import languages, speaking
from bonecast.errors import UnknownName
from bonecast.web.store.tables import KeyTable

_PREFIX = "letter "  # of their names among the small things that outlast a restart


def template(s: Session, kind: str, code: str) -> str:
    """The template of this kind in this language: the clinic's own, or else as it comes."""
    row = s.get(KeyTable, _name(kind, code))
    if row is not None:
        return row.value.decode("utf-8")
    from bonecast.papers import default_template  # its rules take a while to load: most commands need none

    with speaking(code):
        return default_template(kind)


def own(s: Session) -> list[tuple[str, str]]:
    """Kind and language of the clinic's own."""
    names = s.scalars(select(KeyTable.name).where(KeyTable.name.startswith(_PREFIX))).all()
    parts = [name.removeprefix(_PREFIX).split(" ") for name in names]
    return [(part[0], part[1]) for part in parts]


def save(s: Session, kind: str, code: str, text: str) -> None:
    """Keep a template. Raises InputError where it does what a letter may not."""
    from bonecast.papers import check_template

    kept = check_template(kind, text).encode("utf-8")
    s.merge(KeyTable(name=_name(kind, code), value=kept))
    s.flush()


def reset(s: Session, kind: str, code: str) -> None:
    """Put back the template as it comes."""
    s.execute(delete(KeyTable).where(KeyTable.name == _name(kind, code)))


def _name(kind: str, code: str) -> str:
    if code not in languages():
        raise UnknownName("language", "language", code, languages())
    return f"{_PREFIX}{kind} {code}"
