"""How the series of a page are distinguished: colour, dash and sign together, so that none is needed alone.

Colours are of the set by Okabe and Ito that colour-blind readers can tell apart; of that set, only those with
a contrast of 3:1 or more against white are used for lines.
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "#222222"
HISTORY_STYLE = "#595959"
FAINT = "#8a8a8a"  # 3.45:1 on white


# Signs wide enough for a letter, as paths in a square from -1 to 1.
HEXAGON = "M-0.55,-0.95L0.55,-0.95L1.1,0L0.55,0.95L-0.55,0.95L-1.1,0Z"
SHIELD = "M-0.9,-0.9L0.9,-0.9L0.9,0.2L0,1.1L-0.9,0.2Z"


@dataclass(frozen=True)
class Style:
    """The look of one series.

    Parameters
    ----------
    colour : str
        Colour.
    dash : tuple of int
        Pixels on and off.
    shape : str
        Sign, a Vega symbol or path.
    """

    colour: str
    dash: tuple[int, ...]
    shape: str


STYLES = (
    Style("#0072B2", (), "circle"),  # blue
    Style("#D55E00", (7, 3), "diamond"),  # vermilion
    Style("#009E73", (2, 2), "square"),  # bluish green
    Style("#CC79A7", (9, 3, 2, 3), HEXAGON),  # reddish purple
    Style("#000000", (4, 2), SHIELD),  # black
)


def style_of(position: int) -> Style:
    """Return the style of the series at a position.

    Parameters
    ----------
    position : int
        From 0; after the last colour they begin again, with the next dash.

    Returns
    -------
    Style

    Examples
    --------
    >>> style_of(5).colour == style_of(0).colour, style_of(5).dash == style_of(1).dash
    (True, True)
    """
    following = STYLES[(position + position // len(STYLES)) % len(STYLES)]
    return Style(STYLES[position % len(STYLES)].colour, following.dash, following.shape)
