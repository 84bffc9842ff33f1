"""What a forecast is: bands of each endpoint under each strategy, with the models and sources behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bonecast.care import Finding, Lateness, StrategyCheck
from bonecast.core import TableResult
from bonecast.decisions import Ranking
from bonecast.errors import UnknownName
from bonecast.forecasts.choice import LatestDate, NextTest, Search
from bonecast.forecasts.drivers import Driver
from bonecast.forecasts.learning import Learning
from bonecast.forecasts.width import Width
from bonecast.inference import Diagnostics
from bonecast.outcomes import LEVELS, Endpoint, PublishedRate, Summary
from bonecast.presentation import presenter_of
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, Regimen

if TYPE_CHECKING:
    import polars as pl

    from bonecast.forecasts.request import ForecastRequest


@dataclass(frozen=True)
class Band:
    """Quantiles of one output over time.

    Parameters
    ----------
    output : str
        Column name with the unit in it ("LS_BMD_pct_change").
    unit : str
        The unit in words ("%").
    endpoint : Endpoint
        What is measured.
    model : str
        Library name of the model that gave it.
    dates : tuple of date
        Days of the curves.
    quantiles : ndarray
        [level, day] for `LEVELS`, at `dates`.
    """

    output: str
    unit: str
    endpoint: Endpoint
    model: str
    dates: tuple[dt.date, ...]
    quantiles: np.ndarray

    def __repr__(self) -> str:
        return f"<Band of {self.output}: {len(self.dates)} dates, {self.model}>"

    @property
    def median(self) -> np.ndarray:
        """The middle value at each date."""
        return self.quantiles[LEVELS.index(0.5)]


@dataclass(frozen=True)
class DoseMark:
    """A dose in dates.

    Parameters
    ----------
    date : date
        The day.
    drug : str
        Generic name.
    amount : float
        In `unit`.
    unit : str
        "mg" or "ug".
    planned : bool
        Planned under a strategy, or given in the past.
    late_d : int
        Days after it was due.
    """

    date: dt.date
    drug: str
    amount: float
    unit: str
    planned: bool
    late_d: int = 0


@dataclass(frozen=True)
class Strategy:
    """One strategy.

    Parameters
    ----------
    name : str
        Its name.
    plan : Plan
        In words.
    doses : tuple of DoseMark
        In dates.
    published : tuple of PublishedRate
        What cohorts saw of fractures where this strategy stops denosumab, or on an aromatase inhibitor.
    """

    name: str
    plan: Regimen
    doses: tuple[DoseMark, ...]
    published: tuple[PublishedRate, ...] = ()


@dataclass(frozen=True)
class Gap:
    """An endpoint that the model cannot give under a strategy.

    Parameters
    ----------
    strategy : str
        Its name.
    endpoint : Endpoint
        What is missing.
    reason : str
        Why, in one sentence.
    withheld : bool
        The model could give a number that would be wrong for this person, so none is shown.
    """

    strategy: str
    endpoint: Endpoint
    reason: str
    withheld: bool = False


class ForecastPresenter(Protocol):
    """What the room of reports offers for a forecast; see the methods of `Forecast` with the same names."""

    def plot(self, forecast: Forecast, /) -> Any: ...
    def card(self, forecast: Forecast, /) -> str: ...
    def notes(self, forecast: Forecast, /) -> tuple[str, ...]: ...
    def accounts(self, forecast: Forecast, /) -> tuple[Any, ...]: ...
    def would_change(self, forecast: Forecast, /) -> tuple[str, ...]: ...
    def not_considered(self, forecast: Forecast, /) -> tuple[str, ...]: ...
    def explain(self, forecast: Forecast, what: str, /) -> str: ...


def _table_columns() -> dict[str, Any]:
    """Columns of `Forecast.table` and their types, for a forecast without any band."""
    import polars as pl

    text = dict.fromkeys(("strategy", "date", "months_from_now", "output", "unit"), pl.String)
    levels = {f"p{round(100 * q):02d}": pl.Float64 for q in LEVELS}
    return {**text, "date": pl.Date, "months_from_now": pl.Float64, **levels}


def _presenter() -> ForecastPresenter:
    return presenter_of("forecast")


@dataclass(frozen=True)
class Forecast(TableResult):
    """The forecast of one person under several strategies.

    The fields are data. `plot`, `notes`, `accounts`, `would_change`, `not_considered` and `explain` show them: the room
    of reports makes what they draw and say.

    Parameters
    ----------
    patient : Patient
        The record, under the rules of its jurisdiction.
    now : date
        The date of the record.
    zero : date
        The day at which the replay of the history begins.
    due : date or None
        When the next dose was or is due; None without treatment.
    strategies : tuple of Strategy
        What was compared.
    history : tuple of DoseMark
        Doses given.
    bands : dict
        Strategy to output to its band.
    gaps : tuple of Gap
        Endpoints that the model cannot give.
    summaries : tuple of Summary
        One for each strategy, in their order.
    models : tuple of str
        Library names of the models used.
    references : tuple of str
        Citations of all sources used, in order of first use.
    draws, seed : int
        How it was made.
    horizon_d : float
        Days that it looks ahead.
    prior_bands : dict
        The bands under the first strategy for similar people before their measurements were known; empty where
        nothing was measured.
    diagnostics : Diagnostics or None
        How the measurements were learned from, each one checked.
    ranking : Ranking or None
        The strategies by the chosen aim; None where the model cannot say or the horizon is below a year.
    latest : tuple of LatestDate
        By when the next injection is needed.
    next_tests : tuple of NextTest
        The value of a further test, the most useful first.
    search : Search or None
        The exits that were searched; None unless asked for.
    drivers : tuple of Driver
        The properties of people that drive the difference between the two best strategies.
    checks : tuple of StrategyCheck
        What the care rules say of each strategy that was followed, in their order.
    blocked : tuple of StrategyCheck
        Strategies that the care rules block: not followed, each with the rules and why.
    risk_only : bool
        The care rules block every strategy. The only one here is the course without a further dose, which is no offer.
    published : tuple of PublishedRate
        Rates that were published and stand beside the forecast, or in place of a number that it does not give.
    emergency : Finding or None
        What must be done today, before any forecast is read.
    late : Lateness or None
        How late the next injection is, and each option with its numbers over two years; None unless asked for.
    learning : Learning or None
        What the measurements taught and how the history was replayed: what the notes are written from.
    widths : tuple of Width
        How wide the 90 % ranges are and why, by strategy, endpoint and month; empty where the model is taken for exact.
    since_today : dict
        Strategy to site ("LS_BMD") to the change of its density from today, person by person; empty unless asked for.
    remarks : tuple of str
        Sentences that stand before the other notes.
    request : ForecastRequest or None
        What was asked for, so that it can be made again; None where it was not made by `forecast`.

    Examples
    --------
    >>> import bonecast as bc
    >>> patient = bc.read_patient("examples/late-dose.toml")
    >>> made = bc.forecast(patient, {"on time": "denosumab 60 mg every 6 months x 2"}, "1 year", draws=20)
    >>> made["strategy"][0], made.table().columns[:4]
    ('on time', ['strategy', 'date', 'months_from_now', 'output'])
    """

    patient: Patient
    now: dt.date
    zero: dt.date
    due: dt.date | None
    strategies: tuple[Strategy, ...]
    history: tuple[DoseMark, ...]
    bands: dict[str, dict[str, Band]]
    gaps: tuple[Gap, ...]
    summaries: tuple[Summary, ...]
    models: tuple[str, ...]
    references: tuple[str, ...]
    draws: int
    seed: int
    horizon_d: float
    prior_bands: dict[str, Band] = field(default_factory=dict)
    diagnostics: Diagnostics | None = None
    ranking: Ranking | None = None
    latest: tuple[LatestDate, ...] = ()
    next_tests: tuple[NextTest, ...] = ()
    search: Search | None = None
    drivers: tuple[Driver, ...] = ()
    checks: tuple[StrategyCheck, ...] = ()
    blocked: tuple[StrategyCheck, ...] = ()
    risk_only: bool = False
    published: tuple[PublishedRate, ...] = ()
    emergency: Finding | None = None
    late: Lateness | None = None
    learning: Learning | None = None
    widths: tuple[Width, ...] = ()
    since_today: dict[str, dict[str, Band]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    request: ForecastRequest | None = None

    def __repr__(self) -> str:
        months = self.horizon_d / DAYS_IN["months"]
        return f"<Forecast: {len(self.strategies)} strategies, {months:.3g} months, {self.draws} draws>"

    def _repr_html_(self) -> str:
        return _presenter().card(self)

    @property
    def method(self) -> str:
        """What learned from the measurements: "fast" or "exact"; empty where there was nothing to learn from."""
        return self.diagnostics.method if self.diagnostics is not None else ""

    def band(self, strategy: str, output: str) -> Band:
        """Return one band by names; `UnknownName` with the nearest names otherwise."""
        if strategy not in self.bands:
            raise UnknownName("forecast", "strategy", strategy, self.bands)
        if output not in self.bands[strategy]:
            raise UnknownName(f"forecast, {strategy}", "output", output, self.bands[strategy])
        return self.bands[strategy][output]

    def months_from_now(self, date: dt.date) -> float:
        """Months of 30.4375 days between now and `date`, negative in the past."""
        return (date - self.now).days / DAYS_IN["months"]

    def table(self) -> pl.DataFrame:
        """All bands in long form: strategy, date, months_from_now, output, unit, p05, p25, p50, p75, p95."""
        import polars as pl

        frames = [
            pl.DataFrame(
                {
                    "strategy": [strategy] * len(band.dates),
                    "date": list(band.dates),
                    "months_from_now": [round(self.months_from_now(d), 3) for d in band.dates],
                    "output": [band.output] * len(band.dates),
                    "unit": [band.unit] * len(band.dates),
                    **{f"p{round(100 * q):02d}": band.quantiles[i] for i, q in enumerate(LEVELS)},
                }
            )
            for strategy, of in self.bands.items()
            for band in of.values()
        ]
        return pl.concat(frames) if frames else pl.DataFrame(schema=_table_columns())

    def cite(self) -> Sequence[str]:
        """The sources behind this forecast."""
        return self.references

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader must know about this forecast, one sentence each."""
        return _presenter().notes(self)

    def accounts(self) -> tuple[Any, ...]:
        """What happens under each strategy and why, in sentences: a `bonecast.reports.StrategyAccount` each."""
        return _presenter().accounts(self)

    def would_change(self) -> tuple[str, ...]:
        """What would change the choice between the strategies, one sentence each."""
        return _presenter().would_change(self)

    def not_considered(self) -> tuple[str, ...]:
        """What no number of this forecast holds, one sentence each."""
        return _presenter().not_considered(self)

    def explain(self, what: str) -> str:
        """Say where the numbers of one quantity come from: `explain("CTX")`; `UnknownName` for one that is not here."""
        return _presenter().explain(self, what)

    def plot(self) -> Any:
        """Draw the charts of the report, one under the other, as one Altair chart."""
        return _presenter().plot(self)
