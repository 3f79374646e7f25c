"""Collection reports, put together from their parts by definition (docs/metrics.md)."""

from __future__ import annotations

from collections import defaultdict

from .attributes import SHOWN
from .collections import ORDERS, SPELLINGS, Clicks, Posts, most
from .collections import measured as measure
from .comparison import Row, Subject
from .leaderboard import definition_changes
from .listed import PLATFORMS, Lists
from .terms import hashtags, keywords, stop_words, unspaced_runs

KEY = ["collection_id", "collection_type", "platform", "post_shortcode"]


class Reports:
    """The series of every post of every list, and its latest state."""

    def __init__(self, subject: Subject) -> None:
        self.posts, self.lists, self.clicks = Posts(subject), Lists(subject), Clicks(subject)
        self.manual = self._entered(subject)
        self.stop_words = stop_words(subject)
        self.unknown: Row = dict.fromkeys(
            [
                *SPELLINGS,
                *SHOWN,
                "author",
                "followers",
                "measured_reach",
                "measured_impressions",
                "seen_followers",
                "seen_ratio",
            ]
        )
        self.members: dict[tuple[str, str, str, str], Row | None] = {
            (name, "POST", platform, shortcode): item for (name, platform, shortcode), item in self.lists.posts.items()
        }
        followed: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, platform, profile in self.lists.profiles:
            followed[platform, profile].append(name)
        for post in self.posts.observed:
            for name in followed.get((post[0], self.posts.author(post)), []):
                self.members[name, "PROFILE", *post] = None
        self.imputed = {post: self.posts.days(post) for post in {key[2:] for key in self.members}}
        self.series = [row for key, item in self.members.items() for row in self._series(key, item)]

    def _shown(self, key: tuple[str, str, str, str], record: Row) -> Row:
        """What is said of a post beside its numbers: by its record, else as the customer typed it."""
        item, about = self.members[key] or {}, self.lists.about[key[1], key[0]]
        found = {name: record[name] if record[name] is not None else item.get(name) for name in SHOWN}
        return found | {"share_id": about["share_id"], "post_link": item.get("post_link")}

    def _series(self, key: tuple[str, str, str, str], item: Row | None) -> list[Row]:
        name, _, platform, shortcode = key
        record = self.posts.records.get((platform, shortcode), self.unknown)
        shown = self._shown(key, record)
        post_type, published = shown["post_type"], shown["published_at"]
        changes = [
            each for each in definition_changes(platform, "views") if published is None or each > published.date()
        ]
        found = []
        for day in self.imputed[platform, shortcode]:
            clicks = None
            if item and item["link"]:
                total = self.clicks.until(item["link"], day["date"])
                clicks = self.lists.share((name, platform, shortcode)) * total
            found.append(
                dict(zip(KEY, key, strict=True))
                | day
                | shown
                | {"followers": record["followers"], "clicks": clicks}
                | {"crosses_definition_change": any(each <= day["date"] for each in changes)}
                | measure(platform, post_type, day, record)
            )
        return found

    def _entered(self, subject: Subject) -> dict[tuple[str, str, str], int]:
        """Clicks counted by hand, by list, platform and shortcode."""
        found: dict[tuple[str, str, str], int] = {}
        for entry in subject.rows(
            f"select post_collection_id, short_code, clicks from {subject.database}.manual_post_click"
        ):
            for platform in PLATFORMS:
                key = (entry["post_collection_id"], platform, entry["short_code"])
                if key in self.lists.posts and entry["clicks"].strip().isdigit():
                    found[key] = max(found.get(key, 0), int(entry["clicks"]))
        return found

    def summaries(self) -> list[Row]:
        """The last day of each post's series, or its own record where it was never observed."""
        return [row for key in self.members if (row := self._summary(key))]

    def _summary(self, key: tuple[str, str, str, str]) -> Row | None:
        name, kind, platform, shortcode = key
        item, days = self.members[key], self.imputed[platform, shortcode]
        record = self.posts.records.get((platform, shortcode), self.unknown)
        shown = self._shown(key, record)
        if not days and item is None:
            return None
        state = days[-1] if days else record
        found = dict(zip(KEY, key, strict=True)) | {counter: state[counter] for counter in SPELLINGS}
        found |= {"is_observed": bool(days), "followers": record["followers"], "cost": item["cost"] if item else None}
        found["profile_id"] = state["profile_id"] if days else state["author"]
        found["campaign_profile_id"] = item["campaign_profile_id"] if item else None
        found |= shown | self.lists.about[kind, name]
        text = record["text"] if record["text"] is not None else shown["title"]
        found |= {"hashtags": hashtags(text), "keywords": keywords(text, self.stop_words)}
        found["unspaced_run_count"] = unspaced_runs(text)
        found |= {"link": item["link"] if item else None, "listed_at": item["listed_at"] if item else None}
        found["last_event_at"] = days[-1]["last_event_at"] if days else None
        found |= {f"measured_{counter}": state[f"measured_{counter}"] for counter in ("reach", "impressions")}
        found["first_seen_date"] = days[0]["date"] if days else None
        found["last_seen_date"] = days[-1]["date"] if days else None
        found |= {"tracked_clicks": None, **dict.fromkeys(ORDERS)}
        if item and item["link"]:
            share, link = self.lists.share((name, platform, shortcode)), item["link"]
            found["tracked_clicks"] = share * self.clicks.until(link, self.posts.today)
            orders = self.clicks.orders.get(link, dict.fromkeys(ORDERS, 0))
            found |= {order: share * orders[order] for order in ORDERS}
        found["manual_clicks"] = self.manual.get((name, platform, shortcode)) if kind == "POST" else None
        found["clicks"] = most(found["tracked_clicks"], found["manual_clicks"])
        return found | measure(platform, shown["post_type"], state, record)
