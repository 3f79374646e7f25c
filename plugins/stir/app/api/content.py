"""Routes of what creators make and how genres do: trending posts, genres, peer groups, and lists that were shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import schemas
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.exports import wanted
from stir.app.api.parameters import GenreQuery, Id, NoQuery, TrendingQuery
from stir.app.api.problems import Problem
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Answer, Part

TRENDING, GENRES, GROUPS = "trending_content", "genre_overview", "group_metrics"
SHARED, SHARED_DAYS = "collection_post_metrics_summary", "collection_post_metrics_ts"
router = APIRouter(tags=["content"])


async def _rows(
    request: Request, part: Part, parameters: Mapping[str, Any], when_empty: Callable[[], Problem]
) -> Response:
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await using.reader.answer([part], parameters)
        rows = answer.rows(part.name)
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


async def read_shared(using: Services, share_id: str) -> Answer:
    """Parts `posts` and `days` of a shared list, in one statement.

    Raises:
        Problem: 404. An id that nobody shared looks like one that is not for everybody.
    """
    parts = [Part("posts", "shared_posts", SHARED), Part("days", "shared_days", SHARED_DAYS)]
    answer = await using.reader.answer(parts, {"share_id": share_id})
    if not answer.rows("posts"):
        raise Problem(404, "there is no list under this link", kind="no-such-list")
    return answer


@router.get("/collections/{share_id}", response_model=schemas.SharedList, responses=schemas.PROBLEMS)
async def collection(request: Request, share_id: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """A list by its share link: posts and daily totals, without costs, clicks, orders or whose it is."""
    wanted(request)
    answer = await read_shared(services(request), share_id)
    posts = answer.rows("posts")
    data = {"name": posts[0]["collection_name"], "posts": posts, "days": answer.rows("days")}
    headers = {"Cache-Control": "private, no-store"}
    return Response(envelope(data, answer.generations), headers=headers, media_type="application/json")
