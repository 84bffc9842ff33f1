"""A citation with its DOI as a link."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOI = re.compile(r"\bdoi:? ?(10\.\d{4,9}/[^\s;,]*[^\s;,.)])")


@dataclass(frozen=True)
class NumberedReference:
    """A citation cut at its first DOI: the text before it, the DOI, the text after it."""

    before: str
    doi: str = ""
    after: str = ""


def linked(text: str) -> NumberedReference:
    """Where is the DOI in this citation?

    >>> linked("Jörg DJ. eLife 2022, doi 10.7554/eLife.76228.").doi
    '10.7554/eLife.76228'
    """
    found = _DOI.search(text)
    if found is None:
        return NumberedReference(text)
    return NumberedReference(text[: found.start()], found[1], text[found.end() :])
