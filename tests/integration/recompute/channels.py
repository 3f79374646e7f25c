"""Statistics of YouTube channels over their last videos, by their definitions (docs/metrics.md)."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, time, timedelta

from .accounts import EPOCH, RECENT, add, count, mean, newest, per_week, ratio
from .comparison import Row, Subject
from .peers import sizes

OWN = {"followers": "subscribers", "uploads": "uploads", "views": "views"}
CHANNEL, VIDEO = r"UC[\w-]{22}", r"[\w-]{1,64}"


def number(text: str | None) -> int | None:
    """A counter of the vendor's files, which are text."""
    return int(text) if text and re.fullmatch(r"\d{1,16}", text) else None


def moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


class Channels:
    """Channels with their videos, as of one moment; facts are ours or the vendor's, the newer first."""

    def __init__(self, subject: Subject) -> None:
        self.as_of = subject.as_of
        self.records = newest(subject.rows("select * from beat_replica.youtube_account"), "channel_id", CHANNEL)
        self.files: dict[str, Row] = {}
        for row in subject.rows("select * from vendor.youtube_channels"):
            # A file of a day comes at three in the morning.
            if datetime.combine(row["snapshot_date"], time(3)) > self.as_of:
                continue
            seen = moment(row["last_updated_at"]) or datetime.combine(row["snapshot_date"], time())
            row |= {"seen": seen, "followers": number(row["subscriber_count"])}
            row |= {"uploads": number(row["video_count"]), "views": number(row["view_count"])}
            row["place"] = (row["snapshot_date"], seen, -1 if row["views"] is None else row["views"])
            known = self.files.get(row["id"].strip())
            if not known or row["place"] > known["place"]:
                self.files[row["id"].strip()] = row
        self.accounts = {channel: self.facts(channel) for channel in self.records}
        feed = subject.rows("select * from beat_replica.youtube_post_simple")
        self.videos: dict[str, list[Row]] = defaultdict(list)
        for shortcode, row in newest(feed, "shortcode", VIDEO).items():
            published = row["published_at"]
            if published is None or published <= subject.as_of:
                video: Row = {name: count(row[name]) for name in ("views", "likes", "comments")}
                video |= {"shortcode": shortcode, "published": published, "kind": (row["post_type"] or "").lower()}
                self.videos[(row["channel_id"] or "").strip()].append(video)
        for videos in self.videos.values():
            videos.sort(key=lambda v: v["shortcode"])
            videos.sort(key=lambda v: v["published"] or EPOCH - timedelta(days=1), reverse=True)

    def facts(self, channel: str) -> Row:
        """Subscribers, lifetime videos and views: of our record and the vendor's file the newer that knows them."""
        record, file = self.records[channel], self.files.get(channel)
        own = {name: count(record[column]) for name, column in OWN.items()}
        if record["is_subscriber_count_hidden"]:
            own["followers"] = None
        readings = [own, file] if file else [own]
        if file and file["seen"] > record["version"][0]:
            readings.reverse()
        return {name: next((r[name] for r in readings if r[name] is not None), None) for name in OWN}

    def metrics(self, channel: str) -> Row:
        """What the last videos of a channel say about it."""
        account, recent = self.accounts[channel], self.videos[channel][:RECENT]

        def quotient(above: str, below: str, videos: list[Row]) -> float | None:
            known = [(video[above], video[below]) for video in videos if None not in (video[above], video[below])]
            return ratio(sum(a for a, _ in known), sum(b for _, b in known))

        found: Row = {"channel_id": channel, "recent_posts": len(recent), **account}
        found |= {"shorts": count(self.records[channel]["shorts"]), **sizes(account["followers"])}
        for kind in ("video", "short"):
            own = [video for video in self.videos[channel] if video["kind"] == kind][:RECENT]
            for name in ("views", "likes", "comments"):
                found[f"{kind}_avg_{name}"] = mean(video[name] for video in own)
        credible = [v for v in recent if (v["views"] or 0) >= (v["likes"] or 0) + (v["comments"] or 0)]
        found["engagement_by_views_ratio"] = mean(
            ratio(add(video["likes"], video["comments"]), video["views"]) for video in credible
        )
        comments_by_views = quotient("comments", "views", credible)
        found["comments_by_views_pct"] = None if comments_by_views is None else 100 * comments_by_views
        found["likes_to_comment_ratio"] = quotient("likes", "comments", recent)
        found["views_followers_ratio"] = ratio(mean(video["views"] for video in recent), account["followers"])
        published = [video["published"] for video in self.videos[channel] if video["published"]]
        found["avg_posts_per_week"] = per_week(published, self.records[channel]["created_at"], self.as_of)
        found["avg_views"] = ratio(account["views"], account["uploads"])
        return found
