"""Variants of the project that lack one safeguard of staging or of a mart, and what each of them gets wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from stir.transform.rejects import TABLE

from .delivered_rows import BEFORE_MARTS, MARTS, NOW, SOURCES, START, SUBSCRIPTIONS, Row, make_rows
from .staging_server import Staging

LOG, ASSETS = "stg_beat_profile_log", "stg_beat_asset_log"
EARLIER = NOW - timedelta(hours=30)


@dataclass(frozen=True)
class Variant:
    """A macro in which what matches is another text, and the model that is wrong then.

    Attributes:
        steps_back: the clock does so before the run.
    """

    macro: str
    pattern: str
    other: str
    model: str
    steps_back: bool = False


VARIANTS = {
    "rows are read with their older versions": Variant(
        "ref_latest", r"{% if not relation.is_cte %} final{% endif %}", "", "mart_collection_post_observation"
    ),
    "deliveries of one moment have no order": Variant(
        "delivery_order", r"\+ bitShiftLeft.+?}}\)\)\)", "", "mart_post_location"
    ),
    "a watermark from the future hides what comes": Variant(
        "ingested_since",
        r", {{ as_of\(\) }}\)",
        ", toDateTime('2100-01-01'))",
        "mart_youtube_subscriber",
        steps_back=True,
    ),
    "days of arrival that are not complete are not read again": Variant(
        "list_late_days", r"having .+", "having false {% endmacro %}", "stg_beat_youtube_post"
    ),
    "an event may be at two times": Variant("stays_in_place", r"(?<=-%}).+", "true {% endmacro %}", LOG),
    "late rows are not counted": Variant(
        "find_first_uncounted_day", r"each\.2 {{.+?}} each\.3\s+or", "", "stg_beat_order"
    ),
    "counts are not taken back": Variant("record_rejects", r"union all\s+-- What a day .+?row_count > 0", "", ASSETS),
    "a day that has lost rows is not counted again": Variant(
        "find_first_uncounted_day", r"each\.2 != each\.3 or ", "", ASSETS
    ),
}
"""Marts come first: the others leave staging as it must not be."""


GONE: Row = {
    "id": 1, "platform": "INSTAGRAM", "entity_type": "POST", "asset_url": "https://x/gone",
    "updated_at": NOW - timedelta(hours=36),
}  # fmt: skip
"""A row without its key, the only one of its day: it is refused, and its source loses it before the last run."""
LATE_VIDEO: Row = {"id": 1, "shortcode": "late", "views": 1, "updated_at": START + timedelta(days=5)}


def _moved(last: bool) -> list[Row]:
    """Two deliveries of an event; or one from before them that says another profile, so that no delivery is replaced
    any more: those two are set aside."""
    first = START + timedelta(days=82)
    row: Row = {
        "event_id": "moved", "source": "test", "platform": "INSTAGRAM", "profile_id": "78" if last else "77",
        "event_timestamp": first, "metrics": '{"followers": 1}', "dimensions": "{}",
    }  # fmt: skip
    return [row | {"insert_timestamp": first + timedelta(days=day)} for day in ([1] if last else [2, 3])]


class Trial:
    """The tables before the last increment, what it makes of them, and what a variant does."""

    def __init__(self, staging: Staging, dice: random.Random) -> None:
        self._staging, self._tables = staging, (*SOURCES, *MARTS, TABLE)
        assets, _ = SOURCES[ASSETS]
        self._deliver(dice)
        staging.run()
        staging.deliver_to_marts(dice)
        staging.run_marts(also=BEFORE_MARTS)
        staging.client.command(f"system stop merges {staging.database}.stg_beat_post_log")
        for last in (False, True):
            # A late row would have its day counted again, and all days after it.
            self._deliver(dice, but=ASSETS if last else "")
            staging.deliver(SOURCES[LOG][0], _moved(last))
            if last:
                staging.deliver(SOURCES["stg_beat_youtube_post"][0], [LATE_VIDEO])
                staging.client.command(f"delete from {assets} where asset_url = '{GONE['asset_url']}'")
            else:
                staging.deliver(assets, [GONE])
            staging.clone(staging.database, "base", self._tables)
            staging.run()
        staging.check(1)
        staging.deliver_to_marts(dice)
        staging.run_marts(also=BEFORE_MARTS)
        subscription = {
            "event_id": "late", "source": "api", "source_channel_id": f"UC{8:022}", "target_channel_id": f"UC{9:022}",
            "relationship_type": "subscription", "event_timestamp": EARLIER - timedelta(hours=2),
            "insert_timestamp": EARLIER - timedelta(hours=1),
        }  # fmt: skip
        staging.clone(staging.database, "base", ["mart_youtube_subscriber"])
        staging.deliver(SUBSCRIPTIONS["mart_youtube_subscriber"], [subscription])
        staging.run_one("mart_youtube_subscriber", as_of=EARLIER)
        staging.client.command("create database right")
        for model in {variant.model for variant in VARIANTS.values()}:
            staging.keep(model, "right")

    def _deliver(self, dice: random.Random, but: str = "") -> None:
        for model, (source, make) in SOURCES.items():
            rows = make_rows(dice, make)
            if model != but:
                self._staging.deliver(source, rows)

    def wrong(self) -> Iterator[str]:
        """Each variant with which something is wrong."""
        for name, variant in VARIANTS.items():
            if self._is_wrong(variant):
                yield name

    def _is_wrong(self, variant: Variant) -> bool:
        staging = self._staging
        staging.clone("base", staging.database, {variant.model, TABLE})
        with staging.changed(variant.macro, variant.pattern, variant.other):
            if variant.steps_back:
                staging.run_one(variant.model, as_of=EARLIER)
            else:
                staging.run_one(variant.model, look_back_hours=4 if variant.model in SOURCES else 24 * 200)
        if variant.model in SOURCES and staging.wrong(variant.model):
            return True
        return bool(staging.differing(variant.model, "right", "* except _version"))
