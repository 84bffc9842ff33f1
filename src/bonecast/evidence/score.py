"""The score: predictions held against published figures, row by row and by class."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bonecast.core import TableResult
from bonecast.errors import InputError
from bonecast.evidence.endpoint import CLASSES, EndpointClass, t_score_site
from bonecast.evidence.prediction import Prediction
from bonecast.evidence.row import DIFFERENCES, RATIOS, Row
from bonecast.evidence.tolerance import factor_between, is_hit

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RowScore:
    """The score of one row.

    Parameters
    ----------
    id : str
        Id of the row.
    endpoint : str
        Name of the endpoint.
    endpoint_class : EndpointClass
        Its class.
    statistic : str
        What the figure is.
    planned : bool
        Whether the row has a regimen.
    published : float or None
        Published value.
    prediction : float or None
        Predicted value.
    lo90 : float or None
        Lower end of the predicted 90 % interval.
    hi90 : float or None
        Upper end of the predicted 90 % interval.
    error : float or None
        Prediction minus published; None without both.
    hit : bool or None
        Whether the prediction meets the published value; None without both.
    note : str
        Why there is no prediction, or what to bear in mind.
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
    """The score of one class, or of one endpoint, over the rows that have a published value.

    Parameters
    ----------
    name : str
        Class or endpoint.
    rows : int
        Rows with a published value.
    with_plan : int
        Rows with a regimen.
    predicted : int
        Rows with a prediction.
    hits : int
        Predictions that meet the published value.
    share : float or None
        Hits over rows with a regimen, so that a row without a prediction counts as a miss; None where there are none.
    share_of_predicted : float or None
        Hits over predicted rows; None where there are none.
    mean_abs_error : float or None
        Of BMD and markers, in points, T-scores left out; None for other classes.
    median_factor : float or None
        Of fractures and exposure: the larger over the smaller figure; None for other classes.
    in_interval : float or None
        Share of predicted rows whose published value lies in the predicted 90 % interval.
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
    """Predictions compared with published figures.

    Parameters
    ----------
    rows : tuple of RowScore
        One score for each row, in the order of the table.
    classes : tuple of ClassScore
        One for each class that occurs, the last over all rows.

    Examples
    --------
    >>> card = score([Row("a", "LS_BMD_pct", value=9.2)], [Prediction("a", 10.2)])
    >>> card["error"].round(2).tolist(), card.classes[-1].hits
    ([1.0], 1)
    """

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

        Raises
        ------
        InputError
            If no row has a prediction.
        """
        from bonecast.charts import stack
        from bonecast.evidence.pictures import agreement_pictures

        rows = [{**asdict(row), "ratio": row.statistic in RATIOS} for row in self.rows]
        pictures = agreement_pictures(rows)
        if not pictures:
            raise InputError("scorecard", "no row has a prediction", "score a model that supports the drugs")
        return stack(pictures)

    def plain(self) -> dict[str, Any]:
        """Classes, endpoints and rows as plain data, ready for JSON."""
        return {
            "classes": [asdict(c) for c in self.classes],
            "endpoints": [asdict(c) for c in self.endpoints],
            "rows": [asdict(r) for r in self.rows],
        }


def score(rows: Iterable[Row], predictions: Iterable[Prediction]) -> Scorecard:
    """Compare predictions with published figures.

    Parameters
    ----------
    rows : iterable of Row
        Published figures.
    predictions : iterable of Prediction
        Predictions, matched by id.

    Returns
    -------
    Scorecard
        Every row with its score, and the classes.

    Examples
    --------
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
