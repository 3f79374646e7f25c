"""Broken promises are reported once; old data is removed and needed data stays. On the real servers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from stir import connections
from stir.database import prepare
from stir.operations.freshness import NEVER, UNREADABLE, Reading, check
from stir.operations.freshness_targets import Promise
from stir.operations.retention import remove, survey
from stir.scrape_queue import queue
from stir.settings import Settings

HOUR = timedelta(hours=1)
OLD = datetime.now(UTC) - timedelta(days=400)
FRESH = Promise("model", "mart_leaderboard", timedelta(days=300), 1)
STALE = Promise("source", "events.profile_log_events", -10_000 * HOUR, 2, "insert_timestamp")
MISSING = Promise("model", "mart_of_nothing", HOUR, 3)
UNKNOWN = Promise("source", "events.no_such_table", HOUR, 2, "insert_timestamp")


@pytest.fixture
def books(settings: Settings, warehouse: Any) -> None:
    """No breach is open."""
    prepare(settings)
    with connections.postgres(settings) as connection:
        connection.execute("delete from ops.breach")


def test_a_broken_promise_is_reported_once_and_again_only_after_it_was_kept(settings: Settings, books: None) -> None:
    reported: list[str] = []

    def notify(reading: Reading) -> None:
        reported.append(reading.promise.subject)

    first = check(settings, notify, [FRESH, STALE, MISSING])
    assert [reading.kept for reading in first.readings] == [True, False, False]
    assert reported == [STALE.subject, MISSING.subject]
    assert "BROKEN" in first.text
    check(settings, notify, [FRESH, STALE, MISSING])
    assert len(reported) == 2
    mended = Promise(STALE.kind, STALE.name, 10_000 * HOUR, STALE.tier, STALE.column)
    assert check(settings, notify, [mended, MISSING]).closed == (STALE.subject,)
    check(settings, notify, [STALE, MISSING])
    assert reported == [STALE.subject, MISSING.subject, STALE.subject]


def test_checks_at_once_tell_of_a_breach_once(settings: Settings, books: None) -> None:
    reported, gate = [], threading.Barrier(4)

    def run(_: int) -> None:
        gate.wait()
        check(settings, lambda reading: reported.append(reading.promise.subject), [MISSING])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert reported == [MISSING.subject]


def test_an_alert_that_cannot_be_sent_is_tried_again_by_the_next_check(settings: Settings, books: None) -> None:
    def fail(reading: Reading) -> None:
        raise OSError("planted")

    with pytest.raises(OSError, match="planted"):
        check(settings, fail, [MISSING])
    reported: list[Reading] = []
    check(settings, reported.append, [MISSING])
    assert len(reported) == 1


def test_an_unreadable_thing_misses_only_its_own_target(settings: Settings, books: None) -> None:
    known = Promise("source", "events.profile_log_events", 10**6 * HOUR, 1, "insert_timestamp")
    report = check(settings, lambda reading: None, [UNKNOWN, known, FRESH])
    assert [reading.kept for reading in report.readings] == [False, True, True]
    assert report.readings[0].seen == NEVER
    fields = {name: getattr(settings, name) for name in Settings.model_fields}
    away = Settings(**{**fields, "clickhouse_url": SecretStr("http://w:w@127.0.0.1:9")})
    lost = check(away, lambda reading: None, [FRESH, known]).readings
    assert [reading.kept for reading in lost] == [False, False]
    assert all(UNREADABLE in reading.seen for reading in lost)


def test_a_request_that_waits_too_long_breaks_the_promise_of_its_band_only(settings: Settings, books: None) -> None:
    clock = datetime.fromisoformat(settings.as_of or "").replace(tzinfo=UTC)
    promises = [
        Promise("queue", "scrape requests of priority 1 to 3", 2 * HOUR, 1),
        Promise("queue", "scrape requests of priority 4 and lower", 24 * HOUR, 2),
        Promise("queue", "report jobs", 10**6 * HOUR, 2),
        Promise("queue", "outbox messages", 10**6 * HOUR, 2),
    ]
    with connections.beat(settings) as connection:
        queue.prepare(connection)
        connection.execute("delete from scrape_request_log")
        requests = [
            queue.Request(
                key=f"freshness:{priority}",
                platform="INSTAGRAM",
                flow="refresh_profile_by_handle",
                params={},
                priority=priority,
                expires_at=clock + HOUR,
            )
            for priority in (2, 8)
        ]
        queue.enqueue(connection, requests, moment=clock - 3 * HOUR)
    report = check(settings, lambda reading: None, promises)
    assert [reading.kept for reading in report.readings] == [False, True, True, True]
    with connections.beat(settings) as connection:
        connection.execute("delete from scrape_request_log where idempotency_key like 'freshness:%'")


@pytest.fixture
def litter(settings: Settings, warehouse: Any) -> Iterator[dict[str, Any]]:
    """Old and new things of each kind; the ages are given with them where the server does not set them itself."""
    prepare(settings)
    logs = settings.state_dir / "airflow" / "logs" / "dag_id=retention"
    logs.mkdir(parents=True, exist_ok=True)
    for name, age in (("old", 40), ("new", 1)):
        (logs / f"{name}.log").write_text("said\n")
        os.utime(logs / f"{name}.log", (time.time() - age * 86400,) * 2)
    with connections.beat(settings) as connection:
        queue.prepare(connection)
        connection.execute(
            "insert into scrape_request_log"
            " (idempotency_key, platform, flow, status, params, priority, created_at, scraped_at, expires_at) values"
            " ('kept:done', 'I', 'f', 'COMPLETE', '{}', 1, now(), now(), now()),"
            " ('old:done', 'I', 'f', 'COMPLETE', '{}', 1, %(old)s, %(old)s, %(old)s),"
            " ('old:failed', 'I', 'f', 'FAILED', '{}', 1, %(old)s, null, %(old)s),"
            " ('kept:waiting', 'I', 'f', 'PENDING', '{}', 1, %(old)s, null, %(old)s)",
            {"old": OLD},
        )
    with connections.postgres(settings) as connection:
        connection.execute(
            "insert into ops.outbox (event_key, topic, payload, sent_at) values ('old', 't', '{}', %s),"
            " ('unsent', 't', '{}', null)",
            [OLD],
        )
    yield {"logs": logs}
    with connections.beat(settings) as connection:
        connection.execute("delete from scrape_request_log where idempotency_key ~ '^(old|kept):'")
    with connections.postgres(settings) as connection:
        connection.execute("delete from ops.outbox where event_key in ('old', 'unsent')")
    (logs / "new.log").unlink(missing_ok=True)


def keys(settings: Settings) -> set[str]:
    with connections.beat(settings) as connection:
        rows = connection.execute(
            "select idempotency_key from scrape_request_log where idempotency_key ~ '^(old|kept)'"
        )
        return {row[0] for row in rows}


def test_a_survey_removes_nothing_and_a_sweep_removes_what_the_survey_found(
    settings: Settings, litter: dict[str, Any]
) -> None:
    found = {find.sweep: find.count for find in survey(settings)}
    assert found["old rows of scrape_request_log"] == 2
    assert found["old rows of ops.outbox"] == 1
    assert found["log files of Airflow"] == 1
    assert len(keys(settings)) == 4
    assert (litter["logs"] / "old.log").exists()
    assert {find.sweep: find.count for find in remove(settings)} == found
    assert keys(settings) == {"kept:done", "kept:waiting"}
    assert [path.name for path in litter["logs"].iterdir()] == ["new.log"]
    with connections.postgres(settings) as connection:
        left = connection.execute("select event_key from ops.outbox where event_key in ('old', 'unsent')").fetchall()
    assert left == [("unsent",)]
    assert sum(find.count for find in survey(settings)) == 0


def test_exports_and_tables_without_a_run_are_removed_at_their_age_and_not_before(
    settings: Settings, warehouse: Any
) -> None:
    client, s3 = connections.clickhouse(settings), connections.s3(settings)
    key = "publish/prod/leaderboard/nobody/1/part-000.tsv.zst"
    database = settings.clickhouse_database
    s3.put_object(Bucket=settings.s3.path, Key=key, Body=b"rows")
    left = [f"{database}.left__dbt_tmp", f"{database}.left__dbt_building_0a1b_2c"]
    for name in left:
        client.command(f"create table if not exists {name} (id UInt8) engine = Memory")
    young = {find.sweep: find.count for find in survey(settings)}
    assert (young["exports in S3 that no run knows"], young["temporary tables of dbt"]) == (0, 0)
    # Their age is the server's to tell, so the settings are made to find them old.
    aged = settings.model_copy(update={"keep_exports_days": -1, "keep_temporary_tables_hours": 0})
    time.sleep(1.1)
    found = {find.sweep: find for find in remove(aged)}
    assert found["exports in S3 that no run knows"].count >= 1
    assert "Contents" not in s3.list_objects_v2(Bucket=settings.s3.path, Prefix=key)
    assert found["temporary tables of dbt"].count >= len(left)
    assert [client.query(f"exists table {name}").first_row for name in left] == [(0,), (0,)]
    assert client.query(f"exists table {database}.mart_leaderboard").first_row == (1,)
