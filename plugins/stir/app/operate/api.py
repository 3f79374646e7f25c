"""The operators' part for programs: /api/v1/operate, with a token in `Authorization: Bearer`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from stir.app.api import exports, schemas
from stir.app.api.parameters import Id, NoQuery
from stir.app.api.problems import MEDIA_TYPE
from stir.app.api.rows import Row
from stir.app.operate import actions
from stir.app.operate.access import operator, store, viewer
from stir.app.operate.people import Person

router = APIRouter(prefix="/operate", tags=["operators"])
Viewer = Annotated[Person, Depends(viewer)]
Operator = Annotated[Person, Depends(operator)]


def _also(statuses: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    shape = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {**schemas.PROBLEMS, **{code: {"description": words, "content": shape} for code, words in statuses.items()}}


LOOKING = _also({401: "The request has no token that is known"})
ACTING = _also(
    {
        401: "The request has no token that is known",
        403: "The token is of somebody who may only look",
        409: "A job for this has not ended (Location), it has ended already, or the command behind it refuses",
    }
)


class Data(Row):
    """What the operators' answers have in common."""

    data: Any


class NewJob(BaseModel):
    """A job to start."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["publish", "rollback", "verify"]
    table: str = Field(min_length=1, max_length=200)
    generation: int | None = Field(None, ge=1, lt=2**63, description="For rollback: the generation to show again")


class Newest(NoQuery):
    """How many of the newest."""

    limit: int = Field(50, ge=1, le=200)


def answer(data: Any, status: int = 200, **headers: str) -> Response:
    """An answer that nobody keeps."""
    body = msgspec.json.encode({"data": data})
    return Response(body, status, {"Cache-Control": "no-store", **headers}, exports.JSON)


@router.get("/pipelines", response_model=Data, responses=LOOKING)
async def pipelines(request: Request, person: Viewer, query: Annotated[NoQuery, Query()]) -> Response:
    """How runs of the last 24 hours ended, by pipeline: `good` above 95 %, `fair` from 80 %, else `poor`."""
    return answer(await actions.read_pipelines(request))


@router.get("/generations/{table}", response_model=Data, responses=LOOKING)
async def generations(request: Request, table: Id, person: Viewer, query: Annotated[Newest, Query()]) -> Response:
    """The generations of a table, the newest first, and which of them can be rolled back to (`is_kept`)."""
    actions.check_table(request, table)
    return answer(await store(request).rows("generations", table=table, limit=query.limit))


@router.get("/jobs", response_model=Data, responses=LOOKING)
async def jobs(request: Request, person: Viewer, query: Annotated[Newest, Query()]) -> Response:
    """The newest jobs."""
    await store(request).bury()
    return answer(await store(request).rows("jobs", job_id=None, limit=query.limit))


@router.post("/jobs", status_code=202, response_model=Data, responses=ACTING)
async def start(request: Request, job: NewJob, person: Operator) -> Response:
    """Start a job: publish a table, roll it back, or verify it. Follow the job at `Location`."""
    job_id = await actions.start(request, person, job.kind, job.table, job.generation)
    return answer(await actions.find(request, job_id), 202, Location=f"{actions.API}/jobs/{job_id}")


@router.get("/jobs/{job_id}", response_model=Data, responses=LOOKING)
async def one_job(request: Request, job_id: Id, person: Viewer, query: Annotated[NoQuery, Query()]) -> Response:
    """One job: its status, what it says, and its result."""
    await store(request).bury()
    return answer(await actions.find(request, job_id))


@router.post("/jobs/{job_id}/cancel", status_code=202, response_model=Data, responses=ACTING)
async def cancel(request: Request, job_id: Id, person: Operator) -> Response:
    """Cancel a job. Its command is interrupted and cleans up; one that has swapped its table already is DONE."""
    await actions.cancel(request, person, job_id)
    return answer(await actions.find(request, job_id), 202, Location=f"{actions.API}/jobs/{job_id}")


@router.get("/audit", response_model=Data, responses=LOOKING)
async def audit(request: Request, person: Viewer, query: Annotated[Newest, Query()]) -> Response:
    """Who did what, the newest first."""
    return answer(await store(request).rows("audit", limit=query.limit))
