"""The tables, as SQLAlchemy sees them; `migrations` makes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LARGEST_ID = 2**31 - 1  # what a whole number of a database holds
ONLY_ADDED_TO = ("versions", "audit", "overrides", "withdrawals", "card_feedback", "erasures")


class Moment(TypeDecorator[dt.datetime]):
    """A moment, kept in UTC; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or dt.UTC)


class Base(DeclarativeBase):
    """All tables of the application."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, dt.datetime: Moment}  # noqa: RUF012


class PersonTable(Base):
    """People. The columns beside `record` repeat what the list is sorted and searched by."""

    __tablename__ = "people"
    __table_args__ = (
        Index("people_by_due", "deleted", "next_due"),
        Index("people_by_record_id", "record_id"),
        Index("people_for_worklist", "deleted", "next_due", "version", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    record: Mapped[dict[str, Any]]
    record_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    sought: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(String(10))
    birth_date: Mapped[dt.date]
    last_seen: Mapped[dt.date]
    next_due: Mapped[dt.date | None]
    deleted: Mapped[bool] = mapped_column(default=False)


class WorklistTable(Base):
    """What the worklist shows of a person beside the record: who calls, how far it is, and what the judge last said.

    `owner`, `status` and `site` are set by people. The rest is worked out of the record: it holds for the version
    `judged_version` and until the day `judged_until`, and is then judged again.
    """

    __tablename__ = "worklist"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[str] = mapped_column(String(20), default="to call")
    site: Mapped[str] = mapped_column(String(100), default="")
    judged_version: Mapped[int] = mapped_column(default=0)
    judged_until: Mapped[dt.date | None]
    state: Mapped[str] = mapped_column(String(20), default="")
    blocked: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    urgency: Mapped[int] = mapped_column(default=9)
    last_dose: Mapped[dt.date | None]
    doses: Mapped[int] = mapped_column(default=0)
    calcium: Mapped[str] = mapped_column(String(40), default="")
    calcium_day: Mapped[dt.date | None]
    egfr: Mapped[str] = mapped_column(String(40), default="")
    egfr_day: Mapped[dt.date | None]


class ServiceDaysTable(Base):
    """The days of each record that the figures of the service are counted from; apart, so that the list stays small."""

    __tablename__ = "service_days"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    days: Mapped[dict[str, Any]]


class DelayCostTable(Base):
    """What a delay of the next injection costs a person, as it was forecast on a day; empty where no number is given.

    It holds for this version of the record, this code and a few days (`store.delays`). `month` : what one month costs,
    by which the list is sorted.
    """

    __tablename__ = "delay_costs"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    version: Mapped[int]
    day: Mapped[dt.date]
    code: Mapped[str] = mapped_column(String(16))
    month: Mapped[float | None]
    cost: Mapped[dict[str, Any]]


class SavedViewTable(Base):
    """Filters of the worklist that somebody keeps under a name."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(String(100), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)


class VersionTable(Base):
    """Every version of every record; rows are only ever added (triggers refuse the rest)."""

    __tablename__ = "versions"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[dt.datetime]
    record: Mapped[dict[str, Any]]


class OverrideTable(Base):
    """Findings that were overridden, each with its reason; rows are only ever added.

    `action` and `fact_values` (pairs of name and value) say what an override is for; without an act it is never
    applied. What a CDS Hooks client reported (`fed_back`) is kept and never applied; it may be about someone not on the
    list: `record_id` is then all that is known.
    """

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    record_id: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[dt.datetime]
    action: Mapped[str] = mapped_column(String(60), default="")
    fact_values: Mapped[list[Any] | None]
    fed_back: Mapped[bool] = mapped_column(default=False)


class WithdrawalTable(Base):
    """Overrides that were taken back; rows are only ever added."""

    __tablename__ = "withdrawals"

    override_id: Mapped[int] = mapped_column(ForeignKey("overrides.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[dt.datetime]


class CardFeedbackTable(Base):
    """What clients reported of CDS Hooks cards; rows are only ever added, and no check reads them."""

    __tablename__ = "card_feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    card: Mapped[str] = mapped_column(String(40), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    record_id: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))
    accepted: Mapped[list[Any]]
    reason_system: Mapped[str] = mapped_column(String(200))
    reason_code: Mapped[str] = mapped_column(String(200))
    reason_display: Mapped[str] = mapped_column(String(200))
    comment: Mapped[str] = mapped_column(Text)


class SmartChartTable(Base):
    """Charts that were opened out of record systems: the encrypted access, and what was read of each."""

    __tablename__ = "smart_charts"

    id: Mapped[int] = mapped_column(primary_key=True)
    iss: Mapped[str] = mapped_column(String(500))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    by: Mapped[str] = mapped_column(String(100))
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    fetched: Mapped[dt.datetime]
    reading: Mapped[dict[str, Any]]


class JobTable(Base):
    """Long work: what was asked for, how far it is, and what came out."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    payload: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20), index=True)
    share: Mapped[float] = mapped_column(default=0.0)
    what: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    result_path: Mapped[str | None] = mapped_column(Text)
    created: Mapped[dt.datetime]
    finished: Mapped[dt.datetime | None]


class AccountTable(Base):
    """Who may use the application.

    `factor` : key of the second factor (TOTP), `factor_step` : the last code that was used, `recovery` : hashes of
    codes that take its place. `one_time_until` : the password was given by an administrator, and must be changed.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200))
    disabled: Mapped[bool] = mapped_column(default=False)
    created: Mapped[dt.datetime]
    factor: Mapped[str | None] = mapped_column(String(64))
    factor_step: Mapped[int] = mapped_column(default=0)
    recovery: Mapped[list[Any] | None]
    one_time_until: Mapped[dt.datetime | None]


class SessionTable(Base):
    """Who is signed in. Only a hash of the token is kept: a stolen database signs nobody in."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created: Mapped[dt.datetime]
    used: Mapped[dt.datetime]
    address: Mapped[str] = mapped_column(String(60), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


class TokenTable(Base):
    """Tokens of programs that call the API in somebody's name. Only a hash of each is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created: Mapped[dt.datetime]
    expires: Mapped[dt.datetime]
    used: Mapped[dt.datetime | None]


class ClinicTable(Base):
    """What the clinic has set: one row."""

    __tablename__ = "clinic"

    id: Mapped[int] = mapped_column(primary_key=True)
    said: Mapped[dict[str, Any]]
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)


class DraftTable(Base):
    """Record forms that somebody has begun and not sent; 0 as the person stands for one who is not on the list yet."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("by", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(String(100))
    person_id: Mapped[int] = mapped_column(index=True)
    at: Mapped[dt.datetime]
    fields: Mapped[dict[str, Any]]


class ErasureTable(Base):
    """People whose data were erased: their number is never given again; rows are only ever added."""

    __tablename__ = "erasures"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[dt.datetime]


class AuditTable(Base):
    """Who did what, when; rows are only ever added (triggers refuse the rest)."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[int | None]
    detail: Mapped[str] = mapped_column(Text, default="")


class CardTable(Base):
    """Cards that CDS Hooks clients were given: of whom, and for which rule (empty for none)."""

    __tablename__ = "cards"
    __table_args__ = (Index("cards_by_moment", "at"),)

    uuid: Mapped[str] = mapped_column(String(64), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(40))
    at: Mapped[dt.datetime]


class KeyTable(Base):
    """What must survive a restart and is small: the key that signs forms, and the clinic's templates of letters."""

    __tablename__ = "keys"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
