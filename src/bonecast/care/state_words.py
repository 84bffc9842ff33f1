"""The state of a check in words: its heading and its sign, the same on every page, paper and card."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bonecast.care.causes import Advice
from bonecast.care.variables import find_variable
from bonecast.core import Between, gettext, ngettext

if TYPE_CHECKING:
    from bonecast.care.case import Known
    from bonecast.care.check import Check
    from bonecast.care.findings import Finding
    from bonecast.care.firing import State

# Sign and words of each state: no page tells one from another by colour alone.
STATE_WORDS: dict[State, tuple[str, str]] = {
    "do_not_give": ("■", "Do not give"),
    "not_complete": ("?", "Not complete"),
    "caution": ("▲", "Caution"),
    "clear": ("○", "Clear"),
    "given": ("✓", "Given"),
}
# What is not to be done where the act gives nothing.
REFUSED = {
    "stop": "Do not stop",
    "drug_holiday": "Do not stop",
    "delay_60": "Do not delay",
    "delay_120": "Do not delay",
    "switch_brand": "Do not change the product",
    "review": "Do not proceed",
}
KIDNEY = ("egfr_mL_min_173m2", "crcl_mL_min")  # labels differ in the estimate that they use: both are shown


def state_heading(check: Check) -> str:
    """Say the state in words.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    str
        The heading; an act that gives nothing is named where it is refused.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> state_heading(check(her, "stop", "UK")), state_heading(check(her, "next dose", "UK"))
    ('Do not stop', 'Not complete')
    """
    return state_name(check.state, check.action)


def state_name(state: State, action: str) -> str:
    """Name a state; an act that gives nothing is named where it is refused.

    Parameters
    ----------
    state : str
        The state of a check.
    action : str
        The act, as the rules name it.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> state_name("do_not_give", "stop"), state_name("caution", "stop")
    ('Do not stop', 'Caution')
    """
    words = STATE_WORDS[state][1]
    said = REFUSED.get(action, words) if state == "do_not_give" else words
    return gettext(said)


def state_sentence(check: Check) -> str:
    """Say in a sentence what the state rests on: blocks, cautions, conflicts, overrides and open questions.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> state_sentence(check(read_patient("examples/late-dose.toml"), "stop", "UK"))
    '1 block and 1 caution.'
    """
    if check.state == "clear":
        return gettext("No contraindication found; every safety question for this act is answered.")
    held = [finding.severity for finding in check.findings if finding.overridden is None]
    open_questions, conflicts = len(check.questions), len(check.conflicts)
    parts = [
        (
            len(check.contradictions),
            ngettext(
                "{count} contradiction in the record",
                "{count} contradictions in the record",
                len(check.contradictions),
            ),
        ),
        (held.count("block"), ngettext("{count} block", "{count} blocks", held.count("block"))),
        (held.count("warn"), ngettext("{count} caution", "{count} cautions", held.count("warn"))),
        (
            conflicts,
            ngettext(
                "{count} conflict between results of one day", "{count} conflicts of results", conflicts
            ),
        ),
        (
            len(check.overridden),
            ngettext("{count} finding overridden", "{count} findings overridden", len(check.overridden)),
        ),
        (
            open_questions,
            ngettext("{count} safety question open", "{count} safety questions open", open_questions),
        ),
    ]
    said = [text for count, text in parts if count]
    if not said:
        return gettext("No block and no caution.")
    if len(said) == 1:
        return f"{said[0]}."
    return gettext("{parts} and {last}.", parts=", ".join(said[:-1]), last=said[-1])


def lifted_by(finding: Finding) -> tuple[str, ...]:
    """Say what would lift a finding: a result that it asks for, or another value of one of its facts.

    Parameters
    ----------
    finding : Finding
        The finding.

    Returns
    -------
    tuple of str
        Each alone is enough; empty where nothing about the person could.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> lifted_by(check(read_patient("examples/late-dose.toml"), "stop", "UK").findings[0])
    ('follow-on antiresorptive is planned: yes',)
    """
    results = tuple(
        gettext("{fact}: a result", fact=gettext(find_variable(name, "finding").label))
        for name in finding.asks_for
    )
    asked = {find_variable(name, "finding").label for name in finding.asks_for}
    return results + tuple(one for one in finding.would_change if one.partition(":")[0] not in asked)


def advice_shown(check: Check) -> Advice:
    """Select the advice that is shown: nothing on how to give what is not to be given.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    Advice
        Of three parts that may be empty.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> advice_shown(check(her, "next dose", "UK", facts={"on_dialysis": "yes"})).lines
    0
    """
    refused = check.state == "do_not_give" and check.action not in REFUSED
    return Advice((), (), ()) if refused else check.advice


def findings_shown(check: Check) -> tuple[Finding, ...]:
    """Select the findings that are shown: blocks, warnings, what was overridden, and the advice that is shown.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    tuple of Finding
        In the order of the check.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> sorted({one.severity for one in findings_shown(check(her, "next dose", "UK", facts={"on_dialysis": "yes"}))})
    ['block', 'warn']
    """
    advice = advice_shown(check)
    kept = {one.rule for one in (*advice.new, *advice.known, *advice.routine)}
    return tuple(
        one
        for one in check.findings
        if one.severity != "inform" or one.overridden is not None or one.rule in kept
    )


def kidney_estimates(check: Check) -> dict[str, Known | None]:
    """Find both estimates of kidney function.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    dict of str to Known
        By the name of the fact; None for one that the record does not give.
    """
    return {name: check.case.known(name) for name in KIDNEY}


def estimate_shown(name: str, known: Known | None) -> str:
    """Show one estimate of kidney function to one decimal: limits of labels are whole numbers.

    Parameters
    ----------
    name : str
        Name of its fact.
    known : Known, optional
        Its value.

    Returns
    -------
    str
        Value with unit, cut and not rounded.

    Examples
    --------
    >>> from bonecast.care import Known
    >>> estimate_shown("crcl_mL_min", Known(34.96)), estimate_shown("crcl_mL_min", None)
    ('34.9 mL/min', 'not in the record')
    """
    if known is None:
        return gettext("not in the record")
    if isinstance(known.value, Between):
        return find_variable(name, "kidney").shown(known.value)
    # Cut, not rounded: 34.96 is below a limit of 35 and must not look like it.
    return f"{math.floor(float(known.value) * 10) / 10:.1f} {find_variable(name, 'kidney').unit}"
