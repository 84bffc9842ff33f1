"""All data of one person: gathered into one file, or erased for good.

Versions, overrides and feedback are only ever added to: triggers refuse anything else. An erasure is the one exception.
It takes the triggers away and puts them back within its own transaction, so that nobody else sees the tables without.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.records import toml_of
from bonecast.web.store import audit, people
from bonecast.web.store.merge import without_keys
from bonecast.web.store.open import Store
from bonecast.web.store.tables import (
    AuditTable,
    Base,
    CardFeedbackTable,
    CardTable,
    DelayCostTable,
    DraftTable,
    ErasureTable,
    JobTable,
    OverrideTable,
    PersonTable,
    ServiceDaysTable,
    SmartChartTable,
    VersionTable,
    WithdrawalTable,
    WorklistTable,
)

_LOCKED = ("versions", "overrides", "withdrawals", "card_feedback")  # of these rows are deleted


def gathered(s: Session, id: int, unpacked: Callable[[bytes], Any]) -> bytes:
    """Everything that is kept of a person, as a ZIP of TOML, JSON and CSV files.

    unpacked : reads the result of a job. Raises InputError where there is no such person.
    """
    stored = _there(s, id)
    rows: dict[str, list[dict[str, Any]]] = {
        table.__tablename__: [_plain(row) for row in s.scalars(select(table).where(which))]
        for table, which in _tables(s, id)
        if table not in (AuditTable, JobTable, DraftTable)
    }
    rows["drafts"] = [_plain(row) for row in s.scalars(select(DraftTable).where(DraftTable.person_id == id))]
    rows["jobs"] = [
        {
            **_plain(row, besides=("result", "result_path")),
            "result": unpacked(row.result) if row.result else None,
        }
        for row in s.scalars(select(JobTable).where(JobTable.person_id == id))
    ]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("record.toml", toml_of(without_keys(stored.record)))
        for name, found in rows.items():
            file.writestr(f"{name}.json", json.dumps(found, ensure_ascii=False, indent=1))
        file.writestr("audit.csv", _audit(s, id))
    return written.getvalue()


def erase(s: Session, id: int, by: str) -> list[str]:
    """Erase everything of a person but the lines of the audit log: the files of results that are to be removed.

    The number is never given to anybody else. Raises InputError where there is no such person.
    """
    _there(s, id)
    files = [path for path in s.scalars(select(JobTable.result_path).where(JobTable.person_id == id)) if path]
    tables = _tables(s, id)
    if s.get_bind().dialect.name == "sqlite":
        s.connection().exec_driver_sql("PRAGMA secure_delete=ON")  # what is freed is overwritten
    with _unlocked(s):
        for table, which in tables:
            s.execute(delete(table).where(which).execution_options(synchronize_session=False))
        s.execute(
            delete(PersonTable).where(PersonTable.id == id).execution_options(synchronize_session=False)
        )
    s.add(ErasureTable(person_id=id, by=by[:100], at=dt.datetime.now(dt.UTC)))
    audit.note(s, by, "erased", id)
    return files


def clear_files(store: Store, files: list[str], folder: Path) -> None:
    """After an erasure was committed: remove its files, and everything that was learned from records (it does not say
    from whose, and is made again), and empty the write-ahead log.
    """
    for path in files:
        Path(path).unlink(missing_ok=True)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name == "trials":
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if store.path is not None:
        with closing(store.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def backups_before(s: Session, most: int = 20) -> list[audit.Entry]:
    """The last backups that the log knows: they hold the person still."""
    which = select(AuditTable).where(AuditTable.action == "backup").order_by(AuditTable.id.desc()).limit(most)
    return [
        audit.Entry(row.id, row.at, row.by, row.action, row.person_id, row.detail) for row in s.scalars(which)
    ]


def _there(s: Session, id: int) -> people.StoredPerson:
    stored = people.get(s, id)
    if stored is None:
        raise InputError(
            "person",
            gettext("there is no person with the number {id}", id=id),
            gettext("go back to the list"),
        )
    return stored


def _tables(s: Session, id: int) -> list[tuple[type[Base], ColumnElement[bool]]]:
    """The tables that hold something of a person, with the rows; those that refer to others first."""
    record_ids = _record_ids(s, id)

    def by_id_too(table: Any) -> ColumnElement[bool]:
        """Rows of nobody on the list that name an id of this person."""
        return or_(table.person_id == id, and_(table.person_id.is_(None), table.record_id.in_(record_ids)))

    own = select(OverrideTable.id).where(by_id_too(OverrideTable))
    return [
        (WithdrawalTable, WithdrawalTable.override_id.in_(own)),
        (OverrideTable, by_id_too(OverrideTable)),
        (CardFeedbackTable, by_id_too(CardFeedbackTable)),
        (CardTable, CardTable.record_id.in_(record_ids)),
        (SmartChartTable, SmartChartTable.person_id == id),
        (JobTable, JobTable.person_id == id),
        (WorklistTable, WorklistTable.person_id == id),
        (ServiceDaysTable, ServiceDaysTable.person_id == id),
        (DelayCostTable, DelayCostTable.person_id == id),
        (DraftTable, DraftTable.person_id == id),
        (VersionTable, VersionTable.person_id == id),
    ]


def _record_ids(s: Session, id: int) -> list[str]:
    """Every id that the record of this person has borne and that is nobody else's."""
    borne = {
        str(record.get("person", {}).get("id", ""))
        for record in s.scalars(select(VersionTable.record).where(VersionTable.person_id == id))
    }
    others = s.scalars(
        select(PersonTable.record_id).where(PersonTable.record_id.in_(borne), PersonTable.id != id)
    )
    return sorted(borne - set(others))


@contextmanager
def _unlocked(s: Session) -> Iterator[None]:
    """The locked tables without the triggers that refuse to delete, until the end of the block."""
    connection = s.connection()
    if connection.dialect.name != "sqlite":
        for table in _LOCKED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change")
        yield
        for table in _LOCKED:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_change")
        return
    names = ", ".join(f"'{table}'" for table in _LOCKED)
    listed = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({names})"
    triggers = connection.exec_driver_sql(listed).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, made in triggers:
        connection.exec_driver_sql(made)


def _audit(s: Session, id: int) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["at", "by", "action", "detail"])
    for row in s.scalars(select(AuditTable).where(AuditTable.person_id == id).order_by(AuditTable.id)):
        rows.writerow([row.at.isoformat(), row.by, row.action, row.detail])
    return text.getvalue()


def _plain(row: Base, besides: tuple[str, ...] = ("token",)) -> dict[str, Any]:
    """A row as JSON takes it, without secrets."""
    found = {
        column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in besides
    }
    return {
        key: value.isoformat() if isinstance(value, dt.date) else value
        for key, value in found.items()
        if not isinstance(value, bytes)
    }
