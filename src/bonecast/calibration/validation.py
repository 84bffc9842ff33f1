"""Leave-one-study-out: how often the intervals hold on results of which the model and its errors know nothing.

The prediction of a row is the one without its study (`left_out.csv`), and so is the structural error of its class: it
is estimated again from the misses of all other studies. Everything here comes from stored predictions.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bonecast.calibration.discrepancy import SHARED, ErrorModel, Miss, discrepancy_csv, error_model, family_of
from bonecast.calibration.left_out import SETS, LeftOut, read_left_out
from bonecast.evidence import (
    RATIOS,
    UNRECORDED,
    Z50,
    Z95,
    Row,
    RowClass,
    evidence_rows,
    half_interval,
    is_hit,
    on_scale,
    row_class,
    study_group,
    t_score_site,
)
from bonecast.models import DEFAULT_MODEL, model_names

FEWEST = 10  # rows that a class must have before its coverage is a figure
WORST = 25  # misses that the page names
HEAD = (
    "rows", "studies", "hits", "90 % holds", "50 % holds", "90 % by study", "50 % by study", "error", "half width",
    "sign",
)  # fmt: skip
FARTHEST_NAMED = 12  # groups of studies that the page names
ROUGH = (
    1.0  # posterior SDs that a refit without a study may still have before it; beyond, it is no prediction
)


@dataclass(frozen=True)
class Validated:
    """One row, predicted without its study.

    Parameters
    ----------
    row : Row
        The row.
    row_class : RowClass
        Its class.
    study : str
        Its group of studies.
    prediction : float
        Without the study.
    interval90 : tuple of (float, float)
        The 90 % interval.
    interval50 : tuple of (float, float)
        The 50 % interval.
    """

    row: Row
    row_class: RowClass
    study: str
    prediction: float
    interval90: tuple[float, float]
    interval50: tuple[float, float]

    @property
    def value(self) -> float:
        """What was published."""
        return self.row.value or 0.0

    @property
    def error(self) -> float:
        """Prediction minus published."""
        return self.prediction - self.value

    @property
    def hit(self) -> bool:
        """Does it meet the published figure by the rule of the score?"""
        return is_hit(self.row, self.prediction)

    @property
    def in90(self) -> bool:
        """Does the 90 % interval hold the published figure?"""
        return self.interval90[0] <= self.value <= self.interval90[1]

    @property
    def in50(self) -> bool:
        """Does the 50 % interval hold the published figure?"""
        return self.interval50[0] <= self.value <= self.interval50[1]

    @property
    def half_width(self) -> float:
        """Half of the 90 % interval, in the unit of the figure."""
        return (self.interval90[1] - self.interval90[0]) / 2

    @property
    def is_bmd(self) -> bool:
        """A percent change of BMD, not a T-score or a share?"""
        return self.row.endpoint_class == "BMD" and self.row.endpoint.endswith("_BMD_pct")

    @property
    def right_sign(self) -> bool | None:
        """Has the prediction the sign of the figure? None where that is within one point of none, or a ratio."""
        if not self.is_bmd or abs(self.value) < 1:
            return None
        return (self.prediction > 0) == (self.value > 0)


def misses_of(stored: Sequence[LeftOut], rows: Sequence[Row]) -> list[tuple[Miss, Row, LeftOut]]:
    """Make the misses that the structural error is estimated from.

    A lower bound, a printed range and a T-score (which repeats the BMD of its trial) are no misses, nor is a prediction
    whose refit without the study did not come to its end. What is known of a
    miss is the published interval, or else the sampling of the arm; the uncertain parameters; and the study effect.

    Parameters
    ----------
    stored : sequence of LeftOut
        Predictions without their study.
    rows : sequence of Row
        The rows.

    Returns
    -------
    list of (Miss, Row, LeftOut)
    """
    by_id = {row.id: row for row in rows}
    found = []
    for one in stored:
        row, spread = by_id[one.id], one.spread
        of = row_class(row)
        if row.value is None or of is None or family_of(of.endpoint) is None or t_score_site(row.endpoint):
            continue
        if row.statistic in ("range", "lower_bound") or row.ci_type == "range":
            continue
        if one.left > ROUGH:
            continue
        if spread.scale == "log" and min(row.value, one.left_out) <= 0:
            continue
        error = on_scale(spread.scale, one.left_out) - on_scale(spread.scale, row.value)
        sampling = _published_se(row, spread.scale) or spread.sampling
        known = (sampling**2 + spread.parameters**2 + spread.study**2) / spread.unit**2
        found.append((Miss(of, study_group(row.study), error / spread.unit, known), row, one))
    return found


def _published_se(row: Row, scale: str) -> float:
    """Standard error that the row prints, on the scale of the prediction; 0 where it prints none."""
    half = half_interval(row) / Z95
    if not half or row.value is None or row.statistic in RATIOS or scale == "points":
        return half
    return half / max(row.value, 1e-9) if scale == "log" else half / max(100 + row.value, 2.0)


def validate(stored: Sequence[LeftOut], rows: Sequence[Row] | None = None) -> list[Validated]:
    """Hold predictions without their study against the published figures, with intervals that do not know it either.

    Parameters
    ----------
    stored : sequence of LeftOut
        Predictions without their study.
    rows : sequence of Row, optional
        The rows; those of all trials by default.

    Returns
    -------
    list of Validated
        Rows that have a class and a value.
    """
    triples = misses_of(stored, rows or evidence_rows(*SETS))
    models: dict[tuple[str, str], ErrorModel] = {}
    found = []
    for miss, row, one in triples:
        family = family_of(miss.row_class.endpoint)
        assert family is not None  # misses have one
        key = (family, miss.study)
        if key not in models:
            others = [
                m
                for m, _, _ in triples
                if m.study != miss.study and family_of(m.row_class.endpoint) == family
            ]
            models[key] = error_model(others, family)
        spread = replace(one.spread, model=one.spread.unit * models[key].sd(miss.row_class))
        ends = spread.interval(one.left_out), spread.interval(one.left_out, Z50)
        found.append(Validated(row, miss.row_class, miss.study, one.left_out, *ends))
    return found


def strata(rows: Sequence[Validated]) -> dict[str, list[Validated]]:
    """Sort validated rows into the classes that are reported.

    Parameters
    ----------
    rows : sequence of Validated
        Validated rows.

    Returns
    -------
    dict of str to list of Validated
        Name of a class to its rows.
    """
    keys: tuple[tuple[str, Callable[[Validated], str]], ...] = (
        ("", lambda v: "all rows"),
        ("", lambda v: f"set {v.row.set}"),
        ("", lambda v: v.row.endpoint_class),
        ("phase", lambda v: f"{v.row.endpoint_class}, {v.row_class.phase.replace('_', ' ')}"),
        ("drug", lambda v: f"{v.row.endpoint_class}, {v.row_class.drug.replace('_', ' ')}"),
        ("population", lambda v: f"{v.row.endpoint_class}, {v.row.population}"),
    )
    found: dict[str, list[Validated]] = {}
    for _, name in keys:
        own: dict[str, list[Validated]] = {}
        for row in rows:
            own.setdefault(name(row), []).append(row)
        found |= dict(sorted(own.items()))
    return found


def figures(rows: Sequence[Validated]) -> dict[str, float]:
    """Summarise validated rows of a class.

    Parameters
    ----------
    rows : sequence of Validated
        Rows of a class.

    Returns
    -------
    dict of str to float
        rows, studies, hits, in90 and in50 (shares), both by study, and of BMD error, half_width (points) and sign
        (share). By study, rows of one study count together: n of them weigh n / (1 + (n - 1) / 2), as in the structural
        error, so that a study with many rows does not decide alone how often an interval holds.
    """
    bmd = [row for row in rows if row.is_bmd]
    count = Counter(row.study for row in rows)
    weights = [1 / (1 + SHARED * (count[row.study] - 1)) for row in rows]
    signs = [row.right_sign for row in bmd if row.right_sign is not None]
    found: dict[str, float] = {
        "rows": len(rows),
        "studies": len({row.study for row in rows}),
        "hits": sum(row.hit for row in rows) / len(rows),
        "in90": sum(row.in90 for row in rows) / len(rows),
        "in50": sum(row.in50 for row in rows) / len(rows),
        "in90_by_study": sum(w * row.in90 for w, row in zip(weights, rows, strict=True)) / sum(weights),
        "in50_by_study": sum(w * row.in50 for w, row in zip(weights, rows, strict=True)) / sum(weights),
    }
    if bmd:
        found["error"] = statistics.fmean(abs(row.error) for row in bmd)
        found["half_width"] = statistics.median(row.half_width for row in bmd)
    if signs:
        found["sign"] = sum(signs) / len(signs)
    return found


def worst(rows: Sequence[Validated]) -> list[Validated]:
    """Name the largest misses of BMD in points, one for each study, drug and phase."""
    found: dict[tuple[str, str, str], Validated] = {}
    for row in sorted((r for r in rows if r.is_bmd), key=lambda r: -abs(r.error)):
        found.setdefault((row.study, row.row_class.drug, row.row_class.phase), row)
    return list(found.values())[:WORST]


def page(models: Mapping[str, tuple[Sequence[LeftOut], Sequence[Validated]]]) -> str:
    """Write the page of the validation, in Markdown.

    Parameters
    ----------
    models : mapping of str to tuple of sequences
        Name of each model to its predictions without their study, and what `validate` made of them.

    Returns
    -------
    str
    """
    blank = sum(row.where in ("", UNRECORDED) for row in evidence_rows())
    parts = [
        "# Validation: every study left out in turn",
        "",
        "<!-- Written by `python -m bonecast.calibration validation`; not by hand. -->",
        "",
        "Each published figure is predicted without knowing its own study: the parameters are refitted without it, and"
        " the [structural error](calibration.md#structural-error) of its class is estimated from all others. Studies of"
        " the same persons are left out together (`shared_persons.toml`). Rows that a trial printed as a range or as a"
        " bound are left out of this page. Hits are by the [rule of the score](evidence.md#a-hit); error and half width"
        " of the 90 % interval are of BMD, in points. By study: rows of one study count together, n of them as"
        " n / (1 + (n - 1) / 2), so that one trial with many rows does not decide alone how often an interval holds.",
        "",
        _table(
            ("model", *HEAD),
            [
                _line(text.format(f"`{name}`"), figures(own))
                for name, (_, rows) in models.items()
                for text, own in (
                    ("{}", rows),
                    ("{}, read in print", [r for r in rows if r.row.seen == "verbatim"]),
                )
            ],
        ),
        "",
        "Forecasts use `"
        + DEFAULT_MODEL
        + "`. `bonecast-1` was fitted to the first set alone, so that the others are"
        " predictions proper. `bonecast-2` was fitted to all three sets: its parameters do not know the study that is"
        " left out, but its equations were chosen with all of them in view. What `arm_facts.toml` says of arms"
        " (adherence before, time on a state) and the weight of a region are in the predictions of `bonecast-2` alone.",
        "",
    ]
    for name, (stored, rows) in models.items():
        parts += _model_part(name, stored, rows)
    return "\n".join(
        (
            *parts,
            "The study effect is pooled over all trials and is not estimated again without each of them. Of the"
            f" {len(evidence_rows())} rows of all sets, {blank} do not say where in their source the figure stands:"
            " their files name the source only.",
            "",
        )
    )


def _model_part(model: str, stored: Sequence[LeftOut], rows: Sequence[Validated]) -> list[str]:
    """The part of the page that is about one model."""
    table = [_line(name, figures(own)) for name, own in strata(rows).items() if len(own) >= FEWEST]
    by_id = {row.id: row for row in evidence_rows(*SETS)}
    lengths = {study_group(by_id[one.id].study): (one.moved, one.left) for one in stored if one.moved}
    far = sorted(lengths.items(), key=lambda pair: -pair[1][0])[:FARTHEST_NAMED]
    rough = sorted(group for group, (_, left) in lengths.items() if left > ROUGH)
    return [
        f"## {model} by class",
        "",
        f"Classes of {FEWEST} rows or more; sign: how often prediction and figure have the same sign, where the figure"
        " is at least one point.",
        "",
        _table(
            ("class", *HEAD),
            table,
        ),
        "",
        f"## Where {model} is wrong",
        "",
        "The largest misses of BMD in points, one for each study, drug and phase. Bold: outside the 90 % interval.",
        "",
        _table(
            ("row", "drug, phase", "published", "predicted", "miss", "90 % interval"),
            [_miss(v) for v in worst(rows)],
        ),
        "",
        f"## How far {model} moves without a study",
        "",
        f"{len(lengths)} groups of studies were used in the calibration, and each is left out by a refit from the"
        " optimum. The way in posterior SDs: beyond about 3 the study alone decides some parameter. Next: the length of"
        f" the step that would have come next. Groups with more than {ROUGH:g} to go are no predictions and decide no"
        f" structural error: {', '.join(rough) or 'none'}. The {len(far)} farthest:",
        "",
        _table(("group", "posterior SDs moved", "next"), [(g, f"{m:.1f}", f"{x:.2f}") for g, (m, x) in far]),
        "",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def _line(name: str, of: dict[str, float]) -> tuple[str, ...]:
    shares = [_percent(of[key]) for key in ("hits", "in90", "in50", "in90_by_study", "in50_by_study")]
    points = [f"{of[key]:.2f}" if key in of else "" for key in ("error", "half_width")]
    sign = _percent(of["sign"]) if "sign" in of else ""
    return (name, f"{of['rows']:.0f}", f"{of['studies']:.0f}", *shares, *points, sign)


def _miss(of: Validated) -> tuple[str, ...]:
    low, high = of.interval90
    mark = "" if of.in90 else "**"
    kind = f"{of.row_class.drug.replace('_', ' ')}, {of.row_class.phase.replace('_', ' ')}"
    return (
        f"`{of.row.id}`",
        kind,
        f"{of.value:+.1f}",
        f"{of.prediction:+.1f}",
        f"{mark}{of.error:+.1f}{mark}",
        f"{low:+.1f} to {high:+.1f}",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if math.isfinite(share) else ""


def stored_path(home: Path, model: str) -> Path:
    """Say where the predictions of a model without their study are kept.

    Parameters
    ----------
    home : Path
        Folder of the package.
    model : str
        Library name.

    Returns
    -------
    Path
    """
    return home / "models" / model.replace("-", "_") / "left_out.csv"


def stored_models(home: Path) -> dict[str, tuple[LeftOut, ...]]:
    """Models with predictions without their studies, and these."""
    paths = {name: stored_path(home, name) for name in model_names()}
    return {name: read_left_out(path) for name, path in paths.items() if path.exists()}


def stored_discrepancy(stored: Sequence[LeftOut]) -> str:
    """Make `discrepancy.csv` of a model from its predictions without their study."""
    triples = misses_of(stored, evidence_rows(*SETS))
    held_out = frozenset(miss.study for miss, _, one in triples if one.moved)
    return discrepancy_csv([miss for miss, _, _ in triples], held_out)
