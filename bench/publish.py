"""One table from ClickHouse to published in PostgreSQL: ours against the usual ways and against the floor, as ratios."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
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
    """The table, and each way of moving it. A way ends with a durable, indexed, analyzed table under its public name."""

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
        body = self._object("one.tsv")
        with self._fresh("one_stream") as connection, connection.cursor() as cursor:
            with cursor.copy(ddl.copy_in(SPEC, "one_stream", freeze=False)) as copy:
                while chunk := body.read(CHUNK):
                    copy.write(chunk)
        self._finish("one_stream")

    def postgresql_function(self) -> None:
        """ClickHouse inserts by itself."""
        from urllib.parse import urlsplit

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
        with local.open("wb") as file:
            shutil.copyfileobj(self._object("classic.json"), file, CHUNK)
        casts = ", ".join(f"(line ->> '{column.name}')::{column.travel.postgres}" for column in SPEC.columns)
        with self._fresh("classic") as connection, connection.cursor() as cursor:
            cursor.execute("create temporary table lines (line jsonb)")
            with cursor.copy("copy lines from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')") as copy:
                with local.open("rb") as file:
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
        with self.file.open("wb") as file:
            shutil.copyfileobj(self._object("floor.tsv"), file, CHUNK)
        self.file.chmod(0o644)

    def _export(self, kind: str, key: str) -> None:
        columns = ", ".join(
            column.travel.copy(column.name) + (f" as {column.name}_" if kind == "TSV" else "")
            if kind == "TSV"
            else column.name
            for column in SPEC.columns
        )
        self.client.command(
            f"insert into function s3({self.settings.s3_named_collection}, filename = 'bench/{key}', format = '{kind}') "
            f"select {columns} from {self.mart}",
            settings={"s3_truncate_on_insert": 1, "output_format_json_quote_64bit_integers": 0},
        )

    def _object(self, key: str):  # type: ignore[no-untyped-def]
        return connections.s3(self.settings).get_object(Bucket=self.settings.s3.path, Key=f"bench/{key}")["Body"]

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


def peak_memory(work: Callable[[], None]) -> float:
    """Megabytes that a process of its own needs for the work, beyond what it has when it begins."""
    reader, sender = os.pipe()
    if (child := os.fork()) == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work()
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(sender, f"{used / 1024:.0f} {(used - before) / 1024:.0f}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    return float(os.read(reader, 100).split()[0])


@click.command()
@click.option("--rows", default=1_000_000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="Each round runs every way once; medians are printed.")
@click.option("--only", multiple=True, help="Only ways whose name contains this.")
def main(rows: int, rounds: int, only: tuple[str, ...]) -> None:
    """Move the same table in each way and print seconds and ratios."""
    settings = ensure_services(load_settings())
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="stir-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        bench = Bench(settings, rows, folder)
        bench.write_file()
        ways = {way: run for way, run in bench.ways().items() if not only or any(part in way for part in only)}
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        stages: list[dict[str, float]] = []
        for number in range(rounds):
            for way, run in ways.items():
                started = time.perf_counter()
                run()
                seconds[way].append(time.perf_counter() - started)
                console.print(f"round {number + 1}: {way}: {seconds[way][-1]:.2f} s", style="dim")
        size = bench.file.stat().st_size / 1e6
        medians = {way: statistics.median(values) for way, values in seconds.items()}
        ours = medians["stir publish"]
        title = f"stir bench publish: {rows:,} rows x {len(SPEC.columns)} columns, {size:,.0f} MB, median of {rounds}"
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
        table.add_column("way")
        for heading in ("s", "of ours", "MB/s"):
            table.add_column(heading, justify="right")
        for way, median in medians.items():
            table.add_row(way, f"{median:.2f}", f"{median / ours:.2f}x", f"{size / median:.0f}")
        console.print(table)
        console.print(f"memory of the loader's process: {peak_memory(bench.ours):.0f} MB")
    stop_services(settings)


if __name__ == "__main__":
    main()
