"""Signs of life of the embedded servers, by the first bytes of each protocol."""

from __future__ import annotations

import socket
import struct

from stir.addresses import LOOPBACK

# The first packet of a PostgreSQL login, version 3.0. A server that is ready asks for a password ("R"); one that is
# still starting or recovering says so in an error ("E"). Nothing of it reaches the server's log.
_LOGIN = b"user\0stir_admin\0database\0postgres\0\0"
_STARTUP = struct.pack("!ii", 8 + len(_LOGIN), 196608) + _LOGIN


def http_answers(port: int, path: str, *, expect: bytes = b"HTTP/1.", host: str = LOOPBACK, seconds: float = 2) -> bool:
    """Whether an HTTP server answers; `expect` must occur in the first bytes of what it says."""
    request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()
    return expect in _exchange(host, port, request, 512, seconds)


def postgres_answers(port: int, *, host: str = LOOPBACK, seconds: float = 2) -> bool:
    """Whether a PostgreSQL server accepts logins."""
    return _exchange(host, port, _STARTUP, 1, seconds).startswith(b"R")


def nats_answers(port: int, *, host: str = LOOPBACK, seconds: float = 2) -> bool:
    """Whether a NATS server greets, as it does once it is ready."""
    return _exchange(host, port, b"", 5, seconds).startswith(b"INFO ")


def _exchange(host: str, port: int, request: bytes, size: int, seconds: float) -> bytes:
    answer = b""
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.sendall(request)
            # Take more than is needed: closing with unread bytes is a reset, and that goes into the server's log.
            while len(answer) < size and (part := connection.recv(4096)):
                answer += part
    except OSError:
        pass  # refused, reset or silent: what has been read so far decides
    return answer
