"""Pages of what creators make, of genres, and about the data itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from stir.app.api import content, meta
from stir.app.api.answers import services
from stir.app.api.parameters import GenreQuery, Id, NoQuery, Platform
from stir.app.api.problems import Problem, unknown_value
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Part
from stir.app.web.page import HTML, link_to, render, serve_page

router = APIRouter(include_in_schema=False)


@router.get("/genres")
async def genres_page(request: Request, query: Annotated[GenreQuery, Query()]) -> Response:
    """How large genres are."""
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await using.reader.answer(
            [Part("rows", "genres", content.GENRES)], {**query.model_dump(), "category": None}
        )
        rows = answer.rows("rows")
        if not rows:
            raise Problem(404, "there is no genre of this month, platform, language and type")
        most = max((row["followers"] for row in rows if row["category"] != "ALL"), default=1) or 1
        for row in rows:
            row["share"] = max(1, min(100, round(100 * row["followers"] / most)))
        asked = query.given(defaults=True)
        page = render(
            "genres.html",
            "/genres",
            answer.generations,
            rows=rows,
            chosen=asked,
            json=link_to("/api/v1/genres", asked),
        )
        return answer.generations, page

    return await serve_page(request, [content.GENRES], query.model_dump(), make)


@router.get("/trending")
async def trending_page(request: Request, platform: Platform = "INSTAGRAM", category: str = "") -> Response:
    """Posts that trend; without a category those of the most watched one."""
    using = services(request)
    listed = Part("categories", "trending_categories", content.TRENDING)
    parameters = {"platform": platform, "month": None, "category": category, "language": None, "after": 0, "limit": 50}
    if not category:
        first = (await using.reader.answer([listed], parameters)).rows("categories")
        if first:
            return RedirectResponse(link_to("/trending", {"platform": platform, **first[0]}), 303)

    async def make() -> tuple[Generations, bytes]:
        answer = await using.reader.answer([Part("rows", "trending", content.TRENDING), listed], parameters)
        categories = sorted(row["category"] for row in answer.rows("categories"))
        if category not in categories:
            raise unknown_value("category", category, categories)
        chosen = {"platform": platform, "category": category}
        page = render(
            "trending.html",
            "/trending",
            answer.generations,
            rows=answer.rows("rows"),
            categories=categories,
            chosen=chosen,
            json=link_to("/api/v1/trending", chosen),
        )
        return answer.generations, page

    return await serve_page(request, [content.TRENDING], {"platform": platform, "category": category}, make)


@router.get("/freshness")
async def freshness_page(request: Request) -> Response:
    """How old each table is."""
    found = await meta.read_freshness(services(request), request.app.state.clock())
    body = render("freshness.html", "/freshness", found=found, json="/api/v1/freshness")
    return Response(body, media_type=HTML, headers={"Cache-Control": "no-store"})


@router.get("/definitions")
async def definitions_page(request: Request) -> Response:
    """The tables whose numbers are explained."""
    known = services(request).definitions["tables"]

    async def make() -> tuple[Generations, bytes]:
        tables = []
        for name, entry in known.items():
            bases = [column["basis"] for column in entry["columns"].values() if "basis" in column]
            counts = {"columns": len(entry["columns"]), "metrics": len(bases)}
            counts["estimated"] = sum(basis != "measured" for basis in bases)
            tables.append({"name": name, "title": entry["title"], "comment": entry["comment"], **counts})
        page = render("definitions.html", "/definitions", tables=tables, json="/api/v1/definitions")
        return Generations({}), page

    return await serve_page(request, [], {}, make)


@router.get("/definitions/{table}")
async def definitions_of_table_page(request: Request, table: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """What the numbers of one table mean."""
    known = services(request).definitions["tables"]
    if table not in known:
        raise unknown_value("table", table, known, status=404)

    async def make() -> tuple[Generations, bytes]:
        address = f"/api/v1/definitions/{table}"
        page = render("definitions_of_table.html", "/definitions", entry=known[table], json=address)
        return Generations({}), page

    return await serve_page(request, [], {"table": table}, make)
