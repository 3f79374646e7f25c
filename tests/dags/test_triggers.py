"""What holds for every trigger: its spec, its candidates, and the contract of priorities and windows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from stir.scrape_queue.flows import FLOWS
from stir.settings import PROJECT_DIR
from stir.triggers.registry import CHANNELS as REGISTRY
from stir.triggers.warehouse import FOLDER, statement

HOURS = {
    "sync_instagram_collection_stories": (1, 3),
    "sync_instagram_story_insights": (1, 3),
    "upload_post_asset_stories": (1, 3),
    "sync_instagram_collection_posts": (2, 12),
    "sync_youtube_collection_posts": (2, 12),
    "sync_priority_collection_posts": (2, 6),
    "sync_youtube_critical_channels": (3, 24),
    "sync_shopify_orders": (3, 4),
    "sync_instagram_stories": (3, 6),
    "sync_instagram_stories_of_listed_profiles": (3, 4),
    "sync_youtube_channels": (3, 24),
    "sync_instagram_profiles_by_handle": (2, 31 * 24),
    "sync_youtube_profiles_by_channel": (2, 31 * 24),
    "sync_youtube_videos_by_channel": (2, 31 * 24),
    "sync_instagram_post_insights": (4, 24),
    "sync_instagram_profile_insights": (4, 7 * 24),
    "sync_youtube_profile_insights": (4, 7 * 24),
    "sync_instagram_post_comments": (5, None),
    "sync_youtube_post_comments": (5, None),
    "track_hashtags": (5, 6),
    "sync_youtube_genre_videos": (5, 7 * 24),
    "sync_youtube_post_type": (6, None),
    "upload_post_asset": (6, None),
    "upload_instagram_profile_asset": (6, None),
    "sync_instagram_profile_followers": (8, 24),
    "sync_instagram_profile_following": (8, 3 * 24),
    "sync_youtube_profile_relationships": (8, 24),
    "upload_profile_relationship_asset": (8, 30 * 24),
    "sync_instagram_gpt_audience_age_gender": (9, 30 * 24),
    "sync_instagram_gpt_audience_cities": (9, 30 * 24),
    "sync_instagram_gpt_base_category_language_topics": (9, 30 * 24),
    "sync_instagram_gpt_base_gender": (9, 30 * 24),
    "sync_instagram_gpt_base_location": (9, 30 * 24),
    "sync_instagram_gpt_gender_location_language": (9, 30 * 24),
}
"""The contract: the priority of a request, and the hours within which there is no second one (None: never)."""


@pytest.fixture(scope="module")
def specs(dags: dict[str, Any]) -> dict[str, Any]:
    found = {name: task.spec for name, dag in dags.items() for task in dag.tasks if hasattr(task, "spec")}
    return {name: spec for name, spec in found.items() if hasattr(spec, "flow")}


def test_priorities_and_windows_are_the_contracts(specs: dict[str, Any]) -> None:
    reported = {
        name: (spec.priority, spec.window.every / timedelta(hours=1) if spec.window.every else None)
        for name, spec in specs.items()
    }
    assert reported == HOURS


def test_a_spec_asks_a_known_flow_from_a_file_of_candidates(specs: dict[str, Any]) -> None:
    for name, spec in specs.items():
        flow = FLOWS[spec.flow]
        assert statement(spec.candidates), name
        assert flow.entity not in spec.params, f"{name}: the entity's parameter comes from the entity"
        assert spec.limit <= flow.depth * flow.batch, f"{name}: a run could never ask for its limit"
        assert flow.batch == 1 or not spec.params, f"{name}: a batch has no parameters of its own"
        assert not flow.is_inference or spec.constants["max_tokens"] > 0


def test_every_flow_and_every_file_of_candidates_is_used(specs: dict[str, Any]) -> None:
    assert {spec.flow for spec in specs.values()} == set(FLOWS)
    files = {path.stem for path in FOLDER.glob("*.sql")} - {REGISTRY}
    assert {spec.candidates for spec in specs.values()} == files


def test_every_parameter_that_the_sql_binds_is_given_and_every_one_given_is_used(specs: dict[str, Any]) -> None:
    for name, spec in specs.items():
        wanted = set(re.findall(r"\{(\w+):", statement(spec.candidates))) - {"as_of"}
        assert wanted == set(spec.bind), name
        assert bool(spec.tracked) == bool(re.search(r"(from|join) tracked\b", statement(spec.candidates))), name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_candidates_have_a_total_order_no_schema_and_no_clock_of_their_own(path: Any) -> None:
    sql = re.sub(r"--.*", "", path.read_text())
    order = sql.rsplit("order by", 1)[-1].split("limit 1 by")[0]
    last = [part.strip() for part in order.split(",")][-1].split()[0]
    assert last in {"entity", "handle", "channel_id", "language"}, "the last key of the order is unique"
    assert re.search(r"\bas (entity|channel_id)\b|select distinct channel_id", sql) or "handle as entity" in sql
    assert not re.search(r"\b(stir|beat_replica|coffee_replica|events)\.\w", sql)
    assert not re.search(r"\b(now|today|yesterday)\w*\(", sql)


def test_triggers_do_not_wait_for_the_slots_of_long_builds(dags: dict[str, Any], specs: dict[str, Any]) -> None:
    assert {task.pool for name in specs for task in dags[name].tasks} == {"triggers"}
    assert (PROJECT_DIR / "dags" / "pools.json").read_text().count('"triggers"') == 1


@pytest.mark.parametrize(
    ("run_type", "late", "counts_as"),
    [
        ("scheduled", timedelta(seconds=4), "tick"),
        ("scheduled", timedelta(hours=2), "clock"),
        ("manual", None, "clock"),
    ],
)
def test_a_scheduled_run_counts_as_of_its_tick_unless_it_is_late(
    run_type: str, late: timedelta | None, counts_as: str
) -> None:
    from stir.dags.trigger import QueueOperator

    clock = datetime(2026, 6, 15, 12, 0, 7, tzinfo=UTC)
    tick = None if late is None else clock - late
    run = SimpleNamespace(run_type=run_type, logical_date=tick)
    assert QueueOperator.moment_of({"dag_run": run}, clock) == (tick if counts_as == "tick" else clock)


def test_a_manual_run_can_be_a_dry_run(dags: dict[str, Any], specs: dict[str, Any]) -> None:
    for name in specs:
        assert dags[name].params["dry_run"] is False
