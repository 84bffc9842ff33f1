"""The score: predictions held against published figures, row by row and by class."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bonecast.core import TableResult
from bonecast.evidence.endpoint import CLASSES, EndpointClass, t_score_site
from bonecast.evidence.prediction import Prediction
from bonecast.evidence.row import DIFFERENCES, RATIOS, Row
from bonecast.evidence.tolerance import factor_between, is_hit

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RowScore:
    """One row: what was published and predicted, prediction minus published, whether that is a hit.

    `error` and `hit` are None where nothing was predicted or nothing published.
    """

    id: str
    endpoint: str
    endpoint_class: EndpointClass
    statistic: str
    planned: bool
    published: float | None
    prediction: float | None
    lo90: float | None
    hi90: float | None
    error: float | None
    hit: bool | None
    note: str


@dataclass(frozen=True)
class ClassScore:
    """All rows of one class, or of one endpoint, that have a published value.

    rows, with_plan, predicted, hits : counts. share : hits over rows with a plan, so that a row without a prediction
    counts as a miss. share_of_predicted : hits over predicted rows. mean_abs_error : of BMD and markers, in points
    (T-scores left out). median_factor : of fractures and exposure, the larger over the smaller figure. in_interval :
    share of predicted rows whose published value lies in the predicted 90 % interval. None where there are none.
    """

    name: str
    rows: int
    with_plan: int
    predicted: int
    hits: int
    share: float | None
    share_of_predicted: float | None
    mean_abs_error: float | None
    median_factor: float | None
    in_interval: float | None


@dataclass(frozen=True)
class Scorecard(TableResult):
    """Every row in the order of the table, and the classes that occur, with one line for all of them."""

    rows: tuple[RowScore, ...]
    classes: tuple[ClassScore, ...]

    def __repr__(self) -> str:
        return f"<Scorecard: {len(self.rows)} rows, {self.classes[-1].hits} hits>"

    def _repr_html_(self) -> str:
        from bonecast.evidence.notebook import html

        return html(self)

    @property
    def endpoints(self) -> tuple[ClassScore, ...]:
        """The same summary for each endpoint, in the order in which the table brings them."""
        kinds: dict[str, EndpointClass] = {row.endpoint: row.endpoint_class for row in self.rows}
        return tuple(_summary(n, k, [r for r in self.rows if r.endpoint == n]) for n, k in kinds.items())

    def table(self) -> pl.DataFrame:
        """The rows as a polars frame."""
        import polars as pl

        return pl.DataFrame([asdict(row) for row in self.rows], infer_schema_length=None)

    def plot(self) -> Any:
        """Draw predicted against published figures, one picture for each class.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.
        """
        from bonecast.charts import stack
        from bonecast.evidence.pictures import agreement_pictures

        rows = [{**asdict(row), "ratio": row.statistic in RATIOS} for row in self.rows]
        return stack(agreement_pictures(rows))

    def plain(self) -> dict[str, Any]:
        """Classes, endpoints and rows as plain data, ready for JSON."""
        return {
            "classes": [asdict(c) for c in self.classes],
            "endpoints": [asdict(c) for c in self.endpoints],
            "rows": [asdict(r) for r in self.rows],
        }


def score(rows: Iterable[Row], predictions: Iterable[Prediction]) -> Scorecard:
    """How well do these predictions meet the published figures? They are matched by id.

    >>> row = Row("a", "LS_BMD_pct", value=9.2)
    >>> [(c.name, c.hits, c.mean_abs_error) for c in score([row], [Prediction("a", 10.2)]).classes]
    [('BMD', 1, 1.0), ('all', 1, None)]
    """
    by_id = {p.id: p for p in predictions}
    scored = tuple(_one(row, by_id.get(row.id)) for row in rows)
    kinds: list[EndpointClass] = [name for name in CLASSES if any(r.endpoint_class == name for r in scored)]
    classes = [_summary(name, name, [r for r in scored if r.endpoint_class == name]) for name in kinds]
    return Scorecard(scored, (*classes, _summary("all", "other", scored)))


def _one(row: Row, made: Prediction | None) -> RowScore:
    found = made or Prediction(row.id, None, note="nothing was predicted for this row")
    both = found.value is not None and row.value is not None
    return RowScore(
        id=row.id,
        endpoint=row.endpoint,
        endpoint_class=row.endpoint_class,
        statistic=row.statistic,
        planned=row.plan is not None or bool(row.unread),
        published=row.value,
        prediction=found.value,
        lo90=found.lo90,
        hi90=found.hi90,
        error=found.value - row.value if both else None,  # type: ignore[operator]
        hit=is_hit(row, found.value) if both else None,  # type: ignore[arg-type]
        note=found.note,
    )


def _summary(name: str, kind: EndpointClass, scored: Sequence[RowScore]) -> ClassScore:
    with_value = [r for r in scored if r.published is not None]
    made = [r for r in with_value if r.hit is not None]
    planned = sum(r.planned or r.hit is not None for r in with_value)
    hits = sum(bool(r.hit) for r in made)
    points = kind in ("BMD", "marker")
    errors = [abs(r.error or 0.0) for r in made if points and t_score_site(r.endpoint) is None]
    factors = [
        factor_between(r.prediction or 0.0, r.published or 0.0)
        for r in made
        if kind in ("fracture", "exposure") and r.statistic not in DIFFERENCES
    ]
    banded = [r for r in made if r.lo90 is not None and r.hi90 is not None]
    inside = sum((r.lo90 or 0.0) <= (r.published or 0.0) <= (r.hi90 or 0.0) for r in banded)
    middle = statistics.median(factors) if factors else None
    return ClassScore(
        name=name,
        rows=len(with_value),
        with_plan=planned,
        predicted=len(made),
        hits=hits,
        share=hits / planned if planned else None,
        share_of_predicted=hits / len(made) if made else None,
        mean_abs_error=statistics.fmean(errors) if errors else None,
        median_factor=middle if middle is not None and middle < float("inf") else None,
        in_interval=inside / len(banded) if banded else None,
    )
