"""What a forecast is: bands of each endpoint under each strategy, with the models and sources behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.care import Lateness, StrategyCheck
from bonecast.core.files import to_pandas
from bonecast.decisions import Ranking
from bonecast.errors import UnknownName
from bonecast.forecasts.choice import CalciumTest, LatestDate, NextTest, Passing, Search
from bonecast.forecasts.sway import Sway
from bonecast.inference import Diagnostics
from bonecast.outcomes.endpoints import Endpoint
from bonecast.records import Patient
from bonecast.regimens import Regimen

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from bonecast.forecasts.sentences import Account

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Band:
    """Quantiles of one output over time: `quantiles[level, day]` for `LEVELS`, at `dates`.

    output : column name with the unit in it ("LS_BMD_pct_change"); unit : the unit in words ("%").
    model : the library name of the model that gave it.
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
class Range:
    """One forecast number: median and 90 % range (p05 to p95), e.g. a change at 24 months; inner : p25 and p75."""

    median: float
    low: float
    high: float
    inner: tuple[float, float] | None = None


@dataclass(frozen=True)
class DoseMark:
    """A dose on the strip: given in the past, or planned under a strategy. `late_d`: days after it was due."""

    date: dt.date
    drug: str
    amount: float
    unit: str
    planned: bool
    late_d: int = 0


@dataclass(frozen=True)
class Days:
    """When something comes, person by person: by which date 5, 50 and 95 of 100 have it."""

    early: dt.date
    median: dt.date
    late: dt.date


@dataclass(frozen=True)
class Lapse:
    """A time without denosumab under a strategy: what it does to resorption and to the spine.

    begins : the cover of the last injection ends. ends : the next injection; None where none follows.
    watched : the last day looked at, two years after it begins at the most.
    peak : highest CTX until then, times before treatment; peak_days : when. before : CTX on the day it begins.
    gained : spine BMD on the day it begins, % of its level at the first injection. lost : the most that is lost until
    `watched`, % of the level on the day it begins. given_back : share (0 to 1) of the gain that this is, over people
    who gained enough to be shared. lose_from, lose_to : the days on which a tenth and nine tenths of it are lost, over
    people who lose something.
    """

    begins: dt.date
    ends: dt.date | None
    watched: dt.date
    peak: Range
    before: Range
    peak_days: Days
    gained: Range
    lost: Range
    given_back: Range | None = None
    lose_from: Days | None = None
    lose_to: Days | None = None


@dataclass(frozen=True)
class Summary:
    """One row of the strategy table.

    change : (endpoint key, months from now) to change of BMD from now, % ("LS_BMD", 24).
    loss_chance : endpoint key to the chance (0 to 1) of losing more than the least significant change in 24 months.
    marker : ("CTX" or "P1NP", months from now) to its mean level over the six months before, in the usual unit.
    calcium_nadir : lowest calcium in the 90 days after the next dose, mmol/L; with the day; None without a dose.
    calcium_nadir_day : day after that dose at which the median is lowest.
    fractures : (kind, months from now) to people like this one with such a fracture by then, per 1,000; the range is
        of the risk between them. Empty where the model cannot say.
    t_score : (endpoint key, months from now) to the T-score; empty without a first scan on a known scanner.
    calcium_below : mmol/L to the chance (0 to 1) that the lowest calcium lies below it.
    calcium_tests : the days on which calcium is tested around the next dose.
    turnover_passes : "CTX", "P1NP" to when it passes the range before the menopause.
    lapse : the first time without denosumab from today on, longer than a month; None without one.
    """

    strategy: str
    change: dict[tuple[str, int], Range]
    loss_chance: dict[str, float]
    marker: dict[tuple[str, int], Range]
    calcium_nadir: Range | None
    calcium_nadir_day: int | None
    fractures: dict[tuple[str, int], Range] = field(default_factory=dict)
    t_score: dict[tuple[str, int], Range] = field(default_factory=dict)
    calcium_below: dict[float, float] = field(default_factory=dict)
    calcium_tests: tuple[CalciumTest, ...] = ()
    turnover_passes: dict[str, Passing] = field(default_factory=dict)
    lapse: Lapse | None = None


@dataclass(frozen=True)
class Strategy:
    """One way on: its plan in words and doses in dates."""

    name: str
    plan: Regimen
    doses: tuple[DoseMark, ...]


@dataclass(frozen=True)
class Gap:
    """An endpoint that no model in the library can give under a strategy, and why, in one sentence."""

    strategy: str
    endpoint: Endpoint
    reason: str


@dataclass(frozen=True)
class Forecast:
    """The forecast of one person under several strategies.

    patient : the record. now : its date. zero : the day at which the replay of the history begins.
    strategies, history (doses given), bands[strategy][output], gaps, summaries : see the classes.
    notes : what the reader must know about this forecast, one sentence each.
    due : when the next dose was or is due; None without treatment.
    models : library names used. references : citations of all sources used, in order of first use.
    draws, seed, horizon_d : how it was made.
    prior_bands : the bands under the first strategy for people like this one before their measurements were known;
        empty where nothing was measured. diagnostics : how the measurements were learned from, each one checked.
    ranking : the strategies by the chosen aim; None where the model cannot say or the horizon is below a year.
    latest : by when the next injection is needed. next_tests : what a further test is worth, the most useful first.
    search : the exits that were searched; None unless asked for.
    sways : the traits of people on which the difference between the two best strategies hangs most.
    blocked : usual strategies that the care rules block: not followed and not offered, each with the rules and why.
    late : how late the next injection is, and each option with its numbers over two years; None unless asked for.
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
    notes: tuple[str, ...]
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
    sways: tuple[Sway, ...] = ()
    blocked: tuple[StrategyCheck, ...] = ()
    late: Lateness | None = None

    def __repr__(self) -> str:
        from bonecast.forecasts.notebook import line

        return line(self)

    def _repr_html_(self) -> str:
        from bonecast.forecasts.notebook import html

        return html(self)

    def band(self, strategy: str, output: str) -> Band:
        """One band by names; `UnknownName` with the nearest names otherwise."""
        if strategy not in self.bands:
            raise UnknownName("forecast", "strategy", strategy, self.bands)
        if output not in self.bands[strategy]:
            raise UnknownName(f"forecast, {strategy}", "output", output, self.bands[strategy])
        return self.bands[strategy][output]

    def months_from_now(self, date: dt.date) -> float:
        """Months of 30.4375 days between now and `date`, negative in the past."""
        return (date - self.now).days / 30.4375

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
        return pl.concat(frames)

    def to_pandas(self) -> pd.DataFrame:
        """`table()` as a pandas frame; `InputError` where pandas is not installed."""
        return to_pandas(self.table())

    def to_parquet(self, path: str | Path) -> None:
        """Write `table()` as Parquet."""
        self.table().write_parquet(path)

    def cite(self) -> Sequence[str]:
        """The sources behind this forecast."""
        return self.references

    def accounts(self) -> tuple[Account, ...]:
        """What happens under each strategy and why, in sentences."""
        from bonecast.forecasts.sentences import accounts

        return accounts(self)

    def would_change(self) -> tuple[str, ...]:
        """What would change the choice between the strategies, one sentence each."""
        from bonecast.forecasts.sentences_change import would_change

        return would_change(self)

    def not_considered(self) -> tuple[str, ...]:
        """What no number of this forecast holds, one sentence each."""
        from bonecast.forecasts.sentences_left_out import not_considered

        return not_considered(self)

    def explain(self, what: str) -> str:
        """Where the numbers of one quantity come from: `explain("CTX")`; `UnknownName` for one that is not here."""
        from bonecast.forecasts.explaining import explain

        return explain(self, what)

    def plot(self) -> Any:
        """The charts of the report, one under the other, as one Altair chart, which is shown offline."""
        from bonecast.charts import stack
        from bonecast.forecasts.panels import panels

        return stack(panels(self))
