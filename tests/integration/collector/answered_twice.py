"""Requests that both the world and the collector answer, and what each writes for them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.unit.collector.platform import Budget, Run, key, run

from stir import connections
from stir.collector.stored import StoredInWarehouse
from stir.ingest.records import checker
from stir.ingest.streams import stream
from stir.settings import Settings
from stir.world import statements
from stir.world.answers import NOW, PROFILE_FLOWS, creators_of, external_table
from stir.world.history import require_world
from stir.world.standins.graph import GraphStandIn
from stir.world.standins.of_world import WorldOnInstagram, WorldOnYouTube
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn

Rows = dict[str, dict[str, Any]]


def worked(settings: Settings, flow: str, asked: Sequence[tuple[int, str]]) -> dict[str, Rows]:
    """The rows that `stir world work` would write for the requests, by table and entity."""
    client = connections.clickhouse(settings)
    state = require_world(client)
    parameters: dict[str, Any] = {"at": int((state.end - NOW).timestamp())}
    kind = "profiles" if flow in PROFILE_FLOWS else "posts"
    if kind == "posts":
        parameters |= creators_of(client, state, [entity for _, entity in asked])
    found: dict[str, Rows] = {}
    for statement in statements.read("answers", kind):
        if not statement.table:
            client.query(statement.sql)
            continue
        question = re.sub(r"insert into [\w.`]+\s", "", statement.sql, count=1)
        rows = client.query(
            question,
            parameters=parameters,
            external_data=external_table(asked),
            settings={"join_use_nulls": 0},
        ).named_results()
        found[statement.table] = by_entity(dict(row) for row in rows)
    return found


def by_entity(rows: Any) -> Rows:
    return {row.get("shortcode") or row.get("profile_id") or row["channel_id"]: row for row in rows}


def collected(settings: Settings, end: datetime, *tasks: Any, owner: str = "me") -> tuple[Run, dict[str, Rows]]:
    """What the collector writes for the same requests, as rows of the source tables. `owner` gave the token."""

    async def work() -> Run:
        youtube = YouTubeStandIn(WorldOnYouTube(settings), {"secret-1": "p"}, clock=lambda: end)
        graph = GraphStandIn(WorldOnInstagram(settings), {"secret-2": owner})
        budget = Budget([key(1), key(2, source="instagram", account=owner)])
        async with StandIn(youtube) as api, StandIn(graph) as instagram:
            urls = {"youtube": api.url, "instagram": instagram.url}
            return await run(
                urls, *tasks, budget=budget, known=StoredInWarehouse(settings), now=end, is_past=True, seconds=30.0
            )

    found = asyncio.run(work())
    tables: dict[str, Rows] = {}
    for name, records in found.streams.items():
        judge = checker(stream(name).table)
        rows = []
        for record in records:
            verdict = judge.check_bytes(json.dumps(record).encode(), end)
            assert verdict.row is not None, verdict.violations
            rows.append(verdict.row)
        tables[stream(name).table] = by_entity(rows)
    return found, tables


def entities(settings: Settings, sql: str) -> list[str]:
    return [row[0] for row in connections.clickhouse(settings).query(sql).result_rows]
