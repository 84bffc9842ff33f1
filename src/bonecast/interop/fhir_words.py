"""What the words around a name make of it: denied, doubted, past, a relative's, or something else altogether."""

from __future__ import annotations

import re
from typing import Literal

Sense = Literal["present", "denied", "doubtful", "past", "family", "other"]

_DENIED = (
    r"no|not|none|denies|denied|nil|without|negative|never|absence|excluded|unlikely|free of|kein\w*|nicht|ohne|niemals|sin"  # noqa: E501
    r"|niega|ning[uú]n\w*|nunca|pas|sans|aucune?|negativ\w*|ausgeschlossen\w*|descartad\w*"
)
_DOUBTFUL = (
    r"suspected|suspicion|suspect|possible|probable|rule out|r/o|query|verdacht\w*|v\.\s?a\.|fraglich\w*|sospecha|posible"  # noqa: E501
    r"|at risk|risk of|risk for|high risk|risiko\w*|riesgo|screening|prevention|differential|susceptib\w*"
)
_PAST = r"history|hx|h/o|s/p|status post|previous\w*|former\w*|z\.\s?n\.|zustand nach|anamnese|antecedentes?|resolved|healed|old"  # noqa: E501
_FAMILY = (
    r"family|families|familial|fh|mother|father|parent|parental|maternal|paternal|brother|sister|relative|famili(?:en|är)\w*"
    r"|mutter|vater|madre|padre|familiar(?:es)?"
)
_OTHER = (
    r"removal|removed|remove|education|training|planned|planning|refused|declined|catheter|access|fistula|graft|vaccine"
    r"|retinal|fear of|noncompliance|schulung|katheter\w*|entfernung|educaci[oó]n|cat[eé]ter|vacuna|retirada"
)


def _words(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")


_BEFORE: tuple[tuple[Sense, re.Pattern[str]], ...] = (
    ("denied", _words(_DENIED)),
    ("family", _words(_FAMILY)),
    ("doubtful", _words(_DOUBTFUL)),
    ("other", _words(_OTHER)),
    ("past", _words(_PAST)),
)
_AFTER: tuple[tuple[Sense, re.Pattern[str]], ...] = (
    (
        "denied",
        re.compile(
            r"^\W*(?:(?:is |was |has been )?(?:ruled out|excluded|absent|denied|unlikely|not present|not found|negative|negativ"  # noqa: E501
            r"|ausgeschlossen|descartad[oa])|(?:none|no|nein|nil)\W*$)"
        ),
    ),
    (
        "family",
        re.compile(
            r"^\W*(?:in|of|bei) (?:(?:the|her|his) )?(?:family|mother|father|parent|brother|sister|mutter|vater)\b"
        ),
    ),
    ("doubtful", re.compile(r"^\W*(?:\?|suspected|possible|risk|screening|prophyla|prevention)")),
    (
        "other",
        re.compile(
            r"^\W*(?:[a-z]+ ){0,2}(?:education|training|catheter|access|fistula|graft|vaccine|dosage|refused|declined|removal)\b"  # noqa: E501
        ),
    ),
)
# A text that begins so means the opposite or somebody else, whatever code stands beside it.
_BEGINS: tuple[tuple[Sense, re.Pattern[str]], ...] = (
    (
        "denied",
        re.compile(
            r"^\W*(?:no|not|none|denies|denied|nil|negative for|never|kein\w*|nicht|ohne|sin|niega|ning[uú]n\w*|pas d|sans|aucune?)(?!\w)"  # noqa: E501
        ),
    ),
    (
        "family",
        re.compile(r"^\W*(?:fh\b|family h|familienanamnese|antecedentes? (?:familiar|de (?:madre|padre)))"),
    ),
    (
        "doubtful",
        re.compile(
            r"^\W*(?:\?|suspected|suspicion of|possible|rule out|r/o|query|verdacht auf|v\.\s?a\.|sospecha|at risk|risk of)"  # noqa: E501
        ),
    ),
    (
        "past",
        re.compile(
            r"^\W*(?:past |personal )?(?:history|hx) of|^\W*(?:h/o|s/p|status post|z\.\s?n\.|zustand nach)|^\W*antecedentes? (?:personal(?:es)? )?de "  # noqa: E501
        ),
    ),
)


def sense_of(text: str, start: int, end: int) -> Sense:
    """What the words before and after this stretch of a text, in lower case, make of it.

    >>> text = "no history of diabetes mellitus"
    >>> sense_of(text, 14, len(text))
    'denied'
    >>> text = "type 2 diabetes mellitus without complication"
    >>> sense_of(text, 0, 24)
    'present'
    """
    before = re.split(r"[;.](?=\s)", text[:start])[-1]
    for sense, pattern in _BEFORE:
        if pattern.search(before):
            return sense
    for sense, pattern in _AFTER:
        if pattern.search(text[end:]):
            return sense
    return "present"


def sense_of_whole(texts: list[str]) -> Sense:
    """What the beginnings of these texts make of a code that stands beside them; any of them decides.

    >>> sense_of_whole(["E11.9", "No diabetes mellitus"])
    'denied'
    """
    for text in texts:
        lower = text.casefold()
        for sense, pattern in _BEGINS:
            if pattern.search(lower):
                return sense
        if re.search(r"(?:ruled out|excluded|ausgeschlossen|descartad[oa])\W*$", lower):
            return "denied"
    return "present"
