"""`/healthz`, `/readyz` and `/metrics` of the sink, and what the broker says about each stream."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import uvicorn

from stir import connections
from stir.ingest.broker import Broker, BrokerError
from stir.ingest.metrics import SinkMetrics
from stir.ingest.streams import Stream
from stir.settings import Settings

_LOOK_SECONDS = 10.0


class Health:
    """Looks at the servers regularly and answers from what it saw."""

    def __init__(self, settings: Settings, broker: Broker, streams: Sequence[Stream], metrics: SinkMetrics) -> None:
        self._settings, self._broker, self._streams, self._metrics = settings, broker, streams, metrics
        self.faults: dict[str, str] = {"start": "nothing has been looked at yet"}

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Ask each server once."""
        faults: dict[str, str] = {}
        try:
            for stream in self._streams:
                found = await self._broker.backlog(stream.name)
                self._metrics.backlog.labels(stream.name).set(found.messages)
                age = (datetime.now(UTC) - found.oldest).total_seconds() if found.oldest else 0.0
                self._metrics.oldest.labels(stream.name).set(age)
        except BrokerError as error:
            faults["broker"] = str(error)[:200]
        self._metrics.broker_up.set(not faults)
        for name, ask in (("ClickHouse", self._ask_clickhouse), ("PostgreSQL", self._ask_postgres)):
            try:
                await asyncio.to_thread(ask)
            except Exception as error:  # whatever a driver raises means: not ready
                faults[name] = type(error).__name__
        self.faults = faults

    def _ask_clickhouse(self) -> None:
        client = connections.clickhouse(self._settings)
        client.close()

    def _ask_postgres(self) -> None:
        with connections.postgres(self._settings, connect_timeout=5) as connection:
            connection.execute("select 1")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, as ASGI says."""
        if scope["type"] != "http":
            return
        body, kind, status = b"", "application/json", 200
        if scope["path"] == "/metrics":
            body, kind = self._metrics.page()
        elif scope["path"] == "/healthz":
            body = b'{"alive": true}'
        elif scope["path"] == "/readyz":
            status = 503 if self.faults else 200
            body = json.dumps({"ready": not self.faults, "faults": self.faults}).encode()
        else:
            status, body = 404, b'{"title": "there is no such page"}'
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Server(uvicorn.Server):
    """A web server inside a program that handles signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave the signals alone."""
        yield


def server(application: Any, host: str, port: int) -> Server:
    """A server that `serve()` runs until `should_exit` is set."""
    return Server(uvicorn.Config(application, host=host, port=port, log_level="warning", access_log=False))
