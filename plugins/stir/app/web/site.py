"""Where the site begins, and its files."""

from __future__ import annotations

from importlib import resources
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from stir.app.api.problems import Problem
from stir.app.web import board_pages, content_pages, creator_pages, embeds, list_pages, page
from stir.app.web.page import static_file

TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home() -> Response:
    """The first board."""
    return RedirectResponse("/boards/INSTAGRAM", 307)


@router.get("/static/{digest}/{name}")
async def static(digest: str, name: str) -> Response:
    """A file of static/ under the hash of its content."""
    suffix = name.rpartition(".")[2]
    if suffix not in TYPES or "/" in name or not resources.files("stir.app.web").joinpath("static", name).is_file():
        raise Problem(404, "there is no such file")
    known, body = static_file(name)
    if digest != known:
        raise Problem(404, "this version of the file is gone; load the page again")
    return Response(body, media_type=TYPES[suffix], headers={"Cache-Control": "public, max-age=31536000, immutable"})


def without_empty_fields(request: Request) -> Response | None:
    """Where a page is asked for with fields that nobody filled in, which a form sends all the same: the address without
    them, so that people share short ones."""
    given = request.query_params.multi_items()
    filled = [(name, value) for name, value in given if value]
    if request.url.path.startswith("/api/") or len(filled) == len(given):
        return None
    return RedirectResponse(str(request.url.replace(query=urlencode(filled))), 303)


def respond(request: Request, problem: Problem) -> Response:
    """A problem in the form of what was asked for: a page for people, JSON for programs, a picture for an <img>."""
    return embeds.respond(problem) if request.url.path.startswith(embeds.PATH) else page.respond(request, problem)


def install(application: FastAPI) -> None:
    """Add the pages to the application."""
    for module in (board_pages, creator_pages, content_pages, list_pages, embeds):
        application.include_router(module.router)
    application.include_router(router)
