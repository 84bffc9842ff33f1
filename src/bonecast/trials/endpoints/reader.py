"""Reading an [[endpoint]]: its lines to a checked `Endpoint`, every fault noted in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bonecast.core import Faults
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records import read_lines
from bonecast.trials.endpoints.endpoint import SUMMARIES, TrialEndpoint
from bonecast.trials.endpoints.kinds import EVENT_KINDS, KINDS, SITES, Kind
from bonecast.trials.endpoints.layout import EndpointLines

CHOICES = {
    "missing": ("left-out", "failure"),
    "covariance": ("unstructured", "ar1"),
    "estimand": ("treatment-policy", "while-on-treatment"),
}


def read_endpoint(
    table: object,
    place: str,
    visits: Mapping[str, int],
    quantities: Mapping[str, Sequence[str]],
    faults: Faults,
) -> TrialEndpoint | None:
    """The endpoint that these lines ask for, or None with its faults noted.

    visits : name to day, in order of time. quantities : what the design reads, and at which visits. Unknown
    kinds, methods, quantities and visits are noted with the nearest names.

    >>> found = Faults()
    >>> lines = {"kind": "bmd-chnge", "quantity": "LS_BMD", "visit": "m12"}
    >>> read_endpoint(lines, "design", {"m0": 0, "m12": 365}, {"LS_BMD": ["m0", "m12"]}, found)
    >>> print(found.kept[0])
    design, kind: there is no kind of endpoint called 'bmd-chnge'; did you mean bmd-change.
    """
    lines = read_lines(EndpointLines, table, place, faults)
    if lines is None:
        return None
    before = faults.found
    kind = KINDS.get(lines.kind)
    if kind is None:
        faults.note(UnknownName(f"{place}, kind", "kind of endpoint", lines.kind, KINDS))
    if lines.visit not in visits:
        faults.note(UnknownName(f"{place}, visit", "visit", lines.visit, visits))
    for key, known in CHOICES.items():
        if getattr(lines, key) not in known:
            faults.note(UnknownName(f"{place}, {key}", key, getattr(lines, key), known))
    if kind is None or faults.found > before:
        return None
    statistic = _statistic(lines, kind, place, faults)
    method = lines.method or kind.methods[0]
    if method not in kind.methods:
        faults.note(UnknownName(f"{place}, method", f"method for {lines.kind}", method, kind.methods))
    _quantity(lines, kind, statistic, place, quantities, faults)
    margin = _margin(lines, statistic, place, faults)
    _threshold(lines, place, faults)
    read = [visit for visit in quantities.get(lines.quantity, ()) if visit in visits]
    baseline = next((visit for visit in read if visits[visit] <= 0), "")
    later = tuple(v for v in read if v != baseline and 0 < visits[v] <= visits[lines.visit])
    if statistic in SUMMARIES:
        later = (lines.visit,)  # one figure of the whole course
    if not baseline and (statistic == "change" or lines.kind == "responders"):
        cause = f"'{printable(lines.quantity)}' is not read before the first dose, and a change needs that"
        faults.note(InputError(f"{place}, quantity", cause, "add the first visit to its reading"))
    if kind.read and lines.visit not in later and lines.quantity in quantities:
        cause = (
            f"'{printable(lines.quantity)}' is not read at '{printable(lines.visit)}' after the first dose"
        )
        faults.note(InputError(f"{place}, visit", cause, f"name one of {', '.join(read) or 'its readings'}"))
    if lines.kind in EVENT_KINDS and visits[lines.visit] <= 0:
        faults.note(InputError(f"{place}, visit", "no time passes before it", "name a later visit"))
    if faults.found > before:
        return None
    return TrialEndpoint(
        name=lines.name or f"{lines.quantity} {lines.visit}",
        kind=lines.kind,
        quantity=lines.quantity,
        visit=lines.visit,
        day=visits[lines.visit],
        method=method,
        statistic=statistic,  # type: ignore[arg-type]
        baseline=baseline,
        visits=later,
        margin=margin,
        threshold=lines.threshold,
        missing=lines.missing,
        covariance=lines.covariance,
        estimand=lines.estimand,  # type: ignore[arg-type]
        alpha=lines.alpha,
        primary=lines.primary,
        subgroups=tuple(lines.subgroups),
    )


def _statistic(lines: EndpointLines, kind: Kind, place: str, faults: Faults) -> str:
    """As named; for equivalence of BMD the change in %, of a marker the reading."""
    usual = kind.statistics[0]
    if lines.kind == "equivalence" and lines.quantity not in SITES:
        usual = "reading"
    if lines.statistic is not None and lines.statistic not in kind.statistics:
        faults.note(UnknownName(f"{place}, statistic", "statistic", lines.statistic, kind.statistics))
    return lines.statistic or usual


def _quantity(
    lines: EndpointLines,
    kind: Kind,
    statistic: str,
    place: str,
    quantities: Mapping[str, Sequence[str]],
    faults: Faults,
) -> None:
    at = f"{place}, quantity"
    if kind.quantities and lines.quantity not in kind.quantities:
        faults.note(UnknownName(at, f"quantity for {lines.kind}", lines.quantity, kind.quantities))
    elif lines.kind in EVENT_KINDS or (lines.kind == "calcium-grade" and lines.method != "readings"):
        return
    elif statistic in SUMMARIES:
        return  # of the true curve, which needs no reading
    elif lines.quantity not in quantities:
        faults.note(UnknownName(at, "reading", lines.quantity, quantities))


def _margin(lines: EndpointLines, statistic: str, place: str, faults: Faults) -> tuple[float, float] | None:
    """Both limits; one number is as far on either side, by difference or by ratio."""
    at, asked = f"{place}, margin", lines.margin
    if lines.kind != "equivalence":
        if asked is not None:
            faults.note(
                InputError(at, f"{lines.kind} takes none", "leave it out, or write kind = 'equivalence'")
            )
        return None
    none = 0.0 if statistic == "change" else 1.0
    if isinstance(asked, float | int):
        found = (-asked, asked) if statistic == "change" else (1 / asked if asked else 0.0, asked)
    elif asked is not None and len(asked) == 2:
        found = (asked[0], asked[1])
    else:
        faults.note(
            InputError(at, "equivalence needs its limits", "write margin = 1.45, or margin = [0.8, 1.25]")
        )
        return None
    if not found[0] < none < found[1] or (none == 1.0 and found[0] <= 0):
        cause = f"{found[0]:g} to {found[1]:g} does not hold {none:g}, where the arms do not differ"
        faults.note(InputError(at, cause, "write limits on both sides of it"))
    return found


def _threshold(lines: EndpointLines, place: str, faults: Faults) -> None:
    at = f"{place}, threshold"
    if lines.kind == "responders" and lines.threshold is None:
        faults.note(InputError(at, "responders need it", "write a change in %, such as threshold = 3"))
    if lines.kind == "calcium-grade" and lines.threshold is not None and not 2.0 < lines.threshold < 2.4:
        cause = f"a lower limit of {lines.threshold:g} mmol/L lies outside 2.0 to 2.4"
        faults.note(InputError(at, cause, "write the laboratory's own, such as 2.15"))
