"""Trajectories of a cohort: curves of every person over days, in the person's order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.core import TableResult
from bonecast.engine import End
from bonecast.errors import ComputeError, UnknownName

if TYPE_CHECKING:
    import polars as pl

    from bonecast.cohorts.cohort import Cohort
    from bonecast.cohorts.vpc import VisualPredictiveCheck
    from bonecast.outcomes import MeasuredOutput

LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Trajectories(TableResult):
    """Curves of the people of a cohort.

    Parameters
    ----------
    cohort : Cohort
        Whose curves these are.
    days : ndarray of float, shape (day,)
        Days from day 0 of the regimen.
    values : mapping of str to ndarray, shape (person, day)
        Each output in the unit of its name; NaN where a person could not be followed.
    succeeded : ndarray of bool, shape (person,)
        Who could be followed to the end.
    end : End, optional
        Where another run can go on from, with the same people.
    failures : tuple of str
        One sentence for each way in which people could not be followed.

    Examples
    --------
    >>> from bonecast.cohorts import draw_cohort
    >>> from bonecast.models import load_model
    >>> run = draw_cohort(load_model("choi-2025"), 8, seed=1).simulate("denosumab 60 mg once", [0.0, 365.0])
    >>> run["LS_BMD_pct_change"].shape, run.table().columns[:2]
    ((8, 2), ['id', 'time_d'])
    """

    cohort: Cohort
    days: np.ndarray
    values: Mapping[str, np.ndarray]
    succeeded: np.ndarray
    end: End | None = None
    failures: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<Trajectories: {len(self.succeeded)} people, {len(self.days)} days, {len(self.values)} outputs>"
        )

    def _repr_html_(self) -> str:
        from bonecast.cohorts.notebook import trajectories_html

        return trajectories_html(self)

    def __getitem__(self, name: str) -> np.ndarray:
        """One output [person, day], or the days as `time_d`; `UnknownName` with the nearest names otherwise."""
        if name == "time_d":
            return self.days
        if name not in self.values:
            raise UnknownName("trajectories", "output", name, self.values)
        return self.values[name]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return tuple(self.values)

    def columns_of(self, days: np.ndarray | float) -> np.ndarray:
        """Positions of days that are on the axis.

        Parameters
        ----------
        days : ndarray or float

        Returns
        -------
        ndarray of int
        """
        return np.searchsorted(self.days, days)

    def at(self, output: str, day: float) -> np.ndarray:
        """One output on one day of the axis.

        Parameters
        ----------
        output : str
        day : float

        Returns
        -------
        ndarray, shape (person,)
        """
        return self[output][:, int(self.columns_of(day))]

    def only(self, outputs: Collection[str], days: np.ndarray) -> Trajectories:
        """The same people with some of the outputs, on some of the days of the axis.

        Parameters
        ----------
        outputs : collection of str
        days : ndarray, shape (day,)

        Returns
        -------
        Trajectories
        """
        at = self.columns_of(days)
        return replace(self, days=days, values={name: self[name][:, at] for name in outputs}, end=None)

    def select(self, who: np.ndarray | Sequence[int]) -> Trajectories:
        """Some of the people, each with all that is theirs.

        Parameters
        ----------
        who : ndarray of bool, shape (person,), or of int
            True for those who stay, or their places.

        Returns
        -------
        Trajectories
            From which no other run can go on.
        """
        who = np.asarray(who)
        return replace(
            self,
            cohort=self.cohort.select(who),
            values={name: values[who] for name, values in self.values.items()},
            succeeded=self.succeeded[who],
            end=None,
        )

    def require_success(self, what: str = "") -> Trajectories:
        """The same trajectories, unless nobody could be followed.

        Parameters
        ----------
        what : str, optional
            Whose run it is, for the error; the model by default.

        Returns
        -------
        Trajectories

        Raises
        ------
        ComputeError
            If no person's run succeeded, with the reasons.
        """
        if not np.any(self.succeeded):
            name = what or f"model {self.cohort.model.name}"
            raise ComputeError(f"{name}: " + "; ".join(self.failures) + ".")
        return self

    def quantiles(self, output: str, levels: Sequence[float] = LEVELS) -> pl.DataFrame:
        """Quantiles of one output over the people who could be followed, day by day.

        Parameters
        ----------
        output : str
        levels : sequence of float
            Between 0 and 1; by default the median and the 90 % range.

        Returns
        -------
        polars.DataFrame
            `time_d`, then one column for each level (`p05`, `p50`, `p95`), in the unit of the output.
        """
        import polars as pl

        found = np.quantile(self[output][self.succeeded], levels, axis=0)
        names = [f"p{f'{100 * level:g}'.zfill(2)}" for level in levels]
        return pl.DataFrame({"time_d": self.days, **dict(zip(names, found, strict=True))})

    def vpc(
        self,
        data: Any,
        residual: bool | Mapping[str, MeasuredOutput] = True,
        levels: Sequence[float] = (0.1, 0.5, 0.9),
        seed: int = 1,
    ) -> VisualPredictiveCheck:
        """Compare observed values with these people, cut into studies of the size of the observed one.

        Parameters
        ----------
        data : path, polars or pandas DataFrame, or mapping of str to sequence
            One row for each value: `id`, `time_d`, `output` and `value`; and `lloq`, the limit of quantification, below
            which a value counts as low without a number.
        residual : bool or mapping of str to MeasuredOutput
            Whether simulated values get the measurement error that is known of an output; or the error of each.
        levels : sequence of float
            The quantiles that are compared.
        seed : int
            Of the measurement errors.

        Returns
        -------
        VisualPredictiveCheck
            With `table()` and `plot()`.

        Raises
        ------
        InputError
            If a row cannot be used, or there are too few people for 20 studies.

        Examples
        --------
        >>> from bonecast.cohorts import draw_cohort
        >>> from bonecast.models import load_model
        >>> run = draw_cohort(load_model("choi-2025"), 60, seed=1).simulate("denosumab 60 mg once", [0.0, 30.0, 365.0])
        >>> data = {"id": ["A", "B"], "time_d": [30, 30], "output": ["denosumab_ng_mL"] * 2, "value": [5000, 7000]}
        >>> run.vpc(data).studies
        30
        """
        from bonecast.cohorts.vpc import check_visually

        return check_visually(self, data, residual, levels, seed)

    def table(self) -> pl.DataFrame:
        """One row for each person and day.

        Returns
        -------
        polars.DataFrame
            `id`, `time_d`, then every output by its name; null where a person could not be followed.
        """
        import polars as pl

        frame = pl.DataFrame(
            {
                "id": np.repeat(np.array(self.cohort.ids), len(self.days)),
                "time_d": np.tile(self.days, self.cohort.count),
                **{name: values.ravel() for name, values in self.values.items()},
            }
        )
        return frame.with_columns(pl.col(self.outputs).fill_nan(None)) if self.outputs else frame

    def plot(self, outputs: Iterable[str] | None = None) -> Any:
        """Draw the median and the 50 and 90 % range of people over time.

        Parameters
        ----------
        outputs : str or iterable of str, optional
            Outputs to draw, one under the other; all by default.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.

        Raises
        ------
        UnknownName
            If an output is not among those that were kept, with the nearest names.
        ComputeError
            If nobody could be followed.
        """
        from bonecast.charts import stack
        from bonecast.cohorts.pictures import output_panel

        self.require_success()
        names = [outputs] if isinstance(outputs, str) else self.outputs if outputs is None else list(outputs)
        return stack(output_panel(self, name) for name in names)
