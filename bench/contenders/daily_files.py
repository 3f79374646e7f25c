"""What the daily boards and the series are made of, as Parquet files, and how another tool publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from psycopg import sql

from stir import connections
from stir.connections import quoted_table
from stir.publish import SPECS, ddl
from stir.publish.export.objects import CHUNK
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
from stir.settings import PROJECT_DIR, Settings

OURS, REBUILT = "stir, the day's increment", "stir, from nothing"
TOOLS = {"DuckDB": "bench.contenders.daily_duckdb", "Polars": "bench.contenders.daily_polars"}
"""Contender to the module that makes its rows."""
PUBLISHED = ("time_series", "leaderboard")
"""Specs of the tables that every contender publishes."""

EVENT = (
    "event_id, source, platform, profile_id, metrics, toDateTime64(event_timestamp, 6, 'UTC') as happened,"
    " toDateTime64(insert_timestamp, 6, 'UTC') as ingested"
)
SHOWN = "handle, name, category, language, country, profile_type"
INPUTS = {
    "profile_events": f"select {EVENT} from events.profile_log_events",
    "post_events": f"select {EVENT}, shortcode, toDateTime64(publish_time, 6, 'UTC') as published"
    " from events.post_log_events",
    "dumps": "select id, month, lifetime_subscribers, lifetime_views, lifetime_uploads"
    " from vendor.channels_monthly_stats",
    "definitions": "select platform, from_date from {metric_definition} where metric = 'views'",
    "profiles": f"select profile_id as platform_id, {SHOWN} from {{mart_instagram_account}}",
    "channels": "select channel_id as platform_id, custom_url as handle, title as name, category, language, country,"
    " profile_type, is_subscriber_count_hidden as is_hiding from {mart_youtube_account}",
    "links": "select channel_id, profile_id from {mart_linked_socials}",
}
"""File to the query that fills it: source tables as they are, and what the project knows of each account."""

PROFILE = {
    "followers": ("followers", "subscriber_count"),
    "following": ("following",),
    "views_total": ("view_count",),
    "uploads_total": ("video_count", "media_count"),
}
POST = {
    "likes": ("likes",),
    "comments": ("comments",),
    "plays": ("play_count", "plays"),
    "views": ("view_count", "views"),
}
"""Counter of a snapshot to its names in the document; the first that holds a number counts."""
FLAGS = dict.fromkeys(("likes", "plays", "views"), "like_and_view_counts_disabled") | {"comments": "comments_disabled"}
"""Counter of a post to the flag that says that it means nothing."""

GREATEST = 9_000_000_000_000_000
"""Beyond it a number in JSON is not exact, and no counter."""

STEMS = {
    "followers_rank": ("followers", "followers_change", "views"),
    "followers_change_rank": ("followers_change", "followers", "views"),
    "views_rank": ("views", "followers", "followers_change"),
    "plays_rank": ("plays", "followers", "followers_change"),
    "engagement_rank": ("engagement_ratio", "followers"),
}
"""Rank to what it ranks by, and what decides between equals."""

BOARDS = {
    "INSTAGRAM": tuple(STEMS),
    "YOUTUBE": ("followers_rank", "followers_change_rank", "views_rank", "engagement_rank"),
    "ALL": ("followers_rank", "followers_change_rank", "views_rank"),
}
WITHIN = {
    "": (),
    "_by_cat": ("category",),
    "_by_lang": ("language",),
    "_by_cat_lang": ("category", "language"),
    "_by_profile": ("profile_type",),
    "_by_cat_profile": ("category", "profile_type"),
    "_by_lang_profile": ("language", "profile_type"),
    "_by_cat_lang_profile": ("category", "language", "profile_type"),
}


@dataclass(frozen=True)
class Rules:
    """The figures that all contenders take from dbt_project.yml, and the moment of the build (naive, UTC)."""

    as_of: datetime
    closing: timedelta
    skew: timedelta
    cut: int

    @classmethod
    def read(cls, as_of: str) -> Rules:
        """The rules as the project has them."""
        figures = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())["vars"]
        return cls(
            datetime.fromisoformat(as_of),
            timedelta(days=figures["closing_days"]),
            timedelta(minutes=figures["clock_skew_minutes"]),
            figures["leaderboard_cut"],
        )


def export(settings: Settings, folder: Path) -> int:
    """Write every input as a Parquet file; returns their bytes."""
    folder.mkdir(exist_ok=True)
    marts = ("metric_definition", "mart_instagram_account", "mart_youtube_account", "mart_linked_socials")
    names = {name: quoted_table(settings.clickhouse_database, name) for name in marts}
    with connections.clickhouse(settings) as client:
        for name, query in INPUTS.items():
            with (
                client.raw_stream(query.format(**names), fmt="Parquet") as answer,
                (folder / f"{name}.parquet").open("wb") as file,
            ):
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))


def columns_of(table: str) -> list[str]:
    """The columns of a published table in the order of its readers."""
    return [column.name for column in SPECS[table].columns]


def stored_name(tool: str, table: str) -> str:
    """The table of a tool in schema `stir`, once it is published."""
    return f"by_{tool}_{table}"


def publish_file(settings: Settings, tool: str, table: str, csv: Path) -> None:
    """Load a CSV file without a header, build key, indexes and statistics, and take the place of the table before."""
    spec, name = SPECS[table], stored_name(tool, table)
    new = f"{name}_new"
    with writer(settings, "prod") as connection:
        connection.execute(sql.SQL("drop table if exists {}").format(ddl.stored(new)))
        connection.execute(ddl.create_table(spec, new))
        statement = sql.SQL("copy {} ({}) from stdin with (format csv)").format(ddl.stored(new), ddl.columns(spec))
        with csv.open("rb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
            while chunk := file.read(CHUNK):
                copy.write(chunk)
        connection.execute(ddl.create_key_index(spec, new))
        for index in spec.indexes:
            connection.execute(ddl.create_index(new, index))
        connection.execute(ddl.adopt_key_index(new))
        connection.execute(sql.SQL("analyze {}").format(ddl.stored(new)))
        with connection.transaction():
            connection.execute(sql.SQL("drop table if exists {}").format(ddl.stored(name)))
            for old in ddl.stored_indexes(spec, new):
                kept = sql.Identifier(old.replace(new, name, 1))
                connection.execute(sql.SQL("alter index {} rename to {}").format(ddl.stored(old), kept))
            connection.execute(sql.SQL("alter table {} rename to {}").format(ddl.stored(new), sql.Identifier(name)))


def differing(settings: Settings, tool: str, table: str) -> list[str]:
    """Rows, as JSON, that only one of the two tables has: ours, which readers see, and the tool's.

    All columns are compared but the moment of the build, which of a month that is final is that of its last one.
    """
    spec: PublishSpec = SPECS[table]
    compared = ddl.names([column.name for column in spec.columns if column.name != "computed_as_of"])
    names = {"ours": ddl.live(spec), "theirs": ddl.stored(stored_name(tool, table)), "columns": compared}
    query = sql.SQL(
        "select which || ' only: ' || to_jsonb(rows)::text from ("
        "(select 'ours' as which, o.* from"
        " (select {columns} from {ours} except all select {columns} from {theirs}) as o)"
        " union all (select 'theirs', t.* from"
        " (select {columns} from {theirs} except all select {columns} from {ours}) as t)) as rows"
        " order by {key}, which"
    ).format(**names, key=ddl.names(spec.key))
    with writer(settings, "prod") as connection:
        return [str(row[0]) for row in connection.execute(query)]


def rows_of(settings: Settings, table: str) -> int:
    """How many rows readers of a published table have."""
    with writer(settings, "prod") as connection:
        counted = connection.execute(sql.SQL("select count(*) from {}").format(ddl.live(SPECS[table]))).fetchone()
    return int(counted[0]) if counted else 0
