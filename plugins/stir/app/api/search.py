"""The search for creators: by the beginning of a handle or a name, or by likeness."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import paging, schemas
from stir.app.api.accounts import CREATOR
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.parameters import BOARDS_OF, SearchQuery
from stir.app.api.problems import Problem
from stir.app.folding import SEARCHED, as_tsquery, grams_of, least_shared
from stir.app.reading.generations import Generations
from stir.app.reading.reader import Gone
from stir.app.reading.statement import Answer, Part

router = APIRouter(tags=["creators"])


def bounds(text: str) -> tuple[str, str]:
    """The first text that begins with this one, and the first after it that does not, in the order of code points.

    Texts are compared in lower case, as publishing writes them; an `@` before a handle is left out.
    """
    low = text.strip().removeprefix("@").lower()[:SEARCHED]
    for end in range(len(low), 0, -1):
        point = ord(low[end - 1]) + 1
        point = 0xE000 if point == 0xD800 else point  # no text holds half of a pair
        if point <= 0x10FFFF:
            return low, low[: end - 1] + chr(point)
    return low, ""


def wanted(text: str) -> dict[str, Any]:
    """What somebody asks for, as parameters of both searches."""
    low, high = bounds(text)
    grams = grams_of(text.strip().removeprefix("@"))
    by_likeness = {"grams": grams, "wanted": as_tsquery(grams), "least": least_shared(grams)}
    return {"low": low, "high": high, "id": text.strip(), **by_likeness}


async def read_page(using: Services, query: SearchQuery) -> tuple[Answer, dict[str, Any]]:
    """The rows of a page (part `rows`); the second value is what `page` says.

    Raises:
        Problem: 400 for a cursor of other filters, 410 for one whose rows are gone.
    """
    filters = {"search": True, **query.model_dump(exclude={"cursor", "limit"})}
    after, stored_as = 0, None
    part = Part("rows", "search" if query.match == "prefix" else "like", CREATOR)
    try:
        if query.cursor:
            cursor = paging.decode(query.cursor, filters)
            after = cursor.after
            stored_as = await using.reader.stored_as(CREATOR, cursor.generation)
        platforms: list[str] = [query.platform] if query.platform else list(BOARDS_OF)
        parameters = {
            **query.model_dump(include={"category", "language", "country"}),
            "platforms": platforms,
            **wanted(query.q),
            "after": after,
            "limit": query.limit + 1,
        }
        answer = await using.reader.answer([replace(part, stored_as=stored_as)], parameters)
    except Gone:
        first = urlencode({name: value for name, value in query.given().items() if name != "cursor"})
        raise Problem(
            410,
            "the generation that this listing is of is not kept any more; begin again with the link in `restart`",
            kind="generation-gone",
            restart=f"/api/v1/creators?{first}",
        ) from None
    following = None
    if len(answer.records("rows")) > query.limit:
        generation = answer.generations.by_table[CREATOR].number
        following = paging.encode(paging.Cursor(generation, after + query.limit, None), filters)
    return answer, {"next": following, "limit": query.limit}


@router.get("/creators", response_model=schemas.Found, responses=schemas.PROBLEMS)
async def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """Creators whose handle or name begins with a text, in any case, or who have it as their id; the largest first.

    `match=like` finds handles and names that are like the text: with wrong, missing or changed letters, in another
    script (राहुल is rahul) or without accents; the most alike first.
    """
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer, page = await read_page(using, query)
        return answer.generations, envelope(answer.records("rows")[: query.limit], answer.generations, page=page)

    return await serve(request, tables=[CREATOR], parameters=query.model_dump(), make=make)
