"""The record of runs, and which creators a worker holds: both in PostgreSQL, while the scores are in ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from stir import connections
from stir.database import AUTHENTICITY, apply
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

_LOCKS = 7_318_018
"""First half of the advisory locks on creators; the second is a hash of the creator's id."""


@dataclass(frozen=True)
class ScoreRun:
    """A row of `authenticity.score_run`: how far a run came."""

    run_id: str
    rules_version: int
    model_version: int
    edges: int
    chunks: int
    creators: int
    finished_at: datetime | None


class Runs:
    """The runs table, over one connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator[Runs]:
        """Connect, and create the tables if they are missing."""
        with connections.postgres(settings, autocommit=True) as connection:
            apply(connection, AUTHENTICITY)
            yield cls(connection)

    def begin(
        self, run_id: str, *, rules: int, model: int, names: int, workers: int, edges: int, creators: int
    ) -> None:
        """Note a run before its first chunk."""
        self._connection.execute(
            "insert into authenticity.score_run (run_id, rules_version, model_version, names_version, workers,"
            " edges_planned, creators_planned) values (%s, %s, %s, %s, %s, %s, %s)",
            [run_id, rules, model, names, workers, edges, creators],
        )

    def note(self, run_id: str, *, edges: int, chunks: int, creators: int) -> None:
        """Add what a worker has written."""
        self._connection.execute(
            "update authenticity.score_run set edges = edges + %s, chunks = chunks + %s, creators = creators + %s,"
            " last_chunk_at = clock_timestamp() where run_id = %s",
            [edges, chunks, creators, run_id],
        )

    def finish(self, run_id: str) -> None:
        """Note that a run came to its end."""
        self._connection.execute(
            "update authenticity.score_run set finished_at = clock_timestamp() where run_id = %s", [run_id]
        )

    def read(self, run_id: str) -> ScoreRun | None:
        """A run, or None."""
        row = self._connection.execute(
            "select run_id, rules_version, model_version, edges, chunks, creators, finished_at"
            " from authenticity.score_run where run_id = %s",
            [run_id],
        ).fetchone()
        return ScoreRun(*row) if row else None

    @contextmanager
    def held(self, creators: Sequence[str]) -> Iterator[list[str]]:
        """Hold creators so that no other worker scores them meanwhile: those that nobody else holds.

        The locks belong to the connection: a worker that is killed releases them.
        """
        rows = self._connection.execute(
            "select creator, pg_try_advisory_lock(%s, hashtext(creator)) from unnest(%s::text[]) as creator",
            [_LOCKS, list(creators)],
        ).fetchall()
        try:
            yield [str(creator) for creator, is_ours in rows if is_ours]
        finally:
            if not self._connection.closed:
                self._connection.execute("select pg_advisory_unlock_all()")
