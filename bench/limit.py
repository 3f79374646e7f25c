"""What a build of each model takes beside the least that the machine needs to move its bytes.

The bytes are those that ClickHouse reads and writes for a build from nothing. The least time for them is the greater of
two: the bytes of all columns at the rate at which all cores add up memory, and the compressed bytes of the files at the
rate at which the disk reads what is not in memory. Nothing that computes can reach it; it says where bytes are the
reason for the time, and where something else is.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import numpy
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.models import build
from stir import connections
from stir.cli.stages import Stages
from stir.local import ensure_services, stop_services
from stir.operations.backfill.tables import drop_database
from stir.settings import Settings, load_settings
from stir.transform.costs import COMMENT
from stir.transform.manifest import read_dbt_manifest
from stir.world import WorldParameters, make
from stir.world.parameters import midnight

CADENCES = ("core", "daily", "hourly", "weekly")
SAMPLE = 2**30
"""Bytes that a rate is measured with: more than any cache of a processor."""
ROUNDS = 3
SHOWN = 20

VOLUMES = f"""
select
    extract({COMMENT}, '"node": "model\\\\.[^"]*\\\\.([^".]+)"') as model,
    sum(query_duration_ms) / 1000 as seconds,
    sum(read_bytes + written_bytes) as memory_bytes,
    sum(ProfileEvents['ReadBufferFromFileDescriptorReadBytes']) as file_bytes
from system.query_log
where type = 'QueryFinish' and is_initial_query and model != '' and current_database = {{database:String}}
group by model
"""


@dataclass(frozen=True)
class Rates:
    """Bytes a second: of memory with all cores, of the disk without what the system keeps in memory."""

    memory: float
    disk: float


@dataclass(frozen=True)
class Volume:
    """What the statements of a model took and moved."""

    seconds: float
    memory_bytes: int
    file_bytes: int

    def least(self, rates: Rates) -> float:
        """Seconds below which no program can move these bytes."""
        return max(self.memory_bytes / rates.memory, self.file_bytes / rates.disk)


def memory_rate() -> float:
    """The best of some rounds in which every core adds up its part of a gibibyte."""
    parts = numpy.array_split(numpy.ones(SAMPLE // 8, numpy.int64), os.cpu_count() or 1)
    found = []
    with ThreadPoolExecutor(len(parts)) as pool:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            list(pool.map(numpy.sum, parts))
            found.append(SAMPLE / (time.perf_counter() - started))
    return max(found)


def disk_rate(folder: Path) -> float:
    """The best of some rounds that read a gibibyte of noise in order, after the system has forgotten it."""
    path, piece, found = folder / "noise", os.urandom(2**24), []
    with path.open("wb") as file:
        for _ in range(SAMPLE // len(piece)):
            file.write(piece)
        os.fsync(file.fileno())
    for _ in range(ROUNDS):
        with path.open("rb", buffering=0) as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            started = time.perf_counter()
            while file.read(2**20):
                pass
            found.append(SAMPLE / (time.perf_counter() - started))
    return max(found)


def volumes(settings: Settings) -> dict[str, Volume]:
    """Model name to what its statements took and moved."""
    with connections.clickhouse(settings) as client:
        client.command("system flush logs")
        found = client.query(VOLUMES, parameters={"database": settings.clickhouse_database}).result_rows
    return {name: Volume(float(seconds), int(memory), int(files)) for name, seconds, memory, files in found}


def total(found: dict[str, Volume], names: list[str]) -> Volume:
    """The volumes of some models together."""
    chosen = [found[name] for name in names if name in found]
    return Volume(
        sum(each.seconds for each in chosen),
        sum(each.memory_bytes for each in chosen),
        sum(each.file_bytes for each in chosen),
    )


def table(title: str, found: dict[str, Volume], rates: Rates) -> Table:
    """One line for each name: its bytes, the least time for them, and how many times that it takes."""
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    shown.add_column("", no_wrap=True)
    for heading in ("MiB of columns", "MiB of files", "least s", "s", "times the least"):
        shown.add_column(heading, justify="right")
    for name, volume in found.items():
        least = volume.least(rates)
        shown.add_row(
            name,
            f"{volume.memory_bytes / 2**20:,.0f}",
            f"{volume.file_bytes / 2**20:,.0f}",
            f"{least:.2f}",
            f"{volume.seconds:.1f}",
            f"{volume.seconds / least:,.0f}x" if least else "",
        )
    return shown


@click.command()
@click.option("--creators", default=2000, show_default=True)
@click.option("--days", default=90, show_default=True, help="Days of history.")
def main(creators: int, days: int) -> None:
    """Build all models from nothing, one at a time, and print what they take beside the least time for their bytes."""
    settings = ensure_services(load_settings(), ("clickhouse",)).model_copy(update={"clickhouse_threads": 1})
    stages, console = Stages(), Console(highlight=False, width=None if Console().is_terminal else 120)
    with stages.stage("rates of memory and disk"), tempfile.TemporaryDirectory(dir=settings.state_dir) as name:
        rates = Rates(memory_rate(), disk_rate(Path(name)))
    with stages.stage("world"):
        make(settings, WorldParameters(creators=creators, days=days, end=midnight() - timedelta(days=1)), replace=True)
    with connections.clickhouse(settings) as client:
        drop_database(client, settings.clickhouse_database)
        client.command("truncate table if exists system.query_log")
    build(settings, stages, "reference lists", "seed")
    build(settings, stages, "models", "run")
    found, models = volumes(settings), read_dbt_manifest(settings).models
    by_cadence = {
        f"tag:{cadence}": total(found, [name for name, model in models.items() if cadence in model.cadences])
        for cadence in CADENCES
    }
    by_cadence["all models"] = total(found, list(found))
    longest = dict(sorted(found.items(), key=lambda item: -item[1].seconds)[:SHOWN])
    console.print(table(f"{creators:,} creators, {days} days, from nothing", by_cadence, rates))
    console.print(table("models that take longest", longest, rates))
    for line in (
        f"memory, all cores  {rates.memory / 1e9:.1f} GB/s",
        f"disk               {rates.disk / 1e9:.2f} GB/s",
        f"cores              {psutil.cpu_count()}, load {os.getloadavg()[0]:.1f} at the end",
    ):
        console.print(line)
    stop_services(settings)


if __name__ == "__main__":
    main()
