"""The files of a forecast: written beside their place and renamed at the end, so that none is ever half there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bonecast.core import atomic_write, check_folder
from bonecast.errors import InputError, printable
from bonecast.forecasts import Forecast
from bonecast.reports.machine import as_csv, as_json
from bonecast.reports.manifest import manifest
from bonecast.reports.page import render
from bonecast.reports.safety import calendar_of


def write_report(forecast: Forecast, folder: str | os.PathLike[str]) -> Path:
    """Write report.html into the folder.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    folder : path
        Made if it is missing.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    return _written(folder, {"report.html": render(forecast)})["report.html"]


def write_tables(forecast: Forecast, folder: str | os.PathLike[str]) -> dict[str, Path]:
    """Write forecast.csv and forecast.json into the folder.

    forecast.csv is long: strategy, date, months_from_now, output, unit, p05, p25, p50, p75, p95.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    folder : path
        Made if it is missing.

    Returns
    -------
    dict
        File name to path.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    return _written(folder, _tables(forecast))


def write_all(forecast: Forecast, folder: str | os.PathLike[str]) -> dict[str, Path]:
    """Write report.html, forecast.csv, forecast.json, manifest.json and calendar.ics, each when all are complete.

    Where the care rules withhold the injection there is no calendar.ics, and that of an earlier run is removed. The
    calendar bears the moment at which it was written; one that has not changed stays as it is.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    folder : path
        Made if it is missing.

    Returns
    -------
    dict
        File name to path.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    place = check_folder(folder) / "calendar.ics"
    dates = calendar_of(forecast.patient, place.read_bytes() if place.is_file() else None)
    repeat = json.dumps(manifest(forecast), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    texts = {"report.html": render(forecast), **_tables(forecast), "manifest.json": repeat}
    paths = _written(folder, texts if dates is None else {**texts, place.name: dates})
    if dates is None:
        place.unlink(missing_ok=True)
    return paths


def _tables(forecast: Forecast) -> dict[str, str]:
    return {"forecast.csv": as_csv(forecast), "forecast.json": as_json(forecast)}


def _written(folder: str | os.PathLike[str], texts: Mapping[str, str]) -> dict[str, Path]:
    home = check_folder(folder)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = f"'{printable(folder, 120)}' cannot be made ({error.strerror})"
        raise InputError("out", cause, "name another folder") from None
    paths = {name: home / name for name in texts}
    with ExitStack() as waiting:
        for name, text in texts.items():
            beside = waiting.enter_context(atomic_write(paths[name]))
            beside.write_text(text, encoding="utf-8", newline="\n")
    return paths
