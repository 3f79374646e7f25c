"""The tables that are moved, and the ways that need nothing but what stir has: ours, the classic ones, the floor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.contenders.meter import Engines
from bench.contenders.spans import Timeline
from stir import connections
from stir.errors import StirError
from stir.operations.backfill.tables import create_database
from stir.publish import SPECS, ddl, publish
from stir.publish.export.objects import CHUNK
from stir.publish.session import writer
from stir.publish.spec import Column, Index, PublishSpec
from stir.settings import Settings

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


BOARD = replace(
    SPECS["leaderboard"],
    name="bench_board",
    mart="bench_board",
    table="bench_board",
    mode="rename",
    carry_by="month",
)
"""The leaderboard with all its columns, maps and indexes, over twelve months."""
BOARD_VALUES = {
    "month": "addMonths(toDate('2025-07-01'), number % 12)",
    "platform": "['INSTAGRAM', 'YOUTUBE', 'ALL'][number % 3 + 1]",
    "profile_platform": "if(number % 3 = 1, 'YA', 'IA')",
    "platform_id": "toString(17841400000000000 + number * 7919 % 1000000007)",
    "handle": "concat('creator.', lower(hex(number * 2654435761)))",
    "name": "concat('Creator ', toString(number))",
    "category": "['Beauty', 'Gaming', 'Music', 'Travel', 'Food'][number % 5 + 1]",
    "language": "['en', 'hi', 'es'][number % 3 + 1]",
    "country": "['IN', 'US', 'BR'][number % 3 + 1]",
    "profile_type": "if(number % 20, 'CREATOR', 'BRAND')",
    "month_state": "'MTD'",
    "followers": "cityHash64(number) % 10000000",
    "followers_change": "toInt64(number % 5000) - 2500",
    "views_total_change": "if(number % 3 = 1, cityHash64(number, 2) % 10000000, null)",
    "uploads_total_change": "number % 60",
    "views": "cityHash64(number, 1) % 100000000",
    "plays": "if(number % 2, null, number * 13 % 1000000)",
    "likes": "number % 5000000",
    "comments": "number % 1000",
    "engagement": "number % 5001000",
    "uploads": "number % 50",
    "engagement_ratio": "number % 100000 / 777",
    "engagement_by_views_ratio": "number % 100000 / 7777",
    "crosses_definition_change": "number % 12 = 1",
    "followers_rank": "number % 100000 + 1",
    "followers_change_rank": "number % 99999 + 1",
    "views_rank": "if(number % 2, number % 9999 + 1, null)",
    "plays_rank": "if(number % 2, null, number % 9998 + 1)",
    "engagement_rank": "number % 99998 + 1",
    "followers_rank_prev": "number % 100001 + 1",
    "followers_change_rank_prev": "number % 100002 + 1",
    "views_rank_prev": "if(number % 2, number % 9997 + 1, null)",
    "plays_rank_prev": "if(number % 2, null, number % 9996 + 1)",
    "engagement_rank_prev": "number % 99997 + 1",
    "current_month_ranks": "map('followers_rank', number % 100000 + 1, 'followers_rank_by_category', number % 7000 + 1,"
    " 'views_rank_by_language', number % 5000 + 1, 'engagement_rank', number % 99998 + 1)",
    "last_month_ranks": "map('followers_rank', number % 100000 + 2, 'followers_rank_by_category', number % 7000 + 3)",
    "computed_as_of": "toDateTime('2026-06-15 00:00:00', 'UTC')",
}
"""Of each column, so that one that is added to the table is missed by its name."""
BOARD_ROWS = f"select {', '.join(BOARD_VALUES[column.name] for column in BOARD.columns)} from numbers({{rows}})"
SERIES = replace(SPEC, name="bench_series", mart="bench_series", table="bench_series", carry_by="day")
"""The plain table over twelve months, of which those that have not changed are taken over."""
SERIES_ROWS = ROWS.replace("toDate('2026-06-14')", "addMonths(toDate('2025-07-14'), number % 12)")
TABLES = {"plain": (SPEC, ROWS), "leaderboard": (BOARD, BOARD_ROWS), "series": (SERIES, SERIES_ROWS)}
ONE_MONTH = ", one month of twelve"
"""Ends the names of the ways that publish after one month has changed."""
ALLOWED = ("shrink", "growth")
BY_MONTH = "stir publish, by month"
"""Begins the names of the ways that publish in mode `partition`."""


class Bench:
    """The table and the ways of moving it; each ends with a durable table that has its key, indexes and statistics.

    Attributes:
        objects: bytes that the last run of a way left in S3, by the way's name.
        phases: of the last publish: name, seconds, processor seconds by process.
        spans: of the last publish: name, calls, begin, end, sum of durations.
    """

    def __init__(self, settings: Settings, table: str, rows: int, folder: Path) -> None:
        self.spec, self._rows = TABLES[table]
        self.settings, self.rows, self.folder = settings, rows, folder
        self.client = connections.clickhouse(settings)
        self.mart = connections.quoted_table(settings.clickhouse_database, self.spec.mart)
        self.objects: dict[str, int] = {}
        self.phases: list[tuple[str, float, dict[str, float]]] = []
        self.spans: list[tuple[str, int, float, float, float]] = []
        self.file = folder / "floor.tsv"
        name = f"{self.spec.name}_by_month"
        self.by_month = replace(self.spec, name=name, table=name, mode="partition") if self.spec.carry_by else None
        for spec in filter(None, (self.spec, self.by_month)):
            SPECS[spec.name] = spec

    def fill(self) -> None:
        """Make the mart, and put its rows where the floor's server finds them."""
        described = ", ".join(f"{column.name} {column.type}" for column in self.spec.columns)
        create_database(self.client, self.settings.clickhouse_database)
        self.client.command(
            f"create or replace table {self.mart} ({described}) "
            f"engine = MergeTree order by ({', '.join(self.spec.key)})"
        )
        self.client.command(f"insert into {self.mart} {self._rows.format(rows=self.rows)}")
        with writer(self.settings, "prod") as connection:
            connection.execute("create schema if not exists stir")
        self._export("TSV", "floor.tsv")
        self._download("floor.tsv", self.file)
        self.file.chmod(0o644)

    def start(self, contender: str) -> None:
        """What has to happen before a way, and is not measured."""
        if not contender.endswith(ONE_MONTH):
            return
        if self.by_month and contender.startswith(BY_MONTH):
            publish(self.settings, self.by_month.name, allow=ALLOWED)  # so that one month is all that differs
        self.client.command(
            f"alter table {self.mart} update likes = likes + 1 where {self.spec.carry_by} < '2025-08-01'",
            settings={"mutations_sync": 2},
        )

    def contenders(self) -> dict[str, Callable[[], None]]:
        """Name to function, ours first."""
        ours = ("stir publish, stream", "stir publish, ssh")
        return {
            **dict.fromkeys(ours, self.ours),
            **({f"{contender}{ONE_MONTH}": self.ours_again for contender in ours} if self.spec.carry_by else {}),
            **({BY_MONTH: self.all_months, f"{BY_MONTH}{ONE_MONTH}": self.one_month} if self.by_month else {}),
            "s3() TSV, one object, one COPY": self.one_stream,
            "ClickHouse postgresql()": self.postgresql_function,
            "s3() JSONEachRow, jsonb, casts": self.classic,
            "floor: server-side COPY FREEZE": self.floor,
        }

    def ours(self) -> None:
        """The whole publish: checked, summed up on both sides, swapped. By the transport of the settings."""
        self._publish(self.spec, "stir publish", force=True)

    def ours_again(self) -> None:
        """A publish that takes over what has not changed."""
        self._publish(self.spec, f"stir publish{ONE_MONTH}", force=False)

    def all_months(self) -> None:
        """The whole publish in mode `partition`."""
        self._publish(self.by_month or self.spec, BY_MONTH, force=True)

    def one_month(self) -> None:
        """A publish that exchanges the month that has changed."""
        self._publish(self.by_month or self.spec, f"{BY_MONTH}{ONE_MONTH}", force=False)

    def _publish(self, spec: PublishSpec, way: str, *, force: bool) -> None:
        timeline = Timeline(Engines(self.settings))
        publication = publish(self.settings, spec.name, force=force, allow=ALLOWED, observer=timeline)
        self.spans, self.phases = timeline.spans(), timeline.phases()
        if publication.rows != self.rows or publication.outcome != "published":
            raise StirError(f"{publication.outcome}: {publication.rows:,} of {self.rows:,} rows")
        if not force and not publication.carried:
            raise StirError("no month was left alone")
        self.objects[way] = publication.bytes

    def one_stream(self) -> None:
        """One object streamed into one COPY; counted, not compared."""
        self._export("TSV", "one.tsv")
        copy_in = ddl.copy_in(self.spec, "one_stream", freeze=False)
        with self._fresh("one_stream") as connection, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
            for chunk in self._chunks("one.tsv"):
                copy.write(chunk)
        self.finish("one_stream")

    def postgresql_function(self) -> None:
        """ClickHouse inserts by itself."""
        with self._fresh("by_function"):
            pass
        to = urlsplit(self.settings.postgres_dsn())
        columns = ", ".join(column.name for column in self.spec.columns)
        values = ", ".join(
            f"toJSONString({column.name})" if column.type.startswith("Map") else column.name
            for column in self.spec.columns
        )
        self.client.command(
            f"insert into function postgresql('127.0.0.1:{to.port}', '{to.path[1:]}', 'by_function', '{to.username}', "
            f"'{to.password}', 'stir') ({columns}) select {values} from {self.mart}"
        )
        self.finish("by_function")

    def classic(self) -> None:
        """JSON lines through a file into one jsonb column, then an INSERT with a cast per column."""
        self._export("JSONEachRow", "classic.json")
        local = self.folder / "classic.json"
        self._download("classic.json", local)
        casts = ", ".join(f"(line ->> '{column.name}')::{column.travel.postgres}" for column in self.spec.columns)
        self.objects["classic"] = local.stat().st_size
        copy_in = "copy lines from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')"
        with self._fresh("classic") as connection, connection.cursor() as cursor:
            cursor.execute("create temporary table lines (line jsonb)")
            with local.open("rb") as file, cursor.copy(copy_in) as copy:
                while chunk := file.read(CHUNK):
                    copy.write(chunk)
            cursor.execute(f"insert into stir.classic select {casts} from lines".encode())
            cursor.execute("drop table lines")
        self.finish("classic")

    def floor(self) -> None:
        """The file is on the server already, and nothing is checked."""
        with writer(self.settings, "prod") as owner:
            owner.execute("drop table if exists stir.floor")
        with connections.postgres(self.settings, role="admin") as connection:
            connection.execute(ddl.create_table(self.spec, "floor"))
            statement = ddl.copy_in(self.spec, "floor", freeze=True).as_string()
            connection.execute(statement.replace("from stdin", f"from '{self.file}'").encode())
            connection.execute("alter table stir.floor owner to stir_writer")
        self.finish("floor")

    def _export(self, kind: str, key: str) -> None:
        columns = ", ".join(
            column.travel.copy(column.name) if kind == "TSV" else column.name for column in self.spec.columns
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
            connection.execute(ddl.create_table(self.spec, name))
        return writer(self.settings, "prod", autocommit=False)

    def finish(self, name: str) -> None:
        """Key, indexes and statistics on two connections, as ours."""
        indexes = (ddl.create_index(name, index) for index in self.spec.indexes)
        statements = [ddl.create_key_index(self.spec, name), *indexes]

        def run(statement: object) -> None:
            with writer(self.settings, "prod") as connection:
                connection.execute("set maintenance_work_mem = '128MB'")
                connection.execute(statement)  # type: ignore[call-overload]

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, [*statements, f"analyze stir.{name}".encode()]))
        with writer(self.settings, "prod") as connection:
            connection.execute(ddl.adopt_key_index(name))
