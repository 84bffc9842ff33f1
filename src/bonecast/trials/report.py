"""The report of a run: one HTML page, and a CSV beside it for every table and picture."""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

import polars as pl

from bonecast.charts import Panel, svg, table
from bonecast.core import DISCLAIMER, Progress, atomic_write, check_folder
from bonecast.reports import report_style, report_template
from bonecast.trials.characteristics import Characteristic, analyse_all, characteristics
from bonecast.trials.design import Design
from bonecast.trials.endpoints import EffectRow
from bonecast.trials.pictures import pictures
from bonecast.trials.report_bone import report_bone
from bonecast.trials.report_source import source_of
from bonecast.trials.run_files import find_run, read_run
from bonecast.trials.tables import (
    Shown,
    characteristic_table,
    first_trial,
    flow_table,
    published,
    subgroup_table,
)


def report_trials(
    folder: str | os.PathLike[str], progress: Progress | None = None
) -> tuple[tuple[Characteristic, ...] | tuple[EffectRow, ...], dict[str, Path]]:
    """Analyse a finished run and write its report into the same folder.

    Parameters
    ----------
    folder : str or path
        Folder of the run.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    tuple of (tuple of Characteristic or tuple of EffectRow, dict of str to Path)
        Operating characteristics (of a bone trial the decisive comparison of each endpoint), and files by name:
        report.html and CSV tables.

    Raises
    ------
    InputError
        If the run cannot be read, or the folder cannot be written.
    """
    planned, found_files = find_run(folder)
    if not isinstance(planned, Design):
        return report_bone(planned, source_of(found_files), folder, progress)
    return _window(folder, progress)


def _window(
    folder: str | os.PathLike[str], progress: Progress | None
) -> tuple[tuple[Characteristic, ...], dict[str, Path]]:
    design, outcomes = read_run(folder)
    assert isinstance(design, Design)  # asked by report_trials
    home = check_folder(folder)
    analysed = analyse_all(design, outcomes, progress)
    found = characteristics(design, analysed)
    shown = (
        flow_table(design, outcomes),
        characteristic_table(design, found, "share"),
        characteristic_table(design, found, "mean"),
        first_trial(design, analysed),
        subgroup_table(design, analysed),
    )
    drawn = pictures(design)
    texts = {
        "report.html": _page(design, found, shown, drawn),
        "trials.csv": analysed.write_csv(float_precision=6),
    }
    texts |= {f"{one.key}.csv": one.data.write_csv(float_precision=6) for one in shown}
    texts |= {f"figure-{one.key}.csv": _curves(one) for one in drawn}
    with ExitStack() as waiting:
        for name, text in texts.items():
            waiting.enter_context(atomic_write(home / name)).write_text(text, encoding="utf-8", newline="\n")
    return found, {name: home / name for name in texts}


def _page(
    design: Design, found: tuple[Characteristic, ...], shown: tuple[Shown, ...], drawn: tuple[Panel, ...]
) -> str:
    import bonecast

    page = report_template(files("bonecast") / "trials" / "trial.html.jinja")
    return page.render(
        design=design,
        model=design.model,
        standing=DISCLAIMER,
        style=report_style(),
        version=bonecast.__version__,
        tables={one.key: one for one in shown},
        drawn=[{"picture": one, "svg": svg(one), "table": table(one)} for one in drawn],
        chance=headline(design, found),
        published=published(),
    )


def headline(design: Design, found: tuple[Characteristic, ...]) -> dict[str, dict[str, tuple[float, float]]]:
    """The numbers of the first sentences, in % with their error, by truth.

    pattern : a rise within the treated arm alone. whole : and responders that do not differ, as published with it.
    decisive : the comparison between arms.
    """
    treated, control = (arm.name for arm in design.arms)
    names = {
        "pattern": f"TIL: {treated} rises and {control} does not",
        "whole": f"TIL: {treated} rises, {control} does not, responders do not differ",
        "decisive": "TIL: arms differ, analysis of covariance",
    }
    at = {(one.name, one.truth): (100 * one.value, 100 * one.error) for one in found}
    return {truth.name: {key: at[name, truth.name] for key, name in names.items()} for truth in design.truths}


def _curves(panel: Panel) -> str:
    """All curves of a picture in long form."""
    rows = [
        (series.name, x, *(quantile[i] for quantile in series.quantiles))
        for series in panel.series
        for i, x in enumerate(series.x)
    ]
    columns = ["series", "day", "p05", "p25", "p50", "p75", "p95"]
    return pl.DataFrame(rows, schema=columns, orient="row").write_csv(float_precision=6)
