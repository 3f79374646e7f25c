"""Configuration of the embedded ClickHouse as XML. Pure: text from values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stir.addresses import LOOPBACK
from stir.clickhouse_databases import SOURCE_DATABASES

WRITER, READER, SCORER = "stir_writer", "stir_reader", "stir_scorer"

# What dbt, the world, publishing and operations do. Not: users, files and programs of the host, other people's
# databases over ODBC and the like, shutting the server down.
_WRITER_GRANTS = (
    "select, insert, alter, create, drop, undrop table, truncate, optimize, show, check, move partition between shards,"
    " kill query, dictGet, introspection, cluster, create temporary table on *.*",
    "read, write on S3",
    "read, write on REMOTE",
    "read, write on POSTGRES",
    "table engine on *",
    "system merges, system ttl merges, system fetches, system moves, system flush, system reload dictionary,"
    " system drop cache, system sync replica, system restart replica, system wait loading parts on *.*",
)

# A developer builds into a database of any name, which the server cannot know when it starts: so the reader reads every
# database but these.
_READER_REVOKES = tuple(f"select on {database}.*" for database in ("system", *SOURCE_DATABASES))

# The scorer of followers reads the warehouse and writes its two tables. The world's truth is what it is measured by.
_SCORER_GRANTS = (
    "select on *.*",
    "insert on ds.creator_followers_fake_analysis",
    "insert on ds.creator_fake_share",
)
_SCORER_REVOKES = ("select on world.*",)
_INTERPRETED = dict.fromkeys(("compile_expressions", "compile_aggregate_expressions", "compile_sort_description"), "0")
"""Compiling expressions to machine code takes a tenth of a build's processor time on the tables of a laptop, and
queries over millions of rows are no faster for it."""
QUERY_MEMORY = 4_000_000_000
"""Bytes that a query may take which asks for no other limit, and the most that the reader may ask for."""


@dataclass(frozen=True)
class ServerConfig:
    """The values that differ between servers."""

    folder: Path
    port: int
    writer_password: str
    reader_password: str
    scorer_password: str
    s3_collection: str
    s3_url: str
    s3_key: str
    s3_secret: str
    server_memory: int
    query_memory: int


def render_server(config: ServerConfig) -> str:
    """config.xml of the server. It holds the S3 secret."""
    root = Element("clickhouse")
    _put(root, "logger", level="information", console="1")
    for name, value in {
        "path": f"{config.folder}/data/",
        "tmp_path": f"{config.folder}/temporary/",
        "user_files_path": f"{config.folder}/user_files/",
        "listen_host": LOOPBACK,
        "http_port": str(config.port),
        "timezone": "UTC",
        "max_server_memory_usage": str(config.server_memory),
        "mark_cache_size": str(128 << 20),
        "index_mark_cache_size": str(16 << 20),
        "uncompressed_cache_size": "0",
        "max_concurrent_queries": "100",
        # `clickhouse local` has pools for a single query; a server has to merge tables.
        "background_pool_size": "4",
        "background_common_pool_size": "4",
        "background_fetches_pool_size": "2",
        "background_schedule_pool_size": "16",
        "background_streaming_schedule_pool_size": "8",
        "users_config": f"{config.folder}/users.xml",
    }.items():
        SubElement(root, name).text = value
    _put(SubElement(root, "user_directories"), "users_xml", path=f"{config.folder}/users.xml")
    _put(
        root,
        "query_log",
        database="system",
        table="query_log",
        partition_by="toYYYYMM(event_date)",
        ttl="event_date + interval 14 day delete",
        flush_interval_milliseconds="1000",
    )
    _put(
        SubElement(root, "named_collections"),
        config.s3_collection,
        url=config.s3_url,
        access_key_id=config.s3_key,
        secret_access_key=config.s3_secret,
    )
    return _text(root)


def render_users(config: ServerConfig) -> str:
    """users.xml: the users and their privileges."""
    root = Element("clickhouse")
    profiles = SubElement(root, "profiles")
    memory = str(config.query_memory)
    # rclone's multipart ETag is not the one that S3 computes, so reading back must not insist on it.
    _put(profiles, "default", max_memory_usage=memory, s3_validate_etag_on_read="0", log_queries="1", **_INTERPRETED)
    # `clickhouse local` runs its own two queries as `default`, without a password and from loopback. One session at
    # most keeps everybody else out: it is taken from the first moment.
    _put(profiles, "own_session", max_sessions_for_user="1", log_queries="0")
    reader = _put(profiles, "reader", readonly="2", max_memory_usage=memory)
    _put(SubElement(reader, "constraints"), "max_memory_usage", max=memory)
    _put(root, "quotas", default="")
    users = SubElement(root, "users")
    _user(
        users,
        "default",
        None,
        "own_session",
        ("system listen on *.*", "read on FILE", "create temporary table on *.*"),
    )
    writer_grants = (*_WRITER_GRANTS, f"named collection on {config.s3_collection}")
    _user(users, WRITER, config.writer_password, "default", writer_grants)
    _user(users, READER, config.reader_password, "reader", ("select on *.*",), withheld=_READER_REVOKES)
    _user(users, SCORER, config.scorer_password, "default", _SCORER_GRANTS, withheld=_SCORER_REVOKES)
    return _text(root)


def server_memory(machine: int, group: str = "max") -> int:
    """Bytes the server may take: half of what the machine, or the container's control group (the text of its
    `memory.max`), has. PostgreSQL and Airflow live there too."""
    return min(machine, int(group) if group.strip().isdigit() else machine) // 2


def _user(
    users: Element,
    name: str,
    password: str | None,
    profile: str,
    grants: tuple[str, ...],
    withheld: tuple[str, ...] = (),
) -> None:
    user = SubElement(users, name)
    if password is None:
        SubElement(user, "no_password")
    else:
        SubElement(user, "password_sha256_hex").text = hashlib.sha256(password.encode()).hexdigest()
    _put(user, "networks", ip=LOOPBACK)
    SubElement(user, "profile").text = profile
    SubElement(user, "quota").text = "default"
    listed = SubElement(user, "grants")
    for grant in grants:
        SubElement(listed, "query").text = f"grant {grant}"
    for right in withheld:
        SubElement(listed, "query").text = f"revoke {right}"


def _put(parent: Element, tag: str, **children: str) -> Element:
    element = SubElement(parent, tag)
    for name, value in children.items():
        SubElement(element, name).text = value or None
    return element


def _text(root: Element) -> str:
    indent(root)
    return tostring(root, encoding="unicode") + "\n"
