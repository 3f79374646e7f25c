"""A batch of messages of one stream: its rows, what its contract refuses, and writing both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from stir.ingest import quarantine
from stir.ingest.broker.protocol import MESSAGE_BYTES, Incoming
from stir.ingest.messages import records
from stir.ingest.quarantine import Item
from stir.ingest.records import Checker, Verdict
from stir.ingest.streams import Stream
from stir.ingest.writer import insert_isolating
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

VERSION_HEADERS = {"stir-schema": "_schema", "stir-schema-version": "_schema_version"}
"""Headers that say what a message's records may say themselves."""


@dataclass
class Batch:
    """Messages, and what their contract makes of them."""

    stream: Stream
    messages: list[Incoming]
    token: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    refused: list[Item] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    records: int = 0


def token_of(messages: Sequence[Incoming]) -> str:
    """A token that names exactly these messages in this order: their ids and their bodies. Bodies too, because a
    publisher may send another body under the same id, and ClickHouse ignores other rows under a token it knows.
    """
    digest = sha256()
    for message in messages:
        digest.update(f"{message.message_id}\0{len(message.body)}\0".encode("utf-8", "surrogatepass"))
        digest.update(message.body)
    return digest.hexdigest()


def read(stream: Stream, checker: Checker, messages: list[Incoming], arrived_at: datetime) -> Batch:
    """Take messages apart and check each record."""
    batch = Batch(stream, messages, token_of(messages))
    known: dict[tuple[bytes, str], Verdict] = {}  # of refused bodies: a producer with a fault sends one a million times
    for message in messages:
        if len(message.body) > MESSAGE_BYTES:
            text = f"the message has {len(message.body):,} bytes, more than {MESSAGE_BYTES:,}"
            batch.refused.append(Item(stream.name, "too_large", message.body, path="$", message=text, key=_id(message)))
            batch.records += 1
            continue
        named = {member: message.headers[name] for name, member in VERSION_HEADERS.items() if name in message.headers}
        for body in records(message.body, message.headers.get("content-type", "")):
            batch.records += 1
            same = (body, str(named))
            verdict = known.get(same) or _check(checker, body, named, arrived_at)
            batch.emptied += [each.reason for each in verdict.violations if each.effect == "empty"]
            if verdict.row is None:
                known[same] = verdict
                batch.refused.append(_refused(batch, body, verdict, message))
            else:
                batch.rows.append(verdict.row)
                batch.bodies.append(body)
    return batch


def write(settings: Settings, client: Client, batch: Batch) -> int:
    """Put the rows into ClickHouse and the refused records into quarantine; returns the number of rows. When it
    returns, nothing of the batch is only in memory.

    Raises:
        Exception: a server failed. The same batch may be written again: nothing is there twice then.
    """
    items = list(batch.refused)

    def refuse(position: int, message: str) -> None:
        body = batch.bodies[position]
        items.append(
            Item(
                batch.stream.name,
                "refused_by_clickhouse",
                body,
                schema_version=batch.stream.contract.version,
                message=_plain(message),
                key=key_of(body, batch.stream.contract.key),
                origin=f"stream {batch.stream.name}",
            )
        )

    inserted = insert_isolating(client, batch.stream.table, batch.rows, batch.token, refuse)
    batch.refused = items
    if items:
        set_aside(settings, items)
    return inserted


def set_aside(settings: Settings, items: Sequence[Item]) -> None:
    """Put records into quarantine, in one transaction."""
    with quarantine.connect(settings) as connection:
        quarantine.add(settings, connection, items)


def poisoned(stream: Stream, message: Incoming, why: str) -> Item:
    """The entry of a message that could not be worked on again and again."""
    return Item(
        stream.name,
        "undecodable",
        message.body,
        path="$",
        message=_plain(why),
        key=_id(message),
        origin=f"message delivered {message.deliveries} times",
    )


def key_of(body: bytes, key: str) -> str:
    """What identifies the record, as far as it can be read."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = found.get(key) if isinstance(found, dict) else None
    return _plain(str(value))[:255] if isinstance(value, str | int) else ""


def _check(checker: Checker, body: bytes, named: dict[str, str], arrived_at: datetime) -> Verdict:
    verdict = checker.check_bytes(body, arrived_at)
    if not named or (verdict.row is None and verdict.violations[0].reason in ("undecodable", "not_utf8", "too_large")):
        return verdict
    # The headers stand for members that the record does not have itself.
    return checker.check({**named, **json.loads(body.decode("utf-8").removeprefix("\ufeff"))}, arrived_at)


def _refused(batch: Batch, body: bytes, verdict: Verdict, message: Incoming) -> Item:
    refusing = [each for each in verdict.violations if each.effect == "refuse"] or list(verdict.violations)
    return Item(
        batch.stream.name,
        refusing[0].reason,
        body,
        schema_version=verdict.version,
        path=_plain(refusing[0].path)[:255],
        message="; ".join(_plain(f"{each.path}: {each.message}") for each in refusing[:20]),
        key=key_of(body, batch.stream.contract.key),
        origin=f"message {_id(message)}".strip(),
    )


def _id(message: Incoming) -> str:
    return _plain(message.message_id)[:255]


def _plain(text: str) -> str:
    """A text that PostgreSQL takes: without NUL and without halves of characters."""
    return text.replace("\0", "\\0").encode("utf-8", "replace").decode("utf-8")
