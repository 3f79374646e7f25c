"""What posts, classifiers and shops tell beside counters, by the definitions in docs/metrics.md: hashtags, languages,
categories, orders."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from .accounts import newest
from .attributes import clean
from .comparison import Row, Subject
from .terms import goes_on, hashtags

PROFILE, CHANNEL, POST = r"\d{1,20}", r"UC[\w-]{22}", r"[\w-]{1,64}"
SKEW = timedelta(minutes=10)
CAPTIONS, LEAST_KNOWN, SURE = 50, 5, 0.9
"""Vars captions_per_profile, language_min_posts, sure_category_score."""
LINKS_SOURCE, DELIVERY = "gcc", timedelta(days=7)
"""Vars attributed_utm_source, delivery_days."""
BLANKS = "\t\n\f\r "


def given_id(text: str | None, shape: str) -> str | None:
    """An id without blanks; None for one of another shape."""
    found = (text or "").strip(" ")
    return found if re.fullmatch(shape, found, re.ASCII) else None


def _published(post: Row) -> datetime | None:
    at = post["publish_time"]
    return at if at and datetime(2005, 1, 1) <= at <= post["version"][0] + SKEW else None


class Captions:
    """Instagram posts with captions."""

    def __init__(self, subject: Subject) -> None:
        feed = subject.rows("select * from beat_replica.instagram_post_simple")
        self.posts = newest(feed, "shortcode", POST)
        words = subject.rows(f"select word, language from {subject.database}.stop_word")
        scripts = subject.rows(f"select script, language from {subject.database}.script_language")
        self.stop_words: dict[str, set[str]] = defaultdict(set)
        for row in words:
            self.stop_words[row["word"]].add(row["language"])
        self.scripts = {_letters_of(row["script"]): row["language"] or None for row in scripts}

    def hashtags(self) -> Iterator[Row]:
        """Of every post that is no story."""
        for shortcode, post in self.posts.items():
            if (clean(post["post_type"]) or "").lower() != "story":
                yield {"shortcode": shortcode, "profile_id": given_id(post["profile_id"], PROFILE)} | {
                    "hashtags": hashtags(post["caption"]),
                    "published_at": _published(post),
                    "updated_at": post["version"][0],
                }

    def languages(self) -> Iterator[Row]:
        """Of every profile whose captions are mostly in one language."""
        own: dict[str, list[Row]] = defaultdict(list)
        for shortcode, post in self.posts.items():
            profile = given_id(post["profile_id"], PROFILE)
            if profile and clean(post["caption"]):
                own[profile].append({"shortcode": shortcode, "at": _published(post), "text": clean(post["caption"])})
        for profile, posts in own.items():
            posts.sort(key=lambda post: post["shortcode"])
            posts.sort(key=lambda post: post["at"] or datetime.min, reverse=True)
            reported = Counter(reported for post in posts[:CAPTIONS] if (reported := self._language(post["text"])))
            yield from _mostly(reported, {"profile_id": profile}, "language_posts", "told_posts")

    def _language(self, caption: str) -> str | None:
        text = _without_signs(caption).lower()
        scripts = {name for sign in text for name in self.scripts if _is_of(sign, name)}
        languages = {self.scripts[name] for name in scripts}
        if "ja" in languages:
            languages.discard("zh")
        if languages - {None}:
            return languages.pop() if len(languages) == 1 else None
        letters = "".join(sign if unicodedata.category(sign)[0] in "LM" else " " for sign in text)
        hits = Counter(language for word in set(letters.split(" ")) for language in self.stop_words.get(word, ()))
        best = hits.most_common(2)
        return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else None


def _letters_of(script: str) -> str:
    return {"Han": "CJK"}.get(script, script.upper())


def _is_of(sign: str, script: str) -> bool:
    """Whether the sign is of the script, by its name in Unicode."""
    return unicodedata.category(sign)[0] in "LMN" and unicodedata.name(sign, "").startswith(f"{script} ")


def _without_signs(caption: str) -> str:
    """The caption with a blank for each # or @ with the name after it, and for each link."""
    found, place = [], 0
    while place < len(caption):
        end = place
        if caption[place] in "#@":
            end = place + 1
            while end < len(caption) and (caption[end] == "." or goes_on(caption[end])):
                end += 1
            end = place if end == place + 1 else end
        elif link := re.match(r"https?://", caption[place:]):
            end = place + link.end()
            while end < len(caption) and caption[end] not in BLANKS:
                end += 1
            end = place if end == place + link.end() else end
        found.append(" " if end > place else caption[place])
        place = max(end, place + 1)
    return "".join(found)


def _mostly(reported: Counter[str], key: Row, own: str, every: str) -> Iterator[Row]:
    total = sum(reported.values())
    for language, number in reported.items():
        if total >= LEAST_KNOWN and number > total / 2:
            yield key | {"language": language, own: number, every: total, "language_ratio": number / total}


def spoken_languages(subject: Subject) -> Iterator[Row]:
    """Of every channel whose videos are mostly spoken in one language."""
    known = {row["code"] for row in subject.rows(f"select code from {subject.database}.language_name")}
    reported: dict[str, Counter[str]] = defaultdict(Counter)
    for video in newest(subject.rows("select * from beat_replica.youtube_post_simple"), "shortcode", POST).values():
        channel = given_id(video["channel_id"], CHANNEL)
        language = (clean(video["audio_language"]) or "").split("-")[0].lower()
        if channel and language in known:
            reported[channel][language] += 1
    for channel, languages in reported.items():
        yield from _mostly(languages, {"channel_id": channel}, "language_videos", "spoken_videos")


def categories(subject: Subject) -> list[Row]:
    """The category of every profile of which the classifier is sure."""
    house = {row["category"] for row in subject.rows(f"select category from {subject.database}.category")}
    found: dict[str, tuple[bool, float, str]] = {}
    for row in subject.rows("select * from ds.categorization_zsl"):
        for basis, column in (("label", "cat_from_ig_cat"), ("biography", "cat_from_bio")):
            sure = [(score, name) for name, score in row[column] if SURE < score <= 1]
            if sure:
                score, name = max(sure)
                guess = (basis == "label", score, name)
                profile = given_id(row["profile_id"], PROFILE)
                if profile and name in house and guess > found.get(profile, (False, 0.0, "")):
                    found[profile] = guess
                break
    return [
        {"profile_id": profile, "category": name, "category_basis": "label" if is_label else "biography"}
        | {"score": score}
        for profile, (is_label, score, name) in found.items()
    ]


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None


def orders(subject: Subject) -> Iterator[Row]:
    """Orders of visitors who came through our links, as they stood."""
    now = subject.as_of
    latest: dict[tuple[str, str], Row] = {}
    for row in subject.rows("select * from beat_replica.`order`"):
        key = row["platform"].strip().upper(), row["platform_order_id"].strip()
        row["version"] = row["updated_at"] or row["created_at"], row["id"]
        if row["version"][0] <= now and (key not in latest or row["version"] > latest[key]["version"]):
            latest[key] = row
    for (platform, name), row in latest.items():
        came, order = json.loads(row["utm_params"] or "{}"), json.loads(row["order_data"])
        placed = _moment(order["created_at"]) or row["created_at"]
        if (came.get("source") or "").strip().lower() != LINKS_SOURCE or placed > now:
            continue
        done = sorted(
            at
            for each in order["fulfillments"]
            if each["status"].strip().lower() == "success" and (at := _moment(each["created_at"])) and at <= now
        )
        cancelled = _moment(order["cancelled_at"])
        cancelled = cancelled if cancelled and cancelled <= now else None
        delivered = done[-1] + DELIVERY if done and not cancelled else None
        status = "PENDING" if not done else "DELIVERED" if delivered and delivered <= now else "CONFIRMED"
        yield {"platform": platform, "platform_order_id": name, "status": "CANCELLED" if cancelled else status} | {
            **{field: clean(row[field]) for field in ("name", "store", "store_name", "landing_site")},
            "utm_medium": (clean(came.get("medium")) or "").lower() or None,
            "utm_campaign": clean(came.get("campaign")),
            "total_price": Decimal(str(order["total_price"])),
            "fulfilment_count": len(done),
            "ordered_at": placed,
            "confirmed_at": done[0] if done else None,
            "delivery_estimated_at": delivered,
            "cancelled_at": cancelled,
            "updated_at": row["version"][0],
        }
