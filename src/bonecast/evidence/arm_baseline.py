"""The traits of an arm: what its row says of the people, with what is blank filled from its population."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bonecast.cohorts import Typical, typical
from bonecast.cohorts.typical import SITES, from_spine
from bonecast.evidence import Row


@dataclass(frozen=True)
class Traits:
    """Means of an arm. at_most : the site and T-score by which a subgroup was chosen ("FN", -2.5), if any."""

    population: str
    age: float
    female: float
    ls_t: float
    th_t: float
    fn_t: float
    prevalent_vfx: float
    at_most: tuple[str, float] | None = None

    @property
    def t_scores(self) -> dict[str, float]:
        """By site."""
        return dict(zip(SITES, (self.ls_t, self.th_t, self.fn_t), strict=True))


def traits_of(row: Row) -> Traits:
    """Who was in this row's arm?

    Blank values are those of the population. Where some T-scores are given, the others lie from the spine's as far as
    in the trials that print both (hip +0.8, neck +0.6).

    >>> traits_of(Row("a", "LS_BMD_pct", population="PMO", baseline_ls_t=-1.6)).th_t.__round__(1)
    -0.8
    """
    usual = typical(row.population)
    given = dict(zip(SITES, (row.baseline_ls_t, row.baseline_th_t, row.baseline_fn_t), strict=True))
    t = _t_scores({site: value for site, value in given.items() if value is not None}, usual)
    return Traits(
        population=usual.name,
        age=_either(row.age_years, usual.age),
        female=_either(row.female_fraction, usual.female),
        ls_t=t["LS"],
        th_t=t["TH"],
        fn_t=t["FN"],
        prevalent_vfx=_either(row.prevalent_vfx_fraction, usual.prevalent_vfx),
        at_most=chosen_by(row.note),
    )


def chosen_by(note: str) -> tuple[str, float] | None:
    """The T-score at or under which a subgroup was chosen, if the note says so in these words.

    >>> chosen_by("subgroup with FN T-score -2.5 or lower")
    ('FN', -2.5)
    """
    found = re.search(r"subgroup with (LS|TH|FN) T-score (-?\d+(?:\.\d+)?) or (?:lower|below|less)", note)
    return (found[1], float(found[2])) if found else None


def _t_scores(given: Mapping[str, float], usual: Typical) -> dict[str, float]:
    if not given:
        return dict(usual.t_scores)
    known = next(site for site in SITES if site in given)
    spine = given[known] - from_spine(known)
    return {site: given.get(site, spine + from_spine(site)) for site in SITES}


def _either(given: float | None, typical: float) -> float:
    return typical if given is None else given
