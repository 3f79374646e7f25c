"""Promises about the world's SQL that need no server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stir.world
from stir.sources.tables import TABLES
from stir.world import statements

FOLDER = Path(stir.world.__file__).parent
FILL = (*statements.FILL, *statements.COPIES)
FILES = {str(path.relative_to(FOLDER)): path for path in FOLDER.rglob("*.sql")}
READ = [
    *(("latent", name) for name in ("tables", "creator", "account", *statements.LATENT)),
    *(("fill", name) for name in FILL),
    ("planted", "entities"),
    ("planted", "counts"),
    *(("answers", name) for name in ("profiles", "posts", "requests")),
]


def _tables(folder: str, names: tuple[str, ...]) -> list[str]:
    return [statement.table for name in names for statement in statements.read(folder, name)]


def test_every_sql_file_is_read_and_every_name_that_is_read_is_a_file() -> None:
    assert sorted(f"{folder}/{name}.sql" for folder, name in READ) == sorted(FILES)


def test_every_source_table_is_filled_and_nothing_else_is() -> None:
    assert set(_tables("fill", FILL)) == {table.name for table in TABLES}


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_no_statement_asks_a_clock_a_random_generator_or_inexact_arithmetic(path: Path) -> None:
    inexact = r"exp2|exp10|exp|log|log2|log10|ln|pow|power|sin|cos|tan|tanh|atan|cbrt|erf|sigmoid"
    moving = r"now|now64|today|yesterday|rand|rand32|rand64|randUniform|randNormal|generateUUIDv4|rowNumberInAllBlocks"
    found = re.findall(rf"\b({inexact}|{moving})\s*\(", path.read_text(encoding="utf-8"))
    assert not found


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_lines_are_at_most_120_characters(path: Path) -> None:
    long = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if len(line) > 120]
    assert not long


def test_a_statement_ends_at_a_semicolon_that_ends_a_line_and_comments_are_left_out() -> None:
    first, *_, last = statements.read("latent", "tables")
    assert first.sql == "create database if not exists world"
    assert last.table == "world.account"
    assert last.sql.startswith("create table world.account")
    assert "--" not in last.sql
