"""What people and a language model say of accounts, by the definitions in docs/metrics.md."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from .attributes import clean, handle_of
from .comparison import Row, Subject
from .derived import CHANNEL, given_id
from .words import Words, seed

TAGGED = ("profile_type", "gender", "city", "state", "linked_instagram_handle")
ANSWERS = "openapi_profile_info_v0.12"
OLDEST, SKEW = datetime(2005, 1, 1), timedelta(minutes=10)


def manual(words: Words) -> list[Row]:
    """What people tagged by hand, one row per account; an override is best, then the latest batch."""
    tags: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for platform, key, tag in _tags(words):
        if key:
            tags[platform, key].append(tag)
    return [_best(platform, key, rows) for (platform, key), rows in tags.items()]


def _tags(words: Words) -> Iterator[tuple[str, str | None, Row]]:
    def category(word: str | None) -> str | None:
        return words.category(word, "manual")

    for row in seed("manual_instagram_tag"):
        accepted = [row[f"category_{n}"] for n in (1, 2, 3) if (row[f"category_{n}_accepted"] or "").upper() == "Y"]
        tag = {"place": (False, 0), **dict.fromkeys(TAGGED)}
        tag["categories"] = _distinct(category, [*accepted, row["additional_category"]])
        tag["languages"] = _distinct(words.language, [row[f"language_{n}"] for n in (1, 2, 3)])
        yield "INSTAGRAM", handle_of(row["handle"]), tag
    for row in seed("manual_youtube_tag"):
        tag = {"place": (row["is_override"] == "true", int(row["batch"])), "city": row["city"], "state": row["state"]}
        tag["categories"] = _distinct(category, [row["category"]])
        tag["languages"] = _distinct(words.language, [row["language"]])
        tag["profile_type"] = _one_of(row["profile_type"], "CREATOR", "BRAND")
        tag["gender"] = _one_of(row["gender"], "MALE", "FEMALE")
        link = re.sub(r"\?.*$", "", row["linked_instagram_handle"] or "").rstrip("/")
        tag["linked_instagram_handle"] = handle_of(link.rpartition("/")[2])
        yield "YOUTUBE", given_id(row["channel_id"], CHANNEL), tag


def _distinct(read: Callable[[str | None], str | None], given: list[str | None]) -> list[str]:
    return list(dict.fromkeys(known for word in given if (known := read(word))))


def _one_of(word: str | None, *known: str) -> str | None:
    text = (clean(word) or "").upper()
    return text if text in known else None


def _best(platform: str, key: str, rows: list[Row]) -> Row:
    found: Row = {"platform": platform, "profile_key": key, "has_override": any(row["place"][0] for row in rows)}
    for name in (*TAGGED, "categories", "languages"):
        reported = [(row["place"], row[name]) for row in rows if row[name]]
        found[name] = max(reported)[1] if reported else [] if name in ("categories", "languages") else None
    found["category"] = next(iter(found["categories"]), None)
    found["language"] = next(iter(found["languages"]), None)
    return found


def guesses(subject: Subject, words: Words) -> list[Row]:
    """The latest answer of the language model about each handle."""
    latest: dict[str, Row] = {}
    feed = subject.rows(
        "select event_id, profile_id, dimensions, event_timestamp, insert_timestamp from events.profile_log_events"
        f" where platform = 'INSTAGRAM' and source = '{ANSWERS}'"
    )
    for row in sorted(feed, key=lambda row: (row["event_timestamp"], row["insert_timestamp"], row["event_id"])):
        seen, came = row["event_timestamp"], row["insert_timestamp"]
        if (handle := handle_of(row["profile_id"])) and OLDEST <= seen <= came + SKEW and came <= subject.as_of:
            answer = _document(row["dimensions"])
            if answer is not None:
                latest[handle] = {"answer": answer, "answered_at": seen}
    nothing = {row["word"]: row["applies_to"] for row in seed("placeholder")}
    found = []
    for handle, row in latest.items():
        place: Row = {}
        for name in ("city", "state"):
            word = _reported(row["answer"], name)
            place[name] = None if word and nothing.get(word.lower()) == "any" else word
        land = _reported(row["answer"], "country", "[/,|]")
        place["country"] = words.country(land) if (land or "").lower() not in nothing else None
        place["language"] = words.language(_reported(row["answer"], "languages"))
        place["gender"] = _one_of(_reported(row["answer"], "gender"), "MALE", "FEMALE")
        found.append({"handle": handle, "answered_at": row["answered_at"], **place})
    return found


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _reported(answer: Any, name: str, between: str = "/") -> str | None:
    value = answer.get(name) if isinstance(answer, dict) else None
    if isinstance(value, list):
        value = value[0] if value else None
    return clean(re.split(between, value)[0]) if isinstance(value, str) else None
