"""The table of a unit's parameters, from its cards as they stand when the page is built."""

from __future__ import annotations

from html import escape

from model_units import cards_of, parameter_set, units

from bonecast.models.parameters import Parameter

HEAD = ("name", "meaning", "value", "mark", "source", "CV")
CALIBRATED, OURS = "calibrated", "bonecast"


def parameters(name: str) -> str:
    """Name, meaning, value with unit, mark, source (or the rows that calibrated it) and what is left uncertain.

    Sources stand once below the table, by number.
    """
    cards = cards_of(units()[name])
    cited = list(dict.fromkeys(c.source for c in cards if c.mark != CALIBRATED and c.source != OURS))
    rows = "".join(_row(card, cited) for card in cards)
    head = "".join(f"<th>{word}</th>" for word in HEAD)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    notes = "<br>".join(f"[{i}] {_citation(key)}" for i, key in enumerate(cited, start=1))
    return f"<div class='cards'>{table}<p class='sources'>{notes}</p></div>"


def _row(card: Parameter, cited: list[str]) -> str:
    meaning = escape(card.meaning)
    if card.is_not:
        meaning += f"<br><small>Mind: {escape(card.is_not)}.</small>"
    cells = (
        f"<code>{escape(card.name)}</code>",
        meaning,
        _value(card),
        f"<span class='mark {card.mark}'>{card.mark}</span>",
        _source(card, cited),
        "" if card.cv is None else f"{100 * card.cv:.0f}&nbsp;%",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _value(card: Parameter) -> str:
    """Four digits, and the unit where there is one.

    >>> from bonecast.models import load_model
    >>> _value(load("bonecast-1").parameter_set.parameters["Q0"])
    '20,000 mmol'
    """
    figure = f"{card.value:,.0f}" if abs(card.value) >= 1e4 else f"{card.value:.4g}"
    unit = "" if card.unit == "1" else f" {escape(card.unit)}"
    return figure.replace("-", "−", 1 if card.value < 0 else 0) + unit


def _source(card: Parameter, cited: list[str]) -> str:
    if card.mark == CALIBRATED:
        pulled = f"rows: {escape(card.rows)}" if card.rows else "the calibration"
        return f"{pulled} <small>(prior {card.prior:.4g}, SD of ln {card.prior_sd:g})</small>"
    return "our choice" if card.source == OURS else f"[{cited.index(card.source) + 1}]"


def _citation(key: str) -> str:
    source = parameter_set().sources[key]
    text = escape(source.text)
    return f"<a href='https://doi.org/{escape(source.doi)}'>{text}</a>" if source.doi else text
