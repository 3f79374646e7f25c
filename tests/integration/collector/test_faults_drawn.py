"""Eight workers that are killed at random, two Pacific midnights, the end of daylight saving: no call over any limit.

Not on a push, and short; `./stir chaos collect --minutes M --seed S` runs it for longer and prints the same report.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from stir.collector.pacific import PACIFIC, next_midnight, pacific_day
from stir.collector.process import Orders
from stir.collector.service import Service
from stir.ingest.vault import Vault
from stir.scrape_queue import queue
from stir.settings import Settings

from .conftest import add
from .fast_clock import ALL, COUNT, MINUTE, SEARCHES, SOURCES, VARIABLE, FastClock, fast_tools
from .local_source import URL, local_server

SECONDS = 60 * float(os.environ.get("CHAOS_MINUTES", "0.2"))
SEED = int(os.environ.get("CHAOS_SEED", "17"))
BEGIN = datetime(2026, 10, 31, 22, tzinfo=PACIFIC)
"""Two hours before the day of 25 hours."""
HOURS = 28.0
WORKERS = 8
Grant = tuple[datetime, str, int, int, str]


def grants(folder: Path) -> list[Grant]:
    """Every grant that a worker noted; the last line of one that was killed may be cut short."""
    found = []
    for path in folder.glob("*.jsonl"):
        text = path.read_text(encoding="ascii")
        for line in text[: text.rfind("\n") + 1].splitlines():
            moment, bucket, units, credential, project = json.loads(line)
            found.append((datetime.fromisoformat(moment), bucket, units, credential, project))
    return sorted(found)


def most_in_a_minute(moments: Sequence[datetime]) -> int:
    """The greatest number of moments in any window of a minute."""
    first, most = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - timedelta(minutes=1):
            first += 1
        most = max(most, last - first + 1)
    return most


def beyond(found: Sequence[Grant]) -> dict[str, int]:
    """By how much each limit was broken; 0 where it held."""
    spent: Counter[tuple[date, str, str]] = Counter()
    for moment, bucket, units, _, project in found:
        spent[pacific_day(moment), project, bucket] += units
    allowed = {"common": COUNT, "search": SEARCHES}
    keys = {credential for *_, credential, _ in found}
    by_key = [most_in_a_minute([each[0] for each in found if each[3] == key and each[1] == "common"]) for key in keys]
    return {
        "units of a project and day": max(0, *(used - allowed[key[2]] for key, used in spent.items())),
        "calls of a key in a minute": max(0, *(most - MINUTE for most in by_key)),
        "all calls in a minute": max(0, most_in_a_minute([each[0] for each in found]) - ALL),
    }


def pacific_days(found: Sequence[Grant]) -> list[date]:
    return sorted({pacific_day(each[0]) for each in found})


@pytest.mark.long  # test_limits.py asks many at once and changes days and clocks, and test_workers.py kills a worker
def test_no_call_goes_over_any_limit_while_workers_are_killed_and_days_change(
    settings: Settings,
    tables: psycopg.Connection,
    safe: Vault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    present = settings.model_copy(update={"as_of": None})
    for name, project in (("one", "42"), ("two", "42"), ("three", "43")):
        add(tables, safe, "local", name, project=project)
    moment, draw = datetime.now(UTC), random.Random(SEED)  # noqa: S311
    total = 1_000 + int(SECONDS * 100)
    requests = [
        queue.Request(
            key=f"drawn-{number}",
            platform="YOUTUBE",
            flow="refresh_yt_post_type",
            params={"post_id": f"v-{number}"},
            priority=1 + number % 5,
            expires_at=moment + timedelta(days=1),
        )
        for number in range(total)
    ]
    queue.enqueue(tables, requests, moment=moment)
    kills = 0

    async def storm(clock: FastClock, service: Service) -> None:
        nonlocal kills
        async with asyncio.timeout(120):
            while len(list(tmp_path.glob("*.jsonl"))) < WORKERS or len(grants(tmp_path)) < 10:
                await asyncio.sleep(0.1)
        clock.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(draw.uniform(0.5, 1.5))
            # One that has not called yet would teach nothing: on a slow machine all would die while they start.
            if running := [
                each.process for each in service._children if each.process.is_alive() and called(each.process.pid)
            ]:
                draw.choice(running).kill()
                kills += 1
            # What a killed worker held waits for its lease.
            queue.reset_stuck(tables, moment=datetime.now(UTC), lease=timedelta(seconds=2))
        async with asyncio.timeout(120):
            while len(pacific_days(grants(tmp_path))) < 3:
                await asyncio.sleep(0.5)
                queue.reset_stuck(tables, moment=datetime.now(UTC), lease=timedelta(seconds=2))

    def called(process: int | None) -> bool:
        notes = tmp_path / f"{process}.jsonl"
        return notes.exists() and notes.stat().st_size > 0

    async def run(clock: FastClock) -> None:
        service = Service(present, fast_tools, Orders(concurrency=6, drain=1), WORKERS)
        running = asyncio.create_task(service.run())
        await storm(clock, service)
        service.stop()
        await running

    with local_server() as seen:
        monkeypatch.setenv(URL, seen.url)
        clock = FastClock(BEGIN.isoformat(), HOURS * 3600 / SECONDS, str(tmp_path))
        monkeypatch.setenv(VARIABLE, json.dumps(asdict(clock)))
        asyncio.run(run(clock))

    found = grants(tmp_path)
    over = beyond(found)
    states = Counter(status for (status,) in tables.execute("select status from scrape_request_log").fetchall())
    row = tables.execute("select sum(calls) from collector.quota").fetchone()
    charged = int(row[0]) if row and row[0] else 0
    days = pacific_days(found)
    report: dict[str, object] = {
        "workers killed": kills,
        "calls granted": len(found),
        "charged, also by the killed": charged,
        "calls at the server": len(seen.calls),
        "Pacific days": len(days),
        "requests closed": states["COMPLETE"],
        "requests waiting": states["PENDING"] + states["PROCESSING"],
        **{f"over: {name}": count for name, count in over.items()},
    }
    with capsys.disabled():
        print(f"\nseed {SEED}, {SECONDS / 60:g} minutes for {HOURS:g} hours:")
        for name, value in report.items():
            print(f"  {name:<36}{value:>10,}")
    assert not any(over.values()), over
    assert len(seen.calls) <= charged, "nobody called without a charge"
    assert len(found) <= charged
    assert next_midnight(BEGIN + timedelta(hours=3)) - next_midnight(BEGIN) == timedelta(hours=25)
    assert len(days) == 3
    assert kills
    assert states.total() == total
    failed = {
        data for (data,) in tables.execute("select data from scrape_request_log where status = 'FAILED'").fetchall()
    }
    assert failed <= {queue.ABANDONED}, "a kill costs a request no more than a try"
    assert states["COMPLETE"]


def test_a_broken_limit_would_be_noticed() -> None:
    noon = datetime(2026, 6, 15, 19, tzinfo=UTC)
    close: list[Grant] = [(noon + timedelta(seconds=each), "common", 1, 1, "42") for each in range(ALL + 1)]
    assert beyond(close) == {
        "units of a project and day": 0,
        "calls of a key in a minute": ALL + 1 - MINUTE,
        "all calls in a minute": 1,
    }
    spread: list[Grant] = [(noon + timedelta(minutes=2 * each), "search", 1, 1, "42") for each in range(SEARCHES + 2)]
    assert beyond(spread)["units of a project and day"] == 2
    assert SOURCES["local"].needs_credential
