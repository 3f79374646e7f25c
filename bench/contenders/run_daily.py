"""One contender of `stir bench peers` in a process of its own: `ready` after its imports, a line to start, JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from bench.contenders.daily_files import OURS, PUBLISHED, REBUILT, TOOLS, Rules, publish_file
from bench.contenders.meter import Engines, difference, own_peak, own_processor
from bench.demo import clickhouse_seconds
from stir import connections
from stir.errors import StirError
from stir.local import ensure_services
from stir.publish import publish
from stir.settings import Settings, load_settings
from stir.transform.runner import run_dbt

MODELS = (
    "stg_beat_profile_log",
    "stg_beat_post_log",
    "path:models/marts/leaderboard,+mart_time_series",
    "path:models/marts/leaderboard,+mart_leaderboard",
)
"""What the two tables are made of, without what is made of other sources: attributes of accounts, and their links."""
OF_ACCOUNTS = "mart_youtube_growth"
"""In that folder too, but a part of the attributes."""
ALLOWED = ("shrink", "growth", "freshness")
"""Guards that know the clock of the machine, or would compare one small world with another."""


def build_ours(settings: Settings, *, from_nothing: bool) -> dict[str, float]:
    """Our models, and both publishes; returns the seconds of each part."""
    busy, started = clickhouse_seconds(settings), time.perf_counter()
    options = ("--full-refresh",) if from_nothing else ()
    command = ("run", *options, "--select", *MODELS, "--exclude", OF_ACCOUNTS)
    run_dbt(settings, command).raise_for_failure()
    built, busy = time.perf_counter(), clickhouse_seconds(settings) - busy
    for table in PUBLISHED:
        publish(settings, table, force=from_nothing, allow=ALLOWED)
    return {"dbt": built - started, "ClickHouse": busy, "publish": time.perf_counter() - built}


def build_theirs(settings: Settings, module: str, folder: Path) -> None:
    """The rows by another tool, from files to files, and the usual way into PostgreSQL."""
    files: dict[str, Path] = sys.modules[module].build(folder, Rules.read(settings.as_of or ""))
    for table, csv in files.items():
        publish_file(settings, module.rpartition("_")[2], table, csv)


def largest_statement(settings: Settings, mark: str) -> int:
    """Bytes of the ClickHouse statement that held most since a moment of the server's clock."""
    with connections.clickhouse(settings) as client:
        client.command("system flush logs")
        found = client.query(
            "select max(memory_usage) from system.query_log where type = 'QueryFinish'"
            " and event_time_microseconds >= {mark:DateTime64(6)}",
            parameters={"mark": mark},
        ).result_rows
    return int(found[0][0])


def moment_of(settings: Settings) -> str:
    """The server's clock."""
    with connections.clickhouse(settings) as client:
        return str(client.query("select toString(now64(6))").result_rows[0][0])


def main(contender: str, folder: str) -> None:
    """Get ready, wait for a line, run, answer."""
    settings = ensure_services(load_settings())
    module = TOOLS.get(contender)
    if module:
        importlib.import_module(module)
    engines, mark = Engines(settings), moment_of(settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    before, own = engines.processor(), own_processor()
    parts: dict[str, float] = {}
    try:
        if module:
            build_theirs(settings, module, Path(folder))
        else:
            parts = build_ours(settings, from_nothing={OURS: False, REBUILT: True}[contender])
        error = ""
    except StirError as refusal:
        error = refusal.line
    answer = {
        "processor": {**difference(engines.processor(), before), "mover": own_processor() - own},
        "peak": own_peak(),
        "error": error,
        "parts": parts,
        "statement": 0 if module else largest_statement(settings, mark),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
