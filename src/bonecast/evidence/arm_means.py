"""What a row says of the people of its arm."""

from __future__ import annotations

import re

from bonecast.cohorts import ArmMeans, weight_of_women
from bonecast.evidence.row import Row


def means_of(row: Row) -> ArmMeans:
    """Return the means of the people in the arm of a row.

    Parameters
    ----------
    row : Row
        The row; blank values are those of the population.

    Returns
    -------
    ArmMeans
        Means of the arm.

    Examples
    --------
    >>> means_of(Row("a", "LS_BMD_pct", population="PMO", baseline_ls_t=-1.6)).th_t.__round__(1)
    -0.8
    """
    printed = {"LS": row.baseline_ls_t, "TH": row.baseline_th_t, "FN": row.baseline_fn_t}
    return ArmMeans.filled(
        row.population,
        age=row.age_years,
        female=row.female_fraction,
        t_scores={site: value for site, value in printed.items() if value is not None},
        prevalent_vfx=row.prevalent_vfx_fraction,
        at_most=chosen_by(row.note),
        weight_women=weight_of_women(row.region),
    )


def chosen_by(note: str) -> tuple[str, float] | None:
    """The T-score at or under which a subgroup was chosen, if the note says so in these words.

    >>> chosen_by("subgroup with FN T-score -2.5 or lower")
    ('FN', -2.5)
    """
    match = re.search(r"subgroup with (LS|TH|FN) T-score (-?\d+(?:\.\d+)?) or (?:lower|below|less)", note)
    return (match[1], float(match[2])) if match else None
