"""What the clinician's two pages say: which strategies, which charts, the points in short, the latest values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bonecast.charts import format_number, format_unit
from bonecast.core import gettext, ngettext
from bonecast.forecasts import Forecast
from bonecast.outcomes import REFERENCE_RANGES, fracture_parameter_set
from bonecast.reports.accounts import StrategyAccount, accounts, quoted
from bonecast.reports.choice_sentences import latest_sentence
from bonecast.reports.not_considered import not_considered
from bonecast.reports.notes import ALL_BLOCKED, withheld_sentences
from bonecast.reports.panels import MOST_DRAWN
from bonecast.reports.safety import STATES, Safety, reasons
from bonecast.reports.would_change import would_change

ROOMY, FEW = 4, 5  # strategies up to which P1NP, and the hip, have room beside the charts that matter most
MOST_LETTERS = 5600  # of the words on the second page that the record makes longer or shorter
FIRST_PAGE, SECOND_PAGE = ("LS_BMD", "TH_BMD"), ("CTX", "P1NP")
LATEST = ((("BMD",), "lumbar spine"), (("BMD",), "total hip"), (("CTX",), None), (("P1NP",), None))
LATEST += ((("corrected calcium", "calcium"), None), (("25-OH vitamin D",), None))
LATEST += ((("creatinine",), None), (("eGFR",), None))
# of the fracture relation, the cards that move most between strategies
_FRACTURE_CARDS = ("vertebral_bmd", "vertebral_resorption", "vertebral_burst")


@dataclass(frozen=True)
class Brief:
    """accounts : of the strategies on the two pages; the others' stand in the appendix. charts : keys, page by page.
    many : are there so many strategies that the words must be set smaller, and nothing said twice?"""

    points: tuple[str, ...]
    values: tuple[tuple[str, str, str], ...]
    accounts: tuple[StrategyAccount, ...]
    others: tuple[StrategyAccount, ...]
    charts: tuple[tuple[str, ...], tuple[str, ...]]
    sources: tuple[str, ...]
    many: bool


def brief_of(forecast: Forecast, safety: Safety) -> Brief:
    """What stands on the two pages of this forecast? `forecast` as `in_order` gives it."""
    shown = _fitting(forecast)
    count = len(forecast.strategies)
    charts = FIRST_PAGE[: 2 if count <= FEW else 1], SECOND_PAGE[: 2 if count <= ROOMY else 1]
    return Brief(
        tuple(_points(forecast, safety)),
        tuple(latest_values(forecast)),
        tuple(a for a in accounts(forecast) if a.strategy in shown),
        tuple(a for a in accounts(forecast) if a.strategy not in shown),
        charts,
        chart_sources(forecast),
        many=count > FEW,
    )


def _fitting(forecast: Forecast) -> set[str]:
    """Strategies whose accounts have room on the second page: the best first, of those that are drawn."""
    drawn = {s.name for s in forecast.strategies[:MOST_DRAWN]}
    places = {r.option: i for i, r in enumerate(forecast.ranking.ranks)} if forecast.ranking else {}
    letters = sum(map(len, (*would_change(forecast), *not_considered(forecast))))
    shown: set[str] = set()
    said: set[str] = set()
    for account in sorted(accounts(forecast), key=lambda a: places.get(a.strategy, len(places))):
        repeated = sum(len(sentence) for sentence in account.mechanism if sentence in said)
        letters += len(account.strategy) + len(account.outcome) + len(account.reason) - repeated
        if account.strategy in drawn and (letters <= MOST_LETTERS or not shown):
            shown.add(account.strategy)
            said.update(account.mechanism)
    return shown


def in_order(forecast: Forecast) -> Forecast:
    """Order the strategies so that the best of many stand among those that are drawn.

    The first one keeps its place: the range before the measurements belongs to it.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    Forecast
        The same, in another order.
    """
    if len(forecast.strategies) <= MOST_DRAWN or forecast.ranking is None:
        return forecast
    places = {r.option: place for place, r in enumerate(forecast.ranking.ranks)}
    rest = sorted(forecast.strategies[1:], key=lambda s: places.get(s.name, len(places)))
    strategies = (forecast.strategies[0], *rest)
    rows = {s.strategy: s for s in forecast.summaries}
    return replace(forecast, strategies=strategies, summaries=tuple(rows[s.name] for s in strategies))


def _points(forecast: Forecast, safety: Safety) -> Iterator[str]:
    """What a reader with one minute should know: the choice, the next injection, what is not possible."""
    if forecast.risk_only:
        yield ALL_BLOCKED
    yield from would_change(forecast)[:1] if forecast.ranking else ()
    yield from (latest_sentence(one, forecast.now) for one in forecast.latest[:1])
    check = safety.check
    asked = [f.rule for f in check.findings if f.severity in ("block", "warn")]
    if check.state not in ("clear", "given"):
        rules = f" ({', '.join(asked)})" if asked else ""
        open_ = (
            ""
            if check.complete
            else ngettext(
                "; {count} safety question open", "; {count} safety questions open", len(check.questions)
            )
        )
        yield gettext(
            "Next injection: {lower}{rules}{open}. See the appendix.",
            lower=gettext(STATES[check.state]).lower(),
            rules=rules,
            open=open_,
        )
    yield from withheld_sentences(forecast)
    yield from (
        gettext("Not possible: {names}. {why}", names=quoted(names), why=why)
        for why, names in reasons(forecast)
    )


def latest_values(forecast: Forecast) -> Iterator[tuple[str, str, str]]:
    """Give the latest measurement of each kind that a choice is made on.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Yields
    ------
    tuple of (str, str, str)
        Test, value and day.
    """
    for tests, site in LATEST:
        each = (forecast.patient.latest(test, site) for test in tests)
        found = max(filter(None, each), key=lambda one: one.date, default=None)
        if found is None:
            continue
        amount, _, of = found.given.partition(" ")
        value = f"{amount} {format_unit(of)}".strip()
        if found.t_score is not None:
            value += f", T {format_number(found.t_score, '+.1f')}"
        yield (
            " ".join(filter(None, (gettext(site) if site else "", gettext(found.test)))),
            value,
            found.date.isoformat(),
        )


def chart_sources(forecast: Forecast) -> tuple[str, ...]:
    """List what stands behind charts and fractures: calibration, ranges, fracture relation.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of str
        Citations.
    """
    found = [text for text in forecast.references if "calibration" in text]
    found += [text for text in forecast.references if text.endswith(REFERENCE_RANGES["CTX"].source)][:1]
    parameter_set = fracture_parameter_set()
    for name in _FRACTURE_CARDS:
        source = parameter_set.sources[parameter_set.parameters[name].source]
        found += [text for text in forecast.references if text.startswith(source.text)]
    return tuple(dict.fromkeys(found))
