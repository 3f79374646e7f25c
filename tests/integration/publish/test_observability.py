"""What others watch a publish with: metrics over HTTP from the exporter's own command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from stir.errors import StirError
from stir.local.machine.ports import find_free
from stir.publish import publish
from stir.settings import PROJECT_DIR, Settings
from stir.transform.environment import dbt_environment

from .left_overs import BOARD
from .marts import Mart

OF = f'{{table="{BOARD.table}",target="prod"}}'


@contextmanager
def exporter(settings: Settings) -> Iterator[str]:
    """`stir exporter` as its own process; yields the address that it prints."""
    environment = {**os.environ, **dbt_environment(settings), "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    command = [sys.executable, "-P", "-m", "stir", "exporter", "--port", str(find_free(set()))]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd="/")
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/metrics", process.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.terminate()
        assert process.wait(20) == 130, "a signal ends it in order"


def scrape(url: str) -> dict[str, float]:
    """Metric with its labels, as Prometheus writes them, to its value."""
    lines = httpx.get(url, timeout=60).raise_for_status().text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_a_scrape_sees_a_publish_and_the_refusal_of_the_next(
    place: Settings, mart: Mart, monkeypatch: pytest.MonkeyPatch
) -> None:
    mart.build(1)
    first = publish(place, BOARD)
    with exporter(place) as url:
        seen = scrape(url)
        assert seen[f"stir_publish_generation{OF}"] == first.generation
        assert seen[f"stir_publish_rows{OF}"] == first.rows
        assert seen[f"stir_publish_last_run_failed{OF}"] == 0
        assert 0 < seen[f"stir_publish_last_run_seconds{OF}"] <= first.seconds["total"]
        published = f'stir_publish_runs_total{{outcome="published",table="{BOARD.table}",target="prod"}}'
        assert seen[published] == 1
        assert seen['stir_freshness_kept{kind="publication",name="prod.leaderboard",tier="1"}'] in (0, 1)
        assert {seen[f'stir_read_ok{{part="{part}"}}'] for part in ("publish_prod", "publish_staging", "dbt")} == {1}

        mart.build(2, rows=10)
        with pytest.raises(StirError, match="shrink"):
            publish(place, BOARD)
        seen = scrape(url)
        assert seen[f"stir_publish_last_run_failed{OF}"] == 1
        assert seen[published.replace("published", "failed")] == 1
        assert seen[f"stir_publish_generation{OF}"] == first.generation
        assert seen[f"stir_publish_running{OF}"] == 0
