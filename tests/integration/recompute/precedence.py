"""Attributes of accounts by precedence, each with where it came from, by the definitions in docs/metrics.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from .accounts import newest
from .attributes import clean, handle_of
from .channels import Channels
from .comparison import Row, Subject
from .derived import CHANNEL, PROFILE, Captions, categories, given_id, spoken_languages
from .pairs import Pairs
from .sightings import Sightings
from .tags import guesses, manual
from .words import Words, first, last_by, vendors

KINDS = ("CREATOR", "BRAND")


class Precedence:
    """What is known of accounts from every source, as of one moment."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.words = subject, Words()
        self.pairs = Pairs(subject)
        self.manual = {(row["platform"], row["profile_key"]): row for row in manual(self.words)}
        self.links = subject.rows("select * from vendor.social_profiles")
        self.pictures = self._pictures()

    def _pictures(self) -> dict[tuple[str, str], str | None]:
        """Our own copy of an account's picture: the file stored last."""
        found: dict[tuple[str, str], tuple[tuple[datetime, int], str | None]] = {}
        for row in self.subject.rows("select * from beat_replica.asset_log"):
            if row["entity_type"].strip().upper() == "PROFILE":
                key, version = (row["platform"].strip().upper(), row["entity_id"].strip()), row["updated_at"]
                if key not in found or ((version or row["created_at"]), row["id"]) > found[key][0]:
                    found[key] = ((version or row["created_at"]), row["id"]), clean(row["asset_url"])
        return {key: url for key, (_, url) in found.items()}

    def _linked(self, column: str, shape: str) -> dict[str, Row]:
        """The row of the vendor's link table that counts for each account."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for link in self.links:
            if account := given_id(link[column], shape):
                rows[account].append(
                    {
                        "category": self.words.category(link["ccatid"], "vendor"),
                        "country": self.words.country(vendors(link["country"])),
                        "language": self.words.language(vendors(link["language"])),
                    }
                )
        second = "country" if shape == PROFILE else "language"
        return {account: last_by(own, "category", second) for account, own in rows.items()}

    def channels(self) -> list[Row]:
        known = Channels(self.subject)
        links = self._linked("youtube_userid", CHANNEL)
        spoken = {row["channel_id"]: row["language"] for row in spoken_languages(self.subject)}
        found = []
        for channel, record in known.records.items():
            tag, link = self.manual.get(("YOUTUBE", channel), {}), links.get(channel, {})
            file = known.files.get(channel, {})
            lands = [self.words.country(record["country"]), self.words.country(vendors(file.get("country")))]
            pictures = [clean(record["thumbnail"]), vendors(file.get("thumbnail"))]
            if file and file["seen"] > record["version"][0]:
                lands.reverse()
                pictures.reverse()
            chosen = {
                "category": first(
                    ("manual", tag.get("category")),
                    ("vendor", link.get("category")),
                    ("youtube", self.words.category(clean(record["yt_category"]), "youtube")),
                ),
                "language": first(
                    ("beat", self.words.language(clean(record["language"]))),
                    ("manual", tag.get("language")),
                    ("audio", spoken.get(channel)),
                    ("vendor", link.get("language")),
                ),
                "country": first(
                    ("tagged", self.words.country(record["tagged_country"])), ("newer", lands[0]), ("older", lands[1])
                ),
            }
            found.append(
                {"channel_id": channel, "profile_type": _kind(record) or tag.get("profile_type")}
                | {name: tag.get(name) for name in ("city", "state", "gender")}
                | {"profile_pic_url": self.pictures.get(("YOUTUBE", channel)) or pictures[0] or pictures[1]}
                | _with_sources(chosen)
            )
        return found

    def profiles(self) -> list[Row]:
        accounts = newest(self.subject.rows("select * from beat_replica.instagram_account"), "profile_id", PROFILE)
        owned = {profile: handle for handle, profile in self.pairs.owners.items()}
        answers = {row["handle"]: row for row in guesses(self.subject, self.words)}
        categories_of_channels = {row["channel_id"]: row["category"] for row in self.channels()}
        channels = {row["profile_id"]: row["channel_id"] for row in self.pairs.linked()}
        links, vendor = self._linked("instagram_userid", PROFILE), self._vendor_profiles()
        predicted = {row["profile_id"]: row["category"] for row in categories(self.subject)}
        written = {row["profile_id"]: row["language"] for row in Captions(self.subject).languages()}
        places = self._places()
        found = []
        for profile, record in accounts.items():
            handle = owned.get(profile)
            tag, guess = self.manual.get(("INSTAGRAM", handle or ""), {}), answers.get(handle or "", {})
            link, file, channel = links.get(profile, {}), vendor.get(profile, {}), channels.get(profile)
            chosen = {
                "category": first(
                    ("manual", tag.get("category")),
                    ("linked_channel", categories_of_channels.get(channel or "")),
                    ("vendor", link.get("category")),
                    ("prediction", predicted.get(profile)),
                ),
                "language": first(
                    ("manual", tag.get("language")),
                    ("beat", self.words.language(clean(record["language"]))),
                    ("language_model", guess.get("language")),
                    ("captions", written.get(profile)),
                ),
                "country": first(
                    ("beat", self.words.country(clean(record["country"]))),
                    ("vendor_link", link.get("country")),
                    ("vendor", file.get("country")),
                    ("language_model", guess.get("country")),
                    ("places", places.get(profile)),
                ),
                "city": first(("vendor", file.get("city")), ("language_model", guess.get("city"))),
                "state": first(("language_model", guess.get("state"))),
                "gender": first(("vendor", file.get("gender")), ("language_model", guess.get("gender"))),
                "profile_pic_url": first(
                    ("asset", self.pictures.get(("INSTAGRAM", profile))),
                    ("vendor", file.get("thumbnail")),
                    ("beat", clean(record["profile_pic_url"])),
                ),
            }
            found.append(
                {"profile_id": profile, "handle": handle_of(record["handle"]), "linked_channel_id": channel}
                | {"profile_type": _kind(record)}
                | _with_sources(chosen)
            )
        return found

    def _vendor_profiles(self) -> dict[str, Row]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.subject.rows("select * from vendor.instagram_profiles"):
            if profile := given_id(row["profile_id"], PROFILE):
                letter, followers = (vendors(row["gender"]) or "").upper(), row["followers"] or ""
                rows[profile].append(
                    {
                        "followers": int(followers) if followers.isdigit() else None,
                        "city": clean((vendors(row["city"]) or "").split(",")[0]),
                        "country": self.words.country(vendors(row["country"])),
                        "gender": {"M": "MALE", "F": "FEMALE"}.get(letter),
                        "thumbnail": vendors(row["saved_thumbnail"]),
                    }
                )
        return {profile: last_by(own, "followers", "city", "country", "gender") for profile, own in rows.items()}

    def _places(self) -> dict[str, str]:
        """The country in which more than half of a profile's posts lie."""
        lands: dict[str, Counter[str | None]] = defaultdict(Counter)
        for post in Sightings(self.subject).locations():
            if post["platform"] == "INSTAGRAM" and post["profile_id"]:
                lands[post["profile_id"]][self.words.country(post["location"].rpartition(",")[2])] += 1
        return {
            profile: land
            for profile, seen in lands.items()
            for land, posts in seen.items()
            if land and posts > seen.total() / 2
        }


def _kind(record: Row) -> str | None:
    word = (clean(record["account_type"]) or "").upper()
    return word if word in KINDS else None


def _with_sources(chosen: dict[str, tuple[str | None, str | None]]) -> Row:
    return {name: value for name, (value, _) in chosen.items()} | {
        f"{name}_source": source for name, (_, source) in chosen.items()
    }
