"""What holds for the macros of ranks, series and grades whatever the data: checked on ClickHouse, with examples by the
hundred.

The SQL is what dbt compiles of the models that call the macros. One statement answers many examples at once: a board is
a month of its own, an account an id of its own.
"""

from __future__ import annotations

import random
import secrets
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from clickhouse_connect.driver.binding import quote_identifier
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.recompute.comparison import same
from tests.integration.recompute.leaderboard import dimensions
from tests.integration.recompute.peers import graded, groups, keys

from stir import connections
from stir.settings import Settings
from stir.transform.runner import run_dbt

if TYPE_CHECKING:
    from stir.world.warehouse import Build

BOARD = "mart_instagram_leaderboard"
ACCOUNTS = ("mart_instagram_account_weekly", "mart_instagram_account_monthly")
SERIES = "mart_time_series"
GROUPS, GRADES = "mart_profile_group_metrics", "mart_instagram_account"
COPIED = (
    "mart_instagram_account_base",
    "mart_youtube_account_base",
    GROUPS,
    "mart_instagram_leaderboard_base",
    "stg_beat_profile_log",
    "stg_beat_post_log",
    *ACCOUNTS,
    "mart_youtube_account_weekly",
    "mart_youtube_account_monthly",
    "metric_definition",
)
START = datetime(2028, 1, 1)
MOST = 12 if "--long" in sys.argv else 2
BATCHES = settings(max_examples=MOST, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

small = st.integers(0, 4)
"""So few values that ties are the rule."""


class Macros:
    """The compiled models over empty copies of the tables that they read."""

    def __init__(self, own: Settings, folder: Path, places: list[str]) -> None:
        self.client = connections.clickhouse(own)
        self.database = f"properties_{secrets.token_hex(3)}"
        self.client.command(f"create database {self.database}")
        for table in COPIED:
            self.client.command(f"create table {self.database}.{table} as {own.clickhouse_database}.{table}")
        models = (BOARD, *ACCOUNTS, SERIES, GROUPS, GRADES)
        command = ["compile", "--no-write-json", "--full-refresh", "--select", *models, *places]
        run_dbt(own, command, extra_environment={"STIR_AS_OF": "2029-01-01T00:00:00"}).raise_for_failure()
        # For another database dbt would parse the whole project again, and write nothing else than this.
        there, here = (f"{quote_identifier(name)}." for name in (own.clickhouse_database, self.database))
        compiled = {path.stem: path.read_text() for path in (folder / "compiled").rglob("*.sql")}
        assert all(there in sql for sql in compiled.values())
        self._sql = {name: sql.replace(there, here) for name, sql in compiled.items()}

    def fill(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Let the table hold these rows and no others."""
        self.client.command(f"truncate table {self.database}.{table}")
        if rows:
            names = list(rows[0])
            self.client.insert(f"{self.database}.{table}", [[row[name] for name in names] for row in rows], names)

    def answer(self, model: str) -> list[dict[str, Any]]:
        return list(self.client.query(self._sql[model], settings={"join_use_nulls": 1}).named_results())

    def store(self, model: str) -> None:
        """Fill a model's table with what it makes of the tables it reads."""
        self.client.command(f"truncate table {self.database}.{model}")
        self.client.command(f"insert into {self.database}.{model} {self._sql[model]}", settings={"join_use_nulls": 1})


@pytest.fixture(scope="module")
def macros(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Macros]:
    built: Build = request.getfixturevalue("warehouse")
    assert built
    folder = tmp_path_factory.mktemp("compiled")
    place = Macros(request.getfixturevalue("settings"), folder, request.getfixturevalue("written_to")(folder))
    yield place
    place.client.command(f"drop database {place.database} sync")


def unknown_or(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


candidate = st.fixed_dictionaries(
    {
        "followers": st.sampled_from([1, 2, 999, 1000, 1001]),
        "followers_change": unknown_or(st.integers(-2, 2)),
        "views": unknown_or(small),
        "plays": unknown_or(st.integers(1, 3)),
        "uploads": unknown_or(st.integers(2, 4)),
        "engagement_ratio": unknown_or(st.sampled_from([0.0, 0.1, 0.5])),
        "category": unknown_or(st.sampled_from(["Art", "Music"])),
        "language": unknown_or(st.sampled_from(["en", "hi"])),
        "profile_type": unknown_or(st.sampled_from(["CREATOR", "BRAND"])),
    }
)


# The data tests ranks_follow_chains and ranks_are_gapless rank the boards of the world a second time, as the
# recomputation does.
@pytest.mark.long
@BATCHES
@given(boards=st.lists(st.lists(candidate, min_size=1, max_size=9), min_size=40, max_size=60))
def test_ranks_are_gapless_follow_their_chain_and_are_of_one_month_only(
    macros: Macros, boards: list[list[dict[str, Any]]]
) -> None:
    rows = [
        {"month": date(1990 + number // 12, number % 12 + 1, 1), "profile_id": f"{place}", "handle": "h"}
        | {"month_state": "MTD", "is_eligible": True, **row}
        for number, board in enumerate(boards)
        for place, row in enumerate(board)
    ]
    macros.fill("mart_instagram_leaderboard_base", rows)
    months: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in macros.answer(BOARD):
        months[row["month"]].append(row)

    assert sum(map(len, months.values())) == len(rows)
    for board in months.values():
        for key, (chain, within) in dimensions("INSTAGRAM").items():
            groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
            for row in board:
                is_known = None not in [row[name] for name in (chain[0], *within)]
                if key.startswith("engagement"):
                    is_known = is_known and (row["uploads"] or 0) >= 3 and row["followers"] >= 1000
                if is_known:
                    groups[tuple(row[name] for name in within)].append(row)
                else:
                    assert row[key] is None
            for group in groups.values():
                ranked = sorted(group, key=lambda row: row[key])
                assert [row[key] for row in ranked] == list(range(1, len(group) + 1))
                order = [(*((row[n] is None, -(row[n] or 0)) for n in chain), row["platform_id"]) for row in ranked]
                assert order == sorted(order)


snapshot = st.fixed_dictionaries(
    {
        "at": st.integers(0, 200 * 86400),
        "followers": unknown_or(st.integers(0, 50)),
        "following": unknown_or(small),
        "delay": st.integers(1, 30 * 86400),
        "again": st.booleans(),
    }
)
reading = st.fixed_dictionaries(
    {
        "post": st.integers(0, 2),
        "published": st.sampled_from([0, 30 * 86400, 58 * 86400]),
        "after": st.integers(0, 50 * 86400),
        "likes": unknown_or(small),
        "plays": unknown_or(small),
        "delay": st.integers(1, 86400),
    }
)
history = st.tuples(st.lists(snapshot, max_size=7), st.lists(reading, max_size=6))


def profile_events(account: str, snapshots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"{account[1:]}-{number}",
            "platform": "INSTAGRAM",
            "profile_id": account,
            "source": "test",
            "followers": row["followers"],
            "following": row["following"],
            "event_at": START + timedelta(seconds=row["at"]),
            "ingested_at": START + timedelta(seconds=row["at"] + row["delay"]),
        }
        for number, row in enumerate(snapshots)
    ]


def post_events(account: str, readings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    published = {row["post"]: row["published"] for row in readings}
    return [
        {
            "event_id": f"{account[1:]}-{number}",
            "platform": "INSTAGRAM",
            "profile_id": account,
            "shortcode": f"{account}-{row['post']}",
            "source": "test",
            "likes": row["likes"],
            "plays": row["plays"],
            "published_at": START + timedelta(seconds=published[row["post"]]),
            "event_at": START + timedelta(seconds=published[row["post"]] + row["after"]),
            "ingested_at": START + timedelta(seconds=published[row["post"]] + row["after"] + row["delay"]),
        }
        for number, row in enumerate(readings)
    ]


@BATCHES
@given(histories=st.lists(history, min_size=40, max_size=60))
def test_series_do_not_depend_on_delivery_and_their_changes_add_up(
    macros: Macros, histories: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]
) -> None:
    profiles, posts = [], []
    for number, (snapshots, readings) in enumerate(histories):
        profiles += profile_events(f"a{number}", snapshots)
        posts += post_events(f"a{number}", readings)
        # The same account once more: everything backwards, and some of it delivered a second time, later.
        twin = profile_events(f"b{number}", snapshots)
        late = [event for event, row in zip(twin, snapshots, strict=True) if row["again"]]
        twin += [{**event, "ingested_at": event["ingested_at"] + timedelta(days=1)} for event in late]
        profiles += reversed(twin)
        posts += reversed(post_events(f"b{number}", readings))
    macros.fill("stg_beat_profile_log", profiles)
    macros.fill("stg_beat_post_log", posts)
    for model in ACCOUNTS:
        macros.store(model)
    accounts: dict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(macros.answer(SERIES), key=lambda row: row["date"]):
        accounts[row["platform_id"], row["monthly_stats"]].append(row)

    own = {place: rows for place, rows in accounts.items() if place[0].startswith("a")}
    assert len(own) * 2 == len(accounts)
    for (account, monthly), rows in own.items():
        twin = accounts[f"b{account[1:]}", monthly]
        without = ("platform_id", "_version")
        assert [_rest(row, without) for row in rows] == [_rest(row, without) for row in twin]
        _check_changes(rows, monthly)
        _check_levels(rows, [event for event in profiles if event["profile_id"] == account])


def _rest(row: dict[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in without}


def _check_changes(rows: list[dict[str, Any]], monthly: bool) -> None:
    """A change is there exactly if the period before is, with a level on both sides, and is their difference."""
    levels = {row["date"]: row["followers"] for row in rows}
    for row in rows:
        before = row["date"] - timedelta(days=1 if monthly else 7)
        before = before.replace(day=1) if monthly else before
        known = row["followers"] is not None and levels.get(before) is not None
        assert row["followers_change"] == (row["followers"] - levels[before] if known else None)


def _check_levels(rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """The level at the end of the series is that of the last snapshot that has one."""
    known = [event for event in events if event["followers"] is not None]
    if known:
        last = max(known, key=lambda event: (event["event_at"], event["event_id"]))
        assert [row["followers"] for row in rows if row["followers"] is not None][-1] == last["followers"]


def peer(number: int, category: str | None, chance: random.Random) -> dict[str, Any]:
    """An account below 5,000 followers; its metrics tie, are unknown, zero, negative or very large."""
    account: dict[str, Any] = {"profile_id": f"{number}", "country": "IN", "category": category}
    account |= {"followers": chance.randint(1000, 4999), "follower_group": "<5k"}
    account["primary_group"], account["secondary_group"] = keys("INSTAGRAM", account)
    account["plays_30d"] = chance.choice([None, 0, *range(-5, 40)])
    account["avg_likes"] = chance.choice([None, 0.0, 1e10, *([chance.lognormvariate(5, 2)] * 7)])
    account["engagement_ratio"] = chance.choice([None, 0.5, chance.random()])
    return account


@BATCHES
@given(
    sizes=st.lists(st.sampled_from([98, 99, 100, 101, 250]), min_size=1, max_size=3),
    chance=st.randoms(use_true_random=True),
)
def test_grades_are_by_exact_quantiles_of_peer_groups_of_at_least_a_hundred(
    macros: Macros, sizes: list[int], chance: random.Random
) -> None:
    categories = [None, *(f"c{place}" for place, size in enumerate(sizes) for _ in range(size))]
    accounts = [peer(number, category, chance) for number, category in enumerate(categories)]
    macros.fill("mart_instagram_account_base", accounts)
    metrics = ["plays_30d", "avg_likes", "engagement_ratio"]
    expected = {row["group_key"]: row for row in groups("INSTAGRAM", accounts, metrics, 100)}
    found = {row["group_key"]: row for row in macros.answer(GROUPS)}
    macros.store(GROUPS)
    answered = {row["profile_id"]: row for row in macros.answer(GRADES)}

    assert found.keys() == expected.keys()
    for key, group in expected.items():
        group["measured_profiles"] = {**dict.fromkeys(found[key]["measured_profiles"], 0), **group["measured_profiles"]}
        assert {name: found[key][name] for name in group if not same(found[key][name], group[name])} == {}
    for row in graded("INSTAGRAM", accounts, expected, metrics, "profile_id"):
        mine = answered[row["profile_id"]]
        assert {name: mine[name] for name in row if not same(mine[name], row[name])} == {}
