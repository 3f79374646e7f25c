"""Routes of what creators make and how genres do: trending posts, genres, and peer groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import schemas
from stir.app.api.answers import envelope, serve, services
from stir.app.api.parameters import GenreQuery, Id, NoQuery, TrendingQuery
from stir.app.api.problems import Problem
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Part

TRENDING, GENRES, GROUPS = "trending_content", "genre_overview", "group_metrics"
router = APIRouter(tags=["content"])


async def _rows(
    request: Request, part: Part, parameters: Mapping[str, Any], when_empty: Callable[[], Problem]
) -> Response:
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await using.reader.answer([part], parameters)
        rows = answer.records(part.name)
        if not rows:
            raise when_empty()
        return answer.generations, envelope(rows, answer.generations)

    return await serve(request, tables=[part.table], parameters=parameters, make=make)


@router.get("/trending", response_model=schemas.Trending, responses=schemas.PROBLEMS)
async def trending(request: Request, query: Annotated[TrendingQuery, Query()]) -> Response:
    """The leading posts of a category and month, by plays (Instagram) or views (YouTube)."""
    parameters = {**query.model_dump(), "after": 0}
    place = f"{query.category} on {query.platform}" + (f" in {query.month:%Y-%m}" if query.month else "")
    return await _rows(
        request,
        Part("rows", "trending", TRENDING),
        parameters,
        lambda: Problem(404, f"no posts trend in {place}; /api/v1/genres lists the categories", kind="no-such-genre"),
    )


@router.get("/genres", response_model=schemas.Genres, responses=schemas.PROBLEMS)
async def genres(request: Request, query: Annotated[GenreQuery, Query()]) -> Response:
    """How large each genre is in a month: creators, volumes, audience. ALL stands for all of a dimension."""
    return await _rows(
        request,
        Part("rows", "genres", GENRES),
        {**query.model_dump(), "category": None},
        lambda: Problem(404, "there is no genre of this month, platform, language and type", kind="no-such-genre"),
    )


@router.get("/genres/{category}", response_model=schemas.Genres, responses=schemas.PROBLEMS)
async def genre(request: Request, category: Id, query: Annotated[GenreQuery, Query()]) -> Response:
    """One genre in a month."""
    return await _rows(
        request,
        Part("rows", "genres", GENRES),
        {**query.model_dump(), "category": category},
        lambda: Problem(404, f"there is no genre {category[:60]!r}; /api/v1/genres lists them", kind="no-such-genre"),
    )


@router.get("/groups/{group_key:path}", response_model=schemas.Groups, responses=schemas.PROBLEMS)
async def group(request: Request, group_key: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """A peer group: the thresholds between its grades, its means, and a histogram of the engagement."""
    return await _rows(
        request,
        Part("rows", "group", GROUPS),
        {"group_key": group_key},
        lambda: Problem(404, "there is no such peer group, or it has fewer than 100 profiles", kind="no-such-group"),
    )
