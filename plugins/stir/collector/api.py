"""`/api/v1` of the collector: ask for a crawl, follow it, see quotas and credentials; a token for each client.

Errors are problem+json (RFC 9457) and hold nothing of the inside. Lists are paged by a cursor, the last element's id.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stir import clock, connections
from stir.collector import credentials
from stir.collector.limits import documented
from stir.collector.numbers import newest_numbers
from stir.collector.quota import ledger
from stir.collector.stored import StoredInWarehouse
from stir.database import BEAT, COLLECTOR, apply
from stir.errors import StirError
from stir.ingest.clients import Client, Clients
from stir.ingest.door import Problem
from stir.scrape_queue import queue
from stir.scrape_queue.flows import FLOWS
from stir.settings import Settings

RIGHT = "collector-api"
"""What a client's token must cover, among the names of streams that it may send to."""
MOST_BYTES, PAGE, MOST = 64_000, 50, 200
_COLUMNS = (
    "id, idempotency_key, flow, platform, params, status, data, priority, retry_count, created_at, picked_at, due_at,"
    " scraped_at, expires_at"
)
_STATES = {"PENDING": "waiting", "PROCESSING": "in work", "COMPLETE": "complete", "FAILED": "failed"}
CANCELLED = "(499) cancelled by its client"


class Api:
    """The handlers. Each opens a connection of its own: the API is for people and schedulers, not for a flood."""

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._settings, self._clients = settings, clients
        self._stored = StoredInWarehouse(settings)

    def _client(self, request: Request) -> Client:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        client = self._clients.find(token.strip()) if scheme.lower() == "bearer" else None
        if client is None:
            raise Problem(401, "send a known token as `Authorization: Bearer TOKEN`", WWW_Authenticate="Bearer")
        if not client.may_send_to(RIGHT):
            raise Problem(403, f"{client.name} may not use this API")
        if wait := self._clients.wait(client, 1):
            raise Problem(
                429,
                f"{client.name} may ask {self._clients.per_minute:,} times a minute",
                Retry_After=str(math.ceil(wait)),
            )
        return client

    async def create(self, request: Request) -> Response:
        """`POST /requests`: 202 with where it can be followed; the same request again is the same one."""
        client, body = self._client(request), await _document(request)
        wanted = self._request(client, body, request.headers.get("idempotency-key", ""))

        def add(connection: psycopg.Connection[Any]) -> dict[str, Any]:
            queue.enqueue(connection, [wanted], moment=clock.now(self._settings))
            return self._find(connection, "idempotency_key = %s", wanted.key)

        row = await self._with(add)
        if row["flow"] != wanted.flow or row["params"] != wanted.params:
            raise Problem(409, "this Idempotency-Key belongs to another request")
        return JSONResponse(_shown(row), 202, {"location": f"/api/v1/requests/{row['id']}"})

    def _request(self, client: Client, body: Mapping[str, Any], key: str) -> queue.Request:
        flow, params, priority = body.get("flow"), body.get("params"), body.get("priority", 5)
        if flow not in FLOWS:
            raise Problem(422, "`flow` must be one of the flows of docs/collect.md")
        rules = FLOWS[str(flow)]
        value = params.get(rules.entity) if isinstance(params, dict) else None
        names = value if isinstance(value, list) else [value]
        if not names or not all(isinstance(name, str) and 0 < len(name) <= 200 for name in names):
            raise Problem(422, f"`params` must hold `{rules.entity}`, a text" + (" or a list" * (rules.batch > 1)))
        if len(names) > rules.batch:
            raise Problem(422, f"`{rules.entity}` takes up to {rules.batch}")
        if not isinstance(priority, int) or isinstance(priority, bool) or not 1 <= priority <= 9:
            raise Problem(422, "`priority` is a number from 1 (first) to 9")
        moment = clock.now(self._settings)
        given = key or f"{moment:%Y%m%dT%H}:{json.dumps(params, sort_keys=True)}"
        return queue.Request(
            key=f"api:{client.name}:{flow}:{given}"[:500],
            platform=rules.platform,
            flow=str(flow),
            params=dict(params or {}),
            priority=priority,
            expires_at=moment + rules.lifetime,
            account_id=str(names[0]) if len(names) == 1 else None,
        )

    async def list(self, request: Request) -> Response:
        """`GET /requests`: the client's own, the newest first."""
        client = self._client(request)
        limit = min(_number(request, "limit", PAGE), MOST)
        after = _number(request, "cursor", 2**62)

        def read(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
            with connection.cursor(row_factory=dict_row) as cursor:
                return cursor.execute(
                    f"select {_COLUMNS} from scrape_request_log where starts_with(idempotency_key, %s) and id < %s"
                    " order by id desc limit %s".encode(),
                    [f"api:{client.name}:", after, limit + 1],
                ).fetchall()

        rows = await self._with(read)
        cursor = str(rows[limit - 1]["id"]) if len(rows) > limit else None
        return JSONResponse({"items": [_shown(row) for row in rows[:limit]], "next_cursor": cursor})

    async def show(self, request: Request) -> Response:
        """`GET /requests/{id}`."""
        client, number = self._client(request), request.path_params["id"]
        return JSONResponse(_shown(await self._with(lambda connection: self._own(connection, client, number))))

    async def cancel(self, request: Request) -> Response:
        """`POST /requests/{id}/cancel`: a request that waits is closed; one in work is not interrupted."""
        client, number = self._client(request), request.path_params["id"]

        def end(connection: psycopg.Connection[Any]) -> dict[str, Any]:
            self._own(connection, client, number)
            connection.execute(
                "update scrape_request_log set status = 'FAILED', data = %s where id = %s and status = 'PENDING'",
                [CANCELLED, number],
            )
            return self._own(connection, client, number)

        row = await self._with(end)
        if row["data"] != CANCELLED:
            raise Problem(409, f"the request is {_STATES[row['status']]}, so it cannot be cancelled")
        return JSONResponse(_shown(row))

    async def quota(self, request: Request) -> Response:
        """`GET /quota`: today's ledger by source, bucket and project."""
        self._client(request)
        moment = datetime.now(UTC)
        found = await self._with(lambda connection: ledger(connection, documented(), moment=moment))
        return _json({"items": [{**asdict(used), "left": used.left} for used in found]})

    async def credentials(self, request: Request) -> Response:
        """`GET /credentials`: names and states; a secret is in no answer."""
        self._client(request)
        moment = datetime.now(UTC)
        found = await self._with(credentials.entries)
        return _json({"items": [{**asdict(entry), "state": entry.state(moment)} for entry in found]})

    async def profile(self, request: Request) -> Response:
        """`GET /profiles/{platform}/{id}`: its newest numbers, and the newest requests about it with how they ended."""
        self._client(request)
        platform, name = request.path_params["platform"].upper(), request.path_params["id"]

        def read(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
            with connection.cursor(row_factory=dict_row) as cursor:
                return cursor.execute(
                    f"select distinct on (flow) {_COLUMNS} from scrape_request_log where platform = %s"
                    " and account_id = %s order by flow, created_at desc, id desc".encode(),
                    [platform, name],
                ).fetchall()

        rows = await self._with(read)
        try:
            numbers = await newest_numbers(self._stored, platform, name)
        except StirError:
            raise Problem(503, "the numbers cannot be read; try again later", Retry_After="5") from None
        if not rows and numbers is None:
            raise Problem(404, "nobody has asked for this profile")
        return _json({"platform": platform, "id": name, "numbers": numbers, "requests": [_shown(row) for row in rows]})

    def _own(self, connection: psycopg.Connection[Any], client: Client, number: int) -> dict[str, Any]:
        return self._find(connection, "starts_with(idempotency_key, %s) and id = %s", f"api:{client.name}:", number)

    @staticmethod
    def _find(connection: psycopg.Connection[Any], condition: str, *values: Any) -> dict[str, Any]:
        with connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                f"select {_COLUMNS} from scrape_request_log where {condition}".encode(), values
            ).fetchone()
        if row is None:
            raise Problem(404, "there is no such request")
        return row

    async def _with(self, act: Callable[[psycopg.Connection[Any]], Any]) -> Any:
        def run() -> Any:
            with connections.beat(self._settings, autocommit=True, connect_timeout=5) as connection:
                apply(connection, BEAT)
                apply(connection, COLLECTOR)
                return act(connection)

        try:
            return await run_in_threadpool(run)
        except psycopg.OperationalError:
            raise Problem(503, "the queue cannot be reached; try again later", Retry_After="5") from None


def create_api(settings: Settings, clients: Clients) -> Starlette:
    """The API as an ASGI program."""
    api = Api(settings, clients)

    def answered(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def run(request: Request) -> Response:
            try:
                return await handler(request)
            except Problem as problem:
                return problem.response()

        return run

    def route(path: str, handler: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
        return Route(f"/api/v1{path}", answered(handler), methods=[method])

    async def missing(_: Request, __: Exception) -> Response:
        return Problem(404, "there is no such page").response()

    async def unexpected(_: Request, __: Exception) -> Response:
        return Problem(500, "an error that nobody expected").response()

    return Starlette(
        routes=[
            route("/requests", api.create, "POST"),
            route("/requests", api.list),
            route("/requests/{id:int}", api.show),
            route("/requests/{id:int}/cancel", api.cancel, "POST"),
            route("/quota", api.quota),
            route("/credentials", api.credentials),
            route("/profiles/{platform}/{id}", api.profile),
        ],
        exception_handlers={404: missing, Exception: unexpected},
    )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A request as clients see it. `progress` goes from 0 to 1."""
    times = {name: row[name].isoformat() if row[name] else None for name in ("created_at", "due_at", "scraped_at")}
    return {
        "id": row["id"],
        "flow": row["flow"],
        "platform": row["platform"],
        "params": row["params"],
        "priority": row["priority"],
        "status": _STATES[row["status"]],
        "progress": {"PENDING": 0.0, "PROCESSING": 0.5}.get(row["status"], 1.0),
        "tries": row["retry_count"],
        "result": row["data"],
        **times,
        "expires_at": row["expires_at"].isoformat(),
    }


def _json(document: Mapping[str, Any]) -> Response:
    return Response(json.dumps(document, default=str), media_type="application/json")


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**63:
        raise Problem(422, f"`{name}` is a whole number above 0")
    return int(text)


async def _document(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise Problem(413, f"send at most {MOST_BYTES:,} bytes")
    try:
        document = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise Problem(422, "the body is no JSON") from None
    if not isinstance(document, dict):
        raise Problem(422, "the body is a JSON object")
    return document
