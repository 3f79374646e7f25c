"""ClickHouse to S3: the snapshot in parts, written by ClickHouse itself, and the manifest last."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING

from clickhouse_connect.driver.binding import quote_identifier

from stir import connections
from stir.errors import StirError
from stir.publish import partitions
from stir.publish.export import objects, slices, unchanged_months
from stir.publish.export.manifest import Manifest, Part, sha256
from stir.publish.export.slices import HASH_PARTS, both, by_hash, conditions
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.spec import READ_SETTINGS, PublishSpec
from stir.publish.state import PublishState
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

AT_ONCE = 2
"""Parts that ClickHouse writes at the same time. Each of them uses several threads."""

# The lightest compression has no measurable cost in ClickHouse, and saves three quarters of the bytes in S3.
WRITE_SETTINGS = {"output_format_compression_level": 1}


def export_statement(spec: PublishSpec, snapshot: str, condition: str, collection: str) -> str:
    """Statement that writes the rows of one part, which fulfil `condition`; binds `object` (S3 key).

    Credentials are in the named collection, never in the statement.
    """
    columns = ", ".join(column.travel.copy(quote_identifier(column.name)) for column in spec.columns)
    where = f"\nwhere {condition}" if condition else ""
    return (
        f"insert into function s3({quote_identifier(collection)}, filename = {{object:String}}, format = 'TSV')\n"
        f"select {columns}\nfrom {spec.rows_of(snapshot)}{where}"
    )


def export(
    settings: Settings,
    state: PublishState,
    observer: Observer = UNWATCHED,
    sink: Callable[[Part], None] | None = None,
) -> PublishState:
    """Write every part, then the manifest.

    Args:
        sink: receives each part as soon as it is written, so that loading can begin.

    Raises:
        StirError: ClickHouse wrote other rows than the snapshot has.
    """
    spec, bucket = state.spec, settings.s3.path
    client = connections.clickhouse(settings)
    s3 = connections.s3(settings)
    attempt = secrets.token_hex(4)
    with observer.span("cut into parts"):
        parts = _cut(client, state)
    written: list[Part] = []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="export") as pool:
        futures = [
            pool.submit(_export_part, client, settings, state, observer, f"{state.prefix}{attempt}/", number, condition)
            for number, (_, condition) in enumerate(parts)
        ]
        try:
            for future in as_completed(futures):
                number, key, rows = future.result()
                part = Part(number, key, rows, objects.size_of(s3, bucket, key), parts[number][0])
                observer.moved(exported=part.size)
                written.append(part)
                observer.reached("part exported")
                if sink:
                    sink(part)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            client.command(
                "kill query where startsWith(query_id, {prefix:String}) async",
                parameters={"prefix": query_prefix(state.token)},
            )
            raise
    manifest = Manifest(
        run_id=state.run_id,
        table=spec.table,
        columns=tuple(column.name for column in spec.columns),
        rows=state.travelling,
        checksum=state.checksum,
        parts=tuple(sorted(written, key=lambda part: part.number)),
    )
    manifest.check(rows=state.travelling, checksum=state.checksum, columns=manifest.columns)
    content = manifest.to_bytes()
    key = f"{state.prefix}{attempt}/manifest.json"
    with observer.span("manifest"):
        objects.write(s3, bucket, key, content)
    observer.reached("exported")
    return replace(state, parts=len(parts), manifest=key, manifest_digest=sha256(content), bytes=manifest.size)


def _cut(client: Client, state: PublishState) -> list[tuple[str, str]]:
    """Month and condition of each part; the month is empty where a part may hold several."""
    spec = state.spec
    if spec.mode == "partition":
        return [
            (month, both(unchanged_months.of_month(spec, month), part))
            for month in partitions.loaded_tables(state)
            for part in by_hash(spec.key, _parts_of(state, month))
        ]
    cut = conditions(client, spec, state.snapshot, state.parts)
    return [("", both(unchanged_months.condition(state), part)) for part in cut]


def _parts_of(state: PublishState, month: str) -> int:
    rows, _ = partitions.expected(state, month)
    return min(HASH_PARTS, state.spec.most_parts, rows // slices.ROWS_PER_PART)


def query_prefix(token: str) -> str:
    """The prefix of a run's ClickHouse query ids."""
    return f"stir-publish-{token}-"


def _export_part(
    client: Client,
    settings: Settings,
    state: PublishState,
    observer: Observer,
    prefix: str,
    number: int,
    condition: str,
) -> tuple[int, str, int]:
    key = f"{prefix}part-{number:03}.tsv.zst"
    with observer.span("export: ClickHouse writes a part"):
        result = client.command(
            export_statement(state.spec, state.quoted_snapshot, condition, settings.s3_named_collection),
            parameters={"object": key},
            settings={
                **READ_SETTINGS,
                **WRITE_SETTINGS,
                "query_id": f"{query_prefix(state.token)}{secrets.token_hex(4)}-{number}",
            },
        )
    summary = getattr(result, "summary", {})
    if "written_rows" not in summary:
        raise StirError("ClickHouse did not report how many rows it wrote", where=key, do="publish again")
    return number, key, int(summary["written_rows"])
