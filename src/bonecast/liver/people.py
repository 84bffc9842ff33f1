"""What is known of each person beside the laboratory values; what is not stated is null, and stays unknown."""

from __future__ import annotations

import polars as pl

FACTS = (
    "ascites",
    "encephalopathy",
    "other_organ_failure",
    "hospitalised",
    "death_or_transplant",
    "symptoms",
    "cirrhosis",
    "causes_excluded",
)
COLUMNS = {
    "person": pl.String,
    "start": pl.Datetime("us"),  # the first dose of the drug in question
    "bone_alp": pl.Boolean,  # may a raised ALP be bone's?
    "alp_origin": pl.String,  # liver or bone, where the isoenzyme was measured
    **dict.fromkeys(FACTS, pl.Boolean),
}


def people_of(known: pl.DataFrame) -> pl.DataFrame:
    """The table of persons with every column: those that `known` lacks are null.

    >>> people_of(pl.DataFrame({"person": ["A"]})).select("bone_alp", "ascites").row(0)
    (None, None)
    """
    return known.select(
        (pl.col(name) if name in known.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in COLUMNS.items()
    )
