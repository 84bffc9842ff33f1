"""What a clinic has set, for whatever is done on its behalf: formats, precision of its scanners, rules switched off.

A setting holds within `practising`, as a language does within `speaking`; outside it nothing is set, and every number
is what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Practice:
    """The settings of a clinic that reach further than its pages.

    Parameters
    ----------
    jurisdiction : str
        Whose care rules hold where a record does not say; "" for none.
    country : str
        Whose fracture rates hold where a record does not say; "" for the default.
    date_format : str
        "dmy" (16/03/2026), "mdy", "dots" (16.03.2026) or "iso"; "" for a day in words.
    decimal : str
        "." or ","; "" for that of the language.
    precision : tuple of tuple of (str, str, float)
        Site, scanner ("" for any) and the clinic's own coefficient of variation, %.
    cross_calibration : tuple of tuple of (str, str, str, float)
        Site, scanner, other scanner, and what the first shows of 1 g/cm2 of the other.
    rules_off : tuple of tuple of (str, str)
        Care rules that do not count here, each with its reason.
    units : tuple of tuple of (str, str)
        The unit in which charts show a test, where it is not the usual one.
    """

    jurisdiction: str = ""
    country: str = ""
    date_format: str = ""
    decimal: str = ""
    precision: tuple[tuple[str, str, float], ...] = ()
    cross_calibration: tuple[tuple[str, str, str, float], ...] = ()
    rules_off: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()

    def precision_of(self, site: str, scanner: str | None) -> float | None:
        """Return the clinic's own coefficient of variation of a site, %; that of the scanner before that of any.

        Parameters
        ----------
        site : str
            BMD site.
        scanner : str or None
            Maker of the scanner.

        Returns
        -------
        float or None
            None where the clinic has set none.

        Examples
        --------
        >>> Practice(precision=(("lumbar spine", "", 1.4), ("lumbar spine", "Hologic", 1.1))).precision_of(
        ...     "lumbar spine", "Hologic")
        1.1
        """
        known = {(place, make): cv for place, make, cv in self.precision}
        return known.get((site, scanner or ""), known.get((site, "")))

    def unit_of(self, test: str) -> str:
        """Return the unit in which a test is shown; "" for the usual one.

        Parameters
        ----------
        test : str
            Name of a test.

        Returns
        -------
        str

        Examples
        --------
        >>> Practice(units=(("CTX", "pg/mL"),)).unit_of("CTX"), Practice().unit_of("CTX")
        ('pg/mL', '')
        """
        return dict(self.units).get(test, "")

    def ratio_of(self, site: str, scanner: str, other: str) -> float | None:
        """Return what one scanner shows of 1 g/cm2 of another, where the clinic has compared them.

        Parameters
        ----------
        site : str
            BMD site.
        scanner, other : str
            Makers.

        Returns
        -------
        float or None

        Examples
        --------
        >>> Practice(cross_calibration=(("total hip", "Lunar", "Hologic", 1.07),)).ratio_of(
        ...     "total hip", "Lunar", "Hologic")
        1.07
        """
        for place, one, two, ratio in self.cross_calibration:
            if place == site and (one, two) == (scanner, other):
                return ratio
            if place == site and (two, one) == (scanner, other):
                return 1 / ratio
        return None

    def as_dict(self) -> dict[str, Any]:
        """Return what is set, as JSON takes it; nothing where nothing is.

        Returns
        -------
        dict of str to object
        """
        return {key: value for key, value in asdict(self).items() if value}


_NOTHING = Practice()
_practice: ContextVar[Practice] = ContextVar("practice", default=_NOTHING)


def current_practice() -> Practice:
    """Return the settings that hold at present.

    Returns
    -------
    Practice
    """
    return _practice.get()


@contextmanager
def practising(practice: Practice) -> Iterator[None]:
    """Hold these settings.

    Parameters
    ----------
    practice : Practice
        The settings.

    Yields
    ------
    None
    """
    token = _practice.set(practice)
    try:
        yield
    finally:
        _practice.reset(token)


def read_practice(kept: Mapping[str, Any]) -> Practice:
    """Read settings back from what `Practice.as_dict` gave.

    Parameters
    ----------
    kept : mapping of str to object
        As it came back from JSON.

    Returns
    -------
    Practice

    Examples
    --------
    >>> read_practice({"country": "ES", "rules_off": [["MO-01", "tested by the family doctor"]]}).rules_off
    (('MO-01', 'tested by the family doctor'),)
    """
    known = {field.name for field in fields(Practice)}
    return Practice(**{key: _tuples(value) for key, value in kept.items() if key in known})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list | tuple) else value
