"""The rules that keep the application's rows consistent: SQL in rules/ that may run twice and in parallel.

A rule is `<name>.sql`, statements for PostgreSQL in one transaction; the last returns the key of every row that it
added or changed. A rule that needs to know what the warehouse knows also has `<name>.ask.sql` (PostgreSQL: the keys in
question, may be absent) and `<name>.read.sql` (ClickHouse: the facts about them), whose rows the first one finds in the
temporary table `fact`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stir import clock, connections
from stir.database import prepare
from stir.errors import StirError
from stir.settings import Settings
from stir.transform.reading import models_in

if TYPE_CHECKING:
    import psycopg

FOLDER = Path(__file__).parent / "rules"
STATEMENT_SECONDS = 300
SHOWN = 20


@dataclass(frozen=True)
class Rule:
    """One rule; `name` is the stem of its files and the id of its DAG."""

    name: str

    def _read(self, part: str) -> str | None:
        path = FOLDER / f"{self.name}{part}.sql"
        return path.read_text(encoding="utf-8") if path.exists() else None

    @cached_property
    def apply(self) -> str:
        """The rule's statements for PostgreSQL.

        Raises:
            StirError: there is no such rule, or the warehouse that it asks is not built.
        """
        sql = self._read("")
        if sql is None:
            raise StirError(f"there is no rule {self.name!r}", do=f"the rules are: {', '.join(names())}")
        return sql

    @cached_property
    def ask(self) -> str | None:
        """The query for the keys about which the warehouse is asked; one text column."""
        return self._read(".ask")

    @property
    def models_read(self) -> frozenset[str]:
        """Names of the models that the warehouse is asked for."""
        return models_in(self.read or "")

    @cached_property
    def read(self) -> str | None:
        """The query for the warehouse."""
        return self._read(".read")


@dataclass(frozen=True)
class RuleOutcome:
    """The result of a rule's run.

    Attributes:
        rule: its name. keys: keys of added or changed rows. asked: keys about which the warehouse was asked.
        facts: rows that the warehouse returned. kept: False for a dry run, which was rolled back.
    """

    rule: str
    keys: tuple[str, ...]
    asked: int | None = None
    facts: int | None = None
    kept: bool = True

    @property
    def line(self) -> str:
        """The outcome in one line, with the first keys."""
        reported = [f"{self.rule}: {len(self.keys)} rows {'changed' if self.kept else 'would change (dry run)'}"]
        reported += [
            f"{number} {what}" for number, what in ((self.asked, "asked"), (self.facts, "facts")) if number is not None
        ]
        more = f" and {len(self.keys) - SHOWN} more" if len(self.keys) > SHOWN else ""
        keys = f": {', '.join(self.keys[:SHOWN])}{more}" if self.keys else ""
        return ", ".join(reported) + keys


def names() -> list[str]:
    """Every rule."""
    return sorted(path.stem for path in FOLDER.glob("*.sql") if "." not in path.stem)


def run_rule(settings: Settings, name: str, *, now: datetime | None = None, dry_run: bool = False) -> RuleOutcome:
    """Apply a rule once, in one transaction. A second run, also in parallel, finds nothing to do.

    `now` is the moment for which the rule decides; the clock's, or STIR_AS_OF where that is set.

    Raises:
        StirError: there is no such rule, or the warehouse that it asks is not built.
        psycopg.Error, clickhouse_connect.driver.exceptions.Error: a server is away; nothing was changed.
    """
    rule = Rule(name)
    moment = now or clock.now(settings)
    statements = rule.apply
    prepare(settings)
    with connections.postgres(settings, options=f"-c statement_timeout={STATEMENT_SECONDS}s") as connection:
        asked = facts = None
        if rule.read:
            keys = _keys(connection, rule.ask, moment) if rule.ask else None
            asked = None if keys is None else len(keys)
            facts = _load_facts(settings, connection, rule.read, keys, moment)
        # Change nothing if the warehouse has no facts about the keys.
        changed = [] if facts == 0 else _keys(connection, statements, moment)
        if dry_run:
            connection.rollback()
    return RuleOutcome(name, tuple(changed), asked, facts, kept=not dry_run)


def _keys(connection: psycopg.Connection, statements: str, now: datetime) -> list[str]:
    """Run statements, values bound; the first column of the last one's rows."""
    from psycopg import ClientCursor

    # The server's own binding does not support several statements in one message.
    with ClientCursor(connection) as cursor:
        cursor.execute(statements, {"now": now})
        while cursor.nextset():
            pass
        return [str(row[0]) for row in cursor.fetchall()]


def _load_facts(
    settings: Settings, connection: psycopg.Connection, query: str, keys: list[str] | None, now: datetime
) -> int:
    """Copy the warehouse's answer into the temporary table `fact`, every column as text; returns the row count."""
    from psycopg import sql

    parameters: dict[str, Any] = {"now": now}
    if keys is not None:
        parameters["keys"] = keys
    with (
        connections.expecting_a_built_warehouse(),
        connections.clickhouse(settings, database=settings.clickhouse_database) as client,
    ):
        answer = client.query(query, parameters=parameters)
    if not answer.result_rows:
        return 0
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in answer.column_names)
    connection.execute(sql.SQL("create temporary table fact ({}) on commit drop").format(columns))
    with connection.cursor() as cursor, cursor.copy("copy fact from stdin") as copy:
        for row in answer.result_rows:
            copy.write_row([None if value is None else str(value) for value in row])
    connection.execute("analyze fact")
    return len(answer.result_rows)
