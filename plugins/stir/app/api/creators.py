"""Routes of one creator: months on the boards, ranks, series, hashtags; and of several beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import schemas
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.exports import JSON, MEDIA_TYPES, Form, encode, wanted
from stir.app.api.parameters import (
    BOARDS_OF,
    METRICS_OF,
    CompareQuery,
    Id,
    NoQuery,
    Platform,
    RanksQuery,
    SeriesQuery,
)
from stir.app.api.problems import Fault, Problem, unknown_value
from stir.app.api.rows import Period
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Answer, Part

BOARD, SERIES, HASHTAGS = "leaderboard", "social_profile_time_series", "social_profile_hashtags"
router = APIRouter(tags=["creators"])


def account(platform: str, platform_id: str, **more: Any) -> dict[str, Any]:
    """An account as parameters of a statement."""
    profile_platform, boards = BOARDS_OF[platform]
    return {
        "platform": platform,
        "platform_id": platform_id,
        "profile_platform": profile_platform,
        "boards": boards,
        "monthly": False,
        "first": None,
        "last": None,
        **more,
    }


def unknown(platform: str, platform_id: str) -> Problem:
    """The 404 for an account that is in no table."""
    detail = f"no {platform} account with id {platform_id[:60]!r} is published; find creators on the boards"
    return Problem(404, detail, kind="no-such-creator")


async def read_creator(using: Services, platform: str, platform_id: str) -> Answer:
    """Parts `months` (the boards), `weeks` (the series) and `hashtags` of one account, in one statement.

    Raises:
        Problem: 404, no table knows the account.
    """
    parts = [
        Part("months", "creator", BOARD),
        Part("weeks", "series", SERIES),
        Part("hashtags", "hashtags", HASHTAGS),
    ]
    answer = await using.reader.answer(parts, account(platform, platform_id))
    if not answer.rows("months") and not answer.rows("weeks"):
        raise unknown(platform, platform_id)
    return answer


def profile(months: Sequence[dict[str, Any]], platform: str, platform_id: str) -> dict[str, Any]:
    """Who an account is, as of its newest month on a board; an account without a board is known by its id alone."""
    own = [row for row in months if row["platform"] == platform] or list(months)
    newest = own[0] if own else {}
    names = ("handle", "name", "category", "language", "country", "profile_type", "month", "month_state", "followers")
    return {"platform": platform, "platform_id": platform_id, **{name: newest.get(name) for name in names}}


def hashtags_of(answer: Answer) -> list[dict[str, Any]]:
    """The hashtags of an answer that has the part `hashtags`, each with the number of its posts."""
    return [
        {"hashtag": tag, "posts": posts}
        for row in answer.rows("hashtags")
        for tag, posts in zip(row["hashtags"], row["posts"], strict=True)
    ]


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
    request: Request, platform: Platform, platform_id: Id, query: Annotated[NoQuery, Query()]
) -> Response:
    """A creator: who it is, its months on the boards with all ranks, its weeks and its hashtags."""
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await read_creator(using, platform, platform_id)
        months = answer.rows("months")
        data = {
            "profile": profile(months, platform, platform_id),
            "months": months,
            "weeks": answer.rows("weeks"),
            "hashtags": hashtags_of(answer),
        }
        return answer.generations, envelope(data, answer.generations)

    parameters = {"platform": platform, "platform_id": platform_id}
    return await serve(request, tables=[BOARD, SERIES, HASHTAGS], parameters=parameters, make=make)


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
                    "movement": None if rank is None or before is None else before - rank,
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
    """Parts `months_0`, `weeks_0`, `months_1`, … of several accounts, in one statement.

    Raises:
        Problem: 404, no table knows one of them.
    """
    parts, parameters = [], {"monthly": False, "first": None, "last": None}
    for number, (platform, platform_id) in enumerate(ids):
        parts += [
            Part(f"months_{number}", "creator", BOARD, suffix=str(number)),
            Part(f"weeks_{number}", "series", SERIES, suffix=str(number)),
        ]
        parameters |= {f"{name}_{number}": value for name, value in account(platform, platform_id).items()}
    answer = await using.reader.answer(parts, parameters)
    for number, (platform, platform_id) in enumerate(ids):
        if not answer.rows(f"months_{number}") and not answer.rows(f"weeks_{number}"):
            raise unknown(platform, platform_id)
    return answer


@router.get("/compare", response_model=schemas.Comparison, responses=schemas.PROBLEMS)
async def compare(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """Two to five creators beside each other: who they are, and their weeks."""
    using = services(request)
    ids = query.accounts

    async def make() -> tuple[Generations, bytes]:
        answer = await read_comparison(using, ids)
        data = [
            {
                "profile": profile(answer.rows(f"months_{number}"), platform, platform_id),
                "weeks": answer.rows(f"weeks_{number}"),
            }
            for number, (platform, platform_id) in enumerate(ids)
        ]
        return answer.generations, envelope(data, answer.generations)

    return await serve(request, tables=[BOARD, SERIES], parameters=query.model_dump(), make=make)
