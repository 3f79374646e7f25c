"""ClickHouse databases: those of the sources, and the names that a warehouse may have."""

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
"""ClickHouse databases of the sources and of the world's own notes. No warehouse is built in them."""
_FILE_NAME_BYTES = 240


def database_fault(name: str) -> str:
    """Why ClickHouse or dbt cannot use a database of this name for the warehouse; empty if they can.

    Any name is good but for these; it is quoted wherever it is written.
    """
    if not name or name != name.strip():
        return "a database's name must not be empty, or begin or end with a blank"
    if not name.isprintable() or set(name) & set("\\`"):
        # dbt-clickhouse 1.10 writes relations between backticks without escaping them.
        return "a database's name must not hold a backslash, a backtick or a control character"
    if len(name) > 1 and name[0] == name[-1] == '"':
        return "dbt takes a name that begins and ends with a quote for a quoted one: leave the quotes out"
    # ClickHouse names a file after it, in which three bytes stand for each byte that is not a letter, digit or _.
    length = sum(1 if re.match(r"[A-Za-z0-9_]", sign) else 3 * len(sign.encode()) for sign in f"{name}_publish.sql")
    if length > _FILE_NAME_BYTES:
        return f"a database's name must be shorter: ClickHouse's name for its file would have {length} bytes"
    if name.lower() in ("system", "information_schema") or name in SOURCE_DATABASES:
        return f"the database {name} holds something else: take another name"
    if name.endswith("_publish"):
        return "names that end with _publish are for the snapshots that are published: take another name"
    return ""
