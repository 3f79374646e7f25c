"""Every column of every source goes through the cleaner of its kind where a model reads it, and what a cleaner empties
is counted. The columns are those of the DDL, so that a new one without a cleaner is seen here."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from stir.sources.tables import TABLES

from .rendering import (
    CLEANERS,
    DECIDE,
    Occurrence,
    columns_of_sources,
    is_marked,
    marks_in,
    occurrences,
    render,
    rendered_project,
)
from .rendering import models as all_models

KIND_OF = {name: kind for kind, names in CLEANERS.items() for name in names}
TAKES = {
    "Int": ("count", "measure"),
    "UInt": ("count", "measure"),
    "Float": ("measure",),
    "DateTime": ("time",),
    "String": ("text", "key", "json", "price", "duration", "count", "time"),
}
"""What cleans a column of a type."""
UNREAD = {
    "coffee_replica.activity_tracker",
    "events.scrape_request_log_events",
    "vendor.instagram_page_stats",
}
"""Sources that no model reads."""
BY_HOOK = {"tracking.link_orders": "record_link_orders reads it before the model, with clean_count and link_key"}

AS_IS: dict[str, tuple[str, ...]] = {
    "the time of the row decides whether it is read at all": (
        *(
            "*.updated_at",
            "*.insert_timestamp",
            "*.post_activity_log.timestamp",
            "*.profile_relationship_log.timestamp",
        ),
        *("identity_replica.social_account.created_on", "*.link_clicks.d", "*.youtube_channels.snapshot_date"),
    ),
    "compared with words or with 0, and goes nowhere": (
        *("*.scrape_request_log.status", "*.recent_scrape_request_log.status", "*.youtube_post_simple.privacy_status"),
        *("*.youtube_post_simple.likes", "*.youtube_post_simple.views", "*.youtube_post_simple.comments"),
        *("*.platform", "*.relationship_type", "*.source", "*.dimensions"),
        *("*.ccatid", "*.instagram_profiles.followers"),
    ),
    "trimmed beside a condition that it is an id": (
        *("*.channel_id", "*.profile_id", "*.shortcode", "*.source_channel_id", "*.target_channel_id"),
        *("*.instagram_userid", "*.youtube_userid"),
    ),
    "orders what is equal otherwise": (*("*.post_log_events.event_id", "*.profile_log_events.event_id"),),
    "read for the digits of a code": ("*.scrape_request_log.data", "*.recent_scrape_request_log.data"),
    "an order of jobs: any whole number may stand there": ("*.priority",),
    "1 or anything else": ("*.chhitij_logic", "*.fake_real_based_on_lang", "*.number_more_than_4_handle"),
    "a number or moment of our own, which only orders versions": (
        *("*.creator_followers_fake_analysis.*_version", "*.creator_followers_fake_analysis.scored_at"),
        *("*.creator_fake_share.*_version", "*.creator_fake_share.scored_at", "*.creator_fake_share.sample_size"),
    ),
    "bounded where it is read": (
        *("*.link_clicks.unique_clicks", "*.instagram_prediction.age", "*.subscribed_on", "*.publish_time"),
        *("*.cat_from_bio", "*.cat_from_ig_cat", "*.social_profiles.youtube_demographic_?_*"),
        *("*.channels_monthly_stats.month", "*.profile_collection_item.platform_account_code"),
    ),
    "cleaned word by word": (
        *("*.interest_survey.*", "*.keyword_collection.keywords", "*.profile_collection.categories"),
        *("*.profile_collection.tags", "*.collection_group.collection_ids"),
    ),
}
"""Columns that a model reads without a cleaner around them, by the reason; of each, all others are cleaned too."""


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return rendered_project()


@pytest.fixture(scope="module")
def read(project: dict[str, Any]) -> list[Occurrence]:
    tables = columns_of_sources()
    return [found for name in all_models() for found in occurrences(name, render(project, name), tables)]


def _reason(column: str) -> bool:
    return any(fnmatchcase(column, pattern) for patterns in AS_IS.values() for pattern in patterns)


def _needs_no_cleaner(kind: str, column: str) -> bool:
    """Flags, and numbers that are ids."""
    bare = kind.removeprefix("Nullable(")
    return bare.startswith("Bool") or (bare.startswith("Int64") and (column == "id" or column.endswith("_id")))


def _takes(kind: str) -> tuple[str, ...]:
    bare = kind.removeprefix("Nullable(")
    return next((kinds for start, kinds in TAKES.items() if bare.startswith(start)), ())


def test_every_column_of_a_source_is_cleaned_where_a_model_reads_it(
    project: dict[str, Any], read: list[Occurrence]
) -> None:
    tables = columns_of_sources()
    raw = set()
    for found in read:
        kind = tables[found.source][found.column]
        if _needs_no_cleaner(kind, found.column) or set(found.marks) & set(DECIDE):
            continue
        if found.marks and any(KIND_OF.get(mark) in _takes(kind) for mark in found.marks):
            continue
        name = f"{found.source}.{found.column}"
        if not _reason(name) and not is_marked(render(project, found.model), found.column):
            raw.add((found.model, name, kind, found.marks))
    assert sorted(raw) == []


def test_every_reason_to_leave_a_column_as_it_is_is_of_a_column_that_is_read(read: list[Occurrence]) -> None:
    bare = {f"{found.source}.{found.column}" for found in read if not found.marks}
    patterns = [pattern for patterns in AS_IS.values() for pattern in patterns]

    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in bare)] == []


def test_every_source_is_read_or_known_as_unread(read: list[Occurrence]) -> None:
    assert {found.source for found in read} | UNREAD | set(BY_HOOK) == {table.name for table in TABLES}
    assert {found.source for found in read} & UNREAD == set()


UNCOUNTED = {
    "beat_replica.recent_scrape_request_log": "a window of beat_replica.scrape_request_log, and counted there",
    "ds.creator_fake_share": "the project's own scorer writes what is read of it, by a contract that bounds each value",
}
"""Sources of which nothing is counted, by the reason."""


def _counted(project: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """By source what the rules count: (column, mark)."""
    tables = columns_of_sources()
    counted: dict[str, set[tuple[str, str]]] = {}
    for name in all_models():
        rules = project["find_reject_rules"](name)
        if rules:
            source = f"{rules['source'].schema}.{rules['source'].identifier}"
            conditions = [condition for _, condition in [*rules["refused"], *rules["emptied"]]]
            document = rules.get("counts", ("", []))[0]
            texts = " ; ".join([*map(str, conditions), f"«parse_counts»({document})"])
            counted.setdefault(source, set()).update(marks_in(texts, tables[source]))
    return counted


def test_what_a_cleaner_empties_is_counted(project: dict[str, Any], read: list[Occurrence]) -> None:
    counted = _counted(project)
    missing = set()
    for found in read:
        kinds = {KIND_OF[mark] for mark in found.marks if mark in KIND_OF}
        for kind in kinds & {"count", "measure", "time", "price", "duration", "key"}:
            known = {KIND_OF.get(mark) for column, mark in counted.get(found.source, set()) if column == found.column}
            if kind not in known and found.source not in UNCOUNTED:
                missing.add((f"{found.source}.{found.column}", kind, found.model))
    assert sorted(missing) == []
