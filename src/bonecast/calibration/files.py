"""The files that a calibration writes: cards and their uncertainty."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from bonecast.calibration.fit import CalibrationFit
from bonecast.core import atomic_write
from bonecast.evidence import Row

ROWS_NAMED = 3
LEAST_PULL = 0.1  # of a row's SD per prior SD of a parameter: below it a row does not speak of it


def pulled_by(found: CalibrationFit, rows: tuple[Row, ...], i: int) -> list[tuple[str, float]]:
    """The rows that pull parameter i most: id, and SDs of the row per prior SD of the parameter."""
    pull = found.pull[:, i]
    order = np.argsort(-np.abs(pull))[:ROWS_NAMED]
    return [(rows[j].id, float(pull[j])) for j in order if abs(pull[j]) >= LEAST_PULL]


def write_cards(path: Path, found: CalibrationFit, rows: tuple[Row, ...]) -> None:
    """`calibrated.toml`: value, relative uncertainty and the rows behind each calibrated card."""
    lines = ["# Written by `make calibrate`; not by hand.\n"]
    for i, name in enumerate(found.names):
        named = (
            "; ".join(row for row, _ in pulled_by(found, rows, i)) or "none: it stays where the prior put it"
        )
        lines.append(f'[{name}]\nvalue = {found.values[i]:.5g}\ncv = {found.cv[i]:.3f}\nrows = "{named}"\n')
    _write(path, "\n".join(lines))


def write_posterior(path: Path, found: CalibrationFit) -> None:
    """`posterior.csv`: the covariance of the logarithms."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ln", *found.names])
    rounded = np.round((found.covariance + found.covariance.T) / 2, 7)
    for name, row in zip(found.names, rounded, strict=True):
        writer.writerow([name, *(f"{x:g}" for x in row)])
    _write(path, text.getvalue())


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as beside:
        Path(beside).write_text(text, encoding="utf-8")
