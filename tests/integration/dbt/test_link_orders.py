"""Orders of links: a feed with current totals and no time, and the history that the warehouse keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stir import connections
from stir.settings import Settings

from .planted import own_database, plant, run_planted

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

KINDS = ("overall", "delivered", "completed", "leaderboard_overall", "leaderboard_delivered", "leaderboard_completed")
MODEL = """
{{ config(contract={'enforced': false}, order_by='link', tags=['core'],
    pre_hook=['{{ create_link_order_history() }}', '{{ record_link_orders() }}']) }}
{{ select_link_orders() }}
"""
SOURCES = """
sources:
  - {name: tracking, schema: "{{ target.schema }}", tables: [{name: link_orders}]}
  - {name: warehouse, schema: "{{ target.schema }}", tables: [{name: link_order_history}]}
"""


@pytest.fixture
def own(settings: Settings) -> Iterator[Settings]:
    with own_database(settings, "orders") as own:
        connections.clickhouse(own).command(f"create database {own.clickhouse_database}")
        columns = ", ".join(f"{kind}_orders Int64" for kind in KINDS)
        warehouse(own).command(f"create table link_orders (link String, {columns}) engine = MergeTree order by link")
        yield own


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant(tmp_path_factory.mktemp("orders"), {"orders_by_link": MODEL}, SOURCES)


def warehouse(own: Settings) -> Client:
    return connections.clickhouse(own, database=own.clickhouse_database)


def notify(own: Settings, totals: Mapping[str, int]) -> None:
    """Let the feed say this, and nothing of what it said before."""
    with warehouse(own) as client:
        client.command("truncate table link_orders")
        rows = [[link, total, *[total // 2] * (len(KINDS) - 1)] for link, total in totals.items()]
        client.insert("link_orders", rows, column_names=["link", *(f"{kind}_orders" for kind in KINDS)])


def built(own: Settings, project: Path, day: str) -> dict[str, tuple[int | None, int | None]]:
    """All and delivered orders of each link, as a build of everything at noon of that day has them."""
    done = run_planted(own, project, "--full-refresh", as_of=f"{day}T12:00:00")
    assert done.returncode == 0, done.stdout
    with warehouse(own) as client:
        rows = client.query(
            "select link, overall_orders, delivered_orders from orders_by_link where link != ''"
        ).result_rows
    return {link: (overall, delivered) for link, overall, delivered in rows}


def kept(own: Settings) -> int:
    """Rows of the history, looks apart."""
    with warehouse(own) as client:
        return int(client.query("select countIf(link != '') from link_order_history").first_row[0])


def test_a_past_day_has_the_totals_of_that_day_and_only_changes_are_kept(own: Settings, project: Path) -> None:
    notify(own, {"l.example/a": 3, "https://l.example/a/": 2, "l.example/b": 8, " ": 7})
    first = built(own, project, "2026-03-02")
    assert first == {"l.example/a": (3, 1), "l.example/b": (8, 4)}

    notify(own, {"l.example/a": 5, "l.example/c": 1})
    second = built(own, project, "2026-03-04")
    assert second == {"l.example/a": (5, 2), "l.example/b": (0, 0), "l.example/c": (1, 0)}
    assert built(own, project, "2026-03-06") == second
    assert kept(own) == 5

    notify(own, {"l.example/a": 90, "l.example/d": 90})
    assert built(own, project, "2026-03-06") == second, "a moment that was looked at"
    assert built(own, project, "2026-03-03") == first
    assert built(own, project, "2026-03-01") == {}, "nobody had looked"
    assert kept(own) == 5


def test_a_total_that_cannot_be_leaves_the_level_before_it_and_is_never_none(own: Settings, project: Path) -> None:
    notify(own, {"l.example/a": 6, "l.example/b": -2})
    assert built(own, project, "2026-03-02") == {"l.example/a": (6, 3), "l.example/b": (None, None)}

    notify(own, {"l.example/a": 2**63 - 1, "l.example/b": 4})
    assert built(own, project, "2026-03-04") == {"l.example/a": (6, 3), "l.example/b": (4, 2)}

    notify(own, {"l.example/b": 4})
    assert built(own, project, "2026-03-06") == {"l.example/a": (0, 0), "l.example/b": (4, 2)}
