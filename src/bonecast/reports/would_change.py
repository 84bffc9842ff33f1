"""What would change the choice, in sentences: how sure it is, other aims, drivers, a test, what is not on record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bonecast.charts import format_number, format_range
from bonecast.core import gettext
from bonecast.decisions import find_aim
from bonecast.forecasts import Forecast
from bonecast.outcomes import QuantileRange, Summary
from bonecast.records import Patient
from bonecast.reports.accounts import TIMES, quoted, wording
from bonecast.reports.choice_sentences import measurement_sentence
from bonecast.reports.safety import would_lift

# how a summary answers another aim: its name, the kind of fracture or the site, and the words for it
_OTHERS = (
    ("vertebral", "vertebral", "vertebral fractures"),
    ("hip", "hip", "hip fractures"),
    ("nonvertebral", "nonvertebral", "nonvertebral fractures"),
    ("spine-bmd", "LS_BMD", "spine BMD"),
    ("hip-bmd", "TH_BMD", "hip BMD"),
)


def would_change(forecast: Forecast) -> tuple[str, ...]:
    """Say which assumption or measurement would change the choice between these strategies.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of str
        Sentences, the weightiest first.
    """
    return (
        *_certainty(forecast),
        *_other_aims(forecast),
        *_drivers(forecast),
        *_test(forecast),
        *_misfits(forecast),
        *_missing(forecast.patient),
        *_blocked(forecast),
    )


def _certainty(forecast: Forecast) -> Iterator[str]:
    ranking = forecast.ranking
    if ranking is None:
        return
    first, aim = ranking.first, ranking.aim
    yield (
        gettext(
            "Judged by {title} within {times}, '{option}' comes first: it is the best for "
            "{best_of_100} of 100 people like this one.",
            title=gettext(aim.title),
            times=gettext(TIMES[ranking.months]),
            option=first.option,
            best_of_100=first.best_of_100,
        )
    )
    others = ranking.ranks[1:]
    if not others:
        return
    second = others[0]
    low, middle, high = second.behind
    size = f"{format_number(middle, '+.1f')} {gettext(aim.unit)}"
    ends = gettext("{range}, the same people under both", range=format_range(low, high, "+.1f"))
    if ranking.tied:
        within = ranking.within_model_error
        why = (
            gettext(" The difference from {names} lies within the error of the model.", names=quoted(within))
            if within
            else ""
        )
        yield (
            gettext(
                "The model cannot tell it apart from {names} (the next: {size}, {ends}).{why} Between "
                "them the forecast does not decide, and safety, preference and cost may.",
                names=quoted(ranking.tied),
                size=size,
                ends=ends,
                why=why,
            )
        )
    else:
        yield (
            gettext(
                "The next is '{option}', {size} ({ends}): the difference exceeds what the model "
                "missed of published results.",
                option=second.option,
                size=size,
                ends=ends,
            )
        )


def _other_aims(forecast: Forecast) -> Iterator[str]:
    """Which strategy would come first by another outcome, beyond the smallest difference that matters?"""
    ranking = forecast.ranking
    if ranking is None:
        return
    open_to = {r.option for r in ranking.ranks}
    rows = [s for s in forecast.summaries if s.strategy in open_to]
    same, other = [], {}
    for aim, key, words in _OTHERS:
        if aim == ranking.aim.name:
            continue
        best = _first_by(rows, aim, key, ranking.first.option, ranking.months)
        if best == ranking.first.option:
            same.append(gettext(words))
        elif best is not None:
            other.setdefault(best, []).append(words)
    if len(rows) < 2:
        return
    for best, by in other.items():
        yield gettext(
            "By {names} '{best}' would come first.", names=gettext(" and ").join(map(gettext, by)), best=best
        )
    if same:
        *rest, last = same
        yield gettext(
            "It is first, or level with the first, by {rest}{last} too.",
            rest=", ".join(rest) + gettext(" and ") if rest else "",
            last=last,
        )


def _first_by(rows: list[Summary], aim: str, key: str, usual: str, months: int) -> str | None:
    """The strategy with the best median; the usual first one where it lies within the margin of it."""
    judged = find_aim(aim)
    sign = 1 if judged.better == "less" else -1
    medians: dict[str, float] = {}
    for row in rows:
        of: QuantileRange | None = (row.change if key.endswith("_BMD") else row.fractures).get((key, months))
        if of is not None:
            medians[row.strategy] = sign * of.median
    if usual not in medians or len(medians) < 2:
        return None
    best = min(medians, key=lambda name: medians[name])
    return usual if medians[usual] <= medians[best] + judged.margin else best


def _drivers(forecast: Forecast) -> Iterator[str]:
    """The properties of people that drive the difference between the first two."""
    if forecast.ranking is None or not forecast.drivers:
        return
    first, second = (r.option for r in forecast.ranking.ranks[:2])
    text = "; ".join(
        gettext(
            "{meaning} (rank correlation {number}, {mark})",
            meaning=gettext(driver.meaning),
            number=format_number(driver.correlation, "+.1f"),
            mark=gettext(driver.mark),
        )
        for driver in forecast.drivers
    )
    yield gettext(
        "How far '{second}' is behind '{first}' depends most on: {text}.",
        second=second,
        first=first,
        text=text,
    )


def _test(forecast: Forecast) -> Iterator[str]:
    if forecast.ranking is not None and forecast.next_tests:
        yield measurement_sentence(forecast.next_tests, forecast.ranking.aim)


def _misfits(forecast: Forecast) -> Iterator[str]:
    """Measurements that do not fit the others: the first to make again."""
    if forecast.diagnostics is None:
        return
    odd = [one.observation.label for one in forecast.diagnostics.measurements if one.outlier or one.odd]
    if odd:
        which = gettext("These do") if len(odd) > 1 else gettext("One value does")
        yield gettext(
            "{which} not fit the rest and would move the forecast if the rest were wrong: {names}.",
            which=which,
            names=", ".join(odd),
        )


def _missing(patient: Patient) -> Iterator[str]:
    """What is not on record, and which numbers it would move."""
    moves: dict[str, list[str]] = {}
    for row in wording()["missing"]:
        if row.get("sex", patient.sex) == patient.sex and not _has(patient, row):
            moves.setdefault(row["moves"], []).append(row["title"])
    text = "; ".join(
        gettext("{names} (would move {what})", names=", ".join(map(gettext, titles)), what=gettext(what))
        for what, titles in moves.items()
    )
    if text:
        yield gettext("Not on record, and taken as typical: {text}.", text=text)


def _has(patient: Patient, row: dict[str, Any]) -> bool:
    if "fact" in row:
        return patient.fact(row["fact"]) is not None
    if "person" in row:
        return getattr(patient, row["person"]) is not None
    return any(patient.latest(test, row.get("site")) for test in (row["test"], row.get("or")) if test)


def _blocked(forecast: Forecast) -> Iterator[str]:
    """What would lift the blocks of the care rules."""
    lifted: dict[str, list[str]] = {}
    for one in forecast.blocked:
        for words in would_lift(one):
            lifted.setdefault(words, []).append(one.name)
    for words, names in lifted.items():
        yield gettext(
            "Not possible now: {names}; {words}.",
            names=quoted(names),
            words=words,
        )
