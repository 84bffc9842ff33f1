"""Words and marks that stand on every output; every room may import this module and it imports none."""

from __future__ import annotations

# where a number or statement was had from
MARKS = ("published", "transcribed", "derived", "calibrated", "recalled", "assumption")

STANDING = (
    "Research and decision support, not a medical device; the clinician decides. Data stay on this computer."
)


def mark_said(mark: str) -> str:
    """A mark as readers are told it: what was recalled was not read again.

    >>> mark_said("published"), mark_said("recalled")
    ('published', 'recalled, unverified')
    """
    return f"{mark}, unverified" if mark == "recalled" else mark
