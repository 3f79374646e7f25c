"""The commands as they are typed: what they print, their exit codes, and that a dry run changes nothing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stir.cli import publish as commands
from stir.cli.main import describe
from stir.publish import SPECS
from stir.publish.session import writer
from stir.settings import Settings

from .marts import Mart, rows_of


@pytest.fixture(autouse=True)
def _in_scratch_databases(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_services", lambda: place)


def stir(command: str, *arguments: str) -> Result:
    """The result of `stir COMMAND ARGUMENTS`."""
    return CliRunner().invoke(getattr(commands, command), arguments, standalone_mode=False)


def refusal(command: str, *arguments: str) -> str:
    """The one line that a user sees when a command fails."""
    error = stir(command, *arguments).exception
    assert error is not None, "the command did not fail"
    line = describe(error)
    assert "\n" not in line
    return line


def answer(command: str, *arguments: str) -> Any:
    """What a command prints with --json."""
    result = stir(command, *arguments, "--json")
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def test_before_the_first_publish(place: Settings, mart: Mart) -> None:
    assert "the mart of leaderboard does not exist" in refusal("publish", "leaderboard")
    mart.build(1)
    for command in ("verify", "rollback", "generations"):
        assert "leaderboard was never published" in refusal(command, "leaderboard"), command


def test_an_unknown_name_lists_the_known_ones() -> None:
    for command in ("publish", "verify", "rollback", "generations"):
        line = refusal(command, "leaderbord")
        assert line.startswith("no published table is called 'leaderbord'; did you mean leaderboard?"), command
        assert all(name in line and spec.table in line for name, spec in SPECS.items()), command


def test_a_dry_run_prints_the_statements_and_changes_nothing(place: Settings) -> None:
    printed = stir("publish", "leaderboard", "--dry-run").stdout
    for part in ("clone as", "insert into function s3(`stir_s3`", "create unique index", "set schema", "crc32"):
        assert part in printed
    assert place.s3.password not in printed
    with writer(place, "prod") as connection:
        assert connection.execute("select to_regnamespace('stir')").fetchone() == (None,)


@pytest.fixture
def two_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--all` is these two."""
    for name in set(SPECS) - {"leaderboard", "time_series"}:
        monkeypatch.delitem(SPECS, name)


def test_a_table_that_is_refused_does_not_hold_the_others_back(place: Settings, two_tables: None) -> None:
    result = stir("publish", "--all", "--json")
    assert result.return_value == 1
    assert [item["outcome"] for item in json.loads(result.stdout)] == ["published"]
    assert "stir: time_series: the mart of time_series does not exist" in result.stderr


@pytest.fixture
def board(place: Settings, mart: Mart, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The leaderboard's columns under a name that no other test publishes; `--all` is this one and a series."""
    name = f"board_{secrets.token_hex(3)}"
    own = {
        name: replace(SPECS["leaderboard"], name=name, table=name),
        f"{name}_series": replace(SPECS["time_series"], name=f"{name}_series", table=f"{name}_series"),
    }
    for other in set(SPECS):
        monkeypatch.delitem(SPECS, other)
    for spec in own.values():
        monkeypatch.setitem(SPECS, spec.name, spec)
    mart.build(1)
    Mart(place, own[f"{name}_series"]).build(1)
    assert answer("publish", name)[0]["generation"] == 1
    yield name
    with writer(place, "prod") as connection:
        for table in own:
            connection.execute(f"drop table if exists public.{table}".encode())


def test_publish_verify_roll_back_and_list(mart: Mart, board: str) -> None:
    published = answer("publish", "--all")
    assert [(item["name"], item["outcome"], item["rows"]) for item in published] == [
        (board, "unchanged", rows_of(1)),
        (f"{board}_series", "published", rows_of(1)),
    ]
    assert set(published[1]["seconds"]) == {"freeze", "transfer", "index", "verify", "swap", "tidy", "total"}
    mart.build(2)
    assert answer("verify", board)["mart_is_published"] is False
    assert answer("publish", board)[0]["generation"] == 2
    assert answer("rollback", board)["content"] == 1
    assert answer("publish", board)[0]["outcome"] == "held"
    listed = answer("generations", board)
    assert [(item["generation"], item["state"], item["event"]) for item in listed] == [
        (3, "live", "rollback"),
        (2, "kept", "publish"),
        (1, "live as 3", "publish"),
    ]
    assert "rollback to 1" in stir("generations", board).stdout


def test_the_tables_for_people_say_the_same(board: str) -> None:
    assert "unchanged" in stir("publish", board).stdout
    verified = stir("verify", board)
    assert verified.return_value == 0
    assert "live = published; = mart" in verified.stdout
    assert answer("generations", board)[-1]["run_id"] in stir("generations", board).stdout


def test_verify_ends_with_1_when_the_table_was_changed(place: Settings, board: str) -> None:
    with writer(place, "prod") as connection:
        connection.execute(f"delete from public.{board} where platform_id = 'id7'".encode())
    changed = stir("verify", board)
    assert changed.return_value == 1
    assert f"./stir publish {board} --force" in changed.stdout
    assert stir("verify", board, "--json").return_value == 1


def test_a_refused_guard_is_one_line_with_what_to_do(mart: Mart, board: str) -> None:
    mart.build(3, rows=10)
    line = refusal("publish", board)
    assert "guard shrink refuses: 10 rows would replace 1,201" in line
    assert "`--allow shrink` waives the guard for one run" in line
    assert answer("publish", board, "--allow", "shrink")[0]["outcome"] == "published"


def test_nothing_to_publish_is_wrong_usage() -> None:
    assert "name the tables to publish " in refusal("publish")
    assert "or use --all" in refusal("publish", "leaderboard", "--all")
