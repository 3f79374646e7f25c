"""The world as the crawler sees it: writes the state of a profile or post at a moment, as a crawl would.

An answer is a function of the world, the moment and the request, so a second answer adds nothing.
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
UPLOADS_FLOW = "refresh_yt_posts_by_playlist_id"
UPLOADS = 50
"""Newest videos of a channel that one crawl of its playlist reads."""

ANSWERED = (*PROFILE_FLOWS, *POST_FLOWS, UPLOADS_FLOW)
"""Flows that the world can answer."""

NOW = timedelta(seconds=1)
"""How long before the world's end an answer is read: an event of the end itself belongs to the next day."""


def moment(settings: Settings) -> datetime:
    """The current moment of the world.

    Raises:
        StirError: there is no world.
    """
    return require_world(connections.clickhouse(settings)).end


def answer(settings: Settings, flow: str, asked: Sequence[tuple[int, str]]) -> set[int]:
    """Write the results of crawling (request, entity); returns the requests that found something.

    Raises:
        StirError: there is no world.
        KeyError: the world cannot answer that flow.
    """
    client = connections.clickhouse(settings)
    state = require_world(client)
    at = int((state.end - NOW).timestamp())
    if flow in PROFILE_FLOWS:
        _write(client, settings, "profiles", {"at": at}, asked)
        return _found(client, "events.profile_log_events", at) & {number for number, _ in asked}
    if flow in POST_FLOWS:
        _write_posts(client, settings, state, at, asked)
        return _found(client, "events.post_log_events", at) & {number for number, _ in asked}
    if flow != UPLOADS_FLOW:
        raise KeyError(flow)
    # A channel that shows no videos was answered too.
    known = client.query(
        "select account_id from world.account where account_id in {ids:Array(String)} and deleted_at > {at:Int64}",
        parameters={"ids": [channel for _, channel in asked], "at": at},
    ).result_rows
    channels = {channel for (channel,) in known}
    uploads = client.query(
        "select channel_id, shortcode from beat_replica.youtube_post_simple where channel_id in {ids:Array(String)}"
        " group by channel_id, shortcode order by max(published_at) desc, shortcode limit {limit:UInt32} by channel_id",
        parameters={"ids": sorted(channels), "limit": UPLOADS},
    ).result_rows
    _write_posts(client, settings, state, at, _of_requests(asked, uploads))
    return {number for number, channel in asked if channel in channels}


def _of_requests(asked: Sequence[tuple[int, str]], uploads: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    request_of = {channel: number for number, channel in asked}
    return [(request_of[channel], shortcode) for channel, shortcode in uploads]


def _write_posts(
    client: Client, settings: Settings, state: WorldState, at: int, asked: Sequence[tuple[int, str]]
) -> None:
    if asked:
        bounds = creators_of(client, state, [shortcode for _, shortcode in asked])
        _write(client, settings, "posts", {"at": at, **bounds}, asked)


def _write(
    client: Client, settings: Settings, kind: str, parameters: dict[str, int], asked: Sequence[tuple[int, str]]
) -> None:
    """Run the statements of one file of work/ for the requests."""
    table = external_table(asked)
    for statement in statements.read("answers", kind):
        view = not statement.table
        client.query(
            statement.sql,
            parameters=None if view else parameters,
            external_data=None if view else table,
            settings={"join_use_nulls": 0, "max_memory_usage": settings.clickhouse_query_memory},
        )


def external_table(asked: Sequence[tuple[int, str]]) -> ExternalData:
    """The requests as the table `asked` of the statements."""
    return _table("asked", {"entity": "String", "request": "Int64"}, [(name, number) for number, name in asked])


def _found(client: Client, events: str, at: int) -> set[int]:
    """The requests of that moment that have an event."""
    found = client.query(
        f"select distinct toInt64(splitByChar('-', event_id)[2]) from {events}"
        " where event_timestamp = toDateTime({at:Int64}, 'UTC') and startsWith(event_id, 'work-')",
        parameters={"at": at},
    ).result_rows
    return {number for (number,) in found}


def replicate(settings: Settings, requests: Iterable[Mapping[str, Any]]) -> None:
    """Copy the crawler's requests (rows of its queue) into the change-captured tables."""
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
    first, second = statements.read("answers", "requests")
    client = connections.clickhouse(settings)
    client.query(first.sql, external_data=table)
    client.query(second.sql)


def creators_of(client: Client, state: WorldState, shortcodes: Sequence[str]) -> dict[str, int]:
    """The range of creators that holds all the posts, so that only their readings are computed."""
    first, last = client.query(
        "select min(creator), max(creator) + 1 from world.account where account_id in ("
        " select profile_id from beat_replica.instagram_post_simple where shortcode in {codes:Array(String)}"
        " union all select channel_id from beat_replica.youtube_post_simple where shortcode in {codes:Array(String)})",
        parameters={"codes": list(shortcodes)},
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
