"""The R value and the pattern of an injury."""

from __future__ import annotations

from typing import Literal

import polars as pl

from bonecast.liver.threshold import limit

Convention = Literal["rucam-2016", "livertox"]
CONVENTIONS: tuple[Convention, ...] = ("rucam-2016", "livertox")


def r_value(alt_x: str, alp_x: str) -> pl.Expr:
    """How many times more is ALT raised than ALP? R = (ALT/ULN) / (ALP/ULN), of the first values of the injury.

    The two columns hold multiples of the upper limit. Unknown (null) where either is; never taken as 1.
    Source: RUCAM 2016, LiverTox.

    >>> pl.DataFrame({"alt": [20.0], "alp": [1.25]}).select(r_value("alt", "alp")).item()
    16.0
    """
    return (pl.col(alt_x) / pl.col(alp_x)).round_sig_figs(9)


def pattern(r: str, convention: Convention) -> pl.Expr:
    """Hepatocellular, mixed or cholestatic? The two conventions differ at R = 2 and R = 5 only.

    RUCAM 2016: hepatocellular R >= 5, cholestatic R <= 2. LiverTox and DILIN: R > 5, R < 2.

    >>> two = pl.DataFrame({"r": [5.0, 2.0]})
    >>> [two.select(pattern("r", one)).to_series().to_list() for one in CONVENTIONS]
    [['hepatocellular', 'cholestatic'], ['mixed', 'mixed']]
    """
    value, high, low = pl.col(r), limit("r_hepatocellular"), limit("r_cholestatic")
    of_2016 = convention == "rucam-2016"
    above = value >= high if of_2016 else value > high
    below = value <= low if of_2016 else value < low
    return (
        pl.when(value.is_null())
        .then(None)
        .when(above)
        .then(pl.lit("hepatocellular"))
        .when(below)
        .then(pl.lit("cholestatic"))
        .otherwise(pl.lit("mixed"))
    )
