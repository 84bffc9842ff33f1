"""What a window trial finds: Ki67 and lymphocytes before and after, within arms and between them.

Between arms the analysis of covariance decides; paired tests within an arm are there because the published report
rests on them, and because they cannot tell a drug from a biopsy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.design import Design
from bonecast.trials.endpoints.linear import least_squares

ALPHA = 0.05
FEWEST = 3  # people of an arm, for a comparison between arms
RISES = (5, 10)  # points of TIL that make a responder


@dataclass(frozen=True)
class Ratio:
    """A ratio of geometric means between arms, treated over control, with its 95 % interval and p value."""

    value: float
    low: float
    high: float
    p: float


def analyse(design: Design, one: pl.DataFrame) -> dict[str, Any]:
    """Analyse one window trial.

    The first arm of the design is the treated one. For TIL and Ki67, in each arm (0 treated, 1 control): n, mean before
    and after, mean change and its SD, p of the paired t test and of Wilcoxon's signed rank test (zeros after Pratt).
    Between arms: ratio of geometric means by analysis of covariance on the logarithm (of TIL + 1). Responders by a rise
    of 5 and 10 points, Fisher's exact p. Interaction of arm with subtype: F test, and the ratio by subtype.

    Parameters
    ----------
    design : Design
        The design.
    one : polars.DataFrame
        People of the trial in one scenario; those not evaluable are left out.

    Returns
    -------
    dict of str to object
        Name of a result to its value.
    """
    seen = one.filter("evaluable")
    treated = (seen["arm"] == design.arms[0].name).to_numpy()
    subtype = seen["subtype"].to_numpy()
    found: dict[str, Any] = {}
    values = {name: _pair(design, seen, name) for name in ("TIL", "Ki67")}
    for name, (before, after) in values.items():
        for i, who in enumerate((treated, ~treated)):
            found |= {f"{name}_{i}_{key}": value for key, value in _paired(before[who], after[who]).items()}
    til, ki67 = (_logs(*values["TIL"], 1.0), _logs(*values["Ki67"], 0.0))
    found |= _columns("TIL_ratio", ratio(*til, treated)) | _columns("Ki67_ratio", ratio(*ki67, treated))
    change = values["TIL"][1] - values["TIL"][0]
    for rise in RISES:
        found |= _responders(change >= rise, treated, rise)
    found["interaction_p"] = interaction(*til, treated, subtype)
    for kind in design.subtypes:
        found |= _subgroup(til, change, treated, subtype == kind, kind)
    return found


def ratio(before: np.ndarray, after: np.ndarray, treated: np.ndarray) -> Ratio:
    """exp of the arm's coefficient in: ln after = a + b ln before + c treated. All arguments [person].

    NaN where an arm has fewer than three people.
    """
    if min(treated.sum(), (~treated).sum()) < FEWEST:
        return Ratio(*[float("nan")] * 4)
    x = np.column_stack([np.ones(len(before)), before, treated])
    found = least_squares(after, x)[2]
    low, high = np.exp(found.interval(1 - ALPHA))
    return Ratio(float(np.exp(found.value)), float(low), float(high), found.p)


def interaction(before: np.ndarray, after: np.ndarray, treated: np.ndarray, subtype: np.ndarray) -> float:
    """p of the F test: does the effect of the arm differ between subtypes? NaN where one has no people in an arm."""
    own = [subtype == kind for kind in sorted(set(subtype))]
    if len(own) < 2 or any(not (kind & arm).any() for kind in own for arm in (treated, ~treated)):
        return float("nan")
    main = np.column_stack([np.ones(len(before)), before, treated, *own[1:]])
    crossed = np.column_stack([main, *(kind * treated for kind in own[1:])])
    if len(before) <= crossed.shape[1]:
        return float("nan")
    whole, part = least_squares(after, crossed), least_squares(after, main)
    more = part.df - whole.df
    return float(
        stats.f.sf((part.squares - whole.squares) / more / (whole.squares / whole.df), more, whole.df)
    )


def _pair(design: Design, seen: pl.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Before and after of one assay: at the first and the last visit."""
    assay = next(assay for assay in design.assays if assay.name == name)
    first, last = design.visits[0], design.visits[-1]
    return seen[assay.column(first.name)].to_numpy(), seen[assay.column(last.name)].to_numpy()


def _logs(before: np.ndarray, after: np.ndarray, plus: float) -> tuple[np.ndarray, np.ndarray]:
    return np.log(before + plus), np.log(after + plus)


def _paired(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    change = after - before
    some = len(change) > 1 and bool(np.any(change != change[0]))
    return {
        "n": len(change),
        "before": _mean(before),
        "after": _mean(after),
        "change": _mean(change),
        "sd": float(np.std(change, ddof=1)) if len(change) > 1 else float("nan"),
        "t_p": float(stats.ttest_rel(after, before).pvalue) if some else float("nan"),
        "wilcoxon_p": _signed_rank(change) if some else float("nan"),
    }


def _signed_rank(change: np.ndarray) -> float:
    found = stats.wilcoxon(change, zero_method="pratt", method="asymptotic")
    return float(found.pvalue)  # type: ignore[attr-defined]


def _responders(rose: np.ndarray, treated: np.ndarray, rise: int) -> dict[str, float]:
    counts = [[int(rose[who].sum()), int((~rose[who]).sum())] for who in (treated, ~treated)]
    shares = {
        f"rise{rise}_{i}": yes / (yes + no) if yes + no else float("nan")
        for i, (yes, no) in enumerate(counts)
    }
    fisher = stats.fisher_exact(counts)
    return {**shares, f"rise{rise}_p": float(fisher.pvalue)}  # type: ignore[attr-defined]


def _subgroup(
    til: tuple[np.ndarray, np.ndarray], change: np.ndarray, treated: np.ndarray, who: np.ndarray, name: str
) -> dict[str, float]:
    """The treated people's mean change in one subtype, and the ratio between arms."""
    between = ratio(til[0][who], til[1][who], treated[who])
    mine = change[who & treated]
    return {f"change_{name}": _mean(mine), **_columns(f"ratio_{name}", between)}


def _columns(name: str, found: Ratio) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high, f"{name}_p": found.p}


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def largest_change(found: Mapping[str, Any], kinds: tuple[str, ...]) -> str:
    """In which subtype did the treated people gain most?"""
    changes = {kind: found[f"change_{kind}"] for kind in kinds}
    return max(changes, key=lambda kind: -np.inf if np.isnan(changes[kind]) else changes[kind])
