"""What the scorer wrote, and nothing of it before or after a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stir import connections
from stir.authenticity import edges, job
from stir.settings import Settings
from stir.world.warehouse import Build

TABLES = (edges.SCORES, edges.SHARES)
UNTOLD = "* except (run_id, scored_at)"
"""What two runs write alike."""


class Written:
    """What the job wrote, as the warehouse's writer sees it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._client = connections.clickhouse(settings)

    def ask(self, sql: str) -> int:
        return int(self._client.query(sql).result_rows[0][0])

    def forget(self) -> None:
        """Remove all that the job wrote; the rows of outside models stay."""
        for table in TABLES:
            self._client.command(f"alter table {table} delete where rules_version > 0 settings mutations_sync = 2")

    def rows(self, creator: str = "") -> list[tuple[int, int]]:
        """Number and content of the rows that the job wrote, by table."""
        where = f"rules_version > 0 and (creator_id = '{creator}' or '{creator}' = '')"
        return [
            (self.ask(f"select count() from {table} final where {where}"),
             self.ask(f"select ifNull(sum(cityHash64(*)), 0) from (select {UNTOLD} from {table} final where {where})"))
            for table in TABLES
        ]  # fmt: skip

    def inserted(self) -> int:
        """Scores, those that a merge will drop included."""
        return self.ask(f"select count() from {edges.SCORES} where rules_version > 0")


@pytest.fixture
def written(settings: Settings, warehouse: Build) -> Iterator[Written]:
    found = Written(settings)
    found.forget()
    yield found
    found.forget()


@pytest.fixture
def creator(written: Written) -> str:
    """The creator with the fewest collected followers: quick to score."""
    return min(job.plan(written.settings).creators, key=lambda each: each.sample).creator_id
