"""A small HTTP server on loopback whose answers a function gives, and whose faults a script gives."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from stir.errors import StirError

Damage = Literal["", "reset", "cut", "cut gzip"]


@dataclass(frozen=True)
class Ask:
    """A request as it came."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def document(self) -> Any:
        """The JSON of the body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer.

    Attributes:
        content: a text or bytes as they are, anything else as JSON.
        seconds: delay before it.
        damage: `reset` closes the connection without an answer, `cut` sends half of the body, `cut gzip` half of a
            packed body whose length is right.
    """

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    damage: Damage = ""

    @property
    def body(self) -> bytes:
        """The bytes of the content."""
        if isinstance(self.content, bytes):
            return self.content
        return self.content.encode() if isinstance(self.content, str) else json.dumps(self.content).encode()


Answerer = Callable[[Ask], Reply | Awaitable[Reply]]


@dataclass
class _Scripted:
    matches: Callable[[Ask], bool]
    reply: Reply | Callable[[Ask], Reply]
    times: int


class StandIn:
    """The server. As a context it listens on a free port, or on the given one.

    Attributes:
        asked: every request, in order.
    """

    def __init__(self, answer: Answerer, *, port: int = 0) -> None:
        self.asked: list[Ask] = []
        self._answer = answer
        self._port = port
        self._script: list[_Scripted] = []
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its address."""
        if self._server is None:
            raise StirError("the stand-in does not listen yet")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def script(
        self, matches: str | Callable[[Ask], bool], reply: Reply | Callable[[Ask], Reply], *, times: int = 1
    ) -> None:
        """Answer the next requests that match (those whose path ends so, if it is a text) by this instead."""
        path = matches if isinstance(matches, str) else ""
        found = matches if callable(matches) else lambda ask: ask.path.endswith(path)
        self._script.append(_Scripted(found, reply, times))

    async def __aenter__(self) -> StandIn:
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        except OSError as error:
            raise StirError(
                f"port {self._port} cannot be listened on: {error.strerror}", do="give another port"
            ) from None
        return self

    async def __aexit__(self, *problem: object) -> None:
        if self._server:
            self._server.close()
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        if connection:
            self._connections.add(connection)
            connection.add_done_callback(self._connections.discard)
        try:
            while ask := await _read(reader):
                self.asked.append(ask)
                if not await self._reply(ask, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side has gone, or the stand-in ends
        finally:
            writer.close()

    async def _reply(self, ask: Ask, writer: asyncio.StreamWriter) -> bool:
        reply = await self._decide(ask)
        if reply.seconds:
            await asyncio.sleep(reply.seconds)
        if reply.damage == "reset":
            writer.transport.abort()
            return False
        headers = {"content-type": "application/json; charset=UTF-8", **reply.headers}
        body = b"" if reply.status == 304 else reply.body
        if reply.damage == "cut gzip":
            packed = gzip.compress(body)
            body, headers = packed[: len(packed) // 2], headers | {"content-encoding": "gzip"}
        length = len(body)
        if reply.damage == "cut":
            body = body[: length // 2]
        head = [f"HTTP/1.1 {reply.status} Status", f"content-length: {length}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        return reply.damage != "cut"

    async def _decide(self, ask: Ask) -> Reply:
        for each in self._script:
            if each.times and each.matches(ask):
                each.times -= 1
                return each.reply(ask) if callable(each.reply) else each.reply
        reply = self._answer(ask)
        return reply if isinstance(reply, Reply) else await reply


async def _read(reader: asyncio.StreamReader) -> Ask | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Ask(method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)
