"""The pictures of events and groups: cumulative incidence with numbers at risk, and the forest of an endpoint."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from bonecast.charts import (
    Forest,
    ForestRow,
    StepCurve,
    Steps,
    format_number,
    linear_domain,
    log_domain,
    style_of,
)
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import Effect, TrialEndpoint, arm_names, at_risk, incidence, times
from bonecast.trials.endpoints.frame import weights
from bonecast.trials.endpoints.times import Times
from bonecast.trials.report_curves import MONTH_D, month_ticks
from bonecast.trials.report_flow import compared
from bonecast.trials.report_tables import METHODS, p_words


def stairs(design: BoneDesign, endpoint: TrialEndpoint, frame: pl.DataFrame) -> tuple[Steps, pl.DataFrame]:
    """Cumulative incidence of each arm: Aalen-Johansen where that is the endpoint's method, else 1 - Kaplan-Meier."""
    competing = endpoint.method == "aalen-johansen"
    seen, w = times(endpoint, frame), weights(frame)
    ticks = month_ticks(endpoint.day / MONTH_D, 6)
    made, rows = [], []
    for i, arm in enumerate(compared(design)):
        who = (frame["arm"] == arm).to_numpy()
        part = Times(seen.days[who], seen.how[who])
        found = incidence(part, competing, None if w is None else w[who])
        left = at_risk(part, np.array([min(round(m * MONTH_D), endpoint.day) for m in ticks]))
        # so many steps cannot be distinguished on paper; the CSV has all of them
        kept = np.unique(np.linspace(0, len(found.day) - 1, 300).round().astype(int))
        columns = (found.day / MONTH_D, found.share, found.low, found.high)
        day, share, low, high = (tuple(c[kept].tolist()) for c in columns)
        made.append(StepCurve(arm, style_of(i), day, share, low, high, tuple(left)))
        rows += [(arm, *row) for row in zip(found.day, *columns[1:], strict=True)]
    top = max((max(s.high) for s in made), default=1.0)
    answer = "; ".join(f"{s.name} {format_number(s.y[-1], '.1f')} %" for s in made)
    kind = "Aalen-Johansen, death as competing risk" if competing else "1 − Kaplan-Meier"
    picture = Steps(
        key=_key("incidence", endpoint.name),
        title=f"Cumulative incidence: {endpoint.name}",
        description=f"At {endpoint.visit}: {answer}.",
        x_title="months",
        y_title="people with the event, %",
        x_domain=(0.0, max(endpoint.day / MONTH_D, ticks[-1])),
        y_domain=linear_domain(0.0, max(top, 0.5)),
        x_at=ticks,
        stairs=tuple(made),
        note=f"{kind}; the pale band is the 95 % interval, day by day.",
    )
    data = pl.DataFrame(rows, schema=["arm", "day", "share_pct", "low95", "high95"], orient="row")
    return picture, data


def grove(
    design: BoneDesign, endpoint: TrialEndpoint, effects: tuple[Effect, ...]
) -> tuple[Forest, pl.DataFrame]:
    """The forest of an endpoint: everybody, then its groups with the p value of interaction."""
    (treated, *_), reference = arm_names(design)
    ratio = effects[0].row.null == 1.0
    ends = [
        v
        for e in effects
        for v in (e.row.low, e.row.high, e.row.null)
        if math.isfinite(v) and (v > 0 or not ratio)
    ]
    domain = _domain(min(ends), max(ends), ratio)
    twigs, before = [], ""
    for one in effects:
        head = one.by != before and bool(one.by)
        p = one.interaction_p
        twigs.append(
            ForestRow(
                name=_words(one.group),
                value=one.row.estimate,
                low=one.row.low,
                high=one.row.high,
                counts=_counts(one),
                remark=_p(p) if head else "",
                whole=not one.by,
                head=head,
            )
        )
        before = one.by
    row = effects[0].row
    level = f"{100 * row.level:g} %"
    # less of a fracture favours the treated; more of bone does
    lower = treated if ratio and endpoint.kind in ("fracture", "skeletal-event") else ""
    sides = (
        (f"← {lower} better", f"{reference} better →") if lower else ("← lower", f"higher with {treated} →")
    )
    events = row.shows == "people with the event"
    picture = Forest(
        key=_key("forest", endpoint.name),
        title=f"By group of people: {endpoint.name}",
        description=f"{row.measure} in {len(effects)} groups; everybody {format_number(row.estimate, '.2f')}.",
        x_title=row.measure,
        x_domain=domain,
        null=row.null,
        log=ratio,
        sides=sides,
        columns=(
            "group",
            "events" if events else "people",
            f"{_short(row.measure)} ({level})",
            "interaction",
        ),
        twigs=tuple(twigs),
        note=f"{treated} against {reference}; {METHODS.get(row.method, row.method)}. Groups are compared by the"
        " interaction, never by their own p values; small groups differ most by chance.",
    )
    data = pl.DataFrame(
        [{"by": e.by, **vars(e.row), "group": e.group, "interaction_p": e.interaction_p} for e in effects],
        infer_schema_length=None,
    )
    return picture, data


def _short(measure: str) -> str:
    return "ratio" if "ratio" in measure else "difference"


def _domain(low: float, high: float, ratio: bool) -> tuple[float, float]:
    if not ratio:
        return linear_domain(min(low, 0.0), max(high, 0.0))
    return log_domain(min(max(low, 0.02), 0.8), max(min(high, 50.0), 1.25))  # both sides of one are seen


def _counts(one: Effect) -> str:
    """Events of both arms where events decide, people otherwise."""
    row = one.row
    if row.shows == "people with the event":
        return f"{row.value:,.0f} / {row.value_reference:,.0f}"
    return f"{row.n:,} / {row.n_reference:,}"


def _words(group: str) -> str:
    return group.replace("_", " ").replace(">=", "≥").replace("<=", "≤").replace("-", "−")


def _p(p: float) -> str:
    return "" if math.isnan(p) else p_words(p)


def _key(kind: str, name: str) -> str:
    """A file name and id from the name of an endpoint.

    >>> _key("forest", "New vertebral fracture, m36")
    'forest-new-vertebral-fracture-m36'
    """
    words = "".join(c if c.isalnum() and c.isascii() else " " for c in name.lower()).split()
    return "-".join((kind, *words))
