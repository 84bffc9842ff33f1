"""The tables of the page on populations, from the presets as they stand when the page is built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bonecast.cohorts import Column, Margin, columns, margins, pairs, population, presets, summary

PEOPLE = 20_000
SHOWN = {
    "age": "age",
    "female": "women",
    "eGFR": "eGFR",
    "LS_T_score": "T spine",
    "TH_T_score": "T hip",
    "prior_vertebral": "spine fracture",
}
PLAIN = ("share", "extent")  # units that are none


def populations(name: str) -> str:
    """`{{ populations people }}`, `usual`, `correlations`, `covariates`, or the cards of one preset by its name."""
    made = {"people": _people, "usual": _usual, "correlations": _correlations, "covariates": _covariates}
    return made[name]() if name in made else _cards(name)


def _people() -> str:
    """What each preset draws: means and SDs."""
    rows = []
    for name in presets():
        found = {row["covariate"]: row for row in summary(population(name).draw(1, 0, PEOPLE))}
        rows.append([name, *(_mean(found[key]["mean"], found[key]["sd"]) for key in SHOWN)])
    return _table(["population", *SHOWN.values()], rows)


def _usual() -> str:
    """The margins that hold where a preset says nothing else."""
    return _margins(margins().values())


def _cards(name: str) -> str:
    """What is a preset's own: whom it describes, margins that differ from the usual, shares."""
    people, usual = population(name), margins()
    own = [margin for key, margin in people.margins.items() if margin != usual[key]]
    shares = [[share.name, f"{share.value:g}", share.mark, share.source] for share in people.shares.values()]
    states = ", ".join(f"{fact} {value:g}" for fact, value in people.like.states.items())
    return "\n\n".join(
        [
            f"{people.title}. It is not {people.is_not}." + (f" State: {states}." if states else ""),
            _margins(own),
            _table(["share of whom", "share", "mark", "source"], shares),
        ]
    )


def _correlations() -> str:
    rows = [[" and ".join(p["traits"]), f"{p['r']:g}", p["mark"], p["source"]] for p in pairs()]
    return _table(["traits", "r", "mark", "source"], rows)


def _covariates() -> str:
    return _table(
        ["name", "meaning", "range"], [[f"`{c.name}`", c.label, _range(c)] for c in columns().values()]
    )


def _range(column: Column) -> str:
    unit = "" if column.unit in PLAIN else column.unit
    return f"{column.low:g} to {column.high:g} {unit}" if column.is_number else "yes or no"


def _margins(given: Iterable[Margin]) -> str:
    rows = [[margin.name, _law(margin), margin.mark, margin.source] for margin in given]
    return _table(["quantity", "distribution", "mark", "source"], rows)


def _law(margin: Margin) -> str:
    """Mean and SD, or median and CV, the unit, and where the law is cut."""
    unit = "" if margin.unit == "SD" else f" {margin.unit}"
    typical = f"{margin.typical:g}{unit}" if np.isfinite(margin.typical) else "the preset's mean"
    if margin.ages:
        means = zip(margin.ages, margin.means, strict=True)
        typical = ", ".join(f"{mean:g} at {age:g} y" for age, mean in means) + f" ({margin.unit})"
    if margin.law == "lognormal":
        text = f"lognormal: median {typical}, CV {100 * margin.spread:.0f} %"
    else:
        text = f"normal: {typical}, SD {margin.spread:g}"
    ends = [f"{end:g}" for end in (margin.low, margin.high) if np.isfinite(end)]
    return "; cut at ".join([text, " and ".join(ends)] if ends else [text])


def _mean(mean: float, sd: float | None) -> str:
    if sd is None:
        return f"{100 * mean:.0f} %"
    digits = 0 if abs(mean) > 10 else 1
    return f"{mean:.{digits}f}&nbsp;±&nbsp;{sd:.{digits}f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
