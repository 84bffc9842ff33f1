"""The synopsis of a trial's protocol, and the report of its simulation, as Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from bonecast.core import DISCLAIMER, Progress
from bonecast.errors import InputError
from bonecast.trials.bone.adherence import adherence_table
from bonecast.trials.bone.design import FILM, BoneDesign
from bonecast.trials.bone.noise import noise_table
from bonecast.trials.endpoints import EVENT_KINDS, TrialEndpoint
from bonecast.trials.power import Power
from bonecast.trials.reader import read_design
from bonecast.trials.report_tables import described
from bonecast.trials.sizing import design_power

OBJECTIVES = {
    "superiority": "Show that {treated} differs from {control} in {what}",
    "non-inferiority": "Show that {treated} is not inferior to {control} in {what}",
    "equivalence": "Show that {treated} and {control} are equivalent in {what}",
}


def trial_synopsis(
    design: str | os.PathLike[str] | BoneDesign,
    *,
    trials: int = 0,
    pool: int = 2000,
    workers: int = 1,
    progress: Progress | None = None,
) -> str:
    """Write the synopsis of a bone trial's protocol; with trials, the report of its simulation.

    Parameters
    ----------
    design : str, path or BoneDesign
        A design file, the name of a design that comes with the package, or a design.
    trials : int
        Trials by which the operating characteristics of primary endpoints are estimated; 0 leaves them out.
    pool : int
        People that they are drawn from.
    workers : int
        Parts of the pool that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    str
        Markdown: objectives, population, treatments, assessments, statistics, assumptions with their sources, operating
        characteristics, and the code that repeats them.

    Raises
    ------
    InputError
        If the design is no bone trial, or a number is out of range.

    Examples
    --------
    >>> print(trial_synopsis("biosimilar").splitlines()[0])
    # A denosumab biosimilar against the reference product in women with osteoporosis
    """
    known = design if isinstance(design, BoneDesign) else read_design(design)
    if not isinstance(known, BoneDesign):
        raise InputError("design", f"'{known.name}' is no bone trial", "name the design of one")
    source = "design" if isinstance(design, BoneDesign) else repr(os.fspath(design))
    parts = [
        f"# {known.title}",
        f"Synopsis of a simulated trial. Model {known.model_name}, design {known.hash}, seed {known.seed}.",
        DISCLAIMER,
        _objectives(known),
        _people(known),
        _treatments(known),
        _assessments(known),
        _statistics(known),
    ]
    if trials:
        parts.append(_characteristics(known, trials, pool, workers, progress))
    parts += [_assumptions(known), _code(source, known, trials, pool)]
    return "\n\n".join(parts) + "\n"


def _objectives(design: BoneDesign) -> str:
    lines = []
    for title, primary in (("Primary", True), ("Secondary", False)):
        found = [one for one in design.endpoints if one.primary is primary]
        if found:
            lines += [f"{title}:", "", *(f"* {_objective(design, one)}." for one in found), ""]
    return "## Objectives\n\n" + "\n".join(lines).rstrip()


def _objective(design: BoneDesign, one: TrialEndpoint) -> str:
    what = f"{one.name} ({one.quantity} at {one.visit})"
    return OBJECTIVES[one.objective].format(treated=design.treated, control=design.control, what=what)


def _people(design: BoneDesign) -> str:
    rows = [
        ("population", design.group.preset),
        ("eligible", "; ".join(design.group.eligible) or "everybody"),
        ("randomised", f"{design.people:,}"),
        ("centres", f"{design.centres:,}"),
        ("allocation", f"{design.allocation}, {':'.join(str(arm.share) for arm in design.arms)}"),
        ("strata", "; ".join(design.strata) or "none"),
    ]
    for one in design.group.target:
        spread = "" if one.sd is None else f", SD {one.sd:g}"
        rows.append((f"{one.column} of the enrolled", f"mean {one.mean:g}{spread}"))
    return "## People\n\n" + _table(("", ""), rows)


def _treatments(design: BoneDesign) -> str:
    rows = []
    for arm in design.arms:
        more = [f"rescue ({arm.rescue.when}): {arm.rescue.plan}"] if arm.rescue else []
        more += [f"from {arm.crossover.at}: {arm.crossover.plan}"] if arm.crossover else []
        more += [f"{name} times {value:g}" for name, value in arm.factors]
        rows.append((arm.name, arm.plan, "; ".join(more)))
    before = f"All followed before day 0: {design.run_in}.\n\n" if design.run_in else ""
    return f"## Treatments\n\n{before}" + _table(("arm", "plan", "more"), rows)


def _assessments(design: BoneDesign) -> str:
    """The schedule: one row for each reading, one column for each visit."""
    heads = ("reading", *(f"{v.name} (day {v.day} ± {v.window_d})" for v in design.visits))
    rows = []
    for one in design.readings:
        name = "spine film" if one.quantity == FILM else one.quantity
        rows.append((name, *("X" if v.name in one.visits else "" for v in design.visits)))
    return f"## Assessments\n\nFollowed for {design.end_d:,} days.\n\n" + _table(heads, rows)


def _statistics(design: BoneDesign) -> str:
    lines = [
        f"* **{one.name}**{' (primary)' if one.primary else ''}: {described(one)}" for one in design.endpoints
    ]
    for look in design.interims:
        lines.append(
            f"* Interim look at {look.at or f'{100 * look.share:g} % of people'}; alpha spent: {design.spending}."
        )
    if design.futility:
        lines.append(f"* Given up where conditional power is below {design.futility:g} (not binding).")
    if (rule := design.reestimation) is not None:
        lines.append(
            f"* Size looked at again ({rule.kind}) after {100 * rule.share:g} % of people, at most {rule.most:g} times."
        )
    if (plan := design.multiplicity) is not None:
        order = "; then ".join(", ".join(family) for family in plan.families)
        lines.append(f"* One level of {plan.alpha:g} for several endpoints ({plan.method}): {order}.")
    return "## Statistics\n\n" + "\n".join(lines)


def _characteristics(
    design: BoneDesign, trials: int, pool: int, workers: int, progress: Progress | None
) -> str:
    asked = [one for one in design.endpoints if one.primary] or list(design.endpoints[:1])
    rows = []
    for one in asked:
        for null in (False, True):
            if null and one.margin is not None and one.kind in (*EVENT_KINDS, "responders", "calcium-grade"):
                continue
            found = design_power(
                design, one.name, trials=trials, null=null, pool=pool, workers=workers, progress=progress
            )
            rows.append(_row(found))
    heads = ("endpoint", "", "people", "people on average", "% of trials", "± Monte Carlo")
    words = f"{trials:,} trials from a pool of {pool:,} people."
    return f"## Operating characteristics\n\n{words}\n\n" + _table(heads, rows)


def _row(found: Power) -> tuple[str, ...]:
    what = "type I error" if found.null else "power"
    share, error = f"{100 * found.share:.1f}", f"{100 * found.error:.1f}"
    return found.endpoint, what, f"{found.people:,}", f"{found.mean_people:,.0f}", share, error


def _assumptions(design: BoneDesign) -> str:
    """What the simulation takes for granted, with marks and sources."""
    rows = [
        (
            "adherence",
            design.taking.process,
            *_origin(adherence_table()["persistence"], design.taking.process),
        ),
        ("dropout per year", f"{design.dropout[0]:g}, later {design.dropout[1]:g}", "design", ""),
        (
            "mortality over the population's",
            f"{design.death:g}",
            *_origin(adherence_table()["mortality"], "published"),
        ),
        ("missed visits, samples", f"{design.missed:g}, {design.missed_samples:g}", "design", ""),
        (
            "rise of risk after a fracture",
            f"{design.refracture:g} of the published",
            "derived",
            "docs/trials.md",
        ),
    ]
    read = {one.quantity for one in design.readings}
    for name, entry in noise_table("scan").items():
        if name in read:
            rows.append(
                (f"{name}, scan of another year", f"SD {entry['sd']:g} %", *_origin(entry, "published"))
            )
    if design.centres > 1:
        for name, entry in noise_table("centre").items():
            rows.append(
                (f"shared by a centre, {name}", f"SD {entry['sd']:g} %", *_origin(entry, "published"))
            )
    for one in design.endpoints:
        if one.expected is not None:
            rows.append((f"true difference in {one.name}", f"{one.expected:g}", "design", ""))
    limits = "\n".join(f"* {limit}" for limit in design.model.limits)
    return (
        "## Assumptions\n\n"
        + _table(("what", "value", "mark", "source"), rows)
        + f"\n\nLimits of the model:\n\n{limits}"
    )


def _origin(entry: dict[str, Any], process: str) -> tuple[str, str]:
    return (str(entry["mark"]), str(entry["source"])) if process == "published" else ("design", "")


def _code(source: str, design: BoneDesign, trials: int, pool: int) -> str:
    from bonecast import __version__

    lines = ["import bonecast as bc", "from bonecast.trials import trial_synopsis", ""]
    more = f", trials={trials}, pool={pool}" if trials else ""
    lines.append(f"print(trial_synopsis({source}{more}))")
    lines.append(f"analysis = bc.run_trial({source}).analyse()")
    block = "\n".join(lines)
    return f"## Code to repeat it\n\nBonecast {__version__}, design {design.hash}.\n\n```python\n{block}\n```"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown.

    >>> print(_table(("a", "b"), [("1", "y")]))
    | a | b |
    |---|---|
    | 1 | x \\\\| y |
    """
    shown = [heads, *rows]
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in shown]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])
