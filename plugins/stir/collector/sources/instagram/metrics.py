"""Which metrics are asked of which kind of media. A metric that the API refuses for a kind is left out from then on.

Metrics end with versions of the API, and one ended metric fails a whole request. So the list is data that is learned.
Source: developers.facebook.com, Instagram platform, media insights, as of June 2026.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMON = ("views", "reach", "saved", "shares", "likes", "comments", "reposts", "total_interactions")
METRICS: dict[str, tuple[str, ...]] = {
    "feed": (*_COMMON, "follows", "profile_visits", "profile_activity"),
    "reels": (*_COMMON, "ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate"),
    "story": ("views", "reach", "replies", "shares", "follows", "profile_visits", "total_interactions"),
}
NAVIGATION = "navigation"
"""Asked of stories alone, because it comes by kind of step."""
STEPS = {
    "tap_forward": "tap_forward",
    "tap_back": "tap_back",
    "tap_exit": "tap_exit",
    "swipe_forward": "swipe_forward",
}
_PLACE = re.compile(r"metric\[(\d+)\]")


class Learned:
    """Metrics that were refused, by kind; one object serves one address, and so one version, of the API."""

    def __init__(self) -> None:
        self._refused: dict[str, set[str]] = {}

    def of(self, kind: str) -> list[str]:
        """The metrics to ask of a kind."""
        refused = self._refused.get(kind, set())
        return [metric for metric in METRICS[kind] if metric not in refused]

    def refuse(self, kind: str, asked: Sequence[str], said: str) -> str:
        """Note the metric that the answer names; returns it, empty if it names none of those that were asked."""
        found = next(
            (metric for metric in asked if re.search(rf"\b{metric}\b", said.partition("following values")[0])), ""
        )
        place = _PLACE.search(said)
        if not found and place and int(place[1]) < len(asked):
            found = asked[int(place[1])]
        if found:
            self._refused.setdefault(kind, set()).add(found)
        return found
