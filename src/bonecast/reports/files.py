"""The files of a forecast: written beside their place and renamed at the end, so that none is ever half there."""

from __future__ import annotations

import os
from pathlib import Path

from bonecast.core import check_folder, json_text, write_texts
from bonecast.forecasts import Forecast
from bonecast.reports.machine import as_csv, as_json, content
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
    return write_texts(folder, {"report.html": render(forecast)})["report.html"]


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
    return write_texts(folder, {"forecast.csv": as_csv(forecast), "forecast.json": as_json(forecast)})


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
    held = content(forecast)
    texts = {
        "report.html": render(forecast),
        "forecast.csv": as_csv(forecast),
        "forecast.json": json_text(held),
        "manifest.json": json_text(held["manifest"]),
    }
    paths = write_texts(folder, texts if dates is None else {**texts, place.name: dates})
    if dates is None:
        place.unlink(missing_ok=True)
    return paths
