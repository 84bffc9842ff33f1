"""The faults of one table, told together."""

from __future__ import annotations

from bonecast.errors import InputError


class TableError(InputError):
    """A table that cannot be used. `.faults` holds every fault that was kept, in order of the file."""

    def __init__(self, faults: list[InputError]) -> None:
        first, others = faults[0], len(faults) - 1
        more = f"the table has {others} more fault{'s' if others > 1 else ''}" if others else ""
        super().__init__(first.place, first.cause, "; ".join(filter(None, [first.mend, more])))
        self.faults = tuple(faults)
