"""The people of an event table as arrays, and what the model predicts for their observations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.engine import moving, timing_parameters
from bonecast.errors import InputError
from bonecast.fitting.specification import FitSpecification
from bonecast.interop import EventRecords
from bonecast.models import Model
from bonecast.simulation import EventRun, TimeUnit, moves_events, time_unit_of, with_outputs

RTOL = 1e-6
STEP = 1e-4  # on the scale of a parameter, where derivatives are differences
STEP_RTOL = 1e-9


@dataclass(frozen=True)
class Observed:
    """Observations of all people, people by row; rows that a person does not have are not `used`.

    output : position of the output that a row observes; limit : LLOQ of a row below it.
    """

    used: np.ndarray
    below: np.ndarray
    value: np.ndarray
    limit: np.ndarray
    output: np.ndarray
    time: np.ndarray

    @property
    def count(self) -> int:
        """Observations in all."""
        return int(self.used.sum())


class Predictions:
    """What a model predicts for every observation of a table, for any parameters of its people.

    Parameters
    ----------
    model : Model
        The model.
    records : EventRecords
        The table.
    specification : FitSpecification
        What is fitted.
    blq : str
        "m1" leaves out values below the limit of quantification.
    time_unit : {"h", "d"}, optional
        Unit of the table.
    """

    def __init__(
        self,
        model: Model,
        records: EventRecords,
        specification: FitSpecification,
        blq: str,
        time_unit: TimeUnit | None,
    ) -> None:
        self.specification, self.records = specification, records
        self.outputs = tuple(specification.residual)
        self.model, _ = with_outputs(model, self.outputs)
        self.parameters = specification.parameters
        self.names = tuple(self.parameters)
        self.unit = time_unit_of(time_unit, "h" if records.clock else model.system.time_unit)
        per_unit = model.system.per_day / (24.0 if self.unit == "h" else 1.0)
        self._runs: list[EventRun] = []
        self._rows: list[np.ndarray] = []
        systems = None
        for i in range(len(records.ids)):
            run = EventRun(
                self.model,
                records.only(i),
                Cohort(self.model, np.arange(1), {}),
                per_unit,
                "locf",
                None,
                False,
            )
            systems = run.systems = run.systems if systems is None else systems
            self._runs.append(run)
        for name in self.names:
            if name in self._runs[0].covariates:
                where = f"{records.place}, column {name}"
                raise InputError(where, f"it sets {name}, which is to be fitted", "leave one of them out")
        timing = timing_parameters(model.system)
        rates = bool((np.nan_to_num(records.rate) != 0).any())
        self.smooth = not any(name in timing or moves_events(name, rates) for name in self.names)
        self.smooth &= not (records.ss == 2).any()
        self.observed = self._observations(blq)
        self.shifts = self._covariates()
        self.evaluations = 0

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self._runs)

    def of(self, z: np.ndarray) -> np.ndarray:
        """f[person, k, row] for z[person, k, parameter], on the scales of the parameters."""
        found = np.zeros((*z.shape[:2], self.observed.used.shape[1]))
        for i in range(self.people):
            found[i] = self._one(i, z[i], RTOL)
        return found

    def slopes(self, z: np.ndarray, which: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """f[person, k, row], and its derivatives [person, k, row, parameter] by some parameters on their scales."""
        size, rows = z.shape[1], self.observed.used.shape[1]
        values = np.zeros((self.people, size, rows))
        found = np.zeros((self.people, size, rows, len(which)))
        for i in range(self.people):
            if self.smooth:
                repeated = np.repeat(z[i], len(which), axis=0)
                directions = [{moving(self.names[place]): 1.0} for place in which * size]
                made = self._one(i, repeated, RTOL, directions).reshape(size, len(which), 2, rows)
                values[i], found[i] = made[:, 0, 0], made[:, :, 1].transpose(0, 2, 1)
            else:
                step = STEP * np.eye(z.shape[2])[which]
                sides = [z[i][:, None], z[i][:, None] + step, z[i][:, None] - step]
                made = self._one(i, np.concatenate(sides, axis=1).reshape(-1, z.shape[2]), STEP_RTOL)
                made = made.reshape(size, 1 + 2 * len(which), rows)
                values[i] = made[:, 0]
                ahead, behind = made[:, 1 : 1 + len(which)], made[:, 1 + len(which) :]
                found[i] = ((ahead - behind) / (2 * STEP)).transpose(0, 2, 1)
        return values, found

    def _one(
        self, i: int, z: np.ndarray, rtol: float, directions: list[dict[str, float]] | None = None
    ) -> np.ndarray:
        """[k, row] of one person; with directions [k, 2, row], the second part being the derivatives."""
        values = {
            name: np.asarray(one.from_scale(z[:, j] + self.shifts[i, j]), np.float64)
            for j, (name, one) in enumerate(self.parameters.items())
        }
        for k, direction in enumerate(directions or ()):  # along the scale of each parameter
            for j, (name, one) in enumerate(self.parameters.items()):
                if moving(name) in direction:
                    direction[moving(name)] = float(one.slope(z[k, j] + self.shifts[i, j]))
        run = self._runs[i].of(Cohort(self._runs[i].model, np.arange(len(z)), values), directions or ())
        self.evaluations += len(z)
        made = run.values(self.outputs, rtol)
        made = made.reshape(len(z), -1, made.shape[1])
        rows = self._rows[i]
        pick = self.observed.output[i, : len(rows)]
        found = np.zeros((len(z), self.observed.used.shape[1]))
        found[:, : len(rows)] = made[:, rows, pick]
        if directions is None:
            return found
        moves = np.zeros_like(found)
        moves[:, : len(rows)] = made[:, rows, len(self.outputs) + pick]
        return np.stack([found, moves], axis=1)

    def _observations(self, blq: str) -> Observed:
        records = self.records
        of_row = self._output_of_row()
        self._rows, parts = [], []
        for i in range(len(records.ids)):
            rows = np.flatnonzero(records.individual == i)
            seen = records.observed[rows] & ~(records.below[rows] & (blq == "m1"))
            own = np.flatnonzero(seen)
            self._rows.append(own)
            parts.append(rows[own])
        width = max(map(len, parts))
        if width == 0:
            raise InputError(
                f"{records.place}, column DV", "nothing is observed", "give DV in rows of EVID 0, MDV 0"
            )
        shape = (len(parts), width)
        used, below = np.zeros(shape, bool), np.zeros(shape, bool)
        value, limit, time = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        output = np.zeros(shape, np.int64)
        for i, rows in enumerate(parts):
            here = slice(0, len(rows))
            used[i, here], below[i, here] = True, records.below[rows]
            value[i, here] = np.where(records.below[rows], 0.0, records.dv[rows])
            limit[i, here] = np.where(records.below[rows], records.lloq[rows], 0.0)
            output[i, here], time[i, here] = of_row[rows], records.time[rows]
        return Observed(used, below, value, limit, output, time)

    def _output_of_row(self) -> np.ndarray:
        count = len(self.records.time)
        if len(self.outputs) == 1:
            return np.zeros(count, np.int64)
        column = next((name for name in self.records.others if name.upper() == "DVID"), None)
        stated = {
            error.dvid or name: k for k, (name, error) in enumerate(self.specification.residual.items())
        }
        if column is None:
            cause = f"{len(self.outputs)} outputs are observed, and no column says which row observes which"
            raise InputError(f"{self.records.place}, column DVID", cause, "add it, and dvid to each residual")
        found = np.zeros(count, np.int64)
        for row, cell in enumerate(self.records.others[column]):
            text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
            if not self.records.observed[row]:
                continue
            if text not in stated:
                cause = f"'{text}' is none of {', '.join(stated)}"
                raise InputError(
                    self.records.where(row, column), cause, "give residual errors a dvid of this value"
                )
            found[row] = stated[text]
        return found

    def _covariates(self) -> np.ndarray:
        """shifts[person, parameter] on the scale of the parameter, from covariates that are constant in a person."""
        shifts = np.zeros((len(self._runs), len(self.names)))
        for j, (name, one) in enumerate(self.parameters.items()):
            for column, (power, reference) in one.covariates.items():
                place = f"fit, parameter {name}, covariate {column}"
                if column not in self.records.others:
                    raise InputError(
                        place, "the data have no such column", f"columns: {', '.join(self.records.others)}"
                    )
                cells = self.records.numbers(column)
                for i in range(len(self._runs)):
                    own = cells[self.records.individual == i]
                    given = np.unique(own[~np.isnan(own)])
                    if len(given) != 1 or given[0] <= 0:
                        cause = f"ID {self.records.ids[i]} has no single value above zero"
                        raise InputError(place, cause, "give each person one, or put it into the model")
                    shifts[i, j] += power * np.log(given[0] / reference)
        return shifts
