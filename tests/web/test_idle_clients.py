"""Clients that connect and send nothing, or slowly, hold nobody up."""

from __future__ import annotations

import socket
import time
from contextlib import closing, suppress

import clinic
import httpx
import pytest

from bonecast.web.security import connections


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server with small limits and short times."""
    monkeypatch.setattr(connections, "HEADER_S", 1.0)
    monkeypatch.setattr(connections, "STALLED_S", 1.0)
    with clinic.served(tmp_path) as (address, app):
        yield address, app


def connected(address: str, sent: bytes = b"") -> socket.socket:
    host, _, port = address.removeprefix("http://").partition(":")
    made = socket.create_connection((host, int(port)), timeout=30)
    made.sendall(sent)
    return made


def ended(one: socket.socket) -> bool:
    """Does the server end this connection? Waits for it."""
    try:
        while one.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


HALF = b"POST /people/new HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"


@pytest.mark.parametrize(
    "sent", [b"", b"G", b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: ", HALF],
    ids=["nothing", "a letter", "half a header", "half a body"],
)  # fmt: skip
def test_a_client_that_does_not_finish_its_request_is_cut_off(server, sent):
    address, _ = server
    with closing(connected(address, sent)) as one:
        assert ended(one)


def test_letters_that_come_one_by_one_do_not_lengthen_the_time_of_a_header(server):
    address, _ = server
    one, sent = connected(address), 0
    with closing(one), suppress(OSError):
        for _ in range(100):
            one.sendall(b"x")
            sent += 1
            time.sleep(0.1)
    assert sent < 60


def test_a_connection_serves_several_requests_and_each_has_its_own_time(server):
    address, _ = server
    with httpx.Client(base_url=address, timeout=30) as client:
        for _ in range(3):
            assert client.get("/health").status_code == 200
            time.sleep(0.6)  # in all longer than the time of one header


def test_idle_clients_make_room_for_others_and_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 20)
    with clinic.served(tmp_path) as (address, _):
        idle = [connected(address, b"GET /he" if n % 2 else b"") for n in range(60)]
        with httpx.Client(base_url=address, timeout=30) as client:
            assert [client.get("/health", headers={"connection": "close"}).status_code for _ in range(5)] == [
                200
            ] * 5
        assert all(ended(one) for one in idle[:40])
        for one in idle:
            one.close()


def test_where_all_are_in_work_a_new_client_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 2)
    monkeypatch.setattr(connections.GuardedProtocol, "waits_since", None)  # none of them could make room
    with clinic.served(tmp_path) as (address, _):
        kept = [connected(address) for _ in range(2)]
        time.sleep(0.3)
        answer = httpx.get(f"{address}/health", timeout=30)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "Wait a few seconds" in answer.text
        for one in kept:
            one.close()


def test_connections_of_other_addresses_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 3)
    with clinic.served(tmp_path) as (address, _):
        port = int(address.rpartition(":")[2])
        other = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0), timeout=2)
        flood = [connected(address) for _ in range(10)]
        time.sleep(0.3)
        other.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert other.recv(4096).startswith(b"HTTP/1.1 200")
        for one in (other, *flood):
            one.close()


def test_behind_a_proxy_all_come_from_one_address_and_only_the_whole_is_limited():
    assert connections.protocol_for(behind_proxy=True).guard.most_of_address is None
    assert connections.protocol_for(behind_proxy=False).guard.most_of_address == connections.MOST_OF_ADDRESS


def test_headers_beyond_their_limit_are_refused(server):
    address, _ = server
    with closing(
        connected(address, b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: " + b"y" * 40_000)
    ) as one:
        assert one.recv(4096).startswith(b"HTTP/1.1 400")


def test_a_client_that_goes_away_in_the_middle_is_no_failure_of_ours(server, caplog):
    address, _ = server
    connected(address, HALF).close()
    assert httpx.get(f"{address}/health", timeout=30).status_code == 200
    assert '"failure"' not in caplog.text
