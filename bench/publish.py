"""One table from ClickHouse to PostgreSQL: a publish against the usual ways and the floor, as ratios of one run."""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click
import psutil
import psycopg
from rich import box
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.local import ensure_services, stop_services
from stir.publish import SPECS, ddl, publish
from stir.publish.objects import CHUNK
from stir.publish.session import writer
from stir.publish.spec import Column, Index, PublishSpec
from stir.settings import Settings, load_settings

SPEC = PublishSpec(
    name="bench",
    mart="bench_mart",
    table="bench",
    comment="Eighteen plain columns.",
    columns=(
        *(Column(name, "String", "Text.") for name in ("platform", "platform_id", "name", "category", "language")),
        Column("handle", "Nullable(String)", "Text."),
        *(Column(name, "Int64", "Number.") for name in ("followers", "views", "likes", "comments")),
        *(Column(name, "Nullable(Int64)", "Number.") for name in ("followers_change", "plays")),
        Column("uploads", "UInt32", "Number."),
        Column("rank", "Nullable(UInt32)", "Number."),
        Column("ratio", "Float64", "Number."),
        Column("is_verified", "Bool", "Flag."),
        Column("day", "Date", "Day."),
        Column("seen_at", "DateTime('UTC')", "Moment."),
    ),
    key=("platform_id", "day"),
    indexes=(Index("by_rank", ("platform", "rank")), Index("by_category", ("category", "followers"))),
    watermark="seen_at",
)
ROWS = """
select
    ['INSTAGRAM', 'YOUTUBE'][number % 2 + 1], toString(17841400000000000 + number * 7919 % 1000000007),
    concat('Creator ', toString(number)), ['Beauty', 'Gaming', 'Music', 'Travel', 'Food'][number % 5 + 1],
    ['en', 'hi', 'es'][number % 3 + 1], if(number % 9 = 0, null, concat('creator.', lower(hex(number * 2654435761)))),
    cityHash64(number) % 10000000, cityHash64(number, 1) % 100000000, number % 5000000, number % 1000,
    if(number % 10 = 0, null, toInt64(number % 5000) - 2500), if(number % 2, null, number * 13 % 1000000), number % 50,
    if(number % 4 = 0, null, number % 1000 + 1), number % 100000 / 777, number % 2, toDate('2026-06-14'),
    toDateTime('2026-06-15 00:00:00', 'UTC')
from numbers({rows})
"""


class Bench:
    """The table and the ways of moving it; each ends with a durable table that has its key, indexes and statistics."""

    def __init__(self, settings: Settings, rows: int, folder: Path) -> None:
        self.settings, self.rows, self.folder = settings, rows, folder
        self.client = connections.clickhouse(settings)
        self.mart = f"{settings.clickhouse_database}.{SPEC.mart}"
        self.plain = [column.name for column in SPEC.columns]
        described = ", ".join(f"{column.name} {column.type}" for column in SPEC.columns)
        self.client.command(f"create database if not exists {settings.clickhouse_database}")
        self.client.command(
            f"create or replace table {self.mart} ({described}) engine = MergeTree order by ({', '.join(SPEC.key)})"
        )
        self.client.command(f"insert into {self.mart} {ROWS.format(rows=rows)}")
        SPECS[SPEC.name] = SPEC
        with writer(settings, "prod") as connection:
            connection.execute("create schema if not exists stir")

    def ways(self) -> dict[str, Callable[[], None]]:
        """Name to function, ours first."""
        return {
            "stir publish": self.ours,
            "s3() TSV, one object, one COPY": self.one_stream,
            "ClickHouse postgresql()": self.postgresql_function,
            "s3() JSONEachRow, jsonb, casts": self.classic,
            "floor: server-side COPY FREEZE": self.floor,
        }

    def ours(self) -> None:
        """The whole publish: checked, summed up on both sides, swapped."""
        publication = publish(self.settings, SPEC.name, force=True)
        assert publication.rows == self.rows  # noqa: S101

    def one_stream(self) -> None:
        """One object streamed into one COPY; counted, not compared."""
        self._export("TSV", "one.tsv")
        copy_in = ddl.copy_in(SPEC, "one_stream", freeze=False)
        with self._fresh("one_stream") as connection, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
            for chunk in self._chunks("one.tsv"):
                copy.write(chunk)
        self._finish("one_stream")

    def postgresql_function(self) -> None:
        """ClickHouse inserts by itself."""
        with self._fresh("by_function"):
            pass
        to = urlsplit(self.settings.postgres_dsn())
        columns = ", ".join(self.plain)
        self.client.command(
            f"insert into function postgresql('127.0.0.1:{to.port}', '{to.path[1:]}', 'by_function', '{to.username}', "
            f"'{to.password}', 'stir') ({columns}) select {columns} from {self.mart}"
        )
        self._finish("by_function")

    def classic(self) -> None:
        """JSON lines through a file into one jsonb column, then an INSERT with a cast per column."""
        self._export("JSONEachRow", "classic.json")
        local = self.folder / "classic.json"
        self._download("classic.json", local)
        casts = ", ".join(f"(line ->> '{column.name}')::{column.travel.postgres}" for column in SPEC.columns)
        copy_in = "copy lines from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')"
        with self._fresh("classic") as connection, connection.cursor() as cursor:
            cursor.execute("create temporary table lines (line jsonb)")
            with local.open("rb") as file, cursor.copy(copy_in) as copy:
                while chunk := file.read(CHUNK):
                    copy.write(chunk)
            cursor.execute(f"insert into stir.classic select {casts} from lines".encode())
            cursor.execute("drop table lines")
        self._finish("classic")

    def floor(self) -> None:
        """The file is on the server already, and nothing is checked."""
        with writer(self.settings, "prod") as owner:
            owner.execute("drop table if exists stir.floor")
        with connections.postgres(self.settings, role="admin") as connection:
            connection.execute(ddl.create_table(SPEC, "floor"))
            statement = ddl.copy_in(SPEC, "floor", freeze=True).as_string().replace("from stdin", f"from '{self.file}'")
            connection.execute(statement.encode())
            connection.execute("alter table stir.floor owner to stir_writer")
        self._finish("floor")

    def write_file(self) -> None:
        """Put the rows where the floor's server finds them."""
        self._export("TSV", "floor.tsv")
        self.file = self.folder / "floor.tsv"
        self._download("floor.tsv", self.file)
        self.file.chmod(0o644)

    def _export(self, kind: str, key: str) -> None:
        columns = ", ".join(
            column.travel.copy(column.name) if kind == "TSV" else column.name for column in SPEC.columns
        )
        self.client.command(
            f"insert into function s3({self.settings.s3_named_collection}, filename = 'bench/{key}', "
            f"format = '{kind}') select {columns} from {self.mart}",
            settings={"s3_truncate_on_insert": 1, "output_format_json_quote_64bit_integers": 0},
        )

    def _chunks(self, key: str) -> Iterator[bytes]:
        body = connections.s3(self.settings).get_object(Bucket=self.settings.s3.path, Key=f"bench/{key}")["Body"]
        while chunk := body.read(CHUNK):
            yield chunk

    def _download(self, key: str, path: Path) -> None:
        with path.open("wb") as file:
            for chunk in self._chunks(key):
                file.write(chunk)

    def _fresh(self, name: str) -> psycopg.Connection:
        with writer(self.settings, "prod") as connection:
            connection.execute(f"drop table if exists stir.{name}".encode())
            connection.execute(ddl.create_table(SPEC, name))
        return writer(self.settings, "prod", autocommit=False)

    def _finish(self, name: str) -> None:
        """Key, indexes and statistics on two connections, as ours."""
        statements = [ddl.create_key_index(SPEC, name), *(ddl.create_index(name, index) for index in SPEC.indexes)]

        def run(statement: object) -> None:
            with writer(self.settings, "prod") as connection:
                connection.execute("set maintenance_work_mem = '128MB'")
                connection.execute(statement)  # type: ignore[call-overload]

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, [*statements, f"analyze stir.{name}".encode()]))
        with writer(self.settings, "prod") as connection:
            connection.execute(ddl.adopt_key_index(name))


class Processors:
    """Processor seconds of the engines and of this process: what a busy machine cannot blur, unlike wall time."""

    def __init__(self, settings: Settings) -> None:
        ports = (settings.clickhouse.port, settings.s3.port, urlsplit(settings.postgres_dsn()).port)
        listening = [item for item in psutil.net_connections("tcp") if item.status == psutil.CONN_LISTEN and item.pid]
        self._processes = [psutil.Process(item.pid) for item in listening if item.laddr.port in ports]
        self._processes.append(psutil.Process())

    def seconds(self) -> float:
        """So far, ended children included."""
        total = 0.0
        for process in self._processes:
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
            for child in process.children():
                with suppress(psutil.NoSuchProcess):
                    total += sum(child.cpu_times()[:2])
        return total


@click.command()
@click.option("--rows", default=1_000_000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="Each round runs every way once; medians are printed.")
@click.option("--only", multiple=True, help="Only ways whose name contains this; may be given several times.")
def main(rows: int, rounds: int, only: tuple[str, ...]) -> None:
    """Move the same table in each way and print seconds and ratios."""
    settings = ensure_services(load_settings())
    console = Console(highlight=False, width=None if Console().is_terminal else 110)
    processors = Processors(settings)
    with tempfile.TemporaryDirectory(prefix="stir-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        bench = Bench(settings, rows, folder)
        bench.write_file()
        ways = {way: run for way, run in bench.ways().items() if not only or any(part in way for part in only)}
        seconds: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for number in range(rounds):
            for way, run in ways.items():
                started, used = time.perf_counter(), processors.seconds()
                run()
                seconds[way].append((time.perf_counter() - started, processors.seconds() - used))
                console.print(f"round {number + 1}: {way}: {seconds[way][-1][0]:.2f} s", style="dim")
        size = bench.file.stat().st_size / 1e6
    medians = {way: [statistics.median(values) for values in zip(*runs, strict=True)] for way, runs in seconds.items()}
    ours = next(iter(medians.values()))
    title = f"stir bench publish: {rows:,} rows x {len(SPEC.columns)} columns, {size:,.0f} MB, median of {rounds}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("way")
    for heading in ("s", "of ours", "processor s", "of ours"):
        table.add_column(heading, justify="right")
    for way, (wall, used) in medians.items():
        table.add_row(way, f"{wall:.2f}", f"{wall / ours[0]:.2f}x", f"{used:.1f}", f"{used / ours[1]:.2f}x")
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"this process at its peak: {peak:.0f} MB; {psutil.cpu_count()} cores")
    stop_services(settings)


if __name__ == "__main__":
    main()
