"""The world as the crawler sees it: what a profile or a post shows at a moment, written where a crawl would write it.

An answer is a function of the world, the moment and the request, so giving it a second time adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.settings import Settings
from stir.world import statements
from stir.world.history import WorldState, require_world

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from clickhouse_connect.driver.external import ExternalData

PROFILE_FLOWS = ("refresh_profile_by_handle", "refresh_yt_profiles")
POST_FLOWS = ("refresh_post_by_shortcode", "refresh_yt_posts")
ANSWERED = (*PROFILE_FLOWS, *POST_FLOWS)
"""Flows that the world can answer."""

NOW = timedelta(seconds=1)
"""How long before the world's end an answer is read: an event of the end itself belongs to the next day."""


def moment(settings: Settings) -> datetime:
    """The world's present.

    Raises:
        StirError: there is no world.
    """
    return require_world(connections.clickhouse(settings)).end


def answer(settings: Settings, flow: str, asked: Sequence[tuple[int, str]]) -> set[int]:
    """Write what a crawl of (request, entity) finds; returns the requests that found something.

    Raises:
        StirError: there is no world.
        KeyError: the world cannot answer that flow.
    """
    kind, event_table = {
        **dict.fromkeys(PROFILE_FLOWS, ("profiles", "events.profile_log_events")),
        **dict.fromkeys(POST_FLOWS, ("posts", "events.post_log_events")),
    }[flow]
    client = connections.clickhouse(settings)
    state = require_world(client)
    at = int((state.end - NOW).timestamp())
    parameters = {"at": at, **_creators(client, state, kind, [entity for _, entity in asked])}
    table = _table("asked", {"entity": "String", "request": "Int64"}, [(name, number) for number, name in asked])
    for statement in statements.read("work", kind):
        view = not statement.table
        client.query(
            statement.sql,
            parameters=None if view else parameters,
            external_data=None if view else table,
            settings={"join_use_nulls": 0, "max_memory_usage": settings.clickhouse_query_memory},
        )
    found = client.query(
        f"select distinct toInt64(splitByChar('-', event_id)[2]) from {event_table}"
        " where event_timestamp = toDateTime({at:Int64}, 'UTC') and startsWith(event_id, 'work-')",
        parameters={"at": at},
    ).result_rows
    return {number for (number,) in found} & {number for number, _ in asked}


def replicate(settings: Settings, requests: Iterable[Mapping[str, Any]]) -> None:
    """Bring the crawler's requests (rows of its queue) into the change-captured copies."""
    columns = {
        "id": "Int64",
        "idempotency_key": "String",
        "platform": "String",
        "account_id": "Nullable(String)",
        "flow": "String",
        "status": "String",
        "priority": "Int32",
        "params": "String",
        "data": "Nullable(String)",
        **dict.fromkeys(("created_at", "picked_at", "scraped_at", "expires_at"), "Nullable(DateTime64(6, 'UTC'))"),
        "retry_count": "Int32",
    }
    table = _table("changed", columns, [tuple(row[name] for name in columns) for row in requests])
    first, second = statements.read("work", "requests")
    client = connections.clickhouse(settings)
    client.query(first.sql, external_data=table)
    client.query(second.sql)


def _creators(client: Client, state: WorldState, kind: str, entities: Sequence[str]) -> dict[str, int]:
    """The creators between whom all the posts are, so that only their readings are computed."""
    if kind == "profiles":
        return {}
    first, last = client.query(
        "select min(creator), max(creator) + 1 from world.account where account_id in ("
        " select profile_id from beat_replica.instagram_post_simple where shortcode in {codes:Array(String)}"
        " union all select channel_id from beat_replica.youtube_post_simple where shortcode in {codes:Array(String)})",
        parameters={"codes": list(entities)},
    ).first_row
    return {"first": int(first), "last": min(int(last), state.creators)}


def _table(name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> ExternalData:
    from clickhouse_connect.driver.external import ExternalData

    lines = (json.dumps(dict(zip(columns, map(_plain, row), strict=True))) + "\n" for row in rows)
    structure = [f"{column} {kind}" for column, kind in columns.items()]
    return ExternalData(file_name=name, data="".join(lines).encode(), fmt="JSONEachRow", structure=structure)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value) if isinstance(value, dict) else value
