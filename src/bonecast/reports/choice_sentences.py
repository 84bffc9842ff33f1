"""The choice in sentences: by when the next injection is needed, which test is worth doing, which exit is the best."""

from __future__ import annotations

import datetime as dt

from bonecast.core import gettext
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
        return gettext(
            "{said} The injection counted as on time until {day}, day 211 after the last one: it "
            "is late already.",
            said=said,
            day=day,
        )
    return gettext(
        "{said} Do not wait for it: the injection counts as on time until {day}, day 211 after the last one.",
        said=said,
        day=day,
    )


def _passing(latest: LatestDate, now: dt.date) -> str:
    p, what = latest.time, gettext("the point at which {what}", what=gettext(latest.what))
    if p.early is None:
        return gettext(
            "Without a further dose, hardly anyone like this one passes {what} within the forecast.",
            what=what,
        )
    if p.median is None:
        share = gettext("{count} of 100", count=f"{100 * p.share:.0f}")
        return gettext(
            "Without a further dose, {share} people like this one pass {what} within the "
            "forecast; 1 in 20 by {early}.",
            share=share,
            what=what,
            early=p.early,
        )
    rest = gettext("19 in 20 by {month}", month=p.late) if p.late else gettext("some not within the forecast")
    half = gettext("half of people like this one")
    passing = (
        gettext("{half} have passed {what} since", half=half, what=what)
        if p.median <= now
        else gettext("{half} pass {what} by", half=half, what=what)
    )
    return gettext(
        "Without a further dose, {passing} {median}; 1 in 20 by {early}, and {rest}.",
        passing=passing,
        median=p.median,
        early=p.early,
        rest=rest,
    )


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
    chance = gettext("the chance of choosing a strategy that is not the best for this person by the aim")
    if before < 1:
        return gettext(
            "No test is needed to choose: {chance} '{name}' is below 1 of 100.",
            chance=chance,
            name=gettext(aim.name),
        )
    if not best.worth.tells:
        return gettext(
            "No single test before the decision would change it: {chance} '{name}' stays near "
            "{before:.0f} of 100.",
            chance=chance,
            name=gettext(aim.name),
            before=before,
        )
    return gettext(
        "The most useful test before the decision is {title} on {date}: {chance} '{name}' "
        "would fall from {before:.0f} to {after:.0f} of 100.",
        title=gettext(best.title),
        date=best.date,
        chance=chance,
        name=gettext(aim.name),
        before=before,
        after=after,
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
    sentence = gettext(
        "Of {count} plans, '{option}' is expected to be the best by the aim '{name}' "
        "({mean:.1f} {unit} {title} within {months} months{after})",
        count=len(search.plans),
        option=first.option,
        name=gettext(aim.name),
        mean=first.mean,
        unit=gettext(aim.unit),
        title=gettext(aim.title),
        months=search.ranking.months,
        after=gettext(" after the effect of the last denosumab ends") if search.since == "last dose" else "",
    )
    if len(search.ranking.ranks) > 1:
        second = search.ranking.ranks[1]
        low, middle, high = second.behind
        best_exit = gettext(", the best exit,") if first.option == gettext(THROUGHOUT) else ""
        near = (
            gettext(", and the model cannot tell it apart from the first")
            if set(second.bracket) & set(first.bracket)
            else ""
        )
        sentence += gettext(
            "; '{option}'{best_exit} differs by {middle:+.1f} ({low:+.1f} to {high:+.1f})",
            option=second.option,
            best_exit=best_exit,
            middle=middle,
            low=low,
            high=high,
        )
        sentence += gettext(" in the same people{near}", near=near)
    if search.forbidden:
        sentence += gettext(
            ". Not possible by the care rules, {count}: {names}",
            count=len(search.forbidden),
            names=", ".join(search.forbidden),
        )
    return sentence + "."
