"""The Instagram Graph API as its documentation describes it: discovery, media, insights, tokens, errors with codes.

Source: developers.facebook.com/documentation/instagram-platform, as of November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from stir.world.standins.server import Ask, Reply

_DISCOVERY = re.compile(r"business_discovery\.username\(([^)]*)\)\{(.*)\}$")
_MEDIA = re.compile(r"media\.limit\((\d+)\)(?:\.after\(([^)]*)\))?")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An account as the API shows it to others."""

    id: str
    username: str
    name: str = ""
    biography: str = ""
    picture: str = ""
    followers: int = 0
    following: int = 0
    media_count: int = 0
    is_professional: bool = True


@dataclass(frozen=True, kw_only=True)
class Media:
    """A post, reel or story. Likes and views of None are hidden, comments of None closed."""

    id: str
    shortcode: str
    owner: str
    product: str = "FEED"
    kind: str = "IMAGE"
    caption: str | None = None
    url: str | None = None
    published_at: datetime = datetime(2026, 5, 1, tzinfo=UTC)
    likes: int | None = 0
    comments: int | None = 0
    views: int | None = None


class Contents(Protocol):
    """What the platform holds. The newest media stand first."""

    def profile(self, username: str) -> Profile | None:
        """The profile with this name."""
        ...

    def media_of(self, profile: str) -> Sequence[Media]:
        """The media of a profile, stories among them."""
        ...

    def medium(self, media: str) -> Media | None:
        """One of the media."""
        ...

    def insights(self, identity: str, asked: Mapping[str, str]) -> list[dict[str, Any]] | Reply:
        """Insights of media or of an account."""
        ...

    def comments(self, media: str) -> Sequence[Mapping[str, Any]]:
        """Comments on media."""
        ...


@dataclass
class GraphStandIn:
    """The API.

    Attributes:
        tokens: the account of each token.
        usage: percent that the usage headers say, and minutes until access comes back; None sends no headers.
    """

    contents: Contents
    tokens: Mapping[str, str]
    usage: Callable[[], tuple[float, float] | None] = lambda: (28, 0)
    debugged: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __call__(self, ask: Ask) -> Reply:
        """Answer one request."""
        reply = self._answer(ask)
        used = self.usage()
        if used is None:
            return reply
        percent, minutes = used
        case = {"type": "instagram", "call_count": percent, "total_cputime": 1, "total_time": 1}
        case["estimated_time_to_regain_access"] = minutes
        headers = {
            "x-app-usage": _json({"call_count": min(percent, 28), "total_time": 1, "total_cputime": 1}),
            "x-business-use-case-usage": _json({"178": [case]}),
        }
        return Reply(reply.content, reply.status, {**headers, **reply.headers})

    def _answer(self, ask: Ask) -> Reply:
        token = ask.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return error(190, "The session has been invalidated.", 460)
        path = [part for part in ask.path.split("/") if part]
        match path[-1]:
            case "debug_token":
                return Reply({"data": self.debugged.get(ask.params.get("input_token", ""), {"is_valid": False})})
            case "stories":
                stories = [each for each in self.contents.media_of(path[-2]) if each.product == "STORY"]
                return Reply({"data": [media_document(each, with_code=True) for each in stories]})
            case "insights":
                found = self.contents.insights(path[-2], ask.params)
                return found if isinstance(found, Reply) else Reply({"data": found})
            case "comments":
                return Reply({"data": list(self.contents.comments(path[-2]))})
            case "ig_hashtag_search":
                return Reply({"data": [{"id": "17843"}]})
            case "recent_media":
                tagged = [each for each in self.contents.media_of("17843") if each.product != "STORY"]
                return Reply({"data": [media_document(each) for each in tagged]})
        if discovery := _DISCOVERY.search(ask.params.get("fields", "")):
            return self._discover(self.tokens[token], discovery[1], discovery[2])
        medium = self.contents.medium(path[-1])
        if medium is None:
            return error(100, f"Unsupported get request. Object with ID '{path[-1]}' does not exist", 33)
        return Reply(media_document(medium, with_code=True))

    def _discover(self, me: str, username: str, fields: str) -> Reply:
        profile = self.contents.profile(username)
        if profile is None or not profile.is_professional:
            return error(110, "Invalid user id", 2207013)
        found: dict[str, Any] = {
            "id": profile.id,
            "username": profile.username,
            "name": profile.name,
            "biography": profile.biography,
            "followers_count": profile.followers,
            "follows_count": profile.following,
            "media_count": profile.media_count,
            "profile_picture_url": profile.picture,
        }
        if wanted := _MEDIA.search(fields):
            size, start = int(wanted[1]), int(wanted[2] or 0)
            media = [each for each in self.contents.media_of(profile.id) if each.product != "STORY"]
            page = media[start : start + size]
            cursors = {"before": str(start), "after": str(start + len(page))}
            found["media"] = {"data": [media_document(each) for each in page], "paging": {"cursors": cursors}}
        return Reply({"business_discovery": found, "id": me})


def media_document(media: Media, *, with_code: bool = False) -> dict[str, Any]:
    """Media as the API shows them; what is hidden is left out. The shortcode is a field of own media only."""
    place = {"REELS": "reel", "STORY": f"stories/{media.owner}", "IGTV": "tv"}.get(media.product, "p")
    document = {
        "id": media.id,
        "caption": media.caption,
        "comments_count": media.comments,
        "like_count": media.likes,
        "view_count": media.views,
        "media_type": media.kind,
        "media_product_type": media.product,
        "media_url": media.url,
        "permalink": f"https://www.instagram.com/{place}/{media.shortcode}/",
        "timestamp": media.published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "shortcode": media.shortcode if with_code else None,
    }
    return {name: value for name, value in document.items() if value is not None}


def error(code: int, message: str, subcode: int | None = None, *, status: int = 400, **more: Any) -> Reply:
    """An error in the Graph API's form."""
    body: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        body["error_subcode"] = subcode
    return Reply({"error": body}, status=status)


def _json(document: Any) -> str:
    return Reply(document).body.decode()
