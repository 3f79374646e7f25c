"""What the operators' part keeps in schema `ops`: jobs, the audit log, and the runs of pipelines that others noted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import Any, cast

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from stir.app.operate.people import Person
from stir.settings import Settings

CONNECTIONS = 2
LOST_SECONDS = 60
"""A job that no process has spoken for so long has ended with it."""
OPEN = ("QUEUED", "RUNNING")
REFUSED = "unknown token"
"""Action of the audit log's lines about tokens that nobody has; their subject is the address that sent them."""


@cache
def _sql(name: str) -> bytes:
    return resources.files("stir.app.operate").joinpath("queries", f"{name}.sql").read_bytes()


class Busy(Exception):
    """A job for the same subject has not ended."""

    def __init__(self, job_id: str) -> None:
        super().__init__(job_id)
        self.job_id = job_id


class Store:
    """Reads and writes ops.app_job and ops.app_audit as the writer; reads stir.run and ops.pipeline_run."""

    def __init__(self, settings: Settings) -> None:
        self._pool = AsyncConnectionPool(
            settings.postgres_dsn(),
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "application_name": "stir-app operators",
                "connect_timeout": 5,
                "options": "-c statement_timeout=5s -c lock_timeout=1s -c idle_in_transaction_session_timeout=5s",
            },
            min_size=0,
            max_size=CONNECTIONS,
            timeout=3,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The store, usable while the block runs."""
        await self._pool.open()
        try:
            yield
        finally:
            await self._pool.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[dict[str, Any]]]:
        async with self._pool.connection() as connection:
            yield cast("psycopg.AsyncConnection[dict[str, Any]]", connection)

    async def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a file in queries/."""
        async with self._connection() as connection:
            cursor = await connection.execute(_sql(query), parameters)
            return await cursor.fetchall()

    async def note(self, person: Person, action: str, subject: str = "", **detail: Any) -> None:
        """Write one line of the audit log."""
        async with self._connection() as connection:
            await _note(connection, person, action, subject, detail)

    async def note_refusal(self, address: str) -> None:
        """Count a token that is not known in the audit log: one line for an address and an hour."""
        async with self._connection() as connection:
            cursor = await connection.execute(
                "update ops.app_audit set at = now(),"
                " detail = jsonb_set(detail, '{times}', to_jsonb((detail ->> 'times')::bigint + 1))"
                " where audit_id = (select audit_id from ops.app_audit where action = %s and subject = %s"
                " and (detail ->> 'since')::timestamptz > now() - interval '1 hour' order by at desc limit 1)",
                [REFUSED, address],
            )
            if cursor.rowcount == 0:
                await connection.execute(
                    "insert into ops.app_audit (who, role, action, subject, detail) values ('unknown', 'none', %s, %s,"
                    " jsonb_build_object('times', 1, 'since', now()))",
                    [REFUSED, address],
                )

    async def create_job(self, person: Person, kind: str, subject: str, arguments: Mapping[str, Any]) -> str:
        """Note a job that is to be run, and who asked for it; returns its id.

        Raises:
            Busy: another job for the subject has not ended.
        """
        await self.bury()
        async with self._connection() as connection:
            try:
                async with connection.transaction():
                    cursor = await connection.execute(
                        "insert into ops.app_job (kind, subject, arguments, requested_by) values (%s, %s, %s, %s)"
                        " returning job_id::text",
                        [kind, subject, Jsonb(dict(arguments)), person.name],
                    )
                    job_id = str((await cursor.fetchone() or {})["job_id"])
                    await _note(connection, person, f"start {kind}", subject, {"job_id": job_id, **arguments})
            except psycopg.errors.UniqueViolation:
                cursor = await connection.execute(
                    "select job_id::text from ops.app_job where subject = %s and status = any(%s)",
                    [subject, list(OPEN)],
                )
                raise Busy(str((await cursor.fetchone() or {"job_id": ""})["job_id"])) from None
        return job_id

    async def cancel_job(self, person: Person, job_id: str) -> bool:
        """Ask the process that runs a job to end it; False where it has ended already."""
        async with self._connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "update ops.app_job set cancelled_by = %s where job_id = %s and status = any(%s)"
                " returning subject, kind",
                [person.name, job_id, list(OPEN)],
            )
            job = await cursor.fetchone()
            if job:
                await _note(connection, person, f"cancel {job['kind']}", job["subject"], {"job_id": job_id})
            return job is not None

    async def job(self, job_id: str) -> dict[str, Any] | None:
        """One job, as the API shows it."""
        found = await self.rows("jobs", job_id=job_id, limit=1)
        return found[0] if found else None

    async def begin(self, job_id: str) -> bool:
        """Mark a job as running; False where it was cancelled before."""
        async with self._connection() as connection:
            cursor = await connection.execute(
                "update ops.app_job set status = 'RUNNING', started_at = now(), seen_at = now()"
                " where job_id = %s and status = 'QUEUED' and cancelled_by is null",
                [job_id],
            )
            return cursor.rowcount == 1

    async def speak(self, job_id: str, said: list[str]) -> bool:
        """Say that a job still runs, and what it has said; True where somebody wants it to end."""
        async with self._connection() as connection:
            cursor = await connection.execute(
                "update ops.app_job set seen_at = now(), said = (said || %s::text[])[1:500],"
                " progress = coalesce(%s, progress) where job_id = %s returning cancelled_by is not null as cancelled",
                [said, said[-1] if said else None, job_id],
            )
            return bool((await cursor.fetchone() or {"cancelled": True})["cancelled"])

    async def end(self, job_id: str, status: str, exit_code: int | None, result: Any, said: list[str]) -> None:
        """Note how a job ended."""
        async with self._connection() as connection:
            await connection.execute(
                "update ops.app_job set status = %s, exit_code = %s, result = %s, said = (said || %s::text[])[1:500],"
                " progress = coalesce(%s, progress), ended_at = now(), seen_at = now() where job_id = %s",
                [status, exit_code, Jsonb(result), said, said[-1] if said else None, job_id],
            )

    async def bury(self) -> None:
        """Fail the jobs whose process has ended without a word."""
        async with self._connection() as connection:
            await connection.execute(
                "update ops.app_job set status = 'FAILED', ended_at = now(),"
                " progress = 'the application that ran it has ended'"
                " where status = any(%s) and seen_at < now() - make_interval(secs => %s)",
                [list(OPEN), LOST_SECONDS],
            )


async def _note(
    connection: psycopg.AsyncConnection[Any], person: Person, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    await connection.execute(
        "insert into ops.app_audit (who, role, action, subject, detail) values (%s, %s, %s, %s, %s)",
        [person.name, person.role, action, subject, Jsonb(dict(detail))],
    )
