"""How a page is made: templates, assets, links, and the form of errors for people."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

import jinja2
from fastapi import Request, Response

from stir.app.ages import MOMENT, stale_tables
from stir.app.api.answers import serve
from stir.app.api.problems import TITLES, Problem, request_id
from stir.app.api.problems import respond as respond_to_programs
from stir.app.reading.generations import Generations
from stir.app.web import cells, numbers

HTML = "text/html; charset=utf-8"
VARY = "Accept-Encoding"
SECTIONS = (
    ("/boards/INSTAGRAM", "Instagram"),
    ("/boards/YOUTUBE", "YouTube"),
    ("/boards/ALL", "Both"),
    ("/boards/INSTAGRAM/movers", "Movers"),
    ("/genres", "Genres"),
    ("/trending", "Trending"),
    ("/freshness", "Freshness"),
    ("/definitions", "Definitions"),
)
NAMES = {
    "INSTAGRAM": "Instagram",
    "YOUTUBE": "YouTube",
    "ALL": "Both platforms",
    "CREATOR": "Creators",
    "BRAND": "Brands",
    "followers": "Followers",
    "followers_change": "Followers gained",
    "views": "Views",
    "plays": "Plays",
    "engagement": "Engagement",
    "up": "Climbed",
    "down": "Fell",
}
"""What values are called on the pages."""


@cache
def static_file(name: str) -> tuple[str, bytes]:
    """An asset's short hash and its bytes."""
    body = resources.files("stir.app.web").joinpath("static", name).read_bytes()
    return hashlib.blake2b(body, digest_size=6).hexdigest(), body


def asset(name: str) -> str:
    """The address of a file in static/, by its content: it may be kept for ever."""
    return f"/static/{static_file(name)[0]}/{name}"


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("stir.app.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= numbers.FILTERS | cells.FILTERS
    environment.globals |= {"asset": asset, "sections": SECTIONS, "names": NAMES, **cells.FUNCTIONS}
    return environment


def render(template: str, section: str, generations: Generations | None = None, **values: Any) -> bytes:
    """A page as bytes; `section` is the path whose place in the navigation is marked."""
    old = stale_tables(generations, MOMENT.get()) if generations else []
    known = {"old": old, "section": section, "generations": generations, "json": None, **values}
    return _templates().get_template(template).render(known).encode()


def link_to(path: str, query: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return path + (f"?{urlencode(kept)}" if kept else "")


async def serve_page(
    request: Request,
    tables: list[str],
    parameters: Mapping[str, Any],
    make: Callable[[], Awaitable[tuple[Generations, bytes]]],
) -> Response:
    """Answer with a page about published tables, as the API answers with JSON."""
    return await serve(request, tables=tables, parameters=parameters, make=make, media_type=HTML, vary=VARY)


def respond(request: Request, problem: Problem) -> Response:
    """A problem as a page for people, and as JSON for programs."""
    if request.url.path.startswith(("/api/", "/healthz", "/readyz")):
        return respond_to_programs(request, problem)
    shown = {
        "title": TITLES.get(problem.status, "Error"),
        "detail": f"{problem.detail[:1].upper()}{problem.detail[1:]}" + ("" if problem.detail.endswith("?") else "."),
        "errors": problem.errors,
        "status": problem.status,
        "request_id": request_id(request),
    }
    body = render("problem.html", "", problem=shown)
    return Response(body, problem.status, {"Cache-Control": "no-store", **problem.headers}, HTML)
