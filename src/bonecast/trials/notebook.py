"""What a notebook shows of a trial design and of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html, counted

if TYPE_CHECKING:
    from bonecast.trials.bone.design import BoneDesign
    from bonecast.trials.design import Design
    from bonecast.trials.power import Power
    from bonecast.trials.power_size import Size
    from bonecast.trials.run import Run


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
