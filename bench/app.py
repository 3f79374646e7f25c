"""The application's answers beside Datasette and roapi over the same rows, quiet and under swaps, in one run."""

from __future__ import annotations

import csv
import json
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click
import httpx
from rich import box
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.addresses import LOOPBACK
from stir.cli.demo import run_demo
from stir.cli.programs import Program
from stir.cli.stages import Stages
from stir.errors import StirError
from stir.local import stop_services
from stir.publish import SPECS, publish, roll_back
from stir.publish.ledger.generations import history
from stir.settings import PROJECT_DIR, Settings

WRK = Program("loading a web server", "wrk", ("wrk",))
PACKAGES = ("datasette==0.65.5", "roapi==0.12.7")
BOARD = SPECS["leaderboard"]
SERVE = """
import sys, uvicorn
from stir.app.service import create_app
from stir.settings import load_settings
uvicorn.run(create_app(load_settings(), per_minute=10**9, cache_bytes=int(sys.argv[2])), port=int(sys.argv[1]),
    log_level="error", access_log=False)
"""
ROWS = (
    "select month, platform, profile_platform, platform_id, handle, name, category, language, country, profile_type,"
    " month_state, followers, followers_change, views, plays, likes, comments, engagement, uploads, engagement_ratio,"
    " followers_rank from leaderboard"
)


@dataclass(frozen=True)
class Load:
    """What a load of some seconds gave: answers a second, the slowest hundredth in milliseconds, and failures."""

    per_second: float
    p99: float
    failed: int


def load(url: str, clients: int, seconds: int, *headers: str) -> Load:
    """Ask one URL by `clients` connections for some seconds."""
    program = WRK.path() or "wrk"
    given = [part for header in headers for part in ("-H", header)]
    command = [program, "-t2", f"-c{clients}", f"-d{seconds}s", "--latency", *given, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if not rate or not slow:
        raise StirError(f"wrk gave no figures for {url}")
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    factor = {"us": 0.001, "ms": 1.0, "s": 1000.0}[slow[2]]
    return Load(float(rate[1]), float(slow[1]) * factor, int(failed[1]) if failed else 0)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: Sequence[str], url: str, **variables: str) -> Iterator[None]:
    """A server that answers `url`, stopped at the end."""
    with subprocess.Popen(
        command, env=variables or None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=PROJECT_DIR
    ) as process:
        try:
            for _ in range(600):
                try:
                    httpx.get(url, timeout=20).raise_for_status()
                    break
                except httpx.HTTPError:
                    if process.poll() is not None:
                        raise StirError(f"{command[0]} ended before it answered") from None
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


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
def swapping(settings: Settings) -> Iterator[list[int]]:
    """Swap the board again and again; the list's one number counts the swaps."""
    done, count = threading.Event(), [0]
    publish(settings, BOARD, force=True)

    def swap() -> None:
        while not done.is_set():
            with connections.postgres(settings) as writer:
                known = history(writer, BOARD)
            other = next(item.content for item in reversed(known) if item.kept and item.content != known[-1].content)
            roll_back(settings, BOARD, target="prod", run_id=f"bench {time.monotonic_ns()}", to=other)
            count[0] += 1

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield count
    finally:
        done.set()
        thread.join()


@click.command()
@click.option("--creators", default=2000, show_default=True)
@click.option("--seconds", default=8, show_default=True, help="Seconds of each load.")
@click.option("--clients", default=16, show_default=True)
@click.option("--peers/--no-peers", default=True, help="Install and run Datasette and roapi too.")
def main(creators: int, seconds: int, clients: int, peers: bool) -> None:
    """Load every server with the same question: 50 rows of the latest Instagram board."""
    WRK.ensure()
    console = Console(highlight=False, width=None if Console().is_terminal else 120)
    settings = run_demo(creators, 90, 7, replace=True, rebuild=False, stages=Stages())
    try:
        with tempfile.TemporaryDirectory(prefix="stir-bench-") as name, ExitStack() as servers:
            found = _measure(settings, Path(name), servers, clients, seconds, peers)
            _show(console, found, f"{clients} clients, {seconds} s each, 50 rows of a board of {creators:,} creators")
            _targets(console, found)
    finally:
        stop_services(settings)


def _measure(
    settings: Settings, folder: Path, servers: ExitStack, clients: int, seconds: int, peers: bool
) -> dict[str, Load]:
    month = copy_rows(settings, folder)
    cached, uncached = (f"http://{LOOPBACK}:{free_port()}" for _ in range(2))
    for address, size in ((cached, 64_000_000), (uncached, 0)):
        port = address.rpartition(":")[2]
        servers.enter_context(served([sys.executable, "-P", "-c", SERVE, port, str(size)], f"{address}/healthz"))
    api, page = "/api/v1/leaderboards/INSTAGRAM", "/boards/INSTAGRAM"
    tag = httpx.get(cached + api).headers["etag"]
    found = {
        "API, one statement": load(uncached + api, clients, seconds),
        "API, cached": load(cached + api, clients, seconds),
        "API, 304": load(cached + api, clients, seconds, f"If-None-Match: {tag}"),
        "page, rendered": load(uncached + page, clients, seconds),
        "page, cached": load(cached + page, clients, seconds),
    }
    with swapping(settings) as swaps:
        found["API, cached, under swaps"] = load(cached + api, clients, seconds)
    found[f"({swaps[0]} swaps meanwhile) API, one statement, quiet again"] = load(uncached + api, clients, seconds)
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
        "Datasette, table JSON": load(lite + one, clients, seconds),
        "Datasette, SQL JSON": load(lite + query, clients, seconds),
        "Datasette, table page": load(lite + one.replace(".json", ""), clients, seconds),
        "roapi": load(rust + columns, clients, seconds),
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
    ours = [found[name].per_second for name in ("API, one statement", "page, rendered", "page, cached")]
    for name, one in found.items():
        ratios = [f"{our / one.per_second:.1f}" for our in ours]
        table.add_row(name, f"{one.per_second:,.0f}", f"{one.p99:.1f}", str(one.failed), *ratios)
    console.print(table)


def _targets(console: Console, found: dict[str, Load]) -> None:
    """Print each target of issue 14 with what this run gave."""
    one, page, cached = (found[name] for name in ("API, one statement", "page, rendered", "page, cached"))
    quiet, swapped, same = (found[name] for name in ("API, cached", "API, cached, under swaps", "API, 304"))
    rows: list[tuple[str, float, str, float]] = [
        ("p99 under swaps / quiet", swapped.p99 / quiet.p99, "<=", 1.3),
        ("failed under swaps", swapped.failed, "<=", 0),
        ("304, p99 ms", same.p99, "<=", 2),
        ("page, p99 ms", cached.p99, "<=", 50),
    ]
    if "roapi" in found:
        table = found["Datasette, table JSON"].per_second
        rows += [
            ("one statement / Datasette table", one.per_second / table, ">=", 4),
            ("one statement / roapi", one.per_second / found["roapi"].per_second, ">=", 4),
            ("one statement / Datasette SQL", one.per_second / found["Datasette, SQL JSON"].per_second, ">=", 2),
            ("page / Datasette page", page.per_second / found["Datasette, table page"].per_second, ">=", 8),
            ("cached page / Datasette page", cached.per_second / found["Datasette, table page"].per_second, ">=", 50),
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
