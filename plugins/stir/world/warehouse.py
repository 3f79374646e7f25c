"""Builds the whole warehouse with dbt, unless a build would change nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stir import connections
from stir.settings import Settings
from stir.transform.project import PROJECT_FILES, project_content
from stir.transform.runner import DbtRun, NodeResult, run_dbt
from stir.world.history import made_by, read_state


@dataclass(frozen=True)
class Build:
    """A finished build: its inputs, and its run (None if no run was needed)."""

    fingerprint: str
    built_at: str
    run: DbtRun | None


def _record(settings: Settings) -> Path:
    """The file that records the last build, one per database."""
    database = hashlib.sha256(settings.clickhouse_database.encode()).hexdigest()[:16]
    return settings.state_dir / f"warehouse-{database}.json"


def fingerprint(settings: Settings) -> str:
    """SHA-256 over the dbt project, the world's parameters and the day that the models are built for."""
    digest = hashlib.sha256()
    for content in project_content(*PROJECT_FILES):
        digest.update(content)
    with connections.clickhouse(settings) as client:
        digest.update(repr(read_state(client)).encode())
    day = settings.as_of or datetime.now(UTC).date().isoformat()
    digest.update(f"{day}|{settings.clickhouse_database}".encode())
    return digest.hexdigest()


def _world(settings: Settings) -> str:
    """The identity of the source world. It does not change when the world is advanced."""
    with connections.clickhouse(settings) as client:
        state = read_state(client)
        return f"{state.seed}|{state.creators}|{state.start.isoformat()}|{made_by(client)}" if state else ""


def _leaderboard_rows(settings: Settings) -> int:
    with connections.clickhouse(settings) as client:
        query = "select sum(total_rows) from system.tables where database = {db:String} and name = 'mart_leaderboard'"
        return int(client.query(query, parameters={"db": settings.clickhouse_database}).result_rows[0][0] or 0)


def build_warehouse(
    settings: Settings,
    *,
    on_node: Callable[[NodeResult], None] | None = None,
    rebuild: bool = False,
    unit_tests: bool = False,
) -> Build:
    """Run `dbt build` over everything: seeds, models and data tests; unit tests only if they are asked for.

    A unit test says something about the code and nothing about this warehouse; all of them cost as much as the rest.
    A build over the same project, world and day is skipped, unless `rebuild` is set or its tables are gone. Over
    another world than the last build's it is a full refresh: incremental models would keep the rows of the old one.

    Raises:
        StirError: a model or a test failed.
    """
    current = fingerprint(settings)
    record = _record(settings)
    last = json.loads(record.read_text()) if record.exists() else {}
    if not rebuild and last.get("fingerprint") == current and _leaderboard_rows(settings):
        return Build(current, last["built_at"], None)
    record.unlink(missing_ok=True)
    world = _world(settings)
    refresh = [] if last.get("world") == world else ["--full-refresh"]
    without = [] if unit_tests else ["--exclude-resource-type", "unit_test"]
    run = run_dbt(settings, ["build", *refresh, *without], on_node=on_node)
    run.raise_for_failure()
    built_at = datetime.now(UTC).isoformat(timespec="seconds")
    record.write_text(json.dumps({"fingerprint": current, "world": world, "built_at": built_at}))
    return Build(current, built_at, run)
