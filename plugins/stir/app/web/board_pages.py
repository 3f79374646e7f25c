"""Pages of the boards: a ranking, and who moved most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import accounts, boards
from stir.app.api.answers import services
from stir.app.api.parameters import COMPLETE_TO, Board, BoardQuery, MoversQuery
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Answer, Part
from stir.app.web.charts import sparkline
from stir.app.web.page import NAMES, link_to, render, serve_page

router = APIRouter(include_in_schema=False)


@router.get("/boards/{board}")
async def board_page(request: Request, board: Board, query: Annotated[BoardQuery, Query()]) -> Response:
    """A board."""
    using, path = services(request), f"/boards/{board}"

    async def make() -> tuple[Generations, bytes]:
        lines = Part("weeks", "followers_of_board", accounts.SERIES)
        answer, page, choices = await boards.read_with_choices(
            using, board, lambda parts: boards.read_page(using, board, query, lines, *parts)
        )
        rows = answer.rows("rows")[: query.limit]
        weeks = {row["platform_id"]: row["followers"] for row in answer.rows("weeks")}
        for row in rows:
            row["line"] = sparkline(weeks.get(row["platform_id"], []))
        asked = query.given(defaults=True)
        state = rows[0]["month_state"] if rows else ""
        return answer.generations, render(
            "board.html",
            path,
            answer.generations,
            kind="board",
            path=path,
            heading=f"{NAMES[board]}: creators by {NAMES[query.metric].lower()}",
            lead=_lead(rows, query.country),
            caption=f"The list is whole as far as place {page['complete_to']:,} of this ranking."
            + (" The month is still running." if state == "MTD" else ""),
            rows=rows,
            choices=choices,
            chosen=asked,
            first=link_to(path, {**asked, "cursor": None}) if query.cursor else None,
            following=link_to(path, {**asked, "cursor": page["next"]}) if page["next"] else None,
            csv=link_to(f"/api/v1/leaderboards/{board}.csv", {**asked, "limit": None, "cursor": None}),
            json=link_to(f"/api/v1/leaderboards/{board}", asked),
        )

    parameters = {"board": board, **query.model_dump()}
    return await serve_page(request, [boards.TABLE, accounts.SERIES], parameters, make)


def _lead(rows: list[dict[str, Any]], country: str | None) -> str:
    if not rows:
        return ""
    month = f"{date.fromisoformat(rows[0]['month']):%B %Y}"
    where = f" The list shows those in {country}; ranks are among all countries." if country else ""
    return f"{month}. Movement compares with the month before, within the same ranking.{where}"


@router.get("/boards/{board}/movers")
async def movers_page(request: Request, board: Board, query: Annotated[MoversQuery, Query()]) -> Response:
    """Who moved most on a board."""
    using, path = services(request), f"/boards/{board}/movers"

    async def make() -> tuple[Generations, bytes]:
        async def read(parts: Sequence[Part]) -> tuple[Answer, None]:
            return await boards.read_movers(using, board, query, *parts), None

        answer, _, choices = await boards.read_with_choices(using, board, read)
        rows = answer.rows("rows")
        asked = query.given(defaults=True)
        return answer.generations, render(
            "board.html",
            "/boards/INSTAGRAM/movers",
            answer.generations,
            kind="movers",
            path=path,
            heading=f"{NAMES[board]}: who {NAMES[query.direction].lower()} most by {NAMES[query.metric].lower()}",
            lead=_lead(rows, query.country),
            caption=f"Of the first {COMPLETE_TO:,} places of this ranking.",
            rows=rows,
            choices=choices,
            chosen=asked,
            csv=None,
            first=None,
            following=None,
            json=link_to(f"/api/v1/leaderboards/{board}/movers", asked),
        )

    return await serve_page(request, [boards.TABLE], {"board": board, **query.model_dump()}, make)
