"""Predictions written down before a result is known: dated, with the model and design that they come from, and hashed.

A design is a table of the form of the project's own, without values. What is registered holds every row as it was read,
its prediction with intervals, and the hashes of design and model; the last hash is of all of it. Changing a
number afterwards changes the hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from bonecast.core import Progress, read_text
from bonecast.errors import InputError
from bonecast.evidence.predict import USUAL, predict_table
from bonecast.evidence.reader import rows_in
from bonecast.evidence.row import Row
from bonecast.models import DEFAULT_MODEL, Model, load_model

SHA = "sha256"  # of everything else in what is registered
_DESIGNS = files("bonecast.evidence") / "registered"


def design_names() -> list[str]:
    """List the designs that come with the package.

    Returns
    -------
    list of str
        Their names.

    Examples
    --------
    >>> len(design_names())
    3
    """
    return sorted(
        entry.name.removesuffix(".csv") for entry in _DESIGNS.iterdir() if entry.name.endswith(".csv")
    )


def design_text(design: str) -> tuple[str, str]:
    """Find a design: one that comes with the package, or a file.

    Parameters
    ----------
    design : str
        Name of a design, or path of a CSV file.

    Returns
    -------
    tuple of (str, str)
        Its name and its text.

    Raises
    ------
    InputError
        If there is no such design and no such file.
    """
    if design in design_names():
        return design, (_DESIGNS / f"{design}.csv").read_text(encoding="utf-8")
    if not design.endswith(".csv"):
        hint = f"give a CSV file, or one of {', '.join(design_names())}"
        raise InputError("design", f"there is no design called {design!r}", hint)
    return Path(design).stem, read_text(Path(design), design)


def register_prediction(
    design: str,
    model: str | Model = DEFAULT_MODEL,
    people: int = USUAL,
    seed: int = 1,
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Predict the rows of a design, and write down what the prediction rests on.

    Parameters
    ----------
    design : str
        Name of a design that comes with the package, or path of a CSV file.
    model : str or Model
        Library name, or a model.
    people : int
        Virtual people in each arm.
    seed : int
        The same seed gives the same people.
    today : date, optional
        Date of the registration; today's by default.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    dict
        What is registered, ready for JSON.

    Raises
    ------
    InputError
        If a row of the design has a value: a result that is known is not registered.

    Examples
    --------
    >>> found = register_prediction("second-year-after-denosumab", "choi-2025", 20, today=dt.date(2026, 1, 2))
    >>> found["registered"], is_unchanged(found)
    ('2026-01-02', True)
    """
    name, text = design_text(design)
    rows = rows_in(text, f"{name}.csv")
    known = [row.id for row in rows if row.value is not None]
    if known:
        raise InputError(name, f"row {known[0]} has a value", "leave the values of a design blank")
    loaded = load_model(model)
    made = predict_table(rows, loaded, people, seed, progress)
    whole: dict[str, Any] = {
        "design": name,
        "registered": (today or dt.date.today()).isoformat(),
        "model": loaded.name,
        "people": people,
        "seed": seed,
        "design sha256": hashlib.sha256(text.encode()).hexdigest(),
        "model sha256": model_digest(loaded),
        "rows": [
            {
                **_as_published(row),
                "prediction": _short(one.value),
                "lo90": _short(one.lo90),
                "hi90": _short(one.hi90),
                "lo50": _short(one.lo50),
                "hi50": _short(one.hi50),
                "remark": one.note,
            }
            for row, one in zip(rows, made, strict=True)
        ],
    }
    return {**whole, SHA: _digest(whole)}


def is_unchanged(registered: dict[str, Any]) -> bool:
    """Tell whether a registered prediction still has the hash with which it was written.

    Parameters
    ----------
    registered : dict
        What `register_prediction` made.

    Returns
    -------
    bool
    """
    return registered.get(SHA) == _digest({key: value for key, value in registered.items() if key != SHA})


def model_digest(model: Model) -> str:
    """Hash what a model is made of: equations, numbers, their uncertainty, and its structural error.

    Parameters
    ----------
    model : Model
        A model.

    Returns
    -------
    str
    """
    digest = hashlib.sha256()
    for source in sorted(model.system.sources):
        digest.update(Path(source).read_bytes())
    digest.update(json.dumps(sorted(model.system.parameters.items())).encode())
    if model.posterior is not None:
        digest.update(json.dumps(model.posterior.covariance.tolist()).encode())
    if model.discrepancy is not None:
        digest.update(repr(model.discrepancy.rows).encode())
    return digest.hexdigest()


def registered_page(registered: Sequence[dict[str, Any]]) -> str:
    """Write the page of registered predictions, in Markdown.

    Parameters
    ----------
    registered : sequence of dict
        What was registered, in the order of the page.

    Returns
    -------
    str
    """
    lines = [
        "# Registered predictions",
        "",
        "<!-- Written from docs/registered/*.json by `bonecast.evidence.registered_page`; not by hand. -->",
        "",
        "Predictions of trials whose results are not known here, written down beforehand:"
        " `bonecast evidence register DESIGN` dates and hashes them. The brackets hold the 90 % interval of the arm's"
        " figure: sampling of its persons, uncertain parameters, differences between trials, and the structural error"
        " of the model. Changes are of BMD in percent between the months that are named; where no number of persons is"
        " known, 100 are assumed. What was registered stays as it was; a later model registers beside an earlier one.",
        "",
    ]
    for one in registered:
        lines += [
            f"## {one['design'].replace('-', ' ').capitalize()}, by {one['model']}",
            "",
            f"Registered on {one['registered']} with `{one['model']}` ({one['people']} virtual people in each arm,"
            f" seed {one['seed']}); [file](registered/{one['design']}-{one['model']}.json), SHA-256 `{one[SHA]}`.",
            "",
            "| arm | persons | figure | months | prediction | 50 % interval | remark |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *(_line(row) for row in one["rows"]),
            "",
        ]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    months = f"{row['change_from_month']:g} to {row['month']:g}" if row["month"] is not None else ""
    found, half = "", ""
    if row["prediction"] is not None:
        found = f"{row['prediction']:+.1f} ({row['lo90']:+.1f} to {row['hi90']:+.1f})"
        half = f"{row['lo50']:+.1f} to {row['hi50']:+.1f}"
    remark = "; ".join(text for text in (row["note"], row["remark"]) if text)
    persons = "" if row["n"] is None else f"{row['n']:g}"
    return f"| {row['arm']} | {persons} | `{row['endpoint']}` | {months} | {found} | {half} | {remark} |"


def _as_published(row: Row) -> dict[str, Any]:
    """What a result will be held against: whose, under which regimen, of what and when."""
    return {
        "id": row.id,
        "arm": row.arm,
        "n": row.n,
        "population": row.population,
        "plan": row.plan.text if row.plan else "",
        "comparator_plan": row.comparator_plan.text if row.comparator_plan else "",
        "endpoint": row.endpoint,
        "month": row.month,
        "change_from_month": row.change_from_month or 0.0,
        "statistic": row.statistic,
        "note": row.note,
    }


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _digest(whole: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
