"""The plan builder's forms: what was chosen made into words of the plan grammar, and steps taken out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bonecast.core import gettext
from bonecast.drugs import LabelledRegimen, all_drugs
from bonecast.errors import InputError
from bonecast.regimens import parse_regimen

UNITS = ("mg", "ug")
RHYTHMS = ("once", "daily", "weekly", "monthly", "every")
SPANS = ("days", "weeks", "months", "years")
JOINS = {"then": ", then ", "with": " with "}
REPEATS = ("x 4", "x 1", "x 2", "x 6", "x 10", "for 1 year", "for 2 years", "for 5 years")


@dataclass(frozen=True)
class Offer:
    """A regimen of the catalogue that can be put into a plan. key : its name in the form."""

    key: str
    drug: str
    regimen: LabelledRegimen

    @property
    def words(self) -> str:
        """The plan text without what the label leaves open, what it is for, and how it is known."""
        open_end = self.regimen.template.replace(" {repeat}", "")
        doubt = ", recalled, unverified: check the label" if self.regimen.mark == "recalled" else ""
        studied = "studied, " if self.regimen.status == "studied" else ""
        return f"{open_end} ({studied}{self.regimen.indication}{doubt})"


def offers() -> list[Offer]:
    """Every regimen of the catalogue, by drug."""
    return [
        Offer(f"{drug.generic}-{i}", drug.generic, regimen)
        for drug in all_drugs()
        for i, regimen in enumerate(drug.regimens)
    ]


def changed_plan(text: str, do: str, form: Mapping[str, str]) -> str:
    """The plan after a button was pressed; a text that cannot be read says so on the next page. Raises InputError."""
    text = text.strip().rstrip(",")
    if do == "clear":
        return ""
    if do.startswith("remove-"):
        return _without(text, do.removeprefix("remove-"))
    made = {"regimen": _regimen, "course": _course, "pause": _pause}
    if do not in made:
        raise InputError(
            "plan", gettext("the page sent no button that is known here"), gettext("open the page again")
        )
    piece = made[do](form)
    join = JOINS.get(form.get("join", "then"), JOINS["then"]) if do != "pause" else JOINS["then"]
    return text + join + piece if text else piece


def _regimen(form: Mapping[str, str]) -> str:
    found = {offer.key: offer for offer in offers()}.get(form.get("regimen", ""))
    if found is None:
        raise InputError("regimen", gettext("none was chosen"), gettext("choose one of the list"))
    return found.regimen.plan_text(form.get("repeat", "").strip() or REPEATS[0])


def _course(form: Mapping[str, str]) -> str:
    """A course in the words of the grammar, as it was filled in: the reader of plans finds what is missing."""
    rhythm = form.get("rhythm", "once")
    words = [form.get("drug", ""), form.get("amount", ""), form.get("unit", "mg"), rhythm]
    wait = form.get("wait", "").strip()
    if wait:
        words = [wait, form.get("wait_unit", "months"), "after the last dose", *words]
    if rhythm == "every":
        words += [form.get("every", ""), form.get("every_unit", "months")]
    if rhythm != "once":
        times = form.get("ends", "times") == "times"
        words += (
            ["x", form.get("count", "")]
            if times
            else ["for", form.get("count", ""), form.get("for_unit", "months")]
        )
    return " ".join(word.strip() for word in words if word.strip())


def _pause(form: Mapping[str, str]) -> str:
    return f"nothing for {form.get('pause', '').strip()} {form.get('pause_unit', 'months')}"


def _without(text: str, at: str) -> str:
    """The plan without one of its steps. Raises RegimenError where it cannot be read."""
    steps = [str(step) for step in parse_regimen(text).steps]
    return ", then ".join(step for i, step in enumerate(steps) if str(i) != at)
