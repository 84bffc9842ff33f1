"""What a notebook shows of a trial design and of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html, counted

if TYPE_CHECKING:
    from bonecast.trials.analysis import TrialAnalysis
    from bonecast.trials.assurance import Assurance
    from bonecast.trials.bone.design import BoneDesign
    from bonecast.trials.design import Design
    from bonecast.trials.enrolment import EnrolmentForecast
    from bonecast.trials.power import Power
    from bonecast.trials.power_joint import JointPower
    from bonecast.trials.power_size import Size
    from bonecast.trials.run import Run


MOST_ROWS = 12  # of an analysis; its table has them all


def design_html(design: Design | BoneDesign) -> str:
    """The card of a design: size and arms."""
    return card_html(Card(design.title, (_size(design),), table=_arms(design)))


def run_html(run: Run) -> str:
    """The card of a run: what was followed now, and what lay there before."""
    people = counted(run.people, "person", "people")
    done = f"{counted(run.chunks, 'chunk')} ({run.found} of an earlier run), {people} followed in {run.seconds:.0f} s"
    return card_html(Card(f"Run of {run.design.title}", (done, _size(run.design)), table=_arms(run.design)))


def power_html(power: Power) -> str:
    """The card of a power: the share of trials that succeed, and its standard error."""
    what = "Type I error" if power.null else "Power"
    share = f"{what} {100 * power.share:.1f} ± {100 * power.error:.1f} %"
    size = f"{counted(power.people, 'person', 'people')}, {counted(power.trials, 'trial')}"
    return card_html(Card(f"{power.endpoint}", (share, size)))


def joint_html(power: JointPower) -> str:
    """The card of a joint power: each endpoint alone and under the shared level."""
    what = "Familywise error" if power.null else "Power"
    line = f"{what}: any {100 * power.any_of_them:.1f} %, all {100 * power.all_of_them:.1f} %"
    columns = ("endpoint", "alone, %", "under the shared level, %")
    rows = tuple(
        (name, f"{100 * a:.1f}", f"{100 * b:.1f}")
        for name, a, b in zip(power.endpoints, power.alone, power.adjusted, strict=True)
    )
    size = f"{counted(power.people, 'person', 'people')}, {counted(power.trials, 'trial')}"
    return card_html(Card("Endpoints under one level", (line, size), table=Table(columns, rows)))


def assurance_html(found: Assurance) -> str:
    """The card of an assurance: the power averaged over draws, and how draws differ."""
    share = f"Assurance {100 * found.assurance:.1f} ± {100 * found.error:.1f} %"
    spread = f"Power of draws, 80 % range {100 * found.low:.0f} to {100 * found.high:.0f} %"
    size = f"{counted(found.people, 'person', 'people')}, {counted(found.draws, 'draw')}"
    return card_html(Card(found.endpoint, (share, spread, size)))


def enrolment_html(found: EnrolmentForecast) -> str:
    """The card of a forecast of enrolment: how long, and how many are screened."""
    low, middle, high = found.months
    line = f"Last person in after {middle:.1f} months (90 % range {low:.1f} to {high:.1f})"
    many = (
        f"{found.screened:.1f} screened for each enrolled; {found.centres_without:.1f} centres enrol nobody"
    )
    return card_html(Card(f"Enrolment of {found.design.title}", (line, many, _size(found.design))))


def analysis_html(found: TrialAnalysis) -> str:
    """The card of an analysis: its decisive results."""
    if found.characteristics:
        rows = tuple((c.name, c.truth, f"{c.value:.3g} ± {c.error:.2g}") for c in found.characteristics)
        table = Table(("result", "scenario", "value"), rows[:MOST_ROWS])
    else:
        rows = tuple(
            (r.endpoint, r.arm, f"{r.estimate:.3g} ({r.low:.3g} to {r.high:.3g})", f"{r.p:.2g}")
            for r in found.rows
            if r.decisive
        )
        table = Table(("endpoint", "arm", "estimate (interval)", "p"), rows[:MOST_ROWS])
    return card_html(Card(f"Analysis of {found.design.title}", (_size(found.design),), table=table))


def size_html(size: Size) -> str:
    """The card of a sample size: the people needed, and the 95 % interval."""
    people = f"{counted(size.people, 'person', 'people')} ({size.low:,} to {size.high:,}) for {100 * size.power:g} %"
    return card_html(Card(f"{size.endpoint}", (people, f"{counted(size.trials, 'trial')} simulated")))


def _size(design: Design | BoneDesign) -> str:
    size = (
        counted(design.people, "person", "people"),
        counted(design.trials, "trial"),
        counted(len(design.visits), "visit"),
    )
    return f"{', '.join(size)}; model {design.model_name}; seed {design.seed}"


def _arms(design: Design | BoneDesign) -> Table:
    return Table(("arm", "share", "plan"), tuple((arm.name, str(arm.share), arm.plan) for arm in design.arms))
