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
from bonecast.evidence.row_class import row_class
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
    lo50 : float or None
        Lower end of the predicted 50 % interval.
    hi50 : float or None
        Upper end of the predicted 50 % interval.
    error : float or None
        Prediction minus published; None without both.
    hit : bool or None
        Whether the prediction meets the published value; None without both.
    note : str
        Why there is no prediction, or what to bear in mind.
    drug : str
        Class of the drug that decides the phase; empty where the row has no class.
    phase : str
        on_treatment, after_stopping, after_switch or untreated.
    population : str
        Population of the row.
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
    lo50: float | None
    hi50: float | None
    error: float | None
    hit: bool | None
    note: str
    drug: str = ""
    phase: str = ""
    population: str = ""


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
    in_half : float or None
        The same of the 50 % interval.
    half_width : float or None
        Of BMD and markers: median half width of the 90 % interval in points, T-scores left out; else None.
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
    in_half: float | None
    half_width: float | None


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

    @property
    def strata(self) -> tuple[ClassScore, ...]:
        """The same summary by class of endpoints and phase of treatment, drug and population."""
        found = []
        for kind in CLASSES:
            for key in ("phase", "drug", "population"):
                own = [row for row in self.rows if row.endpoint_class == kind and getattr(row, key)]
                for name in dict.fromkeys(getattr(row, key) for row in own):
                    rows = [row for row in own if getattr(row, key) == name]
                    found.append(_summary(f"{kind}, {key} {name.replace('_', ' ')}", kind, rows))
        return tuple(found)

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
            "strata": [asdict(c) for c in self.strata],
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
    of = row_class(row)
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
        lo50=found.lo50,
        hi50=found.hi50,
        error=found.value - row.value if both else None,  # type: ignore[operator]
        hit=is_hit(row, found.value) if both else None,  # type: ignore[arg-type]
        note=found.note,
        drug=of.drug if of else "",
        phase=of.phase if of else "",
        population=row.population,
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
    widths = [
        ((r.hi90 or 0.0) - (r.lo90 or 0.0)) / 2
        for r in made
        if points and r.lo90 is not None and t_score_site(r.endpoint) is None
    ]
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
        in_interval=_inside([(r.lo90, r.published, r.hi90) for r in made]),
        in_half=_inside([(r.lo50, r.published, r.hi50) for r in made]),
        half_width=statistics.median(widths) if widths else None,
    )


def _inside(rows: Sequence[tuple[float | None, float | None, float | None]]) -> float | None:
    """Share of the published figures that lie in their interval; None where no row has one."""
    known = [(low, value, high) for low, value, high in rows if None not in (low, value, high)]
    return sum(low <= value <= high for low, value, high in known) / len(known) if known else None  # type: ignore[operator]
