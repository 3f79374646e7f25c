"""Parameters of the routes: what a client may ask for. An unknown parameter is refused."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from stir.app.api.problems import unknown_value

Board = Literal["INSTAGRAM", "YOUTUBE", "ALL"]
Platform = Literal["INSTAGRAM", "YOUTUBE"]
Metric = Literal["followers", "followers_change", "views", "plays", "engagement"]
ProfileType = Literal["CREATOR", "BRAND"]

COMPLETE_TO = 1000
"""Places up to which a published list is whole: var leaderboard_cut of dbt_project.yml."""
METRICS_OF: dict[str, tuple[str, ...]] = {
    "INSTAGRAM": ("followers", "followers_change", "views", "plays", "engagement"),
    "YOUTUBE": ("followers", "followers_change", "views", "engagement"),
    "ALL": ("followers", "followers_change", "views"),
}
"""The metrics by which each board ranks."""
BOARDS_OF = {"INSTAGRAM": ("IA", ["INSTAGRAM", "ALL"]), "YOUTUBE": ("YA", ["YOUTUBE", "ALL"])}
"""How boards call the profiles of a platform, and the boards that list them."""

INCLUDES = ("series", "ranks", "grades", "audience", "posts", "hashtags")
"""What an answer about a creator can have beside who it is."""


_OF_MONTH = "[1-9][0-9]{3}-(0[1-9]|1[0-2])"
_OF_INCLUDE = f"({'|'.join(INCLUDES)})"
_OF_ACCOUNT = "(IA|YA):[0-9A-Za-z_-]+"
_NO_NUL = {"pattern": r"^[^\x00]*$"}


def _month(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(_OF_MONTH, value):
            raise ValueError("a month is written YYYY-MM, such as 2026-05")
        return f"{value}-01"
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("no text holds a NUL character")
    return value


Month = Annotated[date, BeforeValidator(_month, json_schema_input_type=Annotated[str, Field(pattern=f"^{_OF_MONTH}$")])]
Text = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=_NO_NUL), AfterValidator(_no_nul)]
Id = Annotated[str, Path(min_length=1, max_length=255, json_schema_extra=_NO_NUL), AfterValidator(_no_nul)]


class Query(BaseModel):
    """What holds for every route: a parameter that it does not have is refused."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *, defaults: bool = False) -> dict[str, Any]:
        """The parameters as a client writes them; those with their default value only where `defaults` says so."""
        values = self.model_dump(exclude_defaults=not defaults)
        return {name: f"{value:%Y-%m}" if isinstance(value, date) else value for name, value in values.items()}


class Filters(Query):
    """Which creators of a board."""

    month: Month | None = Field(None, description="YYYY-MM; by default the board's latest month")
    metric: Metric = Field("followers", description="What the rank is by")
    category: Text | None = Field(None, description="Content category as of the month")
    language: Text | None = Field(None, description="ISO 639-1 code as of the month")
    profile_type: ProfileType | None = None
    country: Text | None = Field(None, description="ISO 3166-1 alpha-2 code; the ranks stay those of all countries")

    def dimension(self, board: str) -> str:
        """The key of the smallest ranking that these filters name: a metric within category, language and type.

        Raises:
            Problem: 400, the board does not rank by the metric.
        """
        if self.metric not in METRICS_OF[board]:
            raise unknown_value("metric", self.metric, METRICS_OF[board])
        within = {"cat": self.category, "lang": self.language, "profile": self.profile_type}
        suffix = "".join(f"_{name}" for name, value in within.items() if value is not None)
        return f"{self.metric}_rank" + (f"_by{suffix}" if suffix else "")

    def values(self) -> dict[str, Any]:
        """The filters as parameters of a statement."""
        return self.model_dump(include={"month", "category", "language", "profile_type", "country"})


class ExportQuery(Filters):
    """A whole board."""

    q: Text | None = Field(None, description="Beginning of a handle or a name, in any case")


class BoardQuery(ExportQuery):
    """A page of a board."""

    limit: int = Field(50, ge=1, le=100)
    cursor: Annotated[str, Field(max_length=400)] | None = Field(None, description="page.next of the page before")


class MoversQuery(Filters):
    """Those who moved most."""

    direction: Literal["up", "down"] = "up"
    limit: int = Field(20, ge=1, le=100)


class SeriesQuery(Query):
    """Periods of a series."""

    interval: Literal["week", "month"] = "week"
    first: date | None = Field(None, alias="from", description="First day, YYYY-MM-DD")
    last: date | None = Field(None, alias="to", description="Last day, YYYY-MM-DD")


class RanksQuery(Query):
    """A creator's places."""

    metric: Metric = "followers"
    board: Board | None = Field(None, description="By default the board of the creator's own platform")


class WhyQuery(Query):
    """Why ranks moved."""

    metric: Metric = "followers"
    month: Month | None = Field(None, description="YYYY-MM; by default the creator's latest month on the board")
    board: Board | None = Field(None, description="By default the board of the creator's own platform")


class SearchQuery(Query):
    """A search for creators."""

    q: Text = Field(description="Beginning of a handle or a name, in any case, or a whole id; of `like` any part of it")
    match: Literal["prefix", "like"] = Field(
        "prefix", description="`like` forgives wrong letters, other scripts and accents, and lists the most alike first"
    )
    platform: Platform | None = None
    category: Text | None = None
    language: Text | None = Field(None, description="ISO 639-1 code")
    country: Text | None = Field(None, description="ISO 3166-1 alpha-2 code")
    limit: int = Field(20, ge=1, le=100)
    cursor: Annotated[str, Field(max_length=400)] | None = Field(None, description="page.next of the page before")


class CreatorQuery(Query):
    """What to say of a creator."""

    include: Annotated[str, Field(max_length=200), AfterValidator(_no_nul)] | None = Field(
        None,
        description=f"Some of {', '.join(INCLUDES)}, with commas between them; all by default",
        json_schema_extra={"pattern": f"^{_OF_INCLUDE}(,{_OF_INCLUDE})*$"},
    )

    @property
    def parts(self) -> list[str]:
        """The parts, each once, in the order in which they are listed.

        Raises:
            Problem: 400, there is no such part.
        """
        if self.include is None:
            return list(INCLUDES)
        asked = {name.strip() for name in self.include.split(",")}
        for name in sorted(asked - set(INCLUDES)):
            raise unknown_value("include", name, INCLUDES)
        return [name for name in INCLUDES if name in asked]


class TrendingQuery(Query):
    """Posts that trend."""

    platform: Platform = "INSTAGRAM"
    month: Month | None = None
    category: Text
    language: Text | None = None
    limit: int = Field(50, ge=1, le=100)


class GenreQuery(Query):
    """Sizes of genres."""

    platform: Board = "ALL"
    month: Month | None = None
    language: Text = "ALL"
    profile_type: Literal["CREATOR", "BRAND", "ALL"] = "ALL"


def _accounts(text: str) -> str:
    pairs = [pair.strip() for pair in text.split(",")]
    if not 2 <= len(pairs) <= 5:
        raise ValueError("name two to five accounts, such as IA:1234,YA:UCabc")
    if len(set(pairs)) < len(pairs):
        raise ValueError("an account is named twice")
    for pair in pairs:
        if pair[:3] not in ("IA:", "YA:") or not pair[3:]:
            raise ValueError(f"{pair[:40]!r} is no account; write IA:id for Instagram or YA:id for YouTube")
    return text


class CompareQuery(Query):
    """Accounts to compare."""

    ids: Annotated[str, Field(max_length=1500), AfterValidator(_no_nul), AfterValidator(_accounts)] = Field(
        description="Two to five different of IA:id (Instagram) and YA:id (YouTube), with commas between them",
        json_schema_extra={"pattern": f"^{_OF_ACCOUNT}(,{_OF_ACCOUNT}){{1,4}}$"},
    )

    @property
    def accounts(self) -> list[tuple[str, str]]:
        """Platform and id of each."""
        pairs = [pair.strip() for pair in self.ids.split(",")]
        return [("INSTAGRAM" if pair.startswith("IA:") else "YOUTUBE", pair[3:]) for pair in pairs]


class NoQuery(Query):
    """A route without parameters."""
