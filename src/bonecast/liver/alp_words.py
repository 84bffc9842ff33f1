"""What a case in words says of the origin of its ALP: a bone source, and a GGT that speaks for or against it."""

from __future__ import annotations

import re

_BONE = re.compile(
    r"bone[- ]metasta\w*|(?:metasta\w+|mets?) (?:to|in) (?:the )?bones?|bone mets?\b|paget\w*"
    r"|bone (?:source|origin|disease)|high (?:bone )?turnover|bone[- ]specific alp|(?:high )?bone alp",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no|without|not|excluded|denies)\W+(?:\w+\W+){0,2}$", re.IGNORECASE)
_GGT_NORMAL = re.compile(r"\bnormal ggt|\bggt (?:is |was )?(?:normal|not raised)", re.IGNORECASE)
_GGT_RAISED = re.compile(
    r"\b(?:raised|high|elevated) ggt|\bggt (?:is |was )?(?:raised|high|elevated)", re.IGNORECASE
)


def bone_stated(text: str) -> bool:
    """Do the words state a bone source of ALP (metastases, Paget's disease, high turnover)?

    >>> bone_stated("bone metastasis; GGT normal"), bone_stated("no bone metastasis")
    (True, False)
    """
    return any(not _DENIED.search(text[: found.start()]) for found in _BONE.finditer(text))


def ggt_stated(text: str) -> bool | None:
    """Do the words call the GGT raised (True) or normal (False)? None where they say nothing of it.

    >>> ggt_stated("ALP 3x, GGT normal"), ggt_stated("raised GGT"), ggt_stated("jaundice")
    (False, True, None)
    """
    if _GGT_NORMAL.search(text):
        return False
    return True if _GGT_RAISED.search(text) else None
