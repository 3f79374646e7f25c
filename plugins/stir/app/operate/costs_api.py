"""What customers' lists cost and brought, for programs: /api/v1/operate/collections, for operators only."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from stir.app.api.parameters import Id, NoQuery
from stir.app.operate import costs
from stir.app.operate.api import ACTING, Data, Operator, answer

router = APIRouter(prefix="/operate", tags=["operators"])


class Lists(NoQuery):
    """Which lists."""

    partner_id: int | None = Field(None, ge=-(2**63), lt=2**63, description="Lists of one customer")
    after: int = Field(0, ge=0, le=1_000_000, description="How many of the newest to leave out")
    limit: int = Field(50, ge=1, le=200)


@router.get("/collections", response_model=Data, responses=ACTING)
async def collections(request: Request, person: Operator, query: Annotated[Lists, Query()]) -> Response:
    """Lists with budget, cost, clicks and orders, the newest first; the audit log says who looked."""
    rows, generations = await costs.listed(request, person, **query.model_dump())
    return answer({"lists": rows, "generations": generations.as_json()})


@router.get("/collections/{collection_type}/{collection_id}", response_model=Data, responses=ACTING)
async def collection(
    request: Request,
    collection_type: Literal["POST", "PROFILE"],
    collection_id: Id,
    person: Operator,
    query: Annotated[NoQuery, Query()],
) -> Response:
    """One list with budget, cost, clicks and orders, its own and those of each post; the audit log says who looked."""
    found, generations = await costs.shown(request, person, collection_type, collection_id)
    return answer({**found, "generations": generations.as_json()})
