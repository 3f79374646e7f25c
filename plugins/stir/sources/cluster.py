"""The source tables on a ClickHouse cluster: spread over its shards, or whole on every server.

A large table is kept in parts by whom or what its rows are about, so that all versions of a row meet on one shard: a
replicated table `NAME_local` on each shard, and NAME, a Distributed table that shows and fills them all. A small one is
whole on every server, because rows of all shards are joined with it. docs/cluster.md says what each shard holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stir.connections import quoted_table
from stir.sources.contract import Contract
from stir.sources.ddl import create_table

SHARDED_BY = {
    "events.post_log_events": "profile_id",
    "events.profile_log_events": "profile_id",
    "beat_replica.instagram_account": "profile_id",
    "beat_replica.instagram_post_simple": "shortcode",
    "beat_replica.youtube_account": "channel_id",
    "beat_replica.youtube_post_simple": "shortcode",
    "beat_replica.asset_log": "entity_id",
    "beat_replica.order": "platform_order_id",
    "beat_replica.scrape_request_log": "id",
    "beat_replica.post_activity_log": "id",
    "beat_replica.profile_relationship_log": "target_profile_id",
}
"""Column by which the rows of a source table are spread; the models that read it are spread by the same
(`sharding_key`, a test compares)."""

LOCAL = "_local"
"""What the part of a table on a shard is called after; `local_suffix` of dbt-clickhouse."""

WHOLE = "all', '{shard}-{replica}"
"""Shard and replica, in Keeper, of a table that is whole on every server."""

_ENGINE = re.compile(r"^engine = (\w*MergeTree)(?:\((.*)\))?$", re.MULTILINE)


def create_on_cluster(contracts: Iterable[Contract], cluster: str) -> Iterator[str]:
    """The statements that create databases and source tables on every server of a cluster.

    Paths in Keeper use the servers' macros `shard` and `replica`.
    """
    chosen = list(contracts)
    on = f'on cluster "{cluster}"'
    for name in dict.fromkeys(each.database for each in chosen):
        yield f"create database if not exists {name} {on}"
    for each in chosen:
        key = SHARDED_BY.get(each.name)
        table, part = quoted_table(each.database, each.table), quoted_table(each.database, each.table + LOCAL)
        yield _replicated(create_table(each), part if key else table, on, "{shard}', '{replica}" if key else WHOLE)
        if key:
            value = f"ifNull(cityHash64(`{key}`), 0)" if each.field(key).is_nullable else f"cityHash64(`{key}`)"
            yield (
                f"create table if not exists {table} {on} as {part}\n"
                f"engine = Distributed('{cluster}', '{each.database}', '{each.table}{LOCAL}', {value})"
            )


def _replicated(statement: str, table: str, on: str, replica: str) -> str:
    _, _, body = statement.partition("\n")
    engine = r"engine = Replicated\1('/clickhouse/tables/{uuid}/" + replica + r"', \2)"
    body = _ENGINE.sub(engine, body, count=1).replace("', )", "')", 1)
    # A replicated table remembers tokens by a setting of another name.
    body = body.replace("settings non_replicated_deduplication_window", "settings replicated_deduplication_window", 1)
    return f"create table if not exists {table} {on}\n{body}"
