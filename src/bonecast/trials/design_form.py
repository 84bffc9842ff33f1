"""A design from the answers of a form: the same TOML that a person would write, to be read and changed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bonecast.errors import InputError, UnknownName

# what a form may judge by: the kind of endpoint of each quantity
JUDGED = {
    "LS_BMD": "bmd-change",
    "TH_BMD": "bmd-change",
    "CTX": "marker-gmr",
    "P1NP": "marker-gmr",
    "vertebral": "fracture",
    "hip": "fracture",
    "nonvertebral": "fracture",
}
MOST_ARMS, LONGEST_MONTHS, EVERY_MONTHS = 4, 120, 6
FORM_FIELDS = ("title", "population", "people", "months", "adherence", "quantity", "objective", "margin",
               *(f"{what}_{i}" for i in range(1, MOST_ARMS + 1) for what in ("arm", "plan")))  # fmt: skip


def design_from_form(answers: Mapping[str, str]) -> str:
    """Write the design of a bone trial from the answers of a form.

    Visits are every six months. Arms have equal shares, and the last is the reference.

    Parameters
    ----------
    answers : mapping of str to str
        Answers by the names of `FORM_FIELDS`; arms without a plan are left out.

    Returns
    -------
    str
        TOML; whether its parts agree is said where it is read (`design_of`).

    Raises
    ------
    InputError
        If people or months are no numbers in range, or there is no such quantity.

    Examples
    --------
    >>> from bonecast.trials import design_of
    >>> asked = {"title": "Ours", "population": "postmenopausal-osteoporosis", "people": "200", "months": "12",
    ...          "arm_1": "drug", "plan_1": "denosumab 60 mg every 6 months x 2", "plan_2": "nothing for 12 months",
    ...          "quantity": "LS_BMD"}
    >>> design = design_of(design_from_form(asked), "form")
    >>> [arm.name for arm in design.arms], design.endpoints[0].visit
    (['drug', 'arm 2'], 'm12')
    """
    given = {name: answers.get(name, "").strip() for name in FORM_FIELDS}
    people, months = _whole(given, "people", 10_000_000), _whole(given, "months", LONGEST_MONTHS)
    if given["quantity"] not in JUDGED:
        raise UnknownName("form, quantity", "quantity", given["quantity"], JUDGED)
    visits = sorted({*range(0, months, EVERY_MONTHS), months})
    names = [f"m{month}" for month in visits]
    arms = [i for i in range(1, MOST_ARMS + 1) if given[f"plan_{i}"]]
    lines = [
        'name = "form"',
        f"title = {_text(given['title'] or 'A trial')}",
        'model = "bonecast-2"',
        'analysis = "bone"',
        f"people = {people}",
        f'length = "{months} months"',
        "",
        "[population]",
        f"preset = {_text(given['population'])}",
        "",
        "[allocation]",
        f"blocks = [{2 * max(len(arms), 1)}]",
        "",
        "[adherence]",
        f"process = {_text(given['adherence'] or 'perfect')}",
    ]
    for i in arms:
        name = given[f"arm_{i}"] or f"arm {i}"
        lines += ["", "[[arm]]", f"name = {_text(name)}", "share = 1", f"plan = {_text(given[f'plan_{i}'])}"]
    for name, month in zip(names, visits, strict=True):
        lines += ["", "[[visit]]", f'name = "{name}"', f"month = {month}"]
    films = [name for name, month in zip(names, visits, strict=True) if month % 12 == 0 or month == months]
    for quantity, at in [*((q, names) for q in ("LS_BMD", "TH_BMD", "CTX", "P1NP")), ("spine_film", films)]:
        lines += ["", "[[reading]]", f'quantity = "{quantity}"', f"visits = {json.dumps(at)}"]
    lines += ["", "[[endpoint]]", f'name = "{given["quantity"]} at {months} months"']
    lines += [f'kind = "{JUDGED[given["quantity"]]}"', f'quantity = "{given["quantity"]}"']
    lines += [f'visit = "{names[-1]}"', f"objective = {_text(given['objective'] or 'superiority')}"]
    lines += [f"margin = {_number(given['margin'])}"] if given["margin"] else []
    return "\n".join([*lines, "primary = true", ""])


def _text(words: str) -> str:
    """A text of TOML: its escapes are those of JSON."""
    return json.dumps(words[:200].replace("\x7f", ""), ensure_ascii=False)


def _whole(given: Mapping[str, str], name: str, most: int) -> int:
    if not given[name].isdecimal() or not 1 <= int(given[name][:12]) <= most:
        raise InputError(f"form, {name}", "it is no whole number in range", f"write 1 to {most:,}")
    return int(given[name])


def _number(words: str) -> str:
    try:
        return repr(float(words.replace(",", ".")))
    except ValueError:
        raise InputError("form, margin", "it is no number", "write one such as 1.45") from None
