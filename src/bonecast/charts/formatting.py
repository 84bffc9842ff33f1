"""Numbers and units as they are printed: one minus sign, one form for each quantity."""

from __future__ import annotations

import datetime as dt

from bonecast.charts.panel import X
from bonecast.core import current_language, gettext

_UNITS = {"ug/L": "µg/L", "g/cm2": "g/cm²", "umol/L": "µmol/L", "ug": "µg", "mL/min/1.73m2": "mL/min/1.73 m²"}


def format_number(value: float, form: str) -> str:
    """Write a number with a true minus sign; a zero after rounding carries no sign.

    Parameters
    ----------
    value : float
        The number.
    form : str
        Format, as Python and d3 both read it ("+.1f").

    Returns
    -------
    str

    Examples
    --------
    >>> format_number(-1.26, "+.1f"), format_number(-0.04, "+.1f")
    ('−1.3', '0.0')
    """
    text = format(value, form)
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−").replace(".", current_language().decimal)


def format_range(low: float, high: float, form: str) -> str:
    """Write a range in words.

    Parameters
    ----------
    low : float
        Lower end.
    high : float
        Upper end.
    form : str
        Format of a number.

    Returns
    -------
    str

    Examples
    --------
    >>> format_range(-3.1, 0.2, "+.1f")
    '−3.1 to +0.2'
    """
    return gettext("{low} to {high}", low=format_number(low, form), high=format_number(high, form))


def counted(count: int, word: str, plural: str = "") -> str:
    """Write how many there are of something.

    Parameters
    ----------
    count : int
        How many.
    word : str
        One of them.
    plural : str
        Several of them; with an s by default.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "dose"), counted(1200, "dose"), counted(2, "entry", "entries")
    ('1 dose', '1,200 doses', '2 entries')
    """
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


def format_unit(text: str) -> str:
    """Write a unit as it is printed.

    Parameters
    ----------
    text : str
        The unit as it is kept.

    Returns
    -------
    str

    Examples
    --------
    >>> format_unit("ug/L")
    'µg/L'
    """
    return _UNITS.get(text, text)


def place(x: X) -> str:
    """Write a position on the x axis: a date in ISO form, or a number.

    Parameters
    ----------
    x : X
        The position.

    Returns
    -------
    str

    Examples
    --------
    >>> import datetime as dt
    >>> place(dt.date(2026, 9, 15)), place(14.0), place(-7.0)
    ('2026-09-15', '14', '−7')
    """
    return x.isoformat() if isinstance(x, dt.date) else format_number(x, "g")
