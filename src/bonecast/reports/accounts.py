"""What happens under each strategy and why, in sentences: the numbers of a forecast, said."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.charts import format_number, format_range, format_unit
from bonecast.core import gettext, grade_text
from bonecast.drugs import find_drug
from bonecast.forecasts import Forecast, Strategy, apart, changes, sequences
from bonecast.models import load_model
from bonecast.outcomes import (
    GAP_D,
    REFERENCE_RANGES,
    PublishedRate,
    QuantileRange,
    Summary,
    TimeToThreshold,
    TreatmentGap,
    endpoint,
)
from bonecast.regimens import history_of

TIMES = {12: "1 year", 24: "2 years", 60: "5 years"}
EVIDENCE = {
    "randomised": "a randomised trial",
    "expert": "the advice of experts",
    "inference": "related drugs",
}
_SITES = {"LS_BMD": "Spine BMD", "TH_BMD": "total hip BMD"}
MOST_QUOTED = 3
_ALL, _MOST = 0.95, 0.5  # shares of a gain that are "as much as" and "most of" it
_NEVER = 0.05  # the share of people below which "at least 19 of 20" do not


@dataclass(frozen=True)
class StrategyAccount:
    """What happens under one strategy and why, in sentences.

    Parameters
    ----------
    strategy : str
        Its name.
    outcome : str
        Density, fractures against the other strategies with what cohorts saw after stopping, turnover.
    begins : str
        When the cover of denosumab ends, if it does.
    mechanism : tuple of str
        How each drug acts in the model.
    effect : str
        What that does to resorption and to the spine, with sizes and dates.
    evidence : str
        What this order of drugs rests on.
    sources : tuple of str
        Where that was read, and the range that turnover is compared with.
    """

    strategy: str
    outcome: str
    begins: str = ""
    mechanism: tuple[str, ...] = ()
    effect: str = ""
    evidence: str = ""
    sources: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why, in one paragraph."""
        return " ".join(filter(None, (self.begins, *self.mechanism, self.effect, self.evidence)))


@cache
def wording() -> dict[str, Any]:
    """The words that stand beside the numbers: `sentences.toml`."""
    return tomllib.loads((files("bonecast.reports") / "sentences.toml").read_text("utf-8"))


def accounts(forecast: Forecast) -> tuple[StrategyAccount, ...]:
    """Say what happens under each strategy of this forecast, and why.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of StrategyAccount
        In the order of the strategies.
    """
    return tuple(
        _account(forecast, strategy, summary)
        for strategy, summary in zip(forecast.strategies, forecast.summaries, strict=True)
    )


def _account(forecast: Forecast, strategy: Strategy, summary: Summary) -> StrategyAccount:
    if not forecast.bands.get(strategy.name):
        gap = next((g.reason for g in forecast.gaps if g.strategy == strategy.name), "")
        return StrategyAccount(
            strategy.name, gettext("There is no forecast of it. {gap}", gap=gettext(gap)).strip()
        )
    evidence, sources = _evidence(forecast, strategy)
    if "CTX" in summary.turnover_threshold:
        sources = (
            *sources,
            gettext("Reference range of CTX: {source}", source=REFERENCE_RANGES["CTX"].source),
        )
    return StrategyAccount(
        strategy.name,
        " ".join(
            filter(
                None,
                (
                    _density(summary),
                    _fractures(forecast, summary),
                    *_seen(strategy, summary),
                    _turnover(summary),
                ),
            )
        ),
        begins=_begins(summary.treatment_gap) if summary.treatment_gap else "",
        mechanism=tuple(_mechanism(forecast, strategy, summary.treatment_gap)),
        effect=" ".join(
            (*(_rebound(summary.treatment_gap) if summary.treatment_gap else ()), *_level(summary))
        ),
        evidence=evidence,
        sources=sources,
    )


# What happens


def _density(summary: Summary) -> str:
    """Spine and hip from today, two years ahead if the forecast goes so far."""
    months = max((m for key, m in summary.change if key == "LS_BMD" and m <= 24), default=None)
    text = [
        f"{gettext(site)} {ranged(summary.change[key, months], '+.1f', ' %')}"
        for key, site in _SITES.items()
        if months is not None and (key, months) in summary.change
    ]
    return (
        gettext("{changes} in {times}.", changes=gettext(" and ").join(text), times=gettext(TIMES[months]))
        if text and months
        else ""
    )


def _fractures(forecast: Forecast, summary: Summary) -> str:
    """New vertebral fractures at the end, against the strategy with the fewest."""
    months = max((m for kind, m in summary.fractures if kind == "vertebral"), default=None)
    if months is None:
        return ""
    of = ("vertebral", months)
    text = gettext(
        "{range} of 1,000 with a new vertebral fracture in {times}",
        range=ranged(summary.fractures[of], ".0f"),
        times=gettext(TIMES[months]),
    )
    others = {s.strategy: s.fractures[of].median for s in forecast.summaries if of in s.fractures}
    ranking = forecast.ranking
    if ranking is None or ranking.aim.name != "vertebral":
        fewest = min(others, key=lambda name: others[name])
        here = others[summary.strategy]
        more = (
            gettext(", against {others:.0f} under '{fewest}'", others=others[fewest], fewest=fewest)
            if here > others[fewest] + 0.5
            else ""
        )
        return text + more + "."
    rank = next((r for r in ranking.ranks if r.option == summary.strategy), None)
    if rank is None or len(ranking.ranks) < 2:
        return text + "."
    first = ranking.first
    if rank is first:
        alike = (
            gettext(", not distinguished from {names}", names=quoted(ranking.tied)) if ranking.tied else ""
        )
        return gettext("{text}, expected to be the fewest{alike}.", text=text, alike=alike)
    alike = gettext(", too few to tell apart") if set(rank.bracket) & set(first.bracket) else ""
    return gettext(
        "{text}, {more} than under '{option}'{alike}.",
        text=text,
        more=_more(rank.behind),
        option=first.option,
        alike=alike,
    )


def _seen(strategy: Strategy, summary: Summary) -> Iterator[str]:
    """What cohorts saw, beside the absolute risk of the model, and by how much they differ."""
    for rate in strategy.published:
        yield gettext(
            "Published, for comparison: {sentence}{against}",
            sentence=rate.sentence,
            against=_against(rate, summary.beside.get(rate.id)),
        )


def _against(rate: PublishedRate, own: QuantileRange | None) -> str:
    """The forecast's own figure for the same count, where it is far from the published one."""
    if own is None or not apart(rate, own.median):
        return ""
    return gettext(
        " The forecast says {median:.2g} {unit} for the same count: trust it less.",
        median=own.median,
        unit=rate.unit,
    )


def _more(behind: tuple[float, float, float]) -> str:
    """A paired difference in people: "19 more (10 to 31)".

    >>> _more((10.2, 19.1, 30.8)), _more((-3.0, -2.0, 1.0))
    ('19 more (10 to 31)', '2 fewer (−1 to 3)')
    """
    low, middle, high = behind
    ends = (low, high) if middle >= 0 else (-high, -low)
    count, span = f"{abs(middle):.0f}", format_range(*ends, ".0f")
    return (
        gettext("{count} more ({range})", count=count, range=span)
        if middle >= 0
        else gettext("{count} fewer ({range})", count=count, range=span)
    )


def _turnover(summary: Summary) -> str:
    time = summary.turnover_threshold.get("CTX")
    return "" if time is None else f"CTX {passing(time)}."


def passing(time: TimeToThreshold) -> str:
    """When it leaves the range before the menopause, in words that follow its name.

    >>> passing(TimeToThreshold(0.67, 0.2, dt.date(2027, 1, 1), None, None))
    'leaves the range before the menopause in 20 of 100 people, in the first of them by 2027-01'
    """
    where = gettext("the range before the menopause")
    if time.share < _NEVER or time.early is None:
        return gettext("stays within {where} in at least 19 of 20 people", where=where)
    if time.median is None:
        return gettext(
            "leaves {where} in {share:.0f} of 100 people, in the first of them by {month}",
            where=where,
            share=100 * time.share,
            month=month(time.early),
        )
    late = gettext("19 in 20 by {month}", month=month(time.late)) if time.late else gettext("some never")
    return gettext(
        "leaves {where} by {month} in half of people (1 in 20 by {month_2}, {late})",
        where=where,
        month=month(time.median),
        month_2=month(time.early),
        late=late,
    )


# Why


def _begins(gap: TreatmentGap) -> str:
    until = (
        gettext(", and RANKL is free until the next injection on {ends}", ends=gap.ends) if gap.ends else ""
    )
    return gettext("The cover of denosumab ends on {begins}{until}.", begins=gap.begins, until=until)


def _mechanism(forecast: Forecast, strategy: Strategy, gap: TreatmentGap | None) -> Iterator[str]:
    """How the drugs of this strategy act in this model; in a treatment gap, those that the end of cover meets."""
    if not forecast.models:
        return
    model = load_model(forecast.models[0])
    names = (model.name, model.extends)
    drugs = list(dict.fromkeys(dose.drug for dose in strategy.doses))
    if gap is not None:
        from_day = gap.begins - dt.timedelta(
            days=GAP_D
        )  # given a little before the cover ends, it is met too
        meets = {d.drug for d in strategy.doses if from_day <= d.date <= gap.observed_until} - {"denosumab"}
        drugs = [drug for drug in drugs if drug in meets]
        if not drugs:
            yield from (
                f"{gettext(wording()[name]['nothing']['acts'])}." for name in names if name in wording()
            )
    yield from (f"{gettext(words)}." for drug in drugs if (words := find_drug(drug).mechanism(*names)))


def _rebound(gap: TreatmentGap) -> Iterator[str]:
    """How far resorption rises, and what the spine loses."""
    peak = gettext("{range} times what it was before treatment", range=ranged(gap.peak, ".1f"))
    days, rises = gap.peak_days, gettext("goes no higher than")
    if gap.peak.median > 1:
        rises = gettext("rises from {median:.1f} to", median=gap.before.median)
    when = (
        month(days.median)
        if month(days.early) == month(days.late)
        else gettext("{first} to {last}", first=month(days.early), last=month(days.late))
    )
    yield gettext("Resorption (CTX) {rises} {peak}, reached in {when}.", rises=rises, peak=peak, when=when)
    if gap.loss_begins is None or gap.loss_ends is None:
        yield gettext(
            "The spine loses {range} at most by {month}.",
            range=ranged(gap.lost, ".1f", " %"),
            month=month(gap.observed_until),
        )
        return
    text = gettext("The spine loses {range}", range=ranged(gap.lost, ".1f", " %"))
    if gap.share_of_gain_lost is not None:
        share = 100 * gap.share_of_gain_lost.median
        ends = format_range(100 * gap.share_of_gain_lost.low, 100 * gap.share_of_gain_lost.high, ".0f")
        size = (
            gettext("as much as it had gained")
            if share >= 100 * _ALL
            else gettext("most of what it had gained")
            if share > 100 * _MOST
            else gettext("part of what it had gained")
        )
        text += f", {size} ({share:.0f} %, {ends})"
    yield (
        gettext(
            "{text}, most of it from {month} to {month_2} (range {month_3} to {month_4}).",
            text=text,
            month=month(gap.loss_begins.median),
            month_2=month(gap.loss_ends.median),
            month_3=month(gap.loss_begins.early),
            month_4=month(gap.loss_ends.late),
        )
    )


def _level(summary: Summary) -> Iterator[str]:
    """Where resorption then stands: the mean of the last six months looked at."""
    months = max((m for key, m in summary.marker if key == "CTX"), default=None)
    if months is not None and (summary.treatment_gap is None or summary.treatment_gap.ends):
        of = endpoint("CTX")
        yield (
            gettext(
                "CTX is then {range} {unit} (mean of months {months} to {months_2}).",
                range=ranged(summary.marker["CTX", months], ".2f"),
                unit=format_unit(of.unit),
                months=months - 6,
                months_2=months,
            )
        )


def _evidence(forecast: Forecast, strategy: Strategy) -> tuple[str, tuple[str, ...]]:
    """What this order of drugs rests on, and where it was read."""
    pairs = dict.fromkeys(changes(strategy.plan, history_of(forecast.patient)))
    rows = [sequences()[pair] for pair in pairs if pair in sequences()]
    text = "; ".join(
        gettext(
            "{after} after {before}, {evidence} ({grade})",
            after=gettext(row.after),
            before=gettext(row.before),
            evidence=gettext(EVIDENCE[row.evidence]),
            grade=grade_text(row.mark),
        )
        for row in rows
    )
    return (gettext("Evidence: {text}.", text=text) if text else ""), tuple(
        row.source for row in rows if row.mark != "assumption"
    )


# Words


def ranged(values: QuantileRange, form: str, of: str = "") -> str:
    """A median with its 90 % range.

    >>> ranged(QuantileRange(-1.26, -3.0, 0.04), "+.1f", " %")
    '−1.3 % (−3.0 to 0.0)'
    """
    return f"{format_number(values.median, form)}{of} ({format_range(values.low, values.high, form)})"


def month(date: dt.date) -> str:
    """A date to the month: a forecast knows no days."""
    return f"{date:%Y-%m}"


def quoted(names: tuple[str, ...] | list[str]) -> str:
    """Names in a sentence; many are counted.

    >>> quoted(("a", "b", "c")), quoted(("a", "b", "c", "d", "e"))
    ("'a', 'b' and 'c'", "'a', 'b' and 3 others")
    """
    text = [f"'{name}'" for name in names]
    if len(text) > MOST_QUOTED:
        text = [
            *text[: MOST_QUOTED - 1],
            gettext("{most_quoted} others", most_quoted=len(text) - MOST_QUOTED + 1),
        ]
    *rest, last = text
    return gettext("{names} and {last}", names=", ".join(rest), last=last) if rest else last
