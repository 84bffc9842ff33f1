"""From birth to the day of the record, or to death: the only days that a record may speak of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.core import gettext
from bonecast.errors import InputError


@dataclass(frozen=True)
class Lifetime:
    """The days from birth to the record; every day where these two could not be read."""

    birth: dt.date = dt.date.min
    record: dt.date = dt.date.max
    death: dt.date | None = None

    def check(self, day: dt.date, place: str, what: str) -> dt.date:
        """Is this day within the lifetime? Returns it; raises InputError where it is not."""
        if day > self.record:
            cause = gettext(
                "the {what} of {day} lies after the day of the record ({record})",
                what=what,
                day=day,
                record=self.record,
            )
            raise InputError(
                place, cause, gettext("correct one of the two days; what is planned belongs in a plan")
            )
        if self.death is not None and day > self.death:
            cause = gettext(
                "the {what} of {day} lies after death ({death})", what=what, day=day, death=self.death
            )
            raise InputError(place, cause, gettext("correct one of the two days"))
        if day < self.birth:
            raise InputError(
                place,
                gettext(
                    "the {what} of {day} lies before birth ({birth})", what=what, day=day, birth=self.birth
                ),
                gettext("correct one of the two days"),
            )
        return day
