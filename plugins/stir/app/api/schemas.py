"""Shapes of whole answers and of the errors beside them, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from stir.app.api.creator_rows import Compared, CreatorData, FoundRow, SearchPage, WhyData
from stir.app.api.exports import PARQUET
from stir.app.api.problems import MEDIA_TYPE
from stir.app.api.rows import (
    BoardRow,
    GenerationOfTable,
    Genre,
    Group,
    Page,
    Ranked,
    RanksOfMonth,
    Row,
    SeriesData,
    TrendingPost,
    Values,
)
from stir.app.api.shared_rows import SharedListData, SharedPost, SharedSeriesData

Basis = Literal["measured", "estimated", "measured or estimated"]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}}
    for status, words in {
        400: "A parameter is unknown or has a value that is not allowed",
        404: "There is nothing of this name",
        405: "The method is not allowed",
        406: "Accept takes none of the formats that there are",
        410: "The cursor's generation is not kept any more",
        429: "Too many requests; Retry-After says when to come again",
        503: "The database is away or busy, or the table is not published; Retry-After says when to come again",
    }.items()
}
"""The statuses that every route may answer beside 200 and 304."""
_FILES: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    PARQUET: {"schema": {"type": "string", "format": "binary"}},
}
FILES: dict[int | str, dict[str, Any]] = {200: {"description": "The rows as a file", "content": _FILES}}
"""The answer of a route that gives a file."""
FILES_TOO: dict[int | str, dict[str, Any]] = {200: {"content": _FILES}}
"""What a route may give beside JSON."""


class Envelope(Row):
    """What every answer has beside its data."""

    generations: dict[str, GenerationOfTable]
    as_of: datetime | None = Field(description="The oldest watermark of the tables: every feed has data up to it")
    basis: dict[str, dict[str, Basis]] = Field(
        description="Each metric of `data` by its table: counted (measured), modelled (estimated), or as its row says."
        " A null is unknown."
    )
    notes: list[str]


class BoardPage(Envelope):
    """A page of a board."""

    data: list[BoardRow]
    page: Page


class Movers(Envelope):
    """Those who moved most."""

    data: list[Ranked]


class BoardValues(Envelope):
    """What the filters of a board can be."""

    data: Values


class CreatorAnswer(Envelope):
    """A creator."""

    data: CreatorData


class Found(Envelope):
    """A page of a search."""

    data: list[FoundRow]
    page: SearchPage


class Why(Envelope):
    """Why ranks moved."""

    data: WhyData


class Ranks(Envelope):
    """A creator's places by month."""

    data: list[RanksOfMonth]


class SeriesAnswer(Envelope):
    """A series."""

    data: SeriesData


class Comparison(Envelope):
    """Creators beside each other."""

    data: list[Compared]


class Trending(Envelope):
    """Posts that trend."""

    data: list[TrendingPost]


class Genres(Envelope):
    """Genres."""

    data: list[Genre]


class Groups(Envelope):
    """A peer group, as a list of one."""

    data: list[Group]


class SharedList(Envelope):
    """A shared list."""

    data: SharedListData


class SharedPosts(Envelope):
    """Posts of a shared list."""

    data: list[SharedPost]


class SharedSeries(Envelope):
    """Days of a shared list."""

    data: SharedSeriesData


class Freshness(Envelope):
    """Ages of the published tables."""

    data: dict[str, Any]


class Definitions(Envelope):
    """Meanings of the published numbers, by table and column."""

    data: dict[str, Any]
