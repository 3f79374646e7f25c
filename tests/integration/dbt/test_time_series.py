"""The series' promise: whatever order events arrive in and however often runs repeat, the rows are a full rebuild's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from stir.local import ensure_services, stop_services
from stir.settings import load_settings

from .leaderboard.feed import DAYS, END, FIRST_DAY, Delivery, deliveries, period_of
from .leaderboard.series_server import BOARDS, MODELS, Warehouse
from .leaderboard.series_variants import ACCOUNTS, LEVEL, VARIANTS, WITHOUT_POST, Trial


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STIR_CLICKHOUSE_URL", "STIR_CLICKHOUSE_READER_URL", "STIR_AS_OF"):
            patch.delenv(name, raising=False)
        patch.setenv("STIR_STATE_DIR", str(tmp_path_factory.mktemp("series")))
        settings = ensure_services(load_settings(), ("clickhouse",))
        try:
            yield Warehouse(settings, patch)
        finally:
            stop_services(settings, ("clickhouse",))


def slow_run_commits_late(series: Warehouse, as_of: datetime, next_batch: list[Delivery], next_as_of: datetime) -> None:
    """A run reads, the next one reads more and commits, and only then the first commits what it had made."""
    client, database = series.client, series.database
    for model in MODELS:
        client.command(f"system stop merges {database}.{model}")
        client.command(f"create table {database}.before_{model} clone as {database}.{model}")
    parts = {
        model: client.query(
            "select groupArray(name) from system.parts"
            " where active and database = {db:String} and table = {name:String}",
            parameters={"db": database, "name": model},
        ).result_rows[0][0]
        for model in MODELS
    }
    series.run(as_of)
    for model in MODELS:
        client.command(
            f"create table {database}.slow_{model} engine = Memory as"
            f" select * from {database}.{model} where _part not in {{parts:Array(String)}}",
            parameters={"parts": parts[model]},
        )
        client.command(f"exchange tables {database}.{model} and {database}.before_{model}")
        client.command(f"drop table {database}.before_{model} sync")
    series.deliver(next_batch)
    series.run(next_as_of)
    for model in MODELS:
        assert series.count(f"select count() from {database}.slow_{model}") > 0
        client.command(f"insert into {database}.{model} select * from {database}.slow_{model}")
        client.command(f"drop table {database}.slow_{model} sync")


def test_empty_sources_give_empty_models(series: Warehouse, request: pytest.FixtureRequest) -> None:
    series.run(FIRST_DAY)
    if request.config.getoption("--long"):  # the test below begins with an increment on empty tables
        series.run(FIRST_DAY)

    found = [series.count(f"select count() from {series.database}.{model}") for model in MODELS]
    assert found == [0] * len(MODELS)


def test_incremental_runs_give_what_a_full_rebuild_gives(series: Warehouse, request: pytest.FixtureRequest) -> None:
    feed = deliveries(seed=11)
    runs = 7 if request.config.getoption("--long") else 3
    dice = random.Random(12)  # noqa: S311  (a test's dice)
    # Runs at odd moments, some close together and some weeks apart; the last comes when everything has arrived.
    moments = sorted(FIRST_DAY + timedelta(seconds=dice.randint(86400, DAYS * 86400)) for _ in range(runs))
    moments.append(END + timedelta(days=32))
    batches = [
        [delivery for delivery in feed if since < delivery.visible_at <= until]
        for since, until in pairwise([FIRST_DAY - timedelta(days=1), *moments])
    ]
    assert sum(map(len, batches)) == len(feed)
    late = sum(delivery.is_late for delivery in feed)
    unseen = sum(delivery.ingested_at <= moment < delivery.visible_at for delivery in feed for moment in moments)

    slow = runs // 2
    for number, (moment, batch) in enumerate(zip(moments, batches, strict=True)):
        if number == slow + 1:
            continue
        series.deliver(batch)
        if number == slow:
            slow_run_commits_late(series, moment, batches[slow + 1], moments[slow + 1])
            series.run(moments[slow + 1], look_back=72)
        else:
            series.run(moment)
    series.run(moments[-1])
    stored = series.count(f"select count() from {series.database}.mart_time_series")
    series.keep("incremental")
    series.run(moments[-1], "--full-refresh")
    series.keep("rebuilt")

    rows = {model: series.count(f"select count() from rebuilt.{model}") for model in MODELS}
    print(f"\n{len(feed)} deliveries, {late} late, {unseen} ingested before a run that could not see them; rows {rows}")
    assert late > 500
    assert unseen > 0
    assert min(rows.values()) > 50
    assert stored > rows["mart_time_series"], "nothing was ever built twice"
    differences = {model: series.differences(model, "incremental", "rebuilt") for model in MODELS}
    assert differences == dict.fromkeys(MODELS, 0)


def test_the_comparison_sees_a_single_wrong_value(series: Warehouse) -> None:
    series.client.command("create database wrong")
    series.client.command("create table wrong.mart_time_series clone as rebuilt.mart_time_series")
    series.client.command(
        "alter table wrong.mart_time_series update followers = ifNull(followers, 0) + 1"
        " where (platform_id, date, monthly_stats) in"
        " (select platform_id, date, monthly_stats from rebuilt.mart_time_series order by all limit 1)",
        settings={"mutations_sync": 2},
    )

    assert series.differences("mart_time_series", "wrong", "rebuilt") == 2


def test_each_safeguard_is_necessary(series: Warehouse, request: pytest.FixtureRequest) -> None:
    """Without it the last increment is not what it has to be; with all of them a run that commits late changes
    nothing. On a push two of them: one of what is read again, and one of which version stays."""
    names = VARIANTS if request.config.getoption("--long") else ("without_look_back", "version_of_the_feed_ahead")
    trial = Trial(series)
    planted = f"from right.mart_time_series where followers = {LEVEL} and not monthly_stats"
    assert series.count(f"select count() {planted}") == len([*ACCOUNTS, *WITHOUT_POST])
    trial.commit_late()
    assert trial.wrong("with_all") == set()
    variants = {name: VARIANTS[name] for name in names}
    found = {name: trial.run(name, variant) for name, variant in variants.items()}
    assert {name: set(variant.wrong) - found[name] for name, variant in variants.items()} == {
        name: set() for name in variants
    }


CLOSING, FINAL = datetime(2028, 3, 2, 12), datetime(2028, 3, 5, 1)
"""February closes, and February is final."""
MOMENTS = [CLOSING, FINAL, END + timedelta(days=32)]
"""Runs of the boards; with the last one March, April and May are final without a run while they closed."""


def until_final(feed: list[Delivery]) -> list[Delivery]:
    """Those of the deliveries that come before the run with which their month is final: what comes later is left out
    of a board, and a full build of today knows it."""

    def closing_run(month: datetime) -> datetime:
        closed = (month + timedelta(days=32)).replace(day=1) + timedelta(days=3)
        return min((moment for moment in MOMENTS if moment >= closed), default=MOMENTS[-1])

    return [each for each in feed if each.visible_at <= closing_run(period_of(each))]


def test_boards_built_in_slices_are_those_of_one_full_build(series: Warehouse, request: pytest.FixtureRequest) -> None:
    """Also ranks of the month before, and what explains them; months that become final before all has come, too soon,
    or are not built a last time, are others."""
    but = "computed_as_of"
    for seed in range(21, 26 if request.config.getoption("--long") else 22):
        series.begin_boards()
        feed = until_final(deliveries(seed, accounts=16))
        for since, until in pairwise([FIRST_DAY - timedelta(days=1), *MOMENTS]):
            series.deliver([each for each in feed if since < each.visible_at <= until], states=True)
            series.run_boards(until)
            series.clone(series.database, f"boards_{until:%m%d}_{seed}", BOARDS)
        series.keep(f"slices_{seed}", BOARDS)
        series.run_boards(MOMENTS[-1], "--full-refresh", boards_only=True)
        series.keep(f"full_{seed}", BOARDS)

        def differing(place: str, seed: int = seed) -> dict[str, int]:
            return {board: series.differences(board, place, f"full_{seed}", but) for board in BOARDS}

        rows = {board: series.count(f"select count() from full_{seed}.{board}") for board in BOARDS}
        states = series.count(f"select uniqExact(month, month_state) from full_{seed}.mart_leaderboard")
        print(f"\nseed {seed}: {len(feed)} deliveries; rows {rows}")
        assert min(rows.values()) > 10
        assert states == 4
        assert differing(f"slices_{seed}") == dict.fromkeys(BOARDS, 0)

    if request.config.getoption("--long"):
        # A month that is called final while it closes lacks what came until it closed.
        series.clone(f"boards_{CLOSING:%m%d}_{seed}", series.database, BOARDS)
        monthly = [board for board in BOARDS if "genre" not in board]
        for board in monthly:
            series.client.command(
                f"alter table {series.database}.{board} update month_state = 'FINAL' where month_state = 'CLOSING'",
                settings={"mutations_sync": 2},
            )
        series.run_boards(MOMENTS[-1], boards_only=True)
        series.keep("too_soon", BOARDS)
        assert 0 not in {board: differing("too_soon")[board] for board in monthly}.values()
    # Only the running month is built.
    series.clone(f"boards_{FINAL:%m%d}_{seed}", series.database, BOARDS)
    with series.changed(
        "is_month_to_build", r"\({{ month }} not in .*?%}\)", "{{ month }} >= {{ month_start(as_of()) }}"
    ):
        series.run_boards(MOMENTS[-1], boards_only=True)
    series.keep("running_month", BOARDS)
    assert 0 not in differing("running_month").values()
