"""The choice in sentences: by when the next injection is needed, which test is worth doing, which exit is the best."""

from __future__ import annotations

import datetime as dt

from bonecast.decisions import Aim
from bonecast.forecasts import THROUGHOUT, LatestDate, NextTest, Search


def latest_sentence(latest: LatestDate, now: dt.date) -> str:
    """Say by when the next injection is needed, by one criterion.

    Parameters
    ----------
    latest : LatestDate
        Of a forecast.
    now : date
        The day of the record.

    Returns
    -------
    str
        A sentence.

    Examples
    --------
    >>> from bonecast.outcomes import TimeToThreshold
    >>> early, middle = dt.date(2026, 12, 1), dt.date(2027, 1, 10)
    >>> high = LatestDate("CTX is high", "CTX", TimeToThreshold(0.67, 0.8, early, middle, None))
    >>> latest_sentence(high, dt.date(2026, 9, 15)).partition("; ")[2]
    '1 in 20 by 2026-12-01, and some not within the forecast.'
    """
    said = _passing(latest, now)
    day = latest.on_time_until
    if day is None:
        return said
    if day < now:
        return f"{said} The injection counted as on time until {day}, day 211 after the last one: it is late already."
    return (
        f"{said} Do not wait for it: the injection counts as on time until {day}, day 211 after the last one."
    )


def _passing(latest: LatestDate, now: dt.date) -> str:
    p, what = latest.time, f"the point at which {latest.what}"
    if p.early is None:
        return f"Without a further dose, hardly anyone like this one passes {what} within the forecast."
    if p.median is None:
        share = f"{100 * p.share:.0f} of 100"
        return (
            f"Without a further dose, {share} people like this one pass {what} within the forecast; 1 in 20 by"
            f" {p.early}."
        )
    rest = f"19 in 20 by {p.late}" if p.late else "some not within the forecast"
    half = "half of people like this one"
    passing = f"{half} have passed {what} since" if p.median <= now else f"{half} pass {what} by"
    return f"Without a further dose, {passing} {p.median}; 1 in 20 by {p.early}, and {rest}."


def measurement_sentence(tests: tuple[NextTest, ...], aim: Aim) -> str:
    """Say which measurement would help the choice most.

    Parameters
    ----------
    tests : tuple of NextTest
        The most useful first.
    aim : Aim
        By which strategies are ranked.

    Returns
    -------
    str
        A sentence; empty without a test.
    """
    if not tests:
        return ""
    best = tests[0]
    before, after = (100 * x for x in (best.worth.wrong_before, best.worth.wrong_after))
    chance = "the chance of choosing a strategy that is not the best for this person by the aim"
    if before < 1:
        return f"No test is needed to choose: {chance} '{aim.name}' is below 1 of 100."
    if not best.worth.tells:
        return (
            f"No single test before the decision would change it: {chance} '{aim.name}' stays near {before:.0f}"
            " of 100."
        )
    return (
        f"The most useful test before the decision is {best.title} on {best.date}: {chance} '{aim.name}' would fall"
        f" from {before:.0f} to {after:.0f} of 100."
    )


def search_sentence(search: Search) -> str:
    """Say which plan is the best, the difference to the next one, and what was forbidden.

    Parameters
    ----------
    search : Search
        Of a forecast.

    Returns
    -------
    str
        A sentence.
    """
    first, aim = search.ranking.first, search.ranking.aim
    sentence = (
        f"Of {len(search.plans)} plans, '{first.option}' is expected to be the best by the aim '{aim.name}'"
        f" ({first.mean:.1f} {aim.unit} {aim.title} within {search.ranking.months} months)"
    )
    if len(search.ranking.ranks) > 1:
        second = search.ranking.ranks[1]
        low, middle, high = second.behind
        best_exit = ", the best exit," if first.option == THROUGHOUT else ""
        near = (
            ", and the model cannot tell it apart from the first"
            if set(second.bracket) & set(first.bracket)
            else ""
        )
        sentence += f"; '{second.option}'{best_exit} differs by {middle:+.1f} ({low:+.1f} to {high:+.1f})"
        sentence += f" in the same people{near}"
    if search.forbidden:
        sentence += (
            f". Not possible by the care rules, {len(search.forbidden)}: {', '.join(search.forbidden)}"
        )
    return sentence + "."
