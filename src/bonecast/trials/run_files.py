"""A finished run in its folder: found, checked against its design, and read."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl

from bonecast.errors import InputError, printable
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.chunks import chunks
from bonecast.trials.design import Design
from bonecast.trials.reader import design_of

DESIGN, RUN = "design.toml", "run.json"


def find_run(folder: str | os.PathLike[str]) -> tuple[Design | BoneDesign, tuple[Path, ...]]:
    """Find the design and the files of a finished run; nothing is read yet.

    Parameters
    ----------
    folder : str or path
        Folder of the run.

    Returns
    -------
    tuple of (Design or BoneDesign, tuple of Path)
        The design and the files in order.

    Raises
    ------
    InputError
        If the folder holds no run, or parts are missing.
    """
    home, place = Path(folder), printable(os.fspath(folder), 120)
    try:
        report = json.loads((home / RUN).read_text("utf-8"))
        text = (home / DESIGN).read_text("utf-8")
        trials, seed, was = int(report["trials"]), int(report["seed"]), str(report["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(place, "this is not the folder of a run", "name the folder of --out") from None
    design = replace(design_of(text, f"{place}, {DESIGN}"), trials=trials, seed=seed)
    if design.hash != was:
        cause = "its design or the model has changed since it was run"
        raise InputError(place, cause, "run it again into another folder")
    pieces = chunks(design)
    missing = [piece for piece in pieces if not (home / piece.name).exists()]
    if missing:
        cause = f"{len(missing)} of {len(pieces)} chunks are missing"
        raise InputError(place, cause, "let bonecast trial run go on where it was")
    return design, tuple(home / piece.name for piece in pieces)


def read_run(folder: str | os.PathLike[str]) -> tuple[Design | BoneDesign, pl.DataFrame]:
    """Read the design and all outcomes of a finished run.

    Parameters
    ----------
    folder : str or path
        Folder of the run.

    Returns
    -------
    tuple of (Design or BoneDesign, polars.DataFrame)
        The design, and outcomes in order of trial, scenario and person.

    Raises
    ------
    InputError
        If the folder holds no run, or parts are missing or cannot be read.
    """
    design, files = find_run(folder)
    frames = []
    for path in files:
        try:
            frames.append(pl.read_parquet(path))
        except (OSError, pl.exceptions.PolarsError):
            cause = f"{path.name} cannot be read"
            raise InputError(printable(os.fspath(folder), 120), cause, "delete it and run again") from None
    return design, pl.concat(frames)
