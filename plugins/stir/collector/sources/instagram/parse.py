"""Reads the Graph API's answers. Pure; what is absent stays None."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stir.collector.drift import Known, unknown
from stir.collector.paging import Page
from stir.collector.reading import count, items, measure, moment, part, text

_LINK = re.compile(r"/(?:p|reel|reels|tv|stories/[^/]+)/([0-9A-Za-z_-]+)")
_MEDIA: Known = dict.fromkeys(
    (
        "id",
        "caption",
        "comments_count",
        "like_count",
        "view_count",
        "media_type",
        "media_product_type",
        "media_url",
        "permalink",
        "shortcode",
        "thumbnail_url",
        "timestamp",
        "username",
        "is_comment_enabled",
    )
)
_PROFILE: Known = {
    **dict.fromkeys(("id", "ig_id", "username", "name", "biography", "website")),
    **dict.fromkeys(("followers_count", "follows_count", "media_count", "profile_picture_url")),
    "media": {"data": _MEDIA, "paging": None},
}


@dataclass(frozen=True, kw_only=True)
class Media:
    """A post, reel or story. `likes` of None are hidden ones, or a 0 that is doubtful because there are comments."""

    id: str
    shortcode: str
    kind: str
    media_type: str | None = None
    caption: str | None = None
    url: str | None = None
    thumbnail: str | None = None
    published_at: datetime | None = None
    likes: int | None = None
    comments: int | None = None
    views: int | None = None
    hides_likes: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A professional account."""

    id: str
    handle: str
    name: str | None = None
    biography: str | None = None
    picture: str | None = None
    followers: int | None = None
    following: int | None = None
    media_count: int | None = None


@dataclass(frozen=True)
class Discovered:
    """What business discovery shows: the profile and a page of its media."""

    profile: Profile | None
    media: Page[Media]


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment on our own media."""

    id: str
    text: str | None
    author: str | None
    likes: int | None
    at: datetime | None


@dataclass(frozen=True)
class Insights:
    """Metrics by name; those that come by a dimension as value by the dimension's values."""

    values: Mapping[str, float] = field(default_factory=dict)
    divided: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def count(self, name: str) -> int | None:
        """A counter. A metric that is absent is not 0."""
        return count(self.values.get(name))


def discovered(document: Any) -> Discovered:
    """The answer to a business discovery."""
    found = part(document, "business_discovery")
    drift = frozenset(unknown(found, _PROFILE))
    if not text(part(found, "id")):
        return Discovered(None, Page([]))
    profile = Profile(
        id=found["id"],
        handle=text(found.get("username")) or "",
        name=text(found.get("name")),
        biography=text(found.get("biography")),
        picture=text(found.get("profile_picture_url")),
        followers=count(found.get("followers_count")),
        following=count(found.get("follows_count")),
        media_count=count(found.get("media_count")),
    )
    page = media(found.get("media"), nested=True)
    return Discovered(profile, Page(page.items, page.next, drift))


def media(document: Any, *, nested: bool = False) -> Page[Media]:
    """A page of media. It is the last one if it names no `next`, however many elements or cursors it has.

    A page that is nested in a profile never names one, and goes on while it has elements and a cursor.
    """
    found = [one for each in items(document, "data") if (one := medium(each))]
    paging = part(document, "paging")
    cursor = text(part(paging, "cursors", "after")) or ""
    return Page(found, cursor if (found if nested else part(paging, "next")) else "")


def medium(document: Mapping[str, Any]) -> Media | None:
    """A post, reel or story; None without an id or a shortcode, which stands in the link where it is no field."""
    link = _LINK.search(text(document.get("permalink")) or "")
    shortcode = text(document.get("shortcode")) or (link[1] if link else None)
    if not text(document.get("id")) or shortcode is None:
        return None
    product, kind = text(document.get("media_product_type")), text(document.get("media_type"))
    likes, comments = count(document.get("like_count")), count(document.get("comments_count"))
    absent = "like_count" not in document
    # Hidden likes are left out by today's documentation, and 0 by that of 2021: with comments, 0 is not believed.
    doubtful = likes == 0 and bool(comments)
    return Media(
        id=document["id"],
        shortcode=shortcode,
        kind=_kind(product, kind),
        media_type=kind,
        caption=text(document.get("caption")),
        url=text(document.get("media_url")),
        thumbnail=text(document.get("thumbnail_url")),
        published_at=moment(document.get("timestamp")),
        likes=None if doubtful else likes,
        comments=comments,
        views=count(document.get("view_count")),
        hides_likes=True if absent else None if doubtful else False,
    )


def insights(document: Any) -> Insights:
    """Metrics of media or accounts. An empty `data` is no metrics at all, not zeros."""
    values, divided = dict[str, float](), dict[str, dict[str, float]]()
    for each in items(document, "data"):
        name = text(each.get("name"))
        if name is None:
            continue
        series = items(each, "values")
        value = measure(part(each, "total_value", "value"))
        if value is None and series:
            value = measure(series[-1].get("value"))
        if value is not None:
            values[name] = value
        for breakdown in items(part(each, "total_value"), "breakdowns"):
            for result in items(breakdown, "results"):
                named = ".".join(str(one) for one in result.get("dimension_values") or ())
                number = measure(result.get("value"))
                if named and number is not None:
                    divided.setdefault(name, {})[named] = number
    return Insights(values, divided)


def comments(document: Any) -> Page[Comment]:
    """A page of comments."""
    found = [
        Comment(
            id=each["id"],
            text=text(each.get("text")),
            author=text(part(each, "from", "id")) or text(each.get("username")),
            likes=count(each.get("like_count")),
            at=moment(each.get("timestamp")),
        )
        for each in items(document, "data")
        if text(each.get("id"))
    ]
    paging = part(document, "paging")
    return Page(found, (text(part(paging, "cursors", "after")) or "") if part(paging, "next") else "")


def _kind(product: str | None, kind: str | None) -> str:
    if product == "STORY":
        return "story"
    if product == "REELS" or kind == "VIDEO":
        return "reels"
    return "carousel" if kind == "CAROUSEL_ALBUM" else "image"
