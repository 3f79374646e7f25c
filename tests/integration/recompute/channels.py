"""Statistics of YouTube channels over their last videos, by their definitions (docs/metrics.md)."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from .accounts import EPOCH, RECENT, add, count, mean, newest, per_week, ratio
from .comparison import Row, Subject

CHANNEL, VIDEO = r"UC[\w-]{22}", r"[\w-]{1,64}"


class Channels:
    """Channels with their videos, as of one moment; subscribers and lifetime counters as the base mart has them."""

    def __init__(self, subject: Subject) -> None:
        self.accounts = {
            row["channel_id"]: row
            for row in subject.rows(
                f"select channel_id, followers, uploads, views from {subject.database}.mart_youtube_account_base"
            )
        }
        self.as_of = subject.as_of
        self.records = newest(subject.rows("select * from beat_replica.youtube_account"), "channel_id", CHANNEL)
        feed = subject.rows("select * from beat_replica.youtube_post_simple")
        self.videos: dict[str, list[Row]] = defaultdict(list)
        for shortcode, row in newest(feed, "shortcode", VIDEO).items():
            published = row["published_at"]
            if published is None or published <= subject.as_of:
                video = {name: count(row[name]) for name in ("views", "likes", "comments")}
                video |= {"shortcode": shortcode, "published": published, "kind": (row["post_type"] or "").lower()}
                self.videos[(row["channel_id"] or "").strip()].append(video)
        for videos in self.videos.values():
            videos.sort(key=lambda v: v["shortcode"])
            videos.sort(key=lambda v: v["published"] or EPOCH - timedelta(days=1), reverse=True)

    def metrics(self, channel: str) -> Row:
        """What the last videos of a channel say about it."""
        account, recent = self.accounts[channel], self.videos[channel][:RECENT]

        def quotient(above: str, below: str) -> float | None:
            known = [(video[above], video[below]) for video in recent if None not in (video[above], video[below])]
            return ratio(sum(a for a, _ in known), sum(b for _, b in known))

        found: Row = {"channel_id": channel, "recent_posts": len(recent)}
        for kind in ("video", "short"):
            own = [video for video in self.videos[channel] if video["kind"] == kind][:RECENT]
            for name in ("views", "likes", "comments"):
                found[f"{kind}_avg_{name}"] = mean(video[name] for video in own)
        found["engagement_by_views_ratio"] = mean(
            ratio(add(video["likes"], video["comments"]), video["views"]) for video in recent
        )
        comments_by_views = quotient("comments", "views")
        found["comments_by_views_pct"] = None if comments_by_views is None else 100 * comments_by_views
        found["likes_to_comment_ratio"] = quotient("likes", "comments")
        found["views_followers_ratio"] = ratio(mean(video["views"] for video in recent), account["followers"])
        published = [video["published"] for video in self.videos[channel] if video["published"]]
        found["avg_posts_per_week"] = per_week(published, self.records[channel]["created_at"], self.as_of)
        found["avg_views"] = ratio(account["views"], account["uploads"])
        return found
