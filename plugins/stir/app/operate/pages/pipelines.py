"""The first page: how the pipelines do, and which promises are broken."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from stir.app.api.answers import services
from stir.app.api.meta import read_freshness
from stir.app.operate.access import store
from stir.app.operate.actions import read_pipelines
from stir.app.operate.pages.page import show, signed_in, to_login

router = APIRouter(include_in_schema=False)


@router.get("/operate")
async def pipelines_page(request: Request) -> Response:
    """Pipelines by the runs of 24 hours."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    found = await read_pipelines(request)
    counts = {name: sum(row["health"] == name for row in found) for name in ("good", "fair", "poor")}
    fresh = await read_freshness(services(request), request.app.state.clock())
    late = [table for table in fresh["tables"] if table["stale"]]
    broken = await store(request).rows("breaches")
    return show(request, "pipelines.html", "/operate", person, rows=found, counts=counts, late=late, broken=broken)
