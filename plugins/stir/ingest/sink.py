"""The sink: takes messages from the broker and acknowledges them once their rows are in ClickHouse or in quarantine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from stir import clock, connections
from stir.ingest import audit
from stir.ingest import batch as batches
from stir.ingest.batch import Batch
from stir.ingest.broker import Broker, BrokerAwayError, BrokerError, Incoming
from stir.ingest.metrics import SinkMetrics
from stir.ingest.records import Checker
from stir.ingest.streams import BATCH_BYTES, BATCH_ROWS, BATCH_SECONDS, MOST_ROWS, Stream
from stir.ingest.writer import ensure_tokens
from stir.settings import Settings
from stir.sources import ddl

DRAIN_SECONDS = 25.0
"""A sink that is asked to end has 30 s; what it still holds then returns to the broker."""
POISON_DELIVERIES = 5
"""A message whose handling has failed so often goes to quarantine with the error."""
HOPELESS_DELIVERIES = 20
"""A message that came so often without any error to show probably ended the sink each time; it goes there unread."""
_IN_MEMORY = 2
_LONGEST_PAUSE = 60.0
_FETCH_SECONDS = 1.0
_AT_ONCE, _FIRST = 1_000, 20

_log = logging.getLogger(__name__)


class Sink:
    """Consumes streams until it is stopped. Several sinks may run at once; the broker shares the messages out."""

    def __init__(
        self,
        settings: Settings,
        broker: Broker,
        streams: Sequence[Stream],
        metrics: SinkMetrics | None = None,
        *,
        batch_seconds: float = BATCH_SECONDS,
        first_pause: float = 1.0,
        keep_seconds: float = 10.0,
    ) -> None:
        self._settings, self._broker, self._streams = settings, broker, streams
        self.metrics = metrics or SinkMetrics()
        self._batch_seconds, self._first_pause, self._keep_seconds = batch_seconds, first_pause, keep_seconds
        self._stop = asyncio.Event()
        self._holding: dict[int, list[Incoming]] = {}
        # A checker serves one thread at a time, and the interpreter runs one at a time anyway.
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="read")
        self._writing = ThreadPoolExecutor(4, thread_name_prefix="write")
        self._checkers = {stream.name: Checker(stream.contract) for stream in streams}
        self._tables: set[str] = set()
        self._own = threading.local()

    def stop(self) -> None:
        """Fetch nothing more, write what is in memory, and end."""
        self._stop.set()

    async def run(self) -> None:
        """Consume until `stop`; returns within 30 s of it."""
        keeper = asyncio.create_task(self._keep())
        consumers = [asyncio.create_task(self._consume(stream)) for stream in self._streams]
        stopping = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([*consumers, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()  # a consumer ends by itself only by an error
            _, late = await asyncio.wait(consumers, timeout=DRAIN_SECONDS)
            if late:
                _log.warning("%d streams were still being written; the broker delivers their messages again", len(late))
        finally:
            for task in (*consumers, keeper, stopping):
                task.cancel()
            self._reading.shutdown(wait=False, cancel_futures=True)
            self._writing.shutdown(wait=False, cancel_futures=True)

    async def _consume(self, stream: Stream) -> None:
        room = asyncio.Semaphore(_IN_MEMORY)
        writing: set[asyncio.Task[None]] = set()
        target, weight, pause = BATCH_ROWS, 1.0, self._first_pause
        order = asyncio.Lock()
        while not self._stop.is_set():
            await room.acquire()
            try:
                messages, full = await self._gather(stream, target, weight)
                pause = self._first_pause
            except BrokerError as error:
                room.release()
                _log.warning("stream %s: the broker does not answer (%s); trying again", stream.name, error)
                await self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            if not messages:
                room.release()
                continue
            self._holding[id(messages)] = messages
            target = min(2 * target, MOST_ROWS) if full else BATCH_ROWS
            task = asyncio.create_task(self._handle(stream, messages, order))
            writing.add(task)

            def finished(task: asyncio.Task[None], held: list[Incoming] = messages) -> None:
                writing.discard(task)
                self._holding.pop(id(held), None)
                self.metrics.held.labels(stream.name).set(len(writing))
                room.release()
                if not task.cancelled() and (error := task.exception()):
                    _log.error("stream %s: a batch was left to the broker (%r)", stream.name, error)

            task.add_done_callback(finished)
            self.metrics.held.labels(stream.name).set(len(writing))
            weight = max(1.0, sum(message.body.count(b"\n") + 1 for message in messages) / len(messages))
        if writing:
            await asyncio.wait(writing)

    async def _gather(self, stream: Stream, target: int, weight: float) -> tuple[list[Incoming], bool]:
        """Messages of about `target` rows, and whether they came without waiting; fewer when they are slow to come."""
        found: list[Incoming] = []
        rows, size, deadline = 0.0, 0, 0.0
        while not self._stop.is_set():
            # Until the size of messages is known, few of them: each may have megabytes.
            average = max(1.0, size / len(found)) if found else BATCH_BYTES / _FIRST
            limit = max(1, min(_AT_ONCE, int((target - rows) / weight), int((BATCH_BYTES - size) / average)))
            patience = _FETCH_SECONDS if not found else max(0.05, min(_FETCH_SECONDS, deadline - time.monotonic()))
            try:
                came = await self._broker.fetch(stream.name, limit, patience)
            except BrokerAwayError:
                if not found:
                    raise
                break  # what has been taken is worth writing: an acknowledgement that is lost costs a repetition
            if came and not found:
                deadline = time.monotonic() + self._batch_seconds
            found += came
            rows += len(came) * weight
            size += sum(len(message.body) for message in came)
            if rows >= target or size >= BATCH_BYTES:
                return found, True
            if found and (time.monotonic() >= deadline or (rows >= BATCH_ROWS and len(came) < limit)):
                break
        return found, False

    async def _handle(self, stream: Stream, messages: list[Incoming], order: asyncio.Lock) -> None:
        """Write a batch and acknowledge it, however long that takes; on a stop, give it back."""
        self.metrics.messages.labels(stream.name).inc(len(messages))
        again = sum(message.deliveries > 1 for message in messages)
        self.metrics.redelivered.labels(stream.name).inc(again)
        async with order:  # batches of a stream are written in the order in which they came
            for part in _parts(messages):
                await self._settle(stream, part)

    async def _settle(self, stream: Stream, messages: list[Incoming]) -> None:
        began, pause = time.perf_counter(), self._first_pause
        while True:
            try:
                await self._write(stream, messages)
                break
            except Exception as error:
                server = server_of(error)
                if server is None:
                    await self._isolate(stream, messages, error)
                    return
                self.metrics.retries.labels(stream.name, server).inc()
                line = " ".join(str(error).split())[:200]
                _log.warning("stream %s: %s failed (%s); trying again in %.0f s", stream.name, server, line, pause)
                if self._stop.is_set():
                    await self._give_back(messages)
                    return
                await self._sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
                pause = min(2 * pause, _LONGEST_PAUSE)
        self.metrics.write_seconds.labels(stream.name).observe(time.perf_counter() - began)

    async def _write(self, stream: Stream, messages: list[Incoming]) -> None:
        loop = asyncio.get_running_loop()
        hopeless = [message for message in messages if message.deliveries > HOPELESS_DELIVERIES]
        if hopeless:
            why = "the sink ended again and again while it held this message"
            items = [batches.poisoned(stream, message, why) for message in hopeless]
            await loop.run_in_executor(self._writing, batches.set_aside, self._settings, items)
            await self._acknowledge(stream, hopeless)
            return
        batch = await loop.run_in_executor(self._reading, self.read, stream, messages)
        inserted = await loop.run_in_executor(self._writing, self._store, batch)
        self.metrics.records.labels(stream.name).inc(batch.records)
        self.metrics.inserted.labels(stream.name).inc(inserted)
        self.metrics.batch_rows.labels(stream.name).observe(len(batch.rows))
        for item in batch.refused:
            self.metrics.quarantined.labels(stream.name, item.reason).inc()
        for reason in batch.emptied:
            self.metrics.emptied.labels(stream.name, reason).inc()
        await self._acknowledge(stream, messages)

    def read(self, stream: Stream, messages: list[Incoming]) -> Batch:
        """Check the records of messages; runs in a thread."""
        arrived = clock.now(self._settings).replace(microsecond=0)
        return batches.read(stream, self._checkers[stream.name], messages, arrived)

    def _store(self, batch: Batch) -> int:
        client = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = connections.clickhouse(self._settings)
        if batch.stream.table not in self._tables:
            for statement in ddl.databases([batch.stream.contract]):
                client.command(statement)
            client.command(ddl.create_table(batch.stream.contract, if_not_exists=True))
            ensure_tokens(client, batch.stream.table)
            self._tables.add(batch.stream.table)
        inserted = batches.write(self._settings, client, batch)
        audit.record(self._settings, batch, clock.now(self._settings))
        return inserted

    async def _acknowledge(self, stream: Stream, messages: Sequence[Incoming]) -> None:
        """Acknowledge; if the broker is away, it delivers the messages again and their rows are repetitions."""
        try:
            await self._broker.ack(messages)
        except BrokerError as error:
            _log.warning("stream %s: acknowledgements were lost (%s)", stream.name, error)
            return
        self.metrics.acknowledged.labels(stream.name).inc(len(messages))

    async def _isolate(self, stream: Stream, messages: list[Incoming], error: Exception) -> None:
        """Find the message of a batch that cannot be handled, and return it, or set it aside when it has come often."""
        if len(messages) > 1:
            middle = len(messages) // 2
            await self._settle(stream, messages[:middle])
            await self._settle(stream, messages[middle:])
            return
        [message] = messages
        why = f"{type(error).__name__}: {error}"
        _log.error("stream %s: a message could not be handled (%s)", stream.name, type(error).__name__)
        if message.deliveries < POISON_DELIVERIES:
            await self._give_back(messages, delay=self._first_pause)
            return
        loop = asyncio.get_running_loop()
        try:
            item = batches.poisoned(stream, message, why)
            await loop.run_in_executor(self._writing, batches.set_aside, self._settings, [item])
            self.metrics.quarantined.labels(stream.name, item.reason).inc()
            await self._acknowledge(stream, messages)
        except Exception as refusal:
            if server_of(refusal) is not None:
                await self._give_back(messages, delay=self._first_pause)
            else:  # not even the quarantine takes it
                with contextlib.suppress(BrokerError):
                    await self._broker.dead_letter(message, why)

    async def _give_back(self, messages: Sequence[Incoming], delay: float = 0.0) -> None:
        with contextlib.suppress(BrokerError):
            await self._broker.nack(messages, delay)

    async def _keep(self) -> None:
        """Tell the broker regularly that what is in memory is being worked on."""
        while True:
            await asyncio.sleep(self._keep_seconds)
            for messages in list(self._holding.values()):
                with contextlib.suppress(BrokerError):
                    await self._broker.keep(messages)

    async def _sleep(self, seconds: float) -> None:
        """Wait, but not after a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


def _parts(messages: list[Incoming]) -> Iterator[list[Incoming]]:
    """Messages that came often apart from the others, the oftener the fewer together: one of them may end the sink."""
    levels: dict[int, list[Incoming]] = {}
    for message in messages:
        levels.setdefault(message.deliveries // (POISON_DELIVERIES + 1), []).append(message)
    for level, found in sorted(levels.items()):
        size = max(1, 1000 // 10**level) if level else len(found)
        yield from (found[at : at + size] for at in range(0, len(found), size))


def server_of(error: Exception) -> str | None:
    """The server whose failure this is, so that trying again is right; None for an error of the message itself."""
    known = {
        "clickhouse_connect": "ClickHouse",
        "urllib3": "ClickHouse",
        "psycopg": "PostgreSQL",
        "psycopg_pool": "PostgreSQL",
        "botocore": "S3",
    }
    found = known.get(type(error).__module__.partition(".")[0])
    if found and any(kind.__name__ in ("DataError", "ProgrammingError") for kind in type(error).__mro__):
        return None  # both drivers' words for an error of what was sent
    if found is None and isinstance(error, OSError):
        return "the network"
    return found
