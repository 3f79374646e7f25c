"""The world's SQL, from the files beside this module. The source tables come from the contracts (stir.sources.ddl).

Values are never inserted into the text: the server binds them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from stir.sources.contract import contracts
from stir.sources.ddl import create_table

_FOLDER = Path(__file__).parent
_TARGET = re.compile(r"^\s*(?:create table(?: if not exists)?|insert into)\s+([\w.`]+)", re.IGNORECASE | re.MULTILINE)

LATENT = (
    "functions",
    "vocabulary",
    "follower_names",
    "follower_handles",
    "profile_views",
    "account_revisions",
    "post_views",
    "job_views",
    "audience_views",
    "collection_views",
    "campaign_views",
    "submission_views",
)
"""Files of latent/ that define functions and views, in the order in which they run."""

FILL = (
    "beat_accounts",
    "beat_posts",
    "beat_jobs",
    "beat_insights",
    "beat_orders",
    "beat_activity",
    "events",
    "coffee",
    "coffee_items",
    "vendor",
    "ds",
    "application",
)
"""Files of fill/, the inserts of the source tables."""

COPIES = ("copies",)
"""Files of fill/ whose inserts read source tables: they run when all others are done."""


@dataclass(frozen=True)
class Statement:
    """One SQL statement and the table it creates or fills (empty for a database, function or view)."""

    sql: str
    table: str


@cache
def read(folder: str, name: str) -> tuple[Statement, ...]:
    """The statements of one file. A statement ends with a semicolon at the end of a line."""
    text = (_FOLDER / folder / f"{name}.sql").read_text(encoding="utf-8")
    text = re.sub(r"^\s*--.*\n", "", text, flags=re.MULTILINE)
    parts = (part.strip() for part in re.split(r";\s*$", text, flags=re.MULTILINE))
    return tuple(Statement(part, _target(part)) for part in parts if part)


def fingerprint() -> str:
    """A hash over the tables and all SQL files except answers/. If it changes, equal parameters may give other rows."""
    files = [(path.relative_to(_FOLDER), path) for path in _FOLDER.rglob("*.sql")]
    texts = [f"{name}\n{path.read_text(encoding='utf-8')}" for name, path in files if name.parts[0] != "answers"]
    return sha256("\n".join([*sorted(texts), *map(create_table, contracts())]).encode()).hexdigest()


def _target(sql: str) -> str:
    found = _TARGET.search(sql)
    return found.group(1).replace("`", "") if found else ""
