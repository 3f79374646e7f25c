"""What operators do: start a job and cancel one. The API and the pages come through here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from stir.app.api.answers import services
from stir.app.api.problems import Fault, Problem, unknown_value
from stir.app.operate.access import operations, store
from stir.app.operate.kinds import KINDS, KINDS_OF_TABLES
from stir.app.operate.people import Person
from stir.app.operate.store import Busy

MOST_GENERATIONS = 200
API = "/api/v1/operate"


def check_table(request: Request, table: str) -> None:
    """Make sure that a published table has this name.

    Raises:
        Problem: 400, none has.
    """
    known = services(request).definitions["tables"]
    if table not in known:
        raise unknown_value("table", table, known)


async def start(request: Request, person: Person, kind: str, table: str, generation: int | None = None) -> str:
    """Note a job and start it; returns its id.

    Raises:
        Problem: 400, there is no such kind, table or kept generation; 409, a job for the table has not ended.
    """
    if kind not in KINDS_OF_TABLES:
        raise unknown_value("kind", kind, KINDS_OF_TABLES)
    check_table(request, table)
    arguments: dict[str, Any] = {}
    if "generation" in KINDS[kind].needs:
        arguments["generation"] = await _content_of(request, table, generation)
    return await begin(request, person, kind, table, arguments)


async def begin(request: Request, person: Person, kind: str, subject: str, arguments: Mapping[str, Any]) -> str:
    """Note a job whose words were checked and start it; returns its id.

    Raises:
        Problem: 409, a job for the subject has not ended.
    """
    try:
        job_id = await store(request).create_job(person, kind, subject, arguments)
    except Busy as busy:
        raise Problem(
            409,
            f"a job for {subject} has not ended; follow or cancel job {busy.job_id}",
            kind="busy",
            headers={"Location": f"{API}/jobs/{busy.job_id}"},
        ) from None
    supervisor = operations(request).supervisor
    if supervisor:
        supervisor.start(job_id, kind, subject, arguments)
    return job_id


async def _content_of(request: Request, table: str, generation: int | None) -> int:
    """The generation that first showed the rows of a kept one: the command goes by it."""
    found = await store(request).rows("generations", table=table, limit=MOST_GENERATIONS)
    kept = {row["generation"]: int(row["content"]) for row in found if row["is_kept"] and not row["is_live"]}
    if generation not in kept:
        words = "no generation of this number can be rolled back to"
        value = None if generation is None else str(generation)
        fault = Fault(parameter="generation", value=value, message=words, allowed=[str(number) for number in kept])
        raise Problem(400, f"generation: {words}", kind="unknown-value", errors=[fault])
    return kept[generation]


async def cancel(request: Request, person: Person, job_id: str) -> None:
    """Ask for the end of a job.

    Raises:
        Problem: 404, there is no such job; 409, it has ended.
    """
    job = await find(request, job_id)
    if not await store(request).cancel_job(person, job_id):
        raise Problem(409, f"the job has ended: {job['status'].lower()}", kind="job-ended")


async def find(request: Request, job_id: str) -> dict[str, Any]:
    """One job.

    Raises:
        Problem: 404, there is none with this id.
    """
    try:
        uuid.UUID(job_id)
        found = await store(request).job(job_id)
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, "there is no job with this id", kind="no-such-job")
    return found


def health(percent: float | None) -> str:
    """How a pipeline does, by the share of its runs of 24 hours that went well."""
    if percent is None:
        return "no runs"
    return "good" if percent > 95 else "fair" if percent >= 80 else "poor"


async def read_pipelines(request: Request) -> list[dict[str, Any]]:
    """Every pipeline that ended a run in the last 24 hours, the worst first, with its `health`."""
    found = await store(request).rows("pipelines")
    return [{**row, "good_percent": float(row["good_percent"]), "health": health(row["good_percent"])} for row in found]
