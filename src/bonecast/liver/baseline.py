"""Values of people whose liver tests were raised before treatment."""

from __future__ import annotations

import polars as pl

from bonecast.liver.threshold import limit


def in_baseline(x: str, base_x: str) -> pl.Expr:
    """The multiple of the upper limit, or of the mean before treatment where that was raised.

    Both columns are in multiples of the upper limit. Source: consensus 2011 [recalled], CTCAE v5 [published].

    >>> two = pl.DataFrame({"x": [6.0, 6.0], "base": [0.8, 3.0]})
    >>> two.select(in_baseline("x", "base")).to_series().to_list()
    [6.0, 2.0]
    """
    raised = pl.col(base_x) > limit("raised")
    return pl.when(raised).then(pl.col(x) / pl.col(base_x)).otherwise(pl.col(x)).round_sig_figs(9)
