"""Each trigger on the tests' warehouse: what it asks for, how, and that it asks once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from stir import connections
from stir.clock import now
from stir.scrape_queue.flows import FLOWS
from stir.scrape_queue.recovery import recover
from stir.settings import Settings
from stir.triggers.registry import KIND, sync_registry

from .conftest import Trigger

QUIET = {
    "sync_instagram_collection_stories",
    "sync_instagram_post_comments",
    "sync_instagram_profile_insights",
    "sync_instagram_story_insights",
    "sync_youtube_channels",
    "sync_youtube_post_comments",
    "sync_youtube_profile_insights",
    "sync_youtube_profile_relationships",
    "upload_profile_relationship_asset",
}
"""Triggers that may find nobody due in so small a world at its end; test_rules makes somebody due."""


def test_every_trigger_asks_with_its_key_priority_and_params_and_only_once(trigger: Trigger) -> None:
    moment = now(trigger.settings)
    for name, spec in trigger.specs.items():
        trigger.execute("truncate scrape_request_log")
        first = trigger.run(name, moment)
        rows = trigger.rows("idempotency_key, flow, platform, priority, params, status, created_at, expires_at")
        assert len(rows) == first.enqueued, name
        assert rows or name in QUIET, name
        flow, keys = FLOWS[spec.flow], set()
        for key, *kind, priority, params, status, created_at, expires_at in rows:
            assert kind == [spec.flow, flow.platform]
            assert key.startswith(f"{spec.flow}:")
            assert len(key.split(":")) == 3
            assert priority >= spec.priority
            assert params[flow.entity]
            assert {path.split(".")[0] for path in spec.params} <= set(params)
            assert params.items() >= spec.constants.items()
            assert (status, created_at, expires_at) == ("PENDING", moment, moment + flow.lifetime)
            keys.add(key)
        assert len(keys) == len(rows)
        second = trigger.run(name, moment + timedelta(seconds=1))
        assert (second.enqueued, second.asked) == (0, second.candidates), name
        assert len(trigger.rows()) == len(rows)


def test_a_dry_run_says_the_same_and_writes_nothing(trigger: Trigger) -> None:
    moment = now(trigger.settings)
    said = trigger.run("sync_instagram_post_insights", moment, dry_run=True)
    assert trigger.rows() == []
    done = trigger.run("sync_instagram_post_insights", moment)
    assert (said.enqueued, said.candidates) == (done.enqueued, done.candidates)
    assert "would be enqueued" in said.lines()[-1]


def test_two_runs_at_once_ask_once(trigger: Trigger) -> None:
    moment = now(trigger.settings)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: trigger.run("sync_youtube_post_type", moment), range(4)))
    assert sorted(run.enqueued for run in runs)[:3] == [0, 0, 0]
    assert sum(run.enqueued for run in runs) == len(trigger.rows()) > 0


def test_when_the_window_is_over_the_same_is_asked_again(trigger: Trigger) -> None:
    moment = now(trigger.settings)
    first = trigger.run("track_hashtags", moment)
    assert trigger.run("track_hashtags", moment + timedelta(hours=6, seconds=-1)).enqueued == 0
    assert trigger.run("track_hashtags", moment + timedelta(hours=6)).enqueued == first.enqueued == 4


def test_the_quarantine_is_that_of_the_tracked_marts(trigger: Trigger) -> None:
    from stir.triggers.warehouse import quarantines, reader

    moment, client = now(trigger.settings), reader(trigger.settings)
    ours = {
        entity: quarantine.until
        for entity, quarantine in quarantines(client, "refresh_profile_by_handle", moment=moment).items()
        if quarantine.until
    }
    rows = client.query(
        "select handle, quarantined_until from mart_instagram_tracked_profiles where quarantined_until is not null"
    ).result_rows
    theirs = {handle: until.replace(tzinfo=moment.tzinfo) for handle, until in rows}
    assert {handle: ours.get(handle) for handle in theirs} == theirs
    assert ours


def test_tracked_profiles_are_the_marts_due_ones_strictly_by_priority(trigger: Trigger) -> None:
    moment = now(trigger.settings)
    trigger.run("sync_instagram_profiles_by_handle", moment)
    due = connections.clickhouse(trigger.settings).query(
        f"select handle, priority from {trigger.settings.clickhouse_database}.mart_instagram_tracked_profiles"
        " where next_attempt <= {moment:DateTime64(6, 'UTC')} order by priority, next_attempt, handle limit 800",
        parameters={"moment": moment},
    )
    asked = [(params["handle"], priority - 2) for _, priority, params in trigger.rows()]
    assert asked == [(handle, priority) for handle, priority in due.result_rows] != []


def test_inference_sends_each_field_under_its_own_name_and_stays_in_the_days_budget(trigger: Trigger) -> None:
    moment = now(trigger.settings)
    trigger.settings = trigger.settings.model_copy(update={"language_model_tokens": 1500})
    combined = trigger.run("sync_instagram_gpt_gender_location_language", moment)
    assert (combined.enqueued, combined.over_budget) == (3, combined.candidates - 3)
    client = connections.clickhouse(trigger.settings, database=trigger.settings.clickhouse_database)
    for _, _, params in trigger.rows():
        name, biography = client.query(
            "select name, biography from mart_instagram_account where handle = {handle:String}"
            " order by followers desc limit 1",
            parameters={"handle": params["handle"]},
        ).first_row
        assert params["data"] == {"handle": params["handle"], "name": name, "bio": biography}
    later = trigger.run("sync_instagram_gpt_base_gender", moment + timedelta(minutes=1))
    assert later.enqueued == min(1, later.candidates), "300 tokens are left of the day, for one of 200"
    tomorrow = trigger.run("sync_instagram_gpt_gender_location_language", moment + timedelta(days=1))
    assert tomorrow.enqueued == min(3, combined.over_budget)


def test_the_registry_knows_every_channel_once_and_leaves_what_people_decided(
    settings: Settings, trigger: Trigger
) -> None:
    def registry() -> dict[str, tuple[int, bool]]:
        with connections.postgres(settings) as connection:
            rows = connection.execute(
                "select value, priority, enabled from ops.tracked_entity where kind = %s", [KIND]
            ).fetchall()
        return {value: (priority, enabled) for value, priority, enabled in rows}

    def forget() -> None:
        with connections.postgres(settings) as connection:
            connection.execute("delete from ops.tracked_entity where kind = %s", [KIND])

    try:
        forget()
        assert sync_registry(settings, dry_run=True)[1] > 0
        assert registry() == {}
        known, added = sync_registry(settings)
        assert known == added == len(registry()) > 0
        chosen = next(iter(registry()))
        with connections.postgres(settings) as connection:
            connection.execute(
                "update ops.tracked_entity set priority = 1, enabled = false where kind = %s and value = %s",
                [KIND, chosen],
            )
        assert sync_registry(settings) == (known, 0)
        assert registry()[chosen] == (1, False)
        moment = now(settings)
        asked = trigger.run("sync_youtube_profile_relationships", moment)
        assert asked.enqueued == len(registry()) - 1 - asked.quarantined
        assert chosen not in trigger.entities("channel_id")
        tried = connections.clickhouse(settings).query(
            f"select channel_id from {settings.clickhouse_database}.mart_youtube_relationship_attempts"
        )
        attempts = {channel for (channel,) in tried.result_rows}
        seen = [channel in attempts for channel in trigger.entities("channel_id")]
        assert seen == sorted(seen), "never tried first"
    finally:
        forget()


def test_recovery_touches_one_platform_and_nothing_younger_than_its_lease(trigger: Trigger) -> None:
    from stir.scrape_queue import queue

    moment = now(trigger.settings)
    trigger.run("sync_youtube_post_type", moment)
    trigger.run("track_hashtags", moment)
    with connections.beat(trigger.settings, autocommit=True) as connection:
        held = len(queue.pick(connection, 10_000, moment=moment))
    hashtags = 4
    assert recover(trigger.settings, "YOUTUBE", moment=moment + timedelta(minutes=14)).requeued == 0
    late = moment + timedelta(minutes=15)
    assert recover(trigger.settings, "YOUTUBE", moment=late, dry_run=True).requeued == held - hashtags
    done = recover(trigger.settings, "YOUTUBE", moment=late)
    assert (done.requeued, done.failed, done.expired) == (held - hashtags, 0, 0)
    states: dict[Any, int] = {}
    for platform, status, retries in trigger.rows("platform, status, retry_count"):
        states[(platform, status, retries)] = states.get((platform, status, retries), 0) + 1
    assert states == {("YOUTUBE", "PENDING", 1): held - hashtags, ("INSTAGRAM", "PROCESSING", 0): hashtags}
    assert recover(trigger.settings, "YOUTUBE", moment=moment + timedelta(days=2)).expired == held - hashtags
