"""The life of a leaderboard month: it runs, it closes, it is final; then nothing changes it but an explicit wish."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from stir import connections
from stir.settings import Settings

from .leaderboard.dbt import Dbt
from .leaderboard.series_server import MONTHLY

if TYPE_CHECKING:
    from stir.world.warehouse import Build

INPUTS = (
    "stg_beat_profile_log",
    "stg_beat_post_log",
    "mart_instagram_account",
    "mart_youtube_account",
    "mart_linked_socials",
    "metric_definition",
)
CLOSING, FINAL, LATER = datetime(2026, 5, 2, 12), datetime(2026, 5, 10), datetime(2026, 6, 15)
"""April closes, April is final, and the end of the tests' world."""


class Months:
    """The leaderboard models in a database of their own, on copies of the warehouse's models that they read."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.client = connections.clickhouse(settings)
        self.database = f"months_{secrets.token_hex(3)}"
        self.client.command(f"create database {self.database}")
        for model in INPUTS:
            self.client.command(f"create table {self.database}.{model} clone as {settings.clickhouse_database}.{model}")
        own = settings.model_copy(update={"clickhouse_database": self.database})
        self._dbt = Dbt(own, patch, "marts.leaderboard")

    def run(self, as_of: datetime, **variables: object) -> None:
        assert set(MONTHLY) < self._dbt.run(as_of, **variables)

    def change_every_account(self) -> None:
        """What a month of renames and a new list of categories would do."""
        for model, name in (("mart_instagram_account", "handle"), ("mart_youtube_account", "custom_url")):
            self.client.command(
                f"alter table {self.database}.{model}"
                f" update category = 'Changed', {name} = concat('new_', {name}) where true",
                settings={"mutations_sync": 2},
            )

    def query(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.client.query(sql, settings={"database": self.database}).result_rows]

    def states(self) -> dict[str, set[str]]:
        """The state of each month from March on, over all six models."""
        union = " union all ".join(f"select month, month_state from {model}" for model in MONTHLY)
        found = self.query(f"select toString(month), groupUniqArray(month_state) from ({union}) group by month")
        return {str(month): set(names) for month, names in found if str(month) >= "2026-03"}  # type: ignore[call-overload]

    def content(self, where: str) -> dict[str, tuple[object, ...]]:
        """Rows, a hash over all columns and the moments of the builds, of part of each model."""
        row = "formatRow('RowBinary', *)"
        sql = f"select count(), sum(cityHash64({row})), groupUniqArray(computed_as_of) from {{}} where {{}}"
        return {model: self.query(sql.format(model, where))[0] for model in MONTHLY}

    def built_at(self, month: str) -> set[object]:
        return {moment for row in self.content(f"month = '{month}'").values() for moment in row[2]}  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def months(settings: Settings, warehouse: Build) -> Iterator[Months]:
    with pytest.MonkeyPatch.context() as patch:
        place = Months(settings, patch)
        yield place
        place.client.command(f"drop database {place.database} sync")


def test_a_month_runs_closes_and_is_final(months: Months) -> None:
    months.run(CLOSING)
    assert months.states() == {"2026-03-01": {"FINAL"}, "2026-04-01": {"CLOSING"}, "2026-05-01": {"MTD"}}
    march = months.content("month <= '2026-03-01'")
    assert all(rows > 0 for rows, *_ in march.values())  # type: ignore[operator]

    months.change_every_account()
    months.run(FINAL)

    assert months.states() == {"2026-03-01": {"FINAL"}, "2026-04-01": {"FINAL"}, "2026-05-01": {"MTD"}}
    assert months.content("month <= '2026-03-01'") == march
    attributes = "select {}, count() from mart_instagram_leaderboard where month = '{}' group by 1"
    changed = "ifNull(category = 'Changed', false) or startsWith(ifNull(handle, ''), 'new_')"
    assert [row[0] for row in months.query(attributes.format(changed, "2026-04-01"))] == [False]
    assert [row[0] for row in months.query(attributes.format(changed, "2026-05-01"))] == [True]
    lost = "position(key, '_cat') > 0"
    kept = months.query(
        f"select countIf({lost}), countIf(not {lost}) from (select arrayJoin(mapKeys(last_month_ranks)) as key"
        " from mart_leaderboard where month = '2026-05-01')"
    )
    assert kept[0][0] == 0
    assert kept[0][1] > 0  # type: ignore[operator]


def test_a_final_month_stays_as_it_is(months: Months, request: pytest.FixtureRequest) -> None:
    april = months.content("month <= '2026-04-01'")

    months.run(LATER)
    once = months.content("1")
    if request.config.getoption("--long"):  # the data check runs every model that is added to once more
        months.run(LATER)

    assert months.states()["2026-06-01"] == {"MTD"}
    assert months.content("month <= '2026-04-01'") == april
    assert months.content("1") == once, "a second run over the same data changed something"


def test_only_the_named_month_and_its_successor_are_opened_again(months: Months) -> None:
    others = "month not in ('2026-03-01', '2026-04-01', '2026-06-01')"
    before = months.content(others)
    later = LATER.replace(hour=1)

    months.run(later, reopen_month="2026-03-01")

    assert months.content(others) == before
    assert months.built_at("2026-03-01") == months.built_at("2026-04-01") == months.built_at("2026-06-01") == {later}
    assert months.built_at("2026-05-01") == {LATER}
    renamed = (
        "select countIf(startsWith(ifNull(handle, ''), 'new_')) from mart_instagram_leaderboard where month <= '{}'"
    )
    assert months.query(renamed.format("2026-04-01")) == [(0,)]
