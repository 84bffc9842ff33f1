"""The tables of a bone trial: what each endpoint found, and how often, where there are many trials."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from bonecast.charts import Table, format_number, format_range
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import KINDS, EffectRow, TrialEndpoint, arm_names, columns_of, tipping_point
from bonecast.trials.power_joint import shared_p
from bonecast.trials.report_source import RunOutcomes
from bonecast.trials.tables import Shown


def endpoint_table(endpoint: TrialEndpoint, rows: Iterable[EffectRow], key: str) -> Shown:
    """One endpoint in the first trial: what each arm showed, estimate with its interval, p."""
    found = list(rows)
    heads = _heads(found)
    columns = ("comparison", "at", *heads, "estimate (interval)", "p")
    text = tuple(
        (
            f"{row.measure}{' ●' if row.decisive else ''}",
            row.at,
            *_sides(row, heads, counts=True),
            _estimate(row),
            p_words(row.p),
        )
        for row in found
    )
    data = pl.DataFrame([vars(row) for row in found], infer_schema_length=None)
    return Shown(key, endpoint.name, Table(columns, text), data)


def summary_table(design: BoneDesign, found: Mapping[str, list[EffectRow]]) -> Shown:
    """Every endpoint by its decisive row, the first line of each arm."""
    ordered = sorted(design.endpoints, key=lambda one: not one.primary)
    kept = [(one, row) for one in ordered for row in found[one.name] if row.decisive]
    heads = _heads([row for _, row in kept])
    columns = ("endpoint", *heads, "estimate (interval)", "measure", "p", "met")
    text = tuple(
        (
            f"{endpoint.name}, {endpoint.visit}" + (" (primary)" if endpoint.primary else ""),
            *_sides(row, heads, counts=False),
            _estimate(row),
            row.measure,
            p_words(row.p),
            "yes" if row.success else "no",
        )
        for endpoint, row in kept
    )
    data = pl.DataFrame(
        [{"primary": one.primary, **vars(row)} for one, row in kept], infer_schema_length=None
    )
    return Shown("endpoints", "Endpoints, by the comparison that decides each", Table(columns, text), data)


def _heads(rows: list[EffectRow]) -> tuple[str, ...]:
    """Two arms head their columns; of more, each cell names its own."""
    pairs = {(row.arm, row.reference) for row in rows}
    return next(iter(pairs)) if len(pairs) == 1 else ("arm", "reference")


def _sides(row: EffectRow, heads: tuple[str, ...], counts: bool) -> tuple[str, str]:
    cells = []
    for name, head, value, n in zip(
        (row.arm, row.reference),
        heads,
        (row.value, row.value_reference),
        (row.n, row.n_reference),
        strict=True,
    ):
        cell = _value(value, n, row) + (
            f" (n\N{NO-BREAK SPACE}{n:,})" if counts and row.shows != WITH else ""
        )
        cells.append(cell if head == name else f"{name}: {cell}")
    return cells[0], cells[1]


def many_table(design: BoneDesign, rows: pl.DataFrame) -> Shown:
    """Over all trials: how often each endpoint is met, with the Monte Carlo error, and where its estimates lie.

    rows : the decisive row of each trial and endpoint.
    """
    text, data = [], []
    for endpoint in sorted(design.endpoints, key=lambda one: not one.primary):
        mine = rows.filter(pl.col("endpoint") == endpoint.name)
        for arm in mine["arm"].unique(maintain_order=True):
            part = mine.filter(pl.col("arm") == arm)
            met, n = float(part["success"].cast(pl.Float64).mean()), part.height  # type: ignore[arg-type]
            near = (met * n + 1) / (n + 2)
            error = math.sqrt(near * (1 - near) / n)
            values = part["estimate"].fill_nan(None).drop_nulls().to_numpy()
            low, mid, high = np.percentile(values, (5, 50, 95)) if len(values) else (math.nan,) * 3
            form = ".2f"
            text.append(
                (
                    endpoint.name,
                    arm,
                    f"{100 * met:.1f} ± {100 * error:.1f}",
                    f"{format_number(mid, form)} ({format_range(low, high, form)})",
                    part["measure"][0],
                )
            )
            data.append((endpoint.name, arm, met, error, n, low, mid, high, part["measure"][0]))
    columns = ("endpoint", "arm", "met, % of trials ± error", "estimate, median (9 in 10 trials)", "measure")
    schema = ["endpoint", "arm", "met", "error", "trials", "p05", "p50", "p95", "measure"]
    caption = f"Over {design.trials:,} trials, ± Monte Carlo standard error"
    return Shown(
        "trials", caption, Table(columns, tuple(text)), pl.DataFrame(data, schema=schema, orient="row")
    )


def shared_table(design: BoneDesign, rows: Mapping[str, list[EffectRow]]) -> Shown | None:
    """The endpoints that share a level: p, adjusted p, and which are rejected; None where none do."""
    plan = design.multiplicity
    if plan is None:
        return None
    arm = arm_names(design)[0][0]
    judged = {
        name: next(row for row in found if row.decisive and row.arm == arm) for name, found in rows.items()
    }
    shared = shared_p(plan, judged, design.endpoints)
    data = [(name, judged[name].p, p, p <= plan.alpha) for name, p in shared.items()]
    text = tuple(
        (name, p_words(p), p_words(q), "rejected" if yes else "not rejected") for name, p, q, yes in data
    )
    columns = ("endpoint", "p", "adjusted p", f"null hypothesis at {plan.alpha:g}")
    caption = f"Endpoints under one level of {plan.alpha:g} ({plan.method})"
    schema = ["endpoint", "p", "adjusted_p", "rejected"]
    return Shown(
        "multiplicity", caption, Table(columns, text), pl.DataFrame(data, schema=schema, orient="row")
    )


def tipping_table(
    design: BoneDesign, endpoints: Iterable[TrialEndpoint], source: RunOutcomes
) -> Shown | None:
    """How much worse the missing treated would have to be for each imputed endpoint to be lost; None without any."""
    data = []
    for one in endpoints:
        if one.missing == "multiple-imputation":
            frame = source.take(columns_of(one, design.strata, source.columns), 0)
            data.append((one.name, tipping_point(one, frame, design)))
    if not data:
        return None
    text = tuple((name, _tip(delta)) for name, delta in data)
    caption = "Tipping points: what, added to imputed values of the treated, undoes the finding"
    columns = ("endpoint", "points of change, or of the logarithm of a ratio")
    return Shown(
        "tipping",
        caption,
        Table(columns, text),
        pl.DataFrame(data, schema=["endpoint", "delta"], orient="row"),
    )


def _tip(delta: float) -> str:
    if delta == 0:
        return "no finding to undo"
    return "none within 5 SD" if math.isinf(delta) else format_number(delta, "+.2f")


def described(endpoint: TrialEndpoint) -> str:
    """How the endpoint is analysed, in words."""
    words = (
        f"{KINDS[endpoint.kind].title} ({endpoint.quantity}) at {endpoint.visit}; {METHODS[endpoint.method]}"
    )
    if endpoint.margin:
        words += f"; limits {format_number(endpoint.margin[0], '.3g')} to {format_number(endpoint.margin[1], '.3g')}"
    if endpoint.kind == "responders":
        words += f"; a change of {format_number(endpoint.threshold or 0.0, '+g')} % or beyond"
    words += f"; {ESTIMANDS[endpoint.estimand]}"
    if endpoint.missing == "multiple-imputation":
        words += f"; {endpoint.imputations} imputations, {IMPUTATIONS[endpoint.imputation]}"
        words += f", {format_number(endpoint.delta, '+g')} for the treated" if endpoint.delta else ""
    return f"{words}; alpha {endpoint.alpha:g}."


ESTIMANDS = {
    "treatment-policy": "treatment policy (everybody as randomised, whatever was taken)",
    "hypothetical": "hypothetical (as if nobody had stopped: what came after the stop is missing)",
    "composite": "composite (who stopped treatment has failed)",
    "while-on-treatment": "while on treatment (up to the stop)",
}
IMPUTATIONS = {
    "at-random": "missing at random",
    "jump-to-reference": "the treated as the reference after their last reading",
}
WITH = "people with the event"
METHODS = {
    "ancova": "analysis of covariance with baseline and strata",
    "mmrm": "mixed model for repeated measures with baseline and strata by visit",
    "difference": "risk difference",
    "ratio": "ratio of risks",
    "readings": "the lowest calcium read",
    "cox": "proportional hazards within strata",
    "kaplan-meier": "Kaplan-Meier",
    "aalen-johansen": "Aalen-Johansen with death as competing risk",
    "poisson": "Poisson rates with the sandwich",
    "negative-binomial": "negative-binomial rates",
    "lwyy": "rates of all events of a person (Lin, Wei, Yang and Ying)",
}


def p_words(p: float) -> str:
    """A p value in words.

    >>> [p_words(p).replace("\N{NO-BREAK SPACE}", " ") for p in (0.0004, 0.0312, float("nan"))]
    ['p < 0.001', 'p = 0.031', 'none']
    """
    if math.isnan(p):
        return "none"
    return ("p < 0.001" if p < 0.001 else f"p = {p:.3f}").replace(" ", "\N{NO-BREAK SPACE}")


def _value(value: float, n: int, row: EffectRow) -> str:
    if math.isnan(value):
        return "none"
    if row.shows == WITH:
        return f"{value:,.0f} of {n:,}"
    form = ".2f" if abs(value) < 100 else ",.0f"
    return format_number(value, form) + (" %" if row.shows.endswith("%") else "")


def _estimate(row: EffectRow) -> str:
    if not math.isfinite(row.estimate):
        return "none"
    form = ".2f"
    if not (math.isfinite(row.low) and math.isfinite(row.high)):
        return format_number(row.estimate, form)
    return f"{format_number(row.estimate, form)} ({format_range(row.low, row.high, form)})"
