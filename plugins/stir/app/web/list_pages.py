"""The page of a list that its customer shares by a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from stir.app.ages import MOMENT
from stir.app.api.answers import services
from stir.app.api.parameters import Id, NoQuery
from stir.app.api.shared import PRIVATE, Shared, read_shared
from stir.app.web.charts import Line, line_chart
from stir.app.web.page import HTML, NAMES, render

CHARTS = 3
LISTED_POSTS, LISTED_DAYS = 100, 120
"""What the page lists; the files have all."""
COUNTS = {
    "posts": "Posts",
    "profiles": "Accounts",
    "engagement": "Engagement",
    "plays": "Plays",
    "views": "Views",
    "likes": "Likes",
    "comments": "Comments",
    "reach": "Reach",
    "impressions": "Impressions",
}
"""What is counted, and what it is called, in the order of the page. The first ones with a series are drawn."""
DRAWN = ("engagement", "plays", "views", "likes", "comments", "reach", "impressions")

router = APIRouter(include_in_schema=False)


@router.get("/lists/{share_id}")
async def shared_page(request: Request, share_id: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """A shared list; it is never kept."""
    MOMENT.set(request.app.state.clock())
    found = await read_shared(services(request), share_id)
    address = f"/api/v1/collections/{quote(share_id, safe='')}"
    body = render(
        "shared.html",
        "",
        found.generations,
        about=found.about,
        totals=found.totals,
        counts=COUNTS,
        in_posts=_known(found.posts),
        in_days=_known(found.days),
        charts=_charts(found),
        platforms=_platforms(found),
        gaps=found.gaps,
        posts=found.posts[:LISTED_POSTS],
        posts_in_all=len(found.posts),
        days=found.days[::-1][:LISTED_DAYS],
        days_in_all=len(found.days),
        files=address,
        json=address,
    )
    return Response(body, media_type=HTML, headers=PRIVATE)


def _known(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The counts that some row knows; others would be a column of dashes."""
    return [name for name in COUNTS if any(row.get(name) is not None for row in rows)]


def _platforms(found: Shared) -> list[str]:
    return sorted({day["platform"] for day in found.days})


def _charts(found: Shared) -> list[dict[str, Any]]:
    """The daily curves of a few counts, one line for each platform; days that somebody did not observe are dashed."""
    known = _known(found.days)
    drawn = [name for name in DRAWN if name in known][:CHARTS]
    return [
        {
            "name": COUNTS[name],
            "picture": line_chart(
                [_line(found, platform, name) for platform in _platforms(found)],
                f"{COUNTS[name]} of the observed posts by day",
                step=1,
            ),
        }
        for name in drawn
    ]


def _line(found: Shared, platform: str, name: str) -> Line:
    days = [(date.fromisoformat(day["date"]), day) for day in found.days if day["platform"] == platform]
    carried = [day for day, row in days if row["imputed_posts"]]
    return Line(NAMES[platform], [(day, row[name]) for day, row in days], carried)
