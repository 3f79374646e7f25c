"""Pictures of a board and of a creator's growth, as SVG that any other page can show in an <img>."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from stir.app.api import accounts, boards
from stir.app.api.answers import serve, services
from stir.app.api.parameters import Board, BoardQuery, Filters, Id, Platform
from stir.app.api.parameters import Query as Parameters
from stir.app.api.problems import TITLES, Problem
from stir.app.reading.generations import Generations
from stir.app.web.charts import Line, changed_days, line_chart
from stir.app.web.numbers import month, short, title
from stir.app.web.page import NAMES

SVG = "image/svg+xml; charset=utf-8"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""A picture has its style in itself, runs nothing, and may be shown by every page."""
PATH = "/embed/"
WIDTH, ROW, TOP, FOOT, NOTE = 480, 30, 74, 34, 18
MOST_LETTERS = 30
_LIGHT = {"page": "#ffffff", "ink": "#1d2129", "soft": "#5a6270", "rule": "#e3e5e8", "line": "#0b5fc0", "up": "#10703b"}
_DARK = {"page": "#1c1f25", "ink": "#e8eaee", "soft": "#a3abb8", "rule": "#30353e", "line": "#7fb5ff", "up": "#63d395"}
_DOWN = {"light": "#b3261e", "dark": "#ff8f86"}
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""

router = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False)


class Theme(Parameters):
    """The colours of a picture; `auto` follows the reader's."""

    theme: Literal["auto", "light", "dark"] = "auto"


class BoardPicture(Filters, Theme):
    """The head of a board."""

    limit: int = Field(10, ge=1, le=25)


def _style(theme: str) -> str:
    def colours(known: Mapping[str, str], down: str) -> str:
        return (
            f"svg{{font:13px system-ui,sans-serif}}.page{{fill:{known['page']};stroke:{known['rule']}}}"
            f"text{{fill:{known['ink']}}}.soft,.tick{{fill:{known['soft']}}}.tick{{font-size:11px}}"
            f".head{{font-size:16px;font-weight:600}}.n{{text-anchor:end}}.up{{fill:{known['up']}}}.down{{fill:{down}}}"
            f".grid{{stroke:{known['rule']}}}.line{{fill:none;stroke:{known['line']};stroke-width:2}}"
            f".running{{stroke-dasharray:4 4}}.dot{{fill:{known['line']}}}"
        )

    light, dark = colours(_LIGHT, _DOWN["light"]), colours(_DARK, _DOWN["dark"])
    if theme == "auto":
        return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"
    return dark if theme == "dark" else light


def text(value: str) -> str:
    """A text for the inside of an element: short enough for a picture, and of letters that XML has."""
    kept = _UNWRITABLE.sub("", value)
    return escape(kept if len(kept) <= MOST_LETTERS else f"{kept[: MOST_LETTERS - 1]}…")


def picture(width: int, height: int, theme: str, label: str, inside: str) -> bytes:
    """An SVG file: a card with its style, and `inside` on it."""
    said = escape(_UNWRITABLE.sub("", label), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" aria-label="{said}"><style>{_style(theme)}</style>'
        f'<rect class="page" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9"/>{inside}</svg>'
    ).encode()


def _source(generations: Generations, y: int) -> str:
    as_of = generations.as_of
    until = f" · data until {as_of:%Y-%m-%d}" if as_of else ""
    named = ", ".join(f"{table} {one.number}" for table, one in sorted(generations.by_table.items()))
    return f'<text class="tick" x="16" y="{y}">stir · generation {named}{until}</text>'


def _changed(y: int) -> str:
    return f'<text class="tick" x="16" y="{y}">* What is counted as a view changed within this period.</text>'


def draw_board(rows: Sequence[Mapping[str, Any]], heading: str, generations: Generations, theme: str = "auto") -> bytes:
    """The first rows of a board; each has its rank, movement, name and followers."""
    lines = []
    for number, row in enumerate(rows):
        y, moved = TOP + ROW * number + 14, row["movement"]
        way = "soft" if not moved else "up" if moved > 0 else "down"
        said = "new" if moved is None else "=" if moved == 0 else f"{'▲' if moved > 0 else '▼'} {abs(moved):,}"
        lines.append(
            f'<line class="grid" x1="16" x2="{WIDTH - 16}" y1="{y - 20}" y2="{y - 20}"/>'
            f'<text class="n" x="46" y="{y}">{row["rank"]:,}</text><text class="{way}" x="58" y="{y}">{said}</text>'
            f'<text x="112" y="{y}">{text(title(dict(row)))}</text>'
            f'<text class="n" x="{WIDTH - 16}" y="{y}">{short(row["followers"])}</text>'
        )
    of = month(rows[0]["month"]) if rows else "Nobody fits"
    star = "*" if any(row["crosses_definition_change"] for row in rows) else ""
    head = (
        f'<text class="head" x="16" y="30">{escape(heading)}</text><text class="soft" x="16" y="50">{of}{star}</text>'
    )
    count = f'<text class="n soft" x="{WIDTH - 16}" y="50">Followers</text>' if rows else ""
    height = TOP + ROW * len(rows) + FOOT + (NOTE if star else 0)
    note = _changed(height - 12 - NOTE) if star else ""
    inside = f"{head}{count}{''.join(lines)}{note}{_source(generations, height - 12)}"
    return picture(WIDTH, height, theme, f"{heading}, {of}", inside)


@router.get("/boards/{board}.svg")
async def board_picture(request: Request, board: Board, query: Annotated[BoardPicture, Query()]) -> Response:
    """The head of a board as a picture."""
    using = services(request)
    asked = BoardQuery.model_construct(**query.model_dump(exclude={"theme"}), q=None, cursor=None)
    chosen = [value for value in (query.category, query.language, query.country) if value]
    heading = f"{NAMES[board]} by {NAMES[query.metric].lower()}" + "".join(f" · {value}" for value in chosen)

    async def make() -> tuple[Generations, bytes]:
        answer, _ = await boards.read_page(using, board, asked)
        rows = answer.rows("rows")[: query.limit]
        return answer.generations, draw_board(rows, heading, answer.generations, query.theme)

    return await _serve(request, [boards.TABLE], {"board": board, **query.model_dump()}, make)


@router.get("/creators/{platform}/{platform_id}.svg")
async def growth_picture(
    request: Request, platform: Platform, platform_id: Id, query: Annotated[Theme, Query()]
) -> Response:
    """A creator's followers by week as a picture."""
    using = services(request)
    parts = accounts.parts_of(["series"])

    async def make() -> tuple[Generations, bytes]:
        answer = await accounts.read_creator(using, parts, platform, platform_id)
        points = [(date.fromisoformat(week["date"]), week["followers"]) for week in answer.rows("weeks")]
        name = title(accounts.profile(answer.rows("who"), answer.rows("months"), platform, platform_id))
        changed = changed_days(answer.rows("weeks"))
        chart = line_chart(
            [Line("Followers", points)],
            f"{name}: followers by week",
            dashed_from=points[-1][0] if points else None,
            changed=changed,
        )
        more = NOTE if changed else 0
        drawn = chart if chart.startswith("<svg") else '<text class="soft" x="16" y="30">Not enough observations</text>'
        inside = (
            f'<text class="head" x="16" y="30">{text(name)}</text>'
            f'<text class="soft" x="16" y="50">{NAMES[platform]}, followers by week</text>'
            f'<svg x="0" y="62" width="640" height="220">{drawn}</svg>'
            f"{_changed(306) if changed else ''}{_source(answer.generations, 306 + more)}"
        )
        return answer.generations, picture(640, 318 + more, query.theme, f"{name}: followers by week", inside)

    return await _serve(
        request, accounts.tables_of(parts), {"platform": platform, "id": platform_id, "theme": query.theme}, make
    )


async def _serve(request: Request, tables: list[str], parameters: Mapping[str, Any], make: Any) -> Response:
    return await serve(
        request,
        tables=tables,
        parameters=parameters,
        make=make,
        media_type=SVG,
        vary="Accept-Encoding",
        headers=HEADERS,
    )


def respond(problem: Problem) -> Response:
    """A problem as a picture, so that a page that shows it does not have a broken one."""
    words = f"{problem.detail[:1].upper()}{problem.detail[1:]}"
    lines = re.findall(r".{1,62}(?:\s|$)", _UNWRITABLE.sub("", words)[:240]) or [words[:62]]
    said = "".join(
        f'<text class="soft" x="16" y="{54 + 18 * number}">{escape(line.strip())}</text>'
        for number, line in enumerate(lines[:4])
    )
    heading = TITLES.get(problem.status, "Error")
    body = picture(WIDTH, 130, "auto", heading, f'<text class="head" x="16" y="30">{heading}</text>{said}')
    return Response(body, problem.status, {**problem.headers, **HEADERS, "Cache-Control": "no-store"}, SVG)
