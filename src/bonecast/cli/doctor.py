"""`bonecast doctor`: what this installation is, and how fast it runs here."""

from __future__ import annotations

import platform
import time
from typing import Any

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import hear_notices

COMPILER = "llvmlite"  # comes with numba, and decides with it what a kernel is
MODEL, PLAN, SPAN = "peterson-riggs-2010", "denosumab 60 mg every 6 months x 20", "10 years"
PEOPLE = 128


def doctor(as_json: AsJson = False) -> None:
    """Versions, cache, threads, SIMD width, and the time for 1,000 people measured on a small run."""
    hear_notices()
    found = examine()
    if as_json:
        return echo_json(found)
    table(["what", "version"], list(found["versions"].items()))
    heading("This machine")
    machine = [
        ("processor", found["processor"]),
        ("threads", found["threads"]),
        ("people in one vector", found["simd_lanes"]),
        ("kernel cache", found["cache_folder"]),
        ("examples", found["examples_folder"]),
        ("documentation", found["documentation_folder"]),
        (f"1,000 people, {SPAN}", f"{found['seconds_per_1000_people']:.2f} s"),
    ]
    table(["what", "here"], machine)
    echo(f"measured with {found['measured']}")
    heading("Kernels in the cache")
    for name in found["kernels"]:
        echo(name)


def examine() -> dict[str, Any]:
    """The same as plain data; compiles the kernel of the biggest model if it is not in the cache."""
    from bonecast import __version__, shipped
    from bonecast.engine import cache_folder, simd_lanes, usual_threads

    seconds = _seconds_per_1000()
    folder = cache_folder()
    return {
        "versions": {"bonecast": __version__, "python": platform.python_version(), **_versions()},
        "processor": _processor(),
        "threads": usual_threads(),
        "simd_lanes": simd_lanes(),
        "cache_folder": str(folder),
        "examples_folder": str(shipped.examples()),
        "documentation_folder": str(shipped.documentation()),
        "kernels": sorted(path.name for path in folder.iterdir() if path.is_dir()),
        "seconds_per_1000_people": seconds,
        "measured": f"{PEOPLE} people of {MODEL}, {PLAN}, {SPAN}, rtol 1e-5",
    }


def _versions() -> dict[str, str]:
    """Of each package that the installation asks for, without those of its extras."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    asked = [line for line in requires("bonecast") or () if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in asked]
    found = {}
    for package in sorted((*names, COMPILER)):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def _processor() -> str:
    from llvmlite import binding

    return f"{platform.machine()}, {binding.get_host_cpu_name()}"


def _seconds_per_1000() -> float:
    """Seconds for 1,000 people, from a run of a few; the kernel is loaded before the clock starts."""
    from bonecast.cohorts import draw_cohort, simulate
    from bonecast.models import load_model
    from bonecast.regimens import parse_span

    days = [parse_span(SPAN) * i / 120 for i in range(121)]
    people = draw_cohort(load_model(MODEL), PEOPLE, seed=1)
    simulate(people.select(range(8)), PLAN, days[:2])
    began = time.perf_counter()
    simulate(people, PLAN, days)
    return (time.perf_counter() - began) * 1000 / PEOPLE
