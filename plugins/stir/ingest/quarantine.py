"""Keeps records that could not be loaded, with the reason, until somebody repairs, replays or discards them.

Body, key and message are encrypted: each may hold what a person wrote or is called. Bodies over 64 KB lie in
the bucket.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from stir import connections
from stir.database import INGEST, apply
from stir.errors import StirError
from stir.ingest.vault import Vault, quarantine_keys
from stir.object_store import remove_objects
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

State = Literal["open", "replayed", "discarded"]
INLINE_BYTES = 65_536
PREFIX = "quarantine/"
"""Where the bucket holds large bodies."""


@dataclass(frozen=True)
class Item:
    """A record that was refused.

    Attributes:
        stream: the stream, source table or kind of file that it came for.
        reason: one of the words of stir.sources.reasons.
        path: the field that is at fault; empty for the record as a whole.
        message: what is wrong with it.
        key: what identifies the record, as far as it could be read.
        body: the record as it came.
        origin: where it came from, such as `videos.csv line 7`.
        load_id: the load of a file whose options read the record.
    """

    stream: str
    reason: str
    body: bytes
    schema_version: str = ""
    path: str = ""
    message: str = ""
    key: str = ""
    origin: str = ""
    load_id: str = ""

    @property
    def body_hash(self) -> str:
        return sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Entry:
    """A record in the quarantine, decrypted; `body` is None in a list."""

    id: int
    stream: str
    schema_version: str
    reason: str
    path: str
    message: str
    key: str
    origin: str
    load_id: str
    times: int
    first_seen_at: datetime
    last_seen_at: datetime
    state: State
    note: str
    edited_by: str
    body: bytes | None = field(default=None, repr=False)
    edited_body: bytes | None = field(default=None, repr=False)

    @property
    def current_body(self) -> bytes:
        """The body as it was edited last, else as it came."""
        return self.edited_body if self.edited_body is not None else self.body or b""


@contextmanager
def connect(settings: Settings, **options: Any) -> Iterator[psycopg.Connection]:
    """A connection to the database of the quarantine, whose tables exist; the block is one transaction.

    Raises:
        psycopg.OperationalError: PostgreSQL is away.
    """
    with connections.postgres(settings, autocommit=True) as connection:
        apply(connection, INGEST)
    with connections.postgres(settings, **options) as connection:
        yield connection


def add(settings: Settings, connection: psycopg.Connection, items: Sequence[Item]) -> int:
    """Keep records in the caller's transaction; returns how many were not there yet.

    A record that comes again for the same reason is counted and keeps its state: one that was replayed is in the
    warehouse, and one that was discarded stays discarded.
    """
    counted: dict[tuple[str, str, str], list[Any]] = {}
    for item in items:
        counted.setdefault((item.stream, item.body_hash, item.reason), [item, 0])[1] += 1
    vault, added = Vault(quarantine_keys(settings)), 0
    for (_, body_hash, _), (item, times) in counted.items():
        body, stored_as = vault.lock(item.body), None
        if len(item.body) > INLINE_BYTES:
            stored_as = f"{PREFIX}{body_hash}"
            connections.s3(settings).put_object(Bucket=settings.s3.path, Key=stored_as, Body=body)
        row = connection.execute(
            "insert into ingest.quarantine as known (stream, schema_version, reason, path, message, key, origin,"
            " load_id, body, body_object, body_bytes, body_hash, times) values"
            " (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (stream, body_hash, reason) do update"
            " set times = known.times + excluded.times, last_seen_at = clock_timestamp() returning xmax = 0",
            [
                item.stream,
                item.schema_version,
                item.reason,
                item.path,
                vault.lock(item.message.encode()),
                vault.lock(item.key.encode()),
                item.origin,
                item.load_id,
                None if stored_as else body,
                stored_as,
                len(item.body),
                body_hash,
                times,
            ],
        ).fetchone()
        added += bool(row and row[0])
    return added


def entries(
    settings: Settings,
    connection: psycopg.Connection,
    *,
    ids: Sequence[int] | None = None,
    reason: str | None = None,
    stream: str | None = None,
    since: datetime | None = None,
    state: State | None = None,
    limit: int | None = None,
    bodies: bool = False,
) -> list[Entry]:
    """The records that match every given condition, newest first."""
    query = (
        "select quarantine_id, stream, schema_version, reason, path, message, key, origin, load_id, times,"
        " first_seen_at, last_seen_at, state, coalesce(note, ''), coalesce(edited_by, ''), body,"
        " body_object, edited_body"
        " from ingest.quarantine"
        " where (%(ids)s::bigint[] is null or quarantine_id = any(%(ids)s))"
        " and (%(reason)s::text is null or reason = %(reason)s)"
        " and (%(stream)s::text is null or stream = %(stream)s)"
        " and (%(since)s::timestamptz is null or last_seen_at >= %(since)s)"
        " and (%(state)s::text is null or state = %(state)s)"
        " order by last_seen_at desc, quarantine_id desc limit %(limit)s"
    )
    values = {"ids": ids, "reason": reason, "stream": stream, "since": since, "state": state, "limit": limit}
    vault, found = Vault(quarantine_keys(settings)), []
    for row in connection.execute(query, values):
        *plain, body, stored_as, edited = row
        plain[5], plain[6] = vault.open(plain[5]).decode(), vault.open(plain[6]).decode()
        opened = None
        if bodies:
            opened = vault.open(_fetch(settings, stored_as) if stored_as else body)
            edited = vault.open(edited) if edited is not None else None
        found.append(replace(Entry(*plain), body=opened, edited_body=edited if bodies else None))
    return found


def entry(settings: Settings, connection: psycopg.Connection, number: int) -> Entry:
    """One record with its body.

    Raises:
        StirError: there is none with that number.
    """
    found = entries(settings, connection, ids=[number], bodies=True)
    if not found:
        raise StirError(
            f"there is no record {number} in the quarantine", do="run `./stir quarantine list`; it shows the numbers"
        )
    return found[0]


def edit(settings: Settings, connection: psycopg.Connection, number: int, body: bytes, by: str) -> None:
    """Keep a repaired body beside the one that came. A replay uses it.

    Raises:
        StirError: there is no such record, or it is closed.
    """
    if (state := entry(settings, connection, number).state) != "open":
        raise StirError(f"record {number} was {state} already, so an edit would change nothing")
    connection.execute(
        "update ingest.quarantine set edited_body = %s, edited_by = %s where quarantine_id = %s",
        [Vault(quarantine_keys(settings)).lock(body), by, number],
    )


def close(connection: psycopg.Connection, numbers: Iterable[int], state: State, note: str | None = None) -> int:
    """Mark open records as replayed or discarded; returns their number."""
    return connection.execute(
        "update ingest.quarantine set state = %s, closed_at = clock_timestamp(), note = coalesce(%s, note)"
        " where quarantine_id = any(%s) and state = 'open'",
        [state, note, list(numbers)],
    ).rowcount


def forget(settings: Settings, connection: psycopg.Connection, key: str) -> int:
    """Remove every record, open or closed, that names a person, account or post by `key`; returns their number."""
    wanted = key.strip().casefold()
    found = [
        each.id
        for each in entries(settings, connection, bodies=True)
        if each.key.strip().casefold() == wanted
        or any(wanted == value for body in (each.body, each.edited_body) for value in _values(body))
    ]
    return remove(settings, connection, found)


def remove(settings: Settings, connection: psycopg.Connection, numbers: Sequence[int]) -> int:
    """Delete records with their bodies in the bucket; returns their number."""
    gone = connection.execute(
        "delete from ingest.quarantine where quarantine_id = any(%s) returning body_object, stream, times, load_id",
        [list(numbers)],
    ).fetchall()
    for _, stream, times, load_id in gone:  # what is removed on purpose is not missing in the audit
        if load_id:
            counted = "update ingest.file_load set rows_removed = rows_removed + %s where load_id = %s"
            connection.execute(counted, [times, load_id])
            continue
        connection.execute(
            "insert into ingest.stream_batch (token, stream, source_table, arrived_at, messages, records, written,"
            " refused) select 'removed-' || gen_random_uuid(), stream, min(source_table), max(arrived_at), 0, 0, 0, %s"
            " from ingest.stream_batch where stream = %s group by stream",
            [-times, stream],
        )
    if stored := [name for name, *_ in gone if name]:
        used = "select body_object from ingest.quarantine where body_object = any(%s)"
        kept = {name for (name,) in connection.execute(used, [stored])}
        remove_objects(connections.s3(settings), settings.s3.path, (name for name in stored if name not in kept))
    return len(gone)


def _fetch(settings: Settings, key: str) -> bytes:
    return connections.s3(settings).get_object(Bucket=settings.s3.path, Key=key)["Body"].read()


def _values(body: bytes | None) -> Iterator[str]:
    """Every text and number of a document, folded; of what is no JSON, each word."""
    if body is None:
        return
    text = body.decode("utf-8", "replace")
    try:
        waiting = [json.loads(text)]
    except (ValueError, RecursionError):  # what is nested too deeply is read by words, too
        yield from (word.strip(":") for word in re.split(r"[\s,\"\[\]{}]+", text.casefold()))
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif value is not None:
            yield str(value).strip().casefold()
            if isinstance(value, str) and value[:1] in "{[":
                waiting += _nested(value)


def _nested(text: str) -> list[Any]:
    """The document that a text holds, as events do in `metrics` and `dimensions`."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        return []
