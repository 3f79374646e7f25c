"""Routes of one creator: months on the boards, ranks, series, hashtags; and of several beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import schemas
from stir.app.api.accounts import (
    BOARD,
    CREATOR,
    SERIES,
    account,
    grades_of,
    hashtags_of,
    linked_of,
    parts_of,
    posts_of,
    profile,
    read_creator,
    tables_of,
    unknown,
)
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.boards import places_won
from stir.app.api.exports import JSON, MEDIA_TYPES, Form, encode, wanted
from stir.app.api.parameters import (
    BOARDS_OF,
    METRICS_OF,
    CompareQuery,
    CreatorQuery,
    Id,
    Platform,
    RanksQuery,
    SeriesQuery,
)
from stir.app.api.problems import Fault, Problem, unknown_value
from stir.app.api.rows import Period
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Answer, Part

router = APIRouter(tags=["creators"])


def gaps(days: Sequence[str], step: int) -> list[dict[str, str]]:
    """The periods without a row between the first and the last, as first and last missing day; `step` days a period."""
    known = [date.fromisoformat(day) for day in days]
    found = []
    for earlier, later in pairwise(known):
        if (later - earlier).days > step:
            first, last = earlier + timedelta(days=step), later - timedelta(days=step)
            found.append({"from": first.isoformat(), "to": max(first, last).isoformat()})
    return found


@router.get("/creators/{platform}/{platform_id}", response_model=schemas.CreatorAnswer, responses=schemas.PROBLEMS)
async def creator(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[CreatorQuery, Query()]
) -> Response:
    """A creator: who it is, and the parts that `include` names; all of them by default."""
    using, include = services(request), query.parts
    parts = parts_of(include)

    async def make() -> tuple[Generations, bytes]:
        answer = await read_creator(using, parts, platform, platform_id)
        months = answer.rows("months")
        data = {
            "profile": profile(answer.rows("who"), months, platform, platform_id),
            "linked": linked_of(answer),
            **{key: value(answer) for name, (key, value) in _SHOWN.items() if name in include},
        }
        return answer.generations, envelope(data, answer.generations)

    parameters = {"platform": platform, "platform_id": platform_id, "include": ",".join(include)}
    return await serve(request, tables=tables_of(parts), parameters=parameters, make=make)


_SHOWN: Mapping[str, tuple[str, Callable[[Answer], Any]]] = {
    "ranks": ("months", lambda answer: answer.rows("months")),
    "series": ("weeks", lambda answer: answer.rows("weeks")),
    "grades": ("grades", grades_of),
    "audience": ("audience", lambda answer: next(iter(answer.rows("audience")), None)),
    "posts": ("posts", posts_of),
    "hashtags": ("hashtags", hashtags_of),
}
"""What `include` adds: the key in the answer, and its value."""


@router.get("/creators/{platform}/{platform_id}/ranks", response_model=schemas.Ranks, responses=schemas.PROBLEMS)
async def ranks(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[RanksQuery, Query()]
) -> Response:
    """A creator's places on a board by one metric, month by month, the newest first."""
    using, board = services(request), query.board or platform
    if board not in BOARDS_OF[platform][1]:
        raise unknown_value("board", board, BOARDS_OF[platform][1])
    if query.metric not in METRICS_OF[board]:
        raise unknown_value("metric", query.metric, METRICS_OF[board])
    key = f"{query.metric}_rank"

    async def make() -> tuple[Generations, bytes]:
        parameters = {**account(platform, platform_id), "boards": [board]}
        answer = await using.reader.answer([Part("months", "creator", BOARD)], parameters)
        months = answer.rows("months")
        if not months:
            raise unknown(platform, platform_id)
        data = []
        for row in months:
            rank, before = row["ranks"].get(key), row["previous_ranks"].get(key)
            data.append(
                {
                    "month": row["month"],
                    "month_state": row["month_state"],
                    "platform": row["platform"],
                    "rank": rank,
                    "previous_rank": before,
                    "movement": places_won(before, rank),
                    "crosses_definition_change": row["crosses_definition_change"],
                    "within": {name: place for name, place in row["ranks"].items() if name.startswith(f"{key}_by")},
                }
            )
        return answer.generations, envelope(data, answer.generations)

    parameters = {"platform": platform, "id": platform_id, "board": board, "metric": query.metric}
    return await serve(request, tables=[BOARD], parameters=parameters, make=make)


SERIES_PATH = "/creators/{platform}/{platform_id}/series"


@router.get(f"{SERIES_PATH}.{{form}}", response_class=Response, responses={**schemas.PROBLEMS, **schemas.FILES})
async def series_file(
    request: Request, platform: Platform, platform_id: Id, form: Form, query: Annotated[SeriesQuery, Query()]
) -> Response:
    """A series as CSV or Parquet; a period without an observation has no row."""
    return await _series(request, platform, platform_id, query, MEDIA_TYPES[form])


@router.get(SERIES_PATH, response_model=schemas.SeriesAnswer, responses={**schemas.PROBLEMS, **schemas.FILES_TOO})
async def series(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[SeriesQuery, Query()]
) -> Response:
    """Levels and changes by week or month. A period without an observation is absent, and listed under `gaps`."""
    return await _series(request, platform, platform_id, query, wanted(request, [JSON, *MEDIA_TYPES.values()]))


async def _series(request: Request, platform: str, platform_id: str, query: SeriesQuery, media_type: str) -> Response:
    using = services(request)
    if query.first and query.last and query.first > query.last:
        fault = Fault(parameter="to", value=str(query.last), message="it lies before `from`")
        raise Problem(400, "to lies before from", kind="bad-parameter", errors=[fault])
    monthly = query.interval == "month"
    parameters = account(platform, platform_id, monthly=monthly, first=query.first, last=query.last)

    async def make() -> tuple[Generations, bytes]:
        answer = await using.reader.answer([Part("rows", "series", SERIES)], parameters)
        rows = answer.rows("rows")
        if not rows and not query.first and not query.last:
            raise unknown(platform, platform_id)
        if media_type != JSON:
            return answer.generations, encode(media_type, rows, Period, answer.generations.key)
        missing = gaps([row["date"] for row in rows], 31 if monthly else 7)
        return answer.generations, envelope({"periods": rows, "gaps": missing}, answer.generations)

    return await serve(request, tables=[SERIES], parameters=parameters, make=make, media_type=media_type)


async def read_comparison(using: Services, ids: Sequence[tuple[str, str]]) -> Answer:
    """Parts `who_0`, `months_0`, `weeks_0`, `who_1`, … of several accounts, in one statement.

    Raises:
        Problem: 404, no table knows one of them.
    """
    parts, parameters = [], {"monthly": False, "first": None, "last": None}
    for number, (platform, platform_id) in enumerate(ids):
        parts += [
            Part(f"who_{number}", "who", CREATOR, suffix=str(number)),
            Part(f"months_{number}", "creator", BOARD, suffix=str(number)),
            Part(f"weeks_{number}", "series", SERIES, suffix=str(number)),
        ]
        parameters |= {f"{name}_{number}": value for name, value in account(platform, platform_id).items()}
    answer = await using.reader.answer(parts, parameters)
    for number, (platform, platform_id) in enumerate(ids):
        if not any(answer.rows(f"{part}_{number}") for part in ("who", "months", "weeks")):
            raise unknown(platform, platform_id)
    return answer


def compared_profile(answer: Answer, number: int, platform: str, platform_id: str) -> dict[str, Any]:
    """Who one of the compared accounts is."""
    return profile(answer.rows(f"who_{number}"), answer.rows(f"months_{number}"), platform, platform_id)


@router.get("/compare", response_model=schemas.Comparison, responses=schemas.PROBLEMS)
async def compare(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """Two to five creators beside each other: who they are, and their weeks."""
    using = services(request)
    ids = query.accounts

    async def make() -> tuple[Generations, bytes]:
        answer = await read_comparison(using, ids)
        data = [
            {
                "profile": compared_profile(answer, number, platform, platform_id),
                "weeks": answer.rows(f"weeks_{number}"),
            }
            for number, (platform, platform_id) in enumerate(ids)
        ]
        return answer.generations, envelope(data, answer.generations)

    return await serve(request, tables=[CREATOR, BOARD, SERIES], parameters=query.model_dump(), make=make)
