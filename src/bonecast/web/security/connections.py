"""Connections that hold nobody up: a time for headers and bodies, and room for those who come next.

uvicorn waits for a first request without end, and its own limit (`limit_concurrency`) counts connections that ask for
nothing: a few hundred idle ones stop everyone. Here a connection without a request in work is given a short time, and
where an address or the server has too many, the one that has waited longest makes room. Only where all of them are in
work is a new one refused.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_S = 10.0  # seconds for the first request, and from the first byte of a later one
STALLED_S = 15.0  # seconds without a further byte of a body
BODY_S = 120.0  # seconds for a whole body: 12 MB at 1 Mbit/s take 96 s
UNREAD_S = 30.0  # seconds for a client that takes nothing of its answer
MOST_OF_ADDRESS, MOST = 128, 512  # open connections of one address, and of all
_LOOKS_EVERY_S = 1.0
_SAID = b"Too many requests are in work. Wait a few seconds.\n"
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 5\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_SAID), _SAID)
)


class Connections:
    """The open connections of one server, by address; looks after them as long as there are any."""

    def __init__(self, most_of_address: int | None = MOST_OF_ADDRESS) -> None:
        self.most_of_address = most_of_address  # None behind a proxy: all come from its address
        self.open: dict[GuardedProtocol, str] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, one: GuardedProtocol, address: str) -> bool:
        """Admit a connection; False where all that could make room are in work."""
        same = [known for known, of in self.open.items() if of == address]
        crowded = self.most_of_address is not None and len(same) >= self.most_of_address
        for full, among in ((crowded, same), (len(self.open) >= MOST, list(self.open))):
            if full and not self._make_room(among):
                return False
        self.open[one] = address
        if self._timer is None:
            self._timer = one.loop.call_later(_LOOKS_EVERY_S, self._look, one.loop)
        return True

    def leave(self, one: GuardedProtocol) -> None:
        """A connection has ended."""
        self.open.pop(one, None)

    def _make_room(self, among: list[GuardedProtocol]) -> bool:
        waiting = [known for known in among if known.waits_since is not None]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda known: known.waits_since or 0.0)
        self.leave(oldest)
        oldest.transport.abort()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        for one in [*self.open]:
            if one.overdue(loop.time()):
                self.leave(one)
                one.transport.abort()
        self._timer = loop.call_later(_LOOKS_EVERY_S, self._look, loop) if self.open else None


class GuardedProtocol(H11Protocol):
    """uvicorn's protocol, with a clock for what its client has yet to send or to take."""

    guard: Connections  # set by `protocol_for`
    _header_from: float | None = None
    _body_from = _moved = 0.0
    _unread_from: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._header_from = self._moved = self.loop.time()
        if not self.guard.enter(self, self.client[0] if self.client else ""):
            transport.write(_BUSY)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self.guard.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come: of headers or of a body."""
        now = self.loop.time()
        began, self._moved = self.cycle, now
        if self._idle and self._header_from is None:
            self._header_from = now
        super().data_received(data)
        if self.cycle is not began:
            self._header_from, self._body_from = None, now

    def on_response_complete(self) -> None:
        """An answer is out; the next request has its own time."""
        self._unread_from = None
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client takes nothing more for now."""
        self._unread_from = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client goes on taking."""
        self._unread_from = None
        super().resume_writing()

    @property
    def waits_since(self) -> float | None:
        """Since when the server has been waiting for this client; None while it works for it."""
        if self._idle or self._sends_body:
            return self._moved if self._header_from is None else self._header_from
        return self._unread_from

    def overdue(self, now: float) -> bool:
        """Has the client used up its time? Between two requests, uvicorn's own keep-alive counts."""
        if self._idle:
            return self._header_from is not None and now - self._header_from > HEADER_S
        if self._sends_body and not self.flow.read_paused:
            return now - self._moved > STALLED_S or now - self._body_from > BODY_S
        return self._unread_from is not None and now - self._unread_from > UNREAD_S

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _sends_body(self) -> bool:
        return not self._idle and self.conn.their_state is h11.SEND_BODY


def protocol_for(behind_proxy: bool) -> type[asyncio.Protocol]:
    """The protocol of one server. Behind a proxy, which limits addresses by itself, only the whole is limited."""
    guard = Connections(None if behind_proxy else MOST_OF_ADDRESS)
    return type("GuardedProtocol", (GuardedProtocol,), {"guard": guard})


def server_options(behind_proxy: bool = False) -> dict[str, Any]:
    """Give the options of uvicorn with which slow and idle clients hold nobody up.

    Parameters
    ----------
    behind_proxy : bool
        Whether a proxy makes all connections, so that none is counted by its address.

    Returns
    -------
    dict
        Options of `uvicorn.Config`.
    """
    return {
        "http": protocol_for(behind_proxy),
        "ws": "none",
        "timeout_keep_alive": 5,
        "h11_max_incomplete_event_size": 16_384,  # bytes of all headers of one request
        "backlog": 1024,
    }
