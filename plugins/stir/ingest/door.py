"""The HTTP door: records come in by POST, are checked, and are accepted once the broker has confirmed them."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stir.errors import StirError
from stir.ingest.broker import Broker, BrokerError, BrokerFullError, MessageTooLargeError
from stir.ingest.clients import Client, Clients
from stir.ingest.messages import NDJSON, joined, numbered_lines, records
from stir.ingest.metrics import DoorMetrics
from stir.ingest.records import Checker, Violation
from stir.ingest.streams import Stream, stream

MOST_BYTES = 8_000_000
"""The largest body, also once it is unpacked."""
MOST_RECORDS = 10_000
_MESSAGE_BYTES = 1_000_000
"""Records are sent to the broker in messages of about this size."""
_TYPES = {"application/json": False, NDJSON: True, "application/jsonl": True, "application/ndjson": True}
_RETRY_SECONDS = 5
_SHOWN = 20

Connect = Callable[[], Any]


class Problem(Exception):
    """An answer that is an error, as RFC 9457 says."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        self.status, self.detail = status, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> Response:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


@dataclass(frozen=True)
class Checked:
    """The records of a body: what the broker gets, and a verdict for each."""

    accepted: list[bytes]
    verdicts: list[dict[str, Any]]
    reasons: list[str]


class Door:
    """The requests' handlers. `connect` opens the connection to the broker."""

    def __init__(self, connect: Connect, clients: Clients) -> None:
        self._connect, self._clients = connect, clients
        self._broker: Broker | None = None
        self.metrics = DoorMetrics()

    async def receive(self, request: Request) -> Response:
        """`POST /v1/streams/{stream}`."""
        began, name = time.perf_counter(), "unknown"
        try:
            client = self._client(request)
            wanted = self._stream(request, client)
            name = wanted.name
            response = await self._receive(request, client, wanted)
        except Problem as problem:
            response = problem.response()
        self.metrics.requests.labels(name, str(response.status_code)).inc()
        self.metrics.seconds.labels(name).observe(time.perf_counter() - began)
        return response

    async def _receive(self, request: Request, client: Client, wanted: Stream) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _TYPES:
            raise Problem(415, f"send application/json or {NDJSON}", Accept=f"application/json, {NDJSON}")
        body = await _body(request)
        found = list(numbered_lines(body)) if _TYPES[kind] else list(enumerate(records(body, kind), 1))
        if not found:
            raise Problem(422, "the body holds no record")
        if len(found) > MOST_RECORDS:
            raise Problem(413, f"the body holds {len(found):,} records; send at most {MOST_RECORDS:,} at once")
        if wait := self._clients.wait(client, len(found)):
            words = f"{client.name} may send {self._clients.per_minute:,} records a minute"
            raise Problem(429, words, Retry_After=str(math.ceil(wait)))
        checked = await run_in_threadpool(_check, wanted, found)
        for reason in checked.reasons:
            self.metrics.refused.labels(wanted.name, reason).inc()
        if checked.accepted:
            await self._publish(wanted, checked.accepted, request.headers.get("idempotency-key", ""), client)
            self.metrics.accepted.labels(wanted.name).inc(len(checked.accepted))
        refused = len(found) - len(checked.accepted)
        content = {"accepted": len(checked.accepted), "refused": refused, "records": checked.verdicts}
        if checked.accepted:
            return JSONResponse(content, 202)
        title = {"type": "about:blank", "title": "Unprocessable Content", "status": 422}
        problem = {**title, "detail": "no record keeps the contract", **content}
        return JSONResponse(problem, 422, media_type="application/problem+json")

    def _client(self, request: Request) -> Client:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        client = self._clients.find(token.strip()) if scheme.lower() == "bearer" else None
        if client is None:
            raise Problem(401, "send a known token as `Authorization: Bearer TOKEN`", WWW_Authenticate="Bearer")
        return client

    @staticmethod
    def _stream(request: Request, client: Client) -> Stream:
        name = request.path_params["stream"]
        try:
            found = stream(name)
        except StirError:
            raise Problem(404, "there is no such stream") from None
        if not client.may_send_to(name):
            raise Problem(403, f"{client.name} may not send to {name}")
        return found

    async def _publish(self, wanted: Stream, accepted: list[bytes], key: str, client: Client) -> None:
        """Send the records, and return once the broker has confirmed all of them."""
        try:
            if self._broker is None:
                self._broker = await self._connect()
            for number, body in enumerate(_packed(accepted)):
                # Bodies are part of the identity: the broker drops what comes again under one, and another body under
                # a client's old key would be lost although it was accepted.
                given = f"{client.name}\0{key}\0{number}\0" if key else ""
                identity = sha256(given.encode() + body).hexdigest()
                headers = {"content-type": NDJSON, "stir-client": client.name}
                await self._broker.publish(wanted.name, body, message_id=identity, headers=headers)
        except MessageTooLargeError:
            raise Problem(413, "a record is larger than the broker takes") from None
        except BrokerFullError:
            raise Problem(
                503, "the broker has no room; nothing was lost, send it again later", Retry_After="60"
            ) from None
        except BrokerError:
            words = "the broker does not answer; send the same body again later, what came twice counts once"
            raise Problem(503, words, Retry_After=str(_RETRY_SECONDS)) from None

    async def healthy(self, _: Request) -> Response:
        """`/healthz`: the process answers."""
        return JSONResponse({"alive": True})

    async def ready(self, _: Request) -> Response:
        """`/readyz`: the broker answers."""
        try:
            if self._broker is None:
                self._broker = await self._connect()
            await self._broker.backlog("door-is-ready")
        except BrokerError:
            return JSONResponse({"ready": False, "faults": {"broker": "it does not answer"}}, 503)
        return JSONResponse({"ready": True, "faults": {}})

    async def page(self, _: Request) -> Response:
        """`/metrics`."""
        body, kind = self.metrics.page()
        return Response(body, media_type=kind)

    async def close(self) -> None:
        """End the connection to the broker."""
        if self._broker is not None:
            await self._broker.close()


def create_door(connect: Connect, clients: Clients) -> Starlette:
    """The door as an ASGI program."""
    door = Door(connect, clients)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await door.close()

    async def missing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        words = {404: "there is no such page", 405: "send records by POST"}.get(status, "an error that nobody expected")
        response = Problem(status, words).response()
        response.headers.update(headers)
        return response

    routes = [
        Route("/v1/streams/{stream}", door.receive, methods=["POST"]),
        Route("/healthz", door.healthy),
        Route("/readyz", door.ready),
        Route("/metrics", door.page),
    ]
    handlers: dict[Any, Any] = {HTTPException: missing, Exception: missing}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


@cache
def _checker(stream: Stream) -> Checker:
    return Checker(stream.contract)


def _check(wanted: Stream, found: list[tuple[int, bytes]]) -> Checked:
    """Check each record; a verdict has its line, and every way in which it breaks the contract."""
    checked = Checked([], [], [])
    for number, body in found:
        verdict = _checker(wanted).check_bytes(body)
        entry: dict[str, Any] = {"line": number, "status": "accepted" if verdict.row is not None else "refused"}
        if verdict.violations:
            entry["violations"] = [_shown(each) for each in verdict.violations[:_SHOWN]]
        checked.verdicts.append(entry)
        if verdict.row is not None:
            checked.accepted.append(body)
        else:
            checked.reasons.append(verdict.violations[0].reason)
    return checked


def _shown(violation: Violation) -> dict[str, str]:
    path = violation.path.encode("utf-8", "replace").decode()
    message = violation.message.encode("utf-8", "replace").decode()
    return {"reason": violation.reason, "path": path[:255], "message": message[:500], "effect": violation.effect}


def _packed(bodies: list[bytes]) -> list[bytes]:
    """Bodies of lines, each not much larger than a message should be."""
    packed, waiting, size = [], list[bytes](), 0
    for body in bodies:
        if waiting and size + len(body) > _MESSAGE_BYTES:
            packed.append(joined(waiting))
            waiting, size = [], 0
        waiting.append(body)
        size += len(body)
    return [*packed, joined(waiting)]


async def _body(request: Request) -> bytes:
    """The body, unpacked; it is not read further than what the door takes."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise Problem(415, "send the body plain or with gzip", Accept_Encoding="gzip")
    declared = request.headers.get("content-length", "0")
    too_large = Problem(413, f"send at most {MOST_BYTES:,} bytes at once, unpacked", Connection="close")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        raise too_large
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    body = bytearray()
    try:
        async for part in request.stream():
            # One byte more than is allowed is enough to know; a bomb is not unpacked further.
            body += unpack.decompress(part, MOST_BYTES + 1 - len(body)) if unpack else part
            if len(body) > MOST_BYTES or (unpack and unpack.unconsumed_tail):
                raise too_large
    except zlib.error:
        raise Problem(422, "the body is no gzip") from None
    if unpack and not unpack.eof:
        raise Problem(422, "the gzip body ends too early")
    return bytes(body)
