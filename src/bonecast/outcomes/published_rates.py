"""Rates that were published and that no model of the library computes: shown as they were read, with their source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.core import gettext, rows

_OFF = "off"  # ends a window that begins where the effect of denosumab ends, not today


@dataclass(frozen=True)
class PublishedRate:
    """One rate of a group of people. It is not adjusted to a person.

    Parameters
    ----------
    id : str
        Row of the table.
    topic : str
        What is counted, such as "low calcium".
    applies : tuple of str
        Groups that it is of.
    text : str
        Who, what and over which time.
    value : float
        The rate.
    comparator : float, optional
        The rate of the group it was compared with.
    unit : str
        Unit of both.
    kind : str
        Kind of fracture by which the forecast of a person is compared with it; empty where there is none.
    window : str
        When the forecast counts for that: "24 months off" the drug, "36 months" from today.
    n : int, optional
        How many people were studied.
    mark : str
        How sure the numbers are.
    source : str
        Where they were read.
    """

    id: str
    topic: str
    applies: tuple[str, ...]
    text: str
    value: float
    comparator: float | None
    unit: str
    kind: str
    window: str
    n: int | None
    mark: str
    source: str

    @property
    def number(self) -> str:
        """The rate in words.

        >>> published_rates("low calcium", "dialysis_60")[0].number
        '41.1 % against 2 %'
        """
        against = "" if self.comparator is None else f" against {self.comparator:g} {self.unit}"
        return f"{self.value:g} {self.unit}{against}"

    @property
    def months(self) -> int:
        """Months over which the forecast of a person counts for the comparison."""
        return int(self.window.split()[0])

    @property
    def after_cover(self) -> bool:
        """Does the comparison begin where the effect of denosumab ends? Else it begins today."""
        return self.window.endswith(_OFF)

    @property
    def sentence(self) -> str:
        """Who, the rate, how many were studied."""
        people = gettext(" ({count} people)", count=f"{self.n:,}") if self.n else ""
        return f"{gettext(self.text)}: {self.number}{people}."


def published_rates(topic: str, *groups: str) -> tuple[PublishedRate, ...]:
    """List the rates of one topic for any of these groups, in the order of the table.

    Parameters
    ----------
    topic : str
        What is counted.
    *groups : str
        Groups of people.

    Returns
    -------
    tuple of PublishedRate
        The rates; empty where nothing was published.

    Examples
    --------
    >>> [rate.value for rate in published_rates("vertebral fractures after stopping", "long")]
    [10.7, 7.5]
    """
    return tuple(one for one in all_rates() if one.topic == topic and set(groups) & set(one.applies))


@cache
def all_rates() -> tuple[PublishedRate, ...]:
    """Every row of `published_rates.csv`."""
    return tuple(_rate(row) for row in rows(files("bonecast.outcomes") / "published_rates.csv", dict))


def _rate(row: dict[str, str]) -> PublishedRate:
    read: dict[str, Any] = {
        "applies": tuple(row["applies"].split()),
        "value": float(row["value"]),
        "comparator": float(row["comparator"]) if row["comparator"] else None,
        "n": int(row["n"]) if row["n"] else None,
    }
    return PublishedRate(**{**row, **read})
