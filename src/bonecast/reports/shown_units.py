"""The unit in which a chart shows a quantity: the usual one, or what the clinic has set."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bonecast.charts import Point, Series, format_unit
from bonecast.core import current_practice
from bonecast.outcomes import Endpoint
from bonecast.records import find_test, from_usual

FORMS = {"%": "+.1f", "ng/mL": ".2f", "ug/L": ".0f", "mmol/L": ".2f", "pg/mL": ".0f"}


@dataclass(frozen=True)
class ShownUnit:
    """The unit in which a quantity is drawn, what a number in the usual unit is multiplied by, and its format."""

    name: str
    factor: float
    form: str

    def series(self, drawn: Iterable[Series]) -> tuple[Series, ...]:
        """The same curves in this unit."""
        return tuple(
            replace(
                one,
                quantiles=tuple(tuple(self.factor * v for v in row) for row in one.quantiles),
                outline=None if one.outline is None else self.series((one.outline,))[0],
            )
            for one in drawn
        )

    def point(self, point: Point) -> Point:
        """The same point in this unit."""
        low, high = (None if end is None else self.factor * end for end in (point.low, point.high))
        return replace(point, y=self.factor * point.y, low=low, high=high)


def shown_unit(of: Endpoint) -> ShownUnit:
    """The unit that the clinic has set for charts of this quantity, else the usual one.

    >>> from bonecast.core import Practice, practising
    >>> from bonecast.outcomes import endpoint
    >>> with practising(Practice(units=(("CTX", "pg/mL"),))):
    ...     shown_unit(endpoint("CTX"))
    ShownUnit(name='pg/mL', factor=1000.0, form='.0f')
    """
    unit = current_practice().unit_of(of.test)
    if not unit or unit == of.unit:
        return ShownUnit(format_unit(of.unit), 1.0, FORMS[of.unit])
    factor = from_usual(find_test(of.test), 1.0, unit)
    digits = max(0, int(FORMS[of.unit][1]) - round(math.log10(factor)))
    return ShownUnit(format_unit(unit), factor, f".{digits}f")
