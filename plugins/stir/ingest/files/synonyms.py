"""The names that people give to the columns of their spreadsheets, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence

CHANNEL: dict[str, Sequence[str]] = {
    "channel_id": ("channel id", "yt channel id", "ucid", "id", "external channel id"),
    "handle": ("custom url", "username", "channel handle", "user name", "channel url", "url", "link"),
    "channel": ("channel title", "channel name", "title", "name", "youtuber", "creator", "account", "kanal"),
    "date": ("day", "snapshot date", "as of", "timestamp", "time", "datum", "month", "collected at", "recorded at"),
    "subscribers": (
        "subscriber count", "subs", "followers", "subscriber", "total subscribers", "follower count", "abonnenten",
    ),
    "views": ("view count", "total views", "video views", "channel views", "lifetime views", "viewcount", "aufrufe"),
    "videos": ("video count", "uploads", "total videos", "videos count", "number of videos", "upload count"),
    "country": ("country code", "land"),
    "hidden": ("hidden subscriber count", "is subscriber count hidden", "subscribers hidden"),
    "description": ("channel description",),
    "language": ("default language",),
}  # fmt: skip
POST: dict[str, Sequence[str]] = {
    "video_id": ("id", "video", "shortcode", "youtube id", "post id", "video url", "url", "link"),
    "channel_id": ("yt channel id", "ucid"),
    "channel": ("channel title", "channel name", "author", "creator", "youtuber", "kanal"),
    "handle": ("channel handle", "custom url", "username"),
    "title": ("video title", "name"),
    "date": (
        "trending date", "snapshot date", "as of", "collected at", "recorded at", "fetched at", "timestamp", "day",
        "datum", "query time",
    ),
    "published": (
        "published at", "publish time", "publish date", "video publish time", "upload date", "uploaded at",
        "published date",
    ),
    "views": ("view count", "viewcount", "video views", "aufrufe"),
    "likes": ("like count", "likecount"),
    "comments": ("comment count", "comment total", "commentcount", "comments count", "number of comments"),
    "subscribers": ("subscriber count", "channel subscribers", "followers", "subs"),
    "category_id": ("category",),
    "tags": ("keywords",),
    "description": ("video description",),
    "thumbnail": ("thumbnail link", "thumbnail url", "thumbnail default"),
    "duration": ("video duration", "length"),
    "country": (),
    "language": ("default audio language", "default language"),
    "comments_disabled": ("comment disabled",),
    "ratings_disabled": ("rating disabled", "likes disabled"),
    "removed": ("video error or removed",),
}  # fmt: skip
