"""The application's answers beside Datasette and roapi over the same rows, quiet and under swaps, in one run."""

from __future__ import annotations

import csv
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import click
import httpx
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders.boards import BOARD, other_content, publish_boards
from bench.contenders.web import PACED, THINKING_MS, WRK, Load, free_port, load, served
from stir import connections
from stir.addresses import LOOPBACK
from stir.cli.stages import Stages
from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.publish import roll_back
from stir.settings import Settings, load_settings

PACKAGES = ("datasette==0.65.5", "roapi==0.12.7")
SERVE = """
import sys, uvicorn
from stir.app.service import create_app
from stir.settings import load_settings
uvicorn.run(create_app(load_settings(), per_minute=10**9, cache_bytes=int(sys.argv[2])), port=int(sys.argv[1]),
    log_level="error", access_log=False)
"""
ONE, CACHED, SAME = "API, one statement", "API, cached", "API, 304"
PAGE, CACHED_PAGE = "page, rendered", "page, cached"
TABLE_JSON, SQL_JSON, TABLE_PAGE, ROAPI = (
    "Datasette, table JSON",
    "Datasette, SQL JSON",
    "Datasette, table page",
    "roapi",
)
WAITING, SWAPPED = f", each waits {THINKING_MS} ms", ", under swaps"
ROWS = (
    "select month, platform, profile_platform, platform_id, handle, name, category, language, country, profile_type,"
    " month_state, followers, followers_change, views, plays, likes, comments, engagement, uploads, engagement_ratio,"
    " followers_rank from leaderboard"
)


def install(settings: Settings) -> Path:
    """Datasette and roapi in an environment of their own, installed once; returns the folder of their programs.

    Raises:
        StirError: pip could not.
    """
    folder = settings.cache_dir / "bench-app-peers"
    mark = folder / "installed.json"
    if not mark.exists() or json.loads(mark.read_text()) != list(PACKAGES):
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *PACKAGES]
        if subprocess.run(pip, check=False).returncode:
            raise StirError("the peers could not be installed", do="run with --no-peers, or let pip reach PyPI")
        mark.write_text(json.dumps(PACKAGES))
    return folder / "bin"


def copy_rows(settings: Settings, folder: Path) -> str:
    """The published board as SQLite (with the same index) and CSV for the peers; returns its latest month."""
    with connections.postgres(settings, role="reader") as reader:
        cursor = reader.execute(ROWS)
        names = [column.name for column in cursor.description or ()]
        rows = [
            [str(cell) if name == "month" else cell for name, cell in zip(names, row, strict=True)] for row in cursor
        ]
    with sqlite3.connect(folder / "boards.db") as lite:
        lite.execute(f"create table leaderboard ({', '.join(names)})")
        lite.executemany(f"insert into leaderboard values ({', '.join('?' * len(names))})", rows)
        lite.execute("create index by_rank on leaderboard (month, platform, followers_rank)")
    with (folder / "leaderboard.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    return max(row[0] for row in rows if row[1] == "INSTAGRAM")


@contextmanager
def swapping(settings: Settings, pause: float) -> Iterator[list[int]]:
    """Swap the board again and again with a pause in seconds; the list's one number counts the swaps."""
    done, count = threading.Event(), [0]

    def swap() -> None:
        while not done.is_set():
            run_id = f"bench {time.monotonic_ns()}"
            roll_back(settings, BOARD, target="prod", run_id=run_id, to=other_content(settings))
            count[0] += 1
            done.wait(pause)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield count
    finally:
        done.set()
        thread.join()


@click.command()
@click.option("--creators", default=100_000, show_default=True)
@click.option("--seconds", default=8, show_default=True, help="Seconds of each load.")
@click.option("--clients", default=16, show_default=True)
@click.option("--pause", default=1.0, show_default=True, help="Seconds between two swaps; 0 swaps without end.")
@click.option("--short", is_flag=True, help="5,000 creators and 3 seconds.")
@click.option("--peers/--no-peers", default=True, help="Install and run Datasette and roapi too.")
def main(creators: int, seconds: int, clients: int, pause: float, short: bool, peers: bool) -> None:
    """Load every server with the same question: 50 rows of the latest Instagram board.

    What was published by an earlier call with as many creators is used again.
    """
    WRK.ensure()
    console, stages = Console(highlight=False, width=None if Console().is_terminal else 120), Stages()
    if short:
        creators, seconds = 5_000, 3
    settings = ensure_services(load_settings())
    try:
        publish_boards(settings, creators, stages)
        with tempfile.TemporaryDirectory(prefix="stir-bench-") as name, ExitStack() as servers:
            found = _measure(settings, Path(name), servers, clients, seconds, pause, peers)
            _show(console, found, f"{clients} clients, {seconds} s each, 50 rows of a board of {creators:,} creators")
            _targets(console, found)
            console.print(f"{psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
    finally:
        stop_services(settings)


def _measure(
    settings: Settings, folder: Path, servers: ExitStack, clients: int, seconds: int, pause: float, peers: bool
) -> dict[str, Load]:
    month = copy_rows(settings, folder)
    cached, uncached = (f"http://{LOOPBACK}:{free_port()}" for _ in range(2))
    for address, size in ((cached, 64_000_000), (uncached, 0)):
        port = address.rpartition(":")[2]
        servers.enter_context(served([sys.executable, "-P", "-c", SERVE, port, str(size)], f"{address}/healthz"))
    api, page = "/api/v1/leaderboards/INSTAGRAM", "/boards/INSTAGRAM"
    tag = f"If-None-Match: {httpx.get(cached + api).headers['etag']}"
    paced = folder / "paced.lua"
    paced.write_text(PACED)
    found = {
        ONE: load(uncached + api, clients, seconds),
        CACHED: load(cached + api, clients, seconds),
        SAME: load(cached + api, clients, seconds, tag),
        PAGE: load(uncached + page, clients, seconds),
        CACHED_PAGE: load(cached + page, clients, seconds),
        f"{SAME}{WAITING}": load(cached + api, clients, seconds, tag, script=paced),
        f"{CACHED}{WAITING}": load(cached + api, clients, seconds, script=paced),
        f"{CACHED_PAGE}{WAITING}": load(cached + page, clients, seconds, script=paced),
    }
    with swapping(settings, pause) as swaps:
        found[f"{ONE}{SWAPPED}"] = load(uncached + api, clients, seconds)
        found[f"{CACHED}{SWAPPED}"] = load(cached + api, clients, seconds)
        found[f"{CACHED}{SWAPPED}{WAITING}"] = load(cached + api, clients, seconds, script=paced)
    found[f"{ONE}, quiet again"] = load(uncached + api, clients, seconds)
    found["swaps meanwhile"] = Load(swaps[0] / (3 * seconds), 0, 0)
    if peers:
        found |= _measure_peers(settings, folder, servers, month, clients, seconds)
    return found


def _measure_peers(
    settings: Settings, folder: Path, servers: ExitStack, month: str, clients: int, seconds: int
) -> dict[str, Load]:
    programs = install(settings)
    lite, rust = (f"http://{LOOPBACK}:{free_port()}" for _ in range(2))
    one = (
        f"/boards/leaderboard.json?month={month}&platform=INSTAGRAM&_sort=followers_rank&_size=50&_nocount=1&_nofacet=1"
    )
    datasette = [str(programs / "datasette"), "serve", "-i", str(folder / "boards.db"), "-p", lite.rpartition(":")[2]]
    servers.enter_context(served(datasette, lite + one))
    where = f"from leaderboard where month = '{month}' and platform = 'INSTAGRAM' order by followers_rank limit 50"
    query = f"/boards.json?_shape=array&sql={quote('select * ' + where)}"
    columns = (
        f"/api/tables/leaderboard?filter[platform]='INSTAGRAM'&filter[month]='{month}'&sort=followers_rank&limit=50"
    )
    roapi = [
        str(programs / "roapi"), "--addr-http", rust.removeprefix("http://"),
        "--table", f"leaderboard={folder / 'leaderboard.csv'}",
    ]  # fmt: skip
    servers.enter_context(served(roapi, f"{rust}/health"))
    return {
        TABLE_JSON: load(lite + one, clients, seconds),
        SQL_JSON: load(lite + query, clients, seconds),
        TABLE_PAGE: load(lite + one.replace(".json", ""), clients, seconds),
        ROAPI: load(rust + columns, clients, seconds),
    }


def _show(console: Console, found: dict[str, Load], title: str) -> None:
    table = Table(title=f"stir bench app: {title}", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in (
        "answer",
        "per second",
        "p99 ms",
        "failed",
        "our statement / it",
        "our page / it",
        "cached page / it",
    ):
        table.add_column(heading, justify="left" if heading == "answer" else "right")
    ours = [found[name] for name in (ONE, PAGE, CACHED_PAGE)]
    for name, one in found.items():
        ratios = [f"{ratio(our, one):.1f}" if one.p99 and WAITING not in name else "" for our in ours]
        table.add_row(name, f"{one.per_second:,.1f}", f"{one.p99:.1f}" if one.p99 else "", str(one.failed), *ratios)
    console.print(table)


def ratio(ours: Load, theirs: Load) -> float:
    """How many of our answers come in the time of one of theirs; infinite where they gave none."""
    return ours.per_second / theirs.per_second if theirs.per_second else math.inf


def _targets(console: Console, found: dict[str, Load]) -> None:
    """Print each target of the application with what this run gave."""
    rows: list[tuple[str, float, str, float]] = [
        *(
            (
                f"p99 under swaps / quiet: {name}",
                found[name.replace(WAITING, SWAPPED + WAITING) if WAITING in name else name + SWAPPED].p99
                / found[name].p99,
                "<=",
                1.3,
            )
            for name in (ONE, CACHED, CACHED + WAITING)
        ),
        ("failed under swaps", sum(load.failed for name, load in found.items() if SWAPPED in name), "<=", 0),
        *((f"p99 ms: {name}", found[name].p99, "<=", 2) for name in (SAME, SAME + WAITING)),
        *((f"p99 ms: {name}", found[name].p99, "<=", 50) for name in (CACHED_PAGE, CACHED_PAGE + WAITING)),
    ]
    if ROAPI in found:
        rows += [
            (f"{ours} / {theirs}", ratio(found[ours], found[theirs]), ">=", bound)
            for ours, theirs, bound in (
                (ONE, TABLE_JSON, 4),
                (ONE, ROAPI, 4),
                (ONE, SQL_JSON, 2),
                (PAGE, TABLE_PAGE, 8),
                (CACHED_PAGE, TABLE_PAGE, 50),
            )
        ]
    table_of = Table(title="targets", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("what", "seen", "target", ""):
        table_of.add_column(heading, justify="right" if heading == "seen" else "left")
    for what, seen, way, bound in rows:
        kept = seen <= bound if way == "<=" else seen >= bound
        table_of.add_row(what, f"{seen:.1f}", f"{way} {bound:g}", "[green]reached[/]" if kept else "[red]missed[/]")
    console.print(table_of)


if __name__ == "__main__":
    main()
