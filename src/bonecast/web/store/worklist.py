"""The worklist: who needs what next, by whom it is done and how far it is; and the filters that people keep.

What the judge says of a person is kept with the day until which it holds. A row that does not hold any more shows
neither a state nor a date to give something on, until it is judged again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, delete, func, not_, null, or_, select, update
from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError, UnknownName, printable
from bonecast.web.store.people import Page, StoredPerson, get, searched
from bonecast.web.store.tables import LARGEST_ID, PersonTable, SavedViewTable, ServiceDaysTable, WorklistTable

STATUSES = ("to call", "called", "booked", "moved", "declined", "stopped with plan")
OFF_LIST = ("moved", "declined", "stopped with plan")  # nobody calls them for an injection
STOPPED = ("declined", "stopped with plan")
SOON_D, GRACE_D, STOPPED_D = (
    28,
    28,
    56,
)  # days before and after the due day: soon, on time until, stopped after
HORIZON_D = 56  # days before the due day from which a person is judged again each day
Tile = Literal["due", "overdue", "longer", "blocked", "stopped", "everyone"]
TILES: dict[Tile, tuple[str, str]] = {
    "due": ("Due in 4 weeks", "The next injection is due within 28 days."),
    "overdue": (
        "Overdue up to 4 weeks",
        "Past the due day and still on time: day 184 to 211 after the last 60 mg.",
    ),
    "longer": ("Overdue longer", "More than 28 days past the due day."),
    "blocked": (
        "Cannot be given yet",
        "Due within 28 days or overdue, and the check says do not give, or a calcium or kidney result is missing.",
    ),
    "stopped": (
        "Stopped without follow-on",
        "Declined, stopped, or more than 56 days past the due day, and no other bone drug was given since.",
    ),
    "everyone": ("Everyone", "All people of the list."),
}
ORDERS = {
    "urgency": "most urgent first",
    "due": "longest due first",
    "name": "by name",
    "delay": "costliest delay first",
}
# What comes before the injection; `what` are the names of facts.
REASONS = {
    "emergency": "Emergency: act today",
    "contradiction": "The record contradicts itself: correct it",
    "record": "Correct the record: {what}",
    "obtain": "Obtain {what}",
    "settle": "Settle first: {what}",
    "check": "Settle first: see the check",
    "questions": "Safety questions open: {what}",
}
FIELDS = ("owner", "status", "site")  # what people set
LONGEST_VIEW = 60  # characters of the name of a saved view
MOST_IDS = 10_000  # asked for at once: a database takes no more than 32,766
MOST_VIEWS = 30  # of one user
_NO_COST: ColumnElement[Any] = null()


@dataclass(frozen=True)
class WorklistFilter:
    """Which people of the list are shown, in which order, and whether with what a month of delay costs them."""

    tile: Tile = "everyone"
    search: str = ""
    owner: str = ""
    status: str = ""
    site: str = ""
    sort: str = "urgency"
    delay: str = ""


@dataclass(frozen=True)
class WorklistRow:
    """One person of the worklist.

    `due` is None where nothing is due, and where the judge keeps the injection back: then no date is shown. `judged`
    says whether the judge spoke of this day. `window_d` : days left until the injection is late; negative after that.
    """

    id: int
    record_id: str
    name: str
    birth_date: dt.date
    last_dose: dt.date | None
    doses: int
    due: dt.date | None
    days_late: int | None
    window_d: int | None
    calcium: str
    calcium_day: dt.date | None
    egfr: str
    egfr_day: dt.date | None
    owner: str
    status: str
    site: str
    state: str
    blocked: bool
    judged: bool
    reason: str
    stopped: bool

    @property
    def next_action(self) -> str:
        """What is to be done next, in words."""
        if self.status == "moved" or (self.due is None and not (self.blocked or self.stopped)):
            return ""
        if not self.judged and not self.stopped:
            return gettext("Not checked today")
        if self.status in STOPPED:
            return gettext("Plan the follow-on treatment")
        if self.blocked and not self.stopped:
            return self.reason
        act = ""
        if self.stopped and self.status != "booked":
            act = gettext("Call: go on, or plan the follow-on")
        elif self.status == "booked":
            act = gettext("Appointment is booked")
        elif self.state:
            act = self._call()
        return ". ".join(filter(None, (act, self.reason)))

    def _call(self) -> str:
        if (self.days_late or 0) <= 0:
            return gettext("Call and book")
        if self.state == "not_complete":
            return gettext("Call and complete the check")
        return gettext("Call and give now")


def reason_of(key: str, *what: str) -> str:
    """A reason as it is kept: its key and the names that it mentions, so that each reader has it in their language."""
    return "\n".join((key, *what))


def _reason_words(kept: str) -> str:
    key, *what = kept.split("\n")
    return gettext(REASONS[key], what=", ".join(map(gettext, what))) if key in REASONS else ""


def find(
    s: Session,
    which: WorklistFilter,
    today: dt.date,
    offset: int = 0,
    limit: int = 50,
    month: ColumnElement[Any] = _NO_COST,
) -> Page[WorklistRow]:
    """The rows of a filter, in its order. month : what a month of delay costs, for that order."""
    where = [PersonTable.deleted.is_(False), *_where(which, today)]
    by_name = (PersonTable.name, PersonTable.id)
    due = (PersonTable.next_due.is_(None), PersonTable.next_due, *by_name)
    orders = {
        "urgency": (func.coalesce(WorklistTable.urgency, 9), *due),
        "due": due,
        "name": by_name,
        "delay": (month.is_(None), month.desc(), *due),
    }
    if which.sort not in orders:
        raise UnknownName("sort", "order", which.sort, ORDERS)
    found = s.execute(
        _joined(
            PersonTable.id,
            PersonTable.record_id,
            PersonTable.name,
            PersonTable.birth_date,
            PersonTable.next_due,
            WorklistTable,
            unjudged(today).label("unjudged"),
            _in_tile("stopped", today).label("stopped"),
        )
        .where(*where)
        .order_by(*orders[which.sort])
        .offset(offset)
        .limit(limit)
    )
    total = s.scalar(_joined(func.count()).where(*where)) or 0
    return Page(tuple(_row(line, today) for line in found), total, offset, limit)


def counts(s: Session, today: dt.date) -> dict[Tile, int]:
    """How many people are in each tile?"""
    sums = [func.sum(case((_in_tile(tile, today), 1), else_=0)) for tile in TILES]
    found = s.execute(_joined(*sums).where(PersonTable.deleted.is_(False))).one()
    return {tile: int(count or 0) for tile, count in zip(TILES, found, strict=True)}


def choices(s: Session, column: Literal["owner", "site"]) -> list[str]:
    """The owners or sites that are in use."""
    field = getattr(WorklistTable, column)
    return [one for one in s.scalars(select(field).distinct().order_by(field)) if one]


def stale(s: Session, today: dt.date, limit: int) -> list[StoredPerson]:
    """People whom the judge must look at again, those due first."""
    which = (
        _joined(PersonTable.id)
        .where(PersonTable.deleted.is_(False), unjudged(today))
        .order_by(PersonTable.next_due.is_(None), PersonTable.next_due, PersonTable.id)
        .limit(limit)
    )
    return [one for id_ in s.scalars(which).all() if (one := get(s, id_)) is not None]


def stale_count(s: Session, today: dt.date) -> int:
    """How many people must be judged again?"""
    return s.scalar(_joined(func.count()).where(PersonTable.deleted.is_(False), unjudged(today))) or 0


def keep(s: Session, made: Mapping[int, Mapping[str, Any]]) -> None:
    """Keep what was worked out of records: the columns of each person. A newer injection is a new round of calls."""
    for person_id, columns in made.items():
        row = _of(s, person_id)
        new = columns.get("last_dose")
        if row.last_dose is not None and new is not None and new > row.last_dose and row.status != "moved":
            row.status = "to call"
        for name, value in columns.items():
            if name != "days":
                setattr(row, name, value)
        if "days" in columns:
            s.merge(ServiceDaysTable(person_id=person_id, days=columns["days"]))
    s.flush()


def forget(s: Session, person_id: int) -> None:
    """What the judge said of this person holds no more: something beside the record changed."""
    s.execute(update(WorklistTable).where(WorklistTable.person_id == person_id).values(judged_version=0))


def judge_again(s: Session) -> None:
    """Judge everybody again: the rules of the clinic were changed."""
    s.execute(update(WorklistTable).values(judged_version=0))


def assign(s: Session, ids: Iterable[int], field: str, value: str) -> list[int]:
    """Set the owner, status or site of these people; those whom it changed.

    Raises InputError where the value cannot stand there.
    """
    value = " ".join(value.split())
    if field not in FIELDS:
        raise UnknownName("worklist", "field", field, FIELDS)
    if field == "status" and value not in STATUSES:
        raise UnknownName("status", "status", value, STATUSES)
    if len(value) > 100 or not value.isprintable():
        raise InputError(
            field,
            gettext("'{value}' cannot stand there", value=printable(value)),
            gettext("write at most 100 characters"),
        )
    there = select(PersonTable.id).where(PersonTable.deleted.is_(False), PersonTable.id.in_(list(ids)))
    changed = []
    for person_id in s.scalars(there).all():
        row = _of(s, person_id)
        if getattr(row, field) != value:
            setattr(row, field, value)
            changed.append(person_id)
    s.flush()
    return changed


def stamps(s: Session) -> dict[int, tuple[int, str, str, str]]:
    """Of everybody who was judged: version, owner, site and status; they change with what the figures count."""
    columns = (
        PersonTable.id, WorklistTable.judged_version, WorklistTable.owner, WorklistTable.site, WorklistTable.status
    )  # fmt: skip
    found: Any = s.execute(
        _joined(*columns).where(PersonTable.deleted.is_(False), WorklistTable.person_id.is_not(None))
    )
    return {id_: (version, owner, site, status) for id_, version, owner, site, status in found}


def histories(s: Session, ids: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The days of these people that the figures of the service count."""
    kept = select(ServiceDaysTable.person_id, ServiceDaysTable.days)
    for first in range(0, len(ids), MOST_IDS):
        for line in s.execute(kept.where(ServiceDaysTable.person_id.in_(ids[first : first + MOST_IDS]))):
            yield line.person_id, line.days


def views(s: Session, by: str) -> list[tuple[int, str, str]]:
    """The saved views of a user: number, name and query."""
    which = (
        select(SavedViewTable).where(SavedViewTable.by == by).order_by(SavedViewTable.name, SavedViewTable.id)
    )
    return [(row.id, row.name, row.query) for row in s.scalars(which)]


def save_view(s: Session, by: str, name: str, query: str) -> None:
    """Keep a query under a name; one that is there is replaced. Raises InputError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_VIEW or not name.isprintable():
        raise InputError(
            "view",
            gettext("'{name}' is no name", name=printable(name)),
            gettext("write 1 to {longest_view} characters", longest_view=LONGEST_VIEW),
        )
    s.execute(delete(SavedViewTable).where(SavedViewTable.by == by, SavedViewTable.name == name))
    if len(views(s, by)) >= MOST_VIEWS:
        raise InputError(
            "view",
            gettext("there are {most_views} views", most_views=MOST_VIEWS),
            gettext("delete one first"),
        )
    s.add(SavedViewTable(by=by[:100], name=name, query=query[:1000]))
    s.flush()


def delete_view(s: Session, by: str, id: int) -> None:
    """Delete a view of this user; another's stays."""
    if id <= LARGEST_ID:
        s.execute(delete(SavedViewTable).where(SavedViewTable.by == by, SavedViewTable.id == id))


def _joined(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(PersonTable)
        .outerjoin(WorklistTable, WorklistTable.person_id == PersonTable.id)
    )


def _of(s: Session, person_id: int) -> WorklistTable:
    row = s.get(WorklistTable, person_id)
    if row is None:
        row = WorklistTable(person_id=person_id, status=STATUSES[0], doses=0)
        s.add(row)
        s.flush()
    return row


def unjudged(today: dt.date) -> ColumnElement[bool]:
    """Must the judge look at this person again, before anything of what it said is shown?"""
    return or_(
        WorklistTable.person_id.is_(None),
        WorklistTable.judged_version != PersonTable.version,
        WorklistTable.judged_until < today,
    )


def _where(which: WorklistFilter, today: dt.date) -> list[ColumnElement[bool]]:
    found = searched(which.search)
    if which.tile not in TILES:
        raise UnknownName("tile", "tile", which.tile, TILES)
    if which.tile != "everyone":
        found.append(_in_tile(which.tile, today))
    if which.owner:
        found.append(
            func.coalesce(WorklistTable.owner, "") == ("" if which.owner == "nobody" else which.owner)
        )
    if which.status:
        found.append(func.coalesce(WorklistTable.status, STATUSES[0]) == which.status)
    if which.site:
        found.append(WorklistTable.site == which.site)
    return found


def _in_tile(tile: Tile, today: dt.date) -> ColumnElement[bool]:
    due, status = PersonTable.next_due, func.coalesce(WorklistTable.status, STATUSES[0])
    called = not_(status.in_(OFF_LIST))
    soon, late = today + dt.timedelta(SOON_D), today - dt.timedelta(GRACE_D)
    tiles: dict[Tile, ColumnElement[bool]] = {
        "due": and_(called, due >= today, due <= soon),
        "overdue": and_(called, due < today, due >= late),
        "longer": and_(called, due < late),
        "blocked": and_(called, due <= soon, func.coalesce(WorklistTable.blocked, False)),
        "stopped": and_(
            due.is_not(None),
            status != "moved",
            or_(status.in_(STOPPED), due < today - dt.timedelta(STOPPED_D)),
        ),
        "everyone": PersonTable.id > 0,
    }
    return tiles[tile]


def _row(line: Any, today: dt.date) -> WorklistRow:
    kept: WorklistTable | None = line.WorklistTable
    judged = not line.unjudged
    due: dt.date | None = line.next_due
    status = kept.status if kept else STATUSES[0]
    blocked = kept.blocked if kept is not None and judged else not judged
    near = due is not None and due <= today + dt.timedelta(HORIZON_D)
    late = (today - due).days if due is not None else None
    return WorklistRow(
        line.id,
        line.record_id,
        line.name,
        line.birth_date,
        kept.last_dose if kept else None,
        kept.doses if kept else 0,
        None if near and blocked else due,
        late,
        GRACE_D - late if late is not None and near else None,
        kept.calcium if kept else "",
        kept.calcium_day if kept else None,
        kept.egfr if kept else "",
        kept.egfr_day if kept else None,
        kept.owner if kept else "",
        status,
        kept.site if kept else "",
        kept.state if kept is not None and judged else "",
        blocked and near,
        judged,
        _reason_words(kept.reason) if kept is not None and judged else "",
        bool(line.stopped),
    )
