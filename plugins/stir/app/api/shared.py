"""Routes of a list that its customer shares by a link: what it adds up to, its posts, its days.

The published table `collection` alone knows whether a link is open. A link that is unknown, closed or of a deleted
list gets one and the same answer, and nothing of a list is kept by any cache.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.ages import MOMENT
from stir.app.api import schemas
from stir.app.api.answers import Services, envelope, services
from stir.app.api.creators import gaps
from stir.app.api.exports import JSON, MEDIA_TYPES, Form, encode, wanted
from stir.app.api.parameters import Id, NoQuery
from stir.app.api.problems import Problem
from stir.app.api.rows import Row
from stir.app.api.shared_rows import SharedDay, SharedPost, SharedTotals
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Part

LISTS, DAYS, POSTS = "collection", "collection_totals_ts", "collection_post_metrics_summary"
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
"""Headers of every answer about a list, also of the one that there is none."""
RANKED_BY = ("plays", "views", "engagement", "likes", "comments", "reach")
PARTS = (Part("list", "shared_list", LISTS), Part("days", "shared_days", DAYS), Part("posts", "shared_posts", POSTS))
"""Of one statement; the later parts read the first."""
router = APIRouter(tags=["content"])


@dataclass(frozen=True)
class Shared:
    """A shared list as everybody with the link may see it; `hidden` are the metrics that are not in its rows."""

    about: Mapping[str, Any]
    totals: Mapping[str, Any]
    posts: Sequence[Mapping[str, Any]]
    days: Sequence[Mapping[str, Any]]
    hidden: Collection[str]
    generations: Generations

    @property
    def gaps(self) -> list[dict[str, str]]:
        """The days without a row on any platform, between the first day and the last."""
        return gaps(sorted({day["date"] for day in self.days}), 1)

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of the rows."""
        known = self.about["posts"]
        cut = f"posts: the newest {len(self.posts)} of {known} are listed" if len(self.posts) < known else ""
        return [cut] if cut and self.posts and "posts" not in self.hidden else []


def hidden_metrics(disabled: Sequence[str], *, has_videos: bool) -> frozenset[str]:
    """The metrics that are not shown: those that the customer disabled, in any spelling, and those that tell them.

    Engagement is likes + comments, so that it tells the one from the other; a ratio tells its numerator; and on YouTube
    (`has_videos`) reach and impressions are the views.
    """
    asked = {re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())).lower() for name in disabled}
    found = asked | ({"engagement_by_reach_ratio"} if "engagement_rate" in asked else set())
    if len(asked & {"likes", "comments"}) == 1:
        found.add("engagement")
    if "views" in asked and has_videos:
        found |= {"reach", "impressions"}
    if found & {"engagement", "reach"}:
        found.add("engagement_by_reach_ratio")
    return frozenset(found | {f"{name}_is_estimated" for name in found})


def _shown(rows: Sequence[Mapping[str, Any]], shape: type[Row], hidden: Collection[str]) -> list[dict[str, Any]]:
    absent = _absent(shape, hidden)
    return [{name: row[name] for name in shape.model_fields if name not in absent} for row in rows]


def _absent(shape: type[Row], hidden: Collection[str]) -> set[str]:
    """The fields of a shape that are hidden; what has no default is not a metric."""
    return {name for name, field in shape.model_fields.items() if name in hidden and not field.is_required()}


async def read_shared(using: Services, share_id: str) -> Shared:
    """The list under a link, read in one statement.

    Raises:
        Problem: 404. A link that is closed looks like one that nobody ever had.
    """
    answer = await using.reader.answer(PARTS, {"share_id": share_id})
    if not answer.rows("list"):
        raise Problem(404, "there is no list under this link", kind="no-such-list", headers=PRIVATE)
    about = answer.rows("list")[0]
    hidden = hidden_metrics(about["disabled_metrics"] or (), has_videos=about["youtube_posts"] > 0)
    posts = _shown(answer.rows("posts"), SharedPost, hidden)
    ranked_by = [name for name in RANKED_BY if name not in hidden]
    posts.sort(key=lambda post: next((-post[name] for name in ranked_by if post[name] is not None), 0))
    days = _shown(answer.rows("days")[::-1], SharedDay, hidden)
    (totals,) = _shown([about], SharedTotals, hidden)
    return Shared(about, totals, posts, days, hidden, answer.generations)


def private(body: bytes, media_type: str, generations: Generations) -> Response:
    """An answer that nobody keeps."""
    headers = {**PRIVATE, "Vary": "Accept, Accept-Encoding", "Stir-Generations": generations.key}
    return Response(body, headers=headers, media_type=media_type)


@router.get("/collections/{share_id}", response_model=schemas.SharedList, responses=schemas.PROBLEMS)
async def collection(request: Request, share_id: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """A list by its share link: totals, posts and days, without costs, clicks, orders or whose it is.

    A metric that the customer hides is absent; null is unknown.
    """
    wanted(request)
    MOMENT.set(request.app.state.clock())
    found = await read_shared(services(request), share_id)
    about = ("title", "collection_type", "first_seen_date", "last_seen_date", "starts_at", "ends_at", "created_at")
    data = {name: found.about[name] for name in about}
    data |= {"totals": found.totals, "posts": found.posts, "days": found.days, "gaps": found.gaps}
    return private(envelope(data, found.generations, notes=found.notes), JSON, found.generations)


POSTS_PATH, SERIES_PATH = "/collections/{share_id}/posts", "/collections/{share_id}/series"
_FILE = {**schemas.PROBLEMS, **schemas.FILES}
_FILE_TOO = {**schemas.PROBLEMS, **schemas.FILES_TOO}


@router.get(f"{POSTS_PATH}.{{form}}", response_class=Response, responses=_FILE)
async def posts_file(request: Request, share_id: Id, form: Form, query: Annotated[NoQuery, Query()]) -> Response:
    """The posts of a shared list as CSV or Parquet."""
    return await _posts(request, share_id, MEDIA_TYPES[form])


@router.get(POSTS_PATH, response_model=schemas.SharedPosts, responses=_FILE_TOO)
async def posts(request: Request, share_id: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """The posts of a shared list, those first that were watched most."""
    return await _posts(request, share_id, wanted(request, [JSON, *MEDIA_TYPES.values()]))


async def _posts(request: Request, share_id: str, media_type: str) -> Response:
    found = await read_shared(services(request), share_id)
    if media_type == JSON:
        return private(envelope(found.posts, found.generations, notes=found.notes), JSON, found.generations)
    return _file(found, found.posts, SharedPost, media_type)


@router.get(f"{SERIES_PATH}.{{form}}", response_class=Response, responses=_FILE)
async def series_file(request: Request, share_id: Id, form: Form, query: Annotated[NoQuery, Query()]) -> Response:
    """The days of a shared list as CSV or Parquet; a day without an observation has no row."""
    return await _series(request, share_id, MEDIA_TYPES[form])


@router.get(SERIES_PATH, response_model=schemas.SharedSeries, responses=_FILE_TOO)
async def series(request: Request, share_id: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """The days of a shared list by platform. A day that no platform has is absent, and listed under `gaps`."""
    return await _series(request, share_id, wanted(request, [JSON, *MEDIA_TYPES.values()]))


async def _series(request: Request, share_id: str, media_type: str) -> Response:
    found = await read_shared(services(request), share_id)
    if media_type == JSON:
        return private(envelope({"days": found.days, "gaps": found.gaps}, found.generations), JSON, found.generations)
    return _file(found, found.days, SharedDay, media_type)


def _file(found: Shared, rows: Sequence[Mapping[str, Any]], shape: type[Row], media_type: str) -> Response:
    without = _absent(shape, found.hidden)
    return private(
        encode(media_type, rows, shape, found.generations.key, without=without), media_type, found.generations
    )
