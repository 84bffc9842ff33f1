"""Errors that name the place, the cause and a hint; every room may import this module and it imports none.

`InputError` is what a wrong use or a wrong input raises (exit code 2 at the command line). Its text is one
sentence: where it is, what is wrong there, and how to put it right.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Sequence


class BonecastError(Exception):
    """Base class of everything that Bonecast raises on purpose.

    Examples
    --------
    >>> issubclass(InputError, BonecastError)
    True
    """


class InputError(BonecastError):
    """A record, regimen, name or option that cannot be used as given.

    `.mend` is the former name of `.hint`; it works for one release and warns.

    Parameters
    ----------
    place : str
        Where the fault lies ("examples/a.toml, measurement 3, unit"; "plan, character 12").
    cause : str
        What is wrong there.
    hint : str
        What to write instead.

    Examples
    --------
    >>> str(InputError("plan, character 1", "there is no drug called 'denosumb'", "write 'denosumab'"))
    "plan, character 1: there is no drug called 'denosumb'; write 'denosumab'."
    """

    def __init__(self, place: str, cause: str, hint: str = "") -> None:
        self.place, self.cause, self.hint = place, cause, hint
        super().__init__(f"{place}: {cause}" + (f"; {hint}" if hint else "") + ".")

    @property
    def mend(self) -> str:
        """The former name of `.hint`."""
        warnings.warn("InputError.mend is now InputError.hint", DeprecationWarning, stacklevel=2)
        return self.hint

    def as_dict(self) -> dict[str, str]:
        """Place, cause and hint for JSON.

        >>> InputError("dose 1, unit", "there is none", "write mg").as_dict()["hint"]
        'write mg'
        """
        return refusal(self.place, self.cause, self.hint)


def refusal(place: str, cause: str, hint: str = "") -> dict[str, str]:
    """State in JSON where something cannot be used, why, and what to do.

    Parameters
    ----------
    place : str
        Where.
    cause : str
        Why.
    hint : str
        What to do; repeated under its former key for one release.

    Returns
    -------
    dict of str to str
        Keys `place`, `cause`, `hint`, and the former key of the hint.

    Examples
    --------
    >>> refusal("request", "it is too large", "send at most 10 MB")["cause"]
    'it is too large'
    """
    return {"place": place, "cause": cause, "hint": hint, "mend": hint}


class UnknownName(InputError):
    """A name that is not in its catalogue; the nearest names are in `.nearest`.

    Parameters
    ----------
    place : str
        Where the name was given.
    kind : str
        What it should name ("model").
    name : str
        The name.
    known : iterable of str
        Names that there are.

    Examples
    --------
    >>> UnknownName("model library", "model", "choi-2052", ["choi-2025"]).nearest
    ['choi-2025']
    """

    def __init__(self, place: str, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        self.nearest = close_matches(name, known)
        hint = (
            "did you mean " + " or ".join(printable(one, 120) for one in self.nearest) + "?"
            if self.nearest
            else "known are " + ", ".join(printable(one, 120) for one in known[:16])
        )
        super().__init__(place, f"there is no {kind} called '{printable(name)}'", hint.rstrip("?"))


class InputErrors(InputError):
    """A file with several faults: the first in full, the others counted.

    `.faults` holds those that were kept, in order.

    Parameters
    ----------
    faults : sequence of InputError
        The faults; at least one.
    found : int, optional
        How many there are, if more than were kept.

    Examples
    --------
    >>> faults = [InputError("line 2", "no unit", "add it"), InputError("line 5", "no value")]
    >>> str(InputErrors(faults))
    'line 2: no unit; add it; the file has 1 more fault.'
    """

    what = "file"

    def __init__(self, faults: Sequence[InputError], found: int | None = None) -> None:
        first, others = faults[0], (found or len(faults)) - 1
        more = f"the {self.what} has {others} more fault{'s' if others > 1 else ''}" if others else ""
        super().__init__(first.place, first.cause, "; ".join(filter(None, [first.hint, more])))
        self.faults = tuple(faults)


class UnsupportedDrug(InputError):
    """A model was asked for a drug that it does not support.

    Parameters
    ----------
    place : str
        Where it was asked.
    cause : str
        Which drug.
    hint : str
        Models that support it.

    Examples
    --------
    >>> import bonecast as bc
    >>> bc.simulate("choi-2025", "zoledronate 5 mg once")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bonecast.errors.UnsupportedDrug: model choi-2025: it does not support zoledronate; models that support it: ...
    """


class ComputeError(BonecastError):
    """The numbers could not be computed: our failure, not the user's (exit code 1).

    Examples
    --------
    >>> str(ComputeError("model choi-2025: the step size fell to nothing."))
    'model choi-2025: the step size fell to nothing.'
    """


class OutsideRange(UserWarning):
    """A warning: a parameter was set to a value outside its range, and the run is made all the same.

    Examples
    --------
    >>> issubclass(OutsideRange, UserWarning)
    True
    """


def close_matches(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Find the known names that are closest to a name, compared without case.

    Parameters
    ----------
    name : str
        A name.
    known : iterable of str
        Names that there are.
    count : int
        At most so many.

    Returns
    -------
    list of str
        Names, best first.
    """
    by_fold = {k.casefold(): k for k in known}
    return [by_fold[m] for m in difflib.get_close_matches(name.casefold(), list(by_fold), count, 0.55)]


def printable(text: object, limit: int = 40) -> str:
    """Make a text from outside safe to print inside an error.

    Parameters
    ----------
    text : object
        Anything.
    limit : int
        Most characters.

    Returns
    -------
    str
        One line without control characters, cut at the limit.
    """
    line = str(text)
    if not line.isprintable():
        line = "".join(c if c.isprintable() else " " for c in line)
    return line if len(line) <= limit else line[: limit - 1] + "…"
