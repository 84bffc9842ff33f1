"""`bonecast serve`: the web application, its API and the CDS Hooks service."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import echo
from bonecast.cli.progress import warn
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.web import Settings

MOST_FILES = 65_536
STOPS_WITHIN_S = 10  # a request that takes longer than this is not waited for when the server is stopped


def serve(
    port: Annotated[int, typer.Option(help="Port.", min=0, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen at. Any but the loopback demands accounts and HTTPS.")
    ] = "127.0.0.1",
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME. Default: a file of yours."
        ),
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--name", help="Host name by which browsers call it; repeatable.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="HTTPS: file with the certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="HTTPS: file with its key (PEM).")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy on this computer passes HTTPS requests on.")
    ] = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Without HTTPS on a network: passwords can be read on the way.")
    ] = False,
    jurisdiction: Annotated[
        str | None, typer.Option(help="US, EU, UK, CA or AU: whose rules hold where a record does not say.")
    ] = None,
    phone: Annotated[
        str | None, typer.Option(help="The clinic's phone, for leaflets. Default: a line to fill in by hand.")
    ] = None,
    cds_hooks: Annotated[
        bool | None, typer.Option(help="Answer CDS Hooks clients. Default: on the loopback only.")
    ] = None,
    cds_origins: Annotated[
        list[str] | None,
        typer.Option(
            "--cds-origin", metavar="URL", help="Web page that may ask as a CDS Hooks client; repeatable."
        ),
    ] = None,
    cds_clients: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="TOML file of the CDS Hooks clients that sign their calls or have a token."
        ),
    ] = None,
    cds_sandbox: Annotated[
        bool,
        typer.Option(
            "--cds-sandbox",
            help="Answer every CDS Hooks client, known or not: to try it out, on the loopback.",
        ),
    ] = False,
    smart_issuers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="TOML file of the record systems that may launch it (SMART App Launch)."
        ),
    ] = None,
    smart_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Key that encrypts their tokens. Default: BONECAST_SMART_KEY, or a file made.",
        ),
    ] = None,
) -> None:
    """The web application on this computer: people, forecasts, checks; with its API and CDS Hooks. Ends with Ctrl-C."""
    from bonecast.web import Settings, default_database, is_loopback, read_origin

    alone = is_loopback(host) and not behind_proxy
    if not alone:
        _check_https(certificate, key, behind_proxy, insecure)
    elif (certificate is None) != (key is None):
        raise InputError("--certificate", "certificate and key belong together", "give both, or neither")
    hooks = alone if cds_hooks is None else cds_hooks
    _check_clients(hooks, alone, cds_clients, cds_sandbox)
    settings = Settings(
        database=database or default_database(),
        host=host,
        accounts=not alone,
        secure=certificate is not None or behind_proxy,
        names=(*(names or ()), *(() if alone else (host, socket.gethostname()))),
        cds_hooks=hooks,
        cds_origins=tuple(map(read_origin, cds_origins or ())),
        cds_clients=cds_clients,
        cds_sandbox=cds_sandbox,
        smart_issuers=smart_issuers,
        smart_key=smart_key,
        jurisdiction=jurisdiction,
        phone=phone,
    )
    _check_database(settings)
    if insecure and not alone:
        warn("without HTTPS: passwords and records can be read on the network")
    _run(settings, _listening(host, port), certificate, key, behind_proxy)


def _check_https(certificate: Path | None, key: Path | None, behind_proxy: bool, insecure: bool) -> None:
    if (certificate is None) != (key is None):
        raise InputError("--certificate", "certificate and key belong together", "give both, or neither")
    for path in (certificate, key):
        if path is not None and not path.is_file():
            raise InputError("--certificate", f"there is no file '{printable(path, 120)}'", "check the path")
    if certificate is None and not behind_proxy and not insecure:
        hint = "give --certificate and --key, or --behind-proxy; --insecure does without"
        raise InputError("--host", "beyond this computer, records travel over HTTPS", hint)


def _check_clients(hooks: bool, alone: bool, clients: Path | None, sandbox: bool) -> None:
    """CDS Hooks clients are known, unless everyone on this computer is to be answered."""
    if sandbox and (not hooks or not alone):
        cause = "it answers everyone, so it is for the loopback only, without a proxy"
        raise InputError("--cds-sandbox", cause, "register the clients with --cds-clients FILE")
    if sandbox and clients is not None:
        raise InputError("--cds-sandbox", "it asks no client who it is", "leave out one of the two")
    if hooks and not alone and clients is None:
        cause = "beyond this computer each client says who it is"
        raise InputError("--cds-hooks", cause, "register the clients with --cds-clients FILE")


def _check_database(settings: Settings) -> None:
    """It can be opened, and where people sign in there is someone who can."""
    from bonecast.web import accounts, open_store

    store = open_store(settings.database)
    with store.reading() as session:
        count = accounts.count(session)
    store.close()
    if settings.accounts and not count:
        hint = "add one: bonecast database accounts add NAME --role administrator"
        raise InputError("--host", "beyond this computer people sign in, and there is no account", hint)


def _listening(host: str, port: int) -> socket.socket:
    """The socket, bound before anything is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # asyncio sends small answers at once only through a socket that names TCP; others wait 40 ms.
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        reason = error.strerror or "the address is not one"
        raise InputError(
            "--port", f"{printable(host)}:{port} cannot be listened at ({reason})", "choose another"
        ) from None
    return made


def _run(
    settings: Settings,
    listening: socket.socket,
    certificate: Path | None,
    key: Path | None,
    behind_proxy: bool,
) -> None:
    import uvicorn

    from bonecast.web import create_app, server_options

    _allow_many_files()
    config = uvicorn.Config(
        create_app(settings),
        access_log=False,  # the application writes a line for each answer, without names in it
        log_level="warning",
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_graceful_shutdown=STOPS_WITHIN_S,
        **server_options(behind_proxy),
    )
    _log_to_stderr()
    scheme = "https" if certificate else "http"
    address = listening.getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    echo(f"Bonecast is at {scheme}://{host}:{address[1]}/ (Ctrl-C ends it)")
    echo(DISCLAIMER)
    uvicorn.Server(config).run(sockets=[listening])


def _allow_many_files() -> None:
    """Connections that wait are open files: as many as the system lets this program have."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if most != resource.RLIM_INFINITY else MOST_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, MOST_FILES), most))


def _log_to_stderr() -> None:
    """The application's log, a line of JSON for each answer, as it is: without a level or a name before it."""
    log = logging.getLogger("bonecast.web")
    log.addHandler(logging.StreamHandler(sys.stderr))
    log.setLevel(logging.INFO)
    log.propagate = False
