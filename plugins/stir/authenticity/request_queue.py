"""Scores the creators that messages ask for: the job of `job`, driven by a stream of the broker.

At least once: a message is acknowledged when its creator has nothing left to score, never before. Idempotent by key:
what has a score is not scored again, so a repeated message does nothing. Two workers do no work twice: a worker holds
the creators that it scores, and another one returns their messages to the broker for later.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Sequence

from stir.authenticity import job
from stir.errors import StirError
from stir.ingest.broker import Broker, BrokerError, Incoming
from stir.ingest.sink import server_of
from stir.settings import Settings

STREAM = "score_creators"
"""Each message is one JSON object with `creator_id`, an Instagram profile whose followers were collected."""
AT_ONCE = 100
"""Most creators of a batch: what a worker that is killed begins again."""
MOST_DELIVERIES = 5
"""A message that could not be handled so often is put aside with the error."""
AGAIN = 10.0
"""Seconds until a message comes again whose creator another worker holds, or whose servers are away."""
LONGEST_ID = 200
_WAIT, _KEEP = 1.0, 10.0

Score = Callable[[Settings, Sequence[str]], set[str]]
_log = logging.getLogger(__name__)


async def ask(broker: Broker, creators: Sequence[str]) -> None:
    """Ask for the followers of these creators to be scored; returns when the broker has every message on disk.

    Raises:
        BrokerError: the broker is away or full.
        StirError: one of them is no id of a profile; nobody is asked for then.
    """
    messages = [message_of(creator) for creator in creators]
    for message in messages:
        # Without an id: the broker would drop a second request that came within two minutes, after new followers.
        await broker.publish(STREAM, message, headers={})


def message_of(creator: str) -> bytes:
    """The message that asks for a creator.

    Raises:
        StirError: no worker would accept it.
    """
    message = json.dumps({"creator_id": creator}).encode()
    try:
        creator_of(message)
    except ValueError as error:
        raise StirError(f"{creator[:40]!r} cannot be asked for: {error}", do="give the id of a profile") from error
    return message


def creator_of(body: bytes) -> str:
    """The creator that a message asks for.

    Raises:
        ValueError: it names none.
    """
    try:
        found = json.loads(body)["creator_id"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise ValueError("the message is no JSON object with creator_id") from error
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID or "\0" in found:
        raise ValueError("creator_id is no id of a profile")
    return found


def score(settings: Settings, creators: Sequence[str]) -> set[str]:
    """Score these creators' followers that have no score; returns the creators that are not done.

    Not done are those that another worker holds. A creator of which nothing was collected is done.
    """
    if job.plan(settings, creators).creators:
        job.run(settings, creators=creators)
    return {each.creator_id for each in job.plan(settings, creators).creators}


class Worker:
    """Takes requests until it is stopped. Several may run at once; the broker shares the messages out.

    Args:
        settings: reach the warehouse and PostgreSQL.
        broker: an open connection.
        score: scores creators and returns those that are not done.
        again: seconds until a returned message is delivered again.
    """

    def __init__(self, settings: Settings, broker: Broker, *, score: Score = score, again: float = AGAIN) -> None:
        self._settings, self._broker, self._score, self._again = settings, broker, score, again
        self._stop = asyncio.Event()
        self._holding: list[Incoming] = []
        self.done = 0
        """Messages that were acknowledged."""

    def stop(self) -> None:
        """Fetch nothing more, and end after the batch that is being scored."""
        self._stop.set()

    async def run(self, *, once: bool = False) -> None:
        """Take requests until `stop`; with `once` until none waits.

        Raises:
            BrokerError: the broker is away when the worker begins. Later it is waited for.
        """
        await self._broker.declare([STREAM])
        keeper = asyncio.create_task(self._keep())
        try:
            while not self._stop.is_set():
                try:
                    messages = await self._broker.fetch(STREAM, AT_ONCE, _WAIT)
                    if messages:
                        await self._handle(messages)
                    elif once and not (await self._broker.backlog(STREAM)).messages:
                        return
                except BrokerError as error:
                    _log.warning("the broker does not answer (%s); trying again", error)
                    await self._sleep(self._again)
        finally:
            keeper.cancel()

    async def _handle(self, messages: list[Incoming]) -> None:
        self._holding = messages
        try:
            asked: dict[str, list[Incoming]] = {}
            for message in messages:
                try:
                    asked.setdefault(creator_of(message.body), []).append(message)
                except ValueError as error:
                    await self._broker.dead_letter(message, str(error))
            if asked:
                await self._settle(asked)
        finally:
            self._holding = []

    async def _settle(self, asked: dict[str, list[Incoming]]) -> None:
        """Score the creators and acknowledge their messages; if that fails, each creator by itself."""
        try:
            left = await asyncio.to_thread(self._score, self._settings, list(asked))
        except Exception as error:
            if len(asked) > 1:
                for creator, messages in asked.items():
                    await self._settle({creator: messages})
                return
            [(creator, messages)] = asked.items()
            _log.warning("the followers of %s could not be scored: %s", creator, _line(error))
            await self._return(messages, error)
            return
        done = [message for creator, messages in asked.items() if creator not in left for message in messages]
        await self._broker.ack(done)
        self.done += len(done)
        await self._broker.nack([each for creator in left for each in asked.get(creator, [])], self._again)

    async def _return(self, messages: list[Incoming], error: Exception) -> None:
        for message in messages:
            if message.deliveries < MOST_DELIVERIES or server_of(error) is not None:
                await self._broker.nack([message], self._again)
            else:
                await self._broker.dead_letter(message, _line(error))

    async def _keep(self) -> None:
        """Tell the broker regularly that what is held is being worked on."""
        while True:
            await asyncio.sleep(_KEEP)
            with contextlib.suppress(BrokerError):
                await self._broker.keep(self._holding)

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
