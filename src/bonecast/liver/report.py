"""The folder of one assessment: the results as JSON, and the pictures with the tables behind them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from bonecast.charts import Picture, Table, png, table
from bonecast.core import atomic_write
from bonecast.liver.assessment import Assessment


def write_assessment(assessment: Assessment, folder: Path) -> dict[str, Path]:
    """Write liver.json, timeline.png and, where the person has a place, edish.png, each with its table as CSV.

    Parameters
    ----------
    assessment : Assessment
        What is written.
    folder : Path
        Where; made where it does not exist.

    Returns
    -------
    The paths by name of file.

    Raises
    ------
    InputError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from bonecast.liver import assess
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(write_assessment(assess("examples/liver-case.toml"), Path(folder)))
    ['edish.csv', 'edish.png', 'liver.json', 'timeline.csv', 'timeline.png']
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(assessment.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    with atomic_write(folder / "liver.json") as beside:
        beside.write_text(text + "\n", encoding="utf-8")
    paths = {"liver.json": folder / "liver.json"}
    pictures = {picture.key: picture for picture in assessment.pictures}
    for name in ("timeline", "edish"):
        target = folder / f"{name}.png"
        if name not in pictures:
            target.unlink(missing_ok=True)  # one of an earlier run would be of other values
            continue
        paths[target.name] = write_picture(pictures[name], target)
        paths[f"{name}.csv"] = _write_table(table(pictures[name]), folder / f"{name}.csv")
    return paths


def write_picture(picture: Picture, target: Path) -> Path:
    """Write a picture as PNG.

    Parameters
    ----------
    picture : Picture
        What is drawn.
    target : Path
        The file.

    Returns
    -------
    The path of the file.

    Raises
    ------
    InputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from bonecast.liver import assess, timeline
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_picture(timeline(assess("examples/liver-case.toml")), Path(folder) / "a.png").name
    'a.png'
    """
    drawn = png(picture)
    with atomic_write(target) as beside:
        beside.write_bytes(drawn)
    return target


def _write_table(data: Table, target: Path) -> Path:
    with atomic_write(target) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([data.columns, *data.rows])
    return target
