"""The quarantine and the streams for programs: /api/v1/operate/quarantine and /api/v1/operate/streams."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from stir.app.api.parameters import NoQuery
from stir.app.operate import actions, quarantine
from stir.app.operate.api import ACTING, LOOKING, Data, Operator, Viewer, answer

router = APIRouter(prefix="/operate", tags=["operators"])
Number = Annotated[int, Path(ge=1, lt=2**63 - 1)]


class Records(NoQuery):
    """Which records of the quarantine."""

    stream: str | None = Field(None, max_length=200, description="Stream, source table, `channels` or `posts`")
    reason: str | None = Field(None, max_length=200)
    state: Literal["open", "replayed", "discarded", "all"] = "open"
    before: int | None = Field(None, ge=1, lt=2**63 - 1, description="Records with smaller numbers only")
    limit: int = Field(50, ge=1, le=200)


class Change(BaseModel):
    """Other values of some fields of a record, or a whole record."""

    model_config = ConfigDict(extra="forbid")

    fields: dict[str, Any] = Field(default_factory=dict)
    body: str = Field("", max_length=8_000_000)


class Choice(BaseModel):
    """One record, or all open records of a stream with a reason."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["replay", "discard"]
    record: int | None = Field(None, ge=1, lt=2**63 - 1)
    stream: str = Field("", max_length=200)
    reason: str = Field("", max_length=200)


class Named(BaseModel):
    """Whoever is to be forgotten."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=300, description="An id, a handle or an address")


@router.get("/streams", response_model=Data, responses=LOOKING)
async def streams(request: Request, person: Viewer, query: Annotated[NoQuery, Query()]) -> Response:
    """Every stream: what waits, since when, what came and was refused in 24 hours. Takes about two seconds."""
    return answer(await quarantine.streams(request))


@router.get("/quarantine", response_model=Data, responses=LOOKING)
async def records(request: Request, person: Viewer, query: Annotated[Records, Query()]) -> Response:
    """Records that could not be loaded, the newest first; what is encrypted is not in it."""
    return answer(await quarantine.listed(request, **query.model_dump()))


@router.get("/quarantine/{number}", response_model=Data, responses=LOOKING)
async def record(request: Request, number: Number, person: Viewer, query: Annotated[NoQuery, Query()]) -> Response:
    """One record with what it says, personal fields masked. Takes about a second."""
    return answer(await quarantine.shown(request, number))


@router.post("/quarantine/jobs", status_code=202, response_model=Data, responses=ACTING)
async def act(request: Request, choice: Choice, person: Operator) -> Response:
    """Start a job that replays or discards records. Follow the job at `Location`."""
    job_id = await quarantine.act(
        request, person, choice.action, number=choice.record, stream=choice.stream, reason=choice.reason
    )
    return answer(await actions.find(request, job_id), 202, Location=f"{actions.API}/jobs/{job_id}")


@router.post("/quarantine/forget", response_model=Data, responses=ACTING)
async def forget(request: Request, named: Named, person: Operator) -> Response:
    """Delete every record that names somebody, open or closed; the key is kept nowhere."""
    return answer({"deleted": await quarantine.forget(request, person, named.key)})


@router.post("/quarantine/{number}/edit", response_model=Data, responses=ACTING)
async def edit(request: Request, number: Number, change: Change, person: Operator) -> Response:
    """Keep a repaired record beside the one that came; a replay uses it."""
    await quarantine.edit(request, person, number, change.fields, change.body)
    return answer(await quarantine.shown(request, number))


@router.post("/quarantine/{number}/reveal", response_model=Data, responses=ACTING)
async def reveal(request: Request, number: Number, person: Operator) -> Response:
    """One record as it came, with what is personal; the audit log says who looked."""
    return answer(await quarantine.reveal(request, person, number))
