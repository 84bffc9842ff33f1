"""The state of a check on paper: in words, with who overrode what, and whether a paper may name a day."""

from __future__ import annotations

import datetime as dt

from bonecast.care import Check, state_heading
from bonecast.core import current_language, gettext

# What can be known on the day alone: a check that waits for nothing else is complete for a letter, which says so.
ON_THE_DAY = frozenset(("syringe_shaken_or_frozen",))


def is_dated(check: Check) -> bool:
    """Tell whether a paper may name the day of the injection.

    Parameters
    ----------
    check : Check
        The check of it.

    Returns
    -------
    bool
        True only where nothing blocks and no question is open but those of the day itself.
    """
    waits = set(check.missing()) - ON_THE_DAY
    return check.state in ("clear", "caution") or (check.state == "not_complete" and not waits)


def state_line(check: Check, on: dt.date) -> str:
    """The state of a check and who overrode a finding, in a line for the foot of a paper."""
    said = gettext("Check of {day}: {state}.", day=current_language().date(on), state=state_heading(check))
    return " ".join((said, *overridden_lines(check)))


def overridden_lines(check: Check) -> list[str]:
    """Say who overrode which finding, and why.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    list of str
        A sentence for each.
    """
    return [
        gettext(
            "{rule} overridden by {name}: {reason}.",
            rule=one.rule,
            name=said.by,
            reason=said.reason.rstrip("."),
        )
        for one in check.overridden
        if (said := one.overridden) is not None
    ]
