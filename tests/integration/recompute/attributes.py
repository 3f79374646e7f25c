"""What the product shows of a post beside its numbers, from the feeds of posts, accounts and stored pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

from .accounts import count, seen_count
from .comparison import Row, Subject

SHOWN = ("handle", "profile_name", "post_type", "title", "text", "thumbnail_url", "published_at")
KINDS = {"INSTAGRAM": {"image", "carousel", "reels", "story"}, "YOUTUBE": {"video", "short"}}
SKEW = timedelta(minutes=10)
"""How much the clock of a feed may be ahead of ours."""


def clean(text: str | None) -> str | None:
    """A text without blanks around it; None for an empty one."""
    return (text or "").replace("\0", "").strip() or None


def handle_of(text: str | None) -> str | None:
    """A handle in lower case without its sign."""
    return (clean(text) or "").lower().lstrip("@") or None


def followers_of(account: Row | None) -> int | None:
    """The followers of an Instagram or YouTube account; a channel that hides them has none that are known."""
    if account is None:
        return None
    if "subscribers" not in account:
        return seen_count(account, "followers")
    return None if account["is_subscriber_count_hidden"] else count(account["subscribers"])


def own_pictures(subject: Subject) -> dict[tuple[str, str], str | None]:
    """Our copy of the picture of a post, by platform and shortcode: the file stored last."""
    found: dict[tuple[str, str], tuple[tuple[datetime, int], str | None]] = {}
    for row in subject.rows("select * from beat_replica.asset_log"):
        if (clean(row["entity_type"]) or "").upper() != "POST":
            continue
        key = ((clean(row["platform"]) or "").upper(), clean(row["entity_id"]) or "")
        version = (row["updated_at"] or row["created_at"], row["id"])
        if key not in found or version > found[key][0]:
            found[key] = (version, clean(row["asset_url"]))
    return {key: url for key, (_, url) in found.items()}


def described(platform: str, post: Row, account: Row | None, picture: str | None) -> Row:
    """The attributes of a post by its own record and its author's."""
    author = account or {}
    kind = (post["post_type"] or "").strip().lower()
    found: Row = {"post_type": kind if kind in KINDS[platform] else None}
    if platform == "INSTAGRAM":
        found["handle"] = handle_of(author.get("handle")) or handle_of(post["handle"])
        found["profile_name"] = clean(author.get("full_name"))
        found["title"] = found["text"] = clean(post["caption"])
        found["thumbnail_url"] = picture or clean(post["thumbnail_url"]) or clean(post["display_url"])
        published = post["publish_time"]
    else:
        found["handle"] = handle_of(author.get("custom_url"))
        found["profile_name"] = clean(author.get("title")) or clean(post["channel_title"])
        found["title"] = clean(post["title"])
        found["text"] = f"{clean(post['title']) or ''}\n{clean(post['description']) or ''}"
        found["thumbnail_url"] = picture or clean(post["thumbnail"])
        published = post["published_at"]
    possible = published and datetime(2005, 1, 1) <= published < datetime(2100, 1, 1)
    found["published_at"] = published if possible and published <= post["version"][0] + SKEW else None
    return found
