"""New credentials that another program sends through the broker, such as the one in which people give their consent."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from stir import connections
from stir.collector import credentials
from stir.collector.credentials import New
from stir.collector.limits import documented
from stir.database import BEAT, COLLECTOR, apply
from stir.errors import StirError
from stir.ingest.broker import Broker, BrokerError, Incoming, connect
from stir.settings import Settings

STREAM = "collector_credentials"
"""Each message is one JSON object: source, name, secret, and optionally project, account and details."""
_WAIT, _AGAIN = 5.0, 30.0
_log = logging.getLogger("stir.collector")


async def take_credentials(settings: Settings) -> None:
    """Take what comes until cancelled. A message is acknowledged once its secret is encrypted in the database."""
    while True:
        try:
            broker = await connect(settings)
        except BrokerError:
            await asyncio.sleep(_WAIT)
            continue
        except StirError:  # no broker is configured: nobody can send any
            return
        try:
            await broker.declare([STREAM])
            while True:
                for message in await broker.fetch(STREAM, 10, _WAIT):
                    await _take(settings, broker, message)
        except BrokerError:
            await asyncio.sleep(_WAIT)
        finally:
            await broker.close()


async def _take(settings: Settings, broker: Broker, message: Incoming) -> None:
    import psycopg

    try:
        name = await asyncio.to_thread(_add, settings, message.body)
    except psycopg.OperationalError:
        await broker.nack([message], _AGAIN)
        return
    except StirError as error:
        # Not to the dead letters: the message may hold a secret, and they are kept as they come.
        _log.warning("a credential from the broker was refused: %s", error.what)
    else:
        _log.warning("%s came from the broker", name)
    await broker.ack([message])


def _add(settings: Settings, body: bytes) -> str:
    new = read(body)
    with connections.beat(settings, autocommit=True) as connection:
        apply(connection, BEAT)
        apply(connection, COLLECTOR)
        number = credentials.add(connection, credentials.vault(settings), new)
    return f"credential {number} ({new.source} {new.name})"


def read(body: bytes) -> New:
    """The credential in a message.

    Raises:
        StirError: it is none. The line holds nothing of the message.
    """
    try:
        fields: Any = json.loads(body)
        details = fields.get("details", {})
        texts = {name: fields.get(name, "") for name in ("source", "name", "secret", "project", "account")}
    except (ValueError, RecursionError, AttributeError):
        raise StirError("the message is no JSON object") from None
    if not isinstance(details, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise StirError("the message does not hold texts")
    sources = documented()
    if texts["source"] not in sources or not sources[texts["source"]].needs_credential:
        raise StirError("the message names no source that needs a credential")
    return New(**{**texts, "name": texts["name"] or "default"}, details=details)
