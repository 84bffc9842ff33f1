"""Words and marks that stand on every output; every room may import this module and it imports none."""

from __future__ import annotations

from dataclasses import dataclass

# where a number or statement was had from
EVIDENCE_GRADES = ("published", "transcribed", "derived", "calibrated", "recalled", "assumption")

DISCLAIMER = (
    "Research and decision support, not a medical device; the clinician decides. Data stay on this computer."
)


@dataclass(frozen=True)
class Source:
    """Where a number or statement was read.

    Parameters
    ----------
    key : str
        Short name inside the file that cites it.
    text : str
        The citation.
    doi : str
        DOI or other locator.
    """

    key: str
    text: str
    doi: str = ""


def grade_text(mark: str) -> str:
    """Word an evidence grade for readers: what was recalled is unverified.

    Parameters
    ----------
    mark : str
        The grade.

    Returns
    -------
    str

    Examples
    --------
    >>> grade_text("published"), grade_text("recalled")
    ('published', 'recalled, unverified')
    """
    return f"{mark}, unverified" if mark == "recalled" else mark
