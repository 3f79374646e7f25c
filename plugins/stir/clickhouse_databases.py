"""Names of ClickHouse databases: those of the sources, and those that a warehouse may use."""

from __future__ import annotations

import re

SOURCE_DATABASES = (
    "beat_replica",
    "coffee_replica",
    "coffee_stage",
    "ds",
    "events",
    "events_stage",
    "identity_replica",
    "tracking",
    "vendor",
    "world",
)
"""ClickHouse databases of the sources and of the synthetic world. No warehouse may be built in them."""
OF_A_WAREHOUSE = ("_publish", "_backfill", "_backfill_1000000")
"""Endings of the databases that stir makes beside a warehouse: snapshots of publishes, builds of backfills, and what a
backfill has replaced, by its number."""
_RESERVED = re.compile(r"(_publish|_backfill(_[0-9]+)?)$")
_FILE_NAME_BYTES = 240


def database_fault(name: str, *, within_backfill: bool = False) -> str:
    """The reason why a database of this name cannot hold the warehouse; empty if it can.

    Every other name is allowed, because it is quoted in all statements. `within_backfill`: dbt's process of a backfill,
    whose warehouse is the database that a backfill builds in.
    """
    if not name or name != name.strip():
        return "a database's name must not be empty, or begin or end with a blank"
    if not name.isprintable() or set(name) & set("\\`"):
        # dbt-clickhouse 1.10 writes relations between backticks without escaping them.
        return "a database's name must not hold a backslash, a backtick or a control character"
    if "/*" in name or "*/" in name:
        # Models carry conditions in comments, which hold the names of tables (macro if_touched).
        return "a database's name must not hold the beginning or the end of a comment, /* or */"
    if len(name) > 1 and name[0] == name[-1] == '"':
        return "dbt reads a name between quotes as a quoted name: omit the quotes"
    # ClickHouse names a file after the database and escapes every byte except letters, digits and _ with three bytes.
    longest = name if within_backfill else name + max(OF_A_WAREHOUSE, key=len)
    length = sum(1 if re.match(r"[A-Za-z0-9_]", sign) else 3 * len(sign.encode()) for sign in f"{longest}.sql")
    if length > _FILE_NAME_BYTES:
        return f"the database's name is too long: ClickHouse would need a file name of {length} bytes"
    if name.lower() in ("system", "information_schema") or name in SOURCE_DATABASES:
        return f"the database {name} is used for something else: choose another name"
    ending = _RESERVED.search(name)
    if ending and not (within_backfill and ending[0] == "_backfill"):
        return f"names that end with {ending[0]} are reserved for publishes and backfills: choose another name"
    return ""
