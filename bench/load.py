"""`stir load` of a CSV file against dlt into ClickHouse and DuckDB alone: seconds, memory and ratios."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
import uuid
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.addresses import LOOPBACK
from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.local.clickhouse import engine
from stir.local.machine.layout import file_lock
from stir.local.machine.ports import find_free
from stir.settings import PROJECT_DIR, Settings, load_settings

DLT = {"rows": "dlt, rows of the csv module", "arrow": "dlt, Arrow blocks that it does not look into"}
MEMORY = 500_000_000
"""Most bytes that a load takes."""
PACKAGES = ["dlt[clickhouse]==1.31.0", "pyarrow==26.0.1"]
DUCKDB = "import duckdb, sys; duckdb.connect(sys.argv[2]).execute('create table t as from read_csv(?)', [sys.argv[1]])"


@click.command()
@click.option("--rows", default=300_000, show_default=True, help="Rows of the file; 300,000 are 100 MB.")
@click.option("--peers/--no-peers", default=True, help="Install dlt once, in an environment of its own, and run it.")
def bench(rows: int, peers: bool) -> None:
    """Print seconds, memory and ratio of each way; leave with 1 if dlt's rows are faster or memory is over 500 MB."""
    settings = ensure_services(load_settings(), names=("clickhouse", "postgres", "s3"))
    folder = settings.state_dir / "load"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "readings.csv"
    write_file(path, rows)
    found: dict[str, tuple[float, int]] = {}
    failed: StirError | None = None
    try:
        found["stir load"] = load("events.post_log_events", path)
        found["stir load, the same records as JSON lines"] = load("events.post_log_events", as_json_lines(path))
        found["stir load posts, as many videos, four rows of each"] = load("posts", write_videos(folder, rows))
        found["DuckDB alone, read_csv into its own file"] = run(
            [sys.executable, "-c", DUCKDB, str(path), str(folder / "duck.db")]
        )
        if peers:
            for way in DLT:
                found[DLT[way]] = run_dlt(settings, folder / f"dlt-{way}", path, way)
    except StirError as error:  # what was measured before is worth a table
        failed = error
    finally:
        stop_services(settings)
        shutil.rmtree(folder, ignore_errors=True)
    if "stir load" in found:
        report(found, rows)
    if failed:
        raise failed


def write_file(path: Path, rows: int) -> None:
    """Readings of posts, some texts of them quoted over two lines; others each time, for a file is loaded once."""
    dice, start = random.Random(time.time_ns()), datetime(2026, 1, 1)  # noqa: S311  (a file for a benchmark)
    names = "event_id source platform profile_id handle shortcode publish_time event_timestamp metrics dimensions"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(names.split())
        for number in range(rows):
            seen = start + timedelta(minutes=number)
            counts = {"likes": 10**5, "comments": 999, "view_count": 10**6, "reach": 10**6}
            table.writerow(
                [
                    uuid.UUID(int=dice.getrandbits(128)),
                    "graphapi",
                    "INSTAGRAM",
                    dice.randrange(10**9, 10**10),
                    f"creator_{dice.randrange(10**5)}",
                    "C" + "".join(dice.choices("abcdefghijklmnop", k=10)),
                    seen - timedelta(days=1),
                    seen,
                    json.dumps({name: dice.randrange(greatest) for name, greatest in counts.items()}),
                    json.dumps({"caption": 'a "caption"\nof two lines ' + "x" * 60}),
                ]
            )


def as_json_lines(path: Path) -> Path:
    """The records of a CSV file, with other ids."""
    lines = path.with_suffix(".jsonl")
    with path.open(encoding="utf-8", newline="") as stream, lines.open("w", encoding="utf-8") as output:
        for row in csv.DictReader(stream):
            output.write(json.dumps(row | {"event_id": f"j-{row['event_id']}"}) + "\n")
    return lines


def write_videos(folder: Path, rows: int) -> Path:
    """A list of videos as people publish them, of 3,000 channels."""
    dice, path = random.Random(time.time_ns()), folder / "videos.csv"  # noqa: S311  (a file for a benchmark)
    names = (
        "video_id,trending_date,title,channel_title,publish_time,tags,views,likes,comment_count,subscribers,description"
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(names.split(","))
        for number in range(rows):
            video = "".join(dice.choices("abcdefghijkLMNOP0123_-", k=11))
            counts = [dice.randrange(greatest) for greatest in (10**7, 10**5, 10**4, 10**6)]
            texts = (f'A "title"\nof {number}', f"channel {dice.randrange(3000)}", "2018-01-05T17:13:01.000Z", 'a|"b"')
            table.writerow([video, f"18.{dice.randint(6, 28):02d}.01", *texts, *counts, "text " * 20])
    return path


def load(target: str, path: Path) -> tuple[float, int]:
    """Seconds and memory of `stir load`."""
    return run([sys.executable, "-P", "-m", "stir", "load", target, str(path)])


def run(command: list[str], **variables: str) -> tuple[float, int]:
    """Seconds and most bytes of memory of a program.

    Raises:
        StirError: it failed.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise StirError(f"{Path(command[0]).name} failed: {said.strip().splitlines()[-1]}")
    return time.monotonic() - started, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run_dlt(settings: Settings, folder: Path, path: Path, way: str) -> tuple[float, int]:
    """Seconds and most bytes of memory of dlt, which loads a file in one of its ways into a server of its own."""
    python = install(settings)
    with native_server(settings, folder / "server") as address:
        return run(
            [python, str(PROJECT_DIR / "bench/contenders/run_dlt_csv.py"), str(path), way],
            BENCH_CLICKHOUSE=json.dumps(address),
            DLT_DATA_DIR=str(folder / "data"),
            RUNTIME__DLTHUB_TELEMETRY="false",
        )


def install(settings: Settings) -> str:
    """Make dlt's environment once; its Python.

    Raises:
        StirError: pip could not.
    """
    folder = settings.cache_dir / "bench-load"
    python, mark = str(folder / "bin" / "python"), folder / "installed.json"
    with file_lock(folder.with_suffix(".lock"), 900, "dlt's environment"):
        if not (mark.exists() and json.loads(mark.read_text()) == PACKAGES):
            venv.create(folder, with_pip=True, clear=True)
            done = subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], capture_output=True, text=True)
            if done.returncode:
                said = (done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"])[-1]
                raise StirError(f"dlt could not be installed: {said}", do="run with --no-peers")
            mark.write_text(json.dumps(PACKAGES))
    return python


@contextmanager
def native_server(settings: Settings, folder: Path) -> Iterator[list[str | int]]:
    """A ClickHouse like the embedded one that also speaks the native protocol, which dlt needs; its address."""
    (folder / "data" / "metadata").mkdir(parents=True)
    own = settings.state_dir.resolve() / "clickhouse"
    port = find_free(set())
    native = find_free({port})
    listens = f"<http_port>{port}</http_port><tcp_port>{native}</tcp_port>"
    for name in ("config.xml", "users.xml", "data/metadata/system.sql"):
        text = (own / name).read_text().replace(str(own), str(folder.resolve()))
        text = text.replace(f"<http_port>{settings.clickhouse.port}</http_port>", listens)
        (folder / name).write_text(text)
    script = str(PROJECT_DIR / "bench/contenders/native_server.py")
    command = [sys.executable, script, str(engine.ensure_engine(settings)), str(folder / "config.xml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while subprocess.run(["curl", "-sf", f"http://{LOOPBACK}:{port}/ping"], capture_output=True).returncode:
            if time.monotonic() > deadline or process.poll() is not None:
                raise StirError("the server for dlt did not start")
            time.sleep(0.2)
        endpoint = settings.clickhouse
        yield [LOOPBACK, port, native, endpoint.user, endpoint.password]
    finally:
        process.terminate()
        process.wait()


def report(found: dict[str, tuple[float, int]], rows: int) -> None:
    """Print the table, and keep the promises.

    Raises:
        SystemExit: dlt's rows were faster, or the load took too much memory.
    """
    own, _ = found["stir load"]
    memory = max(peak for way, (_, peak) in found.items() if way.startswith("stir load"))
    table = Table("way", "seconds", "rows a second", "memory MB", "time of stir load", box=box.SIMPLE_HEAD)
    for way, (seconds, peak) in found.items():
        table.add_row(way, f"{seconds:.1f}", f"{rows / seconds:,.0f}", f"{peak / 1e6:,.0f}", f"{seconds / own:.2f}x")
    Console(width=110).print(table)
    if memory > MEMORY:
        raise SystemExit(f"stir load took {memory / 1e6:,.0f} MB; 500 were promised")
    if (slower := found.get(DLT["rows"])) and slower[0] < own:
        raise SystemExit(f"dlt took {slower[0]:.1f} s and stir load {own:.1f} s")


if __name__ == "__main__":
    bench()
