"""The audit log: who did what."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from stir.app.operate.access import store
from stir.app.operate.pages.page import show, signed_in, to_login

router = APIRouter(include_in_schema=False)
SHOWN = 200


@router.get("/operate/audit")
async def audit_page(request: Request) -> Response:
    """The newest lines."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    return show(request, "audit.html", "/operate/audit", person, rows=await store(request).rows("audit", limit=SHOWN))
