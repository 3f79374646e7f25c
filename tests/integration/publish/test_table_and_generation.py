"""A table read together with its generation while a swap commits: the ways of docs/publishing.md are right."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from stir import connections
from stir.publish import PublishSpec, publish, roll_back
from stir.settings import PROJECT_DIR, Settings

from .failpoints import At
from .left_overs import BOARD, generations, next_version, once
from .marts import Mart
from .registered import registered

Read = Callable[[psycopg.Connection], tuple[int, int]]
"""Reads the board's version and the generation that goes with it."""

VERSION = "select max(uploads) from leaderboard"
GENERATION = "select generation from stir.generation where table_name = 'leaderboard' order by generation desc limit 1"
SWAPS = 4


def recipe(word: str) -> str:
    """The SQL of the page that holds a word."""
    page = (PROJECT_DIR / "docs" / "publishing.md").read_text()
    (found,) = (block for part in page.split("```sql")[1:] if word in (block := part.split("```")[0]))
    return found


def number(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


def one_statement(connection: psycopg.Connection) -> tuple[int, int]:
    cursor = connection.execute(recipe("tableoid").encode())
    names = [column.name for column in cursor.description or ()]
    answers = {(row[names.index("uploads")], row[names.index("generation")]) for row in cursor.fetchall()}
    assert len(answers) == 1
    return answers.pop()


def locked_first(connection: psycopg.Connection) -> tuple[int, int]:
    begin, lock, table, generation, commit = recipe("lock table").strip().removesuffix(";").split(";\n")
    connection.execute(begin.encode())
    connection.execute(lock.encode())
    counted = connection.execute(table.encode()).fetchone()
    answer = number(connection, generation)
    connection.execute(commit.encode())
    assert counted is not None
    assert counted[1] == counted[2]
    return counted[2], answer


def generation_first(connection: psycopg.Connection) -> tuple[int, int]:
    generation = number(connection, GENERATION)
    return number(connection, VERSION), generation


def repeatable_read(connection: psycopg.Connection) -> tuple[int, int]:
    connection.execute("begin isolation level repeatable read")
    version = number(connection, VERSION)
    generation = number(connection, GENERATION)
    connection.execute("commit")
    return version, generation


@pytest.fixture(scope="module")
def board(request: pytest.FixtureRequest) -> Iterator[PublishSpec]:
    """The leaderboard in a mode."""
    with registered(replace(BOARD, mode=request.param, carry_by="month")) as spec:
        yield spec


@pytest.fixture(scope="module")
def versions(place: Settings, mart: Mart, board: PublishSpec) -> dict[int, int]:
    """The version that each content shows, by the number of the content."""
    version = next_version(place) if generations(place) else 1
    mart.build(version)
    publish(place, board)
    shown = {generations(place)[-1].content: version}
    mart.build(version + 1)
    publish(place, board)
    shown[generations(place)[-1].content] = version + 1
    return shown


def read_during_a_swap(place: Settings, board: PublishSpec, read: Read) -> tuple[int, int]:
    """Begin to read when a swap has renamed the tables and has not committed; let it commit when the reader waits."""
    arrived, go_on = threading.Event(), threading.Event()
    live = generations(place)[-1]
    other = next(item.content for item in generations(place) if item.kept and item.content != live.content)

    def stop_before_commit(point: str) -> None:
        if point == "before commit":
            arrived.set()
            go_on.wait(180)

    def swap() -> None:
        observer = At(stop_before_commit)
        roll_back(place, board, target="prod", run_id=once("read beside"), to=other, observer=observer)

    answers: list[tuple[int, int]] = []
    with (
        connections.postgres(place, role="reader", autocommit=True) as reader,
        connections.postgres(place, role="admin", autocommit=True) as admin,
    ):
        swapper = threading.Thread(target=swap)
        swapper.start()
        assert arrived.wait(180)
        looker = threading.Thread(target=lambda: answers.append(read(reader)))
        looker.start()
        waits = "select count(*) from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
        while looker.is_alive() and admin.execute(waits, [reader.info.backend_pid]).fetchone() != (1,):
            pass
        go_on.set()
        looker.join()
        swapper.join()
    return answers[0]


def wrong(place: Settings, board: PublishSpec, versions: dict[int, int], read: Read) -> int:
    """How many of SWAPS answers name another generation than that of their rows."""
    answers = [read_during_a_swap(place, board, read) for _ in range(SWAPS)]
    contents = {item.generation: item.content for item in generations(place)}
    return sum(versions[contents[generation]] != version for version, generation in answers)


@pytest.mark.parametrize("board", ["rename", "partition"], indirect=True)
def test_the_one_statement_of_the_page_is_never_wrong(
    place: Settings, board: PublishSpec, versions: dict[int, int]
) -> None:
    assert wrong(place, board, versions, one_statement) == 0


ONE = pytest.mark.parametrize("board", ["rename", pytest.param("partition", marks=pytest.mark.long)], indirect=True)
"""The one statement runs in both modes in every run: what the others do does not depend on the mode."""


@ONE
def test_the_lock_of_the_page_is_never_wrong(place: Settings, board: PublishSpec, versions: dict[int, int]) -> None:
    assert wrong(place, board, versions, locked_first) == 0


@ONE
@pytest.mark.parametrize("read", [generation_first, repeatable_read])
def test_the_other_ways_are_wrong_whenever_a_swap_is_met(
    place: Settings, board: PublishSpec, versions: dict[int, int], read: Read
) -> None:
    assert wrong(place, board, versions, read) == SWAPS
