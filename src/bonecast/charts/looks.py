"""How the series of a page are told apart: colour, dash and sign together, so that none is needed alone.

Colours are of the set by Okabe and Ito that colour-blind readers can tell apart; of that set, only those with
a contrast of 3:1 or more against white are used for lines.
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "#222222"
PAST = "#595959"
FAINT = "#8a8a8a"  # 3.45:1 on white


# Signs wide enough for a letter, as paths in a square from -1 to 1.
HEXAGON = "M-0.55,-0.95L0.55,-0.95L1.1,0L0.55,0.95L-0.55,0.95L-1.1,0Z"
SHIELD = "M-0.9,-0.9L0.9,-0.9L0.9,0.2L0,1.1L-0.9,0.2Z"


@dataclass(frozen=True)
class Look:
    """The colour, dash pattern (pixels on, off) and sign of one series; the sign is a Vega symbol or path."""

    colour: str
    dash: tuple[int, ...]
    shape: str


LOOKS = (
    Look("#0072B2", (), "circle"),  # blue
    Look("#D55E00", (7, 3), "diamond"),  # vermilion
    Look("#009E73", (2, 2), "square"),  # bluish green
    Look("#CC79A7", (9, 3, 2, 3), HEXAGON),  # reddish purple
    Look("#000000", (4, 2), SHIELD),  # black
)


def look(position: int) -> Look:
    """The look of the series at this position; after the last colour they begin again, with the next dash.

    >>> look(5).colour == look(0).colour, look(5).dash == look(1).dash
    (True, True)
    """
    following = LOOKS[(position + position // len(LOOKS)) % len(LOOKS)]
    return Look(LOOKS[position % len(LOOKS)].colour, following.dash, following.shape)
