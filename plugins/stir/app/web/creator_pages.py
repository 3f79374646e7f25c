"""Pages of one creator, and of several beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ValidationError

from stir.app.api import accounts, boards, creators, search, why
from stir.app.api.answers import services
from stir.app.api.parameters import (
    BOARDS_OF,
    INCLUDES,
    METRICS_OF,
    CompareQuery,
    Id,
    NoQuery,
    Platform,
    SearchQuery,
    WhyQuery,
)
from stir.app.reading.generations import Generations
from stir.app.web.charts import Line, changed_days, line_chart
from stir.app.web.creator_parts import audience_lists, graded, movement_chart, sample
from stir.app.web.numbers import title
from stir.app.web.page import link_to, render, serve_page

Q = TypeVar("Q", bound=BaseModel)
router = APIRouter(include_in_schema=False)


@router.get("/creators")
async def search_page(request: Request) -> Response:
    """The search; `compare` holds accounts that one of the found is to be compared with."""
    using, given = services(request), dict(request.query_params)
    beside = given.pop("compare", "")[:1500]
    query = _validated(SearchQuery, given) if "q" in given or "cursor" in given else None

    async def make() -> tuple[Generations, bytes]:
        rows: list[dict[str, Any]] = []
        like: SearchQuery | None = None
        following, generations = None, Generations({})
        if query:
            answer, page = await search.read_page(using, query)
            if not answer.rows("rows") and not query.cursor and query.match == "prefix":
                like = query.model_copy(update={"match": "like"})
                answer, page = await search.read_page(using, like)
            rows, generations, following = answer.rows("rows")[: query.limit], answer.generations, page["next"]
            for row in rows:
                row["compare"] = link_to("/compare", {"ids": f"{beside},{named(row)}"}) if beside else None
        asked = (like or query).given() if query else {}
        body = render(
            "search.html",
            "",
            generations,
            rows=rows,
            chosen=query,
            beside=beside,
            is_like=like is not None or (query is not None and query.match == "like"),
            nobody_begins=like is not None,
            similar=link_to("/creators", {**query.given(), "compare": beside, "match": "like", "cursor": None})
            if query
            else None,
            following=link_to("/creators", {**asked, "compare": beside, "cursor": following}) if following else None,
            json=link_to("/api/v1/creators", asked) if query else None,
        )
        return generations, body

    tables = [accounts.CREATOR] if query else []
    return await serve_page(request, tables, {**given, "compare": beside}, make)


@router.get("/creators/{platform}/{platform_id}")
async def creator_page(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[NoQuery, Query()]
) -> Response:
    """A creator."""
    using = services(request)
    parts = accounts.parts_of(INCLUDES, accounts.WHY)

    async def make() -> tuple[Generations, bytes]:
        answer = await accounts.read_creator(using, parts, platform, platform_id)
        months, weeks = answer.rows("months"), answer.rows("weeks")
        profile = accounts.profile(answer.rows("who"), months, platform, platform_id)
        own = [row for row in months if row["platform"] == platform]
        moved = why.explain(own[0], answer.rows("movement"), "followers") if own else None
        for row in months:
            row["rank"] = row["ranks"].get("followers_rank")
            row["previous_rank"] = row["previous_ranks"].get("followers_rank")
            row["movement"] = boards.places_won(row["previous_rank"], row["rank"])
        missing = creators.gaps([week["date"] for week in weeks if week["followers"] is not None], 7)
        points = [(date.fromisoformat(week["date"]), week["followers"]) for week in weeks]
        running = points[-1][0] if points else None
        audience = next(iter(answer.rows("audience")), None)
        grades = accounts.grades_of(answer)
        path = f"/creators/{platform}/{quote(platform_id, safe='')}"
        return answer.generations, render(
            "creator.html",
            "",
            answer.generations,
            profile=profile,
            linked=accounts.linked_of(answer),
            latest=own[0] if own else None,
            months=months,
            weeks=weeks,
            chart=line_chart(
                [Line("Followers", points)], "Followers by week", dashed_from=running, changed=changed_days(weeks)
            ),
            gaps=f"{len(missing)} {'gap' if len(missing) == 1 else 'gaps'} without an observation." if missing else "",
            rank_chart=_ranks(own),
            why=moved,
            places=movement_chart(moved["rankings"][0]) if moved and moved["rankings"] else "",
            path=path,
            group=grades["group"],
            graded=graded(grades),
            audience=audience,
            shares=audience_lists(audience) if audience else [],
            quality=sample(audience["quality_source"], audience["quality_sample_size"]) if audience else "",
            posts=accounts.posts_of(answer),
            hashtags=accounts.hashtags_of(answer),
            json=f"/api/v1{path}",
        )

    return await serve_page(request, accounts.tables_of(parts), {"platform": platform, "id": platform_id}, make)


def _ranks(own: list[dict[str, Any]]) -> str:
    places = [(date.fromisoformat(row["month"]), row["rank"]) for row in reversed(own)]
    if len(places) < 2:
        return ""
    return line_chart(
        [Line("Rank by followers", places)],
        "Rank by followers by month; place 1 is at the top",
        step=31,
        dashed_from=places[-1][0] if own[0]["month_state"] == "MTD" else None,
        ranks=True,
    )


@router.get("/creators/{platform}/{platform_id}/why")
async def why_page(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[WhyQuery, Query()]
) -> Response:
    """Why a creator's ranks moved."""
    using = services(request)
    path = f"/creators/{platform}/{quote(platform_id, safe='')}"

    async def make() -> tuple[Generations, bytes]:
        answer, profile, moved = await why.read_why(using, platform, platform_id, query)
        board = moved["platform"]
        asked = query.given(defaults=True)
        return answer.generations, render(
            "why.html",
            "",
            answer.generations,
            profile=profile,
            why=moved,
            places=movement_chart(moved["rankings"][0]) if moved["rankings"] else "",
            path=path,
            chosen={**asked, "board": board, "month": moved["month"][:7]},
            choices={
                "month": [row["month"][:7] for row in answer.rows("months")],
                "metric": [*METRICS_OF[board]],
                "board": BOARDS_OF[platform][1],
            },
            json=link_to(f"/api/v1{path}/why", asked),
        )

    parameters = {"platform": platform, "id": platform_id, **query.model_dump()}
    return await serve_page(request, [accounts.CREATOR, accounts.BOARD, accounts.MOVEMENT], parameters, make)


def named(row: Mapping[str, Any]) -> str:
    """An account as comparisons name it."""
    return f"{BOARDS_OF[row['platform']][0]}:{row['platform_id']}"


@router.get("/compare")
async def compare_page(request: Request) -> Response:
    """Creators beside each other; `with` is added to `ids`, so that a form can name one more: an
    account, or the beginning of a name, which is searched for."""
    more, ids = request.query_params.get("with", "").strip(), request.query_params.get("ids", "")
    if more and more[:3] not in ("IA:", "YA:"):
        return RedirectResponse(link_to("/creators", {"q": more, "compare": ids}), 303)
    if more:
        return RedirectResponse(link_to("/compare", {"ids": f"{ids},{more}"}), 303)
    query = _validated(CompareQuery, dict(request.query_params))
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await creators.read_comparison(using, query.accounts)
        compared: list[dict[str, Any]] = []
        lines, changed = [], set[date]()
        for number, (platform, platform_id) in enumerate(query.accounts):
            profile = creators.compared_profile(answer, number, platform, platform_id)
            weeks = answer.rows(f"weeks_{number}")
            known = [week for week in weeks if week["followers"]]
            points = [
                (
                    date.fromisoformat(week["date"]),
                    week["followers"] / known[0]["followers"] if week["followers"] else None,
                )
                for week in weeks
            ]
            compared.append(
                {
                    "profile": profile,
                    "followers": [week["followers"] for week in weeks],
                    "since": known[0]["date"] if known else None,
                    "by_week": {week["date"]: week["followers"] for week in weeks},
                    "crosses_definition_change": bool(changed_days(weeks)),
                }
            )
            changed |= changed_days(weeks)
            lines.append(Line(title(profile), points))
        return answer.generations, render(
            "compare.html",
            "",
            answer.generations,
            compared=compared,
            weeks=sorted({day for one in compared for day in one["by_week"]}, reverse=True),
            chart=line_chart(lines, "Followers by week as multiples of the first", changed=changed),
            json=link_to("/api/v1/compare", {"ids": query.ids}),
        )

    return await serve_page(request, [accounts.CREATOR, accounts.BOARD, accounts.SERIES], query.model_dump(), make)


def _validated(shape: type[Q], given: Mapping[str, str]) -> Q:
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None
