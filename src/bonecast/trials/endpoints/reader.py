"""Reading an [[endpoint]]: its lines to a checked `Endpoint`, every fault noted in one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bonecast.core import Faults
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records import read_lines
from bonecast.trials.endpoints.endpoint import FIGURES, LEVELS, TrialEndpoint
from bonecast.trials.endpoints.kinds import EVENT_KINDS, KINDS, SITES, Kind
from bonecast.trials.endpoints.layout import EndpointLines

CHOICES = {
    "missing": ("left-out", "failure", "multiple-imputation"),
    "covariance": ("unstructured", "ar1"),
    "estimand": ("treatment-policy", "hypothetical", "composite", "while-on-treatment"),
    "imputation": ("at-random", "jump-to-reference"),
}
OBJECTIVES = ("superiority", "non-inferiority", "equivalence")
ALPHA = {"superiority": 0.05, "non-inferiority": 0.025, "equivalence": 0.05}
PRINCIPAL = ("principal-stratum", "principal stratum")


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
    if lines.estimand in PRINCIPAL:
        cause = "a principal stratum is not estimated: who belongs to it is not seen in a trial"
        faults.note(InputError(f"{place}, estimand", cause, "write one of " + ", ".join(CHOICES["estimand"])))
        return None
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
    objective = _objective(lines, place, faults)
    margin = _margin(lines, statistic, method, objective, place, faults)
    _threshold(lines, place, faults)
    _combined(lines, kind, statistic, method, place, faults)
    read = [visit for visit in quantities.get(lines.quantity, ()) if visit in visits]
    baseline = next((visit for visit in read if visits[visit] <= 0), "")
    later = tuple(v for v in read if v != baseline and 0 < visits[v] <= visits[lines.visit])
    samples: tuple[str, ...] = ()
    if statistic in FIGURES:
        samples, later = tuple(v for v in (baseline, *later) if v), (lines.visit,)
        _samples(lines, statistic, samples, place, faults)
    needs_first = statistic == "change" or lines.kind == "responders"
    needs_first |= statistic in FIGURES and statistic != "auc" and lines.quantity not in LEVELS
    if not baseline and needs_first:
        cause = f"'{printable(lines.quantity)}' is not read before the first dose, and a change needs that"
        faults.note(InputError(f"{place}, quantity", cause, "add the first visit to its reading"))
    if kind.read and lines.visit not in later and lines.quantity in quantities:
        cause = (
            f"'{printable(lines.quantity)}' is not read at '{printable(lines.visit)}' after the first dose"
        )
        faults.note(InputError(f"{place}, visit", cause, f"name one of {', '.join(read) or 'its readings'}"))
    if lines.kind in (*EVENT_KINDS, "doses") and visits[lines.visit] <= 0:
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
        samples=samples,
        objective=objective,  # type: ignore[arg-type]
        margin=margin,
        expected=lines.expected,
        threshold=lines.threshold,
        missing=lines.missing,
        imputations=lines.imputations,
        imputation=lines.imputation,
        delta=lines.delta,
        covariance=lines.covariance,
        estimand=lines.estimand,  # type: ignore[arg-type]
        alpha=ALPHA[objective] if lines.alpha is None else lines.alpha,
        primary=lines.primary,
        subgroups=tuple(lines.subgroups),
    )


def _statistic(lines: EndpointLines, kind: Kind, place: str, faults: Faults) -> str:
    """As named; for equivalence of BMD the change in %, of a marker the reading."""
    usual = kind.statistics[0]
    if lines.kind == "auec" and lines.quantity in LEVELS:
        usual = "auc"
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
    if statistic in FIGURES and lines.quantity in SITES:
        faults.note(
            InputError(at, "no area or peak is taken of BMD", "name a marker, or a level such as denosumab")
        )
    if statistic == "auec" and lines.quantity in LEVELS:
        cause = f"'{printable(lines.quantity)}' is a level and has no effect in % of a first reading"
        faults.note(InputError(f"{place}, statistic", cause, 'write statistic = "auc"'))
    if kind.quantities and lines.quantity not in kind.quantities:
        faults.note(UnknownName(at, f"quantity for {lines.kind}", lines.quantity, kind.quantities))
    elif lines.kind in (*EVENT_KINDS, "doses"):
        return
    elif lines.quantity not in quantities:
        faults.note(UnknownName(at, "reading", lines.quantity, quantities))


def _objective(lines: EndpointLines, place: str, faults: Faults) -> str:
    """As named; equivalence for the kind of that name, superiority otherwise."""
    usual = "equivalence" if lines.kind == "equivalence" else "superiority"
    asked = lines.objective or usual
    if asked not in OBJECTIVES:
        faults.note(UnknownName(f"{place}, objective", "objective", asked, OBJECTIVES))
        return usual
    if lines.kind == "equivalence" and asked != usual:
        cause = f"kind = 'equivalence' and objective = '{asked}' do not go together"
        faults.note(InputError(f"{place}, objective", cause, 'write kind = "bmd-change" or "marker-gmr"'))
    return asked


def _margin(
    lines: EndpointLines, statistic: str, method: str, objective: str, place: str, faults: Faults
) -> tuple[float, float] | None:
    """Both limits; one number is as far on either side, by difference or by ratio. Non-inferiority has one of them."""
    at, asked = f"{place}, margin", lines.margin
    if objective == "superiority":
        if asked is not None:
            hint = "leave it out, or write objective = 'non-inferiority' or 'equivalence'"
            faults.note(InputError(at, f"superiority of {lines.kind} takes none", hint))
        return None
    difference = statistic == "change" or lines.kind == "doses" or method in ("difference", "readings")
    none, least = (0.0, -math.inf) if difference else (1.0, 0.0)
    if isinstance(asked, float | int):
        other = 1 / asked if asked else 0.0
        found = (-asked, asked) if difference else (min(asked, other), max(asked, other))
    elif asked is not None and len(asked) == 2 and objective == "equivalence":
        found = (asked[0], asked[1])
    else:
        both = objective == "equivalence"
        hint = "write margin = 1.45" + (", or margin = [0.8, 1.25]" if both else "")
        faults.note(InputError(at, f"{objective} needs its {'limits' if both else 'margin'}", hint))
        return None
    if not found[0] < none < found[1] or (none == 1.0 and found[0] <= 0):
        cause = f"{found[0]:g} to {found[1]:g} does not hold {none:g}, where the arms do not differ"
        faults.note(InputError(at, cause, "write limits on both sides of it"))
    if objective == "equivalence":
        return found
    better = lines.better or _usual_direction(lines)
    if better not in ("higher", "lower"):
        faults.note(
            InputError(f"{place}, better", f"which values of {printable(lines.quantity)} are better is not said",
                       'write better = "higher" or "lower"')
        )  # fmt: skip
    return (found[0], math.inf) if better == "higher" else (least, found[1])


def _usual_direction(lines: EndpointLines) -> str:
    """Which way is better where that goes without saying: more bone, more responders, fewer events."""
    if lines.kind in (*EVENT_KINDS, "calcium-grade", "doses"):
        return "lower"
    return "higher" if lines.quantity in SITES or lines.kind == "responders" else ""


def _combined(
    lines: EndpointLines, kind: Kind, statistic: str, method: str, place: str, faults: Faults
) -> None:
    """Combinations that have no meaning here, each refused by name."""
    measured = kind.methods[0] == "ancova"
    if lines.kind == "doses" and lines.estimand != "treatment-policy":
        cause = "injections are counted as they were taken, after a stop too"
        faults.note(InputError(f"{place}, estimand", cause, "leave it out"))
    if method == "cluster" and lines.subgroups:
        cause = "centre means are not compared within groups of people"
        faults.note(InputError(f"{place}, subgroups", cause, "leave them out"))
    if lines.missing == "multiple-imputation" and (
        not measured or statistic in FIGURES or method != "ancova"
    ):
        cause = f"{lines.kind} by {method} of {statistic} is not imputed"
        hint = 'impute a change or a reading with method = "ancova"; "mmrm" needs no imputation'
        faults.note(InputError(f"{place}, missing", cause, hint))
    if lines.expected is not None and (not measured or (statistic != "change" and lines.expected <= 0)):
        cause = f"no difference of {lines.kind} by {statistic} is planned for by this number"
        hint = "name a difference in points of a change, or a ratio above 0 of a measured endpoint"
        faults.note(InputError(f"{place}, expected", cause, hint))
    if lines.missing == "failure" and lines.kind != "responders":
        faults.note(
            InputError(f"{place}, missing", f"{lines.kind} has no failures", 'write missing = "left-out"')
        )
    if lines.missing != "multiple-imputation" and (lines.delta or lines.imputation != "at-random"):
        cause = "delta and imputation are of imputed values, and none are imputed"
        faults.note(InputError(f"{place}, missing", cause, 'write missing = "multiple-imputation"'))
    if lines.estimand == "composite" and lines.kind != "responders" and lines.kind not in EVENT_KINDS:
        cause = f"a composite of {lines.kind} has no value for who stopped treatment"
        faults.note(InputError(f"{place}, estimand", cause, "ask for responders or events, which can fail"))
    if lines.estimand == "while-on-treatment" and method == "mmrm":
        cause = "the last reading on treatment is one value, and mmrm compares visits"
        faults.note(InputError(f"{place}, estimand", cause, 'write method = "ancova", or "hypothetical"'))


def _samples(
    lines: EndpointLines, statistic: str, samples: tuple[str, ...], place: str, faults: Faults
) -> None:
    """Whether the readings make an area or a peak: enough of them, the last at the visit, an effect with its first."""
    at = f"{place}, quantity"
    if len(samples) < 2 or samples[-1] != lines.visit:
        cause = f"'{printable(lines.quantity)}' is not read often enough up to '{printable(lines.visit)}'"
        faults.note(InputError(at, cause, "read it at that visit and before"))


def _threshold(lines: EndpointLines, place: str, faults: Faults) -> None:
    at = f"{place}, threshold"
    if lines.kind == "responders" and lines.threshold is None:
        faults.note(InputError(at, "responders need it", "write a change in %, such as threshold = 3"))
    if lines.kind == "calcium-grade" and lines.threshold is not None and not 2.0 < lines.threshold < 2.4:
        cause = f"a lower limit of {lines.threshold:g} mmol/L lies outside 2.0 to 2.4"
        faults.note(InputError(at, cause, "write the laboratory's own, such as 2.15"))
