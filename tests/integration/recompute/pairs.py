"""Which channel and which profile are one creator's, by the definition of mart_linked_socials in docs/metrics.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .accounts import count, newest
from .attributes import clean, handle_of
from .channels import Channels
from .comparison import Row, Subject
from .derived import CHANNEL, PROFILE, given_id

STRENGTH = {"vendor": 1, "declared": 2, "manual": 3}


class Pairs:
    """Claims that a channel and a profile belong together, and who is known to us."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.channels = Channels(subject)
        accounts = newest(subject.rows("select * from beat_replica.instagram_account"), "profile_id", PROFILE)
        shown = {profile: handle_of(row["handle"]) for profile, row in accounts.items()}
        self.profiles = {
            profile: (shown[profile], followers)
            for profile, row in accounts.items()
            if (followers := count(row["followers"])) and shown[profile]
        }
        # Of several profiles that show one handle the one that changed last.
        by_change = sorted(accounts, key=lambda profile: (accounts[profile]["version"][0], profile))
        self.owners = {shown[profile]: profile for profile in by_change if shown[profile]}

    def linked(self) -> list[Row]:
        """The pairs, one to one."""
        pairs = [pair for pair in self._pairs() if pair]
        by_profile: dict[str, Row] = {}
        for pair in sorted(pairs, key=lambda pair: (-pair["strength"], -pair["channel_followers"], pair["channel_id"])):
            by_profile.setdefault(pair["profile_id"], pair)
        taken = by_profile.values()
        by_channel: dict[str, Row] = {}
        for pair in sorted(taken, key=lambda pair: (-pair["strength"], -pair["profile_followers"], pair["profile_id"])):
            by_channel.setdefault(pair["channel_id"], pair)
        return list(by_channel.values())

    def _pairs(self) -> Iterator[Row]:
        for source, channel, profile in self._claims():
            record, known = self.channels.accounts.get(channel or ""), self.profiles.get(profile or "")
            title = self._title(channel) if channel and record else None
            if record and record["followers"] and title and known:
                yield {"channel_id": channel, "profile_id": profile, "link_source": source} | {
                    "strength": STRENGTH[source],
                    "channel_title": title,
                    "profile_handle": known[0],
                    "channel_followers": record["followers"],
                    "profile_followers": known[1],
                }

    def _title(self, channel: str) -> str | None:
        record, file = self.channels.records[channel], self.channels.files.get(channel)
        own, vendors = clean(record["title"]), clean(file["title"]) if file else None
        vendors = None if vendors == "NULL" else vendors
        is_newer = file is not None and file["seen"] > record["version"][0]
        return (vendors or own) if is_newer else (own or vendors)

    def _claims(self) -> Iterator[tuple[str, str | None, str | None]]:
        tags: dict[str, Row] = {}
        for tag in self.subject.rows(f"select * from {self.subject.database}.manual_youtube_tag"):
            last = re.search(r"([^/?]+)/?(?:\?.*)?$", tag["linked_instagram_handle"] or "")
            tag["place"] = (tag["is_override"], tag["batch"], handle_of(last[1]) if last else None)
            channel = given_id(tag["channel_id"], CHANNEL)
            if channel and tag["place"][2] and tag["place"] > tags.get(channel, {"place": (False, -1, "")})["place"]:
                tags[channel] = tag
        for channel, tag in tags.items():
            yield "manual", channel, self.owners.get(tag["place"][2])
        for channel, record in self.channels.records.items():
            found = re.search(r"instagram\.com/@?([A-Za-z0-9._]+)", record["external_urls"] or "")
            yield "declared", channel, self.owners.get(found[1].lower()) if found else None
        for row in self.subject.rows("select youtube_userid, instagram_userid from vendor.social_profiles"):
            yield "vendor", clean(row["youtube_userid"]), clean(row["instagram_userid"])
