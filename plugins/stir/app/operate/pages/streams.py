"""The streams: what waits, how long, what came and what was refused."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from stir.app.api.problems import Problem
from stir.app.operate import quarantine
from stir.app.operate.pages.page import show, signed_in, to_login

router = APIRouter(include_in_schema=False)
PATH = "/operate/streams"


@router.get(PATH)
async def streams_page(request: Request) -> Response:
    """Every stream; a broker that is away is said on the page."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    try:
        rows, away = await quarantine.streams(request), ""
    except Problem as problem:
        if problem.status not in (409, 503):
            raise
        rows, away = [], problem.detail
    used = any(row["backlog"] is not None for row in rows)
    return show(request, "streams.html", PATH, person, rows=rows, away=away, used=used)
