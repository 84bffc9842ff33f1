"""The result of a fit: estimates with their uncertainty, people, diagnostics, and what goes on into other rooms."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp, ndtri
from scipy.stats import chi2
from scipy.stats import t as student

from bonecast.core import Source, TableResult
from bonecast.errors import InputError, UnknownName
from bonecast.fitting.likelihood import row_density
from bonecast.fitting.marginal import Coordinates, full
from bonecast.fitting.predictions import Predictions
from bonecast.fitting.search import Found, Uncertainty, profile_interval
from bonecast.models import CalibrationPosterior, Model, RandomEffect, Variability

if TYPE_CHECKING:
    import polars as pl

    from bonecast.cohorts import VisualPredictiveCheck

LEVEL = 0.9
FEWEST_SEEN = (
    2.0  # people that would leave the standard error of an omega, from which on its interval is that of chi2
)
STUDIES = 300  # simulated for a visual check and for NPDE
SOURCE = "fit"


@dataclass(frozen=True)
class FitResult(TableResult):
    """A model fitted to an event table.

    Parameters
    ----------
    source_model : Model
        The model as it was given.
    predictions : Predictions
        The data, and how the model predicts them.
    found : Found
        Where the search came to rest.
    uncertainty : Uncertainty
        Covariance of the estimates on their scales, and what the data do not determine.
    seed : int
        Of simulations.
    notes : tuple of str
        What to bear in mind; all of them were warnings too.

    Examples
    --------
    >>> import bonecast as bc
    >>> table = {"TIME": [0.0, 168.0, 672.0], "AMT": [60, None, None], "CMT": ["denosumab"] * 3}
    >>> table["DV"] = [None, 6200, 5100]
    >>> from bonecast.fitting import FitParameter, FitResidual
    >>> found = bc.fit("choi-2025", table, parameters={"CL": FitParameter(prior=(0.003, 0.3))},
    ...     residual={"denosumab_ng_mL": FitResidual(proportional=0.1, fixed=True)})
    >>> found["parameter"].tolist(), bool(found.log_likelihood < 0)
    (['CL', 'proportional denosumab_ng_mL'], True)
    """

    source_model: Model
    predictions: Predictions
    found: Found
    uncertainty: Uncertainty
    seed: int = 1
    notes: tuple[str, ...] = ()
    _simulated: dict[int, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        people = self.predictions.people
        who = f"{people} people" if people > 1 else "one person"
        return (
            f"<FitResult of {self.source_model.name}: {who}, {self.predictions.observed.count} observations,"
            f" ln L {self.log_likelihood:.3f}>"
        )

    def _repr_html_(self) -> str:
        from bonecast.charts import Card, Table, card_html

        rows = tuple(
            (row["parameter"], f"{row['estimate']:.4g} ({row['low90']:.3g} to {row['high90']:.3g})")
            for row in self.table().iter_rows(named=True)
        )
        lines = (
            f"{self.predictions.people} people, {self.predictions.observed.count} observations; "
            f"ln L {self.log_likelihood:.3f}",
        )
        table = Table(("parameter", "estimate (90 % interval)"), rows)
        return card_html(Card(f"Fit of {self.source_model.name}", lines, table=table, remarks=self.notes))

    # Estimates

    @property
    def problem(self) -> Coordinates:
        """The numbers that were searched, on their scales."""
        return self.found.nodes.problem

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all rows of the table: parameters, "omega NAME", "additive OUTPUT", "proportional OUTPUT"."""
        return self.problem.labels

    @cached_property
    def log_likelihood(self) -> float:
        """ln of the marginal likelihood at the estimates, with all constants and without priors."""
        return self.found.nodes.value(self.found.x)

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * int(self.problem.free.sum()) - 2 * self.log_likelihood

    @property
    def converged(self) -> bool:
        """Whether the search came to rest."""
        return self.found.converged

    @property
    def condition_number(self) -> float:
        """Largest over least eigenvalue of the curvature, in units of its own diagonal."""
        return self.uncertainty.condition

    @property
    def values(self) -> dict[str, float]:
        """Every row of the table: label to estimate."""
        return {
            label: self.problem.value(k, x)
            for k, (label, x) in enumerate(zip(self.labels, self.found.x, strict=True))
        }

    def sd_on_scale(self) -> np.ndarray:
        """SD of each coordinate on its scale; zero where it was fixed, infinite where nothing is known."""
        sd = np.zeros(len(self.labels))
        sd[np.flatnonzero(self.problem.free)] = np.sqrt(np.diag(self.uncertainty.covariance))
        return sd

    def table(self) -> pl.DataFrame:
        """The estimates.

        Returns
        -------
        polars.DataFrame
            A row for each parameter, SD between people and residual error: `parameter`, `unit`, `start`, `estimate`,
            `se` (in the unit of the estimate), `rse_pct`, the 90 % interval as `low90` and `high90`, `fixed`, and
            `shrinkage` of a random effect.

        Notes
        -----
        Intervals are symmetric on the scale of the search. With few people a normal one is too narrow: parameters that
        differ between n people take Student's t with n - 1 degrees of freedom. That of an omega is omega
        sqrt(v/chi2(v - 1)), with as many people v as would leave this standard error, 1/(2 se^2), all of them seen
        exactly.
        """
        import polars as pl

        p, x, sd = self.problem, self.found.x, self.sd_on_scale()
        cards = self.source_model.parameter_set.parameters
        shrinkage = self.shrinkage
        rows = []
        for k, label in enumerate(self.labels):
            low, high = self._reach(k, float(sd[k]))
            ends = [p.value(k, float(np.clip(end, -700, 700))) for end in (x[k] + low, x[k] + high)]
            estimate = p.value(k, x[k])
            slope = float(self._slope(k))
            se = abs(slope) * float(sd[k])
            unit = cards[label].unit if k < len(p.names) else self._unit(k)
            share = 100 * se / abs(estimate) if estimate else np.nan
            rows.append(
                (
                    label,
                    unit,
                    p.value(k, p.start[k]),
                    estimate,
                    se,
                    share,
                    *ends,
                    not p.free[k],
                    shrinkage.get(label),
                )
            )
        names = [
            "parameter",
            "unit",
            "start",
            "estimate",
            "se",
            "rse_pct",
            "low90",
            "high90",
            "fixed",
            "shrinkage",
        ]
        return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)

    def _reach(self, k: int, sd: float) -> tuple[float, float]:
        """The ends of the interval of one coordinate, from the estimate, on its scale."""
        p, tail = self.problem, 0.5 - LEVEL / 2
        if not p.free[k] or not np.isfinite(sd):
            return -sd, sd
        if k in p.random:
            high = float(student.ppf(1 - tail, self.predictions.people - 1)) * sd
        elif len(p.names) <= k < len(p.names) + len(p.random) and 0.5 / sd**2 > FEWEST_SEEN:
            seen = 0.5 / sd**2
            ends = 0.5 * np.log(seen / chi2.ppf([1 - tail, tail], seen - 1))
            return float(ends[0]), float(ends[1])
        else:
            high = float(ndtri(1 - tail)) * sd
        return -high, high

    def _slope(self, k: int) -> float:
        p = self.problem
        x = self.found.x[k]
        return p.specification.parameters[p.names[k]].slope(x) if k < len(p.names) else np.exp(x)

    def _unit(self, k: int) -> str:
        label = self.labels[k]
        kind, name = label.split(" ", 1)
        if kind == "omega":
            return f"SD, {self.problem.specification.parameters[name].scale}"
        if kind == "proportional":
            return "share"
        return next((o.unit for o in self.predictions.model.outputs if o.name == name), "")

    def profile(self, name: str, level: float = LEVEL) -> tuple[float, float]:
        """The interval of one row of the table by its profile likelihood.

        Parameters
        ----------
        name : str
            A label of the table.
        level : float
            Of the interval, between 0 and 1.

        Returns
        -------
        tuple of (float, float)
            An end that is not reached is 0 or infinite.
        """
        if name not in self.labels:
            raise UnknownName("profile", "row of the fit", name, self.labels)
        k = self.labels.index(name)
        if not self.problem.free[k]:
            raise InputError(f"profile, {name}", "it was fixed", "profile an estimated one")
        if not 0 < level < 1:
            raise InputError("profile, level", f"{level:g} is not between 0 and 1", "0.9 is usual")
        sd = float(self.sd_on_scale()[k])
        drop = 0.5 * float(ndtri(0.5 + level / 2)) ** 2
        low, high = profile_interval(self.found, k, sd if np.isfinite(sd) else 0.5, drop)
        return self.problem.value(k, max(low, -700.0)), self.problem.value(k, min(high, 700.0))

    def importance_log_likelihood(self, draws: int = 2000, seed: int = 1) -> tuple[float, float]:
        """The log likelihood by importance sampling, with its Monte Carlo error: a check of the quadrature.

        Parameters
        ----------
        draws : int
            Of each person.
        seed : int

        Returns
        -------
        tuple of (float, float)
            ln L and its standard error.
        """
        p, x, nodes = self.problem, self.found.x, self.found.nodes
        if not p.random:
            return self.log_likelihood, 0.0
        rng = np.random.default_rng(seed)
        mean, sd = nodes.moments(x)
        unit = rng.standard_t(5, (self.predictions.people, draws, len(p.random)))
        z = mean[:, None] + 1.1 * sd[:, None] * unit
        density = row_density(self.predictions.observed, self.predictions.of(full(p, x, z)), *p.errors_at(x))
        e = (z - x[list(p.random)]) / p.omega(x)
        log = density.log.sum(axis=2) - 0.5 * (e * e).sum(axis=2)
        log -= np.log(p.omega(x) * np.sqrt(2 * np.pi)).sum()
        log -= student.logpdf(unit, 5).sum(axis=2) - np.log(1.1 * sd).sum(axis=1)[:, None]
        value = logsumexp(log, axis=1)
        share = np.exp(log - value[:, None])
        error = np.sqrt(np.maximum((share**2).sum(axis=1) - 1 / draws, 0.0))
        return float((value - np.log(draws)).sum()), float(np.sqrt((error**2).sum()))

    def draws(self, count: int, seed: int = 1) -> pl.DataFrame:
        """Draw estimates from their joint uncertainty (normal on the scales of the search).

        Parameters
        ----------
        count : int
        seed : int

        Returns
        -------
        polars.DataFrame
            A column for each row of the table.
        """
        import polars as pl

        covariance = self.uncertainty.covariance
        if not np.isfinite(covariance).all():
            raise InputError("draws", "some parameters are not identified", "fix them, or give them priors")
        free = np.flatnonzero(self.problem.free)
        x = np.tile(self.found.x, (count, 1))
        x[:, free] = np.random.default_rng(seed).multivariate_normal(
            self.found.x[free], covariance, size=count
        )
        x = np.clip(x, self.problem.low, self.problem.high)
        return pl.DataFrame(
            {
                label: [self.problem.value(k, value) for value in x[:, k]]
                for k, label in enumerate(self.labels)
            }
        )

    # People

    @cached_property
    def _effects(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean of each person's z given the data, and the random effects (people, random)."""
        mean, _ = self.found.nodes.moments(self.found.x)
        return mean, mean - self.found.x[list(self.problem.random)]

    @cached_property
    def shrinkage(self) -> dict[str, float]:
        """Of each random effect: 1 - SD of the individual estimates over omega."""
        p = self.problem
        if not p.random or self.predictions.people < 2:
            return {}
        spread = self._effects[1].std(axis=0, ddof=1) / p.omega(self.found.x)
        return {f"omega {p.names[j]}": float(1 - spread[k]) for k, j in enumerate(p.random)}

    def individuals(self) -> pl.DataFrame:
        """The people, at the mean of their parameters' distribution given the data.

        Returns
        -------
        polars.DataFrame
            `id`, each fitted parameter, and `eta NAME` of each random effect.
        """
        import polars as pl

        p, at = self.problem, self._individual_places()[:, 0]
        columns: dict[str, Any] = {"id": list(self.predictions.records.ids)}
        for j, name in enumerate(p.names):
            one = p.specification.parameters[name]
            columns[name] = np.asarray(one.from_scale(at[:, j] + self.predictions.shifts[:, j]))
        for k, j in enumerate(p.random):
            columns[f"eta {p.names[j]}"] = self._effects[1][:, k]
        return pl.DataFrame(columns)

    def _individual_places(self) -> np.ndarray:
        return full(self.problem, self.found.x, self._effects[0][:, None])

    # Diagnostics

    def rows(self) -> pl.DataFrame:
        """Every observation with its predictions and residuals.

        Returns
        -------
        polars.DataFrame
            `id`, `time`, `output`, `dv` (the limit where `below`), `below`, `pred` (without random effects), `ipred`
            (of the person), `iwres` (residual in SDs; none below the limit), and `npde` (from simulated studies).
        """
        import polars as pl

        seen, p, x = self.predictions.observed, self.problem, self.found.x
        typical = np.broadcast_to(x[list(p.random)], (self.predictions.people, 1, len(p.random)))
        pred = self.predictions.of(full(p, x, typical))[:, 0]
        ipred = self.predictions.of(self._individual_places())[:, 0]
        sd = self._sd(ipred)
        iwres = np.where(seen.below, np.nan, (seen.value - ipred) / sd)
        person, row = np.nonzero(seen.used)
        ids, outputs = np.array(self.predictions.records.ids), np.array(self.predictions.outputs)
        return pl.DataFrame(
            {
                "id": ids[person],
                "time": seen.time[person, row],
                "output": outputs[seen.output[person, row]],
                "dv": np.where(seen.below, seen.limit, seen.value)[person, row],
                "below": seen.below[person, row],
                "pred": pred[person, row],
                "ipred": ipred[person, row],
                "iwres": iwres[person, row],
                "npde": self._npde()[person, row],
            }
        ).with_columns(pl.col("iwres").fill_nan(None))

    def _sd(self, f: np.ndarray) -> np.ndarray:
        additive, proportional, _ = self.problem.errors_at(self.found.x)
        output = self.predictions.observed.output
        shape = output if f.ndim == 2 else output[:, None]
        return np.hypot(additive[shape], proportional[shape] * f)

    def _studies(self, count: int) -> np.ndarray:
        """y[person, study, row] of simulated studies like the observed one."""
        if count not in self._simulated:
            p, x = self.problem, self.found.x
            rng = np.random.default_rng(self.seed)
            people = self.predictions.people
            z = x[list(p.random)] + p.omega(x) * rng.standard_normal((people, count, len(p.random)))
            f = self.predictions.of(full(p, x, z))
            df = p.errors_at(x)[2][self.predictions.observed.output][:, None]
            normal = rng.standard_normal(f.shape)
            heavy = normal * np.sqrt(
                np.where(np.isinf(df), 1.0, df) / rng.chisquare(np.where(np.isinf(df), 1.0, df), f.shape)
            )
            self._simulated[count] = f + self._sd(f) * np.where(np.isinf(df), normal, heavy)
        return self._simulated[count]

    def _npde(self) -> np.ndarray:
        """Normalised prediction distribution errors [person, row]; values below the limit are drawn below it."""
        seen, studies = self.predictions.observed, self._studies(STUDIES)
        rng = np.random.default_rng(self.seed + 1)
        found = np.full(seen.used.shape, np.nan)
        for i in range(self.predictions.people):
            rows = np.flatnonzero(seen.used[i])
            drawn, value = studies[i][:, rows], seen.value[i, rows].copy()
            for k, row in enumerate(rows):
                if seen.below[i, row]:
                    under = float((drawn[:, k] < seen.limit[i, row]).mean())
                    value[k] = np.quantile(drawn[:, k], rng.uniform(0.0, max(under, 1 / STUDIES)))
            mean = drawn.mean(axis=0)
            spread = np.cov(drawn.T).reshape(len(rows), len(rows))
            root = np.linalg.cholesky(spread + 1e-10 * np.trace(spread) * np.eye(len(rows)))
            apart = np.linalg.solve(root, (drawn - mean).T)
            own = np.linalg.solve(root, value - mean)
            share = (apart < own[:, None]).mean(axis=1)
            found[i, rows] = ndtri(np.clip(share, 0.5 / STUDIES, 1 - 0.5 / STUDIES))
        return found

    def vpc(
        self, studies: int = STUDIES, levels: tuple[float, ...] = (0.1, 0.5, 0.9)
    ) -> VisualPredictiveCheck:
        """Compare observed quantiles with those of simulated studies of the same people and times.

        Parameters
        ----------
        studies : int
        levels : tuple of float

        Returns
        -------
        VisualPredictiveCheck
        """
        from bonecast.cohorts import ComparedOutput, compare_quantiles

        seen, drawn = self.predictions.observed, self._studies(studies)
        day = 24.0 if self.predictions.unit == "h" else 1.0
        limit = self._lowest_limit()
        parts = []
        for k, name in enumerate(self.predictions.outputs):
            person, row = np.nonzero(seen.used & (seen.output == k))
            below = seen.below[person, row]
            lloq = np.where(below, seen.limit[person, row], limit)
            value = np.where(below, lloq, seen.value[person, row])
            output = self.predictions.model.output(name)
            time = seen.time[person, row] / day
            parts.append(ComparedOutput(output, time, value, lloq, below, drawn[person, :, row].T))
        return compare_quantiles(parts, self.predictions.people, levels)

    def _lowest_limit(self) -> float:
        """The limit that rows above it had too, as far as the table says."""
        seen = self.predictions.observed
        return float(seen.limit[seen.below].min()) if seen.below.any() else -np.inf

    def plot(self) -> Any:
        """Draw observations against predictions of the person and of the typical person.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.
        """
        from bonecast.charts import Agreement, Pair, Pairs, stack, style_of

        rows = self.rows()
        pictures = []
        for name in self.predictions.outputs:
            own = rows.filter((rows["output"] == name) & ~rows["below"])
            output = self.predictions.model.output(name)
            kinds = tuple(
                Pairs(
                    word,
                    style_of(k),
                    tuple(
                        Pair(who, float(dv), float(f))
                        for who, dv, f in own.select("id", "dv", column).iter_rows()
                    ),
                )
                for k, (word, column) in enumerate((("of the person", "ipred"), ("typical", "pred")))
            )
            positive = bool((own["dv"] > 0).all() and (own["ipred"] > 0).all() and (own["pred"] > 0).all())
            what = output.quantity[:1].upper() + output.quantity[1:]
            pictures.append(
                Agreement(
                    f"fit-{name}", what, f"{what}: observed and predicted values.", f"observed, {output.unit}",
                    f"predicted, {output.unit}", kinds, 1.25 if positive else 0.0, log=positive,
                    note="Line: equal. Values below the limit of quantification are left out.",
                )
            )  # fmt: skip
        return stack(pictures)

    # Onwards

    @property
    def model(self) -> Model:
        """The model with the estimates as its defaults, their uncertainty and the variability between people.

        Forecasts, cohorts and trials take it as it is. What is not on a log scale goes on without uncertainty.
        """
        p, x = self.problem, self.found.x
        base, values = self.source_model, {n: v for n, v in self.values.items() if n in p.names}
        cards = {
            name: replace(
                card, value=values.get(name, card.value), **({"mark": "calibrated"} if name in values else {})
            )
            for name, card in base.parameter_set.parameters.items()
        }
        effects = tuple(
            RandomEffect(p.names[j], (p.names[j],), float(p.omega(x)[k]), SOURCE, "calibrated", "fitted to data",
                         kind="factor" if p.specification.parameters[p.names[j]].scale == "log" else "added")
            for k, j in enumerate(p.random)
            if p.specification.parameters[p.names[j]].scale != "logit"
        )  # fmt: skip
        kept = tuple(e for e in base.variability.factors if not set(e.parameters) & {e.name for e in effects})
        names = {e.name for e in kept}
        variability = Variability(
            (*kept, *effects),
            {pair: value for pair, value in base.variability.correlations.items() if set(pair) <= names},
            {**base.variability.sources, SOURCE: Source(SOURCE, "Bonecast fit to an event table")},
            base.variability.residuals,
        )  # fmt: skip
        return replace(
            base,
            system=replace(base.system, parameters={**base.system.parameters, **values}),
            parameter_set=replace(base.parameter_set, parameters=cards),
            variability=variability,
            posterior=self._posterior(),
        )

    def _posterior(self) -> CalibrationPosterior | None:
        p = self.problem
        free = np.flatnonzero(p.free)
        own = [
            k for k, j in enumerate(free)
            if j < len(p.names) and p.specification.parameters[p.names[j]].scale == "log"
        ]  # fmt: skip
        covariance = self.uncertainty.covariance[np.ix_(own, own)]
        if not own or not np.isfinite(covariance).all():
            return None
        zero = np.zeros(len(own))
        return CalibrationPosterior(tuple(p.names[free[k]] for k in own), covariance, zero, zero + np.inf)
