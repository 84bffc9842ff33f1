"""`bonecast database`: backups of the web application's database, and its accounts."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, table
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.web import Store

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME.",
    ),
]

database_app = typer.Typer(
    help="Backups of the web application's database, and its accounts.", no_args_is_help=True
)
accounts_app = typer.Typer(help="Who may sign in to the web application.", no_args_is_help=True)
database_app.add_typer(accounts_app, name="accounts")


@database_app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the backup goes (.db).")], database: Database = None
) -> None:
    """Write everything into one file, which only its owner can read; the server may be running."""
    from bonecast.core import check_file
    from bonecast.web import audit, local_user
    from bonecast.web import backup as write

    target = check_file(file, (".db",), "database backup")
    with _cleaning_up(), _open(database, must_exist=True) as store:
        people = write(store, target)
        with store.session() as session:
            audit.note(session, local_user(), "backup", detail=target.name)
    echo(f"{target}: {people} people")


@database_app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what is there.")] = False,
    database: Database = None,
) -> None:
    """Put a backup into the database, all of it or nothing. Stop the server first."""
    from bonecast.web import audit, local_user
    from bonecast.web import restore as put_back

    with _cleaning_up(), _new_file_removed(database), _open(database) as store:
        people = put_back(store, file, replace)
        with store.session() as session:
            audit.note(session, local_user(), "restored from a backup")
    echo(f"{printable(file, 120)}: {people} people are back")


@accounts_app.command("add")
def add_account(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[str, typer.Option(help="reader, clinician or administrator.")] = "reader",
    database: Database = None,
) -> None:
    """A new account. Its password is asked for, or read from a pipe: one line."""
    from bonecast.web import accounts, audit, local_user

    password = _password()
    with _open(database) as store, store.session() as session:
        made = accounts.add(session, name, role, password)
        audit.note(session, local_user(), "account added", detail=f"{made.name}, {made.role}")
    echo(f"{made.name}: {made.role}")


@accounts_app.command("password")
def set_password(
    name: Annotated[str, typer.Argument(help="Whose password.")], database: Database = None
) -> None:
    """A new password for an account, asked for or read from a pipe; it is opened again if it was closed."""
    from bonecast.web import accounts, audit, local_user

    password = _password()
    with _open(database, must_exist=True) as store, store.session() as session:
        found = accounts.named(session, name)
        if found is None:
            raise InputError(
                "name", f"there is no account '{printable(name)}'", "see bonecast database accounts list"
            )
        accounts.change(session, found.id, password=password, disabled=False)
        audit.note(session, local_user(), "account changed", detail=f"{found.name}, password")
    echo(f"{found.name}: the password was changed")


@accounts_app.command("list")
def list_accounts(database: Database = None, as_json: AsJson = False) -> None:
    """Every account with its role."""
    from bonecast.web import accounts

    with _open(database, must_exist=True) as store, store.reading() as session:
        found = accounts.every(session)
    if as_json:
        return echo_json([{"name": one.name, "role": one.role, "closed": one.disabled} for one in found])
    table(["name", "role", "closed"], [[one.name, one.role, one.disabled] for one in found])


@contextmanager
def _cleaning_up() -> Iterator[None]:
    """A signal that ends the command lets it take its temporary files away first."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _new_file_removed(database: str | None) -> Iterator[None]:
    """Where a restore into a new path is refused, no empty database is left there."""
    from bonecast.web import default_database, read_url

    url = read_url(database or default_database())
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    was_there = file is None or file.exists()
    try:
        yield
    except BaseException:
        if file is not None and not was_there:
            for end in ("", "-wal", "-shm"):
                file.with_name(file.name + end).unlink(missing_ok=True)
        raise


@contextmanager
def _open(database: str | None, must_exist: bool = False) -> Iterator[Store]:
    from sqlalchemy.exc import SQLAlchemyError

    from bonecast.web import default_database, open_store, read_url

    address = database or default_database()
    url = read_url(address)
    if must_exist and url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise InputError(
            "database", f"there is no file '{printable(url.database, 120)}'", "name the server's database"
        )
    store = open_store(address)
    try:
        yield store
    except SQLAlchemyError as error:  # its text has the statement in it, with what was to be kept
        reason = printable(str(getattr(error, "orig", "")).strip().partition("\n")[0], 160)
        raise InputError("database", f"it cannot be used now ({reason})", "try again") from None
    finally:
        store.close()


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
