"""The snapshot of a mart: a clone that no rebuild changes, its checksum, and the decision whether to publish it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clickhouse_connect.driver.binding import quote_identifier

from stir import connections
from stir.publish.checks import guards
from stir.publish.data_age import read_data_age
from stir.publish.export import slices, unchanged_months
from stir.publish.ledger import generations
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.row_text import clickhouse_row_text
from stir.publish.session import writer
from stir.publish.spec import READ_SETTINGS, PublishSpec
from stir.publish.state import PublishState
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


@dataclass(frozen=True)
class MartSummary:
    """What a mart, or its snapshot, holds. `checksum` is comparable with PostgreSQL, `content` only with ClickHouse.

    `months` are the digests of months, where a spec carries them over: rows and content of each, and in mode
    `partition` its checksum, because each month is a table of its own there.
    `volume` is the sum of the row texts' bytes, which is about what COPY will read.
    """

    rows: int
    checksum: str
    content: str
    volume: int
    months: Mapping[str, str]


def snapshot_database(settings: Settings) -> str:
    """ClickHouse database of the snapshots, beside the warehouse's own."""
    return f"{settings.clickhouse_database}_publish"


def snapshot_prefix(target: str, mart: str, token: str) -> str:
    """How the names of a run's snapshots begin."""
    return f"{target}__{mart}__{token}"


def clone_statement(source: str, clone: str) -> str:
    """Statement that takes a snapshot in milliseconds: the clone shares the parts on disk."""
    return f"create table {clone} clone as {source}"


def summary_statement(spec: PublishSpec, table: str) -> str:
    """Statement that sums up a mart in one pass; `table` is a quoted name."""
    month = ", toString(month) as month" if spec.carry_by else ""
    each = "\ngroup by month" if spec.carry_by else ""
    carried = f", toStartOfMonth({quote_identifier(spec.carry_by)}) as month" if spec.carry_by else ""
    return (
        f"select count(), sum(CRC32(row_text)), hex(sum(sipHash64(row_text))), "
        f"sum(length(row_text)){month}\n"
        f"from (select {clickhouse_row_text(spec)} as row_text{carried} from "
        f"{spec.rows_of(table)}){each}"
    )


def summarise(client: Client, spec: PublishSpec, table: str) -> MartSummary:
    """Sum up the rows of `table`, a quoted name."""
    found = client.query(summary_statement(spec, table), settings=READ_SETTINGS).result_rows
    content = sum(int(row[2], 16) for row in found) % 2**64  # as ClickHouse adds UInt64
    return MartSummary(
        rows=sum(row[0] for row in found),
        checksum=f"crc32:{sum(row[1] for row in found)}",
        content=f"{content:0{2 * max(1, (content.bit_length() + 7) // 8)}X}",  # whole bytes, as hex() writes
        volume=sum(row[3] for row in found),
        months={row[4]: _digest(spec, *row[:3]) for row in found if spec.carry_by},
    )


def _digest(spec: PublishSpec, rows: int, checksum: int, content: str) -> str:
    return f"{rows}-{content}" + (f"-{checksum}" if spec.mode == "partition" else "")


def fingerprint(spec: PublishSpec, summary: MartSummary) -> str:
    """Digest of content and spec: publications with the same fingerprint look the same to readers."""
    return f"{spec.digest}-{summary.rows}-{summary.content}"


def take(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Clone the mart, compute the clone's checksum, and stop if readers already have this content.

    Raises:
        StirError: a guard refuses the content.
    """
    spec = state.spec
    client = connections.clickhouse(settings)
    database = snapshot_database(settings)
    name = snapshot_prefix(state.target, state.mart, state.token) + secrets.token_hex(2)
    clone = connections.quoted_table(database, name)
    mart = connections.quoted_table(settings.clickhouse_database, state.mart)
    client.command(f"create database if not exists {quote_identifier(database)}")
    # Read before the clone, so that the rows are at least as new as this.
    age = read_data_age(client, settings.clickhouse_database, state.mart)
    client.command(clone_statement(mart, clone))
    with observer.span("ClickHouse sums up"):
        summary = summarise(client, spec, clone)
    observer.planned(rows=summary.rows, volume=summary.volume)
    state = replace(
        state,
        snapshot=f"{database}.{name}",
        rows=summary.rows,
        checksum=summary.checksum,
        fingerprint=fingerprint(spec, summary),
        watermark=age.watermark,
        feeds=age.feeds,
        as_of=age.as_of,
        warnings=tuple(guards.warnings(age)),
        parts=_parts(spec, summary.rows),
    )
    with writer(settings, state.target) as connection:
        history = generations.history(connection, spec, newest=100)
    state = _decide(state, history)
    if not state.decided:
        live = history[-1] if history else None
        guards.check(spec, state, live, refuse_stopped=settings.publish_stopped_feed == "refuse")
        if spec.carry_by:
            state = unchanged_months.decide(spec, state, summary.months, live)
            state = replace(state, parts=_parts(spec, state.travelling))
    observer.reached("snapshot taken")
    return state


def _parts(spec: PublishSpec, rows: int) -> int:
    return max(1, min(spec.most_parts, rows // slices.ROWS_PER_PART))


def _decide(state: PublishState, history: list[generations.Generation]) -> PublishState:
    if not history or state.force:
        return state
    live = history[-1]
    if live.fingerprint == state.fingerprint:
        reason = f"{state.mart} has the same content as live generation {live.generation}"
        return replace(state, outcome="unchanged", reason=reason, generation=live.generation)
    if live.event == "rollback":
        for left in history:
            if left.generation > live.content and left.fingerprint == state.fingerprint:
                reason = (
                    f"{state.mart} still holds the content of generation {left.content}, "
                    "which was rolled back; --force publishes it again"
                )
                return replace(state, outcome="held", reason=reason, generation=live.generation)
    return state
