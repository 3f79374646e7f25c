"""Pages of one creator, and of several beside each other."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from stir.app.api import boards, creators
from stir.app.api.answers import services
from stir.app.api.parameters import CompareQuery, Id, NoQuery, Platform
from stir.app.reading.generations import Generations
from stir.app.web.charts import Line, line_chart
from stir.app.web.numbers import title
from stir.app.web.page import link_to, render, serve_page

router = APIRouter(include_in_schema=False)


@router.get("/creators/{platform}/{platform_id}")
async def creator_page(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[NoQuery, Query()]
) -> Response:
    """A creator."""
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await creators.read_creator(using, platform, platform_id)
        months, weeks = answer.rows("months"), answer.rows("weeks")
        for row in months:
            row["rank"] = row["ranks"].get("followers_rank")
            row["previous_rank"] = row["previous_ranks"].get("followers_rank")
        boards.with_movement(months)
        profile = creators.profile(months, platform, platform_id)
        missing = creators.gaps([week["date"] for week in weeks if week["followers"] is not None], 7)
        points = [(date.fromisoformat(week["date"]), week["followers"]) for week in weeks]
        running = points[-1][0] if points else None
        own = [row for row in months if row["platform"] == platform]
        places = [(date.fromisoformat(row["month"]), row["rank"]) for row in reversed(own)]
        open_month = places[-1][0] if own and own[0]["month_state"] == "MTD" else None
        return answer.generations, render(
            "creator.html",
            "",
            answer.generations,
            profile=profile,
            latest=own[0] if own else None,
            months=months,
            weeks=weeks,
            chart=line_chart([Line("Followers", points)], "Followers by week", dashed_from=running),
            gaps=f"{len(missing)} {'gap' if len(missing) == 1 else 'gaps'} without an observation." if missing else "",
            rank_chart=line_chart(
                [Line("Rank by followers", places)],
                "Rank by followers by month; place 1 is at the top",
                step=31,
                dashed_from=open_month,
                ranks=True,
            )
            if len(places) > 1
            else "",
            hashtags=creators.hashtags_of(answer),
            json=f"/api/v1/creators/{platform}/{quote(platform_id, safe='')}",
        )

    tables = [creators.BOARD, creators.SERIES, creators.HASHTAGS]
    return await serve_page(request, tables, {"platform": platform, "id": platform_id}, make)


@router.get("/compare")
async def compare_page(request: Request) -> Response:
    """Creators beside each other; `with` is added to `ids`, so that a form can name one more."""
    more = request.query_params.get("with", "")
    if more:
        return RedirectResponse(
            link_to("/compare", {"ids": f"{request.query_params.get('ids', '')},{more.strip()}"}), 303
        )
    query = _validated(request)
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await creators.read_comparison(using, query.accounts)
        compared, lines = [], []
        for number, (platform, platform_id) in enumerate(query.accounts):
            profile = creators.profile(answer.rows(f"months_{number}"), platform, platform_id)
            weeks = answer.rows(f"weeks_{number}")
            known = [week["followers"] for week in weeks if week["followers"]]
            points = [
                (date.fromisoformat(week["date"]), week["followers"] / known[0] if week["followers"] else None)
                for week in weeks
            ]
            compared.append({"profile": profile, "followers": [week["followers"] for week in weeks]})
            lines.append(Line(title(profile), points))
        return answer.generations, render(
            "compare.html",
            "",
            answer.generations,
            compared=compared,
            chart=line_chart(lines, "Followers by week as multiples of the first"),
            json=link_to("/api/v1/compare", {"ids": query.ids}),
        )

    return await serve_page(request, [creators.BOARD, creators.SERIES], query.model_dump(), make)


def _validated(request: Request) -> CompareQuery:
    try:
        return CompareQuery.model_validate(dict(request.query_params))
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None
