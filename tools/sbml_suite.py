"""Run the SBML semantic test suite and print what passes, what is wrong and what is refused, by tag.

    python tools/sbml_suite.py FOLDER [--case 00028] [--show]

FOLDER holds `cases/NNNNN/` with the model, its settings and its results, and `index.csv`.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bonecast.errors import BonecastError, InputError
from bonecast.interop import read_sbml


def settings_of(folder: Path) -> dict[str, str]:
    """The settings of a case."""
    text = next(folder.glob("*-settings.txt")).read_text()
    return {
        k.strip(): v.strip() for k, _, v in (line.partition(":") for line in text.splitlines()) if k.strip()
    }


def listed(text: str) -> list[str]:
    """Names between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def number(text: str) -> float:
    """A number as the suite writes it."""
    return float(text.strip().replace("INF", "inf"))


def try_case(folder: Path, model_file: Path) -> tuple[str, str]:
    """Outcome ("pass", "wrong", "refused", "error") and its reason."""
    settings = settings_of(folder)
    rows = list(csv.reader(next(folder.glob("*-results.csv")).open()))
    expected = np.array([[number(c) for c in row] for row in rows[1:] if row])
    names = [c.strip() for c in rows[0]][1:]
    amounts, concentrations = listed(settings.get("amount", "")), listed(settings.get("concentration", ""))
    steps, duration = int(settings["steps"]), float(settings["duration"])
    times = [duration * i / steps for i in range(steps + 1)]
    try:
        model = read_sbml(model_file)
        wanted = [
            (n, "amount" if n in amounts else "concentration" if n in concentrations else "") for n in names
        ]
        got = model.course(times, wanted)
    except BonecastError as error:
        return "refused" if isinstance(error, InputError) else "error", str(error)
    except Exception as error:
        return "error", f"{type(error).__name__}: {error}"
    want = expected[:, 1:]
    if want.shape != got.shape:
        return "wrong", f"shape {got.shape}, not {want.shape}"
    allowed = float(settings["absolute"]) + float(settings["relative"]) * np.abs(want)
    with np.errstate(invalid="ignore"):
        fine = (np.abs(want - got) <= allowed) | (want == got) | (np.isnan(want) & np.isnan(got))
    if fine.all():
        return "pass", ""
    i, j = np.argwhere(~fine)[0]
    return "wrong", f"{names[j]} at {times[i]:g}: {got[i, j]!r}, not {want[i, j]!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--show", action="store_true", help="say every case that does not pass")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    index = [
        r
        for r in csv.DictReader((chosen.folder / "index.csv").open())
        if not chosen.case or r["case"] in chosen.case
    ]
    outcomes: Counter[str] = Counter()
    tags: dict[str, Counter[str]] = {}
    began = time.perf_counter()
    slow: list[tuple[float, Any]] = []
    for row in index:
        start = time.perf_counter()
        outcome, reason = try_case(
            chosen.folder / "cases" / row["case"], chosen.folder / "cases" / row["file"]
        )
        slow.append((time.perf_counter() - start, row["case"]))
        outcomes[outcome] += 1
        for tag in (row["componentTags"] + ";" + row["testTags"]).split(";"):
            tags.setdefault(tag.strip() or "-", Counter())[outcome] += 1
        if outcome != "pass" and (chosen.show or chosen.case):
            print(row["case"], outcome, reason)
    seconds = time.perf_counter() - began
    counted = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    print(f"{sum(outcomes.values())} cases in {seconds:.1f} s: {counted}")
    print("slowest:", ", ".join(f"{case} {taken:.1f} s" for taken, case in sorted(slow, reverse=True)[:5]))
    for tag, counts in sorted(tags.items()):
        shown = "  ".join(f"{counts[k]:5d} {k}" for k in ("pass", "wrong", "refused", "error") if counts[k])
        print(f"  {tag:32s} {shown}")
    return 0 if set(outcomes) <= {"pass", "refused"} else 1


if __name__ == "__main__":
    sys.exit(main())
