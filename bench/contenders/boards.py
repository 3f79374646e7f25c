"""Boards of many creators without a world: the real models rank and publish drawn accounts, of two months."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from clickhouse_connect.driver.client import Client

from bench import ranks
from stir import connections
from stir.cli.stages import Stages
from stir.connections import quoted_table
from stir.publish import SPECS, publish
from stir.publish.ledger.generations import history
from stir.settings import Settings
from stir.transform.manifest import read_dbt_manifest
from stir.transform.runner import run_dbt

DATABASE = "bench_app"
MONTHS = (ranks.MONTH, "2026-09-01")
"""The running month, and the one that its movement is against."""
EMPTY = ("mart_youtube_leaderboard", "mart_cross_platform_leaderboard")
SERIES, WEEKS = "mart_time_series", 12
BOARD = SPECS["leaderboard"]
ALLOWED = ("shrink", "growth", "freshness")
FILL_SERIES = """
insert into {series}
(platform, platform_id, monthly_stats, date, followers, followers_change, crosses_definition_change, last_event_at)
select
    'INSTAGRAM', toString(number), false, toDate('2026-10-25') - 7 * week, 100000 + cityHash64(number, week) % 5000,
    toInt64(cityHash64(number, week, 1) % 400) - 100, false, toDateTime('2026-10-20', 'UTC')
from numbers({creators})
array join range({weeks}) as week
"""


def publish_boards(settings: Settings, creators: int, stages: Stages) -> None:
    """Publish a board of `creators` Instagram accounts in two months, twice, and the last 12 weeks of each account.

    What an earlier call has finished is kept, so that a bench that was interrupted goes on where it stopped.

    Raises:
        StirError: a model or a publish failed.
    """
    settings = settings.model_copy(update={"clickhouse_database": DATABASE})
    note = settings.state_dir / "bench-app.json"
    rows = f"{ranks.FILL} {FILL_SERIES} {MONTHS} {WEEKS}"
    made_of = {"creators": creators, "rows": hashlib.sha256(rows.encode()).hexdigest()}
    done = json.loads(note.read_text()) if note.exists() else {}
    if done.get("of") != made_of:
        done = {"of": made_of, "steps": []}
    with connections.clickhouse(settings) as client:
        steps: dict[str, Callable[[], object]] = {
            f"ranks of {creators:,} creators": lambda: _rank(settings, client, creators),
            "weeks of each": lambda: _fill_series(settings, client, creators),
            "publish the board": lambda: publish(settings, BOARD, force=True, allow=ALLOWED),
            "publish the weeks": lambda: publish(settings, "time_series", allow=ALLOWED),
            "publish the board again": lambda: publish(settings, BOARD, force=True, allow=ALLOWED),
        }
        for name, step in steps.items():
            if name in done["steps"]:
                continue
            with stages.stage(name):
                step()
            done["steps"].append(name)
            note.write_text(json.dumps(done))


def other_content(settings: Settings) -> int:
    """The content that the board is to be swapped to: the newest kept one that readers do not have now."""
    with connections.postgres(settings) as writer:
        known = history(writer, BOARD)
    return next(one.content for one in reversed(known) if one.kept and one.content != known[-1].content)


def _rank(settings: Settings, client: Client, creators: int) -> None:
    client.command(f"drop database if exists {DATABASE} sync")
    client.command(f"create database {DATABASE}")
    ranks.fill(settings, client, DATABASE, creators, MONTHS)
    for name in EMPTY:
        _create(settings, client, name, "MergeTree order by tuple()")
    run_dbt(settings, ("seed", "--select", "metric_definition")).raise_for_failure()
    run_dbt(settings, ("run", "--full-refresh", "--select", ranks.MODEL, BOARD.mart)).raise_for_failure()


def _fill_series(settings: Settings, client: Client, creators: int) -> None:
    _create(settings, client, SERIES, "ReplacingMergeTree order by (platform, platform_id, monthly_stats, date)")
    client.command(FILL_SERIES.format(series=quoted_table(DATABASE, SERIES), creators=creators, weeks=WEEKS))


def _create(settings: Settings, client: Client, model: str, engine: str) -> None:
    columns = read_dbt_manifest(settings).models[model].columns
    listed = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
    client.command(f"create or replace table {quoted_table(DATABASE, model)} ({listed}) engine = {engine}")
